"""Glossary terms: where the source has a term, the target must have its translation, inflected or not."""

from __future__ import annotations

from collections.abc import Iterator

from align.bitext import Bitext
from align.checks.table import Context, Hit
from align.term_search import finder, spans


def find(bitext: Bitext, context: Context) -> Iterator[Hit]:
    """Rows where a source term stands without its target term; terms that have several translations need one of them."""
    wanted: dict[str, list[str]] = {}
    for source, target in context.glossary:
        wanted.setdefault(source, []).append(target)
    here = finder(tuple(wanted), bitext.source_language)
    for number, row in enumerate(bitext.rows):
        if not row.source or not row.target:
            continue
        found: dict[str, list[tuple[int, int]]] = {}
        for term, span in here(row.source):
            found.setdefault(tuple(wanted)[term], []).append(span)
        for source in (s for s in wanted if s in found):
            targets = wanted[source]
            if not any(spans(t, row.target, bitext.target_language) for t in targets):
                yield Hit(number, 0.6, f"glossary: “{source}” should be “{'” or “'.join(targets)}” in the target", tuple(found[source]))
