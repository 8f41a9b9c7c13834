"""GGUF quantisation blocks as float32 arrays, numpy only (the layouts of ggml's structures).

Q8_0: 32 values, half scale, int8. Q5_0: 32 values, half scale, 32 fifth bits, 16 bytes of low nibbles. Q4_K: 256 values, half scale and minimum,
12 bytes of eight 6-bit scales and minima, 128 bytes of nibbles. Q6_K: 256 values, 128 bytes of low nibbles, 64 of two high bits, 16 int8 scales, half scale.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def _half(part: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(part).view(np.float16).astype(np.float32)


def _q8_0(b: np.ndarray) -> np.ndarray:
    return _half(b[:, :2]) * np.ascontiguousarray(b[:, 2:]).view(np.int8)


def _q5_0(b: np.ndarray) -> np.ndarray:
    low = b[:, 6:22]
    nibbles = np.concatenate([low & 15, low >> 4], 1)
    fifth = np.unpackbits(b[:, 2:6], axis=1, bitorder="little") << 4
    return _half(b[:, :2]) * ((nibbles | fifth).astype(np.int8) - 16)


def _q4_k(b: np.ndarray) -> np.ndarray:
    scale, minimum, packed = _half(b[:, :2]), _half(b[:, 2:4]), b[:, 4:16]
    first, second, mixed = packed[:, :4], packed[:, 4:8], packed[:, 8:]
    scales = np.concatenate([first & 63, (mixed & 15) | ((first >> 6) << 4)], 1)
    minima = np.concatenate([second & 63, (mixed >> 4) | ((second >> 6) << 4)], 1)
    low = b[:, 16:].reshape(-1, 4, 1, 32)
    values = np.concatenate([low & 15, low >> 4], 2).reshape(-1, 8, 32)
    return ((scale * scales)[:, :, None] * values - (minimum * minima)[:, :, None]).reshape(len(b), 256)


def _q6_k(b: np.ndarray) -> np.ndarray:
    low, high = b[:, :128].reshape(-1, 2, 2, 32), b[:, 128:192].reshape(-1, 2, 1, 32)
    low = np.concatenate([low & 15, low >> 4], 2)
    high = np.concatenate([(high >> shift) & 3 for shift in (0, 2, 4, 6)], 2)
    values = (low | (high << 4)).astype(np.int8) - 32
    scales = _half(b[:, 208:210]) * np.ascontiguousarray(b[:, 192:208]).view(np.int8)
    return (values.reshape(-1, 16, 16) * scales[:, :, None]).reshape(len(b), 256)


BLOCKS: dict[str, tuple[int, int, Callable[[np.ndarray], np.ndarray]]] = {  # kind: (bytes, values, decoder) of a block
    "Q8_0": (34, 32, _q8_0),
    "Q5_0": (22, 32, _q5_0),
    "Q4_K": (144, 256, _q4_k),
    "Q6_K": (210, 256, _q6_k),
}


def dequantize(raw: np.ndarray, kind: str) -> np.ndarray:
    """raw: float32, or uint8 (rows, bytes a row) in one of BLOCKS -> float32 (rows, values a row); KeyError for another kind."""
    if kind == "F32":
        return raw.astype(np.float32)
    size, values, decode = BLOCKS[kind]
    return decode(raw.reshape(-1, size)).astype(np.float32, copy=False).reshape(*raw.shape[:-1], raw.shape[-1] // size * values)
