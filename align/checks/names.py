"""Names on one side only.

A name is a capitalised word that does not begin its sentence; in Russian, where few other words have capitals, pymorphy3 says which are
names of people and places or unknown to its dictionary. Two names are the same when their letters, folded to Latin, are nearly the same up to an
ending; names of countries, of their languages and of the cities of time zones are looked up in CLDR (Babel).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from align.aligner.surface import fold
from align.bitext import Bitext, Span, main_part
from align.checks.table import Context, Hit
from align.known_names import spelt
from align.lemmas import morphology
from align.sentences.abbreviations import abbreviations

NEAR = 0.72  # similarity of folded letters from which on two spellings are one name
REPLACED, SEVERAL, ALONE = 0.7, 0.5, 0.35
NO_CAPITALS = {"zh", "ja", "ko", "th", "ar", "he", "fa", "hi", "ka"}  # writing without capitals
ALL_NOUNS = {"de", "lb"}  # every noun has one

_SMALL = {"en": frozenset(["any", "be", "been", "including", "into", "just", "like", "still", "than", "through", "upon", "whether"])}  # besides the usual starters

_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_DOTTED = re.compile(r"\b(?:[^\W\d_]\.\s?){2,}")  # U.S., D.C.
_OPENS = re.compile(r"(?:^|[.!?…:]\s*|[\"«“„(\[]\s*|[-–—]\s+|\n\s*)$")
_FORMAL = ("ian", "ese", "ish", "ans", "sh", "ean", "ican", "ch", "ist", "ists", "ism")  # English words of origin: translated, not transcribed


_TAGS = frozenset(["Name", "Surn", "Patr", "Geox"])


def _named(parse: Any) -> bool:
    """Is this, of pymorphy3, a reading as a name?"""
    return bool(_TAGS & set(str(parse.tag).replace(" ", ",").split(",")))


_LABEL = re.compile(
    r"[^\W\d_a-zа-яё]{1,4}-[a-zа-яё] | [А-ЯЁ]{2,}[а-яё]{1,3}$"
    r"| (?:Мин|Гос|Рос|Глав)(?:пром|сель|обр|фин|юст|эконом|здрав|транс|энерго|культ|природ|регион|строй|цифр|восток|жил|имущ|потреб|тех|реестр|авиа|туризм|стат|надзор|обл)",
    re.VERBOSE,
)  # С-реактивный, МИДа, Минпромторг: no names


@lru_cache(maxsize=100_000)
def _is_russian_name(word: str, opens: bool) -> bool:
    """A name by pymorphy3, or a word that its dictionary lacks; at the beginning of a sentence only if it can be nothing else."""
    if word.isupper() or _LABEL.match(word):
        return False
    parses = morphology().parse(word)
    named = [_named(parse) for parse in parses[:5]]
    if opens:
        return parses[0].is_known and all(named)
    return any(named[:3]) or not parses[0].is_known


def _locale(language: str) -> Any:
    """What CLDR has of a language, None where it has nothing."""
    from babel import Locale, UnknownLocaleError

    try:
        return Locale(main_part(language))
    except (UnknownLocaleError, ValueError):
        return None


def _parts(word: str) -> list[str]:
    """What hyphens and apostrophes join: Ла-Манш, N'Djamena."""
    return re.split("[-'’]", word)


_MORE: dict[str, dict[str, str]] = {  # what CLDR lacks: short names, and regions and cities whose names no rule carries over; codes as in CLDR, or our own
    "en": {
        "AE": "UAE", "CD": "DRC", "EU": "EU", "GB": "GB UK British Britain English England", "KP": "DPRK", "KR": "ROK", "SA": "KSA", "US": "US USA America American", "ZA": "RSA", "154": "Nordic",
        "arctic": "Arctic", "baltic": "Baltic", "cape": "Cape", "caspian": "Caspian", "caucasus": "Caucasus Transcaucasus Transcaucasia", "channel": "Channel", "gothenburg": "Gothenburg",
        "mediterranean": "Mediterranean", "nuremberg": "Nuremberg", "scotland": "Scotland Scottish", "wales": "Wales Welsh",
        "baikal": "Trans-Baikal Transbaikal", "bavaria": "Bavaria Bayern", "kuzbass": "Kemerovo", "moscow": "Moscow", "perm": "Perm", "transnistria": "Transnistria", "volga": "Volga",
        "orient": "Middle Near East Eastern", "eurasia": "Eurasia Eurasian", "rome": "Rome Roman Pope", "jordan": "West Bank Jordan", "columbia": "DC", "new wales": "NSW", "venus": "Venus Venusian",
    },
    "ru": {
        "AE": "ОАЭ", "CD": "ДРК", "EU": "ЕС Евросоюз", "GB": "Британия Британский Англия Английский", "KP": "КНДР", "US": "США Америка", "ZA": "ЮАР", "154": "Скандинавия Северный Европа",
        "arctic": "Арктика Северный", "baltic": "Балтика Прибалтика", "cape": "Кейптаун", "caspian": "Каспий Прикаспий", "caucasus": "Кавказ Закавказье", "channel": "Ла-Манш", "gothenburg": "Гетеборг",
        "mediterranean": "Средиземноморье Средиземный", "nuremberg": "Нюрнберг", "scotland": "Шотландия", "wales": "Уэльс Валлийский",
        "baikal": "Забайкалье Забайкальский", "bavaria": "Бавария", "kuzbass": "Кузбасс", "moscow": "Подмосковье", "perm": "Прикамье", "transnistria": "Приднестровье", "volga": "Поволжье",
        "orient": "Восток Ближний Дальний Восточный", "eurasia": "Евразия Евразийский", "rome": "Рим Римский", "jordan": "Иордан", "columbia": "Колумбия", "new wales": "Уэльс", "venus": "Венера Венерианский",
    },
}  # fmt: skip


