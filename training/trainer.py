"""The state of a training run, and one step of it: network, optimisers, precision, compiler, checkpoint, dev loss, packed weights."""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training import TrainingError
from training.batches import Bitext, MicroBatch, mask_words
from training.commands import existing, weights_of
from training.loss import Kernel, ProjectedCrossEntropy, chunk_gradient
from training.model import Size, Student
from training.muon import Muon
from training.pack import read_weights, write_weights
from training.precision import arithmetic, autocast

FILES = ("data", "dev", "out", "checkpoint", "init", "embeddings")  # options that the weights do not tell: paths of one machine


class Log:
    """JSON lines, to the screen and to FOLDER/log.jsonl."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "log.jsonl"

    def __call__(self, **fields: Any) -> dict[str, Any]:
        line = json.dumps(fields)
        print(line, flush=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        return fields


class Trainer:
    """Made from the options of train.py; goes on from the checkpoint where there is one. TrainingError: data or weights that do not fit."""

    def __init__(self, options: argparse.Namespace, log: Log) -> None:
        self.options, self.log = options, log
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._threads()
        torch.set_float32_matmul_precision("high")
        torch.manual_seed(options.seed)
        self.data = Bitext(options.data, self.device, weights_of(options.mix), options.max_ids, options.directions)
        self.dev = self._dev_set()
        self.model = self._network()
        self.optimizers = self.make_optimizers()
        self.dtype = torch.float32 if options.fp32 else arithmetic(self.device)
        self.compiled = False
        self.kernel: Kernel = chunk_gradient
        self.use_compiler(not options.no_compile)
        self.state: dict[str, Any] = {
            "step": 0, "epoch": 0, "in_epoch": 0, "elapsed": 0.0, "tokens": 0, "lr_factor": 1.0, "averaged": 0, "micro": options.tokens,
            "compiled": self.compiled,
        }  # fmt: skip
        self.average: dict[str, torch.Tensor] = {}
        if self.resume():
            if options.tokens != self.state["micro"]:
                log(note=f"the checkpoint was made with --tokens {self.state['micro']}, which is kept")
                options.tokens = self.state["micro"]
            self.use_compiler(self.compiled and self.state["compiled"])
        self._first_step = self.state["step"]

    def _threads(self) -> None:
        options = self.options
        if options.threads:
            torch.set_num_threads(options.threads)
        self.pool: ThreadPoolExecutor | None = None
        if options.workers > 1 and self.device.type == "cpu":
            self.pool = ThreadPoolExecutor(options.workers, initializer=torch.set_num_threads, initargs=(1,))
            list(self.pool.map(time.sleep, [0.2] * options.workers))  # starts every worker
            torch.set_num_threads(options.threads or options.workers)

    def _dev_set(self) -> Bitext | None:
        if not self.options.dev:
            return None
        dev = Bitext([self.options.dev], self.device, {}, 160)
        if dev.meta["vocab"] != self.data.meta["vocab"]:
            raise TrainingError(f"{self.options.dev} has {dev.meta['vocab']} pieces, the training data {self.data.meta['vocab']}; they belong to different vocabularies")
        dev.weight[:] = 1
        if self.options.dev_pairs:
            dev.weight[self.options.dev_pairs :] = 0
        return dev

    def _network(self) -> Student:
        options = self.options
        size = Size(self.data.meta["vocab"], options.width, options.ffn, options.heads, options.encoder, options.decoder, options.dropout)
        model = Student(size).to(self.device)
        if options.init:
            arrays, meta = read_weights(options.init)
            if not size.same_network(meta["size"]):
                raise TrainingError(f"{options.init} holds a network of another size: {meta['size']}")
            model.load_state_dict({k: torch.from_numpy(v) for k, v in arrays.items()})
        if options.embeddings:
            table = np.load(existing(options.embeddings, "embeddings", "python -m training.embeddings makes them"))
            if table.shape != (size.vocab, size.width):
                raise TrainingError(f"{options.embeddings} has shape {table.shape}, expected {(size.vocab, size.width)}")
            model.embedding.weight.data.copy_(torch.from_numpy(table))
        return model

    def make_optimizers(self) -> list[torch.optim.Optimizer]:
        """[AdamW] for everything, or [AdamW for embedding, biases and norms, Muon for the matrices of the layers]."""
        options, named = self.options, list(self.model.named_parameters())
        matrices = [p for n, p in named if p.dim() == 2 and n != "embedding.weight"] if options.muon else []
        taken = set(map(id, matrices))
        rest = [p for _, p in named if id(p) not in taken]
        settings: dict[str, Any] = {"lr": options.lr, "betas": (0.9, 0.98), "eps": 1e-9, "weight_decay": 0.0}
        try:
            optimizers: list[torch.optim.Optimizer] = [torch.optim.AdamW(rest, fused=True, **settings)]
        except RuntimeError as error:
            self.log(note=f"no fused AdamW, the plain one is used: {error}"[:300])
            optimizers = [torch.optim.AdamW(rest, **settings)]
        if matrices:
            halves = {id(p): 2 for n, p in named if n.endswith("kv.weight")}
            optimizers.append(Muon(matrices, options.lr, parts=halves, run=self.pool.map if self.pool else map))
        return optimizers

    def use_compiler(self, wanted: bool) -> None:
        """Compile the layers and the loss, or with wanted=False undo it. Two graphs serve all layers."""
        self.compiled, self.kernel = False, chunk_gradient
        try:
            if wanted:
                torch._dynamo.config.cache_size_limit = 64
            for layer in (*self.model.encoder, *self.model.decoder):
                layer.compile(dynamic=True, disable=not wanted)
            if wanted:
                self.kernel = torch.compile(chunk_gradient, dynamic=True)
                self.compiled = True
        except Exception as error:  # noqa: BLE001 - compilers fail in every way; training goes on without
            self.log(note=f"no compiler, eager mode: {error}"[:300])

    def precision(self) -> torch.autocast:
        return autocast(self.device, self.dtype)

    def synchronize(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize()

    def backward(self, batch: MicroBatch, scale: float) -> torch.Tensor:
        """Add the gradients of one micro batch, times `scale`; its summed negative log likelihood."""
        options = self.options
        source, target = self.data.tensors(*batch)
        if options.word_mask:
            source = mask_words(source, options.word_mask)
        with self.precision():
            states = self.model(source, target[:, :-1].clamp(min=0))
        loss, nll = ProjectedCrossEntropy.apply(
            states.reshape(-1, states.shape[-1]), self.model.embedding.weight, self.model.bias, target.reshape(-1), options.smoothing, scale, options.chunk,
            self.dtype, self.kernel,
        )  # fmt: skip
        loss.backward()
        found: torch.Tensor = nll.detach()
        return found

    def guarded_backward(self, batch: MicroBatch, scale: float) -> torch.Tensor:
        """`backward`; a failure of the compiler falls back to eager mode, a lack of memory skips the step's gradients so far."""
        try:
            return self.backward(batch, scale)
        except torch.OutOfMemoryError as error:
            self.log(note=f"out of memory, batch of {len(batch[1])} skipped: {error}"[:200])
            self.model.zero_grad(set_to_none=True)
            torch.cuda.empty_cache()
            return torch.zeros((), device=self.device)
        except Exception as error:
            if not self.compiled:
                raise
            self.log(note=f"compiled step failed, eager mode from here: {type(error).__name__}: {error}"[:600])
            self.use_compiler(False)
            self.state["compiled"] = False
            self.model.zero_grad(set_to_none=True)
            return self.backward(batch, scale)

    def step(self, batches: list[MicroBatch], rate: float) -> tuple[torch.Tensor, int, int, torch.Tensor]:
        """One optimiser step: (summed nll, on the device; target ids; source plus target ids; norm of the gradient)."""
        counts = [self.data.ids_in(batch) for batch in batches]
        targets, total = sum(t for _, t in counts), sum(s + t for s, t in counts)
        compiling = self.state["step"] - self._first_step < 2
        spread: Any = map if compiling or not self.pool else self.pool.map
        parts: Iterable[torch.Tensor] = spread(lambda batch: self.guarded_backward(batch, 1.0 / targets), batches)
        nll = torch.stack(list(parts)).sum()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.options.clip)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.step()
        self.model.zero_grad(set_to_none=True)
        return nll, targets, total, norm

    def rate(self, progress: float) -> float:
        """The learning rate of the next step; progress is 0 at the start of the schedule and 1 at its end."""
        options, step = self.options, self.state["step"] + 1
        factor = min(1.0, step / options.warmup) if options.warmup else 1.0
        if options.schedule == "cosine":
            factor *= 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
        else:
            warmup = max(1, options.warmup)
            factor *= math.sqrt(warmup / max(step, warmup)) * min(1.0, max(0.0, (1 - progress) / options.cooldown))
        return float(options.lr * factor * self.state["lr_factor"])

    @torch.no_grad()
    def dev_loss(self) -> dict[str, float]:
        """Mean negative log likelihood per target id on the dev set: {"enru": x, "ruen": y}. ValueError: there is none."""
        if self.dev is None:
            raise ValueError("no dev set")
        self.model.eval()
        sums = [[0.0, 0], [0.0, 0]]
        for direction, pairs in self.dev.micro_batches(np.random.default_rng(0), 16384):
            source, target = self.dev.tensors(direction, pairs)
            with self.precision():
                logits = self.model.logits(self.model(source, target[:, :-1].clamp(min=0)))
            flat = logits.reshape(-1, logits.shape[-1]).float()
            sums[direction][0] += float(torch.nn.functional.cross_entropy(flat, target.reshape(-1), ignore_index=-1, reduction="sum"))
            sums[direction][1] += int((target >= 0).sum())
        self.model.train()
        return {name: round(total / max(1, count), 4) for name, (total, count) in zip(("enru", "ruen"), sums, strict=True)}

    def snapshot(self, progress: float) -> None:
        """Take part in the running average at even distances over the last tenth of the schedule."""
        taken, wanted = self.state["averaged"], self.options.average
        if taken >= wanted or progress < 0.9 + 0.1 * (taken + 1) / wanted:
            return
        self.state["averaged"] += 1
        for name, value in self.model.state_dict().items():
            if taken == 0:
                self.average[name] = value.detach().float().clone()
            else:
                self.average[name] += (value - self.average[name]) / (taken + 1)

    def save(self) -> None:
        """Write the checkpoint: all that an exact resume needs."""
        rng = {"cpu": torch.get_rng_state()}
        if self.device.type == "cuda":
            rng["cuda"] = torch.cuda.get_rng_state()
        path: Path = self.options.checkpoint
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(path.name + ".tmp")
        optimizers = [o.state_dict() for o in self.optimizers]
        size = self.model.size.as_dict()
        torch.save({"model": self.model.state_dict(), "optimizers": optimizers, "state": self.state, "average": self.average, "rng": rng, "size": size}, temporary)
        os.replace(temporary, path)

    def resume(self) -> bool:
        """Go on from the checkpoint; False when there is none. TrainingError: of another size or other optimisers."""
        if not self.options.checkpoint.exists():
            return False
        kept = torch.load(self.options.checkpoint, map_location=self.device, weights_only=True)
        if not self.model.size.same_network(kept["size"]) or len(kept["optimizers"]) != len(self.optimizers):
            raise TrainingError(f"the checkpoint {self.options.checkpoint} is of another run: {kept['size']}; give another --checkpoint, or the same options")
        self.model.load_state_dict(kept["model"])
        for optimizer, state in zip(self.optimizers, kept["optimizers"], strict=True):
            optimizer.load_state_dict(state)
        self.state, self.average = kept["state"], kept["average"]
        torch.set_rng_state(kept["rng"]["cpu"].cpu())
        if "cuda" in kept["rng"] and self.device.type == "cuda":
            torch.cuda.set_rng_state(kept["rng"]["cuda"].cpu())
        self.log(note="resumed", **self.state)
        return True

    def export(self, finished: bool) -> None:
        """Write the packed weights: the average if it is better on the dev set, else the last ones."""
        weights, report = self._best(finished)
        meta = {
            "size": self.model.size.as_dict(), "finished": finished, "device": torch.cuda.get_device_name() if self.device.type == "cuda" else "CPU",
            **self.state, **report, "options": {k: v for k, v in vars(self.options).items() if k not in FILES},
        }  # fmt: skip
        arrays = {k: v.float().cpu().numpy() for k, v in weights.items()}
        paths = write_weights(self.options.out / "weights", arrays, meta, self.options.packing)
        size = sum(path.stat().st_size for path in paths)
        self.log(note="weights written", finished=finished, MiB=round(size / 2**20, 2), files=len(paths), **report)

    def _best(self, finished: bool) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
        report: dict[str, Any] = {}
        weights = {k: v.clone() for k, v in self.model.state_dict().items()}
        if self.dev:
            report["dev_last"] = self.dev_loss()
        if finished and self.average:
            self.model.load_state_dict(self.average)
            if self.dev:
                report["dev_average"] = self.dev_loss()
            if not self.dev or sum(report["dev_average"].values()) < sum(report["dev_last"].values()):
                weights, report["chosen"] = self.average, "average"
        return weights, report
