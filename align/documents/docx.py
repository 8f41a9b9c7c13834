"""Word documents as they read with all changes accepted: paragraphs and tables in the order of the page, then footnotes and endnotes.

python-docx opens the package; its own texts leave out what was inserted with changes tracked, content controls, fields, text boxes and notes,
so the elements are walked here (ECMA-376 part 1, WordprocessingML).
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any, BinaryIO

from align import archive
from align.bitext import InputError
from align.documents.blocks import Block, Reading, assemble, raised
from align.documents.furniture import is_ornament

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_WRAPPERS = frozenset(_W + name for name in ("tbl", "tr", "tc", "sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag"))
_LEFT_OUT = frozenset(_W + name for name in ("del", "moveFrom", "instrText", "rt", "pPr", "rPr", "sdtPr"))
_REFERENCES = {_W + "footnoteReference": "footnote", _W + "endnoteReference": "endnote"}
_SIGNS = {_W + "tab": "\t", _W + "ptab": "\t", _W + "br": "\n", _W + "cr": "\n", _W + "noBreakHyphen": "-"}
LIMIT = 200_000_000  # bytes that a document may unpack to


def read(data: bytes) -> Reading:
    """A document from its bytes; InputError for a broken or bloated archive and for one that is no Word document."""
    stream = BytesIO(data)
    _check(stream)
    from docx import Document
    from docx.opc.exceptions import PackageNotFoundError
    from lxml.etree import XMLSyntaxError

    try:
        document = Document(stream)
        blocks = list(_Body(document).blocks())
        core = document.core_properties
        headings = [p.text for p in document.paragraphs[:20] if p.style is not None and (p.style.name or "").startswith(("Title", "Heading 1"))]
        headings += [core.title] if core.title else []
    except (PackageNotFoundError, XMLSyntaxError, KeyError, ValueError, AttributeError, zipfile.BadZipFile) as error:
        raise InputError(f"this docx is broken ({type(error).__name__}: {error}); open it in a word processor and save it again") from error
    return assemble(blocks, headings=headings)


def _check(stream: BinaryIO) -> None:
    """Look at the archive before anything else reads it."""
    names = archive.names_of(stream, "DOCX", "this document", LIMIT)
    if any(name.startswith("xl/") for name in names):
        raise InputError("this is a spreadsheet; a bitext in one is read by bitext convert, check, fill and extract, and a document is txt, html, docx or pdf")
    if "word/document.xml" not in names:
        raise InputError("this zip archive is no Word document; save the text as docx, html or txt")


def text_of(cell: Any) -> str:
    """The text of a table cell (an lxml element), a line a paragraph."""
    return "\n".join(block.text for block in _Body()._container(cell))


class _Body:
    """Blocks of an opened document."""

    def __init__(self, document: Any = None) -> None:
        self.document = document
        self.notes: list[tuple[str, str, str]] = []  # (kind, id, number as it shows) of those referred to so far
        self.number = ""  # of the note that is being read
        self.boxes: list[Any] = []  # text boxes of the paragraph that is being read

    def blocks(self) -> Iterator[Block]:
        """Body, then the notes that it refers to."""
        yield from self._container(self.document.element.body)
        parts = {kind: self._notes_of(kind) for kind in ("footnote", "endnote")}
        for kind, name, number in self.notes:  # a note may refer to a further one
            self.number = number
            note = parts[kind].pop(name, None)
            if note is not None:
                yield from self._container(note)

    def _notes_of(self, kind: str) -> dict[str, Any]:
        from docx.oxml import parse_xml

        for relation in self.document.part.rels.values():
            if relation.reltype.endswith(f"/{kind}s") and not relation.is_external:
                return {str(note.get(_W + "id")): note for note in parse_xml(relation.target_part.blob).iter(_W + kind)}
        return {}

    def _container(self, element: Any) -> Iterator[Block]:
        for child in element:
            if child.tag == _W + "p":
                text = "".join(self._texts(child))
                yield Block(text, is_ornament(text))
                boxes, self.boxes = self.boxes, []
                for box in boxes:
                    yield from self._container(box)
            elif child.tag in _WRAPPERS and child.find(f"{_W}trPr/{_W}del") is None:
                yield from self._container(child)

    def _texts(self, element: Any) -> Iterator[str]:
        """Pieces of text inside a paragraph; an explicit stack, since fields and boxes nest."""
        stack = list(reversed(element))
        while stack:
            child = stack.pop()
            if child.tag in (_W + "t", _M + "t"):
                yield raised(child.text or "") if _is_raised(child) else child.text or ""
            elif child.tag in _SIGNS:
                yield _SIGNS[child.tag]
            elif child.tag == _W + "txbxContent":
                self.boxes.append(child)
            elif child.tag in _REFERENCES:
                kind = _REFERENCES[child.tag]
                number = raised(str(1 + sum(note[0] == kind for note in self.notes)))
                self.notes.append((kind, child.get(_W + "id"), number))
                if child.get(_W + "customMarkFollows") not in ("1", "true", "on"):
                    yield number
            elif child.tag in (_W + "footnoteRef", _W + "endnoteRef"):
                yield self.number
            elif child.tag == _MC + "AlternateContent":  # the same twice: for new programs and for old ones
                stack.extend(reversed(child.findall(_MC + "Choice")[:1] or child.findall(_MC + "Fallback")))
            elif child.tag not in _LEFT_OUT:
                stack.extend(reversed(child))


def _is_raised(text: Any) -> bool:
    mark = text.getparent().find(f"{_W}rPr/{_W}vertAlign")
    return mark is not None and mark.get(_W + "val") == "superscript"
