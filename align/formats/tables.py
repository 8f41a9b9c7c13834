"""TSV and CSV: a header line with the keys, note, lock and languages, then one row a line.

TSV writes tab, line feed, carriage return and backslash as \\t \\n \\r \\\\, and reads them so in a file with our header; in another one a
backslash is a backslash. A cell that would look as if a spreadsheet had put it into quotes begins with \\" there. A CSV cell that a spreadsheet would run as a formula (= + - @, tab,
carriage return) or that begins with an apostrophe gets an apostrophe in front, which is taken off again at reading.
Without a header, two columns are source and target; a header may also have two languages in it. A CSV of a spreadsheet may have semicolons or
tabs between its cells, or say in a first line which sign it has (sep=;), and a TSV of one may have cells in quotes.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import BinaryIO

from align.bitext import MISSING, Bitext, InputError, exact, main_part
from align.formats.fields import KEYS, LANGUAGES, MARKS, LineLanguages, bitext_of, cells, unread
from align.formats.streams import lines

_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_BACK = {v: k for k, v in _ESCAPES.items()} | {'\\"': '"'}
ALARM = ("=", "+", "-", "@", "\t", "\r", "'")
_IN_QUOTES = re.compile(r'"[^"]*""(?:[^"]|"")*"')
_WHOLLY = re.compile(r'"(?:[^"]|"")*"')
_CODE = re.compile(r"[a-z]{2}(?:[-_][a-z]{2,4})?", re.IGNORECASE)
_SIGN = re.compile(r"\ufeff?\"?sep=(.)\"?[\r\n]*")  # a spreadsheet's own first line
_HEAD = 20  # lines that say which sign parts the cells
_HEADER = (*KEYS, *MARKS, *LANGUAGES)
_OURS = {"origin_source", "origin_target"}  # columns that no other program writes
_TEXTS = frozenset(("source", "target", "origin_source", "origin_target", "note", *LANGUAGES))  # the other cells are numbers and words of ours


def dump_tsv(bitext: Bitext) -> Iterator[str]:
    """Lines with their line feeds."""
    yield "\t".join(_HEADER) + "\n"
    for row in bitext.rows:
        values = [re.sub(r"[\\\t\n\r]", lambda m: _ESCAPES[m[0]], v) for v in cells(row)]
        values = [f"\\{v}" if _IN_QUOTES.fullmatch(v) else v for v in values]
        yield "\t".join([*values, bitext.source_language, bitext.target_language]) + "\n"


def load_tsv(stream: BinaryIO, name: str, source: str | None, target: str | None) -> Bitext:
    """Read TSV; the last line feed is optional. InputError names the line that is wrong."""
    table = ((number, line.removesuffix("\n").rstrip("\r").split("\t")) for number, line in enumerate(_tsv_lines(lines(stream, name)), 1))
    return _load(_from_spreadsheet(table), name, source, target)


def _tsv_lines(whole: Iterable[str]) -> Iterator[str]:
    """Lines may also end in a carriage return alone: where each piece has a tab of its own."""
    for line in whole:
        pieces = line.rstrip("\r\n").split("\r") if "\r" in line else []
        yield from pieces if len(pieces) > 1 and all("\t" in piece or not piece for piece in pieces) else (line,)


def _from_spreadsheet(table: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    """Lines of our own TSV without the quotes that a spreadsheet put around cells: where every cell with a quote in it is wholly in quotes, and one
    of them shows that it was so saved, by doubled quotes inside or by a number in quotes. Other lines as they are."""
    table = iter(table)
    header: list[str] = []
    held: list[tuple[int, list[str]]] = []
    saved = False
    for number, values in table:
        if not header:
            header = [] if values == [""] else [v.strip().lower() for v in values]
            ours = set(header) >= _OURS
            yield number, values
            if header and not ours:
                break
            continue
        quoted = [k for k, cell in enumerate(values) if '"' in cell]
        if held or quoted:
            held.append((number, values))
        else:
            yield number, values
        if not all(_WHOLLY.fullmatch(values[k]) for k in quoted):
            saved = False
            break
        saved = saved or any(_IN_QUOTES.fullmatch(values[k]) or k < len(header) and header[k] not in _TEXTS for k in quoted)
    for number, values in held:
        yield number, [cell[1:-1].replace('""', '"') if saved and cell[:1] == '"' else cell for cell in values]
    yield from table


def dump_csv(bitext: Bitext) -> Iterator[str]:
    """Lines with their line ends."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")  # what ends a line is quoted inside a cell: both of them
    for values in _csv_rows(bitext):
        writer.writerow(values)
        yield out.getvalue().removesuffix("\r\n") + "\n"
        out.seek(0)
        out.truncate()


def _csv_rows(bitext: Bitext) -> Iterator[list[str]]:
    yield list(_HEADER)
    for row in bitext.rows:
        values = [*cells(row), bitext.source_language, bitext.target_language]
        yield [f"'{v}" if k in _TEXTS and v.startswith(ALARM) else v for k, v in zip(_HEADER, values, strict=True)]


