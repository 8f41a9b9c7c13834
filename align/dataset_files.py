"""The files of a data set: splits and removed rows as Parquet in batches, further formats, and the way to the Hugging Face Hub."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from align.bitext import InputError, OptionError

FLAT = ("score", "similarity", "type", "origin_source", "origin_target", "document_id", "position", "verified")
_NETWORK = ("httpx", "httpx2", "requests")  # what the versions of huggingface_hub speak HTTP with; their errors are not OSErrors
_BATCH = 2_000  # rows in memory at a time
_FILE = 500_000  # rows of a file of a split


def rows_of(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """The rows of Parquet files in order, a few at a time."""
    import pyarrow.parquet as pq

    for path in paths:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_BATCH):
                yield from batch.to_pylist()


class _Batches:
    """Rows to Parquet in batches; the file is there only when a row or `always` asks for it."""

    def __init__(self, schema: Any) -> None:
        self.schema, self.waiting, self.writer, self.count = schema, [], None, 0

    def path(self) -> Path:
        raise NotImplementedError

    def add(self, row: Mapping[str, Any]) -> None:
        self.waiting.append(row)
        self.count += 1
        if len(self.waiting) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if self.writer is None:
            self.writer = pq.ParquetWriter(self.path(), self.schema, compression="zstd")
        self.writer.write_table(pa.Table.from_pylist(self.waiting, schema=self.schema))
        self.waiting = []

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        if self.waiting:
            self.flush()
        if self.writer is not None:
            self.writer.close()
            self.writer = None

    waiting: list[Mapping[str, Any]]
    writer: Any


class Removed(_Batches):
    """removed.parquet: the columns of a work folder, and why."""

    def __init__(self, path: Path) -> None:
        import pyarrow as pa

        from align.corpus_rows import schema

        more = [("reason", pa.string()), ("reasons", pa.list_(pa.string())), ("value", pa.float64())]
        super().__init__(pa.schema([*schema(), *[pa.field(n, k) for n, k in more]]))
        self._path = path

    def path(self) -> Path:
        return self._path


class SplitFiles(_Batches):
    """The files of a split."""

    def __init__(self, folder: Path, split: str, languages: tuple[str, str]) -> None:
        super().__init__(features(languages).arrow_schema)
        self.folder, self.split, self.languages, self.files = folder, split, languages, 0

    def path(self) -> Path:
        self.files += 1
        return self.folder / f"{self.split}-{self.files - 1:05d}.parquet"

    def add(self, row: Mapping[str, Any]) -> None:
        if self.count and self.count % _FILE == 0 and self.writer is not None:
            self.__exit__()
        super().add({"translation": dict(zip(self.languages, (row["source"], row["target"]), strict=True)), **{k: row[k] for k in FLAT}})


def features(languages: tuple[str, str]) -> Any:
    """The columns of a data set, as `datasets.Features`."""
    import datasets

    text, number = datasets.Value("string"), datasets.Value("float64")
    kinds = dict.fromkeys(FLAT, text) | {"score": number, "similarity": number, "position": datasets.Value("int64"), "verified": datasets.Value("bool")}
    return datasets.Features({"translation": datasets.Translation(list(languages)), **kinds})


def also(place: Path, form: str, splits: Sequence[str], languages: tuple[str, str]) -> None:
    """also/train.en and also/train.ru, also/train.tmx ..."""
    from align import formats
    from align.bitext import Bitext
    from align.formats.fields import row_of

    (place / "also").mkdir(exist_ok=True)
    for split in splits:
        rows = []
        for number, row in enumerate(rows_of(sorted((place / "data").glob(f"{split}-*.parquet")))):
            texts = dict(zip(("source", "target"), (row["translation"][code] for code in languages), strict=True))
            rows.append(row_of({**row, **texts}, f"row {number}"))
        formats.write(Bitext(tuple(rows), *languages), place / "also" / f"{split}.{form}")


def push(folder: Path, name: str, *, token: str | None = None, private: bool = False, message: str | None = None) -> str:
    """Upload a data set folder to the Hugging Face Hub as OWNER/NAME; its address. The hub is HF_ENDPOINT when that is set.

    The token goes into the header of requests to the hub and nowhere else. InputError: no data set there, a hub that cannot be reached or refuses;
    OptionError: no token or one that cannot be, no such name. All messages are one line and without the token.
    """
    import os

    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    if not (folder / "README.md").is_file() or not any((folder / "data").glob("*.parquet")):
        raise InputError(f"{folder} is no data set; make it with bitext corpus build WORK -o {folder}")
    if name.count("/") != 1:
        raise OptionError(f"the name is {name!r}; expected OWNER/NAME")
    token = (token or os.environ.get("HF_TOKEN") or "").strip()
    if not token:
        raise OptionError("no token for the hub; set HF_TOKEN or give --token (huggingface.co/settings/tokens, with the right to write)")
    if not token.isascii() or not token.isprintable() or " " in token:
        raise OptionError("the token for the hub has blanks or letters that no token has; copy it again (huggingface.co/settings/tokens)")
    endpoint = os.environ.get("HF_ENDPOINT") or "https://huggingface.co"
    api = HfApi(endpoint=endpoint, token=token)
    try:
        api.create_repo(name, repo_type="dataset", private=private, exist_ok=True)
        if private and not api.repo_info(name, repo_type="dataset").private:
            raise InputError(f"{name} is there already and is public; make it private on the hub first, or push without --private: nothing was sent")
        api.upload_folder(repo_id=name, repo_type="dataset", folder_path=folder, commit_message=message or "Data set built by bitext corpus")
    except HFValidationError as error:
        raise OptionError(f"the hub does not allow the name {name!r}: {_line(error, token)}") from error
    except HfHubHTTPError as error:
        raise InputError(f"{endpoint} refused: {_line(error, token)}; look whether the token may write to {name}") from error
    except Exception as error:
        if not isinstance(error, OSError) and type(error).__module__.split(".")[0] not in _NETWORK:
            raise
        raise InputError(f"cannot reach {endpoint} ({_line(error, token)}); {folder} stays as it is: push it from a machine with network, or set HF_ENDPOINT") from error
    return f"{endpoint}/datasets/{name}"


def _line(error: Exception, token: str) -> str:
    """What an error says, in one line and without the token, which a hub or a library may repeat."""
    return " ".join(str(error).split()).replace(token, "(token)")
