"""In which numbers the matrices are multiplied: bfloat16 where the hardware does it, else float32."""

from __future__ import annotations

import torch

_WITHOUT = ("DEFAULT", "NO AVX", "AVX2")  # there PyTorch multiplies bfloat16 one number at a time, fifteen to twenty times slower than float32


def arithmetic(device: torch.device) -> torch.dtype:
    """bfloat16 on a GPU and on a CPU with AVX-512 (or another vector unit of that generation), float32 on an older CPU."""
    if device.type == "cpu" and torch.backends.cpu.get_cpu_capability() in _WITHOUT:
        return torch.float32
    return torch.bfloat16


def autocast(device: torch.device, dtype: torch.dtype | None = None) -> torch.autocast:
    """A context in which products are made in `dtype`, by default in that of `arithmetic`; float32 changes nothing."""
    dtype = dtype or arithmetic(device)
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=dtype != torch.float32)
