"""Errors seeded into clean pairs: what the checks find of them, and what they say of clean rows.

    python -m benchmarks.checks                      # seeded pairs of our own
    python -m benchmarks.checks --pairs FILE.tsv     # source TAB target, or id TAB source TAB target; --prefix keeps ids that begin so

Pairs become documents of 60 rows. One copy is left clean; in the other, numbers, dates and names of the target are changed, negations taken
out, target sentences dropped, runs of sentences moved, clauses cut and sentences left untranslated. Both are aligned from their sentences as any document is, then checked.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from align import workflow
from align.checks import check
from align.checks.mentions import mentions
from align.checks.names import names
from align.checks.negation import LANGUAGES, denied
from benchmarks.perturb import cut
from benchmarks.sentences import pairs as own_pairs
from models import load_encoder
from models.composed import CachedEncoder

LENGTH = 60
ANSWERS = {
    "number": {"numbers"}, "date": {"dates", "numbers"}, "name": {"names"}, "negation": {"negation"}, "omission": {"omitted", "clauses"}, "move": {"moved"}, "clause": {"clauses"},
    "untranslated": {"untranslated"},
}  # fmt: skip


@dataclass
class Seeded:
    """kind -> rows' source ids that must be found; the target sentences after seeding."""

    targets: list[str]
    wanted: dict[str, list[int]] = field(default_factory=dict)


def change_digit(text: str, start: int, end: int, rng: random.Random) -> str:
    places = [k for k in range(start, end) if text[k].isdigit()]
    at = rng.choice(places)
    digit = rng.choice([d for d in "123456789" if d != text[at]])
    return text[:at] + digit + text[at + 1 :]


def seed_number(source: str, target: str, rng: random.Random, languages: tuple[str, str], dates: bool) -> str | None:
    """The target with one digit of a number changed that both sides write alike; None where there is none."""
    there = {source[m.start : m.end] for m in mentions(source, languages[0])}
    places = [
        m for m in mentions(target, languages[1])
        if m.strict and m.kind == "number" and m.dated == dates and target[m.start : m.end].isdigit() and target[m.start : m.end] in there
    ]  # fmt: skip
    if not places:
        return None
    m = rng.choice(places)
    return change_digit(target, m.start, m.end, rng)


def seed_name(target: str, pool: list[str], rng: random.Random, language: str) -> str | None:
    spans = names(target, language)
    if not spans:
        return None
    start, end = rng.choice(spans)
    others = [n for n in pool if n[:3] != target[start : start + 3]]
    return target[:start] + rng.choice(others) + target[end:] if others else None


def seed_negation(source: str, target: str, languages: tuple[str, str]) -> str | None:
    """The target without its only word that denies, where the source has one too."""
    if not set(languages) <= LANGUAGES.keys():
        return None
    here, there = denied(source, languages[0]), denied(target, languages[1])
    if len(here) != 1 or len(there) != 1:
        return None
    ((start, end),) = there
    verb = re.fullmatch(r"(\w+)n[’']t", target[start:end])  # isn't
    return target[:start] + verb[1] + target[end:] if verb else target[:start] + target[end:].lstrip()


def seed(sources: list[str], targets: list[str], rng: random.Random, languages: tuple[str, str], pool: list[str]) -> Seeded:
    """One to four errors of every kind, on rows of their own."""
    out = Seeded(list(targets))
    free = list(range(3, len(sources) - 3))
    rng.shuffle(free)
    used: set[int] = set()

    def put(kind: str, count: int, make: Callable[[int], str | None]) -> None:
        for k in free:
            if count and not used & {k - 1, k, k + 1}:
                new = make(k)
                if new is not None and new != targets[k]:
                    out.targets[k] = new
                    out.wanted.setdefault(kind, []).append(k)
                    used.add(k)
                    count -= 1

    put("number", 2, lambda k: seed_number(sources[k], targets[k], rng, languages, False))
    put("date", 2, lambda k: seed_number(sources[k], targets[k], rng, languages, True))
    put("name", 2, lambda k: seed_name(targets[k], pool, rng, languages[1]))
    put("negation", 2, lambda k: seed_negation(sources[k], targets[k], languages))
    put("untranslated", 1, lambda k: sources[k] if len(sources[k]) > 30 else None)
    put("clause", 1, lambda k: shortened(targets[k], rng))
    put("omission", 3, lambda k: "\0" if len(targets[k]) > 30 else None)
    return moved(out, used, rng)


def shortened(text: str, rng: random.Random) -> str | None:
    parts = cut(text, rng)
    return parts[0].rstrip(",;: ") + "." if parts and 40 < len(parts[1]) < 0.6 * len(text) else None


