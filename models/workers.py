"""Other processes that encode for this one.

A worker is a fresh interpreter that loads the encoder by name and answers over its standard input and output: nothing is forked, so threads
are safe; the caller's script is not run again, so it needs no `if __name__ == "__main__"`; and when this process ends, the
workers read the end of their input and end too. Start-up takes a second, during which this process works alone.
"""

from __future__ import annotations

import logging
import os
import pickle
import subprocess
import sys
import weakref
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from threading import Thread
from typing import Any

import numpy as np

_START = "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); from models.workers import serve; serve()"
_PATIENCE = 5.0  # seconds that a worker gets to end by itself

_log = logging.getLogger(__name__)


class Workers:
    """`count` workers with the encoder `name`, loaded with `options`; started at the first call of `encode`, kept for the next."""

    def __init__(self, name: str, count: int, options: Mapping[str, Any]) -> None:
        self._job = name, dict(options)
        self._count = count
        self._running: list[subprocess.Popen[bytes]] = []
        self._owner = os.getpid()

    def encode(self, chunks: Sequence[list[str]], own: Callable[[list[str]], np.ndarray], out: np.ndarray) -> None:
        """Fill `out`, (texts in all chunks, d), with the vectors of all chunks in order.

        This process takes chunks as well, through `own`; a worker that fails leaves its chunk and all others to this process, so an error
        that comes from the texts is raised here.
        """
        ends = np.cumsum([len(c) for c in chunks]).tolist()
        todo = deque(range(len(chunks)))
        left: list[int] = []

        def keep(i: int, vectors: np.ndarray) -> None:
            out[ends[i] - len(chunks[i]) : ends[i]] = vectors

        threads = [Thread(target=self._feed, args=(w, chunks, todo, left, keep), daemon=True) for w in self._start()]
        for thread in threads:
            thread.start()
        try:
            while (i := _next(todo)) is not None:
                keep(i, own(chunks[i]))
        finally:  # also when interrupted: no thread may be left that reads a worker's answer
            todo.clear()
            for thread in threads:
                thread.join()
        for i in left:
            keep(i, own(chunks[i]))

    def _feed(
        self,
        worker: subprocess.Popen[bytes],
        chunks: Sequence[list[str]],
        todo: deque[int],
        left: list[int],
        keep: Callable[[int, np.ndarray], None],
    ) -> None:
        assert worker.stdin is not None and worker.stdout is not None
        while (i := _next(todo)) is not None:
            try:
                pickle.dump(chunks[i], worker.stdin, protocol=5)
                worker.stdin.flush()
                keep(i, pickle.load(worker.stdout))
            except (OSError, EOFError, ValueError, pickle.PickleError) as error:
                _log.warning("an encoding process ended early (%s); this one does its share", error or type(error).__name__)
                left.append(i)
                worker.kill()
                return

    def _start(self) -> list[subprocess.Popen[bytes]]:
        """The workers, started where they are not running (never those of the process that this one was forked from)."""
        if self._owner != os.getpid():
            self._running, self._owner = [], os.getpid()
        running = [w for w in self._running if w.poll() is None]
        try:
            while len(running) < self._count:
                running.append(self._launch())
        except OSError as error:
            _log.warning("no further encoding process could be started: %s", error)
        self._running = running
        return running

    def _launch(self) -> subprocess.Popen[bytes]:
        worker = subprocess.Popen(
            [sys.executable, "-c", _START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONUNBUFFERED": ""},
        )
        assert worker.stdin is not None
        weakref.finalize(self, _end, worker, os.getpid())
        pickle.dump(sys.path, worker.stdin)
        pickle.dump(self._job, worker.stdin)
        worker.stdin.flush()
        return worker


def _next(todo: deque[int]) -> int | None:
    try:
        return todo.popleft()
    except IndexError:
        return None


def _end(worker: subprocess.Popen[bytes], owner: int) -> None:
    if owner != os.getpid():
        return
    for pipe in (worker.stdin, worker.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:  # the worker is gone already
                continue
    try:
        worker.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()


def serve() -> None:
    """A worker's life: load the encoder named on standard input, then answer each list of texts with its array until the input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get among the answers
    from models import load_encoder

    name, options = pickle.load(sys.stdin.buffer)
    encoder = load_encoder(name, **options)
    while True:
        try:
            texts = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        pickle.dump(encoder.encode(texts), answers, protocol=5)
        answers.flush()
