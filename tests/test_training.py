"""Training our own translator, on a toy pair of languages: from sentences to an engine in half a minute."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from models import ModelError
from tests.toy_language import sentences

torch = pytest.importorskip("torch")

from models.embedded import Embedded  # noqa: E402
from training import TrainingError, commands, export, generate, pack, precision, prepare, score, train, verify  # noqa: E402
from training.batches import Bitext  # noqa: E402

DEV = "toy/dev"
NETWORK = shlex.split("--width 64 --ffn 128 --heads 2 --encoder 2 --decoder 1 --threads 1 --no-compile --fp32")
LEARNING = shlex.split("--steps 400 --warmup 20 --tokens 1024 --step-tokens 1024 --lr 5e-3 --muon --dropout 0 --smoothing 0 --average 0 --log-every 400")


def write_corpus(folder, rows, dev):
    folder.mkdir()
    lines = [f"toy/words\t{en}\t{ru}\n" for en, ru in rows] + [f"{DEV}\t{en}\t{ru}\n" for en, ru in dev]
    (folder / "toy.tsv").write_text("".join(lines), "utf-8")
    return folder


def arguments(*parts):
    return [str(part) for part in parts]


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """`folder`: what prepare wrote; `dev`, `rows`: the pairs."""
    place = tmp_path_factory.mktemp("training")
    rows = sentences(1240, 1)
    corpus = write_corpus(place / "corpus", rows[40:], rows[:40])
    prepare.main(arguments("--corpus", corpus, "--out", place / "data", "--dev", DEV, "--vocab", 350, "--threads", 1))
    return SimpleNamespace(place=place, corpus=corpus, folder=place / "data", dev=rows[:40], rows=rows[40:])


def training(data, out, *more):
    return arguments("--data", data.folder / "train.ids", "--dev", data.folder / "dev.ids", "--out", out, "--checkpoint", out / "run.pt", *NETWORK, *more)


@pytest.fixture(scope="module")
def trained(data):
    """The toy network in all its forms; `weights`: stem; `log`: lines of the training's log."""
    out = data.place / "out"
    train.main(training(data, out, *LEARNING))
    spm = data.folder / "spm.model"
    made = verify.forms(out / "weights", spm, data.place / "forms")
    log = [json.loads(line) for line in (out / "log.jsonl").read_text("utf-8").splitlines()]
    return SimpleNamespace(weights=out / "weights", spm=spm, made=made, log=log)


def test_a_cpu_learns_the_toy_language_and_translates_sentences_that_it_never_saw(data, trained):
    losses = [line["loss"] for line in trained.log if "loss" in line]
    written = next(line for line in trained.log if line.get("note") == "weights written")
    assert written["finished"] and max(written["dev_last"].values()) < 0.05
    assert len(losses) == 1 and losses[0] < 1.0
    english, russian = (list(side) for side in zip(*data.dev, strict=True))
    assert not set(english) & {en for en, _ in data.rows}
    assert generate.translate(trained.made.ours, trained.made.processor, ["", *english], "ru") == ["", *russian]
    assert generate.translate(trained.made.ours, trained.made.processor, russian, "en") == english


def test_the_exported_folder_is_what_the_engine_loads(data, trained):
    english, russian = (list(side) for side in zip(*data.dev, strict=True))
    for kind, folder in trained.made.folders.items():
        engine = Embedded(source="en", target="ru", threads=1, folder=folder)
        assert engine.id.startswith("embedded@")
        assert [t.text for t in engine.translate(english, "en", "ru", beam=1)] == russian, kind
        assert [t.text for t in engine.translate(russian, "ru", "en", beam=1)] == english, kind


