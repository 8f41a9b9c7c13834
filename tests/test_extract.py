"""One language alone from a bitext, and a corrected spreadsheet that comes back, by the commands."""

from __future__ import annotations

import pytest

import align
from align.cli import main


def run(*arguments):
    try:
        main(arguments)
    except SystemExit as stopped:
        return stopped.code or 0
    return 0


@pytest.fixture(scope="module")
def vault(tmp_path_factory):
    path = tmp_path_factory.mktemp("vault") / "vault.jsonl"
    align.save(align.files("samples/seed-vault.en.html", "samples/seed-vault.ru.docx"), path)
    return path


def test_one_side_comes_out_as_text_and_as_a_word_document(vault, tmp_path):
    import docx

    assert run("extract", str(vault), "--side", "target", "-o", str(tmp_path / "ru.txt")) == 0
    assert run("extract", str(vault), "--side", "target", "-o", str(tmp_path / "ru.docx")) == 0
    text = (tmp_path / "ru.txt").read_text("utf-8")
    assert "Объявляю хранилище семян «Скарвен» открытым." in text
    paragraphs = [p.text for p in docx.Document(str(tmp_path / "ru.docx")).paragraphs if p.text]
    assert " ".join(" ".join(paragraphs).split()) == " ".join(text.split())
    assert run("extract", str(vault), "--side", "middle", "-o", str(tmp_path / "x.txt")) == 2
    assert not (tmp_path / "x.txt").exists()


def test_a_corrected_spreadsheet_comes_back(vault, tmp_path):
    import openpyxl

    sheet = tmp_path / "review.xlsx"
    assert run("convert", str(vault), str(sheet)) == 0
    book = openpyxl.load_workbook(sheet)
    page = book.active
    header = [c.value for c in page[1]]
    cell = page.cell(row=13, column=header.index("target") + 1)
    assert "менее 120" in cell.value
    cell.value = cell.value.replace("120", "150")
    book.save(sheet)
    assert run("convert", str(sheet), str(tmp_path / "back.tmx")) == 0
    before, after = align.read(vault), align.read(tmp_path / "back.tmx")
    changed = [k for k, (a, b) in enumerate(zip(before.rows, after.rows, strict=True)) if (a.source, a.target) != (b.source, b.target)]
    assert changed == [11]
    assert "менее 150" in after.rows[11].target
    assert [r.source_ids for r in before.rows] == [r.source_ids for r in after.rows]


@pytest.mark.parametrize("extension", ["xlf", "xlsx", "docx", "parquet", "csv", "html", "tmx"])
def test_align_writes_every_format_by_its_extension(extension, tmp_path):
    out = tmp_path / f"vault.{extension}"
    assert run("align", "samples/seed-vault.en.segmented", "samples/seed-vault.ru.segmented", "--segmented", "-o", str(out)) == 0
    assert out.stat().st_size > 5_000
