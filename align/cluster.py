"""The shards of a work folder under Ray Data: the same function of a shard, on the cores or GPUs of this machine or of a cluster (extra `ray`).

The folders of documents and of work must be seen by every machine under the same names. Each actor keeps one model; a document that raises, hangs or
kills its process loses only itself, and a shard whose actor is lost is done again by Ray.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from align.bitext import InputError, OptionError
from align.corpus import Done, Job, finished, open_job, run_shard, tidy

MEMORY = 300 * 1024 * 1024  # bytes of Ray's own store on one machine


class ShardActor:
    """One model; called with a batch of shard numbers, it aligns each and answers what was done."""

    def __init__(self, folder: str, work: str, device: str, limit: float) -> None:
        self.job = open_job(Path(work), device=device, limit=limit, folder=Path(folder))
        self.worker = self.job.worker()

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        done = [asdict(finished(self.job, int(s)) or run_shard(self.job, int(s), self.worker)) for s in batch["shard"]]
        return {name: [d[name] for d in done] for name in done[0]}


def run_on_ray(job: Job, shards: Sequence[int] | None = None, *, address: str = "local", workers: int = 2, gpus: float = 0.0) -> list[Done]:
    """Align these shards (None = all) with `workers` actors; by shard. address: "local", "auto", or that of a cluster.

    gpus: share of a GPU for an actor, 0 or more. InputError when Ray is not installed or the cluster cannot be reached.
    """
    if workers < 1 or gpus < 0:
        raise OptionError(f"workers is {workers} and gpus {gpus}; expected 1 or more workers and 0 or more GPUs")
    todo = list(range(job.shards)) if shards is None else list(shards)
    found = [old for s in todo if (old := finished(job, s)) is not None]
    rest = sorted(set(todo) - {d.shard for d in found})
    if rest:
        tidy(job, rest)
        found += _on_ray(job, rest, address, min(workers, len(rest)), gpus)
    return sorted(found, key=lambda d: d.shard)


def _on_ray(job: Job, shards: Sequence[int], address: str, workers: int, gpus: float) -> list[Done]:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ModuleNotFoundError as error:
        raise InputError(f"Ray is not installed ({error.name}): pip install 'bitext-workbench[ray]', or leave --ray out") from error
    mine = not ray.is_initialized()
    if mine:
        local: dict[str, Any] = {"address": "local", "num_cpus": workers, "include_dashboard": False, "object_store_memory": MEMORY}
        try:
            ray.init(**(local if address == "local" else {"address": address}), log_to_driver=False, logging_level=40)
        except (ConnectionError, OSError, ValueError, RuntimeError) as error:
            raise InputError(f"no Ray cluster at {address!r}: {str(error)[:200]}; take --ray local, or start one with ray start --head") from error
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    try:
        ray.data.DataContext.get_current().enable_progress_bars = False
        # one shard a block; made before the actors take the cores, which dealing out the blocks needs as well
        table = ray.data.from_items([{"shard": s} for s in shards]).repartition(len(shards)).materialize()
        settings = {"folder": str(job.folder.resolve()), "work": str(job.work.resolve()), "device": job.options.device, "limit": job.options.limit}
        rows = table.map_batches(
            ShardActor, fn_constructor_kwargs=settings, batch_size=1, num_cpus=1, num_gpus=gpus or None, compute=ray.data.ActorPoolStrategy(size=workers)
        ).take_all()
    finally:
        if mine:
            ray.shutdown()
    return [Done(int(r["shard"]), int(r["pairs"]), int(r["rows"]), int(r["errors"]), bool(r["old"])) for r in rows]
