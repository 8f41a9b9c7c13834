"""What `survey` found in a data set as text, JSON or one self-contained page with plots."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from align import survey
from align.bitext import OptionError
from align.page_head import page_head
from align.plots import histogram

Found = Mapping[str, Any]
TENTHS = tuple(k / survey.BINS for k in range(survey.BINS + 1))
UNKNOWN = "—"
TICKS = 9  # most numbers below the axis of lengths
_BARS = " ▁▂▃▄▅▆▇█"


def as_text(found: Found) -> str:
    """The findings for a terminal."""
    rows = found["rows"]
    lines = [f"{rows:,} rows, {found['both_sides']:,} with both sides, {' - '.join(found['languages'])}"]
    for side in found["sides"]:
        if side["characters"]:
            spoken = ", ".join(f"{code} {n:,}" for code, n in side["languages"].items())
            lines.append(
                f"{side['language']}: {side['words']:,} words, {side['characters']:,} characters; a row {side['median']:g} (5% below {side['p05']:g}, 5% above {side['p95']:g}); "
                f"{side['repeated']:,} repeated; reads as {spoken}"
            )
    ratio, similarity = found["length_ratio"], found["similarity"]
    if ratio["median"] is not None:
        lines.append(f"length, second over first: {ratio['median']:.2f} (5% below {ratio['p05']:.2f}, 5% above {ratio['p95']:.2f})")
    lines.append(f"{found['repeated_pairs']:,} repeated pairs, {found['copies']:,} rows with the same text on both sides")
    if similarity["known"]:
        which = f" of {similarity['encoded_sample']:,} rows taken at random" if similarity["encoded_sample"] else ""
        lines.append(f"similarity{which}: {similarity['median']:.2f}; below {similarity['below']:g}: {similarity['low_share']:.1%}   0 |{_bars(similarity['histogram'])}| 1")
    else:
        lines.append("similarity: not known")
    if found["scores"]:
        lines.append(f"score 0 |{_bars(found['scores'])}| 1")
    if found["worst"]:
        lines += ["", f"the {len(found['worst'])} least similar rows:"]
        for row in found["worst"]:
            lines += [f"{row['similarity']:.2f}  {row['where']}", f"      {row['source'][:150]}", f"      {row['target'][:150]}"]
    return "\n".join(lines) + "\n"


def _bars(counts: Iterable[int]) -> str:
    """One block a count, by its square root."""
    values = list(counts)
    top = max(values, default=0) or 1
    return "".join(_BARS[0 if not v else max(1, round((v / top) ** 0.5 * 8))] for v in values)


def as_json(found: Found) -> str:
    """One object, one line: the findings as `survey.survey` gives them."""
    return json.dumps(found, ensure_ascii=False) + "\n"


def as_html(found: Found) -> str:
    """One page that needs nothing else: no script, no network; every text is escaped."""
    return "".join(_page(found))


def _page(found: Found) -> Iterator[str]:
    codes = found["languages"]
    headline = f"{found['rows']:,} rows, {found['both_sides']:,} with both sides, {' – '.join(codes)}"
    yield page_head(str(found.get("title") or "A parallel data set"), headline, "survey.css")
    yield from _table(found)
    yield "".join(f'<p class="note">{html.escape(note)}</p>\n' for note in _notes(found))
    yield f'<div class="plots">\n{"".join(_plots(found))}</div>\n'
    if found["worst"]:
        yield f"<h2>The {len(found['worst'])} least similar rows</h2>\n<main>\n" if len(found["worst"]) > 1 else "<h2>The least similar row</h2>\n<main>\n"
        for row in found["worst"]:
            yield f'<section>\n<h3><b>{row["similarity"]:.2f}</b> {html.escape(str(row["where"]))}</h3>\n<div class="pair">\n'
            yield from (f'<p lang="{html.escape(code)}" dir="auto">{html.escape(str(row[side]))}</p>\n' for code, side in zip(codes, ("source", "target"), strict=True))
            yield "</div>\n</section>\n"
        yield "</main>\n"
    yield "</body>\n</html>\n"


def _table(found: Found) -> Iterator[str]:
    heads = ("", "words", "characters", "a row, median", "5% below", "5% above", "repeated", "missing", "reads as")
    yield '<div class="wide"><table>\n<thead><tr>' + "".join(f'<th scope="col">{h}</th>' for h in heads) + "</tr></thead>\n<tbody>\n"
    for side, missing in zip(found["sides"], (found["source_missing"], found["target_missing"]), strict=True):
        spoken = ", ".join(f"{code} {n:,}" for code, n in side["languages"].items())
        cells = [f"{side['words']:,}", f"{side['characters']:,}", *(_figure(side[k], ",.0f") for k in ("median", "p05", "p95")), f"{side['repeated']:,}", f"{missing:,}"]
        yield f'<tr><th scope="row">{html.escape(side["language"])}</th>' + "".join(f"<td>{c}</td>" for c in cells) + f"<td>{html.escape(spoken) or UNKNOWN}</td></tr>\n"
    yield "</tbody>\n</table></div>\n"


def _figure(value: float | None, form: str) -> str:
    return UNKNOWN if value is None else format(value, form)


def _notes(found: Found) -> Sequence[str]:
    ratio, similarity = found["length_ratio"], found["similarity"]
    lines = [f"{found['repeated_pairs']:,} repeated pairs; {found['copies']:,} rows with the same text on both sides."]
    if ratio["median"] is not None:
        lines.append(f"Length, {found['languages'][1]} over {found['languages'][0]}: {ratio['median']:.2f} (5% below {ratio['p05']:.2f}, 5% above {ratio['p95']:.2f}).")
    if similarity["known"]:
        which = f", measured on {similarity['encoded_sample']:,} rows taken at random" if similarity["encoded_sample"] else ""
        lines.append(f"Similarity: {similarity['median']:.2f}; {similarity['low_share']:.1%} of the rows below {similarity['below']:g}{which}.")
    else:
        lines.append("Similarity is not known: the data set brings none, and none was measured.")
    return lines


def _plots(found: Found) -> Iterator[str]:
    """Those of which there is something to show."""
    similarity, lengths, ratios = found["similarity"], found["lengths"], found["length_ratio"]
    if similarity["known"]:
        yield histogram({"": similarity["histogram"]}, TENTHS, (0, 0.25, 0.5, 0.75, 1), "similarity of the sides (cosine)")
    if found["scores"]:
        yield histogram({"": found["scores"]}, TENTHS, (0, 0.25, 0.5, 0.75, 1), "score of the rows")
    if any(map(sum, lengths["counts"])):
        used = [k for counts in lengths["counts"] for k, c in enumerate(counts) if c]
        first, last = max(0, min(used) - 1), max(used) + 1
        edges = lengths["edges"][first : last + 1]
        named = dict(zip(found["languages"], (counts[first:last] for counts in lengths["counts"]), strict=True))
        yield histogram(named, edges, edges[:: -(-len(edges) // TICKS)], "characters of a row")
    if ratios["median"] is not None:
        title = f"length, {found['languages'][1]} over {found['languages'][0]}"
        yield histogram({"": ratios["histogram"]}, survey.RATIO_EDGES, survey.RATIO_TICKS, title)


WRITERS = {"txt": as_text, "json": as_json, "html": as_html}


def known(kind: str) -> str:
    """The kind; OptionError for one that is not of WRITERS."""
    if kind not in WRITERS:
        raise OptionError(f"the report of a data set is {', '.join(WRITERS)}, not {kind!r}; change the extension of -o")
    return kind


def written(found: Found, kind: str) -> str:
    """The findings as txt, json or html; OptionError for another kind."""
    return WRITERS[known(kind)](found)


def title_of(data: str) -> str:
    """The last name of a path, or OWNER/NAME of the hub."""
    place = Path(data)
    return place.resolve().name or data if place.exists() else data
