"""Markdown: blocks become paragraphs, marks of headings, lists, emphasis and links go, their words stay."""

from __future__ import annotations

import re

from align.documents.blocks import Block, Reading, assemble
from align.documents.furniture import is_furniture

_HEADING = re.compile(r"^ {0,3}#{1,6}\s+(.*)$")
_MARK = re.compile(r"^\s*(?:>\s?)*(?:[-*+]\s+|>\s?)?")
_RULE = re.compile(r"^ {0,3}(?:[-*_]\s*+){3,}$|^ {0,3}=+$|^ {0,3}-+$|^\s*+\|?(?:\s*+:?-{3,}:?\s*+\|)+\s*+:?-*:?\s*$")
_NEW = re.compile(r"^\s*(?:[-*+]\s+|\d+[.)]\s+|>|\|)")
# A mark looks for its other end only up to the next of its kind, so that a megabyte of opened brackets takes linear time.
_IMAGE = re.compile(r"!\[([^\[\]\n]*+)\]\((?:[^()\n]|\([^()\n]*+\))*+\)")
_LINK = re.compile(r"\[([^\[\]\n]++)\](?:\((?:[^()\n]|\([^()\n]*+\))*+\)|\[[^\[\]\n]*+\])")
_EMPHASIS = re.compile(r"(?<![\w\\])(\*\*\*|\*\*|\*|___|__|_|~~|`{1,9})(?=\S)((?:(?!\1).)++)(?<=\S)\1(?!\w)")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|>~])")


def looks_like(text: str) -> bool:
    """Two marks or more that prose does not have: a heading, a list of links, emphasis around words."""
    found = len(re.findall(r"^#{1,6} \S", text, re.MULTILINE)) + len(_LINK.findall(text)) + len(re.findall(r"\*\*\S[^*\n]*\*\*", text))
    return found >= 2


def read(text: str) -> Reading:
    """The words of a Markdown text, one block a paragraph, heading or list item."""
    headings: list[str] = []
    blocks: list[str] = []
    open_block = False
    for line in text.split("\n"):
        heading = _HEADING.match(line)
        if heading:
            words = _words(heading[1])
            headings.append(_plain(words))
            blocks.append(words)
            open_block = False
        elif not line.strip() or _RULE.match(line):
            open_block = False
        elif open_block and not _NEW.match(line):
            blocks[-1] += " " + line.strip()
        else:
            blocks.append(_MARK.sub("", line, count=1).strip(" |"))
            open_block = True
    plain = [_plain(block) for block in blocks]
    return assemble([Block(block, is_furniture(block)) for block in plain], headings=headings[:1])


def _words(heading: str) -> str:
    """A heading without the marks that may close it; "C#" keeps its own."""
    heading = heading.strip()
    bare = heading.rstrip("#")
    return bare.rstrip() if not bare or bare[-1].isspace() else heading


def _plain(text: str) -> str:
    text = _LINK.sub(r"\1", _IMAGE.sub(r"\1", text))
    for _ in range(3):
        text = _EMPHASIS.sub(r"\2", text)
    return _ESCAPED.sub(r"\1", text)
