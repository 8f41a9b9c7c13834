"""TMX 1.4b (LISA/OSCAR 2005): translation memories. Written as 1.4, read from 1.1 to 1.4b, unit by unit in both directions.

A row is a <tu>; a missing side has no <tuv>. What TMX has no place for stands in <prop type="x-...">: the row's keys, and in the header the
target language, encoder, options, verdict, version and notes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from align.bitext import MISSING, Bitext, InputError, Row
from align.formats.about import about, known
from align.formats.fields import bitext_of, exchanged, kept, row_of
from align.formats.languages import Languages
from align.formats.markup import escaped, events, forget, local, quoted, text_of

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_KEPT = frozenset(("score", "similarity", "origin_source", "origin_target", "verified", "source_ids", "target_ids", "note", "locked"))
_CODES = frozenset(("bpt", "ept", "it", "ph", "ut"))  # their text is code, not language


def dump(bitext: Bitext) -> Iterator[str]:
    """The file in pieces; InputError names the row whose text XML cannot hold."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<tmx version="1.4">\n'
    source, target = (quoted(code, "the language") for code in (bitext.source_language, bitext.target_language))
    version = quoted(bitext.version or "0", "the version")
    yield (
        f'<header creationtool="bitext-workbench" creationtoolversion={version} segtype="sentence" adminlang="en" srclang={source} '
        'datatype="plaintext" o-tmf="bitext">'
    )
    for name, value in {"target-language": bitext.target_language, **about(bitext)}.items():
        yield f'<prop type="x-{name}">{escaped(value, f"the {name}")}</prop>'
    yield "</header>\n<body>\n"
    for number, row in enumerate(bitext.rows):
        where = f"row {number}"
        props = "".join(f'<prop type="x-{name}">{escaped(value, where)}</prop>' for name, value in kept(row))
        one, two = (
            "" if text is None else f"<tuv xml:lang={code}><seg>{escaped(text, where)}</seg></tuv>"
            for code, text in ((source, row.source), (target, row.target))
        )
        yield f"<tu>{props}{one}{two}</tu>\n"
    yield "</body>\n</tmx>\n"


def load(stream: BinaryIO, name: str, source: str | None, target: str | None) -> Bitext:
    """Read TMX; units that have neither side are passed over.

    Languages match by their first part (en, en-US). A file with more than two needs `source` and `target`. InputError names the line that is wrong.
    """
    header: tuple[str | None, str | None] = (None, None)
    said: dict[str, str] = {}
    rows: list[Row] = []
    chosen: Languages | None = None
    for ended, tag, element in events(stream, name, "tmx", ("header", "tu")):
        if not ended or tag == "tmx":
            continue
        if tag == "header":
            said = _props(element)
            header = element.get("srclang"), said.get("target-language")
            continue
        if chosen is None:
            chosen = Languages(source, target, header)
        where = f"{name}, line {element.sourceline}"
        props = {"note": _notes(element), **_props(element)}
        texts = chosen.sides(_sides(element, where), props.get("origin_source") == MISSING)
        if texts != (None, None):
            rows.append(_row(props, texts, where, chosen.turned))
        forget(element)
    chosen = chosen or Languages(source, target, header)
    chosen.check(name)
    return bitext_of(rows, chosen.source, chosen.target, name, **known(said, name))


def _props(element: Any) -> dict[str, str]:
    """The values of the <prop type="x-..."> of an element by what follows the x-."""
    return {p.get("type", "")[2:]: p.text or "" for p in element if local(p) == "prop" and p.get("type", "").startswith("x-")}


def _notes(unit: Any) -> str:
    """The <note> elements of a unit and of its sides, one a line."""
    return "\n".join(note.text for place in (unit, *(s for s in unit if local(s) == "tuv")) for note in place if local(note) == "note" and note.text)


def _sides(unit: Any, where: str) -> list[tuple[str, str]]:
    out = []
    for side in unit:
        if local(side) != "tuv":
            continue
        language = side.get(_LANG) or side.get("lang")
        if not language:
            raise InputError(f"{where}: a <tuv> does not say its language; expected xml:lang, such as xml:lang=\"en\"")
        seg = next((s for s in side if local(s) == "seg"), None)
        if seg is not None:
            out.append((language, text_of(seg, _CODES, where)))
    return out


def _row(props: dict[str, str], texts: tuple[str | None, str | None], where: str, turned: bool) -> Row:
    values: dict[str, Any] = {key: value for key, value in props.items() if key in _KEPT}
    values = exchanged(values) if turned else values
    values["source"], values["target"] = texts
    return row_of(values, where)
