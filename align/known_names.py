"""How names are spelt in another language, from a table of our own: `assets/names.SOURCE-TARGET.tsv`, used both ways."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache

from align.bitext import Span, main_part
from align.lemmas import lemmas
from align.terms import table_lines

LONGEST = 4  # words of a name: Ho Chi Minh City

_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_POSSESSIVE = re.compile("['’]s?$")
_FEMININE = re.compile("(?:ой|ую)$")  # Захаровой, whose dictionary form is taken for Захаров


@cache
def table(source: str, target: str) -> Mapping[str, str]:
    """Name in small letters -> its spelling in the other language; of several the first in the file. Empty for a language pair without a table."""
    return {name.lower(): spelling for name, spelling in reversed(table_lines("names", source, target))}


@lru_cache(maxsize=100_000)
def spelt(name: str, source: str, target: str) -> str | None:
    """The name in the other language, in its dictionary form; None where the table lacks it. A name that is hyphenated may be known by its parts."""
    known = table(main_part(source), main_part(target))
    word = _POSSESSIVE.sub("", name.lower().replace("ё", "е"))
    forms = [word]
    if main_part(source) == "ru":
        forms += [*([_FEMININE.sub("а", word)] if _FEMININE.search(word) else []), *lemmas(word)]
    for form in forms:
        if form in known:
            return known[form]
    parts = [spelt(part, source, target) for part in name.split("-")] if "-" in name else [None]
    return "-".join(part for part in parts if part) if all(parts) else None


def spellings(text: str, names: Iterable[Span], source: str, target: str) -> list[tuple[Span, str]]:
    """(span, spelling in the other language) of those of `names`, spans of words in a text, that are known, alone or with the words beside them; in order, without overlap."""
    words = [match.span() for match in _WORD.finditer(text)]
    found: list[tuple[Span, str]] = []
    for span in sorted(names):
        if span not in words or any(span[0] < end for (_, end), _ in found):
            continue
        at = words.index(span)
        windows = [(a, a + n) for n in range(LONGEST, 0, -1) for a in range(max(0, at - n + 1), at + 1) if a + n <= len(words)]
        for a, b in windows:
            start, end = words[a][0], words[b - 1][1]
            if text[start:end].count(" ") == b - a - 1 and not any(start < e for (_, e), _ in found) and (spelling := spelt(text[start:end], source, target)):
                found.append(((start, end), spelling))
                break
    return found