@cache
def _places(language: str) -> dict[str, tuple[str, ...]]:
    """Territory, time zone or region -> folded words of the name of the country, of its language and what comes from there, or of the city."""
    from babel.core import get_global

    locale = _locale(language)
    if locale is None:
        return {}
    found = {code: [name] for code, name in locale.territories.items() if code.isalpha()}
    likely = get_global("likely_subtags")
    for code, name in locale.languages.items():
        if len(code) == 2:  # three letters: also the old and the small ones
            found.get(likely.get(code, "").rpartition("_")[2], []).append(name)
    for zone in get_global("zone_territories"):
        found[zone] = [locale.time_zones.get(zone, {}).get("city") or zone.rpartition("/")[2].replace("_", " ")]
    for place, words in _MORE.get(main_part(language), {}).items():
        found.setdefault(place, []).append(words)
    return {place: tuple(fold(w) for name in names for word in _WORD.findall(name) for w in _parts(word) if len(w) > 3 or w.isupper()) for place, names in found.items()}


_SOUNDS_OF: tuple[tuple[str, tuple[str, ...]], ...] = (  # spelling -> its readings in classes of sounds, the first that fits; vowels and y are silent
    ("cester", ("STR", "SSTR")), ("ндж", ("NS", "NTS")), ("nge", ("NS", "NK", "N")), ("ngi", ("NS", "NK", "N")), ("dge", ("S",)), ("dgi", ("S",)), ("dgl", ("SL", "TKL")),
    ("tsch", ("S",)), ("sch", ("S", "SK")), ("tch", ("S",)), ("stl", ("SL", "STL")), ("дж", ("S",)), ("дз", ("S", "TS")), ("тч", ("S",)), ("dj", ("S", "TS")), ("tz", ("S", "TS")), ("ph", ("F",)),
    ("th", ("T", "S", "F", "TK")), ("sh", ("S", "SK")), ("zh", ("S",)), ("rz", ("S", "RS")), ("bh", ("F", "P")), ("gn", ("N", "KN")), ("ng", ("NK", "N")),
    ("ch", ("S", "K")), ("ck", ("K",)), ("gh", ("", "K", "F")), ("wh", ("F", "K")), ("кс", ("KS",)), ("x", ("KS", "S")), ("kn", ("N", "KN")), ("wr", ("R", "FR")), ("lk", ("LK", "K")), ("lm", ("LM", "M")),
    ("qu", ("KF", "K")), ("gu", ("K", "KF")), ("ge", ("S", "K")), ("gi", ("S", "K")), ("gy", ("S", "K")), ("ce", ("S",)), ("ci", ("S",)), ("cy", ("S",)),
    ("ř", ("RS", "S", "R")), ("ğ", ("", "K")), ("j", ("S", "", "K")), ("h", ("", "K")), ("уо", ("F", "")), ("уа", ("F", "")), ("уи", ("F", "")), ("уэ", ("F", "")), ("w", ("F", "")),
)  # fmt: skip
_CLASSES = (("bpбп", "P"), ("fvфв", "F"), ("tdďťđтд", "T"), ("szčćśşșźżțçžšсзжцчшщ", "S"), ("kcqgгкх", "K"), ("mм", "M"), ("nñňńн", "N"), ("lłл", "L"), ("rр", "R"))
_CLASS = {c: k for letters, k in _CLASSES for c in letters}
_ENDING = re.compile("(?<=..)(?:ск(?:ий|ая|ое|ие|ого|ой|ому|ую|им|ом|их|ими)|ам|ям|ом|ем|ой|ым|им|ами|ями|ов|ев|ах|ях|ого|ему|ому|ых)$")