def test_all_forms_agree(data, trained):
    """Logits of the trainer = MarianMTModel's; greedy ids of the trainer, of transformers and of CTranslate2 in float32, also where it is unsure."""
    made = trained.made
    unseen = [("Every boat boat boat now red.", "Мост тихий, 12 портов!"), ("Zebra", "Зебра"), ("The old one sees one one one at night in March.", "Ночью мост мост теперь.")]
    for to, place in (("ru", 0), ("en", 1)):
        lines = [pair[place] for pair in [*data.dev[:6], *unseen]]
        references = [pair[1 - place] for pair in [*data.dev[:6], *unseen]]
        for line, reference in zip(lines, references, strict=True):
            source = verify.source_ids(made, line, to)
            assert made.tokenizer(f">>{to}<<{line}").input_ids == source
            assert verify.logits_apart(made, source, made.processor.encode(reference)) < 1e-4
            expected = verify.marian_greedy(made, source, 40)
            assert verify.ct2_greedy(made, source, 40) == expected
            assert verify.own_greedy(made, source, 40) == expected
    report = verify.compare(made, [en for en, _ in data.dev[:4]], [ru for _, ru in data.dev[:4]], "ru")
    assert (report["ids"], report["hf, ours"], report["hf, ct2"]) == (1.0, 1.0, 1.0) and report["logits"] < 1e-4 and report["bleu float32"] > 80


def test_export_writes_a_folder_for_transformers_and_one_for_the_engine(data, trained, tmp_path):
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    facts = {"bleu": {"en-ru": 12.5, "ru-en": 13.5}, "scored_on": "the toy dev set", "licence": "ours", "weaknesses": "knows 30 words"}
    (tmp_path / "facts.json").write_text(json.dumps(facts))
    command = ["--weights", trained.weights, "--spm", trained.spm, "--transformers", tmp_path / "hf", "--ctranslate2", tmp_path / "ct2"]
    export.main(arguments(*command, "--card", tmp_path / "facts.json"))
    model = AutoModelForSeq2SeqLM.from_pretrained(tmp_path / "hf").eval()
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "hf")
    english, russian = data.dev[0]
    found = model.generate(**tokenizer(f">>ru<< {english}", return_tensors="pt"), num_beams=1)
    assert tokenizer.batch_decode(found, skip_special_tokens=True) == [russian]
    assert {f.name for f in (tmp_path / "ct2").iterdir()} == {"model.bin", "config.json", "shared_vocabulary.json", "bitext.json", "spm.model", "card.json", "README.md"}
    card = json.loads((tmp_path / "ct2" / "card.json").read_text("utf-8"))
    assert card["bleu"] == facts["bleu"] and card["languages"] == [["en", "ru"], ["ru", "en"]]
    assert "knows 30 words" in (tmp_path / "ct2" / "README.md").read_text("utf-8")
    assert Embedded(source="en", target="ru", threads=1, folder=tmp_path / "ct2").translate([english], "en", "ru", beam=1)[0].text == russian


def test_packed_weights_beside_the_engine_outlive_its_export(trained, tmp_path):
    """models/weights/embedded holds both."""
    place = tmp_path / "embedded"
    place.mkdir()
    for file in trained.weights.parent.glob("weights.*"):
        (place / file.name).write_bytes(file.read_bytes())
    (place / "spm.model").write_bytes(trained.spm.read_bytes())
    for _ in range(2):
        export.main(arguments("--weights", place / "weights", "--ctranslate2", place))
    assert {"weights.json", "weights.00", "spm.model", "model.bin"} <= {f.name for f in place.iterdir()}
    assert not [f for f in place.iterdir() if f.is_dir()]


def test_scores_are_sacrebleus_with_their_signatures(data, trained, capsys, tmp_path):
    import sacrebleu

    commands.write_lines(tmp_path / "hyp", [ru if k % 2 else "Тот мост." for k, (_, ru) in enumerate(data.dev)])
    score.main(arguments("--hypothesis", tmp_path / "hyp", "--reference", data.folder / "dev.ru"))
    found = json.loads(capsys.readouterr().out)
    references = [[ru for _, ru in data.dev]]
    assert found["bleu"] == round(sacrebleu.corpus_bleu(commands.read_lines(tmp_path / "hyp"), references).score, 2) < 90
    assert [s.split("|")[0] for s in found["signatures"]] == ["nrefs:1", "nrefs:1"] and sacrebleu.__version__ in found["signatures"][0]
    folder = trained.made.folders["int8"]
    score.main(arguments("--model", folder, "--to", "ru", "--source", data.folder / "dev.en", "--reference", data.folder / "dev.ru", "--lines", 5, "--beam", 1))
    found = json.loads(capsys.readouterr().out)
    assert (found["bleu"], found["lines"], found["beam"]) == (100.0, 5, 1)


