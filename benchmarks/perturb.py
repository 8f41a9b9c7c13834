"""Pseudo-documents with known beads: sentence pairs go in, two versions that were edited apart come out, with the gold.

    python -m benchmarks.perturb pairs.tsv -o FOLDER --documents 20 --length 200 --seed 1

A line of the input is source TAB target (or id TAB source TAB target). Kinds of change, each on a random side: sentences merged (2 to 4) or cut at a
clause mark, a clause moved over a sentence border (2-2), borders that cross (2-3), sentences deleted, foreign ones inserted, captions and
scanner's dirt between sentences, long gaps, page headers inside a sentence. What changes a bead's type is in NNN.gold; NNN.kinds names the kinds.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

Pair = tuple[str, str]

MIXES: dict[str, dict[str, float]] = {
    "clean": {},
    "heavy": {
        "merge2": 0.07, "merge3": 0.025, "merge4": 0.008, "split": 0.06, "shift": 0.03, "cross": 0.01,
        "delete": 0.03, "insert": 0.04, "header": 0.005,
    },
    "gap": {"merge2": 0.04, "split": 0.03, "shift": 0.015, "delete": 0.015, "insert": 0.02, "gap": 0.012},
    "noisy": {
        "merge2": 0.09, "merge3": 0.03, "merge4": 0.01, "split": 0.11, "shift": 0.03, "cross": 0.02,
        "delete": 0.01, "insert": 0.01, "caption": 0.012, "header": 0.03, "cut": 0.04, "scan": 0.05,
    },
}  # fmt: skip

_CLAUSE = re.compile(r"(?<=[,;:])\s+(?=\S)|\s+(?=[–—-]\s)")
_DIRT = ["- _-", ".....", "* , *^", "1Ê+ :", "é» .", "m", "f r", "–", "|", "( 3 )", "IV", "12", "- 7 -", "•", "... ."]


@dataclass
class _Draft:
    source: list[str] = field(default_factory=list)
    target: list[str] = field(default_factory=list)
    gold: list[tuple[list[int], list[int]]] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    def add(self, source: Sequence[str], target: Sequence[str], kind: str) -> None:
        i, j = len(self.source), len(self.target)
        self.source += source
        self.target += target
        self.gold.append((list(range(i, len(self.source))), list(range(j, len(self.target)))))
        self.kinds.append(kind)


def cut(text: str, rng: random.Random) -> tuple[str, str] | None:
    """A sentence in two at a clause mark, both parts of 12 characters or more; None where there is no such mark."""
    places = [m for m in _CLAUSE.finditer(text) if m.start() >= 12 and len(text) - m.end() >= 12]
    if not places:
        return None
    place = rng.choice(places)
    first, second = text[: place.start()], text[place.end() :]
    if rng.random() < 0.6:  # made to look like sentences
        first, second = first.rstrip(" ,;:–—-") + ".", second.lstrip("–—- ")
        second = second[:1].upper() + second[1:]
    return first, second


def _caption(rng: random.Random, strangers: Sequence[str]) -> str:
    if rng.random() < 0.5:
        return rng.choice(_DIRT)
    words = rng.choice(strangers).split()
    start = rng.randrange(max(1, len(words) - 5))
    return " ".join(words[start : start + rng.randint(2, 7)])


def _scanned(text: str, rng: random.Random) -> str:
    """Some letters misread, some capitals and full stops lost, blanks around punctuation."""
    if rng.random() < 0.3:
        text = text[:1].lower() + text[1:]
    if rng.random() < 0.3:
        text = text.rstrip(".")
    chars = [rng.choice("il1tfcoeu") if c.isalpha() and rng.random() < 0.015 else c for c in text]
    out = "".join(chars)
    return re.sub(r"([,.;:!?()])", r" \1 ", out).strip() if rng.random() < 0.5 else out


def perturb(pairs: Sequence[Pair], mix: dict[str, float], strangers: Sequence[Pair], rng: random.Random) -> _Draft:
    """One pseudo-document from sentence pairs in order; `strangers` supply foreign sentences."""
    draft, k = _Draft(), 0
    kinds, weights = [*mix, "one"], [*mix.values(), max(0.0, 1.0 - sum(mix.values()))]
    while k < len(pairs):
        kind = rng.choices(kinds, weights)[0]
        k += _apply(kind, pairs, k, draft, strangers, rng)
    return draft


def _apply(kind: str, pairs: Sequence[Pair], k: int, draft: _Draft, strangers: Sequence[Pair], rng: random.Random) -> int:
    """Adds beads of one kind made of pairs[k:]; how many pairs it used up (those that cannot be so changed stay 1-1)."""
    left = len(pairs) - k
    side = rng.randrange(2)

    def put(changed: Sequence[str], other: Sequence[str], name: str) -> None:
        draft.add(*((changed, other) if side == 0 else (other, changed)), name)

    one, two = pairs[k][side], pairs[k][1 - side]
    if kind.startswith("merge") and left >= (size := int(kind[5])):
        put([" ".join(p[side] for p in pairs[k : k + size])], [p[1 - side] for p in pairs[k : k + size]], kind)
        return size
    if kind == "split" and (parts := cut(one, rng)):
        more = cut(parts[1], rng) if rng.random() < 0.3 else None
        put([parts[0], *(more or (parts[1],))], [two], kind)
        return 1
    if kind == "shift" and left >= 2 and (parts := cut(pairs[k + 1][side], rng)):
        put([f"{one} {parts[0]}", parts[1]], [two, pairs[k + 1][1 - side]], kind)
        return 2
    if kind == "cross" and left >= 3 and (parts := cut(pairs[k + 1][side], rng)):
        put([f"{one} {parts[0]}", f"{parts[1]} {pairs[k + 2][side]}"], [p[1 - side] for p in pairs[k : k + 3]], kind)
        return 3
    if kind == "delete":
        put([one], [], kind)
        return 1
    if kind == "gap":
        for p in pairs[k : k + rng.randint(5, 25)]:
            put([p[side]], [], kind)
            left -= 1
        return len(pairs) - k - left
    if kind == "insert":
        put([rng.choice(strangers)[side]], [], kind)
        return 0
    if kind == "caption":
        for _ in range(rng.choice((1, 1, 2, 3, 8))):
            put([_caption(rng, [p[side] for p in strangers])], [], kind)
        return 0
    put([_inside(kind, one, side, strangers, rng)], [two], kind if kind in ("header", "cut", "scan") else "one")
    return 1


def _inside(kind: str, text: str, side: int, strangers: Sequence[Pair], rng: random.Random) -> str:
    """Changes that leave a bead 1-1: a page header in the middle, a clause left out, misread letters."""
    if kind == "header":
        words = text.split()
        place = rng.randrange(len(words) + 1)
        return " ".join([*words[:place], *_caption(rng, [p[side] for p in strangers]).split(), *words[place:]])
    if kind == "cut" and (parts := cut(text, rng)):
        return max(parts, key=len)
    return _scanned(text, rng) if kind == "scan" else text


def write(draft: _Draft, stem: Path) -> None:
    """NNN.src, NNN.tgt, NNN.gold and NNN.kinds."""
    for suffix, lines in (
        (".src", draft.source),
        (".tgt", draft.target),
        (".gold", [f"{s}:{t}" for s, t in draft.gold]),
        (".kinds", [json.dumps(draft.kinds)]),
    ):
        stem.with_suffix(suffix).write_text("".join(f"{line}\n" for line in lines), "utf-8")


def documents(pairs: Sequence[Pair], mix: dict[str, float], count: int, length: int, seed: int) -> list[_Draft]:
    """`count` pseudo-documents of `length` pairs each, cut from `pairs` at random places that do not overlap where that is possible."""
    rng = random.Random(seed)
    places = list(range(0, max(1, len(pairs) - length + 1), length))
    rng.shuffle(places)
    return [perturb(pairs[p : p + length], mix, pairs, rng) for p in (places * (count // max(1, len(places)) + 1))[:count]]


def read_pairs(path: Path) -> list[Pair]:
    """Lines of source TAB target; with three columns the first is an id."""
    out = []
    for line in path.read_text("utf-8").splitlines():
        columns = line.split("\t")
        if len(columns) >= 2 and columns[-1].strip() and columns[-2].strip():
            out.append((columns[-2].strip(), columns[-1].strip()))
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--mix", choices=sorted(MIXES), default="heavy")
    parser.add_argument("--documents", type=int, default=10)
    parser.add_argument("--length", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    drafts = documents(read_pairs(options.pairs), MIXES[options.mix], options.documents, options.length, options.seed)
    for k, draft in enumerate(drafts):
        write(draft, options.output / f"{k:03d}")


if __name__ == "__main__":
    main()
