"""Trained weights: a JSON file with the card of how they came about, and the scores they give to a problem."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from align.aligner.features import PAIR_NAMES, blocks, names_of
from align.aligner.problem import NULL_NAMES, Problem
from align.aligner.programme import LOW, TYPES, Scores
from align.bitext import AlignError


@dataclass(frozen=True, slots=True)
class Weights:
    """pair: float (len(PAIR_NAMES),); null: float (len(NULL_NAMES),); opening: log score of beginning a run of unpaired sentences.

    calibration: (slope, offset) by which the logit of a posterior becomes the confidence that is shown; the decoder does not see it.
    `card`: data, options, date and scores of the training, in plain values.
    """

    pair: np.ndarray
    null: np.ndarray
    opening: float
    card: Mapping[str, Any]
    calibration: tuple[float, float] = (1.0, 0.0)

    @property
    def id(self) -> str:
        """Name and date, such as "text@2026-11-25"."""
        return f"{self.card.get('name', 'weights')}@{self.card.get('date', 'unknown')}"

    def flat(self) -> np.ndarray:
        """All weights as one vector, for the trainer."""
        return np.concatenate([self.pair, self.null, [self.opening]])

    @property
    def calibrated(self) -> bool:
        """Else what comes out are bare posteriors, which training calibrates."""
        return self.calibration != (1.0, 0.0)

    def confidence(self, posterior: float) -> float:
        """The calibrated posterior, in [0, 1]; 0 and 1 stay what they are."""
        if not 0.0 < posterior < 1.0 or not self.calibrated:
            return posterior
        slope, offset = self.calibration
        return 1.0 / (1.0 + math.exp(-(slope * math.log(posterior / (1.0 - posterior)) + offset)))


def from_flat(values: np.ndarray, card: Mapping[str, Any]) -> Weights:
    """The inverse of `Weights.flat`."""
    p, q = len(PAIR_NAMES), len(NULL_NAMES)
    return Weights(values[:p].copy(), values[p : p + q].copy(), float(values[p + q]), card)


def dump(weights: Weights) -> str:
    """The JSON of a weights file."""
    return json.dumps(
        {
            "card": dict(weights.card),
            "pair": {name: round(float(v), 5) for name, v in zip(PAIR_NAMES, weights.pair, strict=True)},
            "null": {name: round(float(v), 5) for name, v in zip(NULL_NAMES, weights.null, strict=True)},
            "opening": round(weights.opening, 5),
            "calibration": [round(v, 4) for v in weights.calibration],
        },
        indent=1,
        ensure_ascii=False,
    )


def parse(text: str, name: str = "weights") -> Weights:
    """Read a weights file; features that it does not name weigh nothing, unknown ones are an error."""
    data = json.loads(text)
    unknown = (set(data["pair"]) - set(PAIR_NAMES)) | (set(data["null"]) - set(NULL_NAMES))
    if unknown:
        raise AlignError(f"{name} has weights for unknown features {sorted(unknown)}; train again with python -m align.aligner.train")
    pair = np.array([data["pair"].get(k, 0.0) for k in PAIR_NAMES])
    null = np.array([data["null"].get(k, 0.0) for k in NULL_NAMES])
    return Weights(pair, null, float(data["opening"]), data["card"], tuple(data.get("calibration", (1.0, 0.0))))


@cache
def shipped(name: str) -> Weights:
    """Weights that are part of the package: "text" (vectors and sentences), "vectors" (vectors only)."""
    return parse((files("align.aligner") / "weights" / f"{name}.json").read_text("utf-8"), name)


def score(problem: Problem, weights: Weights, max_join: int = 4, unpaired: float = 0.0) -> Scores:
    """Log scores of all steps of a problem."""
    lo, hi = problem.band.lo, problem.band.hi
    picked = [weights.pair[names_of(t)] for t in range(len(TYPES))]
    pairs: list[np.ndarray] = []
    for block in blocks(problem):
        total = np.full((len(TYPES), block.r1 - block.r0, block.c1 - block.c0), LOW)
        for t, (a, b) in enumerate(TYPES):
            if max(a, b) <= max_join:
                values = np.tensordot(picked[t].astype(np.float32), block.features[t], 1)
                total[t] = np.where(block.possible[t], values, LOW)
        for i in range(block.r0, block.r1):
            pairs.append(total[:, i - block.r0, lo[i] - block.c0 : hi[i] + 1 - block.c0])
    pairs.append(np.full((len(TYPES), int(hi[-1] - lo[-1] + 1)), LOW))
    return Scores(
        pairs,
        problem.null_source @ weights.null + unpaired,
        problem.null_target @ weights.null + unpaired,
        weights.opening,
    )
