"""Which rows begin a paragraph."""

from __future__ import annotations

from collections.abc import Sequence

from align.bitext import Bitext, Ids, Row


def begins(bitext: Bitext, side: str, rows: Sequence[Row]) -> list[bool]:
    """For each of `rows`: does it begin a paragraph on `side` ("source" or "target")? The first does; [] for no rows.

    A row begins one when its first sentence stands in another paragraph than the last sentence before it. A row without sentences on
    that side (a translation filled in) follows the paragraphs of the other side. Without any sentences every row is a paragraph.
    """
    if not bitext.source_sentences and not bitext.target_sentences:
        return [True] * len(rows)
    own, other = _paragraphs(bitext, side, rows), _paragraphs(bitext, "target" if side == "source" else "source", rows)
    found: list[bool] = []
    last: int | None = None
    last_other: int | None = None
    early = False  # the paragraph was begun by a row without sentences of its own
    for row in rows:
        ids, across = (row.source_ids, row.target_ids) if side == "source" else (row.target_ids, row.source_ids)
        here, there = _ends(ids, own), _ends(across, other)
        moved = there is not None and last_other is not None and there[0] != last_other
        if here is not None:
            begin = moved if last is None else here[0] != last and (moved or not early)
            early = False
        else:
            begin = moved
            early = early or moved
        found.append(begin or not found)
        last = here[1] if here is not None else last
        last_other = there[1] if there is not None else last_other
    return found


def _paragraphs(bitext: Bitext, side: str, rows: Sequence[Row]) -> dict[int, int]:
    """The paragraphs of the sentences of these rows, by id."""
    sentences = bitext.source_sentences if side == "source" else bitext.target_sentences
    ids = {i for row in rows for i in (row.source_ids if side == "source" else row.target_ids)}
    if all(0 <= i < len(sentences) and sentences[i].id == i for i in ids):
        return {i: sentences[i].paragraph for i in ids}
    return {s.id: s.paragraph for s in sentences}


def _ends(ids: Ids, paragraphs: dict[int, int]) -> tuple[int, int] | None:
    """The paragraphs of the first and the last sentence, None when there are none."""
    known = [paragraphs[i] for i in ids if i in paragraphs]
    return (known[0], known[-1]) if known else None
