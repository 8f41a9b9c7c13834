"""How alike two documents in different languages are, and who belongs to whom by it.

Candidates are found by document vectors (the mean of the vectors of the first sentences, weighted by the square root of their length, less the
mean of the side); each candidate is then weighed by its sentences, numbers, date and length, and taken when both sides prefer each other by a margin.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from align.looks import Look

NEAREST = 8  # candidates of a document on each side
BLOCK = 1_000  # documents at a time
CELLS = 1_000_000  # similarities at a time
ALIKE_TITLES, TITLE_MARGIN = 0.5, 0.1  # cosine of titles of the same day
CENTRED = 30  # documents of a side that count as much as the assumption that its mean is zero
LEAST_NUMBERS = 3
# Weights of the parts of likeness; those that two documents do not have are left out.
SENTENCES, WHOLE, FIGURES, DAY = 0.45, 0.25, 0.25, 0.05


@dataclass(slots=True)
class Matches:
    """pairs: (source path, target path, how, confidence in [0, 1]); reasons: path -> (why not, best partner, its likeness) of those without."""

    pairs: list[tuple[str, str, Literal["date and title", "content"], float]] = field(default_factory=list)
    reasons: dict[str, tuple[str, str | None, float | None]] = field(default_factory=dict)


def match(sides: Sequence[Sequence[Look]], vectors_of: Callable[[str], np.ndarray], floor: float, margin: float) -> Matches:
    """Pairs of two sides of looks, one to one. floor: least likeness; margin: least distance to the next candidate of either document.

    In memory are one vector a document, those of dated titles and the candidates; the vectors of sentences are asked for pair by pair.
    """
    titles, means = zip(*[_means(side, vectors_of) for side in sides], strict=True)
    ratio = _ratio(sides)
    out = Matches()

    def likeness_of(i: int, j: int) -> float:
        a, b = sides[0][i], sides[1][j]
        return likeness(a, b, vectors_of(a.path)[1:], vectors_of(b.path)[1:], float(means[0][i] @ means[1][j]), ratio)

    free = [np.ones(len(side), bool) for side in sides]
    for i, j, confidence in _by_title(sides, titles):
        if likeness_of(i, j) >= floor:
            out.pairs.append((sides[0][i].path, sides[1][j].path, "date and title", confidence))
            free[0][i] = free[1][j] = False
    near = _candidates(means[0], means[1])
    near = near[free[0][near[:, 0]] & free[1][near[:, 1]]]
    scores = np.fromiter((likeness_of(int(i), int(j)) for i, j in near), float, len(near))
    for i, j, score, lead in _mutual(near, scores, floor, margin):
        out.pairs.append((sides[0][i].path, sides[1][j].path, "content", confidence_of(score, lead, floor)))
        free[0][i] = free[1][j] = False
    _explain(out, sides, near, scores, free, floor, margin)
    return out


def likeness(a: Look, b: Look, x: np.ndarray, y: np.ndarray, whole: float, ratio: float) -> float:
    """In [0, 1]: 1 = surely versions. x, y: unit vectors of their first sentences; whole: cosine of the documents; ratio: usual length of b over a."""
    parts = [(WHOLE, max(0.0, whole))]
    if len(x) and len(y):
        sims = x @ y.T
        both = np.average(sims.max(1), weights=a.weights), np.average(sims.max(0), weights=b.weights)
        parts.append((SENTENCES, float(np.clip(min(both) * 1.15, 0.0, 1.0))))
    one, two = Counter(a.numbers), Counter(b.numbers)
    if min(one.total(), two.total()) >= LEAST_NUMBERS:
        parts.append((FIGURES, (one & two).total() / (one | two).total()))
    if a.date and b.date:
        parts.append((DAY, float(a.date[:10] == b.date[:10])))
    length = abs(float(np.log(max(b.characters, 1) / max(a.characters, 1) / ratio)))
    return sum(w * v for w, v in parts) / sum(w for w, _ in parts) * float(np.exp(-max(0.0, length - 0.2)))


def confidence_of(score: float, lead: float, floor: float) -> float:
    """Of a pair by content: grows with its likeness over the floor and with its lead over the next candidate (1 = there was none)."""
    above = min(1.0, max(0.0, score - floor) / max(1e-6, 0.85 - floor))
    return round(0.5 + 0.25 * above + 0.24 * min(1.0, lead / 0.15), 3)


def _means(side: Sequence[Look], vectors_of: Callable[[str], np.ndarray]) -> tuple[dict[int, np.ndarray], np.ndarray]:
    """Unit vectors of the titles of dated documents, by number; and float32 (n, d) of whole documents, less the mean of the side."""
    titles: dict[int, np.ndarray] = {}
    whole = np.zeros((0, 0), np.float32)
    for k, look in enumerate(side):
        vectors = vectors_of(look.path)
        if not k:
            whole = np.zeros((len(side), vectors.shape[1]), np.float32)
        if look.date and vectors[0].any():
            titles[k] = vectors[0].copy()
        np.matmul(np.array(look.weights, np.float32), vectors[1:], out=whole[k])
    _to_unit(whole)
    whole -= whole.sum(0, dtype=np.float64) / (len(whole) + CENTRED)
    _to_unit(whole)
    return titles, whole


def _to_unit(rows: np.ndarray) -> None:
    """In place, in blocks."""
    for start in range(0, len(rows), BLOCK):
        rows[start : start + BLOCK] /= np.maximum(np.linalg.norm(rows[start : start + BLOCK], axis=1, keepdims=True), 1e-9)


def _ratio(sides: Sequence[Sequence[Look]]) -> float:
    """Median length of the second side over that of the first."""
    middle = [float(np.median([max(1, look.characters) for look in side])) for side in sides]
    return float(np.clip(middle[1] / middle[0], 0.5, 2.0))


def _by_title(sides: Sequence[Sequence[Look]], titles: Sequence[Mapping[int, np.ndarray]]) -> list[tuple[int, int, float]]:
    """(source, target, confidence) of documents of the same day whose titles are each other's nearest, by a margin."""
    days: dict[str, tuple[list[int], list[int]]] = {}
    for k, side in enumerate(sides):
        for i in titles[k]:
            days.setdefault((side[i].date or "")[:10], ([], []))[k].append(i)
    out = []
    for day in sorted(days):
        rows, columns = days[day]
        if not rows or not columns:
            continue
        sims = np.stack([titles[0][i] for i in rows]) @ np.stack([titles[1][j] for j in columns]).T
        for r, row in enumerate(sims):
            c = int(row.argmax())
            others = np.concatenate([np.delete(row, c), np.delete(sims[:, c], r), [0.0]])
            lead = float(row[c] - others.max())
            if row[c] >= ALIKE_TITLES and lead >= TITLE_MARGIN:
                out.append((rows[r], columns[c], round(0.8 + 0.15 * min(1.0, lead / 0.5), 3)))
    return out


