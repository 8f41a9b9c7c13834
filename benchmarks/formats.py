"""Rows a second and peak memory of writing and reading 200,000 rows, each in a process of its own.

    python -m benchmarks.formats [--rows 200000] [tmx jsonl ...]

Peak is VmHWM of the process (Linux), the interpreter, its libraries and the rows included; "rows alone" is a process that only makes the rows.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from align.bitext import Bitext, Row
from benchmarks.memory import peak_megabytes

NAMES = ("tmx", "jsonl", "xlf", "parquet", "csv")
_ENGLISH = ["The", "commission", "noted", "in", "its", "report", "that", "water", "levels", "at", "the", "upper", "gauge", "fell", "below", "the", "mark", "agreed", "by", "both", "sides", "last", "spring"]
_RUSSIAN = ["Комиссия", "отметила", "в", "своем", "докладе", "что", "уровень", "воды", "на", "верхнем", "посту", "опустился", "ниже", "отметки", "согласованной", "сторонами", "прошлой", "весной"]


def rows(count: int) -> Iterator[Row]:
    """Rows of about 120 characters a side, each another, with ids, scores and origins as an alignment has them."""
    dice = random.Random(7)
    for k in range(count):
        one, two = (" ".join(dice.sample(words, 18)) for words in (_ENGLISH, _RUSSIAN[:18]))
        yield Row(f"{one} {k}.", f"{two} {k}.", (k,), (k,), dice.random(), dice.random())


def one(action: str, name: str, path: Path, count: int) -> dict[str, float]:
    """Run in the process that is measured: seconds, and peak memory in MB."""
    from align import formats

    if action == "read":
        start = time.perf_counter()
        bitext = formats.read(path)
    else:
        bitext = Bitext(tuple(rows(count)), "en", "ru")
        start = time.perf_counter()
        if action == "write":
            formats.write(bitext, path)
    seconds = time.perf_counter() - start
    if len(bitext) != count:
        raise SystemExit(f"{name}: {len(bitext)} rows of {count}")
    return {"seconds": seconds, "peak": peak_megabytes()}


def measured(action: str, name: str, path: Path, count: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.formats", "--one", action, "--rows", str(count), "--path", str(path), name]
    said: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=NAMES)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--path", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(one(given.one, given.names[0], given.path, given.rows)))
        return
    with tempfile.TemporaryDirectory() as folder:
        bare = measured("rows", "tmx", Path(folder), given.rows)["peak"]
        print(f"{given.rows:,} rows; rows alone: {bare:.0f} MB")
        print("format      size  write rows/s  peak    read rows/s  peak")
        for name in given.names:
            path = Path(folder) / f"rows.{name}"
            out, back = (measured(action, name, path, given.rows) for action in ("write", "read"))
            speeds = [given.rows / side["seconds"] for side in (out, back)]
            size = path.stat().st_size / 1e6
            print(f"{name:<8}{size:>5.0f} MB{speeds[0]:>14,.0f}{out['peak']:>5.0f} MB{speeds[1]:>12,.0f}{back['peak']:>6.0f} MB", flush=True)
            path.unlink()


if __name__ == "__main__":
    main()
