"""Find the fastest training setting on this machine: eager or compiled, and the size of a micro batch."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from training.trainer import Trainer


def measure(trainer: Trainer, tokens: int, seconds: float) -> tuple[float, float]:
    """Train at learning rate zero on micro batches of `tokens` ids: (ids a second, seconds of warming up)."""
    rng = np.random.default_rng(0)
    batches = list(trainer.data.micro_batches(rng, tokens))
    rng.shuffle(batches)
    started = time.time()
    for batch in batches[: 12 if trainer.compiled else 4]:
        trainer.step([batch], 0.0)
    trainer.synchronize()
    begun, counted = time.time(), 0
    for number, batch in enumerate(batches[12:]):
        counted += trainer.step([batch], 0.0)[2]
        if number % 8 == 7:
            trainer.synchronize()
        if time.time() - begun > seconds:
            break
    trainer.synchronize()
    return counted / max(1e-9, time.time() - begun), begun - started


def bench(trainer: Trainer, seconds: float) -> None:
    """Try the settings for about `seconds` in all (warming up not counted), log each, keep the fastest; the network is left as it was."""
    before = {name: value.clone() for name, value in trainer.model.state_dict().items()}
    modes = (False, True) if trainer.compiled else (False,)
    sizes = (16384, 32768, 65536) if trainer.device.type == "cuda" else (4096, 8192)
    results = [found for mode in modes for found in _mode(trainer, mode, sizes, seconds / len(modes))]
    _, compiled, tokens = max(results)
    trainer.use_compiler(compiled)
    trainer.model.load_state_dict(before)
    trainer.optimizers = trainer.make_optimizers()
    trainer.options.tokens = trainer.state["micro"] = tokens
    trainer.state["compiled"] = compiled
    trainer.log(note="bench done", compiled=compiled, tokens=tokens)


def _mode(trainer: Trainer, compiled: bool, sizes: tuple[int, ...], seconds: float) -> list[tuple[float, bool, int]]:
    """(ids a second, compiled, tokens) of each size."""
    trainer.use_compiler(compiled)
    results = []
    for tokens in sizes:
        speed, warming = measure(trainer, tokens, seconds / len(sizes))
        memory = torch.cuda.max_memory_allocated() / 2**30 if trainer.device.type == "cuda" else 0
        trainer.log(bench=True, compiled=trainer.compiled, tokens=tokens, tok_s=round(speed), warm_up_s=round(warming, 1), GiB=round(memory, 1))
        results.append((speed, trainer.compiled, tokens))
        if compiled != trainer.compiled:  # the compiler failed: eager mode was measured already
            break
    return results
