"""Translation memory: what people translated before is offered before any engine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from align.bitext import MACHINE, Bitext, Row, exact
from models import spoken

SURE = 0.5  # score of an alignment that nobody accepted from which on it is taken in
FUZZY = 75.0  # per cent of likeness from which on an earlier sentence is worth showing


@dataclass(frozen=True, slots=True)
class Match:
    """An earlier pair. likeness: per cent, 100 = the same words; name: the file or project it comes from."""

    source: str
    target: str
    likeness: float
    name: str

    @property
    def origin(self) -> str:
        """Such as "memory:ministry.tmx 87%"."""
        return f"memory:{self.name} {int(self.likeness)}%"


@dataclass(slots=True)
class Memory:
    """Pairs by source text, for one direction. Machine translations are never taken in, nor alignments that are doubtful and were not accepted."""

    source: str
    target: str
    known: dict[str, tuple[str, str, str]] = field(default_factory=dict)  # plain source -> (source, target, name)
    accepted: set[str] = field(default_factory=set)  # plain sources whose pair a person accepted

    def add(self, bitext: Bitext, name: str) -> int:
        """Take in the pairs of a bitext in this direction or the other; how many were new. Of several targets of a source the first that a person accepted stays, else the first."""
        here, there = (bitext.source_language, bitext.target_language), (self.source, self.target)
        turned = _likeness(here, there[::-1]) > _likeness(here, there)
        if not turned and not _likeness(here, there):
            return 0
        before = len(self.known)
        for row in bitext.rows:
            if not row.source or not row.target or not _worthy(row):
                continue
            one, two = (row.target, row.source) if turned else (row.source, row.target)
            plain = _plain(one)
            if plain not in self.known or (row.verified and plain not in self.accepted):
                self.known[plain] = one, two, name
            if row.verified:
                self.accepted.add(plain)
        return len(self.known) - before

    def digest(self) -> str:
        """16 hex digits that change with what the memory would offer."""
        return sha256(repr(sorted(self.known.items())).encode("utf-8", "replace")).hexdigest()[:16]

    def find(self, text: str, least: float = FUZZY) -> Match | None:
        """The best earlier pair of at least this likeness, None where there is none."""
        from rapidfuzz import fuzz, process

        plain = _plain(text)
        if not plain:
            return None
        if plain in self.known:
            source, target, name = self.known[plain]
            return Match(source, target, 100.0, name)
        found = process.extractOne(plain, self.known.keys(), scorer=fuzz.ratio, score_cutoff=least)
        if found is None:
            return None
        source, target, name = self.known[found[0]]
        return Match(source, target, min(99.0, float(found[1])), name)


def _worthy(row: Row) -> bool:
    """Two texts by people that belong together, as far as is known."""
    if not (row.source or "").strip() or not (row.target or "").strip():
        return False
    if row.origin_source.startswith(MACHINE) or row.origin_target.startswith(MACHINE):
        return False
    return row.verified or row.score is None or row.score >= SURE


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def memory_of(bitexts: Iterable[tuple[str, Bitext]], source: str, target: str) -> Memory:
    """A memory for one direction from (name, bitext) pairs."""
    found = Memory(source, target)
    for name, bitext in bitexts:
        found.add(bitext, name)
    return found


def _likeness(codes: tuple[str, str], wanted: tuple[str, str]) -> int:
    """0 where one of two languages is another, or in another script; else the more, the more of both codes are the same."""
    if any(spoken(code) != spoken(other) for code, other in zip(codes, wanted, strict=True)):
        return 0
    return 1 + sum(exact(code) == exact(other) for code, other in zip(codes, wanted, strict=True))
