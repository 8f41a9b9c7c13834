"""Muon: momentum whose matrix updates are orthogonalised (Jordan et al., 2024), for the matrices of the layers.

The update has the size that AdamW's updates have (Liu et al., 2025: 0.2 * sqrt(longer side)), so that one learning rate serves both optimisers.
Embeddings, biases and norms stay with AdamW.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

from training.precision import arithmetic


def orthogonalise(matrices: Tensor, rounds: int = 5) -> Tensor:
    """Newton-Schulz: (n, rows, columns) -> about U V^T of each matrix, in the numbers of precision.arithmetic."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrices.to(arithmetic(matrices.device))
    tall = x.shape[1] > x.shape[2]
    if tall:
        x = x.mT
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(rounds):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return x.mT if tall else x


class Muon(torch.optim.Optimizer):
    """`parameters`: matrices only. `parts`: {id(matrix): into how many row blocks it is cut}, for keys and values in one. `run`: a pool's map, or map."""

    def __init__(
        self, parameters: Iterable[Tensor], lr: float, momentum: float = 0.95, parts: dict[int, int] | None = None, run: Callable[..., Iterable[Any]] = map
    ) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum})
        self.parts, self.run = parts or {}, run

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            shapes: dict[torch.Size, list[tuple[Tensor, Tensor]]] = {}
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state = self.state[parameter]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(parameter)
                momentum = state["momentum"].lerp_(parameter.grad, 1 - group["momentum"])
                update = parameter.grad.lerp(momentum, group["momentum"])  # Nesterov
                cut = self.parts.get(id(parameter), 1)
                for place, block in zip(parameter.chunk(cut), update.chunk(cut), strict=True):
                    shapes.setdefault(block.shape, []).append((place, block))
            rate = group["lr"]
            list(self.run(lambda pairs, rate=rate: _apply(pairs, rate), shapes.values()))


@torch.no_grad()
def _apply(pairs: list[tuple[Tensor, Tensor]], rate: float) -> None:
    """pairs: [(matrix, momentum)] of one shape."""
    updates = orthogonalise(torch.stack([block for _, block in pairs]))
    for (place, block), update in zip(pairs, updates, strict=True):
        place.add_(update.to(place.dtype), alpha=-0.2 * max(block.shape) ** 0.5 * rate)
