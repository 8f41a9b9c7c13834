"""PDF with text: lines joined to paragraphs, hyphens at line ends mended, page numbers and repeated page headers as furniture."""

from __future__ import annotations

import logging
import re
from collections import Counter
from io import BytesIO

from align.bitext import InputError
from align.documents.blocks import Block, Reading, assemble
from align.documents.furniture import is_furniture

PAGES = 5_000
_PAGE_NUMBER = re.compile(r"(?:page |стр\.? ?|с\. ?)?[-–— ]*\d{1,4}[-–— ]*(?:/ ?\d{1,4})?", re.IGNORECASE)
_END = re.compile(r"[.!?…:;][\"'»”’)\]]*$")


def read(data: bytes) -> Reading:
    """A PDF from its bytes; InputError when it is encrypted, broken, or holds pictures of text only."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise InputError("this PDF is locked with a password; save it without one")
        pages = [(page.extract_text() or "").split("\n") for page in reader.pages[:PAGES]]
        title = reader.metadata.title if reader.metadata else None
    except (PyPdfError, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError, OSError, NotImplementedError) as error:
        raise InputError(f"this PDF is broken ({type(error).__name__}: {error}); print it to PDF again, or save it as text") from error
    if not any(line.strip() for page in pages for line in page):
        raise InputError("this PDF holds no text, only pictures of it; run it through a text recogniser (OCR) first")
    return assemble(_blocks([[re.sub(r"[ \t]+", " ", line).strip() for line in page] for page in pages]), headings=[title] if isinstance(title, str) else [])


def _blocks(pages: list[list[str]]) -> list[Block]:
    """Paragraphs: a line that ends a sentence and is shorter than the page is wide ends one; headers and numbers stand apart."""
    edges = Counter(line for page in pages for line in {*_filled(page)[:1], *_filled(page)[-1:]})
    lengths = sorted(len(line) for page in pages for line in page if line)
    width = lengths[int(0.9 * (len(lengths) - 1))]
    blocks: list[Block] = []
    current = ""
    for page in pages:
        filled = _filled(page)
        for number, line in enumerate(page):
            if not line:
                continue
            edge = line in (filled[0], filled[-1]) and (_PAGE_NUMBER.fullmatch(line) or (len(pages) > 2 and edges[line] > len(pages) / 2))
            if edge or is_furniture(line):
                blocks.append(Block(line, furniture=True))
                continue
            current = _joined(current, line)
            gap = number + 1 < len(page) and not page[number + 1]
            short = len(line) < 0.8 * width
            if (gap and (short or _END.search(line))) or (short and (_END.search(line) or len(line) < 0.5 * width)):
                blocks.append(Block(current))
                current = ""
    return [*blocks, Block(current)]


def _filled(page: list[str]) -> list[str]:
    return [line for line in page if line] or [""]


def _joined(before: str, line: str) -> str:
    if re.search(r"[^\W\d_]-$", before) and line[:1].islower():
        return before[:-1] + line
    return f"{before} {line}" if before else line
