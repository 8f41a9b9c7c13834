"""The HTML reader and one language alone: what people read."""

from __future__ import annotations

import csv
import gzip
import json
import re
import shutil
import subprocess
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from io import BytesIO, StringIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from lxml import html

from align.bitext import Bitext, Document, InputError, OptionError, Row, Verdict
from align.formats import dumps, loads, read, write
from align.formats.single import dump_side, write_side
from tests.nasty import NASTY, bitexts, example, sentences


def page(bitext: Bitext) -> html.HtmlElement:
    return html.document_fromstring(dumps(bitext, "html").encode())


@settings(max_examples=60, deadline=None)
@given(bitext=bitexts)
def test_every_text_of_the_page_is_escaped(bitext):
    said = dumps(replace(bitext, notes=tuple(NASTY), verdict=Verdict("unclear", "".join(NASTY))), "html")
    tree = html.document_fromstring(said.encode())
    assert len(tree.xpath("//script")) == 1 and not tree.xpath("//img") and not tree.xpath("//*[@onerror or @style or @onclick]")
    assert said.count("<script") == 1 and "<img" not in said
    lines = tree.xpath("//tbody/tr")
    assert len(lines) == len(bitext.rows)
    for line, row in zip(lines, bitext.rows, strict=True):
        cells = line.xpath("td[@lang]")
        assert [(c.get("lang"), c.get("dir")) for c in cells] == [("en", "ltr"), ("ru", "ltr")]
        for cell, text in zip(cells, (row.source, row.target), strict=True):
            assert (cell.get("class") == "missing") == (text is None)
            assert _words(cell.text_content()) == _words(text or "")


def _words(text: str) -> str:
    return re.sub("[\r\n]+", "\n", re.sub("[\x7f-\x9f\ufffd]", "?", text))


def test_the_page_allows_its_own_style_and_script_and_nothing_else():
    tree = page(example())
    policy = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        digest = b64encode(sha256(tree.xpath(f"//{tag}/text()")[0].encode()).digest()).decode()
        assert f"{rule} 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy
    assert not tree.xpath("//@src") and all(address.startswith("#") for address in tree.xpath("//@href"))
    style = tree.xpath("//style/text()")[0]
    assert "prefers-color-scheme: dark" in style and "@media print" in style and "url(" not in style


def test_the_page_shows_paragraphs_doubtful_rows_and_the_words_of_the_other_formats():
    document = Document("", (), title="A title", source="a.txt", date="2021-11-10")
    bitext = replace(
        example(),
        rows=(*example().rows, Row("Three.", "Три.", (2,), (1,), 0.5, verified=True), Row("Four.", "Четыре.", (3,), (2,), 0.95, origin_target="machine:x")),
        source_document=document,
        source_sentences=sentences("One.|Two.", "Three.|Four."),
    )
    tree = page(bitext)
    assert [len(body.xpath("tr")) for body in tree.xpath("//tbody")] == [2, 2]
    assert tree.xpath("//tr/@id") == ["row-0", "row-1", "row-2", "row-3"]
    assert tree.xpath("//tr[contains(@class, 'doubtful')]/@id") == ["row-1"]
    assert [[s.text_content() for s in facts.xpath("span")] for facts in tree.xpath("//td[@class='facts']")] == [
        ["1-1 0.98", "locked", "checked & kept"], ["1-0 0.70", "target missing"], ["1-1 0.50", "verified"], ["1-1 0.95", "target machine:x"],
    ]  # fmt: skip
    assert tree.xpath("//td[@class='facts']/@title")[0] == "similarity 0.81; numbers 28; names Orlets"
    assert [tree.findtext(f".//{tag}") for tag in ("title", "h1")] == ["A title", "A title"]
    assert tree.xpath("//p[@class='verdict']")[0].text_content() == "versions why"
    assert "4 rows, 1 doubtful" in tree.xpath("//p[@class='count']")[0].text_content()


