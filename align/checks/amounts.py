"""Numbers in digits, in words and in Roman figures, with every value that the spelling allows: "1,200" is 1200 or 1.2, "10 млн" is 10,000,000."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from align.bitext import main_part
from align.checks.number_words import Patterns, compiled

Kind = Literal["number", "month", "weekday", "word", "roman"]


@dataclass(frozen=True, slots=True)
class Mention:
    """start, end: characters; values: what it may mean; strict: its absence on the other side needs an explanation (digits, months of dates);
    dated: part of a date; measured: a unit of measurement stands behind it, which a translator may convert."""

    start: int
    end: int
    values: frozenset[float]
    strict: bool = True
    kind: Kind = "number"
    dated: bool = False
    measured: bool = False


_GROUP = "[ \u00a0\u202f\u2009,.'’]"
_DIGITS = re.compile(rf"\d{{1,3}}(?:{_GROUP}\d{{3}})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)?|(?<![\w.,])\.\d+")
WORD = re.compile(r"[^\W\d_]+")
_ROMAN = re.compile(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_DECADE = re.compile(r"(?:['’]?s\b|\s?-?(?:е|х|ые|ых|ми|м)\b|er\b)")
_UNIT = re.compile(
    r"[\s-]*(?:miles?|mph|feet|foot|ft|inch(?:es)?|yards?|pounds?|lbs?|ounces?|oz|gallons?|acres?|degrees?|°|fahrenheit|celsius|km|kilomet\w+|met(?:er|re)s?|m|cm|kg|tons?|tonnes?"
    r"|км|м|см|мм|кг|тонн\w*|т|миль|мил\w|фут\w*|дюйм\w*|фунт\w*|градус\w*|метр\w*|сантиметр\w*|килограмм\w*|километр\w*|га|гектар\w*|акр\w*|ярд\w*|литр\w*|галлон\w*|унци\w*)\b|\s*°",
    re.IGNORECASE,
)
_SCALE_GAP = re.compile(r"(?:-(?:ти|х|и|ми|ю)(?=\s))?\+?[\s\u00a0\u202f-]*")
_SHORT_RANGE = re.compile(r"(?:1[5-9]|20)\d\d[-–—/]")  # "2019–21"
_RANGE = re.compile(r"\s*(?:-|–|—|to|and|or|до|и|или|bis|und|à|et|y|a)\s*[$£€]?\s*")


@lru_cache(maxsize=64)
def patterns(language: str) -> Patterns:
    """The number words of a language, compiled once."""
    return compiled(language)


@lru_cache(maxsize=200_000)
def _classify(word: str, language: str) -> tuple[str, float] | None:
    """What a lower-case word means as a number: ("unit", v), ("hundred", 100), ("scale", v), ("fraction", v), ("joiner", 0) or nothing."""
    p = patterns(language)
    if p.hundred.fullmatch(word):
        return "hundred", 100.0
    for kind, table in (("scale", p.scales), ("unit", p.units), ("fraction", p.fractions)):
        for pattern, value in table:
            if pattern.fullmatch(word):
                return kind, value
    return ("joiner", 0.0) if p.joiner.fullmatch(word) else None


def _value(text: str, language: str = "und") -> frozenset[float]:
    """Every number that digits with separators may mean; in English a comma before three digits parts the thousands."""
    bare = re.sub("[ \u00a0\u202f\u2009'’]", "", text)
    signs = [c for c in bare if c in ",."]
    if not signs:
        return frozenset([float(bare)])
    if language == "en" and re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})+", bare):
        return frozenset([float(bare.replace(",", ""))])
    out = set()
    last = max(bare.rfind(","), bare.rfind("."))
    if len(set(signs)) == 2 or len(signs) == 1:
        out.add(float(re.sub("[,.]", "", bare[:last]) + "." + bare[last + 1 :]))
    if len(bare) - last == 4 and len(set(signs)) == 1:
        out.add(float(re.sub("[,.]", "", bare)))
    return frozenset(out or {float(re.sub("[,.]", "", bare))})


def in_digits(text: str, language: str) -> Iterator[Mention]:
    """Numbers in digits, with the scale, the half or the unit behind them."""
    previous: tuple[int, int] | None = None
    pending: list[Mention] = []
    larger = 0.0  # scale of the number before
    for match in _DIGITS.finditer(text):
        start, end = match.span()
        attached = start > 0 and text[start - 1].isalpha()
        values = set(_value(match[0], main_part(language)))
        half = patterns(language).half.match(text, end)
        if half:
            end, values = half.end(), values | {v + 0.5 for v in values}
        decade = _DECADE.match(text, end)
        if decade and len(match[0]) == 2 and match[0].endswith("0"):
            values |= {century + v for v in values for century in (1700, 1800, 1900, 2000)}
        if previous and len(match[0]) == 2 and _SHORT_RANGE.fullmatch(text, previous[0], start):
            values |= {float(text[previous[0] : previous[0] + 2] + match[0])}
        scale = _scale_at(text, end, language)
        if scale:
            factor, stop, certain = scale
            half = patterns(language).half.match(text, stop)
            stop = half.end() if half else stop
            scaled = {round((v + 0.5 * bool(half)) * factor, 6) for v in values}
            if pending and previous and _RANGE.fullmatch(text, previous[1], start):
                last = pending[-1]
                pending[-1] = Mention(last.start, last.end, last.values | {round(v * factor, 6) for v in last.values}, last.strict)
            parts = pending[-1] if pending and factor < larger and not text[pending[-1].end : start].strip(" .\u00a0\u202f") else None
            if parts:  # "1 млн 200 тыс."
                pending[-1] = Mention(parts.start, stop, frozenset(round(a + b, 6) for a in parts.values for b in scaled), parts.strict)
            else:
                pending.append(Mention(start, stop, frozenset(scaled if certain else scaled | values), not attached))
            larger = factor
        else:
            larger = 0.0
            if pending and previous and min(values) >= 1000 > max(pending[-1].values) and len(match[0]) > 4 and text[previous[1] : start] in ("-", "–", "—"):  # "12–15 000"
                last = pending[-1]
                pending[-1] = replace(last, values=last.values | {1000 * v for v in last.values})
            measured = _UNIT.match(text, end) is not None
            pending.append(Mention(start, end, _longer(values, text, end, language), not attached, measured=measured))
        previous = (start, end)
    yield from pending


def _scale_at(text: str, at: int, language: str) -> tuple[float, int, bool] | None:
    """(factor, end, is certain) of a scale word at this place: " million", "bn", " тыс."."""
    gap = _SCALE_GAP.match(text, at)
    place = gap.end() if gap else at
    word = WORD.match(text, place)
    if not word:
        return None
    kind = _classify(word[0].lower(), language)
    if kind is None or kind[0] not in ("scale", "hundred"):
        return None
    if kind[0] == "hundred" and text.startswith("-year", word.end()):  # "63 hundred-year-old trees"
        return None
    if kind == ("scale", 1e3) and (more := _scale_at(text, word.end(), language)) and more[0] == 1e6:  # "2 mil millones"
        return 1e9, more[1], True
    return kind[1], word.end(), word[0].lower() not in patterns(language).ambiguous


def in_words(text: str, language: str) -> Iterator[Mention]:
    """Numbers in words, composed: "two hundred and five", "двадцать пять тысяч"; ordinals and fractions too."""
    run: list[tuple[re.Match[str], str, float]] = []
    half_of = patterns(language).half.match
    done = 0
    for match in [*WORD.finditer(text), None]:
        if run and (half := half_of(text, run[-1][0].end())):
            run.append((half, "unit", 0.5 * (run[-1][2] if run[-1][1] == "scale" else 1.0)))
            done = half.end()
        if match and match.start() < done:  # within "and a half"
            continue
        kind = _classify(match[0].lower(), language) if match else None
        near = not run or (match is not None and re.fullmatch(r"[\s\u00a0-]*", text[run[-1][0].end() : match.start()]) is not None)
        if match is not None and kind is not None and near and kind[0] != "fraction" and (kind[0] != "joiner" or run):
            run.append((match, *kind))
            continue
        yield from _composed(run, text, language)
        run = []
        if match is not None and kind is not None:
            if kind[0] == "fraction":
                yield Mention(match.start(), match.end(), frozenset([round(kind[1], 6)]), False, "word")
            elif kind[0] != "joiner":
                run = [(match, *kind)]


def _longer(values: Collection[float], text: str, end: int, language: str) -> frozenset[float]:
    """The values, and what they are in a longer unit where the unit that follows says so: "18 months" is 1.5 too, "40 years" 4."""
    found = [longer for unit, longer in patterns(language).longer if unit.match(text, end)]
    return frozenset(values) | {longer[v] for longer in found for v in values if v in longer}


def _composed(run: list[tuple[re.Match[str], str, float]], text: str, language: str) -> Iterator[Mention]:
    while run and run[-1][1] == "joiner":
        run = run[:-1]
    if not run or all(kind == "scale" and len(m[0]) == 1 for m, kind, _ in run):
        return
    total = current = 0.0
    for _, kind, value in run:
        if kind == "unit":
            current += value
        elif kind == "hundred":
            current = max(current, 1.0) * value
        elif kind == "scale":
            total, current = total + max(current, 1.0) * value, 0.0
    values = {round(total + current, 6), *_several(run)}
    longer = {v for v in _longer(values, text, run[-1][0].end(), language) if v > 1}  # one and less are never held against the other side
    yield Mention(run[0][0].start(), run[-1][0].end(), frozenset(values | longer), False, "word")


def _several(run: Sequence[tuple[re.Match[str], str, float]]) -> set[float]:
    """What the units of a run are alone where no scale follows; where one does, of "two and three billion" each of both in billions."""
    kinds = [kind for _, kind, _ in run]
    units = {v for _, kind, v in run if kind == "unit"}
    if "scale" not in kinds:
        return units
    scale = math.prod(v for _, kind, v in run if kind == "scale")
    return {round(v * scale, 6) for v in units} if kinds[:3] == ["unit", "joiner", "unit"] else set()


def in_phrases(text: str, language: str) -> Iterator[tuple[Mention, tuple[int, int]]]:
    """Set phrases that stand for a number, each with its characters."""
    pattern, values = patterns(language).phrases
    for match in pattern.finditer(text):
        yield Mention(*match.span(), frozenset(values[(match.lastindex or 1) - 1]), False, "word"), match.span()


def in_roman(text: str) -> Iterator[Mention]:
    """Roman figures in capitals, Cyrillic look-alikes too."""
    worth = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
    for match in WORD.finditer(text):
        word = match[0].translate(str.maketrans("ХІМС", "XIMC"))
        if word.isupper() and _ROMAN.fullmatch(word):
            digits = [worth[c] for c in word]
            value = sum(-v if any(w > v for w in digits[k + 1 : k + 2]) else v for k, v in enumerate(digits))
            yield Mention(match.start(), match.end(), frozenset([float(value)]), False, "roman")
