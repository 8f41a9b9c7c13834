"""Train the weights: python -m align.aligner.train FOLDER... -o weights.json

A folder holds NNN.src and NNN.tgt (one sentence a line) and NNN.gold (one bead a line). Maximum likelihood of the gold beads under the random
field, with the gradient from its posteriors, an L2 penalty towards zero, and L-BFGS (scipy, extra `train`).
"""

from __future__ import annotations

import argparse
import datetime
import math
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from align import vectors
from align.aligner import align_vectors
from align.aligner.band import find_band
from align.aligner.features import PAIR_NAMES, blocks, names_of
from align.aligner.problem import NULL_NAMES, Problem, prepare
from align.aligner.programme import LOW, TYPES, Scores, posteriors
from align.aligner.surface import look
from align.aligner.weights import Weights, dump, from_flat, parse
from align.bitext import AlignError, InputError

Gold = Sequence[tuple[Sequence[int], Sequence[int]]]
Drawn = tuple[np.ndarray, np.ndarray, tuple[list[str], list[str]] | None, Gold]


@dataclass(frozen=True, slots=True)
class Example:
    """A pair of documents with its features laid out for the trainer.

    features[t]: float32 (features of type t, cells), cells row by row through the band; possible[t]: bool (cells,); gold[t]: cells of
    the gold beads; null, opened: what the gold leaves unpaired. `weight`: how much the example counts.
    """

    problem: Problem
    features: list[np.ndarray]
    possible: list[np.ndarray]
    offsets: np.ndarray
    gold: list[list[int]]
    null_source: list[int]
    null_target: list[int]
    opened: int
    weight: float = 1.0


def lay_out(problem: Problem) -> tuple[list[np.ndarray], list[np.ndarray], np.ndarray]:
    """features and possible cells by type, and the offset of every band row among the cells."""
    lo, hi = problem.band.lo, problem.band.hi
    offsets = np.concatenate(([0], np.cumsum(hi - lo + 1)))
    features = [np.zeros((len(names_of(t)), offsets[-1]), np.float32) for t in range(len(TYPES))]
    possible = [np.zeros(offsets[-1], bool) for _ in TYPES]
    for block in blocks(problem):
        for i in range(block.r0, block.r1):
            cells = slice(offsets[i], offsets[i + 1])
            columns = slice(lo[i] - block.c0, hi[i] + 1 - block.c0)
            for t in range(len(TYPES)):
                features[t][:, cells] = block.features[t][:, i - block.r0, columns]
                possible[t][cells] = block.possible[t][i - block.r0, columns]
    return features, possible, offsets


def example(problem: Problem, beads: Iterable[tuple[Sequence[int], Sequence[int]]], weight: float = 1.0) -> tuple[Example, int]:
    """An example and how many gold beads were left out of it, because the band or the types do not hold them."""
    features, possible, offsets = lay_out(problem)
    lo, hi, lost = problem.band.lo, problem.band.hi, 0
    gold: list[list[int]] = [[] for _ in TYPES]
    null_source: list[int] = []
    null_target: list[int] = []
    opened, after = 0, False
    for source, target in beads:
        if not source or not target:
            null_source += source
            null_target += target
            opened, after = opened + (not after), True
            continue
        after = False
        kind, (i, j) = (len(source), len(target)), (source[0], target[0])
        if kind in TYPES and lo[i] <= j <= hi[i] and lo[i + kind[0]] <= j + kind[1] <= hi[i + kind[0]]:
            gold[TYPES.index(kind)].append(int(offsets[i] + j - lo[i]))
        else:
            lost += 1
    return Example(problem, features, possible, offsets, gold, null_source, null_target, opened, weight), lost


