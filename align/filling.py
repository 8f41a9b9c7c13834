"""Rows that lack a side -> rows with a translation, guarded and marked as machine-made. What people wrote is never touched.

Long texts go to the engine in sentences and clauses (cutting.py), whatever the engine. Of an engine's n-best the first that passes
the guards is taken; what fails all of them is taken with a note, never lost and never silent.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from align import terms
from align.bitext import MACHINE, Bitext, InputError, OptionError, Row
from align.cutting import clauses, joined, sentence_pieces
from align.digits import regrouped
from align.guards import HARD, KEPT, failures, lost_names
from align.known_names import spellings
from align.memory import Memory
from models import Translation, Translator, spoken

Progress = Callable[[str], None]
BATCH = 16  # rows between two lines of progress and two writes of the journal


@dataclass(frozen=True, slots=True, kw_only=True)
class FillOptions:
    """beam: width of the search, 1 to 16; alternatives: of the n-best that the guards may choose from, 0 to 8; longest: characters that an
    engine gets at a time, 40 or more; retry: where all alternatives fail, search again, twice as wide, then clause by clause; terms: hold the engine to our own
    terms and names of the language pair too (`align.terms`, `align.known_names`), besides the glossary."""

    beam: int = 4
    alternatives: int = 3
    longest: int = 320
    retry: bool = True
    terms: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.beam <= 16:
            raise OptionError(f"beam is {self.beam}; expected 1 to 16")
        if not 0 <= self.alternatives <= 8:
            raise OptionError(f"alternatives is {self.alternatives}; expected 0 to 8")
        if self.longest < 40:
            raise OptionError(f"longest is {self.longest}; expected 40 or more characters")


@dataclass(frozen=True, slots=True)
class Filled:
    """A text for a missing side. origin: "machine:<translator id>" or "memory:<file> 100%"; flags: what the guards say, in words; score: of the
    engine, mean log probability, None where it gives none."""

    text: str
    origin: str
    flags: tuple[str, ...] = ()
    score: float | None = None


def translate_texts(
    texts: Sequence[str],
    translator: Translator,
    source: str,
    target: str,
    *,
    options: FillOptions | None = None,
    memory: Memory | None = None,
    glossary: Sequence[tuple[str, str]] = (),
) -> list[Filled]:
    """One result a text, same order; a text without content gives "". Raises what the engine raises (ModelError)."""
    options = options or FillOptions()
    out: list[Filled | None] = [None] * len(texts)
    notes: dict[int, str] = {}
    cut: dict[int, list[list[str]]] = {}
    for k, text in enumerate(texts):
        match = memory.find(text) if memory is not None and text.strip() else None
        if match is not None and match.likeness == 100.0:
            out[k] = Filled(match.target, match.origin, tuple(reason for _, reason in failures(text, match.target, source, target, glossary=glossary)))
            continue
        if match is not None:
            notes[k] = f"{match.origin}: “{match.source}” = “{match.target}”"
        cut[k] = sentence_pieces(text, source, options.longest)
    flat = [p for sentences in cut.values() for parts in sentences for p in parts]
    found = iter(_guarded(flat, translator, source, target, options, glossary))
    origin = MACHINE + translator.id
    for k, sentences in cut.items():
        done = [[next(found) for _ in parts] for parts in sentences]
        spoken = [joined(parts, [t for t, _, _ in checked], target) for parts, checked in zip(sentences, done, strict=True)]
        flags = [f for checked in done for _, reasons, _ in checked for f in reasons]
        score = _mean([s for checked in done for _, _, s in checked])
        out[k] = Filled(" ".join(t for t in spoken if t), origin, (*flags, *([notes[k]] if k in notes else [])), score)
    return [f for f in out if f is not None]


Checked = tuple[str, list[str], float | None]


def _guarded(
    texts: list[str], translator: Translator, source: str, target: str, options: FillOptions, glossary: Sequence[tuple[str, str]]
) -> list[Checked]:
    """(text, reasons, score) of every piece."""
    if not texts:
        return []
    codes = spoken(source), spoken(target)
    own = terms.terms_of(glossary)
    more = terms.built_in(source, target) if options.terms else ()
    sent = list(texts)  # what the engine gets
    places = [_places(text, own, more, source) for text in texts]
    usual = [[place for place in here if place.term not in own] for here in places]  # of the others the guards tell

    def best(k: int, found: Translation) -> tuple[int, Checked]:
        return _best(texts[k], found, source, target, glossary, usual[k])

    def try_again(k: int, found: Translation) -> bool:
        better = min(results[k], new := best(k, found), key=_badness)
        results[k] = better
        return better is new

    first = translator.translate(texts, *codes, beam=options.beam, alternatives=options.alternatives)
    results = [best(k, found) for k, found in enumerate(first)]
    doubtful = {k: text for k, (_, (text, reasons, _)) in enumerate(results) if reasons}
    guided = {k: written for k, text in doubtful.items() if (written := _guided(texts[k], text, places[k], source, target, options.terms)) != texts[k]}
    told = translator.translate(list(guided.values()), *codes, beam=options.beam, alternatives=options.alternatives) if guided else []
    for (k, written), found in zip(guided.items(), told, strict=True):
        if try_again(k, found):
            sent[k] = written
    failed = [k for k, (hard, _) in enumerate(results) if hard] if options.retry else []
    if failed and options.beam < 16:
        again = translator.translate([sent[k] for k in failed], *codes, beam=2 * options.beam, alternatives=2 * options.beam - 1)
        for k, found in zip(failed, again, strict=True):
            try_again(k, found)
    for count in (2, 3):
        failed = [k for k in failed if results[k][0] and len(sent[k]) >= 40 * count]
        for k in failed:
            parts = clauses(sent[k], count)
            if len(parts) < count:
                continue
            told = translator.translate(parts, *codes, beam=options.beam, alternatives=options.alternatives)
            chosen = [_best(part, one, source, target, glossary)[1][0] for part, one in zip(parts, told, strict=True)]
            try_again(k, Translation(joined(parts, chosen, target), _mean([one.score for one in told])))
    return [checked for _, checked in results]


def _best(
    text: str, found: Translation, source: str, target: str, glossary: Sequence[tuple[str, str]], usual: Sequence[terms.Place] = ()
) -> tuple[int, Checked]:
    """How many of the guards that count fail, and the hypothesis of which the fewest do; usual: terms of ours that it should have."""
    choices = []
    for k, candidate in enumerate(dict.fromkeys(regrouped(made, text, source, target) for made in (found.text, *found.alternatives))):
        wrong = failures(text, candidate, source, target, glossary=glossary)
        hard = sum(name in HARD for name, _ in wrong)
        reasons = [*(reason for _, reason in wrong), *dict.fromkeys(place.reason for place in terms.unmet(usual, candidate, target))]
        choices.append((not candidate.strip(), hard, len(reasons), k, candidate, reasons))
        if not reasons:
            break
    _, hard, _, _, candidate, reasons = min(choices)
    return hard, (candidate, reasons, found.score)


def _places(text: str, own: Sequence[terms.Term], more: Sequence[terms.Term], language: str) -> list[terms.Place]:
    """Where terms of the glossary stand, then ours in what is left; none in links and placeholders, which must stay as they are."""
    found = [*terms.places(text, own, language), *terms.places(text, more, language, as_written=True)]
    return terms.apart(found, [match.span() for match in KEPT.finditer(text)])


def _guided(text: str, translation: str, wanted: Sequence[terms.Place], source: str, target: str, names: bool) -> str:
    """The source with the target's words for the terms, and for `names` that we know, that a translation lacks."""
    found = terms.unmet(wanted, translation, target)
    lost = spellings(text, lost_names(text, translation, source, target), source, target) if names else []
    more = [terms.Place(span, text[slice(*span)], terms.Term((), ()), spelling) for span, spelling in lost]
    return terms.written_in(text, terms.apart([*found, *more]))


