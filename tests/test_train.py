"""The trainer: its gradient is that of its loss, it learns, it calibrates, and it refuses folders that hold nothing."""

from __future__ import annotations

import json

import numpy as np
import pytest

from align import vectors
from align.aligner import align_vectors
from align.aligner.band import find_band
from align.aligner.features import PAIR_NAMES
from align.aligner.problem import NULL_NAMES, prepare
from align.aligner.surface import look
from align.aligner.train import calibrate, example, fit, loss, main
from align.aligner.weights import Weights, from_flat, parse
from align.bitext import Bead
from align.metrics import alignment_scores
from benchmarks.perturb import MIXES, documents
from benchmarks.sentences import pairs


class Hashed:
    """Vectors without a model: a text's direction is drawn from its number, which both languages of the seeded pairs share."""

    def __init__(self):
        self.rng = np.random.default_rng(4)

    def __call__(self, drafts):
        return [(self.side(d.source), self.side(d.target), (d.source, d.target), d.gold) for d in drafts]

    def side(self, texts):
        seeds = [sum(map(ord, "".join(c for c in t if c.isdigit()))) for t in texts]
        base = np.stack([np.random.default_rng(s).standard_normal(24) for s in seeds])
        return vectors.unit(base + 0.3 * self.rng.standard_normal(base.shape))


@pytest.fixture(scope="module")
def drawn():
    return Hashed()(documents(pairs(240, 8), MIXES["heavy"], 4, 60, 8))


@pytest.fixture(scope="module")
def examples(drawn):
    return [example(prepare(x, y, find_band(x, y, 10), (look(s), look(t))), gold)[0] for x, y, (s, t), gold in drawn]


def test_the_gradient_is_that_of_the_loss(examples):
    rng = np.random.default_rng(1)
    flat = 0.1 * rng.standard_normal(len(PAIR_NAMES) + len(NULL_NAMES) + 1)
    _, gradient = loss(from_flat(flat, {}), examples[0])
    for k in (*rng.choice(len(flat) - 1, 12, replace=False), len(flat) - 1):  # the last is that of beginning a run
        step = np.zeros(len(flat))
        step[k] = 1e-3
        slope = (loss(from_flat(flat + step, {}), examples[0])[0] - loss(from_flat(flat - step, {}), examples[0])[0]) / 2e-3
        assert gradient[k] == pytest.approx(slope, rel=0.02, abs=0.05)


def test_training_lowers_the_loss_and_raises_the_score(drawn, examples):
    nothing = from_flat(np.zeros(len(PAIR_NAMES) + len(NULL_NAMES) + 1), {})
    trained = fit(examples[:3], steps=25)
    x, y, sentences, gold = drawn[3]

    def f1(weights: Weights) -> float:
        found = align_vectors(x, y, sentences=sentences, weights=weights).found
        return alignment_scores([Bead(tuple(s), tuple(t)) for s, t in gold], [f.bead for f in found]).strict_f1

    assert loss(trained, examples[3])[0] < 0.5 * loss(nothing, examples[3])[0]
    assert f1(trained) > f1(nothing) + 0.1


def test_calibration_undoes_a_confidence_that_is_too_sure(drawn, examples):
    trained = fit(examples[:3], steps=25)
    sure = from_flat(trained.flat() * 4.0, {})
    assert calibrate(sure, drawn)[0] < calibrate(trained, drawn)[0]
    weights = Weights(trained.pair, trained.null, trained.opening, {}, (0.5, 0.0))
    assert [weights.confidence(p) for p in (0.0, 0.5, 1.0)] == [0.0, 0.5, 1.0]
    assert 0.5 < weights.confidence(0.9) < 0.9


def test_the_command_writes_weights_that_can_be_read_and_refuses_an_empty_folder(tmp_path, capsys, drawn):
    folder = tmp_path / "set"
    folder.mkdir()
    for k, (_, _, (source, target), gold) in enumerate(drawn[:2]):
        (folder / f"{k:03}.src").write_text("\n".join(source) + "\n", "utf-8")
        (folder / f"{k:03}.tgt").write_text("\n".join(target) + "\n", "utf-8")
        (folder / f"{k:03}.gold").write_text("".join(f"{list(s)}:{list(t)}\n" for s, t in gold))
    assert main([str(folder), "-o", str(tmp_path / "w.json"), "--steps", "3", "--name", "small"]) == 0
    weights = parse((tmp_path / "w.json").read_text("utf-8"))
    assert (weights.card["name"], weights.card["data"]) == ("small", {"set": {"documents": 2, "weight": 1.0}})
    assert main([str(folder), "-o", str(tmp_path / "c.json"), "--calibrate", str(tmp_path / "w.json")]) == 0
    assert json.loads((tmp_path / "c.json").read_text())["card"]["calibrated"]["data"] == ["set"]
    (tmp_path / "empty").mkdir()
    assert main([str(tmp_path / "empty"), "-o", str(tmp_path / "x.json")]) == 2
    assert "expected NNN.src" in capsys.readouterr().err
    assert not (tmp_path / "x.json").exists()
