"""XLSX: the sheet `rows` with a header that stays in sight, one row a line, and the sheet `about` with the languages and what the bitext says of itself.

The column `row` is the row's number from 0: read back, rows stand in its order however the sheet was sorted, and lines without a number
stand after the line above them. Texts are text cells marked with Excel's own quote prefix, so that `=cmd` never runs. Evidence is not kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any, BinaryIO

from align import archive
from align.bitext import Bitext, InputError, OptionError, Row
from align.formats.about import about, known
from align.formats.fields import KEYS, LANGUAGES, MARKS, bitext_of, plain, row_of, unread
from align.formats.languages import direction
from align.formats.markup import escaped

_COLUMNS = ("row", *KEYS, *MARKS)
_WIDTHS = {"source": 60, "target": 60, "note": 30, "origin_source": 16, "origin_target": 16}
_NUMBERS = frozenset(("row", "score", "similarity", "verified", "locked"))
_LONGEST = 32_767  # UTF-16 units in a cell
_MOST = 1_048_575  # rows under a header
_CODED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|\r")  # what Excel would read as a character's number, and what XML would read as a line feed
_CODE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def dump(bitext: Bitext) -> Iterator[bytes]:
    """The file; InputError names the row whose text a cell cannot hold, OptionError says when there are too many rows."""
    from openpyxl import Workbook

    if len(bitext) > _MOST:
        raise OptionError(f"{len(bitext)} rows do not fit a sheet of {_MOST}; write csv, parquet or jsonl")
    for number, row in enumerate(bitext.rows):  # before the writer begins, for it cannot stop half way
        for name, value in _values(number, row).items():
            if isinstance(value, str):
                _check(value, f"row {number}: {name}")
    book = Workbook(write_only=True)
    sheet = book.create_sheet("rows")
    sheet.freeze_panes = "A2"
    for letter, name in zip("ABCDEFGHIJKLMNOP", _COLUMNS, strict=False):
        sheet.column_dimensions[letter].width = _WIDTHS.get(name, 11)
    cells = _Cells(sheet, bitext)
    sheet.append([cells.head(name) for name in _COLUMNS])
    for number, row in enumerate(bitext.rows):
        sheet.append([cells.of(name, value) for name, value in _values(number, row).items()])
    sheet.auto_filter.ref = f"A1:{chr(64 + len(_COLUMNS))}{len(bitext) + 1}"
    notes = book.create_sheet("about")
    for name, value in {LANGUAGES[0]: bitext.source_language, LANGUAGES[1]: bitext.target_language, **about(bitext)}.items():
        notes.append([cells.of("about", name), cells.of("about", _fitting(name, value))])
    out = BytesIO()
    book.save(out)
    yield out.getvalue()


def _fitting(name: str, value: str) -> str:
    """A value of `about` as a cell can hold it: of too many notes the first; nothing where that does not help."""
    if name == "notes":
        said = json.loads(value)
        while said and len(value) > _LONGEST:
            said.pop()
            value = json.dumps([*said, "... (more notes did not fit into this sheet)"])
    return value if len(value) <= _LONGEST else ""


def _values(number: int, row: Row) -> dict[str, Any]:
    values = {"row": number, **plain(row), "note": row.note, "locked": row.locked}
    return {k: " ".join(map(str, v)) if isinstance(v, list) else v for k, v in values.items()}


def _coded(text: str) -> str:
    return _CODED.sub(lambda m: f"_x{ord(m[0]):04X}_", text)


def _check(text: str, where: str) -> None:
    """InputError for a text that a cell cannot hold."""
    escaped(text, where)
    text = _coded(text)
    if len(text) > _LONGEST // 2 and len(text.encode("utf-16-le")) > 2 * _LONGEST:
        raise InputError(f"{where} has more than the {_LONGEST:,} characters that a cell holds; write csv or jsonl")


class _Cells:
    """Makes cells: texts wrapped, quoted and written in the direction of their language."""

    def __init__(self, sheet: Any, bitext: Bitext) -> None:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Alignment, Font

        self._sheet, self._make = sheet, WriteOnlyCell
        self._styles: dict[str, Any] = {}
        codes = {"source": bitext.source_language, "target": bitext.target_language}
        for name in (*_COLUMNS, "about", "head"):
            cell = WriteOnlyCell(sheet)
            order = 2 if direction(codes.get(name, "en")) == "rtl" else 0
            cell.alignment = Alignment(wrap_text=True, vertical="top", readingOrder=order)
            cell.quotePrefix = name not in _NUMBERS and name != "head"
            if name == "head":
                cell.font = Font(bold=True)
            self._styles[name] = cell._style

    def head(self, name: str) -> Any:
        cell = self._make(self._sheet, name)
        cell._style = self._styles["head"]
        return cell

    def of(self, name: str, value: Any) -> Any:
        """A cell of a column; numbers with all their digits, where openpyxl would write sixteen."""
        known = _coded(value) if isinstance(value, str) else repr(value) if isinstance(value, float) else value
        cell = self._make(self._sheet, None if known == "" else known)
        if isinstance(value, str) and value:
            cell.data_type = "s"  # also where it looks like a formula or an error
        elif isinstance(value, float):
            cell.data_type = "n"
        cell._style = self._styles[name]
        return cell


def load(stream: BinaryIO, name: str, source: str | None, target: str | None) -> Bitext:
    """Read a sheet that has columns `source` and `target`: `rows`, else the first. InputError names the line that is wrong."""
    from xml.etree.ElementTree import ParseError
    from zipfile import BadZipFile

    from lxml.etree import LxmlError
    from openpyxl import load_workbook

    data = BytesIO(stream.read())
    archive.check(data, "XLSX", "xl/", name)
    try:
        book = load_workbook(data, read_only=True, data_only=True)
        sheets = {s.title: s for s in book.worksheets}
        if not sheets:
            raise InputError(f"{name} has no sheet with cells; expected one with the columns source and target")
        said = _said(sheets["about"]) if "about" in sheets else {}
        lines = list(_lines(sheets.get("rows", book.worksheets[0]), name))
    except (ParseError, LxmlError, BadZipFile, KeyError, ValueError, TypeError, AttributeError, IndexError, EOFError) as error:
        raise InputError(f"{name} is not XLSX that can be read ({type(error).__name__}: {error}); open it in a spreadsheet and save it again") from error
    rows = [row_of(values, where) for where, values in _ordered(lines)]
    given = next((values for _, values in lines if values.get(LANGUAGES[0])), said)
    more = known(said, name, unread(lines[0][1] if lines else (), ("row",)))
    return bitext_of(rows, source, target, name, (given.get(LANGUAGES[0]) or None, given.get(LANGUAGES[1]) or None), **more)


def _said(sheet: Any) -> dict[str, str]:
    sheet.reset_dimensions()
    return {str(line[0]): _text(line[1]) for line in sheet.iter_rows(values_only=True, max_col=2) if len(line) == 2 and line[0]}


def _text(value: Any) -> str:
    """A cell as text: a whole number without a point, for a person may have typed one."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else _CODE.sub(lambda m: chr(int(m[1], 16)), str(value))


