"""Files as streams of bytes and lines, so that a bitext is read without holding its file in memory as well."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from align.archive import bounded
from align.bitext import InputError


class _Unpacked(io.RawIOBase):
    """What gzip unpacks, as far as archive.bounded lets it; it can be moved in like any file."""

    def __init__(self, path: Path, packed: gzip.GzipFile) -> None:
        self.path, self.packed, self.size = path, packed, path.stat().st_size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self.packed.readinto(buffer)
        bounded(self.packed.tell(), self.size, str(self.path))
        return count

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        place = self.packed.seek(offset, whence)
        bounded(place, self.size, str(self.path))
        return place


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The bytes of a file, unpacked when gzip packed them; InputError, also for what goes wrong while it is read."""
    try:
        with open(path, "rb") as raw:
            if raw.peek(2)[:2] == b"\x1f\x8b":
                with gzip.open(raw) as packed:
                    yield cast(BinaryIO, io.BufferedReader(_Unpacked(path, packed), 1 << 16))
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
