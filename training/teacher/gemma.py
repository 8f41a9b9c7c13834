"""Gemma 3 (text only) in plain PyTorch: training and batched decoding. The engine itself is models/gemma.py.

Shapes, for the 270M model: B sentences, T ids, D = 640 width, H = 4 heads of d = 256 that share one key/value head, V vocabulary. Layers: RMS norms
before and after attention and feed-forward, rotary positions (base 1e6 in every sixth layer, else 1e4), norms on queries and keys, gated tanh-GELU,
embeddings tied and scaled by sqrt(D). Sentences are far shorter than the 512 ids of its sliding window, so every layer sees everything.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.teacher.base import read_base
from training.teacher.prompts import BOS, EOS, PAD, UNK

EPSILON = 1e-6
LONGEST = 512  # ids of prompt and answer

Rotation = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Shape:
    """`head`: numbers of one head; `heads`: of queries, there is one of keys and values."""

    vocabulary: int
    width: int = 640
    layers: int = 18
    heads: int = 4
    head: int = 256
    ffn: int = 2048

    @staticmethod
    def of(state: Mapping[str, np.ndarray]) -> Shape:
        """From the weights, by the names of this module."""
        vocabulary, width = state["embedding.weight"].shape
        head = len(state["blocks.0.k.weight"])
        layers = sum(name.endswith(".q.weight") for name in state)
        return Shape(vocabulary, width, layers, len(state["blocks.0.q.weight"]) // head, head, len(state["blocks.0.gate.weight"]))


class RMSNorm(nn.Module):
    """The weights already hold the 1 that the original code adds (as in GGUF files)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return normed(x, self.weight)


def normed(x: Tensor, weight: Tensor) -> Tensor:
    y = x.float()
    return (y * torch.rsqrt(y.pow(2).mean(-1, keepdim=True) + EPSILON) * weight).to(x.dtype)


def rotary(head: int, base: float) -> Rotation:
    """(cos, sin), each (LONGEST, head)."""
    angle = torch.arange(LONGEST)[:, None] / base ** (torch.arange(0, head, 2)[None] / head)
    angle = torch.cat([angle, angle], 1)
    return angle.cos(), angle.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    first, second = x.chunk(2, -1)
    return (x * cos + torch.cat([-second, first], -1) * sin).to(x.dtype)


def gated(gate: Tensor, up: Tensor) -> Tensor:
    return F.gelu(gate, approximate="tanh") * up


class Sums(NamedTuple):
    """What a block does between its matrices, each number for itself: as written here, or compiled (`Gemma.fuse`)."""

    normed: Callable[[Tensor, Tensor], Tensor] = normed
    rotate: Callable[[Tensor, Tensor, Tensor], Tensor] = rotate
    gated: Callable[[Tensor, Tensor], Tensor] = gated


def attend(q: Tensor, k: Tensor, v: Tensor, causal: bool) -> Tensor:
    """q (B,H,T,d), k and v (B,1,S,d) -> (B,H,T,d)."""
    batch, heads, length, head = q.shape
    if q.is_cuda:
        return F.scaled_dot_product_attention(q, k.expand(-1, heads, -1, -1), v.expand(-1, heads, -1, -1), is_causal=causal)
    weights = torch.matmul(q.reshape(batch, heads * length, head), k[:, 0].mT).view(batch, heads, length, -1) * head**-0.5
    if causal:
        weights = weights.masked_fill(torch.ones(length, length, dtype=torch.bool).triu(1), float("-inf"))
    weights = torch.softmax(weights.float(), -1).to(v.dtype)
    return torch.matmul(weights.view(batch, heads * length, -1), v[:, 0]).view(q.shape)


class Block(nn.Module):
    """`distant`: one of the layers with the larger base of its rotary positions."""

    sums = Sums()

    def __init__(self, shape: Shape, number: int) -> None:
        super().__init__()
        self.distant = (number + 1) % 6 == 0
        self.heads, self.head = shape.heads, shape.head
        width, inner = shape.width, shape.heads * shape.head
        self.q, self.out = nn.Linear(width, inner, bias=False), nn.Linear(inner, width, bias=False)
        self.k, self.v = nn.Linear(width, shape.head, bias=False), nn.Linear(width, shape.head, bias=False)
        self.gate, self.up = nn.Linear(width, shape.ffn, bias=False), nn.Linear(width, shape.ffn, bias=False)
        self.down = nn.Linear(shape.ffn, width, bias=False)
        self.before, self.after, self.before_ffn, self.after_ffn = (RMSNorm(width) for _ in range(4))
        self.q_norm, self.k_norm = RMSNorm(shape.head), RMSNorm(shape.head)

    def norms(self) -> tuple[RMSNorm, ...]:
        return self.before, self.after, self.before_ffn, self.after_ffn, self.q_norm, self.k_norm

    def forward(self, x: Tensor, rotations: Mapping[bool, Rotation], cache: Sequence[Tensor] | None = None, place: int = 0) -> Tensor:
        """x (B,T,D) at positions place..place+T; cache: (keys, values), each (B,1,Tmax,d), written and read."""
        batch, length, _ = x.shape
        cos, sin = (table[place : place + length] for table in rotations[self.distant])
        normed, rotate, gated = self.sums
        y = normed(x, self.before.weight)
        q = rotate(normed(self.q(y).view(batch, length, self.heads, self.head), self.q_norm.weight).transpose(1, 2), cos, sin)
        k = rotate(normed(self.k(y).view(batch, length, 1, self.head), self.k_norm.weight).transpose(1, 2), cos, sin)
        v = self.v(y).view(batch, length, 1, self.head).transpose(1, 2)
        if cache is not None:
            for store, new in zip(cache, (k, v), strict=True):
                store[:, :, place : place + length] = new
            k, v = (store[:, :, : place + length] for store in cache)
        y = attend(q, k, v, length > 1).transpose(1, 2).reshape(batch, length, self.heads * self.head)
        x = x + normed(self.out(y), self.after.weight)
        y = normed(x, self.before_ffn.weight)
        return x + normed(self.down(gated(self.gate(y), self.up(y))), self.after_ffn.weight)


