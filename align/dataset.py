"""Rows of a work folder -> a data set that `datasets.load_dataset` opens: filtered, split by document, with a card.

    dataset/data/train-00000.parquet ...   kept rows: `translation` and flat columns; validation and test likewise
    dataset/removed.parquet                every other row, with the first filter that it failed, all of them, and the value
    dataset/report.json, report.txt        what each filter removed, with examples
    dataset/README.md, scores.svg          the card

The folder is made beside its place and renamed when it is whole. The same work folder and options give the same bytes.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from align.bitext import InputError
from align.dataset_files import Removed, SplitFiles, also, rows_of
from align.dataset_records import SPLITS, BuildOptions, Tally, engines_in
from align.duplicates import digest, normal
from align.filters import Sieve, thresholds

_OURS = frozenset(("data", "also", "removed.parquet", "report.json", "report.txt", "README.md", "scores.svg"))


def build(work: Path, out: Path, options: BuildOptions | None = None) -> dict[str, Any]:
    """Make the data set `out` of a work folder whose shards are all aligned; the report, as in report.json.

    A data set that was built there before is replaced, other files beside it (LICENSE, .git) stay. InputError: shards are missing, `out` holds something else, no row was kept (then
    nothing is written, and the message says which filters took the rows).
    """
    from align import corpus

    options, shown, out = options or BuildOptions(), out, out.resolve()
    parts = list(corpus.parts(work))
    if out.exists() and not (out.is_dir() and (not any(out.iterdir()) or (out / "report.json").is_file())):
        raise InputError(f"{shown} holds something that is no data set of ours; give another folder with -o")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        place = Path(mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    except OSError as error:
        raise InputError(f"cannot write beside {shown}: {error.strerror}") from error
    try:
        report = _fill(place, work, parts, options, out.name)
        place.chmod(0o755)
        try:
            _swap(place, out)
        except OSError as error:
            raise InputError(f"cannot put the data set at {shown}: {error.strerror}") from error
        return report
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _swap(new: Path, out: Path) -> None:
    if out.exists():
        old = Path(mkdtemp(prefix=f".{out.name}.", dir=out.parent))
        out.rename(old / "old")
        new.rename(out)
        for other in (old / "old").iterdir():
            if other.name not in _OURS:
                other.rename(out / other.name)
        shutil.rmtree(old)
    else:
        new.rename(out)


def _fill(place: Path, work: Path, parts: Sequence[Path], options: BuildOptions, name: str) -> dict[str, Any]:
    """All files of the data set in an empty folder."""
    from align import card

    least, tally = thresholds(options.least), Tally()
    with Removed(place / "removed.parquet") as removed:
        made = _sift(parts, place / "kept.parquet", removed, Sieve(least), tally)
        _split(place, removed, options, tally, made)
    if not tally.kept:
        took = ", ".join(f"{n} {c}" for n, c in tally.removed.most_common())
        raise InputError(f"no row of {tally.rows} was kept (removed by {took or 'nothing: there were no rows'}); lower a threshold, such as --min-score")
    (place / "kept.parquet").unlink()
    report = card.report_of(tally, least, options, work)
    if options.kept_only:
        (place / "removed.parquet").unlink(missing_ok=True)
    for file, text in card.files(report, options.name or name, options.license, kept_only=options.kept_only).items():
        (place / file).write_text(text, "utf-8")
    for form in options.also:
        also(place, form, list(tally.kept), tally.languages)
    return report


def _sift(parts: Sequence[Path], kept: Path, removed: Removed, sieve: Sieve, tally: Tally) -> set[str]:
    """First pass: every row is judged; the kept ones go to a file of their own. The documents of which an engine wrote kept rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pq.read_schema(parts[0]).remove_metadata()
    made: set[str] = set()
    with pq.ParquetWriter(kept, schema, compression="zstd") as writer:
        for part in parts:
            passed = []
            for row in rows_of([part]):
                tally.meet(row)
                codes = row["source_language"], row["target_language"]
                if tally.languages not in (codes, ("", "")):
                    raise InputError(f"{part} has rows in {'-'.join(codes)}, others are in {'-'.join(tally.languages)}; expected one pair of languages")
                tally.languages = codes
                failed = sieve.failed(row)
                if failed:
                    removed.add(tally.remove(row, failed))
                else:
                    passed.append(row)
                    tally.documents.setdefault(row["document_id"], "train")
                    if engines_in(row):
                        made.add(row["document_id"])
            writer.write_table(pa.Table.from_pylist(passed, schema=schema))
    return made


def splits_of(documents: Iterable[str], validation: float, test: float, seed: int) -> dict[str, str]:
    """document -> split, drawn by the seed. Shares are rounded; one that is above 0 gets a document as long as training keeps one."""
    order = sorted(set(documents), key=lambda d: hashlib.sha256(f"{seed} {d}".encode("utf-8", "replace")).digest())
    out = dict.fromkeys(order, "train")
    start = 0
    for name, share in (("test", test), ("validation", validation)):
        count = min(max(round(share * len(order)), int(share > 0)), max(0, len(order) - 1 - start))
        out |= dict.fromkeys(order[start : start + count], name)
        start += count
    return out


def sentences_of(row: Mapping[str, Any]) -> set[int]:
    """Digests of the sentences of a row, of either side; a joined row gives each of its sentences and the whole."""
    from align.sentences import split_text

    found: set[int] = set()
    for side in ("source", "target"):
        text = row[side] or ""
        pieces = [text] if row["type"] == "1-1" else [text, *(text[a:b] for a, b in split_text(text, row[f"{side}_language"]))]
        found.update(digest(side, piece) for piece in pieces if normal(piece))
    return found


def _split(place: Path, removed: Removed, options: BuildOptions, tally: Tally, made: Set[str]) -> None:
    """Second pass: test, validation, train; a row is removed ("leak") when the smaller splits before it have one of its sentences.

    made: documents with rows of an engine; they are for training only. Documents without a row that was kept leave the tally.
    """
    kept: set[str] = set()
    tally.documents |= splits_of(tally.documents.keys() - made, options.validation, options.test, options.seed)
    seen: set[int] = set()
    (place / "data").mkdir()
    for split in reversed(SPLITS):
        if split not in tally.documents.values():
            continue
        new: set[int] = set()
        with SplitFiles(place / "data", split, tally.languages) as data:
            for row in rows_of([place / "kept.parquet"]):
                if tally.documents[row["document_id"]] != split:
                    continue
                mine = sentences_of(row)
                if mine & seen:
                    removed.add(tally.remove(row, [("leak", 0.0)]))
                    continue
                if split != "train":
                    new |= mine
                data.add(row)
                kept.add(row["document_id"])
                tally.keep(row, split)
        seen |= new
    tally.documents = {document: split for document, split in tally.documents.items() if document in kept}
