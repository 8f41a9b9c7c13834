"""Every format: round trips over nasty text, second readers, foreign files, errors that say what to do."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align import formats
from align.bitext import Bead, Bitext, Evidence, InputError, Row, Verdict
from align.formats import dumps, format_beads, from_dataset, loads, parse_beads, read, to_dataset, write

XML_SAFE = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff", include_characters="\t\n")
NASTY = ["", "=1+1", "'=x", "'", "@x", "-", "a\tb", "line\nbreak", "back\\slash\\t", '"quoted", comma', "&amp; <b>]]>", "שלום", "\u2028", "😀", "  "]
texts = st.one_of(st.sampled_from(NASTY), st.text(XML_SAFE, max_size=30))
sides = st.one_of(st.none(), texts)
unit = st.one_of(st.none(), st.floats(0, 1, allow_nan=False))
ids = st.lists(st.integers(0, 99), max_size=3).map(tuple)


@st.composite
def rows(draw):
    source, target = draw(sides), draw(sides)
    if source is None and target is None:
        source = draw(texts)
    return Row(
        source, target, draw(ids), draw(ids), draw(unit), draw(unit),
        "missing" if source is None else draw(st.sampled_from(["human", "machine:opus-mt-en-ru@1"])),
        "missing" if target is None else draw(st.sampled_from(["human", "machine:opus-mt-en-ru@1"])),
        draw(st.booleans()),
    )  # fmt: skip


bitexts = st.lists(rows(), min_size=1, max_size=5).map(lambda r: Bitext(tuple(r), "en", "ru"))


@pytest.mark.parametrize("name", ["tmx", "tsv", "csv", "jsonl"])
@settings(max_examples=80, deadline=None)
@given(bitext=bitexts)
def test_what_is_written_is_read_back_unchanged(name, bitext):
    again = loads(dumps(bitext, name), name)
    assert again.rows == bitext.rows
    assert (again.source_language, again.target_language) == ("en", "ru")


def example() -> Bitext:
    evidence = Evidence(1.1, ("28",), ("Orlets",), Bead((0,), (0, 1), 0.02))
    return Bitext(
        (Row("One.", "Раз.", (0,), (0,), 0.98, 0.81, evidence=evidence), Row("Two.", None, (1,), (), 0.7, None, origin_target="missing")),
        "en", "ru", encoder="use@1", options={"band": 10}, version="0.1.0", verdict=Verdict("versions", "why", {"paired": 0.9}),
    )  # fmt: skip


def test_jsonl_keeps_evidence_and_puts_the_keys_first():
    text = dumps(example(), "jsonl")
    assert loads(text, "jsonl").rows == example().rows
    assert text.startswith('{"source": "One.", "target": "Раз.", "score": 0.98, "similarity": 0.81, "type": "1-1", "origin_source": "human", ')


def test_tmx_keeps_encoder_options_and_verdict():
    again = loads(dumps(example(), "tmx"), "tmx")
    assert (again.encoder, again.options, again.verdict) == ("use@1", {"band": 10}, Verdict("versions", "why", {"paired": 0.9}))


def test_tmx_opens_in_translate_toolkit(tmp_path):
    from translate.storage.tmx import tmxfile

    path = tmp_path / "a.tmx"
    bitext = Bitext((Row("Fish & <chips>", "Рыба"), Row("Two", "Два")), "en", "ru")
    write(bitext, path)
    with path.open("rb") as stream:
        units = tmxfile(stream, "en", "ru").units
    assert [(u.source, u.target) for u in units] == [("Fish & <chips>", "Рыба"), ("Two", "Два")]


def test_foreign_tmx_with_regions_inline_tags_and_a_doctype_is_read():
    text = """<?xml version="1.0"?><!DOCTYPE tmx SYSTEM "tmx14.dtd"><tmx version="1.1"><header srclang="EN-US"/><body>
    <tu><tuv xml:lang="en-US"><seg>Press <bpt i="1">&lt;b></bpt>OK<ept i="1">&lt;/b></ept> <hi>now</hi>.</seg></tuv>
    <tuv lang="ru-RU"><seg>Нажмите OK.</seg></tuv></tu></body></tmx>"""
    bitext = loads(text, "tmx", target="ru")
    assert [(r.source, r.target) for r in bitext.rows] == [("Press OK now.", "Нажмите OK.")]


def test_tmx_with_three_languages_asks_which_two():
    tuvs = "".join(f'<tuv xml:lang="{c}"><seg>{c}</seg></tuv>' for c in ("en", "ru", "fr"))
    text = f'<tmx version="1.4"><header srclang="*all*"/><body><tu>{tuvs}</tu></body></tmx>'
    with pytest.raises(InputError, match="en, ru, fr"):
        loads(text, "tmx")
    assert loads(text, "tmx", source="ru", target="fr").rows[0].target == "fr"


def test_entities_in_tmx_stay_inert(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    text = f'<!DOCTYPE t [<!ENTITY x SYSTEM "file://{secret}">]><tmx version="1.4"><header srclang="en"/><body><tu><tuv xml:lang="en"><seg>a&x;b</seg></tuv></tu></body></tmx>'
    assert (loads(text, "tmx", target="ru").rows[0].source) == "ab"


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("tmx", "<tmx><body><tu>", "not valid TMX"),
        ("jsonl", '{"source": 1}\n', "line 1"),
        ("jsonl", "{oops\n", "line 1 is not JSON"),
        ("jsonl", '{"source": "a", "target": "b"}\n', "--from and --to"),
        ("tsv", "source\ttarget\nonly\n", "line 2"),
        ("csv", 'source,target\n"open,x\n', "not CSV"),
        ("tsv", "source\ttarget\tscore\na\tb\thigh\n", "line 2"),
    ],
)
def test_broken_files_say_where_and_what(name, text, word):
    with pytest.raises(InputError, match=word):
        loads(text, name)


def test_control_characters_are_refused_by_tmx_and_nothing_is_left_behind(tmp_path):
    with pytest.raises(InputError, match="row 0"):
        write(Bitext((Row("a\x00b", "c"),), "en", "ru"), tmp_path / "a.tmx")
    assert list(tmp_path.iterdir()) == []


def test_csv_defuses_formulas():
    text = dumps(Bitext((Row("=cmd()", "+1"),), "en", "ru"), "csv")
    assert text.splitlines()[1].startswith("'=cmd(),'+1,")


def test_two_columns_without_a_header_are_source_and_target():
    assert loads("a\tб\n", "tsv", source="en", target="ru").rows == (Row("a", "б"),)


def test_a_moses_pair_has_as_many_lines_on_both_sides(tmp_path):
    paths = write(example(), tmp_path / "set.moses")
    assert [p.name for p in paths] == ["set.en", "set.ru"]
    assert [p.read_text("utf-8") for p in paths] == ["One.\nTwo.\n", "Раз.\n\n"]
    again = read(tmp_path / "set.moses", source="en", target="ru")
    assert [(r.source, r.target, r.origin_target) for r in again.rows] == [("One.", "Раз.", "human"), ("Two.", None, "missing")]
    (tmp_path / "set.ru").write_text("Раз.\n", "utf-8")
    with pytest.raises(InputError, match="2 lines in en and 1 in ru"):
        read(tmp_path / "set.moses", source="en", target="ru")


def test_files_may_be_packed_with_gzip(tmp_path):
    write(example(), tmp_path / "a.jsonl.gz")
    assert gzip.decompress((tmp_path / "a.jsonl.gz").read_bytes()).decode() == dumps(example(), "jsonl")
    assert read(tmp_path / "a.jsonl.gz").rows == example().rows


def test_a_data_set_keeps_missing_sides_and_comes_back_through_parquet(tmp_path):
    import datasets

    dataset = to_dataset(example())
    assert dataset.features["translation"] == datasets.Translation(languages=["en", "ru"])
    dataset.to_parquet(str(tmp_path / "a.parquet"))
    again = datasets.Dataset.from_parquet(str(tmp_path / "a.parquet"), cache_dir=str(tmp_path / "cache"))
    assert again.to_list() == dataset.to_list()
    back = from_dataset(again)
    assert [(r.source, r.target, r.score, r.source_ids, r.origin_target) for r in back.rows] == [
        (r.source, r.target, r.score, r.source_ids, r.origin_target) for r in example().rows
    ]


def test_an_unknown_format_lists_what_there_is(tmp_path):
    with pytest.raises(InputError, match="tmx, tsv, csv, jsonl"):
        write(example(), tmp_path / "a.xyz")


def test_writing_into_a_folder_that_is_not_there_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="cannot write"):
        write(example(), tmp_path / "no" / "a.tmx")


def test_beads_are_written_like_vecaligns_and_read_with_or_without_scores():
    beads = [Bead((0,), (0, 1), 0.98), Bead((), (2,), 1.0)]
    assert "".join(format_beads(beads)) == "[0]:[0, 1]:0.98\n[]:[2]:1\n"
    assert parse_beads("# gold\n[0]:[0, 1]:0.98\n\n[ ] : [2]\n") == beads
    with pytest.raises(InputError, match="line 2"):
        parse_beads("[0]:[0]\n[1:[2]\n")


@given(st.lists(st.builds(Bead, ids, ids, st.sampled_from([0.0, 0.5, 0.1234, 1.0])), max_size=5))
def test_beads_round_trip(beads):
    assert parse_beads("".join(format_beads(beads))) == beads


def test_a_bead_file_cannot_be_read_as_a_bitext(tmp_path):
    (tmp_path / "a.beads").write_text("[0]:[0]\n")
    with pytest.raises(InputError, match="no texts"):
        read(tmp_path / "a.beads")


def test_every_format_of_the_table_can_be_loaded():
    for name, form in formats.FORMATS.items():
        assert callable(formats._call(form, form.dump)), name
        assert form.load is None or callable(formats._call(form, form.load)), name
