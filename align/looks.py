"""A first look at every document of a folder: language, date, title, reference number, numbers, vectors of its first sentences.

Looks are kept in the work folder by file, size and time of change, so a folder is read once; a file that cannot be read has a look that says why.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from align.bitext import InputError
from align.guarded import Worker, spread

KINDS = (".txt", ".md", ".markdown", ".html", ".htm", ".mhtml", ".mht", ".docx", ".pdf", ".srt")
CHUNK = 64  # looks in a file
NUMBERS = 300  # most numbers of a document that are kept
SHORTEST = 200  # characters from which on a detected language is believed against a file's name
_FIELDS = ("path", "size", "changed", "encoder", "digest", "language", "title", "date", "reference", "sentences", "characters", "numbers", "vectors", "weights", "problem", "text_digest")


def digest_of(data: bytes) -> str:
    """Names the bytes of a file: 16 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of a file. `path`: in its folder, with "/"; `size`, `changed`: bytes, nanoseconds; `digest`: of its bytes.

    `vectors`: int8 (n, d), unit vectors of the title (zeros where there is none) and then of the first sentences, times 127; `weights`: of the
    sentences; both empty when no vectors were wanted (`encoder`, their label, is None). `problem`: why it cannot be used, None = it can. `text_digest`:
    of its normalised text, whatever the kind of file and its encoding; "" in looks of older programs.
    """

    path: str
    size: int
    changed: int
    encoder: str | None = None
    digest: str = ""
    language: str | None = None
    title: str | None = None
    date: str | None = None
    reference: str | None = None
    sentences: int = 0
    characters: int = 0
    numbers: tuple[str, ...] = ()
    vectors: bytes = b""
    weights: tuple[float, ...] = ()
    problem: str | None = None
    text_digest: str = ""

    @property
    def key(self) -> tuple[str, int, int, str | None]:
        return self.path, self.size, self.changed, self.encoder

    def matrix(self) -> np.ndarray:
        """float32 (1 + sentences, d): title, sentences; (0, 0) without vectors."""
        rows = len(self.weights) + 1
        return np.frombuffer(self.vectors, np.int8).reshape(rows, -1).astype(np.float32) / 127 if self.vectors else np.zeros((0, 0), np.float32)


def listed(folder: Path, without: Path | None = None) -> tuple[list[tuple[str, int, int]], list[tuple[str, str]]]:
    """(path, size, time of change) of every document below the folder, sorted; (path, why not) of other files. Hidden ones are passed over, links followed, but no folder twice.

    without: a folder in it that is left out. InputError when there is no such folder, or one in it cannot be read.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder; give one that holds the statements in both languages")
    found, others = [], []
    been = {folder.resolve()}
    for place, folders, names in os.walk(folder, onerror=_closed, followlinks=True):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and (without is None or (Path(place) / f).resolve() != without.resolve()))
        for name in list(folders):
            real = (Path(place) / name).resolve()
            if real in been:
                folders.remove(name)
                others.append(((Path(place) / name).relative_to(folder).as_posix(), "a link to a folder that is read already"))
            been.add(real)
        for name in names:
            path = Path(place) / name
            if name.startswith(".") or not path.is_file():
                continue
            relative = path.relative_to(folder).as_posix()
            shown = relative.encode("utf-8", "backslashreplace").decode()
            if shown != relative:
                others.append((shown, "its name is not UTF-8; rename it"))
            elif path.suffix.lower() in KINDS:
                about = path.stat()
                found.append((relative, about.st_size, about.st_mtime_ns))
            else:
                others.append((relative, f"not a kind of document that is read ({path.suffix or 'no extension'})"))
    return sorted(found), sorted(others)


def _closed(error: OSError) -> None:
    raise InputError(f"cannot read the folder {error.filename}: {error.strerror}") from error


def label_of(encoder: str, first: int) -> str:
    """What stands in a look that has vectors: two labels are equal when the vectors are."""
    return f"{encoder} of {first}"


