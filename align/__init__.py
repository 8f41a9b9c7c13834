"""Bitext workbench: two language versions of a statement, paired sentence by sentence.

    import align
    bitext = align.files("statement.en.html", "statement.ru.docx")
    align.save(bitext, "statement.tmx")

Importing this loads nothing; a verb loads what it needs when it is called.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from align.bitext import AlignError, AlignOptions, Bead, Bitext, Document, Finding, InputError, OptionError, Row, Sentence, Verdict
    from align.workflow import check, compare, convert, diverge, extract, files, fill, from_vectors, read, save, score, texts, to_dataset, translate

_HOMES = {
    "align.bitext": ("AlignError", "AlignOptions", "Bead", "Bitext", "Document", "Finding", "InputError", "OptionError", "Row", "Sentence", "Verdict"),
    "align.workflow": ("check", "compare", "convert", "diverge", "extract", "files", "fill", "from_vectors", "read", "save", "score", "texts", "to_dataset", "translate"),
}
_WHERE = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "AlignError", "AlignOptions", "Bead", "Bitext", "Document", "Finding", "InputError", "OptionError", "Row", "Sentence", "Verdict",
    "check", "compare", "convert", "diverge", "extract", "files", "fill", "from_vectors", "read", "save", "score", "texts", "to_dataset", "translate",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(import_module(_WHERE[name]), name)
    raise AttributeError(f"module 'align' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
