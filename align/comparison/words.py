"""What differs between two versions in one language, word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from align.bitext import Span
from align.comparison.records import Change

_ALONE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # writing without spaces: each character is a word
_MARKS = r".,;:!?…\"“”„«»()\[\]{}—–。、，；：！？「」『』（）"
_WORD = re.compile(rf"[{_ALONE}]|(?:[^\s{_MARKS}{_ALONE}]|(?<=\d)[.,:](?=\d))+|\S")


def _words(text: str) -> tuple[list[str], list[int]]:
    """(words and marks, where each begins and the last ends): a word owns the white space behind it, the first also what stands before it."""
    found = list(_WORD.finditer(text))
    if not found:
        return ([""], [0, len(text)]) if text else ([], [0])
    return [m[0] for m in found], [0, *(m.start() for m in found[1:]), len(text)]


def changes(human: str, machine: str) -> tuple[Change, ...]:
    """From the human text to the machine's, in order, words removed before words put in their place; () for two empty texts.

    White space between words does not count as a difference, a difference of capitals does.
    """
    return tuple(_changes(human, machine))


def _changes(human: str, machine: str) -> Iterator[Change]:
    (before, begins), (after, ends) = _words(human), _words(machine)
    for kind, a, b, c, d in SequenceMatcher(None, before, after).get_opcodes():
        old: Span = (begins[a], begins[b])
        new: Span = (ends[c], ends[d])
        if kind == "equal":
            yield Change("equal", old, new)
            continue
        if b > a:
            yield Change("delete", old, (new[0], new[0]))
        if d > c:
            yield Change("insert", (old[1], old[1]), new)
