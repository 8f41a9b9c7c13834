"""Bitexts that are hard to write and read back, for the tests of formats."""

from __future__ import annotations

from hypothesis import strategies as st

from align.bitext import Bead, Bitext, Evidence, Row, Sentence, Verdict

XML_SAFE = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff", include_characters="\t\n\r")
NASTY = [
    "", "=1+1", "'=x", "'", "''", "@x", "-", "+7 (495)", "a\tb", "line\nbreak", "a\r\nb\rc", "\r", "back\\slash\\t", '"quoted", comma', "&amp; <b>]]>", "שלום", "\u2028",
    "😀", "  ", " both ends ", "=cmd|'/c calc'!A0", "\u200fא\u202eb", "e\u0301\u0327", "_x000D_ _x005F_", "#N/A", "TRUE", "007", "1e5", "2021-11-04", "\ufeffmark",
    "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "${7*7}", "[0]:[1]", "1\n00:00:01,000 --> 00:00:02,000\nx", "<?xml?>", "%PDF", "\x85",
]  # fmt: skip
texts = st.one_of(st.sampled_from(NASTY), st.text(XML_SAFE, max_size=30))
sides = st.one_of(st.none(), texts)
unit = st.one_of(st.none(), st.floats(0, 1, allow_nan=False))
ids = st.lists(st.integers(0, 99), max_size=3).map(tuple)
origins = st.sampled_from(["human", "machine:opus-mt-en-ru@1"])


@st.composite
def rows(draw):
    source, target = draw(sides), draw(sides)
    if source is None and target is None:
        source = draw(texts)
    return Row(
        source, target, draw(ids), draw(ids), draw(unit), draw(unit),
        "missing" if source is None else draw(origins), "missing" if target is None else draw(origins),
        draw(st.booleans()), note=draw(texts), locked=draw(st.booleans()),
    )  # fmt: skip


bitexts = st.lists(rows(), min_size=1, max_size=5).map(lambda r: Bitext(tuple(r), "en", "ru"))


def example() -> Bitext:
    evidence = Evidence(1.1, ("28",), ("Orlets",), Bead((0,), (0, 1), 0.02))
    return Bitext(
        (
            Row("One.", "Раз.", (0,), (0,), 0.98, 0.81, evidence=evidence, note="checked & kept", locked=True),
            Row("Two.", None, (1,), (), 0.7, None, origin_target="missing"),
        ),
        "en", "ru", encoder="use@1", options={"band": 10}, version="0.1.0", verdict=Verdict("versions", "why", {"paired": 0.9}), notes=("source: guessed",),
    )  # fmt: skip


def plain_rows(bitext: Bitext) -> list[Row]:
    """The rows without evidence, which few formats keep."""
    return [Row(*(getattr(r, n) for n in Row.__slots__ if n not in ("evidence", "note", "locked")), note=r.note, locked=r.locked) for r in bitext.rows]


def sentences(*paragraphs: str) -> tuple[Sentence, ...]:
    """Sentences of paragraphs in which a bar stands between them."""
    out: list[Sentence] = []
    at = 0
    for number, paragraph in enumerate(paragraphs):
        for text in paragraph.split("|"):
            out.append(Sentence(len(out), text, at, at + len(text), number))
            at += len(text) + 1
    return tuple(out)
