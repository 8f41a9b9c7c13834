"""Folders of statements to data sets: guarded work, pairing, shards that are killed, filters, splits, cards, reports, the hub, Ray."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import unicodedata
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from align import corpus, dataset, dataset_files, survey, survey_page
from align.bitext import AlignError, InputError, OptionError
from align.cli import main
from align.corpus_rows import COLUMNS
from align.duplicates import NearDuplicates, digest, normal, signature
from align.file_names import by_name
from align.filters import FILTERS, Sieve, least_of, thresholds
from align.guarded import Worker, spread
from align.looks import Look, label_of, listed
from align.missing import needed
from align.pairing import DocumentPair, PairOptions, Unpaired, pair_looks
from align.survey_rows import parallel_rows
from benchmarks.corpus import generate, pairing_scores
from benchmarks.sentences import pairs
from tests.hub import Hub, sent

ROWS = pairs(120, 5)
TEXTS = ("Вступительное слово на заседании комиссии по реке.", "Opening remarks at the meeting of the river commission.")


def tasks(name):
    """What the workers of these tests do."""
    if name == "no such":
        raise OptionError("there is no model of this name")

    def do(task):
        if task == "hang":
            time.sleep(60)
        if task == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if task == "wrong":
            raise InputError("these data are wrong")
        if task == "fault":
            raise ZeroDivisionError("by nothing")
        os.write(1, b"noise among the answers")
        return f"{name} {task} {os.getpid()}"

    return do


def worker(limit=20.0, name="done"):
    return Worker("tests.test_corpus:tasks", {"name": name}, limit)


def test_a_task_that_raises_hangs_or_dies_loses_only_itself():
    one = worker()
    try:
        first = one.ask("a").value
        assert first.startswith("done a ")
        assert (one.ask("wrong").kind, one.ask("fault").kind) == ("input", "program")
        assert "ZeroDivisionError: by nothing" in one.ask("fault").error
        assert one.ask("b").value.split()[-1] == first.split()[-1], "an exception does not cost the process"
        died = one.ask("die")
        assert died.kind == "died" and "signal 9" in died.error
        other = one.ask("c").value.split()[-1]
        assert other != first.split()[-1]
        one.limit = 0.5
        late = one.ask("hang")
        assert late.kind == "time" and "0.5 seconds" in late.error
        one.limit = 20.0
        assert one.ask("d").value.split()[-1] != other
    finally:
        one.close()
    with pytest.raises(AlignError, match="stopped"):
        one.ask("e")


def test_a_worker_without_its_model_says_so_and_stops_the_run():
    done = []
    with pytest.raises(AlignError, match="no model of this name"):
        spread(range(4), lambda item, w: done.append(w.ask(item)), lambda: worker(name="no such"), 2)
    assert not done
    with pytest.raises(OptionError, match="workers is 0"):
        spread([1], lambda item, w: None, worker, 0)


def test_a_worker_ends_when_its_parent_is_killed():
    code = "import sys; from tests.test_corpus import worker; w = worker(); w.ask('a'); print(w.process.pid, flush=True); w.ask('hang')"
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    for _ in range(100):
        if not Path(f"/proc/{child}").exists() or Path(f"/proc/{child}/stat").read_text().split()[2] == "Z":
            break
        time.sleep(0.1)
    else:
        pytest.fail("the worker goes on without its parent")
    parent.stdout.close()


# pairing


def test_names_that_differ_in_a_language_alone():
    paths = ["a.en.html", "a.ru.docx", "en/b.txt", "ru/b.txt", "2021/note_EN.md", "2021/note_ru.txt", "c.en.txt", "c.ru.txt", "c.ru.docx", "russian-news.txt", "it.txt"]
    named = [("2021/note_EN.md", "2021/note_ru.txt"), ("a.en.html", "a.ru.docx"), ("c.en.txt", "c.ru.txt"), ("en/b.txt", "ru/b.txt")]
    assert sorted(by_name(paths)) == named
    assert by_name(["x.de.txt", "x.ru.txt", "x.en.txt"], "ru", "de") == [("x.ru.txt", "x.de.txt")]
    assert by_name(["statement.english.txt", "statement.russian.txt"]) == [("statement.english.txt", "statement.russian.txt")]
    assert by_name([]) == []
    for twice in (["en/s1.en.txt", "ru/s1.ru.txt", "en/s2.en.txt", "ru/s2.ru.txt"], ["eng/s1_en.txt", "rus/s1_ru.txt"]):
        assert by_name(twice) == list(zip(twice[::2], twice[1::2], strict=True))
    assert by_name(["a.en.txt", "a.ru.txt"], "ru", "en-US") == [("a.ru.txt", "a.en.txt")]


def test_named_pairs_of_a_third_language_are_no_pairs_and_regions_do_not_matter():
    named = [("s0.en", "s0.de"), ("s1.en", "s1.ru"), ("s2.en", "s2.ru")]
    looks = [look(path, path[-2:]) for pair in named for path in pair] + [look("x", "ru")]
    found = paired(*[replace(x, path=f"{x.path}.txt") for x in looks], named=[(f"{a}.txt", f"{b}.txt") for a, b in named])
    assert [(p.source, p.target) for p in found.pairs] == [("s1.en.txt", "s1.ru.txt"), ("s2.en.txt", "s2.ru.txt")]
    assert {u.path: u.reason for u in found.unpaired}["s0.de.txt"] == "its language is 'de'; expected 'en' or 'ru'"
    found = paired(*[replace(x, path=f"{x.path}.txt") for x in looks], named=[("s1.en.txt", "s1.ru.txt")], options=PairOptions(source="en-US", target="ru"))
    assert [(p.source, p.source_language) for p in found.pairs] == [("s1.en.txt", "en-US")]


def look(path, language, seed=None, **more):
    """A look whose sentences lie near those of the same seed in the other language."""
    vectors = b""
    if seed is not None:
        rng, own = np.random.default_rng(seed), np.random.default_rng(abs(hash((path, "own"))) % 2**32)
        rows = rng.normal(size=(6, 64)) + 0.3 * own.normal(size=(6, 64))
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        vectors = np.rint(rows * 127).astype(np.int8).tobytes()
    weights = (3.0,) * 5 if seed is not None else ()
    return replace(Look(path, 1, 1, "e", path, language, characters=1000, sentences=5, vectors=vectors, weights=weights), **more)


def paired(*looks, named=(), options=None):
    by = {x.path: x.matrix() for x in looks}
    found = pair_looks(looks, named, by.__getitem__, options or PairOptions())
    listed_ = [p for pair in found.pairs for p in (pair.source, pair.target)] + [u.path for u in found.unpaired]
    assert sorted(listed_) == sorted(by), "every document is in the pairing once"
    return found


def test_reference_then_date_and_title_then_content():
    found = paired(
        look("1", "en", 1, reference="12-01"), look("2", "ru", 2, reference="12-01"),
        look("3", "en", 3, date="2021-11-10", title="t"), look("4", "ru", 3, date="2021-11-10T15:46", title="t"),
        look("5", "en", 4), look("6", "ru", 4), look("7", "en", 5), look("8", "ru", 6),
    )  # fmt: skip
    assert {(p.source, p.target, p.by) for p in found.pairs} == {("1", "2", "reference"), ("3", "4", "date and title"), ("5", "6", "content")}
    assert all(0.5 <= p.confidence <= 1 for p in found.pairs)
    assert {u.path for u in found.unpaired} == {"7", "8"} and all("too unlike" in u.reason or "belongs to" in u.reason for u in found.unpaired)


def test_a_reference_that_three_documents_have_pairs_none_of_them():
    found = paired(look("1", "en", 1, reference="12-01"), look("2", "ru", 2, reference="12-01"), look("3", "ru", 3, reference="12-01"))
    assert found.pairs == () and {u.path for u in found.unpaired} == {"1", "2", "3"}


def test_two_candidates_without_a_margin_are_left_unpaired_and_numbers_decide():
    same = look("2", "ru", 1)
    found = paired(look("1", "en", 1), same, replace(same, path="3", digest="3"))
    assert not found.pairs and any("ahead of other candidates" in u.reason for u in found.unpaired)
    figures = ("10", "20", "30", "40")
    found = paired(look("1", "en", 1, numbers=figures), replace(same, numbers=("11", "21", "31")), replace(same, path="3", digest="3", numbers=figures))
    assert [(p.source, p.target) for p in found.pairs] == [("1", "3")]


def test_names_do_not_win_over_texts_and_others_are_listed_with_reasons():
    found = paired(
        look("a.en", "ru"), look("a.ru", "en"), look("b.en", "en"), look("b.ru", "en"), look("c", "fr", 3), look("d", None, 4),
        look("e", "en", 5, digest="same"), look("f", "en", 5, digest="same"), look("g", "ru", problem="it cannot be read: broken"),
        named=[("a.en", "a.ru"), ("b.en", "b.ru")], options=PairOptions(source="en", target="ru"),
    )  # fmt: skip
    assert [(p.source, p.target) for p in found.pairs] == [("a.ru", "a.en")], "the sides follow the languages of the texts"
    reasons = {u.path: u.reason for u in found.unpaired}
    for path, words in {"b.en": "both are in 'en'", "c": "'fr'", "d": "not recognised", "f": "same file as e", "g": "broken", "e": "no version in 'ru'"}.items():
        assert words in reasons[path]


def test_wrong_options_of_pairing():
    for wrong in ({"first": 0}, {"floor": 1.5}, {"margin": -1}, {"source": "en", "target": "en"}):
        with pytest.raises(OptionError, match="expected"):
            PairOptions(**wrong)


def test_renamed_documents_with_missing_versions_and_near_duplicates(tmp_path):
    scores = pairing_scores(tmp_path, 50, 8, seed=3)
    assert scores.precision > 0.97 and scores.recall > 0.95, scores
    assert scores.listed, "every document is in pairs.jsonl or unpaired.jsonl, once"


# shards


@pytest.fixture(scope="module")
def statements(tmp_path_factory):
    folder = tmp_path_factory.mktemp("statements")
    generate(folder, 12, 4, seed=2)
    (folder / "poison.en.txt").write_bytes(bytes(range(256)) * 50)
    (folder / "poison.ru.txt").write_text(" ".join(p[1] for p in ROWS[:4]), "utf-8")
    (folder / "notes.xyz").write_text("x")
    return folder


@pytest.fixture(scope="module")
def whole(statements, tmp_path_factory):
    """A work folder of one run that was not disturbed."""
    work = tmp_path_factory.mktemp("work") / "whole"
    corpus.prepare(statements, work, corpus.CorpusOptions(size=2))
    corpus.run(corpus.open_job(work))
    return work


def written(work):
    return {p.name: p.read_bytes() for p in sorted((work / "parts").iterdir())}


def test_every_pair_is_aligned_and_what_cannot_be_read_is_listed(statements, whole):
    job = corpus.open_job(whole)
    assert len(job.pairs) == 12 and job.shards == 6
    unpaired = {v["path"]: v["reason"] for v in map(json.loads, (whole / "unpaired.jsonl").read_text("utf-8").splitlines())}
    assert set(unpaired) == {"poison.en.txt", "poison.ru.txt", "notes.xyz"}
    assert "binary" in unpaired["poison.en.txt"] and "poison.en.txt" in unpaired["poison.ru.txt"] and ".xyz" in unpaired["notes.xyz"]
    rows = [r for path in corpus.parts(whole) for r in dataset_files.rows_of([path])]
    assert len(rows) == 48 and {r["document_id"] for r in rows} == {p.id for p in job.pairs}
    assert all(r["target"] == dict(pairs(12 * 4 + 40, 2))[r["source"]] for r in rows if r["type"] == "1-1")
    assert set(rows[0]) == set(COLUMNS)


def test_killed_at_any_moment_and_run_again_it_ends_with_the_same_bytes(statements, whole, tmp_path):
    work = tmp_path / "work"
    command = [sys.executable, "-m", "align", "corpus", "align", str(statements), "-o", str(work), "--shard-size", "2", "--workers", "2"]
    for wanted in (1, 3):  # parts that may be written before the kill
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while len(list(work.glob("parts/part-*.parquet"))) < wanted and process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        process.kill()
        process.wait()
        for name, data in written(work).items():
            if name.startswith("part-"):
                assert data == written(whole)[name], "what is there is whole"
    before = {p.name: p.stat().st_mtime_ns for p in work.glob("parts/part-*.parquet")}
    assert before
    (work / "parts" / ".part-00005.parquet.torn").write_bytes(b"half")
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert written(work) == written(whole)
    assert before.items() <= {p.name: p.stat().st_mtime_ns for p in work.glob("parts/part-*.parquet")}.items(), "parts that were there are passed over"
    assert (work / "pairs.jsonl").read_bytes() == (whole / "pairs.jsonl").read_bytes()


def test_parts_of_texts_that_were_changed_since_are_not_built(statements, tmp_path):
    folder, work = tmp_path / "s", tmp_path / "w"
    folder.mkdir()
    for code, k in (("en", 0), ("ru", 1)):
        (folder / f"a.{code}.txt").write_text(" ".join(p[k] for p in ROWS[:4]), "utf-8")
        (folder / f"b.{code}.txt").write_text(" ".join(p[k] for p in ROWS[4:8]), "utf-8")
    corpus.prepare(folder, work, corpus.CorpusOptions(size=1))
    corpus.run(corpus.open_job(work))
    assert len(list(corpus.parts(work))) == 2
    for code in ("en", "ru"):
        (folder / f"b.{code}.txt").unlink()
    (folder / "a.en.txt").write_text(" ".join(p[0] for p in ROWS[:3]), "utf-8")
    corpus.prepare(folder, work, corpus.CorpusOptions(size=1))
    with pytest.raises(InputError, match="1 of 1 shards are not aligned yet"):
        corpus.parts(work)
    corpus.run(corpus.open_job(work))
    assert len(list(corpus.parts(work))) == 1 and {p.name.split(".")[0] for p in (work / "parts").iterdir()} == {"part-00000"}


def test_linked_folders_are_read_once(tmp_path):
    real = tmp_path / "real"
    real.mkdir()
    (real / "b.en.txt").write_text("x")
    folder = tmp_path / "s"
    folder.mkdir()
    (folder / "2021").symlink_to(real)
    (folder / "again").symlink_to(real)
    (folder / "round").symlink_to(folder)
    found, others = listed(folder)
    assert [path for path, _, _ in found] == ["2021/b.en.txt"]
    assert others == [("again", "a link to a folder that is read already"), ("round", "a link to a folder that is read already")]


def copy_of(whole, statements, tmp_path):
    """A work folder without parts, and its own folder of statements."""
    folder, work = tmp_path / "s", tmp_path / "w"
    shutil.copytree(statements, folder)
    work.mkdir()
    for name in ("plan.json", "pairs.jsonl", "unpaired.jsonl"):
        shutil.copy(whole / name, work)
    return corpus.open_job(work, folder=folder, limit=4.0)


def test_a_document_that_hangs_or_is_gone_loses_only_itself(statements, whole, tmp_path):
    job = copy_of(whole, statements, tmp_path)
    for name in (job.pairs[0].source, job.pairs[3].target):
        (job.folder / name).unlink()
    os.mkfifo(job.folder / job.pairs[0].source)  # reading it never ends
    done = corpus.run(job, [0, 1, 2])
    assert [(d.shard, d.rows, d.errors) for d in done] == [(0, 4, 1), (1, 4, 1), (2, 8, 0)]
    errors = [json.loads(line) for s in (0, 1) for line in job.part(s).with_suffix(".errors.jsonl").read_text("utf-8").splitlines()]
    assert [(e["document_id"], e["kind"]) for e in errors] == [(job.pairs[0].id, "time"), (job.pairs[3].id, "input")]
    assert "there is no file" in errors[1]["error"]
    assert written(job.work)["part-00002.parquet"] == written(whole)["part-00002.parquet"]
    with pytest.raises(InputError, match="3 of 6 shards are not aligned yet"):
        corpus.parts(job.work)
    for pair in (job.pairs[0], job.pairs[3]):
        for name in (pair.source, pair.target):
            (job.folder / name).unlink(missing_ok=True)
            shutil.copy(statements / name, job.folder / name)
    assert corpus.forget_errors(job) == 2
    corpus.run(job)
    assert written(job.work) == written(whole)


def test_shares_of_shards_together_are_all_of_them_and_a_changed_document_is_done_again(statements, whole, tmp_path):
    job = copy_of(whole, statements, tmp_path)
    shares = [corpus.chosen(job, f"{k}/4") for k in (1, 2, 3, 4)]
    assert sorted(s for share in shares for s in share) == list(range(6)) and corpus.chosen(job, "0/4") == []
    for wrong in ("5/4", "1", "a/b", "1/0", "-1/4"):
        with pytest.raises(OptionError, match="k/n"):
            corpus.chosen(job, wrong)
    shutil.copytree(whole / "parts", job.work / "parts")
    assert all(d.old for d in corpus.run(job))
    job.part(1).write_bytes(job.part(1).read_bytes()[:-20])
    changed = replace(job, pairs=(replace(job.pairs[0], source_digest="other"), *job.pairs[1:]))
    assert corpus.finished(changed, 0) is None and corpus.finished(job, 1) is None and corpus.finished(job, 2) is not None


def test_a_work_folder_is_not_mixed(statements, whole, tmp_path):
    with pytest.raises(InputError, match="was begun with size = 2, now it is 3"):
        corpus.prepare(statements, whole, corpus.CorpusOptions(size=3))
    with pytest.raises(InputError, match="not a folder"):
        corpus.prepare(tmp_path / "none", tmp_path / "w")
    with pytest.raises(InputError, match="no plan.json"):
        corpus.open_job(tmp_path)
    (tmp_path / "empty").mkdir()
    assert corpus.prepare(tmp_path / "empty", tmp_path / "w2").pairs == ()
    with pytest.raises(InputError, match="it has no pairs"):
        corpus.parts(tmp_path / "w2")


EMPTY = ("align", "empty", "-o", "w")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [(EMPTY, "empty holds no documents"), ((*EMPTY, "--fill", "--engine", "gemma"), "empty holds no documents"), (("report", "nope"), "no file and no folder nope")],
)
def test_an_empty_folder_and_a_data_set_that_is_not_there_are_told(arguments, word, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    with pytest.raises(SystemExit) as ended:
        main(["corpus", *arguments])
    assert ended.value.code == 2 and word in capsys.readouterr().err


def test_a_work_folder_inside_the_statements_is_not_read(tmp_path):
    generate(tmp_path, 1, 2)
    (tmp_path / "work" / "looks").mkdir(parents=True)
    (tmp_path / "work" / "x.txt").write_text("not a statement")
    assert [p for p, _, _ in listed(tmp_path, tmp_path / "work")[0]] == ["statement-00000.en.txt", "statement-00000.ru.txt"]
    assert label_of("use", 16) != label_of("use", 8)


def test_under_ray_the_same_bytes_and_a_poison_document_loses_only_itself(statements, whole, tmp_path):
    pytest.importorskip("ray")
    from align.cluster import run_on_ray

    job = copy_of(whole, statements, tmp_path)
    (job.folder / job.pairs[0].source).unlink()
    os.mkfifo(job.folder / job.pairs[0].source)
    done = run_on_ray(job, workers=2)
    assert [(d.shard, d.errors) for d in done] == [(0, 1), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0)] and done[0].rows == 4
    assert all(data == written(whole)[name] for name, data in written(job.work).items() if not name.startswith("part-00000"))


# filters and data sets


def row(number, document="d0", source=None, target=None, **more):
    english, russian = ROWS[number]
    return {
        "document_id": document, "position": number, "source": source or english, "target": target or russian, "score": 0.99, "similarity": 0.8, "type": "1-1",
        "origin_source": "human", "origin_target": "human", "verified": False, "source_ids": [number], "target_ids": [number], "length_ratio": 1.0,
        "source_language": "en", "target_language": "ru", "source_path": "a", "target_path": "b", "pairing": "name", "pairing_confidence": 0.99, "verdict": "versions",
    } | more  # fmt: skip


def work_of(folder, rows):
    """A work folder of these rows, a document a shard."""
    by = {}
    for values in rows:
        by.setdefault(values["document_id"], []).append(values)
    (folder / "parts").mkdir(parents=True)
    found = [DocumentPair(name, f"{name}.en", f"{name}.ru", "en", "ru", "name", 0.99) for name in by]
    (folder / "pairs.jsonl").write_text("".join(json.dumps(asdict(p)) + "\n" for p in found))
    plan = {"folder": "s", **corpus.CorpusOptions(size=1).as_dict(), "pairs": len(found), "unpaired": 1, "version": "0"}
    (folder / "plan.json").write_text(json.dumps(plan))
    job = corpus.open_job(folder)
    for k, values in enumerate(by.values()):
        corpus.write_part(job, k, values)
    return folder


BAD = {
    "sides": {"target": None, "origin_target": "missing", "similarity": None, "score": 1.0},
    "versions": {"verdict": "not-versions"},
    "pairing": {"pairing_confidence": 0.55},
    "confidence": {"score": 0.5},
    "similarity": {"similarity": 0.1},
    "length": {"length_ratio": 3.0},
    "language": {"target": "Комісія схвалила план попередження про повені у квітні після обговорення, оскільки вода піднялася."},
    "translated": {"source": "Комиссия утвердила план.", "target": "Комиссия утвердила план."},
    "numbers": {"source": "The fund paid 17 million crowns in 2014.", "target": "Фонд выплатил 93 миллиона крон в 2014 году."},
    "human": {"origin_target": "machine:gemma"},
}


@pytest.mark.parametrize("name", BAD)
def test_each_filter_removes_what_it_is_for_and_lets_it_pass_at_threshold_0(name):
    bad = row(1) | BAD[name]
    assert name in [n for n, _ in Sieve(thresholds()).failed(bad)]
    assert Sieve(thresholds()).failed(row(1)) == []
    assert name not in [n for n, _ in Sieve(thresholds({name: 0.0})).failed(bad)]


def test_every_filter_is_tested():
    assert {*BAD, "exact", "near"} == set(FILTERS)


def test_a_row_that_a_person_verified_is_kept_unless_it_repeats():
    sieve = Sieve(thresholds())
    assert sieve.failed(row(1, score=0.2, similarity=0.0, verified=True)) == []
    assert [n for n, _ in sieve.failed(row(1, score=0.2, verified=True))] == ["exact"]


def test_duplicates_exact_and_near():
    sieve = Sieve(thresholds())
    text = "The commission approved the flood warning plan after a debate of three hours, because the water had risen in the lower villages"
    assert sieve.failed(row(1, source=text)) == []
    assert sieve.failed(row(1, source=f"  {text.upper()} !")) == [("exact", 0.0)]
    near = sieve.failed(row(1, source=text.replace("three", "four")))
    assert near[0][0] == "near" and 0 < near[0][1] < 0.2
    assert sieve.failed(row(1, source=text.replace("three", "four"), target=ROWS[50][1])) == []
    assert Sieve(thresholds({"near": 0, "exact": 0})).failed(row(1)) == []
    assert digest("Ёлка, a") == digest("елка  A.") != digest("елка", "a") and normal("«Ёж» — 5") == "еж 5"


def test_signatures_estimate_the_share_of_word_pairs():
    words = [f"w{k}" for k in range(400)]
    one, two = " ".join(words[:300]), " ".join(words[100:])
    alike = float((signature([one]) == signature([two])).mean())
    assert abs(alike - 200 / 400) < 0.2
    near = NearDuplicates(1)
    for text in (one, two, "", "x"):
        near.add(signature([text]))
    assert near.likest(signature([two])) == (1.0, 1) and near.likest(signature(["quite other words"])) == (0.0, None)


def test_wrong_thresholds():
    assert least_of(["near=0.3", "length=0"]) == {"near": 0.3, "length": 0.0}
    for wrong in (["near"], ["near=x"]):
        with pytest.raises(OptionError, match="NAME=NUMBER"):
            least_of(wrong)
    with pytest.raises(OptionError, match="no filter 'nearness'"):
        thresholds({"nearness": 0.1})
    with pytest.raises(OptionError, match="from 0"):
        thresholds({"near": 1.5})
    for wrong in ({"test": 1.0}, {"validation": -0.1}, {"also": ("pdf",)}):
        with pytest.raises(OptionError):
            dataset.BuildOptions(**wrong)


def test_a_joined_row_gives_its_sentences_and_its_whole_texts():
    texts = {"source": "The river rose. Nobody slept.", "target": "Вода поднялась. Никто не спал."}
    joined, whole = dataset.sentences_of(row(0, **texts, type="2-2")), dataset.sentences_of(row(0, **texts))
    alone = dataset.sentences_of(row(0, source="Nobody slept.", target="Никто не спал."))
    assert (len(joined), len(whole), len(alone)) == (6, 2, 2) and whole | alone < joined


def test_splits_are_of_documents_and_follow_the_seed():
    names = [f"d{k}" for k in range(40)]
    one = dataset.splits_of(names, 0.1, 0.1, 1)
    assert sorted(one.values()).count("test") == 4 and sorted(one.values()).count("validation") == 4
    assert one == dataset.splits_of(reversed(names), 0.1, 0.1, 1) != dataset.splits_of(names, 0.1, 0.1, 2)
    assert dataset.splits_of(["a"], 0.1, 0.1, 1) == {"a": "train"} and dataset.splits_of([], 0.1, 0.1, 1) == {}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A work folder with a bad row of every kind and sentences that documents share, and the data set of it."""
    place = tmp_path_factory.mktemp("made")
    rows = [row(k, f"d{k // 10}") for k in range(100)]
    rows += [row(100 + k, f"d{k}") | bad for k, bad in enumerate(BAD.values())]
    rows += [row(110, f"d{k}", target=f"{ROWS[110 + k][1]}") for k in range(1, 10)]  # one source in nine documents
    joined = " ".join(ROWS[k][0] for k in (0, 10, 20, 30, 40, 50, 60, 70, 80, 90))
    rows += [row(119, "d9", source=joined, target=" ".join(ROWS[k][1] for k in (0, 10, 20, 30, 40, 50, 60, 70, 80, 90)), type="10-10")]
    work = work_of(place / "work", rows)
    options = dataset.BuildOptions(validation=0.2, test=0.2, least={"numbers": 0.15, "length": 0.4}, also=("moses", "tmx", "jsonl"), license="cc-by-4.0")
    report = dataset.build(work, place / "set", options)
    return place, rows, options, report


