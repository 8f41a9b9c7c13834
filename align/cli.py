"""The command `bitext`: arguments -> workflow; errors -> one line and exit code 2. The only place that exits."""

from __future__ import annotations

import errno
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn, Optional

import typer

from align.corpus_cli import app as corpus_app
from align.saved_cli import app as saved_app
from align.terminal import From, Input, Output, To, deliver, deliverable, read, report_of, say
from align.translate_cli import app as translate_app

app = typer.Typer(
    help="Pair two language versions of a statement sentence by sentence, and say how sure it is.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.add_typer(corpus_app, name="corpus")
app.add_typer(saved_app, name="projects")

@app.callback(invoke_without_command=True)
def _start(version: Annotated[bool, typer.Option("--version", help="print the version and end")] = False) -> None:
    if version:
        from align.version import program_version

        typer.echo(program_version())
        raise typer.Exit


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
    deliverable(output, form, reads=[source_file, target_file])
    with Input(source_file) as one, Input(target_file) as two:
        bitext = workflow.files(
            one, two, source=source, target=target, segmented=segmented, encoder=encoder, options=options, progress=say
        )
    report_of(bitext)
    deliver(bitext, output, form)


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

    for path in workflow.save(read(source_file, source, target), target_file):
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
    bitext = read(file, source, target)
    terms = workflow.glossary(glossary) if glossary else ()
    found = workflow.check(bitext, only=[name.strip() for name in only.split(",") if name.strip()] if only else None, glossary=terms)
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

    if output is not None:
        divergence.known(output.suffix[1:].lower())
        deliverable(output, kinds=divergence.WRITERS, reads=[source_file, target_file])
    if target_file is None:
        bitext = read(source_file, source, target)
    else:
        bitext = workflow.files(source_file, target_file, source=source, target=target, progress=say)
        report_of(bitext)
    found = workflow.diverge(bitext)
    text = divergence.written(found, "txt" if output is None else output.suffix[1:].lower())
    if output is None:
        typer.echo(text, nl=False)
    else:
        replace_files([(output, [text.encode("utf-8", "surrogatepass")])])
        typer.echo(f"wrote {output}: {found.headline}", err=True)


app.registered_commands += translate_app.registered_commands


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
    from align.formats.single import KINDS

    deliverable(output, kinds=KINDS, reads=[file])
    workflow.extract(read(file, source, target), side, output)
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
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # half a character in a file must not end the command
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
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            _fail("the disk is full; nothing more could be written")
        raise
