"""Translation memory: what people translated before is offered before any engine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from align.bitext import MACHINE, Bitext, main_part

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
    """Pairs by source text, for one direction. Machine translations are never taken in."""

    source: str
    target: str
    known: dict[str, tuple[str, str, str]] = field(default_factory=dict)  # plain source -> (source, target, name)

    def add(self, bitext: Bitext, name: str) -> int:
        """Take in the pairs of a bitext in this direction or the other; how many were new. The first target of a source stays."""
        turned = main_part(bitext.source_language) == main_part(self.target) and main_part(bitext.target_language) == main_part(self.source)
        if not turned and (main_part(bitext.source_language), main_part(bitext.target_language)) != (main_part(self.source), main_part(self.target)):
            return 0
        before = len(self.known)
        for row in bitext.rows:
            if row.source and row.target and not row.origin_source.startswith(MACHINE) and not row.origin_target.startswith(MACHINE):
                one, two = (row.target, row.source) if turned else (row.source, row.target)
                self.known.setdefault(_plain(one), (one, two, name))
        return len(self.known) - before

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


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def memory_of(bitexts: Iterable[tuple[str, Bitext]], source: str, target: str) -> Memory:
    """A memory for one direction from (name, bitext) pairs."""
    found = Memory(source, target)
    for name, bitext in bitexts:
        found.add(bitext, name)
    return found
