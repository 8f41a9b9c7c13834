"""bitext corpus align --fill: documents without a partner get the missing version from an engine."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from align import corpus, dataset, dataset_files
from align.bitext import InputError, OptionError
from align.cli import main
from align.dataset_records import BuildOptions
from align.filters import FILTERS
from align.guarded import Answer
from align.missing import engines_of, filling_of
from align.pairing import Pairing, PairOptions, Unpaired
from models import ModelError
from tests.test_translators import Server, upper

EN = ["The river rose by 4 cm. Nobody slept that night.", "The bridge was closed. We thank the crews."]
RU = ["Вода поднялась на 4 см. Той ночью никто не спал.", "Мост закрыли. Мы благодарим бригады."]


@pytest.fixture(scope="module")
def server():
    found = Server([(200, upper)])
    yield found
    found.close()


@pytest.fixture
def folder(tmp_path):
    """Two pairs, one English and one Russian document alone, a copy of the first and a picture."""
    place = tmp_path / "statements"
    place.mkdir()
    for k, (one, two) in enumerate(zip(EN, RU, strict=True)):
        (place / f"s{k}.en.txt").write_text(one, "utf-8")
        (place / f"s{k}.ru.txt").write_text(two, "utf-8")
    (place / "alone.txt").write_text("The harbour is closed in winter. Bread is sold on Mondays.", "utf-8")
    (place / "zcopy.txt").write_text((place / "alone.txt").read_text("utf-8"), "utf-8")
    (place / "one.txt").write_text("Лодка уходит в семь утра. Хлеб продают по понедельникам.", "utf-8")
    (place / "picture.txt").write_bytes(bytes(range(256)) * 50)
    return place


def rows_of(work):
    return [row for part in corpus.parts(work) for row in dataset_files.rows_of([part])]


def aligned(folder, work, engine, size=2):
    corpus.prepare(folder, work, corpus.CorpusOptions(size=size, fill=engine))
    job = corpus.open_job(work)
    return job, corpus.run(job)


def test_a_missing_version_is_translated_and_marked_in_both_directions(folder, tmp_path, server):
    job, done = aligned(folder, tmp_path / "w", server.address)
    assert (len(job.pairs), len(job.fills), job.shards) == (2, 2, 2)
    assert [(d.pairs, d.errors) for d in done] == [(2, 0), (2, 0)]
    rows = [r for r in rows_of(tmp_path / "w") if r["pairing"] == "fill"]
    assert [(r["source"], r["target"]) for r in rows] == [
        ("The harbour is closed in winter.", "THE HARBOUR IS CLOSED IN WINTER."), ("Bread is sold on Mondays.", "BREAD IS SOLD ON MONDAYS."),
        ("ЛОДКА УХОДИТ В СЕМЬ УТРА.", "Лодка уходит в семь утра."), ("ХЛЕБ ПРОДАЮТ ПО ПОНЕДЕЛЬНИКАМ.", "Хлеб продают по понедельникам."),
    ]  # fmt: skip
    assert [(r["origin_source"] == "human", r["origin_target"] == "human", r["score"]) for r in rows] == [(True, False, None)] * 2 + [(False, True, None)] * 2
    assert {(r["source_language"], r["target_language"]) for r in rows} == {("en", "ru")}
    assert {json.loads(line)["path"] for line in (tmp_path / "w" / "unpaired.jsonl").read_text("utf-8").splitlines()} == {"alone.txt", "zcopy.txt", "one.txt", "picture.txt"}
    asked = len(server.seen)
    assert all(d.old for d in corpus.run(corpus.open_job(tmp_path / "w"))) and len(server.seen) == asked


def test_filling_is_added_to_what_is_aligned_and_kept_by_a_run_that_does_not_name_it(folder, tmp_path, server):
    work = tmp_path / "w"
    aligned(folder, work, "")
    before = {p.name: p.read_bytes() for p in (work / "parts").iterdir()}
    job, done = aligned(folder, work, server.address)
    assert [d.old for d in done] == [True, False]
    assert before.items() <= {p.name: p.read_bytes() for p in (work / "parts").iterdir()}.items()
    whole = {p.name: p.read_bytes() for p in (work / "parts").iterdir()}
    job.part(1).unlink()
    again, done = aligned(folder, work, "")
    assert again.options.fill == server.address and [d.old for d in done] == [True, False]
    assert {p.name: p.read_bytes() for p in (work / "parts").iterdir()} == whole


def test_machine_rows_are_left_out_of_a_data_set_unless_asked_for(folder, tmp_path, server):
    aligned(folder, tmp_path / "w", server.address)
    everything = dict.fromkeys(FILTERS, 0.0)
    plain = dataset.build(tmp_path / "w", tmp_path / "a", BuildOptions(validation=0, test=0, least=everything | {"human": 0.5}))
    full = dataset.build(tmp_path / "w", tmp_path / "b", BuildOptions(validation=0, test=0, least=everything))
    assert full["kept"] == plain["kept"] + 4
    assert next(f["removed"] for f in plain["filters"] if f["name"] == "human") == 4
    assert FILTERS["human"].threshold > 0
    assert plain["documents"]["filled"] == 2
    assert [r["machine"] for r in (plain, full)] == [{"endpoint:small": {"rows": 4, "kept": kept}} for kept in (0, 4)]
    texts = [(tmp_path / name / "report.txt").read_text("utf-8") for name in "ab"]
    assert "4 rows have a side written by endpoint:small: 0 kept (--machine keeps them)" in texts[0] and "endpoint:small: 4 kept, for training only" in texts[1]
    cards = [(tmp_path / name / "README.md").read_text("utf-8") for name in "ab"]
    assert "endpoint:small" not in cards[0] and "One side of 4 rows was written by the engine `endpoint:small`" in cards[1]


def test_machine_rows_are_for_training_only(folder, tmp_path, server):
    aligned(folder, tmp_path / "w", server.address)
    least = [option for name in FILTERS if name != "human" for option in ("--least", f"{name}=0")]
    for seed in range(3):
        with pytest.raises(SystemExit) as ended:
            main(["corpus", "build", str(tmp_path / "w"), "-o", str(tmp_path / "set"), "--machine", "--validation", "0", "--test", "0.6", "--seed", str(seed), *least])
        assert not ended.value.code
        made = {s: {r["origin_source"] + r["origin_target"] for r in dataset_files.rows_of((tmp_path / "set" / "data").glob(f"{s}-*"))} for s in ("train", "test")}
        assert made["test"] == {"humanhuman"} and {"humanmachine:endpoint:small", "machine:endpoint:smallhuman"} <= made["train"]


def test_an_engine_that_is_not_there_is_said_before_any_work(folder, tmp_path, capsys):
    with pytest.raises(ModelError, match="no engine 'nothing'"):
        corpus.prepare(folder, tmp_path / "w", corpus.CorpusOptions(fill="nothing"))
    assert not (tmp_path / "w" / "plan.json").exists()
    with pytest.raises(SystemExit) as ended:
        main(["corpus", "align", str(folder), "-o", str(tmp_path / "w2"), "--fill", "--engine", "nothing"])
    assert ended.value.code == 2 and "error: no engine 'nothing'" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["corpus", "align", str(folder), "-o", str(tmp_path / "w2"), "--engine", "gemma"])
    assert "error: --engine gemma is for --fill" in capsys.readouterr().err
    (tmp_path / "few").mkdir()
    (tmp_path / "few" / "a.txt").write_text(EN[0], "utf-8")
    with pytest.raises(InputError, match="two languages are needed"):
        corpus.prepare(tmp_path / "few", tmp_path / "w3", corpus.CorpusOptions(fill="gemma"))
    with pytest.raises(OptionError, match="time limit"):
        corpus.CorpusOptions(limit=0)


def test_a_document_that_the_engine_fails_on_loses_only_itself(folder, tmp_path):
    def picky(body):
        text = body["messages"][-1]["content"]
        return upper(body) if "harbour" in text or "Bread" in text else "no JSON"

    server = Server([(200, picky)])
    try:
        job, done = aligned(folder, tmp_path / "w", server.address)
        assert [(d.pairs, d.errors) for d in done] == [(2, 0), (2, 1)]
        (error,) = [json.loads(line) for line in job.part(1).with_suffix(".errors.jsonl").read_text("utf-8").splitlines()]
        assert error["target"] == "one.txt" and error["source"] == ""
        assert corpus.finished(replace(job, fills=()), 1) is None
    finally:
        server.close()


def bytes_of(work):
    return {p.name: p.read_bytes() for p in (work / "parts").iterdir()}


def test_what_was_translated_before_a_stop_is_not_asked_for_again(folder, tmp_path):
    broken = [True]

    def breaking(body):
        return "no JSON" if broken and "Лодка" in body["messages"][-1]["content"] else upper(body)

    server = Server([(200, breaking)])
    try:
        job, done = aligned(folder, tmp_path / "w", server.address)
        assert [(d.pairs, d.errors) for d in done] == [(2, 0), (2, 1)]
        broken.clear()
        asked = len(server.seen)
        assert corpus.forget_errors(job) == 1
        assert [d.errors for d in corpus.run(job)] == [0, 0]
        again = [body["messages"][-1]["content"] for _, body, _ in server.seen[asked:]]
        assert again and not [text for text in again if "harbour" in text]
        aligned(folder, tmp_path / "whole", server.address)
        assert bytes_of(tmp_path / "w") == bytes_of(tmp_path / "whole")
    finally:
        server.close()


class OneWay:
    """An engine from English alone."""

    pairs = frozenset({("en", "ru")})

    def __init__(self, name):
        self.id = f"{name}@1"


def test_what_an_engine_cannot_do_stays_listed_and_auto_stays_with_its_choice(folder, tmp_path, monkeypatch):
    best = ["first"]
    monkeypatch.setattr("models.load_translator", lambda name, source, target, **_: OneWay(name))
    monkeypatch.setattr("models.catalogue.choose", lambda source, target: best[0])
    said = []
    corpus.prepare(folder, tmp_path / "w", corpus.CorpusOptions(fill="auto"), progress=said.append)
    job = corpus.open_job(tmp_path / "w")
    assert [p.source for p in job.fills] == ["alone.txt"] and job.engines == {"en-ru": ["en", "ru", "first", "first@1"]}
    assert "1 of them to be translated by first (en-ru)" in said[-1]
    best[0] = "better"
    for given in ("auto", ""):
        corpus.prepare(folder, tmp_path / "w", corpus.CorpusOptions(fill=given))
        assert corpus.open_job(tmp_path / "w") == job
    corpus.prepare(folder, tmp_path / "w", corpus.CorpusOptions(fill="other"))
    assert corpus.open_job(tmp_path / "w").engines["en-ru"][2:] == ["other", "other@1"]
    assert corpus.open_job(tmp_path / "w").key(1) != job.key(1) and corpus.open_job(tmp_path / "w").key(0) == job.key(0)
    with pytest.raises(ModelError, match="does not translate ru-en"):
        engines_of("first", [("ru", "en")])


def test_a_worker_with_other_weights_than_the_plan_translates_nothing(folder, tmp_path, server):
    corpus.prepare(folder, tmp_path / "w", corpus.CorpusOptions(size=2, fill=server.address))
    job = corpus.open_job(tmp_path / "w")
    other = replace(job, engines={code: [*values[:3], "other@2"] for code, values in job.engines.items()})
    assert [d.errors for d in corpus.run(other)] == [0, 2]
    assert "was other@2 where --fill was begun" in other.part(1).with_suffix(".errors.jsonl").read_text("utf-8")
    assert corpus.finished(job, 1) is None


def test_a_wrong_engine_is_said_before_documents_are_read_where_the_languages_are_known(folder, tmp_path):
    with pytest.raises(ModelError, match="no engine 'nothing'"):
        corpus.prepare(folder, tmp_path / "w", corpus.CorpusOptions(fill="nothing", pairing=PairOptions(source="en", target="ru")))
    assert list((tmp_path / "w").iterdir()) == []


def test_what_guards_say_of_a_translation_stays_with_its_row(folder, tmp_path, server):
    aligned(folder, tmp_path / "w", server.address)
    notes = [(r["pairing"], r["note"]) for r in rows_of(tmp_path / "w")]
    assert all(note is None for by, note in notes if by != "fill") and any(note for by, note in notes if by == "fill")


def test_translated_documents_are_dealt_to_workers_a_few_at_a_time(folder, tmp_path, server):
    for k in range(9):
        (folder / f"more{k}.txt").write_text(f"Ship number {k} left the harbour at noon. Nobody waved to it.", "utf-8")
    corpus.prepare(folder, tmp_path / "w", corpus.CorpusOptions(size=100, fill=server.address))
    job = corpus.open_job(tmp_path / "w")
    assert [len(job.of(s)) for s in range(job.shards)] == [2, 5, 5, 1] and job.part(2).name == "filled-00001.parquet"
    assert [p for s in range(1, 4) for p in job.of(s)] == list(job.fills)


def test_a_pair_whose_process_was_killed_is_tried_once_more(folder, tmp_path):
    corpus.prepare(folder, tmp_path / "w", corpus.CorpusOptions(size=2))
    job = corpus.open_job(tmp_path / "w")
    corpus.tidy(job, [0])

    class Killed:
        limit, asked = 0.0, 0

        def ask(self, pair):
            self.asked += 1
            return Answer(error="killed", kind="died") if pair.id == job.pairs[0].id and self.asked == 1 or pair.id == job.pairs[1].id else Answer([])

    worker = Killed()
    assert corpus.run_shard(job, 0, worker).errors == 1 and worker.asked == 4
    assert json.loads(job.part(0).with_suffix(".errors.jsonl").read_text("utf-8"))["document_id"] == job.pairs[1].id


def test_one_language_fills_nothing_and_a_region_is_filled_as_its_language(folder, tmp_path, server):
    few = tmp_path / "few"
    few.mkdir()
    (few / "a.txt").write_text(EN[0], "utf-8")
    assert corpus.prepare(few, tmp_path / "w0").languages == ("en",)
    assert filling_of(Pairing((), (Unpaired("a.txt", "en", "alone"),), ("en",)), few, {"en-ru": ["en", "ru", "gemma", "gemma@1"]}) == []
    options = corpus.CorpusOptions(size=2, fill=server.address, pairing=PairOptions(source="en-GB", target="ru"))
    corpus.prepare(folder, tmp_path / "w", options)
    job = corpus.open_job(tmp_path / "w")
    assert [(p.source, p.target, p.source_language) for p in job.fills] == [("alone.txt", "", "en-GB"), ("", "one.txt", "en-GB")]
    assert [(d.pairs, d.errors) for d in corpus.run(job)] == [(2, 0), (2, 0)]
    assert sorted({(r["source_language"], r["target_language"]) for r in rows_of(tmp_path / "w")}) == [("en-GB", "ru")]


def test_an_engine_of_a_language_is_that_of_its_regions(monkeypatch):
    monkeypatch.setattr("models.load_translator", lambda name, source, target, **_: OneWay(name))
    assert engines_of("first", [("en-GB", "ru")]) == {"en-GB-ru": ["en-GB", "ru", "first", "first@1"]}
