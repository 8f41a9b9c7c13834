"""XML written as escaped text, and read element by element in memory that does not grow with the file. Entities and the network are off.

A file that declares entities of its own is refused: nothing that people exchange needs them, and they can be made to grow without end.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Any, BinaryIO

from align.bitext import InputError

_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SPECIAL = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"}
_DELETED = frozenset(["x-sdl-deleted", "x-sdl-feedback-deleted"])  # <mrk> around what a reviewer in Trados took out, which stays in the file
_BREAKS = frozenset(["lb", "xlf:lb", "x-lb", "x-br"])
_BREAK = re.compile(r"\s*<br\b", re.IGNORECASE)
_MEMOQ = re.compile(r"<mq:ch val=\"(.)\"", re.DOTALL)
_AS_CODE = re.compile('[&<>"\r]')


def escaped(text: str, where: str) -> str:
    """Text as it stands in an element. InputError names `where` for characters that XML cannot hold."""
    if _IMPOSSIBLE.search(text):
        raise InputError(f"{where} holds characters that XML cannot hold (control characters); take them out or write JSONL")
    return _AS_CODE.sub(lambda m: _SPECIAL[m[0]], text)


def quoted(text: str, where: str) -> str:
    """Text as the value of an attribute, in its quotes; InputError as in `escaped`."""
    return '"' + escaped(text, where).replace("\n", "&#10;").replace("\t", "&#9;") + '"'


def local(element: Any) -> str:
    """The name of an element without its namespace; "" for comments, instructions and entities."""
    tag = element.tag
    return _bare(tag) if isinstance(tag, str) else ""


@lru_cache(maxsize=1000)
def _bare(tag: str) -> str:
    return tag[tag.rfind("}") + 1 :]


class _Nameless:
    """A stream that does not say where it comes from: lxml takes its name for UTF-8."""

    def __init__(self, stream: BinaryIO) -> None:
        self.read = stream.read


def events(stream: BinaryIO, name: str, root: str, tags: Collection[str]) -> Iterator[tuple[bool, str, Any]]:
    """(whether it ends, local name, element) for every start and end of `root` and `tags`, in the order of the file.

    At its start an element has attributes only. Who is done with one calls `forget`. InputError names the line that is wrong, and a root that is another.
    """
    from lxml import etree

    wanted = [f"{{*}}{tag}" for tag in (root, *tags)]
    context = etree.iterparse(
        _Nameless(stream), events=("start", "end"), tag=wanted, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    first = True
    try:
        for event, element in context:
            if first:
                _check(element, name, root)
                first = False
            yield event == "end", local(element), element
    except etree.XMLSyntaxError as error:
        if "XML_PARSE_HUGE" in str(error.msg):
            raise InputError(f"{name} holds a text of over 10 MB or is nested over 256 deep, such as an original document within it (<internal-file>); take that element out") from error
        raise InputError(f"{name} is not valid {root.upper()}: {error.msg}") from error
    if first:
        raise InputError(f"{name} is not {root.upper()}: its outermost element is <{local(context.root)}>, expected <{root}>")


def _check(element: Any, name: str, root: str) -> None:
    outermost = element.getroottree().getroot()
    if local(outermost) != root:
        raise InputError(f"{name} is not {root.upper()}: its outermost element is <{local(outermost)}>, expected <{root}>")
    declared = element.getroottree().docinfo.internalDTD
    entities = [] if declared is None else [e.name for e in declared.entities()]
    if entities:
        raise InputError(f"{name} declares entities of its own ({', '.join(map(str, entities[:3]))}), which are never resolved; take them and their DOCTYPE out")


def forget(element: Any) -> None:
    """Let go of an element that was read, and of all before it under the same parent."""
    parent = element.getparent()
    element.clear(keep_tail=False)
    if parent is not None:
        while parent[0] is not element:
            del parent[0]


def text_of(element: Any, codes: Collection[str], where: str) -> str:
    """The words of an element with inline markup: what stands inside `codes` is code and left out, inside all other elements it is text.

    InputError for an entity that XML does not know.
    """
    if not len(element):
        return element.text or ""
    return "".join(_pieces(element, codes, where))


def _pieces(element: Any, codes: Collection[str], where: str) -> Iterator[str]:
    from lxml import etree

    yield element.text or ""
    for child in element:
        if child.tag is etree.Entity:
            raise InputError(f"{where}: the entity {child.text} is not known to XML and is not resolved; write the character itself")
        name = local(child)
        if name == "cp":  # XLIFF 2: a character that XML has no place for
            yield _character(child, where)
        elif name in codes:
            yield _said_by_code(child)
        elif name and child.get("mtype") not in _DELETED:
            yield from _pieces(child, codes, where)
        yield child.tail or ""


def _said_by_code(element: Any) -> str:
    """The line feed, tab or other character that a code stands for; "" for all others."""
    content = "".join(element.itertext())
    if found := _MEMOQ.search(content):
        return found[1]
    kinds = {element.get("ctype"), element.get("type"), element.get("subType")}
    return "\n" if kinds & _BREAKS or _BREAK.match(content) else ""


def _character(element: Any, where: str) -> str:
    try:
        return chr(int(element.get("hex", ""), 16))
    except (ValueError, OverflowError) as error:
        raise InputError(f"{where}: <cp hex={element.get('hex')!r}> names no character; expected up to six hexadecimal digits") from error
