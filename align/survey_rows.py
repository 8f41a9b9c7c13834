"""The rows of any parallel data set, one after another: a folder of Parquet (ours or another's with a `translation` column), any file that
`formats` reads (TMX, Moses, JSONL, Parquet, ...), or OWNER/NAME through `datasets`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from align.bitext import InputError


def parallel_rows(path: str | Path, source: str | None = None, target: str | None = None) -> tuple[tuple[str, str], Iterator[dict[str, Any]]]:
    """(languages, rows as plain values with "source", "target", "similarity", "score", "where") of a data set.

    source, target: languages, where the data set does not say them, or which two of more; the other way round, the sides are exchanged. InputError: nothing there, or not parallel.
    """
    place = Path(path)
    if place.is_dir():
        files = sorted((place / "data").glob("*.parquet")) or sorted((place / "parts").glob("*.parquet")) or sorted(place.glob("*.parquet"))
        if not files:
            raise InputError(f"{place} holds no Parquet (looked in it, in data/ and in parts/); give the data set's folder or file")
        return _parquet(files, source, target)
    if place.suffix == ".parquet" and place.is_file():
        return _parquet([place], source, target)
    if not place.exists() and place.suffix != ".moses" and str(path).count("/") == 1 and not str(path).startswith((".", "~")):
        return _hub(str(path), source, target)
    from align import formats

    if not place.exists() and place.suffix != ".moses":
        raise InputError(f"there is no file and no folder {place}; a data set of the hub is OWNER/NAME")
    bitext = formats.read(place, source=source, target=target)
    return (bitext.source_language, bitext.target_language), (
        {"source": r.source, "target": r.target, "similarity": r.similarity, "score": r.score, "where": f"{place.name}, row {k}"}
        for k, r in enumerate(bitext.rows)
    )


def _parquet(files: list[Path], source: str | None, target: str | None) -> tuple[tuple[str, str], Iterator[dict[str, Any]]]:
    import pyarrow as pa

    from align.formats.languages import turned

    schema, *others = map(_schema, files)
    names, change = schema.names, False
    if "translation" in names and pa.types.is_struct(schema.field("translation").type):
        codes = _codes([f.name for f in schema.field("translation").type], source, target, str(files[0]))
    elif {"source", "target"} <= set(names):
        said = _said(files) if {"source_language", "target_language"} <= set(names) else (None, None)
        change = turned(source, target, said)
        source, target = source or said[change], target or said[not change]
        if not source or not target:
            raise InputError(f"{files[0]} does not say its languages; give them with --from and --to")
        codes = source, target
    else:
        raise InputError(f"{files[0]} has the columns {', '.join(names)}; expected translation, or source and target")
    for file, other in zip(files[1:], others, strict=True):
        if ("translation" in names) != ("translation" in other.names) or {"source", "target"} & set(names) - set(other.names):
            raise InputError(f"{file} has the columns {', '.join(other.names)}, {files[0]} has {', '.join(names)}; expected files of one kind")
    wanted = [n for n in ("translation", "source", "target", "similarity", "score", "document_id", "position") if n in names]

    def rows() -> Iterator[dict[str, Any]]:
        for file in files:
            number = 0
            with _opened(file) as opened:
                for batch in _batches(opened, wanted, file):
                    for row in batch:
                        if change:
                            row["source"], row["target"] = row["target"], row["source"]
                        yield _row(row, codes, f"{row['document_id']}, row {row['position']}" if "position" in row and "document_id" in row else f"{file.name}, row {number}")
                        number += 1

    return codes, rows()


def _schema(file: Path) -> Any:
    """The columns of a file; InputError where those that should hold text do not."""
    import pyarrow as pa

    with _opened(file) as opened:
        schema = opened.schema_arrow
    fields = [f for f in schema if f.name in ("source", "target", "source_language", "target_language")]
    if "translation" in schema.names and pa.types.is_struct(schema.field("translation").type):
        fields = list(schema.field("translation").type)
    for field in fields:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind) or pa.types.is_null(kind)):
            raise InputError(f"{file}: the column {field.name} holds {field.type}; expected text")
    return schema


def _opened(file: Path) -> Any:
    import pyarrow.parquet as pq

    with _reading(file):
        return pq.ParquetFile(file)


def _batches(opened: Any, columns: list[str], file: Path) -> Iterator[list[dict[str, Any]]]:
    with _reading(file):
        for batch in opened.iter_batches(2_000, columns=columns):
            yield batch.to_pylist()


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    """InputError for what Parquet raises."""
    import pyarrow as pa

    try:
        yield
    except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
        said = " ".join(str(error).split())[:200]
        raise InputError(f"{file} is not Parquet, cut short or damaged: {said}; make it again, or take it out of the data set") from error


def _said(files: Iterable[Path]) -> tuple[str | None, str | None]:
    """The languages that the first row of these files says."""

    columns = ["source_language", "target_language"]
    for file in files:
        with _opened(file) as opened:
            for head in _batches(opened, columns, file):
                if head:
                    first = head[0]
                    return first.get(columns[0]) or None, first.get(columns[1]) or None
    return None, None


def _codes(found: list[str], source: str | None, target: str | None, name: str) -> tuple[str, str]:
    given = [c for c in (source, target) if c]
    rest = [c for c in found if c not in given]
    codes = [c or (rest.pop(0) if rest else "") for c in (source, target)]
    if set(codes) - set(found) or codes[0] == codes[1] or (rest and len(given) < 2):
        raise InputError(f"{name} has the languages {', '.join(found) or 'of no translation column'}; choose two of them with --from and --to")
    return codes[0], codes[1]


def _row(row: Mapping[str, Any], codes: tuple[str, str], where: str) -> dict[str, Any]:
    pair = row.get("translation") or {codes[0]: row.get("source"), codes[1]: row.get("target")}
    return {"source": pair.get(codes[0]), "target": pair.get(codes[1]), "similarity": _measure(row.get("similarity")), "score": _measure(row.get("score")), "where": where}


def _measure(value: Any) -> float | None:
    """A finite number, else nothing: other programs have columns of these names too."""
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _hub(name: str, source: str | None, target: str | None) -> tuple[tuple[str, str], Iterator[dict[str, Any]]]:
    import datasets

    try:
        found = datasets.load_dataset(name)
    except Exception as error:
        raise InputError(f"there is no file {name}, and datasets cannot load it from the hub either: {str(error).splitlines()[0][:200]}") from error
    splits = dict(found)
    feature = next(iter(splits.values())).features.get("translation")
    codes = _codes(list(getattr(feature, "languages", None) or feature or []), source, target, name)
    return codes, (_row(row, codes, f"{split}, row {k}") for split, rows in splits.items() for k, row in enumerate(rows))
