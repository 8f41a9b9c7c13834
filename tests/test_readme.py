"""The README names only commands, options, verbs and files that are there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer

import align
from align.cli import app

README = Path("README.md").read_text("utf-8")
LINES = [line.strip() for line in README.splitlines() if line.startswith("    ")]
COMMANDS = [line.split("  #")[0].strip() for line in LINES if line.startswith(".venv/bin/bitext ")]


def known(path: list[str]):
    group = typer.main.get_command(app)
    for name in path:
        group = group.commands[name] if name in getattr(group, "commands", {}) else None
        if group is None:
            return None
    return group


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_and_option_is_there(line):
    words = shlex.split(re.split(r"[<>|]", line)[0])[1:]
    if words[0] == "--help":
        return
    command = known(words[:1])
    if hasattr(command, "commands"):
        command = known(words[:2])
    assert command is not None, words
    options = {o for p in command.params for o in p.opts} | {"--help"}
    assert {w for w in words if w.startswith("-") and len(w) > 1} <= options


def test_there_are_commands_to_look_at():
    assert len(COMMANDS) >= 8


def test_every_verb_is_there():
    verbs = set(re.findall(r"\balign\.(\w+)\(", README))
    assert verbs
    assert all(hasattr(align, verb) for verb in verbs)


def test_every_make_target_and_picture_is_there():
    targets = set(re.findall(r"^(\w+):", Path("Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake (\w+)", README)) <= targets
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)
    assert pictures
    assert all(Path(p).is_file() for p in pictures)
