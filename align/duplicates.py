"""Texts that say the same: equal after normalisation, or nearly (MinHash of word pairs: Broder 1997), in one pass and little memory."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from hashlib import blake2b

import numpy as np

from align.lemmas import word_pattern

HASHES = 64  # of a signature; the standard error of a likeness of 0.8 is 0.05
BANDS = 16  # of 4 hashes: a likeness of 0.8 is looked up with a chance of 0.9998, of 0.5 with 0.64
_PRIME = np.uint64((1 << 31) - 1)
_RANDOM = np.random.default_rng(20_211_110)
_A, _B = (_RANDOM.integers(1, int(_PRIME), HASHES, dtype=np.uint64) for _ in range(2))


def normal(text: str) -> str:
    """The words of a text, lower case, compatibility forms and accents of composition folded; punctuation and blanks do not count, the underscore does."""
    return " ".join(word_pattern(r"\w").findall(unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")))


def digest(*texts: str) -> int:
    """64 bits of normalised texts in order."""
    return int.from_bytes(blake2b("\0".join(map(normal, texts)).encode("utf-8", "replace"), digest_size=8).digest(), "big")


def signature(texts: Sequence[str]) -> np.ndarray:
    """uint32 (HASHES,): the least hashes of the words and word pairs of each text; texts without words are alike."""
    grams: set[str] = set()
    for side, text in enumerate(texts):
        words = normal(text).split()
        grams.update(f"{side}{one} {two}" for one, two in zip(["", *words], [*words, ""], strict=True))
    codes = np.array([int.from_bytes(blake2b(g.encode("utf-8", "replace"), digest_size=4).digest(), "big") for g in sorted(grams)], np.uint64) % _PRIME
    found: np.ndarray = ((codes[:, None] * _A + _B) % _PRIME).min(axis=0).astype(np.uint32)
    return found


class NearDuplicates:
    """Items seen so far; `likest` finds the most alike of them."""

    def __init__(self, signatures: int = 1024) -> None:
        self._seen = np.zeros((signatures, HASHES), np.uint32)
        self._count = 0
        self._buckets: dict[bytes, int] = {}

    def likest(self, mine: np.ndarray) -> tuple[float, int | None]:
        """(likeness in [0, 1], number) of the most alike item that was added, (0.0, None) when none is near."""
        near = sorted({found for key in _keys(mine) if (found := self._buckets.get(key)) is not None})
        if not near:
            return 0.0, None
        alike = (self._seen[near] == mine).mean(axis=1)
        best = int(alike.argmax())
        return float(alike[best]), near[best]

    def add(self, mine: np.ndarray) -> int:
        """Keep a signature; its number, from 0. A bucket keeps its first item."""
        if self._count == len(self._seen):
            self._seen = np.concatenate([self._seen, np.zeros_like(self._seen)])
        self._seen[self._count] = mine
        for key in _keys(mine):
            self._buckets.setdefault(key, self._count)
        self._count += 1
        return self._count - 1


def _keys(mine: np.ndarray) -> Iterator[bytes]:
    size = HASHES // BANDS
    for band in range(BANDS):
        yield bytes([band]) + blake2b(mine[band * size : (band + 1) * size].tobytes(), digest_size=7).digest()
