"""The workbench where there is no network at all: run by test_offline in a network namespace of its own, which has only its own loopback.

    unshare -rn python -m tests.offline FOLDER
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import struct
import sys
import urllib.request
from pathlib import Path

SIOCGIFFLAGS, SIOCSIFFLAGS, UP = 0x8913, 0x8914, 1


def loopback_up() -> None:
    """What `ip link set lo up` does."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        name = b"lo".ljust(16, b"\0")
        flags = struct.unpack("16sh", fcntl.ioctl(handle, SIOCGIFFLAGS, name + struct.pack("h", 0)))[1]
        fcntl.ioctl(handle, SIOCSIFFLAGS, name + struct.pack("h", flags | UP))


def reachable() -> bool:
    """Whether any other machine answers; one that is known by its number needs no name server."""
    try:
        socket.create_connection(("1.1.1.1", 443), timeout=2).close()
    except OSError:
        return False
    return True


def seen(folder: Path) -> dict[str, object]:
    """What the page showed, and what the API said."""
    import app
    from align.store import Store
    from ui.actions import Actions

    store = Store(folder / "p.sqlite")
    Actions(store).samples()
    projects = {p.name: store.load(p.id) for p in store.projects()}
    blocks = app.launch(store, None, quiet=True)
    address = blocks.local_url.rstrip("/")
    with urllib.request.urlopen(f"{address}/", timeout=20) as answer:
        status = answer.status
    made = [r.origin_target.split("@")[0] for project in projects.values() for r in project.bitext.rows if r.origin_target.startswith("machine:")]
    return {"reachable": reachable(), "status": status, "projects": len(projects), "engines": sorted(set(made)), "rows": rows(address)}


def rows(address: str) -> int | None:
    """How many rows chromium shows; None where there is no chromium."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tool:
        page = tool.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]).new_page()
        page.goto(address)
        page.wait_for_selector("[data-ready]")
        return page.locator(".reader .row").count()


if __name__ == "__main__":
    loopback_up()
    sys.stdout.write(json.dumps(seen(Path(sys.argv[1]))) + "\n")
    sys.stdout.flush()
    os._exit(0)
