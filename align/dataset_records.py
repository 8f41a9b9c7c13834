"""What a data set is built with, and what became of the rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from align.bitext import MACHINE, OptionError
from align.filters import thresholds

SPLITS = ("train", "validation", "test")
ALSO = ("moses", "tmx", "jsonl", "tsv", "csv", "xlf")
EXAMPLES = 3
BINS = 20  # of the score histogram


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """least: thresholds by filter that differ from `filters.FILTERS`; validation, test: shares of the documents, 0 or more, below 1 together.

    seed: of the split; also: further formats, of ALSO; name, license, sources (where the texts came from, in words): for the card.
    kept_only: rows that were left out are in no file, nor examples of them.
    """

    least: Mapping[str, float] = field(default_factory=dict)
    validation: float = 0.05
    test: float = 0.05
    seed: int = 1
    also: tuple[str, ...] = ()
    name: str | None = None
    license: str = "unknown"
    sources: str | None = None
    kept_only: bool = False

    def __post_init__(self) -> None:
        thresholds(self.least)
        if not (self.validation >= 0 and self.test >= 0 and self.validation + self.test < 1):  # so that nan is none either
            raise OptionError(f"validation is {self.validation} and test {self.test}; expected shares from 0, below 1 together")
        for name in self.also:
            if name not in ALSO:
                raise OptionError(f"cannot also write {name!r}; expected some of {', '.join(ALSO)}")


def engines_in(row: Mapping[str, Any]) -> set[str]:
    """The ids of the engines that wrote a side of a row; empty for people's rows."""
    return {o[len(MACHINE) :] for o in (row["origin_source"], row["origin_target"]) if (o or "").startswith(MACHINE)}


@dataclass(slots=True)
class Tally:
    """What happened to the rows. removed: filter -> rows whose first failure it was; alone: filter -> rows that failed it at all."""

    rows: int = 0
    kept: Counter[str] = field(default_factory=Counter)  # by split
    documents: dict[str, str] = field(default_factory=dict)  # id -> split
    removed: Counter[str] = field(default_factory=Counter)
    alone: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    scores: dict[str, list[int]] = field(default_factory=lambda: {"kept": [0] * BINS, "removed": [0] * BINS})
    characters: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    languages: tuple[str, str] = ("", "")
    machine: Counter[str] = field(default_factory=Counter)  # by engine: rows of which it wrote a side, kept or not
    machine_kept: Counter[str] = field(default_factory=Counter)

    def meet(self, row: Mapping[str, Any]) -> None:
        """Count a row that comes in."""
        self.rows += 1
        self.machine.update(engines_in(row))

    def remove(self, row: Mapping[str, Any], failed: Sequence[tuple[str, float]]) -> dict[str, Any]:
        """Count a removed row; the row as removed.parquet has it."""
        name, value = failed[0]
        self.removed[name] += 1
        self.alone.update(n for n, _ in failed)
        self._score("removed", row)
        if len(self.examples[name]) < EXAMPLES and row["document_id"] not in [e["document_id"] for e in self.examples[name]]:
            self.examples[name].append({k: row[k] for k in ("document_id", "position", "source", "target")} | {"value": value})
        return {**row, "reason": name, "reasons": [n for n, _ in failed], "value": value}

    def keep(self, row: Mapping[str, Any], split: str) -> None:
        self.kept[split] += 1
        self.machine_kept.update(engines_in(row))
        self._score("kept", row)
        for k, side in enumerate(("source", "target")):
            self.characters[split][k] += len(row[side] or "")

    def _score(self, kind: str, row: Mapping[str, Any]) -> None:
        if row["score"] is not None:
            self.scores[kind][min(BINS - 1, int(row["score"] * BINS))] += 1
