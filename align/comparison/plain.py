"""A comparison as plain values that lose nothing, and back: how the store of projects keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from align.bitext import Finding, Span
from align.comparison.records import Cell, Change, Column, Compared, Comparison, Separation
from align.metrics import Bootstrap, TranslationScores


def to_plain(comparison: Comparison) -> dict[str, Any]:
    """Dictionaries, lists, numbers and texts, as JSON can hold them."""
    return asdict(comparison)


def from_plain(values: Mapping[str, Any]) -> Comparison:
    """What `to_plain` gave, also after a way through JSON. KeyError, TypeError: anything else."""
    known = dict(values)
    return Comparison(
        **known
        | {
            "columns": tuple(_column(c) for c in known["columns"]),
            "rows": tuple(Compared(r["row"], r["source"], {name: _cell(c) for name, c in r["cells"].items()}) for r in known["rows"]),
            "separations": tuple(Separation(s["a"], s["b"], Bootstrap(**s["chrf"]), Bootstrap(**s["bleu"])) for s in known["separations"]),
        }
    )


def _column(values: Mapping[str, Any]) -> Column:
    scores = values["scores"]
    return Column(**dict(values) | {"scores": scores and TranslationScores(**scores | {"by_row": tuple(scores["by_row"])})})


def _cell(values: Mapping[str, Any]) -> Cell:
    changes = tuple(Change(c["kind"], _span(c["human"]), _span(c["machine"])) for c in values["changes"])
    return Cell(**dict(values) | {"findings": tuple(_finding(f) for f in values["findings"]), "changes": changes})


def _finding(values: Mapping[str, Any]) -> Finding:
    spans = {name: tuple(_span(s) for s in values[name]) for name in ("source_spans", "target_spans")}
    return Finding(**dict(values) | spans)


def _span(values: Any) -> Span:
    start, end = values
    return start, end
