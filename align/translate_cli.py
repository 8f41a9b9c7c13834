"""The commands that translate: translate, fill, compare, engines. `align.cli` takes them over."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from align.terminal import From, Input, To, always, code, deliver, deliverable, read, say

if TYPE_CHECKING:
    from align.bitext import Bitext

app = typer.Typer()
LONGEST = 200  # bytes of a file's name that still take what we put around it; a system takes 255

Engine = Annotated[str, typer.Option("--engine", help="auto, or one of bitext engines, a hub name, a local folder, a server's address")]
Beam = Annotated[int, typer.Option("--beam", help="width of the search, 1 to 16")]
Memories = Annotated[Optional[list[Path]], typer.Option("--memory", help="a bitext whose pairs come before the engine's, or the word projects for all saved ones; may be given again")]  # noqa: UP045
Glossary = Annotated[Optional[Path], typer.Option("--glossary", help="terms: source TAB target, one a line")]  # noqa: UP045
Terms = Annotated[bool, typer.Option("--terms/--no-terms", help="hold the engine to our own terms and names too, where the language pair has some")]


@app.command(epilog="Example: bitext translate statement.en.txt --to ru -o statement.tmx")
def translate(
    file: Annotated[str, typer.Argument(help="one version of a statement; - for standard input")] = "-",
    target: Annotated[str, typer.Option("--to", callback=code, help="language of the missing version")] = "",
    source: From = None,
    output: Annotated[Optional[Path], typer.Option("-o", "--output", help="bitext, or .txt or .docx for the new version alone")] = None,  # noqa: UP045
    engine: Engine = "auto",
    lines: Annotated[bool, typer.Option("--lines", help="one segment a line in, one a line out")] = False,
    beam: Beam = 4,
    memory: Memories = None,
    glossary: Glossary = None,
    terms: Terms = True,
) -> None:
    """Translate the version that is missing; every row says who made it."""
    from align import workflow
    from align.bitext import OptionError
    from align.formats.single import KINDS
    from align.searching import FillOptions

    if not target:
        raise OptionError("no language to translate into; give it with --to, such as --to ru")
    if output is not None:
        deliverable(output, kinds=[output.suffix[1:].lower()] if lines else KINDS, reads=[file, *_files(memory, glossary)])
    known, options = workflow.glossary(glossary) if glossary else (), FillOptions(beam=beam, terms=terms)
    if lines:
        if not source:
            raise OptionError("--lines needs the language of the input; give it with --from, such as --from en")
        with Input(file) as path:
            text = _whole(path)
        ended = text.endswith("\n")
        given = (text[:-1] if ended else text).split("\n") if text else []
        made = workflow.translate_lines(
            given, source=source, target=target, translator=engine, options=options, memories=memory or (), glossary=known, progress=always,
            noted=lambda number, note: typer.echo(f"line {number + 1}: {note}", err=True),
        )  # fmt: skip
        out = "\n".join(made) + ("\n" if ended else "")
        if output is None:
            sys.stdout.buffer.write(out.encode("utf-8", "surrogatepass"))
            sys.stdout.flush()
        else:
            from align.formats import replace_files

            replace_files([(output, [out.encode("utf-8", "surrogatepass")])])
        return
    with Input(file) as path, _Journal(output) as journal:
        bitext = workflow.translate(
            Path(path), source=source, target=target, translator=engine, options=options, memories=memory or (), glossary=known,
            journal=journal, progress=always,
        )  # fmt: skip
        _filled(bitext)
        if output is not None and output.suffix[1:].lower() in KINDS:
            workflow.extract(bitext, "target", output)
            typer.echo(f"wrote {output}", err=True)
        else:
            deliver(bitext, output, None)


def _whole(path: str) -> str:
    from align.bitext import InputError
    from align.documents import decode

    try:
        return decode(Path(path).read_bytes())[0].replace("\r\n", "\n")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error


def _files(memory: Sequence[Path | str] | None, glossary: Path | None) -> list[Path]:
    """What a translation reads besides its text, which the result must not replace."""
    return [Path(path) for path in (*(memory or ()), *([glossary] if glossary else ())) if str(path) != "projects"]


class _Journal:
    """The file beside the output that keeps finished rows; it goes when the output is written, and stays when the run was stopped."""

    def __init__(self, output: Path | None) -> None:
        name = output.name if output else ""
        if len(os.fsencode(name)) > LONGEST:
            name = sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
        self.path = None if output is None else output.with_name(f".{name}.rows")

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
    """Said of engines of ours whose card has too low a BLEU for this direction; the rows say it too, at the end of the engine's id."""
    from models import card_of

    for engine in engines:
        card = card_of(engine.split(":")[1].split("@")[0])
        if card and engine.endswith("-draft"):
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
    terms: Terms = True,
) -> None:
    """Translate only what is missing in a bitext; finished rows are kept when it is stopped and run again."""
    from align import workflow
    from align.searching import FillOptions

    deliverable(output, reads=_files(memory, glossary))
    known, options = workflow.glossary(glossary) if glossary else (), FillOptions(beam=beam, terms=terms)
    bitext = read(file, source, target)
    with _Journal(output) as journal:
        done = workflow.fill(bitext, engine, options=options, memories=memory or (), glossary=known, journal=journal, progress=always)
        _filled(done)
        deliver(done, output, None)


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
    from align.comparison.report import WRITERS, known
    from align.formats import replace_files

    names = [name.strip() for name in engines.split(",") if name.strip()]
    kind = "txt" if output is None else output.suffix[1:].lower()
    known(kind)
    if output is not None:
        deliverable(output, kinds=WRITERS, reads=[file])
    found = workflow.compare(read(file, source, target), names, source=source, target=target, progress=say)
    text = comparison.written(found, kind)
    if output is None:
        typer.echo(text, nl=False)
    else:
        replace_files([(output, [text.encode("utf-8", "surrogatepass")])])
        typer.echo(f"wrote {output}: {found.headline}", err=True)
    if all(c.error for c in found.engines):
        raise typer.Exit(2)


@app.command(epilog="Example: bitext engines --from en --to ru")
def engines(source: Annotated[str, typer.Option("--from", callback=code)] = "en", target: Annotated[str, typer.Option("--to", callback=code)] = "ru") -> None:
    """Translation engines: what works here, what can be fetched, size, licence, quality."""
    from models import DRAFT
    from models.catalogue import describe

    for entry in describe(source, target):
        size = f"{entry['size_mb']} MB" if entry["size_mb"] else ""
        draft = " (draft quality)" if entry["bleu"] and entry["bleu"] < DRAFT else ""
        bleu = f"BLEU {entry['bleu']}{draft} on {entry['scored_on']}" if entry["bleu"] else ""
        facts = "; ".join(fact for fact in (entry["about"], size, bleu, entry["speed"], entry["licence"]) if fact)
        typer.echo(f"{entry['name']:<10}{'works' if entry['works'] else 'not here':<10}{facts}")
        if entry["todo"]:
            typer.echo(f"{'':<20}{entry['todo']}")
