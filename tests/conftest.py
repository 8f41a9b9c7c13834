"""What the tests of the page share: a running workbench, a browser, small projects and a translator that shouts."""

from __future__ import annotations

import shutil
import threading
from http.server import HTTPServer

import pytest

import app
from align.store import Store
from models import Translation
from tests.hub import Hub
from tests.page import river
from ui.actions import Actions

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """(address, store, the sample's project) of a running workbench."""
    store = Store(tmp_path_factory.mktemp("store") / "projects.sqlite")
    sample = Actions(store).sample()
    blocks = app.launch(store, None, quiet=True)
    yield blocks.local_url.rstrip("/"), store, sample.id
    blocks.close()


@pytest.fixture(scope="module")
def chromium():
    if CHROMIUM is None:
        pytest.skip("the tests of the browser need chromium: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser.new_context(viewport={"width": 1280, "height": 900})  # one for all: the files of Gradio's page are fetched once
        browser.close()


@pytest.fixture
def window(chromium, home):
    """Opens windows on projects; at the end none has asked another machine for anything, run a text as code, or met an error of its scripts."""
    address, opened, faults = home[0], [], []

    def see(project: int):
        page = chromium.new_page()
        page.on("request", lambda r: None if r.url.startswith((address, "data:", "blob:")) else faults.append(r.url))
        page.on("pageerror", lambda e: faults.append(str(e)))
        page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
        page.on("dialog", lambda d: None if d.type == "beforeunload" else faults.append(d.message))
        page.goto(f"{address}/?project={project}")
        page.wait_for_selector(f"[data-ready='{project}']")
        opened.append(page)
        return page

    see.faults = faults
    yield see
    hits = [page.evaluate("window.hit") for page in opened]
    for page in opened:
        page.close()
    assert faults == []
    assert hits == [None] * len(hits)


@pytest.fixture
def project(home):
    """A project of three rows: good, check, unsure."""
    return home[1].save("River", river()).id


class Shouting:
    """A translator that writes in capitals."""

    id = "shouting@1"
    pairs = None

    def translate(self, texts, source, target, *, beam=4, alternatives=0):
        return [Translation(text.upper()) for text in texts]


@pytest.fixture
def shouting(monkeypatch):
    for module in ("ui.actions", "ui.api"):
        monkeypatch.setattr(f"{module}.working", lambda source, target: ["shouting"])
    monkeypatch.setattr("align.translating.translator_for", lambda name, progress=None: lambda source, target: Shouting())


@pytest.fixture
def hub(monkeypatch):
    server = HTTPServer(("127.0.0.1", 0), Hub)
    Hub.seen, Hub.refuse, Hub.public = [], False, False
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("HF_TOKEN", "hf_test")
    yield server
    server.shutdown()
    server.server_close()