def _candidates(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """int64 (k, 2), sorted: the NEAREST of every document on the other side, both ways; similarities are made and forgotten a block at a time."""
    found = []
    for one, two, turned in ((x, y, False), (y, x, True)):
        count = min(NEAREST, len(two))
        block = max(1, CELLS // max(1, len(two)))
        for start in range(0, len(one), block):
            sims = one[start : start + block] @ two.T
            near = np.argpartition(sims, len(two) - count, axis=1)[:, len(two) - count :]
            rows = np.repeat(np.arange(start, start + len(near)), count)
            found.append(near.ravel() * len(y) + rows if turned else rows * len(y) + near.ravel())  # a number for a pair
    codes = np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)
    return np.stack([codes // max(1, len(y)), codes % max(1, len(y))], axis=1)


def _mutual(near: np.ndarray, scores: np.ndarray, floor: float, margin: float) -> list[tuple[int, int, float, float]]:
    """(source, target, likeness, lead): best of each other by the margin; what is taken makes room for others, until nothing changes."""
    out: list[tuple[int, int, float, float]] = []
    likely = scores >= floor / 2
    near, scores = near[likely], scores[likely]
    while len(near):
        best = [_two_best(near[:, side], scores) for side in (0, 1)]
        lead = scores - np.maximum(best[0][1], best[1][1])
        sure = (best[0][0] == scores) & (best[1][0] == scores) & (scores >= floor) & (lead >= margin) & (lead > 0)
        if not sure.any():
            break
        out += [(int(i), int(j), float(s), float(d)) for (i, j), s, d in zip(near[sure], scores[sure], lead[sure], strict=True)]
        left = ~np.isin(near[:, 0], near[sure, 0]) & ~np.isin(near[:, 1], near[sure, 1])
        near, scores = near[left], scores[left]
    return out


def _two_best(documents: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For every candidate the best and second best likeness that its document has (0 = there is none)."""
    order = np.lexsort((-scores, documents))
    ranked, values = documents[order], scores[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    sizes = np.diff(np.r_[starts, len(ranked)])
    second = np.where(sizes > 1, values[np.minimum(starts + 1, len(values) - 1)], 0.0)
    out = np.empty((2, len(scores)))
    out[:, order] = np.repeat([values[starts], second], sizes, axis=1)
    return out[0], out[1]


def _explain(
    out: Matches, sides: Sequence[Sequence[Look]], near: np.ndarray, scores: np.ndarray, free: Sequence[np.ndarray], floor: float, margin: float
) -> None:
    """Why each document that is left has no partner."""
    for k in (0, 1):
        best = np.full(len(sides[k]), -1)
        order = np.lexsort((near[:, 1 - k], scores))  # the likeliest of a document comes last
        best[near[order, k]] = order
        for i in np.flatnonzero(free[k]).tolist():
            path = sides[k][i].path
            if best[i] < 0:
                out.reasons[path] = "no document of the other language is near it", None, None
                continue
            score, j = float(scores[best[i]]), int(near[best[i], 1 - k])
            other = sides[1 - k][j].path
            if score < floor:
                reason = f"the nearest, {other}, is too unlike it ({score:.2f}; {floor:g} was asked for)"
            elif not free[1 - k][j]:
                reason = f"the nearest, {other}, belongs to another document"
            else:
                reason = f"{other} ({score:.2f}) is not ahead of other candidates by {margin:g}"
            out.reasons[path] = reason, other, round(score, 3)
