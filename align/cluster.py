"""The shards of a work folder under Ray Data: the same function of a shard, on the cores or GPUs of this machine or of a cluster (extra `ray`).

The folders of documents and of work must be seen by every machine under the same names. Each actor keeps one model; a document that raises, hangs or
kills its process loses only itself. A shard whose actor is lost (killed, or its machine gone) is done again by another, up to AGAIN times.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from align.bitext import AlignError, InputError, OptionError
from align.corpus import Done, Job, finished, open_job, run_shard, tidy

MEMORY = 300 * 1024 * 1024  # bytes of Ray's own store on one machine
AGAIN = 4  # times that a shard is begun anew when its actor is lost; one that takes every actor down with it must not go on for ever


class ShardActor:
    """One model; called with a batch of shard numbers, it aligns each and answers what was done."""

    def __init__(self, folder: str, work: str, device: str, limit: float) -> None:
        self.job = open_job(Path(work), device=device, limit=limit, folder=Path(folder))
        self.worker = self.job.worker()

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """What became of the one shard in the batch; `error` is in words when nothing can be aligned at all, else empty."""
        shard, error = int(batch["shard"][0]), ""
        try:
            done = self._done(shard)
        except AlignError as failed:  # Ray would wrap it in pages of its own
            done, error = Done(shard, 0, 0, 0), str(failed)
        return {name: [value] for name, value in {**asdict(done), "error": error}.items()}

    def _done(self, shard: int) -> Done:
        """The shard, aligned unless it is there; an actor that was killed while it wrote the part may have left a torn file."""
        tidy(self.job, [shard])
        return finished(self.job, shard) or run_shard(self.job, shard, self.worker)


def run_on_ray(job: Job, shards: Sequence[int] | None = None, *, address: str = "local", workers: int = 2, gpus: float = 0.0) -> list[Done]:
    """Align these shards (None = all) with `workers` actors; by shard. address: "local", "auto", or that of a cluster.

    gpus: share of a GPU for an actor, 0 or more. InputError when Ray is not installed or the cluster cannot be reached; AlignError when no model can be
    loaded, or the same shard loses more than AGAIN actors. What was written before stays, and the next run goes on from there.
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
    for name in ("RAY_USAGE_STATS_ENABLED", "RAY_ENABLE_AUTO_CONNECT"):  # the second: a thread of Ray Data that outlives the end would start Ray anew
        os.environ.setdefault(name, "0")
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
        pool = ray.data.ActorPoolStrategy(size=workers, max_tasks_in_flight_per_actor=1)  # a lost actor counts against the shards that wait at it, too
        retries = {"max_restarts": -1, "max_task_retries": AGAIN}
        rows = table.map_batches(
            ShardActor, fn_constructor_kwargs=settings, batch_size=1, num_cpus=1, num_gpus=gpus or None, compute=pool, **retries
        )
        return [_told(row) for row in rows.iter_rows()]
    except ray.exceptions.RayError as error:
        raise AlignError(_words(error)) from error
    finally:
        if mine:
            ray.shutdown()


def _told(row: dict[str, Any]) -> Done:
    if row["error"]:
        raise AlignError(row["error"])
    return Done(int(row["shard"]), int(row["pairs"]), int(row["rows"]), int(row["errors"]), bool(row["old"]))


def _words(error: Exception) -> str:
    """What Ray says in pages, in one line."""
    said = [line.strip() for line in str(error).splitlines() if "Error: " in line] or [f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"]
    return f"Ray stopped; a process on the same shard was lost {AGAIN + 1} times (too little memory?), or could not work: {said[-1][:300]}. Run it again to go on, with fewer workers"
