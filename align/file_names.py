"""What the names of files say: their language, and which two are versions of each other."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from align.bitext import main_part
from align.looks import KINDS

_LISTED = "ar be bg bn cs da de el en es et fa fi fr he hi hr hu hy id it ja ka kk ko ky lt lv mk nl no pl pt ro ru sk sl sr sv th tr uk uz vi zh"
_CODES = {code: code for code in _LISTED.split()}
for _line in (
    "en eng english англ английский", "ru rus russian русский рус", "de deu ger german deutsch", "fr fra fre french", "es spa spanish", "it ita italian",
    "pt por portuguese", "uk ukr ukrainian", "be bel", "ar ara arabic", "zh zho chi chinese", "ja jpn japanese", "ko kor", "pl pol polish", "tr tur", "kk kaz",
):  # fmt: skip
    _code, *_names = _line.split()
    _CODES.update(dict.fromkeys(_names, _code))
_TOKEN = re.compile(r"[^\W_]+")


def by_name(paths: Sequence[str], first: str | None = None, second: str | None = None) -> list[tuple[str, str]]:
    """(source, target) where two names differ only in a language: name.en.html and name.ru.docx, en/name.txt and ru/name.txt.

    first, second: languages of source and target, None = the two that most names say. Of files of a language that differ only in the extension, one is taken:
    the same extension on both sides before others.
    """
    groups: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for path in paths:
        stem = _stem(path)
        for match in _TOKEN.finditer(stem):
            code = _CODES.get(match[0])
            if code:
                once = f"{stem[: match.start()]}*{stem[match.end() :]}"
                for key in {once, _without(stem, code)}:
                    if path not in groups[key][code]:
                        groups[key][code].append(path)
    codes = two_languages(Counter(code for group in groups.values() if len(group) > 1 for code in group), first, second)
    taken: set[str] = set()
    out = []
    for _, group in sorted(groups.items()):
        sides = [_by_extension(group.get(main_part(code), [])) for code in codes]
        if len(sides) < 2 or not all(sides):
            continue
        common = sides[0].keys() & sides[1].keys()
        source, target = (side[min(common or side, key=lambda kind: (KINDS.index(kind) if kind in KINDS else len(KINDS), kind))] for side in sides)
        if not taken & {source, target}:
            taken |= {source, target}
            out.append((source, target))
    return out


def _by_extension(paths: Sequence[str]) -> dict[str, str]:
    """Extension -> path of files that differ in nothing else; {} when they do, or when there are none."""
    found = {Path(path).suffix.lower(): path for path in paths}
    return found if len(found) == len(paths) and len(set(map(bare, paths))) == 1 else {}


def bare(path: str) -> str:
    """A path without the extension."""
    return path.rsplit(".", 1)[0]


def codes_in(path: str) -> set[str]:
    """The languages that a name says."""
    return {code for token in _TOKEN.findall(_stem(path)) if (code := _CODES.get(token))}


def _stem(path: str) -> str:
    return unicodedata.normalize("NFC", bare(path)).lower()


def _without(stem: str, code: str) -> str:
    """A name with a star wherever it says this language."""
    return _TOKEN.sub(lambda m: "*" if _CODES.get(m[0]) == code else m[0], stem)


def two_languages(counts: Counter[str], source: str | None = None, target: str | None = None) -> list[str]:
    """The two languages: those given, then the commonest; English is the source unless another was given."""
    given = [source, target]
    common = sorted((code for code in counts if code not in map(main_part, given)), key=lambda code: (-counts[code], code))
    free = sorted(common[: given.count(None)], key=lambda code: (code != "en", code))
    return [code for code in (g or (free.pop(0) if free else None) for g in given) if code]
