"""The commands `bitext projects ...`: what the page keeps, from the command line."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from align.terminal import From, To, read

if TYPE_CHECKING:
    from align.store import Store

app = typer.Typer(help="Saved projects: those of the page, and of BITEXT_STORE.", no_args_is_help=True, add_completion=False, rich_markup_mode=None)

Number = Annotated[int, typer.Argument(help="the project's number, as bitext projects list shows it")]


def _store() -> closing[Store]:
    from align.store import Store

    return closing(Store())


def _in_line(text: str | None) -> str:
    """A text as a cell of a line: blanks for tabs and line feeds."""
    return " ".join((text or "").split())


@app.command("list", epilog="Example: bitext projects list")
def list_projects() -> None:
    """A line a project, the one changed last first: number, languages, rows, day, name."""
    with _store() as store:
        for p in store.projects():
            day = datetime.fromtimestamp(p.changed).date().isoformat()
            typer.echo(f"{p.id}\t{p.source_language}-{p.target_language}\t{p.rows} rows\t{day}\t{_in_line(p.name)}")


@app.command(epilog="Example: bitext projects add statement.tmx --name 'Statement of 5 June'")
def add(
    file: Annotated[Path, typer.Argument(help="a bitext file")],
    name: Annotated[Optional[str], typer.Option("--name", help="the file's if not given")] = None,  # noqa: UP045
    source: From = None,
    target: To = None,
) -> None:
    """Save a bitext as a project; prints its number."""
    bitext = read(file, source, target)
    with _store() as store:
        typer.echo(store.save(name or file.name, bitext).id)


@app.command(epilog="Example: bitext projects save 3 -o statement.xlsx")
def save(project: Number, output: Annotated[Path, typer.Option("-o", "--output", help="file to write; the format follows from its extension")]) -> None:
    """Write a project to a file."""
    from align import workflow

    with _store() as store:
        for path in workflow.save(store.load(project).bitext, output):
            typer.echo(f"wrote {path}", err=True)


@app.command(epilog="Example: bitext projects search договора")
def search(
    query: Annotated[str, typer.Argument(help="words of one side")],
    exact: Annotated[bool, typer.Option("--exact", help="these words in this order; else in any order and with any ending")] = False,
    limit: Annotated[int, typer.Option("--limit", help="most rows", min=1)] = 50,
) -> None:
    """Rows of all projects that have the words on one side, and glossary terms: name, source, target, with tabs between."""
    from align.store_extras import look_up

    with _store() as store:
        for term in look_up(store, query):
            typer.echo(f"glossary\t{_in_line(term.source)}\t{_in_line(term.target)}")
        for hit in store.search(query, forms=not exact, limit=limit):
            typer.echo("\t".join(map(_in_line, (hit.name, hit.row.source, hit.row.target))))


@app.command(epilog="Example: bitext projects describe 3 --name 'Statement of 6 June' --to ru")
def describe(
    project: Number,
    name: Annotated[Optional[str], typer.Option("--name", help="another name")] = None,  # noqa: UP045
    source: Annotated[Optional[str], typer.Option("--from", help="another language of the source")] = None,  # noqa: UP045
    target: Annotated[Optional[str], typer.Option("--to", help="another language of the target")] = None,  # noqa: UP045
) -> None:
    """Give a project another name or other languages."""
    from align import saved

    with _store() as store:
        saved.describe(store, project, name=name, source=source, target=target)


@app.command(epilog="Example: bitext projects remove 3")
def remove(project: Number) -> None:
    """Remove a project for ever."""
    with _store() as store:
        store.remove(project)


@app.command(epilog="Example: bitext projects fill 3 --engine gemma --memory")
def fill(
    project: Number,
    engine: Annotated[str, typer.Option("--engine", help="as in bitext engines")] = "auto",
    memory: Annotated[bool, typer.Option("--memory", help="take from the other projects what they have already")] = False,
) -> None:
    """Translate what a project lacks; every step can be undone on the page."""
    from align import saved

    with _store() as store:
        change = saved.fill(store, project, engine, memory=memory)
        changed = sum(version == change.project.revision for version in change.project.versions[change.place])
        typer.echo(f"{changed} rows changed", err=True)


@app.command(epilog="Example: bitext projects compare 3 --engines gemma,opus-mt")
def compare(
    project: Number,
    engines: Annotated[str, typer.Option("--engines", help="up to four names as in bitext engines, with commas between")],
    first: Annotated[int, typer.Option("--first", help="first row")] = 0,
    last: Annotated[Optional[int], typer.Option("--last", help="last row; to the end if not given")] = None,  # noqa: UP045
) -> None:
    """Engines beside the human version, kept with the project: the page shows it, takes texts from it and lets people vote."""
    from align import saved

    names = [name.strip() for name in engines.split(",") if name.strip()]
    with _store() as store:
        kept = saved.compare(store, project, names, first=first, last=last)
    typer.echo(kept.comparison.headline)
    for engine in kept.comparison.engines:
        if engine.error:
            typer.echo(f"{engine.name}: {engine.error}", err=True)
    if all(engine.error for engine in kept.comparison.engines):
        raise typer.Exit(2)


@app.command(epilog="Example: bitext projects glossary terms.tsv --from en --to ru")
def glossary(
    file: Annotated[Optional[Path], typer.Argument(help="source term TAB target term a line; none = print the glossary")] = None,  # noqa: UP045
    source: Annotated[str, typer.Option("--from", help="language of the source terms")] = "en",
    target: Annotated[str, typer.Option("--to", help="language of the target terms")] = "ru",
) -> None:
    """Add the terms of a file to the glossary that the page looks up, checks and fills with; or print it."""
    from align import workflow
    from align.documents import language_code
    from align.store_extras import add_terms, terms

    source, target = language_code(source), language_code(target)
    with _store() as store:
        if file is None:
            for term in terms(store, source, target):
                typer.echo(f"{term.source}\t{term.target}")
        else:
            typer.echo(f"{add_terms(store, source, target, workflow.glossary(file))} new terms", err=True)


Numbers = Annotated[list[int], typer.Argument(help="numbers of projects of one language pair")]
Accepted = Annotated[bool, typer.Option("--accepted", help="only rows that a person accepted")]
License = Annotated[str, typer.Option("--license", help="of the texts, for the card")]


@app.command(epilog="Example: bitext projects dataset 3 4 -o dataset/ --license cc-by-4.0")
def dataset(projects: Numbers, output: Annotated[Path, typer.Option("-o", "--output", help="the data set's folder")], accepted: Accepted = False, license: License = "unknown") -> None:
    """Make a data set with its card of saved projects, filtered as bitext corpus build does; it can be pushed with bitext corpus push."""
    from align.card import report_text
    from align.dataset_records import BuildOptions
    from align.saved_dataset import build_dataset

    with _store() as store:
        report = build_dataset(store, projects, output, BuildOptions(validation=0.0, test=0.0, license=license), accepted=accepted)
    typer.echo(report_text(report), nl=False)
