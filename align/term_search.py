"""Where terms stand in a text, inflected or not: by dictionary forms in Russian and English (`align.lemmas`), by stems elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from align.bitext import Span, main_part
from align.lemmas import UNSPACED, lemmas, word_matches, words

KEPT = 0.7  # share of a word's letters, from its start, that inflection leaves alone where there are no dictionary forms
SHORT = 4  # there words of up to so many letters change by one more letter only
LONGEST = 40  # letters of a word that are looked at
CAPITALS = 8  # words of up to so many capitals are abbreviations and stand as they are written: WHO is not "who"

_LEMMAS = ("en", "ru")
_NUMBER = re.compile(r"\d")
_SPOKEN = frozenset(["Nato", "Unesco", "Unicef", "Osce", "Opec", "Asean", "Brics", "Nafta", "Unhcr", "Unctad", "Interpol", "Euratom", "Frontex", "Aukus", "Mercosur", "Unrwa", "Opcw", "Iaea"])  # as papers write them
_BETWEEN = re.compile(r"[\s,\-–—'’«»“”„\"]*")


def _abbreviation(word: str) -> bool:
    return word.isupper() and 1 < len(word) <= CAPITALS


def _form_keys(word: str, language: str) -> frozenset[str]:
    """What a word of a text must have one of, to be this word of a term."""
    lower = word.lower()
    if _abbreviation(word):
        return frozenset([word])
    if language in _LEMMAS:
        return frozenset([*lemmas(word), lower])
    if _NUMBER.search(word):
        return frozenset([lower])
    return frozenset([lower if len(word) <= SHORT else lower[: min(LONGEST, max(SHORT, round(KEPT * len(word))))]])


@lru_cache(maxsize=100_000)
def _text_keys(word: str, language: str, shouts: bool) -> frozenset[str]:
    """What this word of a text may stand for; shouts: in a text all in capitals, where an abbreviation cannot be told from a word."""
    lower = word.lower()
    ending = len(word) - len(word.rstrip("abcdefghijklmnopqrstuvwxyzабвгдежзийклмнопрстуфхцчшщъыьэюя"))
    base = word[: len(word) - ending]
    written = [base] if ending <= 2 and _abbreviation(base) and not (shouts and len(base) < SHORT) else []  # МИДом
    if word[0].isupper() and word[1:].islower() and len(word) > SHORT - 1:
        written.append(word.upper())  # Nato
    if language in _LEMMAS:
        return frozenset([*written, *lemmas(word), lower])
    if _NUMBER.search(word):  # 20 is not 200
        return frozenset([lower])
    least = min(SHORT, len(lower))
    return frozenset([*written, *(lower[:n] for n in range(least, min(len(lower), LONGEST) + 1)), *([lower[:-1]] if len(lower) <= SHORT + 1 else [])])


def _as_written(found: str, word: str) -> bool:
    """Is what was found the word itself and none of its kin: with its capital, and in English with no other ending than that of a plural or a possessor?"""
    if word[0].isupper() and not found[0].isupper():
        return False
    if word.isupper() and len(word) > 1 and not found.startswith(word):
        return found in _SPOKEN
    if not word.isascii() or found.lower() == word.lower():
        return True
    return found.lower() in (f"{word.lower()}s", f"{word.lower()}es", f"{word[:-1].lower()}ies")


class Finder:
    """Finds the terms that it was made of, `forms`, in texts of a language. A form in writing without blanks between words is found wherever it stands.

    as_written: words of the same kin are no term: "Pace" is not PACE, "chartered" not Charter.
    """

    def __init__(self, forms: Sequence[str], language: str, *, as_written: bool = False) -> None:
        self.language, self.as_written = main_part(language), as_written
        self.dense = [(number, re.compile(r"\s*".join(map(re.escape, form.split())), re.IGNORECASE)) for number, form in enumerate(forms) if UNSPACED.search(form)]
        self.starts: dict[str, list[tuple[int, list[tuple[str, frozenset[str]]]]]] = {}
        for number, form in enumerate(forms):
            wanted = [(word, _form_keys(word, self.language)) for word in words(form)]
            for key in wanted[0][1] if wanted and not UNSPACED.search(form) else ():
                self.starts.setdefault(key, []).append((number, wanted))

    def __call__(self, text: str) -> Iterator[tuple[int, Span]]:
        """(number of the form, span in characters), in the order of the text; a term within another is found too."""
        found = {(number, match.span()) for number, form in self.dense for match in form.finditer(text)}
        here = word_matches(text) if self.starts else []
        keys = [_text_keys(word[0], self.language, len(here) > 3 and text.isupper()) for word in here]
        for at in range(len(here)):
            for number, wanted in (term for key in keys[at] for term in self.starts.get(key, ())):
                end = at + len(wanted)
                if end <= len(here) and all(map(self._is, here[at:end], keys[at:end], wanted)) and self._joined(text, here[at:end]):
                    found.add((number, (here[at].start(), here[end - 1].end())))
        yield from sorted(found, key=lambda f: (f[1], f[0]))

    def _is(self, found: re.Match[str], keys: frozenset[str], wanted: tuple[str, frozenset[str]]) -> bool:
        return bool(keys & wanted[1]) and (not self.as_written or _as_written(found[0], wanted[0]))

    @staticmethod
    def _joined(text: str, words: Sequence[re.Match[str]]) -> bool:
        return all(_BETWEEN.fullmatch(text, a.end(), b.start()) for a, b in zip(words, words[1:], strict=False))


@lru_cache(maxsize=4_000)
def finder(forms: tuple[str, ...], language: str, *, as_written: bool = False) -> Finder:
    """A Finder, made once."""
    return Finder(forms, language, as_written=as_written)


def spans(term: str, text: str, language: str) -> tuple[Span, ...]:
    """Where a term stands in a text, in order."""
    return tuple(span for _, span in finder((term,), language)(text))
