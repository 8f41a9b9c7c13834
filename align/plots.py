"""Histograms as SVG inside a page: its stylesheet gives the colours, so one drawing serves light and dark; nothing is fetched, every text is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 560, 230
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 34, 26
LINES = 4  # most grid lines above the axis


def histogram(counts: Mapping[str, Sequence[int]], edges: Sequence[float], ticks: Sequence[float], title: str) -> str:
    """Bars beside each other, a series of `counts` each; bin k is from edges[k] to edges[k + 1] and all bins are of one width.

    edges: one more than there are bins, rising; ticks: those of the edges that are written below the axis. No counts give an empty frame.
    Every bar says its bin and count when it is pointed at.
    """
    bins = len(edges) - 1
    top = max((c for series in counts.values() for c in series), default=0)
    step = (WIDTH - LEFT - RIGHT) / max(bins, 1)
    floor = HEIGHT - BOTTOM
    label = f"{title}: " + ", ".join(f"{name} {sum(series):,}" if name else f"{sum(series):,}" for name, series in counts.items())
    out = [f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">', f'<text class="title" x="{LEFT}" y="16">{escape(title)}</text>']
    unit = _unit(top)
    for value in range(0, top + 1, unit):
        y = floor - (floor - TOP) * value / max(top, 1)
        out.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/><text class="count" x="{LEFT - 6}" y="{y + 4:.1f}">{_short(value)}</text>')
    wide = (step - min(2.0, step / 4)) / max(len(counts), 1)
    for n, (name, series) in enumerate(counts.items()):
        for k, count in enumerate(series):
            if count:
                tall = max(1.0, (floor - TOP) * count / top)
                out.append(
                    f'<rect class="bar s{n}" x="{LEFT + k * step + n * wide + 1:.1f}" y="{floor - tall:.1f}" width="{wide:.1f}" height="{tall:.1f}">'
                    f"<title>{_number(edges[k])} to {_number(edges[k + 1])}: {count:,} {escape(name)}</title></rect>"
                )
    for tick in ticks:
        x = LEFT + step * list(edges).index(tick)
        out.append(f'<text class="tick" x="{x:.1f}" y="{HEIGHT - 9}">{_number(tick)}</text>')
    out += _key([name for name in counts if name])
    return "\n".join([*out, "</svg>\n"])


def _key(names: Sequence[str]) -> list[str]:
    """Which colour is which series, at the upper right; nothing for one series."""
    if len(names) < 2:
        return []
    out, x = [], WIDTH - RIGHT
    for n, name in reversed(list(enumerate(names))):
        x -= 12 + 7 * len(name)
        out.append(f'<rect class="bar s{n}" x="{x - 14}" y="7" width="10" height="10"/><text class="key" x="{x}" y="16">{escape(name)}</text>')
        x -= 24
    return out


def _unit(top: int) -> int:
    """The round distance of grid lines, 1 or more: 1, 2 or 5 and zeros."""
    unit = 1
    while top / unit > LINES:
        unit = unit * 5 // 2 if str(unit)[0] == "2" else unit * 2
    return unit


def _short(value: int) -> str:
    """1500 as 1.5k, 2000000 as 2M."""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return str(value)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"
