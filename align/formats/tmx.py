"""TMX 1.4b (LISA/OSCAR 2005): translation memories.

A row is a <tu>; a missing side has no <tuv>. What TMX has no place for stands in <prop type="x-...">: the row's keys, and in the header the
encoder, options and version. Entities and the network are off at reading.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from align.bitext import HUMAN, MISSING, Bitext, InputError, Row, Verdict
from align.formats.fields import bitext_of, plain, row_of

_XML = "{http://www.w3.org/XML/1998/namespace}lang"
_KEPT = ("score", "similarity", "origin_source", "origin_target", "verified", "source_ids", "target_ids")
_CODES = {"bpt", "ept", "it", "ph", "ut"}  # their text is code, not language


def dump(bitext: Bitext) -> Iterator[bytes]:
    """The file in pieces; InputError names the row whose text XML cannot hold."""
    from lxml import etree

    header = etree.Element(
        "header",
        creationtool="bitext-workbench",
        creationtoolversion=bitext.version or "0",
        segtype="sentence",
        adminlang="en",
        srclang=bitext.source_language,
        datatype="plaintext",
    )
    header.set("o-tmf", "bitext")
    for name, value in _about(bitext):
        etree.SubElement(header, "prop", type=f"x-{name}").text = value
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n<tmx version="1.4">\n' + etree.tostring(header, encoding="utf-8") + b"\n<body>\n"
    for number, row in enumerate(bitext.rows):
        try:
            yield etree.tostring(_unit(row, bitext), encoding="utf-8") + b"\n"
        except ValueError as error:
            raise InputError(f"row {number} holds characters that XML cannot hold (control characters); take them out or write JSONL") from error
    yield b"</body>\n</tmx>\n"


def _about(bitext: Bitext) -> Iterator[tuple[str, str]]:
    yield "target-language", bitext.target_language
    if bitext.encoder:
        yield "encoder", bitext.encoder
    if bitext.options:
        yield "options", json.dumps(dict(bitext.options), sort_keys=True)
    if bitext.verdict:
        v = bitext.verdict
        yield "verdict", json.dumps({"kind": v.kind, "reason": v.reason, "evidence": dict(v.evidence)}, ensure_ascii=False)


def _unit(row: Row, bitext: Bitext) -> Any:
    from lxml import etree

    unit = etree.Element("tu")
    values = plain(row)
    for name in _KEPT:
        value = values[name]
        if value is not None and value != []:
            etree.SubElement(unit, "prop", type=f"x-{name}").text = " ".join(map(str, value)) if isinstance(value, list) else str(value)
    for language, text in ((bitext.source_language, row.source), (bitext.target_language, row.target)):
        if text is not None:
            side = etree.SubElement(unit, "tuv")
            side.set(_XML, language)
            etree.SubElement(side, "seg").text = text
    return unit


def load(data: bytes, name: str, source: str | None, target: str | None) -> Bitext:
    """Read TMX 1.1 to 1.4b. Languages match by their first part (en, en-US); more than two need `source` and `target`."""
    from lxml import etree

    about: dict[str, str] = {}
    header_source, units = None, []
    try:
        events = etree.iterparse(BytesIO(data), events=("end",), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        for _, element in events:
            tag = etree.QName(element).localname if isinstance(element.tag, str) else ""
            if tag == "header":
                header_source = element.get("srclang")
                about = {p.get("type", ""): p.text or "" for p in element.iter("{*}prop", "prop")}
            elif tag == "tu":
                units.append((_props(element), _sides(element), element.sourceline))
                element.clear()
    except etree.XMLSyntaxError as error:
        raise InputError(f"{name} is not valid TMX: {error.msg}") from error
    source = source or (header_source if header_source and header_source != "*all*" else None)
    target = target or about.get("x-target-language")
    source, target = _languages(units, source, target, name)
    rows = [_row(props, sides, source, target, f"{name}, line {line}") for props, sides, line in units]
    verdict = json.loads(about["x-verdict"]) if "x-verdict" in about else None
    return bitext_of(
        rows,
        source,
        target,
        name,
        encoder=about.get("x-encoder"),
        options=json.loads(about.get("x-options", "{}")),
        verdict=None if verdict is None else Verdict(verdict["kind"], verdict["reason"], verdict["evidence"]),
    )


def _props(unit: Any) -> dict[str, str]:
    return {p.get("type", "")[2:]: p.text or "" for p in unit if p.tag in ("prop", "{*}prop") and p.get("type", "").startswith("x-")}


def _sides(unit: Any) -> list[tuple[str, str]]:
    out = []
    for side in unit.iter("tuv"):
        language = side.get(_XML) or side.get("lang") or ""
        seg = side.find("seg")
        if seg is not None:
            out.append((language, "".join(_text(seg))))
    return out


def _text(element: Any) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str) and child.tag not in _CODES:
            yield from _text(child)
        yield child.tail or ""


def _main(language: str | None) -> str:
    return (language or "").replace("_", "-").split("-")[0].lower()


def _languages(units: list[Any], source: str | None, target: str | None, name: str) -> tuple[str | None, str | None]:
    """Fill in the languages from the units where they are not given; InputError when there are more than two to choose from."""
    if source and target:
        return source, target
    found = list(dict.fromkeys(language for _, sides, _ in units for language, _ in sides))
    rest = [language for language in found if _main(language) not in (_main(source), _main(target))]
    wanted = 2 - bool(source) - bool(target)
    if len(rest) > wanted:
        raise InputError(f"{name} holds the languages {', '.join(found)}; say which two with --from and --to")
    rest += [""] * wanted
    if not source:
        source = rest.pop(0) or None
    return source, target or rest[0] or None


def _row(props: dict[str, str], sides: list[tuple[str, str]], source: str | None, target: str | None, where: str) -> Row:
    texts: dict[str, str] = {}
    for language, text in sides:
        texts.setdefault(_main(language), text)
    values: dict[str, Any] = {**props, "source": texts.get(_main(source)), "target": texts.get(_main(target))}
    for side in ("source", "target"):
        origin = values.get(f"origin_{side}") or HUMAN
        values[f"origin_{side}"] = MISSING if values[side] is None else HUMAN if origin == MISSING else origin
    return row_of(values, where)
