"""Every format: round trips over nasty text, second readers, foreign files, errors that say what to do."""

from __future__ import annotations

import gzip
import io
import json
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from align import formats
from align.bitext import Bead, Bitext, Evidence, InputError, OptionError, Row, Verdict
from align.formats import dumps, format_beads, from_dataset, loads, parse_beads, pieces, read, to_dataset, write
from tests.nasty import bitexts, example, ids, plain_rows


@pytest.mark.parametrize("name", ["tmx", "tsv", "csv", "jsonl", "xlf"])
@settings(max_examples=150, deadline=None)
@given(bitext=bitexts)
def test_what_is_written_is_read_back_unchanged(name, bitext):
    again = loads(dumps(bitext, name), name)
    assert again.rows == bitext.rows
    assert (again.source_language, again.target_language) == ("en", "ru")


def test_jsonl_keeps_evidence_and_puts_the_keys_first():
    text = dumps(example(), "jsonl")
    assert loads(text, "jsonl").rows == example().rows
    assert text.startswith('{"source": "One.", "target": "Раз.", "score": 0.98, "similarity": 0.81, "type": "1-1", "origin_source": "human", ')


@pytest.mark.parametrize("name", ["tmx", "xlf", "xlsx", "parquet"])
def test_what_a_bitext_says_of_itself_is_kept(name):
    again = loads(b"".join(pieces(example(), name)), name)
    assert (again.encoder, again.options, again.version, again.notes) == ("use@1", {"band": 10}, "0.1.0", ("source: guessed",))
    assert again.verdict == Verdict("versions", "why", {"paired": 0.9})
    assert plain_rows(again) == plain_rows(example())


def test_tmx_opens_in_translate_toolkit(tmp_path):
    from translate.storage.tmx import tmxfile

    path = tmp_path / "a.tmx"
    bitext = Bitext((Row("Fish & <chips>", "Рыба"), Row("Two", "Два")), "en", "ru")
    write(bitext, path)
    with path.open("rb") as stream:
        units = tmxfile(stream, "en", "ru").units
    assert [(u.source, u.target) for u in units] == [("Fish & <chips>", "Рыба"), ("Two", "Два")]


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
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


@pytest.mark.parametrize("name", ["tmx", "xlf", "xlsx", "docx"])
@pytest.mark.parametrize("text", ["a\x00b", "a\x0bb", "\ufffe", "\ud800"])
def test_characters_that_xml_cannot_hold_are_refused_and_nothing_is_left_behind(name, text, tmp_path):
    with pytest.raises(InputError, match="row 1 |row 1:"):
        write(Bitext((Row("a", "b"), Row("a", text)), "en", "ru"), tmp_path / f"a.{name}")
    assert list(tmp_path.iterdir()) == []


def test_csv_defuses_formulas_in_every_column_of_text():
    bitext = Bitext((Row("=cmd()", "+1", origin_target="@machine", note="-n", similarity=-0.5),), "en", "ru")
    line = dumps(bitext, "csv").splitlines()[1]
    assert line == "'=cmd(),'+1,,-0.5,1-1,human,'@machine,false,,,'-n,false,en,ru"
    assert loads(dumps(bitext, "csv"), "csv").rows == bitext.rows


def test_lines_may_end_as_on_old_macs_and_a_byte_that_is_not_utf8_is_found():
    assert loads("source,target\ra,\"б\rв\"\rc,д", "csv", source="en", target="ru").rows == (Row("a", "б\rв"), Row("c", "д"))
    for name in ("csv", "tsv", "jsonl"):
        with pytest.raises(InputError, match="line 2 is not UTF-8 at byte 1"):
            loads(b"source,target\na\xff,b\n" if name == "csv" else b"\n\"\xff", name, source="en", target="ru")


def test_a_side_that_a_person_filled_in_a_table_is_human_and_no_more_missing():
    text = dumps(Bitext((Row("a", None, origin_target="missing"),), "en", "ru"), "csv").replace("\na,,", "\na,б,")
    assert loads(text, "csv").rows == (Row("a", "б"),)


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


@pytest.mark.parametrize("name", ["tmx", "xlf", "parquet", "xlsx", "tsv"])
def test_packed_files_are_read_like_others_and_a_cut_one_is_an_input_error(name, tmp_path):
    path = tmp_path / f"a.{name}.gz"
    write(example(), path)
    assert plain_rows(read(path)) == plain_rows(example())
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"cannot read|not"):
        read(path)


@pytest.mark.parametrize("name", ["tmx", "xlf", "tsv", "csv", "xlsx", "jsonl", "parquet", "docx"])
def test_a_bitext_without_rows_is_written_and_read_or_asks_for_its_languages(name):
    data = b"".join(pieces(Bitext((), "en", "ru"), name))
    assert loads(data, name, source="en", target="ru") == Bitext((), "en", "ru")


def test_binary_formats_and_pairs_say_that_they_are_no_text():
    for name, word in (("xlsx", "not text"), ("moses", "pair of files"), ("srt", "pair of files")):
        with pytest.raises(OptionError, match=word):
            dumps(example(), name)
    with pytest.raises(InputError, match="pair of files"):
        loads("", "srt")


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
    with pytest.raises(InputError, match="tmx, xlf, tsv, csv, xlsx, jsonl, parquet, html, docx, beads, moses, srt"):
        write(example(), tmp_path / "a.xyz")


