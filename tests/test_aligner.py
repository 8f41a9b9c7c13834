"""The aligner: cover, order, mirror, equality with brute force, locks and sections, long gaps, size."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align.aligner import _rival, align_vectors, from_vectors
from align.aligner.band import Band, find_band
from align.aligner.programme import TYPES, Posteriors, Scores, Step, decode, posteriors
from align.aligner.weights import shipped
from align.bitext import AlignOptions, Bead, OptionError, check_cover

sizes = st.integers(0, 9)
seeds = st.integers(0, 99_999)


def unit(rng: np.random.Generator, n: int, d: int = 16) -> np.ndarray:
    v = rng.normal(size=(n, d)).astype(np.float32)
    return v / np.linalg.norm(v, axis=1, keepdims=True)


def noisy(rng: np.random.Generator, x: np.ndarray, noise: float = 0.5) -> np.ndarray:
    y = x + noise * unit(rng, len(x), x.shape[1])
    return y / np.linalg.norm(y, axis=1, keepdims=True)


def keys(beads):
    return [(b.source, b.target) for b in beads]


@settings(max_examples=60, deadline=None)
@given(n=sizes, m=sizes, seed=seeds)
def test_beads_cover_both_sides_once_and_in_order(n, m, seed):
    rng = np.random.default_rng(seed)
    beads = from_vectors(unit(rng, n), unit(rng, m))
    check_cover(beads, n, m)
    assert all(0.0 <= b.score <= 1.0 for b in beads)


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 12), seed=seeds)
def test_swapping_the_sides_mirrors_the_beads(n, seed):
    rng = np.random.default_rng(seed)
    x = unit(rng, n)
    y = noisy(rng, x)[: max(1, n - seed % 3)]
    there = {(b.source, b.target): b.score for b in from_vectors(x, y)}
    back = {(b.target, b.source): b.score for b in from_vectors(y, x)}
    assert set(there) == set(back)
    assert all(math.isclose(there[k], back[k], abs_tol=1e-4) for k in there)


def paths(n: int, m: int):
    """Every sequence of steps from (0, 0) to (n, m); unpaired sources before unpaired targets within a run."""

    def walk(i, j, last):
        if (i, j) == (n, m):
            yield ()
            return
        for t, (a, b) in enumerate(TYPES):
            if i + a <= n and j + b <= m:
                yield from ((("pair", t, i, j), *rest) for rest in walk(i + a, j + b, "pair"))
        if i < n and last != "target":
            yield from ((("source", i, last == "pair"), *rest) for rest in walk(i + 1, j, "source"))
        if j < m:
            yield from ((("target", j, last == "pair"), *rest) for rest in walk(i, j + 1, "target"))

    yield from walk(0, 0, "pair")


def path_score(path, scores: Scores) -> float:
    total = 0.0
    for step in path:
        if step[0] == "pair":
            total += scores.pairs[step[2]][step[1], step[3]]
        else:
            total += getattr(scores, step[0])[step[1]] + (scores.opening if step[2] else 0.0)
    return total


@settings(max_examples=25, deadline=None)
@given(n=st.integers(1, 4), m=st.integers(1, 4), seed=seeds)
def test_posteriors_and_decoding_equal_brute_force(n, m, seed):
    rng = np.random.default_rng(seed)
    band = Band(np.zeros(n + 1, np.int64), np.full(n + 1, m, np.int64), [])
    pairs = [rng.normal(size=(len(TYPES), m + 1)) for _ in range(n + 1)]
    scores = Scores(pairs, rng.normal(size=n), rng.normal(size=m), float(rng.normal()))
    every = list(paths(n, m))
    weights = np.array([math.exp(path_score(p, scores)) for p in every])
    weights /= weights.sum()
    found = posteriors(band, scores)
    for i, t, j in itertools.product(range(n + 1), range(len(TYPES)), range(m + 1)):
        want = sum(w for p, w in zip(every, weights, strict=True) if ("pair", t, i, j) in p)
        assert math.isclose(found.pairs[i][t, j], want, abs_tol=1e-9)
    for name, values in (("source", found.source), ("target", found.target)):
        for k, value in enumerate(values):
            want = sum(w for p, w in zip(every, weights, strict=True) if any(s[0] == name and s[1] == k for s in p))
            assert math.isclose(value, want, abs_tol=1e-9)

    gains = np.linspace(1.0, 2.0, len(TYPES))

    def gain(path):
        return sum(found.pairs[s[2]][s[1], s[3]] * gains[s[1]] if s[0] == "pair" else 0.5 * getattr(found, s[0])[s[1]] for s in path)

    steps = decode(band, found, gains, 0.5)
    got = sum(s.posterior * (gains[TYPES.index((s.a, s.b))] if s.a and s.b else 0.5) for s in steps)
    assert math.isclose(got, max(gain(p) for p in every), abs_tol=1e-9)


@settings(max_examples=20, deadline=None)
@given(seed=seeds)
def test_every_sentence_has_probabilities_that_add_up_to_one(seed):
    rng = np.random.default_rng(seed)
    n, m = 7, 6
    band = Band(np.zeros(n + 1, np.int64), np.full(n + 1, m, np.int64), [])
    scores = Scores([rng.normal(size=(len(TYPES), m + 1)) for _ in range(n + 1)], rng.normal(size=n), rng.normal(size=m), -1.0)
    found = posteriors(band, scores)
    mass = found.source.copy()
    for i, row in enumerate(found.pairs):
        for t, (a, _) in enumerate(TYPES):
            mass[i : i + a] += row[t].sum()
    assert np.allclose(mass, 1.0)


def test_clean_documents_come_out_one_to_one():
    rng = np.random.default_rng(1)
    x = unit(rng, 120, 64)
    assert keys(from_vectors(x, noisy(rng, x))) == [((i,), (i,)) for i in range(120)]


def test_a_long_gap_is_left_unpaired_and_the_rest_is_found():
    rng = np.random.default_rng(2)
    x = unit(rng, 700, 64)
    y = noisy(rng, np.delete(x, range(200, 500), axis=0))
    want = {((i,), (i,)) for i in range(200)} | {((i,), (i - 300,)) for i in range(500, 700)} | {((i,), ()) for i in range(200, 500)}
    assert set(keys(from_vectors(x, y))) == want


def test_joined_sentences_come_out_as_joined():
    rng = np.random.default_rng(3)
    x = unit(rng, 60, 64)
    y = np.array([x[30] + x[31] if i == 30 else x[i if i < 30 else i + 1] for i in range(59)])
    got = keys(from_vectors(x, noisy(rng, y / np.linalg.norm(y, axis=1, keepdims=True), 0.3)))
    assert ((30, 31), (30,)) in got
    assert ((10,), (10,)) in got
    assert ((50,), (49,)) in got


def test_the_band_stays_narrow_in_long_documents_and_holds_the_path():
    rng = np.random.default_rng(4)
    x = unit(rng, 5_000, 64)
    y = noisy(rng, np.delete(x, range(1_000, 1_400), axis=0))
    band = find_band(x, y, 10)
    assert band.cells < 60 * 5_000
    for i in range(5_000):
        j = i if i < 1_000 else 1_000 if i < 1_400 else i - 400
        assert band.lo[i] <= j <= band.hi[i]


def test_locked_pairs_come_out_as_given_and_nothing_crosses_them():
    rng = np.random.default_rng(5)
    x = unit(rng, 20, 32)
    y = noisy(rng, x)
    beads = from_vectors(x, y, locked=[((4, 5), (3,)), ((12,), (14, 15))])
    check_cover(beads, 20, 20)
    assert ((4, 5), (3,)) in keys(beads)
    assert ((12,), (14, 15)) in keys(beads)


def test_a_locked_pair_stays_sure_where_its_sides_do_not_mean_the_same_and_others_do_not():
    x = unit(np.random.default_rng(7), 12)
    y = x.copy()
    y[5] = -x[5]
    texts = [f"This is the sentence with the number {k}." for k in range(12)]
    for locked, doubted in (([], True), ([((5,), (5,))], False)):
        [row] = [f for f in align_vectors(x, y, sentences=(texts, texts), locked=locked, options=AlignOptions(unpaired=-9.0)).found if f.bead.source == (5,)]
        assert row.bead.target == (5,) and (row.bead.score < 0.1) is doubted


def test_no_bead_crosses_a_section_border():
    rng = np.random.default_rng(6)
    x = unit(rng, 20, 32)
    beads = from_vectors(x, noisy(rng, x), sections=[(10, 8)])
    check_cover(beads, 20, 20)
    for b in beads:
        assert not (b.source and b.source[0] < 10 <= b.source[-1])
        assert not (b.target and b.target[0] < 8 <= b.target[-1])
        if b.source and b.target:
            assert (b.source[0] < 10) == (b.target[0] < 8)


@pytest.mark.parametrize("locked", [[((5,), (5,)), ((6,), (4,))], [((5, 7), (5,))], [((), (1,))], [((99,), (1,))]])
def test_locks_that_cannot_be_honoured_are_refused(locked):
    x = unit(np.random.default_rng(7), 10)
    with pytest.raises(OptionError):
        from_vectors(x, x, locked=locked)


def test_an_empty_side_leaves_every_sentence_unpaired_with_score_one():
    x = unit(np.random.default_rng(8), 3)
    assert [(b.source, b.target, b.score) for b in from_vectors(x, np.zeros((0, 16)))] == [((i,), (), 1.0) for i in range(3)]
    assert from_vectors(np.zeros((0, 16)), np.zeros((0, 16))) == []


@pytest.mark.parametrize("bad", [np.zeros(3), np.full((2, 4), np.nan), np.array([["a"]])])
def test_what_is_not_a_matrix_of_numbers_is_refused(bad):
    with pytest.raises(OptionError):
        from_vectors(bad, unit(np.random.default_rng(9), 3, 4))


def test_different_dimensions_are_refused():
    rng = np.random.default_rng(10)
    with pytest.raises(OptionError, match="16 and 8 dimensions"):
        from_vectors(unit(rng, 3, 16), unit(rng, 3, 8))


@pytest.mark.parametrize("wrong", [{"max_join": 0}, {"max_join": 5}, {"band": 1}, {"unpaired": 99}])
def test_options_outside_their_range_are_refused(wrong):
    with pytest.raises(OptionError):
        AlignOptions(**wrong)


def test_max_join_bounds_the_beads():
    rng = np.random.default_rng(11)
    x, y = unit(rng, 30), unit(rng, 25)
    assert all(max(len(b.source), len(b.target)) <= 1 for b in from_vectors(x, y, options=AlignOptions(max_join=1)))


def test_unpaired_option_moves_the_number_of_unpaired_sentences():
    rng = np.random.default_rng(12)
    x, y = unit(rng, 40), unit(rng, 40)
    few, many = (
        sum(not (b.source and b.target) for b in from_vectors(x, y, options=AlignOptions(unpaired=u))) for u in (-8.0, 8.0)
    )
    assert few < many


def test_numbers_and_names_decide_where_vectors_say_nothing():
    same = np.ones((6, 8), np.float32) / math.sqrt(8)
    source = ["Bridge 11 in Orlets.", "Bridge 22 in Kamenka.", "Bridge 33 in Brennach."] * 2
    source = [s.replace("1", str(k // 3 + 4)) for k, s in enumerate(source)]
    target = [s.replace("Bridge", "Мост").replace(" in ", " в ") for s in source]
    result = align_vectors(same, same, sentences=(source, target))
    assert [(f.bead.source, f.bead.target) for f in result.found] == [((i,), (i,)) for i in range(6)]


def test_two_hundred_thousand_sentences_with_vectors_of_a_fake_encoder_are_covered():
    rng = np.random.default_rng(13)
    x = unit(rng, 100_000, 8)
    beads = from_vectors(x, noisy(rng, x, 0.05))
    check_cover(beads, 100_000, 100_000)
    assert sum(b.source == b.target and len(b.source) == 1 for b in beads) > 90_000


def test_many_texts_are_encoded_in_lots_that_say_how_far_they_are(monkeypatch):
    from align import vectors

    class Lengths:
        id, languages = "lengths@1", None

        def encode(self, texts):
            asked.append(len(texts))
            return np.array([[len(t), 1.0] for t in texts])

    asked, said = [], []
    monkeypatch.setattr(vectors, "LOT", 3)
    texts = ["a" * k for k in range(8)]
    found = vectors.encode(texts, Lengths(), said.append)
    assert asked == [3, 3, 2]
    assert np.allclose(found, vectors.unit(np.array([[k, 1.0] for k in range(8)])))
    head = "encoding 8 sentences with lengths@1"
    assert said == [head, f"{head}, 3 are done", f"{head}, 6 are done"]


@pytest.mark.parametrize(
    ("rows", "wanted", "whole"),
    [
        ([[3.0, 4.0]], [[0.6, 0.8]], False),
        ([[0.6, 0.8], [1.0, 0.0]], [[0.6, 0.8], [1.0, 0.0]], True),
        ([[0.6, 0.8], [0.0, 2.0], [np.nan, 1.0], [np.inf, 0.0], [0.0, 0.0]], [[0.6, 0.8], [0.0, 1.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]], False),
    ],
)
def test_rows_of_an_encoder_come_out_with_length_one_or_zero(rows, wanted, whole):
    from align import vectors

    class Raw:
        id, languages, made = "raw@1", None, np.array(rows, np.float32)

        def encode(self, texts):
            return self.made

    found = vectors.encode(["text"] * len(rows), Raw())
    assert found.dtype == np.float32 and np.allclose(found, wanted) and (found is Raw.made) is whole


def test_scores_are_calibrated_and_a_rival_gets_no_more_than_the_bead_leaves():
    rng = np.random.default_rng(14)
    x = unit(rng, 30)
    y = noisy(rng, x, 1.4)[:27]
    plain, shown = replace(shipped("vectors"), calibration=(1.0, 0.0)), replace(shipped("vectors"), calibration=(0.6, 0.8))
    pairs = list(zip(align_vectors(x, y, weights=plain).found, align_vectors(x, y, weights=shown).found, strict=True))
    capped = 0
    for before, after in pairs:
        assert math.isclose(after.bead.score, shown.confidence(before.bead.score), abs_tol=1e-4)
        if before.runner_up is not None:
            alone = shown.confidence(before.runner_up.score)
            assert math.isclose(after.runner_up.score, min(alone, 1.0 - after.bead.score), abs_tol=1e-3)
            capped += alone > 1.0 - after.bead.score + 0.01
    assert capped and any(abs(after.bead.score - before.bead.score) > 0.05 for before, after in pairs)
    assert shipped("text").confidence(0.5) != 0.5


@pytest.mark.parametrize(
    ("pairs", "source", "target", "rival"),
    [
        ([(0, 1, 2, 1, 0.3), (1, 1, 1, 2, 0.2)], 0.1, 0.1, Bead((0, 1), (1,), 0.3)),  # begins before the bead
        ([(0, 1, 2, 1, 0.2), (1, 1, 1, 2, 0.3)], 0.1, 0.1, Bead((1,), (1, 2), 0.3)),
        ([(1, 1, 1, 2, 0.1)], 0.3, 0.2, Bead((1,), (), 0.3)),
        ([(1, 1, 1, 2, 0.1)], 0.2, 0.3, Bead((), (1,), 0.3)),
        ([(2, 2, 1, 1, 0.9)], 0.0, 0.0, None),  # shares no sentence
    ],
)
def test_the_rival_is_the_most_probable_other_bead_of_its_sentences(pairs, source, target, rival):
    band = Band(np.zeros(4, np.int64), np.full(4, 3, np.int64), [])
    chances = Posteriors([np.zeros((len(TYPES), 4)) for _ in range(4)], np.array([0.0, source, 0.9]), np.array([0.9, target, 0.0]), 0.0, 0.0)
    for i, j, a, b, value in [(1, 1, 1, 1, 0.6), *pairs]:
        chances.pairs[i][TYPES.index((a, b)), j] = value
    assert _rival(Step(1, 1, 1, 1, 0.6), chances, band, 0, 0) == rival


def test_lengths_are_measured_against_the_document_and_weigh_in_what_is_joined():
    x = unit(np.random.default_rng(15), 12, 64)
    texts = ["The river rose again near the harbour."] * 12
    found = align_vectors(x, x, sentences=(texts, [f"{t} {t}" for t in texts])).found
    assert all(abs(f.length_ratio - 1.0) < 0.15 for f in found)
    one, two = np.eye(16, dtype=np.float32)[[[0, 1], [0, 2]]]
    [joined, _] = align_vectors(one, two, sentences=(["a" * 100, "a" * 4], ["b" * 100, "b" * 4]), locked=[((0, 1), (0,))]).found
    assert math.isclose(joined.similarity, 10 / math.sqrt(104), abs_tol=0.01)
