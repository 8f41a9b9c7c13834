"""A pair of subtitle files (SubRip): NAME.en.srt and NAME.ru.srt, one row a cue in both.

Rows have no times, so they are made up: the cues follow each other, each as long as its longer side takes to read at 15 characters a
second and never under one second, with the same times on both sides. A cue's number is the row's number from 1; a missing side has no cue.
Line breaks inside a side stay, empty lines and white space at the ends of lines go, for SubRip cannot hold them. Read back, cues pair by number.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from align.bitext import HUMAN, MISSING, Bitext, InputError, Row
from align.formats.fields import bitext_of
from align.formats.streams import lines

SPEED = 15  # characters a second
_TIMES = re.compile(r"\s*[\d:]+[,.]\d+\s*-->\s*[\d:]+[,.]\d+")


def dump(bitext: Bitext) -> tuple[str, str]:
    """The two files' texts."""
    sides: tuple[list[str], list[str]] = ([], [])
    start = 0
    for number, row in enumerate(bitext.rows, 1):
        length = max(len(row.source or ""), len(row.target or ""))
        end = start + max(1000, round(1000 * length / SPEED))
        for cues, text in zip(sides, (row.source, row.target), strict=True):
            if text is not None:
                cues.append(f"{number}\n{_time(start)} --> {_time(end)}\n{_body(text)}\n")
        start = end
    return "".join(sides[0]), "".join(sides[1])


def _time(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02},{rest:03}"


def _body(text: str) -> str:
    return "".join(f"{line.strip()}\n" for line in text.splitlines() if line.strip())


def load(source_stream: BinaryIO, target_stream: BinaryIO, name: str, source: str, target: str) -> Bitext:
    """Rows of two subtitle files in the order of the cues' numbers; a number that one file lacks is a row with one side."""
    sides = [_cues(s, f"{name} ({code})") for s, code in ((source_stream, source), (target_stream, target))]
    rows = []
    for number in sorted({*sides[0], *sides[1]}):
        one, two = sides[0].get(number), sides[1].get(number)
        rows.append(Row(one, two, origin_source=MISSING if one is None else HUMAN, origin_target=MISSING if two is None else HUMAN))
    return bitext_of(rows, source, target, name)


def _cues(stream: BinaryIO, name: str) -> dict[int, str]:
    """Texts by cue number. InputError names the line where a cue does not begin as it should, or comes twice."""
    found: dict[int, str] = {}
    block: list[str] = []
    at = 0
    for at, line in enumerate([*lines(stream, name), ""], 1):
        if line.strip():
            block.append(line.strip())
            continue
        if block:
            _add(found, block, f"{name}, line {at - len(block)}")
        block = []
    return found


def _add(found: dict[int, str], block: list[str], where: str) -> None:
    if len(block) < 2 or not block[0].isascii() or not block[0].isdigit() or not _TIMES.match(block[1]):
        raise InputError(f"{where}: {block[0][:40]!r} begins no cue; expected its number, then a line such as 00:00:01,000 --> 00:00:02,500")
    if int(block[0]) in found:
        raise InputError(f"{where}: cue {block[0]} comes twice; cues pair by number, so number them anew")
    found[int(block[0])] = "\n".join(block[2:])