def test_a_page_without_rows_says_so_and_right_to_left_is_marked():
    assert "no rows" in page(Bitext((), "en", "ru")).xpath("//p[@class='count']")[0].text_content()
    assert page(Bitext((Row("a", "ب"),), "und", "ar-EG")).xpath("//td[@lang]/@dir") == ["auto", "rtl"]


def test_a_page_cannot_be_read_back(tmp_path):
    with pytest.raises(InputError, match="made for reading"):
        read(tmp_path / "a.html")


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")
def test_a_real_browser_runs_the_page_and_nothing_of_the_texts(tmp_path):
    bitext = Bitext(tuple(Row(text, text) for text in NASTY), "en", "ru")
    keys = "<script>document.title = 'broken into'</script>"
    path = tmp_path / "a.html"
    path.write_text(dumps(bitext, "html").replace("</body>", keys + "</body>"), "utf-8", errors="replace")
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", f"file://{path}#row-2"]
    said = subprocess.run(command, check=True, capture_output=True, timeout=60).stdout.decode()
    tree = html.document_fromstring(said)
    assert tree.get("data-keys") == "on", "the page's own script ran"
    assert tree.findtext(".//title") == "en and ru", "a script that is not the page's own did not"
    assert not tree.xpath("//img") and len(tree.xpath("//tbody/tr")) == len(NASTY)


def two_paragraphs() -> Bitext:
    """Two paragraphs of source, three of target; row 2 has no target sentence, row 4 an edited source, row 5 no target at all."""
    rows = (
        Row("A.", "А.", (0,), (0,)),
        Row("B.", "Б.", (1,), (1,)),
        Row("C.", "В (перевод).", (2,), (), origin_target="machine:x"),
        Row("D.", "Г.", (3,), (2,)),
        Row("E, edited.", "Д.", (4,), (3,)),
        Row("F.", None, (5,), (), origin_target="missing"),
    )
    return Bitext(rows, "en", "ru", sentences("A.|B.", "C.|D.|E.|F."), sentences("А.|Б.", "Г.", "Д."))


def test_one_side_keeps_its_paragraphs_and_the_rows_are_the_truth():
    assert dump_side(two_paragraphs(), "source", "txt").decode() == "A. B.\n\nC. D. E, edited. F.\n"
    assert dump_side(two_paragraphs(), "target", "txt").decode() == "А. Б.\n\nВ (перевод). Г.\n\nД.\n"


def test_without_sentences_every_row_is_a_paragraph_and_missing_sides_are_passed_over():
    bitext = Bitext((Row("a\nb", None, origin_target="missing"), Row(" ", "б"), Row("c", "в")), "en", "ru")
    assert dump_side(bitext, "source", "txt") == b"a b\n\nc\n"
    assert dump_side(bitext, "target", "txt").decode() == "б\n\nв\n"
    assert dump_side(Bitext((), "en", "ru"), "target", "txt") == b""


def test_sentences_that_stand_together_in_the_document_stay_together():
    rows = (Row("a", "一。", (0,), (0,)), Row("b", "二。", (1,), (1,)), Row("c", "三。", (2,), (), origin_target="machine:x"))
    together = tuple(replace(s, start=s.id, end=s.id + 1) for s in sentences("一。|二。"))
    bitext = Bitext(rows, "en", "zh", sentences("a|b|c"), together)
    assert dump_side(bitext, "target", "txt").decode() == "一。二。三。\n"
    assert dump_side(bitext, "source", "txt").decode() == "a b c\n"


def test_one_side_as_word_has_the_same_paragraphs(tmp_path):
    from docx import Document as open_word

    assert write_side(two_paragraphs(), "target", tmp_path / "a.ru.docx") == tmp_path / "a.ru.docx"
    word = open_word(str(tmp_path / "a.ru.docx"))
    assert [p.text for p in word.paragraphs] == ["А. Б.", "В (перевод). Г.", "Д."]
    assert word.core_properties.language == "ru"
    assert not open_word(BytesIO(dump_side(Bitext((), "en", "ru"), "source", "docx"))).paragraphs
    with pytest.raises(InputError, match="row 1"):
        dump_side(Bitext((Row("a", "b"), Row("a\x01b", "c")), "en", "ru"), "source", "docx")


