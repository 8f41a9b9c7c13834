"""A translation model of transformers run by transformers itself: on a GPU, or where CTranslate2 does not know the model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import torch
import transformers
from safetensors import SafetensorError

from models import ModelError, Translation
from models.conversion import whole_vocabulary
from models.families import Frame, facts_of, family_of, frame, pairs, read_json
from models.pieces import Answers, checked, translate_lines

SCORED = 1_024  # pieces whose probabilities over the vocabulary are held at a time


class Generating:
    """`device`: cpu, cuda, cuda:1, mps; `threads`: of torch, 0 = its own choice. ModelError: cannot be loaded, or does not know the pair."""

    workers = 1

    def __init__(self, folder: Path, *, id: str, name: str, source: str, target: str, device: str = "cpu", threads: int = 0) -> None:
        self.id, self.name, self._device, self.threads = id, name, device, threads
        config = read_json(folder / "config.json")
        try:
            self._tokenizer = transformers.AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
            vocabulary = whole_vocabulary(self._tokenizer)
            self.family = family_of(str(config.get("model_type", "")), vocabulary, name)
            half = device.startswith("cuda")
            self._model = transformers.AutoModelForSeq2SeqLM.from_pretrained(
                folder, trust_remote_code=False, dtype=torch.bfloat16 if half else torch.float32
            ).eval()
            self._model.to(device)
        except (OSError, ValueError, KeyError, ImportError, RuntimeError, AssertionError, SafetensorError) as error:
            raise ModelError(f"model {name!r} in {folder} cannot be loaded on {device!r}: {' '.join(str(error).split())[:300]}") from error
        self._vocabulary, self._facts = vocabulary, facts_of(config, read_json(folder / "tokenizer_config.json"), vocabulary)
        self._limit = self._facts["limit"] or self.family.limit
        self.pairs: frozenset[tuple[str, str]] | None = pairs(self.family, vocabulary, self._facts)
        self._frame(source, target)
        self._lock = Lock()

    def _frame(self, source: str, target: str) -> Frame:
        return frame(self.family, source, target, self._vocabulary, self._facts, self.name)

    def split(self, text: str) -> list[str]:
        """As models.pieces.Pieces says, by the tokenizer of transformers."""
        found: list[str] = self._tokenizer.tokenize(text)
        return found

    def join(self, pieces: list[str]) -> str:
        return str(self._tokenizer.convert_tokens_to_string(pieces))

    def translate(self, texts: Sequence[str], source: str, target: str, *, beam: int = 4, alternatives: int = 0) -> list[Translation]:
        """One result a text, in order; "" for a text without content. ModelError for a pair that the model does not know."""
        with self._lock:
            before = torch.get_num_threads()
            torch.set_num_threads(self.threads or before)
            try:
                return translate_lines(texts, self, self, self._frame(source, target), limit=self._limit, beam=beam, alternatives=alternatives)
            finally:
                torch.set_num_threads(before)

    def start(self, sources: list[list[str]], forced: tuple[str, ...], *, beam: int, alternatives: int, longest: int) -> Answers:
        """As models.pieces.Network says; the work is done when the answers are asked for."""
        return lambda: checked(lambda: self._run(sources, forced, max(beam, alternatives + 1), alternatives + 1, longest), self.name)

    @torch.inference_mode()
    def _run(self, sources: list[list[str]], forced: tuple[str, ...], beam: int, wanted: int, longest: int) -> list[Any]:
        ids = [self._numbers(tokens) for tokens in sources]
        given = self._tokenizer.pad({"input_ids": ids}, return_tensors="pt", padding=True)
        inputs = {k: given[k].to(self._device) for k in ("input_ids", "attention_mask")}
        options: dict[str, Any] = {"forced_bos_token_id": self._numbers(forced)[0]} if forced else {}
        found = self._model.generate(
            **inputs, **options, num_beams=beam, num_return_sequences=wanted, do_sample=False, max_new_tokens=longest, max_length=None
        )
        rows = [self._tokenizer.convert_ids_to_tokens(_to_end(row[1:].tolist(), self._tokenizer.eos_token_id)) for row in found]
        scores = self._scores(inputs, found[::wanted], len(forced))
        return [[(rows[k * wanted + n], scores[k]) for n in range(wanted)] for k in range(len(sources))]

    def _numbers(self, tokens: Sequence[str]) -> list[int]:
        unknown = self._tokenizer.unk_token_id
        return [self._vocabulary.get(t, unknown) for t in tokens]

    def _scores(self, inputs: dict[str, torch.Tensor], found: torch.Tensor, skipped: int) -> list[float]:
        """Mean log probability of the pieces of each row, its end included, its forced start not."""
        out: list[float] = []
        step = max(1, SCORED // found.shape[1])
        end = self._tokenizer.eos_token_id
        for k in range(0, len(found), step):
            rows = found[k : k + step]
            part = {name: value[k : k + step] for name, value in inputs.items()}
            logits = self._model(**part, decoder_input_ids=rows[:, :-1]).logits.float()
            named = torch.gather(torch.log_softmax(logits, -1), 2, rows[:, 1:, None])[..., 0]
            ends = (rows[:, 1:] == end).float()
            kept = (ends.cumsum(1) - ends == 0).float()  # what follows the first end is filling
            kept[:, :skipped] = 0
            out += ((named * kept).sum(1) / kept.sum(1).clamp(min=1)).tolist()
        return out


def _to_end(ids: list[int], end: int) -> list[int]:
    return ids[: ids.index(end)] if end in ids else ids
