"""How texts are made even before they are cut into pieces: by hand for the corpus, as a SentencePiece rule file for the model."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

KEEP = set("№…²³¹½¼¾™℠ªº′″‰°©®€£¥₽§¶†‡•–—‑−×÷≈≠≤≥")  # compatibility characters that carry meaning; NFKC would flatten them
_SPACES = re.compile(r"\s+")


def tidy(text: str) -> str:
    """One line, composed characters, no control or zero-width characters, single spaces."""
    text = unicodedata.normalize("NFC", text)
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cn") or c in "\t ")
    return _SPACES.sub(" ", text).strip()


def key(text: str) -> str:
    """What two sentences share when they differ in case, digits and punctuation only."""
    return re.sub(r"[\W_]+", " ", re.sub(r"\d", "0", text.lower())).strip()


def rules() -> dict[tuple[int, ...], tuple[int, ...]]:
    """{characters: what they become}: NFKC without KEEP, every blank a space, invisible characters removed."""
    invisible = [c for c in range(1, 0x20) if c not in (9, 10, 13)] + [0x7F, 0xAD, 0xFEFF, 0x2060, 0xFFFD]
    invisible += [*range(0x80, 0xA0), *range(0x200B, 0x2010), *range(0x202A, 0x202F)]
    blanks = [9, 10, 13, 0xA0, 0x1680, 0x202F, 0x205F, 0x3000, 0x2028, 0x2029, *range(0x2000, 0x200B)]
    found: dict[tuple[int, ...], tuple[int, ...]] = {(c,): () for c in invisible} | {(c,): (32,) for c in blanks}
    for code in [*range(0x80, 0x3400), *range(0xF900, 0xFFF0)]:
        char = chr(code)
        if (code,) in found or char in KEEP or unicodedata.category(char) in ("Cn", "Cs", "Co"):
            continue
        flat = unicodedata.normalize("NFKC", char)
        if flat != char:
            found[(code,)] = tuple(map(ord, flat))
        parts = unicodedata.normalize("NFD", char)
        if len(parts) > 1 and unicodedata.normalize("NFC", parts) == char:  # и + breve -> й
            found[tuple(map(ord, parts))] = (code,)
    return found


def write_rules(path: Path) -> None:
    """The rules as the file that SentencePiece's normalization_rule_tsv reads."""
    with path.open("w", encoding="utf-8") as out:
        for source, target in sorted(rules().items()):
            out.write(" ".join(f"{c:X}" for c in source) + "\t" + " ".join(f"{c:X}" for c in target) + "\n")
