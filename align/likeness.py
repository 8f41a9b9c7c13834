"""How alike two documents in different languages are, and who belongs to whom by it.

Candidates are found by document vectors (the mean of the vectors of the first sentences, weighted by the square root of their length, less the
mean of the side); each candidate is then weighed by its sentences, numbers, date and length, and taken when both sides prefer each other by a margin.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from align.looks import Look

NEAREST = 8  # candidates of a document on each side
BLOCK = 1_000  # documents that are compared at a time
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
    """Pairs of two sides of looks, one to one. floor: least likeness; margin: least distance to the next candidate of either document."""
    titles, means = zip(*[_means(side, vectors_of) for side in sides], strict=True)
    ratio = _ratio(sides)
    out = Matches()
    known: dict[tuple[int, int], float] = {}

    def likeness_of(i: int, j: int) -> float:
        if (i, j) not in known:
            a, b = sides[0][i], sides[1][j]
            known[i, j] = likeness(a, b, vectors_of(a.path)[1:], vectors_of(b.path)[1:], float(means[0][i] @ means[1][j]), ratio)
        return known[i, j]

    free = [set(range(len(side))) for side in sides]
    for i, j, confidence in _by_title(sides, titles):
        if likeness_of(i, j) >= floor:
            out.pairs.append((sides[0][i].path, sides[1][j].path, "date and title", confidence))
            free[0].discard(i)
            free[1].discard(j)
    scores = {(i, j): likeness_of(i, j) for i, j in _candidates(means[0], means[1]) if i in free[0] and j in free[1]}
    for i, j, score, lead in _mutual(scores, floor, margin):
        out.pairs.append((sides[0][i].path, sides[1][j].path, "content", confidence_of(score, lead, floor)))
        free[0].discard(i)
        free[1].discard(j)
    _explain(out, sides, scores, free, floor, margin)
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


def _means(side: Sequence[Look], vectors_of: Callable[[str], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors of titles (zero = no title) and of whole documents, less the mean of the side."""
    titles, means = [], []
    for look in side:
        vectors = vectors_of(look.path)
        titles.append(vectors[0])
        means.append(np.average(vectors[1:], axis=0, weights=look.weights))
    whole = _unit(np.stack(means).astype(np.float32))
    return np.stack(titles).astype(np.float32), _unit(whole - whole.sum(0) / (len(whole) + CENTRED))


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def _ratio(sides: Sequence[Sequence[Look]]) -> float:
    """Median length of the second side over that of the first."""
    middle = [float(np.median([max(1, look.characters) for look in side])) for side in sides]
    return float(np.clip(middle[1] / middle[0], 0.5, 2.0))


def _by_title(sides: Sequence[Sequence[Look]], titles: Sequence[np.ndarray]) -> list[tuple[int, int, float]]:
    """(source, target, confidence) of documents of the same day whose titles are each other's nearest, by a margin."""
    days: dict[str, tuple[list[int], list[int]]] = {}
    for k, side in enumerate(sides):
        for i, look in enumerate(side):
            if look.date and titles[k][i].any():
                days.setdefault(look.date[:10], ([], []))[k].append(i)
    out = []
    for day in sorted(days):
        rows, columns = days[day]
        if not rows or not columns:
            continue
        sims = titles[0][rows] @ titles[1][columns].T
        for r, row in enumerate(sims):
            c = int(row.argmax())
            others = np.concatenate([np.delete(row, c), np.delete(sims[:, c], r), [0.0]])
            lead = float(row[c] - others.max())
            if row[c] >= ALIKE_TITLES and lead >= TITLE_MARGIN:
                out.append((rows[r], columns[c], round(0.8 + 0.15 * min(1.0, lead / 0.5), 3)))
    return out


def _candidates(x: np.ndarray, y: np.ndarray) -> Iterable[tuple[int, int]]:
    """The nearest of every document on the other side, both ways, in blocks."""
    found: set[tuple[int, int]] = set()
    for one, two, turned in ((x, y, False), (y, x, True)):
        count = min(NEAREST, len(two))
        for start in range(0, len(one), BLOCK):
            sims = one[start : start + BLOCK] @ two.T
            near = np.argpartition(-sims, count - 1, axis=1)[:, :count]
            found |= {(int(j), start + i) if turned else (start + i, int(j)) for i, row in enumerate(near) for j in row}
    return sorted(found)


def _mutual(scores: dict[tuple[int, int], float], floor: float, margin: float) -> list[tuple[int, int, float, float]]:
    """(source, target, likeness, lead): best of each other by the margin; what is taken makes room for others, until nothing changes."""
    out: list[tuple[int, int, float, float]] = []
    left = {pair: score for pair, score in scores.items() if score >= floor / 2}
    while left:
        best = [_two_best(left, side) for side in (0, 1)]
        sure = []
        for (i, j), score in left.items():
            first = best[0][i][0] == score and best[1][j][0] == score
            lead = score - max(best[0][i][1], best[1][j][1])
            if first and score >= floor and lead >= margin:
                sure.append((i, j, score, lead))
        if not sure:
            break
        out += sure
        gone = {i for i, _, _, _ in sure}, {j for _, j, _, _ in sure}
        left = {(i, j): s for (i, j), s in left.items() if i not in gone[0] and j not in gone[1]}
    return out


def _two_best(scores: dict[tuple[int, int], float], side: int) -> dict[int, tuple[float, float]]:
    """document -> its best and second best likeness (0 = there is none)."""
    out: dict[int, tuple[float, float]] = {}
    for pair, score in scores.items():
        first, second = out.get(pair[side], (0.0, 0.0))
        out[pair[side]] = (score, first) if score > first else (first, max(second, score))
    return out


def _explain(out: Matches, sides: Sequence[Sequence[Look]], scores: dict[tuple[int, int], float], free: Sequence[set[int]], floor: float, margin: float) -> None:
    """Why each document that is left has no partner."""
    by: list[dict[int, list[tuple[float, int]]]] = [{}, {}]
    for (i, j), score in scores.items():
        by[0].setdefault(i, []).append((score, j))
        by[1].setdefault(j, []).append((score, i))
    for k in (0, 1):
        for i in sorted(free[k]):
            near = sorted(by[k].get(i, []), reverse=True)
            if not near:
                out.reasons[sides[k][i].path] = "no document of the other language is near it", None, None
                continue
            score, j = near[0]
            other, value = sides[1 - k][j].path, round(score, 3)
            if score < floor:
                reason = f"the nearest, {other}, is too unlike it ({score:.2f}; {floor:g} was asked for)"
            elif j not in free[1 - k]:
                reason = f"the nearest, {other}, belongs to another document"
            else:
                reason = f"{other} ({score:.2f}) is not ahead of other candidates by {margin:g}"
            out.reasons[sides[k][i].path] = reason, other, value
