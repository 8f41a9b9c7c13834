"""Many documents: a folder of statements is paired and aligned into a work folder, in shards that can be killed and run again.

    work/plan.json                       what was asked for, so that a later run cannot mix two ways of aligning
    work/pairs.jsonl, unpaired.jsonl     who belongs to whom, and who to nobody and why
    work/parts/part-00000.parquet        the rows of the pairs of a shard; part-00000.errors.jsonl: its pairs that could not be aligned;
                                         filled-00000.parquet: the rows of documents that an engine translated (`fills.jsonl`)
    work/translated/                     finished translations by document: one that was stopped goes on where it was
    work/looks/                          what pairing read, kept for the next time

A shard whose part is there is passed over; parts are written to a temporary name, then renamed, and the same pairs give the same bytes. So any
number of machines that share the folder may each take shards (`--shard k/n`), and a run that was killed is simply started again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from align.bitext import AlignOptions, InputError, OptionError
from align.corpus_plan import LONGEST, CorpusOptions, Progress, line_of, lines_of, paired_before, plan_of, prepare
from align.corpus_rows import part_bytes
from align.guarded import Worker, spread
from align.missing import Engines, without_version
from align.pairing import DocumentPair, PairOptions

__all__ = ["CorpusOptions", "Done", "Job", "chosen", "finished", "forget_errors", "left_out", "open_job", "parts", "prepare", "run", "run_shard", "tidy", "write_part"]

FILLED = 5  # most documents in a shard of those that are translated: it is slow, and a shard is what a worker takes
PATIENCE = 10  # times the limit of a document that an engine gets to translate one


@dataclass(frozen=True, slots=True)
class Done:
    """A shard: pairs, rows and errors in it; `old`: it was there before."""

    shard: int
    pairs: int
    rows: int
    errors: int
    old: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be aligned, read from a work folder; the same everywhere."""

    folder: Path
    work: Path
    options: CorpusOptions
    pairs: tuple[DocumentPair, ...]
    fills: tuple[DocumentPair, ...] = ()
    engines: Engines = field(default_factory=dict)

    @property
    def shards(self) -> int:
        """Those of pairs (`paired`), and after them those of documents to be filled."""
        return self.paired + -(-len(self.fills) // min(FILLED, self.options.size))

    @property
    def paired(self) -> int:
        """Those of pairs."""
        return -(-len(self.pairs) // self.options.size)

    def part(self, shard: int) -> Path:
        name = f"part-{shard:05d}" if shard < self.paired else f"filled-{shard - self.paired:05d}"
        return self.work / "parts" / f"{name}.parquet"

    def of(self, shard: int) -> tuple[DocumentPair, ...]:
        if shard < self.paired:
            return self.pairs[shard * self.options.size : (shard + 1) * self.options.size]
        size, number = min(FILLED, self.options.size), shard - self.paired
        return self.fills[number * size : (number + 1) * size]

    def key(self, shard: int) -> str:
        """Names all that decides the bytes of a part."""
        from align.version import program_version

        said = [self.options.as_dict(), program_version(), [asdict(p) for p in self.of(shard)], *([dict(self.engines)] if shard >= self.paired else [])]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode("utf-8", "replace")).hexdigest()[:24]

    def worker(self) -> Worker:
        """A worker of `corpus_rows.aligning`, not started."""
        options = self.options
        settings: dict[str, Any] = {"folder": str(self.folder), "encoder": options.encoder, "device": options.device, "options": options.aligning}
        if self.fills:
            settings |= {"engines": dict(self.engines), "journals": str(self.work / "translated")}
        return Worker("align.corpus_rows:aligning", settings, options.limit)


def open_job(work: Path, *, device: str = "cpu", limit: float = 120.0, folder: Path | None = None) -> Job:
    """The job of a work folder that was prepared. folder: where the documents are now, if they were moved. InputError when it is not whole."""
    plan = plan_of(work)
    try:
        options = CorpusOptions(
            encoder=plan["encoder"], device=device, size=plan["size"], limit=limit, fill=plan.get("fill", ""),
            pairing=PairOptions(**plan["pairing"]), aligning=AlignOptions(**plan["aligning"]),
        )  # fmt: skip
        pairs, fills = (tuple(DocumentPair(**v) for v in (lines_of(work / name) if wanted else [])) for name, wanted in (("pairs.jsonl", True), ("fills.jsonl", options.fill)))
        return Job(folder or Path(plan["folder"]), work, options, pairs, fills, plan.get("engines", {}))
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, OptionError) and not 0 < limit <= LONGEST:
            raise
        raise InputError(f"{work} is not a whole work folder ({error}); run bitext corpus align FOLDER -o {work} again") from error


def chosen(job: Job, share: str | None) -> list[int]:
    """The shards of a share such as "3/10", the third of ten: every tenth. None = all, k = 0 = none (pair only). OptionError for anything else."""
    if share is None:
        return list(range(job.shards))
    first, _, count = share.partition("/")
    if not (first.isdecimal() and count.isdecimal()) or not 0 <= int(first) <= int(count) or int(count) < 1:
        raise OptionError(f"the shard is {share!r}; expected k/n with k from 1 to n, such as 3/10 (0/n aligns none)")
    return list(range(int(first) - 1, job.shards, int(count))) if int(first) else []


