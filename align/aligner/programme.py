"""The dynamic programme: a semi-Markov random field over beads, inside a band of nodes.

A path goes from node (0, 0) to (n, m). A bead of type (a, b) leads from (i, j) to (i + a, j + b); an unpaired source sentence to
(i + 1, j), an unpaired target sentence to (i, j + 1). Three states (the last step was a pair, an unpaired source, an unpaired target) let a
run of unpaired sentences cost less than as many lone ones and give every set of beads exactly one path: unpaired sources first.
Posteriors come from forward and backward sums, the answer from maximum expected accuracy on the posteriors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from align.aligner.band import Band

TYPES: tuple[tuple[int, int], ...] = (
    (1, 1), (1, 2), (2, 1), (2, 2), (1, 3), (3, 1), (2, 3), (3, 2), (1, 4), (4, 1), (3, 3), (2, 4), (4, 2),
)  # fmt: skip
LOW = -1e30  # stands for log 0 and keeps sums finite


@dataclass(frozen=True, slots=True)
class Scores:
    """Log scores of steps. pairs[i]: (len(TYPES), width of band row i), beads that start at (i, lo[i] + column).

    source[i], target[j]: an unpaired sentence; `opening` is added to the first of a run of unpaired sentences on either side.
    """

    pairs: list[np.ndarray]
    source: np.ndarray
    target: np.ndarray
    opening: float


@dataclass(frozen=True, slots=True)
class Posteriors:
    """Probabilities in [0, 1]. pairs: as in Scores; source, target: the sentence is unpaired; `log_z`: log of the sum over all paths.

    `opening`: expected number of runs of unpaired sentences.
    """

    pairs: list[np.ndarray]
    source: np.ndarray
    target: np.ndarray
    opening: float
    log_z: float


@dataclass(frozen=True, slots=True)
class _Lattice:
    """Log sums of one direction, one array per band row: after a pair, after an unpaired source, after an unpaired target."""

    pair: list[np.ndarray]
    source: list[np.ndarray]
    target: list[np.ndarray]


def _clip(lo: np.ndarray, hi: np.ndarray, i: int, k: int, b: int) -> tuple[int, int]:
    """Target columns j of row i for which (k, j - b) lies in the band: first and last + 1."""
    return max(int(lo[i]), int(lo[k]) + b), min(int(hi[i]), int(hi[k]) + b) + 1


def _logsum(parts: np.ndarray) -> np.ndarray:
    """log of the sum of exponentials over the first axis."""
    top = parts.max(axis=0)
    return top + np.log(np.exp(parts - top).sum(axis=0))


def _run(start: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """x[j] = log(exp(start[j]) + exp(x[j-1] + steps[j-1])): the sum over runs along one row, without a loop."""
    total = np.concatenate(([0.0], np.cumsum(steps)))
    return np.logaddexp.accumulate(start - total) + total


def forward(band: Band, scores: Scores) -> _Lattice:
    """Log sums of all paths from (0, 0) to each node, by state."""
    lo, hi, n = band.lo, band.hi, len(band.lo) - 1
    out = _Lattice([], [], [])
    every: list[np.ndarray] = []  # any state
    for i in range(n + 1):
        first, width = int(lo[i]), int(hi[i] - lo[i] + 1)
        parts = np.full((len(TYPES), width), LOW)
        for t, (a, b) in enumerate(TYPES):
            if a <= i:
                p, q = _clip(lo, hi, i, i - a, b)
                if p < q:
                    s = slice(p - b - int(lo[i - a]), q - b - int(lo[i - a]))
                    parts[t, p - first : q - first] = every[i - a][s] + scores.pairs[i - a][t, s]
        pair = _logsum(parts)
        if i == 0:
            pair[0] = 0.0
        source = np.full(width, LOW)
        if i:
            p, q = _clip(lo, hi, i, i - 1, 0)
            if p < q:
                s = slice(p - int(lo[i - 1]), q - int(lo[i - 1]))
                before = np.logaddexp(out.pair[i - 1][s] + scores.opening, out.source[i - 1][s])
                source[p - first : q - first] = before + scores.source[i - 1]
        steps = scores.target[first : first + width - 1]
        begin = np.full(width, LOW)
        begin[1:] = np.logaddexp(pair[:-1] + scores.opening, source[:-1]) + steps
        target = _run(begin, steps)
        out.pair.append(pair)
        out.source.append(source)
        out.target.append(target)
        every.append(np.logaddexp(np.logaddexp(pair, source), target))
    return out


def backward(band: Band, scores: Scores) -> _Lattice:
    """Log sums of all paths from each node to (n, m), by the state in which the node was reached."""
    lo, hi, n = band.lo, band.hi, len(band.lo) - 1
    rows: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = [(np.empty(0),) * 3] * (n + 1)
    for i in range(n, -1, -1):
        first, width = int(lo[i]), int(hi[i] - lo[i] + 1)
        parts = np.full((len(TYPES), width), LOW)
        for t, (a, b) in enumerate(TYPES):
            k = i + a
            if k <= n:
                p, q = max(first, int(lo[k]) - b), min(int(hi[i]), int(hi[k]) - b) + 1
                if p < q:
                    ahead = rows[k][0][p + b - int(lo[k]) : q + b - int(lo[k])]
                    parts[t, p - first : q - first] = ahead + scores.pairs[i][t, p - first : q - first]
        pairs = _logsum(parts)
        if i == n:
            pairs[-1] = np.logaddexp(pairs[-1], 0.0)
        steps = scores.target[first : first + width - 1]
        target = _run(pairs[::-1], steps[::-1])[::-1]
        along = np.full(width, LOW)  # the next step is an unpaired target
        along[:-1] = target[1:] + steps
        down = np.full(width, LOW)  # the next step is an unpaired source
        if i < n:
            p, q = max(first, int(lo[i + 1])), min(int(hi[i]), int(hi[i + 1])) + 1
            if p < q:
                down[p - first : q - first] = rows[i + 1][1][p - int(lo[i + 1]) : q - int(lo[i + 1])] + scores.source[i]
        unpaired = np.logaddexp(along, down)
        rows[i] = (np.logaddexp(pairs, unpaired + scores.opening), np.logaddexp(pairs, unpaired), target)
    return _Lattice([r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows])


def posteriors(band: Band, scores: Scores) -> Posteriors:
    """Probability of every bead in the band; each sentence's probabilities (its beads, unpaired) add up to 1."""
    lo, hi, n, m = band.lo, band.hi, len(band.lo) - 1, len(scores.target)
    ahead, behind = forward(band, scores), backward(band, scores)
    log_z = float(behind.pair[0][0])
    source, target, opening = np.zeros(n), np.zeros(m), 0.0
    pairs = []
    for i in range(n + 1):
        first, width = int(lo[i]), int(hi[i] - lo[i] + 1)
        every = np.logaddexp(np.logaddexp(ahead.pair[i], ahead.source[i]), ahead.target[i]) - log_z
        row = np.zeros((len(TYPES), width))
        for t, (a, b) in enumerate(TYPES):
            k = i + a
            if k <= n:
                p, q = max(first, int(lo[k]) - b), min(int(hi[i]), int(hi[k]) - b) + 1
                if p < q:
                    rest = behind.pair[k][p + b - int(lo[k]) : q + b - int(lo[k])]
                    s = slice(p - first, q - first)
                    row[t, s] = np.exp(every[s] + scores.pairs[i][t, s] + rest)
        pairs.append(row)
        fresh, going = ahead.pair[i] + scores.opening - log_z, ahead.source[i] - log_z
        if width > 1:
            rest = behind.target[i][1:] + scores.target[first : first + width - 1]
            opened = np.exp(fresh[:-1] + rest)
            target[first : first + width - 1] += opened + np.exp(np.logaddexp(going, ahead.target[i] - log_z)[:-1] + rest)
            opening += float(opened.sum())
        if i < n:
            p, q = max(first, int(lo[i + 1])), min(int(hi[i]), int(hi[i + 1])) + 1
            if p < q:
                s = slice(p - first, q - first)
                rest = behind.source[i + 1][p - int(lo[i + 1]) : q - int(lo[i + 1])] + scores.source[i]
                opened = np.exp(fresh[s] + rest)
                source[i] = float((opened + np.exp(going[s] + rest)).sum())
                opening += float(opened.sum())
    return Posteriors(pairs, np.minimum(source, 1.0), np.minimum(target, 1.0), opening, log_z)


