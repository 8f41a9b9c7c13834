"""How good an alignment is against gold beads: strict, lax and null precision, recall and F1, and calibration; how good a translation is against
a human one: BLEU, chrF2++ and whether two engines can be told apart.

Strict: exactly a gold bead; lax: shares a source-target link with a gold bead. Precision counts predicted beads with two sides, recall gold
beads with two sides, as in the scorers of vecalign (Thompson and Koehn 2019) and Bertalign. Null: sentences left unpaired, both sides
together; sentences that the gold does not name at all are passed over.

BLEU (Papineni et al. 2002) and chrF2++ (Popović 2017) are sacrebleu's (Post 2018), with its signatures. Paired bootstrap: Koehn 2004.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import combinations
from typing import Any

from align.bitext import Bead, OptionError, main_part


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
    """Scores of one document; the beads' own scores play no part, and a bead that is there twice counts once."""
    full = [list({(b.source, b.target): b for b in beads if b.source and b.target}.values()) for beads in (gold, predicted)]
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
    a bead is right if the gold has exactly it. 0.0 without beads. OptionError for fewer than 1 bin."""
    if bins < 1:
        raise OptionError(f"bins is {bins}; expected 1 or more")
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


METRICS = ("chrf", "bleu")
TOKENISERS = {"zh": "zh", "ja": "char", "th": "char", "lo": "char", "km": "char", "my": "char"}  # sacrebleu's; 13a for all others
SEED = 12345  # the one that sacrebleu uses


@dataclass(frozen=True, slots=True)
class TranslationScores:
    """Of one engine over all rows: BLEU and chrF2++ in [0, 100] with sacrebleu's signatures; `by_row`: chrF2++ of each row alone."""

    bleu: float
    chrf: float
    bleu_signature: str
    chrf_signature: str
    by_row: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """One engine against another, a - b.

    `difference`: of their scores over all rows, in points; `low`, `high`: its 95% interval; `p`: two-sided, in (0, 1]; `rows`: how many were scored.
    """

    difference: float
    p: float
    low: float
    high: float
    rows: int


def translation_scores(hypotheses: Sequence[str], references: Sequence[str], target_language: str) -> TranslationScores:
    """Scores against one human version a row, in the same order. OptionError when there are no rows or the lists differ in length."""
    _same_length(hypotheses, references)
    chrf, bleu = _metric("chrf", target_language), _metric("bleu", target_language)
    rows = _statistics(chrf, hypotheses, references)
    return TranslationScores(
        bleu=bleu.corpus_score(hypotheses, [references]).score,
        chrf=_score(chrf, rows.sum(0)),
        bleu_signature=str(bleu.get_signature()),
        chrf_signature=str(chrf.get_signature()),
        by_row=tuple(_score(chrf, row) for row in rows),
    )


def paired_bootstraps(
    hypotheses: Mapping[str, Sequence[str]],
    references: Sequence[str],
    target_language: str,
    *,
    metric: str = "chrf",
    samples: int = 1000,
    seed: int = SEED,
) -> dict[tuple[str, str], Bootstrap]:
    """Every two engines against each other, as (first, second) -> Bootstrap; {} for fewer than two engines. metric: "chrf" or "bleu".

    Rows are drawn with replacement `samples` times, the same ones for all engines; p is twice the share of draws in which the engine that
    is behind is not behind, so p and the interval agree. (sacrebleu's own paired test folds the differences to absolute ones: it finds two
    equal engines different, p = 0.001.) Engines that differ in k rows never get a p under 2 ** (1 - k), the least that any test of signs can
    give. p is of one pair: it is not corrected for the number of pairs. OptionError: no rows, lists of different lengths, or an unknown metric.
    """
    import numpy as np

    if samples < 1:
        raise OptionError(f"samples is {samples}; expected 1 or more")
    scorer = _metric(metric, target_language)
    for texts in hypotheses.values():
        _same_length(texts, references)
    if len(hypotheses) < 2:
        return {}
    rows = {name: _statistics(scorer, texts, references) for name, texts in hypotheses.items()}
    draws: dict[str, list[float]] = {name: [] for name in rows}
    generator = np.random.default_rng(seed)
    for _ in range(samples):
        times = np.bincount(generator.choice(len(references), size=len(references)), minlength=len(references))
        for name, statistics in rows.items():
            draws[name].append(_score(scorer, times @ statistics))
    out = {}
    for a, b in combinations(rows, 2):
        drawn = np.array(draws[a]) - np.array(draws[b])
        low, high = np.quantile(drawn, [0.025, 0.975]).tolist()
        behind = min(int((drawn <= 0).sum()), int((drawn >= 0).sum()))
        differ = int((rows[a] != rows[b]).any(axis=1).sum())
        p = min(1.0, max(2 * (behind + 1) / (samples + 1), 2.0 ** (1 - differ)))
        out[a, b] = Bootstrap(_score(scorer, rows[a].sum(0)) - _score(scorer, rows[b].sum(0)), p, low, high, len(references))
    return out


def paired_bootstrap(
    a: Sequence[str],
    b: Sequence[str],
    references: Sequence[str],
    target_language: str,
    *,
    metric: str = "chrf",
    samples: int = 1000,
    seed: int = SEED,
) -> Bootstrap:
    """`paired_bootstraps` of two engines."""
    return paired_bootstraps({"a": a, "b": b}, references, target_language, metric=metric, samples=samples, seed=seed)["a", "b"]


def _same_length(hypotheses: Sequence[str], references: Sequence[str]) -> None:
    if not references or len(hypotheses) != len(references):
        raise OptionError(f"{len(hypotheses)} translations and {len(references)} references; expected as many of both, at least one")


def _metric(name: str, target_language: str) -> Any:
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

    if name not in METRICS:
        raise OptionError(f"no metric {name!r}; there are {', '.join(METRICS)}")
    return CHRF(word_order=2) if name == "chrf" else BLEU(tokenize=TOKENISERS.get(main_part(target_language), "13a"), force=True)


def _statistics(metric: Any, hypotheses: Sequence[str], references: Sequence[str]) -> Any:
    """Counts of matches, one row of numbers for each text: what sacrebleu adds up before it computes a score."""
    import numpy as np

    return np.array(metric._extract_corpus_statistics(hypotheses, [references]), dtype=np.float64)


def _score(metric: Any, statistics: Any) -> float:
    return float(metric._compute_score_from_stats(statistics.tolist()).score)
