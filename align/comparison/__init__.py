"""Translation engines and the human version side by side: scores with their uncertainty, differences in words, findings, seconds.

`compare` makes a Comparison, `written` text, JSON or a page of it; `blind` and `tally` let people vote without knowing which engine wrote what
(`align.comparison.voting` reads and writes ballots and votes as JSON).
"""

from align.comparison.engines import CHECKS, compare
from align.comparison.records import Cell, Change, Column, Compared, Comparison, Separation
from align.comparison.report import as_html, as_json, as_text, written
from align.comparison.voting import Ballot, Tally, Vote, blind, tally

__all__ = [
    "CHECKS", "Ballot", "Cell", "Change", "Column", "Compared", "Comparison", "Separation", "Tally", "Vote",
    "as_html", "as_json", "as_text", "blind", "compare", "tally", "written",
]  # fmt: skip
