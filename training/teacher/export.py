"""A fine-tuned teacher -> a CTranslate2 folder (int8), which translates on a CPU. Without torch, but for --checkpoint.

    python -m training.teacher.export --base teacher/teacher --adapter OUT/adapter --out FOLDER

The folder holds what models/gemma.py loads. The engine `gemma` itself is made from models/weights/gemma by models/gemma_weights.py at first use; to
ship another adapter, put its files there.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.gemma_weights import State, fold, save, to_spec
from training import TrainingError
from training.commands import existing, parser, run
from training.teacher.base import adapted, read_base
from training.teacher.vocabulary import TOKENIZER, read_tokenizer, tokenizer_text


def checkpoint_state(path: Path) -> State:
    """All weights, of a checkpoint of finetune.py with --rank 0. TrainingError: none there, or of another rank."""
    import torch

    kept = torch.load(existing(path, "checkpoint"), map_location="cpu", weights_only=True)
    if kept["rank"]:
        raise TrainingError(f"{path} holds an adapter of rank {kept['rank']}, not all weights; give --adapter OUT/adapter instead")
    return {name: value.float().numpy() for name, value in kept["model"].items()}


def write(state: State, tokenizer: Path, folder: Path, quantization: str = "int8") -> None:
    """A CTranslate2 folder of these weights with tokenizer.json; what was at `folder` is replaced."""
    vocabulary = read_tokenizer(tokenizer).get_vocab()
    if len(vocabulary) != len(state["embedding.weight"]):
        raise TrainingError(f"{tokenizer} has {len(vocabulary)} pieces, the network {len(state['embedding.weight'])}")
    spec = to_spec({name: np.array(value) for name, value in state.items()}, None if quantization == "float32" else quantization)  # copies: int16 overwrites them
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    save(spec, sorted(vocabulary, key=vocabulary.__getitem__), folder)
    (folder / "tokenizer.json").write_bytes(tokenizer_text(tokenizer))


def main(arguments: Sequence[str] | None = None) -> None:
    add = (parsed := parser(__doc__)).add_argument
    add("--base", type=Path, required=True)
    add("--out", type=Path, required=True)
    add("--tokenizer", type=Path, default=TOKENIZER)
    add("--checkpoint", type=Path, help="of a run with --rank 0")
    add("--adapter", type=Path, help="stem of an adapter that finetune.py wrote")
    add("--quantization", default="int8", choices=("int8", "int16", "float32"))
    options = parsed.parse_args(arguments)
    state = checkpoint_state(options.checkpoint) if options.checkpoint else read_base(options.base)
    if options.adapter:
        state, rms = adapted(state, options.adapter)
        if options.quantization != "float32":
            state = fold(state, rms)
    write(state, options.tokenizer, options.out, options.quantization)


if __name__ == "__main__":
    run(main)
