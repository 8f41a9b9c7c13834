"""The report of a data set as a page: what it shows is what was counted, and no text becomes code."""

from __future__ import annotations

import json
from html import unescape

import pytest
from lxml import etree, html

from align import plots, survey, survey_page
from align.bitext import Bitext, InputError, OptionError, Row
from align.cli import main
from align.survey_rows import parallel_rows
from benchmarks.sentences import pairs
from tests.nasty import NASTY

PAIRS = pairs(40, 6)
MARKS = [text for text in NASTY if "<" in text or "&" in text or '"' in text]


def found_in(rows, codes=("en", "ru")):
    given = [
        {"source": r.source, "target": r.target, "similarity": r.similarity, "score": r.score, "where": f"row {k}"} for k, r in enumerate(rows)
    ]
    return survey.survey(codes, given)


def bars(plot):
    """(bin from, count, series) of the bars of a plot."""
    return [
        (t.text.split(" to ")[0], int(t.text.split(": ")[1].split()[0].replace(",", "")), t.getparent().get("class")) for t in plot.iter("{*}title")
    ]


def page_of(found):
    text = survey_page.written(found, "html")
    return html.document_fromstring(text), text


ROWS = [Row(a, b, score=0.5 + k / 80, similarity=(k + 0.5) / 40) for k, (a, b) in enumerate(PAIRS)] + [Row("Alone.", None)]


def test_the_plots_show_every_row_once():
    found = found_in(ROWS)
    page, text = page_of(found)
    shown = {p.findtext("{*}text") or p.findtext("text"): bars(p) for p in page.iter("svg")}
    assert list(shown) == ["similarity of the sides (cosine)", "score of the rows", "characters of a row", "length, ru over en"]
    counted = {name: sum(count for _, count, _ in found_) for name, found_ in shown.items()}
    assert counted == {"similarity of the sides (cosine)": 40, "score of the rows": 40, "characters of a row": 81, "length, ru over en": 40}
    assert shown["similarity of the sides (cosine)"] == [(f"{k / 20:.2g}", 2, "bar s0") for k in range(20)]
    assert {s for _, _, s in shown["characters of a row"]} == {"bar s0", "bar s1"}
    for svg in page.iter("svg"):
        for bar in svg.iter("rect"):
            assert float(bar.get("x")) >= 0 and float(bar.get("x")) + float(bar.get("width")) <= plots.WIDTH
            assert float(bar.get("y")) >= 0 and float(bar.get("y")) + float(bar.get("height")) <= plots.HEIGHT
    assert "41 rows, 40 with both sides, en – ru" in text


def test_what_lies_beyond_an_axis_is_in_its_last_bins():
    found = found_in([Row("a" * 20_000, "b", similarity=-0.4), Row("a", "b" * 20_000, similarity=1.0), Row("a", "b", similarity=0.999)])
    assert [c[k] for c in found["lengths"]["counts"] for k in (0, -1)] == [2, 1, 2, 1]
    assert [found["length_ratio"]["histogram"][k] for k in (0, 12, -1)] == [1, 1, 1]
    assert [found["similarity"]["histogram"][k] for k in (0, -1)] == [1, 2]


def test_the_worst_rows_stand_there_and_no_text_becomes_code():
    rows = [Row(mark, mark[::-1] + mark, similarity=-0.1) for mark in MARKS] + ROWS
    page, text = page_of({"title": MARKS[0], **found_in(rows, ("en", "ru<b>"))})
    sections = page.findall(".//section")
    assert len(sections) == survey.WORST
    assert [s.find(".//p").text_content() for s in sections[: len(MARKS)]] == MARKS
    assert page.findtext(".//h1") == MARKS[0]
    assert {e.tag for e in page.iter() if isinstance(e.tag, str)} <= {
        "html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "b", "p", "div", "main", "section", "table", "thead", "tbody", "tr", "th", "td",
        "svg", "text", "rect", "line",
    }  # fmt: skip
    assert list(page.iter("b")) == page.findall(".//h3/b")
    assert unescape(text).count(MARKS[0]) >= 2 and "default-src 'none'" in text


def test_nothing_to_show_makes_a_page_without_plots():
    page, text = page_of(found_in([]))
    assert not list(page.iter("svg")) and "0 rows" in text and "Similarity is not known" in text
    empty = etree.fromstring(plots.histogram({}, (0, 1), (0, 1), "a < b"))
    assert not list(empty.iter("rect")) and empty.findtext("text") == "a < b"


