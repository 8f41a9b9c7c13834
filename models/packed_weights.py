"""Weights of a network in small pieces: STEM.json says names, shapes and number formats, STEM.00, STEM.01, ... hold the bytes.

A bfloat16 matrix is split into its exponents, which lzma makes small, and sign with mantissa, which nothing makes small. Written by the training
kit; checked by length and CRC-32 when read.
"""

from __future__ import annotations

import json
import lzma
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from models import ModelError


def read_weights(stem: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """({name: float32 array}, meta); ModelError when a piece is missing or damaged."""
    index_path = stem.with_name(stem.name + ".json")
    try:
        index = json.loads(index_path.read_text("utf-8"))
        blob = b""
        number = 0
        while len(blob) < index["size"]:
            blob += stem.with_name(f"{stem.name}.{number:02d}").read_bytes()
            number += 1
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"the weights at {stem} cannot be read: {error}; install the package again") from error
    if len(blob) != index["size"] or zlib.crc32(blob) != index["crc32"]:
        raise ModelError(f"the weights at {stem} are damaged or belong to different runs; install the package again")
    arrays, start = {}, 0
    for row in index["tensors"]:
        middle = start + row["squeezed"]
        end = middle + row["plain"]
        arrays[row["name"]] = _decode(blob[start:middle], blob[middle:end], row["shape"], row["kind"])
        start = end
    return arrays, index["meta"]


def _decode(squeezed: bytes, plain: bytes, shape: list[int], kind: str) -> np.ndarray:
    if kind == "fp32":
        return np.frombuffer(plain, np.float32).reshape(shape).copy()
    if kind == "int8":
        rows = int(np.prod(shape[:-1]))
        scale = np.frombuffer(plain[: 4 * rows], np.float32).reshape(*shape[:-1], 1)
        return np.frombuffer(plain[4 * rows :], np.int8).reshape(shape).astype(np.float32) * scale
    exponent = np.frombuffer(lzma.decompress(squeezed), np.uint8).astype(np.uint32)
    rest = np.frombuffer(plain, np.uint8).astype(np.uint32)
    bits = ((rest & 0x80) << 8) | (exponent << 7) | (rest & 0x7F)
    return (bits << 16).view(np.float32).reshape(shape)