def opened(place, cache):
    import datasets

    return datasets.load_dataset(str(place), cache_dir=str(cache))


def test_a_data_set_opens_with_datasets_and_no_sentence_leaks(made, tmp_path):
    place, rows, _, report = made
    found = opened(place / "set", tmp_path)
    assert set(found) == {"train", "validation", "test"} and found["train"].features["translation"].languages == ["en", "ru"]
    assert set(found["train"].column_names) == {"translation", "score", "similarity", "type", "origin_source", "origin_target", "document_id", "position", "verified"}
    sets = {s: {t for r in rows_ for text in r["translation"].values() for t in (text, *(p for pair in ROWS for p in pair if p in text))} for s, rows_ in found.items()}
    assert not sets["train"] & sets["test"] and not sets["train"] & sets["validation"] and not sets["validation"] & sets["test"]
    documents = [{r["document_id"] for r in rows_} for rows_ in found.values()]
    assert sum(map(len, documents)) == len(set.union(*documents)), "a document is in one split"
    removed = list(dataset_files.rows_of([place / "set" / "removed.parquet"]))
    kept = sum(len(s) for s in found.values())
    assert kept == report["kept"] == sum(s["rows"] for s in report["splits"].values()) and kept + len(removed) == len(rows) == report["rows"]
    places = {(r["document_id"], r["position"], r["source"]) for r in removed} | {
        (r["document_id"], r["position"], r["translation"]["en"]) for s in found.values() for r in s
    }
    assert places == {(r["document_id"], r["position"], r["source"]) for r in rows}, "no row is lost"
    reasons = {r["reason"] for r in removed}
    assert set(BAD) | {"leak"} <= reasons and all(r["reason"] == r["reasons"][0] for r in removed)


