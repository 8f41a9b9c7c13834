"""The command `bitext`: arguments -> workflow; errors -> one line and exit code 2. The only place that exits."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, Optional

import typer

from align.corpus_cli import app as corpus_app
from align.saved_cli import app as saved_app

if TYPE_CHECKING:
    from align.bitext import Bitext

app = typer.Typer(
    help="Pair two language versions of a statement sentence by sentence, and say how sure it is.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.add_typer(corpus_app, name="corpus")
app.add_typer(saved_app, name="projects")

From = Annotated[Optional[str], typer.Option("--from", help="language of the source, such as en; detected if not given")]  # noqa: UP045
To = Annotated[Optional[str], typer.Option("--to", help="language of the target, such as ru; detected if not given")]  # noqa: UP045
Output = Annotated[Optional[Path], typer.Option("-o", "--output", help="file to write; the format follows from its extension")]  # noqa: UP045


@app.callback(invoke_without_command=True)
def _start(version: Annotated[bool, typer.Option("--version", help="print the version and end")] = False) -> None:
    if version:
        from align.workflow import program_version

        typer.echo(program_version())
        raise typer.Exit


def _say(message: str) -> None:
    """Progress goes to standard error, and only where someone reads it."""
    if sys.stderr.isatty():
        typer.echo(message, err=True)


@app.command("align", epilog="Example: bitext align statement.en.html statement.ru.docx -o statement.tmx")
def align_command(
    source_file: Annotated[str, typer.Argument(help="source version; - for standard input")],
    target_file: Annotated[str, typer.Argument(help="target version; - for standard input")],
    output: Output = None,
    source: From = None,
    target: To = None,
    form: Annotated[Optional[str], typer.Option("--format", help="tmx, xlf, tsv, csv, xlsx, jsonl, parquet, html, docx, beads, moses, srt or table")] = None,  # noqa: UP045
    segmented: Annotated[bool, typer.Option("--segmented", help="the files hold one sentence a line")] = False,
    encoder: Annotated[str, typer.Option("--encoder", help="the sentence encoder; see bitext encoders")] = "use",
    max_join: Annotated[int, typer.Option("--max-join", help="most sentences a bead joins on one side, 1 to 4")] = 4,
    unpaired: Annotated[float, typer.Option("--unpaired", help="above 0 leaves more sentences unpaired, below 0 fewer")] = 0.0,
    band: Annotated[int, typer.Option("--band", help="least half-width of the search band, in sentences")] = 10,
) -> None:
    """Pair two versions of a statement sentence by sentence."""
    from align import workflow
    from align.bitext import AlignOptions, OptionError

    if source_file == target_file == "-":
        raise OptionError("both sides are standard input; give a file for one of them")
    options = AlignOptions(max_join=max_join, band=band, unpaired=unpaired)
    with _Input(source_file) as one, _Input(target_file) as two:
        bitext = workflow.files(
            one, two, source=source, target=target, segmented=segmented, encoder=encoder, options=options, progress=_say
        )
    _report(bitext)
    _deliver(bitext, output, form)


class _Input:
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


def _report(bitext: Bitext) -> None:
    """Verdict and notes, on standard error."""
    for note in bitext.notes:
        typer.echo(f"note: {note}", err=True)
    if bitext.verdict is not None and bitext.verdict.kind != "versions":
        typer.echo(f"warning: {bitext.verdict.reason}", err=True)


def _deliver(bitext: Bitext, output: Path | None, form: str | None) -> None:
    from align import formats
    from align.bitext import OptionError

    if output is not None:
        if form == "table":
            raise OptionError("a table is for the terminal; leave -o out, or write tsv")
        for path in formats.write(bitext, output, format=form):
            typer.echo(f"wrote {path}: {len(bitext)} rows", err=True)
    elif form == "table" or (form is None and sys.stdout.isatty()):
        _table(bitext)
    else:
        if form in ("xlsx", "docx", "parquet") and sys.stdout.isatty():
            raise OptionError(f"{form} is not text; write it to a file with -o NAME.{form}")
        for piece in formats.pieces(bitext, form or "tsv"):
            sys.stdout.buffer.write(piece)
        sys.stdout.flush()


def _table(bitext: Bitext) -> None:
    import os

    from rich.console import Console

    span = None if sys.stdout.isatty() else int(os.environ.get("COLUMNS", "140"))
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


@app.command(epilog="Example: bitext score gold.beads predicted.beads")
def score(gold: Annotated[Path, typer.Argument(help="gold beads")], predicted: Annotated[Path, typer.Argument(help="predicted beads")]) -> None:
    """Strict, lax and null precision, recall and F1 of predicted beads against gold beads."""
    from align import workflow

    found = workflow.score(gold, predicted)
    typer.echo("         precision  recall      F1")
    for name in ("strict", "lax", "null"):
        values = [100 * getattr(found, f"{name}_{rate}") for rate in ("precision", "recall", "f1")]
        typer.echo(f"{name:<8}{values[0]:>10.2f}{values[1]:>8.2f}{values[2]:>8.2f}")


@app.command(epilog="Example: bitext convert statement.tmx statement.jsonl")
def convert(
    source_file: Annotated[Path, typer.Argument(help="a bitext: tmx, xlf, tsv, csv, xlsx, jsonl, parquet, docx, moses, srt")],
    target_file: Annotated[Path, typer.Argument(help="the file to write; the format follows from its extension")],
    source: From = None,
    target: To = None,
) -> None:
    """Write a bitext in another format."""
    from align import workflow

    for path in workflow.convert(source_file, target_file, source=source, target=target):
        typer.echo(f"wrote {path}", err=True)


@app.command(epilog="Example: bitext check statement.tmx --fail-on error")
def check(
    file: Annotated[Path, typer.Argument(help="a bitext: tmx, tsv, csv, jsonl ...")],
    as_json: Annotated[bool, typer.Option("--json", help="one finding a line, as JSON")] = False,
    fail_on: Annotated[Optional[str], typer.Option("--fail-on", help="exit with 1 if a finding is info, warning or error, or worse")] = None,  # noqa: UP045
    only: Annotated[Optional[str], typer.Option("--only", help="names of checks, with commas between; all if not given")] = None,  # noqa: UP045
    glossary: Annotated[Optional[Path], typer.Option("--glossary", help="terms: source TAB target, one a line")] = None,  # noqa: UP045
    source: From = None,
    target: To = None,
) -> None:
    """What is doubtful in the rows of a bitext, with the reason and the place."""
    import json

    from align import workflow
    from align.bitext import OptionError
    from align.checks import SEVERITIES

    if fail_on is not None and fail_on not in SEVERITIES:
        raise OptionError(f"--fail-on is {fail_on!r}; expected {', '.join(SEVERITIES)}")
    bitext = workflow.read(file, source=source, target=target)
    terms = workflow.glossary(glossary) if glossary else ()
    found = workflow.check(bitext, only=only.split(",") if only else None, glossary=terms)
    for f in found:
        if as_json:
            keys = ("row", "check", "severity", "reason", "source_spans", "target_spans", "score", "other", "note")
            typer.echo(json.dumps({k: getattr(f, k) for k in keys}, ensure_ascii=False))
        elif f.severity != "info":
            typer.echo(f"row {f.row}: {f.severity}: {f.check}: {f.reason}")
    counts = {s: sum(f.severity == s for f in found) for s in SEVERITIES}
    typer.echo(f"{len(bitext)} rows, " + ", ".join(f"{counts[s]} {s}" for s in reversed(SEVERITIES)), err=True)
    if fail_on and any(counts[s] for s in SEVERITIES[SEVERITIES.index(fail_on) :]):
        raise typer.Exit(1)


@app.command(epilog="Example: bitext diverge statement.en.txt statement.ru.txt -o report.html")
def diverge(
    source_file: Annotated[Path, typer.Argument(help="source version, or a bitext that is already aligned")],
    target_file: Annotated[Optional[Path], typer.Argument(help="target version; leave out with a bitext")] = None,  # noqa: UP045
    output: Annotated[Optional[Path], typer.Option("-o", "--output", help="report.html, .json or .txt; text on the terminal if not given")] = None,  # noqa: UP045
    source: From = None,
    target: To = None,
) -> None:
    """What one version says and the other omits, adds, moves or changes."""
    from align import divergence, workflow
    from align.formats import replace_files

    if target_file is None:
        bitext = workflow.read(source_file, source=source, target=target)
    else:
        bitext = workflow.files(source_file, target_file, source=source, target=target, progress=_say)
        _report(bitext)
    found = workflow.diverge(bitext)
    text = divergence.written(found, "txt" if output is None else output.suffix[1:].lower())
    if output is None:
        typer.echo(text, nl=False)
    else:
        replace_files([(output, [text.encode("utf-8", "surrogatepass")])])
        typer.echo(f"wrote {output}: {found.headline}", err=True)


Engine = Annotated[str, typer.Option("--engine", help="auto, or one of bitext engines, a hub name, a local folder, a server's address")]
Beam = Annotated[int, typer.Option("--beam", help="width of the search, 1 to 16")]
Memories = Annotated[Optional[list[Path]], typer.Option("--memory", help="a bitext whose pairs come before the engine's, or the word projects for all saved ones; may be given again")]  # noqa: UP045
Glossary = Annotated[Optional[Path], typer.Option("--glossary", help="terms: source TAB target, one a line")]  # noqa: UP045


def _always(message: str) -> None:
    typer.echo(message, err=True)


@app.command(epilog="Example: bitext translate statement.en.txt --to ru -o statement.tmx")
def translate(
    file: Annotated[str, typer.Argument(help="one version of a statement; - for standard input")] = "-",
    target: Annotated[str, typer.Option("--to", help="language of the missing version")] = "",
    source: From = None,
    output: Annotated[Optional[Path], typer.Option("-o", "--output", help="bitext, or .txt or .docx for the new version alone")] = None,  # noqa: UP045
    engine: Engine = "auto",
    lines: Annotated[bool, typer.Option("--lines", help="one segment a line in, one a line out")] = False,
    beam: Beam = 4,
    memory: Memories = None,
    glossary: Glossary = None,
) -> None:
    """Translate the version that is missing; every row says who made it."""
    from align import workflow
    from align.bitext import OptionError
    from align.filling import FillOptions

    if not target:
        raise OptionError("no language to translate into; give it with --to, such as --to ru")
    terms = workflow.glossary(glossary) if glossary else ()
    if lines:
        if not source:
            raise OptionError("--lines needs the language of the input; give it with --from, such as --from en")
        with _Input(file) as path:
            text = _whole(path)
        ended = text.endswith("\n")
        given = (text[:-1] if ended else text).split("\n") if text else []
        made = workflow.translate_lines(given, source=source, target=target, translator=engine, options=FillOptions(beam=beam), glossary=terms, progress=_always)
        out = "\n".join(made) + ("\n" if ended else "")
        if output is None:
            sys.stdout.buffer.write(out.encode("utf-8", "surrogatepass"))
            sys.stdout.flush()
        else:
            from align.formats import replace_files

            replace_files([(output, [out.encode("utf-8", "surrogatepass")])])
        return
    with _Input(file) as path, _Journal(output) as journal:
        bitext = workflow.translate(
            Path(path), source=source, target=target, translator=engine, options=FillOptions(beam=beam), memories=memory or (), glossary=terms,
            journal=journal, progress=_always,
        )  # fmt: skip
        _filled(bitext)
        if output is not None and output.suffix.lower() in (".txt", ".docx"):
            workflow.extract(bitext, "target", output)
            typer.echo(f"wrote {output}", err=True)
        else:
            _deliver(bitext, output, None)


def _whole(path: str) -> str:
    from align.bitext import InputError
    from align.documents import decode

    try:
        return decode(Path(path).read_bytes())[0].replace("\r\n", "\n")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error


class _Journal:
    """The file beside the output that keeps finished rows; it goes when the output is written, and stays when the run was stopped."""

    def __init__(self, output: Path | None) -> None:
        self.path = None if output is None else output.with_name(f".{output.name}.rows")

    def __enter__(self) -> Path | None:
        if self.path is not None and self.path.exists():
            typer.echo(f"going on from {self.path}", err=True)
        return self.path

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None and self.path is not None:
            self.path.unlink(missing_ok=True)


def _filled(bitext: Bitext) -> None:
    from align.bitext import MACHINE

    made = [r for r in bitext.rows if MACHINE in (r.origin_source[: len(MACHINE)], r.origin_target[: len(MACHINE)])]
    engines = sorted({o for r in made for o in (r.origin_source, r.origin_target) if o.startswith(MACHINE)})
    flagged = sum(bool(r.note) for r in made)
    typer.echo(f"{len(made)} rows by {', '.join(engines) or 'no engine'}, {flagged} with a note{_draft(engines)}", err=True)


def _draft(engines: Sequence[str]) -> str:
    """Said as long as a card's BLEU is under 20."""
    from models import card_of

    for engine in engines:
        card = card_of(engine.split(":")[1].split("@")[0])
        if card and min(card["bleu"].values()) < 20:
            return f"; draft quality: BLEU {', '.join(f'{pair} {value}' for pair, value in card['bleu'].items())} on {card['scored_on']}"
    return ""


