"""XLIFF: written as 2.1 (OASIS 2018), one <unit> with one <segment> a row; read as 1.0 to 1.2 and 2.x, in xliff.py.

A missing target has no <target>; a missing source has an empty <source> and the origin "missing". `verified` is the segment's state
"reviewed", a note is a <note>. What else is known stands in the metadata module: of the bitext in <file>, of a row in its <unit>.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from align.bitext import Bitext, Row
from align.formats.about import about
from align.formats.fields import kept
from align.formats.markup import escaped, quoted
from align.formats.xliff import CATEGORY, load

__all__ = ["dump", "load"]


def dump(bitext: Bitext) -> Iterator[str]:
    """The file in pieces; InputError names the row whose text XML cannot hold."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" '
    source, target = (quoted(code, "the language") for code in (bitext.source_language, bitext.target_language))
    yield f'xmlns:mda="urn:oasis:names:tc:xliff:metadata:2.0" version="2.1" srcLang={source} trgLang={target}>\n'
    document = bitext.source_document
    original = f" original={quoted(Path(document.source).name, 'the name of the file')}" if document is not None and document.source else ""
    yield f'<file id="f"{original} xml:space="preserve">\n'
    said = about(bitext)
    if said:
        yield _metadata(said.items(), "the description") + "\n"
    for number, row in enumerate(bitext.rows):
        yield _unit(row, number)
    yield "</file>\n</xliff>\n"


def _metadata(values: Iterable[tuple[str, str]], where: str) -> str:
    inner = "".join(f'<mda:meta type="{name}">{escaped(value, where)}</mda:meta>' for name, value in values)
    return f'<mda:metadata><mda:metaGroup category="{CATEGORY}">{inner}</mda:metaGroup></mda:metadata>'


def _unit(row: Row, number: int) -> str:
    where = f"row {number}"
    metadata = _metadata(((name, value) for name, value in kept(row) if name not in ("verified", "note")), where)
    notes = f"<notes><note>{escaped(row.note, where)}</note></notes>" if row.note else ""
    state = "reviewed" if row.verified else "initial" if row.target is None else "translated"
    target = "" if row.target is None else f"<target>{escaped(row.target, where)}</target>"
    segment = f'<segment state="{state}"><source>{escaped(row.source or "", where)}</source>{target}</segment>'
    return f'<unit id="{number}">{metadata}{notes}{segment}</unit>\n'
