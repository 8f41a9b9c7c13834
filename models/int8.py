"""8-bit weights whose sums are the same on every processor, instead of CTranslate2's own, which overflow where there is no VNNI.

Activations become unsigned bytes, a (0 to 255, 128 for zero), and a processor with AVX2 but without VNNI adds two products of neighbours,
a1 w1 + a2 w2, in 16 bits that stop at 32,767 (oneDNN, "Nuances of int8 computations"). So no two neighbours here have weights of one sign that add
up to more than 128: 255 x 128 fits. The squared error of the weights grows by a tenth to a half; halving all weights, as is advised there, quadruples it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from ctranslate2.specs.common_spec import EmbeddingsSpec
from ctranslate2.specs.model_spec import NumpyVariable, Variable, visit_spec

LARGEST = 127
PAIR = 128  # of two neighbours of one sign: 255 x 128 = 32,640
_ROWS = 4096  # at a time
_SMALLEST = np.float32(LARGEST) / np.finfo(np.float32).max  # below it a scale would be no number


def quantized(weight: np.ndarray, *, multiplied: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """float (rows, columns) -> (int8 (rows, columns), float32 scales (rows,)); the weight is the first divided by the second, within half a step.

    A row of zeros has scale 1. multiplied: is it a matrix of products? A table that is looked up has no sums, and keeps the whole range.
    """
    numbers, scales = np.empty(weight.shape, np.int8), np.empty(len(weight), np.float32)
    for start in range(0, len(weight), _ROWS):
        rows = np.asarray(weight[start : start + _ROWS], np.float32)
        scale = _up_to(LARGEST, np.abs(rows).max(1, initial=0))
        if multiplied:
            even = rows.shape[1] // 2 * 2
            pairs = np.abs(rows[:, :even:2] + rows[:, 1:even:2]).max(1, initial=0)
            scale = np.minimum(scale, _up_to(PAIR - 1, pairs))  # both may be rounded up by a half
        scale = np.where(np.isinf(scale), np.float32(1), scale)
        numbers[start : start + _ROWS], scales[start : start + _ROWS] = np.rint(rows * scale[:, None]), scale
    return numbers, scales


def _up_to(bound: int, largest: np.ndarray) -> np.ndarray:
    """What numbers up to `largest` (rows,) are multiplied with to be at most `bound`; infinite for zeros."""
    return np.where(largest > 0, np.float32(bound) / np.maximum(largest, _SMALLEST), np.float32(np.inf))


def optimize(spec: Any, precision: str | None) -> None:
    """A validated specification's own `optimize`, but for 8 bits with the weights of `quantized`; `precision` as CTranslate2 names it."""
    if precision is None or not precision.startswith("int8"):
        spec.optimize(precision)
        return
    others = precision.removeprefix("int8").removeprefix("_")  # what the other numbers become; as they are for "int8"
    spec.optimize()  # makes names of equal variables
    names = _multiplied(spec)

    def replace(layer: Any, name: str, value: Any) -> None:
        key = name.rsplit("/", 1)[-1]
        if not isinstance(value, Variable) or value.is_scalar():
            return
        if hasattr(layer, f"{key}_scale"):
            whole = value.to("float32").numpy()
            looked_up = isinstance(layer, EmbeddingsSpec) and name not in names
            numbers, scales = quantized(whole.reshape(len(whole), -1), multiplied=not looked_up)
            setattr(layer, key, NumpyVariable(numbers.reshape(whole.shape)))
            setattr(layer, f"{key}_scale", NumpyVariable(scales))
        elif others and value.dtype in ("float32", "float16", "bfloat16"):
            setattr(layer, key, value.to(others))

    visit_spec(spec, replace)


def _multiplied(spec: Any) -> set[str]:
    """Names of the variables that layers of products share with others."""
    found: set[str] = set()
    visit_spec(spec, lambda layer, name, value: found.add(value) if isinstance(value, str) and not isinstance(layer, EmbeddingsSpec) else None)
    return found
