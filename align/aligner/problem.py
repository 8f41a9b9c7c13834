"""One pair of documents, prepared: what cosines and lengths mean in it, what its windows have with their neighbours, and the evidence for no partner.

The similarity of two windows follows from the similarities of their sentences (a window vector is a weighted sum of them). Cosines are measured
between what unrelated sentences of these documents have (0) and what sure pairs have (1), so the weights carry over from one encoder to another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from align.aligner.band import Band
from align.aligner.surface import Overlap, Side, overlap
from align.vectors import pooling_weights, window_norms

SIZE = 4  # most sentences in a window
NEAREST = 4  # neighbours whose mean similarity says how common a sentence is
GAP_PRIOR = 0.55  # cosine between sure and unrelated pairs expected before any anchor was seen

NULL_NAMES = ("bias", "best", "best_window", "lead", "rival", "length", "letters", "cognates", "numbers", "begin", "end")


@dataclass(frozen=True, slots=True)
class Scale:
    """What cosines and lengths mean in these documents: unrelated pairs have cosine `low`, sure pairs `low + gap`; `ratio`: target over source length."""

    low: float
    gap: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Prepared:
    """One side prepared: vectors (n, d), pooling weights (n,), norms (SIZE, n) of its pooled windows, hub (SIZE, n), lengths (n,)."""

    vectors: np.ndarray
    weights: np.ndarray
    norms: np.ndarray
    hub: np.ndarray
    surface: Side | None
    lengths: np.ndarray


@dataclass(frozen=True, slots=True)
class Problem:
    """All that the features of one pair of documents are made of."""

    source: Prepared
    target: Prepared
    band: Band
    scale: Scale
    cognates: Overlap | None
    numbers: Overlap | None
    null_source: np.ndarray  # (n, len(NULL_NAMES))
    null_target: np.ndarray


def scale_of(x: np.ndarray, y: np.ndarray, band: Band, lengths: tuple[np.ndarray, np.ndarray] | None) -> Scale:
    """What cosines and lengths mean in these documents, from the anchors of the band; priors take over where there are few."""
    n, m, anchors = len(x), len(y), band.anchors
    sims = np.array([float(x[i] @ y[j]) for i, j in anchors])
    others = n * m - len(anchors)
    total = float(x.sum(axis=0, dtype=np.float64) @ y.sum(axis=0, dtype=np.float64)) - float(sims.sum())
    low = (total + 30 * 0.08) / (others + 30)
    step = max(1, n // 200), max(1, m // 200)
    sample = x[:: step[0]] @ y[:: step[1]].T
    spread = float(sample.std()) if sample.size > 50 else 0.1
    sure = float(np.median(sims)) - low if len(sims) else 0.0
    gap = (len(sims) * sure + 4 * GAP_PRIOR) / (len(sims) + 4)
    ratio = 1.0
    if lengths is not None and n and m:
        pairs = anchors if len(anchors) >= 5 else [(slice(None), slice(None))]
        sums = [float(sum(side[p[k]].sum() for p in pairs)) for k, side in enumerate(lengths)]
        ratio = (sums[1] + 50.0) / (sums[0] + 50.0)
    return Scale(low, max(gap, 3.0 * min(spread, 0.1), 0.05), ratio)


def _window_sums(values: np.ndarray, size: int, axis: int) -> np.ndarray:
    """Sums of `size` adjacent entries along an axis, at their first entry; the last ones stop at the end."""
    out = values.copy()
    for k in range(1, min(size, values.shape[axis])):
        if axis == 0:
            out[: len(out) - k] += values[k:]
        else:
            out[:, : out.shape[1] - k] += values[:, k:]
    return out


def _columns(lo: np.ndarray, hi: np.ndarray, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Per sentence, not per node: target sentences [lo, hi) that a source sentence may meet."""
    return lo[:-1], np.maximum(np.minimum(hi[1:], m), np.minimum(lo[:-1] + 1, m))


def _transpose(lo: np.ndarray, hi: np.ndarray, m: int) -> tuple[np.ndarray, np.ndarray]:
    """The same cells seen from the other side: for every target sentence the source sentences [lo, hi)."""
    columns = np.arange(m)
    first = np.searchsorted(hi, columns, side="right")
    last = np.searchsorted(lo, columns, side="right")
    return np.minimum(first, max(len(lo) - 1, 0)), np.maximum(last, np.minimum(first + 1, len(lo)))


