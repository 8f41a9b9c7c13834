"""The panel of pictures: where sentences are alike and which way the rows go, how sure they are, and counts. Numbers only; JavaScript draws."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import Any

import gradio as gr
import numpy as np

from align.bitext import Bitext
from align.saved import whole
from align.store import Project
from ui.actions import Actions, Asked
from ui.panel import Answer, panel

MOST_SENTENCES = 3_000  # on both sides together; a longer document gets no dots, only the path
MOST_DOTS = 6_000
BINS = 20


def see_panel(actions: Actions) -> gr.HTML:
    """The panel; picture(asked) answers with dots, path, histogram and counts."""

    def picture(asked: Asked) -> Answer:
        project = actions.store.load(whole(asked, "project"))
        scores = [row.score for row in project.bitext.rows if row.score is not None]
        bins = Counter(min(int(s * BINS), BINS - 1) for s in scores)
        return {
            "sizes": sizes(project.bitext),
            "path": path(project),
            "dots": dots(project.bitext),
            "histogram": [bins[k] for k in range(BINS)],
            "unscored": len(project.bitext) - len(scores),
            "types": Counter(row.type for row in project.bitext.rows).most_common(),
            "origins": Counter(row.origin_target for row in project.bitext.rows).most_common(),
            "verified": sum(row.verified for row in project.bitext.rows),
        }

    return panel("see", {"picture": picture})


def sizes(bitext: Bitext) -> list[int]:
    """How many sentences stand on each side; texts count as one where there are no sentences."""
    return [sum(max(len(ids), int(text is not None)) for text, ids in side) for side in _sides(bitext)]


def _sides(bitext: Bitext) -> list[list[tuple[str | None, tuple[int, ...]]]]:
    return [[(r.source, r.source_ids) for r in bitext.rows], [(r.target, r.target_ids) for r in bitext.rows]]


def path(project: Project) -> list[list[Any]]:
    """[first source sentence, end, first target sentence, end, score, key of the row] of every row."""
    out: list[list[Any]] = []
    i = j = 0
    for key, row in zip(project.keys, project.bitext.rows, strict=True):
        a, b = max(len(row.source_ids), int(row.source is not None)), max(len(row.target_ids), int(row.target is not None))
        out.append([i, i + a, j, j + b, row.score, key])
        i, j = i + a, j + b
    return out


def dots(bitext: Bitext) -> list[list[float]]:
    """[source sentence, target sentence, similarity], the most similar ones; [] without sentences or for a long document."""
    source, target = bitext.source_sentences, bitext.target_sentences
    if not source or not target or len(source) + len(target) > MOST_SENTENCES:
        return []
    x, y = _vectors(tuple(s.text for s in source)), _vectors(tuple(s.text for s in target))
    alike = x @ y.T
    alike = alike - (alike.mean(0, keepdims=True) + alike.mean(1, keepdims=True)) / 2  # what is like everything is like nothing
    flat = np.argsort(alike, axis=None)[::-1][: min(MOST_DOTS, alike.size // 4)]
    top = float(alike.ravel()[flat[0]]) if len(flat) else 1.0
    return [[int(k // alike.shape[1]), int(k % alike.shape[1]), round(max(0.0, float(alike.ravel()[k]) / max(top, 1e-6)), 3)] for k in flat]


@lru_cache(maxsize=8)
def _vectors(texts: tuple[str, ...]) -> np.ndarray:
    from align import vectors, workflow

    return vectors.encode(texts, workflow.encoder_for("use"))