def _lines(sheet: Any, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(place, values by column) of every line that is not empty."""
    sheet.reset_dimensions()
    header: list[str] = []
    for number, line in enumerate(sheet.iter_rows(values_only=True), 1):
        if all(value is None for value in line):
            continue
        if not header:
            header = [_text(value).strip().lower() for value in line]
            if not {"source", "target"} <= set(header):
                raise InputError(f"{name}: the first line holds {', '.join(h for h in header if h)[:100]}; expected columns source and target")
            continue
        where = f"{name}, line {number}"
        cells = dict(zip(header, line, strict=False))
        for side in ("source", "target"):
            if hasattr(cells.get(side), "isoformat") or isinstance(cells.get(side), bool):
                raise InputError(f"{where}: {side} is {cells[side]}, not text; format the column as text and type it again")
        yield where, {key: _text(cells.get(key)) for key in header if key}


def _ordered(lines: Iterable[tuple[str, dict[str, Any]]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """In the order of the column `row`. InputError for one that is no whole number or comes twice."""
    places: dict[int, str] = {}
    found = []
    last = -1
    for where, values in lines:
        said = str(values.get("row", "")).strip()
        if said:
            if not said.isascii() or not said.isdigit():
                raise InputError(f"{where}: row is {said[:20]!r}; expected the row's number from 0, or nothing for a new row")
            last = int(said)
            if last in places:
                raise InputError(f"{where}: row {last} is also {places[last]}; empty the number of the one that is new")
            places[last] = where
        found.append((last, where, values))
    return ((where, values) for _, where, values in sorted(found, key=lambda f: f[0]))