RESUMED = shlex.split("--steps 30 --warmup 4 --tokens 512 --step-tokens 1024 --lr 3e-3 --muon --dropout 0.2 --word-mask 0.1 --average 2 --log-every 10")


def test_a_run_that_was_stopped_ends_with_the_same_weights(data, tmp_path):
    for name, stops in (("whole", [()]), ("parts", [("--stop-steps", "13"), ("--stop-steps", "29"), ()])):
        for more in stops:
            train.main(training(data, tmp_path / name, *RESUMED, *more))
    (whole, one), (parts, two) = (pack.read_weights(tmp_path / name / "weights") for name in ("whole", "parts"))
    assert (one["step"], two["step"], one["finished"], two["finished"]) == (30, 30, True, True)
    assert one["averaged"] == two["averaged"] == 2
    assert whole.keys() == parts.keys() and all(np.array_equal(whole[name], parts[name]) for name in whole)
    train.main(training(data, tmp_path / "other", *RESUMED, "--seed", "2"))
    assert not np.array_equal(pack.read_weights(tmp_path / "other" / "weights")[0]["bias"], whole["bias"])


def test_a_run_can_start_from_packed_weights_and_from_counted_embeddings(data, trained, tmp_path):
    from training import embeddings

    begin = ["--steps", "1", "--warmup", "1", "--lr", "0", "--average", "0", "--tokens", "512", "--step-tokens", "512"]
    train.main(training(data, tmp_path / "warm", *begin, "--init", trained.weights))
    before, after = (pack.read_weights(stem)[0] for stem in (trained.weights, tmp_path / "warm" / "weights"))
    assert all(np.array_equal(before[name], after[name]) for name in before)
    embeddings.main(arguments("--data", data.folder / "train.ids", "--width", 64, "--out", tmp_path / "e.npy"))
    table = np.load(tmp_path / "e.npy")
    assert table.shape == (350, 64) and np.allclose(np.linalg.norm(table, axis=1), 1, atol=1e-4)
    train.main(training(data, tmp_path / "counted", *begin, "--embeddings", tmp_path / "e.npy"))
    assert np.allclose(pack.read_weights(tmp_path / "counted" / "weights")[0]["embedding.weight"], table, rtol=2**-8)


def test_the_fused_loss_has_the_gradients_of_the_plain_one():
    from training.loss import ProjectedCrossEntropy, chunk_gradient

    torch.manual_seed(2)
    gold = torch.tensor([3, -1, 0, 8, 2, -1, 5])
    ours, plain = ([torch.randn(s, generator=torch.Generator().manual_seed(k)).requires_grad_() for k, s in enumerate(((7, 6), (9, 6), (9,)))] for _ in range(2))
    loss, nll = ProjectedCrossEntropy.apply(*ours, gold, 0.1, 0.25, 3, torch.float32, chunk_gradient)
    loss.backward()
    logits = torch.nn.functional.linear(*plain)
    expected = torch.nn.functional.cross_entropy(logits, gold, ignore_index=-1, reduction="sum", label_smoothing=0.1) * 0.25
    expected.backward()
    assert torch.allclose(loss, expected, atol=1e-5)
    assert torch.allclose(nll, torch.nn.functional.cross_entropy(logits, gold, ignore_index=-1, reduction="sum"), atol=1e-5)
    assert all(torch.allclose(a.grad, b.grad, atol=1e-5) for a, b in zip(ours, plain, strict=True))


@pytest.mark.parametrize(("vectors", "expected"), [("AVX2", "float32"), ("DEFAULT", "float32"), ("AVX512", "bfloat16"), ("SVE256", "bfloat16")])
def test_products_are_made_in_bfloat16_only_where_the_hardware_makes_them(monkeypatch, vectors, expected):
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: vectors)
    cpu = torch.device("cpu")
    with precision.autocast(cpu):
        assert (torch.ones(2, 3) @ torch.ones(3, 2)).dtype == getattr(torch, expected) == precision.arithmetic(cpu)
    with precision.autocast(cpu, torch.float32):
        assert (torch.ones(2, 3) @ torch.ones(3, 2)).dtype == torch.float32