def test_the_report_and_the_card_agree_with_the_rows(made):
    from huggingface_hub import DatasetCard

    place, _, _, report = made
    assert json.loads((place / "set" / "report.json").read_text("utf-8")) == report
    removed = [r["reason"] for r in dataset_files.rows_of([place / "set" / "removed.parquet"])]
    for entry in report["filters"]:
        assert entry["removed"] == removed.count(entry["name"]) and entry["failed"] >= entry["removed"]
        assert 0 < len(entry["examples"]) <= 3 if entry["removed"] else entry["examples"] == []
    card = DatasetCard.load(place / "set" / "README.md")
    assert card.data.language == ["en", "ru"] and card.data.license == "cc-by-4.0" and card.data.to_dict()["size_categories"] == ["n<1K"]
    assert f"{report['kept']:,} rows kept" in card.text and "numbers | 0.15 |" in card.text and "scores.svg" in card.text
    text = (place / "set" / "report.txt").read_text("utf-8")
    shown = [e for entry in report["filters"] for e in entry["examples"]]
    assert shown and all(e["source"][:100] in text and f"{e['document_id']}, row {e['position']}" in text for e in shown)
    from lxml import etree

    picture = etree.fromstring((place / "set" / "scores.svg").read_bytes())
    bars = [t.text for t in picture.iter("{*}title")][1:]
    assert sum(int(b.split(": ")[1].split()[0].replace(",", "")) for b in bars) == sum(map(sum, report["scores"].values())) == report["rows"]


