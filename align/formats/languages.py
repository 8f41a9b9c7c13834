"""Which language of a foreign file is the source and which the target, and in which direction a language is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from align.bitext import InputError, exact, main_part

_RIGHT_TO_LEFT = (  # languages whose codes name no script
    "ar arb abv acm acq acw acx adf aeb aec afb ajp apc apd arq ars ary arz auz avl ayh ayl ayn ayp mey shu ssh he hbo yi ydd yih jpr jrb arc aii sam syc syr myz dv nqo "
    "fa pes prs ps pbt pbu pst azb bal bcc bgn bgp bqi ckb def glk haz lki lrc luz mzn sdh ur ug ota sd ks pnb lah hnd hno skr brh dcc khw lrk mve mvy"
)
RIGHT_TO_LEFT = frozenset(_RIGHT_TO_LEFT.split())
SCRIPTS_RIGHT_TO_LEFT = frozenset(["adlm", "arab", "aran", "hebr", "mand", "nkoo", "rohg", "samr", "syrc", "syre", "syrj", "syrn", "thaa"])
WITHOUT_BLANKS = frozenset(["bo", "dz", "ja", "km", "lo", "my", "th", "zh"])  # nothing stands between sentences


def direction(code: str) -> str:
    """"rtl", "ltr" or, where neither the language nor the script is known, "auto". A script in the code decides: uz-Arab is "rtl", sd-Deva "ltr"."""
    main, (_, *more) = main_part(code), exact(code).split("-")
    script = next((part for part in more[:2] if len(part) == 4 and part.isalpha()), "")
    if script:
        return "rtl" if script in SCRIPTS_RIGHT_TO_LEFT else "ltr"
    return "auto" if main in ("", "und", "mul") else "rtl" if main in RIGHT_TO_LEFT else "ltr"


def turned(source: str | None, target: str | None, said: Sequence[str | None]) -> bool:
    """Were the languages that a file says of its sides asked for the other way round? By their first parts; False where it says one language of both."""
    one, two = map(main_part, said)
    crossed = bool(source) and main_part(source) == two or bool(target) and main_part(target) == one
    straight = bool(source) and main_part(source) == one or bool(target) and main_part(target) == two
    return one != two and crossed and not straight


class Languages:
    """Chooses the two sides while units pass, so that a file is read once.

    `source` and `target` were asked for and win; `header` is what the file says of both. What is still open is filled in by the first
    languages that come; `turned`: the two of the header are asked for the other way round. A language fits a side when it is the same, or else when its first part is (en, en-US), unless the two sides
    differ in nothing but the rest (pt-BR, pt-PT).
    """

    def __init__(self, source: str | None, target: str | None, header: tuple[str | None, str | None] = (None, None)) -> None:
        said: list[str | None] = [None if code in ("", "*all*") else code for code in header]
        self.turned = turned(source, target, said)
        if self.turned:
            said.reverse()
        self.source = source or said[0]
        self.target = target or said[1]
        self._asked = bool(source and target)
        self._guessed = not (self.source and self.target)
        self._ranks: dict[str, tuple[int, int]] = {}  # of every language seen, as source and as target

    def _rank(self, code: str, side: str | None) -> int:
        """2 when a language is that of the side, 1 when it fits, 0 when it does not."""
        if side and exact(code) == exact(side):
            return 2
        return int(bool(side) and main_part(code) == main_part(side) and main_part(self.source) != main_part(self.target))

    def sides(self, texts: Sequence[tuple[str, str]], no_source: bool = False) -> tuple[str | None, str | None]:
        """Source and target of a unit given as (language, text); None for a side that it lacks; of several that fit, the first that fits best.

        Where both sides have one language, the first text is the source's; no_source: the unit says that it has none.
        """
        if self.source and exact(self.source) == exact(self.target):
            own: list[str | None] = [text for code, text in texts if exact(code) == exact(self.source)]
            own = [*([None] if no_source else []), *own, None, None]
            return own[0], own[1]
        found: list[str | None] = [None, None]
        best = [0, 0]
        for code, _ in texts:
            if code not in self._ranks:
                self._meet(code)
        for code, text in texts:
            for k, rank in enumerate(self._ranks[code]):
                if rank > best[k]:
                    best[k], found[k] = rank, text
        return found[0], found[1]

    def _meet(self, code: str) -> None:
        """A language that is new: it fills the first side that is open, unless it fits one that is known."""
        if not self._rank(code, self.source) and not self._rank(code, self.target):
            if not self.source:
                self.source = code
            elif not self.target:
                self.target = code
        self._ranks = {c: (self._rank(c, self.source), self._rank(c, self.target)) for c in [*self._ranks, code]}

    def check(self, name: str, headers: Iterable[str] = ()) -> None:
        """InputError when the file, or what its parts (`headers`) say of themselves, left more than two languages to choose from."""
        open_to = list(self._ranks) if self._guessed else []
        found = dict.fromkeys([*open_to, *([] if self._asked else headers)])
        strange = [code for code in self._ranks if not any(self._ranks[code])]
        for side, asked in enumerate((self.source, self.target)):
            if strange and not any(ranks[side] for ranks in self._ranks.values()):
                raise InputError(f"{name} holds the languages {', '.join(self._ranks)}, none of them {asked!r}; give those that it holds with --from and --to (in Python source= and target=)")
        if any(not self._rank(code, self.source) and not self._rank(code, self.target) for code in found):
            raise InputError(f"{name} holds the languages {', '.join(found)}; say which two with --from and --to (in Python source= and target=)")
