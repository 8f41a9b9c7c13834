"""The panel that hands out files."""

from __future__ import annotations

import gradio as gr

from align.saved import whole, words
from ui.actions import Actions, Asked, packed
from ui.panel import Answer, panel


def export_panel(actions: Actions) -> gr.HTML:
    """The panel; make(asked) answers with the files of a format."""

    def make(asked: Asked) -> Answer:
        return {"files": packed(actions.export(whole(asked, "project"), words(asked, "format")))}

    return panel("export", {"make": make})
