"""Where a sentence ends: the places in question and the decision at each.

The rules of every language come first, then the language's table, then, for what they leave open, its splitter:
razdel for Russian, Ukrainian and Belarusian, sentencex (about 300 languages) for the rest; English needs none.
All look at short windows, so a megabyte on one line takes linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from align.sentences.abbreviations import ENGLISH_TIME_WORDS, Abbreviations, abbreviations

RAZDEL_LANGUAGES = frozenset({"ru", "uk", "be"})
# Here "10." before a capital may be an ordinal ("am 10. November"), so the language's own splitter decides.
ORDINAL_LANGUAGES = frozenset(
    ["de", "da", "nb", "nn", "no", "fi", "et", "lv", "lt", "cs", "sk", "sl", "hr", "sr", "bs", "hu", "is", "pl", "tr"]
)
# Words before such a number that an ordinal follows: "im 19. Jahrhundert".
ORDINAL_AFTER = frozenset(["im", "am", "vom", "zum", "zur", "beim", "der", "des", "dem", "den", "das", "die", "ein", "eine", "einem", "einen", "einer", "eines", "jeder", "jedes", "jedem", "jeden", "ihr", "ihre", "ihrem", "ihren", "unser", "unsere", "unserem"])
# Longest text looked at on one side of a place, in characters; no abbreviation, initial or list number is longer.
WINDOW = 40

_ENDS = ".!?…‽⁇⁈⁉"
_STRONG = "。！？｡।॥؟۔։።"  # these end a sentence with or without white space after them
_CLOSERS = "\"'’”“»›)]}」』）】》¹²³⁴⁵⁶⁷⁸⁹⁰"
_OPENERS = "\"'‘“„«‹([{「『（【《¿¡*_#•·"
_DASHES = "-‐‑–—―−"
_NEVER_FIRST = ",;:)]}»›”%、，；：」』）】》"
# A run always matches as far as it goes, so the scan is linear even in a megabyte of full stops.
# A footnote's number may stand behind it: "of the council.3 It".
_RUN = re.compile(
    rf"[{_ENDS}{_STRONG}](?:[{_ENDS}{_STRONG}{re.escape(_CLOSERS)}]|\[\d{{1,3}}\])*+(?:(?<=[a-zа-яё]{{4}}\.)\d{{1,2}}(?=\s+[\"“«]?[A-ZА-ЯЁ]))?+(?:[ \u00a0\u202f]»(?!\w))?+"
)
# The last word, and a dotted one as a whole with its inner spaces: "т. д", "U.S", "А. С".
_WORD = re.compile(r"(?<![^\W_])(?:(?:[^\W\d_]\.[ \u00a0\u202f\n]?)+[^\W\d_]|[^\W_]+(?:[-.’'‑][^\W_]+)*)$")
_WORD_BEFORE = re.compile(r"([^\W_]+)\W?[ \u00a0\u202f\n]*$")
_TOKEN = re.compile(r"[^\W_]+(?:['’ʼ][^\W\d_]+)?(?:\.[^\W\d_](?![^\W_]))*")
_ROMAN = re.compile(r"(?!I$)[IVXLCDM]+$|[ivxl]+$")
_CLAUSE_START = re.compile(r"[,;:(]")
_DATE_WORD = re.compile(r"\d+|[^\W\d_]+")
_NUMBER_AND_UNIT = re.compile(r"(\d+)([^\W\d_]+)")
_DANGLING_END = re.compile(rf"[{_ENDS}]+(?:\s|$)")
_REMARK = re.compile(rf"[{_DASHES}]\s*[\"'«“]?[^\W\d_][^.!?()\n]{{0,25}}(?:\.[^.!?()\n]{{0,25}})?\.?[\"'»”]?\)")
_HANZI = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_INITIAL = re.compile(r"[^\W\d_]\.[ \u00a0\u202f]?[^\W\d_]")
_PLACE_TIME = re.compile(r"[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)? time\b")
_QUOTE = re.compile(f"[{re.escape(_CLOSERS + _OPENERS)}\\s]+")
_SAYING = re.compile(r"([^\W\d_][\w.'’-]{0,30})[ \u00a0\n]+(?:([^\W\d_][\w.'’-]{0,30})[ \u00a0\n]+)?([a-z]{4,8})\b")
_DOUBLE_QUOTE = re.compile("[\"“”„«»]")
_LIST_NUMBER = re.compile(r"\W*(?:\d{1,3}(?:\.\d{1,3}){0,4}|[^\W\d_]|[IVXL]{1,6}|[ivx]{1,5})$")


class Place(NamedTuple):
    """The sentence from `start` may end at `end` and the next begin at `after`; `stop` is the first terminator."""

    start: int
    stop: int
    end: int
    after: int


class Rules:
    """The decisions for one text in one language."""

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self.language = language
        self.table: Abbreviations = abbreviations(language)

    def ends(self) -> Iterator[tuple[int, int]]:
        """(first terminator, end of the closers after it) of every place; some scripts need no white space there."""
        for run in _RUN.finditer(self.text):
            stop, end = run.span()
            if "“" in run[0] and _HANZI.match(self.text[stop - 1 : stop]):  # there it opens; in German it closes
                end = stop + run[0].index("“")
            if end < len(self.text) and (self.text[end].isspace() or any(c in _STRONG for c in run.group())):
                yield stop, end

    def splits(self, place: Place) -> bool:
        """Does a sentence end here? Rules, then the table, then the language's splitter."""
        run = self.text[place.stop : place.end]
        verdict = self._right_side(place, run)
        if verdict is None:
            verdict = self._terminator(place, run)
        if verdict is None:
            verdict = self._full_stop(place)
        return self._ask_splitter(place) if verdict is None else verdict

    def _right_side(self, place: Place, run: str) -> bool | None:
        """What follows decides: small letters and closing marks never begin a sentence."""
        if place.after == place.end:  # no white space: only where the script needs none
            return run[-1] not in _CLOSERS or self.text[place.after] in _OPENERS or self._announced(place, run)
        if self.text[place.after] in _NEVER_FIRST or _DANGLING_END.match(self.text, place.after):
            return False
        if _REMARK.match(self.text, place.after):  # "(it was late. - Ed.)"
            return False
        first = self._first(place.after)
        token = self._token(first)
        if first < len(self.text) and self.text[first].islower() and token[1:].islower() | (len(token) == 1):
            return False
        return None

    def _announced(self, place: Place, run: str) -> bool:
        """Did a colon announce the words in quotes that end here? Then nothing after them says whose they are: "他表示：“……。”中方……"."""
        opened = max(self.text.rfind(mark, place.start, place.stop) for mark in "“「『")
        return run[-1] in "”」』" and opened > place.start and self.text[opened - 1] in "：:"

    def _terminator(self, place: Place, run: str) -> bool | None:
        """Everything but a plain full stop is decided here."""
        marks = [c for c in run if c in _ENDS or c in _STRONG]
        before = self.text[max(place.start, place.stop - WINDOW) : place.stop].rstrip()
        if before[-1:] in ("(", "[") and run[-1:] in (")", "]"):  # "(?)", "[...]": a remark inside a sentence
            return False
        if not any(c.isalnum() for c in before):  # "... and then", "?! Well": nothing has been said yet
            return False if marks[0] in ".…" and place.stop - place.start < WINDOW else None
        if any(c not in "." for c in marks) or len(marks) > 1:
            return not (self.table.saying and marks[-1] in "!?" and self._is_said(place, run))
        return None

    def _is_said(self, place: Place, run: str) -> bool:
        """Does who said it follow, "Lavrov asked", after words in quotes with which the sentence began?"""
        said = _SAYING.match(self.text, place.after)
        if not said or not _DOUBLE_QUOTE.search(run) or said[3] not in self.table.saying:
            return False
        if any(word and not word[0].isupper() for word in said.group(1, 2)) or (said[1] != "I" and said[1].lower() in self.table.starters):
            return False
        opened = _DOUBLE_QUOTE.search(self.text, max(place.start, place.stop - 20 * WINDOW), place.stop)
        return opened is None or opened.start() == place.start

    def _full_stop(self, place: Place) -> bool | None:
        before = self.text[max(place.start, place.stop - WINDOW) : place.stop]
        match = _WORD.search(before)
        if match is None:  # a bracket, a quote, a sign
            return True if self.table.starters else None
        word = re.sub(r"\s", "", match.group())
        head = before[: match.start()]
        if place.stop - place.start <= WINDOW and _LIST_NUMBER.fullmatch(before):
            return False
        if glued := _NUMBER_AND_UNIT.fullmatch(word):  # "2010г"
            head, word = head + glued.group(1), glued.group(2)
        if word[0].isdigit():  # "in 2020", "1990-х"
            if self.language == "de" and len(word) <= 2 and _last_word(head).lower() in ORDINAL_AFTER:
                return False
            return None if self.language in ORDINAL_LANGUAGES else True
        return self._abbreviation(place, word, head)

    def _abbreviation(self, place: Place, word: str, head: str) -> bool | None:
        """The table's say on the word before the full stop; `head` is what stands before the word."""
        table, low = self.table, word.lower()
        token = self._token(self._first(place.after))
        number_next = token[:1].isdigit() or self.text[place.after] in "№#§$€£"
        digit_before = _last_word(head)[-1:].isdigit()
        if low in table.titles and word[0].isupper() and not digit_before:
            return False
        if len(word) == 1 and word.isupper():
            return self._after_initial(place, word, head)
        shouted = token[:1].isdigit() or (len(token) > 1 and token.isupper())  # "MR. MILLER", "NO. 5"
        if word.isupper() and word.isalpha() and table.starters and not (shouted and low in table.before | table.number | table.years):
            return True  # an acronym, "ОК" for one, is in no table
        dotted = "." in word and all(len(part) == 1 for part in word.split("."))
        if dotted and word.isupper() and not digit_before and token[:1].isupper() and not self._starter(place.after):
            return self._after_initial(place, word, head)  # "Н. Э. Баумана", "A. M. Lee"; not "н. э.", "9 A.M."
        if f"{low}.{token.lower()}" in table.pairs:
            return False
        if low in table.years:
            if "." in low or digit_before or _ROMAN.match(_last_word(head)):
                return not number_next and (self._starter(place.after) or not self._only_a_date(place))
            return False
        if low in table.units and word.islower():
            return digit_before and not number_next
        if low in table.number:
            letter_next = len(token) == 1 and token.isupper() and not (low in ("no", "art") and token in "AI")
            if number_next or letter_next or _ROMAN.match(token):
                return False
            if self.language == "en":
                return True
        if low in table.before:
            return False
        if low in table.after:
            return not (number_next and digit_before)
        if low in ("a.m", "p.m"):
            return not number_next and self.text[place.after] != "(" and not self._time_goes_on(place.after)
        if low in table.either or (dotted and not word.isupper()):
            return self.text[place.after] not in "(–—-" and self._starter(place.after)
        if dotted:
            return self._after_initial(place, word, head)
        return True if self.language == "en" or (table.starters and "-" in word) else None

    def _only_a_date(self, place: Place) -> bool:
        """Has the clause before the place nothing but a date so far?"""
        before = self.text[max(place.start, place.stop - 3 * WINDOW) : place.stop].lower()
        *earlier, clause = _CLAUSE_START.split(before)
        words = _DATE_WORD.findall(clause)
        if earlier and clause.lstrip()[:1].isdigit():  # "on Monday, 14 September 2015"
            return False
        known = self.table.dates | self.table.years
        return all(word.isdigit() or _ROMAN.match(word) or word in known for word in words)

    def _time_goes_on(self, after: int) -> bool:
        """Does "Monday", "GMT" or "Moscow time" follow?"""
        token = self._token(after)
        return token.lower() in ENGLISH_TIME_WORDS or _PLACE_TIME.match(self.text, after, after + WINDOW) is not None

    def _after_initial(self, place: Place, word: str, head: str) -> bool | None:
        """After one capital or several: initials of a name, or the end of "vitamin C", "B&Q", "Peter I"."""
        token = self._token(self._first(place.after))
        if token[:1].isdigit() and word.lower() in self.table.number:  # "P. 5"
            return False
        roman = word in ("I", "V", "X") and self.language in RAZDEL_LANGUAGES
        if roman or _last_word(head).lower() in self.table.lettered or re.search(r"[/&+]$|\d\s?$", head):
            return True
        if not self.table.starters:  # "N. Sarkozy"; short words, "Le" and "Die", may begin a sentence
            more = _INITIAL.match(self.text, self._first(place.after)) or re.search(r"\.[-‑]$", head)
            return None if len(token) <= 3 and not more else False
        return self._starter(place.after) or not token[:1].isalpha()

    def _starter(self, after: int) -> bool:
        """Is the first word at or after `after` a usual first word of sentences, and no initial?"""
        first = self._first(after)
        token = self._token(first)
        initial = len(token) == 1 and self.text[first + 1 : first + 2] == "."
        return not initial and token.lower() in self.table.starters

    def _first(self, at: int) -> int:
        """The first character from `at` on that is no opening mark, dash or white space, at most WINDOW further."""
        for i in range(at, min(at + WINDOW, len(self.text))):
            character = self.text[i]
            if character not in _OPENERS and character not in _DASHES and not character.isspace():
                return i
        return min(at + WINDOW, len(self.text))

    def _token(self, at: int) -> str:
        match = _TOKEN.match(self.text, at, at + WINDOW)
        return match.group() if match else ""

    def _ask_splitter(self, place: Place) -> bool:
        if self.language in RAZDEL_LANGUAGES:
            return _razdel_splits(self.text, place)
        before = self.text[max(place.start, place.stop - WINDOW) : place.stop]
        words = [word for word in _QUOTE.sub(" ", before).split() if word][-3:]
        return _sentencex_splits(" ".join(words), self._token(self._first(place.after)), self.language)


def _last_word(head: str) -> str:
    match = _WORD_BEFORE.search(head)
    return match.group(1) if match else ""


def _razdel_splits(text: str, place: Place) -> bool:
    """razdel's rules at this one place; its own loop copies the sentence at every mark: quadratic on long lines."""
    from razdel.segmenters.sentenize import SentSplit, sentenize

    split = SentSplit(text[max(0, place.stop - 10) : place.stop], ".", text[place.end : place.end + 10])
    split.buffer = text[max(place.start, place.stop - WINDOW) : place.stop]
    return not sentenize.join(split)


@lru_cache(maxsize=10_000)
def _sentencex_splits(before: str, after: str, language: str) -> bool:
    """sentencex on a few words around the place; in the whole text it would not look into a long quotation."""
    import sentencex

    text = f"{before}. {after}"
    return any(
        found["start_index"] == len(before) + 2 for found in sentencex.get_sentence_boundaries(language or "en", text)
    )
