"""One task after another in other processes, each task guarded: what raises, hangs or kills its process loses only itself.

A worker is a fresh interpreter that answers over its standard input and output (nothing is forked, the caller's script is not run again). It ends when
its input ends, and within a second of the death of the process that started it. For POSIX systems: it waits with `select`.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, BinaryIO, Literal, TypeVar

from align.bitext import AlignError, OptionError

T = TypeVar("T")
Kind = Literal["input", "program", "time", "died"]
START = 600.0  # seconds in which a model must be loaded
_RUN = "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); from align.guarded import serve; serve()"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a task: `value`, or `error` in words and its kind.

    "input": the task's own data are wrong; "program": an exception of ours or a library's; "time": the limit was over; "died": the process ended.
    """

    value: Any = None
    error: str | None = None
    kind: Kind | None = None


@dataclass(slots=True)
class Worker:
    """Calls `make(**settings)` of "module:make" once in another process, then the function it gave on every task, at most `limit` seconds each.

    The process starts with the first task, and again with the next one after it was killed. Use it from one thread at a time, and `close` it.
    """

    make: str
    settings: Mapping[str, Any]
    limit: float = 120.0
    process: subprocess.Popen[bytes] | None = None
    closed: bool = field(default=False)

    def ask(self, task: Any) -> Answer:
        """The answer, always; AlignError only when the worker cannot be started at all (no such model)."""
        process = self._running()
        try:
            _send(process.stdin, task)
            answer = _receive(process.stdout, self.limit)
        except TimeoutError:
            self._end()
            return Answer(error=f"took longer than the limit of {self.limit:g} seconds", kind="time")
        except (OSError, EOFError):
            code = self._end()
            if self.closed:  # by us: this says nothing of the task
                raise AlignError("the run was stopped") from None
            how = f"by signal {-code}" if code < 0 else f"with code {code}"
            return Answer(error=f"the process that worked on it ended {how}", kind="died")
        return answer if isinstance(answer, Answer) else Answer(error=f"unexpected answer {answer!r}", kind="program")

    def _running(self) -> subprocess.Popen[bytes]:
        if self.closed:
            raise AlignError("the run was stopped")
        if self.process is not None and self.process.poll() is None:
            return self.process
        env = {**os.environ, **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")}
        process = subprocess.Popen([sys.executable, "-c", _RUN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)
        self.process = process
        try:
            assert process.stdin is not None
            pickle.dump(sys.path, process.stdin)
            process.stdin.flush()
            _send(process.stdin, (self.make, dict(self.settings)))
            ready = _receive(process.stdout, START)
        except (OSError, EOFError, TimeoutError) as error:
            raise AlignError(f"a working process could not be started ({error or type(error).__name__}, code {self._end()})") from error
        if ready.error is not None:
            self._end()
            raise AlignError(ready.error)
        return process

    def _end(self) -> int:
        """Kill and forget the process; its code."""
        process, self.process = self.process, None
        if process is None:
            return 0
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # unsent bytes for a dead process
                    continue
        return process.wait()

    def close(self) -> None:
        """End the process; asking again is an AlignError."""
        self.closed = True
        self._end()


def spread(items: Iterable[T], do: Callable[[T, Worker], None], make: Callable[[], Worker], workers: int) -> None:
    """do(item, worker) for every item in `workers` threads with a worker each; the first error stops all and is raised. OptionError below 1 worker."""
    if workers < 1:
        raise OptionError(f"workers is {workers}; expected 1 or more")
    todo = deque(items)
    made = [make() for _ in range(min(workers, len(todo)))]
    failed: list[Exception] = []

    def run(worker: Worker) -> None:
        try:
            while not failed and (item := _next(todo)) is not None:
                do(item, worker)
        except Exception as error:  # noqa: BLE001 - it is raised again in the caller's thread
            failed.append(error)
        finally:
            worker.close()

    threads = [threading.Thread(target=run, args=(w,), daemon=True) for w in made]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    except BaseException:
        todo.clear()
        for worker in made:
            worker.close()
        raise
    if failed:
        raise failed[0]


def _next(todo: deque[T]) -> T | None:
    try:
        return todo.popleft()
    except IndexError:
        return None


def _send(stream: Any, value: Any) -> None:
    data = pickle.dumps(value, protocol=5)
    stream.write(struct.pack("<Q", len(data)) + data)
    stream.flush()


def _receive(stream: Any, limit: float) -> Any:
    """The next value; TimeoutError after `limit` seconds, EOFError when the other end is gone."""
    until, data, size = time.monotonic() + limit, bytearray(), 8
    while len(data) < size:
        if not select.select([stream], [], [], max(0.0, until - time.monotonic()))[0]:
            raise TimeoutError
        piece = os.read(stream.fileno(), min(1 << 20, size - len(data)))
        if not piece:
            raise EOFError
        data += piece
        if len(data) == 8 == size:
            size += struct.unpack("<Q", data)[0]
    return pickle.loads(bytes(data[8:]))


def serve() -> None:
    """A worker's life: make the function, say that it is ready, then answer tasks until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    parent = os.getppid()
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get among the answers
    tasks: BinaryIO = sys.stdin.buffer
    made, settings = _load(tasks)
    module, _, name = made.partition(":")
    try:
        do = getattr(import_module(module), name)(**settings)
    except Exception as error:  # noqa: BLE001 - said to the parent, which raises it
        _send(answers, Answer(error=_words(error), kind="program"))
        return
    _send(answers, Answer())
    while True:
        try:
            task = _load(tasks)
        except EOFError:
            return
        _send(answers, guarded(do, task))


def guarded(do: Callable[[Any], Any], task: Any) -> Answer:
    """The answer of do(task); no Exception comes out of it."""
    try:
        return Answer(do(task))
    except AlignError as error:
        return Answer(error=str(error), kind="input")
    except (Exception, RecursionError) as error:  # noqa: BLE001 - one document must not stop the others
        return Answer(error=f"{type(error).__name__}: {error}", kind="program")


def _load(stream: BinaryIO) -> Any:
    head = stream.read(8)
    if len(head) < 8:
        raise EOFError
    return pickle.loads(stream.read(struct.unpack("<Q", head)[0]))


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _words(error: Exception) -> str:
    from models import ModelError

    return str(error) if isinstance(error, AlignError | ModelError) else f"{type(error).__name__}: {error}"