_OPEN = re.compile("(?!ou[aeiy])[aeiouyаеёиоыэюя]|wu|у(?![аеиоэ])")  # Wuhan, but not Уэйд, which is Wade, nor Ouattara, which is Уаттара


def _plain_vowels(word: str) -> str:
    """Without the accents on Latin vowels: é, ü, ã."""
    return "".join(plain if (plain := unicodedata.normalize("NFD", c)[0]) in "aeiouy" else c for c in word)


@lru_cache(maxsize=100_000)
def _opens_with_a_vowel(word: str) -> bool:
    return _OPEN.match(_plain_vowels(word.lower())) is not None


@lru_cache(maxsize=100_000)
def sounds(word: str) -> frozenset[str]:
    """The consonants of a name as classes of sounds, every way its spelling may be read, with and without a Russian ending."""
    text = re.sub(r"(.)\1+", r"\1", re.sub("['’]s$", "", _plain_vowels(word.lower())))
    out: set[str] = set()
    for form in {text, _ENDING.sub("", text), re.sub("ic$", "ich", text)}:  # Djuric
        readings, at = {""}, 0
        while at < len(form):
            spelling, options = next(((s, o) for s, o in _SOUNDS_OF if form.startswith(s, at)), (form[at], (_CLASS.get(form[at], ""),)))
            readings = set(sorted(r + o for r in readings for o in options)[:16])
            at += len(spelling)
        out |= readings
    return frozenset(re.sub(r"(.)\1+", r"\1", r) for r in out)


def sounds_alike(one: str, two: str) -> bool:
    """Equal consonants up to one more at the end (an ending); names of one or two consonants must also be about as long and begin alike."""
    for a in sounds(one):
        for b in sounds(two):
            short, long = sorted((a, b), key=len)
            if not short or not long.startswith(short) or len(long) - len(short) > (1 if len(short) > 1 else 0):
                continue
            if len(short) > 2 or (abs(len(one) - len(two)) <= 3 and _opens_with_a_vowel(one) == _opens_with_a_vowel(two)):
                return True
    return False


@cache
def _calendar(language: str) -> frozenset[str]:
    """Months and days of the week, small: written like names in English, and translated, not transcribed."""
    locale = _locale(language)
    tables = (locale.months, locale.days) if locale else ()
    return frozenset(str(name).lower() for table in tables for name in table["format"]["wide"].values())


def names(text: str, language: str) -> list[tuple[int, int]]:
    """Spans of the words of a text that are names, in order; none in a language without capitals or where every noun has one."""
    code = main_part(language)
    if code in NO_CAPITALS or code in ALL_NOUNS:
        return []
    out = []
    for match in _WORD.finditer(text):
        word = match[0]
        if len(word) < 3 or not word[0].isupper() or word.isupper():
            continue
        opens = _OPENS.search(text, max(0, match.start() - 40), match.start()) is not None
        if _is_russian_name(word, opens) if code == "ru" else not opens and word.lower() not in _calendar(code):
            out.append(match.span())
    return out


def opens_ordinarily(text: str, language: str) -> bool:
    """Has the first word of a text its capital surely from its place alone? False also where that is not known."""
    match, code = _WORD.match(text), main_part(language)
    if match is None or not match[0][0].isupper() or match[0][1:] != match[0][1:].lower():
        return False
    word = match[0].lower()
    if text[match.end() : match.end() + 1] == "." and len(word) == 1:  # an initial
        return False
    usual = word in abbreviations(code).starters | _SMALL.get(code, frozenset())
    if code != "ru":
        return usual and match[0] not in ("I", "Will") and word not in _calendar(code)
    parses = morphology().parse(match[0])[:3]
    goes_on = re.match(r"\s+[^\W\d_]", text[match.end() :])
    return usual or bool(parses[0].is_known and not any(map(_named, parses)) and not (goes_on and goes_on[0][-1].isupper()))


