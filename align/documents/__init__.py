"""Files and texts to documents: what kind it is, its words, paragraphs and furniture, and what it says of itself.

The kind is seen in the content; the file's name only tells Markdown from plain text.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from align.bitext import Document, InputError
from align.documents import mhtml
from align.documents.blocks import Reading
from align.documents.cleaning import clean
from align.documents.decoding import decode
from align.documents.furniture import is_furniture, is_ornament
from align.documents.language import detect_language, language_code
from align.documents.metadata import find_metadata

__all__ = ["KINDS", "decode", "detect_language", "language_code", "document_from_bytes", "document_from_text", "read_document"]

KINDS = ("txt", "md", "html", "docx", "pdf", "srt")
LARGEST = 200_000_000  # bytes
_COMMENT = r"<!--(?:(?!-->).)*+-->"
_HTML = re.compile(rf"\s*(?:<\?xml[^>]*>\s*)?(?:{_COMMENT}\s*+)*+<(?:!doctype\s+html|html|head|body|article|div|p)\b", re.IGNORECASE | re.DOTALL)
_BITEXT = re.compile(
    rf"\s*(?:<\?xml[^>]*>\s*)?(?:<!DOCTYPE[^>]*>\s*+|{_COMMENT}\s*+)*+<(?P<xml>tmx|xliff)\b"
    r"|(?P<jsonl>\{(?=[^\n]*\"source\":)(?=[^\n]*\"target\":))|source(?P<tab>\t|,|;)target\b", re.IGNORECASE | re.DOTALL
)  # fmt: skip
_FOREIGN = (
    (b"\xd0\xcf\x11\xe0", "an old Word document (.doc)", "save it as docx"),
    (b"{\\rtf", "rich text (.rtf)", "save it as docx"),
    (b"\x89PNG", "a picture", "give the text itself"),
    (b"\xff\xd8\xff", "a picture", "give the text itself"),
    (b"GIF8", "a picture", "give the text itself"),
    (b"\x1f\x8b", "a packed file", "unpack it first"),
    (b"7z\xbc\xaf", "a packed file", "unpack it first"),
    (b"Rar!", "a packed file", "unpack it first"),
    (b"\x7fELF", "a program", "give the text itself"),
)


def read_document(path: str | os.PathLike[str], *, language: str | None = None, kind: str | None = None) -> Document:
    """The document in a file. language: instead of the detected one; kind: one of KINDS instead of the detected one.

    InputError names the file, what is wrong and what to do. A file without words gives a document without paragraphs.
    """
    path = Path(path)
    try:
        if path.is_dir():
            raise InputError(f"{path} is a folder; give one of the files in it")
        if path.stat().st_size > LARGEST:
            raise InputError(f"{path} has {path.stat().st_size:,} bytes; the limit is {LARGEST:,}")
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"there is no file {path}; look at its name and folder") from error
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    return document_from_bytes(data, name=str(path), language=language, kind=kind)


def document_from_bytes(data: bytes, *, name: str, language: str | None = None, kind: str | None = None) -> Document:
    """The document in bytes; `name` stands in messages and as `source`, its extension tells Markdown from plain text."""
    if kind is not None and kind not in KINDS:
        raise InputError(f"kind {kind!r} is not known; expected one of {', '.join(KINDS)}")
    try:
        if kind == "pdf" or (kind is None and b"%PDF-" in data[:1024]):
            from align.documents import pdf

            return _document(pdf.read(data), "pdf", name, language)
        if kind == "docx" or (kind is None and data[:4] == b"PK\x03\x04"):
            from align.documents import docx

            return _document(docx.read(data), "docx", name, language)
        if kind in (None, "html") and mhtml.looks_like(data):
            return _text_document(mhtml.page(data), name, language, "html")
        return _text_document(data, name, language, kind)
    except InputError as error:
        raise InputError(f"{name}: {error}") from error


def _text_document(data: bytes, name: str, language: str | None, kind: str | None) -> Document:
    for mark, what, todo in _FOREIGN:
        if data.startswith(mark):
            raise InputError(f"this is {what}, not a text; {todo}")
    text, encoding, notes = decode(data)
    if len(text) > 20 and sum(c < " " and c not in "\t\n\r\x0c\x1a" or c == "\ufffd" for c in text[:4000]) > 0.1 * min(len(text), 4000):
        raise InputError("this is binary data, not a text; give txt, md, html, docx, pdf or srt")
    found = None if kind else _BITEXT.match(text[:20_000].lstrip("\ufeff"))
    if found:
        what = found["xml"].upper() if found["xml"] else "JSONL" if found["jsonl"] else "a table with source and target"
        raise InputError(f"this is {what}, a bitext whose sides are paired already; see bitext convert, check, fill, extract and projects add")
    if kind is None:
        kind = _kind(text, name)
    reading, more = _read_text(text, kind)
    return _document(reading, kind, name, language, encoding, (*notes, *more))


def _kind(text: str, name: str) -> str:
    from align.documents import markdown, srt

    head = text[:4000].lstrip("\ufeff")
    if _HTML.match(head) or (name.lower().endswith((".html", ".htm")) and "<" in head):
        return "html"
    if srt.is_srt(text):
        return "srt"
    return "md" if name.lower().endswith((".md", ".markdown")) and not name.lower().endswith(".txt") or (
        "." not in Path(name).name and markdown.looks_like(head)
    ) else "txt"


def _read_text(text: str, kind: str) -> tuple[Reading, tuple[str, ...]]:
    from align.documents import html, markdown, srt, txt

    if kind == "html":
        return html.read(text), ()
    text, notes = clean(text)
    reader = {"srt": srt.read, "md": markdown.read, "txt": txt.read}[kind]
    return reader(text), notes


def document_from_text(text: str, *, language: str | None = None, source: str | None = None) -> Document:
    """A document from running text; "" gives one without paragraphs. InputError for what is not a str."""
    if not isinstance(text, str):
        raise InputError(f"a text is {type(text).__name__}; expected str")
    from align.documents import txt

    cleaned, notes = clean(text)
    return _document(txt.read(cleaned), "text", source, language, None, notes)


def _document(
    reading: Reading, kind: str, source: str | None, language: str | None, encoding: str | None = None, notes: tuple[str, ...] = ()
) -> Document:
    """Sort out furniture, find the metadata and the language."""
    furniture = set(reading.furniture)
    known = is_ornament if kind == "docx" else is_furniture  # a Word document has no share links: "Share" heads a column there
    furniture |= {span for span in reading.paragraphs if known(reading.text[span[0] : span[1]])}
    paragraphs = tuple(span for span in reading.paragraphs if span not in furniture)
    said = find_metadata([reading.text[a:b] for a, b in paragraphs], reading.headings)
    if language is None:
        language = detect_language("\n".join(reading.text[a:b] for a, b in paragraphs)) or reading.language
    return Document(
        reading.text,
        paragraphs,
        tuple(sorted(furniture)),
        language,
        said.title,
        said.date or reading.date,
        said.reference,
        source,
        kind,
        encoding,
        (*notes, *reading.notes),
    )
