"""How good an alignment is against gold beads: strict, lax and null precision, recall and F1, and calibration.

Strict: exactly a gold bead; lax: shares a source-target link with a gold bead. Precision counts predicted beads with two sides, recall gold
beads with two sides, as in the scorers of vecalign (Thompson and Koehn 2019) and Bertalign. Null: sentences left unpaired, both sides
together; sentences that the gold does not name at all are passed over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from align.bitext import Bead


@dataclass(frozen=True, slots=True)
class AlignmentScores:
    """Counts; the rates, in [0, 1], follow from them. A rate of nothing out of nothing is 1.0 if there was nothing to find, else 0.0."""

    predicted: int = 0
    gold: int = 0
    strict: int = 0
    lax_predicted: int = 0
    lax_gold: int = 0
    null_predicted: int = 0
    null_gold: int = 0
    null_right: int = 0

    @property
    def strict_precision(self) -> float:
        """Share of predicted beads that are gold beads."""
        return _rate(self.strict, self.predicted, self.gold)

    @property
    def strict_recall(self) -> float:
        """Share of gold beads that were predicted."""
        return _rate(self.strict, self.gold, self.predicted)

    @property
    def strict_f1(self) -> float:
        """Harmonic mean of strict precision and recall."""
        return _mean(self.strict_precision, self.strict_recall)

    @property
    def lax_precision(self) -> float:
        """Share of predicted beads that share a link with a gold bead."""
        return _rate(self.lax_predicted, self.predicted, self.gold)

    @property
    def lax_recall(self) -> float:
        """Share of gold beads that share a link with a predicted bead."""
        return _rate(self.lax_gold, self.gold, self.predicted)

    @property
    def lax_f1(self) -> float:
        """Harmonic mean of lax precision and recall."""
        return _mean(self.lax_precision, self.lax_recall)

    @property
    def null_precision(self) -> float:
        """Share of the sentences left unpaired that the gold leaves unpaired."""
        return _rate(self.null_right, self.null_predicted, self.null_gold)

    @property
    def null_recall(self) -> float:
        """Share of the gold's unpaired sentences that were left unpaired."""
        return _rate(self.null_right, self.null_gold, self.null_predicted)

    @property
    def null_f1(self) -> float:
        """Harmonic mean of null precision and recall."""
        return _mean(self.null_precision, self.null_recall)


def _rate(right: int, of: int, other: int) -> float:
    return right / of if of else float(other == 0)


def _mean(p: float, r: float) -> float:
    return 2 * p * r / (p + r) if p + r else 0.0


def _links(beads: Sequence[Bead]) -> set[tuple[int, int]]:
    return {(i, j) for b in beads for i in b.source for j in b.target}


def _unpaired(beads: Sequence[Bead]) -> set[tuple[str, int]]:
    return {("source", i) for b in beads if not b.target for i in b.source} | {("target", j) for b in beads if not b.source for j in b.target}


def alignment_scores(gold: Sequence[Bead], predicted: Sequence[Bead]) -> AlignmentScores:
    """Scores of one document; the beads' own scores play no part."""
    full = [[b for b in beads if b.source and b.target] for beads in (gold, predicted)]
    keys = {(b.source, b.target) for b in full[0]}
    links = [_links(beads) for beads in full]
    named = {("source", i) for b in gold for i in b.source} | {("target", j) for b in gold for j in b.target}
    null = [_unpaired(gold), _unpaired(predicted) & named]
    return AlignmentScores(
        predicted=len(full[1]),
        gold=len(full[0]),
        strict=sum((b.source, b.target) in keys for b in full[1]),
        lax_predicted=sum(bool(_links([b]) & links[0]) for b in full[1]),
        lax_gold=sum(bool(_links([b]) & links[1]) for b in full[0]),
        null_predicted=len(null[1]),
        null_gold=len(null[0]),
        null_right=len(null[0] & null[1]),
    )


def merge_scores(scores: Sequence[AlignmentScores]) -> AlignmentScores:
    """Counts of several documents added up (micro-average)."""
    return AlignmentScores(**{f.name: sum(getattr(s, f.name) for s in scores) for f in fields(AlignmentScores)})


def calibration_error(documents: Sequence[tuple[Sequence[Bead], Sequence[Bead]]], bins: int = 10) -> float:
    """Expected calibration error in [0, 1] over (gold, predicted) documents: bins of equal width over the beads' scores, weighted by beads;
    a bead is right if the gold has exactly it. 0.0 without beads."""
    totals = [[0, 0.0, 0] for _ in range(bins)]
    for gold, predicted in documents:
        keys = {(b.source, b.target) for b in gold}
        for b in predicted:
            cell = totals[min(int(b.score * bins), bins - 1)]
            cell[0] += 1
            cell[1] += b.score
            cell[2] += (b.source, b.target) in keys
    count = sum(c[0] for c in totals)
    return sum(abs(c[1] - c[2]) for c in totals) / count if count else 0.0
