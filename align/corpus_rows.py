"""The rows of a pair of documents as a work folder keeps them, and how a worker makes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from align.bitext import AlignOptions, Bitext, InputError, Row
from align.missing import Engines
from align.pairing import DocumentPair

if TYPE_CHECKING:
    from models import Translator

COLUMNS = (
    "document_id", "position", "source", "target", "score", "similarity", "type", "origin_source", "origin_target", "verified", "source_ids", "target_ids",
    "length_ratio", "source_language", "target_language", "source_path", "target_path", "pairing", "pairing_confidence", "verdict", "note",
)  # fmt: skip
_PLAIN = ("score", "similarity", "type", "origin_source", "origin_target", "verified", "source_ids", "target_ids")


def part_bytes(rows: Sequence[Mapping[str, Any]], about: Mapping[str, Any]) -> bytes:
    """A part as Parquet with COLUMNS (null where a row has no such value), `about` in its metadata under "corpus".

    The same rows give the same bytes, no rows an empty table.
    """
    import pyarrow as pa

    from align.looks import parquet_bytes

    table = pa.table({name: [row.get(name) for row in rows] for name in COLUMNS}, schema=schema().with_metadata({"corpus": json.dumps(about)}))
    return parquet_bytes(table)


def schema() -> Any:
    """The columns of a part, as an Arrow schema."""
    import pyarrow as pa

    kinds: dict[str, Any] = dict.fromkeys(("score", "similarity", "length_ratio", "pairing_confidence"), pa.float64())
    kinds |= {"position": pa.int64(), "verified": pa.bool_(), "source_ids": pa.list_(pa.int64()), "target_ids": pa.list_(pa.int64())}
    return pa.schema([(name, kinds.get(name, pa.string())) for name in COLUMNS])


def aligning(
    folder: str, encoder: str, device: str, options: AlignOptions, engines: Engines | None = None, journals: str = ""
) -> Callable[[DocumentPair], list[dict[str, Any]]]:
    """The function of a worker: a pair of documents -> its rows as plain values of COLUMNS; where a version is missing, the engine of the direction writes it.

    journals: a folder for finished translations, a file a document.
    """
    from align.documents import read_document
    from align.sentences import split
    from align.workflow import documents, translate
    from models import load_encoder, load_translator

    model = load_encoder(encoder, device=device)
    model.encode(["ready"])  # weights are loaded now, not at the cost of the first document

    @cache
    def translator(code: str) -> Translator:
        source, target, name, id = (engines or {})[code]
        found = load_translator(name, source, target, threads=0 if name.startswith("http") else 1)
        if found.id != id:
            raise InputError(f"the engine {name} is {found.id} here, and was {id} where --fill was begun; run bitext corpus align --fill again")
        return found

    def bitext_of(pair: DocumentPair) -> Bitext:
        codes = (pair.source_language, pair.target_language)
        if pair.source and pair.target:
            both = [read_document(Path(folder) / path, language=code) for path, code in zip((pair.source, pair.target), codes, strict=True)]
            sides = [(document, split(document, code)) for document, code in zip(both, codes, strict=True)]
            return documents(sides[0], sides[1], encoder=model, options=options)
        source, target = codes if pair.source else codes[::-1]
        journal = Path(journals) / f"{pair.source_digest or pair.target_digest}.{source}-{target}.jsonl"
        journal.parent.mkdir(parents=True, exist_ok=True)
        document = read_document(Path(folder) / (pair.source or pair.target), language=source)
        made = translate(document, source=source, target=target, translator=translator(f"{source}-{target}"), encoder=model, journal=journal)
        return made if pair.source else turned(made)

    def align(pair: DocumentPair) -> list[dict[str, Any]]:
        bitext = bitext_of(pair)
        verdict = bitext.verdict.kind if bitext.verdict else ""
        about = {
            "document_id": pair.id, "source_language": pair.source_language, "target_language": pair.target_language, "source_path": pair.source,
            "target_path": pair.target, "pairing": pair.by, "pairing_confidence": pair.confidence, "verdict": verdict,
        }  # fmt: skip
        return rows_of_bitext(bitext, about)

    return align


def turned(bitext: Bitext) -> Bitext:
    """Source and target change places; what belongs to a pairing (score, evidence, verdict) is left behind."""
    rows = tuple(
        Row(r.target, r.source, r.target_ids, r.source_ids, None, r.similarity, r.origin_target, r.origin_source, r.verified, None, r.note, r.locked) for r in bitext.rows
    )
    return replace(
        bitext, rows=rows, source_language=bitext.target_language, target_language=bitext.source_language, source_sentences=bitext.target_sentences,
        target_sentences=bitext.source_sentences, source_document=bitext.target_document, target_document=bitext.source_document, verdict=None,
    )  # fmt: skip


def rows_of_bitext(bitext: Bitext, about: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of a bitext as plain values of COLUMNS; `about`: the columns that are the same for all of them."""
    from align.formats.fields import plain

    out = []
    for position, row in enumerate(bitext.rows):
        values = plain(row)
        ratio = row.evidence.length_ratio if row.evidence else None
        texts = {side: _whole(values[side]) for side in ("source", "target")}
        out.append({**about, "position": position, **texts, **{k: values[k] for k in _PLAIN}, "length_ratio": _round(ratio), "note": _whole(row.note or None)})
        out[-1] |= {name: _round(values[name]) for name in ("score", "similarity")}
    return out


def _round(value: float | None) -> float | None:
    """Six decimals: below that, sums differ between machines."""
    return None if value is None else round(float(value), 6)


def _whole(text: str | None) -> str | None:
    """What UTF-8 cannot hold (half a surrogate pair) as question marks."""
    return text if text is None or text.isascii() else text.encode("utf-8", "replace").decode()