def test_prepare_cleans_mixes_and_keeps_the_dev_set_apart(tmp_path):
    import zstandard

    rows = sentences(60, 7)
    dev = rows[:5]
    bad = ["toy/x\tSame.\tSame.", "toy/x\tA sentence of a plausible length, and more of it.\tДа.", "toy/x\tThe boat.\t", f"toy/x\t{'long ' * 130}\t{'слово ' * 130}"]
    bad += [f"toy/x\t{dev[0][0].upper()}\tЧто-то другое.", "devprose/jsinfo\tNot for sale.\tНе продаётся.", f"toy/y\t{rows[9][0]}\u200b\t{rows[9][1].lower()}", "no tabs"]
    folder = write_corpus(tmp_path / "corpus", rows[5:50], dev)
    (folder / "words.tsv.zst").write_bytes(zstandard.compress("\n".join([*bad, *(f"xquad/a\t{a}\t{b}" for a, b in rows[50:])]).encode()))
    train_pairs, dev_pairs, counts = prepare.select(list(prepare.read_corpus(folder)), DEV, 1)
    assert {(p.en, p.ru) for p in train_pairs} == set(rows[5:]) and [(p.en, p.ru) for p in dev_pairs] == dev
    assert [p.en for p in train_pairs] != [en for en, _ in rows[5:]]
    outcomes = {reason: n for (family, reason), n in counts.items() if family == "toy"}
    assert outcomes == {"script": 1, "ratio": 1, "empty": 1, "long": 1, "in dev": 1, "duplicate": 1, "dev": 5, "kept": 45}
    assert counts["devprose", "weight 0"] == 1 and counts["xquad", "kept"] == 10
    assert prepare.select(list(prepare.read_corpus(folder)), DEV, 1)[0] == train_pairs != prepare.select(list(prepare.read_corpus(folder)), DEV, 2)[0]


def test_a_second_folder_joins_the_corpus(data, tmp_path):
    more = write_corpus(tmp_path / "more", sentences(1260, 1)[1240:], [])
    (more / "test.tsv").write_text("statements/test\tKept aside, this one.\tЭто отложено в сторону.\n", "utf-8")
    prepare.main(arguments("--corpus", data.corpus, more, "--out", tmp_path / "data", "--dev", DEV, "--spm", data.folder / "spm.model"))
    report = json.loads((tmp_path / "data" / "prepare.json").read_text("utf-8"))
    assert report["train"]["pairs"] == 1220 and report["families"]["statements"] == {"weight 0": 1}


def test_our_own_statements_are_clean_and_the_test_set_is_kept_apart():
    folder = Path(prepare.__file__).parent / "statements"
    lines = [line.split("\t") for path in sorted(folder.glob("*.tsv")) for line in path.read_text("utf-8").splitlines()]
    assert all(len(line) == 3 for line in lines) and {line[0] for line in lines} == {f"statements/{path.stem}" for path in folder.glob("*.tsv")}
    train_pairs, dev_pairs, counts = prepare.select(list(prepare.read_corpus(folder)), "statements/test", 1)
    assert len(dev_pairs) == 160 and {reason for _, reason in counts} == {"dev", "kept", "weight 0"}
    dev = {" ".join(pair.en.lower().split()[:8]) for pair in dev_pairs if pair.en.count(" ") > 7}
    assert not [pair.en for pair in train_pairs if " ".join(pair.en.lower().split()[:8]) in dev]


def test_the_same_corpus_gives_the_same_files(data, tmp_path):
    prepare.main(arguments("--corpus", data.corpus, "--out", tmp_path, "--dev", DEV, "--spm", data.folder / "spm.model"))
    for name in ("train.ids", "dev.ids"):
        one, two = pack.read_ids(tmp_path / name), pack.read_ids(data.folder / name)
        assert one[0] == two[0] and all(np.array_equal(one[1][k], two[1][k]) for k in one[1])
    assert (tmp_path / "dev.en").read_bytes() == (data.folder / "dev.en").read_bytes()


