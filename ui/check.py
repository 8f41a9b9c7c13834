"""The panel of findings: what is doubtful in which row, and dismissing it with a reason."""

from __future__ import annotations

from collections import Counter

import gradio as gr

from align.checks import CHECKS, SEVERITIES
from align.saved import whole, words
from ui.actions import Actions, Asked
from ui.panel import Answer, panel


def check_panel(actions: Actions) -> gr.HTML:
    """The panel; findings(asked) lists them by row, dismiss(asked) keeps a note and lists them again."""

    def findings(asked: Asked) -> Answer:
        project, found = actions.findings(whole(asked, "project"))
        counts = Counter(f.severity for f in found if not f.note)
        return {
            "revision": project.revision,
            "counts": [[name, counts[name]] for name in reversed(SEVERITIES)],
            "about": {name: about.about for name, about in CHECKS.items()},
            "findings": [
                [project.keys[f.row], f.row, f.check, f.severity, f.reason, project.bitext.rows[f.row].source, project.bitext.rows[f.row].target,
                 f.source_spans, f.target_spans, f.note, None if f.other is None else project.keys[f.other]]
                for f in found
            ],
        }  # fmt: skip

    def dismiss(asked: Asked) -> Answer:
        actions.dismiss(whole(asked, "project"), whole(asked, "key"), words(asked, "check"), words(asked, "note"), words(asked, "reason"))
        return findings(asked)

    return panel("check", {"findings": findings, "dismiss": dismiss})
