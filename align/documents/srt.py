"""Subtitles (SubRip, WebVTT): the words in the order of the cues, without times and tags."""

from __future__ import annotations

import re
from html import unescape
from itertools import takewhile

from align.documents.blocks import Block, Reading, assemble

_TIME = r"(?:\d{1,3}:)?\d{1,2}:\d{2}[,.]\d{1,3}"
_TIMES = re.compile(rf"^[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}[^\n]*$", re.MULTILINE)
_START = re.compile(rf"\s*(?:WEBVTT\b|(?:\d+[ \t]*\r?\n)?[ \t]*{_TIME}[ \t]*-->)")
_TAGS = re.compile(rf"</?(?:[ibuc]|font|v|lang|ruby|rt|\d)\b[^<>\n]*>|<{_TIME}>|\{{\\[^{{}}\n]*\}}", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z]\w{1,30});", re.IGNORECASE)
_WEB = re.compile(r"\s*WEBVTT\b")
_ENDED = re.compile(r"[.!?…:;♪][\"'»”’)\]]*$")
_DIALOGUE = re.compile(r"\s*[-–—]\s*\S")


def is_srt(text: str) -> bool:
    """Does the text begin as a subtitle file does?"""
    return _START.match(text[:2000].lstrip("\ufeff")) is not None


def read(text: str) -> Reading:
    """Cues joined to a paragraph until one ends a sentence; a speaker's dash after that begins a new one."""
    paragraphs: list[list[str]] = []
    cues = _cues(text)
    for cue in cues:
        for line in cue:
            ended = not paragraphs or _ENDED.search(paragraphs[-1][-1])
            if not paragraphs or (ended and (line is cue[0] or _DIALOGUE.match(line))):
                paragraphs.append([line])
            else:
                paragraphs[-1].append(line)
    note = f"{len(cues)} subtitle cue{'s' * (len(cues) != 1)} joined into paragraphs, times dropped"
    return assemble([Block(" ".join(lines)) for lines in paragraphs], notes=(note,))


def _cues(text: str) -> list[list[str]]:
    """The lines of every cue, without empty ones and empty cues. In WebVTT an empty line ends a cue: names of cues, notes and styles follow."""
    pieces = _TIMES.split(text)[1:]
    web = _WEB.match(text) is not None and not all(piece.startswith("\n\n") for piece in pieces)  # unless every second line is empty
    cues = []
    for number, piece in enumerate(pieces):
        whole = takewhile(bool, piece.removeprefix("\n").split("\n")) if web else piece.strip("\n").split("\n")
        lines = [_ENTITY.sub(lambda found: unescape(found[0]), _TAGS.sub("", line)).strip() for line in whole]
        if not web and number < len(pieces) - 1 and lines[-1].isdigit() and not piece.endswith("\n\n"):  # right above the next times: the number of that cue
            lines.pop()
        if lines := [line for line in lines if line]:
            cues.append(lines)
    return cues