def test_ids_come_back_and_files_of_one_vocabulary_join(tmp_path):
    meta = {"vocab": 70_000, "sources": [{"name": "a/b", "weight": 2.5, "directions": "enru"}]}
    columns = pack.columns_of([[1, 65_535], [], [7]], [[3], [4, 5, 6], [9]], [0, 0, 0])
    pack.write_ids(tmp_path / "a.ids", meta, columns)
    found, again = pack.read_ids(tmp_path / "a.ids")
    assert {k: found[k] for k in meta} == meta
    assert all(np.array_equal(columns[k], again[k]) and columns[k].dtype == again[k].dtype for k in columns)
    pack.write_ids(tmp_path / "none.ids", meta, pack.columns_of([], [], []))
    assert all(len(column) == 0 for column in pack.read_ids(tmp_path / "none.ids")[1].values())
    joined, both = pack.join_ids([pack.read_ids(tmp_path / "a.ids")] * 2)
    assert both["source"].tolist() == [0, 0, 0, 1, 1, 1] and len(joined["sources"]) == 2 and both["ru"].tolist() == [3, 4, 5, 6, 9] * 2
    with pytest.raises(TrainingError, match="different vocabularies, 70000 and 5"):
        pack.join_ids([(meta, columns), ({**meta, "vocab": 5}, columns)])
    with pytest.raises(TrainingError, match="16 bits"):
        pack.columns_of([[65_536]], [[1]], [0])


def test_weights_come_back_to_the_precision_of_their_packing(tmp_path, monkeypatch):
    monkeypatch.setattr(pack, "PIECE", 1_000)
    rng = np.random.default_rng(4)
    arrays = {"matrix": rng.standard_normal((40, 30)).astype(np.float32), "vector": rng.standard_normal(9).astype(np.float32), "zero": np.zeros((3, 4), np.float32)}
    for kind, tolerance in (("bf16", 2**-8), ("int8", 0.02)):
        paths = pack.write_weights(tmp_path / kind, arrays, {"step": 3}, kind)
        assert len(paths) > 2 and max(p.stat().st_size for p in paths[1:]) <= 1_000
        found, meta = pack.read_weights(tmp_path / kind)
        assert meta == {"step": 3} and found.keys() == arrays.keys() and np.array_equal(found["vector"], arrays["vector"])
        assert np.allclose(found["matrix"], arrays["matrix"], rtol=tolerance if kind == "bf16" else 0, atol=0 if kind == "bf16" else tolerance)
    exact = torch.from_numpy(arrays["matrix"]).bfloat16().float().numpy()
    assert np.array_equal(pack.read_weights(tmp_path / "bf16")[0]["matrix"], exact)
    paths[1].write_bytes(b"x" * paths[1].stat().st_size)
    with pytest.raises(ModelError, match="damaged"):
        pack.read_weights(tmp_path / "int8")
    with pytest.raises(ValueError, match="not finite"):
        pack.write_weights(tmp_path / "bad", {"a": np.array([np.nan], np.float32)}, {})


def test_batches_follow_from_seed_and_epoch_and_cover_every_example_once(data):
    bitext = Bitext([data.folder / "train.ids"], mix={"toy": 1})

    def flat(seed, epoch):
        return [[(d, pairs.tolist()) for d, pairs in step] for step in bitext.steps(seed, epoch, 600, 1500)]

    assert flat(1, 0) == flat(1, 0) and flat(1, 0) != flat(1, 1) != flat(2, 1)
    batches = list(bitext.micro_batches(np.random.default_rng(1), 600))
    seen = sorted((d, p) for d, pairs in batches for p in pairs.tolist())
    assert seen == [(d, p) for d in (0, 1) for p in range(len(data.rows))]
    for direction, pairs in batches:
        source, target = bitext.tensors(direction, pairs)
        assert source.numel() + target.numel() <= 600 and source.shape[0] == target.shape[0] == len(pairs)
        assert set(source[:, 0].tolist()) == {3 - direction} and set(source[:, -1].tolist()) == {0}
        assert sum(bitext.ids_in((direction, pairs))) == source.numel() + int((target >= 0).sum())
    twice = Bitext([data.folder / "train.ids"], mix={"toy/words": 2.5}, directions="ruen").examples(np.random.default_rng(3))
    assert set(twice[1].tolist()) == {1} and 2.4 < len(twice[0]) / len(data.rows) < 2.6


