"""The keys of a row that all formats agree on, and their plain values."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from sys import intern
from typing import Any

from align.bitext import HUMAN, MISSING, Bead, Bitext, Evidence, InputError, Row, exact, main_part
from align.formats.languages import turned

KEYS = (
    "source", "target", "score", "similarity", "type", "origin_source", "origin_target", "verified", "source_ids", "target_ids",
)  # fmt: skip
MARKS = ("note", "locked")  # what a person left on a row beside `verified`
LANGUAGES = ("source_language", "target_language")
LAST_ID = 2**31 - 1  # highest number of a sentence
_SIDES = {"source": "target", "origin_source": "origin_target", "source_ids": "target_ids"}
_OTHER = _SIDES | {two: one for one, two in _SIDES.items()}
_YES = frozenset(("true", "1", "1.0", "yes", "y", "x", "ok", "+", "✓", "истина", "да"))
_NO = frozenset(("", "none", "null", "false", "0", "0.0", "no", "n", "-", "ложь", "нет"))


class LanguagesUnknown(InputError):
    """A file does not say its languages, and they were not given."""


def plain(row: Row) -> dict[str, Any]:
    """A row as plain values in the order of KEYS; a missing side is None and its origin "missing"."""
    return {
        "source": row.source,
        "target": row.target,
        "score": row.score,
        "similarity": row.similarity,
        "type": row.type,
        "origin_source": MISSING if row.source is None else row.origin_source,
        "origin_target": MISSING if row.target is None else row.origin_target,
        "verified": row.verified,
        "source_ids": list(row.source_ids),
        "target_ids": list(row.target_ids),
    }


def kept(row: Row) -> Iterator[tuple[str, str]]:
    """(key, value as text) of all that is known of a row beside its texts and type, for formats that write names and values."""
    for key, value in {**plain(row), **marks(row)}.items():
        if key not in ("source", "target", "type") and value is not None and value != []:
            yield key, " ".join(map(str, value)) if isinstance(value, list) else str(value)


def marks(row: Row) -> dict[str, Any]:
    """The values of MARKS that a row has: {} when nothing was noted and it is not locked."""
    return ({"note": row.note} if row.note else {}) | ({"locked": True} if row.locked else {})


def evidence_of(row: Row) -> dict[str, Any] | None:
    """Evidence as plain values, None when the row has none."""
    e = row.evidence
    if e is None:
        return None
    rival = None if e.runner_up is None else {"source_ids": list(e.runner_up.source), "target_ids": list(e.runner_up.target), "score": e.runner_up.score}
    return {"length_ratio": e.length_ratio, "numbers": list(e.numbers), "names": list(e.names), "runner_up": rival}


def row_of(values: Mapping[str, Any], where: str) -> Row:
    """A row from plain values; keys that are not there are unknown, and a side without a word whose origin is not told is missing.

    InputError names `where` and the key that is wrong.
    """
    try:
        source, target = _side(values, "source"), _side(values, "target")
        return Row(
            source,
            target,
            _ids(values.get("source_ids")),
            _ids(values.get("target_ids")),
            _number(values, "score"),
            _number(values, "similarity"),
            _origin(values, source, "origin_source"),
            _origin(values, target, "origin_target"),
            _true(values, "verified"),
            _evidence(values.get("evidence")),
            str(values.get("note") or ""),
            _true(values, "locked"),
        )
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise InputError(f"{where}: {error}") from error


def _side(values: Mapping[str, Any], name: str) -> str | None:
    text = values.get(name)
    if text is not None and not isinstance(text, str):
        raise ValueError(f"{name} is {text!r}; expected text or nothing")
    return None if text is None or (not text.strip() and (values.get(f"origin_{name}") or MISSING) == MISSING) else text


def _origin(values: Mapping[str, Any], text: str | None, name: str) -> str:
    """What is said, but a side that has a text is not missing: a person wrote it into the table. Equal names are one object."""
    said = str(values.get(name) or HUMAN)
    return MISSING if text is None else HUMAN if said == MISSING else intern(said)


def _true(values: Mapping[str, Any], name: str) -> bool:
    """What people and spreadsheets write for yes and no; nothing is no."""
    said = str(values.get(name) or "").strip().lower()
    if said not in _YES | _NO:
        raise ValueError(f"{name} is {said[:40]!r}; expected yes or no")
    return said in _YES


def _number(values: Mapping[str, Any], name: str) -> float | None:
    """A decimal comma is read as a point; what is no finite number (NaN, as tables of data write for nothing) is not known."""
    value = values.get(name)
    if value is None or value == "":
        return None
    try:
        found = float(re.sub(r"^(-?\d+),(\d+)$", r"\1.\2", value.strip()) if isinstance(value, str) else value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} is {str(value)[:40]!r}; expected a number or nothing") from error
    return found if math.isfinite(found) else None


def _ids(value: Any) -> tuple[int, ...]:
    found = tuple(int(v) for v in (value.split() if isinstance(value, str) else value or ()))
    if any(not 0 <= k <= LAST_ID for k in found):
        raise ValueError(f"{found} are no numbers of sentences; expected whole numbers from 0")
    return found


def _evidence(value: Mapping[str, Any] | None) -> Evidence | None:
    if not value:
        return None
    rival = value.get("runner_up")
    bead = None if not rival else Bead(_ids(rival["source_ids"]), _ids(rival["target_ids"]), float(rival["score"]))
    return Evidence(_number(value, "length_ratio"), tuple(value.get("numbers") or ()), tuple(value.get("names") or ()), bead)


def cells(row: Row) -> list[str]:
    """The values of KEYS and MARKS as text, for tables: ids joined by blanks, nothing for what is not known."""
    out = []
    for value in {**plain(row), "note": row.note, "locked": row.locked}.values():
        out.append("" if value is None else " ".join(map(str, value)) if isinstance(value, list) else str(value) if isinstance(value, str) else json.dumps(value))
    return out


def unread(names: Iterable[str], known: Iterable[str] = ()) -> tuple[str, ...]:
    """A note for the reader on the columns of a foreign file that a row has no place for; () when there are none."""
    known = {*known, *KEYS, *MARKS, *LANGUAGES}
    strange = [repr(name[:40]) for name in dict.fromkeys(names) if name and name not in known]
    more = f" and {len(strange) - 9} more" if len(strange) > 10 else ""
    return (f"not read, a row has no place for them: {', '.join(strange[: 9 if more else 10])}{more}",) if strange else ()


def exchanged(values: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values by key, those of the source as the target's and the other way round."""
    return {_OTHER.get(key, key): value for key, value in values.items()}


