"""Bytes to text: byte order marks, UTF-8, UTF-16 without a mark, the Cyrillic and the Latin one-byte encodings.

One-byte encodings are told apart by what they would make of the text: every reading is scored by how usual its letters
are in one language, by capitals inside words and by alphabets mixed within a word. charset-normalizer is asked only when no reading is
plausible (Asian encodings).
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from math import log

# One-byte readings are scored on at most so many bytes; the whole text is decoded afterwards.
SAMPLE_BYTES = 60_000
# Mean log score of a character above ASCII from which a reading is believed; Russian text reaches about -3.2.
PLAUSIBLE = -4.4
# UTF-8 with at most this share of broken sequences is still UTF-8.
BROKEN_UTF8 = 0.02
# A page that says Latin-1 is believed before a Latin reading whose mean log score is better by less than this.
DECLARED_LATIN = 0.1

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CYRILLIC = ("windows-1251", "koi8-r", "cp866", "iso-8859-5", "mac-cyrillic", "koi8-u")
_DECLARED = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})"
    rb"|<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w.:-]{2,40})",
    re.IGNORECASE,
)
# Declared names that say nothing: these bytes are not UTF-8, and Latin-1 is declared without a thought.
_LATIN_1 = ("iso8859-1", "cp1252")
_NOT_BELIEVED = ("utf-16", "utf-32", "utf-7", "utf-8", "ascii", *_LATIN_1)

# Letters per mille of running Russian, by our own rough count; then the letters of its neighbours.
_LETTERS = """
о110 е85 а80 и74 н67 т63 с55 р47 в45 л44 к35 м32 д30 п28 у26 я20 ы19 ь17 г17 з16 б16 ч14 й12 х10 ж9 ш7 ю6 ц5 щ4 э3 ф3
ъ.4 ё.6 і10 ї4 є3 ґ.2 ў3 ј3 љ.5 њ.5 ћ.5 ђ.3 џ.2 ѓ.1 ќ.1 ѕ.1
"""
_GREEK_LETTERS = """
α110 ο90 ι80 ε80 τ75 ν70 σ50 η50 υ45 ρ40 π38 κ38 ς35 μ32 λ28 ω20 ό20 ί20 έ18 γ18 ά16 δ16 ή16 θ12 χ11 ύ8 φ8 ώ8 β6 ξ4 ζ3
ψ2 ϊ1 ΐ.3 ΰ.1
"""
_PUNCTUATION = "\u00a0«»—–“”„‘’‚…№•§©°"
_WESTERN = "éèàçüöäßñáíóúåæøôêîâûïëùìòãõœ¡¿ªº"
_CENTRAL = "áéíóúýčďěňřšťůžąćęłńśźżäöüßôőűľĺŕăâîșțşţđ"
_TURKISH = "çğıöşüâîû"
# Encoding, how usual each letter is taken to be (of two readings that fit, the more usual encoding), letters of one language above ASCII.
_LATIN = """
windows-1252 30 éèàùâêîôûëïüçœ
windows-1252 30 äöüßé
windows-1252 30 áéíóúñü¿¡ªº
windows-1252 30 ãõáéíóúâêôçàüªº
windows-1252 30 àèéìòùóîªº
windows-1252 30 àèéíòóúïüç
windows-1252 30 åäöéü
windows-1252 30 æøåéôü
windows-1252 30 äöüõ
windows-1252 30 éëïèöüá
windows-1252 28 áéíóúýðþæö
windows-1252 28 áðíóúýæø
windows-1254 29 çğıöşü
windows-1250 28 ąćęłńóśźż
windows-1250 28 áčďéěíňóřšťúůýž
windows-1250 28 áäčďéíĺľňóôŕšťúýž
windows-1250 28 áéíóöőúüű
windows-1250 28 čćđšž
windows-1250 28 ăâîşţ
iso-8859-2 27 ąćęłńóśźż
iso-8859-2 27 áčďéěíňóřšťúůýž
iso-8859-2 27 áäčďéíĺľňóôŕšťúýž
iso-8859-2 27 čćđšž
windows-1257 26 āčēģīķļņšūž
windows-1257 26 ąčęėįšųūž
windows-1257 26 äöüõšž
"""
_SELDOM = {"¿": 8.0, "¡": 8.0, "ª": 1.0, "º": 1.0, "ť": 15.0}  # per mille: where Polish and Romanian have ż and ş, and Windows code pages »


def _log(per_mille: float) -> float:
    return log(per_mille / 1000)


def _shares(table: str) -> dict[str, float]:
    """ "о110 ъ.4" to log scores by letter."""
    return {entry[0]: _log(float(entry[1:])) for entry in table.split()}


def _weights(letters: dict[str, float]) -> dict[str, float]:
    """Log score by character: letters, their capitals (rarer), and the punctuation above ASCII."""
    found = dict.fromkeys(_PUNCTUATION, _log(20)) | {"€": _log(0.5)}
    for letter, score in letters.items():
        found[letter] = _log(_SELDOM[letter]) if letter in _SELDOM else score
        found.setdefault(letter.upper(), score - 1.0)
    return found


def _latin_weights() -> list[tuple[str, dict[str, float]]]:
    return [(name, _weights(dict.fromkeys(letters, _log(float(share))))) for name, share, letters in map(str.split, _LATIN.split("\n")[1:-1])]


_CYRILLIC_WEIGHTS = _weights(_shares(_LETTERS))
_GREEK_WEIGHTS = _weights(_shares(_GREEK_LETTERS))
_MANY_LANGUAGES = (
    ("windows-1252", _weights(dict.fromkeys(_WESTERN, _log(30)))),
    ("windows-1250", _weights(dict.fromkeys(_CENTRAL, _log(28)))),
    ("windows-1254", _weights(dict.fromkeys(_TURKISH, _log(29)))),
)
_ONE_LANGUAGE = tuple(_latin_weights())
_LATIN_NAMES = tuple(dict.fromkeys(name for name, _ in _ONE_LANGUAGE))
_MANY = -0.25  # a text of one language is likelier than one that mixes letters of several
_STRANGE = -9.0  # a character that is in no table
_CAPITAL_INSIDE = -5.0  # a capital after a small letter
_AMONG_CAPITALS = 0.7  # in a line of capitals a capital is no rarity
_MIXED_WORD = -4.0  # Cyrillic or Greek beside Latin
_LONE_ACCENT = -3.0  # an accented letter between two accented letters


def decode(data: bytes) -> tuple[str, str, tuple[str, ...]]:
    """(text, name of the encoding, notes) of any bytes; b"" is UTF-8. Notes tell a guess and broken bytes."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _decoded(data, name)
    if wide := _utf16_without_mark(data):
        text, name, notes = _decoded(data[: len(data) // 2 * 2], wide)
        return text, name, (f"encoding guessed: {name}", *notes)
    try:
        return data.decode("utf-8"), "utf-8", ()
    except UnicodeDecodeError:
        pass
    if _nearly_utf8(data):
        return _decoded(data, "utf-8")
    declared = _declared(data)
    if declared and not _codec(declared).startswith(_NOT_BELIEVED):
        return data.decode(declared), declared, ()
    name = _guess(data, declared is not None and _codec(declared).startswith(_LATIN_1))
    text, name, notes = _decoded(data, name)
    return text, name, (f"encoding guessed: {name}", *notes)


def _decoded(data: bytes, name: str) -> tuple[str, str, tuple[str, ...]]:
    try:
        return data.decode(name), name, ()
    except UnicodeDecodeError:
        text = data.decode(name, errors="replace")
        broken = max(text.count("\ufffd"), 1)
        return text, name, (f"{broken} broken character{'s' * (broken > 1)} in the file, shown as \ufffd",)


def _nearly_utf8(data: bytes) -> bool:
    """Many good sequences of several bytes, few broken ones: a file that was cut in the middle of a letter."""
    text = data.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    good = sum(1 for c in text if c > "\x7f") - broken
    return good > 0 and broken <= max(1, BROKEN_UTF8 * good)


def _utf16_without_mark(data: bytes) -> str | None:
    """utf-16-le or utf-16-be when the high bytes are those of Latin or Cyrillic text: 0, 4, 0x20."""
    sample = data[: SAMPLE_BYTES // 2 * 2]
    if len(sample) < 4:
        return None
    for name, high, low in (("utf-16-le", sample[1::2], sample[0::2]), ("utf-16-be", sample[0::2], sample[1::2])):
        usual = sum(map(high.count, (b"\x00", b"\x04", b"\x20")))
        letters = high.count(b"\x00") + high.count(b"\x04")
        if letters >= 0.7 * len(high) and usual >= 0.9 * len(high) and low.count(b"\x00") <= 0.05 * len(low):
            return name
    return None


def _declared(data: bytes) -> str | None:
    """The encoding that the page names for itself, when it is one of one byte and decodes the page, or Latin-1."""
    match = _DECLARED.search(data[:4096])
    if match is None:
        return None
    name = (match.group(1) or match.group(2)).decode("ascii").lower()
    try:
        if not _codec(name).startswith(_NOT_BELIEVED):
            data.decode(name)
    except (LookupError, ValueError):  # "undefined" is a codec that always fails
        return None
    return name


def _codec(name: str) -> str:
    return codecs.lookup(name).name


def _guess(data: bytes, latin: bool) -> str:
    """The most plausible encoding of bytes that are not UTF-8; windows-1252 when nothing is. `latin`: the page says that it is Latin-1."""
    sample = data[:SAMPLE_BYTES]
    read = {name: _tally(sample.decode(name, errors="replace")) for name in (*_CYRILLIC, "windows-1253", *_LATIN_NAMES)}
    scores = {name: _score(read[name], _CYRILLIC_WEIGHTS) for name in _CYRILLIC}
    scores["mac-cyrillic"] -= 0.1  # has most small letters where windows-1251 has them, and is rare
    scores["windows-1253"] = _score(read["windows-1253"], _GREEK_WEIGHTS) - 0.3  # of two readings of a single word, Cyrillic is the likelier
    for handicap, readings in ((0.0, _ONE_LANGUAGE), (_MANY, _MANY_LANGUAGES)):
        for name, weights in readings:
            scores[name] = max(scores.get(name, -100.0), _score(read[name], weights) + handicap)
    # English with curly quotes reads alike in every Windows code page: Latin wins a tie.
    best = max(scores, key=lambda name: (round(scores[name], 6), name == "windows-1252", -list(scores).index(name)))
    if latin and best in _LATIN_NAMES and scores[best] - scores["windows-1252"] < DECLARED_LATIN:
        return "windows-1252"
    if scores[best] >= PLAUSIBLE:
        return best
    return _ask_charset_normalizer(sample) or "windows-1252"


def _tally(text: str) -> tuple[Counter[str], float]:
    """The characters above ASCII, and what their neighbours add to the log score of all."""
    found: Counter[str] = Counter()
    total = 0.0
    before = " "
    for character, after in zip(text, text[1:] + " ", strict=True):
        if character > "\x7f":
            found[character] += 1
            if character.isalpha():
                total += _neighbours(character, before, after)
        before = character
    return found, total


def _score(tally: tuple[Counter[str], float], weights: dict[str, float]) -> float:
    """Mean log score of the characters above ASCII."""
    found, total = tally
    return (total + sum(count * weights.get(character, _STRANGE) for character, count in found.items())) / max(found.total(), 1)


def _neighbours(character: str, before: str, after: str) -> float:
    if character.isupper():
        case = _CAPITAL_INSIDE if before.islower() else _AMONG_CAPITALS if before.isupper() or after.isupper() else 0.0
    else:
        case = _CAPITAL_INSIDE if after.isascii() and after.isupper() and character not in "ªº" else 0.0  # "żQué"
    own_alphabet = "\u0370" <= character <= "\u052f"
    ascii_letters = (before.isascii() and before.isalpha()) + (after.isascii() and after.isalpha())
    if own_alphabet:
        return case + _MIXED_WORD * ascii_letters
    return case + _LONE_ACCENT if not ascii_letters and before.isalpha() | after.isalpha() else case


def _ask_charset_normalizer(sample: bytes) -> str | None:
    import logging

    from charset_normalizer import from_bytes

    logging.getLogger("charset_normalizer").addHandler(logging.NullHandler())
    best = from_bytes(sample).best()
    return best.encoding if best is not None else None