def _neighbours(one: Prepared, other: Prepared, lo: np.ndarray, hi: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """hub (SIZE, n): mean of the NEAREST similarities of each window of one side to sentences of the other; best, best window (n,):
    greatest similarity to a sentence and to a window in lo..hi; where (n,): the sentence that has it."""
    a, wa, na, b, wb, nb = one.vectors, one.weights, one.norms, other.vectors, other.weights, other.norms
    n, m = len(a), len(b)
    hub, best, wide, where = np.zeros((SIZE, n)), np.zeros(n), np.zeros(n), np.zeros(n, np.int64)
    start = 0
    while start < n:
        stop = min(n, start + 128)
        c0, c1 = max(0, int(lo[start]) - 16), min(m, int(hi[stop - 1]) + 16)
        tail = min(n, stop + SIZE - 1)
        sims = (a[start:tail] * wa[start:tail, None]) @ b[c0:c1].T
        inside = (np.arange(c0, c1) >= lo[start:stop, None]) & (np.arange(c0, c1) < hi[start:stop, None])
        single = sims[: stop - start] / wa[start:stop, None]
        k = min(NEAREST, c1 - c0)
        for size in range(1, SIZE + 1):
            window = _window_sums(sims, size, 0)[: stop - start] / na[size - 1, start:stop, None]
            hub[size - 1, start:stop] = np.partition(window, -k, axis=1)[:, -k:].mean(axis=1)
        single = np.where(inside, single, -1.0)
        rows = np.arange(stop - start)
        where[start:stop] = single.argmax(axis=1) + c0
        best[start:stop] = single[rows, where[start:stop] - c0]
        pooled = single * wb[c0:c1]
        for size in range(2, SIZE):
            joined = _window_sums(pooled, size, 1) / nb[size - 1, c0:c1]
            wide[start:stop] = np.maximum(wide[start:stop], np.where(inside, joined, -1.0).max(axis=1))
        start = stop
    return hub, best, np.maximum(wide, best), where


def _null_features(
    surface: Side | None, best: np.ndarray, wide: np.ndarray, hub: np.ndarray, rival: np.ndarray, scale: Scale, totals: tuple[np.ndarray, ...]
) -> np.ndarray:
    n = len(best)
    out = np.zeros((n, len(NULL_NAMES)))
    out[:, 0] = 1.0
    out[:, 1] = (best - scale.low) / scale.gap
    out[:, 2] = (wide - best) / scale.gap
    out[:, 3] = (best - hub) / scale.gap
    out[:, 4] = np.maximum(rival - best, 0.0) / scale.gap
    if surface is not None:
        out[:, 5] = np.log1p(surface.lengths) - 4.0
        out[:, 6] = np.clip(0.8 - surface.letters, 0.0, None)
        out[:, 7] = np.log1p(totals[0])
        out[:, 8] = np.log1p(totals[1])
        out[:, 9] = surface.begins == 1
        out[:, 10] = surface.ends != 1
    return out


def prepare(
    x: np.ndarray,
    y: np.ndarray,
    band: Band,
    surfaces: tuple[Side, Side] | None,
    scale: Scale | None = None,
) -> Problem:
    """Everything that is computed once for a pair of documents with at least one sentence on each side.

    surfaces: None when only vectors are known. scale: given when this is a part of a larger pair of documents.
    """
    n, m = len(x), len(y)
    lengths = None if surfaces is None else (surfaces[0].lengths, surfaces[1].lengths)
    if scale is None:
        scale = scale_of(x, y, band, lengths)
    looks = (None, None) if surfaces is None else surfaces
    sides = []
    for k, v in enumerate((x, y)):
        size = np.full(len(v), 100.0) if lengths is None else lengths[k]
        weights = pooling_weights(size)
        norms = window_norms(v, weights, SIZE)
        sides.append(Prepared(v, weights, norms, norms, looks[k], size))
    across = _columns(band.lo, band.hi, m)
    hub_x, best_x, wide_x, to_y = _neighbours(sides[0], sides[1], *across)
    hub_y, best_y, wide_y, to_x = _neighbours(sides[1], sides[0], *_transpose(*across, m))
    cognates = numbers = None
    totals = [(np.zeros(n), np.zeros(n)), (np.zeros(m), np.zeros(m))]
    if surfaces is not None:
        cognates = overlap([tuple(k) for k in surfaces[0].keys], [tuple(k) for k in surfaces[1].keys], band.lo, band.hi)
        numbers = overlap(surfaces[0].numbers, surfaces[1].numbers, band.lo, band.hi, rare=0.2, lone=True)
        totals = [(cognates.source_total, numbers.source_total), (cognates.target_total, numbers.target_total)]
    return Problem(
        replace(sides[0], hub=hub_x),
        replace(sides[1], hub=hub_y),
        band,
        scale,
        cognates,
        numbers,
        _null_features(looks[0], best_x, wide_x, hub_x[0], best_y[to_y], scale, totals[0]),
        _null_features(looks[1], best_y, wide_y, hub_y[0], best_x[to_x], scale, totals[1]),
    )
