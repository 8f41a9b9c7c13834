"""Word: a table of two columns, its header the two language codes, repeated on every page; one row a line. For reading and correcting.

A missing side is an empty cell. Read back, tracked changes are accepted, and the first table whose header has two cells is taken; scores, ids and origins are not kept.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any, BinaryIO

from align import archive
from align.bitext import HUMAN, MISSING, Bitext, InputError, Row
from align.formats.fields import bitext_of
from align.formats.languages import direction
from align.formats.markup import escaped


def dump(bitext: Bitext) -> Iterator[bytes]:
    """The file; InputError names the row whose text XML cannot hold."""
    from docx import Document
    from docx.oxml import OxmlElement

    document = Document()
    titles = [d.title for d in (bitext.source_document, bitext.target_document) if d is not None and d.title]
    document.core_properties.title = " / ".join(printable(t) for t in titles)[:255]
    document.core_properties.language = bitext.target_language
    if bitext.verdict is not None:
        document.add_paragraph(f"{bitext.verdict.kind}: {bitext.verdict.reason}")
    codes = (bitext.source_language, bitext.target_language)
    table = document.add_table(rows=1, cols=2, style="Table Grid")
    for cell, code in zip(table.rows[0].cells, codes, strict=True):
        cell.paragraphs[0].add_run(code).bold = True
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    body = table._tbl
    for number, row in enumerate(bitext.rows):
        line = OxmlElement("w:tr")
        properties = OxmlElement("w:trPr")
        properties.append(OxmlElement("w:cantSplit"))
        line.append(properties)
        for text, code in zip((row.source, row.target), codes, strict=True):
            cell = OxmlElement("w:tc")
            paragraph = OxmlElement("w:p")
            write_text(paragraph, text or "", code, number)
            cell.append(paragraph)
            line.append(cell)
        body.append(line)
    yield saved(document)


def write_text(paragraph: Any, text: str, code: str, row: int) -> None:
    """Put a text into an empty <w:p>, right to left where its language is; line ends (as line feeds) and tabs stay. InputError names the row."""
    from docx.oxml import OxmlElement
    from docx.text.paragraph import Paragraph

    if direction(code) == "rtl":
        paragraph.get_or_add_pPr().append(OxmlElement("w:bidi"))
    if escaped(text, f"row {row}"):
        run = Paragraph(paragraph, None).add_run(text.replace("\r\n", "\n"))  # type: ignore[arg-type]
        if direction(code) == "rtl":
            run._r.get_or_add_rPr().append(OxmlElement("w:rtl"))


def printable(text: str) -> str:
    """A title on one line without characters that XML cannot hold."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def saved(document: Any) -> bytes:
    """The bytes of a document."""
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def load(stream: BinaryIO, name: str, source: str | None, target: str | None) -> Bitext:
    """Read the table; `source` and `target` win over its header. InputError for a file without such a table."""
    data = BytesIO(stream.read())
    archive.check(data, "DOCX", "word/document.xml", name)
    from docx import Document
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError

    from align.documents.docx import text_of

    try:
        for table in Document(data).tables:
            lines = [[text_of(cell) for cell in line.tc_lst] for line in table._tbl.tr_lst if not line.xpath("./w:trPr/w:del")]
            if lines and len(lines[0]) == 2:
                return _bitext(lines, name, source, target)
    except (OpcError, LxmlError, KeyError, ValueError, AttributeError, zipfile.BadZipFile) as error:
        raise InputError(f"{name} is not DOCX that can be read ({type(error).__name__}: {error}); open it in a word processor and save it again") from error
    raise InputError(f"{name} has no table of two columns; expected one whose first row names the languages, such as en and ru")


def _bitext(lines: list[list[str]], name: str, source: str | None, target: str | None) -> Bitext:
    rows = []
    for number, line in enumerate(lines[1:], 2):
        if len(line) != 2:
            raise InputError(f"{name}, table row {number}: {len(line)} cells; expected two, do not merge or divide cells")
        sides = [text or None for text in line]
        if any(sides):
            origins = [MISSING if side is None else HUMAN for side in sides]
            rows.append(Row(sides[0], sides[1], origin_source=origins[0], origin_target=origins[1]))
    return bitext_of(rows, source, target, name, (lines[0][0].strip(), lines[0][1].strip()))