def test_grid_lines_are_round_and_few():
    assert [plots._unit(top) for top in (0, 1, 4, 5, 9, 41, 100, 101, 999, 70_000)] == [1, 1, 1, 2, 5, 20, 50, 50, 500, 20_000]
    assert [plots._short(v) for v in (0, 999, 1_000, 1_500, 2_000_000)] == ["0", "999", "1k", "1.5k", "2M"]


def test_the_command_writes_by_extension(tmp_path, capsys):
    from align import formats

    formats.write(Bitext(tuple(ROWS), "en", "ru"), tmp_path / "x.tsv")

    def report(name, code=0):
        with pytest.raises(SystemExit) as ended:
            main(["corpus", "report", str(tmp_path / "x.tsv"), "--from", "en", "--to", "ru", "--no-encode", "-o", str(tmp_path / name)])
        assert (ended.value.code or 0) == code
        return capsys.readouterr().err

    for name in ("r.html", "r.json", "r.txt"):
        assert report(name).endswith(f"wrote {tmp_path / name}\n")
    assert json.loads((tmp_path / "r.json").read_text("utf-8"))["rows"] == 41
    assert (tmp_path / "r.txt").read_text("utf-8").startswith("41 rows, 40 with both sides")
    assert "<h1>x.tsv</h1>" in (tmp_path / "r.html").read_text("utf-8")
    assert "error: the report of a data set is txt, json, html, not 'pdf'" in report("r.pdf", 2)
    with pytest.raises(OptionError, match="change the extension"):
        survey_page.written(found_in([]), "")


def test_sides_of_parquet_are_exchanged_when_its_own_languages_are_asked_for_the_other_way_round(tmp_path):
    from align import formats

    formats.write(Bitext((Row(*PAIRS[0]), Row("Alone.", None)), "en-GB", "ru"), tmp_path / "a.parquet")
    for place in (tmp_path / "a.parquet", tmp_path):
        for asked in (("ru", "en"), ("ru", None), (None, "en")):
            codes, rows = parallel_rows(place, *asked)
            assert [code[:2] for code in codes] == ["ru", "en"] and [(r["source"], r["target"]) for r in rows] == [PAIRS[0][::-1], (None, "Alone.")]
        for asked in (("en", "ru"), (None, None), ("en", None)):
            codes, rows = parallel_rows(place, *asked)
            assert [code[:2] for code in codes] == ["en", "ru"] and next(rows)["source"] == PAIRS[0][0]


def test_every_parquet_file_of_a_data_set_is_looked_at(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    from align import formats

    for name in ("a", "b"):
        formats.write(Bitext((Row(*PAIRS[0]),), "en", "ru"), tmp_path / f"{name}.parquet")
    whole = (tmp_path / "b.parquet").read_bytes()
    (tmp_path / "b.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"b\.parquet is not Parquet, cut short or damaged"):
        parallel_rows(tmp_path)
    (tmp_path / "b.parquet").write_bytes(whole[:4] + b"\0" * 200 + whole[204:])
    with pytest.raises(InputError, match=r"b\.parquet is not Parquet, cut short or damaged"):
        list(parallel_rows(tmp_path)[1])
    pq.write_table(pa.table({"source": ["a"]}), tmp_path / "b.parquet")
    with pytest.raises(InputError, match="expected files of one kind"):
        parallel_rows(tmp_path)
    for wrong in ({"source": [b"a"], "target": ["b"]}, {"translation": [{"en": 1, "ru": "b"}]}, {"source": ["a"], "target": ["b"], "source_language": [5]}):
        pq.write_table(pa.table(wrong), tmp_path / "b.parquet")
        with pytest.raises(InputError, match=r"b\.parquet: the column .* holds .*; expected text"):
            parallel_rows(tmp_path / "b.parquet", "en", "ru")
    pq.write_table(pa.table({"source": ["zqzqzq"], "target": ["b"]}), tmp_path / "b.parquet", compression="none", use_dictionary=False)
    (tmp_path / "b.parquet").write_bytes((tmp_path / "b.parquet").read_bytes().replace(b"zqzqzq", b"zq\xa0qzq"))
    with pytest.raises(InputError, match="damaged"):
        list(parallel_rows(tmp_path / "b.parquet", "en", "ru")[1])
