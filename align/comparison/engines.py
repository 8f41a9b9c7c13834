"""Runs the engines over the rows and measures what they gave."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from time import perf_counter
from typing import TYPE_CHECKING

from align.bitext import HUMAN, MACHINE, Bitext, Finding, InputError, OptionError, Row, main_part
from align.checks import check
from align.comparison.records import Cell, Column, Compared, Comparison, Separation
from align.comparison.words import changes
from align.metrics import TranslationScores, paired_bootstraps, translation_scores
from align.vectors import encode
from models import ModelError, spoken

if TYPE_CHECKING:
    import numpy as np

    from models import Encoder, Translator

CHECKS = ("numbers", "dates", "names", "negation", "units", "untranslated", "length", "glossary")
AT_ONCE = 16  # rows between two lines of progress
Texts = dict[int, str]  # by the number of the row


def compare(
    bitext: Bitext,
    translators: Mapping[str, Translator | Callable[[], Translator]],
    *,
    source: str | None = None,
    target: str | None = None,
    encoder: Encoder | None = None,
    glossary: Sequence[tuple[str, str]] = (),
    progress: Callable[[str], None] | None = None,
) -> Comparison:
    """Every row whose source people wrote, translated by every engine, beside the human target where there is one.

    translators: name -> engine, or a function that loads one: it is called when its turn comes, so that one engine at a time fills the memory.
    source, target: languages, by default the bitext's; given the other way round, the target is translated into the source's language.
    glossary: (source term, target term) that the findings hold the texts to; progress: told in words after every few rows; what it raises ends the comparison.
    An engine that raises ModelError, or gives another number of texts than it got, has a column with its error and no cells.
    OptionError: no engine, an engine called "human", or languages that are not the bitext's. InputError: no row with a source.
    """
    if not translators or HUMAN in translators:
        raise OptionError(f'engines are {", ".join(translators) or "none"}; expected at least one, and none called "{HUMAN}"')
    turned = _turned(bitext, source or bitext.source_language, target or bitext.target_language)
    sources = {k: r.source for k, r in enumerate(turned.rows) if r.source and r.source.strip() and not r.origin_source.startswith(MACHINE)}
    if not sources:
        raise InputError(f"no row has a text in {turned.source_language} that people wrote; there is nothing to translate")
    human = {k: t for k in sources if (t := turned.rows[k].target) and t.strip() and turned.rows[k].origin_target == HUMAN}
    columns = [Column(HUMAN, HUMAN, len(human))] if human else []
    versions: dict[str, Texts] = {HUMAN: human} if human else {}
    for name, engine in translators.items():
        column, texts = _translated(name, engine, list(sources.values()), turned, progress or (lambda message: None))
        columns.append(column)
        if column.error is None:
            versions[name] = dict(zip(sources, texts, strict=True))
    cells = _cells(turned, sources, versions, encoder, glossary)
    rows = tuple(Compared(k, text, {name: cells[name][k] for name in versions if k in cells[name]}) for k, text in sources.items())
    scores = _scores(human, versions, turned.target_language)
    places = {number: place for place, number in enumerate(human)}
    document = bitext.source_document
    return Comparison(
        columns=tuple(_summed(c, list(cells.get(c.name, {}).values()), scores.get(c.name)) for c in columns),
        rows=tuple(_with_chrf(row, scores, places) for row in rows),
        separations=_separations(human, versions, turned.target_language),
        source_language=turned.source_language,
        target_language=turned.target_language,
        references=len(human),
        left_out=len(turned) - len(rows),
        title=document.title if document else None,
        encoder=encoder.id if encoder else None,
    )


def _turned(bitext: Bitext, source: str, target: str) -> Bitext:
    """Rows and languages alone, in the direction asked for; a bitext that does not know its languages ("und", "") believes the caller."""
    asked, own = ([main_part(code) for code in pair] for pair in ((source, target), (bitext.source_language, bitext.target_language)))
    if all(o in (a, "", "und") for a, o in zip(asked, own, strict=True)):
        return Bitext(bitext.rows, source, target)
    if asked != own[::-1]:
        raise OptionError(f"the bitext is {' and '.join(own)}, cannot compare {source} to {target}; leave the languages out or name these two")
    return Bitext(tuple(Row(r.target, r.source, origin_source=r.origin_target, origin_target=r.origin_source) for r in bitext.rows), source, target)


def _translated(
    name: str, given: Translator | Callable[[], Translator], texts: Sequence[str], bitext: Bitext, said: Callable[[str], None]
) -> tuple[Column, list[str]]:
    engine_id = getattr(given, "id", "")
    try:
        said(f"{name}: loading")
        engine: Translator = given if hasattr(given, "translate") else given()  # type: ignore[assignment]
        engine_id = engine.id
        seconds, out = 0.0, []
        for first in range(0, len(texts), AT_ONCE):
            said(f"{name}: {first} of {len(texts)} rows")
            lot, start = list(texts[first : first + AT_ONCE]), perf_counter()
            given_back = [t.text for t in engine.translate(lot, spoken(bitext.source_language), spoken(bitext.target_language))]
            seconds += (perf_counter() - start) / len(texts)
            if len(given_back) != len(lot):
                return Column(name, engine_id, error=f"gave {len(given_back)} translations for {len(lot)} texts"), []
            out += given_back
    except ModelError as error:
        return Column(name, engine_id, error=str(error) or type(error).__name__), []
    return Column(name, engine_id, len(out), seconds=seconds), out


def _cells(bitext: Bitext, sources: Texts, versions: Mapping[str, Texts], encoder: Encoder | None, glossary: Sequence[tuple[str, str]]) -> dict[str, dict[int, Cell]]:
    human, out = versions.get(HUMAN, {}), {}
    vectors = encode(list(sources.values()), encoder) if encoder else None
    for name, texts in versions.items():
        findings = _findings(bitext, texts, glossary)
        similar = _similarities(vectors, list(sources), texts, encoder)
        out[name] = {
            k: Cell(text, None, similar.get(k), tuple(findings.get(k, ())), changes(human[k], text) if k in human and name != HUMAN else ())
            for k, text in texts.items()
        }  # fmt: skip
    return out


def _findings(bitext: Bitext, texts: Texts, glossary: Sequence[tuple[str, str]]) -> dict[int, list[Finding]]:
    """Warnings and errors by row; the checks pass over a text without content, so that is an error of its own."""
    rows = [replace(r, target=texts.get(k), score=None, similarity=None) for k, r in enumerate(bitext.rows)]
    out: dict[int, list[Finding]] = {k: [Finding(k, "empty", "error", "the engine gave no text")] for k, t in texts.items() if not t.strip()}
    for found in check(bitext.with_rows(tuple(rows)), only=CHECKS, glossary=glossary):
        if found.severity != "info" and texts.get(found.row, "").strip():
            out.setdefault(found.row, []).append(found)
    return out


def _similarities(vectors: np.ndarray | None, numbers: list[int], texts: Texts, encoder: Encoder | None) -> dict[int, float]:
    if vectors is None or encoder is None:
        return {}
    places = [k for k, number in enumerate(numbers) if number in texts]
    values = (vectors[places] * encode([texts[numbers[k]] for k in places], encoder)).sum(axis=1)
    return {numbers[k]: float(v) for k, v in zip(places, values, strict=True)}


def _scores(human: Texts, versions: Mapping[str, Texts], language: str) -> dict[str, TranslationScores]:
    references = list(human.values())
    return {name: translation_scores([texts[k] for k in human], references, language) for name, texts in versions.items() if human and name != HUMAN}


def _with_chrf(row: Compared, scores: Mapping[str, TranslationScores], places: Mapping[int, int]) -> Compared:
    place = places.get(row.row)
    if place is None:
        return row
    return replace(row, cells={name: replace(c, chrf=scores[name].by_row[place]) if name in scores else c for name, c in row.cells.items()})


def _separations(human: Texts, versions: Mapping[str, Texts], language: str) -> tuple[Separation, ...]:
    texts = {name: [found[k] for k in human] for name, found in versions.items() if human and name != HUMAN}
    if len(texts) < 2:
        return ()
    chrf, bleu = (paired_bootstraps(texts, list(human.values()), language, metric=metric) for metric in ("chrf", "bleu"))
    return tuple(Separation(a, b, chrf[a, b], bleu[a, b]) for a, b in combinations(texts, 2))


def _summed(column: Column, cells: Sequence[Cell], scores: TranslationScores | None) -> Column:
    if not cells:
        return column
    known = [c.similarity for c in cells if c.similarity is not None]
    findings = 100 * sum(len(c.findings) for c in cells) / len(cells)
    return replace(column, scores=scores, findings=findings, similarity=sum(known) / len(known) if known else None)
