"""TSV and CSV: a header line with the keys, then one row a line.

TSV writes tab, line feed, carriage return and backslash as \\t \\n \\r \\\\. A CSV cell that a spreadsheet would run as a formula (= + - @, tab,
carriage return) or that begins with an apostrophe gets an apostrophe in front, which is taken off again at reading.
Without a header, two columns are source and target.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator

from align.bitext import MISSING, Bitext, InputError
from align.formats.fields import KEYS, LANGUAGES, bitext_of, cells, row_of

_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_BACK = {v: k for k, v in _ESCAPES.items()}
_ALARM = ("=", "+", "-", "@", "\t", "\r", "'")


def dump_tsv(bitext: Bitext) -> Iterator[str]:
    """Lines with their line feeds."""
    yield "\t".join([*KEYS, *LANGUAGES]) + "\n"
    for row in bitext.rows:
        values = [re.sub(r"[\\\t\n\r]", lambda m: _ESCAPES[m[0]], v) for v in cells(row)]
        yield "\t".join([*values, bitext.source_language, bitext.target_language]) + "\n"


def load_tsv(text: str, name: str, source: str | None, target: str | None) -> Bitext:
    """Read TSV; the last line feed is optional."""
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    table = [[re.sub(r"\\[\\tnr]", lambda m: _BACK[m[0]], c) for c in line.rstrip("\r").split("\t")] for line in lines]
    return _load(table, name, source, target)


def dump_csv(bitext: Bitext) -> Iterator[str]:
    """Lines with their line ends."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for values in _csv_rows(bitext):
        writer.writerow(values)
        yield out.getvalue()
        out.seek(0)
        out.truncate()


def _csv_rows(bitext: Bitext) -> Iterator[list[str]]:
    yield [*KEYS, *LANGUAGES]
    for row in bitext.rows:
        values = cells(row)
        values[:2] = [f"'{v}" if v.startswith(_ALARM) else v for v in values[:2]]
        yield [*values, bitext.source_language, bitext.target_language]


def load_csv(text: str, name: str, source: str | None, target: str | None) -> Bitext:
    """Read CSV as written by `dump_csv` or by a spreadsheet."""
    csv.field_size_limit(10_000_000)
    try:
        table = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise InputError(f"{name} is not CSV: {error}; save it as comma-separated UTF-8") from error
    return _load(table, name, source, target, quoted=True)


def _load(table: Iterable[list[str]], name: str, source: str | None, target: str | None, quoted: bool = False) -> Bitext:
    rows, header = [], None
    for number, values in enumerate(table, 1):
        if not values or values == [""]:
            continue
        if header is None:
            names = [v.strip().lower() for v in values]
            header = names if {"source", "target"} <= set(names) else ["source", "target"]
            if header is names:
                continue
        if len(values) < 2:
            raise InputError(f"{name}, line {number}: one column; expected source and target")
        fields = dict(zip(header, values, strict=False))
        for side in ("source", "target"):
            if quoted and fields.get(side, "").startswith("'") and fields[side][1:].startswith(_ALARM):
                fields[side] = fields[side][1:]
            if fields.get(f"origin_{side}") != MISSING and side not in fields:
                raise InputError(f"{name}, line {number}: no {side}; expected {len(header)} columns, found {len(values)}")
        rows.append(row_of(fields, f"{name}, line {number}"))
        source, target = source or fields.get(LANGUAGES[0]), target or fields.get(LANGUAGES[1])
    return bitext_of(rows, source, target, name)
