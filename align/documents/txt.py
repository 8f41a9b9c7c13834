"""Plain text."""

from __future__ import annotations

from align.documents.blocks import Reading
from align.documents.lines import paragraph_spans


def read(text: str) -> Reading:
    """The text as it is, with the spans of its paragraphs; see lines.paragraph_spans."""
    return Reading(text, tuple(paragraph_spans(text)))
