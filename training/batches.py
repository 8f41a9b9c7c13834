"""Packed ids -> training steps without source padding.

A micro batch holds sentences of one direction and one source length; a step is a few micro batches. The steps of an epoch depend on (seed, epoch)
only, which is what makes an exact resume possible. An example is (pair, direction): direction 0 is en->ru, 1 is ru->en.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training import TrainingError
from training.commands import LANGUAGES
from training.pack import join_ids, read_ids

EOS, UNK, TAG = 0, 1, {"en": 2, "ru": 3}

MicroBatch = tuple[int, np.ndarray]  # direction, pairs


def weights_and_directions(sources: list[dict[str, Any]], mix: Mapping[str, float], directions: str = "both") -> tuple[np.ndarray, np.ndarray]:
    """Of the sources of an ids file: how often a pair is seen in an epoch, float (sources,); is it trained en->ru, ru->en, bool (sources, 2).

    `mix`: {source or family name: weight}, before the file's own. TrainingError: a name that no source has.
    """
    known = {s["name"] for s in sources} | {s["name"].split("/")[0] for s in sources}
    if set(mix) - known:
        raise TrainingError(f"--mix names {', '.join(sorted(set(mix) - known))}; the data has {', '.join(sorted(known))}")
    weights = [mix.get(s["name"], mix.get(s["name"].split("/")[0], s["weight"])) for s in sources]
    allowed = [[s["directions"] in ("both", d) and directions in ("both", d) for d in ("enru", "ruen")] for s in sources]
    return np.array(weights, float), np.array(allowed, bool).reshape(-1, 2)


class Bitext:
    """The examples of one ids file, or of several joined. `max_ids`: longer pairs are left out; `mix`, `directions`: as in `weights_and_directions`."""

    def __init__(
        self, paths: list[Path], device: torch.device | str = "cpu", mix: Mapping[str, float] | None = None, max_ids: int = 128, directions: str = "both"
    ) -> None:
        self.meta, columns = join_ids([read_ids(path) for path in paths])
        self.device = torch.device(device)
        self.ids = {k: torch.from_numpy(columns[k].astype(np.int32)).to(self.device) for k in LANGUAGES}
        self.lengths = {k: columns[f"{k}_len"].astype(np.int64) for k in LANGUAGES}
        self.starts = {k: np.cumsum(n) - n for k, n in self.lengths.items()}
        weights, allowed = weights_and_directions(self.meta["sources"], mix or {}, directions)
        longest = np.maximum(self.lengths["en"], self.lengths["ru"])
        self.weight = np.where(longest <= max_ids, weights[columns["source"]], 0.0)
        self.allowed = allowed[columns["source"]]
        if not (self.allowed.any(1) & (self.weight > 0)).any():
            raise TrainingError(f"{', '.join(map(str, paths))}: no pair is left by --max-ids {max_ids}, --mix and --directions {directions}")

    def side_lengths(self, pair: np.ndarray, direction: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(source ids with tag and end mark, target ids with end mark) of examples, each (n,)."""
        en, ru = self.lengths["en"][pair], self.lengths["ru"][pair]
        return np.where(direction == 0, en, ru) + 2, np.where(direction == 0, ru, en) + 1

    def ids_in(self, batch: MicroBatch) -> tuple[int, int]:
        """(source ids, target ids) of a micro batch, without padding."""
        direction, pairs = batch
        source, target = self.side_lengths(pairs, np.full(len(pairs), direction))
        return int(source.sum()), int(target.sum())

    def examples(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """The examples of one epoch: (pair (n,), direction (n,)). A weight of 2.3 is 2 copies, and a third for 30 %."""
        copies = np.floor(self.weight + rng.random(len(self.weight))).astype(np.int64)
        pair = np.repeat(np.arange(len(copies)), copies)
        sides = [pair[self.allowed[pair, d]] for d in (0, 1)]
        return np.concatenate(sides), np.repeat([0, 1], [len(side) for side in sides])

    def epoch_tokens(self) -> tuple[int, int]:
        """Expected (examples, source plus target ids) of one epoch."""
        count = self.allowed.sum(1) * self.weight
        return int(count.sum()), int((count * (self.lengths["en"] + self.lengths["ru"] + 3)).sum())

    def micro_batches(self, rng: np.random.Generator, tokens: int) -> Iterator[MicroBatch]:
        """Micro batches of at most `tokens` source and padded target ids (or of one example), in order of length."""
        pair, direction = self.examples(rng)
        source, target = self.side_lengths(pair, direction)
        order = np.lexsort((target + 2 * rng.random(len(pair)), source, direction))
        pair, direction, source, target = (x[order] for x in (pair, direction, source, target))
        group = direction * 100_000 + source
        edges = np.flatnonzero(np.diff(group, prepend=-1, append=-1))
        for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            while start < end:
                window = target[start : min(end, start + tokens // int(source[start]) + 1)]
                cost = np.arange(1, len(window) + 1) * (source[start] + np.maximum.accumulate(window))
                size = max(1, int(np.searchsorted(cost, tokens, "right")))
                yield int(direction[start]), pair[start : start + size]
                start += size

    def steps(self, seed: int, epoch: int, tokens: int, step_tokens: int) -> list[list[MicroBatch]]:
        """The training steps of one epoch, shuffled: micro batches of `step_tokens` ids together, or more; what is left over at the end is dropped."""
        rng = np.random.default_rng([seed, epoch])
        batches = list(self.micro_batches(rng, tokens))
        rng.shuffle(batches)
        steps: list[list[MicroBatch]] = []
        step: list[MicroBatch] = []
        size = 0
        for batch in batches:
            step.append(batch)
            size += sum(self.ids_in(batch))
            if size >= step_tokens:
                steps.append(step)
                step, size = [], 0
        return steps or [step]

    def _gather(self, language: str, pairs: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """ids (B, longest) with rubbish after the end of a sentence, and lengths (B,), on the device."""
        lengths = torch.from_numpy(self.lengths[language][pairs]).to(self.device, non_blocking=True)
        starts = torch.from_numpy(self.starts[language][pairs]).to(self.device, non_blocking=True)
        longest = int(self.lengths[language][pairs].max())
        at = starts[:, None] + torch.arange(longest, device=self.device)
        return self.ids[language][at.clamp_(max=len(self.ids[language]) - 1)].long(), lengths

    def tensors(self, direction: int, pairs: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """(source (B,S): tag, ids, </s>; target (B,T): ids, </s>, then -1 where there is nothing to predict)."""
        here, there = LANGUAGES if direction == 0 else LANGUAGES[::-1]
        ids, _ = self._gather(here, pairs)
        source = torch.nn.functional.pad(ids, (1, 1), value=EOS)
        source[:, 0] = TAG[there]
        ids, lengths = self._gather(there, pairs)
        target = torch.nn.functional.pad(ids, (0, 1), value=EOS)
        place = torch.arange(target.shape[1], device=self.device)[None]
        target = torch.where(place < lengths[:, None], target, torch.where(place == lengths[:, None], EOS, -1))
        return source, target


def mask_words(source: torch.Tensor, probability: float) -> torch.Tensor:
    """Replace ids (not the tag, not </s>) by <unk> at random, a light noise on the source side: (B,S) -> (B,S)."""
    hit = torch.rand(source.shape, device=source.device) < probability
    hit[:, 0] = hit[:, -1] = False
    return torch.where(hit, UNK, source)
