"""What one version says and the other omits, and passages that moved: unpaired rows, looked up on the other side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from align.bitext import HUMAN, Bitext, Row, Span
from align.checks.table import Context, Hit

MOVED = 0.4  # margin-scaled similarity from which on an unpaired passage is the counterpart of another
SWALLOWED = 0.65  # the same for a sentence that was joined to a neighbour
LEAST = 0.4  # the margin is at least so wide: in documents that hardly agree strangers are not each other's counterparts
SHORT = 4  # letters or digits; less is no passage


def _lone(bitext: Bitext) -> tuple[list[int], list[int]]:
    """Rows that only the source has, rows that only the target has; what an engine filled in is still missing in the version that people wrote.

    ([], []) where one version is missing as a whole: then there is nothing to compare.
    """
    if not all(_known(bitext, side) for side in ("source", "target")):
        return [], []
    there = [(_there(r, "source"), _there(r, "target")) for r in bitext.rows]
    left = [k for k, r in enumerate(bitext.rows) if there[k] == (True, False) and sum(map(str.isalnum, r.source or "")) >= SHORT]
    right = [k for k, r in enumerate(bitext.rows) if there[k] == (False, True) and sum(map(str.isalnum, r.target or "")) >= SHORT]
    return left, right


def _known(bitext: Bitext, side: str) -> bool:
    """There is a version on this side: some row has sentences of it, or, where no row has any, people wrote both sides of some row."""
    if any(r.source_ids or r.target_ids for r in bitext.rows):
        return any(r.source_ids if side == "source" else r.target_ids for r in bitext.rows)
    return any(_written(r, "source") and _written(r, "target") for r in bitext.rows)


def _written(row: Row, side: str) -> bool:
    """People wrote this side."""
    text, origin = (row.source, row.origin_source) if side == "source" else (row.target, row.origin_target)
    return bool(text) and origin == HUMAN


def _there(row: Row, side: str) -> bool:
    """The version has this side: it has a text that was not filled into a gap."""
    text, ids, other = (row.source, row.source_ids, row.target_ids) if side == "source" else (row.target, row.target_ids, row.source_ids)
    return bool(text) and (_written(row, side) or bool(ids) or not other)


@dataclass(frozen=True, slots=True)
class Place:
    """A passage: its row, its side ("source" or "target") and where it stands in that side's text."""

    row: int
    side: str
    span: Span
    text: str


def moved(bitext: Bitext, context: Context) -> list[tuple[Place, Place, float]]:
    """`_look_for_moved`, once for the three checks that ask."""
    if context.moved is None:
        context.moved = _look_for_moved(bitext, context)
    return context.moved


def _look_for_moved(bitext: Bitext, context: Context) -> list[tuple[Place, Place, float]]:
    """(source passage, target passage, sureness) of what stands in different places: unpaired rows that are each other's best, well
    above what unrelated rows have, then unpaired rows and single sentences that a neighbour swallowed."""
    if context.encoder is None:
        return []
    left, right = ([_whole(bitext, k, side) for k in ids] for side, ids in zip(("source", "target"), _lone(bitext), strict=True))
    if not left and not right:
        return []
    chance, sure = _scale(bitext, context)

    def best(ones: list[Place], others: list[Place], least: float) -> list[tuple[Place, Place, float]]:
        found = []
        similar = context.vectors([p.text for p in ones]) @ context.vectors([p.text for p in others]).T if ones and others else np.zeros((0, 1))
        while similar.size:
            i, j = divmod(int(similar.argmax()), similar.shape[1])
            nearness = (float(similar[i, j]) - chance) / max(sure - chance, LEAST)
            if nearness < least:
                break
            found.append((ones[i], others[j], min(1.0, nearness)))
            similar[i, :] = similar[:, j] = -2.0
        return found

    found = best(left, right, MOVED)
    done = {p.row for pair in found for p in pair[:2]}
    found += best([p for p in left if p.row not in done], _swallowed(bitext, context, "target"), SWALLOWED)
    found += [(s, t, v) for t, s, v in best([p for p in right if p.row not in done], _swallowed(bitext, context, "source"), SWALLOWED)]
    return found


