"""What one version says and the other omits, adds, moves or changes, in reading order: as text, JSON or one self-contained page."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from align.bitext import Bitext, Finding, OptionError, Span
from align.page_head import page_head

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
Kind = Literal["omitted", "added", "moved", "changed"]
KINDS: tuple[Kind, ...] = ("omitted", "added", "moved", "changed")
CHECKS = ("numbers", "dates", "names", "negation", "units", "moved", "omitted", "added", "clauses", "untranslated", "similarity")


@dataclass(frozen=True, slots=True)
class Divergence:
    """One difference. row: number of the row, from 0; other: for a moved passage the row of its counterpart; texts: of the row, for a moved
    passage the passage and its counterpart; spans: the evidence in them."""

    kind: Kind
    row: int
    reason: str
    source: str | None
    target: str | None
    source_spans: tuple[Span, ...] = ()
    target_spans: tuple[Span, ...] = ()
    other: int | None = None
    severity: str = "warning"


@dataclass(frozen=True, slots=True)
class Report:
    """All differences of two versions; `items` is empty when there is nothing to say. doubt: why they may be no versions of each other, "" = they are."""

    items: tuple[Divergence, ...]
    source_language: str
    target_language: str
    title: str | None
    rows: int
    doubt: str = ""

    @property
    def headline(self) -> str:
        """Such as "7 differences: 2 omitted, 1 added, 1 moved, 3 changed"; "no differences found" when there are none; the doubt in front."""
        counts = Counter(i.kind for i in self.items)
        total = len(self.items)
        said = f"{total} difference{'s' if total > 1 else ''}: " + ", ".join(f"{counts[k]} {k}" for k in KINDS if counts[k])
        if not self.items:
            said = f"no differences found in {self.rows} row{'' if self.rows == 1 else 's'}"
        return f"{self.doubt}; {said}" if self.doubt else said


def report(bitext: Bitext, findings: Sequence[Finding]) -> Report:
    """The differences among findings; dismissed ones and names that stand on one side with little evidence are left out.

    A moved passage is reported once, where the source has it.
    """
    items = []
    for f in findings:
        if f.check not in CHECKS or f.note or f.severity == "info":
            continue
        row = bitext.rows[f.row]
        if f.check == "moved":
            if not f.source_spans or f.other is None:
                continue
            back = next((o for o in findings if o.check == "moved" and o.row == f.other and o.other == f.row and o.target_spans), f)
            reason = f"moved: the source has this in row {f.row}, the target in row {f.other}"
            there = bitext.rows[f.other].target
            items.append(Divergence("moved", f.row, reason, row.source, there, f.source_spans, back.target_spans, f.other, f.severity))
            continue
        items.append(Divergence(_kind(f), f.row, f.reason, row.source, row.target, f.source_spans, f.target_spans, None, f.severity))
    document = bitext.source_document
    return Report(tuple(items), bitext.source_language, bitext.target_language, document.title if document else None, len(bitext), _doubt(bitext, items))


def _doubt(bitext: Bitext, items: Sequence[Divergence]) -> str:
    """Why they may be no versions of each other; a part that only moved is not missing."""
    found = bitext.verdict
    if found is None or found.kind == "versions" or ("sentences" in found.evidence and not any(i.kind in ("omitted", "added") for i in items)):
        return ""
    return found.reason


def _kind(finding: Finding) -> Kind:
    if finding.check == "clauses":
        return "omitted" if finding.source_spans else "added"
    return "omitted" if finding.check == "omitted" else "added" if finding.check == "added" else "changed"


def as_text(found: Report) -> str:
    """For a terminal or a mail: headline, then one paragraph a difference."""
    lines = [found.headline]
    for item in found.items:
        lines += ["", f"row {item.row}: {_printable(item.reason)}"]
        for language, text in ((found.source_language, item.source), (found.target_language, item.target)):
            lines.append(f"  {language}: {'—' if text is None else _printable(' '.join(text.split()))}")
    return "\n".join(lines) + "\n"


def _printable(text: str) -> str:
    """Without the characters that steer a terminal."""
    return _CONTROL.sub("\ufffd", text)


def as_json(found: Report) -> str:
    """One object: headline, counts by kind, rows, languages, items."""
    counts = Counter(i.kind for i in found.items)
    return json.dumps(
        {
            "headline": found.headline,
            "doubt": found.doubt,
            "counts": {k: counts[k] for k in KINDS},
            "rows": found.rows,
            "source_language": found.source_language,
            "target_language": found.target_language,
            "title": found.title,
            "items": [
                {
                    "kind": i.kind, "row": i.row, "other": i.other, "severity": i.severity, "reason": i.reason, "source": i.source, "target": i.target,
                    "source_spans": i.source_spans, "target_spans": i.target_spans,
                }
                for i in found.items
            ],
        },
        ensure_ascii=False,
        indent=1,
    ) + "\n"  # fmt: skip


def as_html(found: Report) -> str:
    """One page that needs nothing else: no script, no network; every text is escaped."""
    return "".join(_page(found))


def _page(found: Report) -> Iterator[str]:
    yield page_head(found.title or "Two versions compared", found.headline, "divergence.css")
    for item in found.items:
        yield f'<section class="{item.kind}" id="row-{item.row}-{item.kind}">\n<h2>row {item.row}: {html.escape(item.reason)}</h2>\n<div class="pair">\n'
        for language, text, spans in ((found.source_language, item.source, item.source_spans), (found.target_language, item.target, item.target_spans)):
            if text is None:
                yield f'<p class="none">nothing in {html.escape(language)}</p>\n'
            else:
                yield f'<p lang="{html.escape(language)}" dir="auto">{marked(text, spans)}</p>\n'
        yield "</div>\n</section>\n"
    yield "</body>\n</html>\n"


def marked(text: str, spans: Sequence[Span]) -> str:
    """Escaped text with <mark> around the spans; spans that overlap are joined."""
    out, at = [], 0
    for start, end in sorted(spans):
        start = max(start, at)
        if end > start:
            out += [html.escape(text[at:start]), "<mark>", html.escape(text[start:end]), "</mark>"]
            at = end
    return "".join([*out, html.escape(text[at:])])


WRITERS = {"txt": as_text, "json": as_json, "html": as_html}


def known(kind: str) -> None:
    """OptionError for a kind of report that is not there."""
    if kind not in WRITERS:
        raise OptionError(f"a divergence report is {', '.join(WRITERS)}, not {kind!r}; change the extension of -o")


def written(found: Report, kind: str) -> str:
    """The report as txt, json or html; OptionError for another kind."""
    known(kind)
    return WRITERS[kind](found)