def _swapped(row: Row) -> Row:
    e, rival = row.evidence, row.evidence.runner_up if row.evidence else None
    ratio = 1 / e.length_ratio if e and e.length_ratio else None
    evidence = e and replace(e, length_ratio=ratio, runner_up=rival and replace(rival, source=rival.target, target=rival.source))
    return replace(
        row, source=row.target, target=row.source, source_ids=row.target_ids, target_ids=row.source_ids,
        origin_source=row.origin_target, origin_target=row.origin_source, evidence=evidence,
    )  # fmt: skip


class LineLanguages:
    """The rows of a file each of whose lines may say its languages: `said` are those of the first, a row that says them the other way round is exchanged."""

    def __init__(self) -> None:
        self.said: tuple[str | None, str | None] = (None, None)
        self._turned: dict[tuple[str | None, str | None], bool] = {(None, None): False}

    def row(self, values: Mapping[str, Any], where: str) -> Row:
        """`row_of` these values, its sides as those of the whole file; InputError names `where` when it is of other languages."""
        one, two = values.get(LANGUAGES[0]) or None, values.get(LANGUAGES[1]) or None
        for code in (one, two):
            if code is not None and not isinstance(code, str):
                raise InputError(f"{where}: a language is {code!r}; expected a code such as \"en\"")
        row = row_of(values, where)
        if (one, two) not in self._turned:
            self._turned[one, two] = self._is_turned(one, two, where)
        return _swapped(row) if self._turned[one, two] else row

    def _is_turned(self, one: str | None, two: str | None, where: str) -> bool:
        for part in (exact, main_part):
            for pair in ((one, two), (two, one)):
                if all(not new or not old or part(new.strip()) == part(old.strip()) for new, old in zip(pair, self.said, strict=True)):
                    self.said = self.said[0] or pair[0], self.said[1] or pair[1]
                    return pair != (one, two)
        raise InputError(f"{where}: its languages are {one or 'not said'} and {two or 'not said'}, those of the lines before it {self.said[0]} and {self.said[1]}; keep each pair of languages in a file of its own")


def bitext_of(
    rows: Sequence[Row], source: str | None, target: str | None, name: str, said: tuple[str | None, str | None] = (None, None), **more: Any
) -> Bitext:
    """A bitext of rows that were read, their sides exchanged where `source` and `target` ask for the languages `said` by the file the other way round.

    InputError when the languages are not known.
    """
    for code in (source, target, *said):
        if code is not None and not isinstance(code, str):
            raise InputError(f"{name}: a language is {code!r}; expected a code such as \"en\"")
    if turned(source, target, said):
        rows, said = [_swapped(row) for row in rows], (said[1], said[0])
    source, target = source or said[0], target or said[1]
    if not source or not target:
        raise LanguagesUnknown(f"{name} does not say its languages; give them with --from and --to (in Python source= and target=)")
    return Bitext(tuple(rows), source, target, **more)
