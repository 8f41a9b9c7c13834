"""Packages of Argos Translate that are installed on this machine: CTranslate2 and SentencePiece inside. argostranslate itself is not needed.

A package is a folder with metadata.json (from_code, to_code, sometimes target_prefix), model/ and sentencepiece.model.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from models import ModelError, Translation, Translator, on_cpu_only
from models.composed import Pivot

LIMIT = 400  # pieces of a text; they were trained on single sentences


@dataclass(frozen=True, slots=True)
class Package:
    """`prefix`: the mark with which every translation starts, "" for none."""

    folder: Path
    source: str
    target: str
    prefix: str = ""


class Argos:
    """One pair, by a package for it or by two packages through a third language (English where there is a choice).

    Raises ModelError: no package leads from `source` to `target`.
    """

    def __init__(
        self, *, source: str, target: str, device: str = "cpu", threads: int = 0, progress: Callable[[str], None] | None = None
    ) -> None:
        on_cpu_only("argos", device)
        chain = route(source, target)
        if not chain:
            there = ", ".join(f"{p.source}-{p.target}" for p in packages()) or "none"
            raise ModelError(
                f"no installed Argos package leads from {source!r} to {target!r}; in {packages_folder()} there are: {there}. "
                f"Install one with `argospm install translate-{source}_{target}`, or unpack its .argosmodel file (a zip) there"
            )
        parts = [_PackageEngine(p, threads) for p in chain]
        self._inner: Translator = parts[0] if len(parts) == 1 else Pivot(parts[0], parts[1], chain[0].target)
        self.id, self.pairs = self._inner.id, self._inner.pairs

    def translate(self, texts: Sequence[str], source: str, target: str, *, beam: int = 4, alternatives: int = 0) -> list[Translation]:
        """One result a text, in order; "" for a text without content. ModelError for another pair than the one it was made for."""
        return self._inner.translate(texts, source, target, beam=beam, alternatives=alternatives)


class _PackageEngine:
    def __init__(self, package: Package, threads: int) -> None:
        from models.ct2_folder import Ct2Network
        from models.families import Frame
        from models.hub import fingerprint
        from models.pieces import SentencePieces

        name = f"argos-{package.source}-{package.target}"
        if not (package.folder / "sentencepiece.model").is_file():
            raise ModelError(f"the Argos package {package.folder} has no sentencepiece.model (packages with bpe.model are not read); install another version of it")
        self._pieces = SentencePieces(package.folder / "sentencepiece.model")
        self._network = Ct2Network(package.folder / "model", name, threads, replace_unknowns=True)
        self._frame = Frame((), (), (package.prefix,) if package.prefix else ())
        self.id = f"{name}@{fingerprint(package.folder / 'model')}"
        self.pairs: frozenset[tuple[str, str]] | None = frozenset([(package.source, package.target)])
        self._lock = Lock()

    def translate(self, texts: Sequence[str], source: str, target: str, *, beam: int = 4, alternatives: int = 0) -> list[Translation]:
        from models.pieces import translate_lines

        if (source, target) not in (self.pairs or ()):
            raise ModelError(f"{self.id} does not translate {source} to {target}")
        with self._lock:
            return translate_lines(texts, self._pieces, self._network, self._frame, limit=LIMIT, beam=beam, alternatives=alternatives)


def packages_folder() -> Path:
    """ARGOS_PACKAGES_DIR, else where Argos Translate keeps its packages."""
    own = os.environ.get("ARGOS_PACKAGES_DIR")
    return Path(own) if own else Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "argos-translate" / "packages"


def packages() -> list[Package]:
    """What is installed, by pair; what cannot be read or has no network is left out."""
    from models.families import read_json

    found = []
    for file in sorted(packages_folder().glob("*/metadata.json")):
        try:
            data = read_json(file)
        except ModelError:
            continue
        if data.get("from_code") and data.get("to_code") and (file.parent / "model" / "model.bin").is_file():
            found.append(Package(file.parent, str(data["from_code"]), str(data["to_code"]), str(data.get("target_prefix") or "")))
    return sorted(found, key=lambda p: (p.source, p.target, p.folder.name))


def route(source: str, target: str) -> list[Package]:
    """The packages to go through: one, two, or [] where there is no way."""
    there = {(p.source, p.target): p for p in packages()}
    if (source, target) in there:
        return [there[source, target]]
    middle = sorted((b for a, b in there if a == source and (b, target) in there), key=lambda b: (b != "en", b))
    return [there[source, middle[0]], there[middle[0], target]] if middle and source != target else []
