"""What an engine is asked for a piece of text, and which of its answers is taken: of its n-best the first that passes the guards.

Where none does it is asked again: with the words for the terms written in, twice as wide, clause by clause. The best of all is kept, with what the guards say of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from align import terms
from align.bitext import OptionError, is_whole
from align.cutting import clauses, joined
from align.digits import regrouped
from align.guards import HARD, KEPT, failures, lost_names
from align.known_names import spellings
from models import Translation, Translator, spoken


@dataclass(frozen=True, slots=True, kw_only=True)
class FillOptions:
    """beam: width of the search, 1 to 16; alternatives: of the n-best that the guards may choose from, 0 to 8; longest: characters that an
    engine gets at a time, 40 or more; retry: where all alternatives fail, search again, twice as wide, then clause by clause; terms: hold the engine to our own
    terms and names of the language pair too (`align.terms`, `align.known_names`), besides the glossary."""

    beam: int = 4
    alternatives: int = 3
    longest: int = 320
    retry: bool = True
    terms: bool = True

    def __post_init__(self) -> None:
        if not (is_whole(self.beam) and 1 <= self.beam <= 16):
            raise OptionError(f"beam is {self.beam}; expected a whole number from 1 to 16")
        if not (is_whole(self.alternatives) and 0 <= self.alternatives <= 8):
            raise OptionError(f"alternatives is {self.alternatives}; expected a whole number from 0 to 8")
        if not (is_whole(self.longest) and self.longest >= 40):
            raise OptionError(f"longest is {self.longest}; expected a whole number of characters, 40 or more")


Checked = tuple[str, list[str], float | None]


def searched(
    texts: list[str], translator: Translator, source: str, target: str, options: FillOptions, glossary: Sequence[tuple[str, str]]
) -> list[Checked]:
    """(text, reasons, score) of every piece, same order; reasons: of the guards that the best answer fails."""
    if not texts:
        return []
    codes = spoken(source), spoken(target)
    own = terms.terms_of(glossary)
    more = terms.built_in(source, target) if options.terms else ()
    sent = list(texts)  # what the engine gets
    places = [_places(text, own, more, source) for text in texts]
    usual = [[place for place in here if place.term not in own] for here in places]  # of the others the guards tell

    def best(k: int, found: Translation) -> tuple[int, Checked]:
        return _best(texts[k], found, source, target, glossary, usual[k])

    def try_again(k: int, found: Translation) -> bool:
        better = min(results[k], new := best(k, found), key=_badness)
        results[k] = better
        return better is new

    first = translator.translate(texts, *codes, beam=options.beam, alternatives=options.alternatives)
    results = [best(k, found) for k, found in enumerate(first)]
    doubtful = {k: text for k, (_, (text, reasons, _)) in enumerate(results) if reasons}
    guided = {k: written for k, text in doubtful.items() if (written := _guided(texts[k], text, places[k], source, target, options.terms)) != texts[k]}
    told = translator.translate(list(guided.values()), *codes, beam=options.beam, alternatives=options.alternatives) if guided else []
    for (k, written), found in zip(guided.items(), told, strict=True):
        if try_again(k, found):
            sent[k] = written
    failed = [k for k, (hard, _) in enumerate(results) if hard] if options.retry else []
    if failed and options.beam < 16:
        again = translator.translate([sent[k] for k in failed], *codes, beam=2 * options.beam, alternatives=2 * options.beam - 1)
        for k, found in zip(failed, again, strict=True):
            try_again(k, found)
    for count in (2, 3):
        failed = [k for k in failed if results[k][0] and len(sent[k]) >= 40 * count]
        for k in failed:
            parts = clauses(sent[k], count)
            if len(parts) < count:
                continue
            told = translator.translate(parts, *codes, beam=options.beam, alternatives=options.alternatives)
            chosen = [_best(part, one, source, target, glossary)[1][0] for part, one in zip(parts, told, strict=True)]
            try_again(k, Translation(joined(parts, chosen, target), mean_score([one.score for one in told])))
    return [checked for _, checked in results]


def _best(
    text: str, found: Translation, source: str, target: str, glossary: Sequence[tuple[str, str]], usual: Sequence[terms.Place] = ()
) -> tuple[int, Checked]:
    """How many of the guards that count fail, and the hypothesis of which the fewest do; usual: terms of ours that it should have."""
    choices = []
    for k, candidate in enumerate(dict.fromkeys(regrouped(made, text, source, target) for made in (found.text, *found.alternatives))):
        wrong = failures(text, candidate, source, target, glossary=glossary)
        hard = sum(name in HARD for name, _ in wrong)
        reasons = [*(reason for _, reason in wrong), *dict.fromkeys(place.reason for place in terms.unmet(usual, candidate, target))]
        choices.append((not candidate.strip(), hard, len(reasons), k, candidate, reasons))
        if not reasons:
            break
    _, hard, _, _, candidate, reasons = min(choices)
    return hard, (candidate, reasons, found.score)


def _places(text: str, own: Sequence[terms.Term], more: Sequence[terms.Term], language: str) -> list[terms.Place]:
    """Where terms of the glossary stand, then ours in what is left; none in links and placeholders, which must stay as they are."""
    found = [*terms.places(text, own, language), *terms.places(text, more, language, as_written=True)]
    return terms.apart(found, [match.span() for match in KEPT.finditer(text)])


def _guided(text: str, translation: str, wanted: Sequence[terms.Place], source: str, target: str, names: bool) -> str:
    """The source with the target's words for the terms, and for `names` that we know, that a translation lacks."""
    found = terms.unmet(wanted, translation, target)
    lost = spellings(text, lost_names(text, translation, source, target), source, target) if names else []
    more = [terms.Place(span, text[slice(*span)], terms.Term((), ()), spelling) for span, spelling in lost]
    return terms.written_in(text, terms.apart([*found, *more]))


def mean_score(scores: Sequence[float | None]) -> float | None:
    """Of those that are known; None when none is."""
    known = [s for s in scores if s is not None]
    return sum(known) / len(known) if known else None


def _badness(result: tuple[int, Checked]) -> tuple[bool, int, int]:
    hard, (text, reasons, _) = result
    return not text.strip(), hard, len(reasons)
