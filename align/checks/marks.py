"""Quotes and brackets: left open, or on one side only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from align.bitext import Bitext, Span
from align.checks.table import Context, Hit

_BRACKETS = {")": "(", "]": "[", "}": "{", "»": "«", "”": "“"}
_QUOTES = re.compile("[\"«»“”„‟]")
_LIST_ITEM = re.compile(r"^\s*\(?[\w]{1,4}[).]")
_LATER_ITEM = re.compile(r"(?:[;:,.\d]|\b(?:and|or|и|или|та|або))\s+[^\W_]{1,4}\)(?=[\s.,;:]|$)")
FAR = 12  # rows over which a quotation may run


def find(bitext: Bitext, context: Context) -> Iterator[Hit]:
    """Rows with a bracket left open on one side and not on the other, or with quotes on one side only.

    What a row opens and one of the next FAR rows closes is a quotation of several sentences, and nothing to report.
    """
    lefts, rights = _left_open([r.source for r in bitext.rows]), _left_open([r.target for r in bitext.rows])
    for number, (row, left, right) in enumerate(zip(bitext.rows, lefts, rights, strict=True)):
        if not row.source or not row.target:
            continue
        if bool(left) != bool(right):
            side = "source" if left else "target"
            yield Hit(number, 0.5, f"a bracket or quote is left open in the {side}", tuple(left), tuple(right))
            continue
        quotes = [[m.span() for m in _QUOTES.finditer(t)] for t in (row.source, row.target)]
        if bool(quotes[0]) != bool(quotes[1]):
            side = "source" if quotes[0] else "target"
            yield Hit(number, 0.3, f"quotation marks stand in the {side} only", tuple(quotes[0]), tuple(quotes[1]))
        elif row.source.count("(") != row.target.count("(") and not _LIST_ITEM.match(row.source):
            yield Hit(number, 0.3, f"{row.source.count('(')} brackets in the source, {row.target.count('(')} in the target")


def _left_open(texts: Sequence[str | None]) -> list[list[Span]]:
    """For each row the spans of the marks that have no partner in it or near it."""
    alone = [_alone(text) if text else [] for text in texts]
    waiting: list[tuple[int, Span, str]] = []
    for number, spans in enumerate(map(tuple, alone)):
        waiting = [w for w in waiting if w[0] + FAR >= number]
        for span in spans:
            mark = str(texts[number])[span[0] : span[1]]
            opener = '"' if mark == '"' else _BRACKETS.get(mark)
            begun = [w for w in waiting if w[2] == opener and w[0] < number]
            if not begun:
                waiting.append((number, span, mark))
                continue
            alone[number].remove(span)
            for row, at, _ in begun:  # every paragraph of a long quotation may open it anew
                alone[row].remove(at)
            waiting = [w for w in waiting if w not in begun]
    return alone


def _alone(text: str) -> list[Span]:
    """Spans of brackets and pointed quotes without a partner in the text; straight quotes must be even."""
    stack: list[tuple[str, int]] = []
    alone: list[Span] = []
    item = _LIST_ITEM.match(text)
    later = {m.end() - 1 for m in _LATER_ITEM.finditer(text)}  # "а) ...; б) ...; и в) ..."
    for at, character in enumerate(text):
        if (item and at < item.end()) or (at in later and not (stack and stack[-1][0] == "(")):
            continue
        if character in "“”" and stack and stack[-1][0] == "„":  # „so“ or „so”
            stack.pop()
        elif character == "„" or character in _BRACKETS.values():
            stack.append((character, at))
        elif character in _BRACKETS:
            while stack and stack[-1][0] == "„":  # "„so", whose end was forgotten or is a straight one
                stack.pop()
            if stack and stack[-1][0] == _BRACKETS[character]:
                stack.pop()
                if character == "»" and text.count("«") > text.count("»") and stack and stack[-1][0] == "«":  # «a «b» closes both
                    stack.pop()
            elif character != "”":
                alone.append((at, at + 1))
    alone += [(at, at + 1) for character, at in stack if character != "„"]  # which other marks close as well
    if (pending := _straight(text)) is not None:
        alone.append((pending, pending + 1))
    return sorted(alone)


def _straight(text: str) -> int | None:
    """The place of a straight quote that stays open. One behind a digit closes what is open, or else it is inches."""
    marks = [(at, at > 0 and text[at - 1].isdigit()) for at, c in enumerate(text) if c == '"']
    pending = None
    for at, digit in marks:
        if pending is not None:
            pending = None
        elif not digit:
            pending = at
    return pending if sum(not digit for _, digit in marks) % 2 else None
