"""How the processor's cores are shared out among the batches of a network of CTranslate2."""

from __future__ import annotations

import os

WORKERS = 4  # batches at work side by side, at most, a core each: two cores on one batch are hardly faster than one


def shared(threads: int = 0) -> tuple[int, int]:
    """(batches at work side by side, threads of each); `threads`: of all together, 0 = as many as this process has cores."""
    cores = threads or _cores()
    workers = min(cores, WORKERS)
    return workers, cores // workers


def _cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
