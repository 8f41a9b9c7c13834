"""Scores computed by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from align.bitext import Bead, OptionError
from align.metrics import AlignmentScores, alignment_scores, calibration_error, merge_scores

GOLD = [Bead((0,), (0,)), Bead((1, 2), (1,)), Bead((3,), ()), Bead((), (2,)), Bead((4,), (3,))]


def test_hand_computed_scores():
    predicted = [Bead((0,), (0,)), Bead((1,), (1,)), Bead((2,), ()), Bead((3,), (2,)), Bead((4,), (3,))]
    s = alignment_scores(GOLD, predicted)
    assert (s.strict, s.predicted, s.gold) == (2, 4, 3)
    assert math.isclose(s.strict_precision, 2 / 4)
    assert math.isclose(s.strict_recall, 2 / 3)
    assert math.isclose(s.strict_f1, 4 / 7)
    assert math.isclose(s.lax_precision, 3 / 4)
    assert math.isclose(s.lax_recall, 1.0)
    assert (s.null_predicted, s.null_gold, s.null_right) == (1, 2, 0)
    assert s.null_f1 == 0.0


def test_sentences_that_the_gold_does_not_name_count_neither_way():
    s = alignment_scores([Bead((0,), (0,))], [Bead((0,), (0,)), Bead((9,), ())])
    assert (s.null_predicted, s.null_precision, s.strict_f1) == (0, 1.0, 1.0)


def test_nothing_predicted_scores_nothing_and_nothing_to_find_scores_all():
    assert alignment_scores(GOLD, []).strict_f1 == 0.0
    assert alignment_scores([], []).strict_f1 == 1.0


@given(st.permutations(GOLD))
def test_gold_against_gold_is_one(beads):
    s = alignment_scores(GOLD, beads)
    assert (s.strict_f1, s.lax_f1, s.null_f1) == (1.0, 1.0, 1.0)


def test_documents_are_merged_by_their_counts():
    one = alignment_scores(GOLD, GOLD)
    two = alignment_scores([Bead((0,), (0,))], [])
    assert merge_scores([one, two]) == AlignmentScores(3, 4, 3, 3, 3, 2, 2, 2)


def test_calibration_error_by_hand():
    predicted = [Bead((0,), (0,), 0.9), Bead((1,), (1,), 0.9), Bead((4,), (3,), 0.25)]
    assert math.isclose(calibration_error([(GOLD, predicted)]), (abs(1.8 - 1) + abs(0.25 - 1)) / 3)
    assert calibration_error([]) == 0.0
    alone = [Bead((1,), (1,), 0.05), Bead((0,), (0,), 0.105), Bead((3,), (), 0.95), Bead((), (2,), 1.0)]  # the first two in bins of their own; pairs of nothing are right too
    assert math.isclose(calibration_error([(GOLD, alone)]), (0.05 + abs(0.105 - 1) + abs(1.95 - 2)) / 4)


def test_a_bead_that_is_there_twice_counts_once():
    scores = alignment_scores([Bead((0,), (0,))], [Bead((0,), (0,))] * 3)
    assert (scores.strict, scores.predicted, scores.lax_predicted) == (1, 1, 1)


def test_no_bins_are_refused():
    with pytest.raises(OptionError, match="1 or more"):
        calibration_error([], bins=0)
