"""Where to look: anchors that are almost surely right, and a band around them that stays narrow in long documents.

A node (i, j) stands before source sentence i and target sentence j. The band holds, for every i in 0..n, the nodes lo[i]..hi[i]; both
are ascending, (0, 0) and (n, m) are inside. A long gap on one side makes one row wide instead of the whole band.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np

FULL = 4_096  # up to so many cells the band is everything
DIRECT = 4_000_000  # up to so many cells anchors are sought in the whole matrix, beyond it along a coarse path
COARSE = 8  # sentences in a block of the coarse path
REACH = 6  # blocks on each side of the coarse path that are searched
TILE = 256  # rows whose similarities are computed at once
WIDEST = 2_000_000  # a stretch without anchors of more cells than this is searched along its edges and diagonal only

Anchors = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Band:
    """lo, hi: int64 (n + 1,), inclusive node columns. `anchors`: pairs (i, j) of the chain, ascending in both."""

    lo: np.ndarray
    hi: np.ndarray
    anchors: Anchors

    @property
    def cells(self) -> int:
        """How many nodes the band holds."""
        return int((self.hi - self.lo + 1).sum())


def find_band(x: np.ndarray, y: np.ndarray, pad: int) -> Band:
    """Band between unit vectors x (n, d) and y (m, d); `pad` sentences of room around each anchor."""
    n, m = len(x), len(y)
    if not n or not m:
        return Band(np.zeros(n + 1, np.int64), np.full(n + 1, m, np.int64), [])
    limits = None
    if n * m > DIRECT:
        limits = _coarse_limits(x, y)
    anchors = _anchors(x, y, limits)
    if n * m <= FULL:
        return Band(np.zeros(n + 1, np.int64), np.full(n + 1, m, np.int64), anchors)
    lo, hi = _around(anchors, n, m, pad)
    return Band(lo, hi, anchors)


def _coarse_limits(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sentence columns [lo, hi) to search for every source sentence, from the chain of blocks of COARSE sentences."""
    n, m = len(x), len(y)
    blocks = [np.add.reduceat(v, np.arange(0, len(v), COARSE), axis=0) for v in (x, y)]
    bx, by = (b / np.maximum(np.linalg.norm(b, axis=1, keepdims=True), 1e-6) for b in blocks)
    chain = _anchors(bx, by, None)
    lo, hi = _around(chain, len(bx), len(by), REACH)
    row = np.minimum(np.arange(n) // COARSE, len(bx) - 1)
    return lo[row] * COARSE, np.minimum(hi[row + 1] * COARSE + COARSE, m)


def _anchors(x: np.ndarray, y: np.ndarray, limits: tuple[np.ndarray, np.ndarray] | None) -> Anchors:
    """The heaviest ascending chain of mutual nearest neighbours; the weight is the lead over the mean of the next best."""
    n, m = len(x), len(y)
    best_j = np.zeros(n, np.int64)
    best = np.full(n, -2.0, np.float32)
    lead = np.zeros(n, np.float32)
    col_best = np.full(m, -2.0, np.float32)
    col_i = np.full(m, -1, np.int64)
    for r0 in range(0, n, TILE):
        r1 = min(r0 + TILE, n)
        c0, c1 = (0, m) if limits is None else (int(limits[0][r0:r1].min()), int(limits[1][r0:r1].max()))
        sims = x[r0:r1] @ y[c0:c1].T
        top = sims.argmax(axis=1)
        rows = np.arange(r1 - r0)
        best_j[r0:r1], best[r0:r1] = top + c0, sims[rows, top]
        k = min(6, sims.shape[1])
        lead[r0:r1] = best[r0:r1] - np.partition(sims, -k, axis=1)[:, -k:].mean(axis=1)
        down = sims.argmax(axis=0)
        value = sims[down, np.arange(c1 - c0)]
        better = value > col_best[c0:c1]
        col_best[c0:c1][better] = value[better]
        col_i[c0:c1][better] = down[better] + r0
    mutual = np.flatnonzero((col_i[best_j] == np.arange(n)) & (best > 0))
    return _chain([(int(i), int(best_j[i])) for i in mutual], [float(lead[i] + 1e-3) for i in mutual])


def _chain(pairs: Anchors, weights: list[float]) -> Anchors:
    """The heaviest subsequence that ascends strictly in both, by a sorted staircase of best totals; O(k log k)."""
    ends: list[int] = []  # ascending target columns
    totals: list[float] = []  # ascending best totals of chains that end there
    last: list[int] = []
    back = [-1] * len(pairs)
    for k, ((_, j), weight) in enumerate(zip(pairs, weights, strict=True)):
        at = bisect_left(ends, j)
        total = weight + (totals[at - 1] if at else 0.0)
        back[k] = last[at - 1] if at else -1
        if at < len(ends) and ends[at] == j and totals[at] >= total:
            continue
        stop = at
        while stop < len(ends) and totals[stop] <= total:
            stop += 1
        ends[at:stop], totals[at:stop], last[at:stop] = [j], [total], [k]
    chain = []
    k = last[-1] if last else -1
    while k >= 0:
        chain.append(pairs[k])
        k = back[k]
    return chain[::-1]


def _around(anchors: Anchors, n: int, m: int, pad: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows lo..hi that reach from the anchor at or before i - pad to the one at or after i + pad, and `pad` columns more."""
    ends_i = np.array([0] + [i for i, _ in anchors] + [n], np.int64)
    ends_j = np.array([0] + [j for _, j in anchors] + [m], np.int64)
    rows = np.arange(n + 1)
    before = np.searchsorted(ends_i, rows - pad, side="right") - 1
    after = np.searchsorted(ends_i, rows + pad, side="left")
    lo = ends_j[np.maximum(before, 0)] - pad // 2
    hi = ends_j[np.minimum(after, len(ends_j) - 1)] + pad // 2
    lo, hi = np.clip(lo, 0, m), np.clip(hi, 0, m)
    for k in np.flatnonzero(np.diff(ends_i) * np.diff(ends_j) > WIDEST):
        _narrow(lo, hi, (int(ends_i[k]), int(ends_j[k])), (int(ends_i[k + 1]), int(ends_j[k + 1])), pad)
    lo[0], hi[-1] = 0, m
    return np.minimum.accumulate(lo[::-1])[::-1], np.maximum.accumulate(hi)


def _narrow(lo: np.ndarray, hi: np.ndarray, start: tuple[int, int], end: tuple[int, int], pad: int) -> None:
    """A huge stretch without anchors: keep a diagonal strip whose width holds the cells at WIDEST."""
    (i0, j0), (i1, j1) = start, end
    half = max(pad, WIDEST // (2 * (i1 - i0)))
    inner = np.arange(i0 + pad, i1 - pad)
    centre = j0 + (inner - i0) * (j1 - j0) // (i1 - i0)
    lo[inner] = np.maximum(lo[inner], centre - half)
    hi[inner] = np.minimum(hi[inner], centre + half)