def test_further_formats_hold_the_rows_of_their_split(made):
    from align import formats

    place, _, _, report = made
    for split, about in report["splits"].items():
        texts = [[(r.source, r.target) for r in formats.read(place / "set" / "also" / f"{split}.{e}", source="en", target="ru").rows] for e in ("moses", "tmx", "jsonl")]
        assert len(texts[0]) == about["rows"] and texts[0] == texts[1] == texts[2]


def test_the_same_work_gives_the_same_bytes_and_replaces_the_old_set(made, tmp_path):
    place, _, options, _ = made
    dataset.build(place / "work", tmp_path / "set", options)
    (tmp_path / "set" / "data" / "old.parquet").write_bytes(b"x")
    dataset.build(place / "work", tmp_path / "set", options)
    one, two = ({p.relative_to(f): p.read_bytes() for p in f.rglob("*") if p.is_file()} for f in (place / "set", tmp_path / "set"))
    assert one == two and [p.name for p in tmp_path.iterdir()] == ["set"]


def test_a_folder_of_something_else_and_an_empty_result_are_refused(made, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match="no data set of ours"):
        dataset.build(made[0] / "work", tmp_path / "mine")
    with pytest.raises(InputError, match=r"no row of 2 was kept \(removed by confidence 2\)"):
        dataset.build(work_of(tmp_path / "w", [row(1, score=0.1), row(2, score=0.2)]), tmp_path / "none")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine", "w"]


