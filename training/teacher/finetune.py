"""Fine-tune the teacher on packed pairs, both directions, for a number of minutes (or of steps).

    python -m training.teacher.finetune --base teacher/teacher --data teacher/train.ids \\
        --checkpoint /tmp/teacher.pt --rank 64 --out OUT/adapter --minutes 8     # again: goes on from the checkpoint

--rank 64 trains low-rank adapters (adapter.py) and writes them to --out; --rank 0 trains all weights, which stay in the checkpoint. SIGTERM saves the
checkpoint and ends with exit code 143. --workers 2: two processes, whose weights are averaged every --average-every steps (workers.py).
"""

from __future__ import annotations

import argparse
import math
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from training import TrainingError
from training.commands import parser, run
from training.teacher.tuning import Finetuning, say
from training.teacher.vocabulary import TOKENIZER
from training.teacher.workers import Workers

SAVE_EVERY = 300  # seconds


class Call:
    """One call: steps until the schedule or the call ends, or SIGTERM comes."""

    def __init__(self, tuning: Finetuning) -> None:
        self.tuning, self.options = tuning, tuning.options
        self.begun = self.clock = self.saved = time.time()
        self.before = tuning.state["elapsed"]
        self.nll: Tensor | float = 0.0
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
            if tuning.meets():
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
    if not workers.number:
        say(note="start", shares=tuning.data.shares(), dev=tuning.dev_loss(), parameters=sum(p.numel() for p in tuning.model.parameters()), **tuning.state)
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
    add("--fuse", action="store_true", help="compile what lies between the matrices: on a CPU a step is a sixth faster; needs a C++ compiler")
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