def loss(weights: Weights, item: Example) -> tuple[float, np.ndarray]:
    """Negative log-likelihood of the gold beads and its gradient by `Weights.flat`."""
    problem, p, q = item.problem, len(PAIR_NAMES), len(NULL_NAMES)
    values = [
        np.where(ok, weights.pair[names_of(t)].astype(np.float32) @ f, LOW)
        for t, (f, ok) in enumerate(zip(item.features, item.possible, strict=True))
    ]
    stacked = np.stack(values).astype(np.float64)
    rows = [stacked[:, item.offsets[k] : item.offsets[k + 1]] for k in range(len(item.offsets) - 1)]
    null = problem.null_source @ weights.null, problem.null_target @ weights.null
    found = posteriors(problem.band, Scores(rows, *null, weights.opening))
    gradient = np.zeros(p + q + 1)
    total = -found.log_z
    chance = np.concatenate(found.pairs, axis=1)
    for t, cells in enumerate(item.gold):
        total += float(stacked[t, cells].sum())
        names = names_of(t)
        gradient[names] += item.features[t][:, cells].sum(axis=1) - item.features[t] @ chance[t].astype(np.float32)
    for features, values_, ids, marginal in (
        (problem.null_source, null[0], item.null_source, found.source),
        (problem.null_target, null[1], item.null_target, found.target),
    ):
        total += float(values_[ids].sum())
        gradient[p : p + q] += features[ids].sum(axis=0) - features.T @ marginal
    total += weights.opening * item.opened
    gradient[-1] += item.opened - found.opening
    return -total * item.weight, -gradient * item.weight


def fit(examples: Sequence[Example], *, l2: float = 1.0, steps: int = 80, start: Weights | None = None) -> Weights:
    """Weights that make the gold beads likeliest. l2: strength of the penalty l2 / 2 * |w|^2 (biases are free of it)."""
    from scipy.optimize import minimize

    free = np.array([name.startswith("bias.1-") for name in PAIR_NAMES] + [name == "bias" for name in NULL_NAMES] + [True])
    penalty = np.where(free, 0.01 * l2, l2)

    size = spread(examples)

    def objective(scaled: np.ndarray) -> tuple[float, np.ndarray]:
        flat = scaled / size
        weights = from_flat(flat, {})
        parts = [loss(weights, item) for item in examples]
        gradient = np.sum([g for _, g in parts], axis=0) + penalty * flat
        return sum(v for v, _ in parts) + 0.5 * float(penalty @ flat**2), gradient / size

    first = np.zeros(len(free)) if start is None else start.flat() * size
    done = minimize(objective, first, jac=True, method="L-BFGS-B", options={"maxiter": steps})
    return from_flat(done.x / size, {"loss": round(float(done.fun), 2), "iterations": int(done.nit)})


def spread(examples: Sequence[Example]) -> np.ndarray:
    """Root mean square of every feature over the gold beads and unpaired sentences: the scale on which the search for weights walks."""
    p, q = len(PAIR_NAMES), len(NULL_NAMES)
    squares, counts = np.full(p + q + 1, 1.0), np.full(p + q + 1, 1.0)
    for item in examples:
        for t, cells in enumerate(item.gold):
            squares[names_of(t)] += (item.features[t][:, cells].astype(np.float64) ** 2).sum(axis=1)
            counts[names_of(t)] += len(cells)
        for features, ids in ((item.problem.null_source, item.null_source), (item.problem.null_target, item.null_target)):
            squares[p : p + q] += (features[ids] ** 2).sum(axis=0)
            counts[p : p + q] += len(ids)
    return np.sqrt(squares)


def calibrate(weights: Weights, documents: Sequence[Drawn], floor: float = 1e-5) -> tuple[float, float]:
    """(slope, offset) of a logistic regression of "this bead is in the gold" on the logit of its posterior (Platt 1999)."""
    from scipy.optimize import minimize

    bare = from_flat(weights.flat(), weights.card)
    logits, right = [], []
    for x, y, sentences, gold in documents:
        known = {(tuple(s), tuple(t)) for s, t in gold}
        for found in align_vectors(x, y, sentences=sentences, weights=bare).found:
            p = min(max(found.bead.score, floor), 1.0 - floor)
            logits.append(math.log(p / (1.0 - p)))
            right.append((found.bead.source, found.bead.target) in known)
    z, r = np.array(logits), np.array(right, float)

    def objective(w: np.ndarray) -> float:
        a = w[0] * z + w[1]
        return float(np.mean(np.logaddexp(0.0, a) - r * a))

    slope, offset = minimize(objective, np.array([1.0, 0.0])).x
    return float(slope), float(offset)


