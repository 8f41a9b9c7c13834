"""Files as streams of bytes and lines, so that a bitext is read without holding its file in memory as well."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from align.bitext import InputError


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The bytes of a file, unpacked when gzip packed them; InputError, also for what goes wrong while it is read."""
    try:
        with open(path, "rb") as raw:
            if raw.peek(2)[:2] == b"\x1f\x8b":
                with gzip.open(raw) as unpacked:
                    yield cast(BinaryIO, unpacked)
            else:
                yield raw
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error


def lines(stream: BinaryIO, name: str) -> Iterator[str]:
    """Lines with their line feeds, without a byte order mark; InputError names the line that is not UTF-8."""
    for number, raw in enumerate(stream, 1):
        if number == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        try:
            yield raw.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise InputError(f"{name}, line {number} is not UTF-8 at byte {error.start} of the line; save the file as UTF-8") from error
