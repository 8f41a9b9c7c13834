"""Our own small translator, inside the package: one CTranslate2 network for both directions, told by >>ru<< or >>en<< in front of the source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from models import ModelError, Translation, id_of, on_cpu_only
from models.ct2_folder import Ct2Folder, is_ct2
from models.families import read_json
from models.hub import fingerprint

WEIGHTS = Path(__file__).parent / "weights" / "embedded"


class Embedded:
    """`folder`: model.bin, config.json, shared_vocabulary.json, spm.model, card.json. ModelError: no weights there, or another pair."""

    def __init__(
        self, *, source: str, target: str, device: str = "cpu", threads: int = 0, progress: Callable[[str], None] | None = None,
        folder: Path = WEIGHTS,
    ) -> None:  # fmt: skip
        on_cpu_only("embedded", device)
        if not is_ct2(folder) or not (folder / "spm.model").is_file():
            from models.catalogue import working  # it lists all engines, this one too

            now = ", ".join(working(source, target)) or "none"
            raise ModelError(f"embedded has no weights yet: {folder} lacks model.bin, its vocabulary or spm.model; engines that work right now: {now}")
        card = read_json(folder / "card.json")
        languages = card.get("languages") or [["en", "ru"], ["ru", "en"]]
        self.pairs: frozenset[tuple[str, str]] | None = frozenset((a, b) for a, b in languages)
        self.id = id_of("embedded", fingerprint(folder), source, target, card)
        self._check(source, target)
        self._inner = Ct2Folder(folder, id=self.id, name="embedded", source=source, target=target, threads=threads)

    def _check(self, source: str, target: str) -> None:
        if (source, target) not in (self.pairs or ()):
            known = ", ".join(f"{a}-{b}" for a, b in sorted(self.pairs or ()))
            raise ModelError(f"embedded translates {known}, not {source} to {target}")

    def translate(self, texts: Sequence[str], source: str, target: str, *, beam: int = 4, alternatives: int = 0) -> list[Translation]:
        """One result a text, in order; "" for a text without content. Texts should be single sentences."""
        self._check(source, target)
        return self._inner.translate(texts, source, target, beam=beam, alternatives=alternatives)
