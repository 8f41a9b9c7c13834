"""A CTranslate2 encoder-decoder model in a folder, with the files that cut its texts. No torch, no transformers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import ctranslate2

from models import ModelError, Translation
from models.cores import shared
from models.families import FAMILIES, Family, Frame, facts_of, family_of, frame, pairs, read_json
from models.pieces import Answers, Pieces, checked, pieces_in, translate_lines

FACTS = "bitext.json"  # written by models.conversion: what was read from the original model's configuration


class Ct2Network:
    """The network of `folder` alone: pieces in, pieces out. `options`: of ctranslate2.Translator.translate_batch."""

    def __init__(self, folder: Path, name: str, threads: int = 0, **options: Any) -> None:
        self.name, self._options = name, options
        self.workers, each = shared(threads)
        try:
            self._translator = ctranslate2.Translator(str(folder), device="cpu", inter_threads=self.workers, intra_threads=each)
        except (RuntimeError, ValueError) as error:
            raise ModelError(f"engine {name!r}: {folder} cannot be loaded as a CTranslate2 translation model: {error}") from error

    def start(self, sources: list[list[str]], forced: tuple[str, ...], *, beam: int, alternatives: int, longest: int) -> Answers:
        """As models.pieces.Network says; waits only while a few batches a worker are waiting."""
        begun = checked(
            lambda: self._translator.translate_batch(
                sources, target_prefix=[list(forced)] * len(sources) if forced else None, beam_size=max(beam, alternatives + 1),
                num_hypotheses=alternatives + 1, max_decoding_length=longest, max_input_length=0, return_scores=True, asynchronous=True, **self._options,
            ),
            self.name,
        )  # fmt: skip
        return lambda: [self._scored(answer, len(forced)) for answer in checked(lambda: [one.result() for one in begun], self.name)]

    @staticmethod
    def _scored(answer: Any, forced: int) -> list[tuple[list[str], float]]:
        return [(pieces, score * _share(pieces, forced)) for pieces, score in zip(answer.hypotheses, answer.scores, strict=True)]


class Ct2Folder:
    """`folder`: model.bin, its vocabulary, and source.spm with target.spm, tokenizer.json or one SentencePiece model. `name`: for id and errors.

    Raises ModelError: not such a folder, or a pair that the model does not know.
    """

    def __init__(self, folder: Path, *, id: str, name: str, source: str, target: str, threads: int = 0, pieces: Pieces | None = None) -> None:
        self.id, self.name = id, name
        self._vocabulary = vocabulary(folder)
        self.family, self._facts = _recognised(folder, self._vocabulary, name)
        self.pairs: frozenset[tuple[str, str]] | None = pairs(self.family, self._vocabulary, self._facts)
        self._frame(source, target)
        self._limit = self._facts.get("limit") or self.family.limit
        self._pieces = pieces or pieces_in(folder)
        self._network = Ct2Network(folder, name, threads)
        self._lock = Lock()

    def _frame(self, source: str, target: str) -> Frame:
        return frame(self.family, source, target, self._vocabulary, self._facts, self.name)

    def translate(self, texts: Sequence[str], source: str, target: str, *, beam: int = 4, alternatives: int = 0) -> list[Translation]:
        """One result a text, in order; "" for a text without content. ModelError for a pair that the model does not know."""
        with self._lock:
            return translate_lines(
                texts, self._pieces, self._network, self._frame(source, target), limit=self._limit, beam=beam, alternatives=alternatives
            )


def _share(tokens: list[str], forced: int) -> float:
    """CTranslate2 divides by all pieces and the end; the forced ones have probability 1 and do not count here."""
    return (len(tokens) + 1) / max(1, len(tokens) + 1 - forced)


def is_ct2(folder: Path) -> bool:
    """Does the folder hold a CTranslate2 model with its vocabulary?"""
    return (folder / "model.bin").is_file() and any(folder.glob("*vocabulary.*"))


def vocabulary(folder: Path) -> frozenset[str]:
    """All pieces, of both sides. ModelError without a vocabulary."""
    found: set[str] = set()
    for file in sorted(folder.glob("*vocabulary.*")):
        try:
            text = file.read_text("utf-8")
            found |= set(json.loads(text)) if file.suffix == ".json" else {line.rstrip("\r\n") for line in text.split("\n")}
        except (OSError, ValueError) as error:
            raise ModelError(f"the vocabulary {file} cannot be read: {error}") from error
    if not found:
        raise ModelError(f"{folder} has no vocabulary; a CTranslate2 model has shared_vocabulary.json, or source_vocabulary.json and target_vocabulary.json")
    return frozenset(found)


def _recognised(folder: Path, known: frozenset[str], name: str) -> tuple[Family, dict[str, Any]]:
    """The family by the type that the conversion wrote down, else by its probe in the vocabulary, else T5, MarianMT or OpenNMT (one pair)."""
    facts, config = read_json(folder / FACTS), read_json(folder / "config.json")
    if facts:
        return family_of(facts["type"], known, name), facts
    facts = facts_of({}, read_json(folder / "tokenizer_config.json"), known)
    start = config.get("decoder_start_token")
    facts["adds_end"] = bool(config.get("add_source_eos")) or start == "<s>"
    guess = next((f for f in FAMILIES if f.probe and f.probe in known), None)
    return guess or family_of("t5" if start == "<pad>" else "marian", known, name), facts
