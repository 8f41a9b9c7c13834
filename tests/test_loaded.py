"""What stays in memory is loaded once, whoever asks, and goes when it is not needed."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import models
from align import lemmas, loaded, realigning
from align.bitext import Bitext, Row
from align.checks import names
from align.store import OPEN, Store
from ui.actions import Actions


def test_threads_that_ask_for_one_engine_get_one_that_was_loaded_once(monkeypatch):
    monkeypatch.setattr(loaded, "_loaded", {})
    asked = []

    def slow(name, source, target, *, progress=None):
        asked.append(name)
        time.sleep(0.1)
        return object()

    monkeypatch.setattr(models, "load_translator", slow)
    with ThreadPoolExecutor(3) as pool:
        got = list(pool.map(lambda _: loaded.translator_for("OWNER/big")("en", "ru"), range(3)))
    assert (asked, len(set(map(id, got)))) == (["OWNER/big"], 1)
    for k in range(2 * loaded.MOST_LOADED):
        loaded.translator_for(f"OWNER/{k}")("en", "ru")
    assert len(loaded._loaded) == loaded.MOST_LOADED


def test_threads_that_ask_for_one_encoder_get_one_and_aligning_again_uses_it_too(monkeypatch):
    asked = []

    class Encoder:
        id, languages = "slow@1", None

    def slow(name, **options):
        asked.append(name)
        time.sleep(0.1)
        return Encoder()

    monkeypatch.setattr(models, "load_encoder", slow)
    with ThreadPoolExecutor(3) as pool:
        got = list(pool.map(lambda _: loaded.encoder_for("slow"), range(3)))
    assert (asked, len(set(map(id, got)))) == (["slow"], 1)
    assert realigning._encoder("slow").encoder is got[0]
    loaded._encoder.cache_clear()
    realigning._encoder.cache_clear()


def test_search_and_the_check_of_names_share_the_dictionary():
    assert names.morphology is lemmas.morphology


def test_findings_are_kept_of_the_last_projects_and_go_with_them(tmp_path):
    actions = Actions(Store(tmp_path / "s.sqlite"))
    ids = [actions.store.save(f"river {k}", Bitext((Row("The ferry is late.", "Паром опаздывает."),), "en", "ru")).id for k in range(OPEN + 2)]
    for project in ids:
        actions.findings(project)
    assert list(actions._checked) == ids[2:]
    for project in ids[2:]:
        actions.remove(project)
    assert actions._checked == {}
