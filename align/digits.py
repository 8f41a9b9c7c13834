"""Digits as a language groups them: the "12,400" of an English text reads as 12.4 in a Russian one.

Signs by CLDR, through babel: of groups of three digits (comma, point, a space that does not break) and before a decimal fraction.
"""

from __future__ import annotations

import re
from functools import lru_cache

from align.bitext import main_part

_COPIED = re.compile(r"(?<![^\s(«„“\"'$€£¥₽])[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*(?:[.,]\d+)?(?=[\s)»“”\"'%°;:!?]|[.,](?:\s|$)|$)")  # alone, not in an address or a name

_NAMED = re.compile(r"(?:[§№]|\b(?:nr\.|no\.|rn\.|п\.|ст\.|(?:section|abschnitt|randnummer|margin\ number|ziffer|version|article|artikel|paragraph|пункт|раздел|стать|верси)\w*))\s*$", re.IGNORECASE)


def regrouped(text: str, source_text: str, source: str, target: str) -> str:
    """A translation, the numbers that it copied from its source written as its own language writes them.

    Only those in groups of three digits, of which the two languages think differently. A language that CLDR does not know changes nothing.
    """
    here, there = _signs(source), _signs(target)
    if not here or not there or here == there:
        return text
    copied = {m[0] for m in _COPIED.finditer(source_text)}
    return _COPIED.sub(lambda m: _rewritten(m[0], here, there) if m[0] in copied and not _NAMED.search(text, 0, m.start()) else m[0], text)


def _rewritten(number: str, here: tuple[str, str], there: tuple[str, str]) -> str:
    """As it is where `here` reads it neither as a number in groups nor as a fraction of three digits that `there` would take for thousands."""
    group, decimal = map(re.escape, here)
    fraction = rf"|\d{{1,3}}{decimal}\d{{3}}" if here[1] == there[0] else ""
    if not re.fullmatch(rf"\d{{1,3}}(?:{group}\d{{3}})+(?:{decimal}\d+)?{fraction}", number):
        return number
    return number.translate({ord(a): b for a, b in zip(here, there, strict=True)})


@lru_cache(maxsize=256)
def _signs(language: str) -> tuple[str, str] | None:
    """(between groups, before the fraction); None for a language that is not known."""
    from babel import Locale, UnknownLocaleError
    from babel.numbers import get_decimal_symbol, get_group_symbol

    if main_part(language) == "und":
        return None
    for code in (language.replace("_", "-"), main_part(language)):
        try:
            locale = Locale.parse(code, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
        return get_group_symbol(locale), get_decimal_symbol(locale)
    return None
