"""Vectors -> beads: band, features, dynamic programme, trained weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from align import vectors
from align.aligner.band import Band, find_band
from align.aligner.problem import Scale, prepare, scale_of
from align.aligner.programme import TYPES, Posteriors, Step, decode, posteriors
from align.aligner.surface import Side, look
from align.aligner.weights import Weights, score, shipped
from align.bitext import AlignOptions, Bead, OptionError

Pair = tuple[Sequence[int], Sequence[int]]
GAINS = np.array([((a + b) / 2.0) ** 0.5 for a, b in TYPES])  # what a right bead is worth; chosen on the development sets
UNPAIRED_GAIN = 0.5
STRANGE = 0.5  # standardised similarity under which a bead is less sure than its place among the others makes it: below 0.25 none was right
SHORT = 20  # characters of a side; the vectors of shorter ones say little ("You're welcome.")


@dataclass(frozen=True, slots=True)
class Found:
    """A bead with its evidence: cosine of its windows (None when a side is empty), length ratio (1.0 = as expected) and best rival."""

    bead: Bead
    similarity: float | None = None
    length_ratio: float | None = None
    runner_up: Bead | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """All beads in order, covering both sides, and what cosines mean in these documents."""

    found: tuple[Found, ...]
    scale: Scale
    weights: str


def align_vectors(
    x: np.ndarray,
    y: np.ndarray,
    *,
    sentences: tuple[Sequence[str], Sequence[str]] | None = None,
    options: AlignOptions | None = None,
    locked: Sequence[Pair] = (),
    sections: Sequence[tuple[int, int]] = (),
    weights: Weights | None = None,
) -> Result:
    """Beads between unit vectors x (n, d) and y (m, d); an empty side leaves every sentence of the other unpaired, with score 1.

    sentences: their texts, for lengths, numbers, names and edges; None = vectors alone. locked: beads that must come out as given (score 1).
    sections: pairs (i, j): source sentence i and target sentence j begin the same section, no bead crosses that border.
    OptionError: shapes that do not fit, ids out of range, locked beads or sections that cross each other.
    """
    options = options or AlignOptions()
    n, m = len(x), len(y)
    if n and m and x.shape[1] != y.shape[1]:
        raise OptionError(f"the vectors have {x.shape[1]} and {y.shape[1]} dimensions; expected the same encoder on both sides")
    if sentences is not None and (len(sentences[0]), len(sentences[1])) != (n, m):
        raise OptionError(f"{len(sentences[0])} and {len(sentences[1])} sentences for {n} and {m} vectors; expected one vector a sentence")
    weights = weights or shipped("text" if sentences is not None else "vectors")
    surfaces = None if sentences is None else (look(sentences[0]), look(sentences[1]))
    band = find_band(x, y, options.band)
    scale = scale_of(x, y, band, None if surfaces is None else (surfaces[0].lengths, surfaces[1].lengths))
    found: list[Found] = []
    for i0, i1, j0, j1, lock in _parts(n, m, locked, sections):
        if lock:
            found.append(Found(Bead(tuple(range(i0, i1)), tuple(range(j0, j1)), 1.0)))
        elif (i0, i1, j0, j1) == (0, n, 0, m):
            found += _solve(x, y, band, surfaces, scale, options, weights, 0, 0)
        else:
            parts = None if surfaces is None else (surfaces[0].part(i0, i1), surfaces[1].part(j0, j1))
            u, v = x[i0:i1], y[j0:j1]
            found += _solve(u, v, find_band(u, v, options.band), parts, scale, options, weights, i0, j0)
    found = [_calibrated(f, weights) for f in found]
    found = [_measure(f, x, y, surfaces, scale) for f in found]
    if weights.calibrated:
        held = {tuple(source) for source, _ in locked}
        found = [f if f.bead.source in held else _doubted(f, surfaces, scale) for f in found]
    return Result(tuple(found), scale, weights.id)


def from_vectors(
    x: np.ndarray,
    y: np.ndarray,
    *,
    sentences: tuple[Sequence[str], Sequence[str]] | None = None,
    options: AlignOptions | None = None,
    locked: Sequence[Pair] = (),
    sections: Sequence[tuple[int, int]] = (),
) -> list[Bead]:
    """Beads between the user's own sentence vectors, shapes (n, d) and (m, d); they are scaled to length 1. See `align_vectors`."""
    left, right = vectors.checked(x, "x"), vectors.checked(y, "y")
    return [f.bead for f in align_vectors(left, right, sentences=sentences, options=options, locked=locked, sections=sections).found]


def _parts(
    n: int, m: int, locked: Sequence[Pair], sections: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int, int, int, bool]]:
    """Rectangles (i0, i1, j0, j1, is locked) between the borders that are given, in order."""
    spans = [_span(pair, n, m) for pair in locked]
    for i, j in sections:
        if not (0 <= i <= n and 0 <= j <= m):
            raise OptionError(f"section border ({i}, {j}) is outside 0..{n} and 0..{m}")
        spans.append((i, i, j, j))
    i = j = 0
    for i0, i1, j0, j1 in sorted(set(spans)):
        if i0 < i or j0 < j:
            raise OptionError(f"the locked pair or section at source {i0}, target {j0} crosses one before it, which ends at {i}, {j}")
        if (i0, j0) != (i, j):
            yield i, i0, j, j0, False
        if i1 > i0 or j1 > j0:
            yield i0, i1, j0, j1, True
        i, j = i1, j1
    if (i, j) != (n, m) or not (n or m):
        yield i, n, j, m, False