@dataclass(frozen=True, slots=True)
class Step:
    """A bead on the best path: it starts at (i, j), takes a and b sentences, and has a posterior."""

    i: int
    j: int
    a: int
    b: int
    posterior: float


def decode(band: Band, found: Posteriors, gains: np.ndarray, unpaired_gain: float) -> list[Step]:
    """The path of greatest expected gain: posterior times gains[t] for a bead, times `unpaired_gain` for an unpaired sentence."""
    lo, hi, n = band.lo, band.hi, len(band.lo) - 1
    source, target = found.source * unpaired_gain, found.target * unpaired_gain
    best: list[np.ndarray] = []
    for i in range(n + 1):
        first, width = int(lo[i]), int(hi[i] - lo[i] + 1)
        parts = np.full((len(TYPES) + 1, width), LOW)
        for t, (a, b) in enumerate(TYPES):
            if a <= i:
                p, q = _clip(lo, hi, i, i - a, b)
                if p < q:
                    s = slice(p - b - int(lo[i - a]), q - b - int(lo[i - a]))
                    parts[t, p - first : q - first] = best[i - a][s] + found.pairs[i - a][t, s] * gains[t]
        if i:
            p, q = _clip(lo, hi, i, i - 1, 0)
            if p < q:
                parts[-1, p - first : q - first] = best[i - 1][p - int(lo[i - 1]) : q - int(lo[i - 1])] + source[i - 1]
        top = parts.max(axis=0)
        if i == 0:
            top[0] = 0.0
        total = np.concatenate(([0.0], np.cumsum(target[first : first + width - 1])))
        best.append(np.maximum.accumulate(top - total) + total)
    return _trace(band, found, gains, (source, target), best)


def _trace(
    band: Band, found: Posteriors, gains: np.ndarray, unpaired: tuple[np.ndarray, np.ndarray], best: list[np.ndarray]
) -> list[Step]:
    """Walk back from (n, m), at each node along the step that gave its value."""
    lo, hi = band.lo, band.hi
    i, j = len(lo) - 1, len(found.target)
    steps: list[Step] = []
    while i or j:
        options: list[tuple[float, int, int, float]] = []
        if j > lo[i]:
            options.append((best[i][j - 1 - lo[i]] + unpaired[1][j - 1], 0, 1, float(found.target[j - 1])))
        if i and lo[i - 1] <= j <= hi[i - 1]:
            options.append((best[i - 1][j - lo[i - 1]] + unpaired[0][i - 1], 1, 0, float(found.source[i - 1])))
        for t, (a, b) in enumerate(TYPES):
            if a <= i and lo[i - a] <= j - b <= hi[i - a]:
                column = j - b - lo[i - a]
                posterior = float(found.pairs[i - a][t, column])
                options.append((best[i - a][column] + posterior * gains[t], a, b, posterior))
        _, a, b, posterior = max(options, key=lambda option: option[0])
        i, j = i - a, j - b
        steps.append(Step(int(i), int(j), a, b, min(posterior, 1.0)))
    return steps[::-1]
