"""What the file of projects holds beside them: comparisons of engines with the votes on them, and glossary terms."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import time

from align.bitext import InputError, OptionError, Span, main_part
from align.comparison.plain import from_plain, to_plain
from align.comparison.records import Comparison
from align.comparison.voting import Ballot, Vote, blind
from align.plain_records import dumped
from align.projects import StoreError
from align.store import Store
from align.store_file import storable
from align.term_search import spans

MOST_TERMS = 50_000
Keys = Mapping[int, tuple[int, int]]  # number of a row in a comparison: key and version of the project's row


@dataclass(frozen=True, slots=True)
class KeptComparison:
    """A comparison of a project's rows. ballots: for a blind vote, with their keys; rows: which rows of the project they are."""

    id: int
    project: int
    comparison: Comparison
    ballots: tuple[Ballot, ...]
    rows: Keys


@dataclass(frozen=True, slots=True)
class ComparisonSummary:
    """A line of the list of comparisons; made: seconds since 1970; votes: of all voters."""

    id: int
    made: float
    title: str
    votes: int


def keep_comparison(store: Store, project: int, comparison: Comparison, rows: Keys) -> KeptComparison:
    """Keeps a comparison beside its project, with ballots shuffled anew. StoreError when the project is gone."""
    title = ", ".join(c.name for c in comparison.engines)
    with store.transaction() as db:
        if db.execute("SELECT 1 FROM projects WHERE id = ?", (project,)).fetchone() is None:
            raise StoreError(f"there is no project {project}; it may have been removed in another window")
        number = int(db.execute("INSERT INTO comparisons (project, made, title, data) VALUES (?,?,?,'')", (project, time(), storable(title))).lastrowid or 0)
        ballots = blind(comparison, number)
        data = {"comparison": to_plain(comparison), "ballots": [[b.row, b.source, b.options, b.key] for b in ballots], "rows": list(rows.items())}
        db.execute("UPDATE comparisons SET data = ? WHERE id = ?", (dumped(data), number))
    return KeptComparison(number, project, comparison, tuple(ballots), dict(rows))


def load_comparison(store: Store, number: int) -> KeptComparison:
    """A comparison that was kept; StoreError when there is none of that number."""
    with store.transaction("DEFERRED") as db:
        found = db.execute("SELECT project, data FROM comparisons WHERE id = ?", (number,)).fetchone()
    if found is None:
        raise StoreError(f"there is no comparison {number}; it may have been removed in another window")
    data = json.loads(found[1])
    ballots = tuple(Ballot(row, source, tuple(options), tuple(map(tuple, key))) for row, source, options, key in data["ballots"])
    rows = {row: (key, version) for row, (key, version) in data["rows"]}
    return KeptComparison(number, found[0], from_plain(data["comparison"]), ballots, rows)


def comparisons(store: Store, project: int) -> list[ComparisonSummary]:
    """The comparisons of a project, the newest first; [] for none."""
    with store.transaction("DEFERRED") as db:
        found = db.execute(
            "SELECT id, made, title, (SELECT count(*) FROM votes WHERE comparison = id) FROM comparisons WHERE project = ? ORDER BY id DESC", (project,)
        ).fetchall()
    return [ComparisonSummary(*values) for values in found]


def remove_comparison(store: Store, number: int) -> None:
    """The comparison and the votes on it are gone; nothing happens where there is none."""
    with store.transaction() as db:
        db.execute("DELETE FROM votes WHERE comparison = ?", (number,))
        db.execute("DELETE FROM comparisons WHERE id = ?", (number,))


def cast(store: Store, number: int, vote: Vote) -> None:
    """Keeps a vote; it replaces an earlier one of the same voter on the same row. StoreError: no such comparison; OptionError: no such row or option."""
    kept = load_comparison(store, number)
    ballot = next((b for b in kept.ballots if b.row == vote.row), None)
    if ballot is None or (vote.choice is not None and not 0 <= vote.choice < len(ballot.options)):
        raise OptionError(f"there is no option {vote.choice!r} for row {vote.row!r}")
    with store.transaction() as db:
        db.execute("INSERT OR REPLACE INTO votes VALUES (?,?,?,?)", (number, vote.row, storable(vote.voter.strip()), vote.choice))


def votes(store: Store, number: int) -> list[Vote]:
    """All votes on a comparison, by row and voter; [] for none."""
    with store.transaction("DEFERRED") as db:
        found = db.execute("SELECT row, choice, voter FROM votes WHERE comparison = ? ORDER BY row, voter", (number,)).fetchall()
    return [Vote(*values) for values in found]


@dataclass(frozen=True, slots=True)
class Term:
    """A glossary term and its translation."""

    source_language: str
    target_language: str
    source: str
    target: str


def add_terms(store: Store, source_language: str, target_language: str, pairs: Iterable[tuple[str, str]]) -> int:
    """Adds (source term, target term) pairs to the glossary of a language pair; how many were new. InputError when there are too many."""
    values = [(source_language, target_language, storable(a.strip()), storable(b.strip())) for a, b in pairs]
    with store.transaction() as db:
        before = db.execute("SELECT count(*) FROM terms").fetchone()[0]
        db.executemany("INSERT OR IGNORE INTO terms VALUES (?,?,?,?)", [v for v in values if v[2] and v[3]])
        after = db.execute("SELECT count(*) FROM terms").fetchone()[0]
        if after > MOST_TERMS:
            raise InputError(f"the glossary would have {after:,} terms; it takes {MOST_TERMS:,}, nothing was added")
    return int(after - before)


def remove_term(store: Store, term: Term) -> None:
    """The term is gone; nothing happens where it is not there."""
    with store.transaction() as db:
        db.execute(
            "DELETE FROM terms WHERE source_language = ? AND target_language = ? AND source = ? AND target = ?",
            (term.source_language, term.target_language, term.source, term.target),
        )


def terms(store: Store, source_language: str | None = None, target_language: str | None = None) -> list[Term]:
    """The glossary in alphabetical order, of one language pair if given; pairs kept the other way round come turned. [] for none."""
    with store.transaction("DEFERRED") as db:
        found = [Term(*values) for values in db.execute("SELECT * FROM terms ORDER BY source, target").fetchall()]
    if source_language is None or target_language is None:
        return found
    asked = (main_part(source_language), main_part(target_language))
    own = [t for t in found if (main_part(t.source_language), main_part(t.target_language)) == asked]
    turned = [Term(t.target_language, t.source_language, t.target, t.source) for t in found if (main_part(t.target_language), main_part(t.source_language)) == asked]
    return sorted(dict.fromkeys([*own, *turned]), key=lambda t: (t.source, t.target))


def look_up(store: Store, query: str, limit: int = 50) -> list[Term]:
    """Terms of which one side has the query, or has a word that begins as it does; [] for none and for a query without content."""
    wanted = " ".join(query.lower().split())
    if not wanted:
        return []
    sides = ((t, ((t.source_language, t.source), (t.target_language, t.target))) for t in terms(store))
    return [t for t, both in sides if any(wanted in side.lower() or spans(wanted, side, language) for language, side in both)][:limit]


def terms_in(known: Sequence[Term], source: str, target: str) -> list[tuple[Term, tuple[Span, ...], tuple[Span, ...]]]:
    """The terms that stand in a source text, with their places there and those of their translation in the target, () where it is not there."""
    out = []
    for term in known:
        here = spans(term.source, source, term.source_language)
        if here:
            out.append((term, here, spans(term.target, target, term.target_language)))
    return out
