"""Documents of a corpus without a partner: which of them an engine can translate, and by which engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from align.bitext import InputError, main_part
from align.looks import digest_of
from align.pairing import DocumentPair, Pairing, Unpaired

Engines = Mapping[str, Sequence[str]]  # direction such as "en-ru" -> its two languages, the engine's name, and its id


def needed(pairing: Pairing) -> list[tuple[str, str]]:
    """(from, to) of what is missing; InputError when there are no two languages."""
    if len(pairing.languages) < 2:
        raise InputError("nothing can be filled: two languages are needed; say which with --from and --to")
    missing = {main_part(u.language) for u in without_version(pairing)}
    return [(a, b) for a, b in (pairing.languages, pairing.languages[::-1]) if main_part(a) in missing]


def engines_of(name: str, directions: Iterable[tuple[str, str]], kept: Engines | None = None) -> dict[str, list[str]]:
    """The engine of every direction in which one works, as in `Engines`; {} when nothing is missing. ModelError: none works in any of them.

    name: "auto" is the best one here, in each direction; where `kept` has an engine, it stays.
    """
    from models import ModelError, load_translator, spoken
    from models.catalogue import choose

    out: dict[str, list[str]] = {}
    failed: ModelError | None = None
    for source, target in directions:
        code = f"{source}-{target}"
        try:
            own = kept[code][2] if kept and code in kept else choose(source, target) if name == "auto" else name
            translator = load_translator(own, source, target)
            if translator.pairs is not None and (spoken(source), spoken(target)) not in translator.pairs:
                raise ModelError(f"{own} does not translate {code}; take another --engine")
            out[code] = [source, target, own, translator.id]
        except ModelError as error:
            failed = failed or error
    if failed is not None and not out:
        raise failed
    return out


def without_version(pairing: Pairing) -> list[Unpaired]:
    """Those that were read, are in one of the two languages, and are not the copy of another."""
    codes = [main_part(code) for code in pairing.languages]
    return [u for u in pairing.unpaired if u.language and main_part(u.language) in codes and u.likeness != 1.0]


def filling_of(pairing: Pairing, folder: Path, engines: Engines) -> list[DocumentPair]:
    """The documents without a partner that an engine can translate, each as a pair of which one path is ""; in the order of `pairing.unpaired`."""
    if len(pairing.languages) < 2 or not engines:
        return []
    out = []
    for document in without_version(pairing):
        source = main_part(document.language) == main_part(pairing.languages[0])
        codes = pairing.languages[0], pairing.languages[1]
        if "-".join(codes if source else codes[::-1]) not in engines:
            continue
        digest = digest_of((folder / document.path).read_bytes())
        paths, digests = ((document.path, ""), (digest, "")) if source else (("", document.path), ("", digest))
        out.append(DocumentPair(f"{Path(document.path).stem}-{digest[:6]}", *paths, *codes, "fill", 1.0, *digests))
    return out
