"""Documents of a corpus without a partner: which of them an engine can translate, and by which engine."""

from __future__ import annotations

from pathlib import Path

from align.bitext import InputError
from align.looks import digest_of
from align.pairing import DocumentPair, Pairing, Unpaired


def engine_of(name: str, pairing: Pairing) -> str:
    """The engine by its own name ("auto": the best one here), if it loads for what is missing. ModelError: it does not; InputError: there are no two languages."""
    from models import load_translator
    from models.catalogue import choose

    if len(pairing.languages) < 2:
        raise InputError("nothing can be filled: two languages are needed; say which with --from and --to")
    missing = {u.language for u in pairing.unpaired if _fillable(u, pairing)}
    directions = [(a, b) for a, b in (pairing.languages, pairing.languages[::-1]) if a in missing]
    for source, target in directions:
        name = choose(source, target) if name == "auto" else name
        load_translator(name, source, target)
    return name


def _fillable(document: Unpaired, pairing: Pairing) -> bool:
    """It was read, is in one of the two languages, and is not the copy of another."""
    return document.language in pairing.languages and document.likeness != 1.0


def filling_of(pairing: Pairing, folder: Path) -> list[DocumentPair]:
    """The documents without a partner, each as a pair of which one path is ""; [] where there are none. In the order of `pairing.unpaired`."""
    out = []
    for document in pairing.unpaired:
        if not _fillable(document, pairing):
            continue
        digest = digest_of((folder / document.path).read_bytes())
        source = document.language == pairing.languages[0]
        paths, digests = ((document.path, ""), (digest, "")) if source else (("", document.path), ("", digest))
        codes = pairing.languages[0], pairing.languages[1]
        out.append(DocumentPair(f"{Path(document.path).stem}-{digest[:6]}", *paths, *codes, "fill", 1.0, *digests))
    return out