def _span(pair: Pair, n: int, m: int) -> tuple[int, int, int, int]:
    for ids, count in zip(pair, (n, m), strict=True):
        if not ids or list(ids) != list(range(ids[0], ids[0] + len(ids))) or ids[0] < 0 or ids[-1] >= count:
            raise OptionError(f"locked pair {list(pair[0])}:{list(pair[1])}; expected consecutive ids on both sides, below {n} and {m}")
    return pair[0][0], pair[0][-1] + 1, pair[1][0], pair[1][-1] + 1


def _solve(
    x: np.ndarray, y: np.ndarray, band: Band, surfaces: tuple[Side, Side] | None, scale: Scale, options: AlignOptions, weights: Weights, i0: int, j0: int
) -> list[Found]:
    """Beads of one part, their ids shifted by i0 and j0."""
    n, m = len(x), len(y)
    if not n or not m:
        return [Found(Bead((i0 + i,), (), 1.0)) for i in range(n)] + [Found(Bead((), (j0 + j,), 1.0)) for j in range(m)]
    problem = prepare(x, y, band, surfaces, scale)
    chances = posteriors(band, score(problem, weights, options.max_join, options.unpaired))
    steps = decode(band, chances, GAINS, UNPAIRED_GAIN)
    return [Found(_bead(s, i0, j0), runner_up=_rival(s, chances, band, i0, j0)) for s in steps]


def _calibrated(found: Found, weights: Weights) -> Found:
    """The same with confidences instead of posteriors; a rival never gets more than the bead leaves."""
    bead, rival = found.bead, found.runner_up
    score = weights.confidence(bead.score)
    if rival is not None:
        rival = Bead(rival.source, rival.target, round(min(weights.confidence(rival.score), 1.0 - score), 6))
    return Found(Bead(bead.source, bead.target, round(score, 6)), found.similarity, found.length_ratio, rival)


def _bead(step: Step, i0: int, j0: int) -> Bead:
    i, j = step.i + i0, step.j + j0
    return Bead(tuple(range(i, i + step.a)), tuple(range(j, j + step.b)), round(step.posterior, 6))


def _rival(step: Step, chances: Posteriors, band: Band, i0: int, j0: int) -> Bead | None:
    """The most probable other bead that shares a sentence with this one; None below one in ten thousand."""
    best, top = None, 1e-4
    for i in range(max(0, step.i - 3), min(len(band.lo) - 1, step.i + max(step.a, 1) - 1) + 1):
        low, width = int(band.lo[i]), chances.pairs[i].shape[1]
        c0, c1 = max(0, step.j - 6 - low), min(width, step.j + 7 - low)
        if c0 >= c1:
            continue
        block = chances.pairs[i][:, c0:c1]
        for flat in np.argsort(block, axis=None)[::-1][:4]:
            t, column = divmod(int(flat), block.shape[1])
            value = float(block[t, column])
            if value <= top:
                break
            (a, b), j = TYPES[t], low + c0 + column
            same = (i, j, a, b) == (step.i, step.j, step.a, step.b)
            meets = (i < step.i + step.a and step.i < i + a) or (j < step.j + step.b and step.j < j + b)
            if meets and not same:
                best, top = Step(i, j, a, b, min(value, 1.0)), value
                break
    for side, ids in ((chances.source, range(step.i, step.i + step.a)), (chances.target, range(step.j, step.j + step.b))):
        for k in ids:
            if side[k] > top and step.a and step.b:
                one = (k, step.j, 1, 0) if side is chances.source else (step.i, k, 0, 1)
                best, top = Step(*one, float(side[k])), float(side[k])
    return None if best is None else _bead(best, i0, j0)


def _measure(found: Found, x: np.ndarray, y: np.ndarray, surfaces: tuple[Side, Side] | None, scale: Scale) -> Found:
    """The same with similarity and length ratio, for a bead with two sides."""
    source, target = list(found.bead.source), list(found.bead.target)
    if not source or not target:
        return found
    sides = []
    for k, (v, ids) in enumerate(((x, source), (y, target))):
        lengths = np.ones(len(ids)) if surfaces is None else surfaces[k].lengths[ids]
        total = (v[ids] * vectors.pooling_weights(lengths)[:, None]).sum(axis=0)
        sides.append(total / max(float(np.linalg.norm(total)), 1e-6))
    ratio = None
    if surfaces is not None:
        ratio = float((surfaces[1].lengths[target].sum() + 1.0) / (surfaces[0].lengths[source].sum() * scale.ratio + 1.0))
    similarity = max(-1.0, min(1.0, float(sides[0] @ sides[1])))
    return Found(found.bead, round(similarity, 4), None if ratio is None else round(ratio, 3), found.runner_up)


def _doubted(found: Found, surfaces: tuple[Side, Side] | None, scale: Scale) -> Found:
    """The same, with less confidence where the sides do not mean the same: what stands between sure neighbours may still be two different sentences."""
    if found.similarity is None or surfaces is None:
        return found
    bead = found.bead
    limit = max(0.0, (found.similarity - scale.low) / scale.gap) / STRANGE
    if limit >= bead.score or min(side.lengths[list(ids)].sum() for side, ids in zip(surfaces, (bead.source, bead.target), strict=True)) < SHORT:
        return found
    return replace(found, bead=replace(bead, score=round(limit, 6)))
