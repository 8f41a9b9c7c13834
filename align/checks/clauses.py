"""Clauses that only one side of a row has: a side that is too long for the other, and a stretch of it without which the sides agree better."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from align.bitext import Bitext, Span
from align.checks.lengths import scales
from align.checks.table import Context, Hit

TOO_LONG = 1.3  # times the expected length, from which on a row is looked into
GAIN = 0.02  # cosine that leaving the stretch out must win
SHORTEST = 12  # characters
SAID = 0.5  # cosine with some words of the other side, from which on those say the stretch

_BORDER = re.compile(r"(?<=[,;:.!?…])\s+|\s+(?=[-–—(]\s?)|(?<=\))\s+")


def find(bitext: Bitext, context: Context) -> Iterator[Hit]:
    """One hit a row: the stretch whose removal helps most."""
    if context.encoder is None:
        return
    ratio, _ = scales(bitext)
    for number, row in enumerate(bitext.rows):
        if not row.source or not row.target:
            continue
        over = (len(row.target) + 10) / (len(row.source) * ratio + 10)
        if not 1 / TOO_LONG < over < TOO_LONG:
            long, short = (row.target, row.source) if over >= TOO_LONG else (row.source, row.target)
            found = _stretch(long, short, over if over >= TOO_LONG else 1 / over, context)
            if found is not None:
                (start, end), gain = found
                side, other = ("target", "source") if long is row.target else ("source", "target")
                what = "added" if side == "target" else "omitted"
                reason = f"{what}: “{long[start:end]}” stands in the {side}, and the {other} says nothing of it"
                spans = ((start, end),)
                yield Hit(number, min(1.0, 0.5 + 4 * gain), reason, () if side == "target" else spans, spans if side == "target" else ())


def _stretch(long: str, short: str, over: float, context: Context) -> tuple[Span, float] | None:
    """(span, gain in cosine) of the run of clauses whose removal brings the sides nearest; None where no removal helps."""
    borders = [0, *(m.end() for m in _BORDER.finditer(long)), len(long)]
    pieces = [(a, b) for a, b in zip(borders, borders[1:], strict=False) if b > a]
    if len(pieces) < 2:
        return None
    most = len(long) * (1 - 1 / over) * 1.6 + SHORTEST
    spans = [
        (pieces[i][0], pieces[j][1])
        for i in range(len(pieces))
        for j in range(i, min(i + 4, len(pieces)))
        if SHORTEST <= pieces[j][1] - pieces[i][0] <= most and pieces[j][1] - pieces[i][0] < len(long) - 5
    ]
    if not spans:
        return None
    rests = [(long[:a].rstrip(" ,;:–—") + " " + long[b:]).strip() for a, b in spans]
    vectors = context.vectors([short, long, *rests])
    gains = vectors[2:] @ vectors[0] - float(vectors[1] @ vectors[0])
    best = int(np.argmax(gains))
    if gains[best] < GAIN:
        return None
    start, end = spans[best]
    if _said(long[start:end], short, context):
        return None
    return (start, len(long[:end].rstrip())), float(gains[best])


def _said(stretch: str, other: str, context: Context) -> bool:
    """Do some words of the other side, one to three or about as many as the stretch has, mean the same? The first 160 such runs are asked."""
    words, size = other.split(), len(stretch.split())
    runs = [" ".join(words[at : at + n]) for n in sorted({1, 2, 3, max(1, size - 1), size, size + 2}) for at in range(max(1, len(words) - n + 1))]
    vectors = context.vectors([stretch, *runs[:160]])
    return bool((vectors[1:] @ vectors[0]).max() >= SAID)
