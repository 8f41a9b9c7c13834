"""Fine-tuning the teacher, on a tiny random Gemma and toy pairs."""

from __future__ import annotations

import gc
import json
import shlex
import shutil
import subprocess
import sys
import weakref
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tests.toy_language import sentences

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")

from models import ModelError  # noqa: E402
from models.gemma import Gemma as Engine  # noqa: E402
from models.gemma_weights import RMS, fold, read_adapter  # noqa: E402
from training import TrainingError, pack  # noqa: E402
from training.batches import Bitext  # noqa: E402
from training.commands import read_lines, write_lines  # noqa: E402
from training.teacher import adapter, average, base, export, finetune, gemma, repack, score, smoothing, translate, vocabulary  # noqa: E402
from training.teacher.examples import Examples  # noqa: E402
from training.teacher.prompts import Prompts  # noqa: E402
from training.teacher.workers import Workers  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
SHAPE = {"width": 32, "layers": 2, "heads": 2, "head": 16, "ffn": 48}
TUNING = shlex.split("--rank 4 --alpha 8 --steps 60 --warmup 5 --tokens 512 --accumulate 1 --lr 1e-2 --threads 1 --log-every 10 --dev-pairs 20")


def words(rows):
    """A tokenizer of whole words for the toy languages, with bytes for the rest."""
    names = ["<pad>", "<eos>", "<bos>", "<unk>", *(f"<0x{n:02X}>" for n in range(256))]
    texts = [" " + side for row in rows for side in row] + ["English:", "Russian:"]
    names += sorted({c for text in texts for c in text.replace(" ", "▁")} | {"\n"})
    pieces, merges = {name: k for k, name in enumerate(names)}, []
    for word in sorted({("▁" if k else "") + word for text in texts for k, word in enumerate(text.split(" ")) if word}):
        for end in range(2, len(word) + 1):
            if word[:end] not in pieces:
                pieces[word[:end]] = len(pieces)
                merges.append((word[: end - 1], word[end - 1]))
    return vocabulary.make_tokenizer(pieces, merges)


def random_state(size):
    torch.manual_seed(6)
    model = gemma.Gemma(gemma.Shape(size, **SHAPE))
    return {name: value.numpy().copy() * (0.3 if name == "embedding.weight" else 1) for name, value in model.state_dict().items()}


def ids_file(path, tokenizer, rows, vocab=None):
    columns = pack.columns_of(*([tokenizer.encode(" " + row[k]).ids for row in rows] for k in (0, 1)), [0] * len(rows))
    meta = {"vocab": vocab or tokenizer.get_vocab_size(), "sources": [{"name": "toy/words", "weight": 1.0, "directions": "both"}]}
    pack.write_ids(path, meta, columns)
    return path


