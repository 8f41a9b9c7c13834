"""Rows -> findings. A check scores first; the table below decides what the score means.

A new check is one file with a function `(Bitext, Context) -> Iterator[Hit]` and one line of CHECKS.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from align.bitext import Bitext, Finding, OptionError, Severity
from align.checks.table import Check, Context, Find, Hit

if TYPE_CHECKING:
    from models import Encoder

__all__ = ["CHECKS", "SEVERITIES", "Check", "Context", "Hit", "check", "dismiss", "key_of"]

NEVER = 2.0
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error")
CHECKS: dict[str, Check] = {  # name: (module, function, warning from, error from, about)
    "numbers": Check("align.checks.numbers", "find_numbers", 0.4, 0.8, "numbers that disagree"),
    "dates": Check("align.checks.numbers", "find_dates", 0.4, 0.8, "dates that disagree"),
    "names": Check("align.checks.names", "find", 0.3, NEVER, "names on one side only"),
    "negation": Check("align.checks.negation", "find", 0.4, NEVER, "negations on one side only"),
    "units": Check("align.checks.units", "find", 0.4, NEVER, "equal numbers of different units"),
    "moved": Check("align.checks.passages", "find_moved", 0.0, NEVER, "passages that stand elsewhere on the other side"),
    "omitted": Check("align.checks.passages", "find_omitted", 0.0, 0.8, "source that the target omits"),
    "added": Check("align.checks.passages", "find_added", 0.0, 0.8, "target that the source does not have"),
    "clauses": Check("align.checks.clauses", "find", 0.55, NEVER, "parts of a row that only one side has"),
    "untranslated": Check("align.checks.likeness", "find_untranslated", 0.0, 0.7, "text left in the source's language"),
    "length": Check("align.checks.lengths", "find", 0.5, NEVER, "a side much longer than the other"),
    "similarity": Check("align.checks.likeness", "find_similarity", 0.65, 0.9, "sides that mean different things"),
    "alignment": Check("align.checks.likeness", "find_alignment", 0.5, NEVER, "rows that the aligner was not sure of"),
    "consistency": Check("align.checks.likeness", "find_consistency", NEVER, NEVER, "one source with several targets"),
    "marks": Check("align.checks.marks", "find", 0.45, NEVER, "quotes and brackets"),
    "glossary": Check("align.checks.glossary", "find", 0.0, NEVER, "glossary terms"),
}


def check(
    bitext: Bitext,
    *,
    only: Sequence[str] | None = None,
    encoder: Encoder | None = None,
    glossary: Sequence[tuple[str, str]] = (),
    dismissed: Mapping[tuple[str, str, str], str] | None = None,
) -> list[Finding]:
    """Findings by row, then in the order of CHECKS; [] where there is nothing to say.

    only: names of checks (OptionError for one that is not there); encoder: needed by moved, clauses and similarity without scores, which find
    nothing (or call moved passages omitted) without it; dismissed: `key_of` a finding -> note, as made by `dismiss`.
    """
    names = list(CHECKS) if only is None else list(only)
    for name in names:
        if name not in CHECKS:
            raise OptionError(f"no check {name!r}; there are {', '.join(CHECKS)}")
    context = Context(encoder, glossary)
    found: list[Finding] = []
    for name in names:
        about = CHECKS[name]
        find: Find = getattr(import_module(about.module), about.find)
        found += [_finding(name, about, hit) for hit in find(bitext, context)]
    order = {name: k for k, name in enumerate(CHECKS)}
    found.sort(key=lambda f: (f.row, order[f.check]))
    notes = dismissed or {}
    return [replace(f, note=notes[key]) if (key := key_of(f, bitext)) in notes else f for f in found]


def _finding(name: str, about: Check, hit: Hit) -> Finding:
    severity: Severity = "error" if hit.score >= about.error else "warning" if hit.score >= about.warning else "info"
    return Finding(hit.row, name, severity, hit.reason, hit.source_spans, hit.target_spans, round(hit.score, 4), hit.other)


def key_of(finding: Finding, bitext: Bitext) -> tuple[str, str, str]:
    """(check, source text, target text): a dismissal holds for the row's texts, wherever the row moves, until one of them changes.

    A finding of the glossary is one of its term: "glossary: treaty, treaties", as the source has it.
    """
    row = bitext.rows[finding.row]
    source = row.source or ""
    term = f": {', '.join(source[a:b].lower() for a, b in finding.source_spans)}" if finding.check == "glossary" else ""
    return finding.check + term, source, row.target or ""


def dismiss(findings: Iterable[Finding], bitext: Bitext, note: str) -> dict[tuple[str, str, str], str]:
    """Dismissals of these findings with a note that says why; OptionError for an empty note."""
    if not note.strip():
        raise OptionError("a dismissed finding needs a note that says why")
    return {key_of(f, bitext): note.strip() for f in findings}
