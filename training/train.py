"""Train the translator for a given number of minutes or steps; one network for both directions.

    python -m training.train --data train.ids --dev dev.ids --out OUT --checkpoint /tmp/run.pt --minutes 18 --stop-after 9
    python -m training.train ... the same again: goes on from the checkpoint and finishes

The schedule runs over --minutes of training (or over --steps); --stop-after ends this call earlier. Every call writes the weights to OUT
(weights.json, weights.00, ...) and appends JSON lines to OUT/log.jsonl. Works on CUDA and on a CPU. A feature that fails on a machine (compiler,
fused optimiser) is logged and left out; training goes on.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import torch

from training import TrainingError
from training.batches import MicroBatch
from training.bench import bench
from training.commands import run
from training.options import parse
from training.trainer import Log, Trainer

STARTED = time.time()


class Schedule:
    """One call of training: steps until the schedule or the call ends, with log, dev loss, snapshots and checkpoints on the way."""

    def __init__(self, trainer: Trainer) -> None:
        self.trainer, self.options = trainer, trainer.options
        self.begun = self.clock = time.time()
        self.before = self.dev_at = self.saved_at = trainer.state["elapsed"]
        self.nll: torch.Tensor | float = 0.0
        self.targets = self.tokens = 0
        self.finished = False
        self._planner = ThreadPoolExecutor(1)

    def run(self) -> bool:
        """True when the whole schedule is done."""
        state = self.trainer.state
        upcoming = self._plan(state["epoch"])
        while True:
            steps = upcoming.result()
            upcoming = self._plan(state["epoch"] + 1)
            outcome = self._epoch(steps)
            if outcome == "stop":
                return self.finished
            state = self.trainer.state
            if outcome == "back":
                upcoming = self._plan(state["epoch"])
            else:
                state["epoch"] += 1
                state["in_epoch"] = 0

    def _plan(self, epoch: int) -> Future[list[list[MicroBatch]]]:
        options = self.options
        return self._planner.submit(self.trainer.data.steps, options.seed, epoch, options.tokens, options.step_tokens)

    def _epoch(self, steps: list[list[MicroBatch]]) -> str:
        """The steps of an epoch that are not done yet; "end", "stop" (of the call) or "back" (to the checkpoint)."""
        trainer, state = self.trainer, self.trainer.state
        for batches in steps[state["in_epoch"] :]:
            rate = trainer.rate(self._progress())
            nll, targets, tokens, norm = trainer.step(batches, rate)
            self.nll, self.targets, self.tokens = self.nll + nll, self.targets + targets, self.tokens + tokens
            state["step"] += 1
            state["in_epoch"] += 1
            state["tokens"] += tokens
            if state["step"] % self.options.log_every == 0 and not self._logged(rate, norm, len(steps)):
                return "back"
            if trainer.device.type == "cuda" and state["step"] % 10 == 0:
                trainer.synchronize()  # keeps the clock honest
            state["elapsed"] = self.before + time.time() - self.begun
            progress = self._progress()
            trainer.snapshot(progress)
            self.finished = progress >= 1
            if self.finished or self._call_is_over():
                return "stop"
            self._now_and_then()
        return "end"

    def _progress(self) -> float:
        """0 at the start of the schedule, 1 at its end."""
        state, options = self.trainer.state, self.options
        return float(state["step"] / options.steps if options.steps else state["elapsed"] / (60 * options.minutes))

    def _call_is_over(self) -> bool:
        options = self.options
        late = options.stop_after and time.time() - STARTED > 60 * options.stop_after
        return bool(late or (options.stop_steps and self.trainer.state["step"] >= options.stop_steps))

    def _logged(self, rate: float, norm: torch.Tensor, steps: int) -> bool:
        """Log the mean loss since the last time; False when it is not finite and the trainer is back at its checkpoint."""
        trainer, state = self.trainer, self.trainer.state
        mean = float(self.nll) / self.targets  # waits for the device
        now = time.time()
        trainer.log(
            step=state["step"], minutes=round((self.before + now - self.begun) / 60, 2), loss=round(mean, 4), lr=round(rate, 7), norm=round(float(norm), 2),
            tok_s=round(self.tokens / (now - self.clock)), epoch=round(state["epoch"] + state["in_epoch"] / steps, 2),
        )  # fmt: skip
        self.nll, self.targets, self.tokens, self.clock = 0.0, 0, 0, now
        if math.isfinite(mean):
            return True
        if not trainer.resume():
            raise TrainingError("the loss is not finite; start again with a lower --lr")
        trainer.state["lr_factor"] *= 0.5
        trainer.log(note="the loss is not finite: back to the checkpoint with half the learning rate")
        return False

    def _now_and_then(self) -> None:
        trainer, elapsed = self.trainer, self.trainer.state["elapsed"]
        if trainer.dev and elapsed - self.dev_at > 60 * self.options.dev_every:
            self.dev_at = elapsed
            trainer.log(step=trainer.state["step"], minutes=round(elapsed / 60, 2), dev=trainer.dev_loss())
            self.clock, self.tokens = time.time(), 0
        if elapsed - self.saved_at > 60 * self.options.save_every:
            self.saved_at = elapsed
            trainer.save()


def train(trainer: Trainer) -> dict[str, Any]:
    """Train until the schedule or this call ends, then write checkpoint and weights; what the log's last line says."""
    examples, ids = trainer.data.epoch_tokens()
    trainer.log(
        note="start", device=str(trainer.device), parameters=sum(p.numel() for p in trainer.model.parameters()), examples=examples, epoch_tokens=ids,
        torch=torch.__version__,
    )  # fmt: skip
    trainer.model.train()
    finished = Schedule(trainer).run()
    trainer.save()
    trainer.export(finished)
    state = trainer.state
    return trainer.log(note="end of this call", **state, tok_s=round(state["tokens"] / max(1e-9, state["elapsed"])))


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse(__doc__, arguments)
    trainer = Trainer(options, Log(options.out))
    if options.bench and trainer.state["step"] == 0:
        bench(trainer, options.bench)
    if options.minutes or options.steps:
        train(trainer)


if __name__ == "__main__":
    run(main)
