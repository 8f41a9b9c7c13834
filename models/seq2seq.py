"""Any translation model of `transformers`, by hub name or local folder, and CTranslate2 folders: MarianMT (opus-mt), NLLB-200, M2M100, mBART-50, T5, MADLAD.

On the CPU a model is converted to CTranslate2 with 8-bit weights at first use (measured at opus size, one thread: 1,016 pieces/s against 330 of
transformers) and kept in the user's cache; from then on neither torch nor transformers is imported.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from models import ModelError, Translation, Translator, cache_folder
from models.ct2_folder import FACTS, Ct2Folder, is_ct2
from models.families import family_of, read_json
from models.hub import fingerprint, folder

FORM = 2  # of conversions to 8 bits; raise it when models.int8 gives other numbers

_log = logging.getLogger(__name__)


class Seq2Seq:
    """`name`: OWNER/NAME of the hub, or a folder. `device`: cpu, cuda, cuda:1, mps. `threads`: 0 = as many as there are cores.

    `precision`: of the conversion, as CTranslate2 names it. Raises ModelError: not found, no translation model, or it does not know a language of the pair.
    """

    def __init__(
        self, name: str, *, source: str, target: str, device: str = "cpu", threads: int = 0, progress: Callable[[str], None] | None = None,
        precision: str = "int8",
    ) -> None:  # fmt: skip
        path = _found(name, source, target)
        short = Path(name).name if path == Path(name).expanduser() else name
        id = f"{short}@{fingerprint(path)}"
        self._inner = _engine(path, short, id, source, target, device, threads, progress or (lambda message: None), precision)
        self.id, self.pairs = self._inner.id, self._inner.pairs

    def translate(self, texts: Sequence[str], source: str, target: str, *, beam: int = 4, alternatives: int = 0) -> list[Translation]:
        """One result a text, in order; "" for a text without content. ModelError for a pair that the model does not know."""
        return self._inner.translate(texts, source, target, beam=beam, alternatives=alternatives)


def _found(name: str, source: str, target: str) -> Path:
    from models.catalogue import working  # it lists all engines, this one too

    try:
        return folder(name)
    except ModelError as error:
        now = ", ".join(working(source, target)) or "none"
        raise ModelError(f"{error}; engines that work right now for {source}-{target}: {now}") from error


def _engine(
    path: Path, name: str, id: str, source: str, target: str, device: str, threads: int, said: Callable[[str], None], precision: str
) -> Translator:
    if is_ct2(path):
        if device != "cpu":
            raise ModelError(f"engine {name!r} is a CTranslate2 folder, which runs on the cpu only here; device is {device!r}")
        return Ct2Folder(path, id=f"{id}+ct2", name=name, source=source, target=target, threads=threads)
    model_type = str(read_json(path / "config.json").get("model_type", ""))
    if not model_type:
        raise ModelError(f"{path} is not a model that translates: expected config.json with model_type, or model.bin with a vocabulary of CTranslate2")
    if device == "cpu":
        place = conversion_of(path, name, precision)
        if not whole(place):
            _convert(path, place, name, model_type, said, precision)
        if whole(place):
            return Ct2Folder(place, id=f"{id}+ct2-{_form(precision)}", name=name, source=source, target=target, threads=threads)
    from models.generating import Generating

    return Generating(path, id=id, name=name, source=source, target=target, device=device, threads=threads)


def conversion_of(path: Path, name: str, precision: str = "int8") -> Path:
    """Where the conversion of the model in `path` lies, made or not."""
    return cache_folder() / f"ct2-{re.sub(r'[^A-Za-z0-9._-]+', '--', name)}-{fingerprint(path)}-{_form(precision)}"


def _form(precision: str) -> str:
    return f"{precision}-{FORM}" if precision.startswith("int8") else precision


def whole(place: Path) -> bool:
    """Is there a finished conversion? FACTS is written last."""
    return is_ct2(place) and (place / FACTS).is_file()


def _convert(path: Path, place: Path, name: str, model_type: str, said: Callable[[str], None], precision: str) -> None:
    """A conversion that fails is a warning: transformers can still run the model."""
    from models.conversion import convert

    family_of(model_type, _Everything(), name)
    said(f"{name}, first use: converting to CTranslate2 ({precision})")
    try:
        convert(path, place, precision)
    except (OSError, ValueError, KeyError, ImportError, RuntimeError, AttributeError, NotImplementedError, AssertionError, TypeError) as error:
        _log.warning("%s cannot be converted to CTranslate2, transformers runs it (slower): %s", name, " ".join(str(error).split())[:300])
    else:
        said(f"{name} is ready")


class _Everything:
    """A vocabulary that is not read yet: has every piece."""

    def __contains__(self, piece: object) -> bool:
        return True