@app.command(epilog="Example: bitext fill half-aligned.tmx -o full.tmx --engine gemma")
def fill(
    file: Annotated[Path, typer.Argument(help="a bitext with rows that lack a side")],
    output: Annotated[Path, typer.Option("-o", "--output", help="file to write; the format follows from its extension")],
    engine: Engine = "auto",
    source: From = None,
    target: To = None,
    beam: Beam = 4,
    memory: Memories = None,
    glossary: Glossary = None,
) -> None:
    """Translate only what is missing in a bitext; finished rows are kept when it is stopped and run again."""
    from align import workflow
    from align.filling import FillOptions

    terms = workflow.glossary(glossary) if glossary else ()
    bitext = workflow.read(file, source=source, target=target)
    with _Journal(output) as journal:
        done = workflow.fill(bitext, engine, options=FillOptions(beam=beam), memories=memory or (), glossary=terms, journal=journal, progress=_always)
        _filled(done)
        _deliver(done, output, None)


@app.command(epilog="Example: bitext compare statement.tmx --engines gemma,opus-mt -o report.html")
def compare(
    file: Annotated[Path, typer.Argument(help="a bitext; rows with a human target serve as the reference")],
    engines: Annotated[str, typer.Option("--engines", help="names as in bitext engines, with commas between")],
    output: Annotated[Optional[Path], typer.Option("-o", "--output", help="report.html, .json or .txt; text on the terminal if not given")] = None,  # noqa: UP045
    source: From = None,
    target: To = None,
) -> None:
    """Translation engines beside each other and the human version: differences, BLEU, chrF2++, findings, seconds."""
    from align import comparison, workflow
    from align.bitext import OptionError
    from align.comparison.report import WRITERS
    from align.formats import replace_files

    names = [name.strip() for name in engines.split(",") if name.strip()]
    kind = "txt" if output is None else output.suffix[1:].lower()
    if kind not in WRITERS:
        raise OptionError(f"a comparison is {', '.join(WRITERS)}, not {kind!r}; change the extension of -o")
    found = workflow.compare(workflow.read(file, source=source, target=target), names, source=source, target=target, progress=_say)
    text = comparison.written(found, kind)
    if output is None:
        typer.echo(text, nl=False)
    else:
        replace_files([(output, [text.encode("utf-8", "surrogatepass")])])
        typer.echo(f"wrote {output}: {found.headline}", err=True)
    if all(c.error for c in found.engines):
        raise typer.Exit(2)


