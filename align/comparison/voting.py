"""People vote without knowing which engine wrote what; the votes are counted afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import combinations
from math import comb
from random import Random
from typing import Any, TypeVar

from align.bitext import HUMAN, InputError, OptionError
from align.comparison.records import Comparison


@dataclass(frozen=True, slots=True)
class Ballot:
    """One row to vote on: options in shuffled order; key: for each option the names of the columns that gave this text, () while it is secret."""

    row: int
    source: str
    options: tuple[str, ...]
    key: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Vote:
    """choice: number of the best option from 0, None = none is better; voter: any name, "" = the only one."""

    row: int
    choice: int | None
    voter: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Two columns against each other: rows where the voters preferred a, or b, or neither, and the p value of the two-sided sign test, in (0, 1]."""

    a: str
    b: str
    a_better: int
    b_better: int
    ties: int
    p: float


@dataclass(frozen=True, slots=True)
class Tally:
    """counts: votes by column (a text that several columns gave counts for each), `none`: votes for no option, `votes`: all that were counted."""

    counts: Mapping[str, int]
    none: int
    votes: int
    standings: tuple[Standing, ...]


def blind(comparison: Comparison, seed: int, *, human: bool = True) -> list[Ballot]:
    """A ballot for every row with two or more different texts, options shuffled by the seed; [] when there are none.

    Equal texts are one option; human: whether the human version takes part.
    """
    random = Random(seed)
    out = []
    for row in comparison.rows:
        names: dict[str, list[str]] = {}
        for name, cell in row.cells.items():
            if human or name != HUMAN:
                names.setdefault(cell.text.strip(), []).append(name)
        options = sorted(names)
        random.shuffle(options)
        if len(options) > 1:
            out.append(Ballot(row.row, row.source, tuple(options), tuple(tuple(names[t]) for t in options)))
    return out


def tally(votes: Iterable[Vote], ballots: Sequence[Ballot]) -> Tally:
    """Counts, and every two columns against each other. A later vote of the same voter on the same row replaces the earlier one.

    A vote for an option is one for its columns against all others of the row. The sign test takes rows, not votes, as its units: votes of
    several voters on a row are added up first, rows without a majority count as ties and are left out of it (Dixon and Mood 1946).
    No votes: zeros and p = 1. OptionError: a vote on a row or option that is not there, or ballots without a key.
    """
    known = {b.row: b for b in ballots}
    last = {(v.voter, v.row): v for v in votes}
    for vote in last.values():
        ballot = known.get(vote.row)
        if ballot is None or (vote.choice is not None and not 0 <= vote.choice < len(ballot.options)):
            raise OptionError(f"a vote names row {vote.row}, option {vote.choice}; the ballots have no such option")
    if any(len(b.key) != len(b.options) for b in ballots):
        raise OptionError("these ballots have no key; count with the ones that were kept, not with those handed to the voters")
    columns = list(dict.fromkeys(name for b in ballots for names in b.key for name in names))
    chosen = [(v.row, set(known[v.row].key[v.choice]) if v.choice is not None else set()) for v in last.values()]
    counts = {name: sum(name in names for _, names in chosen) for name in columns}
    return Tally(
        counts, sum(not names for _, names in chosen), len(chosen), tuple(_standing(a, b, chosen, known) for a, b in combinations(columns, 2))
    )


def _standing(a: str, b: str, chosen: Sequence[tuple[int, set[str]]], known: Mapping[int, Ballot]) -> Standing:
    leads: dict[int, int] = {}
    for row, names in chosen:
        if {a, b} <= {name for option in known[row].key for name in option}:
            leads[row] = leads.get(row, 0) + (a in names) - (b in names)
    better = [sum(v > 0 for v in leads.values()), sum(v < 0 for v in leads.values())]
    return Standing(a, b, better[0], better[1], len(leads) - sum(better), sign_test(*better))


def sign_test(wins: int, losses: int) -> float:
    """Two-sided p, exact: twice the smaller tail of the binomial distribution of wins + losses throws of a fair coin, at most 1; 1.0 for none."""
    throws = wins + losses
    return min(1.0, 2 * sum(comb(throws, k) for k in range(min(wins, losses) + 1)) / 2**throws)


def ballots_to_json(ballots: Sequence[Ballot], *, key: bool = True) -> str:
    """A list of objects; key=False is the one to hand to voters."""
    return _dumped([{k: v for k, v in asdict(b).items() if key or k != "key"} for b in ballots])


def votes_to_json(votes: Iterable[Vote]) -> str:
    """A list of objects with row, choice and voter."""
    return _dumped([asdict(v) for v in votes])


def tally_to_json(counted: Tally) -> str:
    """One object: counts, none, votes, standings."""
    return _dumped(asdict(counted))


def ballots_from_json(text: str) -> list[Ballot]:
    """What `ballots_to_json` wrote; InputError for anything else."""
    found = _read(text, Ballot, "ballots")
    for b in found:
        if not (_whole(b.row) and isinstance(b.source, str) and _all(b.options, str) and _all(b.key, list) and all(_all(n, str) for n in b.key)):
            raise InputError(
                f"the ballot of row {b.row!r} is not as blind() makes it: row, source, a list of texts, and for each of them a list of names"
            )
    return [Ballot(b.row, b.source, tuple(b.options), tuple(tuple(names) for names in b.key)) for b in found]


def votes_from_json(text: str) -> list[Vote]:
    """A list of objects {"row": 3, "choice": 0, "voter": "any name"}, choice null = none is better; InputError for anything else."""
    found = _read(text, Vote, "votes")
    for v in found:
        if not (_whole(v.row) and (v.choice is None or _whole(v.choice)) and isinstance(v.voter, str)):
            raise InputError(f"a vote is {asdict(v)}; expected whole numbers for row and choice, choice null for none, and a voter in quotes")
    return found


_Record = TypeVar("_Record", Ballot, Vote)


def _read(text: str, record: type[_Record], what: str) -> list[_Record]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise InputError(f"the {what} are not JSON: {error}") from error
    known = [f.name for f in fields(record)]
    try:
        return [record(**item) for item in found]
    except TypeError as error:
        raise InputError(f"the {what} are not a JSON list of objects with {', '.join(known)}") from error


def _all(value: object, kind: type) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, kind) for item in value)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
