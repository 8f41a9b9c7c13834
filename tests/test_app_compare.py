"""Comparing engines, voting, glossary, notes and projects on the page, in a real browser."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import datasets
import pyarrow.parquet as pq
import pytest

from align import saved
from align.bitext import Bitext, InputError, OptionError, Row
from align.comparison.voting import ballots_from_json, votes_from_json
from align.projects import StaleRow, StoreError
from align.saved_dataset import build_dataset
from align.store import Store
from align.store_extras import comparisons, load_comparison, terms
from models import ModelError, Translation
from tests.hub import Hub, sent
from tests.page import river, settled, stored, tab, texts
from ui.actions import Actions, Stopped
from ui.compare import shown_rows

MARK = "<img src=x onerror='window.hit=7'>"
HUMAN = {"The river rose.": "Вода поднялась.", "The bridge was closed.": "Мост закрыли.", "We thank the 12 crews.": "Спасибо 12 бригадам."}


class Parrot:
    """Gives what a table says."""

    pairs = None

    def __init__(self, name, table):
        self.id, self.table = name, table

    def translate(self, given, source, target, *, beam=4, alternatives=0):
        return [Translation(self.table.get(text, text + MARK)) for text in given]


GOOD = Parrot("good@1", {**HUMAN, "The river rose.": "Река поднялась."})
BAD = Parrot("bad@1", {text: text.upper() for text in HUMAN} | {"We thank the 12 crews.": "Спасибо 13 бригадам."})


@pytest.fixture
def engines(monkeypatch):
    def load(name, source, target, *, progress=None):
        if name == "broken":
            raise ModelError("its weights are gone")
        return {"good": GOOD, "bad": BAD, "somebody/model": GOOD}[name]

    monkeypatch.setattr("ui.actions.working", lambda source, target: ["good", "bad", "broken"])
    monkeypatch.setattr("models.load_translator", load)


@pytest.fixture
def three(home):
    """A project of three rows with both versions."""
    return home[1].save("Three", Bitext(tuple(Row(a, b) for a, b in HUMAN.items()), "en", "ru")).id


def compared(page, names):
    tab(page, "Compare")
    page.wait_for_selector(".comparer [name=engine]")
    for box in page.locator(".comparer [name=engine]").all():
        box.set_checked(box.get_attribute("value") in names)
    page.get_by_role("button", name="Compare", exact=True).click()
    page.wait_for_selector(".compared")


def saving(page, button):
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button, exact=True).click()
    return waiting.value


def test_engines_stand_beside_the_human_version(window, three, engines):
    page = window(three)
    compared(page, ("good", "bad", "broken"))
    assert page.locator(".headline").inner_text().startswith("3 engines on 3 rows, 3 with a human version: good ")
    cells = page.evaluate("Array.from(document.querySelectorAll('.scores tbody tr'), r => Array.from(r.children, c => c.textContent))")
    assert [line[0] for line in cells] == ["human", "good", "bad", "broken"]
    assert cells[3][1] == "failed: its weights are gone"
    assert float(cells[1][2]) > float(cells[2][2])
    first = page.locator(".compared").first
    assert first.locator(".version").count() == 3
    assert first.locator("[data-column=good] ins").all_text_contents() == ["Река"]
    assert first.locator("[data-column=good] del").all_text_contents() == ["Вода"]
    assert page.locator(".compared").nth(2).locator("[data-column=bad] .finding-line").first.inner_text().count("13") == 1
    page.locator(".comparer .gone").uncheck()
    assert not first.locator("del").first.is_visible()
    page.locator(".comparer .order").select_option("far")
    page.wait_for_function("document.querySelector('.compared')?.dataset.row === '0'")


def test_the_better_text_goes_into_its_row_and_can_be_undone(window, home, three, engines):
    page = window(three)
    compared(page, ("good",))
    page.locator(".compared").first.locator("[data-column=good] .take").click()
    page.wait_for_selector(".compared [data-column=good].stands .take[disabled]")
    row = Store(home[1].path).load(three).bitext.rows[0]
    assert (row.target, row.origin_target) == ("Река поднялась.", "machine:good@1")
    assert row.similarity is not None and not row.verified
    tab(page, "Read")
    assert texts(page) == stored(home, three)
    assert page.locator(".reader .engine").all_text_contents() == ["machine: good@1"]
    page.keyboard.press("z")
    page.wait_for_function("document.querySelectorAll('.reader .engine').length === 0")
    assert stored(home, three) == [[a, b] for a, b in HUMAN.items()]


def test_a_comparison_is_still_there_after_a_reload_and_saves_reports(window, three, engines):
    page = window(three)
    compared(page, ("good", "bad"))
    page.reload()
    page.wait_for_selector(f"[data-ready='{three}']")
    tab(page, "Compare")
    page.wait_for_selector(".compared")
    assert page.locator(".kept option").all_text_contents()[0].startswith("good, bad · ")
    file = saving(page, "HTML")
    assert file.suggested_filename == "Three.comparison.html"
    assert "Река" in file.path().read_text("utf-8")
    page.locator(".forget").click()
    page.wait_for_selector(".comparer .result", state="hidden")


def test_votes_are_blind_kept_and_counted(window, home, three, engines):
    page = window(three)
    compared(page, ("good", "bad"))
    page.locator(".comparer .vote").click()
    page.wait_for_selector(".option")
    assert not page.locator(".comparer .result").is_visible()
    assert "good" not in page.locator(".voting .ballot").inner_text()
    seen = []
    for k in range(3):
        page.wait_for_function("n => document.querySelector('.standing').textContent.startsWith(`${n} of 3`)", arg=k + 1)
        options = page.locator(".option span").all_text_contents()
        seen.append(options)
        page.keyboard.press("0" if k == 1 else str(1 + options.index(list(HUMAN.values())[k])))
    page.wait_for_function("document.querySelector('.standing').textContent.endsWith('3 voted')")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("0")  # another mind: row 1 keeps its "none", row 2 gets one
    page.keyboard.press("ArrowRight")
    page.keyboard.press(str(1 + seen[2].index(HUMAN["We thank the 12 crews."])))
    page.wait_for_function("document.querySelectorAll('.option[aria-pressed=true] kbd')[0]?.textContent !== '0'")
    page.locator(".comparer .count").click()
    page.wait_for_selector(".counted p")
    assert page.locator(".counted p").first.inner_text() == "3 votes: human 2, good 1, bad 0, none 1"
    votes = votes_from_json(saving(page, "save votes").path().read_text("utf-8"))
    blind = saving(page, "save ballots, without names").path().read_text("utf-8")
    assert [v.row for v in votes] == [0, 1, 2] and votes[1].choice is None
    assert "good" not in blind and "human" not in blind
    assert [list(b.options) for b in ballots_from_json(blind)] == [options[:-1] for options in seen]
    assert json.loads(saving(page, "save the count").path().read_text("utf-8"))["counts"] == {"human": 2, "good": 1, "bad": 0}
    page.reload()
    page.wait_for_selector(f"[data-ready='{three}']")
    tab(page, "Compare")
    page.wait_for_selector(".compared")
    page.locator(".comparer .vote").click()
    page.wait_for_function("document.querySelector('.standing').textContent.endsWith('3 voted')")


def test_texts_of_engines_never_become_code(window, home, engines, monkeypatch):
    row = Row(f"New {MARK}", f"Новое {MARK} ${{window.hit=8}}")
    project = home[1].save(f"{MARK}", Bitext((row,), "en", "ru")).id
    page = window(project)
    compared(page, ("good",))
    assert page.locator(".compared .source").inner_text() == row.source
    page.locator(".comparer .vote").click()
    page.wait_for_selector(".option")
    assert MARK + MARK in page.locator(".ballot").inner_text()


def test_notes_are_written_and_rows_aligned_again(window, home, project):
    page = window(project)
    page.keyboard.press("n")
    page.keyboard.press("t")
    page.keyboard.type("ask the author")
    page.keyboard.press("Enter")
    page.wait_for_selector(".reader .note")
    assert page.locator(".reader .row.on .note").inner_text() == "ask the author"
    assert Store(home[1].path).load(project).bitext.rows[1].note == "ask the author"
    before = texts(page)
    page.keyboard.press("j")
    page.keyboard.press("m")  # no row after it
    page.keyboard.press("k")
    page.keyboard.press("m")
    settled(page, 2)
    page.keyboard.press("k")
    page.keyboard.press("r")
    page.wait_for_function("document.querySelector('.reader .saved').textContent.startsWith('aligned again: ')", timeout=60_000)
    assert stored(home, project) == texts(page) != before
    assert len(texts(page)) >= 4


def test_a_project_gets_another_name_and_languages_and_is_removed(window, home):
    project = home[1].save("Old name", river()).id
    page = window(project)
    page.locator(".about summary").click()
    page.locator(".settings [name=name]").fill("New name")
    page.locator(".settings [name=target]").fill("uk")
    page.locator(".settings").get_by_role("button", name="Save these").click()
    page.wait_for_function("document.querySelector('.head-target').textContent === 'Ukrainian'")
    found = home[1].load(project)
    assert (found.name, found.bitext.target_language) == ("New name", "uk")
    page.wait_for_function("document.querySelector('.projects').selectedOptions[0].textContent.startsWith('New name · en–uk')")
    page.locator(".settings [name=target]").fill("no such <code>")
    page.locator(".settings").get_by_role("button", name="Save these").click()
    page.wait_for_selector(".reader .saved.warn")
    page.locator(".settings .remove").click()
    page.locator(".settings .remove").click()
    assert home[1].load(project).name == "New name", "a double click removes nothing"
    page.wait_for_timeout(700)
    page.locator(".settings .remove").click()
    page.wait_for_function("p => document.querySelector('[data-ready]').dataset.ready !== p", arg=str(project))
    with pytest.raises(StoreError, match="no project"):
        home[1].load(project)


def test_glossary_terms_are_looked_up_shown_and_checked(window, home):
    project = home[1].save("Vault", Bitext((Row("The seed vault is open.", "Хранилище семян открыто."), Row("The seed vault is cold.", "Склад холодный.")), "en", "ru")).id
    page = window(project)
    tab(page, "Search")
    page.locator(".learn summary").click()
    page.locator("[name=terms]").fill("seed vault = хранилище семян\nboat\tлодка")
    page.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_selector(".term")
    page.get_by_placeholder("Words in either language, in all projects").fill("vault")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelectorAll('.term').length === 1")
    assert page.locator(".term span").all_text_contents() == ["seed vault", "хранилище семян", "en–ru"]
    tab(page, "Read")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.wait_for_function("document.querySelector('.reader .why').textContent.includes('term seed vault = хранилище семян (not in the target)')")
    tab(page, "Check")
    page.wait_for_selector(".finding:has-text('glossary')")
    tab(page, "Search")
    page.locator(".term button").click()
    page.wait_for_selector(".term", state="hidden")
    assert [t.source for t in terms(home[1])] == ["boat"]


def test_a_glossary_file_is_read_as_utf_8_or_refused_and_one_finding_is_dismissed_at_a_time(window, home, tmp_path):
    project = home[1].save("Vault", Bitext((Row("The lock gate and the ferry.", "Ничего нет."),), "en", "ru")).id
    text = "lock gate\tворота шлюза\nferry\tпаром\n"
    (tmp_path / "old.tsv").write_bytes(text.encode("cp1251"))
    (tmp_path / "new.tsv").write_bytes(text.encode("utf-8-sig"))
    page, before = window(project), terms(home[1])
    tab(page, "Search")
    page.locator(".learn summary").click()
    page.locator(".glossary-form [name=file]").set_input_files(tmp_path / "old.tsv")
    page.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_function("document.querySelector('.learned').textContent.includes('old.tsv is not UTF-8')")
    assert terms(home[1]) == before
    page.locator(".glossary-form [name=file]").set_input_files(tmp_path / "new.tsv")
    page.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_function("['lock gate', 'ferry'].every((term) => document.querySelector('.terms').textContent.includes(term))")
    assert {t.source for t in terms(home[1])} - {t.source for t in before} == {"ferry", "lock gate"}
    tab(page, "Check")
    finding = page.locator(".finding:has-text('ferry” should be')")
    finding.get_by_label("reason to dismiss").fill("no ferry is meant")
    finding.get_by_text("dismiss", exact=True).click()
    page.wait_for_function("document.querySelectorAll('.finding .reason').length && ![...document.querySelectorAll('.finding .reason')].some((e) => e.textContent.includes('ferry” should'))")
    assert [(f.note, "lock gate" in f.reason) for f in saved.findings(home[1], project).findings if f.check == "glossary"].count(("no ferry is meant", False)) == 1
    assert page.locator(".finding:has-text('lock gate” should be')").count() == 1


def test_terms_that_come_while_findings_are_looked_for_are_in_the_next_findings(store, monkeypatch):
    actions, look = Actions(store), saved.findings
    project = store.save("Vault", Bitext((Row("The seed vault is cold.", "Склад холодный."),), "en", "ru")).id

    def slowly(*asked):
        found = look(*asked)
        monkeypatch.setattr(saved, "findings", look)
        actions.learn("seed vault = хранилище семян", "en", "ru")  # another tab, meanwhile
        return found

    monkeypatch.setattr(saved, "findings", slowly)
    actions.findings(project)
    found = [f for f in actions.findings(project)[1] if f.check == "glossary"]
    assert len(found) == 1
    saved.learn_terms(store, "cold = студёный", "en", "ru")  # by another process
    assert len([f for f in actions.findings(project)[1] if f.check == "glossary"]) == 2
    assert actions.findings(project)[1] is actions.findings(project)[1]


def test_a_data_set_goes_to_the_hub_with_the_token_and_nothing_is_kept_of_it(window, home, hub, monkeypatch):
    monkeypatch.delenv("HF_TOKEN")
    project = saved.edit(home[1], (made := home[1].save("River", river())).id, "accept", [(made.keys[2], 1)]).project
    page = window(project.id)
    tab(page, "Export")
    push = page.locator(".push")
    push.locator("[name=name]").fill("no name")
    push.locator("[name=token]").fill("hf_secret")
    push.get_by_role("button", name="Push").click()
    page.wait_for_function("document.querySelector('.exporter .sum').textContent.includes('expected OWNER/NAME')")
    assert Hub.seen == [] and push.locator("[name=token]").input_value() == ""
    push.locator("[name=name]").fill("owner/name")
    push.locator("[name=token]").fill("hf_secret")
    push.locator("[name=rows]").select_option("accepted")
    push.locator("[name=license]").fill("cc-by-4.0")
    push.get_by_role("button", name="Push").click()
    page.wait_for_function("document.querySelector('.exporter .sum').textContent.startsWith('1 rows are at http://127.0.0.1:')", timeout=60_000)
    files = sent()
    assert "license: cc-by-4.0" in files["README.md"].decode()
    table = pq.read_table(io.BytesIO(files["data/train-00000.parquet"])).to_pylist()
    assert [(r["translation"], r["score"], r["verified"]) for r in table] == [({"en": "We thank the crews.", "ru": "Мост закрыли. Спасибо всем."}, 1.0, True)]
    assert {token for path, token, _ in Hub.seen if path.startswith(("/api/repos", "/api/datasets"))} == {"Bearer hf_secret"}
    assert not any(b"hf_secret" in data for data in [*files.values(), home[1].path.read_bytes()])
    assert set(files) == {"README.md", "scores.svg", "data/train-00000.parquet"} and b"removed.parquet" not in files["README.md"], "rows left out stay here"
    Hub.seen.clear()
    Hub.public = True
    push.locator("[name=token]").fill("hf_secret")
    push.get_by_role("button", name="Push").click()
    page.wait_for_selector(".exporter .sum.warn")
    assert "is public" in page.locator(".exporter .sum").inner_text() and sent() == {}
    Hub.public = False
    Hub.refuse = True
    push.locator("[name=token]").fill("hf_secret")
    push.get_by_role("button", name="Push").click()
    page.wait_for_selector(".exporter .sum.warn")
    assert "refused" in page.locator(".exporter .sum").inner_text() and "hf_secret" not in page.content()


def test_what_is_typed_stays_in_its_row_while_others_work(window, home, monkeypatch):
    rows = tuple(Row(f"Sentence {k}.", None if k in (1, 8) else f"Предложение {k}.", origin_target="missing" if k in (1, 8) else "human") for k in range(10))
    project = home[1].save("Busy rows", Bitext(rows, "en", "ru"))
    page = window(project.id)
    page.locator(".reader .row").nth(5).locator(".side").nth(1).dblclick()
    page.keyboard.type(" FIVE")
    saved.edit(home[1], project.id, "note", [(project.keys[9], 1)], {"text": "another window"})
    page.locator(".reader .row").nth(6).locator(".side").nth(1).dblclick()
    page.keyboard.type(" S", delay=30)
    page.wait_for_function("document.querySelectorAll('.reader .note').length === 1")  # the rows came anew in between
    page.keyboard.type("IX l", delay=30)
    monkeypatch.setattr("align.translating.translator_for", lambda name, progress=None: lambda source, target: BAD)
    monkeypatch.setattr("ui.actions.working", lambda source, target: ["bad"])
    page.evaluate("document.querySelector('.reader .fill').hidden = false; document.querySelector('.engine-name').replaceChildren(new Option('bad', 'bad')); document.querySelector('.fill').requestSubmit()")
    page.wait_for_function("document.querySelectorAll('.reader .engine').length === 2")
    page.keyboard.type("k", delay=30)
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelectorAll('.reader textarea').length === 0")
    found = stored(home, project.id)
    assert [t for _, t in found[5:7]] == ["Предложение 5. FIVE", "Предложение 6. SIX lk"]
    assert texts(page) == found and not any(r.locked for r in home[1].load(project.id).bitext.rows)


# without a browser


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "p.sqlite")


def kept(store, engines):
    project = store.save("Three", Bitext(tuple(Row(a, b) for a, b in HUMAN.items()), "en", "ru"))
    return project, saved.compare(store, project.id, engines)


def test_a_text_is_not_taken_where_the_source_changed(store, engines):
    project, found = kept(store, ["good"])
    assert load_comparison(store, found.id) == found
    saved.edit(store, project.id, "edit", [(project.keys[0], 1)], {"side": "source", "text": "The lake rose."})
    with pytest.raises(StaleRow, match="compare again"):
        saved.pick(store, found.id, 0, "good")
    saved.edit(store, project.id, "edit", [(project.keys[1], 1)], {"side": "target", "text": "Мосты закрыли."})
    assert saved.pick(store, found.id, 1, "good").project.bitext.rows[1].target == "Мост закрыли."
    with pytest.raises(OptionError, match="no version 'gone'"):
        saved.pick(store, found.id, 1, "gone")
    store.remove(project.id)
    with pytest.raises(StoreError, match="no comparison"):
        load_comparison(store, found.id)


def test_comparing_from_the_target_fills_the_source(store, engines, monkeypatch):
    monkeypatch.setattr(GOOD, "table", {"Мост закрыли.": "They closed the bridge."})
    project = store.save("T", Bitext((Row("x", "y"), Row("The bridge was closed.", "Мост закрыли.")), "en", "ru"))
    found = saved.compare(store, project.id, ["good"], first=1, turned=True)
    assert [r.row for r in found.comparison.rows] == [1]
    row = saved.pick(store, found.id, 1, "good").project.bitext.rows[1]
    assert (row.source, row.origin_source, row.target) == ("They closed the bridge.", "machine:good@1", "Мост закрыли.")
    assert [c.title for c in comparisons(store, project.id)] == ["good"]


def test_what_cannot_be_compared_or_voted_is_said(store, engines):
    project, found = kept(store, ["good"])
    for names in ([], ["a", "b", "c", "d", "e"]):
        with pytest.raises(OptionError, match=f"{len(names)} engines were chosen; expected 1 to 4"):
            saved.compare(store, project.id, names)
    with pytest.raises(OptionError, match="rows 2 to 9 cannot be compared; expected rows within 0 to 2"):
        saved.compare(store, project.id, ["good"], first=2, last=9)
    with pytest.raises(OptionError, match="no option 7 for row 0"):
        saved.vote(store, found.id, 0, 7)
    actions = Actions(store)
    for name in ("http://elsewhere/v1#m", "/etc/passwd", "models/weights", "../x/y"):
        with pytest.raises(OptionError, match="does not work here"):
            actions.compare({"project": project.id, "engines": [name], "first": 0, "last": 2, "job": "j"})
    assert actions.compare({"project": project.id, "engines": ["somebody/model"], "first": 0, "last": 2, "job": "j"}).comparison.engines[0].error is None


def test_a_comparison_that_was_stopped_is_not_kept(store, engines, monkeypatch):
    project, found = kept(store, ["good"])
    actions = Actions(store)
    monkeypatch.setattr(GOOD, "translate", lambda given, *_, **__: (actions.stop("j"), [Translation(t) for t in given])[1], raising=False)
    with pytest.raises(Stopped, match="nothing was kept"):
        actions.compare({"project": project.id, "engines": ["good", "bad"], "first": 0, "last": 2, "job": "j"})
    assert [c.id for c in comparisons(store, project.id)] == [found.id]


def test_a_store_of_the_first_schema_gets_the_new_tables(store, tmp_path):
    project = store.save("Old", river())
    with store.transaction() as db:
        for table in ("comparisons", "votes", "terms"):
            db.execute(f"DROP TABLE {table}")
        db.execute("PRAGMA user_version = 1")
    store.close()
    again = Store(tmp_path / "p.sqlite")
    assert again.load(project.id).bitext == project.bitext
    assert comparisons(again, project.id) == []


def test_aligning_again_stops_at_locked_rows_and_never_overwrites(store, monkeypatch):
    project = store.save("River", river())
    locked = saved.edit(store, project.id, "lock", [(project.keys[1], 1)]).project
    with pytest.raises(OptionError, match="locked"):
        saved.edit(store, project.id, "realign", [(locked.keys[1], locked.versions[1])])
    real = saved.editing.realign_around
    asked = []

    def slow(bitext, row):
        asked.append(row)
        saved.edit(store, project.id, "note", [(locked.keys[2], 1)], {"text": "meanwhile"})
        return replace(real(bitext, row), notes=("again",))

    monkeypatch.setattr("align.editing.realign_around", slow)
    with pytest.raises(StaleRow, match="nothing was aligned"):
        saved.edit(store, project.id, "realign", [(locked.keys[0], 1)])
    assert asked == [0] and store.load(project.id).bitext.rows[2].note == "meanwhile"


def test_a_data_set_is_of_one_pair_of_languages_and_has_rows(store, tmp_path):
    one, two = store.save("One", river()).id, store.save("Two", Bitext((Row("a", "b"),), "en", "fr")).id
    with pytest.raises(OptionError, match="“Two” is en-fr, others are en-ru"):
        build_dataset(store, [one, two], tmp_path / "set")
    with pytest.raises(InputError, match="no row is accepted yet in 1 project; nothing to publish"):
        build_dataset(store, [one], tmp_path / "set", accepted=True)
    with pytest.raises(OptionError, match="no project was chosen"):
        build_dataset(store, [], tmp_path / "set")
    assert list(tmp_path.glob("set*")) == []
    assert build_dataset(store, [one], tmp_path / "set")["kept"] == 1
    (found,) = datasets.load_dataset(str(tmp_path / "set"), cache_dir=str(tmp_path / "cache"))["train"]
    assert (found["document_id"], found["translation"]["ru"]) == (f"{one}: One", "Вода поднялась.")


def test_filling_can_take_what_other_projects_have(store, monkeypatch):
    store.save("Memory", Bitext((Row("The bridge was closed.", "Мост закрыли."),), "en", "ru"))
    project = store.save("New", Bitext((Row("The bridge was closed.", None, origin_target="missing"), Row("Nobody slept.", None, origin_target="missing")), "en", "ru"))
    monkeypatch.setattr("align.translating.translator_for", lambda name, progress=None: lambda source, target: BAD)
    rows = saved.fill(store, project.id, "bad", memory=True).project.bitext.rows
    assert (rows[0].target, rows[0].origin_target) == ("Мост закрыли.", "memory:Memory 100%")
    assert rows[1].origin_target == "machine:bad@1"


def test_filling_loses_no_note_of_a_person(store, monkeypatch):
    lacking = [Row("The river rose.", None, origin_target="missing", note=note) for note in ("mine", "")]
    project = store.save("Notes", Bitext((*lacking, Row("Nobody slept.", None, origin_target="missing")), "en", "ru"))
    fill = saved.workflow.fill

    def slow(bitext, *given, **named):
        done = fill(bitext, *given, **named)
        saved.edit(store, project.id, "note", [(project.keys[2], 1)], {"text": "ask the ministry"})
        return done

    monkeypatch.setattr("align.workflow.fill", slow)
    monkeypatch.setattr("align.translating.translator_for", lambda name, progress=None: lambda source, target: Parrot("p@1", {"The river rose.": "Вода поднялась.", "Nobody slept.": "Никто не спал 7 ночей."}))
    rows = saved.fill(store, project.id, "p").project.bitext.rows
    assert [(r.target, r.note) for r in rows[:2]] == [("Вода поднялась.", "mine"), ("Вода поднялась.", "")]
    assert rows[2].note.startswith("ask the ministry; ")  # and what the guards say


def test_filling_counts_although_rows_were_split_meanwhile(store, monkeypatch):
    bitext = river()
    lacking = tuple(Row(f"Line {k}.", None, (k + 5,), (), 0.9, origin_target="missing") for k in range(2))
    project = store.save("Split", bitext.with_rows((*bitext.rows, *lacking)))
    fill = saved.workflow.fill

    def slow(bitext, *given, **named):
        done = fill(bitext, *given, **named)
        saved.edit(store, project.id, "note", [(project.keys[3], 1)], {"text": "mine"})
        saved.edit(store, project.id, "split", [(project.keys[1], 1)], {"source_at": 10, "target_at": 5})
        return done

    monkeypatch.setattr("align.workflow.fill", slow)
    monkeypatch.setattr("align.translating.translator_for", lambda name, progress=None: lambda source, target: Parrot("p@1", {"Line 0.": "Ноль.", "Line 1.": "Один."}))
    rows = saved.fill(store, project.id, "p").project.bitext.rows
    assert [(r.target, r.origin_target, r.score) for r in rows[-2:]] == [("Ноль.", "machine:p@1", None), ("Один.", "machine:p@1", None)]
    assert len(rows) == 6


def test_a_newer_text_is_not_taken_over_and_untouched_rows_are_not_stale(store, engines):
    project, found = kept(store, ["good"])
    saved.edit(store, project.id, "edit", [(project.keys[0], 1)], {"side": "target", "text": "Новое."})
    with pytest.raises(StaleRow, match="another text by now"):
        saved.pick(store, found.id, 0, "good", here=HUMAN["The river rose."])
    assert saved.pick(store, found.id, 0, "good", here="Новое.").project.bitext.rows[0].target == "Река поднялась."
    both = store.change(project.id, "ends", lambda b, _: b.with_rows((replace(b.rows[0], note="a"), b.rows[1], replace(b.rows[2], note="b")))).project
    assert both.versions[1] == 1 and both.versions[0] == both.versions[2] == both.revision


def test_one_corrected_draft_makes_no_omissions_of_the_others(store, monkeypatch):
    one = saved.workflow.one_sided("The harbour is closed. Bread is sold on Mondays. Nobody slept that night.", source="en", target="ru")
    monkeypatch.setattr("align.translating.translator_for", lambda name, progress=None: lambda source, target: BAD)
    project = store.save("Draft", one)
    now = saved.fill(store, project.id, "bad").project
    now = saved.edit(store, project.id, "edit", [(now.keys[0], now.versions[0])], {"side": "target", "text": "Гавань закрыта."}).project
    assert not [f for f in saved.findings(store, project.id)[1] if f.check in ("omitted", "added", "moved")]


def test_rows_that_undo_brings_back_still_belong_to_their_comparison(store, engines):
    project, found = kept(store, ["good"])
    seen = list(zip(project.keys[1:], project.versions[1:], strict=True))
    saved.edit(store, project.id, "merge", seen)
    assert [row[3] for row in shown_rows(found, Actions(store), 0, "row")][2] is None
    with pytest.raises(StaleRow):
        saved.pick(store, found.id, 2, "good")
    saved.edit(store, project.id, "undo", [], {"revision": store.load(project.id).revision})
    assert [row[3] for row in shown_rows(found, Actions(store), 0, "row")] == list(HUMAN.values())
    assert [row[1] for row in shown_rows(found, Actions(store), 0, "row")] == list(store.load(project.id).keys)
    now = saved.pick(store, found.id, 2, "good", list(HUMAN.values())[2]).project
    assert now.bitext.rows[2].origin_target == "machine:good@1"