def test_one_document_gives_a_training_split_alone(tmp_path, monkeypatch):
    dataset.build(work_of(tmp_path / "w", [row(1), row(2)]), tmp_path / "set")
    (tmp_path / "set" / "LICENSE").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "set")
    before = (tmp_path / "set").stat().st_ino
    dataset.build(tmp_path / "w", tmp_path / "link")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "set").stat().st_ino != before and (tmp_path / "set" / "LICENSE").read_text() == "mine"
    monkeypatch.chdir(tmp_path / "set")
    dataset.build(tmp_path / "w", Path())
    assert (tmp_path / "set" / "report.json").is_file() and not list(tmp_path.glob(".set*"))
    assert {s: len(r) for s, r in opened(tmp_path / "set", tmp_path / "cache").items()} == {"train": 2}


# reports


def test_a_report_of_any_data_set(made, tmp_path):
    from align import formats
    from align.bitext import Bitext, Row

    rows = [Row(a, b, similarity=0.9) for a, b in ROWS[:30]] + [Row(ROWS[0][0], ROWS[0][1], similarity=0.9), Row("5", "5", similarity=0.1), Row("alone", None)]
    bitext = Bitext(tuple(rows), "en", "ru")
    for name in ("x.tmx", "x.moses", "x.parquet", "x.jsonl"):
        formats.write(bitext, tmp_path / name)
        codes, found = parallel_rows(tmp_path / name, "en", "ru")
        about = survey.survey(codes, found)
        assert (about["rows"], about["both_sides"], about["copies"], about["repeated_pairs"]) == (33, 32, 1, 1), name
        assert about["sides"][1]["languages"]["ru"] == 31 and about["sides"][0]["characters"] == sum(len(r.source) for r in rows)
        if name != "x.moses":
            assert about["similarity"]["low_share"] == round(1 / 32, 4) and about["worst"][0]["source"] == "5" and len(about["worst"]) == 20
        else:
            assert about["similarity"]["known"] == 0 and "not known" in survey_page.as_text(about)
    codes, found = parallel_rows(made[0] / "set")
    about = survey.survey(codes, found)
    assert about["rows"] == made[3]["kept"] and about["worst"][0]["where"].startswith("d")
    assert f"{made[3]['kept']:,} rows" in survey_page.as_text(about)
    codes, found = parallel_rows(made[0] / "work")
    assert survey.survey(codes, found)["source_missing"] == 0 and codes == ("en", "ru")
    assert survey.survey(("en", "ru"), [])["rows"] == 0 and "0 rows" in survey_page.as_text(survey.survey(("en", "ru"), []))


