"""Shards under Ray when a process of Ray itself is killed: the run goes on, and writes what an undisturbed run writes."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from pathlib import Path

import pytest

from align import cluster, corpus
from align.bitext import AlignError
from align.cluster import run_on_ray
from benchmarks.corpus import generate

os.environ.setdefault("RAY_ENABLE_AUTO_CONNECT", "0")  # as run_on_ray does: no thread of Ray starts it again when it was shut down
ray = pytest.importorskip("ray")
pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="the actor's process is found in /proc")


@pytest.fixture(scope="module", autouse=True)
def two_cores():
    """Ray on two cores, started once for these tests: `run_on_ray` takes the one that runs."""
    ray.init(address="local", num_cpus=2, include_dashboard=False, object_store_memory=cluster.MEMORY, log_to_driver=False, logging_level=40)
    yield
    ray.shutdown()


@pytest.fixture(scope="module")
def sequential(tmp_path_factory):
    """(folder of statements, work folder of a run without Ray): six shards of one pair, one of which cannot be read."""
    folder, work = tmp_path_factory.mktemp("statements"), tmp_path_factory.mktemp("work") / "one"
    generate(folder, 6, 3, seed=4)
    corpus.prepare(folder, work, corpus.CorpusOptions(size=1))
    job = corpus.open_job(work)
    (folder / job.pairs[4].target).unlink()
    assert [d.errors for d in corpus.run(job)] == [0, 0, 0, 0, 1, 0]
    return folder, work


def copied(sequential, tmp_path):
    """The same job in folders of its own, its first document a pipe that is never filled, and that document's text."""
    folder, work = tmp_path / "s", tmp_path / "w"
    shutil.copytree(sequential[0], folder)
    work.mkdir()
    for name in ("plan.json", "pairs.jsonl", "unpaired.jsonl"):
        shutil.copy(sequential[1] / name, work)
    job = corpus.open_job(work, folder=folder, limit=50.0)
    pipe = folder / job.pairs[0].source
    text = pipe.read_bytes()
    pipe.unlink()
    os.mkfifo(pipe)
    return job, pipe, text


def parent_of_reader(pipe: Path) -> tuple[int, int]:
    """(the process that started the one that reads the pipe, our end of the pipe), once somebody reads it; an error after 50 seconds."""
    until = time.monotonic() + 50
    while time.monotonic() < until:
        try:
            end = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)  # refused while nobody reads
        except OSError:
            time.sleep(0.05)
            continue
        while time.monotonic() < until:
            for place in Path("/proc").glob("[0-9]*/fd/*"):
                process = place.parts[2]
                try:
                    if int(process) != os.getpid() and place.readlink() == pipe:
                        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1]), end
                except OSError:  # it ended, or is not ours
                    continue
    raise TimeoutError(f"nobody read {pipe}")


def written(work):
    return {p.name: p.read_bytes() for p in sorted((work / "parts").iterdir())}


class Killer(threading.Thread):
    """Waits until an actor's worker reads the pipe, does `before`, and kills the actor, once; `killed` is what it was."""

    def __init__(self, pipe, before=lambda: None):
        super().__init__(daemon=True)
        self.pipe, self.before, self.killed = pipe, before, ""

    def run(self):
        actor, end = parent_of_reader(self.pipe)
        self.before()
        self.killed = Path(f"/proc/{actor}/cmdline").read_text()
        os.kill(actor, signal.SIGKILL)
        os.close(end)


def test_a_killed_actor_costs_nothing(sequential, tmp_path):
    job, pipe, text = copied(sequential, tmp_path)

    def mend():
        (tmp_path / "text").write_bytes(text)
        (job.work / "parts" / ".part-00000.parquet.torn").write_bytes(b"half")  # as if it had been writing
        os.replace(tmp_path / "text", pipe)

    killer = Killer(pipe, mend)
    killer.start()
    done = run_on_ray(job, workers=2)
    killer.join(5)
    assert killer.killed.startswith("ray::"), "an actor was killed"
    assert [(d.shard, d.pairs, d.errors) for d in done] == [(s, 1, int(s == 4)) for s in range(6)]
    named = str(job.folder).encode(), str(sequential[0]).encode()  # an error names the folder
    assert {name: data.replace(*named) for name, data in written(job.work).items()} == written(sequential[1])


def test_a_shard_that_takes_its_actors_down_ends_the_run_in_words(sequential, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "AGAIN", 0)
    job, pipe, _ = copied(sequential, tmp_path)
    killer = Killer(pipe)
    killer.start()
    with pytest.raises(AlignError, match=r"^Ray stopped; a process on the same shard was lost 1 times .*[^\n]*$"):
        run_on_ray(job, workers=2)
    killer.join(5)
    assert killer.killed.startswith("ray::")
    named = str(job.folder).encode(), str(sequential[0]).encode()
    found = {name: data.replace(*named) for name, data in written(job.work).items() if name.startswith("part-")}
    assert found.items() <= written(sequential[1]).items(), "what is there is whole"


def test_a_model_that_is_not_there_is_said_as_without_ray(sequential, tmp_path):
    job, _, _ = copied(sequential, tmp_path)
    plan = job.work / "plan.json"
    plan.write_text(plan.read_text("utf-8").replace('"encoder": "use"', '"encoder": "nothing"'), "utf-8")
    job = corpus.open_job(job.work, folder=job.folder)
    said = []
    for run in (corpus.run, run_on_ray):
        with pytest.raises(AlignError) as caught:
            run(job, workers=2)
        said.append(str(caught.value))
    assert said[0] == said[1] and "nothing" in said[0]
