"""The panel that opens two files, two texts, a file and a text, or a bitext."""

from __future__ import annotations

import gradio as gr

from align.saved import words
from ui.actions import Actions, Asked
from ui.panel import Answer, panel
from ui.read import shown


def open_panel(actions: Actions) -> gr.HTML:
    """The panel; start(asked) opens and answers with the project, progress(asked) tells what it is doing, stop(asked) ends it."""

    def start(asked: Asked) -> Answer:
        return shown(actions.open(asked))

    def progress(asked: Asked) -> Answer:
        return {"doing": actions.progress(words(asked, "job"))}

    def stop(asked: Asked) -> Answer:
        actions.stop(words(asked, "job"))
        return {}

    return panel("open", {"start": start, "progress": progress, "stop": stop})
