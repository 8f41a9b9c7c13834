"""How much memory a process has held (Linux)."""

from __future__ import annotations

from pathlib import Path


def peak_megabytes(pid: int | str = "self") -> float:
    """Most memory that a process has held, from /proc (resource.getrusage would count what its parent held); 0.0 when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)
