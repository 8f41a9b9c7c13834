"""Days of the week that a text names, in English and Russian."""

from __future__ import annotations

import re
from functools import cache

from align.bitext import main_part
from align.checks.amounts import Mention

_DAYS = {  # Monday first; «среда» is also a milieu, and a day only behind these words
    "en": ("Mondays?", "Tuesdays?", "Wednesdays?", "Thursdays?", "Fridays?", "Saturdays?", "Sundays?"),
    "ru": (
        r"понедельник\w*", r"вторник\w*",
        r"(?<=\bв )среду|(?<=\bна )среду|(?<=\bэту )среду|(?<=\bпрошлую )среду|(?<=\bследующую )среду|(?<=\bкаждую )среду|(?<=\bутром )среды|(?<=\bвечером )среды|(?<=\bдо )среды|(?<=\bпо )средам",
        r"четверг\w*", r"пятни(?:ц|чн)\w*", r"суббот\w*", r"воскресень\w*|воскресн(?:ый|ая|ое|ые|ого|ой|ому|ую|ым|ом|ых|ыми)",
    ),
}  # fmt: skip


@cache
def _days(language: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rf"\b(?:{day})\b", re.IGNORECASE if language == "ru" else 0) for day in _DAYS.get(language, ()))


def weekdays(text: str, language: str) -> list[Mention]:
    """Every day of the week that the text names, with its number from 1, Monday; [] in a language that is not here."""
    return [
        Mention(*match.span(), frozenset([float(number)]), False, "weekday", True)
        for number, day in enumerate(_days(main_part(language)), 1) for match in day.finditer(text)
    ]  # fmt: skip


def opposed(source: str, target: str, languages: tuple[str, str]) -> tuple[list[Mention], list[Mention]]:
    """The one day of each side that the other does not name: ([], []) unless both have one."""
    days = weekdays(source, languages[0]), weekdays(target, languages[1])
    named = [{m.values for m in side} for side in days]
    lone = named[0] - named[1], named[1] - named[0]
    if len(lone[0]) != 1 or len(lone[1]) != 1:
        return [], []
    return [m for m in days[0] if m.values in lone[0]], [m for m in days[1] if m.values in lone[1]]
