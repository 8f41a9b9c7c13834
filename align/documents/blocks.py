"""What every reader hands over: the text with the spans of its paragraphs and furniture, and what the format itself tells."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from align.bitext import Span
from align.documents.cleaning import clean
from align.documents.lines import line_spans

_NUMBER = re.compile(r"[+−-]?\d+(?:\s*,\s*\d+)*")
_RAISED = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of text in reading order. Its line breaks are those of a writer, not of a page: see lines.line_spans."""

    text: str
    furniture: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as a reader understood it.

    `headings`: titles that the format marks, best first. `date`: as the format tells it, used when no line shows one.
    `language`: as the format claims, used when the text does not tell.
    """

    text: str
    paragraphs: tuple[Span, ...]
    furniture: tuple[Span, ...] = ()
    headings: tuple[str, ...] = ()
    date: str | None = None
    language: str | None = None
    notes: tuple[str, ...] = ()


def raised(text: str) -> str:
    """Superscript text without its markup: "harvest" + "1" -> "harvest¹", "10" + "-6" -> "10⁻⁶"; what is no number stays ("1st")."""
    return text.translate(_RAISED) if _NUMBER.fullmatch(text.strip()) else text


def assemble(
    blocks: Iterable[Block],
    *,
    headings: Iterable[str] = (),
    date: str | None = None,
    language: str | None = None,
    notes: Iterable[str] = (),
) -> Reading:
    """One text of the blocks, an empty line between two; blocks without visible characters vanish."""
    parts: list[str] = []
    paragraphs: list[Span] = []
    furniture: list[Span] = []
    position = 0
    for block in blocks:
        text = clean(block.text)[0].strip()
        if not text:
            continue
        parts.append(text)
        spans = furniture if block.furniture else paragraphs
        spans.extend((position + start, position + end) for start, end in line_spans(text))
        position += len(text) + 2
    return Reading(
        "\n\n".join(parts), tuple(paragraphs), tuple(furniture), tuple(headings), date, language, tuple(notes)
    )
