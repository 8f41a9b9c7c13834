"""What a person may do to the rows: pure functions Bitext -> Bitext that leave the one given as it is.

Rows are counted from 0. Every sentence id stays in exactly one row, in order, and no row loses its last text. A row whose sides are put
together anew (merge, split, shift, move, unpair) has no score and no similarity and is not verified until it is accepted. Locked rows
refuse all that changes their sides. Every fault of an argument is an OptionError; where nothing changes, the bitext itself comes back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from align.bitext import HUMAN, MISSING, Bitext, Evidence, Ids, OptionError, Row, Sentence
from align.realigning import realign
from align.rows import (
    SIDES,
    Part,
    Side,
    after_sentences,
    at_character,
    gap,
    is_original,
    joined_parts,
    original,
    part_of,
    row_from_parts,
    sentences_of,
    shared,
)

__all__ = ["accept", "edit", "lock", "merge", "move", "realign", "realign_around", "reject", "set_note", "shift", "split", "take", "unlock", "unpair"]


def merge(bitext: Bitext, first: int, last: int) -> Bitext:
    """Rows first to last, both included, become one; sides and notes are joined in order, missing ones are fine."""
    for row in (first, last):
        _check_row(bitext, row)
    if first >= last:
        raise OptionError(f"rows {first} to {last} cannot be merged; expected a first row before the last one")
    rows = [_open_row(bitext, row) for row in range(first, last + 1)]
    source, target = (joined_parts(bitext, side, [part_of(row, side) for row in rows]) for side in SIDES)
    return _replaced(bitext, first, last + 1, [row_from_parts(source, target, _notes(rows))])


def split(bitext: Bitext, row: int, source_at: int | None, target_at: int | None) -> Bitext:
    """One row becomes two, each side divided at a character of its text; None = the side stays whole in the first row.

    Inside a sentence, the sentence becomes two and all later ids of its side go up by one. Edited, translated and foreign text is divided
    without its sentences: their ids are shared out by counting the sentences of the text, the only one stays with the first row.
    """
    note = _open_row(bitext, row).note
    bitext, source = _halves(bitext, row, "source", source_at)
    bitext, target = _halves(bitext, row, "target", target_at)
    pairs = list(zip(source, target, strict=True))
    if any(a.text is None and b.text is None for a, b in pairs):
        raise OptionError(f"cut {source_at} of the source and {target_at} of the target would leave one of the two rows without text")
    return _replaced(bitext, row, row + 1, [row_from_parts(*pairs[0], note), row_from_parts(*pairs[1])])


def shift(bitext: Bitext, row: int, side: Side, count: int) -> Bitext:
    """Moves sentences of one side across the border between row and row + 1: the last `count` ones down, or the first -count ones up.

    Text without sentences counts as one. Edited text goes as a whole, or sentence by sentence where it still reads as so many.
    """
    _check_side(side)
    _check_row(bitext, row)
    if row + 1 == len(bitext):
        raise OptionError(f"row {row} is the last one; expected a row that has another after it")
    rows = [_open_row(bitext, row), _open_row(bitext, row + 1)]
    parts = [part_of(r, side) for r in rows]
    size = len(parts[0 if count > 0 else 1])
    if count == 0 or abs(count) > size:
        giver, signs = (row, "") if count > 0 else (row + 1, "minus ")
        raise OptionError(f"count is {count}; row {giver} has {size} {side} sentences, so expected {signs}1 to {signs}{size}, without 0")
    if count > 0:
        upper, moved = after_sentences(bitext, side, parts[0], size - count)
        parts = [upper, joined_parts(bitext, side, [moved, parts[1]])]
    else:
        moved, lower = after_sentences(bitext, side, parts[1], -count)
        parts = [joined_parts(bitext, side, [parts[0], moved]), lower]
    return _replaced(bitext, row, row + 2, [_with_part(r, side, part) for r, part in zip(rows, parts, strict=True)])


def move(bitext: Bitext, row: int, side: Side, to: int) -> Bitext:
    """The only side of `row` goes to row `to`, which lacks it, and `row` is gone; no row between may have that side, or order would break."""
    _check_side(side)
    giver, taker = _open_row(bitext, row), _open_row(bitext, to)
    other: Side = "target" if side == "source" else "source"
    part = part_of(giver, side)
    if part.text is None or part_of(giver, other) != Part():
        raise OptionError(f"row {row} is not an unpaired {side}; expected a row with that side alone: unpair it first, or use shift")
    if part_of(taker, side) != Part():
        raise OptionError(f"row {to} has a {side} of its own; expected a row without one: merge the rows, or unpair that row first")
    low, high = sorted((row, to))
    between = next((k for k in range(low + 1, high) if part_of(bitext.rows[k], side) != Part()), None)
    if between is not None:
        raise OptionError(f"the {side} of row {between} stands between rows {row} and {to}, and sentences keep their order; expected none between")
    new = replace(_with_part(taker, side, part), note=_notes([bitext.rows[low], bitext.rows[high]]))
    rows = [new if k == to else bitext.rows[k] for k in range(low, high + 1) if k != row]
    return _replaced(bitext, low, high + 1, rows)


def unpair(bitext: Bitext, row: int) -> Bitext:
    """A row with two sides becomes two: the source alone, with the note, and after it the target alone."""
    given = _open_row(bitext, row)
    if given.source is None or given.target is None:
        raise OptionError(f"row {row} has no {'source' if given.source is None else 'target'}; expected a row with two sides")
    rows = [row_from_parts(part_of(given, "source"), Part(), given.note), row_from_parts(Part(), part_of(given, "target"))]
    return _replaced(bitext, row, row + 1, rows)


def edit(bitext: Bitext, row: int, side: Side, text: str | None) -> Bitext:
    """Another text for one side, by a person; None, or white space alone, makes it missing.

    Ids stay, so the sentences still tell the original text; so does the score, which is of the pairing. The row is no longer verified and
    its similarity, which was of the old text, is not known. The same text changes nothing.
    """
    _check_side(side)
    given = _open_row(bitext, row)
    if text is not None and not isinstance(text, str):
        raise OptionError(f"text is {text!r}; expected a str, or None for a missing {side}")
    old = part_of(given, side)
    if text == old.text:
        return bitext
    if text is not None and not text.strip():
        text = None
    return _replaced(bitext, row, row + 1, [_with_text(given, row, side, Part(text, old.ids, MISSING if text is None else HUMAN))])


def take(bitext: Bitext, row: int, side: Side, text: str, origin: str, similarity: float | None = None) -> Bitext:
    """A text of an engine that a person preferred, put in place of one side. origin: "human" or "machine:<translator id>"; similarity: of the new pair,
    None = not known. As after `edit`, ids and score stay and the row is not verified."""
    _check_side(side)
    given = _open_row(bitext, row)
    if not text.strip():
        raise OptionError(f"the text to take into row {row} is empty; expected one with content")
    part = Part(text, part_of(given, side).ids, origin)
    return bitext if part == part_of(given, side) else _replaced(bitext, row, row + 1, [replace(_with_text(given, row, side, part), similarity=similarity)])


def realign_around(bitext: Bitext, row: int) -> Bitext:
    """Aligns the sentences again from the locked or accepted row before this one to the one after it; the whole bitext where there is none."""
    _open_row(bitext, row)
    fixed = [k for k, r in enumerate(bitext.rows) if r.locked or r.verified]
    first = max((k + 1 for k in fixed if k < row), default=0)
    last = min((k - 1 for k in fixed if k > row), default=len(bitext) - 1)
    return realign(bitext, first, last)


def lock(bitext: Bitext, row: int) -> Bitext:
    """The row is kept as it is by editing and aligning again."""
    return _set(bitext, row, locked=True)


def unlock(bitext: Bitext, row: int) -> Bitext:
    """The row may be changed again."""
    return _set(bitext, row, locked=False)


def accept(bitext: Bitext, row: int) -> Bitext:
    """A person says that the row is right; its score stays. Locked rows can be accepted."""
    return _set(bitext, row, verified=True)


def reject(bitext: Bitext, row: int) -> Bitext:
    """The row is no longer accepted. Locked rows can be rejected."""
    return _set(bitext, row, verified=False)


def set_note(bitext: Bitext, row: int, note: str) -> Bitext:
    """A person's note to the row, "" for none. Locked rows can have notes."""
    if not isinstance(note, str):
        raise OptionError(f'note is {note!r}; expected a str, "" for no note')
    return _set(bitext, row, note=note)