def test_writing_into_a_folder_that_is_not_there_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match=r"cannot write .*no/a.tmx: there is no folder .*no; make it"):
        write(example(), tmp_path / "no" / "a.tmx")


@pytest.mark.parametrize("name", ["tmx", "xlf"])
def test_two_versions_in_one_language_keep_both_sides(name):
    rows = (Row("A.", "B."), Row("C.", None, origin_target="missing"), Row(None, "D.", origin_source="missing"))
    for code in ("en", "und"):
        assert loads(dumps(Bitext(rows, code, code), name), name).rows == rows


@pytest.mark.parametrize("name", ["moses", "srt"])
def test_a_file_a_language_needs_two_languages(name, tmp_path):
    with pytest.raises(OptionError, match="both sides are 'und'"):
        write(Bitext((Row("A.", "B."),), "und", "und"), tmp_path / f"a.{name}")
    assert not list(tmp_path.iterdir())


def test_a_folder_a_device_and_a_pipe_are_not_replaced(tmp_path):
    (tmp_path / "a.tmx").mkdir()
    os.mkfifo(tmp_path / "b.tmx")
    with pytest.raises(InputError, match="it is a folder"):
        write(example(), tmp_path / "a.tmx")
    with pytest.raises(InputError, match="no file that could be replaced"):
        write(example(), tmp_path / "b.tmx")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.tmx", "b.tmx"]


def test_a_link_stays_a_link_and_a_file_keeps_its_mode(tmp_path):
    (tmp_path / "real").mkdir()
    real, link = tmp_path / "real" / "a.tmx", tmp_path / "link.tmx"
    real.write_text("old")
    real.chmod(0o600)
    link.symlink_to(real)
    write(example(), link)
    assert link.is_symlink() and not real.is_symlink()
    assert "<tmx" in real.read_text("utf-8") and real.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in real.parent.iterdir()] == ["a.tmx"]


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


@pytest.mark.parametrize("wrong", [[-7], [10**20]])
@pytest.mark.parametrize("name", ["jsonl", "tsv"])
def test_numbers_that_count_no_sentences_are_refused(name, wrong):
    text = dumps(Bitext((Row("One.", "Раз.", (4321,), (0,)),), "en", "ru"), name).replace("4321", str(wrong[0]))
    with pytest.raises(InputError, match="expected whole numbers from 0"):
        loads(text, name)


def test_a_tsv_of_ours_that_was_cut_says_so():
    text = dumps(Bitext((Row("One.", "Раз."), Row("The river rose and the town was flooded.", "Река поднялась, и город затопило.")), "en", "ru"), "tsv")
    assert loads(text, "tsv").notes == ()
    cut = loads(text[: text.index("и город")], "tsv", source="en", target="ru")
    assert cut.rows[1].target.startswith("Река поднялась") and any("line 3; was the file cut" in note for note in cut.notes)


def test_parquet_with_a_damaged_letter_and_with_too_many_rows_is_refused_in_words(tmp_path, monkeypatch):
    data = b"".join(pieces(Bitext(tuple(Row(f"One {k} zqzqzq", "Раз.") for k in range(3)), "en", "ru"), "parquet"))
    path = tmp_path / "a.parquet"
    import pyarrow.parquet as pq

    pq.write_table(pq.read_table(io.BytesIO(data)), path, compression="none", use_dictionary=False)
    path.write_bytes(path.read_bytes().replace(b"zqzqzq", b"zq\xa0qzq"))
    with pytest.raises(InputError, match="damaged"):
        read(path)
    monkeypatch.setattr("align.formats.parquet.MOST", 2)
    with pytest.raises(InputError, match="3 rows"):
        loads(data, "parquet")


def test_a_line_of_the_other_direction_has_its_evidence_turned_too():
    rival = Bead((1,), (2, 3), 0.25)
    row = Row("Раз.", "One.", (1,), (2,), evidence=Evidence(2.0, ("5",), (), rival))
    lines = dumps(Bitext((Row("Two.", "Два."),), "en", "ru"), "jsonl") + dumps(Bitext((row,), "ru", "en"), "jsonl")
    turned = loads(lines, "jsonl").rows[1]
    assert (turned.source, turned.target, turned.source_ids, turned.target_ids) == ("One.", "Раз.", (2,), (1,))
    assert turned.evidence == Evidence(0.5, ("5",), (), Bead((2, 3), (1,), 0.25))


def test_a_missing_side_has_no_human_author():
    for row, key in ((Row("One.", None), "origin_target"), (Row(None, "Раз."), "origin_source")):
        assert json.loads(dumps(Bitext((row,), "en", "ru"), "jsonl").splitlines()[0])[key] == "missing"


def test_new_files_may_be_read_by_all_and_old_ones_keep_their_mode(tmp_path):
    path = tmp_path / "a.tsv"
    for mode in (0o644, 0o600):
        if path.exists():
            path.chmod(mode)
        write(example(), path)
        assert path.stat().st_mode & 0o777 == mode
