"""What a data set says of itself: the report of its filters, the card README.md, and the histogram of scores as a picture."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from align.dataset_records import BuildOptions, Tally

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"), (10_000_000, "1M<n<10M"))
_SPLITS = ("train", "validation", "test")
_COLUMNS = {
    "translation": "the two texts, by language code",
    "score": "posterior that the row is rightly aligned, 0 to 1",
    "similarity": "cosine of the two texts",
    "type": "sentences on each side, such as 1-2",
    "origin_source, origin_target": "`human`, or `machine:` and the translator",
    "document_id": "the pair of documents",
    "position": "place in the document, from 0",
    "verified": "a person accepted the row",
}


def report_of(tally: Tally, least: Mapping[str, float], options: BuildOptions, work: Path) -> dict[str, Any]:
    """The report as plain values: what came in, what each filter removed (with examples), what is in each split, and what made it."""
    from align.corpus import left_out
    from align.filters import FILTERS

    plan = json.loads((work / "plan.json").read_text("utf-8"))
    filters: list[dict[str, Any]] = []
    for name, about in [*((n, f.about) for n, f in FILTERS.items()), ("leak", "no sentence of test or validation in training, nor of test in validation")]:
        filters.append({
            "name": name, "about": about, "threshold": least.get(name), "removed": tally.removed[name], "failed": tally.alone[name],
            "examples": tally.examples.get(name, []),
        })  # fmt: skip
    return {
        "languages": list(tally.languages),
        "rows": tally.rows,
        "kept": sum(tally.kept.values()),
        "removed": sum(tally.removed.values()),
        "splits": {
            s: {
                "rows": tally.kept[s], "documents": sum(v == s for v in tally.documents.values()),
                "source_characters": tally.characters[s][0], "target_characters": tally.characters[s][1],
            }
            for s in _SPLITS if tally.kept[s]
        },
        "filters": filters,
        "machine": {engine: {"rows": tally.machine[engine], "kept": tally.machine_kept[engine]} for engine in sorted(tally.machine)},
        "scores": tally.scores,
        "seed": options.seed,
        "sources": options.sources,
        "documents": {"paired": plan["pairs"], "unpaired": plan["unpaired"], "filled": plan.get("fills", 0), "with_rows": len(tally.documents), **left_out(work)},
        "made_by": {"bitext-workbench": plan["version"], "encoder": plan["encoder"], **{f"aligner {k}": v for k, v in plan["aligning"].items()}},
    }  # fmt: skip


def files(report: Mapping[str, Any], name: str, license: str, *, kept_only: bool = False) -> dict[str, str]:
    """README.md, report.json, report.txt and scores.svg, by name; kept_only: without the reports, which quote rows that were left out."""
    public = {"scores.svg": histogram(report["scores"], "score of the rows"), "README.md": card(report, name, license, kept_only=kept_only)}
    return public if kept_only else {"report.json": json.dumps(report, ensure_ascii=False, indent=1) + "\n", "report.txt": report_text(report), **public}


def report_text(report: Mapping[str, Any]) -> str:
    """The report for a terminal."""
    lines = [f"{report['rows']:,} rows: {report['kept']:,} kept, {report['removed']:,} removed", ""]
    lines += [f"{name:<11}{s['rows']:>9,} rows in {s['documents']:,} documents" for name, s in report["splits"].items()]
    lines += [f"{m['rows']:,} rows have a side written by {_plain(engine)}: {m['kept']:,} kept{_hint(m)}" for engine, m in report["machine"].items()]
    lines += [f"{said} (why: parts/*.errors.jsonl of the work folder)" for said in _errors(report["documents"])]
    lines += ["", f"{'filter':<12}{'from':>6}{'removed':>9}{'failed':>9}  what it asks"]
    for f in report["filters"]:
        least = "" if f["threshold"] is None else f"{f['threshold']:g}"
        lines.append(f"{f['name']:<12}{least:>6}{f['removed']:>9,}{f['failed']:>9,}  {f['about']}")
    lines += ["", "removed: rows whose first failure this was; failed: rows that failed it at all."]
    for f in report["filters"]:
        for e in f["examples"]:
            lines += ["", f"{f['name']} {e['value']:g}: {e['document_id']}, row {e['position']}", f"  {_short(e['source'])}", f"  {_short(e['target'])}"]
    return "\n".join(lines) + "\n"


def _errors(documents: Mapping[str, int]) -> list[str]:
    """What was paired or was to be translated, and gave no rows."""
    kinds = (("failed", "paired", "pair", "aligned"), ("not_filled", "filled", "document", "translated"))
    return [f"{_counted(documents[key], noun)} of {documents[whole]:,} could not be {what}" for key, whole, noun, what in kinds if documents[key]]


def _plain(engine: str) -> str:
    """The name of an engine, which a foreign file may have said, as words of one line that no mark-up is made of."""
    return " ".join(re.sub(r"[`<>|\[\]]", " ", engine).split())[:80]


def _hint(machine: Mapping[str, int]) -> str:
    return ", for training only" if machine["kept"] else " (--machine keeps them)"


def _short(text: str | None, width: int = 130) -> str:
    if text is None:
        return "—"
    return text if len(text) <= width else text[: width - 1] + "…"


def card(report: Mapping[str, Any], name: str, license: str, *, kept_only: bool = False) -> str:
    """README.md with the YAML header that the Hugging Face Hub reads; kept_only: it names no file of removed rows."""
    import yaml

    rows = report["kept"]
    head = {
        "language": report["languages"], "license": license, "task_categories": ["translation"], "multilinguality": ["translation"],
        "pretty_name": name, "size_categories": [next((size for limit, size in _SIZES if rows < limit), "n>10M")],
        "configs": [{
            "config_name": "-".join(report["languages"]), "default": True,
            "data_files": [{"split": s, "path": f"data/{s}-*.parquet"} for s in report["splits"]],
        }],
    }  # fmt: skip
    splits = [f"| {s} | {v['rows']:,} | {v['documents']:,} | {v['source_characters']:,} | {v['target_characters']:,} |" for s, v in report["splits"].items()]
    filters = [
        f"| {f['name']} | {'' if f['threshold'] is None else format(f['threshold'], 'g')} | {f['removed']:,} | {f['failed']:,} | {f['about']} |" for f in report["filters"]
    ]
    d, codes = report["documents"], report["languages"]
    first = f"Sentences of {_counted(d['paired'] - d['failed'], 'statement')} in `{codes[0]}` and `{codes[1]}`, paired by a program: {_counted(rows, 'row')} kept of {report['rows']:,}."
    if d["without_version"]:
        first += f" {_counted(d['without_version'], 'further document')} had no version in the other language."
    first += "".join(f" {said}." for said in _errors(d))
    for engine, m in report["machine"].items():
        if m["kept"]:
            first += f" One side of {_counted(m['kept'], 'row')} was written by the engine `{_plain(engine)}`, see `origin_source` and `origin_target`; they are for training only."
    says = "The licence of the texts was not given: ask those who published them." if license == "unknown" else f"Licence of the texts: {license}."
    where = "" if kept_only or report["rows"] == rows else " Removed rows are in `removed.parquet` with the reason, examples in `report.txt`."
    return "\n".join([
        "---", yaml.safe_dump(head, allow_unicode=True, sort_keys=False).rstrip(), "---", "", f"# {name}", "", first, "", says, "",
        "## Sources", "", report["sources"] or f"{d['paired'] * 2 + d['unpaired']:,} files; where they came from was not given.", "",
        "```python", "from datasets import load_dataset", 'rows = load_dataset("PATH OR OWNER/NAME")', "```", "",
        "## Splits", "", f"Documents were dealt to the splits by seed {report['seed']}; no sentence of test or validation is in training.", "",
        f"| split | rows | documents | characters ({codes[0]}) | characters ({codes[1]}) |", "|---|---:|---:|---:|---:|", *splits, "",
        "## Columns", "", "| column | meaning |", "|---|---|", *(f"| {k} | {v} |" for k, v in _COLUMNS.items()), "",
        "## Filters", "", "A row is removed when its value is below the threshold." + where,
        "", "| filter | threshold | removed | failed at all | what it asks |", "|---|---:|---:|---:|---|", *filters, "",
        "![Score of the rows, kept and removed](scores.svg)", "",
        "## Made by", "", *(f"- {k}: {v}" for k, v in report["made_by"].items()), "",
    ])  # fmt: skip


def _counted(number: int, noun: str) -> str:
    """Such as "1 statement" or "1,200 statements"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def histogram(counts: Mapping[str, Sequence[int]], title: str) -> str:
    """Counts in equal bins from 0 to 1 as SVG: the series of `counts` on top of each other, on a scale of square roots (few beside many stay visible)."""
    width, height, left, bottom = 640, 240, 12, 28
    bins = max((len(c) for c in counts.values()), default=0) or 1
    total = [sum(c[k] for c in counts.values() if k < len(c)) for k in range(bins)]
    top = max(total, default=0) or 1
    step = (width - 2 * left) / bins
    colours = ["#1f6f8b", "#c9a25b", "#777777"]
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" font-family="sans-serif" font-size="12">',
        f'<title>{escape(title)}</title><rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for k in range(bins):
        below, tall = 0, (height - bottom - 44) * (total[k] / top) ** 0.5
        for (name, series), colour in zip(counts.items(), colours, strict=False):
            count = series[k] if k < len(series) else 0
            if count:
                size, place = tall * count / total[k], tall * below / total[k]
                out.append(
                    f'<rect x="{left + k * step + 1:.1f}" y="{height - bottom - place - size:.1f}" width="{step - 2:.1f}" height="{size:.1f}" fill="{colour}">'
                    f"<title>{k / bins:.2f} to {(k + 1) / bins:.2f}: {count:,} {escape(name)}</title></rect>"
                )
            below += count
    out.append(f'<line x1="{left}" x2="{width - left}" y1="{height - bottom}" y2="{height - bottom}" stroke="#444444"/>')
    out += [f'<text x="{left + x * (width - 2 * left):.0f}" y="{height - 10}" text-anchor="middle">{x:g}</text>' for x in (0, 0.25, 0.5, 0.75, 1)]
    for k, ((name, series), colour) in enumerate(zip(counts.items(), colours, strict=False)):
        out.append(f'<rect x="{left + 150 * k}" y="12" width="12" height="12" fill="{colour}"/><text x="{left + 150 * k + 18}" y="22">{escape(name)}: {sum(series):,}</text>')
    out.append(f'<text x="{width - left}" y="22" text-anchor="end">{escape(title)}</text></svg>')
    return "\n".join(out) + "\n"
