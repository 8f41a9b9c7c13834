"""Records of a bitext as JSON that loses nothing, lone surrogates included, and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from align.bitext import Bead, Bitext, Document, Evidence, Row, Sentence, Verdict

PARTS = ("head", "source_sentences", "target_sentences")  # what an edit may change beside rows


def dumped(value: Any) -> str:
    """JSON in ASCII, so that every string of Python survives."""
    return json.dumps(value, separators=(",", ":"))


def row_values(row: Row) -> list[Any]:
    """The fields of a row in their order, evidence as a list."""
    e = row.evidence
    rival = None if e is None or e.runner_up is None else [e.runner_up.source, e.runner_up.target, e.runner_up.score]
    evidence = None if e is None else [e.length_ratio, e.numbers, e.names, rival]
    return [
        row.source, row.target, row.source_ids, row.target_ids, row.score, row.similarity, row.origin_source, row.origin_target,
        row.verified, evidence, row.note, row.locked,
    ]  # fmt: skip


def row_from(values: Sequence[Any]) -> Row:
    """The row of `row_values`."""
    source, target, source_ids, target_ids, score, similarity, origin_source, origin_target, verified, evidence, note, locked = values
    known = None
    if evidence is not None:
        ratio, numbers, names, rival = evidence
        bead = None if rival is None else Bead(tuple(rival[0]), tuple(rival[1]), rival[2])
        known = Evidence(ratio, tuple(numbers), tuple(names), bead)
    return Row(source, target, tuple(source_ids), tuple(target_ids), score, similarity, origin_source, origin_target, verified, known, note, locked)


def frame(bitext: Bitext) -> dict[str, str]:
    """All but the rows, as JSON: PARTS, source_document and target_document."""
    verdict = bitext.verdict
    head = {
        "source_language": bitext.source_language,
        "target_language": bitext.target_language,
        "encoder": bitext.encoder,
        "options": dict(bitext.options),
        "version": bitext.version,
        "verdict": None if verdict is None else [verdict.kind, verdict.reason, dict(verdict.evidence)],
        "notes": bitext.notes,
    }
    return {
        "head": dumped(head),
        "source_sentences": _sentences(bitext.source_sentences),
        "target_sentences": _sentences(bitext.target_sentences),
        "source_document": _document(bitext.source_document),
        "target_document": _document(bitext.target_document),
    }


def changed(old: Bitext, new: Bitext) -> tuple[dict[str, str], dict[str, str]]:
    """The PARTS that differ, as they were and as they are; two empty ones when only rows do."""
    if all(getattr(old, f.name) is getattr(new, f.name) for f in fields(Bitext) if f.name != "rows"):
        return {}, {}
    before, after = frame(old), frame(new)
    names = [name for name in PARTS if before[name] != after[name]]
    return {n: before[n] for n in names}, {n: after[n] for n in names}


def with_parts(bitext: Bitext, parts: dict[str, str]) -> Bitext:
    """The bitext with some PARTS, or a whole `frame`, from their JSON."""
    values: dict[str, Any] = {}
    if "head" in parts:
        head = json.loads(parts["head"])
        verdict = head.pop("verdict")
        values |= head | {"verdict": None if verdict is None else Verdict(*verdict), "notes": tuple(head["notes"])}
    for name in ("source_sentences", "target_sentences"):
        if name in parts:
            values[name] = tuple(Sentence(*s) for s in json.loads(parts[name]))
    for name in ("source_document", "target_document"):
        if name in parts:
            values[name] = _document_from(parts[name])
    return replace(bitext, **values)


def _sentences(sentences: Sequence[Sentence]) -> str:
    return dumped([[s.id, s.text, s.start, s.end, s.paragraph] for s in sentences])


def _document(document: Document | None) -> str:
    return dumped(None if document is None else {f.name: getattr(document, f.name) for f in fields(Document)})


def _document_from(text: str) -> Document | None:
    values = json.loads(text)
    if values is None:
        return None
    spans = {name: tuple((start, end) for start, end in values[name]) for name in ("paragraphs", "furniture")}
    return Document(**{**values, **spans, "notes": tuple(values["notes"])})
