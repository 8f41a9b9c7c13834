"""The records of a comparison; they hold no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from align.bitext import HUMAN, Finding, Span
from align.metrics import Bootstrap, TranslationScores

LEVEL = 0.05  # p from which on two engines are not told apart


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of words that both texts have (equal), only the engine's has (insert) or only the human one has (delete).

    The spans of all changes of a row tile both texts; the span on the side that lacks the words is empty and says where they would stand.
    """

    kind: Literal["equal", "insert", "delete"]
    human: Span
    machine: Span


@dataclass(frozen=True, slots=True)
class Cell:
    """One version of one row. chrf: chrF2++ against the human version, in [0, 100], None without one and for the human version itself;
    similarity: cosine to the source, None without an encoder; findings: warnings and errors; changes: against the human version, () without."""

    text: str
    chrf: float | None = None
    similarity: float | None = None
    findings: tuple[Finding, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """One row: its number in the bitext, the source, and the versions by the name of their column ("human" only where people translated it)."""

    row: int
    source: str
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Column:
    """An engine, or the human version (name "human"), over all rows.

    id: the engine's own, "" where it could not be loaded; rows: how many have a text; error: why it has none at all, None when it has;
    scores: over the rows with a human version, None without such rows; findings: for every 100 rows; similarity: mean; seconds: for a row.
    What is not known is None.
    """

    name: str
    id: str = ""
    rows: int = 0
    error: str | None = None
    scores: TranslationScores | None = None
    findings: float | None = None
    similarity: float | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Separation:
    """Can two engines be told apart? By chrF2++ and, beside it, BLEU; differences are a - b."""

    a: str
    b: str
    chrf: Bootstrap
    bleu: Bootstrap

    @property
    def separated(self) -> bool:
        """chrF2++ tells them apart at p = 0.05."""
        return self.chrf.p <= LEVEL

    @property
    def sentence(self) -> str:
        """Such as "42 rows cannot separate gemma and opus-mt (p = 0.31): gemma leads by 0.4 chrF2++, 95% interval -1.0 to 1.8"."""
        c, rows = self.chrf, f"{self.chrf.rows} row{'' if self.chrf.rows == 1 else 's'}"
        if not self.separated:
            better, _, points, low, high = self._ordered(c)
            said = f"{rows} cannot separate {self.a} and {self.b} (p = {c.p:.2g}): {better} leads by {points:.1f} chrF2++, 95% interval {low:.1f} to {high:.1f}"
            return said + (f"; by BLEU {self._better(self.bleu)}" if self.bleu.p <= LEVEL else "")
        said = f"{self._better(c, 'chrF2++')}, {rows}"
        if self.bleu.p > LEVEL:
            return f"{said}; BLEU cannot separate them (p = {self.bleu.p:.2g})"
        return said if (self.bleu.difference > 0) == (c.difference > 0) else f"{said}; but by BLEU {self._better(self.bleu)}"

    def _better(self, found: Bootstrap, metric: str = "") -> str:
        first, second, points, low, high = self._ordered(found)
        return f"{first} is better than {second} by {points:.1f}{' ' if metric else ''}{metric} (p = {found.p:.2g}, 95% interval {low:.1f} to {high:.1f})"

    def _ordered(self, found: Bootstrap) -> tuple[str, str, float, float, float]:
        """The better one first, with its lead and the interval of the lead; adding zero turns -0.0 into 0.0."""
        if found.difference < 0:
            return self.b, self.a, -found.difference, -found.high + 0.0, -found.low + 0.0
        return self.a, self.b, found.difference, found.low, found.high


@dataclass(frozen=True, slots=True)
class Comparison:
    """columns: the human version first if any row has one, then the engines as given; rows: those with a source that people wrote, in order;
    left_out: how many rows have none; references: how many have a human version."""

    columns: tuple[Column, ...]
    rows: tuple[Compared, ...]
    separations: tuple[Separation, ...]
    source_language: str
    target_language: str
    references: int
    left_out: int = 0
    title: str | None = None
    encoder: str | None = None

    @property
    def engines(self) -> tuple[Column, ...]:
        """The columns of machines, those that failed among them."""
        return tuple(c for c in self.columns if c.name != HUMAN)

    @property
    def headline(self) -> str:
        """Such as "2 engines on 42 rows, 40 with a human version: opus-mt 61.3, gemma 55.0 chrF2++"; engines with an error are counted at the end."""
        count, rows = len(self.engines), len(self.rows)
        scored = sorted(((c.scores.chrf, c.name) for c in self.engines if c.scores), reverse=True)
        said = f"{count} engine{'' if count == 1 else 's'} on {rows} row{'' if rows == 1 else 's'}, {self.references or 'none'} with a human version"
        said += f": {', '.join(f'{name} {chrf:.1f}' for chrf, name in scored)} chrF2++" if scored else ""
        failed = sum(c.error is not None for c in self.engines)
        return said + (f"; {failed} failed" if failed else "")
