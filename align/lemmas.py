"""Dictionary forms of words, for search that does not mind endings: pymorphy3 for Russian, Snowball for English, the word itself elsewhere."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from threading import Lock
from typing import Any

_MARK = re.compile("[\u0300-\u036f\u0483-\u0487\u064b-\u065f\u0670]")  # what a reader may leave out: stress marks, accents written apart, Arabic vowels
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")  # scripts without blanks between words
LEAST = 0.01  # probability from which on a reading of a Russian word counts
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_PLURALS = """analyses/analysis axes/axis bacteria/bacterium bases/basis children/child crises/crisis criteria/criterion diagnoses/diagnosis emphases/emphasis
    feet/foot halves/half hypotheses/hypothesis indices/index knives/knife leaves/leaf lives/life loaves/loaf matrices/matrix men/man mice/mouse oases/oasis
    parentheses/parenthesis phenomena/phenomenon shelves/shelf syntheses/synthesis teeth/tooth theses/thesis thieves/thief vertices/vertex wives/wife
    wolves/wolf women/woman"""
_SINGULAR = dict(pair.split("/") for pair in _PLURALS.split())  # English nouns that no stemmer brings together
_ENDINGS = ("ings", "ing", "edly", "ed", "ies", "es", "s", "ly")


@cache
def word_pattern(letter: str = r"[^\W_]") -> re.Pattern[str]:
    """A word: letters with the marks that are written with them (accents, vowel signs of the scripts of India), without which a word of Hindi would be another."""
    marks = "".join(c for c in map(chr, range(0x300, 0x1E94B)) if unicodedata.category(c)[0] == "M" and not "\ufe00" <= c <= "\ufe0f")
    return re.compile(rf"{letter}+(?:(?=[^\x00-\u02ff])[{marks}]+{letter}*)*")  # looking ahead first: the class is slow


@cache
def morphology() -> Any:
    """pymorphy3's analyser of Russian words, loaded once."""
    import pymorphy3

    return pymorphy3.MorphAnalyzer()


@cache
def _stemmer() -> Callable[[str], str]:
    """Snowball's English stemmer; without it, a few endings are cut off."""
    try:
        import snowballstemmer
    except ModuleNotFoundError:
        return _cut
    stemmer, lock = snowballstemmer.stemmer("english"), Lock()

    def stem(word: str) -> str:
        with lock:  # it keeps the word on itself while it works
            return str(stemmer.stemWord(word))

    return stem


def _cut(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


@lru_cache(maxsize=200_000)
def lemmas(word: str) -> tuple[str, ...]:
    """The dictionary forms that a word may have, most probable first; never empty. Case does not matter, nor do ё and е, nor marks that are written apart (за́мок)."""
    word = _MARK.sub("", unicodedata.normalize("NFC", word.lower())).replace("ё", "е")
    if _CYRILLIC.search(word):
        forms = [p.normal_form.replace("ё", "е") for p in morphology().parse(word) if p.score >= LEAST]
        return tuple(dict.fromkeys(forms)) or (word,)
    if not word.isascii():
        return (word,)
    singular = _SINGULAR.get(word, f"{word[:-2]}an" if word.endswith("men") else word)  # spokesmen
    return tuple(dict.fromkeys(_stemmer()(form) for form in (word, singular)))


def words(text: str) -> list[str]:
    """The words of a text, in order; [] when it has none."""
    return word_pattern().findall(text)


def word_matches(text: str) -> list[re.Match[str]]:
    """The words of a text with their places."""
    return list(word_pattern().finditer(text))


def lemma_text(text: str) -> str:
    """All dictionary forms of all words of a text, with blanks between."""
    return " ".join(form for word in words(text) for form in lemmas(word))
