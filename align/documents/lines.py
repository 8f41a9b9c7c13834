"""Lines to paragraphs: is a line a paragraph, or is the text wrapped at a fixed width?

Spans are (start, end) in characters of the text given, stripped of white space, ascending.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from align.bitext import Span
from align.documents.furniture import is_furniture

# Text is taken as wrapped when so many line breaks fall inside a sentence before a small letter ...
SMALL_LETTER_SHARE = 0.4
# ... or when so many lines are full and so many break off inside a sentence, at a width that people wrap at.
FULL_SHARE = 0.7
INSIDE_SHARE = 0.5
WIDTHS = range(40, 131)
# In wrapped text a line was ended on purpose when the next word would have fitted into this share of the width.
SHORT = 0.7

_LINE = re.compile(r"[^\n]+")
_LIST_ITEM = re.compile(r"(?:[•·▪●◦‣*+]|[-–—](?=\s)|\(?(?:\d{1,3}|[^\W\d_])[.)]|[ivxIVX]{1,5}[.)])\s+\S")
_SENTENCE_END = re.compile(r"[.!?…:;][\"'»”’)\]]*$")
_PART_END = re.compile(r"[.!?…:;,][\"'»”’)\]]*$")


def line_spans(text: str) -> list[Span]:
    """Spans of the lines that a writer broke: a break before a small letter or after no mark of punctuation goes on.

    For line breaks inside a paragraph of a page or a document, where wrapping is the program's matter.
    """
    spans: list[Span] = []
    for start, end in _lines(text):
        blank_before = bool(spans) and text.count("\n", spans[-1][1], start) > 1
        if spans and not blank_before and text[start].islower() and not _PART_END.search(text[max(0, spans[-1][1] - 4) : spans[-1][1]]):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def paragraph_spans(text: str) -> list[Span]:
    """Spans of the paragraphs of a plain text: parted by empty lines, and by every line break unless the text is wrapped."""
    groups = list(_groups(text))
    width = _wrap_width(text, groups)
    if width is None:
        return [line for group in groups for line in group]
    spans: list[Span] = []
    for group in groups:
        spans.append(group[0])
        for before, after in zip(group, group[1:], strict=False):
            if _breaks(text, before, after, width):
                spans.append(after)
            else:
                spans[-1] = (spans[-1][0], after[1])
    return spans


def _lines(text: str) -> Iterator[Span]:
    """Spans of the lines that are not white space, stripped."""
    for match in _LINE.finditer(text):
        line = match.group()
        bare = line.strip()
        if bare:
            start = match.start() + len(line) - len(line.lstrip())
            yield start, start + len(bare)


def _groups(text: str) -> Iterator[list[Span]]:
    """Lines between empty lines."""
    group: list[Span] = []
    for start, end in _lines(text):
        if group and text.count("\n", group[-1][1], start) > 1:
            yield group
            group = []
        group.append((start, end))
    if group:
        yield group


def _wrap_width(text: str, groups: list[list[Span]]) -> int | None:
    """The width in characters at which the text is wrapped; None when a line is a paragraph."""
    pairs = [pair for group in groups for pair in zip(group, group[1:], strict=False)]
    if not pairs:
        return None
    ends = [text[max(start, end - 4) : end] for (start, end), _ in pairs]
    goes_on = sum(text[after[0]].islower() and not _SENTENCE_END.search(e) for (_, after), e in zip(pairs, ends, strict=True))
    width = max(end - start for (start, end), _ in pairs)
    if goes_on >= SMALL_LETTER_SHARE * len(pairs):
        return width
    inside = sum(not _SENTENCE_END.search(e) for e in ends)
    full = sum(_with_next_word(text, before, after) > 0.85 * width for before, after in pairs)
    if len(pairs) >= 3 and width in WIDTHS and inside >= INSIDE_SHARE * len(pairs) and full >= FULL_SHARE * len(pairs):
        return width
    return None


def _with_next_word(text: str, before: Span, after: Span) -> int:
    """How long the line would be with the next line's first word."""
    word = text[after[0] : min(after[1], after[0] + 60)].split(None, 1)[0]
    return before[1] - before[0] + 1 + len(word)


def _breaks(text: str, before: Span, after: Span, width: int) -> bool:
    """Does a new paragraph begin with the line `after` of a wrapped text?"""
    line, following = text[before[0] : before[1]], text[after[0] : after[1]]
    if is_furniture(line) or is_furniture(following):
        return True
    if following[0].islower() and not _LIST_ITEM.match(following):
        return False
    if _LIST_ITEM.match(following) and (_SENTENCE_END.search(line[-4:]) or _LIST_ITEM.match(line)):
        return True
    return _with_next_word(text, before, after) <= SHORT * width
