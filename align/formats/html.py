"""HTML for reading: one file that needs nothing else, both sides beside each other, with keys, dark and light, and made to be printed.

The page's style and script are files in assets/. Its security policy allows these two by their hashes and nothing else, and every text is
escaped. Rows are grouped by the source's paragraphs. A row is doubtful when its score is under 0.9 and no person has verified it.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import Any

from align.bitext import HUMAN, MISSING, Bitext, Row
from align.formats.fields import plain
from align.formats.languages import direction
from align.formats.paragraphs import begins

DOUBTFUL = 0.9
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def dump(bitext: Bitext) -> Iterator[str]:
    """The page in pieces; without rows it says so. Characters that HTML cannot hold become U+FFFD."""
    style, script = (files("align.formats").joinpath("assets", name).read_text("utf-8") for name in ("reader.css", "reader.js"))
    policy = f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    title = _title(bitext)
    yield (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{_text(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n<header>\n<h1>{_text(title)}</h1>\n"
    )
    yield from _head(bitext)
    yield "</header>\n<main>\n<table>\n<thead><tr><th scope=\"col\">row</th>"
    for name, code in (("source", bitext.source_language), ("target", bitext.target_language)):
        yield f'<th scope="col">{name} <span class="code">{_text(code)}</span></th>'
    yield '<th scope="col">type, score, origin</th></tr></thead>\n'
    for number, (row, begin) in enumerate(zip(bitext.rows, begins(bitext, "source", bitext.rows), strict=True)):
        if begin:
            yield "</tbody>\n<tbody>\n" if number else "<tbody>\n"
        yield _row(bitext, number, row)
    yield f"{'</tbody>' if bitext.rows else ''}\n</table>\n</main>\n<script>{script}</script>\n</body>\n</html>\n"


def _hash(content: str) -> str:
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"


def _text(value: str) -> str:
    return escape(_UNSEEN.sub("\ufffd", value))


def _title(bitext: Bitext) -> str:
    titles = [d.title for d in (bitext.source_document, bitext.target_document) if d is not None and d.title]
    return " / ".join(dict.fromkeys(titles)) or f"{bitext.source_language} and {bitext.target_language}"


def _head(bitext: Bitext) -> Iterator[str]:
    """Verdict, where the versions came from, notes, a count, and the keys."""
    if bitext.verdict is not None:
        yield f'<p class="verdict"><strong>{_text(bitext.verdict.kind)}</strong> {_text(bitext.verdict.reason)}</p>\n'
    for name, document in (("source", bitext.source_document), ("target", bitext.target_document)):
        said = [] if document is None else [v for v in (document.source, document.date, document.reference) if v]
        if said:
            yield f'<p class="origin">{name}: {_text(", ".join(said))}</p>\n'
    for note in bitext.notes:
        yield f'<p class="origin">note: {_text(note)}</p>\n'
    doubtful = sum(map(_doubtful, bitext.rows))
    rows = f"{len(bitext):,} row{'s' * (len(bitext) != 1)}" if bitext.rows else "no rows"
    yield f'<p class="count">{rows}, {doubtful:,} doubtful (score under {DOUBTFUL})</p>\n'
    yield '<p class="keys"><kbd>j</kbd> <kbd>↓</kbd> next row, <kbd>k</kbd> <kbd>↑</kbd> row before, <kbd>n</kbd> next doubtful row, <kbd>p</kbd> doubtful row before</p>\n'


def _doubtful(row: Row) -> bool:
    return row.score is not None and row.score < DOUBTFUL and not row.verified


def _row(bitext: Bitext, number: int, row: Row) -> str:
    """One line of the table; what it says of the row are the words of the other formats."""
    kinds = [name for name, holds in (("doubtful", _doubtful(row)), ("verified", row.verified)) if holds]
    cells = [
        _side(text, code)
        for text, code in ((row.source, bitext.source_language), (row.target, bitext.target_language))
    ]
    return (
        f'<tr id="row-{number}" tabindex="-1"{_classes(kinds)}><th scope="row"><a href="#row-{number}">{number}</a></th>'
        f"{''.join(cells)}<td class=\"facts\"{_more(row)}>{''.join(_facts(row, plain(row)))}</td></tr>\n"
    )


def _classes(names: list[str]) -> str:
    return f' class="{" ".join(names)}"' if names else ""


def _side(text: str | None, code: str) -> str:
    place = f'lang="{_text(code)}" dir="{direction(code)}"'
    return f'<td class="{MISSING}" {place}></td>' if text is None else f"<td {place}>{_text(text)}</td>"


def _facts(row: Row, values: dict[str, Any]) -> Iterator[str]:
    score = "" if row.score is None else f" <b>{row.score:.2f}</b>"
    yield f"<span>{row.type}{score}</span>"
    for side in ("source", "target"):
        origin = values[f"origin_{side}"]
        if origin != HUMAN:
            yield f"<span>{side} {_text(origin)}</span>"
    for name, holds in (("verified", row.verified), ("locked", row.locked)):
        if holds:
            yield f"<span>{name}</span>"
    if row.note:
        yield f'<span class="note">{_text(row.note)}</span>'


def _more(row: Row) -> str:
    """Similarity and what both sides share, to be shown when the pointer rests on the facts; "" when nothing is known."""
    said = [] if row.similarity is None else [f"similarity {row.similarity:.2f}"]
    if row.evidence is not None:
        said += [f"{name} {', '.join(shared)}" for name, shared in (("numbers", row.evidence.numbers), ("names", row.evidence.names)) if shared]
    return f' title="{_text("; ".join(said))}"' if said else ""