class Gemma(nn.Module):
    near_cos: Tensor
    near_sin: Tensor
    far_cos: Tensor
    far_sin: Tensor

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.blocks = nn.ModuleList(Block(shape, number) for number in range(shape.layers))
        self.norm = RMSNorm(shape.width)
        for name, base in (("near", 1e4), ("far", 1e6)):
            cos, sin = rotary(shape.head, base)
            self.register_buffer(f"{name}_cos", cos, persistent=False)
            self.register_buffer(f"{name}_sin", sin, persistent=False)

    def layers(self) -> list[Block]:
        return [cast(Block, block) for block in self.blocks]

    def fuse(self) -> None:
        """Compile the sums of the blocks (needs a C++ compiler, and 20 seconds at the first steps): on a CPU a step is a sixth faster."""
        from torch import _dynamo as dynamo  # takes two seconds

        dynamo.config.cache_size_limit = 64  # with 8, the default, the norms of float32 rows are not compiled: kinds of numbers, axes and gradients make more forms
        compiled = Sums(*(torch.compile(function, dynamic=True) for function in Sums()))
        for block in self.layers():
            block.sums = compiled

    def forward(self, ids: Tensor, caches: Sequence[Sequence[Tensor]] | None = None, place: int = 0) -> Tensor:
        """ids (B,T) -> states (B,T,D)."""
        rotations = {False: (self.near_cos, self.near_sin), True: (self.far_cos, self.far_sin)}
        x = self.embedding(ids) * math.sqrt(self.shape.width)
        for number, block in enumerate(self.blocks):
            x = block(x, rotations, None if caches is None else caches[number], place)
        return cast(Tensor, self.norm(x))

    def logits(self, states: Tensor) -> Tensor:
        return states @ self.embedding.weight.t().to(states.dtype)


def made_of(state: Mapping[str, np.ndarray], device: torch.device | str = "cpu") -> Gemma:
    """A Gemma with these weights."""
    model = Gemma(Shape.of(state))
    model.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in state.items()})
    return model.to(device)


def load(stem: Path, device: torch.device | str = "cpu") -> Gemma:
    """A Gemma from the pieces STEM.json, STEM.00, ... that vocabulary.py wrote."""
    return made_of(read_base(stem), device)


@torch.no_grad()
def decode(model: Gemma, prompts: Tensor, longest: int, temperature: float = 0.0) -> Tensor:
    """prompt ids (B,T), all of one length -> answer ids (B,<=longest), EOS after the end; greedy or sampled. At most LONGEST ids with the prompt."""
    batch, place = prompts.shape
    longest, kind = min(longest, LONGEST - place), prompts.device.type
    dtype = torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else torch.float32
    size = (batch, 1, place + longest, model.shape.head)
    caches = [[torch.zeros(size, dtype=dtype, device=prompts.device) for _ in range(2)] for _ in model.blocks]
    result = torch.full((batch, longest), EOS, dtype=torch.long, device=prompts.device)
    running = torch.arange(batch, device=prompts.device)
    states = model(prompts, caches, 0)[:, -1]
    for step in range(longest):
        logits = model.logits(states).float()
        logits[:, [PAD, BOS, UNK]] = float("-inf")
        chosen = torch.multinomial(torch.softmax(logits / temperature, -1), 1)[:, 0] if temperature else logits.argmax(-1)
        result[running, step] = chosen
        if step % 8 == 7:  # drop finished sentences now and then
            alive = ~(result[running, : step + 1] == EOS).any(1)
            if not bool(alive.any()):
                break
            running, chosen = running[alive], chosen[alive]
            caches = [[store[alive] for store in cache] for cache in caches]
        states = model(chosen[:, None], caches, place + step)[:, -1]
    return result.masked_fill((result == EOS).cumsum(1) > 0, EOS)
