"""A GGUF file (ggml's docs/gguf.md, versions 2 and 3, little endian): its fields and, one at a time, its tensors as raw blocks.

The package `gguf` keeps two arrays a piece of the vocabulary, for Gemma's 262,144 a gigabyte; here they are one list.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from models import ModelError
from models.gguf_blocks import BLOCKS

_MAGIC, _VERSIONS = b"GGUF", (2, 3)
_SCALARS = {0: "u1", 1: "i1", 2: "<u2", 3: "<i2", 4: "<u4", 5: "<i4", 6: "<f4", 7: "?", 10: "<u8", 11: "<i8", 12: "<f8"}
_STRING, _ARRAY = 8, 9
_KINDS = {0: "F32", 6: "Q5_0", 8: "Q8_0", 12: "Q4_K", 14: "Q6_K"}


@dataclass(frozen=True)
class Tensor:
    """`kind`: F32 or one of BLOCKS; `shape`: of the numbers; `start`: of its bytes in the file."""

    kind: str
    shape: tuple[int, ...]
    start: int


@dataclass(frozen=True)
class GGUF:
    """`fields`: numbers, texts, and lists of texts or arrays of numbers, by their names; `tensors` in the order of the file."""

    path: Path
    fields: Mapping[str, Any]
    tensors: Mapping[str, Tensor]

    @staticmethod
    def of(path: Path) -> GGUF:
        """Reads what goes before the tensors. ModelError: not such a file, cut short, or with a kind of tensor that is unknown here."""
        with path.open("rb") as file:
            try:
                return GGUF(path, *_Header(file).read())
            except (KeyError, ValueError, EOFError, ZeroDivisionError) as error:
                raise ModelError(f"{path} cannot be read as GGUF version 2 or 3 with tensors of {', '.join(_KINDS.values())}: {error!r}") from error

    def raw(self, name: str) -> np.ndarray:
        """float32 numbers, or uint8 (rows, bytes a row) for `gguf_blocks.dequantize`. ModelError: the file ends before them."""
        tensor = self.tensors[name]
        dtype, shape = "<f4", tensor.shape
        if tensor.kind != "F32":
            size, values, _ = BLOCKS[tensor.kind]
            dtype, shape = "u1", (*shape[:-1], shape[-1] // values * size)
        found = np.fromfile(self.path, dtype, prod(shape), offset=tensor.start)
        if found.size != prod(shape):
            raise ModelError(f"{self.path} ends within the tensor {name}")
        return found.reshape(shape)


class _Header:
    """Reads from the start of the file on."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.size = file, os.fstat(file.fileno()).st_size

    def read(self) -> tuple[dict[str, Any], dict[str, Tensor]]:
        if (magic := self.file.read(4)) != _MAGIC:
            raise ValueError(f"it begins with {magic!r}")
        if (version := self._number("<u4")) not in _VERSIONS:
            raise ValueError(f"version {version}")
        tensors, fields = self._number("<u8"), self._number("<u8")
        known = {self._text(): self._value(self._number("<u4")) for _ in range(fields)}
        infos = [(self._text(), self._shape(), _KINDS[self._number("<u4")], self._number("<u8")) for _ in range(tensors)]
        alignment = known.get("general.alignment", 32)
        start = -(-self.file.tell() // alignment) * alignment
        return known, {name: Tensor(kind, shape, start + offset) for name, shape, kind, offset in infos}

    def _value(self, kind: int) -> Any:
        if kind == _STRING:
            return self._text()
        if kind != _ARRAY:
            return self._number(_SCALARS[kind])
        inner, count = self._number("<u4"), self._number("<u8")
        if inner in _SCALARS:
            return self._numbers(_SCALARS[inner], count)
        return [self._value(inner) for _ in range(count)]

    def _shape(self) -> tuple[int, ...]:
        """The file has the last axis first."""
        return tuple(int(n) for n in self._numbers("<u8", self._number("<u4"))[::-1])

    def _text(self) -> str:
        return self._bytes(self._number("<u8")).decode("utf-8")

    def _number(self, dtype: str) -> Any:
        return self._numbers(dtype, 1)[0].item()

    def _numbers(self, dtype: str, count: int) -> np.ndarray:
        return np.frombuffer(self._bytes(count * np.dtype(dtype).itemsize), dtype)

    def _bytes(self, count: int) -> bytes:
        if count > self.size - self.file.tell():
            raise EOFError("the file is cut short")
        return self.file.read(count)
