"""Which version of this program is installed."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def program_version() -> str:
    """The installed version of this program, "0" when it is not installed."""
    try:
        return version("bitext-workbench")
    except PackageNotFoundError:
        return "0"