@pytest.fixture(scope="module")
def tuned(tmp_path_factory):
    """A random Gemma with an adapter of 60 steps, and what was said meanwhile."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    place = tmp_path_factory.mktemp("teacher")
    rows = sentences(220, 5)
    tokenizer = words(rows)
    tokenizer.save(str(place / "tokenizer.json"))
    state = random_state(tokenizer.get_vocab_size())
    base.write_pieces([(name, "F32", array) for name, array in state.items()], tokenizer.get_vocab_size(), place / "base")
    ids_file(place / "train.ids", tokenizer, rows[20:])
    ids_file(place / "dev.ids", tokenizer, rows[:20])
    said = []
    keep = finetune.say
    finetune.say = lambda **fields: said.append(fields)
    try:
        finetune.main(tuning(place, "whole"))
    finally:
        finetune.say = keep
    yield SimpleNamespace(place=place, rows=rows, tokenizer=tokenizer, state=state, said=said)
    torch.set_num_threads(before)


def tuning(place, name, *more):
    files = ["--base", place / "base", "--tokenizer", place / "tokenizer.json", "--data", place / "train.ids", "--dev", place / "dev.ids"]
    return [str(part) for part in (*files, "--checkpoint", place / f"{name}.pt", "--out", place / name, *TUNING, *more)]


def test_sixty_steps_lower_the_loss_on_pairs_that_were_not_learned(tuned):
    first, last = tuned.said[0], tuned.said[-1]
    assert first["note"] == "start" and last["finished"] and last["step"] == 60
    assert all(after < 0.7 * before for before, after in zip(first["dev"], last["dev"], strict=True)) and first["shares"] == {"toy": 1.0}


def test_what_an_epoch_consists_of_is_told_by_family(tmp_path):
    columns = pack.columns_of([[5] * 6] * 4, [[5] * 6] * 4, [0, 0, 1, 2])
    sources = [{"name": name, "weight": 1.0, "directions": way} for name, way in (("news/a", "both"), ("news/b", "both"), ("docs/c", "enru"))]
    pack.write_ids(tmp_path / "x.ids", {"vocab": 9, "sources": sources}, columns)
    said = [Examples(tmp_path / "x.ids", None, mix).shares() for mix in ({}, {"docs": 0.0}, {"docs": 6.0})]
    assert said == [{"news": 0.857, "docs": 0.143}, {"news": 1.0}, {"news": 0.5, "docs": 0.5}]


def test_the_adapter_comes_back_and_trains_on(tuned):
    kept = torch.load(tuned.place / "whole.pt", weights_only=True)["model"]
    model = gemma.load(tuned.place / "base")
    adapter.adapt(model, 4, 8.0)
    adapter.restart(model, tuned.place / "whole")
    back = adapter.trained_state(model)
    assert back.keys() == kept.keys()
    for name, value in back.items():
        assert torch.equal(value, kept[name].bfloat16().float() if kept[name].dim() > 1 else kept[name]), name
    assert float(back["blocks.0.q.b"].abs().max()) > 0
    other = gemma.load(tuned.place / "base")
    adapter.adapt(other, 2, 8.0)
    with pytest.raises(TrainingError, match="rank 4.*does not fit"):
        adapter.restart(other, tuned.place / "whole")


@pytest.mark.skipif(not shutil.which("g++"), reason="compiling what lies between the matrices needs a C++ compiler")
def test_compiled_sums_are_the_plain_ones_forwards_and_backwards(tuned):
    found = []
    for fused in (False, True):
        model = gemma.load(tuned.place / "base")
        trained = adapter.adapt(model, 4, 8.0)
        adapter.restart(model, tuned.place / "whole")
        if fused:
            model.fuse()
        ids = torch.randint(4, model.shape.vocabulary, (3, 11), generator=torch.Generator().manual_seed(2))
        model.logits(model(ids)).logsumexp(-1).sum().backward()
        found.append((model(ids).detach(), [parameter.grad for parameter in trained]))
    (plain, slopes), (compiled, others) = found
    assert torch.allclose(plain, compiled, atol=1e-4)
    assert all(torch.allclose(a, b, rtol=1e-3, atol=1e-3 * float(a.abs().max())) for a, b in zip(slopes, others, strict=True))


def test_the_merged_adapter_is_base_plus_low_rank_product(tuned):
    arrays, meta = pack.read_weights(tuned.place / "whole")
    merged, seen = base.adapted(base.read_base(tuned.place / "base"), tuned.place / "whole")
    assert all(np.array_equal(tuned.state[name], array) for name, array in base.read_base(tuned.place / "base").items())
    for part in adapter.PARTS:
        name = f"blocks.1.{part}"
        product = arrays[f"{name}.b"] @ arrays[f"{name}.a"] * (meta["alpha"] / meta["rank"])
        assert np.abs(product).max() > 1e-3
        assert np.allclose(merged[f"{name}.weight"], tuned.state[f"{name}.weight"] + product, atol=1e-6)
    assert np.array_equal(merged["norm.weight"], arrays["norm.weight"]) and np.array_equal(merged["embedding.weight"], tuned.state["embedding.weight"])
    assert set(seen) == {f"{n}.{part}" for n in (0, 1) for part in ("q", "gate", "out", "down")} | {"head"}
    adapted = gemma.load(tuned.place / "base")
    adapter.adapt(adapted, 4, 8.0)
    adapter.restart(adapted, tuned.place / "whole")
    ids = torch.tensor([[2, 300, 301, 302, 303]])
    with torch.no_grad():
        one, two = adapted.logits(adapted(ids)), (whole := gemma.made_of(merged)).logits(whole(ids))
    assert torch.allclose(one, two, atol=0.05) and float((one - two).abs().mean()) < 0.01  # the base is bfloat16 in training


def test_a_run_that_was_stopped_ends_with_the_same_adapter(tuned):
    for stop in ("--stop-steps", "23"), ("--stop-steps", "41"), ():
        finetune.main(tuning(tuned.place, "parts", *stop, "--seed", "1" if stop else "9"))  # the checkpoint's seed counts
    whole, parts = (pack.read_weights(tuned.place / name)[0] for name in ("whole", "parts"))
    assert whole.keys() == parts.keys() and all(np.array_equal(whole[name], parts[name]) for name in whole)


def test_two_workers_average_their_weights_and_agree():
    told = subprocess.run([sys.executable, "-m", "tests.averaging"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120).stdout
    assert sorted(told.splitlines()) == [f"{number} [[1.5, 1.5, 1.5], [5.0]] [True, False]" for number in (0, 1)]


def test_workers_meet_every_few_steps_with_weights_and_moments(tuned):
    class Meeting(Workers):
        met: list = []

        def average(self, tensors):
            self.met += [tensor.shape for tensor in tensors]

        def any(self, *flags):
            return list(flags)

    run = finetune.Finetuning(finetune._parse(tuning(tuned.place, "meeting", "--workers", "2", "--average-every", "20")), Meeting(0, 2))
    finetune.Call(run).run()
    assert sorted(Meeting.met) == sorted([parameter.shape for parameter in run.trained] * 3 * 3)  # three times: weights, first and second moments


def test_two_workers_train_one_adapter_and_go_on_after_a_stop(tuned):
    said = []
    for stop in ("--stop-steps", "20"), ():
        command = [sys.executable, "-m", "training.teacher.finetune", *tuning(tuned.place, "pair", "--workers", "2", "--average-every", "5", *stop)]
        told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=240).stdout
        said += [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    notes = [one for one in said if "note" in one]
    assert [one["step"] for one in notes] == [0, 20, 20, 60]  # one process speaks, not two
    assert all(after < 0.6 * before for before, after in zip(notes[0]["dev"], notes[-1]["dev"], strict=True))
    alone = next(one["tokens"] for one in tuned.said if one.get("finished"))
    assert 1.7 * alone < notes[-1]["tokens"] < 2.3 * alone
    assert pack.read_weights(tuned.place / "pair")[1]["options"]["workers"] == 2


def test_the_mean_of_two_adapters_lies_between_them(tuned, tmp_path):
    finetune.main(tuning(tuned.place, "other", "--init", str(tuned.place / "whole"), "--seed", "5", "--steps", "20"))
    average.main([str(tuned.place / "whole"), str(tuned.place / "other"), "--out", str(tmp_path / "mean"), "--shares", "0.25,0.75"])
    (one, _), (two, _), (mean, meta) = (pack.read_weights(stem) for stem in (tuned.place / "whole", tuned.place / "other", tmp_path / "mean"))
    name, seen = "blocks.1.up.b", "0.q"
    assert np.abs(one[name] - two[name]).max() > 1e-3
    assert np.allclose(mean[name], 0.25 * one[name] + 0.75 * two[name], atol=1e-2 * np.abs(one[name]).max())
    assert np.allclose(mean[RMS + seen], np.sqrt(0.25 * one[RMS + seen] ** 2 + 0.75 * two[RMS + seen] ** 2), rtol=1e-4)
    assert [part["share"] for part in meta["mean_of"]] == [0.25, 0.75] and meta["rank"] == 4
    fresh = gemma.load(tuned.place / "base")
    adapter.adapt(fresh, 4, 8.0)
    adapter.restart(fresh, tmp_path / "mean")
    for shares in ("0.5", "0.5,0.6", "x"):
        with pytest.raises((TrainingError, SystemExit)):
            average.main([str(tuned.place / "whole"), str(tuned.place / "other"), "--out", str(tmp_path / "bad"), "--shares", shares])
    assert not list(tmp_path.glob("bad*"))


def test_examples_are_prompt_and_answer_and_only_the_answer_is_learned(tuned):
    examples = Examples(tuned.place / "train.ids", Prompts(tuned.tokenizer))
    ids, targets = examples.tensors((1, np.array([0, 3])), torch.device("cpu"))
    for k, pair in enumerate((0, 3)):
        english, russian = tuned.rows[20 + pair]
        whole = tuned.tokenizer.decode(ids[k].tolist(), skip_special_tokens=False).replace("<pad>", "")
        assert whole == f"<bos>Russian: {russian}\nEnglish: {english}<eos>"
        assert tuned.tokenizer.decode([t for t in targets[k].tolist() if t >= 0], skip_special_tokens=False) == f" {english}<eos>"
    batches = examples.batches(3, 0, 300)
    assert [(d, p.tolist()) for d, p in batches] == [(d, p.tolist()) for d, p in examples.batches(3, 0, 300)]
    assert sorted((d, p) for d, pairs in batches for p in pairs.tolist()) == [(d, p) for d in (0, 1) for p in range(200)]


def test_training_and_engine_read_the_same_prompt(tuned):
    engine = Engine()
    engine._network = SimpleNamespace(tokenizer=tuned.tokenizer)
    ids = Prompts(tuned.tokenizer)(tuned.tokenizer.encode(" The red boat sees one river now.").ids, "en", "ru")
    assert [tuned.tokenizer.id_to_token(i) for i in ids] == engine._prompt("The red boat sees one river now.", "en", "ru")


def test_activations_are_measured_without_the_padding(tuned):
    model = gemma.load(tuned.place / "base")
    ids = [[2, 300, 301, 302, 303], [2, 304, 305]]
    alone = []
    model.blocks[1].down.register_forward_pre_hook(lambda module, inputs: alone.append(inputs[0].detach().double().flatten(0, -2)))
    with torch.no_grad():
        for row in ids:
            model(torch.tensor([row]))
    expected = torch.cat(alone).square().mean(0).sqrt()
    padded = smoothing.observe(model, [torch.tensor([ids[0], [*ids[1], 0, 0]])])
    assert set(padded) == {f"{n}.{part}" for n in (0, 1) for part in ("q", "gate", "out", "down")} | {"head"}
    assert np.allclose(padded["1.down"], expected.float(), rtol=1e-3) and padded["1.down"].dtype == np.float32


def test_an_older_adapter_finds_its_activations_beside_it(tuned, tmp_path):
    arrays, meta = pack.read_weights(tuned.place / "whole")
    older = {name.replace(RMS, "seen."): array for name, array in arrays.items()}
    pack.write_weights(tmp_path / "adapter", older, meta)
    assert not [name for name in read_adapter(tmp_path / "adapter")[0] if name.startswith((RMS, "seen."))]
    with pytest.raises(ModelError, match="no root mean squares of activations of 0.q.*training.teacher.smoothing"):
        export.main([*map(str, ["--base", tuned.place / "base", "--tokenizer", tuned.place / "tokenizer.json", "--adapter", tmp_path / "adapter"]), "--out", str(tmp_path / "out")])
    with pytest.raises(TrainingError, match="training.teacher.smoothing"):
        average.average([tuned.place / "whole", tmp_path / "adapter"], [0.5, 0.5], tmp_path / "mean")
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "toy.tsv").write_text("".join(f"toy/words\t{en}\t{ru}\n" for en, ru in tuned.rows[20:]), "utf-8")
    files = ["--base", tuned.place / "base", "--tokenizer", tuned.place / "tokenizer.json", "--adapter", tmp_path / "adapter", "--corpus", corpus]
    smoothing.main([*map(str, files), "--out", str(tmp_path / "activations"), "--pairs", "40"])
    found = read_adapter(tmp_path / "adapter")[0]
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        assert np.allclose(found[name], array, rtol=0.3, atol=0.02) if name.startswith(RMS) else np.array_equal(found[name], array), name
    with pytest.raises(TrainingError, match="no adapter at .*gone"):
        base.adapted({}, tmp_path / "gone")


def test_torch_and_the_exported_folder_translate_alike_and_folding_changes_little(tuned, capsys):
    merged, seen = base.adapted(base.read_base(tuned.place / "base"), tuned.place / "whole")
    export.write(merged, tuned.place / "tokenizer.json", tuned.place / "float32", "float32")
    export.write(fold(dict(merged), seen), tuned.place / "tokenizer.json", tuned.place / "folded", "float32")
    english = [en for en, _ in tuned.rows[:8]]
    one, two = ([t.text for t in score.engine_of(tuned.place / name, 1).translate(english, "en", "ru", beam=1)] for name in ("float32", "folded"))
    assert one == two
    both = [Engine("en", "ru", threads=1, folder=tuned.place / "float32"), Engine("ru", "en", threads=1, folder=tuned.place / "float32")]
    assert both[0].network() is both[1].network() is not score.engine_of(tuned.place / "folded", 1).network()  # one copy for both directions
    gone = weakref.ref(both[0].network())
    del both
    gc.collect()
    assert gone() is None
    model, prompts = gemma.made_of(merged).eval(), Prompts(tuned.tokenizer)
    for line, found in zip(english, one, strict=True):
        prompt = prompts(tuned.tokenizer.encode(" " + line).ids, "en", "ru")
        [answer] = gemma.decode(model, torch.tensor([prompt]), int(1.5 * len(prompt)) + 12 - len(prompt)).tolist()
        text = tuned.tokenizer.decode(answer[: answer.index(1)] if 1 in answer else answer)
        assert found.startswith(" ".join(text.split())) or " ".join(text.split()).startswith(found)
        assert found
    write_lines(tuned.place / "en.txt", english)
    write_lines(tuned.place / "ru.txt", [ru for _, ru in tuned.rows[:8]])
    score.main(["--model", str(tuned.place / "float32"), "--english", str(tuned.place / "en.txt"), "--russian", str(tuned.place / "ru.txt"), "--save", str(tuned.place / "h")])
    reports = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(r["to"], r["lines"]) for r in reports] == [("ru", 8), ("en", 8)] and read_lines(tuned.place / "h.ru") == one


def test_distilled_pairs_are_sound_and_trained_from_the_original_only(tuned, tmp_path):
    assert translate.sound("The 12 boats came.", "Пришли 12 лодок.", "ru")
    for target in ("", "Пришли 13 лодок.", "12 boats came", "12 " + "лодок и " * 9, "12 " + "и снова " * 12):
        assert not translate.sound("The 12 boats came.", target, "ru"), target
    spm = student_pieces(tmp_path, tuned.rows)
    pairs = [*tuned.rows[:3], ("The 3 boats.", "Боты."), ("The quiet harbour.", "Тихий порт.")]
    assert translate.pack(tmp_path / "d.ids", spm, pairs, "en", "ru") == 4
    assert set(Bitext([tmp_path / "d.ids"]).examples(np.random.default_rng(1))[1].tolist()) == {0}


def student_pieces(folder, rows):
    from training import prepare

    pairs = [prepare.Pair("toy/words", en, ru) for en, ru in rows]
    prepare.train_spm(pairs, folder, 330, 10_000, 1)
    prepare.pack(folder / "student.ids", pairs, prepare.processor_of(folder / "spm.model"), 1)
    return folder / "spm.model"


def test_a_teacher_translates_and_packs_what_the_student_has_and_repacks_its_ids(tuned, tmp_path):
    spm = student_pieces(tmp_path, tuned.rows)
    repack.main([str(x) for x in ("--ids", tmp_path / "student.ids", "--spm", spm, "--tokenizer", tuned.place / "tokenizer.json", "--out", tmp_path / "t.ids")])
    _, columns = pack.read_ids(tmp_path / "t.ids")
    again = ids_file(tmp_path / "direct.ids", tuned.tokenizer, tuned.rows)
    assert all(np.array_equal(columns[k], pack.read_ids(again)[1][k]) for k in columns)
    files = ["--base", tuned.place / "base", "--adapter", tuned.place / "whole", "--tokenizer", tuned.place / "tokenizer.json", "--ids", tmp_path / "t.ids"]
    translate.main([str(x) for x in (*files, "--from", "en", "--to", "ru", "--lines", 6, "--output", tmp_path / "o.ru", "--spm", spm, "--pack", tmp_path / "d.ids")])
    assert len(read_lines(tmp_path / "o.ru")) == 6 and pack.read_ids(tmp_path / "d.ids")[0]["sources"][0]["directions"] == "enru"


def test_pruning_keeps_what_the_text_needs_and_how_to_get_there():
    names = ["<pad>", "<eos>", "<bos>", "<unk>", "<0x00>", "▁", "r", "i", "v", "e", "x", "q", "ri", "ve", "rive", "▁rive", "xq", "xqxq"]
    kinds, scores = [3, 3, 3, 3, 6, *[1] * 13], [0.0] * 5 + [-float(k) for k in range(13)]
    tokenizer, keep = vocabulary.prune(names, scores, kinds, ["rive rive"] * 5 + ["xq"], 3)
    assert [names[k] for k in keep] == [*names[:16], "xq"]  # short pieces stay; xqxq was not needed
    assert tokenizer.encode(" rive rive").tokens == ["▁rive", "▁rive"]
    assert vocabulary.steps_to("rive", {("r", "i"): 0, ("v", "e"): 1, ("ri", "ve"): 2}) == {"r", "i", "v", "e", "ri", "ve", "rive"}


def test_bad_input_is_an_error_that_says_what_to_do(tuned, tmp_path):
    place = tuned.place
    (tmp_path / "bad.json").write_text("{}")
    (tmp_path / "cut.json").write_bytes((place / "base.json").read_bytes())
    (tmp_path / "cut.00").write_bytes((place / "base.00").read_bytes()[:-4])
    ids_file(tmp_path / "other.ids", tuned.tokenizer, tuned.rows[:3], vocab=99)
    for wrong, message in (
        (lambda: base.read_base(tmp_path / "none"), "no base weights at .*training.teacher.vocabulary"),
        (lambda: base.read_base(tmp_path / "cut"), "cut off"),
        (lambda: vocabulary.read_tokenizer(tmp_path / "bad.json"), "not a tokenizer.json"),
        (lambda: finetune.main(tuning(place, "x", "--data", tmp_path / "other.ids")), "--data has 99 pieces"),
        (lambda: finetune.main(tuning(place, "whole", "--rank", "2")), "has rank 4"),
        (lambda: export.checkpoint_state(place / "whole.pt"), "adapter of rank 4"),
        (lambda: score.engine_of(tmp_path), "no CTranslate2 model"),
        (lambda: Examples(place / "train.ids", Prompts(tuned.tokenizer), longest=5), "at most 5 ids"),
    ):
        with pytest.raises(TrainingError, match=message):
            wrong()
