"""Low-rank adapters (Hu et al., 2021) on every linear layer of the blocks: y = W x + (alpha / rank) B A x, W frozen.

The adapter alone is kept (rank 64: 15.2 M numbers, about 21 MB packed as bf16); models.gemma_weights.merge adds it to the base weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.gemma_weights import RMS
from training import TrainingError
from training.pack import write_weights
from training.teacher.base import adapter_at
from training.teacher.gemma import Gemma

PARTS = ("q", "k", "v", "out", "gate", "up", "down")


class Adapted(nn.Module):
    """A linear layer without bias, kept as bfloat16, with its two small matrices a (rank, in) and b (out, rank)."""

    weight: Tensor

    def __init__(self, base: nn.Linear, rank: int, alpha: float) -> None:
        super().__init__()
        self.register_buffer("weight", base.weight.detach().bfloat16())
        self.scale = alpha / rank
        self.a = nn.Parameter(torch.empty(rank, base.in_features, device=self.weight.device).uniform_(-1, 1) * base.in_features**-0.5)
        self.b = nn.Parameter(torch.zeros(base.out_features, rank, device=self.weight.device))

    def forward(self, x: Tensor) -> Tensor:
        kind = x.device.type
        dtype = torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else x.dtype
        rows = x.reshape(-1, x.shape[-1]).to(dtype)
        low = F.linear(rows, self.a.to(dtype))
        y = torch.addmm(F.linear(rows, self.weight.to(dtype)), low, self.b.to(dtype).t(), alpha=self.scale)
        return y.view(*x.shape[:-1], -1)


def adapt(model: Gemma, rank: int, alpha: float = 32.0) -> list[nn.Parameter]:
    """Freeze everything, put an adapter of `rank` on each linear layer and free the norms; the parameters to train."""
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    trained: list[nn.Parameter] = []
    for block in model.layers():
        for part in PARTS:
            layer = Adapted(getattr(block, part), rank, alpha)
            setattr(block, part, layer)
            trained += [layer.a, layer.b]
        trained += [norm.weight for norm in block.norms()]
    trained.append(model.norm.weight)
    for parameter in trained:
        parameter.requires_grad_(True)
    return trained


def trained_state(model: Gemma) -> dict[str, Tensor]:
    """What the adapter file holds: {name: tensor} of the parameters that are trained."""
    return {name: value.detach() for name, value in model.named_parameters() if value.requires_grad}


def write(model: Gemma, stem: Path, meta: dict[str, Any], rms: Mapping[str, np.ndarray] | None = None) -> list[Path]:
    """meta: with "rank" and "alpha". rms: of smoothing.observe; it travels with the adapter, so that int8 export needs no text and no torch."""
    arrays = {name: value.float().cpu().numpy() for name, value in trained_state(model).items()}
    return write_weights(stem, {**arrays, **{RMS + name: array for name, array in (rms or {}).items()}}, meta)


def restart(model: Gemma, stem: Path) -> None:
    """Put the adapter at `stem` into an adapted model, to train on from it. TrainingError: of another rank or network."""
    arrays, meta = adapter_at(stem)
    state = {name: torch.from_numpy(array) for name, array in arrays.items() if not name.startswith(RMS)}
    wanted = trained_state(model)
    if {name: value.shape for name, value in state.items()} != {name: value.shape for name, value in wanted.items()}:
        raise TrainingError(f"the adapter at {stem} (rank {meta.get('rank')}) does not fit this network with its --rank; give the same --rank and --base")
    model.load_state_dict(state, strict=False)
