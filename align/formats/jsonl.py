"""JSON lines: one row a line, the keys of `fields.KEYS` first, then note and lock where there are any, evidence, and the languages, so that
every line stands alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import BinaryIO

from align.bitext import Bitext, InputError
from align.formats.fields import LANGUAGES, LineLanguages, bitext_of, evidence_of, marks, plain, unread
from align.formats.streams import lines


def dump(bitext: Bitext) -> Iterator[str]:
    """Lines with their line feeds; other alphabets stay as they are, line separators of Unicode are escaped."""
    for row in bitext.rows:
        values = {**plain(row), **marks(row)}
        evidence = evidence_of(row)
        if evidence is not None:
            values["evidence"] = evidence
        values[LANGUAGES[0]], values[LANGUAGES[1]] = bitext.source_language, bitext.target_language
        line = json.dumps(values, ensure_ascii=False)
        yield line.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").replace("\x85", "\\u0085") + "\n"


def load(stream: BinaryIO, name: str, source: str | None, target: str | None) -> Bitext:
    """Read JSON lines; blank lines are passed over. InputError names the line that is wrong."""
    rows = []
    names: dict[str, None] = {}
    languages = LineLanguages()
    for number, line in enumerate(lines(stream, name), 1):
        if not line.strip():
            continue
        where = f"{name}, line {number}"
        try:
            values = json.loads(line)
        except json.JSONDecodeError as error:
            raise InputError(f"{where} is not JSON: {error.msg} at column {error.colno}") from error
        except ValueError as error:  # a number of thousands of digits
            raise InputError(f"{where}: {error}") from error
        except RecursionError as error:
            raise InputError(f"{where} is nested too deep; expected an object with the keys source and target") from error
        if not isinstance(values, dict) or not {"source", "target"} & set(values):
            raise InputError(f"{where}: expected an object with the keys source and target")
        rows.append(languages.row(values, where))
        names.update(dict.fromkeys(values))
    return bitext_of(rows, source, target, name, languages.said, notes=unread(names, ("evidence",)))
