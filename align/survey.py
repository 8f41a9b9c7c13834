"""What is in a parallel data set, whoever made it: size, lengths, languages, duplicates, likeness, and the worst rows.

Rows are read one after another, so size does not matter: a folder of Parquet (ours or another's with a `translation` column), any file that
`formats` reads (TMX, Moses, JSONL, Parquet, ...), or OWNER/NAME through `datasets`.
"""

from __future__ import annotations

import heapq
import math
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from align.bitext import InputError
from align.duplicates import digest

if TYPE_CHECKING:
    from models import Encoder

LOW = 0.4  # similarity below which a row is counted as low
WORST = 20
SAMPLE = 2_000  # rows encoded when a data set brings no similarities
BINS = 20
LENGTH_EDGES = (1, 2, 3, 4, 6, 8, 10, 13, 18, 25, 35, 50, 70, 100, 130, 180, 250, 350, 500, 700, 1_000, 1_300, 1_800, 2_500, 3_500, 5_000, 7_000, 10_000)
RATIO_TICKS = (0.25, 0.5, 1.0, 2.0, 4.0)
RATIO_EDGES = tuple(round(2 ** (k / 6 - 2), 6) for k in range(25))  # each 1.12 times the one before; what is beyond the ends is counted in the last bins
_BARS = " ▁▂▃▄▅▆▇█"


def rows_of(path: str | Path, source: str | None = None, target: str | None = None) -> tuple[tuple[str, str], Iterator[dict[str, Any]]]:
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
    import pyarrow.parquet as pq

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
            with pq.ParquetFile(file) as opened:
                for batch in _batches(opened, wanted, file):
                    for row in batch.to_pylist():
                        if change:
                            row["source"], row["target"] = row["target"], row["source"]
                        yield _row(row, codes, f"{row['document_id']}, row {row['position']}" if "position" in row and "document_id" in row else f"{file.name}, row {number}")
                        number += 1

    return codes, rows()


def _schema(file: Path) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_schema(file)
    except (OSError, pa.ArrowException) as error:
        raise _unread(file, error) from error


def _batches(opened: Any, columns: list[str], file: Path) -> Iterator[Any]:
    import pyarrow as pa

    try:
        yield from opened.iter_batches(2_000, columns=columns)
    except (OSError, pa.ArrowException) as error:
        raise _unread(file, error) from error


def _unread(file: Path, error: Exception) -> InputError:
    return InputError(f"{file} is not Parquet, or cut short: {str(error)[:200]}; make it again, or take it out of the data set")


def _said(files: Iterable[Path]) -> tuple[str | None, str | None]:
    """The languages that the first row of these files says."""
    import pyarrow.parquet as pq

    columns = ["source_language", "target_language"]
    for file in files:
        with pq.ParquetFile(file) as opened:
            for head in _batches(opened, columns, file):
                if len(head):
                    first = head.to_pylist()[0]
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


def survey(codes: tuple[str, str], rows: Iterable[Mapping[str, Any]], encoder: Encoder | None = None) -> dict[str, Any]:
    """The findings as plain values. encoder: for the similarity of SAMPLE rows when the data set brings none; None = it is left out.

    No rows give zeros and None for what cannot be said.
    """
    from align.documents import detect_language

    count, both = 0, 0
    lengths, words = (array("L"), array("L")), [0, 0]
    ratios, sims, scores = array("d"), array("f"), [0] * BINS
    seen: list[Counter[int]] = [Counter(), Counter(), Counter()]
    spoken: list[Counter[str]] = [Counter(), Counter()]
    copies = 0
    worst: list[tuple[float, int, dict[str, Any]]] = []
    sample: list[tuple[int, dict[str, Any]]] = []
    rng = np.random.default_rng(1)
    for row in rows:
        texts = row["source"], row["target"]
        count += 1
        for k, text in enumerate(texts):
            if text:
                lengths[k].append(len(text))
                words[k] += len(text.split())
                seen[k][digest(text)] += 1
                spoken[k][(detect_language(text) if len(text) >= 40 else None) or "too short to tell"] += 1
        if row["score"] is not None:
            scores[min(BINS - 1, max(0, int(row["score"] * BINS)))] += 1
        if not all(texts):
            continue
        both += 1
        seen[2][digest(*texts)] += 1
        copies += texts[0] == texts[1]
        ratios.append(len(texts[1]) / len(texts[0]))
        if row["similarity"] is not None:
            sims.append(row["similarity"])
            _keep_worst(worst, row["similarity"], count, row)
        elif len(sample) < SAMPLE:
            sample.append((count, dict(row)))
        elif (place := int(rng.integers(both))) < SAMPLE:
            sample[place] = count, dict(row)
    encoded = _encoded(sample, sims, worst, encoder) if not len(sims) else 0
    return {
        "languages": list(codes), "rows": count, "both_sides": both, "source_missing": count - len(lengths[0]), "target_missing": count - len(lengths[1]),
        "sides": [
            {"language": code, **_lengths(lengths[k]), "words": words[k], "languages": dict(spoken[k].most_common(8)), "repeated": _repeated(seen[k])}
            for k, code in enumerate(codes)
        ],
        "lengths": {"edges": list(LENGTH_EDGES), "counts": [_counts(values, LENGTH_EDGES) for values in lengths]},
        "length_ratio": {**_quantiles(ratios), "edges": list(RATIO_EDGES), "histogram": _counts(ratios, RATIO_EDGES)}, "repeated_pairs": _repeated(seen[2]), "copies": copies,
        "similarity": {
            **_quantiles(sims), "known": len(sims), "encoded_sample": encoded, "below": LOW, "low_share": _round(float(np.mean(np.array(sims) < LOW))) if len(sims) else None,
            "histogram": _counts(sims, [k / BINS for k in range(BINS + 1)]),
        },
        "scores": scores if sum(scores) else None,
        "worst": [{"similarity": _round(-s), **{k: row[k] for k in ("where", "source", "target")}} for s, _, row in sorted(worst, key=lambda w: (-w[0], -w[1]))],
    }  # fmt: skip


