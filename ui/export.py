"""The panel that hands out files and publishes data sets."""

from __future__ import annotations

import gradio as gr

from align.saved import whole, words
from ui.actions import Actions, Asked
from ui.panel import Answer, panel
from ui.received import packed


def export_panel(actions: Actions) -> gr.HTML:
    """The panel; make(asked) answers with the files of a format, push(asked) sends a data set to the hub."""

    def make(asked: Asked) -> Answer:
        return {"files": packed(actions.export(whole(asked, "project"), words(asked, "format")))}

    def push(asked: Asked) -> Answer:
        address, rows = actions.push(asked)
        return {"address": address, "rows": rows}

    return panel("export", {"make": make, "push": push})
