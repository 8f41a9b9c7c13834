"""What the tests of the page look at."""

from __future__ import annotations

from align.bitext import Bitext, Row
from align.store import Store
from tests.test_editing import made


def river() -> Bitext:
    english = "The river rose. Nobody slept that night. The bridge was closed.\n\nWe thank the crews."
    russian = "Вода поднялась. Той ночью никто не спал. Мост закрыли. Спасибо всем."
    bitext = made(english, russian, [([0], [0]), ([1, 2], [1]), ([3], [2, 3])])
    scores = (0.97, 0.62, 0.31)
    return bitext.with_rows(
        tuple(Row(r.source, r.target, r.source_ids, r.target_ids, s, 0.5, evidence=r.evidence) for r, s in zip(bitext.rows, scores, strict=True))
    )


def texts(page):
    """What the rows show: (source, target), None for a missing side."""
    return page.evaluate(
        "Array.from(document.querySelectorAll('.reader .row'), r => Array.from(r.querySelectorAll('.side'), s => s.querySelector('.text') ? s.querySelector('.text').textContent : null))"
    )


def stored(home, project):
    return [[r.source, r.target] for r in Store(home[1].path).load(project).bitext.rows]


def chosen(page) -> str:
    return page.locator(".reader .row.on .number").inner_text()


def settled(page, count: int):
    page.wait_for_function("n => document.querySelectorAll('.reader .row').length === n", arg=count)


def tab(page, name: str):
    page.get_by_role("tab", name=name, exact=True).click()
