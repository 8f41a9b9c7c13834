"""Numbers and dates that a text mentions, with every value that the spelling allows: those of `amounts`, clocks and dates, so that nothing overlaps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from align.bitext import main_part
from align.checks.amounts import WORD, Mention, in_digits, in_phrases, in_roman, in_words, patterns
from align.checks.number_words import LANGUAGES

_YEAR_AND_TIME = re.compile(r"(?<!\d)((?:19|20)\d\d)([01]\d|2[0-3]):([0-5]\d)(?![\d:])")
_CLOCK = re.compile(r"(?<![\d:.,])([01]?\d|2[0-4])[:.]([0-5]\d)(?![\d:]|[.,]\d)(?:\s*([ap])\.?\s?m\b)?|(?<![\d:.,])(1[0-2]|\d)\s*([ap])\.?\s?m\b", re.IGNORECASE)
_NO_MINUTES = re.compile(r"(?<![\d:.,])\d{1,2}\s*(?:ч|час|h|Uhr)\.?\s*(00)\b")  # "18 ч. 00 мин.": the hour alone is a number
_NUMERIC_DATE = re.compile(r"(?<![\d.,/-])(?:(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})([./-])(\d{1,2})\5(\d{4}|\d{2}))(?![\d/]|[.,-]\d)")


def mentions(text: str, language: str) -> list[Mention]:
    """All mentions in reading order; nothing overlaps. Words count as hints (strict is False)."""
    return list(_mentions(text, language))


@lru_cache(maxsize=4_096)  # numbers, dates, units and the guards ask for the same texts one after another
def _mentions(text: str, language: str) -> tuple[Mention, ...]:
    found: list[Mention] = []
    taken: list[tuple[int, int]] = [match.span(1) for match in _NO_MINUTES.finditer(text)]
    for mention, span in (*_glued(text), *_dates(text, language), *_clocks(text), *in_phrases(text, language), *_clocks_in_words(text, language)):
        if not any(s < span[1] and span[0] < e for s, e in taken) or span in taken:
            found.append(mention)
            taken.append(span)
    for kind in (in_digits(text, language), in_words(text, language), in_roman(text)):
        free = [m for m in kind if not any(s < m.end and m.start < e for s, e in taken)]
        found += free
        taken += ((m.start, m.end) for m in free)
    return tuple(sorted(_dated(found, text, language), key=lambda m: (m.start, m.end)))


def _glued(text: str) -> Iterator[tuple[Mention, tuple[int, int]]]:
    """A year and the time of day that a page put right behind it: "10 November 202115:46"."""
    for match in _YEAR_AND_TIME.finditer(text):
        span = match.span()
        yield Mention(match.start(), match.end(1), frozenset([float(match[1])])), span
        for values in _time({float(match[2])}, float(match[3])):
            yield Mention(match.start(2), match.end(), values), span


def has_tables(language: str) -> bool:
    """Are number words and months of this language known?"""
    return main_part(language) in LANGUAGES


def loose_mentions(text: str, language: str) -> list[Mention]:
    """The mentions of a text beside one in a language without tables, which is read by its digits: "5 million" may be 5 there, and "May" the 5 of a date."""
    plain = mentions(text, "und")
    found = []
    for m in mentions(text, language):
        bare = frozenset(v for p in plain if p.start < m.end and m.start < p.end for v in p.values)
        month = m.kind == "month"
        found.append(replace(m, values=m.values | bare, strict=m.strict and not month, kind="number" if month else m.kind))
    return found


def _clocks(text: str) -> Iterator[tuple[Mention, tuple[int, int]]]:
    for match in _CLOCK.finditer(text):
        hour, half = float(match[1] or match[4]), (match[3] or match[5] or "").lower()
        if not half and ":" not in match[0]:
            continue
        hours = {hour} if not half else {hour, hour % 12 + (12 if half == "p" else 0)}
        if not half and hour > 12:
            hours.add(hour - 12)
        for values in _time(hours, float(match[2] or 0)):
            yield Mention(*match.span(), values), match.span()


def _clocks_in_words(text: str, language: str) -> Iterator[tuple[Mention, tuple[int, int]]]:
    for pattern, minutes, back in patterns(language).clocks:
        for match in pattern.finditer(text):
            hour = ((match.lastindex or 1) - back) % 12
            for values in _time({float(hour), float(hour + 12)}, float(minutes)):
                yield Mention(*match.span(), values, False, "word"), match.span()


def _time(hours: set[float], minutes: float) -> Iterator[frozenset[float]]:
    """What the hour may be and, unless 0, the minutes; either may be dotted on the other side: 14.38."""
    dotted = {round(h + minutes / 100, 6) for h in hours} if minutes else set()
    yield frozenset(hours | dotted)
    if minutes:
        yield frozenset({minutes} | dotted)


def _dates(text: str, language: str) -> Iterator[tuple[Mention, tuple[int, int]]]:
    """Numeric dates: day, month and year apart; where day and month could be either, both are allowed."""
    for match in _NUMERIC_DATE.finditer(text):
        if match[1]:
            year, month, day = match[1], {float(match[2])}, {float(match[3])}
        else:
            first, second, year = float(match[4]), float(match[6]), match[7]
            day, month = {first}, {second}
            if match[5] != "." and first <= 12 and second <= 12:
                day = month = {first, second}
            elif second > 12 >= first:
                day, month = {second}, {first}
            elif second > 12 or second < 1:
                continue
        if not all(1 <= v <= 12 for v in month):
            continue
        span = match.span()
        years = {float(year)} | ({2000 + float(year), 1900 + float(year)} if len(year) == 2 else set())
        yield Mention(*span, frozenset(day), dated=True), span
        yield Mention(*span, frozenset(month), kind="month", dated=True), span
        yield Mention(*span, frozenset(years), dated=True), span


_BESIDE = re.compile(r"[\s,\u00a0]*(?:of\s+|de\s+|\.\s*)?")


def _dated(found: list[Mention], text: str, language: str) -> Iterator[Mention]:
    """The mentions, those beside a month's name marked as parts of a date, and the months themselves: strict when a number stands beside them."""
    p = patterns(language)
    spans: set[tuple[int, int]] = set()
    for match in WORD.finditer(text):
        word = match[0]
        if p.capital and not word[0].isupper():
            continue
        month = next((k for k, pattern in enumerate(p.months, 1) if pattern.fullmatch(word.lower())), 0)
        if not month:
            continue
        ordinal = r"(?:st|nd|rd|th|-?го|-?е|\.)?"
        beside = [
            m for m in found
            if m.kind == "number"
            and (
                (m.end <= match.start() and re.fullmatch(ordinal + _BESIDE.pattern, text[m.end : match.start()]))
                or (match.end() <= m.start and re.fullmatch(_BESIDE.pattern, text[match.end() : m.start]))
            )
        ]  # fmt: skip
        spans |= {(m.start, m.end) for m in beside}
        for m in list(beside):
            spans |= {(o.start, o.end) for o in found if o.kind == "number" and re.fullmatch(r"(?:st|nd|rd|th)?,?\s*", text[m.end : o.start]) and o.start > m.end}
        yield Mention(match.start(), match.end(), frozenset([float(month)]), bool(beside), "month", bool(beside))
    for m in found:
        yield Mention(m.start, m.end, m.values, m.strict, m.kind, True, False) if (m.start, m.end) in spans else m
