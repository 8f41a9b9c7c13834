"""Web pages saved as a single file (.mhtml, RFC 2557): the HTML inside."""

from __future__ import annotations

import re

from align.bitext import InputError

_HEADERS = re.compile(rb"\s*(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*?content-type:\s*multipart/related", re.IGNORECASE)


def looks_like(data: bytes) -> bool:
    """Does a message with parts that belong together begin here?"""
    return _HEADERS.match(data[:8000].replace(b"\r\n", b"\n")) is not None


def page(data: bytes) -> bytes:
    """The page's own bytes, as UTF-8 where the message names their encoding; InputError when there is no page in it."""
    from email import message_from_bytes
    from email.policy import default

    for part in message_from_bytes(data, policy=default).walk():
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            content = part.get_payload(decode=True)
            charset = part.get_content_charset()
            if not isinstance(content, bytes):
                continue
            try:
                return content if charset is None else b"\xef\xbb\xbf" + content.decode(charset).encode("utf-8")
            except (LookupError, UnicodeDecodeError):
                return content
    raise InputError("this saved page (.mhtml) has no HTML in it; save the page again, as HTML or as text")