def looking(folder: str, encoder: str, first: int, device: str = "cpu") -> Callable[[tuple[str, int, int, bool]], Look]:
    """The function of a worker: (path, size, time of change, are vectors wanted) -> Look, its vectors of `first` sentences."""
    from models import load_encoder

    model, label = load_encoder(encoder, device=device), label_of(encoder, first)
    model.encode(["ready"])  # weights are loaded now, not at the cost of the first document

    def look(task: tuple[str, int, int, bool]) -> Look:
        from align import vectors
        from align.aligner.surface import numbers
        from align.documents import document_from_bytes
        from align.duplicates import digest
        from align.sentences import split

        path, size, changed, wanted = task
        full = Path(folder) / path
        data = full.read_bytes()
        document = document_from_bytes(data, name=str(full))
        sentences = split(document, document.language or "en")
        texts = [s.text for s in sentences[:first]]
        packed, weights = b"", ()
        if wanted and texts:
            found = vectors.encode([document.title or "", *texts], model)
            if not document.title:
                found[0] = 0.0
            packed = np.rint(found * 127).astype(np.int8).tobytes()
            weights = tuple(round(len(t) ** 0.5, 3) for t in texts)
        prose = " ".join(document.text[a:b] for a, b in document.paragraphs)
        return Look(
            path, size, changed, label if wanted else None, digest_of(data), document.language, document.title,
            document.date, document.reference, len(sentences), len(prose), tuple(sorted(numbers(prose)[:NUMBERS])), packed, weights,
            None if sentences else "it holds no sentences", f"{digest(prose):016x}",
        )  # fmt: skip

    return look


def look_at_all(
    folder: Path, files: Sequence[tuple[str, int, int]], wanted: frozenset[str], cache: Path, make: Callable[[], Worker], label: str, workers: int
) -> Iterator[Look]:
    """A look for every file, in no order; known ones come from `cache`, those with a problem are tried again.

    wanted: paths that need vectors; make: a worker of `looking`; label: `label_of` its encoder.
    """
    todo = {(p, s, c, label if p in wanted else None): (p, s, c, p in wanted) for p, s, c in files}
    cache.mkdir(parents=True, exist_ok=True)
    for path in sorted(cache.glob("*.parquet")):
        for look in _looks(path):
            if look.problem is None and look.key in todo:
                del todo[look.key]
                yield look
    tasks = list(todo.values())
    chunks = [tasks[i : i + CHUNK] for i in range(0, len(tasks), CHUNK)]
    done: list[Path] = []

    def do(chunk: list[tuple[str, int, int, bool]], worker: Worker) -> None:
        looks = []
        for task in chunk:
            answer = worker.ask(task)
            problem = None if answer.error is None else f"it cannot be read: {answer.error}"
            looks.append(answer.value if problem is None else Look(*task[:3], label if task[3] else None, problem=problem))
        name = hashlib.sha256(repr((label, chunk)).encode()).hexdigest()[:16]
        _keep(looks, cache / f"{name}.parquet")
        done.append(cache / f"{name}.parquet")

    spread(chunks, do, make, workers)
    for path in sorted(done):
        yield from _looks(path)


def _looks(path: Path) -> Iterator[Look]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:  # pq.read_table would load pyarrow.dataset, 50 MB
        for batch in file.iter_batches(16, use_threads=False):
            for values in batch.to_pylist():
                yield Look(**{**values, "numbers": tuple(values["numbers"]), "weights": tuple(values["weights"])})


def _keep(looks: Sequence[Look], path: Path) -> None:
    import pyarrow as pa

    from align.formats import replace_files

    kinds: dict[str, Any] = dict.fromkeys(("size", "changed", "sentences", "characters"), pa.int64())
    kinds |= {"vectors": pa.binary(), "numbers": pa.list_(pa.string()), "weights": pa.list_(pa.float64())}
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in _FIELDS])
    table = pa.table({name: [getattr(look, name) for look in looks] for name in _FIELDS}, schema=schema)
    replace_files([(path, [parquet_bytes(table)])])


def parquet_bytes(table: Any) -> bytes:
    """A table as Parquet; the same table gives the same bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue())