def run(job: Job, shards: Sequence[int] | None = None, *, workers: int = 1, progress: Progress | None = None) -> list[Done]:
    """Align these shards (None = all) in `workers` processes with an encoder each; by shard. Every pair ends as rows or as an error."""
    said = progress or (lambda message: None)
    todo = list(range(job.shards)) if shards is None else list(shards)
    found = [old for s in todo if (old := finished(job, s)) is not None]
    rest = sorted(set(todo) - {d.shard for d in found})
    tidy(job, rest)

    def do(shard: int, worker: Worker) -> None:
        found.append(run_shard(job, shard, worker))
        said(f"shard {shard}: {found[-1].pairs} pairs, {found[-1].rows} rows, {found[-1].errors} errors; {len(found)} of {len(todo)} shards")

    spread(rest, do, job.worker, workers)
    return sorted(found, key=lambda d: d.shard)


def finished(job: Job, shard: int) -> Done | None:
    """The shard as it was written before, None when it is to be done: no part, a part of other pairs or options, a part cut short."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        said = json.loads((pq.read_schema(job.part(shard)).metadata or {}).get(b"corpus", b"{}"))
    except (OSError, ValueError, pa.ArrowException):
        return None
    if said.get("key") != job.key(shard):
        return None
    return Done(shard, said["pairs"], said["rows"], said["errors"], True)


def left_out(work: Path) -> dict[str, int]:
    """What of an aligned work folder gave no rows, counted.

    failed: pairs that could not be aligned; not_filled: documents that the engine could not translate; without_version: documents in the two languages
    to which no version was found, copies aside.
    """
    job, plan = open_job(work), plan_of(work)
    errors = [(shard < job.paired, done.errors) for shard in range(job.shards) if (done := finished(job, shard)) is not None]
    found = {"failed": sum(n for pairs, n in errors if pairs), "not_filled": sum(n for pairs, n in errors if not pairs)}
    known = (work / "unpaired.jsonl").is_file() and "languages" in plan
    return {**found, "without_version": len(without_version(paired_before(work, plan))) if known else plan["unpaired"]}


def forget_errors(job: Job, shards: Sequence[int] | None = None) -> int:
    """Delete the parts of these shards (None = all) that have errors, so that the next run tries those pairs again; how many."""
    again = [s for s in (range(job.shards) if shards is None else shards) if (old := finished(job, s)) is not None and old.errors]
    for shard in again:
        job.part(shard).unlink()
    return len(again)


def tidy(job: Job, shards: Sequence[int]) -> None:
    """The folder of parts, without what a killed run left half written of these shards, and without parts of shards that there are no more."""
    parts = job.work / "parts"
    parts.mkdir(parents=True, exist_ok=True)
    wanted, every = ({job.part(s).stem for s in chosen} for chosen in (shards, range(job.shards)))
    for path in parts.glob("[!.]*-*"):
        if path.name.split(".")[0] not in every:
            path.unlink(missing_ok=True)
    for path in parts.glob(".*-*"):
        if path.name[1:].split(".")[0] in wanted:
            path.unlink(missing_ok=True)


def run_shard(job: Job, shard: int, worker: Worker) -> Done:
    """Align the pairs of a shard one after another and write its part and its errors.

    A pair whose process died is tried once more: another program may have killed it (for want of memory), and then the pair is not to blame.
    """
    rows: list[dict[str, Any]] = []
    errors: list[bytes] = []
    for pair in job.of(shard):
        worker.limit = job.options.limit * (1 if pair.source and pair.target else PATIENCE)
        answer = worker.ask(pair)
        if answer.kind == "died":
            answer = worker.ask(pair)
        if answer.error is None:
            rows += answer.value
        else:
            errors.append(line_of({"document_id": pair.id, "source": pair.source, "target": pair.target, "kind": answer.kind, "error": answer.error}))
    return write_part(job, shard, rows, errors)


def write_part(job: Job, shard: int, rows: Sequence[Mapping[str, Any]], errors: Sequence[bytes] = ()) -> Done:
    """The part of a shard, which names what it is of, and the lines of its errors."""
    from align.formats import replace_files

    done = Done(shard, len(job.of(shard)), len(rows), len(errors))
    part = job.part(shard)
    replace_files([(part.with_suffix(".errors.jsonl"), errors), (part, [part_bytes(rows, {**asdict(done), "key": job.key(shard)})])])
    return done


def parts(work: Path) -> Iterator[Path]:
    """The parts of a work folder that are written, in order. InputError when there is none, or when some are missing or are of other pairs."""
    job = open_job(work)
    missing = [s for s in range(job.shards) if finished(job, s) is None]
    if missing or not job.shards:
        what = f"{len(missing)} of {job.shards} shards are not aligned yet (the first is {missing[0]})" if missing else "it has no pairs"
        raise InputError(f"{work} is not ready: {what}; run bitext corpus align {job.folder} -o {work}")
    return iter([job.part(s) for s in range(job.shards)])
