"""Bitexts to files and back. A format is one module and a line of FORMATS; files are written to a temporary name, then renamed."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from pathlib import Path
from stat import S_IMODE
from tempfile import mkstemp
from typing import TYPE_CHECKING, Any, Literal

from align.bitext import Bitext, InputError, OptionError
from align.formats.beads import format_beads, parse_beads, read_beads
from align.formats.streams import opened

if TYPE_CHECKING:
    import datasets

__all__ = [
    "FORMATS", "dumps", "format_beads", "from_dataset", "loads", "parse_beads", "pieces", "read", "read_beads", "replace_files", "to_dataset", "will_write", "write",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Format:
    """module and its functions; `load` is None for a format that cannot be read back as a bitext, and `instead` says what to do.

    kind "text": dump gives pieces of str or bytes, load takes a stream of bytes. "binary": the same, and the bytes are no text.
    "pair": dump gives the texts of two files, one a language, load takes two streams.
    """

    module: str
    dump: str
    load: str | None
    kind: Literal["text", "binary", "pair"] = "text"
    instead: str = ""


FORMATS: dict[str, Format] = {
    "tmx": Format("align.formats.tmx", "dump", "load"),
    "xlf": Format("align.formats.xlf", "dump", "load"),
    "tsv": Format("align.formats.tables", "dump_tsv", "load_tsv"),
    "csv": Format("align.formats.tables", "dump_csv", "load_csv"),
    "xlsx": Format("align.formats.xlsx", "dump", "load", "binary"),
    "jsonl": Format("align.formats.jsonl", "dump", "load"),
    "parquet": Format("align.formats.parquet", "dump", "load", "binary"),
    "html": Format("align.formats.html", "dump", None, "text", "it is made for reading; keep a jsonl, tmx or xlsx beside it and read that"),
    "docx": Format("align.formats.docx", "dump", "load", "binary"),
    "beads": Format("align.formats.beads", "dump", None, "text", "it has no texts; read it with bitext score or align.formats.read_beads"),
    "moses": Format("align.formats.moses", "dump", "load", "pair"),
    "srt": Format("align.formats.srt", "dump", "load", "pair"),
}
_CODE = re.compile(r"\.([a-zA-Z]{2,3}(?:-\w+)?)(?=\.|$)")  # a language in a file's name
OTHER_NAMES = {"xliff": "xlf", "htm": "html"}
READ_AS = {"sdlxliff": "xlf", "mqxliff": "xlf", "mxliff": "xlf"}  # of Trados, memoQ, Phrase


def _format(path: Path, name: str | None, reads: bool = False) -> tuple[str, Format]:
    suffixes = [s[1:].lower() for s in path.suffixes if s.lower() != ".gz"]
    found = name or (suffixes[-1] if suffixes else "")
    found = OTHER_NAMES.get(found, found)
    if reads:
        found = READ_AS.get(found, found)
    elif found in READ_AS:
        raise InputError(f"{path}: {found} is read and not written; write {READ_AS[found]}, which every translation tool reads")
    if found in ("txt", "md", "pdf", "mhtml"):
        raise InputError(f"{path}: {found} is a document of one language, no bitext; bitext align pairs two, bitext translate makes the second; bitexts are {', '.join(FORMATS)}")
    if found not in FORMATS:
        raise InputError(f"no format {found!r} for {path}; there are {', '.join(FORMATS)} (by the file's extension or --format)")
    return found, FORMATS[found]


def _call(form: Format, function: str) -> Callable[..., Any]:
    found: Callable[..., Any] = getattr(import_module(form.module), function)
    return found


def _stream(name: str) -> tuple[str, Format]:
    name, form = _format(Path("standard output"), name)
    if form.kind == "pair":
        raise OptionError(f"{name} is a pair of files; write it with -o NAME.{name}")
    return name, form


def pieces(bitext: Bitext, name: str) -> Iterator[bytes]:
    """A bitext in a format, in pieces of bytes; a pair (moses, srt) has two files and cannot be one stream."""
    _, form = _stream(name)
    for piece in _call(form, form.dump)(bitext):
        yield piece if isinstance(piece, bytes) else piece.encode("utf-8", "surrogatepass")


def dumps(bitext: Bitext, name: str) -> str:
    """A bitext in a format, as text; OptionError for a format that is no text."""
    name, form = _format(Path("text"), name)
    if form.kind == "binary":
        raise OptionError(f"{name} is not text; take align.formats.pieces or write it to a file")
    return b"".join(pieces(bitext, name)).decode("utf-8", "surrogatepass")


def write(bitext: Bitext, path: str | os.PathLike[str], *, format: str | None = None) -> list[Path]:
    """Write a bitext, in the format of the extension (also .tmx.gz ...) unless one is given; the paths written, all of them or none."""
    path = Path(path)
    name, form = _format(path, format)
    if form.kind == "pair":
        if bitext.source_language == bitext.target_language:
            raise OptionError(f"{name} is a file a language, and both sides are {bitext.source_language!r}; say which languages they are with --from and --to")
        texts = _call(form, form.dump)(bitext)
        names = _pair(path, name, bitext.source_language, bitext.target_language)
        replace_files([(n, [t.encode("utf-8", "surrogatepass")]) for n, t in zip(names, texts, strict=True)])
        return names
    replace_files([(path, pieces(bitext, name))])
    return [path]


def _pair(path: Path, name: str, *codes: str) -> list[Path]:
    """The files of a pair: set.moses is set.en and set.ru, film.srt is film.en.srt and film.ru.srt."""
    stem = path.with_suffix("") if path.suffix.lower() == f".{name}" else path
    ending = "" if name == "moses" else f".{name}"
    return [Path(f"{stem}.{code}{ending}") for code in codes]


def replace_files(files: Iterable[tuple[Path, Iterable[bytes]]]) -> None:
    """Write each file beside its place and rename all when all are whole; a link stays one, a file keeps its mode. InputError: it cannot be written."""
    done: list[tuple[str, Path]] = []
    path = Path()
    try:
        for path, content in files:
            _folder_takes(path)
            place = path.resolve() if path.is_symlink() else path
            handle, temporary = mkstemp(prefix=f".{place.name[:40]}.", dir=place.parent)
            done.append((temporary, place))
            with os.fdopen(handle, "wb") as raw:
                if path.suffix == ".gz":
                    with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
                        packed.writelines(content)
                else:
                    raw.writelines(content)
            os.chmod(temporary, S_IMODE(place.stat().st_mode) if place.exists() else 0o644)
        for temporary, path in done:
            os.replace(temporary, path)
        done = []
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from error
    finally:
        for temporary, _ in done:
            Path(temporary).unlink(missing_ok=True)


def will_write(
    path: str | os.PathLike[str] | None, *, format: str | None = None, kinds: Collection[str] = (), reads: Sequence[str | os.PathLike[str]] = ()
) -> None:
    """Say before the work what `write` would say after it: InputError for an unknown format, and for a folder that is not there or is closed to us.

    path: None = a stream, for which OptionError says that a pair of files cannot be one. kinds: extensions, without their dot, that the
    caller writes itself. reads: the documents that the work begins with, which the result must not replace.
    """
    if path is None:
        _stream(format or "tsv")
        return
    path = Path(path)
    _folder_takes(path)
    made = {path.resolve()}
    if format or path.suffix[1:].lower() not in kinds:
        name, form = _format(path, format)
        if form.kind == "pair":
            made = {one.resolve() for read in reads for one in _pair(path, name, *_CODE.findall(Path(read).name))}
    for read in reads:
        if Path(read).resolve() in made:
            raise InputError(f"{os.fspath(read)} is read, and writing {path} would replace it; give another name")


def _folder_takes(path: Path) -> None:
    """InputError when a file cannot be made at `path`."""
    if str(path) == "-":
        raise InputError("cannot write a file called -; to write to standard output, name no file")
    if path.is_dir():
        raise InputError(f"cannot write {path}: it is a folder; give the name of a file in it")
    if path.exists() and not path.is_file():
        raise InputError(f"cannot write {path}: it is a device or a pipe, no file that could be replaced; to write to standard output, name no file")
    if not path.parent.is_dir():
        raise InputError(f"cannot write {path}: there is no folder {path.parent}; make it, or give another")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise InputError(f"cannot write {path}: the folder {path.parent} may not be written to; give another")


def read(path: str | os.PathLike[str], *, format: str | None = None, source: str | None = None, target: str | None = None) -> Bitext:
    """Read a bitext; languages from the file where it says them, else from `source` and `target` (which win).

    The file is read as a stream, also when gzip packed it. A pair (moses, srt) is two files and needs both languages.
    """
    path = Path(path)
    name, form = _format(path, format, reads=True)
    load = _load(form, name, str(path))
    with ExitStack() as stack:
        if form.kind == "pair":
            if not source or not target:
                raise InputError(f"{path} does not say its languages; give them with --from and --to (in Python source= and target=)")
            return load(*[stack.enter_context(opened(p)) for p in _pair(path, name, source, target)], str(path), source, target)
        return load(stack.enter_context(opened(path)), str(path), source, target)


def _load(form: Format, name: str, where: str) -> Callable[..., Bitext]:
    if form.load is None:
        raise InputError(f"{where}: {name} cannot be read as a bitext: {form.instead}")
    return _call(form, form.load)


def loads(data: str | bytes, format: str, *, name: str = "input", source: str | None = None, target: str | None = None) -> Bitext:
    """A bitext from text or bytes in a format."""
    found, form = _format(Path(name), format, reads=True)
    if form.kind == "pair":
        raise InputError(f"{name}: {found} is a pair of files and cannot be read from one text; take align.formats.read")
    stream = BytesIO(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)
    return _load(form, found, name)(stream, name, source, target)


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