def test_a_report_measures_likeness_where_the_data_bring_none():
    class Halves:
        id, languages = "halves", None

        def encode(self, texts):
            return np.array([[1.0, 0.0] if "same" in t else [0.0, 1.0] for t in texts], np.float32)

    rows = [{"source": "same", "target": "same" if k % 4 else "other", "similarity": None, "score": None, "where": str(k)} for k in range(40)]
    about = survey.survey(("en", "ru"), rows, Halves())
    assert about["similarity"]["low_share"] == 0.25 and about["similarity"]["encoded_sample"] == 40
    assert [w["where"] for w in about["worst"][:10]] == [str(k) for k in range(0, 40, 4)]


def test_reports_of_what_is_not_there(tmp_path):
    with pytest.raises(InputError, match="holds no Parquet"):
        parallel_rows(tmp_path)
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"a": [1]}), tmp_path / "a.parquet")
    with pytest.raises(InputError, match="expected translation, or source and target"):
        parallel_rows(tmp_path / "a.parquet")
    pq.write_table(pa.table({"translation": [{"en": "a", "fr": "b", "ru": "c"}]}), tmp_path / "b.parquet")
    with pytest.raises(InputError, match="languages en, fr, ru; choose two"):
        parallel_rows(tmp_path / "b.parquet")
    codes, rows = parallel_rows(tmp_path / "b.parquet", "ru", "en")
    assert codes == ("ru", "en") and next(rows)["source"] == "c"


# the hub


def test_a_data_set_is_pushed_with_card_and_token(made, hub, capsys):
    main_of("corpus", "push", str(made[0] / "set"), "owner/name", "--private")
    assert capsys.readouterr().out.strip().endswith("/datasets/owner/name")
    created = next(json.loads(body) for path, _, body in Hub.seen if path == "/api/repos/create")
    assert created["name"] == "name" and created["organization"] == "owner" and created["type"] == "dataset"
    assert created.get("private") is True or created.get("visibility") == "private"
    assert sent() == {p.relative_to(made[0] / "set").as_posix(): p.read_bytes() for p in (made[0] / "set").rglob("*") if p.is_file()}
    assert {token for path, token, _ in Hub.seen if path.startswith(("/api/repos", "/api/datasets"))} == {"Bearer hf_test"}


def test_a_hub_that_refuses_or_is_not_there(made, hub, monkeypatch, capsys, tmp_path):
    Hub.refuse = True
    with pytest.raises(InputError, match=r"refused: .*may write to owner/name"):
        dataset_files.push(made[0] / "set", "owner/name")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert "error: cannot reach http://127.0.0.1:9" in failed(capsys, "corpus", "push", str(made[0] / "set"), "owner/name")
    assert "expected OWNER/NAME" in failed(capsys, "corpus", "push", str(made[0] / "set"), "name")
    assert "is no data set" in failed(capsys, "corpus", "push", str(tmp_path), "owner/name")
    monkeypatch.delenv("HF_TOKEN")
    assert "no token" in failed(capsys, "corpus", "push", str(made[0] / "set"), "owner/name")


# commands


def main_of(*arguments):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert not ended.value.code, ended.value.code


def failed(capsys, *arguments):
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1, "one line"
    return error


