"""Our own translator, from corpus to weights. Run from the checkout (`python -m training.prepare --help`); not part of the wheel."""

from __future__ import annotations


class TrainingError(Exception):
    """Something a person can put right: the message says what was found, what was expected and what to do."""
