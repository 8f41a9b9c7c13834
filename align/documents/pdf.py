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
LONGEST_WORD = 100  # characters of a word that a hyphen breaks
EDGE = 4  # most lines that a running head or foot has
_PAGE_NUMBER = re.compile(r"(?:page |стр\.? ?|с\. ?)?[-–— ]*\d{1,4}[-–— ]*(?:(?:/|of|из) ?\d{1,4})?", re.IGNORECASE)
_PRINTED = re.compile(  # what browsers put above and below the pages that they print: when, and from where
    r"(?:\d+ (?:of|из) \d+ )?\d{1,2}[./]\d{1,2}[./]\d{2,4}, \d{1,2}:\d\d(?::\d\d)?(?:.?[AP]M)?(?: .{0,200})?|(?:.{0,200} )?(?:https?|ﬁle|file)://\S+(?: \d+ ?(?:/|of|из) ?\d+)?", re.IGNORECASE
)
_HYPHENATED = re.compile(r"(?<![^\W_])(?=([^\W_]+-[^\W_]+))")
_END = re.compile(r"[.!?…:;][\"'»”’)\]]*$")


def read(data: bytes) -> Reading:
    """A PDF from its bytes; InputError when it is encrypted, broken, or holds pictures of text only."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise InputError("this PDF is locked with a password; save it without one")
        pages = [(page.extract_text() or "").split("\n") for page in reader.pages[:PAGES]]
        title = reader.metadata.title if reader.metadata else None
    except DependencyError as error:
        raise InputError(f"this PDF is encrypted in a way that cannot be read here ({error}); print it to PDF again, or save it as text") from error
    except (PyPdfError, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError, OSError, NotImplementedError) as error:
        raise InputError(f"this PDF is broken ({type(error).__name__}: {error}); print it to PDF again, or save it as text") from error
    if not any(line.strip() for page in pages for line in page):
        raise InputError("this PDF holds no text, only pictures of it; run it through a text recogniser (OCR) first")
    return assemble(_blocks([[re.sub(r"[ \t]+", " ", line).strip() for line in page] for page in pages]), headings=[title] if isinstance(title, str) else [])


def _blocks(pages: list[list[str]]) -> list[Block]:
    """Paragraphs: a line that ends a sentence and is shorter than the page is wide ends one; headers and numbers stand apart."""
    lengths = sorted(len(line) for page in pages for line in page if line)
    width = lengths[int(0.9 * (len(lengths) - 1))]
    hyphenated = {word.lower() for page in pages for line in page for word in _HYPHENATED.findall(line)}
    blocks: list[Block] = []
    current = ""
    for page, running in zip(pages, _running(pages), strict=True):
        for number, line in enumerate(page):
            if not line:
                continue
            if number in running or is_furniture(line):
                blocks.append(Block(line, furniture=True))
                continue
            current = _joined(current, line, hyphenated)
            gap = number + 1 < len(page) and not page[number + 1]
            short = len(line) < 0.8 * width
            if (gap and (short or _END.search(line))) or (short and (_END.search(line) or len(line) < 0.5 * width)):
                blocks.append(Block(current))
                current = ""
    return [*blocks, Block(current)]


def _running(pages: list[list[str]]) -> list[set[int]]:
    """For each page the numbers of the lines that are a running head or foot, from its edges inwards to the first line that is none.

    A line is one that most pages have at that place, whatever its digits, and that ends no sentence; a page number; or what a browser prints there.
    """
    filled = [[number for number, line in enumerate(page) if line] for page in pages]
    seen = Counter((place, _masked(page[number])) for page, numbers in zip(pages, filled, strict=True) for place, number in _edges(numbers))
    found = []
    for page, numbers in zip(pages, filled, strict=True):
        running: set[int] = set()
        ended = set()
        for place, number in _edges(numbers):
            line, top = page[number], place > 0
            repeated = seen[place, _masked(line)] > max(1, len(pages) / 2) and not _END.search(line)
            if top not in ended and (repeated or _PAGE_NUMBER.fullmatch(line) or _PRINTED.fullmatch(line)):
                running.add(number)
            else:
                ended.add(top)
        found.append(running)
    return found


def _edges(numbers: list[int]) -> list[tuple[int, int]]:
    """(place, number) of the outer lines of a page: places 1, 2, ... from its top, then -1, -2, ... from its foot."""
    return [*enumerate(numbers[:EDGE], 1), *((-place, number) for place, number in enumerate(numbers[: -EDGE - 1 : -1], 1))]


def _masked(line: str) -> str:
    return re.sub(r"\d+", "0", line)


def _joined(before: str, line: str, hyphenated: set[str]) -> str:
    """Two lines as one; a hyphen at the end goes, unless it belongs to the word: the document has it elsewhere, or a number or a capital says so."""
    broken = re.search(r"([^\W_]+)-$", before[-LONGEST_WORD:]) if before.endswith("-") else None
    if broken is None or not line[:1].isalnum():
        return f"{before} {line}" if before else line
    word = re.match(r"[^\W_]+", line)
    whole = f"{broken.group(1)}-{word.group() if word else ''}".lower()
    if line[:1].islower() and before[-2].isalpha() and whole not in hyphenated:
        return before[:-1] + line
    return before + line
