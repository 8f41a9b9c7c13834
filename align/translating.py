"""The verbs that translate: fill what is missing of a bitext, make the missing version of a statement, translate lines."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from align import checks, filling, formats, vectors
from align.bitext import MISSING, Bitext, Document, Row, main_part
from align.documents import document_from_text, language_code, read_document
from align.formats.fields import LanguagesUnknown
from align.loaded import Progress, encoder_for, translator_for
from align.memory import memory_of
from align.remarks import notes_of
from align.searching import FillOptions
from align.sentences import document_from_sentences, split
from align.version import program_version

if TYPE_CHECKING:
    from models import Encoder, Translator

Text = str | Sequence[str]
Memory = str | os.PathLike[str] | tuple[str, Bitext]
LEFT_ALONE = 0.75  # sureness that a text stands elsewhere from which on its gap is not filled
UNLIKE = 0.3  # cosine of a source and its machine translation below which the row gets a note; human pairs of the samples have 0.5 and more


def fill(
    bitext: Bitext,
    translator: str | Translator = "auto",
    *,
    options: FillOptions | None = None,
    memories: Sequence[Memory] = (),
    glossary: Sequence[tuple[str, str]] = (),
    encoder: str | Encoder | None = "use",
    journal: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Bitext:
    """Translate every missing side; what people wrote stays as it is (see `align.filling.fill`).

    A row whose text stands elsewhere in the other version ("moved") is left alone, and a note says how many there are.
    memories: bitext files, or (name, bitext), whose pairs are taken before the engine's, the word "projects" for all that are saved; encoder: measures the similarity of the new rows, None = not measured.
    """
    known = [pair for path in memories for pair in _earlier(path, bitext.source_language, bitext.target_language)]
    moved = _moved(bitext, encoder)
    done = filling.fill(
        bitext,
        translator_for(translator, progress),
        options=options,
        memory_for=(lambda source, target: memory_of(known, source, target)) if known else None,
        glossary=glossary,
        leave=moved,
        journal=journal,
        progress=progress,
        cancelled=cancelled,
    )
    if moved:
        note = f"{len(moved)} rows were not filled: what they lack stands elsewhere in the other version (see the check “moved”)"
        done = replace(done, notes=tuple(dict.fromkeys([*done.notes, note])))
    if any(a is not b for a, b in zip(done.rows, bitext.rows, strict=True)):
        about = {"date": date.today().isoformat(), **asdict(options or FillOptions())}
        done = replace(done, options={**done.options, "filled": about})
    if encoder is None:
        return done
    return _with_similarities(done, bitext, encoder_for(encoder))


def _moved(bitext: Bitext, encoder: str | Encoder | None) -> frozenset[int]:
    """Rows of one side whose counterpart is a row of the other side elsewhere."""
    if encoder is None or not filling.lacking(bitext):
        return frozenset()
    found = checks.check(bitext, only=["moved"], encoder=encoder_for(encoder))
    gaps = {row for row, _ in filling.lacking(bitext)}
    return frozenset(f.row for f in found if f.row in gaps and f.other in gaps and f.score >= LEFT_ALONE)


def _earlier(memory: Memory, source: str, target: str) -> list[tuple[str, Bitext]]:
    """(name, bitext) of a file, in these languages if it does not say which, or of every saved project."""
    if isinstance(memory, tuple):
        return [memory]
    if os.fspath(memory) != "projects":
        try:
            return [(Path(memory).name, formats.read(memory))]
        except LanguagesUnknown:
            return [(Path(memory).name, formats.read(memory, source=source, target=target))]
    from align.store import Store

    store = Store()
    try:
        return [(summary.name, store.load(summary.id).bitext) for summary in store.projects()]
    finally:
        store.close()


def _with_similarities(done: Bitext, before: Bitext, model: Encoder) -> Bitext:
    """The similarity of the rows that were filled; a low one is noted."""
    if model.languages is not None and not {main_part(done.source_language), main_part(done.target_language)} <= set(model.languages):
        return done  # what it says of a language that it does not know is noise
    new = [k for k, (a, b) in enumerate(zip(done.rows, before.rows, strict=True)) if a is not b and a.source and a.target]
    if not new:
        return done
    both = vectors.encode([str(done.rows[k].source) for k in new] + [str(done.rows[k].target) for k in new], model)
    rows = list(done.rows)
    for n, k in enumerate(new):
        similarity = round(float(both[n] @ both[len(new) + n]), 4)
        note = f"low similarity: {similarity:.2f}" if similarity < UNLIKE else ""
        rows[k] = replace(rows[k], similarity=similarity, note="; ".join(p for p in (rows[k].note, note) if p))
    return done.with_rows(tuple(rows))


def one_sided(text: Text | Document, *, source: str | None = None, target: str) -> Bitext:
    """A bitext of one version: every sentence a row whose target is missing. source: detected unless given (lists: "und")."""
    if isinstance(text, Document):
        document = text
        sentences = split(document, source or document.language or "en")
    elif isinstance(text, str):
        document = document_from_text(text, language=source)
        sentences = split(document, source or document.language or "en")
    else:
        document, sentences = document_from_sentences(list(text), language=source)
    rows = tuple(Row(s.text if "\n" not in s.text else " ".join(s.text.split()), None, (s.id,), (), origin_target=MISSING) for s in sentences)
    return Bitext(rows, source or document.language or "und", target, sentences, (), document, None, version=program_version(), notes=tuple(notes_of("source", document)))


def translate(
    text: Text | Document | os.PathLike[str],
    *,
    target: str,
    source: str | None = None,
    translator: str | Translator = "auto",
    options: FillOptions | None = None,
    memories: Sequence[Memory] = (),
    glossary: Sequence[tuple[str, str]] = (),
    encoder: str | Encoder | None = "use",
    journal: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Bitext:
    """The missing version of a whole statement: a text, a list of sentences, a Document or a path -> a bitext whose target is machine-made."""
    source, target = source and language_code(source), language_code(target)
    given = read_document(text, language=source) if isinstance(text, os.PathLike) else text
    return fill(
        one_sided(given, source=source, target=target), translator, options=options, memories=memories, glossary=glossary, encoder=encoder,
        journal=journal, progress=progress, cancelled=cancelled,
    )  # fmt: skip


def translate_lines(lines: Sequence[str], *, source: str, target: str, translator: str | Translator = "auto", options: FillOptions | None = None,
                    memories: Sequence[Memory] = (), glossary: Sequence[tuple[str, str]] = (), progress: Progress | None = None,
                    noted: Callable[[int, str], None] | None = None) -> list[str]:  # fmt: skip
    """One segment in, one out, same order and number; a line without content stays as it is. noted: gets a line's number from 0 and what the guards say of it."""
    source, target = language_code(source), language_code(target)
    known = [pair for path in memories for pair in _earlier(path, source, target)]
    engine = translator_for(translator, progress)(source, target)
    memory = memory_of(known, source, target) if known else None
    found = filling.translate_texts(lines, engine, source, target, options=options, memory=memory, glossary=glossary)
    for number, one in enumerate(found):
        if one.flags and noted is not None:
            noted(number, "; ".join(one.flags))
    return [" ".join(f.text.split()) if line.strip() else line for line, f in zip(lines, found, strict=True)]
