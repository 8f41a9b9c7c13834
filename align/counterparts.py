"""Which number, date or name of one side is which of the other, for showing a pair."""

from __future__ import annotations

from collections.abc import Iterator

from align.aligner.surface import KEY_LENGTH, SHORTEST, fold
from align.bitext import Row, Span
from align.checks.mentions import mentions
from align.lemmas import word_matches

Counterpart = tuple[tuple[Span, ...], tuple[Span, ...]]


def counterparts(row: Row, source_language: str, target_language: str) -> list[Counterpart]:
    """(places in the source, places in the target) of everything that both sides have; [] when a side is missing."""
    if row.source is None or row.target is None:
        return []
    found = list(_numbers(row.source, row.target, source_language, target_language))
    taken = [span for pair in found for span in pair[0]], [span for pair in found for span in pair[1]]
    for pair in _names(row.source, row.target):
        if not any(_meet(a, b) for side in (0, 1) for a in pair[side] for b in taken[side]):
            found.append(pair)
    return found


def _meet(a: Span, b: Span) -> bool:
    return a[0] < b[1] and b[0] < a[1]


def _numbers(source: str, target: str, source_language: str, target_language: str) -> Iterator[Counterpart]:
    there = mentions(target, target_language)
    for here in mentions(source, source_language):
        same = [m for m in there if m.values & here.values and (m.kind == "month") == (here.kind == "month")]
        if same:
            other = min(same, key=lambda m: (m.strict != here.strict, abs(m.start / len(target) - here.start / len(source))))
            there.remove(other)
            yield ((here.start, here.end),), ((other.start, other.end),)


def _names(source: str, target: str) -> Iterator[Counterpart]:
    here, there = _by_key(source), _by_key(target)
    for key, spans in here.items():
        if key in there and any(source[start].isupper() for start, _ in spans):
            yield tuple(spans), tuple(there[key])


def _by_key(text: str) -> dict[str, list[Span]]:
    out: dict[str, list[Span]] = {}
    for match in word_matches(text):
        word = match[0]
        if len(word) >= SHORTEST or (len(word) > 1 and word.isupper()):
            folded = fold(word)
            if len(folded) >= 2:
                out.setdefault(folded[:KEY_LENGTH], []).append(match.span())
    return out