def _mean(scores: Sequence[float | None]) -> float | None:
    known = [s for s in scores if s is not None]
    return sum(known) / len(known) if known else None


def _badness(result: tuple[int, Checked]) -> tuple[bool, int, int]:
    hard, (text, reasons, _) = result
    return not text.strip(), hard, len(reasons)


def lacking(bitext: Bitext) -> list[tuple[int, str]]:
    """(row, side without a word) of every row that could be filled; locked rows are left alone."""
    out = []
    for number, row in enumerate(bitext.rows):
        if not row.locked and (row.source or "").strip() and _empty(row.target, row.verified):
            out.append((number, "target"))
        elif not row.locked and (row.target or "").strip() and _empty(row.source, row.verified):
            out.append((number, "source"))
    return out


def _empty(text: str | None, verified: bool) -> bool:
    """Is there nothing? A side without a word in a row that a person accepted is meant so."""
    return not ((text or "").strip() or verified)


def fill(
    bitext: Bitext,
    translator_for: Callable[[str, str], Translator],
    *,
    options: FillOptions | None = None,
    memory_for: Callable[[str, str], Memory | None] | None = None,
    glossary: Sequence[tuple[str, str]] = (),
    leave: Collection[int] = (),
    journal: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Bitext:
    """The bitext with every missing side translated, row by row; flags stand in the row's note. leave: numbers of rows that stay as they are.

    translator_for, memory_for: of a direction (source language, target language). journal: a file that keeps finished rows, so that a run that was
    killed goes on where it stopped; it stays where it is. cancelled: asked between batches; True gives back what is done so far.
    """
    said = progress or (lambda message: None)
    options = options or FillOptions()
    rows = list(bitext.rows)
    todo = [(row, side) for row, side in lacking(bitext) if row not in leave]
    done = 0
    started = time.monotonic()
    for side in ("target", "source"):
        numbers = [k for k, missing in todo if missing == side]
        if not numbers:
            continue
        codes = (bitext.source_language, bitext.target_language)
        source, target = codes if side == "target" else (codes[1], codes[0])
        translator = translator_for(source, target)
        memory = memory_for(source, target) if memory_for else None
        ours = terms.built_in(source, target) if options.terms else ()
        used = [*([f"terms {terms.digest(ours)}"] if ours else []), *([f"memory {memory.digest()}"] if memory else []), *([f"glossary {list(glossary)}"] if glossary else [])]
        kept = _Journal(journal, " ".join((f"{translator.id} {options} {source} {target}", *used)))
        for at in range(0, len(numbers), BATCH):
            if cancelled is not None and cancelled():
                return bitext.with_rows(tuple(rows))
            batch = numbers[at : at + BATCH]
            texts = [str(rows[k].source if side == "target" else rows[k].target) for k in batch]
            new = [t for t in dict.fromkeys(texts) if t not in kept]
            kept.add(new, translate_texts(new, translator, source, target, options=options, memory=memory, glossary=glossary))
            for k, text in zip(batch, texts, strict=True):
                rows[k] = _filled_row(rows[k], side, kept[text])
            done += len(batch)
            rate = done / max(time.monotonic() - started, 1e-3)
            said(f"{done} of {len(todo)} rows, {rate:.1f} a second, {(len(todo) - done) / rate:.0f} s left")
    return bitext.with_rows(tuple(rows))


def _filled_row(row: Row, side: str, filled: Filled) -> Row:
    note = "; ".join(dict.fromkeys([*([row.note] if row.note else []), *filled.flags]))
    known: dict[str, Any] = {"note": note, "verified": False, "score": None, "evidence": None}  # the score was of the gap
    if side == "target":
        return replace(row, target=filled.text, origin_target=filled.origin, **known)
    return replace(row, source=filled.text, origin_source=filled.origin, **known)


class _Journal:
    """Finished texts, in memory and, line by line, in a file; a last line that was cut off is passed over."""

    def __init__(self, path: str | os.PathLike[str] | None, about: str) -> None:
        self.path, self.about = Path(path) if path is not None else None, about
        self.known: dict[str, Filled] = {}
        if self.path is not None and self.path.exists():
            for key, filled in _lines(self.path):
                self.known[key] = filled

    def _key(self, text: str) -> str:
        return sha256(f"{self.about}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()[:32]

    def __contains__(self, text: str) -> bool:
        return self._key(text) in self.known

    def __getitem__(self, text: str) -> Filled:
        return self.known[self._key(text)]

    def add(self, texts: Sequence[str], filled: Sequence[Filled]) -> None:
        """Keep these; on disk before this returns."""
        lines = []
        for text, one in zip(texts, filled, strict=True):
            self.known[self._key(text)] = one
            lines.append(json.dumps({"key": self._key(text), "text": one.text, "origin": one.origin, "flags": one.flags, "score": one.score}) + "\n")
        if self.path is None or not lines:
            return
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write("\n" if file.tell() else "")
                file.writelines(lines)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise InputError(f"cannot write {self.path}: {error.strerror}") from error


def _lines(path: Path) -> Iterator[tuple[str, Filled]]:
    for line in path.read_text("utf-8", "replace").splitlines():
        try:
            values = json.loads(line)
            yield values["key"], Filled(values["text"], values["origin"], tuple(values["flags"]), values["score"])
        except (ValueError, KeyError, TypeError):
            continue
