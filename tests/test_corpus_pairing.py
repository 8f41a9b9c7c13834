"""The arithmetic of pairing by content against plain loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from align import likeness
from align.likeness import NEAREST, _candidates, _means, _mutual, _two_best
from align.looks import Look


def unit(rng, n, d=12):
    rows = rng.normal(size=(n, d)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize(("n", "m", "cells"), [(30, 20, 50), (30, 20, 10_000), (5, 3, 1), (1, 1, 100), (40, 1, 7)])
def test_candidates_are_the_nearest_of_every_document_both_ways_in_blocks_of_any_size(monkeypatch, n, m, cells):
    monkeypatch.setattr(likeness, "CELLS", cells)
    rng = np.random.default_rng(n)
    x, y = unit(rng, n), unit(rng, m)
    sims = x @ y.T
    wanted = {(i, int(j)) for i in range(n) for j in np.argsort(-sims[i])[:NEAREST]} | {(int(i), j) for j in range(m) for i in np.argsort(-sims[:, j])[:NEAREST]}
    assert [tuple(pair) for pair in _candidates(x, y).tolist()] == sorted(wanted)


def plain_mutual(scores, floor, margin):
    """Pairs taken while there are two that prefer each other by the margin."""
    left, out = {p: s for p, s in scores.items() if s >= floor / 2}, []
    while True:
        sure = []
        for (i, j), s in left.items():
            others = [v for p, v in left.items() if p != (i, j) and (p[0] == i or p[1] == j)]
            lead = s - max(others, default=0.0)
            if s >= floor and lead >= margin and lead > 0:
                sure.append((i, j, s, lead))
        if not sure:
            return out
        out += sure
        gone = {i for i, *_ in sure}, {j for _, j, *_ in sure}
        left = {p: s for p, s in left.items() if p[0] not in gone[0] and p[1] not in gone[1]}


tables = st.dictionaries(st.tuples(st.integers(0, 5), st.integers(0, 5)), st.integers(0, 20).map(lambda k: k / 20), max_size=20)


@given(scores=tables, margin=st.sampled_from([0.0, 0.02, 0.1]))
def test_mutual_pairs_are_those_of_plain_loops_and_one_to_one(scores, margin):
    pairs = sorted(scores)
    found = _mutual(np.array(pairs, int).reshape(-1, 2), np.array([scores[p] for p in pairs], float), 0.5, margin)
    assert sorted(found) == sorted(plain_mutual(scores, 0.5, margin))
    assert len({i for i, *_ in found}) == len({j for _, j, *_ in found}) == len(found)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), min_size=1, max_size=20))
def test_two_best_of_each_document(values):
    documents, scores = np.array([d for d, _ in values]), np.array([s / 10 for _, s in values])
    ranked = {d: sorted(scores[documents == d], reverse=True) + [0.0] for d in documents.tolist()}
    best, second = _two_best(documents, scores)
    assert list(zip(best, second, strict=True)) == [(ranked[d][0], ranked[d][1]) for d in documents.tolist()]


def test_documents_are_weighted_means_less_the_mean_of_their_side_and_only_dated_titles_are_kept(monkeypatch):
    monkeypatch.setattr(likeness, "BLOCK", 2)
    rng = np.random.default_rng(7)
    vectors = {str(k): np.concatenate([unit(rng, 1) * (k != 1), unit(rng, 3)]) for k in range(5)}
    side = [Look(str(k), 1, 1, weights=(1.0, 2.0, float(k)), date="2021-11-10" if k < 3 else None) for k in range(5)]
    titles, whole = _means(side, vectors.__getitem__)
    assert sorted(titles) == [0, 2] and all((titles[k] == vectors[str(k)][0]).all() for k in titles)
    plain = np.array([np.average(vectors[str(k)][1:], axis=0, weights=side[k].weights) for k in range(5)])
    plain /= np.linalg.norm(plain, axis=1, keepdims=True)
    plain -= plain.sum(0) / (5 + likeness.CENTRED)
    plain /= np.linalg.norm(plain, axis=1, keepdims=True)
    assert whole.dtype == np.float32 and whole == pytest.approx(plain, abs=1e-5)
