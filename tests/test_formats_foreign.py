"""TMX and XLIFF that other tools write, and files that are made to do harm."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from lxml import etree

from align.bitext import Bitext, InputError, Row
from align.formats import dumps, loads, pieces, read, write
from tests.nasty import example


def pairs(bitext: Bitext) -> list[tuple[str | None, str | None]]:
    return [(r.source, r.target) for r in bitext.rows]


def tmx(units: str, header: str = '<header srclang="en"/>', start: str = '<tmx version="1.4">') -> str:
    return f'<?xml version="1.0"?>\n{start}{header}<body>\n{units}\n</body></tmx>'


def tu(**texts: str) -> str:
    return "<tu>" + "".join(f'<tuv xml:lang="{code.replace("_", "-")}"><seg>{text}</seg></tuv>' for code, text in texts.items()) + "</tu>\n"


def test_tmx_1_1_with_regions_inline_tags_and_a_doctype():
    seg = (
        'Press <bpt i="1">&lt;b><sub>alt</sub></bpt>OK<ept i="1">&lt;/b></ept> <hi type="x">no<hi>w</hi></hi><ut>{\\f1}</ut><!-- no -->, '
        '<ph>%s</ph>then<it pos="begin">&lt;i></it><?pi?>.'
    )
    text = f"""<?xml version="1.0"?><!DOCTYPE tmx SYSTEM "tmx11.dtd"><tmx version="1.1"><header srclang="EN-US"/><body>
    <tu><tuv xml:lang="en-US"><seg>{seg}</seg></tuv><tuv lang="ru-RU"><seg>Нажмите OK.</seg></tuv></tu></body></tmx>"""
    bitext = loads(text, "tmx", target="ru")
    assert pairs(bitext) == [("Press OK now, then.", "Нажмите OK.")]
    assert (bitext.source_language, bitext.target_language) == ("EN-US", "ru")


def test_tmx_in_a_namespace_in_utf16_without_a_header():
    text = tmx(tu(en="a", ru="б"), header="", start='<tmx xmlns="http://www.lisa.org/tmx14" version="1.4">').replace('"1.0"', '"1.0" encoding="UTF-16"')
    assert pairs(loads(text.encode("utf-16"), "tmx")) == [("a", "б")]


def test_units_without_either_side_are_passed_over_and_those_with_one_are_kept():
    text = tmx(tu(en="a", ru="б", fr="c") + tu(fr="d", de="e") + tu(ru="ж") + "<tu></tu>" + '<tu><tuv xml:lang="ru"/></tu>')
    bitext = loads(text, "tmx", source="en", target="ru")
    assert pairs(bitext) == [("a", "б"), (None, "ж")]
    assert bitext.rows[1].origin_source == "missing"


def test_three_languages_ask_which_two():
    text = tmx(tu(en="one", ru="два", fr="trois"), header='<header srclang="*all*"/>')
    with pytest.raises(InputError, match="en, ru, fr"):
        loads(text, "tmx")
    assert pairs(loads(text, "tmx", source="ru", target="fr")) == [("два", "trois")]
    assert pairs(loads(tmx(tu(en="a", ru="б"), header='<header srclang="en"/>'), "tmx")) == [("a", "б")]
    assert pairs(loads(tmx(tu(ru="б", en="a"), header="<header/>"), "tmx", target="ru")) == [("a", "б")]


def test_a_file_may_be_read_the_other_way_round():
    again = loads(dumps(Bitext((Row("a", "б"),), "en", "ru"), "tmx"), "tmx", source="ru")
    assert (again.source_language, again.target_language, pairs(again)) == ("ru", "en", [("б", "a")])
    again = loads(dumps(Bitext((Row("a", "б"),), "en", "ru"), "xlf"), "xlf", source="ru")
    assert (again.source_language, again.target_language, pairs(again)) == ("ru", "en", [("б", "a")])


def test_regions_of_one_language_are_told_apart_when_both_are_asked_for():
    text = tmx(tu(pt_BR="ônibus", pt_PT="autocarro", pt="x"))
    assert pairs(loads(text, "tmx", source="pt-BR", target="pt-PT")) == [("ônibus", "autocarro")]
    assert pairs(loads(tmx(tu(en_GB="lift", en_US="elevator", ru="лифт")), "tmx", source="en-US", target="ru")) == [("elevator", "лифт")]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("<tmx><body><tu>", "not valid TMX: .*line 1"),
        (tmx("<tu>\n<tuv xml:lang='en'><seg>a</tuv></tu>"), "line 4"),
        (tmx("<tu><tuv><seg>a</seg></tuv></tu>"), "line 3: a <tuv> does not say its language"),
        (tmx('<tu><prop type="x-score">high</prop><tuv xml:lang="ru"><seg>a</seg></tuv></tu>'), "line 3: .*high"),
        (tmx(tu(en="a")), "does not say its languages"),
        (tmx(tu(en="a", ru="b"), header='<header srclang="en"><prop type="x-options">{</prop></header>'), "options"),
        ("<html><body><tu/></body></html>", "outermost element is <html>, expected <tmx>"),
        ("not xml", "not valid TMX"),
        ("", "not valid TMX"),
    ],
)
def test_wrong_tmx_says_which_line(text, word):
    with pytest.raises(InputError, match=word):
        loads(text, "tmx", target=None)


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)) + "]>"


@pytest.mark.parametrize("name", ["tmx", "xlf"])
def test_entities_are_never_resolved(name, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    body = {
        "tmx": '<tmx version="1.4"><header srclang="en"/><body><tu><tuv xml:lang="en"><seg>a&i;b</seg></tuv></tu></body></tmx>',
        "xlf": '<xliff version="1.2"><file source-language="en" target-language="ru"><body><trans-unit id="1"><source>a&i;b</source></trans-unit></body></file></xliff>',
    }[name]
    for start in (BOMB, f'<!DOCTYPE x [<!ENTITY i SYSTEM "file://{secret}">]>', f'<!DOCTYPE x [<!ENTITY % p SYSTEM "file://{secret}"> %p;<!ENTITY i "x">]>'):
        with pytest.raises(InputError, match="entities|Entity|amplification"):
            loads(start + body, name, target="ru")
    with pytest.raises(InputError, match="line 1: the entity &i; is not known"):
        loads('<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">' + body, name, target="ru")


def xliff12(units: str, **more: str) -> str:
    attributes = {"source-language": "en", "target-language": "ru"} | {k.replace("_", "-"): v for k, v in more.items()}
    said = " ".join(f'{k}="{v}"' for k, v in attributes.items() if v)
    return f'<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">\n<file {said} original="x" datatype="plaintext"><body>\n{units}\n</body></file></xliff>'


def test_xliff_1_2_with_inline_elements_groups_and_suggestions():
    inner = 'Press <g id="1">O<x id="2"/>K</g><bx id="3"/><ph id="4">%s</ph> <bpt id="5">&lt;b></bpt><mrk mtype="term">now</mrk><ept id="5">&lt;/b></ept><ex id="3"/>.'
    text = xliff12(
        f'<group id="g"><trans-unit id="1" approved="yes"><source>{inner}</source><target>Нажмите.</target><note>mind</note><note>this</note>'
        "<alt-trans><source>wrong</source><target>неверно</target></alt-trans></trans-unit></group>"
        '<trans-unit id="2"><source>Two</source></trans-unit><trans-unit id="3"><source>Three</source><target state="final"/></trans-unit>'
    )
    bitext = loads(text, "xliff")
    assert pairs(bitext) == [("Press OK now.", "Нажмите."), ("Two", None), ("Three", "")]
    assert [(r.verified, r.note) for r in bitext.rows] == [(True, "mind\nthis"), (False, ""), (True, "")]


def test_xliff_1_2_that_was_segmented_gives_a_row_for_each_segment():
    seg = '<mrk mtype="seg" mid="{}">{}</mrk>'
    text = xliff12(
        f"<trans-unit id='1'><source>One. Two.</source><seg-source><g id='1'>{seg.format(0, 'One.')}</g> {seg.format(1, 'Two.')}</seg-source>"
        f"<target>{seg.format(1, 'Два.')} {seg.format(0, 'Раз.')}</target></trans-unit>"
        f"<trans-unit id='2'><source>A. B.</source><seg-source>{seg.format(0, 'A.')} {seg.format(1, 'B.')}</seg-source><target>А. Б.</target></trans-unit>"
    )
    assert pairs(loads(text, "xlf")) == [("One.", "Раз."), ("Two.", "Два."), ("A. B.", "А. Б.")]


def test_xliff_2_with_segments_and_inline_elements():
    text = """<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.0" srcLang="en-US" trgLang="ru-RU">
    <file id="f"><group id="g"><unit id="1"><originalData><data id="d">&lt;b></data></originalData>
    <segment id="s" state="final"><source>Press <pc id="1" dataRefStart="d">O<cp hex="004B"/></pc><ph id="2"/><sm id="m"/> now<em startRef="m"/><mrk id="3">!</mrk></source>
    <target>Жмите<sc id="4"/>!<ec startRef="4"/></target></segment><ignorable><source> </source></ignorable>
    <segment><source>Two</source></segment></unit></group></file></xliff>"""
    bitext = loads(text, "xlf")
    assert pairs(bitext) == [("Press OK now!", "Жмите!"), ("Two", None)]
    assert [r.verified for r in bitext.rows] == [True, False]
    assert (bitext.source_language, bitext.target_language) == ("en-US", "ru-RU")


def test_xliff_of_several_files_takes_the_languages_that_were_asked_for():
    one = xliff12("<trans-unit id='1'><source>a</source><target>б</target></trans-unit>")
    file = one[one.index("<file") : one.index("</xliff>")]
    text = one.replace("</xliff>", file.replace('"ru"', '"fr"').replace("б", "f") + "</xliff>")
    assert pairs(loads(text, "xlf", source="en", target="fr")) == [("a", None), ("a", "f")]
    with pytest.raises(InputError, match="holds the languages en, ru, fr"):
        loads(text, "xlf")
    no_target = xliff12("<trans-unit id='1'><source>a</source><target xml:lang='ru'>б</target></trans-unit>", target_language="")
    assert pairs(loads(no_target, "xlf")) == [("a", "б")]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (xliff12("<trans-unit id='1'><target>b</target></trans-unit>"), "line 3: a <trans-unit> has no <source>"),
        (xliff12("<trans-unit id='1'><source>a</source><target>b</target></trans-unit>", target_language=""), "line 3: no language"),
        (xliff12("<trans-unit id='1'>\n<source>a</trans-unit>"), "not valid XLIFF: .*line 4"),
        (xliff12("<trans-unit id='1'><source>a<cp hex='zz'/></source></trans-unit>"), "line 3: <cp hex='zz'>"),
        ("<tmx/>", "outermost element is <tmx>, expected <xliff>"),
    ],
)
def test_wrong_xliff_says_which_line(text, word):
    with pytest.raises(InputError, match=word):
        loads(text, "xlf")


def test_xlf_opens_in_translate_toolkit_and_stands_as_xliff_2_1_asks(tmp_path):
    from translate.storage.xliff2 import Xliff2File

    bitext = Bitext((*example().rows, Row("Fish & <chips>\n ]]>", " Рыба ", verified=True)), "en", "ru", encoder="e")
    write(bitext, tmp_path / "a.xlf")
    with (tmp_path / "a.xlf").open("rb") as stream:
        units = Xliff2File.parsefile(stream).units
    assert [(u.source, u.target) for u in units] == [("One.", "Раз."), ("Two.", None), ("Fish & <chips>\n ]]>", " Рыба ")]
    core = "{urn:oasis:names:tc:xliff:document:2.0}"
    root = etree.parse(tmp_path / "a.xlf").getroot()
    assert dict(root.attrib) == {"version": "2.1", "srcLang": "en", "trgLang": "ru"}
    meta = "{urn:oasis:names:tc:xliff:metadata:2.0}metadata"
    assert [[c.tag for c in unit] for unit in root.iter(f"{core}unit")] == [
        [meta, f"{core}notes", f"{core}segment"], [meta, f"{core}segment"], [meta, f"{core}segment"]
    ]  # fmt: skip
    assert [s.get("state") for s in root.iter(f"{core}segment")] == ["translated", "initial", "reviewed"]
    assert len({u.get("id") for u in root.iter(f"{core}unit")}) == 3


def test_xml_is_read_and_written_in_memory_that_does_not_grow_with_the_file(tmp_path):
    """The tree of the file alone would take some ten times its bytes."""
    import subprocess
    import sys

    write(Bitext((Row("a" * 200, "б" * 200, (1,), (1,), 0.5),) * 30_000, "en", "ru"), tmp_path / "a.tmx")
    code = (
        "import sys; from align.formats import tmx; from lxml import etree; from pathlib import Path\n"
        "peak = lambda: next(int(line.split()[1]) for line in Path('/proc/self/status').read_text().splitlines() if line.startswith('VmHWM'))\n"
        "tmx.row_of = lambda values, where: None\nbefore = peak()\n"
        "count = len(tmx.load(open(sys.argv[1], 'rb'), 'x', None, None))\nprint(count, peak() - before)"
    )
    said = subprocess.run([sys.executable, "-c", code, str(tmp_path / "a.tmx")], check=True, capture_output=True, text=True).stdout.split()
    assert int(said[0]) == 30_000
    assert int(said[1]) < 8_000, "kB more than before reading 20 MB"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("csv", "source,target\nOne.,\nTwo.,Два.\n"),
        ("tsv", "source\ttarget\nOne.\t \nTwo.\tДва.\n"),
        ("jsonl", '{"source": "One.", "target": "", "source_language": "en", "target_language": "ru"}\n{"source": "Two.", "target": "Два."}\n'),
        ("tmx", '<tmx version="1.4"><header srclang="en"/><body><tu><tuv xml:lang="en"><seg>One.</seg></tuv><tuv xml:lang="ru"><seg></seg></tuv></tu>'
                '<tu><tuv xml:lang="en"><seg>Two.</seg></tuv><tuv xml:lang="ru"><seg>Два.</seg></tuv></tu></body></tmx>'),
        ("xlf", xliff12('<trans-unit id="1"><source>One.</source><target state="new"></target></trans-unit><trans-unit id="2"><source>Two.</source><target>Два.</target></trans-unit>')),
    ],
)  # fmt: skip
def test_an_empty_side_whose_origin_is_not_told_is_missing(name, text):
    rows = loads(text, name, source="en", target="ru").rows
    assert [(r.source, r.target, r.origin_target) for r in rows] == [("One.", None, "missing"), ("Two.", "Два.", "human")]


@pytest.mark.parametrize(
    "text",
    ["Hello, there.;Здравствуйте, все.\n", "source;target\nHello, there.;Здравствуйте, все.\n", '"Hello, there.","Здравствуйте, все."\n', "Hello, there.\tЗдравствуйте, все.\n",
     'en;ru\n"Hello, there.";"Здравствуйте, все."\n', 'id;source;target;comment\n1;Hello, there.;Здравствуйте, все.;x\n'],
)  # fmt: skip
def test_a_spreadsheets_csv_may_have_other_separators(text):
    bitext = loads(text, "csv", source="en", target="ru")
    assert [(r.source, r.target) for r in bitext.rows] == [("Hello, there.", "Здравствуйте, все.")]


def test_a_header_of_two_languages_names_them_and_words_are_no_languages():
    for name, text in (("csv", "en,ru\nOne.,Раз.\n"), ("tsv", "en\tru\nOne.\tРаз.\n")):
        bitext = loads(text, name)
        assert (bitext.source_language, bitext.target_language, len(bitext)) == ("en", "ru", 1)
    assert len(loads("de,fr\nOne.,Раз.\n", "csv", source="en", target="ru")) == 2
    assert len(loads("No,Si\nOne.,Раз.\n", "csv", source="en", target="ru")) == 2


def test_a_spreadsheets_tsv_may_have_cells_in_quotes():
    rows = loads('"He said ""no""."\tОн сказал «нет».\n"Yes," he said.\t"Да"\n', "tsv", source="en", target="ru").rows
    assert [(r.source, r.target) for r in rows] == [('He said "no".', "Он сказал «нет»."), ('"Yes," he said.', '"Да"')]


@pytest.mark.parametrize("mids", [("", "", ""), (' mid="1"', ' mid="1"', ' mid="2"')])
def test_xliff_segments_whose_marks_are_not_told_apart_are_all_there(mids):
    marks = [[f'<mrk mtype="seg"{mid}>{text}</mrk>' for mid, text in zip(mids, said, strict=True)] for said in (("One.", "Two.", "Three."), ("Раз.", "Два.", "Три."))]
    unit = f'<trans-unit id="1"><source>One. Two. Three.</source><seg-source>{" ".join(marks[0])}</seg-source>'
    assert pairs(loads(xliff12(unit + "</trans-unit>"), "xlf")) == [("One.", None), ("Two.", None), ("Three.", None)]
    assert pairs(loads(xliff12(f"{unit}<target>{' '.join(marks[1])}</target></trans-unit>"), "xlf")) == [("One.", "Раз."), ("Two.", "Два."), ("Three.", "Три.")]


def test_a_backslash_in_a_foreign_tsv_is_a_backslash_and_in_ours_an_escape():
    text = "C:\\new\\test\t«C:\\новое»\n"
    for head in ("", "source\ttarget\n", "source\ttarget\torigin\n"):
        bitext = loads(head + text, "tsv", source="en", target="ru")
        assert pairs(bitext) == [("C:\\new\\test", "«C:\\новое»")]
    assert pairs(loads(dumps(bitext, "tsv"), "tsv")) == pairs(bitext)
    ours = dumps(Bitext((Row("a\tb\nc\\n", "б"),), "en", "ru"), "tsv")
    assert pairs(loads(ours, "tsv")) == [("a\tb\nc\\n", "б")]


def test_columns_that_are_not_read_are_named(tmp_path):
    import openpyxl
    import pyarrow as pa
    import pyarrow.parquet as pq

    codes = {"source_language": "en", "target_language": "ru"}
    row = {"source": "Peace.", "target": "Мир.", **codes, "domain": "law", "год": "2024"}
    head, cells = list(row), list(row.values())
    book = openpyxl.Workbook()
    book.active.append(head)
    book.active.append(cells)
    book.save(tmp_path / "a.xlsx")
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "a.parquet")
    (tmp_path / "a.jsonl").write_text(json.dumps(row), "utf-8")
    (tmp_path / "a.csv").write_text(",".join(head) + "\n" + ",".join(cells) + "\n", "utf-8")
    (tmp_path / "a.tsv").write_text("\t".join(head) + "\n" + "\t".join(cells) + "\n", "utf-8")
    for kind in ("xlsx", "parquet", "jsonl", "csv", "tsv"):
        bitext = read(tmp_path / f"a.{kind}")
        assert bitext.notes == ("not read, a row has no place for them: 'domain', 'год'",), kind
        own = write(bitext.with_rows(bitext.rows), tmp_path / f"own.{kind}")[0]
        assert read(own).notes == (bitext.notes if kind in ("xlsx", "parquet") else ()), kind  # these two keep what a bitext says of itself

    assert loads("Peace.\tМир.\t0.9\nWar.\tВойна.\t\n", "tsv", source="en", target="ru").notes == ("not read, cells beyond the 2 columns: in 1 line",)
    many = loads("source,target," + ",".join(f"x{k}" for k in range(30)) + "\na,b\n", "csv", source="en", target="ru")
    assert many.notes[0].endswith("'x8' and 21 more")


REVERSED = {
    "tmx": lambda: dumps(MIXED, "tmx"), "xlf": lambda: dumps(MIXED, "xlf"), "csv": lambda: dumps(MIXED, "csv"), "tsv": lambda: dumps(MIXED, "tsv"), "jsonl": lambda: dumps(MIXED, "jsonl"),
    "xlsx": lambda: b"".join(pieces(MIXED, "xlsx")), "parquet": lambda: b"".join(pieces(MIXED, "parquet")),
}  # fmt: skip
MIXED = Bitext((
    Row("The river rose.", "Река поднялась.", (0,), (0, 1), origin_target="machine:gemma"), Row(None, "Да.", (), (2,), origin_source="missing"),
), "en", "ru")  # fmt: skip


@pytest.mark.parametrize("name", REVERSED)
@pytest.mark.parametrize("asked", [{"source": "ru", "target": "en"}, {"source": "ru"}, {"target": "en-GB"}])
def test_a_file_asked_for_the_other_way_round_is_exchanged_whole(name, asked):
    found = loads(REVERSED[name](), name, **asked)
    assert (found.source_language, found.target_language) == (asked.get("source", "ru"), asked.get("target", "en"))
    first, second = found.rows
    assert (first.source, first.target, first.type, first.origin_source, first.origin_target) == ("Река поднялась.", "The river rose.", "2-1", "machine:gemma", "human")
    assert (second.source, second.target, second.origin_target) == ("Да.", None, "missing")
    assert loads(REVERSED[name](), name, source="en-GB", target="ru").rows == loads(REVERSED[name](), name).rows


def test_a_translation_column_gives_the_languages_asked_for_or_an_error():
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = pa.BufferOutputStream()
    pq.write_table(pa.table({"translation": [{"en": "Yes.", "ru": "Да."}]}), out)
    data = out.getvalue().to_pybytes()
    assert [(r.source, r.target) for r in loads(data, "parquet", source="ru", target="en").rows] == [("Да.", "Yes.")]
    with pytest.raises(InputError, match="between en and ru, not de to fr"):
        loads(data, "parquet", source="de", target="fr")


@pytest.mark.parametrize(
    ("text", "asked", "found"),
    [
        ("Hello, world;Привет мир\nGood day, sir;Добрый день\n", ("en", "ru"), [("Hello, world", "Привет мир"), ("Good day, sir", "Добрый день")]),
        ("Hello, world;Привет мир\nYes;Да\n", ("en", "ru"), [("Hello, world", "Привет мир"), ("Yes", "Да")]),
        ("Hello, world\tПривет, мир\n", ("en", "ru"), [("Hello, world", "Привет, мир")]),
        ("sep=;\nen;ru\nYes, we do.;Да.\n", (None, None), [("Yes, we do.", "Да.")]),
        ("EN,RU\nYes.,Да.\n", (None, None), [("Yes.", "Да.")]),
        ("EN_us,ru\nYes.,Да.\n", ("en", "ru"), [("Yes.", "Да.")]),
        ("ru,en\nДа.,Yes.\n", ("en", "ru"), [("Yes.", "Да.")]),
        ("id,en,ru\n7,Yes.,Да.\n", (None, None), [("Yes.", "Да.")]),
        ("id,en,ru,comment\n7,Yes.,Да.,fine\n", ("ru", "en"), [("Да.", "Yes.")]),
        ("de;en;ru\nJa.;Yes.;Да.\n", ("en", "ru"), [("Yes.", "Да.")]),
        ("en,en-GB\nColor,Colour\n", ("en", "en-GB"), [("Color", "Colour")]),
    ],
)
def test_tables_of_other_programs_are_read_by_their_signs_and_language_columns(text, asked, found):
    bitext = loads(text, "csv", source=asked[0], target=asked[1])
    assert [(r.source, r.target) for r in bitext.rows] == found
    if "," in text.split("\n")[0] and ";" not in text and "\t" not in text:
        tabs = loads(text.replace(",", "\t"), "tsv", source=asked[0], target=asked[1])
        assert [(r.source, r.target) for r in tabs.rows] == found
    if "comment" in text:
        assert bitext.notes == ("not read, a row has no place for them: 'id', 'comment'",)


def test_an_error_behind_a_sep_line_names_the_right_line():
    with pytest.raises(InputError, match="line 3: one column"):
        loads("sep=;\nYes.;Да.\nNo.\n", "csv", source="en", target="ru")


def test_notes_of_tmx_units_and_sides_are_the_rows_note():
    unit = '<tu><note>Check the date</note><tuv xml:lang="en"><note>old</note><seg>Hi</seg></tuv><tuv xml:lang="ru"><seg>Привет</seg></tuv></tu>'
    text = f'<tmx version="1.4"><header srclang="en"/><body>{unit}</body></tmx>'
    assert [r.note for r in loads(text, "tmx", target="ru").rows] == ["Check the date\nold"]


@pytest.mark.parametrize("yes", ["true", "1", "ИСТИНА", "да", "x", "Y", "+", "ok"])
@pytest.mark.parametrize("no", ["false", "0", "ЛОЖЬ", "нет", "", "-"])
def test_what_people_write_for_yes_and_no_is_understood(yes, no):
    rows = loads(f"source;target;verified;locked;score\nA;Б;{yes};{no};0,98\n", "csv", source="en", target="ru").rows
    assert [(r.verified, r.locked, r.score) for r in rows] == [(True, False, 0.98)]


@pytest.mark.parametrize(("cells", "said"), [("maybe;;", "verified is 'maybe'; expected yes or no"), (";2024;", "locked is '2024'"), (";;high", "score is 'high'; expected a number")])
def test_a_mark_or_score_that_is_not_understood_names_its_column(cells, said):
    with pytest.raises(InputError, match=said):
        loads(f"source;target;verified;locked;score\nA;Б;{cells}\n", "csv", source="en", target="ru")


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999", '"nan"'])
def test_a_score_that_is_no_finite_number_is_not_known(value):
    rows = loads(f'{{"source": "A", "target": "Б", "score": {value}, "similarity": {value}}}', "jsonl", source="en", target="ru").rows
    assert [(r.score, r.similarity) for r in rows] == [(None, None)]


def xliff(source: str, target: str) -> str:
    return (
        '<?xml version="1.0"?><xliff version="1.2" xmlns:mq="MQXliff"><file source-language="en" target-language="ru" original="a" datatype="plaintext"><body>'
        f'<trans-unit id="1"><source>{source}</source>{target}</trans-unit></body></file></xliff>'
    )


def test_what_a_reviewer_took_out_in_trados_is_no_text():
    target = 'Переговоры <mrk mtype="x-sdl-deleted">не </mrk>откроются <mrk mtype="x-sdl-deleted">6</mrk><mrk mtype="x-sdl-added">5</mrk> мая.'
    assert pairs(loads(xliff("Talks open on 5 May.", f"<target>{target}</target>"), "xlf")) == [("Talks open on 5 May.", "Переговоры откроются 5 мая.")]


@pytest.mark.parametrize("code", ['<x id="1" ctype="lb"/>', '<ph id="2">&lt;mq:ch val="&#10;" /&gt;</ph>', '<ph id="3">&lt;br/&gt;</ph>', '<ph id="3" type="lb"/>'])
def test_codes_that_break_a_line_part_words(code):
    assert pairs(loads(xliff(f"Ministry{code}Press office", ""), "xlf")) == [("Ministry\nPress office", None)]
    if code.startswith("<ph"):
        assert pairs(loads(tmx(tu(en=f"Ministry{code}Press office", ru="б")), "tmx")) == [("Ministry\nPress office", "б")]


def test_segments_of_a_target_that_the_source_has_not_are_not_lost():
    source = 'Talks open. All agree.</source><seg-source><mrk mtype="seg" mid="0">Talks open. All agree.</mrk></seg-source>'
    target = '<target><mrk mtype="seg" mid="0">Переговоры открыты.</mrk> {}</target>'
    for more in ('<mrk mtype="seg" mid="1">Все согласны.</mrk>', "Все согласны."):
        text = xliff("@", target.format(more)).replace("@</source>", source)
        assert pairs(loads(text, "xlf")) == [("Talks open. All agree.", "Переговоры открыты. Все согласны.")]


def test_a_language_that_was_asked_for_and_is_not_there_is_said():
    text = tmx(tu(en="a", uk="б"))
    with pytest.raises(InputError, match="holds the languages en, uk, none of them 'ru'"):
        loads(text, "tmx", source="en", target="ru")
    with pytest.raises(InputError, match="none of them 'fr'"):
        loads(xliff("a", "<target>б</target>"), "xlf", source="fr", target="de")
    assert pairs(loads(tmx(tu(en="a")), "tmx", source="en", target="ru")) == [("a", None)]
    assert pairs(loads(tmx(tu(eng="a", iw="б")), "tmx", source="en", target="he")) == [("a", "б")]


def test_files_of_translation_tools_are_xliff_that_is_not_written(tmp_path):
    path = tmp_path / "a.sdlxliff"
    path.write_text(xliff("a", "<target>б</target>"), "utf-8")
    assert pairs(read(path)) == [("a", "б")]
    with pytest.raises(InputError, match="write xlf"):
        write(read(path), tmp_path / "b.mqxliff")


def test_a_document_of_many_megabytes_within_xliff_is_said(tmp_path):
    text = xliff("a", "<target>б</target>").replace("<body>", f"<header><skl><internal-file>{'QUJD' * 3_000_000}</internal-file></skl></header><body>")
    with pytest.raises(InputError, match="internal-file"):
        loads(text, "xlf")


@pytest.mark.parametrize("name", ["tmx", "xlf"])
def test_a_file_whose_folder_has_a_name_that_is_not_utf_8_is_read(tmp_path, name):
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xe7\xe0"))
    folder.mkdir()
    write(MIXED, folder / f"a.{name}")
    assert len(read(folder / f"a.{name}")) == len(MIXED)
