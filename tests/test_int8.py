"""8-bit weights whose sums fit 16 bits, so that a processor without VNNI computes what the others do."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("ctranslate2")
from ctranslate2.specs import common_spec, model_spec

from models.int8 import LARGEST, PAIR, optimize, quantized

RANDOM = np.random.default_rng(7)
MATRICES = {
    "normal": RANDOM.standard_normal((64, 96)),
    "heavy tails": RANDOM.standard_t(2, (64, 96)),
    "all alike": np.full((2, 8), -0.3),
    "large neighbours": np.array([[1.0, 1.0, 0.01, -0.01], [1, -1, 0.5, 0.5], [-1, -0.99, 0, 0]]),
    "an odd number of columns": np.array([[0.1, 0.2, 3.0], [0.1, -0.2, 0.0]]),
    "a row of zeros, one of next to nothing": np.array([[0.0, 0.0], [1e-44, 1e-44], [1.0, 2.0]]),
}


def saturating(activations, numbers):
    """(rows of 0 to 255) x (rows of int8) as a processor with AVX2 alone does it: neighbours are added in 16 bits that stop at their ends."""
    products = activations.astype(np.int64)[:, None, :] * numbers.astype(np.int64)[None]
    even = products.shape[2] // 2 * 2
    pairs = products[..., :even:2] + products[..., 1:even:2]
    return np.clip(pairs, -32768, 32767).sum(2) + products[..., even:].sum(2)


def exact(activations, numbers):
    return activations.astype(np.int64) @ numbers.astype(np.int64).T


@pytest.mark.parametrize("name", MATRICES)
def test_no_activations_overflow_16_bits_and_every_weight_is_within_half_a_step(name):
    weight = MATRICES[name].astype(np.float32)
    numbers, scales = quantized(weight)
    assert (numbers.dtype, scales.dtype, numbers.shape, scales.shape) == (np.int8, np.float32, weight.shape, (len(weight),))
    assert np.isfinite(scales).all() and (scales > 0).all()
    assert (np.abs(numbers / scales[:, None] - weight) * scales[:, None] <= 0.5 + 1e-3).all()
    worst = np.concatenate([np.where(numbers > 0, 255, 0), np.where(numbers < 0, 255, 0), RANDOM.integers(0, 256, (50, weight.shape[1]))])
    assert np.array_equal(saturating(worst, numbers), exact(worst, numbers))


def test_the_range_is_used_up_to_the_bound():
    numbers, scales = quantized(MATRICES["large neighbours"])
    assert numbers[:2].tolist() == [[64, 64, 1, -1], [127, -127, 64, 64]]
    assert abs(int(numbers[2, 0]) + int(numbers[2, 1])) <= PAIR
    table, _ = quantized(MATRICES["large neighbours"], multiplied=False)
    assert np.abs(table).max(1).tolist() == [LARGEST] * 3
    assert quantized(np.zeros((0, 4)))[0].shape == (0, 4)


def test_matrices_are_read_in_lots_of_rows(monkeypatch):
    whole = quantized(MATRICES["normal"])
    monkeypatch.setattr("models.int8._ROWS", 3)
    assert all(np.array_equal(one, other) for one, other in zip(quantized(MATRICES["normal"]), whole, strict=True))


def test_ctranslate2s_own_weights_do_overflow():
    layer = linear(MATRICES["normal"])
    layer.optimize("int8")
    numbers = layer.weight.numpy()
    worst = np.where(numbers > 0, 255, 0)
    assert (saturating(worst, numbers) != exact(worst, numbers)).any()


def linear(weight, kind=common_spec.LinearSpec, dtype="float32"):
    layer = kind()
    layer.weight = weight.astype(dtype)
    layer.validate()
    return layer


@pytest.mark.parametrize("precision", ["int8", "int8_float32", "int8_float16"])
def test_a_specification_gets_these_weights_and_a_table_that_is_only_looked_up_keeps_its_range(precision):
    weight = MATRICES["large neighbours"]
    made = {}
    for tied in (False, True):
        spec = Whole(weight, weight if tied else 2 * weight[::-1])
        spec.validate()
        optimize(spec, precision)
        assert spec.norm.gamma.dtype == ("float32" if precision == "int8_float32" else "float16")
        made[tied] = spec
    assert np.array_equal(made[False].projection.weight.numpy(), quantized(2 * weight[::-1].astype(np.float32))[0])
    assert np.array_equal(made[False].embeddings.weight.numpy(), quantized(weight, multiplied=False)[0])
    assert made[True].projection.weight == "embeddings/weight" and np.array_equal(made[True].embeddings.weight.numpy(), quantized(weight)[0])


class Whole(model_spec.LayerSpec):
    def __init__(self, table, weight):
        self.embeddings, self.projection, self.norm = common_spec.EmbeddingsSpec(), common_spec.LinearSpec(), common_spec.LayerNormSpec(rms_norm=True)
        self.embeddings.weight, self.projection.weight, self.norm.gamma = table.astype(np.float32), weight.astype(np.float32), np.ones(4, np.float16)


def test_a_table_that_two_sides_share_is_still_only_looked_up():
    class Both(model_spec.LayerSpec):
        def __init__(self):
            self.first, self.second = common_spec.EmbeddingsSpec(), common_spec.EmbeddingsSpec()
            self.first.weight = self.second.weight = MATRICES["large neighbours"].astype(np.float32)

    spec = Both()
    spec.validate()
    optimize(spec, "int8")
    assert spec.second.weight == "first/weight" and np.abs(spec.first.weight.numpy()).max(1).tolist() == [LARGEST] * 3


def test_other_precisions_are_ctranslate2s_own():
    ours, theirs = linear(MATRICES["normal"]), linear(MATRICES["normal"])
    optimize(ours, "int16")
    theirs.optimize("int16")
    assert np.array_equal(ours.weight.numpy(), theirs.weight.numpy()) and ours.weight.dtype == "int16"
    optimize(plain := linear(MATRICES["normal"]), None)
    assert plain.weight.dtype == "float32"
