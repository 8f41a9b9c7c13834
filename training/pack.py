"""Compact files: token ids of sentence pairs, and weights of a network (read back by `models.packed_weights`).

Standard library and numpy only: what is lent has no zstandard. Both formats split 16-bit numbers into byte planes and compress them with lzma.

Ids (`write_ids`, `read_ids`): a zip archive with
    meta.json        {"vocab", "sources": [{"name", "weight", "directions"}], "columns": {name: number type}}
    en, ru           uint16 ids of all sentences, one after the other
    en_len, ru_len   uint16 length of each sentence, without tag and end mark
    source           uint8 index into meta["sources"] of each pair
"""

from __future__ import annotations

import json
import lzma
import os
import zipfile
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from models.packed_weights import read_weights as read_packed
from training import TrainingError
from training.commands import LANGUAGES, existing

PIECE = 15 * 2**20  # bytes of a piece of weights; what is lent hands back files of at most 16 MiB
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 6, "lc": 0, "lp": 1, "pb": 1}]  # tuned for 16-bit little-endian
_PLANE = [{"id": lzma.FILTER_LZMA2, "preset": 1, "lc": 0, "lp": 0, "pb": 0}]

Columns = dict[str, np.ndarray]
Meta = dict[str, Any]


def columns_of(english: Sequence[Sequence[int]], russian: Sequence[Sequence[int]], source: Sequence[int] | np.ndarray) -> Columns:
    """Columns of an ids file from the ids of each sentence. TrainingError: an id or a length over 65,535."""
    columns: Columns = {"source": np.asarray(source, np.uint8)}
    for language, rows in (("en", english), ("ru", russian)):
        flat = np.fromiter((piece for row in rows for piece in row), np.int64)
        lengths = np.array([len(row) for row in rows], np.int64)
        if max(flat.max(initial=0), lengths.max(initial=0)) > 0xFFFF:
            raise TrainingError("an id or a sentence's length does not fit 16 bits; use a smaller vocabulary or shorter sentences")
        columns[language], columns[f"{language}_len"] = flat.astype(np.uint16), lengths.astype(np.uint16)
    return columns


def write_ids(path: Path, meta: Meta, columns: Columns) -> None:
    """columns: as in the docstring above. ValueError: the lengths do not add up to the ids."""
    for language in LANGUAGES:
        if int(columns[f"{language}_len"].sum(dtype=np.int64)) != len(columns[language]):
            raise ValueError(f"the lengths of {language} do not add up to its ids")
    path.parent.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor() as pool:
        packed = dict(zip(columns, pool.map(_squeeze, columns.values()), strict=True))
    temporary = path.with_name(path.name + ".tmp")
    with zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
        kinds = {name: str(column.dtype) for name, column in columns.items()}
        archive.writestr("meta.json", json.dumps({**meta, "columns": kinds}, ensure_ascii=False))
        for name, data in packed.items():
            archive.writestr(name, data)
    os.replace(temporary, path)


def _squeeze(array: np.ndarray) -> bytes:
    return lzma.compress(array.tobytes(), format=lzma.FORMAT_XZ, check=lzma.CHECK_CRC32, filters=_FILTERS)


def read_ids(path: Path) -> tuple[Meta, Columns]:
    """(meta, columns) of what `write_ids` wrote; no pairs give empty columns. TrainingError: not such a file."""
    existing(path, "ids file", "python -m training.prepare makes it from a corpus")
    try:
        with zipfile.ZipFile(path) as archive:
            meta: Meta = json.loads(archive.read("meta.json"))
            packed = {name: archive.read(name) for name in meta["columns"]}
        with ThreadPoolExecutor() as pool:  # lzma releases the interpreter lock
            raw = dict(zip(packed, pool.map(lzma.decompress, packed.values()), strict=True))
    except (zipfile.BadZipFile, KeyError, ValueError, lzma.LZMAError) as error:
        raise TrainingError(f"{path} is not an ids file of training.prepare, or is damaged: {error}") from error
    return meta, {name: np.frombuffer(raw[name], dtype) for name, dtype in meta["columns"].items()}


