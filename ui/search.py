"""The panel that searches all projects, and the glossary."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr

from align.bitext import HUMAN
from align.saved import words
from align.store_extras import Term, look_up, terms
from ui.actions import Actions, Asked
from ui.panel import Answer, panel

LIMIT = 200
MOST_TERMS = 500


def search_panel(actions: Actions) -> gr.HTML:
    """The panel; find(asked) answers with the rows found, newest first."""

    def find(asked: Asked) -> Answer:
        found = actions.store.search(words(asked, "query")[:500], forms=bool(asked.get("forms")), limit=LIMIT + 1)
        found.sort(key=lambda h: {h.row.origin_source, h.row.origin_target} != {HUMAN})  # what people wrote on both sides comes first
        return {
            "more": len(found) > LIMIT,
            "terms": listed(look_up(actions.store, words(asked, "query")[:500])),
            "hits": [
                [h.project, h.name, h.key, h.row.source, h.row.target, h.source_spans, h.target_spans, h.source_language, h.target_language, h.row.origin_source, h.row.origin_target] for h in found[:LIMIT]
            ],
        }

    def learn(asked: Asked) -> Answer:
        added = actions.learn(words(asked, "text"), words(asked, "source"), words(asked, "target"))
        return {"added": added, "terms": listed(terms(actions.store, words(asked, "source"), words(asked, "target")))}

    def forget(asked: Asked) -> Answer:
        actions.forget(Term(*map(str, asked["term"])))
        return {}

    def all_terms(asked: Asked) -> Answer:
        return {"terms": listed(terms(actions.store))}

    return panel("search", {"find": find, "learn": learn, "forget": forget, "all": all_terms})


def listed(found: Sequence[Term]) -> list[list[str]]:
    """Terms as the page takes them, at most MOST_TERMS."""
    return [[t.source_language, t.target_language, t.source, t.target] for t in found[:MOST_TERMS]]
