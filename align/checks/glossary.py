"""Glossary terms: where the source has a term, the target must have its translation, inflected or not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from align.bitext import Bitext
from align.checks.table import Context, Hit
from align.lemmas import UNSPACED

_WORD = re.compile(r"[^\W_]+")
KEPT = 0.7  # share of a word's letters, from its start, that inflection leaves alone
SHORT = 4  # words of up to so many letters must match whole


def pattern(term: str) -> re.Pattern[str]:
    """Finds a term with other endings: every word by its stem, words in order with nothing but blanks, hyphens or commas between; in scripts without
    blanks between words wherever it stands."""
    parts = []
    for word in _WORD.findall(term):
        stem = word if len(word) <= SHORT else word[: max(SHORT, round(KEPT * len(word)))]
        parts.append(re.escape(stem) + (r"\w?" if len(word) <= SHORT else r"\w*"))
    if UNSPACED.search(term):
        return re.compile(r"[\s,\-–]*".join(map(re.escape, _WORD.findall(term))) or r"(?!)", re.IGNORECASE)
    return re.compile(r"(?<!\w)" + r"[\s,\-–]+".join(parts) + r"(?!\w)" if parts else r"(?!)", re.IGNORECASE)


def find(bitext: Bitext, context: Context) -> Iterator[Hit]:
    """Rows where a source term stands without its target term; terms that have several translations need one of them."""
    wanted: dict[str, list[str]] = {}
    for source, target in context.glossary:
        wanted.setdefault(source, []).append(target)
    table = [(source, pattern(source), targets, [pattern(t) for t in targets]) for source, targets in wanted.items()]
    for number, row in enumerate(bitext.rows):
        if not row.source or not row.target:
            continue
        for source, here, targets, there in table:
            spans = tuple(m.span() for m in here.finditer(row.source))
            if spans and not any(p.search(row.target) for p in there):
                yield Hit(number, 0.6, f"glossary: “{source}” should be “{'” or “'.join(targets)}” in the target", spans)
