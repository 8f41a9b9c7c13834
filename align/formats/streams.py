"""Files as streams of bytes and lines, so that a bitext is read without holding its file in memory as well."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from align.bitext import InputError
from align.formats.archive import LIMIT, RATIO


def _measure(unpacked: gzip.GzipFile, path: Path) -> None:
    """InputError for more than archive.LIMIT bytes and, above a megabyte, more than archive.RATIO times the packed size; else the stream is at its start again."""
    size, total = path.stat().st_size, 0
    while piece := unpacked.read(1 << 20):
        total += len(piece)
        if total > LIMIT or (total > 1_000_000 and total > RATIO * size):
            raise InputError(f"{path} unpacks to more than {total // 1_000_000} MB from {size:,} bytes; it was not read")
    unpacked.seek(0)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The bytes of a file, unpacked when gzip packed them; InputError, also for what goes wrong while it is read."""
    try:
        with open(path, "rb") as raw:
            if raw.peek(2)[:2] == b"\x1f\x8b":
                with gzip.open(raw) as unpacked:
                    _measure(unpacked, path)
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
