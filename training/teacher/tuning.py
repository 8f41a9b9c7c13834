"""A fine-tuning of the teacher: network, adapter, optimiser and data, and one step of it. The command that runs it is finetune.py."""

from __future__ import annotations

import argparse
import json
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F

from training import TrainingError
from training.batches import MicroBatch
from training.commands import weights_of
from training.precision import autocast
from training.teacher import adapter, smoothing
from training.teacher.examples import Examples
from training.teacher.gemma import Gemma, load
from training.teacher.prompts import Prompts
from training.teacher.vocabulary import read_tokenizer
from training.teacher.workers import Workers

_TOLD = ("mix", "minutes", "steps", "lr", "seed", "tokens", "accumulate", "init", "dev_pairs", "workers", "average_every")


def say(**fields: Any) -> None:
    print(json.dumps(fields), flush=True)


def loss_of(model: Gemma, network: Any, ids: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Summed negative log likelihood of the targets, in bfloat16 (precision.py) but for the last step; `network`: the model, or its compiled form."""
    with autocast(ids.device):
        states = network(ids)
        known = targets >= 0
        logits = model.logits(states[known])
    return F.cross_entropy(logits.float(), targets[known], reduction="sum")


class Finetuning:
    """The state of a run; made from the command's options, goes on from the checkpoint where there is one."""

    def __init__(self, options: argparse.Namespace, workers: Workers | None = None) -> None:
        self.options = options
        self.workers = workers or Workers()
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        if options.threads:
            torch.set_num_threads(options.threads)
        torch.set_float32_matmul_precision("high")
        torch.manual_seed(options.seed)
        cuda = self.device.type == "cuda"
        self.tokens = options.tokens or (32768 if cuda else 2048)
        self.lr = options.lr or (1e-3 if options.rank else 3e-4)
        tokenizer = read_tokenizer(options.tokenizer)
        prompts = Prompts(tokenizer)
        self.data = Examples(options.data, prompts, weights_of(options.mix))
        self.dev = Examples(options.dev, prompts) if options.dev else None
        if self.dev:
            self.dev.only(options.dev_pairs)
        self.model = load(options.base, self.device)
        self._check(tokenizer.get_vocab_size())
        self.trained = adapter.adapt(self.model, options.rank, options.alpha) if options.rank else list(self.model.parameters())
        self.optimizer = self._optimizer()
        self.state: dict[str, Any] = {"step": 0, "epoch": 0, "in_epoch": 0, "elapsed": 0.0, "tokens": 0, "seed": options.seed, "workers": self.workers.count}
        self._begin()
        if options.fuse:
            self.model.fuse()
        self.network: Any = torch.compile(self.model, dynamic=True) if cuda and not options.no_compile else self.model

    def _check(self, pieces: int) -> None:
        network = self.model.shape.vocabulary
        for what, found in (("--tokenizer", pieces), ("--data", self.data.meta["vocab"]), ("--dev", self.dev.meta["vocab"] if self.dev else network)):
            if found != network:
                raise TrainingError(f"{what} has {found} pieces, the base weights have {network}; make all with one tokenizer (training.teacher.vocabulary, .repack)")

    def _optimizer(self) -> torch.optim.AdamW:
        groups = [
            {"params": [p for p in self.trained if p.dim() > 1], "weight_decay": 0.01},
            {"params": [p for p in self.trained if p.dim() == 1], "weight_decay": 0.0},
        ]
        return torch.optim.AdamW(groups, lr=self.lr, betas=(0.9, 0.98), fused=True)

    def _begin(self) -> None:
        """From the checkpoint, else from the adapter of --init, else from nothing."""
        options = self.options
        if not options.checkpoint.exists():
            if options.init and options.rank:
                adapter.restart(self.model, options.init)
            return
        kept = torch.load(options.checkpoint, map_location=self.device, weights_only=True)
        if (kept["rank"], kept["alpha"]) != (options.rank, options.alpha):
            raise TrainingError(f"the checkpoint {options.checkpoint} has rank {kept['rank']} and alpha {kept['alpha']}; give the same, or another --checkpoint")
        if kept["state"].get("workers", 1) != self.workers.count:
            raise TrainingError(f"the checkpoint {options.checkpoint} was made by {kept['state'].get('workers', 1)} workers, who share an epoch; give the same --workers")
        self.model.load_state_dict(kept["model"], strict=not options.rank)
        if kept.get("optimizer"):
            self.optimizer.load_state_dict(kept["optimizer"])
        self.state |= kept["state"]

    def meets(self) -> bool:
        """Is this one of the steps after which the workers average their weights and agree whether to go on?"""
        return self.workers.count == 1 or self.state["step"] % self.options.average_every == 0

    def average(self) -> None:
        """Weights, and the optimiser's moments with them, become the workers' mean."""
        with torch.no_grad():
            self.workers.average(self.trained)
        for moments in self.optimizer.state.values():
            self.workers.average(moments[key] for key in ("exp_avg", "exp_avg_sq"))

    def progress(self) -> float:
        """0 at the start of the schedule, 1 at its end."""
        options, state = self.options, self.state
        return float(state["step"] / options.steps if options.steps else state["elapsed"] / (60 * options.minutes))

    def rate(self) -> float:
        """Linear warm-up, then a cosine down to a fiftieth."""
        return float(self.lr * min(1.0, (self.state["step"] + 1) / self.options.warmup) * (0.02 + 0.49 * (1 + math.cos(math.pi * min(1.0, self.progress())))))

    def step(self, group: Sequence[MicroBatch]) -> tuple[torch.Tensor, int, int]:
        """One optimiser step over some batches: (summed nll, learned ids, padded ids)."""
        rate = self.rate()
        parts = [self.data.tensors(batch, self.device) for batch in group]
        learned = sum(int((targets >= 0).sum()) for _, targets in parts)
        nll = torch.stack([self._backward(ids, targets, learned) for ids, targets in parts]).sum()
        for entry in self.optimizer.param_groups:
            entry["lr"] = rate
        torch.nn.utils.clip_grad_norm_(self.trained, 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        padded = sum(ids.numel() for ids, _ in parts)
        self.state["step"] += 1
        self.state["in_epoch"] += len(group)
        self.state["tokens"] += padded * self.workers.count
        return nll, learned, padded

    def _backward(self, ids: torch.Tensor, targets: torch.Tensor, learned: int) -> torch.Tensor:
        try:
            nll = loss_of(self.model, self.network, ids, targets)
            (nll / learned).backward()
        except Exception as error:
            if self.network is self.model:
                raise
            say(note=f"compiled step failed, eager mode from here: {type(error).__name__}: {error}"[:500])
            self.network = self.model
            self.model.zero_grad(set_to_none=True)
            return self._backward(ids, targets, learned)
        return nll.detach()

    @torch.no_grad()
    def dev_loss(self) -> list[float]:
        """Mean negative log likelihood per learned id of the dev pairs, [en-ru, ru-en]; [] without --dev."""
        if not self.dev:
            return []
        sums = [[0.0, 0], [0.0, 0]]
        for batch in self.dev.batches(0, 0, self.tokens):
            ids, targets = self.dev.tensors(batch, self.device)
            sums[batch[0]][0] += float(loss_of(self.model, self.model, ids, targets))
            sums[batch[0]][1] += int((targets >= 0).sum())
        return [round(total / max(1, count), 4) for total, count in sums]

    def save(self, final: bool) -> None:
        """Write the checkpoint, the last one without the optimiser's state. TrainingError: weights that are not finite; the checkpoint before stays."""
        weights = adapter.trained_state(self.model) if self.options.rank else self.model.state_dict()
        if not all(bool(torch.isfinite(value).all()) for value in weights.values()):
            raise TrainingError("the weights are not finite: the checkpoint before this stays; start again with a lower --lr")
        path: Path = self.options.checkpoint
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(path.name + ".tmp")
        optimizer = None if final else self.optimizer.state_dict()
        torch.save({"model": weights, "state": self.state, "rank": self.options.rank, "alpha": self.options.alpha, "optimizer": optimizer}, temporary)
        os.replace(temporary, path)

    def write_adapter(self, dev: list[float]) -> None:
        """The adapter with the root mean squares of the activations on some text."""
        data = self.dev or self.data
        texts = [data.tensors(batch, self.device)[0] for batch in data.batches(0, 0, self.tokens)[:8]]
        with autocast(self.device):
            rms = smoothing.observe(self.model, texts)
        told = {k: str(v) if isinstance(v, Path) else v for k, v in vars(self.options).items() if k in _TOLD}
        adapter.write(self.model, self.options.out, {"rank": self.options.rank, "alpha": self.options.alpha, **self.state, "dev": dev, "options": told}, rms)
