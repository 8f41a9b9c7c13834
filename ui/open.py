"""The panel that opens two files, two texts, a file and a text, or a bitext."""

from __future__ import annotations

import gradio as gr

from ui.actions import Actions, Asked
from ui.panel import Answer, panel, watching
from ui.read import shown


def open_panel(actions: Actions) -> gr.HTML:
    """The panel; start(asked) opens and answers with the project."""

    def start(asked: Asked) -> Answer:
        return shown(actions.open(asked))

    return panel("open", {"start": start, **watching(actions.progress, actions.stop)})
