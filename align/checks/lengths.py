"""Length outliers: a side much longer or shorter than is usual beside the other in this document."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import median

from align.bitext import Bitext
from align.checks.table import Context, Hit

LONG = 20  # characters of a side, on average; shorter rows say little
SPREAD = 0.22  # usual deviation of the log ratio of translated sentences of 100 characters


def scales(bitext: Bitext) -> tuple[float, float]:
    """(target characters for one of the source, deviation of the log ratio for a row of 100 characters): medians of this document."""
    rows = [r for r in bitext.rows if r.source and r.target and len(r.source) + len(r.target) > 2 * LONG]
    if len(rows) < 5:
        return 1.0, SPREAD
    logs = [math.log(len(r.target or "") / len(r.source or " ")) for r in rows]
    middle = median(logs)
    spread = 1.48 * median([abs(v - middle) * math.sqrt(min(len(r.source or ""), 400) / 100) for v, r in zip(logs, rows, strict=True)])
    return math.exp(middle), max(spread, 0.1)


def find(bitext: Bitext, context: Context) -> Iterator[Hit]:
    """Rows three deviations or more from what is usual; the score grows with the distance."""
    ratio, spread = scales(bitext)
    for number, row in enumerate(bitext.rows):
        if not row.source or not row.target or len(row.source) + len(row.target) < 2 * LONG:
            continue
        wide = spread / math.sqrt(min(max(len(row.source), len(row.target) / ratio), 400) / 100)
        off = math.log(len(row.target) / (len(row.source) * ratio))
        if abs(off) > 3 * wide:
            longer = "longer" if off > 0 else "shorter"
            yield Hit(
                number,
                min(1.0, abs(off) / (8 * wide)),
                f"the target is {math.exp(abs(off)):.1f} times {longer} than usual for this source",
                ((0, len(row.source)),),
                ((0, len(row.target)),),
            )
