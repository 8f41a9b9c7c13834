"""Aligning some rows of a bitext again, around those that a person settled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from align.bitext import AlignOptions, Bead, Bitext, OptionError, Row, check_cover
from align.loaded import encoder_for
from align.rows import SIDES, is_original, part_of, row_from_found

if TYPE_CHECKING:
    from align.aligner import Found
    from models import Encoder
    from models.composed import CachedEncoder

Place = tuple[int, int, int, int]  # the sentences of a row: first and end of its source, first and end of its target
CONTEXT = 200  # rows on each side that are looked at, not changed, so that a few rows are judged by the measures of their surroundings


@lru_cache(maxsize=4)
def _encoder(name: str) -> CachedEncoder:
    """The encoder of a name, kept with the vectors of the texts it has seen."""
    from models.composed import CachedEncoder

    return CachedEncoder(encoder_for(name))


def realign(bitext: Bitext, first: int, last: int, encoder: str | Encoder = "use", options: AlignOptions | None = None) -> Bitext:
    """Aligns the sentences of rows first to last again, both included. encoder: a name (its vectors are remembered) or an object; options:
    None = those the bitext was made with.

    Rows that are locked, verified, edited or translated stay as they are where they are, and nothing is paired across them. A note
    goes with the first sentence of its row. With no row to align, the bitext itself comes back. OptionError: rows out of range, a bitext
    without sentences (of a foreign file), rows that do not cover them; ModelError: no such encoder.
    """
    _check(bitext, first, last)
    low, high = max(0, first - CONTEXT), min(len(bitext), last + 1 + CONTEXT)
    stays = [not first <= k <= last or _settled(bitext, bitext.rows[k]) for k in range(low, high)]
    if all(stays):
        return bitext
    model = _encoder(encoder) if isinstance(encoder, str) else encoder
    places = list(_places(bitext.rows))[low:high]
    kept = [(place, row) for place, row, stay in zip(places, bitext.rows[low:high], stays, strict=True) if stay]
    free = [row for row, stay in zip(bitext.rows[low:high], stays, strict=True) if not stay]
    (i0, _, j0, _), (_, i1, _, j1) = places[0], places[-1]
    found = _align(bitext, (i0, i1, j0, j1), [place for place, _ in kept], model, options)
    new = [row_from_found(f, bitext.source_sentences, bitext.target_sentences) for f in found]
    rows = _in_order(kept, _with_notes(new, free), (i0, j0))
    note = f"some rows were aligned again with encoder {model.id}"
    notes = bitext.notes if model.id == bitext.encoder or note in bitext.notes else (*bitext.notes, note)
    return replace(bitext, rows=(*bitext.rows[:low], *rows, *bitext.rows[high:]), notes=notes)


def _check(bitext: Bitext, first: int, last: int) -> None:
    if not (isinstance(first, int) and isinstance(last, int) and 0 <= first <= last < len(bitext)):
        there = f"0 to {len(bitext) - 1}, the first not after the last" if len(bitext) else "a bitext that has some"
        raise OptionError(f"rows {first!r} to {last!r} cannot be aligned again; expected rows within {there}")
    if not bitext.source_sentences and not bitext.target_sentences:
        raise OptionError("the bitext holds no sentences, so there is nothing to align again; expected one that was aligned here, not read from a file")
    beads = [Bead(row.source_ids, row.target_ids) for row in bitext.rows]
    check_cover(beads, len(bitext.source_sentences), len(bitext.target_sentences))


def _settled(bitext: Bitext, row: Row) -> bool:
    """Locked, verified, or with a text that is not that of its sentences."""
    return row.locked or row.verified or not all(is_original(bitext, side, part_of(row, side)) for side in SIDES)


def _places(rows: Sequence[Row]) -> Iterator[Place]:
    i = j = 0
    for row in rows:
        yield i, (i := i + len(row.source_ids)), j, (j := j + len(row.target_ids))


def _align(bitext: Bitext, window: Place, kept: Sequence[Place], model: Encoder, options: AlignOptions | None) -> list[Found]:
    """What the aligner finds in the window between the places that are kept, by the ids of the bitext."""
    from align import vectors
    from align.aligner import align_vectors

    i0, i1, j0, j1 = window
    source, target = [s.text for s in bitext.source_sentences[i0:i1]], [s.text for s in bitext.target_sentences[j0:j1]]
    both = vectors.encode(source + target, model)
    locked, sections = [], []
    for a, b, c, d in kept:
        if a < b and c < d:
            locked.append((range(a - i0, b - i0), range(c - j0, d - j0)))
        else:  # a row with one side, or none of the document's: nothing is paired across it, and it is replaced by itself
            sections += [(a - i0, c - j0), (b - i0, d - j0)]
    options = options or _options(bitext.options)
    result = align_vectors(both[: len(source)], both[len(source) :], sentences=(source, target), options=options, locked=locked, sections=sections)
    sources, targets = ({i for place in kept for i in range(*place[k : k + 2])} for k in (0, 2))
    shifted = [_shifted(f, i0, j0) for f in result.found]
    return [f for f in shifted if not sources.intersection(f.bead.source) and not targets.intersection(f.bead.target)]


def _options(known: Mapping[str, Any]) -> AlignOptions:
    return AlignOptions(**{f.name: known[f.name] for f in fields(AlignOptions) if f.name in known})


def _shifted(found: Found, i0: int, j0: int) -> Found:
    bead, rival = found.bead, found.runner_up
    return replace(found, bead=_moved(bead, i0, j0), runner_up=None if rival is None else _moved(rival, i0, j0))


def _moved(bead: Bead, i0: int, j0: int) -> Bead:
    return Bead(tuple(i + i0 for i in bead.source), tuple(j + j0 for j in bead.target), bead.score)


def _in_order(kept: Sequence[tuple[Place, Row]], found: Iterator[Row], start: tuple[int, int]) -> Iterator[Row]:
    """Rows that stay and rows that were found, in the order of their sentences, from the first sentences on both sides."""
    i, j = start
    waiting = list(reversed(kept))
    while True:
        if waiting and waiting[-1][0][::2] == (i, j):
            row = waiting.pop()[1]
        elif (new := next(found, None)) is not None:
            row = new
        else:
            return
        yield row
        i, j = i + len(row.source_ids), j + len(row.target_ids)


def _with_notes(rows: Sequence[Row], before: Sequence[Row]) -> Iterator[Row]:
    """The rows with the notes of the rows before them, which go with their first sentence."""
    notes = {_numbers(row)[0]: row.note for row in before if row.note and _numbers(row)}
    for row in rows:
        yield replace(row, note=" ".join(notes[n] for n in _numbers(row) if n in notes))


def _numbers(row: Row) -> list[tuple[str, int]]:
    return [("source", i) for i in row.source_ids] + [("target", j) for j in row.target_ids]
