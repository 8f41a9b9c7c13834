"""Units behind an equal number that differ: "300 km" against «300 миль». A converted unit has another number, and is nothing to report."""

from __future__ import annotations

import re
from collections.abc import Iterator

from align.bitext import Bitext, main_part
from align.checks.amounts import Mention
from align.checks.mentions import mentions
from align.checks.table import Context, Hit

LIKELY = 0.6
_TIME = frozenset(["second", "minute", "hour", "day", "week", "month", "year"])
_UNITS = {  # unit -> how English and Russian write it behind a number
    "km": (r"km(?:/h)?|kph|kilomet(?:er|re)s?", r"км|километр\w*"), "m": (r"m|met(?:er|re)s?", r"м|метр(?:а|ов|ам|ах|ами|е|ы)?|метров\w+"),
    "cm": (r"cm|centimet(?:er|re)s?", r"см|сантиметр\w*"), "mm": (r"mm|millimet(?:er|re)s?", r"мм|миллиметр\w*"),
    "mile": (r"miles?|mi|mph", r"мил(?:я|и|ь|ям|ях|ями)"), "foot": (r"feet|foot|ft", r"фут(?:а|ов|ы|ам|ах)?"), "inch": (r"inch(?:es)?", r"дюйм\w*"), "yard": (r"yards?", r"ярд\w*"),
    "kg": (r"kg|kilos?|kilogram(?:me)?s?", r"кг|килограмм\w*|кило"), "g": (r"g|gram(?:me)?s?", r"г|грамм\w*"), "tonne": (r"tons?|tonnes?", r"т|тонн\w*"), "pound": (r"pounds?|lbs?", r"фунт(?:а|ов|ы)?"),
    "%": (r"%|per\s?cent", r"%|процент(?:а|ов|ам|ах|ы)?"), "percentage point": (r"percentage\s+points?|pp", r"п\.\s?п\.|процентн\w+\s+пункт\w*"),
    "second": (r"seconds?", r"секунд\w*"), "minute": (r"minutes?|mins?", r"минут\w*|мин"), "hour": (r"hours?|hrs?", r"час(?:а|ов|ам|ах)?"), "day": (r"days?", r"дн(?:я|ей|ям|ях)|дней|день|суток|сутки"),
    "week": (r"weeks?", r"недел\w*"), "month": (r"months?", r"месяц\w*"), "year": (r"years?", r"лет|год(?:а|ам|ах)?"),
    "$": (r"dollars?|usd", r"доллар\w*|долл"), "€": (r"euros?|eur", r"евро"), "£": (r"pounds?|gbp", r"фунт(?:а|ов|ы)?"), "₽": (r"rou?bles?|rub", r"рубл\w*|руб"),
}  # fmt: skip
_BEHIND = {
    language: {unit: re.compile(rf"[\s\u00a0\u202f-]*(?:{patterns[k]})(?![\w-])", re.IGNORECASE) for unit, patterns in _UNITS.items()} for k, language in enumerate(("en", "ru"))
}


def find(bitext: Bitext, context: Context) -> Iterator[Hit]:
    """Rows in which a number that each side says once has a known unit on both, and not the same; between English and Russian."""
    here, there = main_part(bitext.source_language), main_part(bitext.target_language)
    if {here, there} != set(_BEHIND):
        return
    for number, row in enumerate(bitext.rows):
        if row.source and row.target and (differing := _differing(row.source, here, row.target, there)):
            one, other = differing
            said = row.source[one.start : _end(row.source, one, here)], row.target[other.start : _end(row.target, other, there)]
            yield Hit(number, LIKELY, f"units disagree: {said[0]} in the source, {said[1]} in the target", ((one.start, one.start + len(said[0])),), ((other.start, other.start + len(said[1])),))


def _differing(source: str, here: str, target: str, there: str) -> tuple[Mention, Mention] | None:
    left, right = _counts(source, here), _counts(target, there)
    for one in left:
        equal = [m for m in right if m.values & one.values]
        if len(equal) != 1 or sum(bool(m.values & equal[0].values) for m in left) != 1:
            continue
        ours, theirs = _units(source, one, here), _units(target, equal[0], there)
        converted = bool(ours & _TIME and theirs & _TIME) and max(one.values) != max(equal[0].values)  # 18 months, полтора года
        if ours and theirs and not ours & theirs and not converted:
            return one, equal[0]
    return None


def _counts(text: str, language: str) -> list[Mention]:
    return [m for m in mentions(text, language) if m.kind in ("number", "word") and not m.dated]


def _units(text: str, mention: Mention, language: str) -> frozenset[str]:
    """The units that the number may have: of a pound two, of most numbers none."""
    before = text[max(0, mention.start - 2) : mention.start].strip()[-1:]
    if before in ("$", "€", "£", "₽"):
        return frozenset([before])
    if text[mention.end : mention.end + 1] in ("$", "€", "£", "₽"):
        return frozenset([text[mention.end]])
    return frozenset(unit for unit, pattern in _BEHIND[language].items() if pattern.match(text, mention.end))


def _end(text: str, mention: Mention, language: str) -> int:
    return max([mention.end, *(match.end() for pattern in _BEHIND[language].values() if (match := pattern.match(text, mention.end)))])
