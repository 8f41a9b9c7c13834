"""What is done with each source of the corpus, under which licence it stands, and why a pair is dropped."""

from __future__ import annotations

import re
from typing import NamedTuple


class Source(NamedTuple):
    """weight: how often a pair is seen in one epoch, 0 drops the source; directions: "both", "enru" or "ruen"; cap: at most so many pairs, 0 = all;
    numbers: pairs whose digits differ are dropped; thin: sentences that begin alike are thinned.
    """

    weight: float = 1.0
    directions: str = "both"
    cap: int = 0
    numbers: bool = False
    thin: bool = False


DEV = "wmt_newstest/newstest2018"
SOURCES = {  # "family" or "family/source_id"; the longer name wins, a family that is not named gets Source()
    "wmt_newstest": Source(weight=3),
    "wmt_general23_24": Source(weight=3),
    "tico19": Source(weight=3),
    "un_sdg": Source(weight=3),
    "ud_pud": Source(weight=3),
    "xquad": Source(weight=2),
    "headlines_mt": Source(directions="enru", numbers=True),  # English by machine, Russian native
    "ms_docs": Source(cap=120_000, numbers=True, thin=True),  # Russian largely by machine
    "debian_l10n": Source(thin=True),
    "debian_www": Source(numbers=True, thin=True),
    "phpdoc": Source(thin=True),
    "isocodes": Source(weight=2),
    "statements": Source(weight=3),  # training/statements
    "statements/test": Source(weight=0),  # kept aside
    "statements/test-terms": Source(weight=0),  # kept aside
    "devprose/jsinfo": Source(weight=0),  # NonCommercial
    "devprose/progit2": Source(weight=0),  # NonCommercial
}
LICENCES = [  # (families of the training data, licence), as recorded in the corpus's SOURCES.md
    ("wmt_newstest (2012-2017; 2018 held out as dev)", "WMT shared task, research use; no licence file"),
    ("wmt_general23_24", "no licence file in the repositories"),
    ("tico19", "CC0"),
    ("ud_pud", "CC-BY-SA 3.0"),
    ("xquad", "CC-BY-SA 4.0"),
    ("un_sdg", "MIT"),
    ("literature", "public domain; two Russian repositories have no licence file (19th-century texts)"),
    ("tatoeba, tatoeba_pivot", "CC-BY 2.0 FR"),
    ("mlqe_pe", "CC0"),
    ("games", "CC-BY-SA 3.0 (Cataclysm), GPL-2+ (Wesnoth)"),
    ("debian_www", "MIT / GPL-2+, older pages OPL"),
    ("devprose (without jsinfo and progit2, which are NonCommercial)", "CC-BY 4.0, CC-BY-SA 4.0, MIT, Apache-2.0, BSD, MPL-2.0"),
    ("debian_l10n", "MPL-2.0 / GPL-2+ / CC-BY-SA 3.0"),
    ("phpdoc", "no licence file (the manual is published as CC-BY 3.0)"),
    ("headlines_mt (English side by machine, en->ru only)", "research use, headlines of a broadcaster"),
    ("ms_docs (Russian side largely by machine; capped)", "CC-BY 4.0"),
    ("isocodes", "LGPL-2.1+"),
    ("statements", "this project's own sentences, under its licence"),
]
MAX_WORDS, MAX_CHARACTERS = 120, 700  # longer sides are dropped
RATIO = 2.2  # largest ratio of lengths in characters, with 15 characters of slack

_LATIN, _CYRILLIC, _DIGIT = re.compile("[A-Za-z]"), re.compile("[А-Яа-яЁё]"), re.compile(r"\d")


def rule(name: str) -> Source:
    """The row of SOURCES for family/source_id or family."""
    return SOURCES.get(name) or SOURCES.get(name.split("/")[0]) or _ANY


_ANY = Source()


def why_drop(en: str, ru: str, source: Source) -> str | None:
    """The name of the filter that rejects the pair: empty, long, ratio, script or numbers; None when it may stay."""
    if not en or not ru:
        return "empty"
    if max(len(en), len(ru)) > MAX_CHARACTERS or max(en.count(" "), ru.count(" ")) >= MAX_WORDS:
        return "long"
    if len(en) + 15 > RATIO * (len(ru) + 15) or len(ru) + 15 > RATIO * (len(en) + 15):
        return "ratio"
    latin, cyrillic = len(_LATIN.findall(en)), len(_CYRILLIC.findall(ru))
    if cyrillic == 0 or latin == 0 or cyrillic < len(_LATIN.findall(ru)) or len(_CYRILLIC.findall(en)) > 0.1 * latin:
        return "script"
    if source.numbers and sorted(_DIGIT.findall(en)) != sorted(_DIGIT.findall(ru)):
        return "numbers"
    return None
