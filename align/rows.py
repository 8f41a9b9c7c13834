"""Rows from sentences: what text a row shows, what its two sides share, and what becomes of a side that is joined or divided.

A row's text is that of its sentences with line breaks as blanks, so a character of one is the same character of the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from align.bitext import HUMAN, MACHINE, MISSING, Bitext, Evidence, Ids, OptionError, Row, Sentence

if TYPE_CHECKING:
    from align.aligner import Found

Side = Literal["source", "target"]
SIDES: tuple[Side, Side] = ("source", "target")


@dataclass(frozen=True, slots=True)
class Part:
    """One side of a row. text None: it is missing; ids (): the text has no sentence of its own (translated, typed in, a foreign file)."""

    text: str | None = None
    ids: Ids = ()
    origin: str = MISSING

    def __len__(self) -> int:
        """How many sentences it counts: a text without ids is one, nothing is none."""
        return len(self.ids) or int(self.text is not None)


def gap(before: Sentence, after: Sentence) -> str:
    """Between adjacent sentences: a blank where the document has white space (or knows no places), nothing where it has none."""
    return " " if after.start > before.end or after.start == before.start else ""


def joined(sentences: Sequence[Sentence]) -> str | None:
    """The text of adjacent sentences in one line; None for no sentences."""
    if not sentences:
        return None
    out = sentences[0].text
    for before, after in zip(sentences, sentences[1:], strict=False):
        out += gap(before, after) + after.text
    return out.replace("\n", " ")


def shared(source: str | None, target: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Numbers and names that both sides have, in the source's spelling; ((), ()) when a side is missing or empty."""
    from align.aligner.surface import keys, numbers

    if not source or not target:
        return (), ()
    there = set(numbers(target))
    known = keys(target)
    names = tuple(word for key, word in keys(source).items() if key in known and (word[0].isupper() or not word.islower()))
    return tuple(dict.fromkeys(n for n in numbers(source) if n in there)), names


def row_from_found(found: Found, source: Sequence[Sentence], target: Sequence[Sentence]) -> Row:
    """The row of a bead that the aligner found; source, target: all sentences of each side, by id."""
    bead = found.bead
    texts = joined([source[i] for i in bead.source]), joined([target[j] for j in bead.target])
    evidence = Evidence(found.length_ratio, *shared(*texts), found.runner_up)
    origins = [MISSING if text is None else HUMAN for text in texts]
    return Row(*texts, bead.source, bead.target, bead.score, found.similarity, origins[0], origins[1], False, evidence)


def row_from_parts(source: Part, target: Part, note: str = "") -> Row:
    """A row that a person put together: score and similarity are not known and it is not verified. OptionError if it has no text at all."""
    if source.text is None and target.text is None:
        raise OptionError("a row would be left without any text; expected each row to keep a text on one side: merge the rows instead")
    evidence = Evidence(None, *shared(source.text, target.text))
    return Row(source.text, target.text, source.ids, target.ids, None, None, source.origin, target.origin, False, evidence, note)


def part_of(row: Row, side: Side) -> Part:
    """One side of a row; a missing text always has the origin "missing"."""
    text, ids, origin = (row.source, row.source_ids, row.origin_source) if side == "source" else (row.target, row.target_ids, row.origin_target)
    return Part(text, ids, MISSING if text is None else origin)


def sentences_of(bitext: Bitext, side: Side) -> tuple[Sentence, ...]:
    """All sentences of a side, by id; () for a bitext of a foreign file."""
    return bitext.source_sentences if side == "source" else bitext.target_sentences


def original(bitext: Bitext, side: Side, ids: Ids, origin: str = HUMAN) -> Part:
    """The part that these sentences make as the document has them; a missing part for no ids. The bitext must hold the sentences."""
    sentences = sentences_of(bitext, side)
    return Part(joined([sentences[i] for i in ids]), ids, origin) if ids else Part()


def is_original(bitext: Bitext, side: Side, part: Part) -> bool:
    """Is the part exactly its sentences? No for edited, translated and foreign text; a missing side without sentences is."""
    count = len(sentences_of(bitext, side))
    return all(0 <= i < count for i in part.ids) and part.text == original(bitext, side, part.ids).text


def joined_parts(bitext: Bitext, side: Side, parts: Sequence[Part]) -> Part:
    """One part of several in order: as the document has it when all are original, else with blanks between the texts there are.

    The origin is that of the texts when they agree; a machine's part makes the whole a machine's.
    """
    ids = tuple(i for part in parts for i in part.ids)
    texts = [part.text for part in parts if part.text is not None]
    origin = _origin([part.origin for part in parts if part.text is not None])
    if all(is_original(bitext, side, part) for part in parts):
        return original(bitext, side, ids, origin)
    return Part(" ".join(texts) if texts else None, ids, origin)


def _origin(origins: Sequence[str]) -> str:
    machines = [name for o in origins if o.startswith(MACHINE) for name in o.removeprefix(MACHINE).split("+")]
    if machines:
        return MACHINE + "+".join(dict.fromkeys(machines))
    return next((o for o in origins if o != HUMAN), HUMAN) if origins else MISSING


def after_sentences(bitext: Bitext, side: Side, part: Part, count: int) -> tuple[Part, Part]:
    """A part divided after `count` of its sentences, 0 to len(part).

    OptionError when its text is not that of its sentences and does not read as that many sentences either, so nobody knows where they end.
    """
    if count == 0:
        return Part(), part
    if count == len(part):
        return part, Part()
    first, second = part.ids[:count], part.ids[count:]
    if part.text is None:
        return Part(None, first), Part(None, second)
    if is_original(bitext, side, part):
        return original(bitext, side, first, part.origin), original(bitext, side, second, part.origin)
    spans = _sentence_spans(bitext, side, part.text)
    if len(spans) != len(part):
        raise OptionError(
            f"the {side} text was edited or came without its sentences: it reads as {len(spans)} sentences and stands for {len(part)}, "
            "so nobody knows where they end; split the row at a character instead"
        )
    border = spans[count][0]
    return Part(part.text[:border].rstrip(), first, part.origin), Part(part.text[border:], second, part.origin)


def at_character(bitext: Bitext, side: Side, part: Part, at: int) -> tuple[Part, Part]:
    """A part with a text that is not its sentences, divided at a character; white space at the cut goes.

    The first gets as many ids as its text reads as sentences, and both get one where there are two; the only id stays with the first.
    """
    text = part.text or ""
    left, right = text[:at].rstrip(), text[at:].lstrip()
    if not left:
        return Part(), part
    if not right:
        return part, Part()
    count = max(1, min(len(_sentence_spans(bitext, side, left)), len(part.ids) - 1))
    return Part(left, part.ids[:count], part.origin), Part(right, part.ids[count:], part.origin)


def _sentence_spans(bitext: Bitext, side: Side, text: str) -> list[tuple[int, int]]:
    from align.sentences import split_text

    return split_text(text, bitext.source_language if side == "source" else bitext.target_language)
