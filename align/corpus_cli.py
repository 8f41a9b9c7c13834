"""The commands `bitext corpus ...`: folders of statements to data sets."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from align.terminal import code

if TYPE_CHECKING:
    from align.corpus import Done, Job

app = typer.Typer(help="Parallel data sets from folders of statements.", no_args_is_help=True, add_completion=False, rich_markup_mode=None)

Workers = Annotated[int, typer.Option("--workers", help="processes, each with an encoder of its own")]
Limit = Annotated[float, typer.Option("--time-limit", help="seconds for a document")]


def _say(message: str) -> None:
    typer.echo(message, err=True)


@app.command("align", epilog="Example: bitext corpus align statements/ -o work/ --workers 2")
def align_folder(
    folder: Annotated[Path, typer.Argument(help="a folder of statements, in any depth")],
    work: Annotated[Path, typer.Option("-o", "--output", help="the work folder; run again, it goes on where it stopped")],
    source: Annotated[Optional[str], typer.Option("--from", callback=code, help="language of the source; the two commonest if not given")] = None,  # noqa: UP045
    target: Annotated[Optional[str], typer.Option("--to", callback=code, help="language of the target")] = None,  # noqa: UP045
    share: Annotated[Optional[str], typer.Option("--shard", help="k/n: only every n-th shard, from the k-th on; 0/1 only pairs")] = None,  # noqa: UP045
    size: Annotated[int, typer.Option("--shard-size", help="pairs of documents in a shard")] = 100,
    workers: Workers = 1,
    limit: Limit = 120.0,
    encoder: Annotated[str, typer.Option("--encoder", help="as in bitext align")] = "use",
    device: Annotated[str, typer.Option("--device", help="cpu, cuda ...")] = "cpu",
    fill: Annotated[bool, typer.Option("--fill", help="translate the documents without a partner; their rows are marked as a machine's, and have ten times the limit")] = False,
    engine: Annotated[str, typer.Option("--engine", help="who translates with --fill; see bitext engines")] = "auto",
    again: Annotated[bool, typer.Option("--again", help="pair anew, and try again what failed")] = False,
    ray: Annotated[Optional[str], typer.Option("--ray", help="run under Ray: local, auto, or a cluster's address")] = None,  # noqa: UP045
    gpus: Annotated[float, typer.Option("--gpus", help="share of a GPU for a worker under Ray")] = 0.0,
) -> None:
    """Pair the documents of a folder and align every pair, in shards that may be killed and run again."""
    from align import corpus
    from align.bitext import InputError, OptionError
    from align.looks import KINDS
    from align.pairing import PairOptions

    if engine != "auto" and not fill:
        raise OptionError(f"--engine {engine} is for --fill; give both, or neither")
    options = corpus.CorpusOptions(encoder=encoder, device=device, size=size, limit=limit, fill=engine if fill else "", pairing=PairOptions(source=source, target=target))
    pairing = corpus.prepare(folder, work, options, workers=workers, again=again, progress=_say)
    if not pairing.pairs and not pairing.unpaired:
        raise InputError(f"{folder} holds no documents, in any depth; expected files that end in {', '.join(KINDS)}")
    job = corpus.open_job(work, device=device, limit=limit, folder=folder)
    shards = corpus.chosen(job, share)
    if again:
        corpus.forget_errors(job, shards)
    if ray:
        from align.cluster import run_on_ray

        done = run_on_ray(job, shards, address=ray, workers=workers, gpus=gpus)
    else:
        done = corpus.run(job, shards, workers=workers, progress=_say)
    _done(job, done)
    _say(f"{len(pairing.unpaired)} documents unpaired, see {work / 'unpaired.jsonl'}")


@app.command(epilog="Example: bitext corpus shard work/ --shard 3/10")
def shard(
    work: Annotated[Path, typer.Argument(help="a work folder whose documents are paired (bitext corpus align, also with another --shard)")],
    share: Annotated[str, typer.Option("--shard", help="k/n: every n-th shard, from the k-th on")],
    folder: Annotated[Optional[Path], typer.Option("--folder", help="where the statements are, if not where they were paired")] = None,  # noqa: UP045
    workers: Workers = 1,
    limit: Limit = 120.0,
    device: Annotated[str, typer.Option("--device", help="cpu, cuda ...")] = "cpu",
) -> None:
    """Align a share of the shards of a work folder: the command for a job array, one job a share."""
    from align import corpus

    job = corpus.open_job(work, device=device, limit=limit, folder=folder)
    _done(job, corpus.run(job, corpus.chosen(job, share), workers=workers, progress=_say))


def _done(job: Job, done: Sequence[Done]) -> None:
    rows, errors = sum(d.rows for d in done), sum(d.errors for d in done)
    fills = f" and {len(job.fills)} documents to be translated" if job.fills else ""
    _say(f"{len(job.pairs)} pairs{fills} in {job.shards} shards; here {len(done)} shards, {rows} rows, {errors} errors")


@app.command(epilog="Example: bitext corpus build work/ -o dataset/ --min-score 0.9")
def build(
    work: Annotated[Path, typer.Argument(help="the work folder of bitext corpus align")],
    output: Annotated[Path, typer.Option("-o", "--output", help="the data set's folder")],
    min_score: Annotated[Optional[float], typer.Option("--min-score", help="least confidence of a row; 0.9 if not given")] = None,  # noqa: UP045
    least: Annotated[Optional[list[str]], typer.Option("--least", help="NAME=NUMBER, threshold of a filter; may be given again")] = None,  # noqa: UP045
    machine: Annotated[bool, typer.Option("--machine", help="keep rows that an engine wrote (corpus align --fill), for training")] = False,
    validation: Annotated[float, typer.Option("--validation", help="share of the documents")] = 0.05,
    test: Annotated[float, typer.Option("--test", help="share of the documents")] = 0.05,
    seed: Annotated[int, typer.Option("--seed", help="of the split")] = 1,
    also: Annotated[Optional[str], typer.Option("--also", help="further formats: moses,tmx,jsonl ...")] = None,  # noqa: UP045
    license: Annotated[str, typer.Option("--license", help="for the card")] = "unknown",
    sources: Annotated[Optional[str], typer.Option("--sources", help="where the texts come from, for the card")] = None,  # noqa: UP045
) -> None:
    """Filter the rows of a work folder, split them by document and write a data set with its card."""
    from align import card, dataset
    from align.filters import least_of

    wanted = least_of(least or [])
    if min_score is not None:
        wanted["confidence"] = min_score
    if machine:
        wanted["human"] = 0.0
    options = dataset.BuildOptions(
        least=wanted, validation=validation, test=test, seed=seed, also=tuple(n.strip() for n in (also or "").split(",") if n.strip()), license=license, sources=sources,
    )  # fmt: skip
    typer.echo(card.report_text(dataset.build(work, output, options)), nl=False)
    _say(f"wrote {output}")


@app.command(epilog="Example: bitext corpus report dataset/ -o report.html")
def report(
    data: Annotated[str, typer.Argument(help="a data set of ours, a Parquet, TMX or other bitext file, NAME.moses, or OWNER/NAME of the hub")],
    source: Annotated[Optional[str], typer.Option("--from", callback=code)] = None,  # noqa: UP045
    target: Annotated[Optional[str], typer.Option("--to", callback=code)] = None,  # noqa: UP045
    output: Annotated[Optional[Path], typer.Option("-o", "--output", help="file to write: .html (a page with plots), .json or .txt")] = None,  # noqa: UP045
    as_json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,
    encode: Annotated[bool, typer.Option("--encode/--no-encode", help="measure similarities where the data bring none")] = True,
) -> None:
    """Size, lengths, languages, repetitions, similarity and the worst rows of any parallel data set."""
    from align import survey, survey_page, survey_rows
    from align.formats import replace_files
    from models import load_encoder

    kind = output.suffix.lstrip(".").lower() if output else "json" if as_json else "txt"
    survey_page.known(kind)
    codes, rows = survey_rows.parallel_rows(data, source, target)
    found = {"title": survey_page.title_of(data), **survey.survey(codes, rows, load_encoder() if encode else None)}
    text = survey_page.written(found, kind)
    if output:
        replace_files([(output, [text.encode("utf-8", "replace")])])
        _say(f"wrote {output}")
    else:
        typer.echo(text, nl=False)
        sys.stdout.flush()


@app.command(epilog="Example: bitext corpus push dataset/ owner/name")
def push(
    folder: Annotated[Path, typer.Argument(help="the data set's folder")],
    name: Annotated[str, typer.Argument(help="OWNER/NAME on the Hugging Face Hub")],
    token: Annotated[Optional[str], typer.Option("--token", help="HF_TOKEN if not given")] = None,  # noqa: UP045
    private: Annotated[bool, typer.Option("--private", help="make it private")] = False,
) -> None:
    """Upload a data set with its card to the Hugging Face Hub."""
    from align import dataset_files

    typer.echo(dataset_files.push(folder, name, token=token, private=private))
