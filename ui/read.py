"""The panel for reading and correcting: what it asks, and rows as it gets them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from align import saved
from align.bitext import MISSING, Bitext, Finding, Row
from align.formats.languages import direction
from align.formats.paragraphs import begins
from align.saved import whole, words
from align.store import Change, Project
from ui.actions import Actions, Asked
from ui.panel import Answer, panel, watching

FLAGGED = 1_000  # rows up to which findings are shown with them; longer ones have the panel of findings
AROUND = 8  # rows before a change that are looked at to see where paragraphs begin


def read_panel(actions: Actions) -> gr.HTML:
    """The panel; first(asked) opens a project, act(asked) edits, evidence(asked) explains a row, fill(asked) translates what is missing."""

    def first(asked: Asked) -> Answer:
        wanted = asked.get("project")
        return shown(actions.first(wanted if isinstance(wanted, int) else None))

    def act(asked: Asked) -> Answer:
        return patch(actions.edit(asked))

    def evidence(asked: Asked) -> Answer:
        return saved.evidence(actions.store, whole(asked, "project"), whole(asked, "key"))

    def projects(asked: Asked) -> Answer:
        return {"projects": [[p.id, p.name, p.rows, p.source_language, p.target_language] for p in actions.store.projects()]}

    def engines(asked: Asked) -> Answer:
        return {"engines": actions.engines(whole(asked, "project"))}

    def fill(asked: Asked) -> Answer:
        project = whole(asked, "project")
        before = actions.store.load(project).bitext.notes
        change = actions.fill(project, words(asked, "engine"), words(asked, "job"), memory=bool(asked.get("memory")))
        return {**patch(change), "said": [note for note in change.project.bitext.notes if note not in before]}

    def describe(asked: Asked) -> Answer:
        given = {key: words(asked, key) for key in ("name", "source", "target") if asked.get(key) is not None}
        return shown(saved.describe(actions.store, whole(asked, "project"), **given))

    def remove(asked: Asked) -> Answer:
        actions.remove(whole(asked, "project"))
        return shown(actions.first(None))

    def flags(asked: Asked) -> Answer:
        now = actions.store.load(whole(asked, "project"))
        if len(now.bitext) > FLAGGED:
            return {"revision": now.revision, "flags": []}
        now, found = actions.findings(now.id)
        return {"revision": now.revision, "flags": flagged(now, found)}

    calls = {"first": first, "act": act, "evidence": evidence, "projects": projects, "engines": engines, "fill": fill, "describe": describe, "remove": remove, "flags": flags}
    return panel("read", {**calls, **watching(actions.progress, actions.stop)}, "correct", "fill")


def shown(project: Project) -> Answer:
    """A project with all its rows."""
    bitext = project.bitext
    verdict = bitext.verdict
    return {
        **_state(project),
        "name": project.name,
        "verdict": None if verdict is None else [verdict.kind, verdict.reason],
        "about": about(bitext),
        "rows": _rows(project, 0, len(bitext), begins(bitext, "source", bitext.rows)),
    }


def about(bitext: Bitext) -> list[str]:
    """Where the versions came from, and what to know of the reading."""
    said = []
    for name, document in (("source", bitext.source_document), ("target", bitext.target_document)):
        facts = [] if document is None else [v for v in (document.title, document.date, document.reference) if v]
        if facts:
            said.append(f"{name}: {', '.join(facts)}")
    return [*said, *bitext.notes]


def patch(change: Change) -> Answer:
    """The rows that an edit touched. Where rows came or went, one row more on each side, since it may begin a paragraph now."""
    now, bitext = change.project, change.project.bitext
    more = int(change.removed != change.added and change.start + change.added < len(bitext))
    start, end = change.start, change.start + change.added + more
    first = max(0, start - AROUND)
    starts = begins(bitext, "source", bitext.rows[first:end])[start - first :]
    return {**_state(now), "before": change.before, "start": start, "removed": change.removed + more, "rows": _rows(now, start, end, starts)}


def _state(project: Project) -> Answer:
    bitext = project.bitext
    codes = [bitext.source_language, bitext.target_language]
    return {"languages": codes, "directions": [direction(code) for code in codes], "project": project.id, "revision": project.revision, "undo": project.undo, "redo": project.redo, "count": len(project.bitext)}


def _rows(project: Project, start: int, end: int, starts: Sequence[bool]) -> list[list[Any]]:
    parts = zip(project.keys[start:end], project.versions[start:end], project.bitext.rows[start:end], starts, strict=True)
    return [_row(key, version, row, begin) for key, version, row, begin in parts]


def flagged(now: Project, found: Sequence[Finding]) -> list[list[Any]]:
    """[key, worst severity, names of the checks, reasons] of the rows that have warnings or errors which nobody dismissed; what the confidence says is not said twice."""
    rows: dict[int, list[Finding]] = {}
    for f in found:
        if f.severity != "info" and not f.note and f.check != "alignment":
            rows.setdefault(f.row, []).append(f)
    return [
        [now.keys[k], "error" if any(f.severity == "error" for f in fs) else "warning", list(dict.fromkeys(f.check for f in fs)), [f.reason for f in fs]]
        for k, fs in rows.items()
    ]


def edited(row: Row) -> bool:
    """A person put another text on a side since the row was aligned: the confidence is of the old one."""
    both = row.source is not None and row.target is not None
    return both and row.score is not None and row.evidence is not None and row.evidence.length_ratio is None and row.similarity is None


def _row(key: int, version: int, row: Row, begin: bool) -> list[Any]:
    """[key, version, source, target, score, similarity, origin of source, of target, verified 1 + locked 2 + begins a paragraph 4 + edited 8,
    type, note]."""
    origins = [MISSING if text is None else origin for text, origin in ((row.source, row.origin_source), (row.target, row.origin_target))]
    return [key, version, row.source, row.target, row.score, row.similarity, *origins, row.verified + 2 * row.locked + 4 * begin + 8 * edited(row), row.type, row.note]
