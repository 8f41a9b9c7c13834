"""A comparison as text, JSON or one self-contained page."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from align.bitext import HUMAN, OptionError
from align.comparison.records import Cell, Change, Column, Compared, Comparison
from align.page_head import page_head

HEADS = ("", "BLEU", "chrF2++", "findings in 100 rows", "similarity", "seconds a row")
UNKNOWN = "—"


def figures(column: Column) -> list[str]:
    """The line of a column under HEADS."""
    scores = column.scores
    known = (
        (scores.bleu if scores else None, ".1f"),
        (scores.chrf if scores else None, ".1f"),
        (column.findings, ".0f"),
        (column.similarity, ".3f"),
        (column.seconds, ".3f"),
    )
    return [column.name, *(UNKNOWN if value is None else format(value, form) for value, form in known)]


def notes(comparison: Comparison) -> list[str]:
    """What a reader should know beside the table: which engines can be told apart, how it was measured, what was left out."""
    lines = [s.sentence for s in comparison.separations]
    scores = next((c.scores for c in comparison.columns if c.scores), None)
    if scores:
        lines += [f"BLEU: {scores.bleu_signature}", f"chrF2++: {scores.chrf_signature}"]
        lines.append(
            f"Scores are over the {comparison.references} row{'' if comparison.references == 1 else 's'} with a human version, the rest over all rows that have a text."
        )
    else:
        lines.append("No BLEU or chrF2++: they need rows with a human version and an engine that gave its translations.")
    if comparison.encoder:
        lines.append(f"Similarity to the source is the cosine by {comparison.encoder}.")
    if comparison.left_out:
        lines.append(f"Left out: {comparison.left_out} row{'' if comparison.left_out == 1 else 's'} without a source that people wrote.")
    return lines


def as_text(comparison: Comparison) -> str:
    """For a terminal or a mail: headline, table, notes, then one paragraph a row; without marks of what differs."""
    table = [HEADS, *(figures(c) for c in comparison.columns if c.error is None)]
    widths = [max(len(line[k]) for line in table) for k in range(len(HEADS))]
    lines = [comparison.headline, ""]
    lines += ["  ".join(v.ljust(w) if k == 0 else v.rjust(w) for k, (v, w) in enumerate(zip(line, widths, strict=True))).rstrip() for line in table]
    lines += [f"{c.name}: failed: {' '.join(c.error.split())}" for c in comparison.columns if c.error is not None]
    lines += ["", *notes(comparison)]
    for row in comparison.rows:
        lines += ["", f"row {row.row}", f"  {comparison.source_language}: {' '.join(row.source.split())}"]
        for name, cell in row.cells.items():
            lines.append(f"  {name}{'' if cell.chrf is None else f' ({cell.chrf:.1f})'}: {' '.join(cell.text.split()) or UNKNOWN}")
            lines += [f"    {f.severity}: {f.reason}" for f in cell.findings]
    return "\n".join(lines) + "\n"


def as_json(comparison: Comparison) -> str:
    """One object: headline, languages, columns, separations with their sentences, rows; spans are [start, end] in characters."""
    given = {k: getattr(comparison, k) for k in ("headline", "title", "source_language", "target_language", "encoder", "references", "left_out")}
    columns = [asdict(c) | {"scores": c.scores and {k: v for k, v in asdict(c.scores).items() if k != "by_row"}} for c in comparison.columns]
    separations = [asdict(s) | {"separated": s.separated, "sentence": s.sentence} for s in comparison.separations]
    rows = [{"row": r.row, "source": r.source, "versions": {name: _plain(cell) for name, cell in r.cells.items()}} for r in comparison.rows]
    return json.dumps(given | {"columns": columns, "separations": separations, "rows": rows}, ensure_ascii=False, indent=1) + "\n"


def _plain(cell: Cell) -> dict[str, Any]:
    findings = [
        {k: v for k, v in asdict(f).items() if k in ("check", "severity", "reason", "score", "source_spans", "target_spans")} for f in cell.findings
    ]
    return {"text": cell.text, "chrf": cell.chrf, "similarity": cell.similarity, "findings": findings, "changes": [asdict(c) for c in cell.changes]}


def as_html(comparison: Comparison) -> str:
    """One page that needs nothing else: no script, no network; every text is escaped."""
    return "".join(_page(comparison))


def _page(comparison: Comparison) -> Iterator[str]:
    yield page_head(comparison.title or "Engines compared", comparison.headline, "comparison.css")
    yield from _table(comparison)
    yield "".join(f'<p class="note">{html.escape(note)}</p>\n' for note in notes(comparison))
    if any(c.scores for c in comparison.columns):
        yield '<input type="checkbox" id="gone" checked><label for="gone">show <del>words of the human version</del> that an engine does not have;'
        yield " <ins>words</ins> that the human version does not have are always marked</label>\n"
    yield "<main>\n"
    for row in comparison.rows:
        yield from _section(row, comparison)
    yield "</main>\n</body>\n</html>\n"


def _table(comparison: Comparison) -> Iterator[str]:
    yield '<div class="wide"><table>\n<thead><tr>' + "".join(f'<th scope="col">{h}</th>' for h in HEADS) + "</tr></thead>\n<tbody>\n"
    for column in comparison.columns:
        name, *values = map(html.escape, figures(column))
        about = f'<th scope="row" title="{html.escape(column.id)}">{name}</th>'
        if column.error is None:
            yield f"<tr>{about}{''.join(f'<td>{value}</td>' for value in values)}</tr>\n"
        else:
            yield f'<tr>{about}<td class="failed" colspan="{len(values)}">failed: {html.escape(column.error)}</td></tr>\n'
    yield "</tbody>\n</table></div>\n"


def _section(row: Compared, comparison: Comparison) -> Iterator[str]:
    source, target = html.escape(comparison.source_language), html.escape(comparison.target_language)
    yield f'<section id="row-{row.row}">\n<h2>row {row.row}</h2>\n<div class="versions">\n'
    yield f'<div class="source"><h3>{source}</h3><p lang="{source}" dir="auto">{html.escape(row.source)}</p></div>\n'
    for column in comparison.columns:
        if column.error is not None:
            continue
        cell = row.cells.get(column.name)
        kind = "human" if column.name == HUMAN else "engine"
        yield f'<div class="{kind}"><h3>{html.escape(column.name)}{_measured(cell)}</h3>'
        if cell is None or not cell.text.strip():
            yield f'<p class="none">{"no human version" if kind == "human" else "no text"}</p>'
        else:
            yield f'<p lang="{target}" dir="auto">{_marked(cell, row.cells.get(HUMAN))}</p>'
        yield "".join(f'<p class="finding {f.severity}">{html.escape(f.reason)}</p>' for f in (cell.findings if cell else ())) + "</div>\n"
    yield "</div>\n</section>\n"


def _measured(cell: Cell | None) -> str:
    if cell is None:
        return ""
    known = [f"chrF2++ {cell.chrf:.1f}"] if cell.chrf is not None else []
    known += [f"similarity {cell.similarity:.2f}"] if cell.similarity is not None else []
    return f" <small>{', '.join(known)}</small>" if known else ""


def _marked(cell: Cell, human: Cell | None) -> str:
    """The engine's text with its own words in <ins>, and the human version's words that it lacks in <del>; plain where there is no human version."""
    if human is None or not cell.changes:
        return html.escape(cell.text)
    return "".join(_piece(c, cell.text, human.text) for c in cell.changes)


def _piece(change: Change, machine: str, human: str) -> str:
    if change.kind == "delete":
        return _tagged("del", human[slice(*change.human)])
    text = machine[slice(*change.machine)]
    return _tagged("ins", text) if change.kind == "insert" else html.escape(text)


def _tagged(tag: str, text: str) -> str:
    """White space at the end stands behind the tag, so that no mark runs into the gap between two words."""
    words = text.rstrip()
    space = text[len(words) :]
    return f"<{tag}>{html.escape(words)}</{tag}>{html.escape(space)}"


WRITERS = {"txt": as_text, "json": as_json, "html": as_html}


def known(kind: str) -> None:
    """OptionError for a kind of comparison that is not there."""
    if kind not in WRITERS:
        raise OptionError(f"a comparison is {', '.join(WRITERS)}, not {kind!r}; change the extension of -o")


def written(comparison: Comparison, kind: str) -> str:
    """The comparison as txt, json or html; OptionError for another kind."""
    known(kind)
    return WRITERS[kind](comparison)
