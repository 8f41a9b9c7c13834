"""Editing: every operation by example, and that no sequence of them loses a sentence or an undo."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align import editing
from align.bitext import AlignOptions, Bead, Bitext, Evidence, OptionError, Row, check_cover
from align.documents import document_from_text
from align.editing import accept, edit, lock, merge, move, realign, reject, set_note, shift, split, unlock, unpair
from align.history import History
from align.rows import SIDES, is_original, joined, part_of, row_from_found, sentences_of
from align.sentences import document_from_sentences
from align.sentences import split as sentences_in
from models.composed import CachedEncoder

ENGLISH = "The river rose. Nobody slept\nthat night. The bridge was closed.\n\nWe thank the crews."
RUSSIAN = "Вода поднялась. Той ночью никто не спал. Мост закрыли. Спасибо всем."


def made(source, target, beads) -> Bitext:
    """A bitext of two texts as the workflow makes it, with these beads: lists of (source ids, target ids)."""
    from align.aligner import Found

    versions = []
    for text, code in ((source, "en"), (target, "ru")):
        document = document_from_text(text, language=code) if isinstance(text, str) else document_from_sentences(text, language=code)[0]
        versions.append((document, sentences_in(document, code) if isinstance(text, str) else document_from_sentences(text)[1]))
    (left, x), (right, y) = versions
    rows = tuple(row_from_found(Found(Bead(tuple(a), tuple(b), 0.9), 0.8 if a and b else None), x, y) for a, b in beads)
    return Bitext(rows, "en", "ru", x, y, left, right, "fake", AlignOptions().as_dict())


@pytest.fixture
def river() -> Bitext:
    """Three rows: 1-1, 2-1 (the target leaves out the bridge), 1-2."""
    return made(ENGLISH, RUSSIAN, [([0], [0]), ([1, 2], [1]), ([3], [2, 3])])


def texts(bitext):
    return [(row.source, row.target) for row in bitext.rows]


def ids(bitext):
    return [(row.source_ids, row.target_ids) for row in bitext.rows]


# by example


def test_merge_joins_texts_ids_and_notes_and_waits_for_a_person(river):
    bitext = merge(set_note(set_note(accept(river, 1), 1, "bridge?"), 2, "thanks"), 1, 2)
    assert texts(bitext)[1] == ("Nobody slept that night. The bridge was closed. We thank the crews.", "Той ночью никто не спал. Мост закрыли. Спасибо всем.")
    assert ids(bitext) == [((0,), (0,)), ((1, 2, 3), (1, 2, 3))]
    row = bitext.rows[1]
    assert (row.type, row.score, row.similarity, row.verified, row.note, row.origin_source) == ("3-3", None, None, False, "bridge? thanks", "human")


def test_merge_takes_missing_sides_edited_texts_and_the_origin_of_a_machine(river):
    bitext = unpair(river, 0)
    assert texts(merge(bitext, 0, 1)) == texts(river)
    filled = replace(bitext, rows=(replace(bitext.rows[0], target="Река.", origin_target="machine:a"), *bitext.rows[1:]))
    row = merge(filled, 0, 1).rows[0]
    assert (row.target, row.target_ids, row.origin_target, row.origin_source) == ("Река. Вода поднялась.", (0,), "machine:a", "human")
    two = replace(filled, rows=(filled.rows[0], replace(filled.rows[1], target="Вода.", origin_target="machine:b"), *filled.rows[2:]))
    assert merge(two, 0, 1).rows[0].origin_target == "machine:a+b"
    assert merge(edit(river, 0, "source", "It rose."), 0, 1).rows[0].source == "It rose. Nobody slept that night. The bridge was closed."


def test_texts_without_a_blank_between_their_sentences_are_joined_without_one():
    bitext = made("水涨了。桥关了。", "Вода. Мост.", [([0], [0]), ([1], [1])])
    assert merge(bitext, 0, 1).rows[0].source == "水涨了。桥关了。"


def test_split_between_sentences_divides_the_ids(river):
    at = river.rows[1].source.index(" The bridge")
    for place in (at, at + 1):
        bitext = split(river, 1, place, None)
        assert texts(bitext)[1:3] == [("Nobody slept that night.", "Той ночью никто не спал."), ("The bridge was closed.", None)]
        assert ids(bitext)[1:3] == [((1,), (1,)), ((2,), ())]
        assert bitext.source_sentences == river.source_sentences
        assert (bitext.rows[2].origin_target, bitext.rows[2].score) == ("missing", None)


def test_split_inside_a_sentence_makes_two_sentences_of_it_and_renumbers(river):
    rival = replace(river.rows[2], evidence=Evidence(runner_up=Bead((2, 3), (3,), 0.1)))
    river = replace(river, rows=(*river.rows[:2], rival))
    bitext = split(river, 1, river.rows[1].source.index("slept") + 5, len("Той ночью"))
    assert texts(bitext)[1:3] == [("Nobody slept", "Той ночью"), ("that night. The bridge was closed.", "никто не спал.")]
    assert ids(bitext) == [((0,), (0,)), ((1,), (1,)), ((2, 3), (2,)), ((4,), (3, 4))]
    assert bitext.rows[3].evidence.runner_up == Bead((3, 4), (4,), 0.1)
    assert [s.id for s in bitext.source_sentences] == [0, 1, 2, 3, 4]
    assert [bitext.source_document.text[s.start : s.end] for s in bitext.source_sentences][1:3] == ["Nobody slept", "that night."]
    assert texts(merge(bitext, 1, 2)) == texts(river)


def test_split_can_give_a_whole_side_to_the_second_row(river):
    assert texts(split(river, 0, 0, None))[:2] == [(None, "Вода поднялась."), ("The river rose.", None)]
    for cuts, word in (((0, 0), "without text"), ((None, None), "without text"), ((15, None), "without text"), ((0, 99), "from 0 to 15"), ((0.5, None), "0.5")):
        with pytest.raises(OptionError, match=word):
            split(river, 0, *cuts)
    with pytest.raises(OptionError, match="has no target"):
        split(unpair(river, 0), 0, 3, 0)


def test_split_of_edited_and_foreign_text_shares_out_the_ids_and_cuts_no_sentence(river):
    edited = edit(river, 1, "source", "No one slept. The old bridge was shut.")
    bitext = split(edited, 1, 13, None)
    assert (texts(bitext)[1:3], ids(bitext)[1:3]) == (
        [("No one slept.", "Той ночью никто не спал."), ("The old bridge was shut.", None)],
        [((1,), (1,)), ((2,), ())],
    )
    assert bitext.source_sentences == river.source_sentences
    one = split(edit(river, 0, "source", "It rose, and rose."), 0, 8, None)
    assert (one.rows[0].source_ids, one.rows[1].source, one.rows[1].source_ids, one.rows[1].type) == ((0,), "and rose.", (), "1-0")
    foreign = Bitext((Row("A cat. A dog.", "Кот. Пёс."),), "en", "ru")
    assert texts(split(foreign, 0, 6, 4)) == [("A cat.", "Кот."), ("A dog.", "Пёс.")]


def test_shift_moves_sentences_down_and_up(river):
    down = shift(river, 1, "source", 1)
    assert texts(down)[1:] == [("Nobody slept that night.", "Той ночью никто не спал."), ("The bridge was closed. We thank the crews.", "Мост закрыли. Спасибо всем.")]
    assert ids(down)[1:] == [((1,), (1,)), ((2, 3), (2, 3))]
    up = shift(down, 1, "target", -1)
    assert ids(up)[1:] == [((1,), (1, 2)), ((2, 3), (3,))]
    assert up.rows[1].target == "Той ночью никто не спал. Мост закрыли."
    assert texts(shift(shift(river, 1, "source", 1), 1, "source", -1)) == texts(river)
    assert shift(river, 0, "target", 1).rows[0].target is None


def test_shift_names_what_it_cannot_do(river):
    for row, count, word in ((1, 0, "without 0"), (1, 3, "row 1 has 2 source sentences"), (1, -2, "row 2 has 1 source sentences"), (2, 1, "last one")):
        with pytest.raises(OptionError, match=word):
            shift(river, row, "source", count)
    with pytest.raises(OptionError, match="without any text"):
        shift(unpair(river, 0), 0, "source", 1)
    assert texts(shift(edit(river, 1, "source", "Nobody slept. It closed."), 1, "source", 1))[1][0] == "Nobody slept."
    with pytest.raises(OptionError, match="reads as 1 sentences and stands for 2"):
        shift(edit(river, 1, "source", "Nobody slept, it closed."), 1, "source", 1)


def test_move_pairs_a_lone_side_where_order_stays(river):
    bitext = unpair(unpair(river, 1), 0)
    assert [(bool(a), bool(b)) for a, b in texts(bitext)] == [(True, False), (False, True), (True, False), (False, True), (True, True)]
    assert texts(move(bitext, 1, "target", 0)) == [texts(river)[0], *texts(bitext)[2:]]
    assert texts(move(bitext, 1, "target", 2))[:2] == [("The river rose.", None), ("Nobody slept that night. The bridge was closed.", "Вода поднялась.")]
    with pytest.raises(OptionError, match="target of row 1 stands between rows 3 and 0"):
        move(bitext, 3, "target", 0)
    with pytest.raises(OptionError, match="row 4 has a target of its own"):
        move(bitext, 3, "target", 4)
    with pytest.raises(OptionError, match="row 4 is not an unpaired source"):
        move(bitext, 4, "source", 3)


def test_unpair_keeps_both_sides_and_the_note(river):
    bitext = unpair(set_note(river, 2, "who?"), 2)
    assert texts(bitext)[2:] == [("We thank the crews.", None), (None, "Мост закрыли. Спасибо всем.")]
    assert [(r.note, r.type, r.score, r.origin_target) for r in bitext.rows[2:]] == [("who?", "1-0", None, "missing"), ("", "0-2", None, "human")]
    with pytest.raises(OptionError, match="row 3 has no source"):
        unpair(bitext, 3)


def test_edit_keeps_ids_and_the_original_and_takes_back_what_no_longer_holds(river):
    bitext = edit(accept(river, 0), 0, "target", "Уровень воды вырос.")
    row = bitext.rows[0]
    assert (row.target, row.target_ids, row.origin_target, row.score, row.similarity, row.verified) == ("Уровень воды вырос.", (0,), "human", 0.9, None, False)
    assert joined([bitext.target_sentences[i] for i in row.target_ids]) == "Вода поднялась."
    gone = edit(bitext, 0, "target", " \n").rows[0]
    assert (gone.target, gone.origin_target, gone.target_ids) == (None, "missing", (0,))
    assert edit(river, 0, "target", "Вода поднялась.") is river
    with pytest.raises(OptionError, match="row 0 would be left without any text"):
        edit(edit(river, 0, "target", None), 0, "source", None)
    with pytest.raises(OptionError, match="expected a str"):
        edit(river, 0, "source", 5)


def test_an_edit_finds_the_numbers_that_both_sides_share_now(river):
    bitext = edit(edit(river, 0, "source", "It rose by 12 cm."), 0, "target", "Поднялась на 12 см.")
    assert bitext.rows[0].evidence.numbers == ("12",)


def test_a_filled_side_becomes_human_when_a_person_changes_it(river):
    bitext = unpair(river, 0)
    filled = replace(bitext, rows=(replace(bitext.rows[0], target="Река.", origin_target="machine:a"), *bitext.rows[1:]))
    assert edit(filled, 0, "target", "Река!").rows[0].origin_target == "human"
    assert accept(filled, 0).rows[0].origin_target == "machine:a"


def test_marks_change_nothing_but_themselves(river):
    marked = set_note(lock(accept(river, 1), 1), 1, "ok")
    assert marked.rows[1] == replace(river.rows[1], verified=True, locked=True, note="ok")
    assert unlock(reject(set_note(marked, 1, ""), 1), 1) == river
    assert unlock(river, 1) is river
    with pytest.raises(OptionError, match="expected a str"):
        set_note(river, 0, None)


@pytest.mark.parametrize(
    "change",
    [
        lambda b: merge(b, 0, 1),
        lambda b: merge(b, 1, 2),
        lambda b: split(b, 1, 5, None),
        lambda b: shift(b, 0, "source", 1),
        lambda b: shift(b, 1, "source", 1),
        lambda b: move(b, 1, "source", 0),
        lambda b: move(unpair(b, 0), 1, "target", 2),
        lambda b: unpair(b, 1),
        lambda b: edit(b, 1, "source", "x"),
    ],
)
def test_a_locked_row_refuses_to_change(change, river):
    with pytest.raises(OptionError, match=r"row \d is locked; unlock it first"):
        change(lock(river, 1))


@pytest.mark.parametrize("row", [-1, 3, "0", None])
def test_rows_and_sides_that_are_not_there_are_named(row, river):
    calls = [(merge, row, 1), (merge, 0, row), (split, row, 1, 1), (shift, row, "source", 1), (move, row, "source", 0), (unpair, row), (lock, row)]
    calls += [(unlock, row), (accept, row), (reject, row), (edit, row, "source", "x"), (set_note, row, "x"), (move, 0, "source", row)]
    for function, *arguments in calls:
        with pytest.raises(OptionError, match="expected a row from 0 to 2"):
            function(river, *arguments)
    with pytest.raises(OptionError, match="within 0 to 2"):
        realign(river, 0, row)
    with pytest.raises(OptionError, match="the bitext has none"):
        lock(Bitext((), "en", "ru"), 0)
    for call in (lambda: shift(river, 0, "left", 1), lambda: edit(river, 0, "left", "x"), lambda: move(river, 0, "left", 1)):
        with pytest.raises(OptionError, match="side is 'left'"):
            call()
    with pytest.raises(OptionError, match="first row before the last"):
        merge(river, 1, 1)


# history


def test_history_goes_back_and_forth_and_forgets_what_was_undone_after_a_new_step(river):
    start = History(river)
    assert (start.can_undo, start.can_redo, start.names) == (False, False, ())
    two = start.do("merge", merge(river, 0, 1)).do("lock", lock(merge(river, 0, 1), 0))
    assert two.names == ("merge", "lock")
    back = two.undo()
    assert (back.present, back.names, back.can_redo, back.redo()) == (merge(river, 0, 1), ("merge",), True, two)
    assert back.undo().present is river
    other = back.do("accept", accept(back.present, 0))
    assert (other.names, other.can_redo) == (("merge", "accept"), False)
    assert start.do("unlock", unlock(river, 0)) is start
    with pytest.raises(OptionError, match="nothing to undo"):
        start.undo()
    with pytest.raises(OptionError, match="nothing to redo"):
        two.redo()


# aligning again


class Words:
    """Vectors that are near for texts of the same words; counts the texts it was given."""

    id, languages = "words", None

    def __init__(self):
        self.seen = 0
        self.words = {}

    def encode(self, batch):
        self.seen += len(batch)
        return np.stack([np.sum([self.word(w) for w in ["", *text.split()]], axis=0) for text in batch])

    def word(self, word):
        if word not in self.words:
            self.words[word] = np.random.default_rng(list(word.encode())).standard_normal(64).astype(np.float32)
        return self.words[word]


def numbered(count, beads=None) -> Bitext:
    """Both sides the same sentences, paired wrongly: each target belongs one row up, and the last row holds two."""
    lines = [f"Word{k * 7919 % 10007} item{k * 31 % 997} stays here." for k in range(count)]
    beads = beads or [([0], []), *[([k], [k - 1]) for k in range(1, count - 1)], ([count - 1], [count - 2, count - 1])]
    return made(lines, lines, beads)


def right(bitext):
    return sum(row.source_ids == row.target_ids for row in bitext.rows)


def test_realign_mends_rows_and_keeps_the_locked_verified_and_edited_ones():
    bitext = edit(accept(lock(numbered(40), 10), 20), 30, "source", "Another text.")
    before = bitext.rows
    again = realign(bitext, 0, 39, Words())
    for row in (before[10], before[20], before[30]):
        assert row in again.rows
    assert right(again) >= 30 > right(bitext)
    check_cover([Bead(r.source_ids, r.target_ids) for r in again.rows], 40, 40)
    assert again.rows[0].score is not None and again.rows[0].similarity == pytest.approx(1.0)
    assert again.notes == ("some rows were aligned again with encoder words",)


def test_realign_keeps_locked_rows_of_one_side_and_translated_ones_in_their_place():
    bitext = unpair(numbered(30), 12)
    bitext = lock(bitext, 12)
    filled = replace(bitext.rows[13], source="Typed in.", origin_source="machine:a")
    bitext = bitext.with_rows((*bitext.rows[:13], filled, *bitext.rows[14:]))
    again = realign(bitext, 0, 30, Words())
    at = again.rows.index(bitext.rows[12])
    assert again.rows[at + 1] == filled
    assert right(again) >= 24


def test_realign_leaves_other_rows_alone_and_notes_go_with_their_first_sentence():
    bitext = set_note(numbered(40), 15, "look")
    again = realign(bitext, 12, 18, Words())
    assert again.rows[:12] == bitext.rows[:12] and again.rows[-21:] == bitext.rows[-21:]
    assert [row.note for row in again.rows if 15 in row.source_ids] == ["look"]
    assert right(again) >= 4
    assert realign(lock(bitext, 3), 3, 3, Words()) == lock(bitext, 3)


def test_realign_far_from_the_start_names_sentences_by_the_ids_of_the_bitext(monkeypatch):
    monkeypatch.setattr("align.realigning.CONTEXT", 4)
    bitext = numbered(60)
    again = realign(bitext, 40, 48, Words())
    check_cover([Bead(r.source_ids, r.target_ids) for r in again.rows], 60, 60)
    rivals = [(r.evidence.runner_up, r) for r in again.rows[40:48] if r.evidence.runner_up]
    assert rivals
    for rival, row in rivals:
        assert set(rival.source) & set(row.source_ids) or set(rival.target) & set(row.target_ids)


def test_realign_takes_the_options_given_or_those_of_the_bitext():
    lines = [f"Word{k} stays here." for k in range(20)]
    pairs = [f"{a} {b}" for a, b in zip(lines[::2], lines[1::2], strict=True)]
    bitext = made(lines, pairs, [(range(20), range(10))])
    assert {row.type for row in realign(bitext, 0, 0, Words()).rows} == {"2-1"}
    assert "2-1" not in {row.type for row in realign(bitext, 0, 0, Words(), AlignOptions(max_join=1)).rows}
    narrow = replace(bitext, options={**AlignOptions(max_join=1).as_dict(), "weights": "w"})
    assert "2-1" not in {row.type for row in realign(narrow, 0, 0, Words()).rows}


def test_realign_says_what_it_needs():
    bitext = numbered(6)
    with pytest.raises(OptionError, match="holds no sentences"):
        realign(Bitext((Row("a", "b"),), "en", "ru"), 0, 0)
    with pytest.raises(OptionError, match="the first not after the last"):
        realign(bitext, 1, 0)
    with pytest.raises(OptionError, match="expected sentence 1 of 6, found 2"):
        realign(bitext.with_rows((bitext.rows[0], *bitext.rows[2:])), 0, 0)


def test_realigning_5000_rows_between_locks_a_second_time_encodes_nothing():
    bitext = numbered(5000)
    bitext = bitext.with_rows(tuple(replace(row, locked=k % 50 > 1) for k, row in enumerate(bitext.rows)))
    words = Words()
    cached = CachedEncoder(words)
    first = realign(bitext, 0, 4999, cached)
    assert words.seen == len({s.text for s in (*bitext.source_sentences, *bitext.target_sentences)})
    assert first != bitext and [r for r in first.rows if r.locked] == [r for r in bitext.rows if r.locked]
    locked = (2, 1202, 2502)
    bitext = bitext.with_rows(tuple(replace(row, locked=k in locked) for k, row in enumerate(bitext.rows)))
    words.seen = 0
    second = realign(bitext, 0, 4999, cached)
    assert words.seen == 0
    assert [r for r in second.rows if r.locked] == [bitext.rows[k] for k in locked]
    assert right(second) > 4900 and right(bitext) == 0


def test_an_encoder_called_by_its_name_remembers_its_vectors(monkeypatch):
    words = Words()
    monkeypatch.setattr("models.load_encoder", lambda name, **options: words)
    from align.realigning import _encoder

    _encoder.cache_clear()
    try:
        realign(numbered(10), 0, 9, "fake")
        assert words.seen == 10
        realign(numbered(10), 0, 9, "fake")
        assert words.seen == 10
    finally:
        _encoder.cache_clear()


# any sequence of edits

WORDS = Words()
row = st.integers(0, 40)  # taken modulo the rows there are
side = st.sampled_from(SIDES)
cut = st.sampled_from([1, None, 3, 6, 0, 9, 14])
OPERATIONS = {
    "merge": (row, st.integers(1, 3)),
    "split": (row, cut, cut),
    "shift": (row, side, st.sampled_from([1, -1, 2, -2])),
    "move": (row, side, st.sampled_from([-1, 1, -2, 2])),
    "unpair": (row,),
    "lock": (row,),
    "unlock": (row,),
    "accept": (row,),
    "reject": (row,),
    "edit": (row, side, st.none() | st.sampled_from(["x", "", "Ты да я. И он.", "a\nb"])),
    "set_note": (row, st.text(max_size=3)),
    "realign": (row, st.integers(0, 8), st.just(WORDS)),
}
FREQUENT = ["unpair", "unpair", "move", "move", "move", "split", "shift"]
step = st.sampled_from([*OPERATIONS, *FREQUENT]).flatmap(lambda name: st.tuples(st.just(name), *OPERATIONS[name]))
steps = st.lists(step, min_size=8, max_size=30)
sentence = st.text("ab Я水.\n", max_size=10).map("A {}.".format) | st.text(" a\n", max_size=2)
size = st.sampled_from([1, 1, 0, 2, 3])  # of a bead on one side


@st.composite
def bitexts(draw) -> Bitext:
    """Texts that run on or come sentence by sentence, and any beads of 0 to 3 sentences a side."""
    sides = [draw(st.lists(sentence, min_size=2, max_size=10)) for _ in SIDES]
    given_texts = sides if draw(st.booleans()) else ["。".join(s) for s in sides]
    sizes = [len(document_from_sentences(t)[1]) if isinstance(t, list) else len(sentences_in(document_from_text(t, language=code), code))
             for t, code in zip(given_texts, ("en", "ru"), strict=True)]  # fmt: skip
    beads, (i, j) = [], (0, 0)
    for a, b in draw(st.lists(st.tuples(size, size), max_size=12)):
        a, b = min(a, sizes[0] - i), min(b, sizes[1] - j)
        beads += [(range(i, i + a), range(j, j + b))] if a or b else []
        i, j = i + a, j + b
    beads += [([k], []) for k in range(i, sizes[0])] + [([], [k]) for k in range(j, sizes[1])]
    return made(*given_texts, beads)


def placed(name, arguments, bitext):
    """The arguments with rows that are mostly there: the second row of an operation is drawn as its distance from the first."""
    first, *others = arguments
    rows = range(len(bitext))
    if name == "move":  # from a row that has this side alone, if there is one
        rows = [k for k in rows if part_of(bitext.rows[k], others[0]).text and bitext.rows[k].type in ("1-0", "0-1")] or rows
    first = rows[first % len(rows)] if rows else first
    if name in ("merge", "realign"):
        return first, min(first + others[0], max(0, len(bitext) - 1)), *others[1:]
    if name == "move":
        return first, others[0], first + others[1]
    return first, *others


def letters_of(bitext, side):
    return "".join("".join(s.text.split()) for s in sentences_of(bitext, side))


def hold(bitext, first):
    """What must be true after every edit: cover, tiling, no letter of the documents lost, no row without text, honest origins."""
    check_cover([Bead(r.source_ids, r.target_ids) for r in bitext.rows], len(bitext.source_sentences), len(bitext.target_sentences))
    for side in SIDES:
        document = bitext.source_document if side == "source" else bitext.target_document
        end = 0
        for k, sentence in enumerate(sentences_of(bitext, side)):
            assert sentence.id == k
            assert sentence.text == document.text[sentence.start : sentence.end]
            assert end <= sentence.start and not document.text[end : sentence.start].strip()
            end = sentence.end
        assert letters_of(bitext, side) == letters_of(first, side)
    for row in bitext.rows:
        assert row.source is not None or row.target is not None
        assert (row.origin_source == "missing", row.origin_target == "missing") == (row.source is None, row.target is None)


def test_any_sequence_of_edits_keeps_the_cover_and_can_be_undone():
    done = Counter()

    @settings(max_examples=250, deadline=None)
    @given(bitexts(), steps)
    def run(first, edits):
        history = History(first)
        for name, *arguments in edits:
            before = history.present
            try:
                after = getattr(editing, name)(before, *placed(name, arguments, before))
            except OptionError:
                continue
            hold(after, first)
            if name != "unlock":
                kept = [(r.source, r.target) for r in after.rows if r.locked]
                assert [pair for r in before.rows if r.locked for pair in [(r.source, r.target)] if pair not in kept] == []
            done[name] += 1
            history = history.do(name, after)
        last = history.present
        count = len(history.past)
        while history.can_undo:
            history = history.undo()
        assert history.present == first and len(history.future) == count
        while history.can_redo:
            history = history.redo()
        assert history.present == last

    run()
    assert set(done) == set(OPERATIONS), done


@given(bitexts())
@settings(max_examples=50, deadline=None)
def test_a_side_is_original_until_a_person_changes_it(bitext):
    for k, row in enumerate(bitext.rows):
        for side in SIDES:
            assert is_original(bitext, side, part_of(row, side))
            changed = edit(bitext, k, side, "another text").rows[k]
            assert not is_original(bitext, side, part_of(changed, side))
