"""The command line of train.py."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from training.commands import parser


def parse(description: str | None, arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options of train.py; `description` is shown by --help."""
    parsed = parser(description)
    _files(parsed)
    _network(parsed)
    _schedule(parsed)
    _machine(parsed)
    options = parsed.parse_args(arguments)
    if bool(options.minutes) == bool(options.steps) and not options.bench:
        parsed.error("give one of --minutes and --steps")
    return options


def _files(parsed: argparse.ArgumentParser) -> None:
    add = parsed.add_argument_group("files").add_argument
    add("--data", type=lambda text: [Path(name) for name in text.split(",")], required=True, help="ids files, with commas between")
    add("--dev", type=Path)
    add("--out", type=Path, required=True)
    add("--checkpoint", type=Path, required=True, help="file to resume from and to write; on a fast local disk")
    add("--init", type=Path, help="stem of packed weights to start from (warm start)")
    add("--embeddings", type=Path, help="float32 (V, width) .npy to start the embedding from, see embeddings.py")


def _network(parsed: argparse.ArgumentParser) -> None:
    add = parsed.add_argument_group("network and loss").add_argument
    add("--width", type=int, default=512)
    add("--ffn", type=int, default=2048)
    add("--heads", type=int, default=8)
    add("--encoder", type=int, default=6)
    add("--decoder", type=int, default=2)
    add("--dropout", type=float, default=0.1)
    add("--smoothing", type=float, default=0.1)
    add("--word-mask", type=float, default=0.0, help="share of source ids replaced by <unk>")
    add("--mix", default="", help="weights of sources, such as ms_docs=0.5,tatoeba=2")
    add("--directions", default="both", choices=("both", "enru", "ruen"))
    add("--max-ids", type=int, default=128)


def _schedule(parsed: argparse.ArgumentParser) -> None:
    add = parsed.add_argument_group("schedule").add_argument
    add("--tokens", type=int, default=32768, help="source plus target ids of a micro batch")
    add("--step-tokens", type=int, default=98304, help="source plus target ids of an optimiser step, at least")
    add("--lr", type=float, default=8e-4)
    add("--muon", action="store_true", help="Muon for the matrices of the layers, AdamW for the rest")
    add("--warmup", type=int, default=800, help="steps")
    add("--schedule", default="cosine", choices=("cosine", "isqrt"))
    add("--cooldown", type=float, default=0.25, help="last share of isqrt, linear to zero")
    add("--clip", type=float, default=1.0)
    add("--average", type=int, default=5, help="snapshots averaged over the last tenth; 0 = none")
    add("--minutes", type=float, default=0, help="training time of the whole schedule")
    add("--steps", type=int, default=0, help="length of the schedule in steps, instead of --minutes")
    add("--stop-after", type=float, default=0, help="end this call so many minutes after its start")
    add("--stop-steps", type=int, default=0, help="end this call at this step")
    add("--seed", type=int, default=1)


def _machine(parsed: argparse.ArgumentParser) -> None:
    add = parsed.add_argument_group("machine and log").add_argument
    add("--dev-every", type=float, default=2.0, help="minutes")
    add("--dev-pairs", type=int, default=0, help="use only so many dev pairs; 0 = all")
    add("--save-every", type=float, default=3.0, help="minutes")
    add("--log-every", type=int, default=100, help="steps")
    add("--chunk", type=int, default=8192, help="rows of logits at a time")
    add("--bench", type=float, default=0, help="first try settings for so many seconds and keep the fastest")
    add("--no-compile", action="store_true")
    add("--fp32", action="store_true", help="no bfloat16 in the network; it is used where the hardware multiplies it")
    add("--packing", default="bf16", choices=("bf16", "int8"))
    add("--threads", type=int, default=0)
    add("--workers", type=int, default=1, help="CPU: micro batches side by side, a thread each; not reproducible")
