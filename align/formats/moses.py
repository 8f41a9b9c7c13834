"""A Moses pair: NAME.en and NAME.ru, one row a line in both; a missing side is an empty line. Line breaks inside a side become blanks."""

from __future__ import annotations

from typing import BinaryIO

from align.bitext import Bitext, InputError, Row
from align.formats.fields import bitext_of
from align.formats.streams import lines


def dump(bitext: Bitext) -> tuple[str, str]:
    """The two files' texts."""
    return tuple("".join(" ".join((side or "").splitlines()) + "\n" for side in sides) for sides in (  # type: ignore[return-value]
        [r.source for r in bitext.rows], [r.target for r in bitext.rows]))  # fmt: skip


def load(source_stream: BinaryIO, target_stream: BinaryIO, name: str, source: str, target: str) -> Bitext:
    """Rows of two files with the same number of lines."""
    sides = [[line.rstrip("\r\n") for line in lines(s, f"{name} ({code})")] for s, code in ((source_stream, source), (target_stream, target))]
    if len(sides[0]) != len(sides[1]):
        raise InputError(f"{name}: {len(sides[0])} lines in {source} and {len(sides[1])} in {target}; a Moses pair has as many on both sides")
    rows = [Row(s or None, t or None, origin_source="human" if s else "missing", origin_target="human" if t else "missing") for s, t in zip(*sides, strict=True)]
    return bitext_of(rows, source, target, name)
