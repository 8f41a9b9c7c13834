"""The encoders and translators that stay in memory, by name."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models import Encoder, Translator

Progress = Callable[[str], None]
MANY = 3_000  # sentences from which on every core encodes
MOST_LOADED = 4  # engines that stay in memory, by direction

_loaded: dict[tuple[str, str, str], Translator] = {}


@lru_cache(maxsize=4)
def _encoder(name: str, processes: int) -> Encoder:
    from models import load_encoder

    return load_encoder(name, processes=processes)


def encoder_for(encoder: str | Encoder, sentences: int = 0) -> Encoder:
    """The encoder of a name, loaded once; `sentences` are many enough for every core or not. An encoder is given back as it is."""
    if not isinstance(encoder, str):
        return encoder
    return _encoder(encoder, (os.cpu_count() or 1) if sentences >= MANY else 1)


def _named_translator(name: str, source: str, target: str, progress: Progress | None) -> Translator:
    """Loaded once, whoever is told of it."""
    from models import load_translator

    key = name, source, target
    if key not in _loaded:
        while len(_loaded) >= MOST_LOADED:
            del _loaded[next(iter(_loaded))]
        _loaded[key] = load_translator(name, source, target, progress=progress)
    return _loaded[key]


def translator_for(name: str | Translator, progress: Progress | None = None) -> Callable[[str, str], Translator]:
    """(source, target) -> translator; "auto" is the best that is on this machine, never a download. Raises ModelError."""
    if not isinstance(name, str):
        return lambda source, target: name
    return lambda source, target: _named_translator(name, source, target, progress)
