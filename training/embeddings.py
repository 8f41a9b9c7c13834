"""Bilingual embeddings from counts: a start for training when time is short (train.py --embeddings).

    python -m training.embeddings --data train.ids --width 256 --out embeddings.npy

Pieces that occur in the same pairs get similar vectors, in whichever language they are: positive pointwise mutual information of pieces within a pair
(both sides together), then a truncated eigendecomposition (Levy & Goldberg, 2014). Writes float32 (V, width) with rows of length 1. Needs scipy.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training.commands import LANGUAGES, parser, run
from training.pack import Columns, read_ids


def incidence(columns: Columns, pairs: int, vocab: int) -> Any:
    """Sparse float32 (pairs, vocab): 1 where a piece occurs on either side of a pair."""
    import scipy.sparse

    rows, ids = [], []
    for language in LANGUAGES:
        lengths = columns[f"{language}_len"][:pairs].astype(np.int64)
        rows.append(np.repeat(np.arange(len(lengths)), lengths))
        ids.append(columns[language][: lengths.sum()])
    row, column = np.concatenate(rows), np.concatenate(ids).astype(np.int64)
    matrix = scipy.sparse.csr_matrix((np.ones(len(row), np.float32), (row, column)), (int(row.max()) + 1, vocab))
    matrix.data[:] = 1  # duplicates were summed
    return matrix


def embed(columns: Columns, vocab: int, width: int, pairs: int, seed: int = 1) -> torch.Tensor:
    """float32 (vocab, width), rows of length 1; rare pieces stay close to random, and the variance is spread over all dimensions."""
    together = incidence(columns, pairs, vocab)
    counts = torch.from_numpy((together.T @ together).toarray())
    own = counts.diagonal().clone()
    result = _leading(_information(counts, own, together.shape[0]), width, seed)
    result -= result[own > 0].mean(0)
    noise = torch.nn.functional.normalize(torch.randn(vocab, width), dim=1)
    trust = (own / (own + 5))[:, None]
    result = torch.nn.functional.normalize(result, dim=1) * trust + noise * (1 - trust)
    turn = torch.linalg.qr(torch.randn(width, width))[0]
    return torch.nn.functional.normalize(result, dim=1) @ turn


def _information(counts: torch.Tensor, own: torch.Tensor, pairs: int) -> torch.Tensor:
    """Symmetric positive pointwise mutual information (vocab, vocab), with smoothed contexts so that rare pieces do not dominate."""
    context = own**0.75
    context *= own.sum() / context.sum()
    expected = own[:, None] * context[None] / pairs
    found = (counts / expected.clamp(min=1e-9)).log_().clamp_(min=0)
    return (found + found.T) / 2


def _leading(matrix: torch.Tensor, width: int, seed: int) -> torch.Tensor:
    """(vocab, width): the leading eigenvectors times the roots of their eigenvalues, by subspace iteration."""
    torch.manual_seed(seed)
    basis = torch.randn(len(matrix), width + 48)
    for _ in range(4):
        basis = torch.linalg.qr(matrix @ basis)[0]
    values, vectors = torch.linalg.eigh(basis.T @ (matrix @ basis))
    order = values.abs().argsort(descending=True)[:width]
    return basis @ vectors[:, order] * values[order].abs().sqrt()


def main(arguments: Sequence[str] | None = None) -> None:
    add = (parsed := parser(__doc__)).add_argument
    add("--data", type=Path, required=True)
    add("--out", type=Path, required=True)
    add("--width", type=int, default=512)
    add("--pairs", type=int, default=400_000)
    options = parsed.parse_args(arguments)
    meta, columns = read_ids(options.data)
    np.save(options.out, embed(columns, meta["vocab"], options.width, options.pairs).numpy())


if __name__ == "__main__":
    run(main)
