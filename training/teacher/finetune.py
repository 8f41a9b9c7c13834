"""Fine-tune the teacher on packed pairs, both directions, for a number of minutes (or of steps).

    python -m training.teacher.finetune --base teacher/teacher --data teacher/train.ids \\
        --checkpoint /tmp/teacher.pt --rank 64 --out OUT/adapter --minutes 8     # again: goes on from the checkpoint

--rank 64 trains low-rank adapters (adapter.py) and writes them to --out; --rank 0 trains all weights, which stay in the checkpoint. SIGTERM saves the
checkpoint and ends with exit code 143. --workers 2: two processes, whose weights are averaged every --average-every steps (workers.py).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F

from training import TrainingError
from training.batches import MicroBatch
from training.commands import parser, run, weights_of
from training.teacher import adapter, smoothing
from training.teacher.examples import Examples
from training.teacher.gemma import Gemma, load
from training.teacher.prompts import PAD, Prompts
from training.teacher.vocabulary import TOKENIZER, read_tokenizer
from training.teacher.workers import Workers

SAVE_EVERY = 300  # seconds
_TOLD = ("mix", "minutes", "steps", "lr", "seed", "tokens", "accumulate", "init", "dev_pairs", "workers", "average_every")


def say(**fields: Any) -> None:
    print(json.dumps(fields), flush=True)


def loss_of(model: Gemma, network: Any, ids: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Summed negative log likelihood of the targets, in bfloat16 but for the last step; `network`: the model, or its compiled form."""
    with torch.autocast(ids.device.type, dtype=torch.bfloat16):
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
        """The adapter with the largest activations on some text."""
        data = self.dev or self.data
        texts = [data.tensors(batch, self.device)[0] for batch in data.batches(0, 0, self.tokens)[:8]]
        with torch.autocast(self.device.type, dtype=torch.bfloat16):  # without the padding, which is no text
            seen = smoothing.observe(self.model, [ids[:, : int((ids != PAD).sum(1).min())] for ids in texts])
        told = {k: str(v) if isinstance(v, Path) else v for k, v in vars(self.options).items() if k in _TOLD}
        adapter.write(self.model, self.options.out, {"rank": self.options.rank, "alpha": self.options.alpha, **self.state, "dev": dev, "options": told}, seen)


class Call:
    """One call: steps until the schedule or the call ends, or SIGTERM comes."""

    def __init__(self, tuning: Finetuning) -> None:
        self.tuning, self.options = tuning, tuning.options
        self.begun = self.clock = self.saved = time.time()
        self.before = tuning.state["elapsed"]
        self.nll: torch.Tensor | float = 0.0
        self.learned = self.counted = 0
        self.terminated = self.finished = False

    def run(self) -> None:
        """Train; `finished` and `terminated` say how it ended."""
        before = signal.signal(signal.SIGTERM, self._terminate)
        try:
            while not self._over():
                self._epoch()
        finally:
            signal.signal(signal.SIGTERM, before)

    def _terminate(self, *_: Any) -> None:
        self.terminated = True

    def _over(self) -> bool:
        options = self.options
        if not self.tuning.meets():
            return False
        late = options.stop_after and time.time() - self.begun > 60 * options.stop_after
        late = bool(late or (options.stop_steps and self.tuning.state["step"] >= options.stop_steps))
        self.finished, terminated, late = self.tuning.workers.any(self.tuning.progress() >= 1, self.terminated, late)
        self.terminated = self.terminated or terminated  # the signal may have come meanwhile
        return self.finished or self.terminated or late

    def _epoch(self) -> None:
        tuning, state = self.tuning, self.tuning.state
        workers = tuning.workers
        batches = tuning.data.batches(state["seed"], state["epoch"], tuning.tokens)
        if len(batches) < workers.count:
            raise TrainingError(f"an epoch has {len(batches)} batches, too few for --workers {workers.count}; give fewer, or smaller --tokens")
        batches = batches[workers.number : len(batches) - len(batches) % workers.count : workers.count]
        while state["in_epoch"] < len(batches) and not self._over():
            nll, learned, padded = tuning.step(batches[state["in_epoch"] : state["in_epoch"] + self.options.accumulate])
            self.nll, self.learned, self.counted = self.nll + nll, self.learned + learned, self.counted + padded
            state["elapsed"] = self.before + time.time() - self.begun
            if workers.count > 1 and tuning.meets():
                tuning.average()
            if workers.number:
                continue
            if state["step"] % self.options.log_every == 0:
                self._log(round(state["epoch"] + state["in_epoch"] / len(batches), 3))
            if time.time() - self.saved > SAVE_EVERY and tuning.meets():
                tuning.save(False)
                self.saved = time.time()
        if state["in_epoch"] >= len(batches):
            state["epoch"] += 1
            state["in_epoch"] = 0

    def _log(self, epoch: float) -> None:
        state, mean, now = self.tuning.state, float(self.nll) / self.learned, time.time()
        if not math.isfinite(mean):
            raise TrainingError("the loss is not finite; start again with a lower --lr")
        say(step=state["step"], minutes=round(state["elapsed"] / 60, 2), loss=round(mean, 4), tok_s=round(self.counted * self.tuning.workers.count / (now - self.clock)), epoch=epoch)
        self.nll, self.learned, self.counted, self.clock = 0.0, 0, 0, now
        if self.tuning.dev and state["step"] % (8 * self.options.log_every) == 0:
            say(step=state["step"], dev=self.tuning.dev_loss())
            self.clock = time.time()


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parse(arguments)
    workers = Workers.start("training.teacher.finetune", sys.argv[1:] if arguments is None else arguments, options.workers)
    tuning = Finetuning(options, workers)
    if tuning.dev and not workers.number:
        say(note="start", dev=tuning.dev_loss(), parameters=sum(p.numel() for p in tuning.model.parameters()), **tuning.state)
    call = Call(tuning)
    call.run()
    if not workers.number:
        _end(tuning, call)
    workers.close()
    if call.terminated:
        raise SystemExit(143)


