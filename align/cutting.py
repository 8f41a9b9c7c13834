"""Texts cut for translation engines, which take a sentence or less at a time, and their translations put together again."""

from __future__ import annotations

import re
from collections.abc import Sequence

from align.bitext import main_part
from align.checks.names import opens_ordinarily
from align.sentences import split_text
from align.sentences.abbreviations import abbreviations

_CLAUSE = re.compile(r"(?<=[;:,])\s+|(?<=[；：，、])\s*|\s+(?=[–—]\s)")
_DASH = re.compile(r"^(?:[–—]\s*|-\s+)")
_FULL = {",": "，", ";": "；", ":": "："}  # marks of writing without blanks
_PLAIN = {full: mark for mark, full in _FULL.items()} | {"、": ","}
_ENDS = set(",;:!?…–—，；：、！？")
_WITHOUT_BLANKS = {"zh", "ja"}
_LAST_WORD = re.compile(r"[^\W\d_]+(?:[.-][^\W\d_]+)*$")


def sentence_pieces(text: str, language: str, longest: int) -> list[list[str]]:
    """The sentences of a text, those longer than `longest` cut at clause marks, at a blank where there is none; [] for a text without content."""
    out: list[list[str]] = []
    for start, end in split_text(text, language):
        sentence, parts = " ".join(text[start:end].split()), []
        while len(sentence) > longest:
            borders = [m.end() for m in _CLAUSE.finditer(sentence) if longest // 4 <= m.end() <= longest] or [sentence.rfind(" ", 1, longest) + 1]
            at = min(borders, key=lambda b: abs(b - len(sentence) / 2)) if len(sentence) <= 2 * longest else borders[-1]
            at = at or longest
            parts.append(sentence[:at].strip())
            sentence = sentence[at:].strip()
        out.append([*parts, sentence] if sentence else parts)
    return [parts for parts in out if parts]


def clauses(sentence: str, count: int) -> list[str]:
    """A sentence cut in `count` at the clause marks nearest to equal parts; fewer where it has no such marks."""
    marks = [m.end() for m in _CLAUSE.finditer(sentence) if 20 <= m.end() <= len(sentence) - 20]
    chosen = sorted({min(marks, key=lambda at: abs(at - len(sentence) * k / count)) for k in range(1, count)}) if marks else []
    return [sentence[a:b].strip() for a, b in zip([0, *chosen], [*chosen, len(sentence)], strict=True)]


def joined(parts: Sequence[str], texts: Sequence[str], language: str) -> str:
    """Translations, in `language`, of the pieces of one sentence as one sentence: at a cut the source's mark stands and no full stop, and ordinary words begin small."""
    blankless = main_part(language) in _WITHOUT_BLANKS
    out: list[str] = []
    for k, (part, text) in enumerate(zip(parts, texts, strict=True)):
        if not text:
            continue
        if out:
            dash = _DASH.match(part)
            text = _DASH.sub("", text) if dash else text
            if opens_ordinarily(text, language):
                text = text[0].lower() + text[1:]
            text = dash[0].strip() + " " + text if dash else text
        if k < len(parts) - 1 and part[-1] not in ".!?…。！？":
            text = _without_stop(text, language)
            mark = _PLAIN.get(part[-1], part[-1])
            if mark in _FULL and text[-1:] not in _ENDS:
                text += _FULL[mark] if blankless else mark
        out.append(text)
    return ("" if blankless else " ").join(out)


def _without_stop(text: str, language: str) -> str:
    """Without the full stop at its end, if it is one: not an ellipsis, nor the dot of an initial or an abbreviation."""
    if text[-1:] not in (".", "。"):
        return text
    head, code = text[:-1], main_part(language)
    last = _LAST_WORD.search(head)
    if last is None:
        return text if head.endswith(".") else head
    table, word = abbreviations(code), last[0]
    known = (table.before | table.after | table.either | table.units | table.years) - table.starters - table.whole
    initial = len(word) == 1 and word.isupper() and (code, word) not in {("en", "I"), ("ru", "Я")}
    return text if initial or "." in word or word.lower() in known else head