def find(bitext: Bitext, context: Context) -> Iterator[Hit]:
    """Rows with a name that the other side lacks: surest where both sides have one too many (a name was replaced)."""
    codes = bitext.source_language, bitext.target_language
    ordinary = [_lower_words(bitext, side) for side in ("source", "target")]
    for number, row in enumerate(bitext.rows):
        if not row.source or not row.target:
            continue
        lone = []
        for k, (text, other) in enumerate(((row.source, row.target), (row.target, row.source))):
            spans = [s for s in names(text, codes[k]) if text[slice(*s)].lower() not in ordinary[k]]
            words = [*_WORD.findall(other), *(re.sub(r"[.\s]", "", m[0]) for m in _DOTTED.finditer(other))]
            lone.append([s for s in spans if not _met(text[slice(*s)], words, codes[k], codes[1 - k])])
        score = _score(row.source, row.target, lone[0], lone[1], codes)
        if score:
            said = [", ".join(text[slice(*s)] for s in spans) for text, spans in ((row.source, lone[0]), (row.target, lone[1]))]
            yield Hit(number, score, _reason(*said), tuple(lone[0]), tuple(lone[1]))


def _reason(source: str, target: str) -> str:
    if source and target:
        return f"names disagree: {source} in the source, {target} in the target"
    return f"the name {source or target} stands in the {'source' if source else 'target'} only"


def _score(source: str, target: str, left: list[Span], right: list[Span], codes: tuple[str, str]) -> float:
    """0.0 where there is nothing to say: capitals in languages other than Russian are weak evidence alone."""
    sure = [[s for s in spans if main_part(code) == "ru" or _looks_foreign(text[slice(*s)])] for text, spans, code in ((source, left, codes[0]), (target, right, codes[1]))]
    if sure[0] and sure[1]:
        return REPLACED
    if any(main_part(code) == "ru" and spans for code, spans in zip(codes, (left, right), strict=True)):
        return SEVERAL if sum(map(len, sure)) > 1 else ALONE
    return 0.0


def _looks_foreign(word: str) -> bool:
    return not word.lower().endswith(_FORMAL)


def _lower_words(bitext: Bitext, side: str) -> set[str]:
    """Words that the document also writes without a capital: ordinary words, as in headings."""
    out: set[str] = set()
    for row in bitext.rows:
        out |= {w for w in _WORD.findall(getattr(row, side) or "") if w[0].islower()}
    return out


def _met(name: str, words: list[str], language: str, other: str) -> bool:
    """Does any word on the other side spell this name? By its sounds among words with capitals, by its letters among all, or as the table of names has it."""
    parts = [p for p in _parts(name) if len(p) > 2] or [name]
    there = [p for word in words for p in _parts(word) if len(p) > 1]
    if any(sounds_alike(a, b) for a in parts for word in words if word[0].isupper() for b in _parts(word) if len(b) > 1):
        return True
    folded, others = [fold(p) for p in parts], [fold(p) for p in there]
    if any(_near(a, b) for a in folded for b, p in zip(others, there, strict=True) if len(p) > 2) or _is_place(folded, others, language, other):
        return True
    known = [fold(p) for p in re.split("[ '’-]", spelt(name, language, other) or "") if len(p) > 2]
    return any(_near(a, b) for a in known for b, p in zip(others, there, strict=True) if len(p) > 2 and len(b) >= len(a) - 2)


@lru_cache(maxsize=200_000)
def _near(one: str, two: str) -> bool:
    """Nearly the same letters, an ending of up to three letters apart; the first letters must sound alike."""
    from rapidfuzz.distance import JaroWinkler, Levenshtein

    if not one or not two:
        return False
    a, b = _skeleton(one), _skeleton(two)
    if len(a) >= 3 and len(b) >= 3 and (a.startswith(b[: max(3, len(b) - 1)]) or b.startswith(a[: max(3, len(a) - 1)])):
        return True
    size = min(len(one), len(two))
    best = max(Levenshtein.normalized_similarity(one[:n], two[:m]) for n in {size, len(one)} for m in {size, len(two)})
    return best >= NEAR or JaroWinkler.similarity(one[:size], two[:size]) >= 0.9


_SOUNDS = str.maketrans({"b": "v", "g": "h", "p": "f", "t": "d", "k": "s"})


def _skeleton(folded: str) -> str:
    return re.sub(r"(.)\1+", r"\1", re.sub("[aeiou]", "", folded).translate(_SOUNDS))


def _is_place(folded: list[str], there: list[str], language: str, other: str) -> bool:
    ours, theirs = _places(language), _places(other)
    codes = [code for code, words in ours.items() if any(_stem(w, f) for w in words for f in folded)]
    return any(_stem(w, t) for code in codes for w in theirs.get(code, ()) for t in there)


def _stem(name: str, word: str) -> bool:
    """One word up to its ending? Short ones, such as abbreviations, have none."""
    if len(name) < 4:
        return name == word
    size = max(4, min(len(name), len(word)) - 3)
    return len(word) > 3 and name[:size] == word[:size]
