"""Saved web pages: every visible block is a paragraph or furniture, nothing is lost.

Furniture is what stands in navigation, header, footer, aside, forms and buttons, in boxes whose class or id says so, short blocks that are
mostly links, and what furniture.is_furniture knows by its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from align.bitext import InputError, main_part
from align.documents.blocks import Block, Reading, assemble, raised
from align.documents.furniture import is_furniture
from align.documents.lines import paragraph_spans
from align.documents.metadata import find_date, without_site_name

_HIDDEN = {"script", "style", "noscript", "template", "head", "svg", "iframe", "object", "select", "textarea"}
_ASIDE = {"nav", "footer", "aside", "button", "menu", "dialog"}
_BLOCKS = {
    "html", "body", "main", "article", "section", "header", "footer", "nav", "aside", "address", "hgroup", "search", "div", "p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote",
    "pre", "hr", "center", "dir", "menu", "ul", "ol", "li", "dl", "dt", "dd", "figure", "figcaption", "details", "summary", "table", "caption", "colgroup", "col", "thead", "tbody",
    "tfoot", "tr", "td", "th", "form", "fieldset", "legend", "button", "input", "optgroup", "option", "dialog", "frameset", "frame", "noframes", "video", "audio", "canvas", "map",
    "embed", "applet", "marquee", "listing", "xmp", "plaintext", "slot", "rt", "rp",
}  # fmt: skip
_KEPT = {"pre", "listing", "xmp", "plaintext"}  # their line breaks are shown
_BOX = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|menu|breadcrumbs?|share|sharing|social|cookies?|newsletter|subscribe|sidebar|related|footer|pagination|banner|print)(?:$|[\s_-])",
    re.IGNORECASE,
)
_SPACE = re.compile(r"[ \t\r\n\f]+")
_LINE_END = re.compile(r"\r\n?|\n")
LINKS = 0.8  # a short block with more than this share of its letters in links is furniture
SHORT = 80
DEEP = 2000  # libxml2 drops in silence what is nested deeper than 2,048 elements


def read(text: str) -> Reading:
    """A page from its source text; InputError when the parser finds nothing at all."""
    from lxml import etree, html

    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise InputError(f"this HTML page cannot be read ({error}); save it again from the browser, or as text") from error
    roots = [root, *root.itersiblings("html")]  # what stands behind a first </html>: browsers show it
    blocks = [block for each in roots for block in _blocks(each)]
    if text.count("<") > DEEP and any(map(_too_deep, roots)):
        flat = _Flat()
        flat.feed(text)
        flat.close()
        blocks = list(flat.blocks())
    if all(block.furniture for block in blocks):  # a page is never furniture alone: what its boxes are called misleads
        blocks = [Block(block.text, is_furniture(block.text)) for block in blocks]
    return assemble(blocks, headings=[h for each in roots for h in _headings(each)], date=next(filter(None, map(_date, roots)), None), language=main_part(root.get("lang")) or None)


def _blocks(root: Any) -> Iterator[Block]:
    """Blocks in reading order, by an explicit stack: pages may be nested as deep as they like."""
    parts: list[str] = []
    linked = 0
    aside = 0
    link = 0
    high = 0
    kept = 0

    def flush(furniture: bool) -> Iterator[Block]:
        nonlocal linked
        whole = "".join(parts)
        text = "\n".join(_SPACE.sub(" ", line).strip() for line in whole.replace("\x1f", "\x1e").split("\x1e")).strip()
        mostly_links = 0 < len(text) <= SHORT and linked > LINKS * len(text)
        parts.clear()
        linked = 0
        if text:
            for piece in (text[a:b].replace("\n", " ") for a, b in paragraph_spans(text)) if "\x1f" in whole else (text,):
                yield Block(piece, furniture or mostly_links or is_furniture(piece))

    prose = _Prose(root)
    stack: list[tuple[Any, bool, bool]] = [(root, False, False)]
    while stack:
        element, leaving, boxed = stack.pop()
        tag = element.tag if isinstance(element.tag, str) else ""
        inline = tag not in _BLOCKS
        if leaving:
            if not inline:
                yield from flush(aside > 0)
            aside -= boxed
            link -= tag == "a"
            high -= tag == "sup"
            kept -= tag in _KEPT
            tail = _read_text(element.tail, high)
        elif not tag or tag in _HIDDEN or element.get("hidden") is not None:
            tail = element.tail or ""
        elif tag == "br":
            parts.append("\x1e")
            tail = element.tail or ""
        else:
            if not inline:
                yield from flush(aside > 0)
            boxed = not aside and _is_aside(element, tag, prose)
            aside += boxed
            link += tag == "a"
            high += tag == "sup"
            kept += tag in _KEPT
            own = _read_text(element.text, high)
            parts.append(_LINE_END.sub("\x1f", own) if kept else own)
            linked += len(own.strip()) if link else 0
            stack.append((element, True, boxed))
            stack.extend((child, False, False) for child in reversed(element))
            continue
        parts.append(_LINE_END.sub("\x1f", tail) if kept else tail)
        linked += len(tail.strip()) if link else 0
    yield from flush(False)


def _read_text(text: str | None, high: int) -> str:
    """Text inside so many <sup>."""
    return raised(text or "") if high else text or ""


class _Flat(HTMLParser):
    """Blocks of a page that is nested too deep for a tree: every text run between block tags, no furniture by position."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.hidden: list[str] = []
        self.high = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.high += tag == "sup"
        if tag == "body":
            self.hidden.clear()
        if tag in _HIDDEN:
            self.hidden.append(tag)
        elif tag == "br" or tag in _BLOCKS:
            self.parts.append("\n" if tag == "br" else "\x1e")

    def handle_endtag(self, tag: str) -> None:
        self.high = max(0, self.high - (tag == "sup"))
        if tag in self.hidden:
            while self.hidden.pop() != tag:
                pass
        elif tag in _BLOCKS:
            self.parts.append("\x1e")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(_SPACE.sub(" ", _read_text(data, self.high)))

    def blocks(self) -> Iterator[Block]:
        for piece in "".join(self.parts).split("\x1e"):
            text = "\n".join(line.strip() for line in piece.split("\n")).strip()
            if text:
                yield Block(text, is_furniture(text))


