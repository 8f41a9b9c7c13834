"""One adapter from several that began from each other: the mean of their weights (model soups, Wortsman et al., 2022).

    python -m training.teacher.average models/weights/gemma/adapter OUT/adapter --out MEAN/adapter [--shares 0.6,0.4]

The files must have the same rank, alpha and network. No torch, and no base weights; measure the mean like any adapter (training.teacher.export, .score).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.gemma_weights import RMS
from training import TrainingError
from training.commands import parser, run
from training.pack import write_weights
from training.teacher.base import adapter_at


def average(stems: Sequence[Path], shares: Sequence[float], out: Path) -> list[Path]:
    """Writes the weighted mean to `out`; of the activations' root mean squares that of all.

    TrainingError: adapters or shares that do not fit together.
    """
    if len(stems) < 2 or len(stems) != len(shares) or abs(sum(shares) - 1) > 1e-6:
        raise TrainingError(f"{len(stems)} adapters with shares {', '.join(map(str, shares))}; expected two or more, a share for each, together 1")
    read = [adapter_at(stem) for stem in stems]
    (first, meta), rest = read[0], read[1:]
    for stem, (arrays, other) in zip(stems[1:], rest, strict=True):
        same = {name: array.shape for name, array in arrays.items()} == {name: array.shape for name, array in first.items()}
        if len({name for name in arrays if name.startswith(RMS)} ^ {name for name in first if name.startswith(RMS)}):
            raise TrainingError(f"one of {stems[0]} and {stem} has no root mean squares of activations: python -m training.teacher.smoothing makes them, beside the adapter")
        if not same or (other["rank"], other["alpha"]) != (meta["rank"], meta["alpha"]):
            raise TrainingError(f"the adapters {stems[0]} and {stem} do not fit together: expected the same network, rank and alpha")
    mean: dict[str, np.ndarray] = {}
    for name in first:
        every = np.stack([np.asarray(found[name], np.float32) for found, _ in read])
        mean[name] = np.sqrt(np.maximum(_weighted(every**2, shares), 0)) if name.startswith(RMS) else _weighted(every, shares)
    of = [{"share": share, **{key: each.get(key) for key in ("step", "tokens", "elapsed", "dev", "options")}} for share, (_, each) in zip(shares, read, strict=True)]
    return write_weights(out, mean, {"rank": meta["rank"], "alpha": meta["alpha"], "mean_of": of})


def _weighted(arrays: np.ndarray, shares: Sequence[float]) -> np.ndarray:
    found: np.ndarray = np.tensordot(np.array(shares, np.float32), arrays, 1)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    add = (parsed := parser(__doc__)).add_argument
    add("adapters", type=Path, nargs="+", help="stems")
    add("--shares", default="", help="of each, with commas between; equal if not given")
    add("--out", type=Path, required=True, help="stem of the mean's files")
    options = parsed.parse_args(arguments)
    try:
        shares = [float(share) for share in options.shares.split(",")] if options.shares else [1 / len(options.adapters)] * len(options.adapters)
    except ValueError:
        parsed.error(f"--shares is {options.shares!r}; expected numbers such as 0.6,0.4")
    average(options.adapters, shares, options.out)


if __name__ == "__main__":
    run(main)
