"""One language of a bitext alone, as running text in paragraphs: .txt or .docx.

The rows are the truth: their texts are written, edited or not, in their order. Paragraphs are those of the sentences (see
`paragraphs.begins`); without sentences every row is one. Rows without that side are passed over.
"""

from __future__ import annotations

import os
from pathlib import Path

from align.bitext import Bitext, OptionError, Row, main_part
from align.formats import replace_files
from align.formats.languages import WITHOUT_BLANKS
from align.formats.paragraphs import begins

KINDS = ("txt", "docx")


def dump_side(bitext: Bitext, side: str, kind: str) -> bytes:
    """The text of `side` ("source" or "target") as `kind` ("txt": UTF-8, an empty line between paragraphs; "docx": Word).

    A bitext without that side gives b"" and an empty document. OptionError for another side or kind, InputError for a text Word cannot hold.
    """
    if side not in ("source", "target"):
        raise OptionError(f"side is {side!r}; expected source or target")
    if kind not in KINDS:
        raise OptionError(f"one language alone cannot be written as {kind!r}; expected {' or '.join(KINDS)}")
    paragraphs = _paragraphs(bitext, side)
    if kind == "txt":
        return "\n\n".join(text for _, text in paragraphs).encode("utf-8", "surrogatepass") + b"\n" * bool(paragraphs)
    return _word(bitext, side, paragraphs)


def write_side(bitext: Bitext, side: str, path: str | os.PathLike[str]) -> Path:
    """Write `side` to a file whose extension (.txt, .docx) says the kind; the path. The file is whole or as it was before."""
    path = Path(path)
    replace_files([(path, [dump_side(bitext, side, path.suffix[1:].lower())])])
    return path


def _paragraphs(bitext: Bitext, side: str) -> list[tuple[int, str]]:
    """(number of its first row, text) of every paragraph."""
    numbered = [(number, row, text) for number, row in enumerate(bitext.rows) if (text := " ".join((getattr(row, side) or "").splitlines()).strip())]
    found: list[tuple[int, list[str]]] = []
    before: Row | None = None
    for (number, row, text), begin in zip(numbered, begins(bitext, side, [row for _, row, _ in numbered]), strict=True):
        if begin or before is None:
            found.append((number, [text]))
        else:
            found[-1][1].extend([_between(bitext, side, before, row), text])
        before = row
    return [(number, "".join(texts)) for number, texts in found]


def _between(bitext: Bitext, side: str, before: Row, after: Row) -> str:
    """A blank, or nothing where the language or the document has none there."""
    code = bitext.source_language if side == "source" else bitext.target_language
    blank = "" if main_part(code) in WITHOUT_BLANKS else " "
    sentences = bitext.source_sentences if side == "source" else bitext.target_sentences
    one, two = getattr(before, f"{side}_ids"), getattr(after, f"{side}_ids")
    if not one or not two or two[0] != one[-1] + 1 or two[0] >= len(sentences):
        return blank
    last, first = sentences[one[-1]], sentences[two[0]]
    if first.start == last.start:  # sentences without places
        return blank
    return " " if first.start > last.end else ""


def _word(bitext: Bitext, side: str, paragraphs: list[tuple[int, str]]) -> bytes:
    from docx import Document

    from align.formats.docx import printable, saved, write_text

    code, origin = (
        (bitext.source_language, bitext.source_document) if side == "source" else (bitext.target_language, bitext.target_document)
    )
    document = Document()
    document.core_properties.language = code
    document.core_properties.title = printable(origin.title)[:255] if origin is not None and origin.title else ""
    for number, text in paragraphs:
        write_text(document.add_paragraph()._p, text, code, number)
    return saved(document)