def _too_deep(root: Any) -> bool:
    level, depth = [root], 0
    while level and depth <= DEEP:
        level = [child for element in level for child in element]
        depth += 1
    return depth > DEEP


def _is_aside(element: Any, tag: str, prose: _Prose) -> bool:
    """Is the element a box of furniture?"""
    if tag in ("html", "body", "main", "article"):
        return False
    if tag == "form":  # some servers put the whole page into one
        return not prose.is_in(element)
    if tag in _ASIDE or element.get("role") in ("navigation", "banner", "contentinfo", "complementary", "search"):
        return True
    if tag == "header" and not any(e.tag in ("article", "main") for e in element.iterancestors()):
        return element.find(".//h1") is None
    named = _BOX.search(f"{element.get('class') or ''} {element.get('id') or ''}") is not None
    return named and not prose.is_in(element)


class _Prose:
    """How much of a page's text is where: by its paragraphs or, where these hold less than half of the text, by all that is seen and no link."""

    def __init__(self, root: Any) -> None:
        paragraphs, seen = _paragraphs(root), _seen(root)
        self._measure, self._all = (_seen, seen) if 2 * paragraphs < seen else (_paragraphs, paragraphs)

    def is_in(self, element: Any) -> bool:
        """Is this the wrapper of the page's text, whatever its class says ("has-sidebar", "menu-closed")?"""
        if any(element.find(f".//{tag}") is not None for tag in ("main", "article", "h1")):
            return True
        return self._measure(element) > 0.5 * self._all


def _paragraphs(element: Any) -> int:
    """Characters of the paragraphs inside."""
    return sum(_letters(p.text_content()) for p in element.iter("p"))


def _seen(element: Any) -> int:
    """Characters of all text inside, but for links and what browsers do not show."""
    out, stack = 0, [(element, False)]
    while stack:
        each, inside = stack.pop()
        shown = isinstance(each.tag, str) and each.tag not in _HIDDEN and each.tag != "a" and each.get("hidden") is None
        out += _letters(each.text) if shown else 0
        out += _letters(each.tail) if inside else 0
        if shown:
            stack.extend((child, True) for child in each)
    return out


def _letters(text: str | None) -> int:
    return len(" ".join((text or "").split()))


def _headings(root: Any) -> list[str]:
    found = [e.text_content() for e in root.iter("h1")]
    found += [e.get("content") or "" for e in root.iter("meta") if e.get("property") == "og:title"]
    found += [without_site_name(e.text_content()) for e in root.iter("title")]
    return [" ".join(text.split()) for text in found if text.strip()]


def _date(root: Any) -> str | None:
    values = [e.get("content") or "" for e in root.iter("meta") if (e.get("property") or e.get("name") or "").lower() in ("article:published_time", "date")]
    values += [e.get("datetime") or "" for e in root.iter("time")]
    return next((date for value in values if (date := find_date(value))), None)
