"""One kind of line end; no characters that no reader sees and no export can hold."""

from __future__ import annotations

import re

# Every way to end a line becomes "\n"; the paragraph separator and the page break become an empty line.
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x85\u2028]")
_PARAGRAPH_ENDS = re.compile("[\x0c\u2029]")
_SEPARATORS = re.compile("[\x1c-\x1f]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufffe\uffff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
# Byte order mark, zero width space, word joiner, soft hyphen: hidden inside words, they part them for models.
_INVISIBLE = re.compile("[\ufeff\u200b\u2060\u00ad]")


def clean(text: str) -> tuple[str, tuple[str, ...]]:
    """The text with "\\n" line ends and without control characters, and notes on what was taken out ("" stays "")."""
    text = _LINE_ENDS.sub("\n", text)
    text = _PARAGRAPH_ENDS.sub("\n\n", text)
    text = _SEPARATORS.sub(" ", text)
    text = _INVISIBLE.sub("", text)
    notes = []
    text, removed = _CONTROL.subn("", text)
    if removed:
        notes.append(f"{removed} control character{'s' * (removed > 1)} removed")
    text, broken = _SURROGATES.subn("\ufffd", text)
    if broken:
        notes.append(f"{broken} broken character{'s' * (broken > 1)} replaced by \ufffd")
    return text, tuple(notes)
