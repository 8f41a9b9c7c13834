"""Which documents of a folder are versions of each other: by name, reference number, date and title, and what is left by content.

One to one, each pair with how it was found and a confidence; every other file is listed with the reason why it has no partner.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Literal

import numpy as np

from align.bitext import OptionError, main_part
from align.file_names import bare, by_name, codes_in, two_languages
from align.looks import SHORTEST, Look, label_of, listed, look_at_all

if TYPE_CHECKING:
    from align.guarded import Worker

By = Literal["name", "reference", "date and title", "content", "by hand", "fill"]
SURE = {"name": 0.99, "reference": 0.98}


@dataclass(frozen=True, slots=True, kw_only=True)
class PairOptions:
    """source, target: language codes, None = the two that most documents are in; first: sentences of a document that are compared, 1 to 200.

    floor: least likeness of a pair found by content, 0 to 1; margin: how much likelier it must be than the next candidate, 0 to 1.
    """

    source: str | None = None
    target: str | None = None
    first: int = 16
    floor: float = 0.65
    margin: float = 0.02

    def __post_init__(self) -> None:
        if not 1 <= self.first <= 200:
            raise OptionError(f"first is {self.first}; expected a number of sentences from 1 to 200")
        for name in ("floor", "margin"):
            if not 0 <= getattr(self, name) <= 1:
                raise OptionError(f"{name} is {getattr(self, name)}; expected a number from 0 to 1")
        if self.source is not None and self.source == self.target:
            raise OptionError(f"both languages are {self.source!r}; expected two")


@dataclass(frozen=True, slots=True)
class DocumentPair:
    """Two files, as paths in their folder, that are versions of each other; `confidence` in [0, 1]; digests: of their bytes.

    One path is "" where a version is missing and an engine is to write it (by "fill").
    """

    id: str
    source: str
    target: str
    source_language: str
    target_language: str
    by: By
    confidence: float
    source_digest: str = ""
    target_digest: str = ""


@dataclass(frozen=True, slots=True)
class Unpaired:
    """A file without a partner. `best`: the likeliest partner and `likeness` to it, None when there was none to compare."""

    path: str
    language: str | None
    reason: str
    best: str | None = None
    likeness: float | None = None


@dataclass(frozen=True, slots=True)
class Pairing:
    """Every file is in exactly one of both, in the order of the (source) paths. languages: of source and target, fewer when they were not found."""

    pairs: tuple[DocumentPair, ...]
    unpaired: tuple[Unpaired, ...]
    languages: tuple[str, ...] = ()


def pair_folder(
    folder: Path, cache: Path, make: Callable[[], Worker], encoder: str, options: PairOptions | None = None, workers: int = 1
) -> Pairing:
    """Pair the documents below a folder. cache: where looks are kept, a folder in the work folder; make: a worker of `looks.looking`; an empty folder gives an empty pairing."""
    options = options or PairOptions()
    files, others = listed(folder, cache.parent)
    paths = [p for p, _, _ in files]
    named = by_name(paths, options.source, options.target)
    looks: dict[str, Look] = {}
    cache.mkdir(parents=True, exist_ok=True)
    with TemporaryFile(dir=cache) as store:
        places: dict[str, tuple[int, int]] = {}

        def read(wanted: frozenset[str], those: Sequence[tuple[str, int, int]]) -> None:
            for look in look_at_all(folder, those, wanted, cache, make, label_of(encoder, options.first), workers):
                places[look.path] = store.tell(), len(look.vectors)
                store.write(look.vectors)
                looks[look.path] = replace(look, vectors=b"")
            store.flush()

        alone = _others(paths, named)
        read(alone, files)
        codes = _languages(looks.values(), options)
        if len(codes) == 2:
            named = by_name(paths, codes[0], codes[1]) or named
            late = _others(paths, named) - alone
            read(late, [file for file in files if file[0] in late])

        def vectors_of(path: str) -> np.ndarray:
            start, size = places[path]
            store.seek(start)
            return replace(looks[path], vectors=store.read(size)).matrix()

        found = pair_looks(looks.values(), named, vectors_of, options)
    rest = [Unpaired(path, None, reason) for path, reason in others]
    return Pairing(found.pairs, tuple(sorted((*found.unpaired, *rest), key=lambda u: u.path)), found.languages)


def _others(paths: Sequence[str], named: Sequence[tuple[str, str]]) -> frozenset[str]:
    """What is not paired by name, and needs vectors."""
    return frozenset(paths) - {p for pair in named for p in pair}


def _languages(looks: Iterable[Look], options: PairOptions) -> list[str]:
    """The two that the documents of these looks are to be paired in, fewer when they are not found."""
    return two_languages(Counter(look.language for look in looks if look.language and look.problem is None), options.source, options.target)


def pair_looks(looks: Iterable[Look], named: Sequence[tuple[str, str]], vectors_of: Callable[[str], np.ndarray], options: PairOptions) -> Pairing:
    """The pairing of documents that were looked at; `named` are pairs by name, vectors_of(path) the vectors of a look as `Look.matrix`."""
    known = {look.path: look for look in sorted(looks, key=lambda look: look.path)}
    good = {path: look for path, look in known.items() if look.problem is None}
    codes = _languages(good.values(), options)
    left: dict[str, Unpaired] = {p: Unpaired(p, look.language, look.problem or "") for p, look in known.items() if look.problem is not None}
    if len(codes) < 2:
        said = f"only one language was found ({codes[0]})" if codes else "no language was recognised"
        left |= {p: Unpaired(p, look.language, f"{said}; say which with --from and --to") for p, look in good.items()}
        return Pairing((), tuple(left[p] for p in sorted(left)), tuple(codes))
    state = _State(good, (codes[0], codes[1]), left)
    state.take_named(named)
    state.sort_sides()
    state.take_equal("reference", lambda look: look.reference)
    if all(state.free):
        from align.likeness import match

        found = match([[good[p] for p in side] for side in state.free], vectors_of, options.floor, options.margin)
        for a, b, by, confidence in found.pairs:
            state.take(a, b, by, confidence)
        state.free = [[p for p in side if p not in state.taken] for side in state.free]
        for path, (reason, best, likeness) in found.reasons.items():
            left[path] = Unpaired(path, good[path].language, reason, best, likeness)
    for side, other in zip(state.free, reversed(codes), strict=True):
        for path in side:
            left.setdefault(path, Unpaired(path, good[path].language, f"no version in {other!r} was left to pair it with"))
    return Pairing(tuple(sorted(state.pairs, key=lambda p: p.source)), tuple(left[p] for p in sorted(left)), tuple(codes))


class _State:
    """What is paired, what is still free on each side (in the order of paths), and what is left out."""

    def __init__(self, looks: dict[str, Look], codes: tuple[str, str], left: dict[str, Unpaired]) -> None:
        self.looks, self.codes, self.left = looks, codes, left
        self.main = [main_part(code) for code in codes]
        self.pairs: list[DocumentPair] = []
        self.taken: set[str] = set()
        self.free: list[list[str]] = [[], []]

    def take(self, source: str, target: str, by: By, confidence: float) -> None:
        one, two = self.looks[source], self.looks[target]
        self.pairs.append(DocumentPair(f"{Path(source).stem}-{one.digest[:6]}{two.digest[:6]}", source, target, *self.codes, by, confidence, one.digest, two.digest))
        self.taken |= {source, target}

    def take_named(self, named: Sequence[tuple[str, str]]) -> None:
        """Pairs by name, turned round where the texts say so; not where both texts are in one language."""
        for source, target in named:
            if source not in self.looks or target not in self.looks:
                whole = source if source in self.looks else target
                if whole in self.looks:
                    self.left[whole] = Unpaired(whole, self.looks[whole].language, f"its partner by name, {target if whole == source else source}, cannot be used")
                continue
            seen = [self.looks[p].language if self.looks[p].characters >= SHORTEST else None for p in (source, target)]
            if seen[0] is not None and seen[0] == seen[1]:
                for path, other in ((source, target), (target, source)):
                    self.left[path] = Unpaired(path, seen[0], f"paired by name with {other}, but both are in {seen[0]!r}", other)
            elif strange := [k for k, p in enumerate((source, target)) if seen[k] not in (None, *self.main) and seen[k] in codes_in(p)]:
                for k, path in enumerate((source, target)):
                    what = self._strange(seen[k]) if k in strange else f"its partner by name, {(target, source)[k]}, is in {seen[strange[0]]!r}"
                    self.left[path] = Unpaired(path, self.looks[path].language, what, (target, source)[k])
            elif seen == [self.main[1], self.main[0]]:
                self.take(target, source, "name", SURE["name"])
            else:
                self.take(source, target, "name", SURE["name"])

    def sort_sides(self) -> None:
        """The rest by language; other languages and repeated texts are left out."""
        first = {digest: path for pair in self.pairs for path in (pair.source, pair.target) for digest in self._digests(path)}
        named = {(bare(path), self.main[k]): path for pair in self.pairs for k, path in enumerate((pair.source, pair.target))}
        for path, look in self.looks.items():
            if path in self.taken or path in self.left:
                continue
            if look.language not in self.main:
                self.left[path] = Unpaired(path, look.language, self._strange(look.language))
            elif other := named.get((bare(path), look.language)):
                self.left[path] = Unpaired(path, look.language, f"by its name the same document as {other} in another format", other, 1.0)
            elif other := first.get(look.digest):
                self.left[path] = Unpaired(path, look.language, f"the same file as {other}", other, 1.0)
            elif other := first.get(look.text_digest or look.digest):
                self.left[path] = Unpaired(path, look.language, f"the same text as {other}", other, 1.0)
            else:
                first |= dict.fromkeys(self._digests(path), path)
                self.free[self.main.index(look.language)].append(path)

    def _digests(self, path: str) -> list[str]:
        return [digest for digest in (self.looks[path].digest, self.looks[path].text_digest) if digest]

    def _strange(self, language: str | None) -> str:
        what = f"its language is {language!r}" if language else "its language was not recognised"
        return f"{what}; expected {self.codes[0]!r} or {self.codes[1]!r}"

    def take_equal(self, by: Literal["reference"], key: Callable[[Look], str | None]) -> None:
        """Pairs where exactly one free document of each side has the key."""
        groups: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
        for k, side in enumerate(self.free):
            for path in side:
                value = key(self.looks[path])
                if value:
                    groups[value][k].append(path)
        for _, (sources, targets) in sorted(groups.items()):
            if len(sources) == len(targets) == 1:
                self.take(sources[0], targets[0], by, SURE[by])
        self.free = [[p for p in side if p not in self.taken] for side in self.free]
