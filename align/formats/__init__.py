"""Bitexts to files and back. A format is one module and a line of FORMATS; files are written to a temporary name, then renamed."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import mkstemp
from typing import TYPE_CHECKING, Any

from align.bitext import Bitext, InputError, OptionError
from align.formats.beads import format_beads, parse_beads, read_beads

if TYPE_CHECKING:
    import datasets

__all__ = ["FORMATS", "dumps", "format_beads", "from_dataset", "loads", "parse_beads", "pieces", "read", "read_beads", "replace_files", "to_dataset", "write"]


@dataclass(frozen=True, slots=True)
class Format:
    """module and its functions; `load` is None for a format that cannot be read back as a bitext."""

    module: str
    dump: str
    load: str | None


FORMATS: dict[str, Format] = {
    "tmx": Format("align.formats.tmx", "dump", "load"),
    "tsv": Format("align.formats.tables", "dump_tsv", "load_tsv"),
    "csv": Format("align.formats.tables", "dump_csv", "load_csv"),
    "jsonl": Format("align.formats.jsonl", "dump", "load"),
    "beads": Format("align.formats.beads", "dump", None),
    "moses": Format("align.formats.moses", "dump", "load"),
}


def _format(path: Path, name: str | None) -> tuple[str, Format]:
    suffixes = [s[1:].lower() for s in path.suffixes if s.lower() != ".gz"]
    found = name or (suffixes[-1] if suffixes else "")
    if found not in FORMATS:
        raise InputError(f"no format {found!r} for {path}; there are {', '.join(FORMATS)} (by the file's extension or --format)")
    return found, FORMATS[found]


def _call(form: Format, function: str) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(import_module(form.module), function)
    return found


def pieces(bitext: Bitext, name: str) -> Iterator[bytes]:
    """A bitext in a format, in pieces of bytes; a Moses pair has two files and cannot be one stream."""
    _, form = _format(Path("standard output"), name)
    if name == "moses":
        raise OptionError("a Moses pair is two files; write it with -o NAME.moses")
    for piece in _call(form, form.dump)(bitext):
        yield piece if isinstance(piece, bytes) else piece.encode("utf-8", "surrogatepass")


def dumps(bitext: Bitext, name: str) -> str:
    """A bitext in a format, as text."""
    return b"".join(pieces(bitext, name)).decode("utf-8", "surrogatepass")


def write(bitext: Bitext, path: str | os.PathLike[str], *, format: str | None = None) -> list[Path]:
    """Write a bitext, in the format of the extension (also .tmx.gz ...) unless one is given; the paths written, all of them or none."""
    path = Path(path)
    name, _ = _format(path, format)
    if name == "moses":
        from align.formats.moses import dump

        stem = path.with_suffix("") if path.suffix == ".moses" else path
        texts = dump(bitext)
        names = [Path(f"{stem}.{bitext.source_language}"), Path(f"{stem}.{bitext.target_language}")]
        replace_files([(n, [t.encode("utf-8", "surrogatepass")]) for n, t in zip(names, texts, strict=True)])
        return names
    replace_files([(path, pieces(bitext, name))])
    return [path]


def replace_files(files: Iterable[tuple[Path, Iterable[bytes]]]) -> None:
    """Write each file beside its place and rename all when all are whole; InputError when a folder cannot be written to."""
    done: list[tuple[str, Path]] = []
    try:
        for path, content in files:
            handle, temporary = mkstemp(prefix=f".{path.name}.", dir=path.parent or Path("."))
            done.append((temporary, path))
            with os.fdopen(handle, "wb") as raw:
                if path.suffix == ".gz":
                    with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
                        packed.writelines(content)
                else:
                    raw.writelines(content)
            os.chmod(temporary, 0o644)
        for temporary, path in done:
            os.replace(temporary, path)
        done = []
    except OSError as error:
        raise InputError(f"cannot write {error.filename or 'the file'}: {error.strerror}") from error
    finally:
        for temporary, _ in done:
            Path(temporary).unlink(missing_ok=True)


def read(path: str | os.PathLike[str], *, format: str | None = None, source: str | None = None, target: str | None = None) -> Bitext:
    """Read a bitext; languages from the file where it says them, else from `source` and `target` (which win)."""
    path = Path(path)
    name, form = _format(path, format)
    if form.load is None:
        raise InputError(f"{path}: {name} has no texts, so it cannot be read as a bitext; read it with bitext score or align.formats.read_beads")
    if name == "moses":
        if not source or not target:
            raise InputError(f"{path} does not say its languages; give them with --from and --to (in Python source= and target=)")
        stem = path.with_suffix("") if path.suffix == ".moses" else path
        sides = [_bytes(Path(f"{stem}.{code}")).decode("utf-8", "replace") for code in (source, target)]
        return _call(form, form.load)(*sides, str(path), source, target)
    return loads(_bytes(path), name, name=str(path), source=source, target=target)


def _bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except (OSError, EOFError) as error:
        raise InputError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error


def loads(data: str | bytes, format: str, *, name: str = "input", source: str | None = None, target: str | None = None) -> Bitext:
    """A bitext from text or bytes in a format."""
    form = _format(Path(name), format)[1]
    if form.load is None or format == "moses":
        raise InputError(f"{name}: {format} cannot be read from one text")
    if format == "tmx":
        content: str | bytes = data.encode() if isinstance(data, str) else data
    else:
        try:
            content = data if isinstance(data, str) else data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputError(f"{name} is not UTF-8 at byte {error.start}; save it as UTF-8") from error
    return _call(form, form.load)(content, name, source, target)


def to_dataset(bitext: Bitext) -> datasets.Dataset:
    """A Hugging Face data set: `translation` (feature Translation, None = missing side) and one flat column for every other key, and `position`."""
    import datasets

    from align.formats.fields import plain

    codes = [bitext.source_language, bitext.target_language]
    text, number, ids = datasets.Value("string"), datasets.Value("float64"), datasets.List(datasets.Value("int64"))
    kinds = {
        "score": number, "similarity": number, "type": text, "origin_source": text, "origin_target": text,
        "verified": datasets.Value("bool"), "source_ids": ids, "target_ids": ids,
    }  # fmt: skip
    rows = [plain(r) for r in bitext.rows]
    columns: dict[str, list[Any]] = {"translation": [{codes[0]: r["source"], codes[1]: r["target"]} for r in rows]}
    columns |= {name: [r[name] for r in rows] for name in kinds}
    columns["position"] = list(range(len(rows)))
    features = {"translation": datasets.Translation(codes), **kinds, "position": datasets.Value("int64")}
    return datasets.Dataset.from_dict(columns, features=datasets.Features(features))


def from_dataset(dataset: datasets.Dataset) -> Bitext:
    """The bitext of a data set with a `translation` column; the languages are those of its feature."""
    from align.formats.fields import bitext_of, row_of

    feature = dataset.features.get("translation")
    codes = list(getattr(feature, "languages", []))
    if len(codes) != 2:
        raise InputError(f"the data set has columns {', '.join(dataset.column_names)}; expected `translation` with two languages")
    rows = [
        row_of({**r, "source": r["translation"][codes[0]], "target": r["translation"][codes[1]]}, f"row {k}") for k, r in enumerate(dataset)
    ]
    return bitext_of(rows, codes[0], codes[1], "the data set")
