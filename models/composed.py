"""Models that hold a model."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from models import ModelError, Translation

if TYPE_CHECKING:
    from models import Encoder, Translator


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


class Pivot:
    """A translator made of two: `first` into the language `via`, `second` out of it. ModelError when they cannot meet there."""

    def __init__(self, first: Translator, second: Translator, via: str) -> None:
        self.first, self.second, self.via = first, second, via
        self.id = f"{first.id}+{second.id}"
        self.pairs: frozenset[tuple[str, str]] | None = None
        if first.pairs is not None and second.pairs is not None:
            self.pairs = frozenset((a, c) for a, b in first.pairs if b == via for d, c in second.pairs if d == via and a != c)
            if not self.pairs:
                raise ModelError(f"{first.id} and {second.id} have no pair through {via!r}: the first translates {_told(first)}, the second {_told(second)}")

    def translate(self, texts: Sequence[str], source: str, target: str, *, beam: int = 4, alternatives: int = 0) -> list[Translation]:
        """As the two one after the other; alternatives are those of the second; the score is the lower of the two, None where one gives none."""
        if self.pairs is not None and (source, target) not in self.pairs:
            raise ModelError(f"{self.id} does not translate {source} to {target}; through {self.via} it can {_told(self)}")
        middle = self.first.translate(texts, source, self.via, beam=beam)
        ends = self.second.translate([m.text for m in middle], self.via, target, beam=beam, alternatives=alternatives)
        out = []
        for one, two in zip(middle, ends, strict=True):
            score = None if one.score is None or two.score is None else min(one.score, two.score)
            out.append(Translation(two.text, score, two.alternatives))
        return out


def _told(translator: Translator) -> str:
    return ", ".join(f"{a}-{b}" for a, b in sorted(translator.pairs or ())[:20])