def test_the_commands_from_a_folder_to_a_report(statements, whole, tmp_path, capsys):
    work, out = tmp_path / "w", tmp_path / "set"
    main_of("corpus", "align", str(statements), "-o", str(work), "--shard-size", "2", "--shard", "0/1", "--from", "en", "--to", "ru")
    assert not list(work.glob("parts/*"))
    assert "6 of 6 shards are not aligned yet" in failed(capsys, "corpus", "build", str(work), "-o", str(out))
    main_of("corpus", "shard", str(work), "--shard", "1/2")
    main_of("corpus", "shard", str(work), "--shard", "2/2")
    tables = [[r for p in corpus.parts(w) for r in dataset_files.rows_of([p])] for w in (work, whole)]
    assert tables[0] == tables[1]
    capsys.readouterr()
    main_of("corpus", "build", str(work), "-o", str(out), "--min-score", "0.8", "--least", "near=0", "--also", "tsv", "--sources", "A commission of our own.")
    assert "48 rows:" in capsys.readouterr().out and (out / "also" / "train.tsv").is_file() and "A commission of our own." in (out / "README.md").read_text("utf-8")
    main_of("corpus", "report", str(out), "--json")
    about = json.loads(capsys.readouterr().out)
    assert about["languages"] == ["en", "ru"] and about["rows"] == json.loads((out / "report.json").read_text("utf-8"))["kept"]
    main_of("corpus", "report", str(out / "also" / "train.tsv"), "--from", "en", "--to", "ru")
    assert "similarity" in capsys.readouterr().out
    assert "k/n" in failed(capsys, "corpus", "shard", str(work), "--shard", "3")
    assert "NAME=NUMBER" in failed(capsys, "corpus", "build", str(work), "-o", str(out), "--least", "near")
    assert "was begun with folder" in failed(capsys, "corpus", "align", str(tmp_path), "-o", str(work))
    assert "not a folder" in failed(capsys, "corpus", "align", str(tmp_path / "none"), "-o", str(tmp_path / "w2"))


THREE = {
    "en": "The river commission of {y} approved the plan of {n} million. The minister visited the northern harbour in May, and nobody slept that night.",
    "fr": "La commission de la rivière de {y} a approuvé le plan de {n} millions. Le ministre a visité le port du nord en mai, et personne n'a dormi cette nuit.",
    "ru": "Речная комиссия {y} года утвердила план на {n} миллионов. Министр посетил северную гавань в мае, и той ночью никто не спал.",
}


def three(folder, codes, count=3):
    folder.mkdir()
    for k in range(count):
        for code in codes:
            (folder / f"s{k}.{code}.txt").write_text(f"{THREE[code].format(y=2000 + k, n=17 * k + 5)} " * 2, "utf-8")
    return folder


def test_the_two_languages_of_a_folder_of_three_are_those_of_the_texts(tmp_path):
    folder = three(tmp_path / "s", ("en", "fr", "ru"))
    (folder / "extra.txt").write_text("Вчера в городе открылась новая библиотека. Мэр поздравил жителей и вручил первые читательские билеты. Она будет работать каждый день, кроме понедельника.", "utf-8")
    (folder / "later.en.txt").write_text("The new library opened yesterday. The mayor congratulated everyone and gave out the first cards. It will be open daily.", "utf-8")
    (folder / "later.fr.txt").write_text("La nouvelle bibliothèque a ouvert hier. Le maire a félicité tout le monde et a remis les premières cartes aux lecteurs.", "utf-8")
    found = corpus.prepare(folder, tmp_path / "w")
    assert found.languages == ("en", "fr"), "with as many names in each, the commonest texts decide"
    (folder / "more.txt").write_text("Лодка уходит в семь утра, и хлеб продают по понедельникам. Гавань зимой закрыта, но мост открыт весь год. Никто не спал этой ночью.", "utf-8")
    for extra in ("one", "two"):
        (folder / f"{extra}.txt").write_text(f"Заявление о торговле, {extra}. Сегодня мы говорим о торговле и о рыболовстве. Эта работа должна продолжаться в следующем году.", "utf-8")
    found = corpus.prepare(folder, tmp_path / "w")
    assert found.languages == ("en", "ru")
    assert {(f"s{k}.en.txt", f"s{k}.ru.txt", "name") for k in range(3)} <= {(p.source, p.target, p.by) for p in found.pairs}
    assert {u.path for u in found.unpaired} >= {f"s{k}.fr.txt" for k in range(3)} | {"later.fr.txt"}


def test_names_as_macos_writes_them(tmp_path):
    paths = [unicodedata.normalize("NFD", path) for path in ("английский/01.txt", "русский/01.txt")]
    assert by_name(paths) == [tuple(paths)]


def test_a_copy_of_a_text_in_another_encoding_and_under_another_name_takes_no_partner_away(tmp_path):
    folder = three(tmp_path / "s", ("en", "ru"))
    (folder / "s1.ru.txt").rename(folder / "заявление.txt")
    text = (folder / "заявление.txt").read_text("utf-8")
    (folder / "ещё.txt").write_text(text, "cp1251")
    (folder / "again.html").write_text(f"<html><body><p>{(folder / 's0.ru.txt').read_text('utf-8')}</p></body></html>", "utf-8")
    said = []
    found = corpus.prepare(folder, tmp_path / "w", progress=said.append)
    assert {(p.source, p.target) for p in found.pairs} == {("s0.en.txt", "s0.ru.txt"), ("s1.en.txt", "ещё.txt"), ("s2.en.txt", "s2.ru.txt")}
    assert {u.path: u.reason for u in found.unpaired} == {"заявление.txt": "the same text as ещё.txt", "again.html": "the same text as s0.ru.txt"}
    assert needed(found) == [] and said[-1] == "3 pairs, 0 documents without a partner, 2 other files (unpaired.jsonl says why)"