def test_another_side_or_kind_is_an_option_error_and_leaves_no_file(tmp_path):
    with pytest.raises(OptionError, match="side is 'both'; expected source or target"):
        dump_side(example(), "both", "txt")
    with pytest.raises(OptionError, match="'pdf'; expected txt or docx"):
        write_side(example(), "source", tmp_path / "a.pdf")
    with pytest.raises(InputError, match="cannot write"):
        write_side(example(), "source", tmp_path / "no" / "a.txt")
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=60, deadline=None)
@given(bitext=bitexts)
def test_every_word_of_a_side_is_in_its_text_in_order(bitext):
    words = [word for row in bitext.rows for word in (row.source or "").split()]
    assert dump_side(bitext, "source", "txt").decode("utf-8", "surrogatepass").split() == words


def test_gzip_that_unpacks_to_very_much_is_not_read(tmp_path):
    line = b'{"source":"' + b"a" * 30_000_000 + b'","target":"b","source_language":"en","target_language":"ru"}\n'
    (tmp_path / "bomb.jsonl").write_bytes(gzip.compress(line))
    with pytest.raises(InputError, match="unpacks to more than"):
        read(tmp_path / "bomb.jsonl")


@pytest.mark.parametrize(
    "line", ['{"source":"a","target":"b","source_ids":[1e999],"source_language":"en","target_language":"ru"}', '{"source":"a","target":"b","source_language":5,"target_language":"ru"}', '{"source":"a","target":"b","score":' + "9" * 5000 + "}"]
)
def test_impossible_values_are_input_errors(line, tmp_path):
    (tmp_path / "a.jsonl").write_text(line + "\n")
    with pytest.raises(InputError):
        read(tmp_path / "a.jsonl")


def test_a_sheet_with_very_many_notes_can_be_read_again(tmp_path):
    notes = tuple(f"заметка {k} " + "я" * 100 for k in range(60))
    write(Bitext((Row("a", "b"),), "en", "ru", notes=notes), tmp_path / "a.xlsx")
    again = read(tmp_path / "a.xlsx")
    assert again.rows[0].source == "a" and again.notes[:20] == notes[:20] and "did not fit" in again.notes[-1]


MIXED = (
    {"source": "Yes.", "target": "Да.", "source_language": "en", "target_language": "ru", "note": "n"},
    {"source": "Нет.", "target": "No.", "source_language": "ru", "target_language": "en-GB", "origin_target": "model", "source_ids": [4], "target_ids": [5, 6]},
    {"source": "Well.", "target": "Ну."},
)


def _written(kind: str, rows, path):
    if kind == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif kind == "parquet":
        names = dict.fromkeys(name for row in rows for name in row)
        pq.write_table(pa.table({name: [row.get(name) for row in rows] for name in names}), path)
    else:
        names = list(dict.fromkeys(name for row in rows for name in row))
        cells = [[" ".join(map(str, v)) if isinstance(v := row.get(name, ""), list) else v for name in names] for row in rows]
        path.write_text("".join(("\t" if kind == "tsv" else ",").join(line) + "\n" for line in [names, *cells]))
    return path


@pytest.mark.parametrize("kind", ["jsonl", "tsv", "csv", "parquet"])
def test_a_line_that_says_its_languages_the_other_way_round_is_turned(kind, tmp_path):
    path = _written(kind, MIXED, tmp_path / f"a.{kind}")
    for found, source, target in ((read(path), "source", "target"), (read(path, source="ru", target="en"), "target", "source")):
        assert [getattr(row, source) for row in found.rows] == ["Yes.", "No.", "Well."]
        assert [getattr(row, target) for row in found.rows] == ["Да.", "Нет.", "Ну."]
        assert getattr(found.rows[1], f"origin_{source}") == "model" and getattr(found.rows[1], f"{source}_ids") == (5, 6)
    assert (read(path).source_language, read(path).target_language) == ("en", "ru")


