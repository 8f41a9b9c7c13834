"""Title, date and reference number of a statement, found in its first and last lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

# Paragraphs looked at from the top for title, date line and number; from the bottom for a date line.
TOP = 8
BOTTOM = 3
LONGEST_TITLE = 400
# What may stand in a date line beside the date: a weekday, a place.
LONGEST_BESIDE_DATE = 40

_MONTHS: dict[str, int] = {}
for _names in (
    "january february march april may june july august september october november december",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
    "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "студзеня лютага сакавіка красавіка мая чэрвеня ліпеня жніўня верасня кастрычніка лістапада снежня",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
):
    _MONTHS.update({name: number for number, name in enumerate(_names.split(), start=1)})
_MONTHS["sept"] = 9

_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_YEAR = r"(?P<year{0}>(?:1[5-9]|20)\d\d)"
_TIME = r"(?:\s*(?:г\.|года|р\.|року|г)(?!\w))?(?:[\s,|T–-]{0,4}(?:at |в |um )?(?P<hour>[01]?\d|2[0-3])[:.](?P<minute>[0-5]\d)(?!\d))?"
_DATE = re.compile(
    r"(?<![\d.])(?:"
    r"(?P<day1>\d{1,2})(?:st|nd|rd|th|-го|\.)?\s+(?:of\s+|de\s+)?"
    rf"(?P<month1>{_MONTH})\.?,?\s+(?:de\s+)?{_YEAR.format(1)}"
    rf"|\b(?P<month2>{_MONTH})\.?\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR.format(2)}"
    rf"|(?P<day3>\d{{1,2}})\.(?P<month3>\d{{1,2}})\.{_YEAR.format(3)}"
    rf"|{_YEAR.format(4)}-(?P<month4>\d\d)-(?P<day4>\d\d)(?!-\d)"
    rf"){_TIME}",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"(?i:(?:№|no\.?|nr\.?|ref\.?:?|reference:?|doc\.?|номер:?)\s*)?"
    r"(?P<number>\d{1,6}-\d{2}-\d{2}-(?:19|20)\d{2}|[A-Z]{1,4}(?:/[A-Z0-9][\w.]*)+(?:/\d+|\.\d+))"
)
_SITE_NAME = re.compile(r"\s+[|–—:•·»-]\s+[^|–—•·»]{1,80}$")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What was found; None for what was not. `date` is ISO 8601, with the time when it was given."""

    title: str | None = None
    date: str | None = None
    reference: str | None = None


def find_metadata(paragraphs: Sequence[str], headings: Sequence[str] = ()) -> Metadata:
    """Title, date and reference of the paragraphs in order; `headings` are those that the format marks as such, best first."""
    top = [" ".join(paragraph.split()) for paragraph in paragraphs[:TOP]]
    bottom = [" ".join(paragraph.split()) for paragraph in paragraphs[TOP:][-BOTTOM:]]
    title = next((clean for heading in headings if (clean := " ".join(heading.split()))), None) or _title(top)
    dates = [date for line in top if (date := date_line(line))]
    dates += [date for line in (title or "", *top[:2]) if (date := find_date(line))]
    dates += [date for line in reversed(bottom) if (date := date_line(line))]
    references = [number for line in top if (number := reference_line(line))]
    return Metadata(title, next(iter(dates), None), next(iter(references), None))


def find_date(text: str) -> str | None:
    """The last full date in a short text as ISO 8601 ("10 November 202115:46" is 2021-11-10T15:46), or None."""
    found = [iso for match in _DATE.finditer(text[:1000]) if (iso := _iso(match))]
    return found[-1] if found else None


def date_line(line: str) -> str | None:
    """The date of a line that holds a date and little else, such as a weekday or a place; else None."""
    match = _DATE.search(line[:200])
    if match is None or len(line) - (match.end() - match.start()) > LONGEST_BESIDE_DATE:
        return None
    beside = line[: match.start()] + line[match.end() :]
    if len(beside.split()) > 5 or re.search(r"[.!?;](?:\s|$)", beside.rstrip(" .")):
        return None
    return _iso(match)


def reference_line(line: str) -> str | None:
    """The number of a line that is a reference number, such as 2281-10-11-2021 or A/76/PV.12; else None."""
    match = _REFERENCE.fullmatch(line.strip()) if len(line) <= 60 else None
    return match.group("number") if match else None


def without_site_name(title: str) -> str:
    """A page title without what stands after its last bar or dash: "Remarks | Ministry" is "Remarks"."""
    return _SITE_NAME.sub("", " ".join(title.split()))


def _title(top: Sequence[str]) -> str | None:
    """The first line that is no date and no number, when it is one line without a sentence's end and more follows."""
    lines = [line for line in top[:4] if not date_line(line) and not reference_line(line)]
    if not lines or len(top) < 2 or len(lines[0]) > LONGEST_TITLE:
        return None
    line = lines[0]
    ends_in_year = re.search(r"\d{4} (?:г|р)\.$", line) is not None
    return line if line[-1] not in ".,;:!?…" or ends_in_year else None


def _iso(match: re.Match[str]) -> str | None:
    """ISO 8601 of a match, None when there is no such day."""
    import datetime

    groups = match.groupdict()
    kind = next(number for number in "1234" if groups[f"year{number}"])
    month = groups[f"month{kind}"].lower()
    try:
        day = datetime.date(
            int(groups[f"year{kind}"]), _MONTHS[month] if month in _MONTHS else int(month), int(groups[f"day{kind}"])
        )
    except ValueError:
        return None
    time = f"T{int(groups['hour']):02}:{groups['minute']}" if groups["hour"] else ""
    return day.isoformat() + time
