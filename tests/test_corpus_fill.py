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


def test_an_engine_that_is_not_there_is_said_before_any_work(folder, tmp_path, capsys):
    with pytest.raises(ModelError, match="no engine 'nothing'"):
        corpus.prepare(folder, tmp_path / "w", corpus.CorpusOptions(fill="nothing"))
    assert not (tmp_path / "w" / "plan.json").exists()
    with pytest.raises(SystemExit) as ended:
        main(["corpus", "align", str(folder), "-o", str(tmp_path / "w2"), "--fill", "--engine", "nothing"])
    assert ended.value.code == 2 and "error: no engine 'nothing'" in capsys.readouterr().err
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
