"""axe-core finds no serious fault of ours on any panel, light and dark, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

import pytest

from align.bitext import Bitext, Row
from tests.conftest import Shouting
from tests.page import river

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
RUN = """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
  .filter((v) => ["serious", "critical"].includes(v.impact)).map((v) => [v.id, v.nodes.slice(0, 3).map((n) => [n.html.slice(0, 160), n.failureSummary.slice(0, 200)])])"""


def faults(page) -> list[object]:
    """[rule, [[html, what to do], ...]] for what axe calls serious or critical; Gradio's own frame is looked at too."""
    return page.evaluate(RUN)


@pytest.fixture
def rich(home):
    """A project that has something for every panel."""
    rows = (
        *river().rows, Row("It fell by 14 cm.", "Она упала на 19 см.", score=0.2, note="a note"), Row("Nobody came.", None, origin_target="missing"),
        Row("Machines write.", "Машины пишут.", origin_target="machine:opus@1"),
    )  # fmt: skip
    return home[1].save("Rich", Bitext(rows, "en", "ru", notes=("a note",))).id


def opened(page, name: str) -> None:
    """Opens a panel, on a phone from the menu of tabs that have no room."""
    shown = page.get_by_role("tab", name=name, exact=True)
    if not shown.count():
        page.get_by_label("More tabs").click()
        shown = page.locator(".overflow-dropdown").get_by_text(name, exact=True)
    shown.click()
    page.wait_for_timeout(400)  # the panel asks for its content
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")


def states(page, name: str) -> Iterator[str]:
    """What a panel shows at first, and after work in it."""
    opened(page, name)
    yield name
    if name == "Read":
        page.keyboard.press("n")
        page.keyboard.press("e")
        page.wait_for_selector(".reader textarea")
        yield "a text being edited"
        page.keyboard.press("Escape")
    elif name == "Compare":
        page.get_by_role("button", name="Compare", exact=True).click()
        page.wait_for_selector(".compared")
        yield "a comparison"
        page.get_by_role("button", name="Vote blind").click()
        page.wait_for_selector(".option")
        yield "a vote"
    elif name == "Search":
        page.get_by_placeholder("Words in either language, in all projects").fill("river")
        page.keyboard.press("Enter")
        page.wait_for_selector(".hit")
        yield "what was found"


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (360, "light")])
def test_no_panel_has_a_serious_fault(window, rich, shouting, monkeypatch, width, scheme):
    monkeypatch.setattr("models.load_translator", lambda *given, **named: Shouting())
    page = window(rich)
    names = page.get_by_role("tab").all_inner_texts()
    assert {"Read", "Check", "Search", "See", "Open", "Export"} <= set(names)
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.evaluate(AXE)
    found = {state: faults(page) for name in names for state in states(page, name)}
    assert found == dict.fromkeys(found, [])