def read_folder(folder: Path) -> list[tuple[str, list[str], list[str], list[tuple[list[int], list[int]]]]]:
    """(name, source sentences, target sentences, gold beads) of every NNN.gold in a folder; InputError where there is none."""
    found = []
    for path in sorted(folder.glob("*.gold")):
        sides = [path.with_suffix(suffix).read_text("utf-8").split("\n") for suffix in (".src", ".tgt")]
        for lines in sides:
            if lines and not lines[-1]:
                lines.pop()
        beads = [
            (list(map(int, re.findall(r"\d+", left))), list(map(int, re.findall(r"\d+", right))))
            for left, right in (line.split(":")[:2] for line in path.read_text("utf-8").splitlines() if line.strip())
        ]
        found.append((str(path), sides[0], sides[1], beads))
    if not found:
        raise InputError(f"{folder} holds no NNN.gold; expected NNN.src, NNN.tgt and NNN.gold")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Train on folders and write the weights; 2 and one line on bad input."""
    parser = argparse.ArgumentParser(prog="python -m align.aligner.train", description="Train the aligner's weights.")
    parser.add_argument("folders", nargs="+", metavar="FOLDER[=WEIGHT]", help="documents with gold beads; the weight is 1 unless given")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--name", default="text")
    parser.add_argument("--vectors-only", action="store_true", help="use no evidence but the vectors")
    parser.add_argument("--encoder", default="use")
    parser.add_argument("--l2", type=float, default=0.5)
    parser.add_argument("--steps", type=int, default=80)
    parser.add_argument("--calibrate", type=Path, metavar="WEIGHTS", help="train nothing: fit the calibration of these weights on the folders")
    options = parser.parse_args(arguments)
    try:
        weights = _train(options)
    except AlignError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    temporary = options.output.with_suffix(".part")
    temporary.write_text(dump(weights) + "\n", "utf-8")
    temporary.replace(options.output)
    return 0


def _train(options: argparse.Namespace) -> Weights:
    from models import load_encoder

    encoder = load_encoder(options.encoder)
    examples: list[Example] = []
    data, lost, beads = {}, 0, 0
    drawn: list[Drawn] = []
    for spec in options.folders:
        folder, _, weight = spec.partition("=")
        documents = read_folder(Path(folder))
        for _, source, target, gold in documents:
            x, y = vectors.encode(source, encoder), vectors.encode(target, encoder)
            drawn.append((x, y, None if options.vectors_only else (source, target), gold))
            if options.calibrate:
                continue
            surfaces = None if options.vectors_only else (look(source), look(target))
            item, missing = example(prepare(x, y, find_band(x, y, 10), surfaces), gold, float(weight or 1.0))
            examples.append(item)
            lost, beads = lost + missing, beads + len(gold)
        data[Path(folder).name] = {"documents": len(documents), "weight": float(weight or 1.0)}
    if options.calibrate:
        known = parse(options.calibrate.read_text("utf-8"), str(options.calibrate))
        recalibrated = {**known.card, "calibrated": {"date": datetime.date.today().isoformat(), "data": sorted(data)}}
        return replace(known, card=recalibrated, calibration=calibrate(known, drawn))
    fitted = fit(examples, l2=options.l2, steps=options.steps)
    card: dict[str, Any] = {
        "name": options.name,
        "date": datetime.date.today().isoformat(),
        "encoder": encoder.id,
        "data": data,
        "beads": beads,
        "beads_left_out": lost,
        "l2": options.l2,
        **fitted.card,
    }
    return replace(from_flat(fitted.flat(), card), calibration=calibrate(fitted, drawn))


if __name__ == "__main__":
    raise SystemExit(main())