def load_csv(stream: BinaryIO, name: str, source: str | None, target: str | None) -> Bitext:
    """Read CSV as written by `dump_csv` or by a spreadsheet. InputError names the line that is wrong."""
    csv.field_size_limit(10_000_000)
    whole = _csv_lines(lines(stream, name))
    head = list(islice(whole, _HEAD))
    said = _SIGN.fullmatch(head[0]) if head else None
    head = head[1:] if said else head
    reader = csv.reader(chain(head, whole), strict=True, delimiter=said[1] if said else _delimiter(head, source, target))
    try:
        return _load(((reader.line_num + bool(said), values) for values in reader), name, source, target, quoted=True)
    except csv.Error as error:
        raise InputError(f"{name}, line {reader.line_num + bool(said)} is not CSV: {error}; save it as comma-separated UTF-8") from error


def _delimiter(head: list[str], source: str | None, target: str | None) -> str:
    """What parts the cells: comma, semicolon or tab, whichever gives a header, or else two cells in most lines and is seldom followed by a blank."""
    split = {sign: list(csv.reader(head, delimiter=sign)) for sign in ",;\t"}
    for sign, table in split.items():
        if table and (_names_sides(table[0]) or _languages(table[0], source, target)):
            return sign
    whole = "".join(head)
    return max(",;\t", key=lambda sign: (sum(len(cells) == 2 for cells in split[sign]), -whole.count(f"{sign} ")))


def _names_sides(cells: list[str]) -> bool:
    return {"source", "target"} <= {c.strip().lower() for c in cells}


def _csv_lines(whole: Iterable[str]) -> Iterator[str]:
    """Lines may also end in a carriage return alone."""
    for line in whole:
        yield from filter(None, re.findall(r"[^\r]*(?:\r\n?|$)", line)) if "\r" in line else (line,)


def _languages(cells: list[str], source: str | None, target: str | None) -> tuple[int, int] | None:
    """The columns of source and target where a first line has two languages in it, such as "en", "ru"; those asked for, if any were."""
    codes = {k: c.strip() for k, c in enumerate(cells) if _CODE.fullmatch(c.strip())}
    if len(codes) > 2 and not source and not target:
        codes = {k: c for k, c in codes.items() if c.lower() != "id"}  # a number rather than Indonesian
    found = [_column(asked, codes) for asked in (source, target)]
    sides, free = [side for side, asked in enumerate((source, target)) if not asked], [k for k in codes if k not in found]
    if len(sides) == len(free):
        for side, column in zip(sides, free, strict=True):
            found[side] = column
    one, two = found
    return None if one is None or two is None or exact(codes[one]) == exact(codes[two]) else (one, two)


def _column(asked: str | None, codes: dict[int, str]) -> int | None:
    """The column of a language: its own, else the only one that has the same first part."""
    same = [k for k, code in codes.items() if asked and exact(code) == exact(asked)]
    alike = [k for k, code in codes.items() if asked and main_part(code) == main_part(asked)]
    return same[0] if same else alike[0] if len(alike) == 1 else None


def _load(table: Iterable[tuple[int, list[str]]], name: str, source: str | None, target: str | None, quoted: bool = False) -> Bitext:
    rows, longer, shorter = [], 0, []
    header: list[str] = []
    plain = _unquoted
    languages = LineLanguages()
    for number, values in table:
        if not values or values == [""]:
            continue
        if not header:
            header = [v.strip().lower() for v in values]
            plain = _unescaped if set(header) >= _OURS else _unquoted
            if _names_sides(values):
                continue
            if columns := _languages(values, source, target):
                source, target = source or values[columns[0]].strip(), target or values[columns[1]].strip()
                header[columns[0]], header[columns[1]] = "source", "target"
                continue
            header = ["source", "target"]
        if len(values) < 2:
            raise InputError(f"{name}, line {number}: one column; expected source and target, with {'a comma, a semicolon or a tab' if quoted else 'a tab'} between them")
        fields = dict(zip(header, values, strict=False))
        longer += any(values[len(header) :])
        if plain is _unescaped and len(values) < len(header):
            shorter.append(number)
        if not quoted:
            fields = {k: plain(v) for k, v in fields.items()}
        else:
            fields = {k: v[1:] if k in _TEXTS and v.startswith("'") and v[1:].startswith(ALARM) else v for k, v in fields.items()}
        for side in ("source", "target"):
            if fields.get(f"origin_{side}") != MISSING and side not in fields:
                raise InputError(f"{name}, line {number}: no {side}; expected {len(header)} columns, found {len(values)}")
        rows.append(languages.row(fields, f"{name}, line {number}"))
    notes = unread(header)
    if longer:
        notes += (f"not read, cells beyond the {len(header)} columns: in {longer} line{'s' * (longer > 1)}",)
    if shorter:  # we write all cells of a line
        notes += (f"fewer cells than the {len(header)} columns: line {shorter[0]}{f' and {len(shorter) - 1} more' * (len(shorter) > 1)}; was the file cut there?",)
    return bitext_of(rows, source, target, name, languages.said, notes=notes)


def _unescaped(cell: str) -> str:
    return re.sub(r"\\[\\tnr\"]", lambda m: _BACK[m[0]], cell) if "\\" in cell else cell


def _unquoted(cell: str) -> str:
    """As a spreadsheet means it, which puts a cell with quotes in it into quotes."""
    return cell[1:-1].replace('""', '"') if _IN_QUOTES.fullmatch(cell) else cell