@app.command(epilog="Example: bitext engines --from en --to ru")
def engines(source: Annotated[str, typer.Option("--from")] = "en", target: Annotated[str, typer.Option("--to")] = "ru") -> None:
    """Translation engines: what works here, what can be fetched, size, licence, quality."""
    from models.catalogue import describe

    for entry in describe(source, target):
        size = f"{entry['size_mb']} MB" if entry["size_mb"] else ""
        bleu = f"BLEU {entry['bleu']}" if entry["bleu"] else ""
        facts = "; ".join(fact for fact in (size, bleu, entry["speed"], entry["licence"]) if fact)
        typer.echo(f"{entry['name']:<10}{'works' if entry['works'] else 'not here':<10}{facts}")
        if entry["todo"]:
            typer.echo(f"{'':<20}{entry['todo']}")


@app.command(epilog="Example: bitext extract statement.jsonl --side target -o statement.ru.docx")
def extract(
    file: Annotated[Path, typer.Argument(help="a bitext: tmx, xlf, tsv, csv, xlsx, jsonl ...")],
    side: Annotated[str, typer.Option("--side", help="source or target")],
    output: Annotated[Path, typer.Option("-o", "--output", help="file to write, .txt or .docx")],
    source: From = None,
    target: To = None,
) -> None:
    """One language of a bitext alone, as a document with its paragraphs."""
    from align import workflow

    workflow.extract(workflow.read(file, source=source, target=target), side, output)
    typer.echo(f"wrote {output}", err=True)


