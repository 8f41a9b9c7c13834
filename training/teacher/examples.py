"""Pairs of an ids file in the teacher's pieces -> padded batches.

An example is <bos>English:␣source\\nRussian:␣target<eos>, or the other way round; only the target and <eos> are learned. Examples of nearly the same
length share a batch; they are padded on the right, which causal attention never sees.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch

from training import TrainingError
from training.batches import MicroBatch, weights_and_directions
from training.commands import LANGUAGES
from training.pack import read_ids
from training.teacher.prompts import EOS, PAD, Prompts

FRAME = 8  # ids of a prompt besides the two sentences, at most


class Examples:
    """`mix`: as in batches.weights_and_directions; `longest`: ids of an example, longer ones are left out."""

    def __init__(self, path: Path, prompts: Prompts, mix: Mapping[str, float] | None = None, longest: int = 200) -> None:
        self.meta, columns = read_ids(path)
        self.ids = {k: columns[k] for k in LANGUAGES}
        self.lengths = {k: columns[f"{k}_len"].astype(np.int64) for k in LANGUAGES}
        self.starts = {k: np.cumsum(n) - n for k, n in self.lengths.items()}
        self.prompts, self.longest = prompts, longest
        weight, allowed = weights_and_directions(self.meta["sources"], mix or {})
        self.total = self.lengths["en"] + self.lengths["ru"] + FRAME
        self.weight = np.where(self.total <= longest, weight[columns["source"]], 0.0)
        self.allowed = allowed[columns["source"]]
        self._source = columns["source"]
        if not (self.weight > 0).any():
            raise TrainingError(f"{path}: no pair of at most {longest} ids is left by --mix")

    def shares(self) -> dict[str, float]:
        """Of every family with a hundredth or more of the ids of an epoch its share, 0 to 1, the largest first."""
        sums = np.bincount(self._source, self.total * self.weight * self.allowed.sum(1), len(self.meta["sources"]))
        families: dict[str, float] = {}
        for source, ids in zip(self.meta["sources"], sums / sums.sum(), strict=True):
            family = source["name"].split("/")[0]
            families[family] = families.get(family, 0.0) + float(ids)
        return {name: round(share, 3) for name, share in sorted(families.items(), key=lambda item: -item[1]) if share >= 0.01}

    def only(self, pairs: int) -> None:
        """Keep about so many pairs, once each, evenly spread, so that runs can be compared."""
        every = max(1, len(self.weight) // pairs)
        self.weight = ((np.arange(len(self.weight)) % every == 0) & (self.total <= self.longest)) * 1.0

    def batches(self, seed: int, epoch: int, tokens: int) -> list[MicroBatch]:
        """Shuffled (direction, pairs) of one epoch, each of at most `tokens` padded ids or of one example; they depend on (seed, epoch) only."""
        rng = np.random.default_rng([seed, epoch])
        copies = np.floor(self.weight + rng.random(len(self.weight))).astype(np.int64)
        pair = np.repeat(np.arange(len(copies)), copies)
        result: list[MicroBatch] = []
        for direction in (0, 1):
            chosen = pair[self.allowed[pair, direction]]
            chosen = chosen[np.argsort(self.total[chosen] + 3 * rng.random(len(chosen)), kind="stable")]
            start = 0
            while start < len(chosen):
                size = max(1, tokens // int(self.total[chosen[min(len(chosen) - 1, start + tokens // 16)]]))
                group = chosen[start : start + size]
                while len(group) > 1 and len(group) * int(self.total[group].max()) > tokens:
                    group = group[: -1 - len(group) // 20]
                result.append((direction, group))
                start += len(group)
        rng.shuffle(result)
        return result

    def _sentence(self, language: str, pair: int) -> list[int]:
        start = self.starts[language][pair]
        found: list[int] = self.ids[language][start : start + self.lengths[language][pair]].tolist()
        return found

    def tensors(self, batch: MicroBatch, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
        """ids (B,T) padded with PAD, targets (B,T): the next id where it is to be learned, else -1."""
        direction, pairs = batch
        here, there = LANGUAGES if direction == 0 else LANGUAGES[::-1]
        rows, asked = [], []
        for pair in pairs:
            prompt = self.prompts(self._sentence(here, pair), here, there)
            rows.append([*prompt, *self._sentence(there, pair), EOS])
            asked.append(len(prompt))
        length = max(map(len, rows))
        ids, targets = np.full((len(rows), length), PAD, np.int64), np.full((len(rows), length), -1, np.int64)
        for i, (row, start) in enumerate(zip(rows, asked, strict=True)):
            ids[i, : len(row)] = row
            targets[i, start - 1 : len(row) - 1] = row[start:]
        return torch.from_numpy(ids).to(device, non_blocking=True), torch.from_numpy(targets).to(device, non_blocking=True)
