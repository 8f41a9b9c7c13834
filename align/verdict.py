"""Are these two documents versions of each other? Said before rows are trusted, each verdict with its evidence."""

from __future__ import annotations

from collections.abc import Sequence

from align.aligner import Found
from align.bitext import Verdict

UNRELATED = 0.35  # mean standardised similarity of pairs below which nothing speaks for a translation (unrelated news: 0.2, versions: 0.8 to 1.1)
DOUBTFUL = 0.55
PART = 0.15  # a run of unpaired sentences of more than this share of a side is a missing part
RUN = 5  # and at least so many sentences


def judge(
    found: Sequence[Found],
    counts: tuple[int, int],
    lengths: tuple[Sequence[float], Sequence[float]],
    scale: tuple[float, float],
    languages: tuple[tuple[str, str | None], tuple[str, str | None]],
) -> Verdict:
    """Verdict on beads with evidence.

    counts: sentences a side; lengths: their characters; scale: cosine of unrelated pairs and its distance to that of sure pairs;
    languages: (declared, detected or None) of source and target.
    """
    (source, seen_source), (target, seen_target) = languages
    if source != target and seen_source == target and seen_target == source:
        return Verdict("swapped", f"the sides are swapped: the source reads as {seen_source}, the target as {seen_target}", {})
    if not counts[0] or not counts[1]:
        side = "source" if not counts[0] else "target"
        return Verdict("part-missing", f"the {side} side has no sentences: that version is missing", {"paired": 0.0})
    total = sum(lengths[0]) + sum(lengths[1])
    pairs = [f for f in found if f.similarity is not None]
    weight = [sum(lengths[0][i] for i in f.bead.source) + sum(lengths[1][j] for j in f.bead.target) for f in pairs]
    paired = sum(weight) / total if total else 0.0
    low, _ = scale
    above = [(f.similarity or 0.0) - low for f in pairs]
    raw = min(sum(w * a for w, a in zip(weight, above, strict=True)) / sum(weight), _middle(above, weight)) if sum(weight) else 0.0
    nearness = raw / 0.6 * min(1.0, paired / 0.3)
    evidence = {"paired": round(paired, 3), "similarity_over_chance": round(raw, 3)}
    if nearness < UNRELATED:
        reason = f"these are not versions of each other: {paired:.0%} of the text is paired, at a similarity only {raw:.2f} above chance"
        return Verdict("not-versions", reason, evidence)
    gap = _longest_gap(found, counts)
    if gap:
        side, start, size = gap
        other = "target" if side == "source" else "source"
        share = size / counts[side == "target"]
        where = "beginning" if start == 0 else "end" if start + size == counts[side == "target"] else "middle"
        reason = f"a part is missing in the {other}: sentences {start + 1} to {start + size} of the {side} ({share:.0%}, at its {where}) have no counterpart"
        return Verdict("part-missing", reason, {**evidence, "first": start, "sentences": size})
    if nearness < DOUBTFUL:
        return Verdict("unclear", f"it is not clear that these are versions of each other: similarity {raw:.2f} above chance", evidence)
    return Verdict("versions", f"versions of each other: {paired:.0%} of the text is paired, at a similarity {raw:.2f} above chance", evidence)


def _middle(values: Sequence[float], weights: Sequence[float]) -> float:
    """The weighted median: a heading and a closing formula that two statements share make them no versions of each other."""
    rest = sum(weights) / 2
    for value, weight in sorted(zip(values, weights, strict=True)):
        rest -= weight
        if rest <= 0:
            return value
    return 0.0


def _longest_gap(found: Sequence[Found], counts: tuple[int, int]) -> tuple[str, int, int] | None:
    """(side, first sentence, sentences) of the longest run of unpaired sentences that is long enough to be a missing part."""
    best: tuple[str, int, int] | None = None
    for k, side in enumerate(("source", "target")):
        start = size = 0
        for f in found:
            ids, others = (f.bead.source, f.bead.target) if k == 0 else (f.bead.target, f.bead.source)
            if not ids:
                continue
            if others:
                size = 0
                continue
            start = start if size else ids[0]
            size += len(ids)
            if size >= max(RUN, PART * counts[k]) and (best is None or size > best[2]):
                best = (side, start, size)
    return best
