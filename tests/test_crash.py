"""Nothing that the page called saved is lost when the whole server is killed (-9) at a random moment: real processes, real HTTP, 100 times.

Importing Gradio takes seconds, so one process imports everything and forks a server for each life: a start costs 0.3 s. `python -m tests.test_crash STORE` is that process.
"""

from __future__ import annotations

import gc
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event
from typing import Any
from urllib.request import urlopen

import pytest

from align.bitext import Bitext, Row
from align.store import Store

KILLS = 100
WRITERS = 2
LONGEST = 0.15  # seconds of edits before a kill
ROOT = Path(__file__).parent.parent


def nursery(store: str) -> int:
    """Imports all, then forks a server for every line with a port. Says the server's process id; the server says when it is ready; then how it ended."""
    import gradio.http_server  # noqa: F401 - what a start imports, imported once

    import app
    from ui.actions import Actions

    kept = Store(store)
    Actions(kept).warm()
    kept.close()
    gc.collect()
    gc.freeze()  # the servers' collections need not look at what they share
    for line in sys.stdin:
        child = os.fork()
        if not child:
            os._exit(app.main(["--port", line.strip(), "--store", store]))
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        os.waitpid(child, 0)
        sys.stdout.write("gone\n")
        sys.stdout.flush()
    return 0


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Server:
    """One life of the program, as a user starts it."""

    def __init__(self, parent: subprocess.Popen[str]) -> None:
        self.parent, self.killed = parent, Event()
        for _ in range(5):  # another program may take the port first
            self.port = free_port()
            parent.stdin.write(f"{self.port}\n")
            parent.stdin.flush()
            first, second = sorted(parent.stdout.readline() for _ in range(2))
            if second != "gone\n":
                break
        self.pid = int(first)
        assert second.startswith("Bitext workbench: http"), second
        with urlopen(f"http://127.0.0.1:{self.port}/config") as answer:
            parts = json.load(answer)["components"]
        [self.panel] = [p["id"] for p in parts if "act" in p.get("props", {}).get("server_fns", [])]

    def kill(self) -> None:
        self.killed.set()
        os.kill(self.pid, signal.SIGKILL)
        assert self.parent.stdout.readline() == "gone\n"


class Window:
    """Calls the server as the page's JavaScript does."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.connection = HTTPConnection("127.0.0.1", server.port, timeout=30)

    def ask(self, function: str, asked: dict[str, Any]) -> dict[str, Any] | None:
        """The answer; None when the server died before it came."""
        body = {"data": asked, "component_id": self.server.panel, "fn_name": function, "session_hash": "crash"}
        try:
            self.connection.request("POST", "/gradio_api/component_server/", json.dumps(body), {"Content-Type": "application/json"})
            answer = self.connection.getresponse()
            said = json.load(answer)
        except (OSError, HTTPException, ValueError):
            assert self.server.killed.is_set(), "a living server answers"
            return None
        assert answer.status == 200 and "refused" not in said, said
        return said


class Editor:
    """Edits rows of its own, one edit after another; `accepted` is how many were answered, and one more may be stored."""

    def __init__(self, number: int) -> None:
        self.number, self.accepted = number, 0

    def work(self, server: Server, project: int, shown: list[list[Any]]) -> None:
        window = Window(server)
        rows = [row for row in shown if row[2].startswith(f"Source {self.number}")]
        while not server.killed.is_set():
            asked = self.asked(len(rows))
            answer = window.ask("act", {"project": project, "rows": [row[:2] for row in rows], **asked})
            if answer is None:
                return
            self.accepted += 1
            rows = [row for row in answer["rows"] if row[2].startswith(f"Source {self.number}")]

    def asked(self, rows: int) -> dict[str, Any]:
        return {"verb": "edit", "side": "target", "text": f"Writer {self.number} wrote {self.accepted + 1}."}

    def made(self, steps: list[tuple[str, str]]) -> int:
        """How many of its edits the history has; all that came before the last are there."""
        texts = [json.loads(after)[0][1] for name, after in steps if name == "edit"]
        counts = [int(t.split()[-1].rstrip(".")) for t in texts if t.startswith(f"Writer {self.number} ")]
        assert counts == list(range(1, len(counts) + 1))
        return len(counts)

    def right(self, shown: list[list[Any]], made: int) -> bool:
        return [row[3] for row in shown if row[2].startswith(f"Source {self.number}")] == [f"Writer {self.number} wrote {made}." if made else "Nothing yet."]


class Joiner(Editor):
    """Merges two rows and splits them again."""

    def asked(self, rows: int) -> dict[str, Any]:
        return {"verb": "merge"} if rows == 2 else {"verb": "split", "source_at": len(self.text(0)) + 1, "target_at": len("Nothing yet.") + 1}

    def text(self, half: int) -> str:
        return f"Source {self.number}, half {half}."

    def made(self, steps: list[tuple[str, str]]) -> int:
        return sum(name in ("merge", "split") for name, _ in steps)

    def right(self, shown: list[list[Any]], made: int) -> bool:
        halves = [[self.text(half), "Nothing yet."] for half in (0, 1)]
        whole = [[" ".join(texts) for texts in zip(*halves, strict=True)]]
        return [row[2:4] for row in shown if row[2].startswith(f"Source {self.number}")] == (whole if made % 2 else halves)


@pytest.fixture
def parent(tmp_path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.test_crash", str(tmp_path / "projects.sqlite")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True)
    yield process
    os.killpg(process.pid, signal.SIGKILL)  # the last server too
    process.communicate()


def test_every_edit_that_was_answered_is_there_after_a_hundred_kills_of_the_server(tmp_path, parent):
    place = tmp_path / "projects.sqlite"
    editors = [Editor(k) for k in range(WRITERS)] + [Joiner(WRITERS)]
    rows = [Row(f"Source {k}.", "Nothing yet.") for k in range(WRITERS)] + [Row(editors[-1].text(half), "Nothing yet.") for half in (0, 1)]
    store = Store(place)
    project = store.save("Crash", Bitext(tuple(rows), "en", "en")).id
    store.close()
    chance, unanswered = random.Random(7), 0
    server = Server(parent)
    shown = Window(server).ask("first", {"project": project})["rows"]
    for _ in range(KILLS):
        with ThreadPoolExecutor() as pool:
            working = [pool.submit(editor.work, server, project, shown) for editor in editors]
            time.sleep(chance.uniform(0, LONGEST))
            server.kill()
        for work in working:
            work.result()
        server = Server(parent)
        shown = Window(server).ask("first", {"project": project})["rows"]
        steps, fine = _history(place, project)
        assert fine == "ok"
        for editor in editors:
            made = editor.made(steps)
            assert made in (editor.accepted, editor.accepted + 1), "the one that was under way may be stored beside what was answered, never less"
            assert editor.right(shown, made)
            unanswered += made - editor.accepted
            editor.accepted = made
    assert sum(editor.accepted for editor in editors) > 3 * KILLS
    assert unanswered, "no kill came between storing and answering: these are no random moments"


def _history(place: Path, project: int) -> tuple[list[tuple[str, str]], str]:
    """The steps of a project, and what SQLite says of its file."""
    db = sqlite3.connect(place)
    steps = db.execute("SELECT name, after FROM steps WHERE project = ? ORDER BY number", (project,)).fetchall()
    [fine] = db.execute("PRAGMA integrity_check").fetchone()
    db.close()
    return steps, fine


if __name__ == "__main__":
    raise SystemExit(nursery(sys.argv[1]))
