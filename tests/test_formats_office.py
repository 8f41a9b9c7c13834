"""Spreadsheets, Word tables, Parquet and subtitles: round trips, opened by the libraries others use, corrected and read back."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest
from hypothesis import given, settings

from align.bitext import Bitext, InputError, Row
from align.formats import loads, pieces, read, to_dataset, write
from tests.nasty import NASTY, bitexts, example, plain_rows


def packed(bitext: Bitext, name: str) -> bytes:
    return b"".join(pieces(bitext, name))


@pytest.mark.parametrize("name", ["xlsx", "parquet"])
@settings(max_examples=60, deadline=None)
@given(bitext=bitexts)
def test_what_is_written_is_read_back_unchanged(name, bitext):
    again = loads(packed(bitext, name), name)
    assert again.rows == bitext.rows
    assert (again.source_language, again.target_language) == ("en", "ru")


@settings(max_examples=40, deadline=None)
@given(bitext=bitexts)
def test_a_word_table_keeps_texts(bitext):
    again = loads(packed(bitext, "docx"), "docx")
    kept = [tuple((t or "").replace("\r\n", "\n").replace("\r", "\n") or None for t in (r.source, r.target)) for r in bitext.rows]
    assert [(r.source, r.target) for r in again.rows] == [k for k in kept if any(k)]
    assert (again.source_language, again.target_language) == ("en", "ru")


@settings(max_examples=60, deadline=None)
@given(bitext=bitexts)
def test_subtitles_keep_the_words_and_pair_by_number(bitext, tmp_path_factory):
    folder = tmp_path_factory.mktemp("srt")
    assert [p.name for p in write(bitext, folder / "film.srt")] == ["film.en.srt", "film.ru.srt"]
    again = read(folder / "film.srt", source="en", target="ru")
    kept = [tuple(None if t is None else t.split() for t in (r.source, r.target)) for r in bitext.rows]
    assert [tuple(None if t is None else t.split() for t in (r.source, r.target)) for r in again.rows] == kept


def test_xlsx_in_openpyxl_has_frozen_header_wrapped_text_and_no_formula():
    from openpyxl import load_workbook

    bitext = Bitext(tuple(Row(text, "б", (1, 2), score=0.5, verified=True) for text in NASTY), "en", "ru")
    book = load_workbook(BytesIO(packed(bitext, "xlsx")))
    sheet = book["rows"]
    lines = list(sheet.iter_rows())
    assert [c.value for c in lines[0]] == [
        "row", "source", "target", "score", "similarity", "type", "origin_source", "origin_target", "verified", "source_ids", "target_ids", "note", "locked",
    ]  # fmt: skip
    assert sheet.freeze_panes == "A2"
    assert [line[0].value for line in lines[1:]] == list(range(len(NASTY)))
    for line, text in zip(lines[1:], NASTY, strict=True):
        cell = line[1]
        assert cell.data_type == "s" or text == ""
        assert cell.quotePrefix and cell.alignment.wrap_text
        if "\r" not in text and "_x" not in text:
            assert (cell.value or "") == text
    assert (lines[1][3].value, lines[1][5].value, lines[1][8].value, lines[1][9].value) == (0.5, "2-1", True, "1 2")
    with zipfile.ZipFile(BytesIO(packed(bitext, "xlsx"))) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def corrected(change, bitext: Bitext | None = None) -> bytes:
    """The workbook of a bitext after `change(sheet)`, saved again by openpyxl as a spreadsheet program would."""
    from openpyxl import load_workbook

    book = load_workbook(BytesIO(packed(bitext or example(), "xlsx")))
    change(book["rows"])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_corrected_spreadsheet_comes_back_in_the_order_of_its_row_numbers():
    def change(sheet):
        sheet["C3"] = "Два."
        sheet["M3"] = True
        sheet.move_range("A2:M2", rows=3)  # sorted another way, a line left empty
        sheet["B6"], sheet["C6"] = "New", 75

    again = loads(corrected(change), "xlsx")
    assert [(r.source, r.target, r.origin_target, r.locked) for r in again.rows] == [
        ("One.", "Раз.", "human", True), ("New", "75", "human", False), ("Two.", "Два.", "human", True),
    ]  # fmt: skip
    assert again.rows[0] == plain_rows(example())[0]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda sheet: sheet.__setitem__("A3", 0), "line 3: row 0 is also .*line 2"),
        (lambda sheet: sheet.__setitem__("A3", "two"), "line 3: row is 'two'"),
        (lambda sheet: sheet.__setitem__("D3", "high"), "line 3: .*high"),
        (lambda sheet: sheet.__setitem__("B3", __import__("datetime").date(2021, 11, 4)), "line 3: source is 2021-11-04"),
        (lambda sheet: sheet.__setitem__("B1", "english"), "expected columns source and target"),
    ],
)
def test_a_spreadsheet_with_a_wrong_cell_says_which_line(change, word):
    with pytest.raises(InputError, match=word):
        loads(corrected(change), "xlsx")


def test_a_foreign_spreadsheet_needs_only_two_columns_and_the_languages():
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["Source", "Target"])
    book.active.append(["a", "б"])
    out = BytesIO()
    book.save(out)
    assert loads(out.getvalue(), "xlsx", source="en", target="ru").rows == (Row("a", "б"),)
    with pytest.raises(InputError, match="--from and --to"):
        loads(out.getvalue(), "xlsx")


def test_a_text_longer_than_a_cell_is_refused():
    with pytest.raises(InputError, match="row 0: source has more than the 32,767"):
        packed(Bitext((Row("😀" * 16_384, "a"),), "en", "ru"), "xlsx")
    longest = Bitext((Row("😀" * 16_383, "a"),), "en", "ru")
    assert loads(packed(longest, "xlsx"), "xlsx").rows == longest.rows


def bloated(part: str, content: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(part, content)
    return out.getvalue()


@pytest.mark.parametrize(("name", "part"), [("xlsx", "xl/workbook.xml"), ("docx", "word/document.xml")])
@pytest.mark.parametrize(
    ("data", "word"),
    [
        (lambda part: b"", "cut short|is not"),
        (lambda part: b"PK\x03\x04broken", "cut short"),
        (lambda part: bloated("other.txt", b"x"), "it has no"),
        (lambda part: bloated(part, b"<a/>"), "can be read"),
        (lambda part: bloated(part, b"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>"), "declares XML entities"),
        (lambda part: bloated(part, b" " * 30_000_000), "unpacks to more than"),
    ],
)
def test_archives_that_are_broken_bloated_or_of_another_kind_are_input_errors(name, part, data, word):
    with pytest.raises(InputError, match=word):
        loads(data(part), name, source="en", target="ru")


def test_docx_in_python_docx_is_a_table_whose_header_repeats():
    from docx import Document

    bitext = Bitext((Row("a\n=b\tc", None, origin_target="missing"), Row("<b>", "שלום")), "en", "he")
    table = Document(BytesIO(packed(bitext, "docx"))).tables[0]
    assert [[c.text for c in row.cells] for row in table.rows] == [["en", "he"], ["a\n=b\tc", ""], ["<b>", "שלום"]]
    assert table.rows[0]._tr.xpath("w:trPr/w:tblHeader") and not table.rows[1]._tr.xpath("w:trPr/w:tblHeader")
    assert [bool(c._tc.xpath(".//w:bidi")) for c in table.rows[2].cells] == [False, True]


def test_corrections_with_changes_tracked_come_back_accepted():
    from docx import Document
    from docx.oxml import parse_xml

    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" w:id="1" w:author="x"'
    document = Document(BytesIO(packed(Bitext((Row("One.", "Раз."), Row("Two.", "Два."), Row("Three.", "Три.")), "en", "ru"), "docx")))
    replaced, longer = (document.tables[0].rows[k].cells[1].paragraphs[0]._p for k in (1, 2))
    for run in list(replaced):
        replaced.remove(run)
    replaced.append(parse_xml(f"<w:del {space}><w:r><w:delText>Раз.</w:delText></w:r></w:del>"))
    replaced.append(parse_xml(f"<w:ins {space}><w:r><w:t>Один.</w:t></w:r></w:ins>"))
    longer.append(parse_xml(f'<w:ins {space}><w:r><w:t xml:space="preserve"> И ещё.</w:t></w:r></w:ins>'))
    document.tables[0].rows[3]._tr.get_or_add_trPr().append(parse_xml(f"<w:del {space}/>"))
    out = BytesIO()
    document.save(out)
    assert [(r.source, r.target) for r in loads(out.getvalue(), "docx").rows] == [("One.", "Один."), ("Two.", "Два. И ещё.")]


def test_a_word_file_without_such_a_table_says_what_is_expected():
    from docx import Document

    document = Document()
    document.add_table(rows=1, cols=3)
    out = BytesIO()
    document.save(out)
    with pytest.raises(InputError, match="no table of two columns"):
        loads(out.getvalue(), "docx")


def test_parquet_opens_in_pyarrow_and_as_a_data_set(tmp_path):
    import datasets
    import pyarrow.parquet as pq

    write(example(), tmp_path / "a.parquet")
    table = pq.read_table(tmp_path / "a.parquet")
    assert table.column_names == [
        "source", "target", "score", "similarity", "type", "origin_source", "origin_target", "verified", "source_ids", "target_ids",
        "note", "locked", "evidence", "source_language", "target_language",
    ]  # fmt: skip
    assert table.column("source_ids").to_pylist() == [[0], [1]] and table.column("target").to_pylist() == ["Раз.", None]
    dataset = datasets.load_dataset("parquet", data_files=str(tmp_path / "a.parquet"), cache_dir=str(tmp_path / "cache"), split="train")
    assert dataset[0]["target"] == "Раз." and dataset[1]["origin_target"] == "missing" and dataset[0]["score"] == 0.98
    assert read(tmp_path / "a.parquet").rows == example().rows  # evidence too


def test_parquet_of_a_data_set_is_read_by_its_translation_column(tmp_path):
    to_dataset(example()).to_parquet(str(tmp_path / "a.parquet"))
    again = read(tmp_path / "a.parquet")
    assert (again.source_language, again.target_language) == ("en", "ru")
    assert [(r.source, r.target, r.score) for r in again.rows] == [("One.", "Раз.", 0.98), ("Two.", None, 0.7)]


def test_parquet_that_is_none_or_lacks_columns_or_holds_half_a_character_is_an_input_error(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pytest.raises(InputError, match="not Parquet"):
        loads(b"PAR1 no", "parquet")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "a.parquet")
    with pytest.raises(InputError, match="has the columns a; expected source and target"):
        read(tmp_path / "a.parquet")
    with pytest.raises(InputError, match="row 1 holds half"):
        packed(Bitext((Row("a", "b"), Row("\ud800", "b")), "en", "ru"), "parquet")


def test_subtitles_last_as_long_as_they_take_to_read(tmp_path):
    write(Bitext((Row("a" * 30, "б"), Row("c", None, origin_target="missing"), Row("d\n\n e", "е")), "en", "ru"), tmp_path / "f.srt")
    assert (tmp_path / "f.en.srt").read_text("utf-8") == (
        f"1\n00:00:00,000 --> 00:00:02,000\n{'a' * 30}\n\n2\n00:00:02,000 --> 00:00:03,000\nc\n\n3\n00:00:03,000 --> 00:00:04,000\nd\ne\n\n"
    )
    assert (tmp_path / "f.ru.srt").read_text("utf-8") == "1\n00:00:00,000 --> 00:00:02,000\nб\n\n3\n00:00:03,000 --> 00:00:04,000\nе\n\n"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("hello\n", "line 1: 'hello' begins no cue"),
        ("1\n00:00:01,000 --> 00:00:02,000\na\n\n1\n00:00:03,000 --> 00:00:04,000\nb\n", "line 5: cue 1 comes twice"),
        ("\n1\n00:00:01 to 2\na\n", "line 2"),
    ],
)
def test_wrong_subtitles_say_which_line(text, word, tmp_path):
    (tmp_path / "f.en.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\na\n", "utf-8")
    (tmp_path / "f.ru.srt").write_text(text, "utf-8")
    with pytest.raises(InputError, match=word):
        read(tmp_path / "f.srt", source="en", target="ru")
    with pytest.raises(InputError, match="--from and --to"):
        read(tmp_path / "f.srt")