def join_ids(files: Sequence[tuple[Meta, Columns]]) -> tuple[Meta, Columns]:
    """Several files of one vocabulary as one. TrainingError: of different vocabularies."""
    (meta, columns), *more = files
    sources, parts = list(meta["sources"]), [columns]
    for other, extra in more:
        if other["vocab"] != meta["vocab"]:
            raise TrainingError(f"ids files of different vocabularies, {meta['vocab']} and {other['vocab']} pieces; make both with one SentencePiece model (--spm)")
        parts.append({**extra, "source": extra["source"].astype(np.int64) + len(sources)})
        sources += other["sources"]
    return {**meta, "sources": sources}, {k: np.concatenate([part[k] for part in parts]) for k in columns}


def read_weights(stem: Path) -> tuple[dict[str, np.ndarray], Meta]:
    """({name: float32 array}, meta) of packed weights. TrainingError: none there, with what was looked for; ModelError: damaged."""
    index = stem.with_name(stem.name + ".json")
    existing(index, "packed weights", "python -m training.train writes them (OUT/weights); say with --weights STEM where they are")
    return read_packed(stem)


def write_weights(stem: Path, arrays: dict[str, np.ndarray], meta: Meta, kind: str = "bf16") -> list[Path]:
    """Write STEM.json and STEM.00, STEM.01, ... and give their paths.

    kind: "bf16", about 1.4 bytes a weight, or "int8", 1 byte a weight; matrices only, vectors stay float32. ValueError: a number that is not finite.
    """
    with ThreadPoolExecutor() as pool:
        coded = list(pool.map(lambda item: _coded(item[0], item[1], kind), arrays.items()))
    blob = b"".join(part for _, part in coded)
    stem.parent.mkdir(parents=True, exist_ok=True)
    paths = [stem.with_name(stem.name + ".json")]
    index = {"meta": meta, "tensors": [row for row, _ in coded], "size": len(blob), "crc32": zlib.crc32(blob)}
    paths[0].write_text(json.dumps(index), "utf-8")
    for number, start in enumerate(range(0, len(blob), PIECE)):
        paths.append(stem.with_name(f"{stem.name}.{number:02d}"))
        paths[-1].write_bytes(blob[start : start + PIECE])
    return paths


def _coded(name: str, array: np.ndarray, kind: str) -> tuple[dict[str, Any], bytes]:
    array = np.ascontiguousarray(array, np.float32)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds numbers that are not finite")
    own = "fp32" if array.ndim < 2 else kind
    planes, plain = _planes(array, own)
    squeezed = lzma.compress(planes, check=lzma.CHECK_CRC32, filters=_PLANE) if planes else b""
    return {"name": name, "shape": list(array.shape), "kind": own, "squeezed": len(squeezed), "plain": len(plain)}, squeezed + plain


def _planes(array: np.ndarray, kind: str) -> tuple[bytes, bytes]:
    """(bytes worth compressing, other bytes)."""
    if kind == "fp32":
        return b"", array.tobytes()
    if kind == "int8":
        scale = np.abs(array).max(axis=-1, keepdims=True) / np.float32(127)
        scale[scale == 0] = 1
        return b"", scale.tobytes() + np.rint(array / scale).astype(np.int8).tobytes()
    bits = to_bfloat16(array).ravel()
    exponent = ((bits >> 7) & 0xFF).astype(np.uint8)
    rest = ((bits & 0x7F) | ((bits >> 8) & 0x80)).astype(np.uint8)
    return exponent.tobytes(), rest.tobytes()


def to_bfloat16(array: np.ndarray) -> np.ndarray:
    """float32 -> the bits of the nearest bfloat16 as uint16, ties to even; finite values only."""
    bits = np.ascontiguousarray(array, np.float32).view(np.uint32)
    rounded: np.ndarray = ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)
    return rounded
