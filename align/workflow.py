"""The verbs. Python API, command line and whatever else shows this project are thin skins over these functions."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from align import checks, comparison, divergence, formats, vectors
from align.aligner import Pair, align_vectors, from_vectors
from align.bitext import AlignOptions, Bitext, Document, Finding, InputError, OptionError, Sentence
from align.documents import decode, detect_language, document_from_text, language_code, read_document
from align.formats import read_beads, to_dataset
from align.loaded import Progress, encoder_for
from align.metrics import AlignmentScores, alignment_scores
from align.remarks import language_seen, languages_known, languages_said, notes_of
from align.rows import row_from_found
from align.sentences import document_from_sentences, split
from align.translating import Text, fill, one_sided, translate, translate_lines
from align.verdict import judge
from align.version import program_version

if TYPE_CHECKING:
    from models import Encoder

__all__ = ["check", "compare", "convert", "diverge", "documents", "encoder_for", "extract", "files", "fill", "from_vectors", "glossary", "glossary_of", "languages_known", "one_sided", "read", "save", "score", "texts", "to_dataset", "translate", "translate_lines"]

Version = tuple[Document, tuple[Sentence, ...]]
_BETWEEN_TERMS = re.compile(r"\t|\s+=\s+|  +")


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
    """Align two texts: str, or lists of sentences that are taken as they are. source, target: codes or names of languages.

    locked: (source ids, target ids) that belong together; sections: (i, j), sentences that begin the same section. An empty side leaves
    every sentence of the other unpaired. Raises OptionError, ModelError.
    """
    sides = [_version(text, language_code(said)) for text, said in ((source_text, source), (target_text, target))]
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
        code = code and language_code(code)
        if segmented:
            sides.append(_lines(path, code))
        else:
            document = read_document(path, language=code)
            sides.append((document, split(document, document.language or "en")))
    return documents(sides[0], sides[1], encoder=encoder, options=options, locked=locked, sections=sections, progress=progress)


def _lines(path: str | os.PathLike[str], language: str | None) -> Version:
    """A file with one sentence a line; a last line feed ends the last sentence."""
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
    model = encoder_for(encoder)
    codes = [document.language or "und" for document, _ in (source, target)]
    both = vectors.encode(sides[0] + sides[1], model, said)
    x, y = both[: len(sides[0])], both[len(sides[0]) :]
    said(f"aligning {len(sides[0])} and {len(sides[1])} sentences")
    result = align_vectors(x, y, sentences=(sides[0], sides[1]), options=options, locked=locked, sections=sections)
    seen = [language_seen(document, code) for (document, _), code in zip((source, target), codes, strict=True)]
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
        (*notes_of("source", source[0]), *notes_of("target", target[0]), *languages_said(codes, seen, verdict.kind == "swapped"), *languages_known(model, codes)),
    )


def check(
    bitext: Bitext,
    *,
    only: Sequence[str] | None = None,
    glossary: Sequence[tuple[str, str]] = (),
    dismissed: Mapping[tuple[str, str, str], str] | None = None,
    encoder: str | Encoder | None = "use",
) -> list[Finding]:
    """Findings of the checks (see `align.checks.check`). encoder: None leaves out what needs one. Raises OptionError, ModelError."""
    model = None if encoder is None else encoder_for(encoder)
    return checks.check(bitext, only=only, encoder=model, glossary=glossary, dismissed=dismissed)


def diverge(bitext: Bitext, *, dismissed: Mapping[tuple[str, str, str], str] | None = None, encoder: str | Encoder = "use") -> divergence.Report:
    """What each version omits, adds, moves or changes; `divergence.written` makes text, JSON or HTML of it."""
    return divergence.report(bitext, check(bitext, only=divergence.CHECKS, dismissed=dismissed, encoder=encoder))


def glossary(path: str | os.PathLike[str]) -> list[tuple[str, str]]:
    """Terms of a file in any encoding, source TAB target (or source = target) a line; blank lines and lines that begin with # are passed over. Raises InputError."""
    try:
        text, _, _ = decode(Path(path).read_bytes())
    except OSError as error:
        raise InputError(f"cannot read the glossary {os.fspath(path)}: {error.strerror or error}") from error
    return glossary_of(text, os.fspath(path))


def glossary_of(text: str, name: str) -> list[tuple[str, str]]:
    """Terms of a text as `glossary` reads it from a file; `name` is what messages call it. In a line without a TAB "=" or two blanks do, where people type."""
    terms = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            cells = [c.strip() for c in (line.split("\t") if "\t" in line else _BETWEEN_TERMS.split(line))]
            if len(cells) < 2 or not cells[0] or not cells[1]:
                raise InputError(f"{name}, line {number}: expected source term TAB target term, found {line[:60]!r}")
            terms.append((cells[0], cells[1]))
    return terms


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
    model = None if encoder is None else encoder_for(encoder)
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
