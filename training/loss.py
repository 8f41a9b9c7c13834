"""Label-smoothed cross entropy fused with the output projection.

The logits (rows x 16,000) are the largest tensor of a training step. They are made in chunks, and their gradient is taken at once, so that no chunk
outlives its turn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

Kernel = Callable[[Tensor, Tensor, Tensor, float], tuple[Tensor, Tensor, Tensor, Tensor]]


def chunk_gradient(logits: Tensor, bias: Tensor, gold: Tensor, smoothing: float) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """logits (N,V) without the bias, gold (N,) with -1 where there is nothing to predict.

    Gives the gradient of the summed loss with respect to the logits (N,V), the summed negative log likelihood, the summed smoothing term and the
    gradient of the bias (V,).
    """
    x = logits.float() + bias
    known = (gold >= 0)[:, None]
    gold = gold.clamp(min=0)[:, None]
    top = x.amax(-1, keepdim=True)
    exponential = torch.exp(x - top)
    total = exponential.sum(-1, keepdim=True)
    log_total = top + torch.log(total)
    nll = torch.where(known, log_total - x.gather(1, gold), 0.0).sum()
    uniform = torch.where(known, log_total - x.mean(-1, keepdim=True), 0.0).sum()
    hit = torch.arange(x.shape[-1], device=x.device)[None] == gold
    gradient = exponential / total - smoothing / x.shape[-1] - torch.where(hit, 1.0 - smoothing, 0.0)
    gradient = torch.where(known, gradient, 0.0)
    return gradient.to(logits.dtype), nll, uniform, gradient.sum(0)


class ProjectedCrossEntropy(torch.autograd.Function):
    """loss, nll = apply(states (N,D), weight (V,D), bias (V,), gold (N,), smoothing, scale, chunk, dtype, kernel)."""

    @staticmethod
    def forward(
        ctx: Any, states: Tensor, weight: Tensor, bias: Tensor, gold: Tensor, smoothing: float, scale: float, chunk: int, dtype: torch.dtype, kernel: Kernel
    ) -> tuple[Tensor, Tensor]:
        matrix, rows = weight.detach().to(dtype), states.detach().to(dtype)
        grad_states = torch.empty_like(rows)
        grad_weight, grad_bias = torch.zeros_like(weight), torch.zeros_like(bias)
        nll, uniform = torch.zeros((), device=states.device), torch.zeros((), device=states.device)
        for start in range(0, len(rows), chunk):
            part = slice(start, start + chunk)
            gradient, part_nll, part_uniform, part_bias = kernel(rows[part] @ matrix.t(), bias.detach(), gold[part], smoothing)
            nll += part_nll
            uniform += part_uniform
            grad_bias += part_bias
            grad_states[part] = gradient @ matrix
            grad_weight += gradient.t() @ rows[part]
        ctx.save_for_backward(grad_states, grad_weight, grad_bias)
        ctx.dtype, ctx.scale = states.dtype, scale
        return ((1 - smoothing) * nll + smoothing * uniform) * scale, nll

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        states, weight, bias = ctx.saved_tensors
        factor = gradients[0] * ctx.scale
        return (states * factor).to(ctx.dtype), weight * factor, bias * factor, None, None, None, None, None, None
