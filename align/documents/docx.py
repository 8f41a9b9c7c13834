"""Word documents: paragraphs and tables in the order of the page, list items and headings as paragraphs."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from align.bitext import InputError
from align.documents.blocks import Block, Reading, assemble
from align.documents.furniture import is_furniture

LIMIT = 200_000_000  # bytes that a document may unpack to
RATIO = 200  # and times its packed size, above a megabyte


def read(data: bytes) -> Reading:
    """A document from its bytes; InputError for a broken or bloated archive and for one that is no Word document."""
    _check(data)
    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError
    from lxml.etree import XMLSyntaxError

    try:
        document = Document(BytesIO(data))
        blocks = list(_blocks(document.iter_inner_content()))
        core = document.core_properties
        headings = [p.text for p in document.paragraphs[:20] if p.style is not None and (p.style.name or "").startswith(("Title", "Heading 1"))]
        headings += [core.title] if core.title else []
    except (PackageNotFoundError, XMLSyntaxError, KeyError, ValueError, AttributeError, zipfile.BadZipFile) as error:
        raise InputError(f"this docx is broken ({type(error).__name__}: {error}); open it in a word processor and save it again") from error
    return assemble(blocks, headings=headings)


def _check(data: bytes) -> None:
    """Count what the archive really unpacks to, piece by piece, before anything else reads it."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()
            total = 0
            for name in names:
                with archive.open(name) as part:
                    while piece := part.read(1 << 20):
                        total += len(piece)
                        if total > LIMIT or (total > 1_000_000 and total > RATIO * len(data)):
                            raise InputError(f"this docx unpacks to more than {total // 1_000_000} MB from {len(data):,} bytes, which no statement does; it was not read")
                        if name.endswith((".xml", ".rels")) and b"<!ENTITY" in piece:
                            raise InputError("this docx declares XML entities, which Word never does; it was not read")
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise InputError(f"this docx is broken or cut short ({error}); open it in a word processor and save it again") from error
    if "word/document.xml" not in names:
        raise InputError("this zip archive is no Word document; save the text as docx, html or txt")


def _blocks(content: Any) -> Iterator[Block]:
    from docx.table import Table

    for item in content:
        if isinstance(item, Table):
            seen = set()
            for row in item.rows:
                for cell in row.cells:
                    if cell._tc not in seen:  # merged cells come once for every place
                        seen.add(cell._tc)
                        yield from _blocks(cell.iter_inner_content())
        else:
            text = item.text
            yield Block(text, is_furniture(text))
