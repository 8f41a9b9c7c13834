"""Terms that a translation must have, and a way to get them: where an engine misses one, the target's term is written into its source.

Engines copy a word of the target language that stands in their source, and inflect it ("the Nuclear Suppliers Group" as "the Группа ядерных поставщиков"
comes back as "Группе ядерных поставщиков" where the sentence wants it): Dinu et al. 2019, "Training neural machine translation to apply terminology constraints",
without the training. What comes of it is one more hypothesis, which the guards judge like any other.

A language pair may have terms of its own, `assets/terms.SOURCE-TARGET.tsv`, used both ways.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

from align.bitext import Span, main_part
from align.term_search import finder

_ENDED = re.compile(r"(?:.*[.!?…])?[\s«»“”„\"(]*", re.DOTALL)
_QUOTES = tuple("«»“”„\"")


@dataclass(frozen=True, slots=True)
class Term:
    """Forms that mean the same in the source, and those in the target; form number k is usually translated by target number k, or the last there is."""

    forms: tuple[str, ...]
    targets: tuple[str, ...]

    def met(self, text: str, language: str) -> bool:
        """Has a text in the target's language one of the targets, inflected or not?"""
        return any(True for _ in finder(self.targets, language)(text))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a term stands in a source text (characters), as what, and what to write there."""

    span: Span
    found: str
    term: Term
    target: str

    @property
    def reason(self) -> str:
        """What is wrong with a translation without the term, in words."""
        return f"term: “{self.found}” is usually “{self.target}”"


def terms_of(glossary: Iterable[tuple[str, str]]) -> tuple[Term, ...]:
    """Of (source term, target term) pairs; several targets of one source are alternatives, the first is preferred."""
    found: dict[str, list[str]] = {}
    for source, target in glossary:
        found.setdefault(source, []).append(target)
    return tuple(Term((source,), tuple(targets)) for source, targets in found.items())


def built_in(source: str, target: str) -> tuple[Term, ...]:
    """Our own terms of a language pair, either way round; () for a pair without any."""
    return _built_in(main_part(source), main_part(target))


def digest(terms: Sequence[Term]) -> str:
    """Eight hexadecimal digits that differ when the terms do."""
    return sha256(repr(terms).encode()).hexdigest()[:8]


@cache
def _built_in(source: str, target: str) -> tuple[Term, ...]:
    sides = [[side.split(" | ") for side in line] for line in table_lines("terms", source, target)]
    return tuple(Term(tuple(form for form in one if form[0] != "~"), tuple(form.lstrip("~") for form in two)) for one, two in sides)


def table_lines(kind: str, source: str, target: str) -> list[tuple[str, str]]:
    """The (source, target) lines of the table of this kind that we have of a language pair, kept either way round; [] where we have none."""
    for one, two in ((source, target), (target, source)):
        path = files("align") / "assets" / f"{kind}.{one}-{two}.tsv"
        if path.is_file():
            lines = [line.split("\t") for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#")]
            return [(a, b) if one == source else (b, a) for a, b in lines]
    return []


def places(text: str, terms: Sequence[Term], language: str, *, as_written: bool = False) -> list[Place]:
    """Where terms stand in a text in `language`, in order, none within another: the longer goes first, then the one that is written so, then the earlier in `terms`. A form of
    several words with a capital is not one without. as_written: as in `term_search.Finder`."""
    forms = [(term, k, form) for term in terms for k, form in enumerate(term.forms)]
    found = []
    for number, span in finder(tuple(form for _, _, form in forms), language, as_written=as_written)(text):
        term, k, form = forms[number]
        if len(form.split()) > 1 and form[0].isupper() and text[span[0]].islower():  # a general assembly, a group of seven people
            continue
        start, end = _with_quotes(text, span, form)
        found.append(((start - end, text[start:end].lower() != form.lower(), number), Place((start, end), text[start:end], term, term.targets[min(k, len(term.targets) - 1)])))
    return sorted(apart(place for _, place in sorted(found, key=lambda f: f[0])), key=lambda p: p.span)


def apart(wanted: Iterable[Place], taken: Iterable[Span] = ()) -> list[Place]:
    """Of places in the order of preference those that overlap neither `taken` nor one before them."""
    spans, chosen = list(taken), []
    for place in wanted:
        if all(place.span[1] <= start or end <= place.span[0] for start, end in spans):
            spans.append(place.span)
            chosen.append(place)
    return chosen


def _with_quotes(text: str, span: Span, form: str) -> Span:
    """With the quotation marks that the term itself has around it: they go with it."""
    start, end = span
    before, behind = text[start - 1 : start] in _QUOTES, text[end : end + 1] in _QUOTES
    if form[0] in _QUOTES and form[-1] in _QUOTES:
        return (start - 1, end + 1) if before and behind else span
    return start, end + (form[-1] in _QUOTES and behind)


def unmet(wanted: Iterable[Place], text: str, language: str) -> list[Place]:
    """The places whose term a translation lacks; language: of the translation."""
    return [place for place in wanted if not place.term.met(text, language)]


def written_in(text: str, wanted: Sequence[Place]) -> str:
    """The source with the targets' terms in these places; one that begins a sentence is written as such."""
    for place in sorted(wanted, key=lambda p: p.span, reverse=True):
        before, target = text[: place.span[0]], place.target
        if place.found[0].isupper() and _ENDED.fullmatch(before):
            target = target[0].upper() + target[1:]
        text = before + target + text[place.span[1] :]
    return text
