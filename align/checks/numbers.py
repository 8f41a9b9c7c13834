"""Numbers and dates that disagree: digits on one side must be met by digits, number words or Roman numerals of the same value on the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from align.bitext import Bitext, Span
from align.checks.amounts import Mention
from align.checks.mentions import has_tables, loose_mentions, mentions
from align.checks.table import Context, Hit
from align.checks.weekdays import opposed as opposed_days

BOTH, ONE, MEASURED, WORDS, SINGLE = 0.9, 0.5, 0.45, 0.45, 0.35


def find_numbers(bitext: Bitext, context: Context) -> Iterator[Hit]:
    """Rows whose numbers outside dates disagree."""
    return _find(bitext, dates=False)


def find_dates(bitext: Bitext, context: Context) -> Iterator[Hit]:
    """Rows whose dates disagree: day, month or year, or day of the week."""
    return _find(bitext, dates=True)


def _find(bitext: Bitext, dates: bool) -> Iterator[Hit]:
    for number, row in enumerate(bitext.rows):
        if not row.source or not row.target:
            continue
        source, target = unmatched(row.source, row.target, bitext.source_language, bitext.target_language)
        if not source and not target:
            continue
        about_dates = any(m.dated or m.kind == "month" for m in (*source, *target))
        if about_dates == dates:
            yield Hit(number, _score(source, target), _reason(source, target, row.source, row.target, dates), _spans(source), _spans(target))


def unmatched(source_text: str, target_text: str, source: str, target: str) -> tuple[list[Mention], list[Mention]]:
    """The mentions of each side that nothing on the other side explains: the strict ones, and of the others those that stand against each other.

    "Twelve" against «четыре», "half" against «четверть», "IV" against «VI», "May" against «июнь», "Monday" against «вторник»: one number word, Roman numeral, month or day of the week left over on each side.
    """
    read = mentions if has_tables(source) == has_tables(target) else loose_mentions
    left, right = read(source_text, source), read(target_text, target)
    free_left, free_right = _match(left, right)
    free = [m for m in free_left if not _said(m, right)], [m for m in free_right if not _said(m, left)]
    opposed: list[Mention] = []
    for kind in ("word", "roman", "month"):
        hints = [[m for m in side if m.kind == kind and not m.strict and _size(m) and not _inside(m, all_)] for side, all_ in zip(free, (left, right), strict=True)]
        if len(hints[0]) == len(hints[1]) == 1 and _size(hints[0][0]) == _size(hints[1][0]):
            opposed += hints[0] + hints[1]
    days = opposed_days(source_text, target_text, (source, target))
    return [*(m for m in free[0] if m.strict or m in opposed), *days[0]], [*(m for m in free[1] if m.strict or m in opposed), *days[1]]


def _match(left: Sequence[Mention], right: Sequence[Mention]) -> tuple[list[Mention], list[Mention]]:
    """What is left on each side when every mention has taken at most one of the other: exact kinds first, hints last."""
    rest_left, rest_right = list(left), list(right)
    for strict in (2, 1, 0):
        for m in list(rest_left):
            for o in rest_right:
                if m.strict + o.strict >= strict and _same(m, o):
                    rest_left.remove(m)
                    rest_right.remove(o)
                    break
    return rest_left, rest_right


def _same(one: Mention, other: Mention) -> bool:
    if (one.kind == "month") != (other.kind == "month"):
        return False
    return any(abs(a - b) <= 1e-6 * max(1.0, abs(a)) for a in one.values for b in other.values)


def _said(mention: Mention, there: Sequence[Mention]) -> bool:
    """A number said twice on one side and once on the other is no disagreement."""
    return any(_same(mention, o) for o in there)


def _size(mention: Mention) -> str:
    """Is it a part of one, or more than one? "" where it may be one or nothing, which languages say or leave out."""
    return "more" if min(mention.values) > 1 else "part" if 0 < min(mention.values) <= max(mention.values) < 1 else ""


def _inside(mention: Mention, there: Sequence[Mention]) -> bool:
    """Is it a part of another one, as "million" is of "10 million"?"""
    return any(o.start <= mention.start and mention.end <= o.end and o.end - o.start > mention.end - mention.start for o in there)


def _score(source: list[Mention], target: list[Mention]) -> float:
    if any(m.measured for m in (*source, *target)):
        return MEASURED
    if not any(m.strict for m in (*source, *target)):
        return WORDS
    if all(max(m.values) == 1 for m in (*source, *target) if m.strict):
        return SINGLE
    return BOTH if source and target else ONE


def _spans(found: Sequence[Mention]) -> tuple[Span, ...]:
    return tuple(dict.fromkeys((m.start, m.end) for m in found))


def _reason(source: list[Mention], target: list[Mention], source_text: str, target_text: str, dates: bool) -> str:
    said = [", ".join(dict.fromkeys(text[m.start : m.end] for m in side)) for side, text in ((source, source_text), (target, target_text))]
    what = "date" if dates else "number"
    if source and target:
        return f"{what}s disagree: {said[0]} in the source, {said[1]} in the target"
    side, other = ("source", "target") if source else ("target", "source")
    return f"{said[0] or said[1]} stands in the {side}, and no such {what} in the {other}"
