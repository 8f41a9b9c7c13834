"""Any sentence encoder of `transformers`, by hub name or local folder: sentence-transformers folders and bare encoders.

How the vectors of tokens become one vector of a text is read from the files of sentence-transformers where they are there (modules.json:
pooling, dense layers), else it follows from the family.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from transformers import AutoConfig, AutoModel, AutoTokenizer

from models import ModelError, listed
from models.hub import fingerprint, folder

TOKENS = 4_096  # of a batch, padding included


@dataclass(frozen=True, slots=True)
class Family:
    """What a kind of encoder asks for. `pattern`: searched in the model's name; `pooling`: mean, cls or pooler; `prefix`: in front of every text."""

    pattern: str
    pooling: str = "mean"
    prefix: str = ""


FAMILIES = (  # the first whose pattern is found counts
    Family(r"(?:^|[/_-])e5(?:[/_-]|$)", "mean", "query: "),  # intfloat: the prefix of symmetric tasks
    Family(r"labse", "pooler"),  # [CLS] through a dense layer with tanh
    Family(r"(?:^|[/_-])bge(?:[/_-]|$)|arctic|(?:^|[/_-])gte(?:[/_-]|$)", "cls"),
    Family(r""),
)


class HF:
    """`name`: OWNER/NAME on the hub or a folder; `device`: cpu, cuda, cuda:1, mps; `threads`: of torch; `processes` is accepted and not used.

    Raises ModelError when the model cannot be found, is not an encoder, or needs code of its own to run.
    """

    languages: frozenset[str] | None = None

    def __init__(self, name: str, device: str = "cpu", threads: int = 1, processes: int = 1) -> None:
        path = folder(name)
        try:
            config = AutoConfig.from_pretrained(path, trust_remote_code=False)
            if getattr(config, "is_encoder_decoder", False):
                raise ModelError(f"model {name!r} is a {config.model_type} translation model, not an encoder of sentences; try sentence-transformers/LaBSE")
            self._tokenizer = AutoTokenizer.from_pretrained(path, trust_remote_code=False)
            self._model = AutoModel.from_pretrained(path, trust_remote_code=False, dtype=torch.float32).eval()
            self._model.to(device)
        except (OSError, ValueError, KeyError, ImportError, RuntimeError, AssertionError, SafetensorError) as error:
            raise ModelError(f"model {name!r} in {path} cannot be loaded as an encoder on {device!r}: {' '.join(str(error).split())[:300]}") from error
        self._device, self.threads = device, threads
        self.family = next(f for f in FAMILIES if re.search(f.pattern, f"{name} {getattr(config, '_name_or_path', '')}", re.IGNORECASE))
        self._pooling, self._dense, limit = _modules(path)
        self._pooling = self._pooling or self.family.pooling
        if self._pooling == "pooler" and getattr(self._model, "pooler", None) is None:
            raise ModelError(f"model {name!r} has no pooler layer, which its family {self.family.pattern!r} needs; take the sentence-transformers folder of it")
        self._prefix = self.family.prefix
        positions = getattr(config, "max_position_embeddings", None) or 512
        positions -= 2 if config.model_type in ("xlm-roberta", "roberta", "camembert") else 0
        self._length = max(8, min(limit or 512, positions, self._tokenizer.model_max_length))
        self._width = int(self._dense[-1][0].shape[0]) if self._dense else int(config.hidden_size)
        self.id = f"{Path(name).name if path == Path(name) else name}@{fingerprint(path)}+{self._pooling}{'+' + self._prefix.strip() if self._prefix else ''}"
        self._lock = Lock()

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """float32 of shape (len(texts), d), rows of length 1; a text longer than the model's window is read up to its end."""
        texts = listed(texts)
        if not texts:
            return np.empty((0, self._width), np.float32)
        unique = list(dict.fromkeys(texts))
        out = np.empty((len(unique), self._width), np.float32)
        with self._lock:
            before = torch.get_num_threads()
            torch.set_num_threads(self.threads)
            try:
                for batch, ids in self._batches(unique):
                    out[batch] = self._forward(ids)
            finally:
                torch.set_num_threads(before)
        number = {text: i for i, text in enumerate(unique)}
        return out[[number[t] for t in texts]]

    def _batches(self, texts: list[str]) -> Any:
        """(indices, token ids) of texts of about equal length, TOKENS tokens at a time."""
        ids: list[list[int]] = []
        for i in range(0, len(texts), 512):
            part = [self._prefix + t for t in texts[i : i + 512]]
            ids += self._tokenizer(part, truncation=True, max_length=self._length)["input_ids"]
        order = sorted(range(len(texts)), key=lambda i: len(ids[i]))
        batch: list[int] = []
        for i in order:
            if batch and (len(batch) + 1) * len(ids[i]) > TOKENS:
                yield batch, [ids[k] for k in batch]
                batch = []
            batch.append(i)
        yield batch, [ids[k] for k in batch]

    @torch.inference_mode()
    def _forward(self, ids: list[list[int]]) -> np.ndarray:
        given = self._tokenizer.pad({"input_ids": ids}, return_tensors="pt", padding=True)
        inputs = {k: v.to(self._device) for k, v in given.items() if k in ("input_ids", "attention_mask")}
        found = self._model(**inputs)
        tokens, mask = found.last_hidden_state, inputs["attention_mask"][..., None].to(found.last_hidden_state.dtype)
        if self._pooling == "mean":
            pooled = (tokens * mask).sum(1) / mask.sum(1).clamp(min=1)
        elif self._pooling == "max":
            pooled = tokens.masked_fill(mask == 0, -torch.inf).max(1).values
        else:
            pooled = found.pooler_output if self._pooling == "pooler" else tokens[:, 0]
        for weight, bias, activation in self._dense:
            pooled = torch.nn.functional.linear(pooled, weight.to(self._device), None if bias is None else bias.to(self._device))
            pooled = torch.tanh(pooled) if activation.endswith("Tanh") else pooled
        vectors: np.ndarray = torch.nn.functional.normalize(pooled.float(), dim=1).cpu().numpy()
        return vectors