def _check_row(bitext: Bitext, row: int) -> Row:
    if not isinstance(row, int) or not 0 <= row < len(bitext):
        there = f"a row from 0 to {len(bitext) - 1}" if len(bitext) else "no row at all, the bitext has none"
        raise OptionError(f"row is {row!r}; expected {there}")
    return bitext.rows[row]


def _open_row(bitext: Bitext, row: int) -> Row:
    """The row, if it may be changed."""
    given = _check_row(bitext, row)
    if given.locked:
        raise OptionError(f"row {row} is locked; unlock it first")
    return given


def _check_side(side: str) -> None:
    if side not in SIDES:
        raise OptionError(f'side is {side!r}; expected "source" or "target"')


def _replaced(bitext: Bitext, start: int, end: int, rows: Sequence[Row]) -> Bitext:
    """Other rows in the place of start..end, end exclusive."""
    return bitext.with_rows((*bitext.rows[:start], *rows, *bitext.rows[end:]))


def _set(bitext: Bitext, row: int, **changes: Any) -> Bitext:
    given = _check_row(bitext, row)
    new = replace(given, **changes)
    return bitext if new == given else _replaced(bitext, row, row + 1, [new])


def _notes(rows: Sequence[Row]) -> str:
    return " ".join(row.note for row in rows if row.note)


