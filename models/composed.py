"""Models that hold a model."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from models import Encoder


class CachedEncoder:
    """Remembers the vectors of the last `limit` different texts, so a text seen before costs a look-up.

    A key is the sha256 of model id and text, so a cache hit never answers for another model; a hit equals a miss bit for bit only where the
    encoder itself does not depend on its batches.
    """

    def __init__(self, encoder: Encoder, limit: int = 50_000) -> None:
        if limit < 1:
            raise ValueError(f"limit is {limit}; expected 1 or more")
        self.encoder, self.limit = encoder, limit
        self.id, self.languages = encoder.id, encoder.languages
        self.hits = self.misses = 0
        self._known: OrderedDict[bytes, np.ndarray] = OrderedDict()
        self._lock = Lock()

    def _key(self, text: str) -> bytes:
        return sha256(f"{self.id}\0{text}".encode("utf-8", "surrogatepass")).digest()

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """As the encoder inside; texts that are not known are encoded in one call."""
        if isinstance(texts, str) or not texts:
            return self.encoder.encode(texts)
        keys = [self._key(t) for t in texts]
        with self._lock:
            found = {k: self._known[k] for k in dict.fromkeys(keys) if k in self._known}
            new = {k: t for k, t in zip(keys, texts, strict=True) if k not in found}
            self.hits += len(found)
            self.misses += len(new)
            if new:
                found.update(zip(new, self.encoder.encode(list(new.values())), strict=True))
            for key, vector in found.items():
                self._known[key] = vector
                self._known.move_to_end(key)
            while len(self._known) > self.limit:
                self._known.popitem(last=False)
        return np.stack([found[k] for k in keys])
