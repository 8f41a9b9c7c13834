"""Rows whose sides may not say the same: low similarity, doubtful alignment, untranslated text, one source with several targets."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from statistics import median

from align.bitext import Bitext, main_part
from align.checks.table import Context, Hit

LETTERS = 12  # of a side; shorter ones may well be the same in both languages
_WORD = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"https?://\S+|[\w.+-]+@[\w-]+\.[\w.-]+|\b[a-z\d-]+(?:\.[a-z\d-]+)*\.[a-z]{2,}(?:/\S*)?", re.IGNORECASE | re.ASCII)  # of the web and of mail, the same in every language


def find_similarity(bitext: Bitext, context: Context) -> Iterator[Hit]:
    """Rows far less similar than this document's rows are; the score is the distance below the median, 1.0 at no similarity, of short sides half of it:
    encoders know little of "You're welcome"."""
    known = {k: r.similarity for k, r in enumerate(bitext.rows) if r.similarity is not None and r.source and r.target}
    rest = [k for k, r in enumerate(bitext.rows) if k not in known and r.source and r.target]
    if rest and context.encoder is not None:
        x, y = (context.vectors([str(getattr(bitext.rows[k], side)) for k in rest]) for side in ("source", "target"))
        known |= dict(zip(rest, map(float, (x * y).sum(axis=1)), strict=True))
    if not known:
        return
    middle = max(median(known.values()), 0.5)
    for number, value in sorted(known.items()):
        row = bitext.rows[number]
        below = (middle - value) / middle
        if below > 0.4:
            reason = f"the sides may not say the same: similarity {value:.2f}, the median of the document is {middle:.2f}"
            short = min(sum(map(str.isalpha, text or "")) for text in (row.source, row.target)) < LETTERS
            yield Hit(number, min(1.0, below) * (0.5 if short else 1.0), reason, ((0, len(row.source or "")),), ((0, len(row.target or "")),))


def find_alignment(bitext: Bitext, context: Context) -> Iterator[Hit]:
    """Rows that the aligner was not sure of and nobody has accepted."""
    for number, row in enumerate(bitext.rows):
        if row.score is not None and row.score < 0.9 and not row.verified:
            yield Hit(number, 1.0 - row.score, f"doubtful alignment: confidence {row.score:.2f}")


def find_untranslated(bitext: Bitext, context: Context) -> Iterator[Hit]:
    """Sides that are the same text, or a stretch of the other language's words left as they were; nothing of two versions in one language."""
    if main_part(bitext.source_language) == main_part(bitext.target_language) != "und":
        return
    same_script = _script(bitext, "source") == _script(bitext, "target")
    for number, row in enumerate(bitext.rows):
        if not row.source or not row.target:
            continue
        source, target = row.source.casefold(), row.target.casefold()
        if source == target:
            if sum(map(str.isalpha, source)) >= LETTERS:
                yield Hit(number, 1.0, "untranslated: both sides are the same text", ((0, len(row.source)),), ((0, len(row.target)),))
            continue
        words = {w for w in _WORD.findall(source) if len(w) > 2}
        run = _left_over(_ADDRESS.sub(lambda m: " " * len(m[0]), row.target), words)
        if run is None:
            continue
        start, end = run
        share = sum(map(str.isalpha, row.target[start:end])) / max(1, sum(map(str.isalpha, row.target)))
        if (end - start >= LETTERS and len(_WORD.findall(row.target[start:end])) >= (5 if same_script else 3)) or share > 0.6:
            reason = f"untranslated: “{row.target[start:end][:80]}” is left as in the source"
            yield Hit(number, min(1.0, 0.5 + share), reason, (), ((start, end),))


def _left_over(target: str, words: set[str]) -> tuple[int, int] | None:
    """Span of the longest run of words in the target that are the source's own, not all of them names."""
    best, start, end, small = None, -1, -1, 0
    for match in [*_WORD.finditer(target), None]:
        if match is not None and (match[0].casefold() in words or (start >= 0 and len(match[0]) <= 2 and match[0].isascii())):
            start = match.start() if start < 0 else start
            end = match.end()
            small += match[0].islower() and len(match[0]) > 2
            continue
        if start >= 0 and small >= 2 and (best is None or end - start > best[1] - best[0]):
            best = (start, end)
        start, small = -1, 0
    return best


def script_of(letter: str) -> str:
    """The script of a letter as Unicode names it: LATIN, CYRILLIC, CJK ..."""
    return unicodedata.name(letter, "").split(" ")[0]


def _script(bitext: Bitext, side: str) -> str:
    """Most common first word of the Unicode names of a side's letters: LATIN, CYRILLIC, ..."""
    counts: dict[str, int] = defaultdict(int)
    for row in bitext.rows[:50]:
        for character in (getattr(row, side) or "")[:200]:
            if character.isalpha():
                counts[script_of(character)] += 1
    return max(counts, key=counts.__getitem__, default="")


def find_consistency(bitext: Bitext, context: Context) -> Iterator[Hit]:
    """The same source with different targets (case, spaces and end marks apart)."""
    seen: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, row in enumerate(bitext.rows):
        if row.source and row.target and sum(map(str.isalnum, row.source)) >= 4:
            seen[_plain(row.source)][_plain(row.target)].append(number)
    for targets in seen.values():
        if len(targets) > 1:
            first, second = sorted(ids[0] for ids in targets.values())[:2]
            for number, other in sorted((k, second if ids[0] == first else first) for ids in targets.values() for k in ids):
                row = bitext.rows[number]
                reason = f"the same source has another target in row {other}"
                yield Hit(number, 0.5, reason, ((0, len(row.source or "")),), ((0, len(row.target or "")),), other)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(" .,:;!?…")
