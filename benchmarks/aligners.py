"""Our aligner beside the peers that PyPI carries, with the same sentence vectors, in one run.

    python -m benchmarks.aligners                  # seeded data of our own
    python -m benchmarks.aligners --data FOLDER    # every subfolder with NNN.src, NNN.tgt, NNN.gold is a set
    python -m benchmarks.aligners --growth         # time and memory from 1,000 to 20,000 sentences a side, encoding included

Columns: strict and lax F1, null precision/recall, expected calibration error where a peer gives probabilities, seconds of aligning alone.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from align.aligner import align_vectors
from align.aligner.train import read_folder
from align.bitext import Bead
from align.metrics import alignment_scores, calibration_error, merge_scores
from align.vectors import unit
from benchmarks.memory import peak_megabytes
from benchmarks.perturb import MIXES, documents
from benchmarks.sentences import pairs

PEERS_TO = 1_000  # sentences a side: vecalign encodes every join, ten texts a sentence
Case = tuple[list[str], list[str], list[Bead]]


class Shared:
    """One encoder for all: every text is encoded once, and the time of encoding is kept apart from that of aligning."""

    def __init__(self) -> None:
        from models import load_encoder

        self.encoder, self.known, self.seconds = load_encoder(), {}, 0.0  # type: ignore[var-annotated]

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        start = time.perf_counter()
        new = [t for t in dict.fromkeys(texts) if t not in self.known]
        if new:
            self.known.update(zip(new, unit(self.encoder.encode(new)), strict=True))
        out = np.stack([self.known[t] for t in texts])
        self.seconds += time.perf_counter() - start
        return out

    encode = __call__


def ours(source: list[str], target: list[str], shared: Shared) -> list[Bead]:
    return [f.bead for f in align_vectors(shared(source), shared(target), sentences=(source, target)).found]


def ours_vectors_only(source: list[str], target: list[str], shared: Shared) -> list[Bead]:
    return [f.bead for f in align_vectors(shared(source), shared(target)).found]


def vecalign(source: list[str], target: list[str], shared: Shared) -> list[Bead]:
    from sentalign import sentalign

    found = sentalign(source, target, shared, alignment_max_size=6)
    return [Bead(tuple(a.src_indices), tuple(a.tgt_indices)) for a in found.alignments]


def gale_church(source: list[str], target: list[str], shared: Shared) -> list[Bead]:
    import galechurch

    beads = galechurch.align(source, target).beads
    return [Bead(tuple(range(b.source_start, b.source_end)), tuple(range(b.target_start, b.target_end))) for b in beads]


ALIGNERS: dict[str, Callable[[list[str], list[str], Shared], list[Bead]]] = {
    "ours": ours,
    "ours, vectors only": ours_vectors_only,
    "vecalign (sentalign 0.3.0)": vecalign,
    "Gale-Church (galechurch 0.1.0)": gale_church,
}


def load(folder: Path | None) -> dict[str, list[Case]]:
    """Sets of documents by name."""
    if folder is None:
        sets = {}
        for name in ("clean", "heavy", "gap"):
            drafts = documents(pairs(1_000, 3), MIXES[name], 3, 250, 11)
            sets[f"own-{name}"] = [(d.source, d.target, [Bead(tuple(s), tuple(t)) for s, t in d.gold]) for d in drafts]
        return sets
    found = sorted({p.parent for p in folder.rglob("*.gold")})
    return {
        f.name: [(s, t, [Bead(tuple(a), tuple(b)) for a, b in gold]) for _, s, t, gold in read_folder(f)] for f in found
    }


def compare(sets: dict[str, list[Case]]) -> None:
    shared = Shared()
    for cases in sets.values():
        for source, target, _ in cases:
            shared(source + target)
    print(f"{'set':<14}{'aligner':<32}{'strict':>7}{'lax':>7}{'null P/R':>12}{'ECE':>8}{'seconds':>9}")
    for name, cases in sets.items():
        for title, run in ALIGNERS.items():
            shared.seconds, start = 0.0, time.perf_counter()
            try:
                results = [(gold, run(source, target, shared)) for source, target, gold in cases]
            except Exception as error:  # noqa: BLE001 - a peer may fail in any way; the table says so
                print(f"{name:<14}{title:<32} failed: {type(error).__name__}: {error}")
                continue
            seconds = time.perf_counter() - start - shared.seconds
            s = merge_scores([alignment_scores(gold, beads) for gold, beads in results])
            ece = f"{calibration_error(results):.3f}" if title.startswith("ours") else "-"
            null = f"{100 * s.null_precision:.0f}/{100 * s.null_recall:.0f}"
            print(f"{name:<14}{title:<32}{100 * s.strict_f1:>7.2f}{100 * s.lax_f1:>7.2f}{null:>12}{ece:>8}{seconds:>9.2f}")
    print("Bertalign is not in the table: its package needs Python 3.12 or newer.")
    source, target = ([p[k] for p in pairs(8_000, 5)] for k in (0, 1))
    try:
        gale_church(source, target, shared)
        print("Gale-Church took 8,000 x 8,000 sentences.")
    except ValueError as error:
        print(f"Gale-Church refuses 8,000 x 8,000 sentences: {str(error).splitlines()[0][:100]}")


def one_size(size: int, processes: int, name: str) -> None:
    """Align `size` sentences a side from scratch; prints seconds and memory as JSON."""
    draft = documents(pairs(size, size), MIXES["heavy"], 1, size, 5)[0]
    others: list[int] = []
    start = time.perf_counter()
    if name == "ours":
        from align import workflow
        from models import load_encoder

        encoder = load_encoder(processes=processes)
        bitext = workflow.texts(draft.source, draft.target, encoder=encoder)
        others = [w.pid for w in getattr(encoder, "_workers")._running]  # noqa: B009 - the pids are nobody else's business
        predicted = [Bead(r.source_ids, r.target_ids, r.score or 0.0) for r in bitext.rows]
    else:
        predicted = ALIGNERS[name](draft.source, draft.target, Shared())
    seconds = time.perf_counter() - start
    peak = sum(peak_megabytes(pid) for pid in ("self", *others))
    score = alignment_scores([Bead(tuple(s), tuple(t)) for s, t in draft.gold], predicted).strict_f1
    print(json.dumps({"seconds": seconds, "peak": peak, "f1": score}))


def growth(sizes: Sequence[int]) -> None:
    """Ours at every size on one process and two; peers at sizes up to PEERS_TO."""
    print(f"\nFrom texts to beads, encoding included (peers with our encoder, which is about three times as fast as its package)\n{'aligner':<32}{'sentences a side':>17}{'processes':>10}{'seconds':>9}{'ms a sentence':>15}{'peak MB':>9}{'strict F1':>11}")
    for name, processes in (("ours", 1), ("ours", 2), *((peer, 1) for peer in list(ALIGNERS)[2:])):
        for size in sizes:
            if name != "ours" and size > PEERS_TO:
                continue
            command = [sys.executable, "-m", "benchmarks.aligners", "--one", str(size), "--processes", str(processes), "--aligner", name]
            done = subprocess.run(command, check=False, capture_output=True, text=True)
            if done.returncode:
                print(f"{name:<32}{size:>17,} failed: {done.stderr.strip().splitlines()[-1][:100]}")
                continue
            found = json.loads(done.stdout.splitlines()[-1])
            print(f"{name:<32}{size:>17,}{processes:>10}{found['seconds']:>9.1f}{500 * found['seconds'] / size:>15.2f}{found['peak']:>9.0f}{100 * found['f1']:>11.2f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--all", action="store_true", help="the comparison, then the growth")
    parser.add_argument("--aligner", default="ours", help=argparse.SUPPRESS)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 5_000, 20_000])
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args()
    if options.one:
        one_size(options.one, options.processes, options.aligner)
        return
    if options.all or not options.growth:
        compare(load(options.data))
    if options.all or options.growth:
        growth(options.sizes)


if __name__ == "__main__":
    main()
