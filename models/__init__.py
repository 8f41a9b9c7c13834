"""The ground floor: models that turn text into vectors. Importing this loads no weights and no library.

A model is a protocol (`Encoder`), a line of the table `ENCODERS` and one file; `load_encoder` imports that file when asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np


class ModelError(Exception):
    """A model that is not there or cannot be loaded; the message says what is missing and how to bring it."""


@runtime_checkable
class Encoder(Protocol):
    """Texts to unit vectors.

    `id`: names weights and settings; part of every cache key. `languages`: ISO 639-1 codes it was trained for, None when it does not say.
    """

    id: str
    languages: frozenset[str] | None

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """float32 of shape (len(texts), d), rows of length 1 (an empty text may give a zero row); shape (0, d) for no texts."""
        ...
