"""Glossary terms: where the source has a term, the target must have its translation, inflected or not."""

from __future__ import annotations

from collections.abc import Iterator

from align.bitext import Bitext, Span
from align.checks.table import Context, Hit
from align.term_search import finder
from align.terms import terms_of


def find(bitext: Bitext, context: Context) -> Iterator[Hit]:
    """Rows where a source term stands without its target term; terms that have several translations need one of them."""
    wanted = terms_of(context.glossary)
    here = finder(tuple(term.forms[0] for term in wanted), bitext.source_language)
    for number, row in enumerate(bitext.rows):
        if not row.source or not row.target:
            continue
        found: dict[int, list[Span]] = {}
        for k, span in here(row.source):
            found.setdefault(k, []).append(span)
        for k in sorted(found):
            if not wanted[k].met(row.target, bitext.target_language):
                reason = f"glossary: “{wanted[k].forms[0]}” should be “{'” or “'.join(wanted[k].targets)}” in the target"
                yield Hit(number, 0.6, reason, tuple(found[k]))
