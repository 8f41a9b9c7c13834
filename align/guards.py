"""What a machine translation must keep, checked before it becomes a row: a guard says nothing, or what is wrong in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from align.bitext import Bitext, Row, Span, main_part
from align.checks import glossary as terms
from align.checks import names, negation, units
from align.checks.likeness import script_of
from align.checks.numbers import unmatched
from align.checks.table import Context, Hit

HARD = ("empty", "numbers", "negation", "units", "kept", "repetition", "length", "language")  # one of these sends the text back; the others are only said

_LINK = r"[^\s<>\"»«“”„)\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]+"
KEPT = re.compile(rf"https?://{_LINK}|www\.{_LINK}|" r"(?<![\w.+-])[\w.+-]++@[\w-]+\.[\w.-]+\w|\{[\w.]*\}|%(?:\d+\$)?[sd]|\$\{\w+\}|<[^<>\s][^<>]*>")
_WORD = re.compile(r"[^\W_]+")
_DOUBLED = re.compile(r"\b(\w+)-\1\b", re.IGNORECASE)  # чуть-чуть
_GROUPS = re.compile(r"(?<=\d)[ \u00a0\u202f\u2009](?=\d{3}\b)")  # within 1 000 000
_DENSE = ((re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"), 1.5), (re.compile("[\uac00-\ud7af]"), 1.0))  # letters that say more, and how much more


def failures(
    source_text: str, text: str, source: str, target: str, *, ratio: float = 1.1, glossary: Sequence[tuple[str, str]] = ()
) -> list[tuple[str, str]]:
    """(guard, reason) of everything that is wrong with `text` as a translation; [] = nothing found. ratio: target characters for one of the source, both as letters of an alphabet."""
    if not text.strip():
        return [("empty", "the engine returned nothing")]
    return [*_failures(source_text, text, source, target, ratio), *_softer(source_text, text, source, target, glossary)]


def _failures(source_text: str, text: str, source: str, target: str, ratio: float) -> Iterator[tuple[str, str]]:
    left, right = unmatched(source_text, text, source, target)
    if left or right:
        said = [", ".join(dict.fromkeys(t[m.start : m.end] for m in side)) for t, side in ((source_text, left), (text, right))]
        yield "numbers", f"numbers: {said[0] or 'none'} in the source, {said[1] or 'none'} in the translation"
    lost = [k for k, count in Counter(k.rstrip(".,;:!?…") for k in KEPT.findall(source_text)).items() if text.count(k) < count]
    if lost:
        yield "kept", f"not kept: {', '.join(lost)}"
    if repeats(text) > max(1, repeats(source_text)):
        yield "repetition", "the translation repeats itself"
    expected = max(_length(source_text) * ratio, 1.0)
    if _length(source_text) >= 20 and not 0.4 < _length(text) / expected < 2.2:
        yield "length", f"{len(text)} characters for {len(source_text)} of the source"
    if _wrong_language(source_text, text, source, target):
        yield "language", f"this does not read as {target}"


def lost_names(source_text: str, text: str, source: str, target: str) -> tuple[Span, ...]:
    """Spans of the source's words that are names which the translation lacks, where it has others or none instead; () where the guard "names" says nothing."""
    return tuple(span for hit in _disagreeing(Bitext((Row(source_text, text),), source, target)) for span in hit.source_spans)


def _disagreeing(row: Bitext) -> list[Hit]:
    """What the check of names surely finds."""
    return [hit for hit in names.find(row, Context()) if hit.score >= names.SEVERAL]


def _softer(source_text: str, text: str, source: str, target: str, glossary: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    row = Bitext((Row(source_text, text),), source, target)
    for hit in negation.find(row, Context()):
        yield "negation", hit.reason
    for hit in units.find(row, Context()):
        yield "units", hit.reason
    for hit in _disagreeing(row):
        yield "names", hit.reason
    if glossary:
        for hit in terms.find(row, Context(glossary=glossary)):
            yield "glossary", hit.reason


def _length(text: str) -> float:
    """In characters of an alphabet: a Chinese or Japanese one says as much as two and a half, a Korean syllable as two."""
    return len(text) + sum(more * len(dense.findall(text)) for dense, more in _DENSE)


def repeats(text: str) -> int:
    """The most often that one to four words follow themselves: "to the to the to the" = 3; 1 for a text without repetition, 0 for an empty one."""
    words = [w.lower() for w in _WORD.findall(_DOUBLED.sub(r"\1", _GROUPS.sub("", text)))]
    most = min(1, len(words))
    for size in range(1, 5):
        same = 0  # words in a row that equal the one `size` words before
        for one, other in zip(words, words[size:], strict=False):
            same = same + 1 if one == other else 0
            most = max(most, same // size + 1)
    return most


def _wrong_language(source_text: str, text: str, source: str, target: str) -> bool:
    """Left in the source's script where the languages differ in it, else a text that is told to be the source's language."""
    source_text, text = KEPT.sub(" ", source_text), KEPT.sub(" ", text)
    letters = [c for c in text if c.isalpha()]
    if source == target or len(letters) < 12:
        return False
    here, there = Counter(map(script_of, (c for c in source_text if c.isalpha()))), Counter(map(script_of, letters))
    expected = _SCRIPTS.get(main_part(target), "LATIN" if main_part(target) in _LATIN else None)
    if expected is not None and here.most_common(1) and here.most_common(1)[0][0] != expected:
        return there[expected] < 0.5 * len(letters)
    if here and there and here.most_common(1)[0][0] != there.most_common(1)[0][0]:
        return False
    from align.documents import detect_language

    return len(letters) >= 40 and detect_language(text) == main_part(source)


_SCRIPTS = {"ru": "CYRILLIC", "uk": "CYRILLIC", "be": "CYRILLIC", "bg": "CYRILLIC", "el": "GREEK", "ar": "ARABIC", "he": "HEBREW", "ka": "GEORGIAN", "hy": "ARMENIAN", "th": "THAI", "ko": "HANGUL"}
_LATIN = frozenset(["en", "de", "fr", "es", "it", "pt", "nl", "pl", "cs", "sk", "sl", "hr", "ro", "hu", "fi", "et", "lv", "lt", "sv", "da", "nb", "no", "is", "tr", "vi", "id", "ms", "sq", "ga", "mt", "eu", "ca"])
