"""Filters of rows: each gives a row a value in [0, 1], higher is better; a threshold decides. A new filter is a function and a line of FILTERS.

Rows are plain values by the columns of a work folder (`corpus_rows.COLUMNS`). Values of None say that there is nothing to judge by: the row passes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from align.bitext import MACHINE, Bitext, OptionError, Row, main_part
from align.duplicates import NearDuplicates, digest, normal, signature

Values = Mapping[str, Any]
LONG = 40  # characters from which on the language of a text is detected among all languages


@dataclass(frozen=True, slots=True)
class Filter:
    """threshold: a row with a lower value is removed; 0 removes none."""

    value: Callable[[Values], float | None]
    threshold: float
    about: str


def _sides(row: Values) -> float:
    return float(bool(normal(row["source"] or "")) and bool(normal(row["target"] or "")))


def _versions(row: Values) -> float | None:
    return {"": None, "not-versions": 0.0, "unclear": 0.5}.get(row.get("verdict") or "", 1.0)


def _similarity(row: Values) -> float | None:
    found = row["similarity"]
    return None if found is None else max(0.0, min(1.0, found))


def _length(row: Values) -> float | None:
    ratio = row.get("length_ratio")
    if ratio is None:
        if not row["source"] or not row["target"]:
            return None
        ratio = (len(row["target"]) + 10) / (len(row["source"]) + 10)
    return min(ratio, 1 / ratio) if ratio > 0 else 0.0


def _language(row: Values) -> float | None:
    """1: both sides are in their language, or too short to tell; 0: a side is in another."""
    from align.documents import detect_language

    codes = [main_part(row["source_language"]), main_part(row["target_language"])]
    for text, code in zip((row["source"], row["target"]), codes, strict=True):
        seen = detect_language(text, None if len(text) >= LONG else codes) if text else None
        if seen is not None and seen != code:
            return 0.0
    return 1.0


def _translated(row: Values) -> float | None:
    """0: the sides are the same text, and it has letters."""
    if not row["source"] or not row["target"]:
        return None
    return float(normal(row["source"]) != normal(row["target"]) or not any(c.isalpha() for c in row["source"]))


def _numbers(row: Values) -> float | None:
    """1 less the sureness of the checks that numbers or dates disagree."""
    from align.checks import check

    if not row["source"] or not row["target"]:
        return None
    bitext = Bitext((Row(row["source"], row["target"]),), row["source_language"], row["target_language"])
    return 1.0 - max((f.score for f in check(bitext, only=("numbers", "dates"))), default=0.0)


def _human(row: Values) -> float:
    return float(not any((row[side] or "").startswith(MACHINE) for side in ("origin_source", "origin_target")))


FILTERS: dict[str, Filter] = {
    "sides": Filter(_sides, 1.0, "both sides have words"),
    "versions": Filter(_versions, 0.5, "the documents are versions of each other"),
    "pairing": Filter(lambda row: row.get("pairing_confidence"), 0.6, "how sure the documents belong together"),
    "confidence": Filter(lambda row: row["score"], 0.9, "how sure the aligner is of the row"),
    "similarity": Filter(_similarity, 0.3, "cosine of the sides"),
    "length": Filter(_length, 0.4, "shorter length over longer, 1 = as the document leads to expect"),
    "translated": Filter(_translated, 0.5, "the target is no copy of the source"),
    "language": Filter(_language, 0.5, "each side is in its language"),
    "numbers": Filter(_numbers, 0.15, "numbers and dates agree"),
    "human": Filter(_human, 0.5, "no side is a machine's"),
    "exact": Filter(lambda row: None, 0.5, "the pair was not there before, punctuation and case aside"),
    "near": Filter(lambda row: None, 0.2, "unlike every pair before it (1 less the share of word pairs in common)"),
}  # the last two see all rows before them, in `Sieve`


def thresholds(changes: Mapping[str, float] | None = None) -> dict[str, float]:
    """The threshold of every filter; OptionError for a name that is not there or a value outside [0, 1]."""
    out = {name: f.threshold for name, f in FILTERS.items()}
    for name, value in (changes or {}).items():
        if name not in FILTERS:
            raise OptionError(f"no filter {name!r}; there are {', '.join(FILTERS)}")
        if not 0 <= value <= 1:
            raise OptionError(f"the threshold of {name} is {value}; expected a number from 0 (removes nothing) to 1")
        out[name] = float(value)
    return out


@dataclass(slots=True)
class Sieve:
    """Judges rows in order, remembering those that passed for the two filters of duplicates."""

    least: Mapping[str, float]
    _exact: set[int] = field(default_factory=set)
    _near: NearDuplicates = field(default_factory=NearDuplicates)

    def failed(self, row: Values) -> list[tuple[str, float]]:
        """(filter, value) of every filter that the row fails, in order; [] = it is kept. Duplicates are looked for among rows that passed all else.

        A row that a person verified is kept if it has two sides and is no duplicate.
        """
        out = []
        for name, filter_ in FILTERS.items():
            if self.least[name] > 0 and (name == "sides" or not row.get("verified")):
                value = filter_.value(row)
                if value is not None and value < self.least[name]:
                    out.append((name, round(value, 4)))
        return out or self._repeated(row)

    def _repeated(self, row: Values) -> list[tuple[str, float]]:
        texts = (row["source"] or "", row["target"] or "")
        if self.least["exact"] > 0:
            code = digest(*texts)
            if code in self._exact:
                return [("exact", 0.0)]
        if self.least["near"] > 0:
            mine = signature(texts)
            unlike = 1.0 - self._near.likest(mine)[0]
            if unlike < self.least["near"]:
                return [("near", round(unlike, 4))]
            self._near.add(mine)
        if self.least["exact"] > 0:
            self._exact.add(code)
        return []


def least_of(names: Sequence[str]) -> dict[str, float]:
    """Thresholds from words such as "similarity=0.5"; OptionError for others."""
    out = {}
    for word in names:
        name, sign, value = word.partition("=")
        try:
            out[name] = float(value)
        except ValueError as error:
            raise OptionError(f"{word!r} is no threshold; expected NAME=NUMBER, such as similarity=0.5") from error
        if not sign:
            raise OptionError(f"{word!r} is no threshold; expected NAME=NUMBER, such as similarity=0.5")
    return out
