"""The network: a Transformer whose sums are those of Marian (and of transformers' MarianMTModel).

Post-norm layers, swish, sinusoid positions (sines first, cosines after), tied embeddings scaled by sqrt(width), an output bias, and a decoder that
starts from a zero vector in place of an embedding. Sentences in a batch have the same source length, so that no mask is needed (see batches.py).

Shapes: B sentences, S source ids, T target ids, D width, H heads, V vocabulary (without Marian's <pad>).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training import TrainingError
from training.pack import read_weights

MAX_POSITIONS = 512


@dataclass
class Size:
    """`encoder`, `decoder`: layers; `dropout`: in [0, 1)."""

    vocab: int
    width: int = 512
    ffn: int = 2048
    heads: int = 8
    encoder: int = 6
    decoder: int = 2
    dropout: float = 0.1

    def __post_init__(self) -> None:
        if self.width % (2 * self.heads):
            raise TrainingError(f"--width {self.width} is no multiple of twice --heads {self.heads}")

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def same_network(self, other: dict[str, Any]) -> bool:
        """Do weights of the `other` size fit? Dropout does not count."""
        return {**self.as_dict(), "dropout": 0} == {**other, "dropout": 0}


def sinusoid(length: int, width: int) -> Tensor:
    """Position vectors, float32 (length, width)."""
    angle = torch.arange(length)[:, None] / 10000 ** (torch.arange(0, width, 2)[None] / width)
    return torch.cat([torch.sin(angle), torch.cos(angle)], 1).float()


def attend(q: Tensor, k: Tensor, v: Tensor, causal: bool) -> Tensor:
    """Scaled dot-product attention; q (B,H,T,d), k and v (B,H,S,d) -> (B,H,T,d). On a CPU, plain products beat the fused kernel for sentences."""
    if q.is_cuda:
        return F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    weights = torch.matmul(q, k.transpose(-1, -2)) * q.shape[-1] ** -0.5
    if causal:
        future = torch.ones(weights.shape[-2], weights.shape[-1], dtype=torch.bool, device=q.device).triu(1)
        weights = weights.masked_fill(future, float("-inf"))
    return torch.matmul(torch.softmax(weights.float(), -1).to(v.dtype), v)


class Attention(nn.Module):
    """Multi-head attention; queries from x (B,T,D), keys and values from x or from `memory` (B,S,D)."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.heads = size.heads
        self.q = nn.Linear(size.width, size.width)
        self.kv = nn.Linear(size.width, 2 * size.width)
        self.out = nn.Linear(size.width, size.width)

    def split(self, x: Tensor, parts: int) -> Sequence[Tensor]:
        """(B,T,parts*D) -> parts tensors (B,H,T,D/H)."""
        batch, length, width = x.shape
        return x.view(batch, length, parts, self.heads, width // parts // self.heads).permute(2, 0, 3, 1, 4).unbind(0)

    def queries(self, x: Tensor) -> Tensor:
        return self.split(self.q(x), 1)[0]

    def keys_values(self, memory: Tensor) -> Sequence[Tensor]:
        return self.split(self.kv(memory), 2)

    def merge(self, x: Tensor) -> Tensor:
        """(B,H,T,D/H) -> (B,T,D)."""
        batch, heads, length, width = x.shape
        return cast(Tensor, self.out(x.transpose(1, 2).reshape(batch, length, heads * width)))

    def forward(self, x: Tensor, memory: Tensor | None = None, causal: bool = False) -> Tensor:
        k, v = self.keys_values(x if memory is None else memory)
        return self.merge(attend(self.queries(x), k, v, causal))


class Layer(nn.Module):
    """An encoder layer, or with decoder=True a decoder layer."""

    def __init__(self, size: Size, decoder: bool) -> None:
        super().__init__()
        self.decoder, self.dropout = decoder, size.dropout
        self.self_attention, self.self_norm = Attention(size), nn.LayerNorm(size.width)
        if decoder:
            self.cross_attention, self.cross_norm = Attention(size), nn.LayerNorm(size.width)
        self.fc1, self.fc2 = nn.Linear(size.width, size.ffn), nn.Linear(size.ffn, size.width)
        self.ffn_norm = nn.LayerNorm(size.width)

    def drop(self, x: Tensor) -> Tensor:
        return F.dropout(x, self.dropout, self.training) if self.dropout else x

    def feed(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.ffn_norm(x + self.drop(self.fc2(F.silu(self.fc1(x))))))

    def forward(self, x: Tensor, memory: Tensor | None = None) -> Tensor:
        x = self.self_norm(x + self.drop(self.self_attention(x, causal=self.decoder)))
        if self.decoder:
            x = self.cross_norm(x + self.drop(self.cross_attention(x, memory)))
        return self.feed(x)

    def step(self, x: Tensor, cache: Sequence[Tensor], position: int, cross: Sequence[Tensor]) -> Tensor:
        """One decoding step: x (B,1,D); cache (k, v) each (B,H,Tmax,d), written at `position`; cross (k, v)."""
        attention = self.self_attention
        for store, new in zip(cache, attention.keys_values(x), strict=True):
            store[:, :, position] = new[:, :, 0]
        k, v = (store[:, :, : position + 1] for store in cache)
        x = self.self_norm(x + attention.merge(attend(attention.queries(x), k, v, False)))
        attention = self.cross_attention
        return self.feed(self.cross_norm(x + attention.merge(attend(attention.queries(x), cross[0], cross[1], False))))


class Student(nn.Module):
    """The translator. `encoder`, `decoder`: its layers; train.py may compile them for training, evaluation takes the plain ones."""

    positions: Tensor

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.size = size
        self.embedding = nn.Embedding(size.vocab, size.width)
        self.bias = nn.Parameter(torch.zeros(size.vocab))
        self.register_buffer("positions", sinusoid(MAX_POSITIONS, size.width), persistent=False)
        self.encoder = nn.ModuleList(Layer(size, False) for _ in range(size.encoder))
        self.decoder = nn.ModuleList(Layer(size, True) for _ in range(size.decoder))
        for name, parameter in self.named_parameters():
            if name.endswith("kv.weight"):
                for half in parameter.data.chunk(2):
                    nn.init.xavier_uniform_(half)
            elif parameter.dim() == 2:
                nn.init.xavier_uniform_(parameter)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)
        nn.init.normal_(self.embedding.weight, std=size.width**-0.5)

    def drop(self, x: Tensor) -> Tensor:
        return F.dropout(x, self.size.dropout, self.training) if self.size.dropout else x

    def embed(self, ids: Tensor) -> Tensor:
        return cast(Tensor, self.embedding(ids)) * math.sqrt(self.size.width)

    def run(self, layer: nn.Module, *inputs: Tensor) -> Tensor:
        return cast(Tensor, layer(*inputs) if self.training else layer.forward(*inputs))

    def encode(self, source: Tensor) -> Tensor:
        """source ids (B,S), tag first and </s> last -> memory (B,S,D)."""
        x = self.drop(self.embed(source) + self.positions[: source.shape[1]])
        for layer in self.encoder:
            x = self.run(layer, x)
        return x

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        """source ids (B,S), target ids without the last one (B,T-1) -> decoder states (B,T,D)."""
        memory = self.encode(source)
        x = F.pad(self.embed(target), (0, 0, 1, 0))
        x = self.drop(x + self.positions[: x.shape[1]])
        for layer in self.decoder:
            x = self.run(layer, x, memory)
        return x

    def decoder_layers(self) -> list[Layer]:
        return [cast(Layer, layer) for layer in self.decoder]

    def logits(self, states: Tensor) -> Tensor:
        """Decoder states (..., D) -> logits (..., V)."""
        return F.linear(states, self.embedding.weight, self.bias.to(states.dtype))


def load(weights: Path | None = None, checkpoint: Path | None = None, device: torch.device | str = "cpu") -> Student:
    """A Student in evaluation mode, from packed weights (a stem) or a training checkpoint (a file). TrainingError: neither is given, or none is there."""
    if weights:
        arrays, meta = read_weights(weights)
        size, state = meta["size"], {name: torch.from_numpy(array) for name, array in arrays.items()}
    elif checkpoint and checkpoint.is_file():
        kept = torch.load(checkpoint, map_location="cpu", weights_only=True)
        size, state = kept["size"], kept["model"]
    else:
        raise TrainingError(f"no checkpoint at {checkpoint}; give --weights STEM or --checkpoint FILE")
    model = Student(Size(**size))
    model.load_state_dict(state)
    return model.to(device).eval()