_POOLINGS = {"pooling_mode_cls_token": "cls", "pooling_mode_mean_tokens": "mean", "pooling_mode_max_tokens": "max"}


def _modules(path: Path) -> tuple[str | None, list[tuple[torch.Tensor, torch.Tensor | None, str]], int | None]:
    """(pooling, dense layers as (weight, bias, activation), most tokens) as sentence-transformers files say; None, none and None without them."""
    listing = path / "modules.json"
    if not listing.is_file():
        return None, [], None
    pooling, dense, limit = None, [], None
    try:
        settings = path / "sentence_bert_config.json"
        limit = json.loads(settings.read_text("utf-8")).get("max_seq_length") if settings.is_file() else None
        for module in json.loads(listing.read_text("utf-8")):
            kind, place = module["type"].rsplit(".", 1)[-1], path / module["path"]
            if kind == "Pooling":
                chosen = json.loads((place / "config.json").read_text("utf-8"))
                modes = [_POOLINGS[k] for k in _POOLINGS if chosen.get(k)] or [chosen["pooling_mode"]]
                if len(modes) != 1 or modes[0] not in _POOLINGS.values():
                    raise ModelError(f"the pooling in {place} is {modes}; known are {', '.join(_POOLINGS.values())}, one at a time")
                pooling = modes[0]
            elif kind == "Dense":
                dense.append(_dense(place))
            elif kind not in ("Transformer", "Normalize"):
                raise ModelError(f"the encoder in {path} has a module {kind!r}; known are Transformer, Pooling, Dense and Normalize")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"the sentence-transformers files in {path} cannot be read: {error}") from error
    return pooling, dense, limit


def _dense(place: Path) -> tuple[torch.Tensor, torch.Tensor | None, str]:
    config = json.loads((place / "config.json").read_text("utf-8"))
    safe = place / "model.safetensors"
    if safe.is_file():
        from safetensors.torch import load_file

        state = load_file(safe)
    else:
        state = torch.load(place / "pytorch_model.bin", map_location="cpu", weights_only=True)
    activation = str(config.get("activation_function") or "Identity")
    if activation.rsplit(".", 1)[-1] not in ("Tanh", "Identity"):
        raise ModelError(f"the dense layer in {place} has the activation {activation}; known are Tanh and Identity")
    return state["linear.weight"].float(), state["linear.bias"].float() if "linear.bias" in state else None, activation
