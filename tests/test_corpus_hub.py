"""Data sets on their way to the Hugging Face Hub: what a stand-in for the hub and for its store of large files gets, and who sees the token."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from align import dataset_files
from align.bitext import InputError, OptionError
from align.cli import main
from tests.hub import Hub, sent

TOKEN = "hf_Secret0123"


class Storage(BaseHTTPRequestHandler):
    """Where the hub lets large files be put: another address, which must not learn the token."""

    got: list[tuple[str, str, bytes]] = []

    def do_PUT(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.got.append((self.path, str(self.headers), body))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class LargeHub(Hub):
    """A hub that takes Parquet as large files (LFS) and the rest with the commit."""

    storage = ""
    saying: str | None = None  # instead of what was asked for, with 403

    def do_POST(self):
        if self.saying is None and ("/preupload/" in self.path or "/lfs/" in self.path):
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            self.seen.append((self.path, self.headers.get("authorization"), body))
            self.answer(200, self.large(json.loads(body)))
        elif self.saying is not None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            self.answer(403, {"error": self.saying.format(authorization=self.headers.get("authorization"))})
        else:
            super().do_POST()

    do_GET = do_POST

    def large(self, asked):
        if "/preupload/" in self.path:
            return {"files": [{"path": f["path"], "uploadMode": "lfs" if f["path"].endswith(".parquet") else "regular", "shouldIgnore": False} for f in asked["files"]]}
        objects = [{"oid": o["oid"], "size": o["size"], "actions": {"upload": {"href": f"{self.storage}/{o['oid']}", "header": {}}}} for o in asked["objects"]]
        return {"transfer": "basic", "objects": objects}

    def answer(self, code, values):
        data = json.dumps(values).encode()
        self.send_response(code)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def large(monkeypatch):
    Hub.seen, Hub.refuse, LargeHub.saying, Storage.got = [], False, None, []
    servers = [HTTPServer(("127.0.0.1", 0), handler) for handler in (LargeHub, Storage)]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    LargeHub.storage = f"http://127.0.0.1:{servers[1].server_port}"
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{servers[0].server_port}")
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)  # its store speaks a protocol of its own; without it, Parquet goes to the store by HTTP
    yield servers[0]
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def data(tmp_path):
    """As much of a data set as is looked at before it goes."""
    place = tmp_path / "set"
    (place / "data").mkdir(parents=True)
    (place / "README.md").write_text("---\nlanguage: [en, ru]\n---\n# Set\n", "utf-8")
    (place / "data" / "train-00000.parquet").write_bytes(b"PAR1" + bytes(range(256)) * 40 + b"PAR1")
    (place / "data" / "test-00000.parquet").write_bytes(b"PAR1 other PAR1")
    (place / "removed.parquet").write_bytes(b"PAR1 removed PAR1")
    return place


def test_card_and_large_files_arrive_and_only_the_hub_sees_the_token(data, large, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    assert dataset_files.push(data, "owner/name").endswith("/datasets/owner/name")
    assert sent() == {"README.md": (data / "README.md").read_bytes()}
    parquet = {p.relative_to(data).as_posix(): p.read_bytes() for p in data.rglob("*.parquet")}
    lines = [json.loads(x) for path, _, body in Hub.seen if "/commit/" in path for x in body.splitlines()]
    named = {x["value"]["path"]: x["value"]["oid"] for x in lines if x["key"] == "lfsFile"}
    assert named == {path: hashlib.sha256(content).hexdigest() for path, content in parquet.items()}
    assert {path: body for path, _, body in Storage.got} == {f"/{named[path]}": content for path, content in parquet.items()}
    asked = [(path, token) for path, token, _ in Hub.seen if path.startswith("/api/") or "/lfs/" in path]
    assert {token for _, token in asked} == {f"Bearer {TOKEN}"} and {"/api/repos/create"} < {path for path, _ in asked}
    shown = capfd.readouterr()
    elsewhere = [*(path + headers for path, headers, _ in Storage.got), *(path + body.decode("utf-8", "replace") for path, _, body in Hub.seen), caplog.text, shown.out, shown.err]
    assert not [text for text in elsewhere if TOKEN in text]


def test_a_refusal_that_repeats_the_token_is_told_without_it(data, large, capsys):
    LargeHub.saying = "no right\nfor {authorization}"
    with pytest.raises(InputError, match=r"refused: .*look whether the token may write to owner/name$") as told:
        dataset_files.push(data, "owner/name")
    assert "(token)" in str(told.value) and TOKEN not in str(told.value)
    with pytest.raises(SystemExit) as ended:
        main(["corpus", "push", str(data), "owner/name"])
    said = capsys.readouterr()
    assert ended.value.code == 2 and TOKEN not in said.err + said.out and said.err.count("\n") == 1


@pytest.mark.parametrize("token", [f"{TOKEN}\nX-Other: 1", f"{TOKEN} x", f"{TOKEN}ё"])
def test_a_token_that_cannot_be_is_refused_without_being_told(data, large, token):
    with pytest.raises(OptionError, match="copy it again") as told:
        dataset_files.push(data, "owner/name", token=token)
    assert TOKEN not in str(told.value) and not Hub.seen


def test_blanks_around_a_token_are_nothing(data, large, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", f" {TOKEN}\n")
    dataset_files.push(data, "owner/name")
    assert {token for path, token, _ in Hub.seen if path.startswith("/api/")} == {f"Bearer {TOKEN}"}
    with pytest.raises(OptionError, match="no token"):
        dataset_files.push(data, "owner/name", token=" \n")