@pytest.mark.parametrize("kind", ["jsonl", "tsv", "csv", "parquet"])
def test_a_line_of_another_pair_of_languages_is_named(kind, tmp_path):
    other = {"source": "Ja.", "target": "Да.", "source_language": "de", "target_language": "ru"}
    path = _written(kind, (*MIXED, other), tmp_path / f"a.{kind}")
    place = {"jsonl": "line 4", "parquet": "row 3"}.get(kind, "line 5")
    with pytest.raises(InputError, match=f"{place}: its languages are de and ru, those of the lines before it en and ru"):
        read(path)


def test_lines_may_say_their_languages_more_or_less_exactly(tmp_path):
    rows = [{"source": "a", "target": "b", "source_language": one, "target_language": two} for one, two in (("pt-PT", "pt-BR"), ("pt-BR", "pt-PT"))]
    assert [row.source for row in read(_written("jsonl", rows, tmp_path / "a.jsonl")).rows] == ["a", "b"]
    rows = [{"source": "a", "target": "b", "source_language": one, "target_language": two} for one, two in (("en-US", ""), ("en", "ru"), ("", "en_GB"), ("ru", "en"))]
    found = read(_written("tsv", rows, tmp_path / "a.tsv"))
    assert ([row.source for row in found.rows], found.source_language, found.target_language) == (["a", "a", "b", "b"], "en-US", "ru")


def _through_a_spreadsheet(tsv: str, end: str = "\r\n") -> str:
    out = StringIO()
    csv.writer(out, "excel-tab", lineterminator=end).writerows(line.split("\t") for line in tsv.rstrip("\n").split("\n"))
    return out.getvalue()


def test_our_tsv_that_a_spreadsheet_saved_has_its_texts_again():
    texts = ('He said "yes", \\ twice.', '"Yes." He\tleft.', "plain", '"Whole, quoted."', '"a ""b"" c"', '""""')
    for some in (texts, texts[:2], texts[1:], texts[4:]):
        bitext = Bitext(tuple(Row(text, f"{text} я") for text in some), "en", "ru")
        ours = dumps(bitext, "tsv")
        for tsv in (ours, _through_a_spreadsheet(ours), _through_a_spreadsheet(ours, "\n")):
            assert loads(tsv, "tsv").rows == bitext.rows


def test_our_tsv_with_texts_in_quotes_stays_as_it_is():
    for some in (('"Yes."', '"No."', "It."), ('"Yes."', 'He said "no".', '"It, too."')):
        bitext = Bitext(tuple(Row(text, "я") for text in some), "en", "ru")
        assert loads(dumps(bitext, "tsv"), "tsv").rows == bitext.rows
    scored = dumps(Bitext((Row("a, b", "б", score=0.5),), "en", "ru"), "tsv").replace("a, b\t", '"a, b"\t').replace("\t0.5\t", '\t"0,5"\t')
    assert (loads(scored, "tsv").rows[0].source, loads(scored, "tsv").rows[0].score) == ("a, b", 0.5)


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\r\r\n"])
def test_lines_of_a_tsv_may_end_in_a_carriage_return_alone(end):
    text = end.join(["source\ttarget", "One.\tРаз.", "Two.\tДва.", ""])
    assert [(row.source, row.target) for row in loads(text.encode(), "tsv", source="en", target="ru").rows] == [("One.", "Раз."), ("Two.", "Два.")]
    inside = loads("source\ttarget\nOne\rmore.\tРаз.\n", "tsv", source="en", target="ru")
    assert inside.rows[0].source == "One\rmore."