def ends(command, *parts):
    """(exit code, what stands on standard error) of a command."""
    import subprocess
    import sys
    from pathlib import Path

    run = subprocess.run([sys.executable, "-m", command, *arguments(*parts)], cwd=Path(__file__).parent.parent, capture_output=True, text=True, check=False)
    return run.returncode, run.stderr


def test_what_a_person_can_put_right_is_one_line_and_exit_code_2(tmp_path):
    from models.embedded import WEIGHTS

    code, error = ends("training.prepare", "--corpus", tmp_path / "nothing", "--out", tmp_path)
    assert (code, error) == (2, f"error: no corpus folder at {tmp_path / 'nothing'}\n")
    code, error = ends("training.prepare", "--corpus", tmp_path, "--out", tmp_path, "--sed", "1")
    assert code == 2 and "unrecognized arguments: --sed" in error
    if not (WEIGHTS / "weights.json").exists():
        code, error = ends("training.export", "--transformers", tmp_path / "hf")
        assert code == 2 and error.startswith(f"error: no packed weights at {WEIGHTS / 'weights.json'}; ") and "--weights" in error and error.count("\n") == 1


def test_bad_input_is_an_error_that_says_what_to_do(data, trained, tmp_path):
    ids = data.folder / "train.ids"
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad").write_text("{}")
    one_step = ("--steps", "1")
    for wrong, message in (
        (lambda: prepare.main(arguments("--corpus", tmp_path / "empty", "--out", tmp_path)), r"holds no \*.tsv"),
        (lambda: prepare.main(arguments("--corpus", data.corpus, "--out", tmp_path)), "1240 training pairs and 0 dev pairs.*newstest2018"),
        (lambda: prepare.main(arguments("--corpus", data.corpus, "--out", tmp_path, "--dev", DEV, "--vocab", 9_000)), "9000 pieces"),
        (lambda: pack.read_ids(tmp_path / "no.ids"), "training.prepare makes it"),
        (lambda: pack.read_ids(tmp_path / "bad"), "not an ids file"),
        (lambda: Bitext([ids], mix={"tatoeba": 2}), "tatoeba; the data has toy, toy/words"),
        (lambda: Bitext([ids], max_ids=1), "no pair is left"),
        (lambda: train.main(training(data, tmp_path / "o", *one_step, "--mix", "toy")), "--mix 'toy' is not NAME=NUMBER"),
        (lambda: train.main(training(data, tmp_path / "o", *one_step, "--heads", "3")), "no multiple of twice --heads 3"),
        (lambda: train.main(training(data, tmp_path / "o", *one_step, "--init", trained.weights, "--ffn", "64")), "another size"),
        (lambda: train.main(training(data, trained.weights.parent, *one_step, "--ffn", "64")), "checkpoint .*another run"),
        (lambda: prepare.processor_of(tmp_path / "spm.model"), "no SentencePiece model"),
        (lambda: generate.load(tmp_path / "weights"), "no packed weights at .*weights.json"),
        (lambda: score.scores(["a"], ["a", "b"]), "1 translations, but 2 references"),
        (lambda: export.main(arguments("--weights", trained.weights, "--spm", trained.spm, "--ctranslate2", tmp_path, "--card", tmp_path / "bad")), "lacks bleu"),
    ):
        with pytest.raises(TrainingError, match=message):
            wrong()
    with pytest.raises(SystemExit):
        train.main(training(data, tmp_path / "o"))


def test_translations_can_be_packed_for_back_translation(data, trained, tmp_path):
    commands.write_lines(tmp_path / "in.ru", [ru for _, ru in data.dev[:5]] + ["Зебра " * 40])
    command = ["--weights", trained.weights, "--spm", trained.spm, "--to", "en", "--input", tmp_path / "in.ru", "--output", tmp_path / "out.en"]
    generate.main(arguments(*command, "--ids", tmp_path / "bt.ids", "--lines", 5))
    assert commands.read_lines(tmp_path / "out.en") == [en for en, _ in data.dev[:5]]
    both = Bitext([data.folder / "train.ids", tmp_path / "bt.ids"])
    pair, direction = both.examples(np.random.default_rng(1))
    assert set(direction[pair >= len(data.rows)].tolist()) == {0}  # English by machine to native Russian only
    assert len(pair) == 2 * len(data.rows) + 5
