"""What can be seen of a sentence without a model: its length, numbers, names and cognates, how it begins and ends.

Nothing here knows a language. Keys are folded to Latin letters, so that a name written in Cyrillic and in Latin may meet; where two
scripts share nothing, the keys simply never meet and the aligner goes by the rest of the evidence.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

KEY_LENGTH = 5  # letters of a word that its key keeps: endings differ between languages
SHORTEST = 4  # letters that a word needs to have a key
RARE = 0.05  # a key in more than this share of sentences says nothing

_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f ]\d{3})*(?![\d])(?:[.,]\d+)?|\d+")
_CYRILLIC = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґўђѓјљњћќџ",
        ["a", "b", "v", "g", "d", "e", "e", "zh", "z", "i", "i", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u", "f", "kh", "ts", "ch", "sh", "shch", "", "y", "", "e", "iu", "ia", "i", "i", "e", "g", "u", "dj", "gj", "j", "lj", "nj", "c", "kj", "dz"],
        strict=True,
    )
)
_GREEK = dict(zip("αβγδεζηθικλμνξοπρστυφχψω", ["a", "v", "g", "d", "e", "z", "i", "th", "i", "k", "l", "m", "n", "x", "o", "p", "r", "s", "t", "y", "f", "ch", "ps", "o"], strict=True))
_FOLD = str.maketrans(_CYRILLIC | _GREEK | {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ς": "s"})
_SAME = str.maketrans({"c": "k", "q": "k", "w": "v", "y": "i", "j": "i", "z": "s", "x": "s"})  # spellings of one sound


def fold(word: str) -> str:
    """Lower-case Latin letters of a word, accents off, so that "Лавров" and "Lavrov" are the same."""
    out = word.lower().translate(_FOLD)
    if not out.isascii():
        out = "".join(c for c in unicodedata.normalize("NFKD", out) if not unicodedata.combining(c)).translate(_FOLD)
    return out.replace("kh", "h").replace("ts", "k").replace("ch", "k").replace("ph", "f").replace("ks", "s").translate(_SAME)


def keys(text: str) -> dict[str, str]:
    """Cognate key -> the word as written, for words of SHORTEST letters or more and for shorter ones in capitals."""
    out: dict[str, str] = {}
    for match in _WORD.finditer(text):
        word = match[0]
        folded = fold(word) if len(word) >= SHORTEST or (len(word) > 1 and word.isupper()) else ""
        if len(folded) >= 2:
            out.setdefault(folded[:KEY_LENGTH], word)
    return out


def numbers(text: str) -> tuple[str, ...]:
    """Numbers in digits, in order, thousands separators off and the decimal sign a point; leading zeros off."""
    out = []
    for match in _NUMBER.finditer(text):
        digits = re.sub(r"(?<=\d)[,.\u00a0\u202f ](?=\d{3}(?:\D|$))", "", match[0]).replace(",", ".")
        out.append(digits.lstrip("0") or "0")
    return tuple(out)


@dataclass(frozen=True, slots=True)
class Side:
    """One side's surface. lengths: float (n,), characters without white space; begins, ends: int8 (n,): how a sentence begins (1 lower case,
    2 a digit or sign, 0 else) and ends (1 a full stop of any kind, 0 something else, 2 nothing); letters: share of letters in [0, 1]."""

    lengths: np.ndarray
    begins: np.ndarray
    ends: np.ndarray
    letters: np.ndarray
    keys: tuple[dict[str, str], ...]
    numbers: tuple[tuple[str, ...], ...]

    def part(self, start: int, stop: int) -> Side:
        """Sentences start..stop (exclusive) alone."""
        s = slice(start, stop)
        return Side(self.lengths[s], self.begins[s], self.ends[s], self.letters[s], self.keys[s], self.numbers[s])


_STOPS = ".!?…。！？؟।"
_CLOSING = "\"'»”’)]}›“ "


def look(sentences: Sequence[str]) -> Side:
    """The surface of every sentence; empty sentences have length 0, no keys and no numbers."""
    n = len(sentences)
    lengths, letters = np.zeros(n), np.zeros(n)
    begins, ends = np.zeros(n, np.int8), np.zeros(n, np.int8)
    for k, text in enumerate(sentences):
        bare = "".join(text.split())
        lengths[k] = len(bare)
        letters[k] = sum(map(str.isalpha, bare)) / len(bare) if bare else 0.0
        opening = bare.lstrip("\"'«“„(‘[{-–—")[:1]
        begins[k] = 1 if opening.islower() else 0 if opening.isalpha() else 2
        tail = text.rstrip(_CLOSING)[-1:] or bare[-1:]
        ends[k] = 2 if not tail else 1 if tail in _STOPS else 0
    return Side(lengths, begins, ends, letters, tuple(keys(t) for t in sentences), tuple(numbers(t) for t in sentences))


@dataclass(frozen=True, slots=True)
class Overlap:
    """Shared keys of two sides as a sparse matrix: entries (rows, columns, values), rows ascending, and each sentence's own total.

    A value is the sum of the idf weights of the keys that source sentence i and target sentence j share.
    """

    rows: np.ndarray
    columns: np.ndarray
    values: np.ndarray
    source_total: np.ndarray
    target_total: np.ndarray


def overlap(
    source: Sequence[Sequence[str]],
    target: Sequence[Sequence[str]],
    lo: np.ndarray,
    hi: np.ndarray,
    rare: float = RARE,
    lone: bool = False,
) -> Overlap:
    """Shared keys inside the band (node columns lo..hi of each row). Only `rare` keys count, and those that one document
    lacks altogether count in the totals only if `lone` ones are wanted."""
    n, m = len(source), len(target)
    counts = [Counter(k for side in sides for k in set(side)) for sides in (source, target)]
    limit = [max(3.0, rare * len(sides)) for sides in (source, target)]
    weight = {
        k: math.log1p((n + m) / (counts[0][k] + counts[1][k]))
        for k in counts[0].keys() | counts[1].keys()
        if (lone or (counts[0][k] and counts[1][k])) and counts[0][k] <= limit[0] and counts[1][k] <= limit[1]
    }
    where: dict[str, list[int]] = {}
    for j, side in enumerate(target):
        for k in set(side):
            if k in weight:
                where.setdefault(k, []).append(j)
    entries: dict[tuple[int, int], float] = {}
    for i, side in enumerate(source):
        low, high = int(lo[i]), int(hi[min(i + 1, n)])
        for k in set(side):
            for j in where.get(k, ()):
                if low <= j < high:
                    entries[i, j] = entries.get((i, j), 0.0) + weight[k]
    totals = [np.array([sum(weight.get(k, 0.0) for k in set(side)) for side in sides]) for sides in (source, target)]
    order = sorted(entries)
    return Overlap(
        np.array([i for i, _ in order], np.int64),
        np.array([j for _, j in order], np.int64),
        np.array([entries[p] for p in order]),
        totals[0].reshape(n),
        totals[1].reshape(m),
    )
