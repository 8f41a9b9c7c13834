"""Paragraphs to sentences, with character offsets.

One set of rules for every language looks at each place where a sentence may end (rules.py), so both sides of a pair
are split alike: a semicolon, a colon or a line break inside a paragraph never ends a sentence.

Cover: sentences ascend, lie inside their paragraph, and only white space lies between them.
"""

from __future__ import annotations

from collections.abc import Sequence

from align.bitext import Document, InputError, Sentence, Span, main_part
from align.documents.cleaning import clean
from align.sentences.rules import Place, Rules

__all__ = ["document_from_sentences", "split", "split_text"]


def split(document: Document, language: str | None = None) -> tuple[Sentence, ...]:
    """The sentences of the paragraphs of `document`, ids from 0; () when it has none.

    `language`: ISO 639-1 code, instead of document.language; without either, the general rules and sentencex decide.
    """
    language = language or document.language or ""
    found: list[Sentence] = []
    for number, (start, end) in enumerate(document.paragraphs):
        for a, b in split_text(document.text[start:end], language):
            found.append(Sentence(len(found), document.text[start + a : start + b], start + a, start + b, number))
    return tuple(found)


def split_text(text: str, language: str) -> list[Span]:
    """Spans of the sentences of one paragraph, stripped of white space; [] for white space alone. Time is linear."""
    rules = Rules(text, main_part(language))
    spans: list[Span] = []
    start = _skip_space(text, 0)
    for stop, end in rules.ends():
        after = _skip_space(text, end)
        if stop >= start and after < len(text) and rules.splits(Place(start, stop, end, after)):
            spans.append((start, end))
            start = after
    stop = len(text.rstrip())
    return [*spans, (start, stop)] if start < stop else spans


def document_from_sentences(
    sentences: Sequence[str], *, language: str | None = None, source: str | None = None
) -> tuple[Document, tuple[Sentence, ...]]:
    """A document of sentences that are taken as they are, one a line; an empty one keeps its id and has start == end.

    Outer white space and control characters go and inner line breaks become spaces, so that a line is a sentence.
    Raises InputError for what is not a str.
    """
    if isinstance(sentences, str):
        raise InputError(
            "one string was given where a list of sentences is expected; for running text use document_from_text"
        )
    found: list[Sentence] = []
    paragraphs: list[Span] = []
    position = 0
    for number, sentence in enumerate(sentences):
        if not isinstance(sentence, str):
            raise InputError(f"sentence {number} is {type(sentence).__name__}, expected str; give '' for an empty one")
        line = " ".join(clean(sentence)[0].split("\n")).strip()
        end = position + len(line)
        if line:
            paragraphs.append((position, end))
        found.append(Sentence(number, line, position, end, max(len(paragraphs) - 1, 0)))
        position = end + 1
    text = "\n".join(sentence.text for sentence in found)
    return Document(text, tuple(paragraphs), language=language, source=source), tuple(found)


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at
