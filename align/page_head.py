"""The beginning that all our self-contained reports share: no script, no network, every text escaped."""

from __future__ import annotations

import html
from importlib.resources import files


def page_head(title: str, headline: str, stylesheet: str) -> str:
    """From the doctype to the headline. title, headline: plain text; stylesheet: a file of align/assets."""
    style = (files("align") / "assets" / stylesheet).read_text("utf-8")
    title, headline = html.escape(title), html.escape(headline)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">\n"""
        f"<title>{title}: {headline}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f'<h1>{title}</h1>\n<p class="headline">{headline}</p>\n'
    )