@app.command(epilog="Example: bitext encoders")
def encoders() -> None:
    """The sentence encoders that are here, and the languages they were trained for."""
    import models

    for name in models.installed():
        encoder = models.load_encoder(name)
        typer.echo(f"{name:<8} {encoder.id:<32} {' '.join(sorted(encoder.languages or ()))}")


def _fail(message: str) -> NoReturn:
    typer.echo(f"error: {' '.join(message.split())}", err=True)
    raise SystemExit(2)


def _not_shadowed() -> None:
    """One line that names the file, when another `models` than ours would be imported."""
    from importlib.util import find_spec

    here = Path(__file__).resolve().parent.parent
    spec = find_spec("models")
    if spec is None or spec.origin is None or Path(spec.origin).resolve().parent.parent != here:
        found = spec.origin if spec is not None else None
        _fail(f"{found or 'nothing'} is imported as the package 'models', ours is {here / 'models'}; run from another folder, or take that one off PYTHONPATH")


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point. Bad input is one line on standard error and exit code 2."""
    _not_shadowed()
    try:
        app(args=None if arguments is None else list(arguments), prog_name="bitext")
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except BrokenPipeError:
        raise SystemExit(0) from None
    except Exception as error:
        from align.bitext import AlignError
        from models import ModelError

        if isinstance(error, AlignError | ModelError):
            _fail(str(error))
        raise
