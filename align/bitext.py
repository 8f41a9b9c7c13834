"""The records of the workbench, in the order in which a job makes them. They hold no I/O; reading this file shows the program.

    Document -> Sentence -> Bead -> Row -> Bitext

Offsets are counted in characters (Python string indices) of `Document.text`; a span is a pair (start, end), end exclusive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from numbers import Integral
from typing import Any, Literal

Span = tuple[int, int]
Ids = tuple[int, ...]

HUMAN = "human"
MISSING = "missing"
MACHINE = "machine:"  # followed by the translator's id


class AlignError(Exception):
    """What a user can mend: the message says what was given, what was expected and what to do next."""


class InputError(AlignError):
    """A file or text that cannot be read as what it is meant to be."""


class OptionError(AlignError, ValueError):
    """An option or argument outside its range."""


_SAME = {"iw": "he", "in": "id", "ji": "yi"}  # withdrawn codes of ISO 639-1
_THREE_LETTERS = (  # ISO 639-2, with the codes of two letters
    "ara/ar bel/be bul/bg ces/cs cze/cs dan/da deu/de ger/de ell/el gre/el eng/en est/et fas/fa per/fa fin/fi fra/fr fre/fr heb/he hin/hi hun/hu hye/hy arm/hy ind/id ita/it jpn/ja kat/ka geo/ka "
    "kaz/kk kor/ko lav/lv lit/lt nld/nl dut/nl nob/nb nor/no pol/pl por/pt ron/ro rum/ro rus/ru slk/sk slo/sk slv/sl spa/es srp/sr swe/sv tha/th tur/tr ukr/uk urd/ur uzb/uz vie/vi zho/zh chi/zh"
)
_SAME |= dict(pair.split("/") for pair in _THREE_LETTERS.split())


def main_part(code: str | None) -> str:
    """"en" of "en-US", "EN_us" and "eng"; "" for nothing."""
    first = exact(code).split("-")[0]
    return _SAME.get(first, first)


def exact(code: str | None) -> str:
    """A whole code as it is compared: "en-us" of "EN_US"."""
    return (code or "").replace("_", "-").lower()


@dataclass(frozen=True, slots=True)
class Document:
    """One version of a statement as it was read.

    `paragraphs` are the spans of the prose, in order; `furniture` the spans of menus, newsletter boxes, share links and lone
    bars. They never overlap, and what lies between them is white space. Fields that were not found are None; `notes` says in words
    what a reader should know of the reading ("encoding guessed: windows-1251").
    """

    text: str
    paragraphs: tuple[Span, ...]
    furniture: tuple[Span, ...] = ()
    language: str | None = None
    title: str | None = None
    date: str | None = None  # ISO 8601, such as 2021-11-10 or 2021-11-10T15:46
    reference: str | None = None
    source: str | None = None  # the file or address it came from
    kind: str = "text"  # txt, md, html, docx, pdf, srt, text
    encoding: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """`text` is document.text[start:end]; `id` its number from 0, `paragraph` the number of its paragraph."""

    id: int
    text: str
    start: int = 0
    end: int = 0
    paragraph: int = 0


@dataclass(frozen=True, slots=True)
class Bead:
    """Source sentences and target sentences that translate each other: consecutive ids, ascending; empty = left unpaired.

    `score` is the posterior probability in [0, 1] that exactly this bead is right (1.0 for a gold bead).
    """

    source: Ids
    target: Ids
    score: float = 1.0

    @property
    def type(self) -> str:
        """Such as "1-2": how many sentences stand on each side."""
        return f"{len(self.source)}-{len(self.target)}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a row should be believed, or not.

    `length_ratio`: target characters over those expected from the whole document, 1.0 = as expected; None when a side is empty.
    `numbers`, `names`: what both sides share, in the source's spelling. `runner_up`: the best bead against it, None if there is none.
    """

    length_ratio: float | None = None
    numbers: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    runner_up: Bead | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One bead with its texts. A side that is not there is None and its origin "missing".

    `score`: posterior that the bead is right, in [0, 1]; `similarity`: cosine of the sides, in [-1, 1]; None = not known
    (a row without two sides has no similarity, a foreign file no scores). `verified`: a person accepted it; `note`: what a person wrote
    to it, "" = nothing; `locked`: editing and aligning again leave it as it is.
    """

    source: str | None
    target: str | None
    source_ids: Ids = ()
    target_ids: Ids = ()
    score: float | None = None
    similarity: float | None = None
    origin_source: str = HUMAN
    origin_target: str = HUMAN
    verified: bool = False
    evidence: Evidence | None = None
    note: str = ""
    locked: bool = False

    @property
    def type(self) -> str:
        """Such as "1-2"; without sentence ids a side counts as one sentence, a missing side as none."""
        return f"{_count(self.source, self.source_ids)}-{_count(self.target, self.target_ids)}"


def _count(text: str | None, ids: Ids) -> int:
    return len(ids) or int(text is not None)


Severity = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check has to say of a row.

    `row`: its number from 0; `score`: how sure the check is, in [0, 1]; `severity` follows from it. Spans are (start, end) in the row's
    texts. `other`: the row where the passage stands on the other side (moved passages), None elsewhere. `note`: why it was dismissed, "" = it stands.
    """

    row: int
    check: str
    severity: Severity
    reason: str
    source_spans: tuple[Span, ...] = ()
    target_spans: tuple[Span, ...] = ()
    score: float = 1.0
    other: int | None = None
    note: str = ""