def _keep_worst(worst: list[tuple[float, int, dict[str, Any]]], similarity: float, number: int, row: Mapping[str, Any]) -> None:
    """The WORST least similar rows, the first of equals."""
    item = (-similarity, -number, dict(row))
    if len(worst) < WORST:
        heapq.heappush(worst, item)
    elif item[:2] > worst[0][:2]:
        heapq.heapreplace(worst, item)


def _encoded(sample: list[tuple[int, dict[str, Any]]], sims: array[float], worst: list[tuple[float, int, dict[str, Any]]], encoder: Encoder | None) -> int:
    """Similarities of a sample by the encoder; how many."""
    if encoder is None or not sample:
        return 0
    from align import vectors

    sample.sort(key=lambda s: s[0])
    x, y = (vectors.encode([row[side] for _, row in sample], encoder) for side in ("source", "target"))
    for (number, row), similarity in zip(sample, np.einsum("ij,ij->i", x, y).tolist(), strict=True):
        sims.append(similarity)
        _keep_worst(worst, similarity, number, row)
    return len(sample)


def _counts(values: array[Any], edges: Sequence[float]) -> list[int]:
    """How many values are in each bin between the edges; the first and last bins have what is beyond them."""
    within = np.clip(np.array(values, float), edges[0], edges[-1])
    return [int(c) for c in np.histogram(within, np.array(edges, float))[0]]


def _round(value: float) -> float:
    return round(float(value), 4)


def _repeated(seen: Counter[int]) -> int:
    """Items beyond the first of each kind."""
    return seen.total() - len(seen)


def _lengths(values: array[int]) -> dict[str, Any]:
    return {"characters": sum(values), "mean": _round(sum(values) / len(values)) if values else None, **_quantiles(values)}


def _quantiles(values: array[Any]) -> dict[str, float | None]:
    names = ("least", "p05", "median", "p95", "most")
    if not len(values):
        return dict.fromkeys(names)
    return {n: _round(v) for n, v in zip(names, np.quantile(np.array(values, float), (0, 0.05, 0.5, 0.95, 1)).tolist(), strict=True)}


def text_of(found: Mapping[str, Any]) -> str:
    """The findings for a terminal."""
    rows = found["rows"]
    lines = [f"{rows:,} rows, {found['both_sides']:,} with both sides, {' - '.join(found['languages'])}"]
    for side in found["sides"]:
        if side["characters"]:
            spoken = ", ".join(f"{code} {n:,}" for code, n in side["languages"].items())
            lines.append(
                f"{side['language']}: {side['words']:,} words, {side['characters']:,} characters; a row {side['median']:g} (5% below {side['p05']:g}, 5% above {side['p95']:g}); "
                f"{side['repeated']:,} repeated; reads as {spoken}"
            )
    ratio, similarity = found["length_ratio"], found["similarity"]
    if ratio["median"] is not None:
        lines.append(f"length, second over first: {ratio['median']:.2f} (5% below {ratio['p05']:.2f}, 5% above {ratio['p95']:.2f})")
    lines.append(f"{found['repeated_pairs']:,} repeated pairs, {found['copies']:,} rows with the same text on both sides")
    if similarity["known"]:
        which = f" of {similarity['encoded_sample']:,} rows taken at random" if similarity["encoded_sample"] else ""
        lines.append(f"similarity{which}: {similarity['median']:.2f}; below {similarity['below']:g}: {similarity['low_share']:.1%}   0 |{bars(similarity['histogram'])}| 1")
    else:
        lines.append("similarity: not known")
    if found["scores"]:
        lines.append(f"score 0 |{bars(found['scores'])}| 1")
    if found["worst"]:
        lines += ["", f"the {len(found['worst'])} least similar rows:"]
        for row in found["worst"]:
            lines += [f"{row['similarity']:.2f}  {row['where']}", f"      {row['source'][:150]}", f"      {row['target'][:150]}"]
    return "\n".join(lines) + "\n"


def bars(counts: Iterable[int]) -> str:
    """One block a count, by its square root."""
    values = list(counts)
    top = max(values, default=0) or 1
    return "".join(_BARS[0 if not v else max(1, round((v / top) ** 0.5 * 8))] for v in values)