def _end(tuning: Finetuning, call: Call) -> None:
    tuning.save(call.finished)
    if call.terminated:
        return
    dev = tuning.dev_loss()
    if tuning.options.out and tuning.options.rank:
        tuning.write_adapter(dev)
    say(note="end of this call", finished=call.finished, dev=dev, **tuning.state)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    add = (parsed := parser(__doc__)).add_argument
    add("--base", type=Path, required=True, help="stem of the pieces that vocabulary.py wrote")
    add("--tokenizer", type=Path, default=TOKENIZER)
    add("--data", type=Path, required=True)
    add("--dev", type=Path)
    add("--checkpoint", type=Path, required=True)
    add("--init", type=Path, help="stem of an adapter to start from (same rank); a checkpoint goes before it")
    add("--mix", default="")
    add("--rank", type=int, default=64)
    add("--alpha", type=float, default=32.0)
    add("--out", type=Path, help="stem of the adapter's files")
    add("--minutes", type=float, default=0, help="length of the whole schedule")
    add("--steps", type=int, default=0, help="the same in steps, instead of --minutes")
    add("--stop-after", type=float, default=0, help="minutes of this call")
    add("--stop-steps", type=int, default=0, help="end this call at this step")
    add("--tokens", type=int, default=0, help="padded ids of a batch; 0 = 32768 on a GPU, 2048 on a CPU")
    add("--accumulate", type=int, default=2, help="batches of a step")
    add("--lr", type=float, default=0, help="0 = 1e-3 with adapters, 3e-4 without")
    add("--warmup", type=int, default=50)
    add("--seed", type=int, default=1, help="of the order; a checkpoint's own goes before it")
    add("--no-compile", action="store_true")
    add("--threads", type=int, default=0)
    add("--workers", type=int, default=1, help="processes, each with --threads")
    add("--average-every", type=int, default=10, help="steps between two averages of the workers' weights; they stop, save and end only there")
    add("--log-every", type=int, default=25)
    add("--dev-pairs", type=int, default=256, help="evenly spread over the dev set")
    options = parsed.parse_args(arguments)
    if options.workers < 1 or options.average_every < 1:
        parsed.error("--workers and --average-every are 1 or more")
    if bool(options.minutes) == bool(options.steps):
        parsed.error("give one of --minutes and --steps")
    return options


if __name__ == "__main__":
    run(main)
