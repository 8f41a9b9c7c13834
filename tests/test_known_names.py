"""Names that an engine lost: found in our table, written into the source, and what the filling makes of it."""

from __future__ import annotations

from importlib.resources import files

import pytest

from align.checks.names import names
from align.filling import translate_texts
from align.guards import lost_names
from align.known_names import spellings, spelt, table
from align.searching import FillOptions
from models import Translation, load_translator


class Careless:
    """Translates the sentences that it was given with their translations, and no other."""

    id, pairs = "careless@1", None

    def __init__(self, *known):
        self.calls, self.known = [], dict(known)

    def translate(self, texts, source, target, *, beam=4, alternatives=0):
        self.calls.append(list(texts))
        return [Translation(self.known[text], -0.5) for text in texts]


@pytest.mark.parametrize(
    ("name", "source", "target", "wanted"),
    [
        ("Missouri", "en", "ru", "Миссури"), ("Missouri's", "en-US", "ru", "Миссури"), ("MISSOURI", "en", "ru", "Миссури"), ("New Hampshire", "en", "ru", "Нью-Гэмпшир"),
        ("Бухаресте", "ru", "en", "Bucharest"), ("Лавровым", "ru", "en-GB", "Lavrov"), ("Сергеем", "ru", "en", "Sergei"), ("Николая", "ru", "en", "Nikolai"), ("Peter", "en", "ru", "Питер"), ("Захаровой", "ru", "en", "Zakharova"), ("Захарову", "ru", "en", "Zakharov"),
        ("Qwertzuiop", "en", "ru", None), ("Missouri", "en", "de", None), ("", "en", "ru", None), ("-", "ru", "en", None),
    ],
)  # fmt: skip
def test_names_are_found_in_every_form_and_both_ways(name, source, target, wanted):
    assert spelt(name, source, target) == wanted


def test_the_longest_name_around_a_word_is_taken_and_none_twice():
    text = "He left New Hampshire for Missouri and Qwertzuiop."
    found = spellings(text, [span for span in names(text, "en") if text[slice(*span)] != "New"], "en", "ru")
    assert [(text[slice(*span)], spelling) for span, spelling in found] == [("New Hampshire", "Нью-Гэмпшир"), ("Missouri", "Миссури")]
    assert spellings(text, [], "en", "ru") == [] == spellings("", [(0, 3)], "en", "ru")


def test_a_name_that_the_engine_lost_is_written_into_its_source():
    text, better = "He flew to Bucharest on Monday.", "He flew to Бухарест on Monday."
    engine = Careless((text, "В понедельник он вылетел в Гонолулу."), (better, "В понедельник он вылетел в Бухарест."))
    (found,) = translate_texts([text], engine, "en", "ru")
    assert (found.text, found.flags) == ("В понедельник он вылетел в Бухарест.", ()) and engine.calls == [[text], [better]]
    (plain,) = translate_texts([text], engine, "en", "ru", options=FillOptions(terms=False))
    assert "Гонолулу" in plain.text


def test_what_is_no_better_is_not_taken_and_the_row_says_so():
    text = "He flew to Bucharest on Monday."
    engine = Careless((text, "В понедельник он вылетел в Гонолулу."), ("He flew to Бухарест on Monday.", "В понедельник он вылетел в Тегусигальпу."))
    (found,) = translate_texts([text], engine, "en", "ru")
    assert found.text == "В понедельник он вылетел в Гонолулу." and "Bucharest" in found.flags[0]


def test_names_that_came_through_are_left_alone():
    text = "He flew to Bucharest on Monday."
    engine = Careless((text, "В понедельник он вылетел в Бухарест."))
    assert translate_texts([text], engine, "en", "ru")[0].flags == () and len(engine.calls) == 1
    assert lost_names(text, "В понедельник он вылетел в Бухарест.", "en", "ru") == ()
    assert [text[slice(*span)] for span in lost_names(text, "В понедельник он вылетел в Гонолулу.", "en", "ru")] == ["Bucharest"]


def test_our_table_is_well_formed():
    lines = [line.split("\t") for line in (files("align") / "assets" / "names.en-ru.tsv").read_text("utf-8").splitlines() if not line.startswith("#")]
    assert len(lines) > 5_000 and all(len(cells) == 2 and cells[0][0].isupper() and "А" <= cells[1][0] <= "Я" for cells in lines)
    assert len({tuple(cells) for cells in lines}) == len(lines) and not any("ё" in russian for _, russian in lines)
    assert table("en", "ru")["moscow"] == "Москва" and table("ru", "en")["москва"] == "Moscow" and table("de", "fr") == {}


def test_gemma_copies_a_name_in_the_target_s_letters_and_inflects_it():
    (found,) = load_translator("gemma", "en", "ru").translate(["Minister Макей visited Сухум on Monday."], "en", "ru")
    assert "Макей" in found.text and "Сухум" in found.text, found.text


@pytest.mark.parametrize(
    ("name", "source", "target", "wanted"),
    [
        ("Uppsala", "en", "ru", "Уппсала"), ("Monza", "en", "ru", "Монца"), ("Dimitar", "en", "ru", None), ("Olympic", "en", "ru", None), ("Kurbanov", "en", "ru", "Курбанов"),
        ("African", "en", "ru", None), ("English", "en", "ru", None), ("House", "en", "ru", None), ("Law", "en", "ru", None), ("Will", "en", "ru", None), ("Codex", "en", "ru", None),
        ("Александра", "ru", "en", "Alexander"), ("Евгения", "ru", "en", "Yevgeny"), ("Дамы", "ru", "en", None), ("Воды", "ru", "en", None), ("Совет", "ru", "en", None), ("Дума", "ru", "en", "Duma"),
    ],
)  # fmt: skip
def test_our_table_has_names_only_and_in_their_dictionary_form(name, source, target, wanted):
    assert spelt(name, source, target) == wanted
