"""How languages write numbers and months in words. Data only; a language that is not here is read by its digits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from align.bitext import main_part

Values = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """units: (pattern of a whole word, value), added up; hundred: multiplies what stands before it; scales: patterns and their values;
    months: patterns of month names 1..12; fractions: words for parts, or that hold a number otherwise, never more than a hint;
    half: what adds a half to the number before it, and to a scale half of that, with the space before it; phrases: patterns of several words, or of one that holds two numbers, and what they may stand for;
    clocks: times of day in words (what stands before the hour, words for 1 to 12, minutes, hours before that); longer: units behind a number, and what some numbers of them are in a longer unit
    (18 months: 1.5); capital: month names have a capital letter."""

    units: tuple[tuple[str, float], ...] = ()
    hundred: str = r"(?!)"
    scales: tuple[tuple[str, float], ...] = ()
    months: tuple[str, ...] = ()
    fractions: tuple[tuple[str, float], ...] = ()
    half: str = r"(?!)"
    phrases: tuple[tuple[str, Values], ...] = ()
    clocks: tuple[tuple[str, tuple[str, ...], int, int], ...] = ()
    longer: tuple[tuple[str, dict[float, float]], ...] = ()
    joiner: str = r"(?!)"
    capital: bool = False
    ambiguous: frozenset[str] = field(default_factory=frozenset)


def _list(text: str, first: int = 1, step: int = 1) -> tuple[tuple[str, float], ...]:
    return tuple((word, float(first + step * k)) for k, word in enumerate(text.split()))


_HOURS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_TWO_TO_NINE = _HOURS[1:9]
_LONGER: dict[str, dict[float, float]] = {  # in hours, days, months, years and decades
    "minute": {15: 0.25, 30: 0.5, 45: 0.75, 90: 1.5}, "hour": {12: 0.5, 24: 1, 36: 1.5, 48: 2}, "day": {14: 2}, "week": {6: 1.5},
    "month": {6: 0.5, 12: 1, 18: 1.5, 30: 2.5}, "year": {5: 0.5, 15: 1.5, **{10.0 * n: float(n) for n in range(2, 10)}},
}  # fmt: skip
_CENTURY: dict[float, float] = {25: 0.25, 50: 0.5, 75: 0.75, 100: 1, 150: 1.5, 200: 2}  # years, in centuries


ENGLISH = Words(
    units=(
        *_list("one|first|once two|second|twice|both|double|pair|couple three|third|triple|thrice four|fourth five|fifth six|sixth seven|seventh eight|eighth nine|ninth ten|tenth"),
        *_list("eleven(?:th)? twelve|twelfth|dozen thirteen(?:th)? fourteen(?:th)? fifteen(?:th)? sixteen(?:th)? seventeen(?:th)? eighteen(?:th)? nineteen(?:th)?", 11),
        *((f"{stem}(?:y|ieth|ies)", 10.0 * k) for k, stem in enumerate(["twent", "thirt", "fort", "fift", "sixt", "sevent", "eight", "ninet"], 2)),
        ("zero|nil", 0.0),
    ),
    hundred="hundred(?:s|th)?",
    scales=(("thousands?|thousandth|k", 1e3), ("millions?|millionth|mln|mn|m", 1e6), ("billions?|bln|bn|b", 1e9), ("trillions?|trn|tn", 1e12)),
    months=("january|jan", "february|feb", "march|mar", "april|apr", "may", "june|jun", "july|jul", "august|aug", "september|sept?", "october|oct", "november|nov", "december|dec"),
    fractions=(("half|halves", 0.5), ("third|thirds", 1 / 3), ("quarters?", 0.25)),
    half=r"\s+and\s+a\s+half(?![-\w])(?!\s+(?:century|decade|year|hour|dozen)\b)|-and-a-half",
    phrases=(
        *((rf"(?<!and a )(?<!and-a-)half(?:[\s-]+an?)?[\s-]+{word}", (value / 2,)) for word, value in (("dozen", 12.0), ("million", 1e6), ("billion", 1e9), ("trillion", 1e12))),
        *((rf"(?:a\s+)?quarter\s+of\s+a\s+{word}", (value / 4,)) for word, value in (("million", 1e6), ("billion", 1e9))),
        *((rf"{word}\s+dozen", (12.0 * count, 10.0 * count)) for count, word in enumerate(_TWO_TO_NINE, 2)),
        *((rf"{word}\s+decades", (float(count), 10.0 * count)) for count, word in enumerate(_TWO_TO_NINE, 2)),
        (r"(?:year|month|hour|day|decade|century)[\s-]+and[\s-]+a[\s-]+half", (1.5,)),
        ("fortnight", (2.0,)), ("24/7", (24.0, 7.0)), ("dozen", (12.0, 10.0)),
        *((rf"{tens}\s+of\s+{scale}s", (factor * value,)) for tens, factor in (("tens", 10.0), ("hundreds", 100.0)) for scale, value in (("thousand", 1e3), ("million", 1e6), ("billion", 1e9))),
        (r"(?:a|per|last)\s+century|centenary|centennial", (100.0, 1.0)),
        ("goalless|scoreless", (0.0,)),
    ),
    clocks=(
        (r"half[\s-]+past[\s-]+", tuple(rf"{word}|{hour}(?![.,:]?\d)" for hour, word in enumerate(_HOURS, 1)), 30, 0),
        (r"quarter[\s-]+past[\s-]+", _HOURS, 15, 0),
        (r"quarter[\s-]+to[\s-]+", tuple(rf"{word}(?!\s+(?:thousand|million|billion|trillion|hundred|per))" for word in _HOURS), 45, 1),
    ),
    longer=(*((rf"{unit}s?", longer) for unit, longer in _LONGER.items()), ("years?", _CENTURY)),
    joiner="and",
    capital=True,
    ambiguous=frozenset(["m", "b", "k"]),
)

_RU_TEENS = "одиннадцат двенадцат тринадцат четырнадцат пятнадцат шестнадцат семнадцат восемнадцат девятнадцат"
_CASES = "(?:ь|и|ью|ый|ая|ое|ые|ого|ой|ому|ую|ым|ом|ых|ыми|еро|ерых)"
_HARD = "(?:ый|ой|ая|ое|ые|ого|ому|ую|ым|ом|ых|ыми)"
_SPANS = (
    r"(?:(?:лет|годичн|месячн|недельн|дневн|суточн|часов|минутн|секундн|кратн|процентн|этажн|(?:кило|санти|милли)?метров|тонн|градусн|балльн|долларов|рубл[её]в|ярдов|мильн|местн|дюймов|футов|очков|томн|комнатн|класс(?:н|ник|ниц))\w+)"
)  # пятилетний, двухдневный
_COUNTS = (  # the numeral within such a word; двусторонний and the like, decades and centuries say no number in English
    (2, "дву|двух"), (3, "тр[её]х"), (4, "четыр[её]х"), (5, "пяти"), (6, "шести"), (7, "семи"), (8, "восьми"), (9, "девяти"), (10, "десяти(?!лети)"),
    *((11 + k, f"{stem}и") for k, stem in enumerate(_RU_TEENS.split())), (20, "двадцати"), (30, "тридцати"), (40, "сорока"), (50, "пятидесяти"),
    (60, "шестидесяти"), (70, "семидесяти"), (80, "восьмидесяти"), (90, "девяносто"), (100, "сто(?!лети)"), (200, "двухсот"), (300, "тр[её]хсот"),
)  # fmt: skip
_COUNTS += tuple(  # шестидесятивосьмилетний
    (tens + one, f"{stem}(?:{unit})") for tens, stem in _COUNTS if tens in range(20, 100, 10) for one, unit in ((1, "одно"), *_COUNTS) if one < 10
)
_AT = "(?:в|во|к|до|после|около|с|на)"
_NO_NOUN = r"(?!\s+(?:век|столет|тысячелет|квартал|тайм|период|этаж|транш|\w*блок|сезон|раунд|дня))"  # "в половине пятого этажа"
_ORDINALS = tuple(
    word + _NO_NOUN
    for word in ("первого", "второго", "третьего", "четв[её]ртого", "пятого", "шестого", "седьмого", "восьмого", "девятого", "десятого", "одиннадцатого", "двенадцатого")
)
_CARDINALS = ("час", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять", "одиннадцать", "двенадцать")
_TENFOLD = (  # nominative or genitive, and the other cases
    "два|двух|двум|двумя", "три|тр[её]х|тр[её]м|тремя", "четыре|четыр[её]х|четыр[её]м|четырьмя", *(f"{stem}(?:ь|и|ью)" for stem in ("пят", "шест", "сем")), "восемь|восьми", "девят(?:ь|и|ью)",
)  # fmt: skip

RUSSIAN = Words(
    units=(
        (rf"один|одн(?:а|о|ого|ой|ому|им|ом|у|их|и)|перв{_HARD}|однажды|единственн\w+", 1.0),
        (rf"два|две|двух|двум|двумя|двое|двоих|оба|обе|обоих|обеих|обоим|пар[ау]|втор{_HARD}|дважды|вдвое|двойн\w+", 2.0),
        (r"три|тр[её]х|тр[её]м|тремя|трое|троих|трет(?:ий|ья|ье|ьи|ьего|ьей|ьему|ью|ьим|ьем|ьих)|трижды|втрое|тройн\w+", 3.0),
        (rf"четыре|четыр[её]х|четыр[её]м|четырьмя|четверо|четверых|четверт{_HARD}|четв[её]рт{_HARD}|вчетверо", 4.0),
        *((rf"{stem}{_CASES}", float(k)) for k, stem in zip((5, 6, 9, 10), ("пят", "шест", "девят", "десят"), strict=True)),
        (r"впятеро|пятикратн\w+", 5.0),
        (rf"сем(?:ь|и|ью|еро)|седьм{_HARD}", 7.0),
        (rf"вос(?:емь|ьми|емью|ьмеро)|восьм{_HARD}", 8.0),
        *((rf"{stem}{_CASES}", float(11 + k)) for k, stem in enumerate(_RU_TEENS.split())),
        (r"дюжин\w*", 12.0),
        *((rf"{stem}{_CASES}", 10.0 * k) for k, stem in ((2, "двадцат"), (3, "тридцат"))),
        (rf"сорока?|сороков{_HARD}", 40.0),
        *((rf"{stem}десят(?:и|ью)?|{soft}десят(?:и|ью|{_HARD})", 10.0 * k) for k, stem, soft in ((5, "пять", "пяти"), (6, "шесть", "шести"), (7, "семь", "семи"), (8, "восемь", "восьми"))),
        (rf"девяност(?:о|а|{_HARD})", 90.0),
        (rf"сто|ста|сотн\w+|сот{_HARD}|стам", 100.0),
        (r"двести|двухсот", 200.0), (r"триста|тр[её]хсот", 300.0), (r"четыреста|четыр[её]хсот", 400.0),
        *((rf"{a}сот|{b}сот", 100.0 * k) for k, a, b in ((5, "пять", "пяти"), (6, "шесть", "шести"), (7, "семь", "семи"), (8, "восемь", "восьми"), (9, "девять", "девяти"))),
        (r"полтор(?:а|ы|аста)|полутора", 1.5),
        (r"ноль|нуля|нулев\w+", 0.0),
        *((f"(?:{stem}){_SPANS}", float(value)) for value, stem in _COUNTS),
        (r"сем[её]рк\w+", 7.0), (r"восьм[её]рк\w+", 8.0), (r"двадцатк\w+", 20.0), (r"годичн\w+", 1.0),
    ),
    scales=((r"тыс|тысяч(?!елет)\w*", 1e3), (r"млн|миллион\w*", 1e6), (r"млрд|миллиард\w*", 1e9), (r"трлн|триллион\w*", 1e12)),
    months=(  # every case and no more: "Майк" and "Мартин" are people
        "январ(?:ь|я|ю|[её]м|е)|янв", "феврал(?:ь|я|ю|[её]м|е)|февр?", "март(?:а|у|ом|е)?|мар", "апрел(?:ь|я|ю|ем|е)|апр", "май|мая|маю|маем|мае", "июн(?:ь|я|ю|ем|е)?",
        "июл(?:ь|я|ю|ем|е)?", "август(?:а|у|ом|е)?|авг", *(f"{stem}(?:ь|я|ю|[её]м|е)|{short}" for stem, short in (("сентябр", "сент"), ("октябр", "окт"), ("ноябр", "нояб"), ("декабр", "дек"))),
    ),
    fractions=((r"половин\w*|пол(?:года|дня|часа|века|метра|литра|тонны|минуты|процента|кило\w*)?|полугод\w+|получас\w*", 0.5), (r"треть|трети|третью", 1 / 3), (r"четверть|четверти|четвертью", 0.25), (r"сут(?:ки|ок|кам|ками|ках)", 24.0),
        *((rf"{stem}(?:а|и|е|у|ой|ами|ах)", float(k)) for k, stem in ((3, "тройк"), (4, "четв[её]рк"), (6, "шест[её]рк")))),
    half=r"\s+с\s+половиной",
    phrases=(
        *((rf"пол(?:у|-)?{word}", (value / 2,)) for word, value in (("дюжины", 12.0), ("сотни", 100.0), (r"тысяч\w*", 1e3), (r"миллион\w*", 1e6), (r"миллиард\w*", 1e9), (r"триллион\w*", 1e12))),
        *((rf"четверть\s+{word}", (value / 4,)) for word, value in (("миллиона", 1e6), ("миллиарда", 1e9))),
        (r"нулевы(?:е|х|м|ми)(?:\s+год\w+)?", (0.0, 2000.0)), (r"(?:в|около|до|после|к)\s+час[ау]?\s+(?:ночи|дня)", (1.0, 13.0)),
        *((rf"(?:{tens})\s+(?:{scale})", (factor * value,)) for tens, factor in ((r"десятк\w+", 10.0), (r"сот(?:ни|ен|ням|нями|нях)", 100.0))
            for scale, value in ((r"тысяч\w*", 1e3), (r"миллион\w*", 1e6), (r"миллиард\w*", 1e9))),
        *((rf"(?:{word})\s+дюжин\w*", (12.0 * count,)) for count, word in enumerate(_TENFOLD, 2)),
        (r"столети[еяюй]|столетн\w+|век\s+(?:назад|спустя)", (100.0, 1.0)),
        (r"(?:полтора|полутора)\s+десятк\w+", (15.0,)), (r"(?:полторы|полутора)\s+сот(?:ни|ен|ням)", (150.0,)),
        *((rf"(?:{word})\s+десятк\w+", (10.0 * count,)) for count, word in enumerate(_TENFOLD, 2)),
        *((rf"(?:{word})\s+сот(?:ен|н\w+)", (100.0 * count,)) for count, word in enumerate(("две|двух|двум|двумя", *_TENFOLD[1:]), 2)),
    ),
    clocks=(
        (rf"(?:{_AT}\s+половин[еуы]\s+|пол-?)", _ORDINALS, 30, 1),
        (rf"{_AT}\s+четверт[ьи]\s+", _ORDINALS, 15, 1),
        (r"без\s+четверти\s+", _CARDINALS, 45, 1),
    ),
    longer=tuple(
        (word, table)
        for table, word in (
            (_LONGER["minute"], r"мин(?:\.|ут\w*)?"), (_LONGER["hour"], r"ч(?:\.|ас(?:а|ов|ам|ами|ах)?)?"), (_LONGER["day"], "дн(?:я|ей|ям|ями|ях)|дней|день|сут(?:ки|ок)"), (_LONGER["week"], r"недел\w+"),
            (_LONGER["month"], r"мес(?:\.|яц\w*)"), (_LONGER["year"], "год(?:а|ам|ами|ах)?|лет(?:ам|ами|ах)?"), (_CENTURY, "год(?:а|ам|ами|ах)?|лет(?:ам|ами|ах)?"),
        )
    ),
)  # fmt: skip

GERMAN = Words(
    units=_list("eins?|eine[rmns]?|erste[rnsm]?|beide zwei|zweite[rnsm]? drei|dritte[rnsm]? vier|vierte[rnsm]? fünf sechs sieben acht neun zehn elf zwölf"),
    scales=(("tausend", 1e3), ("millionen|million|mio", 1e6), ("milliarden|milliarde|mrd", 1e9), ("billionen|billion", 1e12)),
    months=("januar|jänner", "februar", "märz", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "dezember"),
    fractions=(("hälfte|halb\\w*", 0.5), ("drittel", 1 / 3), ("viertel", 0.25)),
    capital=True,
)
FRENCH = Words(
    units=_list("une?|premi[eè]re?s? deux|deuxi[eè]me trois|troisi[eè]me quatre cinq six sept huit neuf dix onze douze"),
    scales=(("mille|milliers?", 1e3), ("millions?|m", 1e6), ("milliards?|mds?", 1e9), ("billions?", 1e12)),
    ambiguous=frozenset(["m"]),
    months=("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    fractions=(("moitié|demie?", 0.5), ("tiers", 1 / 3), ("quart", 0.25)),
)
SPANISH = Words(
    units=_list("un[oa]?|primer[oa]?s? dos|segund[oa] tres|tercer[oa]? cuatro cinco seis siete ocho nueve diez once doce"),
    scales=(("mil|miles", 1e3), ("millón|millones", 1e6), ("billón|billones", 1e12)),
    months=("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
    fractions=(("mitad|medi[oa]", 0.5), ("tercio", 1 / 3), ("cuarto", 0.25)),
)

LANGUAGES = {"en": ENGLISH, "ru": RUSSIAN, "de": GERMAN, "fr": FRENCH, "es": SPANISH}


@dataclass(frozen=True, slots=True)
class Patterns:
    """A language's tables, compiled: each matches a whole lower-case word, but for half and phrases, which are sought in a text.

    phrases: a group for each, and what they may stand for; clocks: a group for each hour, 1 to 12; longer: what follows a number.
    """

    units: tuple[tuple[re.Pattern[str], float], ...]
    hundred: re.Pattern[str]
    scales: tuple[tuple[re.Pattern[str], float], ...]
    months: tuple[re.Pattern[str], ...]
    fractions: tuple[tuple[re.Pattern[str], float], ...]
    half: re.Pattern[str]
    phrases: tuple[re.Pattern[str], tuple[Values, ...]]
    clocks: tuple[tuple[re.Pattern[str], int, int], ...]
    longer: tuple[tuple[re.Pattern[str], dict[float, float]], ...]
    joiner: re.Pattern[str]
    capital: bool
    ambiguous: frozenset[str]


def compiled(language: str) -> Patterns:
    """The tables of a language by the first part of its code; empty ones for a language that is not here."""
    words = LANGUAGES.get(main_part(language), Words())

    def whole(pattern: str) -> re.Pattern[str]:
        return re.compile(pattern)

    def pairs(table: tuple[tuple[str, float], ...]) -> tuple[tuple[re.Pattern[str], float], ...]:
        return tuple((whole(p), v) for p, v in table)

    half = re.compile(rf"(?:{words.half})\b", re.IGNORECASE)

    def either(table: Sequence[str], before: str = "") -> re.Pattern[str]:
        return re.compile(rf"\b{before}(?:{'|'.join(f'({pattern})' for pattern in table) or '(?!)'})\b", re.IGNORECASE)

    phrases = either([pattern for pattern, _ in words.phrases]), tuple(value for _, value in words.phrases)
    clocks = tuple((either(hours, before), minutes, back) for before, hours, minutes, back in words.clocks)
    longer = tuple((re.compile(rf"[\s\u00a0-]*(?:{unit})(?!\w)", re.IGNORECASE), values) for unit, values in words.longer)
    return Patterns(
        pairs(words.units), whole(words.hundred), pairs(words.scales), tuple(map(whole, words.months)), pairs(words.fractions), half, phrases, clocks, longer,
        whole(words.joiner), words.capital, words.ambiguous,
    )  # fmt: skip
