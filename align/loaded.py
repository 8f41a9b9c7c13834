"""The encoders and translators that stay in memory, by name."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models import Encoder, Translator

Progress = Callable[[str], None]
MOST_LOADED = 4  # engines that stay in memory, by direction

_loaded: dict[tuple[str, str, str], Translator] = {}
_loading_encoder, _loading_translator = Lock(), Lock()


@lru_cache(maxsize=4)
def _encoder(name: str) -> Encoder:
    from models import load_encoder

    return load_encoder(name, processes=os.cpu_count() or 1)


def encoder_for(encoder: str | Encoder) -> Encoder:
    """The encoder of a name, loaded once, whoever asks; long input goes to every core. An encoder is given back as it is. Raises ModelError."""
    if not isinstance(encoder, str):
        return encoder
    with _loading_encoder:
        return _encoder(encoder)


def _named_translator(name: str, source: str, target: str, progress: Progress | None) -> Translator:
    """Loaded once, whoever is told of it and however many threads ask; who asks for one that is there does not wait for others to be loaded."""
    from models import load_translator

    key = name, source, target
    if (found := _loaded.get(key)) is not None:
        return found
    with _loading_translator:
        if (found := _loaded.get(key)) is None:
            while len(_loaded) >= MOST_LOADED:
                del _loaded[next(iter(_loaded))]
            found = _loaded[key] = load_translator(name, source, target, progress=progress)
        return found


def translator_for(name: str | Translator, progress: Progress | None = None) -> Callable[[str, str], Translator]:
    """(source, target) -> translator; "auto" is the best that is on this machine, never a download. Raises ModelError."""
    if not isinstance(name, str):
        return lambda source, target: name
    return lambda source, target: _named_translator(name, source, target, progress)
