"""The largest activations of every channel, which models.gemma_weights.fold needs (SmoothQuant, Xiao et al., 2022)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch

from models.gemma_weights import READERS
from training.teacher.gemma import Gemma


@torch.no_grad()
def observe(model: Gemma, batches: Iterable[torch.Tensor]) -> dict[str, np.ndarray]:
    """model: adapted or not; batches: ids (B,T) without padding, some thousand in all.

    {"0.q": (640,), "0.out": (1024,), "0.gate": (640,), "0.down": (2048,), ..., "head": (640,)}, float32.
    """
    seen: dict[str, torch.Tensor] = {}

    def watch(name: str) -> Any:
        def look(module: Any, inputs: Any, *output: Any) -> None:
            x = (output or inputs)[0].detach().abs().flatten(0, -2).amax(0).float()
            seen[name] = torch.maximum(seen[name], x) if name in seen else x

        return look

    hooks = [getattr(block, part).register_forward_pre_hook(watch(f"{number}.{part}")) for number, block in enumerate(model.blocks) for part in READERS]
    hooks.append(model.norm.register_forward_hook(watch("head")))
    for ids in batches:
        model(ids)
    for hook in hooks:
        hook.remove()
    return {name: value.cpu().numpy() for name, value in seen.items()}
