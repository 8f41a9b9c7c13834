"""What the store speaks of: projects, changes, hits and its errors; and how two versions of a bitext differ row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from align.bitext import AlignError, Bitext, Row, Span
from align.lemmas import lemmas, word_matches

GAP = 1 << 24  # between the places of rows, so that new ones fit in


class StoreError(AlignError):
    """What the store cannot do: a file that is not one, a project that is not there, a change that came too late."""


class StaleRow(StoreError):
    """Somebody else changed the row, or the project, first. `row`: as it is now, None when it is gone."""

    def __init__(self, message: str, key: int | None = None, row: Row | None = None, version: int | None = None) -> None:
        super().__init__(message)
        self.key, self.row, self.version = key, row, version


@dataclass(frozen=True, slots=True)
class Project:
    """A saved bitext. keys, versions: of its rows, in their order; undo, redo: what can be, by name, None for nothing."""

    id: int
    name: str
    revision: int
    bitext: Bitext
    keys: tuple[int, ...]
    versions: tuple[int, ...]
    undo: str | None = None
    redo: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Rows start to start + removed, as they were in revision `before`, became `rows` (`keys` and `versions` are theirs); nothing changed when
    `before` is the project's revision."""

    project: Project
    before: int
    start: int = 0
    removed: int = 0
    added: int = 0

    @property
    def place(self) -> slice:
        """Where the new rows stand."""
        return slice(self.start, self.start + self.added)


@dataclass(frozen=True, slots=True)
class Summary:
    """A line of the list of projects; changed: seconds since 1970."""

    id: int
    name: str
    rows: int
    changed: float
    source_language: str
    target_language: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A row that a search found, with the places of the words on both sides."""

    project: int
    name: str
    key: int
    row: Row
    source_language: str
    target_language: str
    source_spans: tuple[Span, ...]
    target_spans: tuple[Span, ...]


def differing(old: Sequence[Row], new: Sequence[Row]) -> tuple[int, int, int]:
    """(start, end, tail): old rows start..end were replaced; so many rows of the end are the same."""
    start = _alike(old, new)
    tail = _alike(old[start:][::-1], new[start:][::-1])
    return start, len(old) - tail, tail


def _alike(one: Sequence[Row], two: Sequence[Row]) -> int:
    """How many of the first are equal; found by halving, since tuples of the same objects compare without Python code for each."""
    low, high = 0, min(len(one), len(two))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[low:middle] == two[low:middle] else (low, middle - 1)
    return low


def unnumbered(row: Row) -> tuple[Any, ...]:
    """What a person sees of a row: all but which sentences they are."""
    evidence = None if row.evidence is None else replace(row.evidence, runner_up=None)
    return replace(row, source_ids=(), target_ids=(), evidence=evidence), len(row.source_ids), len(row.target_ids)


def places_between(low: int, high: int | None, count: int) -> list[int] | None:
    """So many places between two, None when there is no room."""
    step = GAP if high is None else (high - low) // (count + 1)
    return [low + step * (k + 1) for k in range(count)] if step or not count else None


def form_spans(text: str, forms: set[str]) -> tuple[Span, ...]:
    """Where words of these dictionary forms stand."""
    return tuple(m.span() for m in word_matches(text) if forms.intersection(lemmas(m[0])))


def marked_spans(marked: str) -> tuple[Span, ...]:
    """The places, in the text without them, that stand between U+0001 and U+0002."""
    out, at, begin = [], 0, 0
    for char in marked:
        if char == "\x01":
            begin = at
        elif char == "\x02":
            out.append((begin, at))
        else:
            at += 1
    return tuple(out)
