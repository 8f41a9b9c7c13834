"""Files and texts as the browser sends them, written to a folder to be read, and files as it takes them."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from align import formats
from align.bitext import Bitext, InputError

LARGEST = 20_000_000  # bytes of a file, characters of a text
READABLE = tuple(f".{name}" for name, form in formats.FORMATS.items() if form.load is not None and form.kind != "pair" and name != "docx")


@contextmanager
def without_folder(folder: str) -> Iterator[None]:
    """Errors name files as the user does, without the folder that they were put in."""
    try:
        yield
    except InputError as error:
        raise InputError(re.sub(rf"{re.escape(folder)}/(source|target)?/?", "", str(error))) from error


def as_sent(bitext: Bitext, names: Mapping[str, str | None]) -> Bitext:
    """Documents come from the files that the browser sent, pasted texts (None) from none; not from where they were put to be read."""
    sides = {f"{side}_document": (getattr(bitext, f"{side}_document"), name) for side, name in names.items()}
    fields: dict[str, Any] = {field: document and replace(document, source=name) for field, (document, name) in sides.items()}
    return replace(bitext, **fields)


def received(file: Any, folder: Path) -> Path:
    """A file that the browser sent as {name, data in base64}, written to a folder under the last part of its name."""
    if not isinstance(file, dict) or not isinstance(file.get("data"), str):
        raise InputError("a file came without its content")
    name = re.split(r"[\\/]", str(file.get("name") or "file"))[-1].replace("\x00", "")[-120:]
    if len(file["data"]) > LARGEST * 4 // 3 + 4:
        raise InputError(f"{name} is larger than {LARGEST // 1_000_000} MB; split it, or use the command line")
    try:
        data = b64decode(file["data"], validate=True)
    except Base64Error as error:
        raise InputError(f"{name} did not arrive whole; send it again") from error
    path = folder / (name if name.strip(". ") else "file")
    path.write_bytes(data)
    return path


def given(file: Any, text: str, side: str, folder: Path) -> Path:
    if file:
        return received(file, folder)
    if len(text) > LARGEST:
        raise InputError(f"the {side} text is longer than {LARGEST:,} characters; split it, or use the command line")
    if not text.strip():
        more = ", or give its language alone, to have it translated" if side == "target" else ""
        raise InputError(f"there is no {side} version; choose a file or paste its text{more}")
    path = folder / f"{side} text.txt"
    path.write_text(text, "utf-8", "replace")
    return path


def file_name(name: str) -> str:
    """A name that every file system takes; "bitext" when nothing is left."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-.")[:80].encode()[:200].decode("utf-8", "ignore") or "bitext"


def packed(files: Sequence[tuple[str, bytes]]) -> list[dict[str, str]]:
    """Files as the browser takes them."""
    return [{"name": name, "data": b64encode(data).decode()} for name, data in files]