VerdictKind = Literal["versions", "swapped", "not-versions", "part-missing", "unclear"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Are the two documents versions of each other at all? `reason` in words, `evidence` in numbers."""

    kind: VerdictKind
    reason: str
    evidence: Mapping[str, float] = field(default_factory=dict)


def is_whole(value: object) -> bool:
    """Is it a whole number, of Python or numpy? True and False are none."""
    return isinstance(value, Integral) and not isinstance(value, bool)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignOptions:
    """How to align; every result carries them.

    max_join: most sentences that a bead joins on one side, 1 to 4.
    band: least half-width, in sentences, of the search band around the anchors, 2 or more.
    unpaired: added to the log score of an unpaired sentence; above 0 leaves more sentences unpaired, below 0 fewer.
    """

    max_join: int = 4
    band: int = 10
    unpaired: float = 0.0

    def __post_init__(self) -> None:
        if not (is_whole(self.max_join) and 1 <= self.max_join <= 4):
            raise OptionError(f"max_join is {self.max_join}; expected a whole number from 1 to 4")
        if not (is_whole(self.band) and self.band >= 2):
            raise OptionError(f"band is {self.band}; expected a whole number, 2 or more")
        if not -20 <= self.unpaired <= 20:
            raise OptionError(f"unpaired is {self.unpaired}; expected a number from -20 to 20")

    def as_dict(self) -> dict[str, Any]:
        """Plain values by field name, for the header of an export."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(frozen=True, slots=True)
class Bitext:
    """The rows of two versions in reading order, and where they came from.

    When sentences are given, every sentence id is in exactly one row, in order. Bitexts read from foreign files have rows only.
    `options`: AlignOptions.as_dict(); `encoder`: the encoder's id; `version`: of this program.
    """

    rows: tuple[Row, ...]
    source_language: str
    target_language: str
    source_sentences: tuple[Sentence, ...] = ()
    target_sentences: tuple[Sentence, ...] = ()
    source_document: Document | None = None
    target_document: Document | None = None
    encoder: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    version: str | None = None
    verdict: Verdict | None = None
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def with_rows(self, rows: tuple[Row, ...]) -> Bitext:
        """The same bitext with other rows."""
        return replace(self, rows=rows)


def check_cover(beads: list[Bead], sources: int, targets: int) -> None:
    """Every id of 0..sources-1 and 0..targets-1 stands in exactly one bead, in order; else OptionError names the first fault."""
    for side, ids, count in (
        ("source", [i for b in beads for i in b.source], sources),
        ("target", [i for b in beads for i in b.target], targets),
    ):
        if ids != list(range(count)):
            wrong = next((k for k, (i, want) in enumerate(zip(ids, range(count), strict=False)) if i != want), min(len(ids), count))
            found = ids[wrong] if wrong < len(ids) else "the end"
            raise OptionError(f"beads do not cover the {side} side: expected sentence {wrong} of {count}, found {found}")
