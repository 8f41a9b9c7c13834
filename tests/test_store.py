"""The store: nothing is lost, not of a record, not of an edit (tests/test_crash.py kills the server); nobody overwrites another in silence; search."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from align import editing, saved
from align.bitext import Bead, Bitext, Document, Evidence, OptionError, Row, Sentence, Verdict
from align.checks import dismiss
from align.lemmas import lemmas
from align.store import StaleRow, Store, StoreError
from align.store_file import MIGRATIONS
from models import Translation
from tests.nasty import rows as nasty_rows
from tests.test_editing import made

anything = st.text(max_size=20)  # lone surrogates and NUL included
numbers = st.one_of(st.none(), st.floats(-1, 1))
ids = st.lists(st.integers(0, 99), max_size=3).map(tuple)
beads = st.builds(Bead, ids, ids, st.floats(0, 1))
evidences = st.one_of(st.none(), st.builds(Evidence, numbers, st.lists(anything, max_size=2).map(tuple), st.lists(anything, max_size=2).map(tuple), st.one_of(st.none(), beads)))
full_rows = st.builds(Row, st.one_of(st.none(), anything), st.one_of(st.none(), anything), ids, ids, numbers, numbers, anything, anything, st.booleans(), evidences, anything, st.booleans())
spans = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=3).map(tuple)
maybe = st.one_of(st.none(), anything)
documents = st.one_of(st.none(), st.builds(Document, anything, spans, spans, maybe, maybe, maybe, maybe, maybe, anything, maybe, st.lists(anything, max_size=2).map(tuple)))
sentences = st.lists(st.builds(Sentence, st.integers(0, 9), anything, st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)), max_size=3).map(tuple)
verdicts = st.one_of(st.none(), st.builds(Verdict, st.sampled_from(["versions", "swapped"]), anything, st.dictionaries(anything, st.floats(0, 1), max_size=2)))
bitexts = st.builds(
    Bitext, st.lists(st.one_of(full_rows, nasty_rows()), max_size=4).map(tuple), anything, anything, sentences, sentences, documents, documents, maybe,
    st.dictionaries(anything, st.one_of(st.integers(), anything, st.floats(0, 1)), max_size=3), maybe, verdicts, st.lists(anything, max_size=2).map(tuple),
)  # fmt: skip


@pytest.fixture
def place(tmp_path) -> Path:
    return tmp_path / "deep" / "projects.sqlite"


@pytest.fixture
def river() -> Bitext:
    english = "The river rose. Nobody slept\nthat night. The bridge was closed.\n\nWe thank the crews."
    russian = "Вода поднялась. Той ночью никто не спал. Мост закрыли. Спасибо всем."
    return made(english, russian, [([0], [0]), ([1, 2], [1]), ([3], [2, 3])])


@given(bitexts)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_bitext_comes_back_as_it_was(tmp_path, bitext):
    path = tmp_path / "all.sqlite"
    store = Store(path)
    saved = store.save("a name", bitext)
    assert store.load(saved.id).bitext == bitext
    store.close()
    again = Store(path).load(saved.id)  # from the file, not from memory
    assert again == saved
    assert again.bitext == bitext


STEPS = st.lists(st.tuples(st.sampled_from(["merge", "split", "edit", "accept", "unpair", "lock", "undo", "redo", "shift"]), st.integers(0, 50)), max_size=12)


@given(STEPS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_edits_with_undo_and_redo_are_those_of_the_pure_functions_and_survive(tmp_path, steps):
    from align.history import History

    english, russian = "One is here. Two is there. Three, too.\n\nFour ends it.", "Раз здесь. Два там. И три. Четыре."
    history = History(made(english, russian, [([k], [k]) for k in range(4)]))
    path = tmp_path / f"{next(NUMBER)}.sqlite"
    store = Store(path)
    project = store.save("p", history.present)
    for verb, number in steps:
        edit = edit_of(verb, number % len(history.present))
        try:
            if verb == "undo" or verb == "redo":
                history = getattr(history, verb)()
                change = getattr(store, verb)(project.id, project.revision)
            else:
                history = history.do(verb, edit(history.present))
                change = store.change(project.id, verb, lambda b, _, edit=edit: edit(b))
        except OptionError:
            continue
        shown = list(zip(project.keys, project.versions, strict=True))
        now = change.project
        shown[change.start : change.start + change.removed] = list(zip(now.keys[change.place], now.versions[change.place], strict=True))
        assert shown == list(zip(now.keys, now.versions, strict=True)), "a window that takes over the change has all rows of the store"
        project = now
        assert project.bitext == history.present
        assert (project.undo is not None, project.redo is not None) == (history.can_undo, history.can_redo)
    store.close()
    assert Store(path).load(project.id) == project
    assert len(set(project.keys)) == len(project.bitext)


NUMBER = count()


def edit_of(verb: str, row: int):
    return {
        "merge": lambda b: editing.merge(b, row, row + 1),
        "split": lambda b: editing.split(b, row, 5, 4),
        "edit": lambda b: editing.edit(b, row, "target", "Другой текст."),
        "accept": lambda b: editing.accept(b, row),
        "unpair": lambda b: editing.unpair(b, row),
        "lock": lambda b: editing.lock(b, row),
        "shift": lambda b: editing.shift(b, row, "source", 1),
    }.get(verb)


def test_undo_goes_on_after_a_restart(place, river):
    store = Store(place)
    project = store.save("river", river)
    project = store.change(project.id, "merge", lambda b, _: editing.merge(b, 1, 2)).project
    project = store.change(project.id, "split", lambda b, _: editing.split(b, 0, 9, 5)).project
    assert project.bitext.source_sentences != river.source_sentences
    store.close()
    store = Store(place)
    assert store.load(project.id).undo == "split"
    revision = store.undo(project.id, project.revision).project.revision
    back = store.undo(project.id, revision).project
    assert back.bitext == river
    assert (back.undo, back.redo) == (None, "merge")
    with pytest.raises(StoreError, match="nothing to undo"):
        store.undo(project.id, back.revision)
    again = store.redo(project.id, back.revision).project
    assert again.bitext == editing.merge(river, 1, 2)
    new = store.change(project.id, "accept", lambda b, _: editing.accept(b, 0)).project
    assert new.redo is None


def test_an_edit_of_one_row_sends_one_row(place, river):
    store = Store(place)
    project = store.save("river", river)
    change = store.change(project.id, "edit", lambda b, at: editing.edit(b, at[0], "target", "Новое."), [(project.keys[1], 1)])
    assert (change.start, change.removed, change.added, change.before) == (1, 1, 1, 1)
    assert change.project.versions == (1, 2, 1)
    nothing = store.change(project.id, "edit", lambda b, _: editing.edit(b, 1, "target", "Новое."))
    assert (nothing.added, nothing.project.revision) == (0, 2)
    inside = store.change(project.id, "split", lambda b, _: editing.split(b, 0, 9, 5))
    assert (inside.start, inside.removed, inside.added) == (0, 1, 2), "rows that only count their sentences anew are not sent"


def test_a_row_that_another_window_changed_is_not_overwritten(place, river):
    one, two = Store(place), Store(place)  # as two processes
    project = one.save("river", river)
    seen = [(project.keys[1], project.versions[1])]
    mine = lambda text: lambda b, at: editing.edit(b, at[0], "target", text)  # noqa: E731
    one.change(project.id, "edit", mine("Первый."), seen)
    with pytest.raises(StaleRow, match="changed in another window") as error:
        two.change(project.id, "edit", mine("Второй."), seen)
    assert error.value.row.target == "Первый."
    assert two.load(project.id).bitext.rows[1].target == "Первый."
    again = two.change(project.id, "edit", mine("Второй."), [(error.value.key, error.value.version)])
    assert again.project.bitext.rows[1].target == "Второй."
    with pytest.raises(StaleRow, match="nothing was undone"):
        one.undo(project.id, 2)
    other = two.change(project.id, "edit", mine("Третий."), [(project.keys[2], 1)])  # another row: no quarrel
    assert other.project.bitext.rows[2].target == "Третий."
    one.change(project.id, "merge", lambda b, _: editing.merge(b, 1, 2))
    with pytest.raises(StaleRow, match="gone") as error:
        two.change(project.id, "edit", mine("Четвёртый."), [(project.keys[2], other.project.versions[2])])
    assert error.value.row is None


def test_a_failing_edit_changes_nothing(place, river):
    store = Store(place)
    project = store.save("river", river)
    with pytest.raises(OptionError):
        store.change(project.id, "merge", lambda b, _: editing.merge(b, 2, 3))
    assert Store(place).load(project.id) == project


def test_many_rows_put_into_one_place_keep_their_order(place):
    store = Store(place)
    project = store.save("p", Bitext((Row("a b", None, origin_target="missing"), Row("z", None, origin_target="missing")), "en", "ru"))
    for k in range(40):  # halves the room every time, so that places run out
        new = Row(str(k), None, origin_target="missing")
        project = store.change(project.id, "add", lambda b, _, new=new: b.with_rows((b.rows[0], new, *b.rows[1:]))).project
    again = Store(place).load(project.id)
    assert [r.source for r in again.bitext.rows] == ["a b", *[str(k) for k in reversed(range(40))], "z"]
    assert again == project


def test_a_store_of_a_newer_program_and_a_file_that_is_none_are_refused(tmp_path):
    newer = tmp_path / "newer.sqlite"
    Store(newer).close()
    with sqlite3.connect(newer) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(StoreError, match="newer program"):
        Store(newer)
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"this is no store at all" * 100)
    with pytest.raises(StoreError, match="BITEXT_STORE"):
        Store(broken)


def test_an_older_file_is_brought_forward(tmp_path, monkeypatch, river):
    path = tmp_path / "old.sqlite"
    store = Store(path)
    project = store.save("river", river)
    store.close()
    monkeypatch.setattr("align.store_file.MIGRATIONS", (*MIGRATIONS, "ALTER TABLE projects ADD COLUMN colour TEXT NOT NULL DEFAULT 'none';\n"))
    store = Store(path)
    assert store.load(project.id) == project
    assert sqlite3.connect(path).execute("SELECT colour FROM projects").fetchall() == [("none",)]
    assert sqlite3.connect(path).execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS) + 1


def test_projects_are_listed_and_removed(place, river):
    store = Store(place)
    assert store.projects() == []
    first, second = store.save("one \ud800", river), store.save("two", river)
    store.change(first.id, "accept", lambda b, _: editing.accept(b, 0))
    assert [(p.name, p.rows, p.source_language) for p in store.projects()] == [("one \ufffd", 3, "en"), ("two", 3, "en")]
    store.remove(first.id)
    assert [p.id for p in store.projects()] == [second.id]
    assert {h.project for h in store.search("river")} == {second.id}
    with pytest.raises(StoreError, match="no project"):
        store.load(first.id)
    store.remove(second.id)
    with store.transaction() as db:
        assert {table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("words", "rows", "parts", "steps", "projects")} == dict.fromkeys(("words", "rows", "parts", "steps", "projects"), 0)


def test_another_process_sees_a_new_name(place, river):
    one, two = Store(place), Store(place)
    project = one.save("river", river)
    assert two.load(project.id).name == "river"
    one.rename(project.id, "flood")
    assert two.load(project.id).name == "flood"


def test_one_finding_of_a_row_is_dismissed_and_the_others_of_its_check_stay(place):
    store = Store(place)
    project = store.save("terms", Bitext((Row("The treaty and the vault.", "Ничего нет."),), "en", "ru"))
    saved.learn_terms(store, "treaty\tдоговор\nvault\tхранилище\n", "en", "ru")
    checked = saved.findings(store, project.id)
    terms = [f for f in checked.findings if f.check == "glossary"]
    saved.dismiss(store, checked.project, checked.findings, project.keys[0], "glossary", "it is meant so", terms[0].reason)
    assert [f.note for f in saved.findings(store, project.id).findings if f.check == "glossary"] == ["it is meant so", ""]
    with pytest.raises(StoreError, match="gone"):
        saved.dismiss(store, checked.project, checked.findings, project.keys[0], "glossary", "x", "another reason")


def test_aligning_again_does_not_mind_that_other_projects_were_opened(place, river, monkeypatch):
    store = Store(place)
    one = store.save("one", river)
    others = [store.save(f"other {k}", river) for k in range(6)]
    realign = editing.realign_around

    def meanwhile(*given):
        for other in others:
            store.load(other.id)
        made.append(replace(realign(*given), encoder="another"))
        return made[0]

    made = []
    monkeypatch.setattr(editing, "realign_around", meanwhile)
    saved.edit(store, one.id, "realign", [(one.keys[1], one.versions[1])])
    assert [store.load(one.id).bitext] == made and made[0].encoder == "another"
    assert [store.load(other.id) for other in others] == others


def test_a_row_accepted_while_the_rest_is_filled_stays_as_it_is(place):
    class Accepting:
        id, pairs = "fake@1", None

        def translate(self, texts, source, target, *, beam=4, alternatives=0):
            now = store.load(project.id)
            store.change(project.id, "verify", lambda b, rows: b.with_rows(tuple(replace(r, verified=True) if k in rows else r for k, r in enumerate(b.rows))), [(now.keys[0], now.versions[0])])
            return [Translation("Перевод готов.", -1.0) for _ in texts]

    store = Store(place)
    project = store.save("half", Bitext((Row("It was left out.", None, origin_target="missing"), Row("It is done.", None, origin_target="missing")), "en", "ru"))
    saved.fill(store, project.id, Accepting())
    rows = store.load(project.id).bitext.rows
    assert [(r.target, r.verified) for r in rows] == [(None, True), ("Перевод готов.", False)]


def test_dismissals_are_kept_and_taken_back(place, river):
    from align.bitext import Finding

    store = Store(place)
    project = store.save("river", river)
    note = dismiss([Finding(1, "omitted", "warning", "why")], river, "meant so")
    store.dismiss(project.id, note)
    assert Store(place).dismissals(project.id) == note
    store.dismiss(project.id, dict.fromkeys(note, ""))
    assert store.dismissals(project.id) == {}


@pytest.mark.parametrize(
    ("query", "forms", "found"),
    [
        ("river", False, ["river"]), ("RIVER rose", False, ["river", "rose"]), ("rose river", False, []), ("rose river", True, ["river", "rose"]),
        ("вода", True, ["Вода"]), ("воды", True, ["Вода"]), ("воды", False, []), ("мостами", True, ["Мост"]), ("закрытый", False, []), ("bridges closing", True, ["bridge", "closed"]),
        ("crew", True, ["crews"]), ("crew", False, []), ('the "crews', False, ["the", "crews"]), ("сон", True, []), ("", True, []), ("—!", False, []), ("AND OR NOT", True, []), ("спасибо*", False, ["Спасибо"]),
    ],
)  # fmt: skip
def test_search_finds_words_on_both_sides(place, river, query, forms, found):
    store = Store(place)
    store.save("river", river)
    hits = store.search(query, forms=forms)
    marked = [w for h in hits for text, spans in ((h.row.source, h.source_spans), (h.row.target, h.target_spans)) for w in (text[a:b] for a, b in spans)]
    assert " ".join(marked).split() == " ".join(found).split()


@pytest.mark.parametrize("written", ["за\u0301мок", "Крайний".replace("й", "и\u0306"), "الكِتَاب", "İstanbul"])
def test_search_finds_words_with_marks_that_are_written_apart(place, written):
    store = Store(place)
    store.save("marks", Bitext((Row("The castle stands.", f"{written} стоит."),), "en", "ru"))
    plain = {"за\u0301мок": "замок", "الكِتَاب": "الكتاب"}.get(written, written)
    for query, forms in ((written, True), (written, False), (plain, True)):
        [hit] = store.search(query, forms=forms)
        assert [hit.row.target[a:b] for a, b in hit.target_spans] == [written]


@pytest.mark.parametrize(
    ("text", "query", "forms", "found"),
    [("今天河水上涨了。", "河水", True, ["河水"]), ("川が増水した。", "増水", False, ["増水"]), ("แม่น้ำสูงขึ้น", "แม่น้ำ", True, ["แม่น้ำ"]), ("今天河水上涨了，水很高。", "水 河", True, ["河", "水", "水"]), ("今天河水", "水河", False, [])],
)
def test_search_finds_words_where_no_blanks_stand_between_them(place, text, query, forms, found):
    store = Store(place)
    store.save("zh", Bitext((Row("The river rose.", text), Row("The river rose.", "No.")), "en", "zh"))
    assert [hit.row.target[a:b] for hit in store.search(query, forms=forms) for a, b in hit.target_spans] == found


def test_search_takes_more_words_than_sql_has_conditions_for(place):
    store = Store(place)
    many = [f"河{k}" for k in range(1_200)]
    store.save("zh", Bitext((Row("The river rose.", " ".join(many)), Row("The river rose.", " ".join(many[1:]))), "en", "zh"))
    [hit] = store.search(" ".join(many))
    assert hit.row.target == " ".join(many) and len(hit.target_spans) >= 1_200


def test_search_finds_whole_words_of_a_writing_with_vowel_signs_in_an_older_file_too(place):
    store = Store(place)
    store.save("hi", Bitext((Row("The book is good.", "किताब अच्छी है"), Row("How much is it?", "कितना है?")), "en", "hi"))
    older = "CREATE VIRTUAL TABLE words USING fts5 (source, target, source_lemmas, target_lemmas, tokenize = 'unicode61 remove_diacritics 0')"
    for again in (False, True):
        if again:
            with store.transaction() as db:
                rows = db.execute("SELECT rowid, source, target FROM words").fetchall()
                db.execute("DROP TABLE words")
                db.execute(older)
                db.executemany("INSERT INTO words (rowid, source, target, source_lemmas, target_lemmas) VALUES (?,?,?,'the book be good','क त ब अच छ ह')", rows)
                db.execute("PRAGMA user_version = 2")
            store.close()
            store = Store(place)
        for query, forms in (("किताब", True), ("किताब", False), ("अच्छी किताब", True)):
            [hit] = store.search(query, forms=forms)
            assert [hit.row.target[a:b] for a, b in hit.target_spans] == [word for word in hit.row.target.split() if word in query]
        assert store.search("क") == store.search("कित", forms=False) == []


def test_search_follows_edits_and_reaches_all_projects(place, river):
    store = Store(place)
    one, _ = store.save("one", river), store.save("two", river)
    assert [h.name for h in store.search("river")] == ["two", "one"]
    store.change(one.id, "edit", lambda b, _: editing.edit(b, 0, "source", "The lake rose."))
    assert [h.name for h in store.search("river")] == ["two"]
    assert [(h.name, h.source_language) for h in store.search("lakes")] == [("one", "en")]
    merged = store.change(one.id, "merge", lambda b, _: editing.merge(b, 0, 1)).project
    assert [h.key for h in store.search("lakes")] == [merged.keys[0]]
    assert store.search("river", limit=0) == []


def test_lemmas_know_that_a_word_may_be_several(place):
    assert {"стать", "сталь"} <= set(lemmas("стали"))
    assert lemmas("ещё") == lemmas("еще")
    assert set(lemmas("crises")) & set(lemmas("crisis")) and set(lemmas("spokesmen")) & set(lemmas("Spokesman"))
    assert not set(lemmas("crises")) & set(lemmas("cries"))
    store = Store(place)
    store.save("p", Bitext((Row(None, "Они стали пить чай.", origin_source="missing"),), "en", "ru"))
    assert len(store.search("стать")) == len(store.search("сталью")) == 1
    assert replace(store.search("чая")[0], key=0).target_spans == ((15, 18),)


def test_a_file_that_takes_no_writing_is_an_error_in_words(place, river):
    store = Store(place)
    project = store.save("river", river)
    store._db.execute("PRAGMA query_only = ON")  # as a full or read-only disk
    with pytest.raises(StoreError, match="nothing of it was kept"):
        store.change(project.id, "accept", lambda b, _: editing.accept(b, 0))
    store._db.execute("PRAGMA query_only = OFF")
    assert store.load(project.id) == project


def test_a_new_file_that_another_process_is_making_is_waited_for(place):
    place.parent.mkdir()
    other = sqlite3.connect(place, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.3, other.execute, ["COMMIT"])
    timer.start()
    with closing(Store(place)) as store:
        assert store.projects() == []
    timer.join()
    other.close()


def test_a_closed_store_and_one_without_its_tables_say_so_in_words(place, river):
    store = Store(place)
    project = store.save("river", river).id
    with store.transaction() as db:
        db.execute("DROP TABLE dismissals")
        db.execute("DROP TABLE words")
    for asked in (lambda: store.dismissals(project), lambda: store.search("river")):
        with pytest.raises(StoreError, match="cannot be read"):
            asked()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.projects()
