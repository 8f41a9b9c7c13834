"""The panel that searches all projects."""

from __future__ import annotations

import gradio as gr

from align.saved import words
from ui.actions import Actions, Asked
from ui.panel import Answer, panel

LIMIT = 200


def search_panel(actions: Actions) -> gr.HTML:
    """The panel; find(asked) answers with the rows found, newest first."""

    def find(asked: Asked) -> Answer:
        found = actions.store.search(words(asked, "query")[:500], forms=bool(asked.get("forms")), limit=LIMIT + 1)
        return {
            "more": len(found) > LIMIT,
            "hits": [
                [h.project, h.name, h.key, h.row.source, h.row.target, h.source_spans, h.target_spans, h.source_language, h.target_language] for h in found[:LIMIT]
            ],
        }

    return panel("search", {"find": find})