def test_a_statement_in_two_formats_is_paired_once_and_its_copies_are_not_filled(tmp_path):
    folder = three(tmp_path / "s", ("en", "ru"))
    for path in list(folder.iterdir()):
        path.with_suffix(".html").write_text(f"<html><body><h1>Page</h1><p>{path.read_text('utf-8')}</p></body></html>", "utf-8")
    (folder / "s1.ru.txt").unlink()
    found = corpus.prepare(folder, tmp_path / "w")
    assert [(p.source, p.target, p.by) for p in found.pairs] == [
        ("s0.en.txt", "s0.ru.txt", "name"), ("s1.en.html", "s1.ru.html", "name"), ("s2.en.txt", "s2.ru.txt", "name"),
    ]  # fmt: skip
    assert {u.path: u.best for u in found.unpaired} == {
        "s0.en.html": "s0.en.txt", "s0.ru.html": "s0.ru.txt", "s1.en.txt": "s1.en.html", "s2.en.html": "s2.en.txt", "s2.ru.html": "s2.ru.txt",
    }  # fmt: skip
    assert "the same document as s1.en.html in another format" in next(u.reason for u in found.unpaired if u.path == "s1.en.txt")
    assert needed(found) == []
    assert by_name(["a.en.txt", "b/a.en.txt", "a.ru.txt", "a.en.html", "A.en.html"]) == []


def test_words_keep_their_vowel_signs():
    assert normal("दिन") != normal("दान") and normal("วัน") != normal("วิน") and normal("за́мок") == "за́мок"
    assert normal("दिन, का!") == "दिन का" and normal("❤\ufe0f 1\ufe0f\u20e3") == normal("1\ufe0f\u20e3") and normal("\u0301") == ""
    texts = [("Day", "दिन का मूल्य समझो"), ("Day", "दान का मूल्य समझो")]
    assert digest(*texts[0]) != digest(*texts[1])


def test_again_forgets_the_errors_of_its_own_share_alone(statements, whole, tmp_path, capsys):
    job = copy_of(whole, statements, tmp_path)
    plan = json.loads((job.work / "plan.json").read_text("utf-8"))
    (job.work / "plan.json").write_text(json.dumps(plan | {"folder": str(job.folder.resolve()), "listing": "old"}), "utf-8")
    corpus.tidy(job, range(job.shards))
    for shard in range(job.shards):
        corpus.write_part(job, shard, [], [b"{}\n"])
    before = written(job.work)
    main_of("corpus", "align", str(job.folder), "-o", str(job.work), "--shard-size", "2", "--again", "--shard", "2/6")
    after = written(job.work)
    assert {name for name in before if before[name] != after[name]} == {"part-00001.parquet", "part-00001.errors.jsonl"}
    assert corpus.forget_errors(job, [0, 1]) == 1 and corpus.forget_errors(job) == job.shards - 2


@pytest.mark.parametrize("limit", ["inf", "nan", "1e300", "0"])
def test_a_time_limit_that_no_clock_has_is_refused(whole, tmp_path, limit, capsys):
    assert "the time limit is" in failed(capsys, "corpus", "align", str(tmp_path), "-o", str(tmp_path / "w"), "--time-limit", limit)
    assert "the time limit is" in failed(capsys, "corpus", "shard", str(whole), "--shard", "1/2", "--time-limit", limit)


def test_the_card_counts_what_failed_and_who_has_no_version(tmp_path):
    work = work_of(tmp_path / "w", [row(1, "a"), row(2, "b"), row(3, "c")])
    plan = json.loads((work / "plan.json").read_text("utf-8"))
    (work / "plan.json").write_text(json.dumps(plan | {"unpaired": 5, "languages": ["en-GB", "ru"]}), "utf-8")
    left = [("alone.txt", "en", 0.2), ("copy.txt", "ru", 1.0), ("other.txt", "fr", None), ("picture.jpg", None, None), ("empty.txt", None, None)]
    (work / "unpaired.jsonl").write_text("".join(json.dumps(asdict(Unpaired(path, code, "why", None, like))) + "\n" for path, code, like in left), "utf-8")
    corpus.write_part(corpus.open_job(work), 1, [], [b"{}\n"])
    report = dataset.build(work, tmp_path / "set", dataset.BuildOptions(validation=0, test=0))
    assert report["documents"] == {"paired": 3, "unpaired": 5, "filled": 0, "with_rows": 2, "failed": 1, "not_filled": 0, "without_version": 1}
    card = (tmp_path / "set" / "README.md").read_text("utf-8")
    assert "Sentences of 2 statements in `en` and `ru`" in card
    assert " 1 further document had no version in the other language. 1 pair of 3 could not be aligned." in card
    assert "1 pair of 3 could not be aligned (why: parts/*.errors.jsonl of the work folder)" in (tmp_path / "set" / "report.txt").read_text("utf-8")


def test_the_name_of_an_engine_is_no_mark_up_of_the_card(tmp_path):
    work = work_of(tmp_path / "w", [row(1, "a"), row(2, "b") | {"origin_target": "machine:x`|\n---\n# y <img src=x>"}])
    dataset.build(work, tmp_path / "set", dataset.BuildOptions(least={"human": 0.0}, validation=0, test=0))
    card = (tmp_path / "set" / "README.md").read_text("utf-8")
    assert "removed.parquet" not in card and not (tmp_path / "set" / "removed.parquet").exists()
    assert "`x --- # y img src=x`" in card and "<img" not in card


def test_a_document_whose_rows_all_leaked_is_in_no_split(tmp_path):
    rows = [row(k, document) for document, numbers in {"a": (1, 2, 3), "b": (4, 5)}.items() for k in numbers]
    rows += [row(1, "c", target="Совсем другой перевод того же самого предложения о реке.")]
    seed = next(s for s in range(50) if dataset.splits_of("abc", 0, 0.3, s)["a"] == "test")
    report = dataset.build(work_of(tmp_path / "w", rows), tmp_path / "set", dataset.BuildOptions(validation=0, test=0.3, seed=seed, least=dict.fromkeys(FILTERS, 0.0)))
    assert {f["name"]: f["removed"] for f in report["filters"] if f["removed"]} == {"leak": 1}
    assert {s: v["documents"] for s, v in report["splits"].items()} == {"train": 1, "test": 1} and report["documents"]["with_rows"] == 2


@pytest.mark.parametrize("option", ["--validation", "--test"])
def test_a_share_that_is_no_number_is_refused(made, tmp_path, capsys, option):
    assert "expected shares from 0" in failed(capsys, "corpus", "build", str(made[0] / "work"), "-o", str(tmp_path / "set"), option, "nan")
