"""Run as `python -m tests.averaging` by a test: two workers of the teacher's training meet, and each prints what came of it."""

import os

import torch

from training.teacher.workers import Workers


def main() -> None:
    workers = Workers.start("tests.averaging", [], 2)
    weights = [torch.full((3,), 1.0 + workers.number), torch.tensor([[10.0 * workers.number]])]
    workers.average(weights)
    os.write(1, f"{workers.number} {[w.flatten().tolist() for w in weights]} {workers.any(workers.number == 1, False)}\n".encode())  # a line whole
    workers.close()


if __name__ == "__main__":
    main()
