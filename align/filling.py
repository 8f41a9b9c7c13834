"""Rows that lack a side -> rows with a translation, guarded and marked as machine-made. What people wrote is never touched.

Long texts go to the engine in sentences and clauses (cutting.py), whatever the engine; what fails all guards after every search
(searching.py) is taken with a note, never lost and never silent.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from align import terms
from align.bitext import MACHINE, Bitext, InputError, OptionError, Row
from align.cutting import joined, sentence_pieces
from align.guards import failures
from align.memory import Memory
from align.searching import FillOptions, mean_score, searched
from models import Translator

Progress = Callable[[str], None]
BATCH = 16  # rows between two lines of progress and two writes of the journal


@dataclass(frozen=True, slots=True)
class Filled:
    """A text for a missing side. origin: "machine:<translator id>" or "memory:<file> 100%"; flags: what the guards say, in words; score: of the
    engine, mean log probability, None where it gives none."""

    text: str
    origin: str
    flags: tuple[str, ...] = ()
    score: float | None = None


def translate_texts(
    texts: Sequence[str],
    translator: Translator,
    source: str,
    target: str,
    *,
    options: FillOptions | None = None,
    memory: Memory | None = None,
    glossary: Sequence[tuple[str, str]] = (),
) -> list[Filled]:
    """One result a text, same order; a text without content gives "". Raises what the engine raises (ModelError); OptionError for one text in place of a list."""
    if isinstance(texts, str):
        raise OptionError(f"the texts are the one text {texts[:40]!r}; expected a list of texts: put it in brackets")
    options = options or FillOptions()
    out: list[Filled | None] = [None] * len(texts)
    notes: dict[int, str] = {}
    cut: dict[int, list[list[str]]] = {}
    for k, text in enumerate(texts):
        match = memory.find(text) if memory is not None and text.strip() else None
        if match is not None and match.likeness == 100.0:
            out[k] = Filled(match.target, match.origin, tuple(reason for _, reason in failures(text, match.target, source, target, glossary=glossary)))
            continue
        if match is not None:
            notes[k] = f"{match.origin}: “{match.source}” = “{match.target}”"
        cut[k] = sentence_pieces(text, source, options.longest)
    flat = [p for sentences in cut.values() for parts in sentences for p in parts]
    found = iter(searched(flat, translator, source, target, options, glossary))
    origin = MACHINE + translator.id
    for k, sentences in cut.items():
        done = [[next(found) for _ in parts] for parts in sentences]
        told = [joined(parts, [t for t, _, _ in checked], target) for parts, checked in zip(sentences, done, strict=True)]
        flags = [f for checked in done for _, reasons, _ in checked for f in reasons]
        score = mean_score([s for checked in done for _, _, s in checked])
        out[k] = Filled(" ".join(t for t in told if t), origin, (*flags, *([notes[k]] if k in notes else [])), score)
    return [f for f in out if f is not None]


def lacking(bitext: Bitext) -> list[tuple[int, str]]:
    """(row, side without a word) of every row that could be filled; locked rows are left alone."""
    out = []
    for number, row in enumerate(bitext.rows):
        if not row.locked and (row.source or "").strip() and _empty(row.target, row.verified):
            out.append((number, "target"))
        elif not row.locked and (row.target or "").strip() and _empty(row.source, row.verified):
            out.append((number, "source"))
    return out


def _empty(text: str | None, verified: bool) -> bool:
    """Is there nothing? A side without a word in a row that a person accepted is meant so."""
    return not ((text or "").strip() or verified)


def fill(
    bitext: Bitext,
    translator_for: Callable[[str, str], Translator],
    *,
    options: FillOptions | None = None,
    memory_for: Callable[[str, str], Memory | None] | None = None,
    glossary: Sequence[tuple[str, str]] = (),
    leave: Collection[int] = (),
    journal: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Bitext:
    """The bitext with every missing side translated, row by row; flags stand in the row's note. leave: numbers of rows that stay as they are.

    translator_for, memory_for: of a direction (source language, target language). journal: a file that keeps finished rows, so that a run that was
    killed goes on where it stopped; it stays where it is. cancelled: asked between batches; True gives back what is done so far.
    """
    said = progress or (lambda message: None)
    options = options or FillOptions()
    rows = list(bitext.rows)
    todo = [(row, side) for row, side in lacking(bitext) if row not in leave]
    done = 0
    started = time.monotonic()
    for side in ("target", "source"):
        numbers = [k for k, missing in todo if missing == side]
        if not numbers:
            continue
        codes = (bitext.source_language, bitext.target_language)
        source, target = codes if side == "target" else (codes[1], codes[0])
        translator = translator_for(source, target)
        memory = memory_for(source, target) if memory_for else None
        ours = terms.built_in(source, target) if options.terms else ()
        used = [*([f"terms {terms.digest(ours)}"] if ours else []), *([f"memory {memory.digest()}"] if memory else []), *([f"glossary {list(glossary)}"] if glossary else [])]
        kept = _Journal(journal, " ".join((f"{translator.id} {options} {source} {target}", *used)))
        for at in range(0, len(numbers), BATCH):
            if cancelled is not None and cancelled():
                return bitext.with_rows(tuple(rows))
            batch = numbers[at : at + BATCH]
            texts = [str(rows[k].source if side == "target" else rows[k].target) for k in batch]
            new = [t for t in dict.fromkeys(texts) if t not in kept]
            kept.add(new, translate_texts(new, translator, source, target, options=options, memory=memory, glossary=glossary))
            for k, text in zip(batch, texts, strict=True):
                rows[k] = _filled_row(rows[k], side, kept[text])
            done += len(batch)
            rate = done / max(time.monotonic() - started, 1e-3)
            said(f"{done} of {len(todo)} rows, {rate:.1f} a second, {(len(todo) - done) / rate:.0f} s left")
    return bitext.with_rows(tuple(rows))


def _filled_row(row: Row, side: str, filled: Filled) -> Row:
    note = "; ".join(dict.fromkeys([*([row.note] if row.note else []), *filled.flags]))
    known: dict[str, Any] = {"note": note, "verified": False, "score": None, "evidence": None}  # the score was of the gap
    if side == "target":
        return replace(row, target=filled.text, origin_target=filled.origin, **known)
    return replace(row, source=filled.text, origin_source=filled.origin, **known)


class _Journal:
    """Finished texts, in memory and, line by line, in a file; a last line that was cut off is passed over."""

    def __init__(self, path: str | os.PathLike[str] | None, about: str) -> None:
        self.path, self.about = Path(path) if path is not None else None, about
        self.known: dict[str, Filled] = {}
        if self.path is not None and self.path.exists():
            if self.path.is_dir():
                raise InputError(f"{self.path} is a folder; expected a file to keep finished translations in")
            self.known |= dict(_lines(self.path))

    def _key(self, text: str) -> str:
        return sha256(f"{self.about}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()[:32]

    def __contains__(self, text: str) -> bool:
        return self._key(text) in self.known

    def __getitem__(self, text: str) -> Filled:
        return self.known[self._key(text)]

    def add(self, texts: Sequence[str], filled: Sequence[Filled]) -> None:
        """Keep these; on disk before this returns."""
        lines = []
        for text, one in zip(texts, filled, strict=True):
            self.known[self._key(text)] = one
            lines.append(json.dumps({"key": self._key(text), "text": one.text, "origin": one.origin, "flags": one.flags, "score": one.score}) + "\n")
        if self.path is None or not lines:
            return
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write("\n" if file.tell() else "")
                file.writelines(lines)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise InputError(f"cannot write {self.path}: {error.strerror}") from error


def _lines(path: Path) -> Iterator[tuple[str, Filled]]:
    for line in path.read_text("utf-8", "replace").splitlines():
        try:
            values = json.loads(line)
            yield values["key"], Filled(values["text"], values["origin"], tuple(values["flags"]), values["score"])
        except (ValueError, KeyError, TypeError):
            continue
