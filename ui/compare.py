"""The panel that puts engines beside each other and the human version, takes the better text into its row, and lets people vote blind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from align import comparison, saved
from align.bitext import HUMAN, OptionError
from align.comparison.report import figures, notes
from align.comparison.voting import ballots_to_json, tally_to_json, votes_to_json
from align.formats.languages import direction
from align.saved import whole, words
from align.store_extras import KeptComparison, comparisons, load_comparison, remove_comparison, votes
from ui.actions import Actions, Asked
from ui.panel import Answer, panel, watching
from ui.read import patch
from ui.received import file_name, packed

AT_ONCE = 50  # rows that travel at a time


def compare_panel(actions: Actions) -> gr.HTML:
    """The panel; offer(asked) says what can be compared, start(asked) compares, rows(asked) shows, pick(asked) takes, and the rest is for votes."""
    store = actions.store

    def offer(asked: Asked) -> Answer:
        project = whole(asked, "project")
        kept = [[c.id, c.made, c.title, c.votes] for c in comparisons(store, project)]
        return {"engines": actions.engines(project), "kept": kept}

    def start(asked: Asked) -> Answer:
        return opened(actions.compare(asked))

    def open_kept(asked: Asked) -> Answer:
        return opened(load_comparison(store, whole(asked, "comparison")))

    def forget(asked: Asked) -> Answer:
        remove_comparison(store, whole(asked, "comparison"))
        return offer(asked)

    def rows(asked: Asked) -> Answer:
        kept = load_comparison(store, whole(asked, "comparison"))
        return {"rows": shown_rows(kept, actions, whole(asked, "start"), words(asked, "order"))}

    def pick(asked: Asked) -> Answer:
        return patch(saved.pick(store, whole(asked, "comparison"), whole(asked, "row"), words(asked, "column"), words(asked, "here")))

    def ballots(asked: Asked) -> Answer:
        kept, voter = load_comparison(store, whole(asked, "comparison")), words(asked, "voter").strip()
        given = {v.row: v.choice for v in votes(store, kept.id) if v.voter == voter}
        return {"ballots": [[b.row, b.source, b.options] for b in kept.ballots], "votes": list(given.items())}

    def vote(asked: Asked) -> Answer:
        choice = None if asked.get("choice") is None else whole(asked, "choice")
        saved.vote(store, whole(asked, "comparison"), whole(asked, "row"), choice, words(asked, "voter")[:100])
        return {}

    def count(asked: Asked) -> Answer:
        found = saved.tally(store, whole(asked, "comparison"))
        standings = [[s.a, s.b, s.a_better, s.b_better, s.ties, s.p] for s in found.standings]
        counts = sorted(found.counts.items(), key=lambda c: -c[1])
        return {"counts": counts, "none": found.none, "votes": found.votes, "standings": standings}

    def export(asked: Asked) -> Answer:
        kept, kind = load_comparison(store, whole(asked, "comparison")), words(asked, "format")
        name = file_name(store.load(kept.project).name)
        return {"files": packed([(f"{name}.{kind}" if "." in kind else f"{name}.comparison.{kind}", exported(actions, kept, kind).encode("utf-8", "surrogatepass"))])}

    calls = {
        "offer": offer, "start": start, "open_kept": open_kept, "forget": forget, "rows": rows, "pick": pick, "ballots": ballots, "vote": vote,
        "count": count, "export": export, **watching(actions.progress, actions.stop),
    }  # fmt: skip
    return panel("compare", calls, "vote")


def opened(kept: KeptComparison) -> Answer:
    """What stands above the rows."""
    found = kept.comparison
    codes = [found.source_language, found.target_language]
    return {
        "comparison": kept.id,
        "headline": found.headline,
        "languages": codes,
        "directions": [direction(code) for code in codes],
        "columns": [[*figures(c), c.error] for c in found.columns],
        "notes": notes(found),
        "count": len(found.rows),
        "ballots": len(kept.ballots),
        "human": any(c.name == HUMAN for c in found.columns),
    }


def ordered(rows: Sequence[comparison.Compared], order: str) -> list[comparison.Compared]:
    """In their order, or those first on which the engines differ most by chrF2++, or those that are furthest from the human version."""
    if order in ("", "row"):
        return list(rows)
    scores = {r.row: [c.chrf for c in r.cells.values() if c.chrf is not None] or [0.0] for r in rows}
    if order == "apart":
        return sorted(rows, key=lambda r: min(scores[r.row]) - max(scores[r.row]))
    if order == "far":
        return sorted(rows, key=lambda r: max(scores[r.row]))
    raise OptionError(f"no order {order!r}; there are row, apart, far")


def shown_rows(kept: KeptComparison, actions: Actions, start: int, order: str) -> list[list[Any]]:
    """Some rows: [number, key, source, the text that stands in the row now, versions]; a version is [column, text, chrF2++, similarity, findings, changes]."""
    now = actions.store.load(kept.project)
    side = saved.sides(kept, now.bitext)[1]
    places = saved.standing(kept, now)
    out = []
    for row in ordered(kept.comparison.rows, order)[max(start, 0) : max(start, 0) + AT_ONCE]:
        place = places.get(row.row)
        key, here = (kept.rows[row.row][0], None) if place is None else (now.keys[place], getattr(now.bitext.rows[place], side))
        human = row.cells.get(HUMAN)
        versions = [
            [name, c.text, c.chrf, c.similarity, [[f.severity, f.reason] for f in c.findings], _changes(c, human)] for name, c in row.cells.items()
        ]
        out.append([row.row, key, row.source, here, versions])
    return out


def _changes(cell: comparison.Cell, human: comparison.Cell | None) -> list[list[str]]:
    """[kind, words] in reading order; [] where there is nothing to compare with."""
    if human is None:
        return []
    return [[c.kind, human.text[slice(*c.human)] if c.kind == "delete" else cell.text[slice(*c.machine)]] for c in cell.changes]


def exported(actions: Actions, kept: KeptComparison, kind: str) -> str:
    """The comparison as html, txt or json; ballots.json without and key.json with their key; votes.json; tally.json."""
    if kind == "ballots.json":
        return ballots_to_json(kept.ballots, key=False)
    if kind == "key.json":
        return ballots_to_json(kept.ballots)
    if kind == "votes.json":
        return votes_to_json(votes(actions.store, kept.id))
    if kind == "tally.json":
        return tally_to_json(saved.tally(actions.store, kept.id))
    return comparison.written(kept.comparison, kind)
