"""bitext projects: the store of the page from the command line."""

from __future__ import annotations

import pytest

import align
from align.bitext import Bitext, Row
from align.cli import main
from align.store import Store
from models import Translation
from tests.page import river


@pytest.fixture
def bitext(tmp_path, monkeypatch, capsys):
    """Runs `bitext projects ...`: (exit code, output, errors)."""
    monkeypatch.setenv("BITEXT_STORE", str(tmp_path / "p.sqlite"))

    def run(*arguments):
        try:
            main(["projects", *map(str, arguments)])
            code = 0
        except SystemExit as end:
            code = end.code or 0
        out = capsys.readouterr()
        return code, out.out, out.err

    return run


def test_projects_are_added_listed_searched_saved_and_removed(bitext, tmp_path):
    align.save(river(), tmp_path / "river.tmx")
    assert bitext("add", tmp_path / "river.tmx", "--name", "The river")[:2] == (0, "1\n")
    assert bitext("list")[1].split("\t")[:3] == ["1", "en-ru", "3 rows"]
    assert bitext("search", "мостом")[1] == "The river\tWe thank the crews.\tМост закрыли. Спасибо всем.\n"
    assert bitext("search", "bridge", "--exact")[1].startswith("The river\t")
    assert bitext("search", "мостом", "--exact")[1] == ""
    assert bitext("describe", 1, "--name", "Flood", "--to", "uk")[0] == 0
    assert bitext("list")[1].split("\t")[1::3] == ["en-uk", "Flood\n"]
    assert bitext("save", 1, "-o", tmp_path / "x.jsonl")[0] == 0
    assert [(r.source, r.target) for r in align.read(tmp_path / "x.jsonl").rows] == [(r.source, r.target) for r in river().rows]
    assert bitext("remove", 1)[0] == 0
    code, out, error = bitext("save", 1, "-o", tmp_path / "y.jsonl")
    assert (code, out) == (2, "") and error.startswith("error: there is no project 1") and not (tmp_path / "y.jsonl").exists()


def test_terms_guide_filling_and_comparisons_are_kept(bitext, tmp_path, monkeypatch):
    class Engine:
        id, pairs = "engine@1", None

        def translate(self, given, source, target, *, beam=4, alternatives=0):
            return [Translation(f"Перевод {k}.") for k, _ in enumerate(given)]

    asked = []
    real = align.workflow.fill
    monkeypatch.setattr("align.workflow.fill", lambda *given, **named: (asked.append(named["glossary"]), real(*given, **named))[1])
    monkeypatch.setattr("align.translating.translator_for", lambda name, progress=None: lambda source, target: Engine())
    monkeypatch.setattr("models.load_translator", lambda name, source, target, *, progress=None: Engine())
    (tmp_path / "terms.tsv").write_text("# ours\nseed vault\tхранилище семян\nboat = лодка\n", "utf-8")
    assert bitext("glossary", tmp_path / "terms.tsv")[2] == "2 new terms\n"
    assert bitext("glossary", tmp_path / "terms.tsv")[2] == "0 new terms\n"
    assert bitext("glossary", "--from", "ru", "--to", "en")[1] == "лодка\tboat\nхранилище семян\tseed vault\n"
    assert bitext("search", "vaults")[1] == "glossary\tseed vault\tхранилище семян\n"
    with_gap = Bitext((Row("The boat is here.", "Лодка здесь."), Row("It rose.", None, origin_target="missing")), "en", "ru")
    project = Store(tmp_path / "p.sqlite").save("Gap", with_gap).id
    assert bitext("fill", project, "--engine", "any")[2] == "1 rows changed\n"
    assert asked == [[("boat", "лодка"), ("seed vault", "хранилище семян")]]
    assert bitext("compare", project, "--engines", "any", "--last", "0")[1].startswith("1 engine on 1 row, 1 with a human version: any ")
    (tmp_path / "bad.tsv").write_text("seed vault\n", "utf-8")
    code, _, error = bitext("glossary", tmp_path / "bad.tsv")
    assert code == 2 and "line 1: expected source term TAB target term" in error


def test_the_languages_of_an_added_file_may_have_three_letters_or_a_name(bitext, tmp_path):
    (tmp_path / "a.tsv").write_text("Peace.\tМир.\n", "utf-8")
    assert bitext("add", tmp_path / "a.tsv", "--from", "eng_Latn", "--to", "Russian")[0] == 0
    assert bitext("list")[1].split("\t")[1] == "en-ru"


def test_a_name_with_tabs_is_one_cell_and_rows_that_were_filled_are_counted(bitext, tmp_path, monkeypatch, shouting):
    between = [Row(f"We thank crew {k}.", f"Спасибо бригаде {k}.") for k in range(5)]
    gaps = [Row(text, None, origin_target="missing") for text in ("It rose.", "It fell.")]
    project = Store(tmp_path / "p.sqlite").save("a\tb\nc", Bitext((gaps[0], *between, gaps[1]), "en", "ru")).id
    assert bitext("list")[1].split("\t")[4:] == ["a b c\n"]
    assert bitext("search", "rose")[1] == "a b c\tIt rose.\t\n"
    assert bitext("fill", project)[2] == "2 rows changed\n"
    assert bitext("fill", project)[2] == "0 rows changed\n"
