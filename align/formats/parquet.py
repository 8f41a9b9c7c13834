"""Parquet: one flat column for each of `fields.KEYS`, note, locked, evidence (as JSON), and the two languages; a missing side is null.

What the bitext says of itself stands in the file's own metadata under "bitext". Written and read in groups of rows. A file with a
`translation` column, as data sets have it, is read as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from align.bitext import Bitext, InputError, Row, main_part
from align.formats.about import about, known
from align.formats.fields import KEYS, LANGUAGES, MARKS, LineLanguages, bitext_of, evidence_of, plain, unread

_GROUP = 5_000  # rows
MOST = 10_000_000  # rows of a bitext in memory
_FEW = ["type", "origin_source", "origin_target", *LANGUAGES]  # columns of few values, kept as a dictionary
_COLUMNS = (*KEYS, *MARKS, "evidence", *LANGUAGES)


class _Sink:
    """A file to write to that hands on what it was given."""

    closed = False

    def __init__(self) -> None:
        self.given: list[bytes] = []
        self.length = 0

    def write(self, data: Any) -> int:
        self.given.append(bytes(data))
        self.length += len(self.given[-1])
        return len(self.given[-1])

    def tell(self) -> int:
        return self.length

    def flush(self) -> None: ...

    def close(self) -> None: ...

    def taken(self) -> bytes:
        """What was given since it was last asked."""
        data = b"".join(self.given)
        self.given.clear()
        return data


def dump(bitext: Bitext) -> Iterator[bytes]:
    """The file in pieces; InputError names the row whose text UTF-8 cannot hold (half a surrogate pair)."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds: dict[str, Any] = {"score": pa.float64(), "similarity": pa.float64(), "verified": pa.bool_(), "locked": pa.bool_()}
    kinds |= {"source_ids": pa.list_(pa.int64()), "target_ids": pa.list_(pa.int64())}
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in _COLUMNS], metadata={"bitext": json.dumps(about(bitext))})
    sink = _Sink()
    with pq.ParquetWriter(sink, schema, use_dictionary=_FEW) as writer:
        for start in range(0, len(bitext.rows), _GROUP):
            columns = _columns(bitext, start)
            try:
                writer.write_table(pa.table(columns, schema=schema))
            except UnicodeEncodeError as error:
                wrong = next(k for k, texts in enumerate(zip(*columns.values(), strict=True), start) if not all(map(_whole, texts)))
                raise InputError(f"row {wrong} holds half a surrogate pair, which UTF-8 and Parquet cannot hold; take it out or write JSONL") from error
            yield sink.taken()
    yield sink.taken()


def _columns(bitext: Bitext, start: int) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
    for row in bitext.rows[start : start + _GROUP]:
        evidence = evidence_of(row)
        values = {
            **plain(row), "note": row.note, "locked": row.locked,
            "evidence": None if evidence is None else json.dumps(evidence, ensure_ascii=False),
            LANGUAGES[0]: bitext.source_language, LANGUAGES[1]: bitext.target_language,
        }  # fmt: skip
        for name in _COLUMNS:
            columns[name].append(values[name])
    return columns


def _whole(value: Any) -> bool:
    return not isinstance(value, str) or value == value.encode("utf-8", "ignore").decode()


def load(stream: BinaryIO, name: str, source: str | None, target: str | None) -> Bitext:
    """Read Parquet; the notes name columns that it does not know. InputError names the row that is wrong."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows: list[Row] = []
    languages = LineLanguages()
    try:
        file = pq.ParquetFile(stream)
        names = file.schema_arrow.names
        codes = _translation(file.schema_arrow)
        if file.metadata.num_rows > MOST:
            raise InputError(f"{name} has {file.metadata.num_rows:,} rows; a bitext is read whole, up to {MOST:,}: cut it in parts, or see bitext corpus report")
        if not codes and not {"source", "target"} <= set(names):
            raise InputError(f"{name} has the columns {', '.join(names)}; expected source and target, or translation with two languages")
        metadata = file.schema_arrow.metadata or {}
        said = _said(metadata.get(b"bitext", b"{}"), name)
        wanted = [n for n in names if n in _COLUMNS or (codes and n == "translation")]
        for batch in file.iter_batches(batch_size=_GROUP, columns=wanted):
            for values in batch.to_pylist():
                where = f"{name}, row {len(rows)}"
                if codes:
                    pair = values["translation"] or {}
                    values |= {"source": pair.get(codes[0]), "target": pair.get(codes[1]), LANGUAGES[0]: codes[0], LANGUAGES[1]: codes[1]}
                rows.append(languages.row({**values, "evidence": _evidence(values.get("evidence"), where)}, where))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputError(f"{name} is not Parquet, cut short or damaged: {' '.join(str(error).split())[:200]}") from error
    if codes and not all(asked is None or main_part(asked) in map(main_part, codes) for asked in (source, target)):
        raise InputError(f"{name} has translations between {codes[0]} and {codes[1]}, not {source or 'any language'} to {target or 'any language'}")
    return bitext_of(rows, source, target, name, (codes[0], codes[1]) if codes else languages.said, **known(said, name, unread(names, wanted)))


def _translation(schema: Any) -> list[str]:
    """The two languages of a `translation` column; [] when there is none such."""
    import pyarrow as pa

    place = schema.get_field_index("translation")
    kind = schema.types[place] if place >= 0 else None
    return [f.name for f in kind] if kind is not None and pa.types.is_struct(kind) and kind.num_fields == 2 else []


def _said(value: bytes, name: str) -> dict[str, str]:
    try:
        return {str(k): str(v) for k, v in json.loads(value).items()}
    except (ValueError, AttributeError, RecursionError) as error:
        raise InputError(f"{name}: its metadata under `bitext` are not the JSON object that was expected; take them out") from error


def _evidence(value: Any, where: str) -> Any:
    if not isinstance(value, str) or not value:
        return None
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: its evidence is not JSON ({value[:40]!r}); empty the cell") from error
