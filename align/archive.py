"""Zip archives that office programs write, looked at before another library reads them."""

from __future__ import annotations

import zipfile
import zlib
from typing import BinaryIO

from align.bitext import InputError

LIMIT = 1_000_000_000  # bytes that an archive may unpack to
RATIO = 200  # and times its packed size, above a megabyte


def bounded(total: int, size: int, name: str, limit: int = LIMIT) -> None:
    """InputError when `total` bytes are more than what a file of `size` bytes may unpack to."""
    if total > limit or (total > 1_000_000 and total > RATIO * size):
        raise InputError(f"{name} unpacks to more than {total // 1_000_000} MB from {size:,} bytes; it was not read")


def names_of(stream: BinaryIO, kind: str, name: str, limit: int = LIMIT) -> list[str]:
    """What the archive holds; InputError for one that is broken, bloated or declares XML entities. The stream is at its start again."""
    try:
        size = stream.seek(0, 2)
        with zipfile.ZipFile(stream) as archive:
            total = 0
            names = archive.namelist()
            for entry in names:
                with archive.open(entry) as content:
                    while piece := content.read(1 << 20):
                        total += len(piece)
                        bounded(total, size, name, limit)
                        if entry.endswith((".xml", ".rels")) and b"<!ENTITY" in piece:
                            raise InputError(f"{name} declares XML entities, which no {kind} file does; it was not read")
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise InputError(f"{name} is broken, cut short or not {kind} ({error}); open it in an office program and save it again as {kind}") from error
    stream.seek(0)
    return names


def check(stream: BinaryIO, kind: str, part: str, name: str) -> None:
    """As `names_of`, and InputError when the archive has no part that begins with `part`."""
    if not any(entry.startswith(part) for entry in names_of(stream, kind, name)):
        raise InputError(f"{name} is a zip archive but not {kind}: it has no {part}; save it as {kind}")
