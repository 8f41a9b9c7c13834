"""What the commands share: options, progress, standard input, and a bitext on the terminal."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

if TYPE_CHECKING:
    from align.bitext import Bitext


def code(given: str | None) -> str | None:
    """The code of a language given as an option: en of en, EN and English."""
    if not given:
        return given
    from align.documents import language_code

    return language_code(given)


From = Annotated[Optional[str], typer.Option("--from", callback=code, help="language of the source, such as en; if not given, detected in documents, and of a bitext what it says")]  # noqa: UP045
To = Annotated[Optional[str], typer.Option("--to", callback=code, help="language of the target, such as ru; if not given, detected in documents, and of a bitext what it says")]  # noqa: UP045
Output = Annotated[Optional[Path], typer.Option("-o", "--output", help="file to write; the format follows from its extension")]  # noqa: UP045


def say(message: str) -> None:
    """Progress goes to standard error, and only where someone reads it."""
    if sys.stderr is not None and sys.stderr.isatty():  # None: it was closed
        typer.echo(message, err=True)


class Input:
    """A path, or standard input kept in a temporary file for as long as it is read."""

    def __init__(self, name: str) -> None:
        self.name, self.folder = name, None

    def __enter__(self) -> str:
        if self.name != "-":
            return self.name
        from tempfile import TemporaryDirectory

        self.folder = TemporaryDirectory()
        path = Path(self.folder.name) / "standard-input"
        path.write_bytes(sys.stdin.buffer.read())
        return str(path)

    def __exit__(self, *_: object) -> None:
        if self.folder is not None:
            self.folder.cleanup()

    folder: Any


def report_of(bitext: Bitext) -> None:
    """Verdict and notes, on standard error."""
    for note in bitext.notes:
        typer.echo(f"note: {note}", err=True)
    if bitext.verdict is not None and bitext.verdict.kind != "versions":
        typer.echo(f"warning: {bitext.verdict.reason}", err=True)


def read(path: Path, source: str | None, target: str | None) -> Bitext:
    """A bitext from a file, with its notes on standard error."""
    from align import workflow

    bitext = workflow.read(path, source=source, target=target)
    report_of(bitext)
    return bitext


def deliverable(output: Path | None, form: str | None = None, kinds: Collection[str] = (), reads: Sequence[str | Path | None] = ()) -> None:
    """Before the work: raise what `deliver` would raise after it. kinds: extensions that the command writes itself; reads: what it must not replace."""
    from align import formats
    from align.bitext import OptionError

    if form == "table":
        if output is not None:
            raise OptionError("a table is for the terminal; leave -o out, or write tsv")
        return
    if output is None and form in ("xlsx", "docx", "parquet") and sys.stdout.isatty():
        raise OptionError(f"{form} is not text; write it to a file with -o NAME.{form}")
    formats.will_write(output, format=form, kinds=kinds, reads=[name for name in reads if name is not None and str(name) != "-"])


def deliver(bitext: Bitext, output: Path | None, form: str | None) -> None:
    """A bitext to where `deliverable` said that it can go."""
    from align import formats

    if output is not None:
        for path in formats.write(bitext, output, format=form):
            typer.echo(f"wrote {path}: {len(bitext)} rows", err=True)
    elif form == "table" or (form is None and sys.stdout.isatty()):
        _table(bitext)
    else:
        for piece in formats.pieces(bitext, form or "tsv"):
            sys.stdout.buffer.write(piece)
        sys.stdout.flush()


def _table(bitext: Bitext) -> None:
    import os

    from rich.console import Console

    said = os.environ.get("COLUMNS", "")
    span = None if sys.stdout.isatty() else int(said) if said.isdecimal() and int(said) else 140
    Console(file=sys.stdout, width=span).print(table_of(bitext))


def table_of(bitext: Bitext, first: int = 0, last: int | None = None) -> Any:
    """Rows first..last (exclusive) as a rich table; unsure rows carry a question mark."""
    from rich.table import Table
    from rich.text import Text

    table = Table(title=bitext.verdict.reason if bitext.verdict else None, show_lines=False, title_justify="left")
    for name, least in (("#", 4), ("type", 4), ("score", 6)):
        table.add_column(name, justify="right", no_wrap=True, min_width=least)
    table.add_column(bitext.source_language, ratio=1)
    table.add_column(bitext.target_language, ratio=1)
    for number, row in list(enumerate(bitext.rows))[first:last]:
        score = "" if row.score is None else f"{row.score:.2f}" + ("?" if row.score < 0.9 else " ")
        table.add_row(str(number), row.type, score, Text(row.source or "—"), Text(row.target or "—"))
    return table


def always(message: str) -> None:
    typer.echo(message, err=True)
