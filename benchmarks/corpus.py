"""Folders of statements: how well documents are paired, how fast they are aligned, how much memory it takes.

    python -m benchmarks.corpus [--documents 200 1000] [--workers 1 2] [--pairing 400] [--memory 500 2000] [--sentences 8] [--seeds 1]

`--documents`: pairs of documents, for speed and memory; `--memory`: statements whose names say nothing, paired by content, for its memory.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.memory import peak_megabytes
from benchmarks.perturb import MIXES, perturb
from benchmarks.sentences import pairs

SPARE = 40  # sentence pairs that only near duplicates use


def generate(
    folder: Path, count: int, sentences: int = 8, seed: int = 1, *,
    names: str = "plain", twins: float = 0.0, missing: float = 0.0, mix: str = "clean"
) -> dict[str, str]:
    """Write `count` statements in English and Russian; source name -> target name of those of which both versions are there.

    names: "plain" (k.en.txt, k.ru.txt) or "none" (shuffled numbers that say nothing). twins: share of statements that repeat an earlier one with
    other numbers or a quarter of the sentences replaced; missing: share of versions that are not written; mix: of `benchmarks.perturb`, how
    the two versions were edited apart.
    """
    rng = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    pool = pairs(count * sentences + SPARE, seed)
    statements: list[list[tuple[str, str]]] = []
    for k in range(count):
        own = pool[k * sentences : (k + 1) * sentences]
        if statements and rng.random() < twins:
            own = _twin(rng.choice(statements[-20:]), own, rng)
        statements.append(own)
    labels = list(range(2 * count))
    rng.shuffle(labels)
    gold: dict[str, str] = {}
    for k, statement in enumerate(statements):
        written = []
        draft = perturb(statement, MIXES[mix], pool[-SPARE:], rng)
        for side, code in enumerate(("en", "ru")):
            name = f"statement-{k:05d}.{code}.txt" if names == "plain" else f"{labels[2 * k + side]:06d}.txt"
            if rng.random() >= missing:
                (folder / name).write_text(_text((draft.source, draft.target)[side]), "utf-8")
                written.append(name)
        if len(written) == 2:
            gold[written[0]] = written[1]
    return gold


def _twin(old: list[tuple[str, str]], new: list[tuple[str, str]], rng: random.Random) -> list[tuple[str, str]]:
    """A near duplicate: half of them with every number changed alike in both versions, half with a quarter of the sentences replaced."""
    if rng.random() < 0.5:
        shift = rng.randint(1, 9)
        return [tuple(re.sub(r"\d+", lambda m: str(int(m[0]) + shift), side) for side in pair) for pair in old]  # type: ignore[misc]
    changed = set(rng.sample(range(len(old)), max(1, len(old) // 4)))
    return [new[k] if k in changed else old[k] for k in range(len(old))]


def _text(sentences: list[str]) -> str:
    """Paragraphs of three sentences."""
    return "\n\n".join(" ".join(sentences[i : i + 3]) for i in range(0, len(sentences), 3)) + "\n"


@dataclass(frozen=True, slots=True)
class PairingScores:
    """precision, recall: of document pairs, in [0, 1]; listed: every file is in pairs.jsonl or unpaired.jsonl, once; seconds: for all of it."""

    precision: float
    recall: float
    listed: bool
    seconds: float
    wrong: int
    missed: int


def pairing_scores(folder: Path, count: int, sentences: int, seed: int, mix: str = "clean", twins: float = 0.3) -> PairingScores:
    """Pair `count` shuffled, renamed statements of which 10% of the versions are missing and `twins` are near duplicates."""
    from align import corpus

    gold = generate(folder / "statements", count, sentences, seed, names="none", twins=twins, missing=0.1, mix=mix)
    start = time.perf_counter()
    corpus.prepare(folder / "statements", folder / "work", workers=2)
    return scores_of(folder, gold, time.perf_counter() - start)


def scores_of(folder: Path, gold: dict[str, str], seconds: float) -> PairingScores:
    """Of the pairs in folder/work against those of `generate`."""
    found, rest = ([json.loads(x) for x in (folder / "work" / f"{n}.jsonl").read_text("utf-8").splitlines()] for n in ("pairs", "unpaired"))
    right = sum(gold.get(p["source"]) == p["target"] for p in found)
    seen = Counter([x for p in found for x in (p["source"], p["target"])] + [u["path"] for u in rest])
    listed = seen == Counter(p.name for p in (folder / "statements").iterdir())
    return PairingScores(right / max(1, len(found)), right / len(gold), listed, seconds, len(found) - right, len(gold) - right)


def pairing_memory(folder: Path, count: int, sentences: int) -> tuple[PairingScores, float, float]:
    """(scores, peak megabytes of the program, of its largest worker) of pairing by content alone, in a process of its own."""
    gold = generate(folder / "statements", count, sentences, names="none", twins=0.3, missing=0.1)
    seconds, own, largest = run(folder / "statements", folder / "work", 2, "--shard", "0/1")
    return scores_of(folder, gold, seconds), own, largest


def run(statements: Path, work: Path, workers: int, *more: str) -> tuple[float, float, float]:
    """(seconds, peak megabytes of the program, of its largest worker) of `bitext corpus align` in a process of its own."""
    command = [sys.executable, "-m", "align", "corpus", "align", str(statements), "-o", str(work), "--workers", str(workers), "--shard-size", "20", *more]
    start = time.perf_counter()
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    peak: dict[int, float] = {}
    while process.poll() is None:
        for pid in (process.pid, *_children(process.pid)):
            peak[pid] = max(peak.get(pid, 0.0), peak_megabytes(pid))
        time.sleep(0.05)
    seconds = time.perf_counter() - start
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    own = peak.pop(process.pid)
    return seconds, own, max(peak.values(), default=0.0)


def _children(pid: int) -> list[int]:
    out: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            out += [int(x) for x in path.read_text().split()]
        except OSError:  # a thread that has ended
            continue
    return out


def encoder_share(statements: Path, work: Path) -> float:
    """Share of the time of aligning that is spent in the encoder, in this process."""
    import models
    from align import corpus, workflow
    from align.documents import read_document
    from align.sentences import split

    encoder, spent = models.load_encoder(), [0.0]
    encoder.encode(["warm"])
    real = encoder.encode

    def timed(texts: list[str]) -> object:
        start = time.perf_counter()
        try:
            return real(texts)
        finally:
            spent[0] += time.perf_counter() - start

    encoder.encode = timed  # type: ignore[method-assign, assignment]
    job = corpus.open_job(work)
    start = time.perf_counter()
    for pair in job.pairs[:60]:
        sides = [(d, split(d)) for d in (read_document(statements / p, language=c) for p, c in ((pair.source, "en"), (pair.target, "ru")))]
        workflow.documents(sides[0], sides[1], encoder=encoder)
    return spent[0] / (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, nargs="+", default=[200, 1_000])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--pairing", type=int, default=400)
    parser.add_argument("--memory", type=int, nargs="*", default=[500, 2_000])
    parser.add_argument("--sentences", type=int, default=8)
    parser.add_argument("--seeds", type=int, default=1)
    options = parser.parse_args()
    with TemporaryDirectory() as place:
        for mix in ("clean", "heavy"):
            for seed in range(1, options.seeds + 1):
                s = pairing_scores(Path(place) / f"{mix}-{seed}", options.pairing, 12, seed, mix)
                print(
                    f"pairing, {mix}, {options.pairing} statements of 12 sentences, names without meaning, 10% of versions missing, 30% near duplicates: "
                    f"precision {s.precision:.2%} ({s.wrong} wrong), recall {s.recall:.2%} ({s.missed} missed), all listed: {s.listed}, {s.seconds:.0f} s",
                    flush=True,
                )
        for count in options.memory:
            s, own, largest = pairing_memory(Path(place) / f"m{count}", count, options.sentences)
            print(
                f"pairing by content, {count:,} statements of {options.sentences} sentences: precision {s.precision:.2%}, recall {s.recall:.2%}, {s.seconds:.0f} s, "
                f"peak memory {own:.0f} MB, largest worker {largest:.0f} MB",
                flush=True,
            )
        for count in options.documents:
            statements = Path(place) / f"s{count}"
            generate(statements, count, options.sentences)
            for workers in options.workers:
                seconds, own, largest = run(statements, Path(place) / f"w{count}-{workers}", workers)
                print(
                    f"{count:,} pairs of documents, {workers} worker(s): {seconds:.1f} s with start-up, {count / seconds:.1f} pairs and {2 * count * options.sentences / seconds:.0f} "
                    f"sentences a second; peak memory {own:.0f} MB, largest worker {largest:.0f} MB",
                    flush=True,
                )
        print(f"share of the time of aligning in the encoder: {encoder_share(statements, Path(place) / f'w{count}-{workers}'):.0%}")


if __name__ == "__main__":
    main()