def _whole(bitext: Bitext, row: int, side: str) -> Place:
    text = str(getattr(bitext.rows[row], side))
    return Place(row, side, (0, len(text)), text)


def _swallowed(bitext: Bitext, context: Context, side: str) -> list[Place]:
    """Sentences of rows with several on this side, without which the row's sides agree at least as well."""
    sentences = bitext.source_sentences if side == "source" else bitext.target_sentences
    found: list[Place] = []
    for number, row in enumerate(bitext.rows):
        ids, text, other = (row.source_ids, row.source, row.target) if side == "source" else (row.target_ids, row.target, row.source)
        if len(ids) < 2 or not text or not other or ids[-1] >= len(sentences):
            continue
        for k in ids:
            part = " ".join(sentences[k].text.split())
            start = text.find(part)
            if start < 0 or sum(map(str.isalnum, part)) < SHORT:
                continue
            rest = (text[:start].rstrip() + " " + text[start + len(part) :].lstrip()).strip()
            whole, without, here = context.vectors([text, rest, other]) if rest else context.vectors([text, text, other])
            if float(without @ here) >= float(whole @ here) - 0.02:
                found.append(Place(number, side, (start, start + len(part)), part))
    return found


def _scale(bitext: Bitext, context: Context) -> tuple[float, float]:
    """(cosine of unrelated rows, cosine of paired rows) in this document; 0.15 and 0.75 where there are too few rows to tell."""
    rows = [r for r in bitext.rows if r.source and r.target][:200]
    if len(rows) < 5:
        return 0.15, 0.75
    x, y = context.vectors([str(r.source) for r in rows]), context.vectors([str(r.target) for r in rows])
    return float(np.median(x @ np.roll(y, len(rows) // 2, axis=0).T)), float(np.median((x * y).sum(axis=1)))


def find_moved(bitext: Bitext, context: Context) -> Iterator[Hit]:
    """Passages that stand elsewhere on the other side; each end names the row of the other."""
    for source, target, sureness in moved(bitext, context):
        for here, there in ((source, target), (target, source)):
            reason = f"moved: this passage of the {here.side} stands in row {there.row} of the {there.side}"
            spans = (here.span,)
            yield Hit(here.row, sureness, reason, spans if here.side == "source" else (), spans if here.side == "target" else (), there.row)


def find_omitted(bitext: Bitext, context: Context) -> Iterator[Hit]:
    """Source without a target, and not moved."""
    gone = {p.row for pair in moved(bitext, context) for p in pair[:2]}
    for row in _lone(bitext)[0]:
        if row not in gone:
            text = bitext.rows[row].source or ""
            yield Hit(row, _sureness(bitext, row), "omitted: the target says nothing of this" + _filled(bitext, row, "target"), ((0, len(text)),))


def find_added(bitext: Bitext, context: Context) -> Iterator[Hit]:
    """Target without a source, and not moved."""
    gone = {p.row for pair in moved(bitext, context) for p in pair[:2]}
    for row in _lone(bitext)[1]:
        if row not in gone:
            text = bitext.rows[row].target or ""
            yield Hit(row, _sureness(bitext, row), "added: the source says nothing of this" + _filled(bitext, row, "source"), (), ((0, len(text)),))


def _sureness(bitext: Bitext, row: int) -> float:
    """Confidence of the alignment that the row is unpaired; 0.8 where a foreign file gives none."""
    score = bitext.rows[row].score
    return 0.8 if score is None else 0.4 + 0.6 * score


def _filled(bitext: Bitext, row: int, side: str) -> str:
    return "; what stands there was filled in" if getattr(bitext.rows[row], side) else ""
