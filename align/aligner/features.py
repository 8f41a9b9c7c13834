"""Evidence for every bead in the band, as numbers: what the trained weights are multiplied with.

A block of rows needs one matrix product and some box sums (problem.py says why). All features are the same for swapped sides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from align.aligner.problem import SIZE, Problem
from align.aligner.programme import TYPES
from align.aligner.surface import Overlap

AREA = 60_000  # cells of a block
SPREAD = 6.8  # variance of the length difference per character (Gale and Church 1993)

BASE = ("similarity", "margin", "hub", "length", "length_z", "cognates", "cognates_missed", "numbers", "numbers_missed", "begin", "end")
GROUPS = ("one", "many", "cross")  # 1-1; one sentence against several; several against several
EXTRA = ("many.gain", "many.gain_mean", "cross.gain", "cross.gain_mean", "cross.split")
SHAPES = tuple(sorted({(min(t), max(t)) for t in TYPES}))
PAIR_NAMES = (
    *(f"bias.{a}-{b}" for a, b in SHAPES),
    *(f"{group}.{name}" for group in GROUPS for name in BASE),
    *EXTRA,
)
PAIR_INDEX = {name: k for k, name in enumerate(PAIR_NAMES)}


def group_of(a: int, b: int) -> str:
    """The group whose weights a bead type uses."""
    return "one" if a == b == 1 else "many" if min(a, b) == 1 else "cross"


def names_of(t: int) -> list[int]:
    """Indices in PAIR_NAMES of the features that type t of TYPES has, in the order in which `blocks` yields them."""
    a, b = TYPES[t]
    group = group_of(a, b)
    names = [f"bias.{min(a, b)}-{max(a, b)}", *(f"{group}.{name}" for name in BASE)]
    names += [name for name in EXTRA if name.startswith(group)]
    return [PAIR_INDEX[name] for name in names]


@dataclass(frozen=True, slots=True)
class Block:
    """Rows r0..r1 (exclusive), node columns c0..c1 (exclusive); features[t]: float32 (features of type t, r1 - r0, c1 - c0);
    possible[t]: bool (r1 - r0, c1 - c0), the bead ends inside both texts."""

    r0: int
    r1: int
    c0: int
    c1: int
    features: list[np.ndarray]
    possible: list[np.ndarray]


def blocks(problem: Problem) -> Iterator[Block]:
    """The band in blocks of rows, in order; row n has no beads and belongs to no block."""
    lo, hi = problem.band.lo, problem.band.hi
    n, r0 = len(lo) - 1, 0
    while r0 < n:
        r1 = r0 + 1
        while r1 < n and r1 - r0 < 96 and (r1 + 1 - r0) * (hi[r1] - lo[r0] + 1) <= AREA:
            r1 += 1
        yield _block(problem, r0, r1, int(lo[r0]), int(hi[r1 - 1]) + 1)
        r0 = r1


def _dense(entries: Overlap | None, r0: int, c0: int, shape: tuple[int, int]) -> np.ndarray:
    out = np.zeros(shape, np.float32)
    if entries is not None and len(entries.rows):
        p, q = np.searchsorted(entries.rows, (r0, r0 + shape[0]))
        i, j = entries.rows[p:q] - r0, entries.columns[p:q] - c0
        keep = (j >= 0) & (j < shape[1])
        out[i[keep], j[keep]] = entries.values[p:q][keep]
    return out


def _slice(values: np.ndarray, start: int, stop: int) -> np.ndarray:
    """values[start:stop] along the first axis, zeros where that leaves the array."""
    out = np.zeros((stop - start, *values.shape[1:]), values.dtype)
    p, q = max(start, 0), min(stop, len(values))
    if p < q:
        out[p - start : q - start] = values[p:q]
    return out


class _Boxes:
    """Sums over rectangles of a matrix, by a summed-area table."""

    def __init__(self, values: np.ndarray, rows: int, columns: int) -> None:
        self.table = np.zeros((values.shape[0] + 1, values.shape[1] + 1))
        np.cumsum(np.cumsum(values, axis=0, dtype=np.float64), axis=1, out=self.table[1:, 1:])
        self.rows, self.columns = rows, columns

    def __call__(self, i: int, j: int, a: int, b: int) -> np.ndarray:
        """(rows, columns): sums of a x b entries that begin at (r + i, c + j)."""
        t, r, c = self.table, self.rows, self.columns
        return t[i + a : i + a + r, j + b : j + b + c] - t[i : i + r, j + b : j + b + c] - t[i + a : i + a + r, j : j + c] + t[i : i + r, j : j + c]


PAD = 1  # rows and columns before a block
ROOM = SIZE + 1  # rows and columns after it


class _View:
    """One block: similarities of all windows, by offset from the node."""

    def __init__(self, problem: Problem, r0: int, r1: int, c0: int, c1: int) -> None:
        self.p, self.r0, self.r1, self.c0, self.c1 = problem, r0, r1, c0, c1
        s, t = problem.source, problem.target
        self.rows, self.columns = r1 - r0, c1 - c0
        across = slice(r0 - PAD, r1 + ROOM), slice(c0 - PAD, c1 + ROOM)
        x = _slice(s.vectors, across[0].start, across[0].stop) * _slice(s.weights, across[0].start, across[0].stop)[:, None]
        y = _slice(t.vectors, across[1].start, across[1].stop) * _slice(t.weights, across[1].start, across[1].stop)[:, None]
        shape = len(x), len(y)
        self.sums = _Boxes(x @ y.T, self.rows, self.columns)
        self.cognates = _Boxes(_dense(problem.cognates, r0 - PAD, c0 - PAD, shape), self.rows, self.columns)
        self.numbers = _Boxes(_dense(problem.numbers, r0 - PAD, c0 - PAD, shape), self.rows, self.columns)
        self.norms = [
            [_slice(side.norms[k], start - PAD, stop + ROOM) for k in range(SIZE)]
            for side, start, stop in ((s, r0, r1), (t, c0, c1))
        ]
        for side in self.norms:
            for values in side:
                values[values == 0] = 1.0
        self.known: dict[tuple[int, int, int, int], np.ndarray] = {}

    def similarity(self, i: int, j: int, a: int, b: int) -> np.ndarray:
        """Standardised cosine of the windows of a and b sentences that begin i and j after the node; shape (rows, columns)."""
        key = (i, j, a, b)
        if key not in self.known:
            rows, columns = slice(PAD + i, PAD + i + self.rows), slice(PAD + j, PAD + j + self.columns)
            cosine = self.sums(PAD + i, PAD + j, a, b) / (self.norms[0][a - 1][rows, None] * self.norms[1][b - 1][None, columns])
            self.known[key] = (cosine - self.p.scale.low) / self.p.scale.gap
        return self.known[key]

    def along(self, side: int, values: np.ndarray, size: int = 1, shift: int = 0) -> np.ndarray:
        """Per-sentence values of a side, summed over a window, shaped to broadcast over the block."""
        start, stop = (self.r0, self.r1) if side == 0 else (self.c0, self.c1)
        total = sum((_slice(values, start + shift + k, stop + shift + k) for k in range(1, size)), _slice(values, start + shift, stop + shift))
        return total[:, None] if side == 0 else total[None, :]


def _block(problem: Problem, r0: int, r1: int, c0: int, c1: int) -> Block:
    view = _View(problem, r0, r1, c0, c1)
    n, m = len(problem.source.vectors), len(problem.target.vectors)
    features, possible = [], []
    i, j = np.arange(r0, r1)[:, None], np.arange(c0, c1)[None, :]
    for a, b in TYPES:
        features.append(_bead_features(view, a, b))
        possible.append((i + a <= n) & (j + b <= m))
    return Block(r0, r1, c0, c1, features, possible)


def _bead_features(view: _View, a: int, b: int) -> np.ndarray:
    p, shape = view.p, (view.rows, view.columns)
    here = view.similarity(0, 0, a, b)
    rows = [np.ones(shape), here, *_context(view, here, a, b), *_lengths(view, a, b)]
    for box, entries in ((view.cognates, p.cognates), (view.numbers, p.numbers)):
        rows += _shared(view, box, entries, a, b)
    rows += _edges(view, a, b)
    group = group_of(a, b)
    if group != "one":
        rows += _gains(view, here, a, b)
    if group == "cross":
        rows.append(_split(view, here, a, b))
    return np.stack([np.broadcast_to(r, shape) for r in rows]).astype(np.float32)


def _context(view: _View, here: np.ndarray, a: int, b: int) -> list[np.ndarray]:
    """margin: lead over the sentences just outside; hub: lead over what these windows have with their nearest."""
    p = view.p
    outside = view.similarity(0, -1, a, 1) + view.similarity(0, b, a, 1) + view.similarity(-1, 0, 1, b) + view.similarity(a, 0, 1, b)
    hubs = view.along(0, p.source.hub[a - 1]) + view.along(1, p.target.hub[b - 1])
    return [here - outside / 4.0, here - (hubs / 2.0 - p.scale.low) / p.scale.gap]


def _lengths(view: _View, a: int, b: int) -> list[np.ndarray]:
    """length: 1 - log2(1 + shorter / longer), in [0, 1]; length_z: the difference in standard deviations, at most 6, halved."""
    if view.p.source.surface is None:
        zero = np.zeros((1, 1))
        return [zero, zero]
    u = view.along(0, view.p.source.lengths, a) * view.p.scale.ratio + 1.0
    v = view.along(1, view.p.target.lengths, b) + 1.0
    z = np.abs(u - v) / np.sqrt(SPREAD * (u + v) / 2.0)
    return [1.0 - np.log2(1.0 + np.minimum(u, v) / np.maximum(u, v)), np.minimum(z, 6.0) / 2.0]


def _shared(view: _View, box: _Boxes, entries: Overlap | None, a: int, b: int) -> list[np.ndarray]:
    """log of shared weight, and log of the weight that is only on one side although the other document has it elsewhere."""
    if entries is None:
        zero = np.zeros((1, 1))
        return [zero, zero]
    u, v = view.along(0, entries.source_total, a), view.along(1, entries.target_total, b)
    shared = np.minimum(box(PAD, PAD, a, b), np.minimum(u, v))
    return [np.log1p(np.maximum(shared, 0.0)), np.log1p(np.maximum(u + v - 2.0 * shared, 0.0))]


def _edges(view: _View, a: int, b: int) -> list[np.ndarray]:
    """begin, end: one side starts in lower case (ends without a full stop) and the other does not."""
    s, t = view.p.source.surface, view.p.target.surface
    if s is None or t is None:
        zero = np.zeros((1, 1))
        return [zero, zero]
    out = []
    for left, right, shifts, value in ((s.begins, t.begins, (0, 0), 1), (s.ends, t.ends, (a - 1, b - 1), 1)):
        u, v = view.along(0, left, 1, shifts[0]), view.along(1, right, 1, shifts[1])
        out.append(((u == value) != (v == value)) & (u != 2) & (v != 2))
    return out


def _gains(view: _View, here: np.ndarray, a: int, b: int) -> list[np.ndarray]:
    """Least and mean gain of the bead over itself without one of its border sentences."""
    without = []
    if a > 1:
        without += [view.similarity(1, 0, a - 1, b), view.similarity(0, 0, a - 1, b)]
    if b > 1:
        without += [view.similarity(0, 1, a, b - 1), view.similarity(0, 0, a, b - 1)]
    lost = np.stack(without)
    return [here - lost.max(axis=0), here - lost.mean(axis=0)]


def _split(view: _View, here: np.ndarray, a: int, b: int) -> np.ndarray:
    """Lead of the bead over the best way to cut it in two beads."""
    cuts = [
        ((p + q) * view.similarity(0, 0, p, q) + (a + b - p - q) * view.similarity(p, q, a - p, b - q)) / (a + b)
        for p in range(1, a)
        for q in range(1, b)
    ]
    return here - np.max(np.stack(cuts), axis=0)