def _with_part(row: Row, side: Side, part: Part) -> Row:
    """The row put together anew with another part on one side."""
    source, target = (part if s == side else part_of(row, s) for s in SIDES)
    return row_from_parts(source, target, row.note)


def _with_text(given: Row, row: int, side: Side, part: Part) -> Row:
    """The same pairing with another text on one side."""
    source, target = (part if s == side else part_of(given, s) for s in SIDES)
    if source.text is None and target.text is None:
        raise OptionError(f"row {row} would be left without any text; expected one side to stay: merge it with a row beside it instead")
    rival = given.evidence.runner_up if given.evidence else None
    return replace(
        given,
        source=source.text,
        target=target.text,
        origin_source=source.origin,
        origin_target=target.origin,
        similarity=None,
        verified=False,
        evidence=Evidence(None, *shared(source.text, target.text), rival),
    )


def _halves(bitext: Bitext, row: int, side: Side, at: int | None) -> tuple[Bitext, tuple[Part, Part]]:
    """One side divided at a character, and the bitext in which a sentence was split where the cut falls into one."""
    part = part_of(bitext.rows[row], side)
    if at is None:
        return bitext, (part, Part())
    if part.text is None:
        raise OptionError(f"{side}_at is {at}, but row {row} has no {side}; expected None")
    if not isinstance(at, int) or not 0 <= at <= len(part.text):
        raise OptionError(f"{side}_at is {at!r}; expected None or a character from 0 to {len(part.text)}, the length of the {side} of row {row}")
    if not part.ids or not is_original(bitext, side, part):
        return bitext, at_character(bitext, side, part, at)
    count, inside = _place([sentences_of(bitext, side)[i] for i in part.ids], at)
    if inside:
        bitext = _split_sentence(bitext, side, part.ids[count], inside)
        count += 1
    ids = part_of(bitext.rows[row], side).ids
    return bitext, (original(bitext, side, ids[:count], part.origin), original(bitext, side, ids[count:], part.origin))


def _place(sentences: Sequence[Sentence], at: int) -> tuple[int, int]:
    """Where character `at` of the joined sentences falls: so many sentences stay whole before it, and the next one is cut at so many characters
    (0 = not at all)."""
    position = 0
    for count, sentence in enumerate(sentences):
        start = position + (len(gap(sentences[count - 1], sentence)) if count else 0)
        position = start + len(sentence.text)
        if at <= start or not sentence.text[: at - start].strip():
            return count, 0
        if at < position and sentence.text[at - start :].strip():
            return count, at - start
        if at <= position:
            return count + 1, 0
    return len(sentences), 0


def _split_sentence(bitext: Bitext, side: Side, number: int, inside: int) -> Bitext:
    """The sentence becomes two, without the white space at the cut; ids after it go up by one in sentences and rows, rivals included."""
    sentences = sentences_of(bitext, side)
    whole = sentences[number]
    left, right = whole.text[:inside].rstrip(), whole.text[inside:].lstrip()
    placed = whole.end - whole.start == len(whole.text)  # else the sentence does not know its place, and its parts do not either
    first = replace(whole, text=left, end=whole.start + len(left) if placed else whole.end)
    second = replace(whole, id=number + 1, text=right, start=whole.end - len(right) if placed else whole.start)
    new = (*sentences[:number], first, second, *(replace(s, id=s.id + 1) for s in sentences[number + 1 :]))
    rows = tuple(_renumbered(row, side, number) for row in bitext.rows)
    if side == "source":
        return replace(bitext, rows=rows, source_sentences=new)
    return replace(bitext, rows=rows, target_sentences=new)


def _renumbered(row: Row, side: Side, number: int) -> Row:
    """The row after sentence `number` of a side became two."""
    evidence = row.evidence
    if evidence and evidence.runner_up:
        rival = evidence.runner_up
        rival = replace(rival, source=_grown(rival.source, number)) if side == "source" else replace(rival, target=_grown(rival.target, number))
        evidence = replace(evidence, runner_up=rival)
    if side == "source":
        return replace(row, source_ids=_grown(row.source_ids, number), evidence=evidence)
    return replace(row, target_ids=_grown(row.target_ids, number), evidence=evidence)


def _grown(ids: Ids, number: int) -> Ids:
    return tuple(new for i in ids for new in ((i, i + 1) if i == number else (i + (i > number),)))
