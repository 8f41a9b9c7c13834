"""The workbench in the browser: python app.py --port 7860. It listens on this machine alone, and nothing leaves it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # before Gradio is imported, which reads it then

import gradio as gr
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse

from align.bitext import AlignError
from align.store import Store
from models import ModelError
from ui.actions import Actions
from ui.api import add_api
from ui.check import check_panel
from ui.compare import compare_panel
from ui.export import export_panel
from ui.open import open_panel
from ui.panel import asset
from ui.read import read_panel
from ui.received import LARGEST
from ui.search import search_panel
from ui.see import see_panel

HOST = "127.0.0.1"
HERE = ("127.0.0.1", "localhost", "::1")
POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; object-src 'none'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
)  # Gradio needs inline scripts and eval; no other address is ever reached
Message = MutableMapping[str, Any]


class OnlyHere:
    """Refuses requests that another site makes through the browser, and says in every answer that nothing may be loaded from elsewhere."""

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = {name: value.decode("latin-1") for name, value in scope["headers"] if name in (b"host", b"origin", b"content-length")}
        try:
            names = [urlsplit(f"//{given.get(b'host', '')}").hostname] + ([urlsplit(given[b"origin"]).hostname] if b"origin" in given else [])
        except ValueError:  # half an IPv6 address
            names = [None]
        if any(name not in HERE for name in names):
            await PlainTextResponse("this program answers to this machine alone\n", 403)(scope, receive, send)
            return
        if int(given.get(b"content-length", "0")) > 4 * LARGEST:  # two files in base64 and some room
            await PlainTextResponse("too large\n", 413)(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                more = [(b"content-security-policy", POLICY.encode()), (b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]
                message["headers"] = [*message["headers"], *more]
            await send(message)

        await self.app(scope, receive, answer)


def build(actions: Actions) -> gr.Blocks:
    """The page: a panel a tab, the first one open, and the API."""
    with gr.Blocks(title="Bitext workbench", analytics_enabled=False, fill_width=True, delete_cache=(3600, 86400)) as blocks:
        gr.HTML(html_template="<h1>Bitext workbench<span class='project'></span></h1>", js_on_load=None, apply_default_css=False, elem_classes=["title"])
        with gr.Tabs(elem_classes=["panels"]):
            for name, make in (
                ("Read", read_panel), ("Compare", compare_panel), ("Check", check_panel), ("Search", search_panel), ("See", see_panel), ("Open", open_panel), ("Export", export_panel),
            ):  # fmt: skip
                with gr.Tab(name, render_children=name == "Open"):
                    make(actions)
        add_api(actions)
    return blocks


def launch(store: Store, port: int | None, *, quiet: bool = False) -> gr.Blocks:
    """Serves the page in the background of this process."""
    actions = Actions(store)
    Thread(target=actions.warm, daemon=True).start()
    blocks = build(actions)
    blocks.launch(
        server_name=HOST,
        server_port=port,
        share=False,
        prevent_thread_lock=True,
        quiet=quiet,
        show_error=False,
        ssr_mode=False,
        run_history=False,
        enable_monitoring=False,
        state_session_capacity=100,
        max_file_size=LARGEST,
        footer_links=[],
        head=f"<style>{asset('page.css')}</style>\n<script>{asset('page.js')}</script>",  # css= rewrites rules and loses some
        theme=gr.themes.Base(font=["Georgia", "serif"], font_mono=["monospace"]),
        app_kwargs={"middleware": [Middleware(OnlyHere)]},
    )
    return blocks


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves until interrupted. 2 with one line on standard error for what a user can mend."""
    parser = argparse.ArgumentParser(description="The bitext workbench in the browser, on this machine alone.")
    parser.add_argument("--port", type=int, default=7860, help="7860 if not given")
    parser.add_argument("--store", type=Path, help="the file of projects; BITEXT_STORE or ~/.local/share/bitext-workbench/projects.sqlite if not given")
    given = parser.parse_args(arguments)
    if not 1 <= given.port <= 65_535:
        parser.error(f"--port is {given.port}; expected 1 to 65535")
    try:
        store = Store(given.store)
        if not store.projects():
            sys.stdout.write("First start: aligning and translating the samples ...\n")
            sys.stdout.flush()
            Actions(store).samples()
        blocks = launch(store, given.port, quiet=True)
    except (AlignError, ModelError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    sys.stdout.write(f"Bitext workbench: http://{HOST}:{given.port}/   (projects in {store.path}; end with Ctrl+C)\n")
    sys.stdout.flush()
    blocks.block_thread()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
