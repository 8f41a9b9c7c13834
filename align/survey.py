"""What is in a parallel data set, whoever made it: size, lengths, languages, duplicates, likeness, and the worst rows.

Rows (of `survey_rows`) are read one after another, so size does not matter.
"""

from __future__ import annotations

import heapq
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from align.duplicates import digest

if TYPE_CHECKING:
    from models import Encoder

LOW = 0.4  # similarity below which a row is counted as low
WORST = 20
SAMPLE = 2_000  # rows encoded when a data set brings no similarities
BINS = 20
LENGTH_EDGES = (1, 2, 3, 4, 6, 8, 10, 13, 18, 25, 35, 50, 70, 100, 130, 180, 250, 350, 500, 700, 1_000, 1_300, 1_800, 2_500, 3_500, 5_000, 7_000, 10_000)
RATIO_TICKS = (0.25, 0.5, 1.0, 2.0, 4.0)
RATIO_EDGES = tuple(round(2 ** (k / 6 - 2), 6) for k in range(25))  # each 1.12 times the one before; what is beyond the ends is counted in the last bins


def survey(codes: tuple[str, str], rows: Iterable[Mapping[str, Any]], encoder: Encoder | None = None) -> dict[str, Any]:
    """The findings as plain values. encoder: for the similarity of SAMPLE rows when the data set brings none; None = it is left out.

    No rows give zeros and None for what cannot be said.
    """
    from align.documents import detect_language

    count, both = 0, 0
    lengths, words = (array("L"), array("L")), [0, 0]
    ratios, sims, scores = array("d"), array("f"), [0] * BINS
    seen: list[Counter[int]] = [Counter(), Counter(), Counter()]
    spoken: list[Counter[str]] = [Counter(), Counter()]
    copies = 0
    worst: list[tuple[float, int, dict[str, Any]]] = []
    sample: list[tuple[int, dict[str, Any]]] = []
    rng = np.random.default_rng(1)
    for row in rows:
        texts = row["source"], row["target"]
        count += 1
        for k, text in enumerate(texts):
            if text:
                lengths[k].append(len(text))
                words[k] += len(text.split())
                seen[k][digest(text)] += 1
                spoken[k][(detect_language(text) if len(text) >= 40 else None) or "too short to tell"] += 1
        if row["score"] is not None:
            scores[min(BINS - 1, max(0, int(row["score"] * BINS)))] += 1
        if not all(texts):
            continue
        both += 1
        seen[2][digest(*texts)] += 1
        copies += texts[0] == texts[1]
        ratios.append(len(texts[1]) / len(texts[0]))
        if row["similarity"] is not None:
            sims.append(row["similarity"])
            _keep_worst(worst, row["similarity"], count, row)
        elif len(sample) < SAMPLE:
            sample.append((count, dict(row)))
        elif (place := int(rng.integers(both))) < SAMPLE:
            sample[place] = count, dict(row)
    encoded = _encoded(sample, sims, worst, encoder) if not len(sims) else 0
    return {
        "languages": list(codes), "rows": count, "both_sides": both, "source_missing": count - len(lengths[0]), "target_missing": count - len(lengths[1]),
        "sides": [
            {"language": code, **_lengths(lengths[k]), "words": words[k], "languages": dict(spoken[k].most_common(8)), "repeated": _repeated(seen[k])}
            for k, code in enumerate(codes)
        ],
        "lengths": {"edges": list(LENGTH_EDGES), "counts": [_counts(values, LENGTH_EDGES) for values in lengths]},
        "length_ratio": {**_quantiles(ratios), "edges": list(RATIO_EDGES), "histogram": _counts(ratios, RATIO_EDGES)}, "repeated_pairs": _repeated(seen[2]), "copies": copies,
        "similarity": {
            **_quantiles(sims), "known": len(sims), "encoded_sample": encoded, "below": LOW, "low_share": _round(float(np.mean(np.array(sims) < LOW))) if len(sims) else None,
            "histogram": _counts(sims, [k / BINS for k in range(BINS + 1)]),
        },
        "scores": scores if sum(scores) else None,
        "worst": [{"similarity": _round(-s), **{k: row[k] for k in ("where", "source", "target")}} for s, _, row in sorted(worst, key=lambda w: (-w[0], -w[1]))],
    }  # fmt: skip


def _keep_worst(worst: list[tuple[float, int, dict[str, Any]]], similarity: float, number: int, row: Mapping[str, Any]) -> None:
    """The WORST least similar rows, the first of equals."""
    item = (-similarity, -number, dict(row))
    if len(worst) < WORST:
        heapq.heappush(worst, item)
    elif item[:2] > worst[0][:2]:
        heapq.heapreplace(worst, item)


def _encoded(sample: list[tuple[int, dict[str, Any]]], sims: array[float], worst: list[tuple[float, int, dict[str, Any]]], encoder: Encoder | None) -> int:
    """Similarities of a sample by the encoder; how many."""
    if encoder is None or not sample:
        return 0
    from align import vectors

    sample.sort(key=lambda s: s[0])
    x, y = (vectors.encode([row[side] for _, row in sample], encoder) for side in ("source", "target"))
    for (number, row), similarity in zip(sample, np.einsum("ij,ij->i", x, y).tolist(), strict=True):
        sims.append(similarity)
        _keep_worst(worst, similarity, number, row)
    return len(sample)


def _counts(values: array[Any], edges: Sequence[float]) -> list[int]:
    """How many values are in each bin between the edges; the first and last bins have what is beyond them."""
    within = np.clip(np.array(values, float), edges[0], edges[-1])
    return [int(c) for c in np.histogram(within, np.array(edges, float))[0]]


def _round(value: float) -> float:
    return round(float(value), 4)


def _repeated(seen: Counter[int]) -> int:
    """Items beyond the first of each kind."""
    return seen.total() - len(seen)


def _lengths(values: array[int]) -> dict[str, Any]:
    return {"characters": sum(values), "mean": _round(sum(values) / len(values)) if values else None, **_quantiles(values)}


def _quantiles(values: array[Any]) -> dict[str, float | None]:
    names = ("least", "p05", "median", "p95", "most")
    if not len(values):
        return dict.fromkeys(names)
    return {n: _round(v) for n, v in zip(names, np.quantile(np.array(values, float), (0, 0.05, 0.5, 0.95, 1)).tolist(), strict=True)}