def moved(out: Seeded, used: set[int], rng: random.Random) -> Seeded:
    """A run of one to three sentences goes at least ten sentences away; then what was dropped is dropped."""
    size = rng.randint(1, 3)
    starts = [k for k in range(2, len(out.targets) - size - 2) if not used & set(range(k - 1, k + size + 1))]
    order = list(range(len(out.targets)))
    if starts:
        start = rng.choice(starts)
        run = order[start : start + size]
        rest = [k for k in order if k not in run]
        places = [p for p in range(len(rest)) if abs(p - start) >= 10]
        place = rng.choice(places)
        order = rest[:place] + run + rest[place:]
        out.wanted["move"] = run
    out.targets = [out.targets[k] for k in order if out.targets[k] != "\0"]
    return out


def load(path: Path | None, prefix: str) -> list[tuple[str, str]]:
    if path is None:
        return own_pairs(1_200, 21)
    lines = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
    return [(p[-2], p[-1]) for p in lines if len(p) >= 2 and p[0].startswith(prefix)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=Path)
    parser.add_argument("--prefix", default="")
    parser.add_argument("--from", dest="source", default="en")
    parser.add_argument("--to", dest="target", default="ru")
    parser.add_argument("--most", type=int, default=3_000, help="pairs used")
    parser.add_argument("--show", action="store_true", help="print what was missed and what was false")
    options = parser.parse_args()
    languages = options.source, options.target
    found = load(options.pairs, options.prefix)[: options.most]
    if len(found) < LENGTH:
        parser.error(f"{len(found)} pairs, expected {LENGTH} or more: source TAB target, or id TAB source TAB target with ids that begin with {options.prefix!r}")
    rng = random.Random(7)
    pool = [t[slice(*s)] for _, t in found[:600] for s in names(t, languages[1])]
    encoder = CachedEncoder(load_encoder())
    recall: dict[str, Counter[str]] = {kind: Counter() for kind in ANSWERS}
    alarms: Counter[tuple[str, str]] = Counter()
    rows = 0
    for at in range(0, len(found) - LENGTH + 1, LENGTH):
        sources, targets = [s for s, _ in found[at : at + LENGTH]], [t for _, t in found[at : at + LENGTH]]
        clean = workflow.texts(sources, targets, source=languages[0], target=languages[1], encoder=encoder)
        rows += len(clean)
        for finding in check(clean, encoder=encoder):
            alarms[finding.check, finding.severity] += 1
            if options.show and finding.severity == "error":
                row = clean.rows[finding.row]
                print("FALSE", finding.check, finding.reason, "|", row.source, "|", row.target)
        seeded = seed(sources, targets, rng, languages, pool)
        broken = workflow.texts(sources, seeded.targets, source=languages[0], target=languages[1], encoder=encoder)
        findings = check(broken, encoder=encoder)
        for kind, ids in seeded.wanted.items():
            for k in ids:
                hits = [f for f in findings if f.check in ANSWERS[kind] and k in broken.rows[f.row].source_ids]
                best = max((("info", "warning", "error").index(f.severity) for f in hits), default=-1)
                recall[kind].update(["seeded", *["any"][: best >= 0], *["warning"][: best >= 1], *["error"][: best >= 2]])
                if options.show and best < 1:
                    row = next(r for r in broken.rows if k in r.source_ids)
                    print("MISSED", kind, row.type, "|", row.source, "|", row.target)
    print(f"{'kind':<14}{'seeded':>8}{'found':>9}{'warning':>9}{'error':>9}   per cent, at this severity or above")
    for kind, counts in recall.items():
        if counts["seeded"]:
            shares = [100 * counts[c] / counts["seeded"] for c in ("any", "warning", "error")]
            print(f"{kind:<14}{counts['seeded']:>8}{shares[0]:>9.1f}{shares[1]:>9.1f}{shares[2]:>9.1f}")
    print(f"\n{'check':<14}{'info':>8}{'warning':>9}{'error':>8}   findings on clean rows, per 1,000 ({rows:,} rows)")
    for name in dict.fromkeys(n for n, _ in sorted(alarms)):
        print(f"{name:<14}" + "".join(f"{1000 * alarms[name, s] / rows:>{w}.1f}" for s, w in (("info", 8), ("warning", 9), ("error", 8))))
    total = sum(v for (_, severity), v in alarms.items() if severity == "error")
    print(f"false alarms of error severity, all checks: {1000 * total / rows:.1f} per 1,000 clean rows")


if __name__ == "__main__":
    main()
