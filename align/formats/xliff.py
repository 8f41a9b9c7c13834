"""Reading XLIFF 1.0 to 1.2 (<trans-unit>) and 2.x (<unit>), of any tool, in memory that does not grow with the file.

Inline markup is left out; the words inside g, pc, mrk and other elements that go around text stay. A segment is a row: <segment> in 2.x, the
<mrk mtype="seg"> of a <trans-unit> that was segmented. Suggestions (alt-trans, matches) are no rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from align.bitext import HUMAN, MISSING, Bitext, InputError, Row
from align.formats.about import known
from align.formats.fields import bitext_of, exchanged, row_of
from align.formats.languages import Languages
from align.formats.markup import events, forget, local, text_of

CATEGORY = "bitext-workbench"  # of our metadata
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_CODES = frozenset(("x", "bx", "ex", "ph", "it", "bpt", "ept", "sc", "ec", "sm", "em"))
_DONE = frozenset(("reviewed", "final", "signed-off"))  # states that say a person accepted the target
_KEPT = frozenset(("score", "similarity", "origin_source", "origin_target", "source_ids", "target_ids", "locked"))


def load(stream: BinaryIO, name: str, source: str | None, target: str | None) -> Bitext:
    """Read XLIFF; units that have neither side are passed over.

    A file of more than two languages needs `source` and `target`. InputError names the line that is wrong.
    """
    said: dict[str, str] = {}
    rows: list[Row] = []
    chosen: Languages | None = None
    header: tuple[str | None, str | None] = (None, None)
    headers: dict[str, None] = {}
    for ended, tag, element in events(stream, name, "xliff", ("file", "metadata", "trans-unit", "unit", "group")):
        if not ended:
            if tag in ("xliff", "file"):
                header = _codes(element, header)
                headers |= dict.fromkeys(code for code in header if code)
            continue
        if tag == "metadata":
            if local(element.getparent()) == "file":
                said |= _meta(element)
            continue
        if tag in ("trans-unit", "unit"):
            chosen = chosen or Languages(source, target, header)
            where = f"{name}, line {element.sourceline}"
            for texts, values in _segments(element, where):
                row = _row(texts, values, chosen, header, where)
                rows += [] if row is None else [row]
        if tag != "xliff":
            forget(element)
    chosen = chosen or Languages(source, target, header)
    chosen.check(name, headers)
    return bitext_of(rows, chosen.source, chosen.target, name, **known(said, name))


def _codes(element: Any, before: tuple[str | None, str | None]) -> tuple[str | None, str | None]:
    """The languages that hold from this <xliff> or <file> on."""
    one = element.get("srcLang") or element.get("source-language")
    two = element.get("trgLang") or element.get("target-language")
    return one or before[0], two or (before[1] if not one else None)


def _meta(metadata: Any) -> dict[str, str]:
    """Values by name of our own group of a metadata element."""
    return {
        m.get("type", ""): m.text or ""
        for group in metadata
        if local(group) == "metaGroup" and group.get("category") == CATEGORY
        for m in group
        if local(m) == "meta"
    }


def _child(element: Any, tag: str) -> Any:
    return next((c for c in element if local(c) == tag), None)


def _segments(unit: Any, where: str) -> Iterator[tuple[tuple[Any, Any], dict[str, Any]]]:
    """(source element, target element or None) and the values of every segment of a unit. InputError for one without a source."""
    if local(unit) == "unit":
        metadata = _child(unit, "metadata")
        values: dict[str, Any] = {} if metadata is None else {k: v for k, v in _meta(metadata).items() if k in _KEPT}
        values["note"] = _notes(_child(unit, "notes"))
        for segment in unit.iterchildren("{*}segment"):
            yield _sides(segment, where), {**values, "verified": segment.get("state") in _DONE}
        return
    whole = _sides(unit, where)
    accepted = unit.get("approved") == "yes" or (whole[1] is not None and whole[1].get("state") in _DONE)
    values = {"verified": accepted, "note": _notes(unit)}
    parted, joined = _child(unit, "seg-source"), whole[1]
    pieces = {} if parted is None else _marked(parted)
    others = {} if joined is None else _marked(joined)
    if pieces and (joined is None or not text_of(joined, _CODES, where) or _all_in(joined, others, pieces, where)):
        for mid, piece in pieces.items():
            yield (piece, others.get(mid)), dict(values)
    else:
        yield whole, values


def _notes(element: Any) -> str:
    """The <note> elements directly inside an element or None, one a line."""
    return "" if element is None else "\n".join(n.text or "" for n in element if local(n) == "note")


def _sides(element: Any, where: str) -> tuple[Any, Any]:
    source = _child(element, "source")
    if source is None:
        raise InputError(f"{where}: a <{local(element)}> has no <source>; XLIFF asks for one in each")
    return source, _child(element, "target")


def _all_in(target: Any, segments: dict[str, Any], wanted: dict[str, Any], where: str) -> bool:
    """Have the segments of a target all its words, and counterparts in the source?"""
    words = "".join(text_of(segment, _CODES, where) for segment in segments.values())
    return segments.keys() <= wanted.keys() and "".join(words.split()) == "".join(text_of(target, _CODES, where).split())


def _marked(element: Any) -> dict[str, Any]:
    """Segments by their `mid`; by their place where one has none or two have the same."""
    found = [m for m in element.iter("{*}mrk") if m.get("mtype") == "seg"]
    names = [m.get("mid", "") for m in found]
    return dict(zip(names if all(names) and len(set(names)) == len(names) else map(str, range(len(found))), found, strict=True))


def _row(
    texts: tuple[Any, Any], values: dict[str, Any], chosen: Languages, header: tuple[str | None, str | None], where: str
) -> Row | None:
    """The row of a segment; None when the file's languages are not the two that were asked for."""
    said = []
    for element, code in zip(texts, header, strict=True):
        if element is not None:
            language = _language(element) or code
            if not language and not (chosen.source and chosen.target):
                raise InputError(f"{where}: no language is given for <{local(element)}>; say which with --from and --to (in Python source= and target=)")
            said.append((language or (chosen.source if element is texts[0] else chosen.target) or "", text_of(element, _CODES, where)))
    if values.get("origin_source") == MISSING and said and not said[0][1]:
        said = said[1:]
    source, target = chosen.sides(said, values.get("origin_source") == MISSING)
    if source is None and target is None:
        return None
    if values.get("verified"):  # an empty target that is final is meant so
        values.setdefault("origin_target", HUMAN)
    return row_of({**(exchanged(values) if chosen.turned else values), "source": source, "target": target}, where)


def _language(element: Any) -> str | None:
    """xml:lang of an element or of the <source> or <target> around it."""
    while element is not None and local(element) not in ("trans-unit", "segment"):
        if element.get(_LANG):
            found: str = element.get(_LANG)
            return found
        element = element.getparent()
    return None
