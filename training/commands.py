"""What every command of this folder shares: its parser, its errors in one line with exit code 2, text files of lines."""

from __future__ import annotations

import argparse
import lzma
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from models import ModelError
from training import TrainingError

LANGUAGES = ("en", "ru")


def parser(description: str | None) -> argparse.ArgumentParser:
    """A parser that shows the module's docstring as it stands; unknown options are errors, and options are not abbreviated."""
    return argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)


def run(command: Callable[[Sequence[str] | None], None]) -> None:
    """Run a command's main; an error that a person can put right becomes one line and exit code 2."""
    try:
        command(None)
    except (TrainingError, ModelError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)


def existing(path: Path, what: str, advice: str = "") -> Path:
    """The path; TrainingError when there is no such file or folder."""
    if not path.exists():
        raise TrainingError(f"no {what} at {path}" + (f"; {advice}" if advice else ""))
    return path


def read_lines(path: Path) -> list[str]:
    """Lines of a UTF-8 text file, plain or .xz, split at line feeds only. TrainingError when there is no such file."""
    existing(path, "text")
    opened = lzma.open if path.suffix == ".xz" else open
    with opened(path, "rt", encoding="utf-8", newline="\n") as file:
        lines: list[str] = file.read().split("\n")
    return lines[:-1] if lines and not lines[-1] else lines


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """One line each, breaks inside a line as spaces; the file is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(line.replace("\n", " ") + "\n" for line in lines)
    os.replace(temporary, path)


def weights_of(text: str) -> dict[str, float]:
    """ "ms_docs=0.5,tatoeba=2" -> {"ms_docs": 0.5, "tatoeba": 2.0}; TrainingError for anything else."""
    found = {}
    for item in text.split(","):
        name, equals, value = item.partition("=")
        try:
            if item:
                found[name] = float(value)
        except ValueError:
            raise TrainingError(f"--mix {item!r} is not NAME=NUMBER{'' if equals else ', such as tatoeba=0.5'}") from None
    return found
