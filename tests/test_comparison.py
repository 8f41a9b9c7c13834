"""Engines side by side, with translators that need no model; figures against sacrebleu called directly and against sums done by hand."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import sacrebleu
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF
from sacrebleu.significance import PairedTest

from align import comparison
from align.bitext import Bitext, Document, InputError, OptionError, Row
from align.checks import check
from align.comparison import Vote, blind, compare, tally, written
from align.comparison.voting import ballots_from_json, ballots_to_json, sign_test, tally_to_json, votes_from_json, votes_to_json
from align.comparison.words import changes
from align.metrics import paired_bootstrap, paired_bootstraps, translation_scores
from models import ModelError, Translation

PLACES = ["порту", "городе", "доме", "поле", "лесу", "озере", "школе"]
DEEDS = ["построили", "открыли", "осмотрели", "описали", "проверили"]
THINGS = ["новых домов", "старых мостов", "малых судов", "больших дорог"]


def human(k: int) -> str:
    return f"Вчера в {PLACES[k % 7]} {DEEDS[k % 5]} {k + 2} {THINGS[k % 4]} без всяких задержек."


def source(k: int) -> str:
    return f"Yesterday, without any delay, they counted {k + 2} of them in case {'abcdefg'[k % 7]}."


def bitext(rows: int, *more: Row, **fields) -> Bitext:
    return Bitext((*(Row(source(k), human(k)) for k in range(rows)), *more), "en", "ru", **fields)


class Engine:
    """Makes its text from the human one and the number of the row; counts its calls."""

    pairs = None

    def __init__(self, make=lambda text, k: text, name="fake"):
        self.id, self.make, self.calls = f"{name}@1", make, []

    def translate(self, texts, source_language, target_language, *, beam=4, alternatives=0):
        self.calls.append((list(texts), source_language, target_language))
        return [Translation(self.make(human(k), k)) for k in (int(re.findall(r"\d+", t)[0]) - 2 for t in texts)]


def failing(text, k):
    if k == 2:  # midway
        raise ModelError("the card ran out of memory\nat row 2")
    return text


def copy():
    return Engine(name="copy")


def without_numbers():
    return Engine(lambda text, k: re.sub(r"\d+ ", "", text), "drop")


def wrong_at(rows):
    return Engine(lambda text, k: text.replace("без всяких задержек", "и сразу") if k in rows else text, "some")


class Plane:
    """Texts to angles: a text in Latin letters to 0, others by what they hold."""

    id, languages = "plane", None

    def encode(self, texts):
        angles = [0.0 if t.isascii() else np.pi / 3 if re.search(r"\d", t) else np.pi / 2 for t in texts]
        return np.array([[np.cos(a), np.sin(a)] for a in angles], np.float32)


# figures


def test_scores_are_those_of_sacrebleu_with_its_signatures():
    found = compare(bitext(12), {"drop": without_numbers(), "some": wrong_at({1, 5})})
    references = [human(k) for k in range(12)]
    for column, engine in zip(found.engines, (without_numbers(), wrong_at({1, 5})), strict=True):
        texts = [engine.make(human(k), k) for k in range(12)]
        assert column.scores.bleu == pytest.approx(sacrebleu.corpus_bleu(texts, [references]).score)
        assert column.scores.chrf == pytest.approx(sacrebleu.corpus_chrf(texts, [references], word_order=2).score)
        rows = [sacrebleu.sentence_chrf(t, [r], word_order=2).score for t, r in zip(texts, references, strict=True)]
        assert [r.cells[column.name].chrf for r in found.rows] == pytest.approx(rows)
        assert 0 < column.scores.chrf < 100
    version = sacrebleu.__version__
    assert found.engines[0].scores.bleu_signature == f"nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:{version}"
    assert found.engines[0].scores.chrf_signature == f"nrefs:1|case:mixed|eff:yes|nc:6|nw:2|space:no|version:{version}"


@pytest.mark.parametrize(("language", "tokeniser"), [("zh-Hans", "zh"), ("ja", "char"), ("ru", "13a"), ("th", "char")])
def test_the_tokeniser_follows_the_language(language, tokeniser):
    texts, references = ["我们今天开会讨论水的问题"], ["我们今天开会讨论鱼的问题"]
    scores = translation_scores(texts, references, language)
    assert f"|tok:{tokeniser}|" in scores.bleu_signature
    assert scores.bleu == pytest.approx(BLEU(tokenize=tokeniser).corpus_score(texts, [references]).score)


def test_rows_without_human_target_are_translated_but_not_scored():
    more = (
        Row(source(3), None, origin_target="missing"),
        Row(source(4), "Машина.", origin_target="machine:x"),
        Row(None, "Лишнее.", origin_source="missing"),
        Row(source(5), human(5), origin_source="machine:x"),
        Row("  ", "Пусто."),
    )
    engine = copy()
    found = compare(bitext(3, *more), {"copy": engine})
    assert [r.row for r in found.rows] == [0, 1, 2, 3, 4]
    assert (found.references, found.left_out, found.columns[0].rows, found.engines[0].rows) == (3, 3, 3, 5)
    assert engine.calls == [([source(0), source(1), source(2), source(3), source(4)], "en", "ru")]
    cell = found.rows[4].cells
    assert set(cell) == {"copy"}
    assert (cell["copy"].text, cell["copy"].chrf, cell["copy"].changes) == (human(4), None, ())
    assert len(found.engines[0].scores.by_row) == 3
    assert found.headline == "1 engine on 5 rows, 3 with a human version: copy 100.0 chrF2++"


def test_no_human_version_at_all_gives_no_scores_and_says_so():
    rows = tuple(Row(source(k), None, origin_target="missing") for k in range(4))
    found = compare(Bitext(rows, "en", "ru"), {"a": copy(), "b": without_numbers()})
    assert found.headline == "2 engines on 4 rows, none with a human version"
    assert [c.name for c in found.columns] == ["a", "b"]
    assert found.separations == () and found.engines[0].scores is None
    assert "No BLEU or chrF2++" in written(found, "txt")
    assert not html.fromstring(written(found, "html")).xpath("//*[@class='human'] | //input")


def test_findings_similarity_and_seconds():
    found = compare(bitext(10), {"copy": copy(), "drop": without_numbers()}, encoder=Plane())
    people, whole, dropped = found.columns
    assert [people.findings, whole.findings, dropped.findings] == [0, 0, 100]
    assert {(f.check, f.row) for r in found.rows for f in r.cells["drop"].findings} == {("numbers", k) for k in range(10)}
    assert "9" in found.rows[7].cells["drop"].findings[0].reason
    assert [people.similarity, whole.similarity, dropped.similarity] == pytest.approx([0.5, 0.5, 0.0], abs=1e-6)
    assert found.rows[3].cells["copy"].similarity == pytest.approx(0.5)
    assert whole.seconds > 0 and people.seconds is None and found.encoder == "plane"


def test_an_empty_translation_is_a_finding():
    found = compare(bitext(4), {"mute": Engine(lambda text, k: "" if k == 1 else text)})
    assert [(f.check, f.severity, f.row) for r in found.rows for f in r.cells["mute"].findings] == [("empty", "error", 1)]
    assert found.rows[1].cells["mute"].chrf == 0.0
    assert found.engines[0].findings == 25.0
    assert html.fromstring(written(found, "html")).xpath("//p[@class='none']/text()") == ["no text"]


def test_what_a_check_is_hardly_sure_of_is_left_out():
    longer = {3: human(3) + " И потом все ушли, кто куда."}
    texts = [longer.get(k, human(k)) for k in range(10)]
    known = check(Bitext(tuple(Row(source(k), t) for k, t in enumerate(texts)), "en", "ru"), only=["length"])
    assert [(f.row, f.severity) for f in known] == [(3, "info")]
    found = compare(bitext(10), {"long": Engine(lambda text, k: longer.get(k, text))})
    assert found.engines[0].findings == 0 and found.rows[3].cells["long"].text == longer[3]


def test_long_comparisons_go_in_lots_and_can_be_stopped():
    said = []
    found = compare(bitext(70), {"copy": copy}, progress=said.append)
    assert said == ["copy: loading", "copy: 0 of 70 rows", "copy: 16 of 70 rows", "copy: 32 of 70 rows", "copy: 48 of 70 rows", "copy: 64 of 70 rows"]
    assert [r.cells["copy"].text for r in found.rows] == [r.cells["human"].text for r in found.rows] and found.columns[1].rows == 70

    class StopError(Exception):
        pass

    def stop(line):
        if "32" in line:
            raise StopError

    with pytest.raises(StopError):
        compare(bitext(70), {"copy": copy}, progress=stop)


def test_a_comparison_survives_as_plain_values():
    from align.comparison.plain import from_plain, to_plain

    found = compare(bitext(6), {"a": Engine(lambda text, k: text + " и 7"), "b": copy, "bad": Engine(failing)})
    assert found.separations and found.rows[0].cells["a"].findings
    assert from_plain(json.loads(json.dumps(to_plain(found)))) == found


# failures and arguments


def test_a_failing_engine_is_a_line_and_the_others_go_on():
    said = []
    short = Engine()
    short.translate = lambda texts, *_: [Translation("Одна.")]

    def absent():
        raise ModelError("no engine 'absent'")

    engines = {"bad": Engine(failing), "absent": absent, "short": short, "lazy": copy}
    found = compare(bitext(4), engines, progress=said.append)
    assert [c.error for c in found.engines] == ["the card ran out of memory\nat row 2", "no engine 'absent'", "gave 1 translations for 4 texts", None]
    assert [c.id for c in found.engines] == ["fake@1", "", "fake@1", "copy@1"]
    assert set(found.rows[0].cells) == {"human", "lazy"}
    assert found.engines[3].scores.chrf == pytest.approx(100)
    assert said == [line for name in engines for line in (f"{name}: loading", f"{name}: 0 of 4 rows") if line != "absent: 0 of 4 rows"]
    text = written(found, "txt")
    assert "bad: failed: the card ran out of memory at row 2\n" in text and found.headline.endswith("; 3 failed")
    assert html.fromstring(written(found, "html")).xpath("//td[@class='failed']/text()")[1] == "failed: no engine 'absent'"


def test_other_errors_are_not_swallowed():
    with pytest.raises(ZeroDivisionError):
        compare(bitext(2), {"bug": Engine(lambda text, k: str(1 // 0))})


def test_all_engines_failing_still_gives_a_report():
    found = compare(bitext(3), {"bad": Engine(failing)})
    assert found.headline == "1 engine on 3 rows, 3 with a human version; 1 failed"
    assert json.loads(written(found, "json"))["columns"][1]["error"].startswith("the card")


@pytest.mark.parametrize(
    ("engines", "more"), [({}, {}), ({"human": copy()}, {}), ({"a": copy()}, {"source": "fr"}), ({"a": copy()}, {"target": "de"})]
)
def test_wrong_arguments(engines, more):
    with pytest.raises(OptionError):
        compare(bitext(2), engines, **more)


def test_nothing_to_translate_is_an_input_error():
    with pytest.raises(InputError, match="no row has a text in en"):
        compare(Bitext((Row(None, "Раз.", origin_source="missing"),), "en", "ru"), {"a": copy()})


def test_the_other_direction_and_languages_that_the_bitext_does_not_know():
    rows = (Row("Вода 2.", "Water 2.", origin_source="human"), Row("Лёд 3.", None, origin_target="missing"))
    engine = Engine()
    found = compare(Bitext((*rows, Row(None, "Fire 4.", origin_source="missing")), "ru", "en"), {"a": engine}, source="en", target="ru")
    assert engine.calls == [(["Water 2.", "Fire 4."], "en", "ru")]
    assert (found.source_language, found.rows[0].cells["human"].text, [r.row for r in found.rows]) == ("en", "Вода 2.", [0, 2])
    unknown = replace(bitext(2), source_language="und", target_language="")
    assert compare(unknown, {"a": copy()}, source="en", target="ru").references == 2


# can they be told apart?


def test_few_rows_cannot_separate_and_say_so():
    found = compare(bitext(42), {"gemma": wrong_at({1, 2, 3}), "opus-mt": wrong_at({11, 12, 13, 14})})
    (pair,) = found.separations
    assert not pair.separated
    assert re.match(
        r"42 rows cannot separate gemma and opus-mt \(p = 0\.\d+\): gemma leads by \d\.\d chrF2\+\+, 95% interval -\d\.\d to \d\.\d$", pair.sentence
    )
    for kind in ("txt", "json", "html"):
        assert "42 rows cannot separate gemma and opus-mt (p = 0." in written(found, kind)


def test_a_clearly_better_engine_over_many_rows_is_named():
    found = compare(bitext(200), {"worse": wrong_at(set(range(0, 200, 3))), "better": wrong_at({5, 6})})
    (pair,) = found.separations
    assert pair.separated and pair.chrf.p == pytest.approx(2 / 1001)
    assert pair.sentence.startswith("better is better than worse by ") and pair.sentence.endswith("200 rows")
    low, high = map(float, re.search(r"interval (\S+) to (\S+)\)", pair.sentence).groups())
    assert 0 < low < found.engines[1].scores.chrf - found.engines[0].scores.chrf < high
    assert "cannot separate" not in written(found, "txt")


def test_equal_engines_are_never_separated():
    texts = [wrong_at({1, 2}).make(human(k), k) for k in range(30)]
    found = paired_bootstrap(texts, texts, [human(k) for k in range(30)], "ru")
    assert (found.difference, found.p, found.low, found.high, found.rows) == (0, 1, 0, 0, 30)


@pytest.mark.parametrize(("rows", "least"), [(1, 1.0), (3, 0.25), (5, 0.0625)])
def test_a_handful_of_rows_never_separates_even_when_all_agree(rows, least):
    references = [human(k) for k in range(rows)]
    assert paired_bootstrap(references, ["Нет."] * rows, references, "ru").p == least


@pytest.mark.parametrize(("name", "metric"), [("chrf", CHRF(word_order=2)), ("bleu", BLEU(tokenize="13a"))])
def test_interval_and_p_agree_with_sacrebleu(name, metric):
    references = [human(k) for k in range(60)]
    one, two = ([wrong_at(set(w)).make(human(k), k) for k in range(60)] for w in (range(0, 60, 5), range(1, 60, 9)))
    alone = metric.corpus_score(one, [references], n_bootstrap=1000)
    against_itself = paired_bootstrap(one, references, references, "ru", metric=name)  # the second scores 100 in every draw
    assert (against_itself.high - against_itself.low) / 2 == pytest.approx(alone._ci, abs=0.05)
    assert against_itself.difference == pytest.approx(alone.score - 100)
    theirs = PairedTest([("one", one), ("two", two)], {"m": metric}, [references], test_type="bs")()[1]
    p = next(v[1].p_value for k, v in theirs.items() if k != "System")
    ours = paired_bootstrap(one, two, references, "ru", metric=name)
    assert 0.01 < ours.p < 0.5
    assert ours.p / 2 == pytest.approx(p, abs=0.04)  # theirs is of one side, as it folds the differences


def test_bootstraps_of_several_engines_are_those_of_each_pair_and_turn_round():
    references = [human(k) for k in range(20)]
    texts = {name: [wrong_at(w).make(human(k), k) for k in range(20)] for name, w in {"a": {1, 2}, "b": {3}, "c": {4, 5, 6}}.items()}
    found = paired_bootstraps(texts, references, "ru", samples=300)
    assert list(found) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert found["a", "c"] == paired_bootstrap(texts["a"], texts["c"], references, "ru", samples=300)
    back = paired_bootstrap(texts["c"], texts["a"], references, "ru", samples=300)
    assert (back.difference, back.p) == (-found["a", "c"].difference, found["a", "c"].p)
    assert (back.low, back.high) == pytest.approx((-found["a", "c"].high, -found["a", "c"].low))
    assert paired_bootstraps({"a": texts["a"]}, references, "ru") == {}


def test_metrics_refuse_what_they_cannot_score():
    for wrong in (([], []), (["a"], []), (["a"], ["a", "b"])):
        with pytest.raises(OptionError):
            translation_scores(*wrong, "ru")
        with pytest.raises(OptionError):
            paired_bootstrap(wrong[0], wrong[0], wrong[1], "ru")
    with pytest.raises(OptionError, match="no metric 'ter'"):
        paired_bootstrap(["a"], ["a"], ["a"], "ru", metric="ter")
    with pytest.raises(OptionError):
        paired_bootstrap(["a"], ["a"], ["a"], "ru", samples=0)


def test_the_sentence_tells_when_bleu_sees_it_otherwise():
    (pair,) = compare(bitext(200), {"worse": wrong_at(set(range(0, 200, 3))), "better": copy()}).separations
    unsure = replace(pair.bleu, p=0.4)
    assert replace(pair, bleu=unsure).sentence.endswith("200 rows; BLEU cannot separate them (p = 0.4)")
    other = replace(pair.bleu, difference=2.0, low=1.0, high=3.0)
    assert replace(pair, bleu=other).sentence.endswith("; but by BLEU worse is better than better by 2.0 (p = 0.002, 95% interval 1.0 to 3.0)")
    assert "; by BLEU better is better than worse by" in replace(pair, chrf=replace(pair.chrf, p=0.2)).sentence


# words


def parts(kind, before, after):
    return [(before[slice(*c.human)], after[slice(*c.machine)]) for c in changes(before, after) if c.kind == kind]


def test_changes_name_the_words():
    before, after = "The old river rose, by 4.5 cm.", "The river rose by 4.6 cm today."
    assert parts("delete", before, after) == [("old ", ""), (", ", ""), ("4.5 ", "")]
    assert parts("insert", before, after) == [("", "4.6 "), ("", "today")]
    assert [c.kind for c in changes("a  b\n", "a b")] == ["equal"]
    assert parts("delete", "今天开会", "今天会") == [("开", "")]
    assert changes("", "") == ()


TEXTS = st.text(alphabet=" \nabВ.,4-é今👍\u0301", max_size=40)


@given(TEXTS, TEXTS)
def test_changes_tile_both_texts_and_equal_ones_are_equal(before, after):
    found = changes(before, after)
    for text, side in ((before, "human"), (after, "machine")):
        spans = [getattr(c, side) for c in found]
        assert "".join(text[slice(*s)] for s in spans) == text
        assert all(a[1] == b[0] for a, b in pairwise(spans))
    for c in found:
        if c.kind == "equal":
            assert "".join(before[slice(*c.human)].split()) == "".join(after[slice(*c.machine)].split())
        else:
            empty = c.human if c.kind == "insert" else c.machine
            assert empty[0] == empty[1]


# reports

EVIL = """<script>alert(1)</script> "quoted" & <img src=x onerror='alert(2)'> """


def test_the_page_escapes_every_text_and_fetches_nothing():
    rows = (Row(EVIL + source(0), EVIL + human(0)), Row(source(1), human(1)))
    document = Document(EVIL, (), title=EVIL)
    engines = {EVIL: Engine(name=EVIL)}
    engines[EVIL].translate = lambda texts, *_: [Translation(EVIL + human(0)), Translation(EVIL)]

    def broken():
        raise ModelError(EVIL)

    engines["bad"] = broken
    odd = Bitext(rows, '"><script>', "ru", source_document=document)
    page = html.fromstring(written(compare(odd, engines), "html"))
    assert not page.xpath("//script | //img | //link | //iframe | //a | //@src | //@href | //@*[starts-with(name(), 'on')]")
    assert page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content") == ["default-src 'none'; style-src 'unsafe-inline'"]
    assert page.findtext(".//h1") == EVIL
    assert page.xpath("//section[1]//div[@class='source']/p")[0].text == EVIL + source(0)
    assert page.xpath("//td[@class='failed']")[0].text == f"failed: {EVIL}"
    assert page.xpath("//section[1]//div[@class='engine']/h3")[0].text.strip() == EVIL.strip()
    assert "url(" not in page.findtext(".//style") and "@import" not in page.findtext(".//style")


def test_marks_in_the_page_give_both_versions_back():
    found = compare(bitext(6), {"some": wrong_at({1, 4}), "drop": without_numbers()})
    page = html.fromstring(written(found, "html"))
    for row, section in zip(found.rows, page.xpath("//section"), strict=True):
        for name, column in zip(("some", "drop"), section.xpath(".//div[@class='engine']"), strict=True):
            paragraph = column.find("p")
            assert "".join(paragraph.xpath(".//text()[not(parent::del)]")).split() == row.cells[name].text.split()
            assert "".join(paragraph.xpath(".//text()[not(parent::ins)]")).split() == row.cells["human"].text.split()
    assert page.xpath("//section[@id='row-1']//ins/text()") == ["и сразу"]
    assert page.xpath("//section[@id='row-1']//del/text()") == ["без всяких задержек", "3"]
    assert len(page.xpath("//section//p[@class='finding warning' or @class='finding error']")) == 6


def test_text_and_json():
    found = compare(bitext(3), {"copy": copy(), "drop": without_numbers()}, encoder=Plane())
    lines = written(found, "txt").splitlines()
    assert lines[0] == found.headline
    table = {line.split()[0]: line.split()[1:] for line in lines[3:6]}
    assert table["human"] == ["—", "—", "0", "0.500", "—"]
    assert table["copy"][:4] == ["100.0", "100.0", "0", "0.500"] and table["drop"][2] == "100"
    assert f"  copy (100.0): {human(2)}" in lines
    given = json.loads(written(found, "json"))
    assert (given["headline"], given["references"], given["encoder"]) == (found.headline, 3, "plane")
    assert given["columns"][2]["scores"]["chrf"] == found.engines[1].scores.chrf
    cell = given["rows"][1]["versions"]["drop"]
    assert cell["findings"][0]["check"] == "numbers"
    deleted = [human(1)[slice(*c["human"])] for c in cell["changes"] if c["kind"] == "delete"]
    assert deleted == ["3 "]
    assert given["separations"][0]["sentence"] == found.separations[0].sentence
    with pytest.raises(OptionError, match="not 'pdf'"):
        written(found, "pdf")


# the blind vote


def test_ballots_hide_the_engines_and_keep_the_key():
    found = compare(bitext(20), {"copy": copy(), "drop": without_numbers(), "some": wrong_at({3})})
    ballots = blind(found, 7)
    assert ballots == blind(found, 7) != blind(found, 8)
    assert [b.row for b in ballots] == list(range(20))
    for ballot, row in zip(ballots, found.rows, strict=True):
        for text, names in zip(ballot.options, ballot.key, strict=True):
            assert {row.cells[name].text for name in names} == {text}
        assert sorted(n for names in ballot.key for n in names) == ["copy", "drop", "human", "some"]
    assert {b.key.index(("drop",)) for b in ballots if b.row != 3} == {0, 1}
    assert len(ballots[3].options) == 3
    handed = ballots_to_json(ballots, key=False)
    assert "drop" not in handed and "human" not in handed and "copy" not in handed
    assert ballots_from_json(ballots_to_json(ballots)) == ballots
    with pytest.raises(OptionError, match="no key"):
        tally([], ballots_from_json(handed))
    assert blind(compare(bitext(2), {"copy": copy()}), 1) == []
    assert [b.row for b in blind(found, 7, human=False)] == list(range(20))
    assert all("human" not in names for b in blind(found, 7, human=False) for names in b.key)


def for_(name, ballot, voter=""):
    return Vote(ballot.row, next(k for k, names in enumerate(ballot.key) if name in names), voter)


def test_tally_counts_and_tests_by_signs():
    ballots = blind(compare(bitext(10), {"a": without_numbers(), "b": wrong_at(set(range(10)))}), 3, human=False)
    votes = [*(for_("a", b) for b in ballots[:8]), for_("b", ballots[8]), Vote(9, None)]
    found = tally(votes, ballots)
    assert (found.counts, found.none, found.votes) == ({"a": 8, "b": 1}, 1, 10)
    (standing,) = found.standings
    assert {standing.a: standing.a_better, standing.b: standing.b_better} == {"a": 8, "b": 1}
    assert (standing.ties, standing.p) == (1, 2 * (1 + 9) / 2**9)
    assert json.loads(tally_to_json(found))["standings"][0]["p"] == standing.p


def test_rows_are_the_units_of_the_sign_test_and_later_votes_replace_earlier_ones():
    ballots = blind(compare(bitext(4), {"a": without_numbers(), "b": wrong_at({0, 1, 2, 3})}), 3, human=False)
    crowd = [for_("a", ballots[0], f"v{k}") for k in range(50)]
    changed = [for_("b", ballots[1], "v0"), for_("a", ballots[1], "v0"), for_("a", ballots[2], "v0"), for_("b", ballots[2], "v1")]
    found = tally(crowd + changed, ballots)
    (standing,) = found.standings
    assert (max(standing.a_better, standing.b_better), min(standing.a_better, standing.b_better), standing.ties, standing.p) == (2, 0, 1, 0.5)
    assert (found.counts["a"], found.counts["b"]) == (52, 1)


def test_equal_texts_tie():
    ballots = blind(compare(bitext(3), {"a": copy(), "b": without_numbers()}), 1)
    found = tally([for_("human", b) for b in ballots], ballots)
    assert found.counts == {"human": 3, "a": 3, "b": 0}
    pair = next(s for s in found.standings if {s.a, s.b} == {"human", "a"})
    assert (pair.a_better, pair.b_better, pair.ties, pair.p) == (0, 0, 3, 1.0)


@pytest.mark.parametrize(("wins", "losses", "p"), [(0, 0, 1), (1, 0, 1), (5, 5, 1), (0, 6, 2 / 64), (9, 1, 2 * 11 / 1024)])
def test_sign_test(wins, losses, p):
    assert sign_test(wins, losses) == p == sign_test(losses, wins)


def test_votes_in_and_out():
    ballots = blind(compare(bitext(2), {"a": without_numbers()}), 1)
    votes = [Vote(0, 1, "Анна"), Vote(1, None)]
    assert votes_from_json(votes_to_json(votes)) == votes
    assert votes_from_json('[{"row": 1, "choice": 0}]') == [Vote(1, 0)]
    for wrong in (
        "{",
        "3",
        '[{"row": 1}]',
        '[{"row": "1", "choice": 0}]',
        '[{"row": 1, "choice": true}]',
        "[5]",
        '[{"row": 1, "choice": 0, "x": 1}]',
    ):
        with pytest.raises(InputError):
            votes_from_json(wrong)
    for wrong in ('{"row": 1}', '[{"row": 1, "source": "a", "options": "ab"}]', '[{"row": 1, "source": "a", "options": ["a"], "key": ["b"]}]'):
        with pytest.raises(InputError):
            ballots_from_json(wrong)
    assert tally([], ballots).standings[0].p == 1.0
    for wrong in (Vote(5, 0), Vote(0, 2), Vote(0, -1)):
        with pytest.raises(OptionError):
            tally([wrong], ballots)
    assert comparison.CHECKS == ("numbers", "dates", "names", "negation", "units", "untranslated", "length", "glossary")
