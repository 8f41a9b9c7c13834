"""Terms that a translation must have: where they stand, what is written into the source, and what the filling makes of it."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from align import terms
from align.bitext import Bitext, Row
from align.filling import translate_texts
from align.searching import FillOptions
from align.term_search import spans
from align.terms import Term, built_in, places, terms_of, unmet, written_in
from align.workflow import fill
from models import Translation, load_translator

TABLE = str.maketrans("abcdefghijklmnopqrstuvwxyz", "абцдефгхийклмнопкрстуввхиз")
DISARMAMENT = Term(("Conference on Disarmament",), ("Конференция по разоружению",)), Term(("disarmament",), ("разоружение",))


class Copying:
    """Spells Latin words in Cyrillic letters; leaves Cyrillic words as they are, as engines do, or makes «нечто» of them."""

    id, pairs = "copying@1", None

    def __init__(self, copies=True):
        self.calls, self.copies = [], copies

    def translate(self, texts, source, target, *, beam=4, alternatives=0):
        self.calls.append(list(texts))
        return [Translation(re.sub(r"\w+", self.spelt, text)) for text in texts]

    def spelt(self, word):
        if "А" <= word[0][0] <= "я":
            return word[0] if self.copies else "нечто"
        return word[0].lower().translate(TABLE)


def test_a_term_that_the_engine_misses_is_written_into_its_source():
    engine = Copying()
    (one, two) = translate_texts(["They met in the CSTO today.", "They met at home today."], engine, "en", "ru")
    assert "ОДКБ" in one.text and one.flags == () == two.flags
    assert engine.calls == [["They met in the CSTO today.", "They met at home today."], ["They met in the ОДКБ today."]]


def test_an_engine_that_does_not_copy_keeps_its_first_translation_and_the_row_says_so():
    (found,) = translate_texts(["They met in the CSTO today."], Copying(copies=False), "en", "ru")
    assert "цсто" in found.text
    assert found.flags == ("term: “CSTO” is usually “ОДКБ”",)


def test_terms_of_ours_can_be_left_out_and_the_glossary_stays():
    engine = Copying()
    (plain,) = translate_texts(["The CSTO and the treaty."], engine, "en", "ru", options=FillOptions(terms=False))
    assert "ОДКБ" not in plain.text and plain.flags == () and len(engine.calls) == 1
    (own,) = translate_texts(["The CSTO and the treaty."], Copying(), "en", "ru", options=FillOptions(terms=False), glossary=[("treaty", "соглашение")])
    assert "соглашение" in own.text and "ОДКБ" not in own.text


def test_the_glossary_goes_before_our_own_terms():
    (found,) = translate_texts(["They met in NATO today."], Copying(), "en", "ru", glossary=[("NATO", "Североатлантический альянс"), ("NATO", "альянс")])
    assert "Североатлантический альянс" in found.text and "НАТО" not in found.text and found.flags == ()


def test_the_glossary_goes_before_longer_terms_of_ours_and_a_missing_term_is_said_once():
    engine = Copying()
    translate_texts(["At the UN General Assembly."], engine, "en", "ru", glossary=[("General Assembly", "Генассамблея")])
    assert engine.calls[1] == ["At the UN Генассамблея."]
    (found,) = translate_texts(["He was in the OHCHR today."], Copying(copies=False), "en", "ru", glossary=[("OHCHR", "УВКПЧ")])
    assert len(found.flags) == 1


def test_links_and_placeholders_keep_their_terms():
    engine = Copying()
    translate_texts(["Read {NATO} at www.nato.int/NATO/news today."], engine, "en", "ru", options=FillOptions(retry=False))
    assert len(engine.calls) == 1


def test_a_language_pair_without_terms_has_none_and_asks_once():
    engine = Copying()
    assert built_in("de", "fr") == ()
    (found,) = translate_texts(["Die CSTO tagte heute."], engine, "de", "uk")
    assert len(engine.calls) == 1 and found.flags == ()


def test_both_ways_and_with_regions():
    (there,), (back,) = ([t for t in built_in(*pair) if "CSTO" in t.forms + t.targets] for pair in (("en-US", "ru"), ("ru", "en-GB")))
    assert there.targets[0] == "ОДКБ" == back.forms[0] and there.forms == back.targets


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("who said so in the cis world?", []),
        ("their unifying role", []),
        ("The WHO and the CIS's partners", ["WHO", "CIS"]),
        ("WHO IS NEXT: CSTO OR NATO?", ["CSTO", "NATO"]),
        ("The Nato summit", ["Nato"]),
        ("CISA is an agency.", []),
        ("A group of seven people; the Group of Seven; a general assembly", ["Group of Seven"]),
        ("The Conference on Disarmament spoke of disarmament.", ["Conference on Disarmament", "disarmament"]),
        ("Arms races: the arms-race", ["Arms races", "arms-race"]),
        ("The chargé d’affaires came.", ["chargé d’affaires"]),
        ("", []),
    ],
)
def test_places_are_whole_words_inflected_and_abbreviations_as_they_are_written(text, found):
    assert [place.found for place in places(text, built_in("en", "ru"), "en")] == found


def test_quotation_marks_of_a_term_go_with_it():
    table = built_in("ru", "en")
    for text, wanted in (("Встреча «Группы семи» прошла.", "Встреча G7 прошла."), ("Политика «открытых дверей» альянса", "Open Door policy альянса"), ("Встреча Группы семи", "Встреча G7"), ("Встреча «Группы семи и России»", "Встреча «G7 и России»")):
        assert written_in(text, places(text, table, "ru")) == wanted


def test_form_number_k_is_written_as_target_number_k():
    table = built_in("en", "ru")
    for text, wanted in (("CSTO", "ОДКБ"), ("Collective Security Treaty Organization", "Организация Договора о коллективной безопасности")):
        (place,) = places(text, table, "en")
        assert place.target == wanted and unmet([place], "Совет ОДКБ", "ru") == [] == unmet([place], "в Организации Договора о коллективной безопасности", "ru")
    assert unmet([place], "Совет ЦСКА", "ru") == [place]


def test_every_place_is_written_where_it_stands():
    text = "disarmament, then the Conference on Disarmament; disarmament"
    found = places(text, DISARMAMENT, "en")
    assert [text[slice(*p.span)] for p in found] == [p.found for p in found]
    assert written_in(text, found) == "разоружение, then the Конференция по разоружению; разоружение"
    assert written_in(text, []) == text


def test_a_term_with_vowel_signs_is_not_found_in_words_that_begin_alike():
    assert spans("किताब", "वह किताबें और किताब", "hi") == ((3, 10), (14, 19))
    assert spans("किताब", "कितना और कि", "hi") == ()


def test_terms_of_a_glossary_keep_their_order_and_their_alternatives():
    assert terms_of([("treaty", "договор"), ("law", "закон"), ("treaty", "соглашение")]) == (Term(("treaty",), ("договор", "соглашение")), Term(("law",), ("закон",)))
    assert terms_of([]) == () and terms.digest(()) != terms.digest(DISARMAMENT)


def test_our_terms_are_well_formed_and_find_themselves():
    read = [line.split("\t") for line in (files("align") / "assets" / "terms.en-ru.tsv").read_text("utf-8").splitlines() if not line.startswith("#")]
    assert all(len(cells) == 2 for cells in read) and len(read) > 200
    for source, target in (("en", "ru"), ("ru", "en")):
        table = built_in(source, target)
        forms = [form for term in table for form in term.forms]
        assert len(forms) == len(set(forms)), sorted(f for f in forms if forms.count(f) > 1)
        for term in table:
            assert all(term in [p.term for p in places(form, table, source)] for form in term.forms), term
            assert all(term.met(f"a {to}, b", target) for to in term.targets), term


def test_finished_rows_are_kept_apart_by_the_terms_that_they_were_made_with(tmp_path, monkeypatch):
    bitext, journal = Bitext((Row("They met in the CSTO today.", None),), "en", "ru"), tmp_path / "rows"
    first = fill(bitext, Copying(), journal=journal, encoder=None)
    again = Copying()
    assert fill(bitext, again, journal=journal, encoder=None).rows == first.rows and again.calls == []
    monkeypatch.setattr("align.terms.built_in", lambda source, target: (Term(("CSTO",), ("Организация",)),))
    assert "Организация" in str(fill(bitext, Copying(), journal=journal, encoder=None).rows[0].target)


@pytest.mark.parametrize(
    ("source", "target", "text", "wanted"),
    [
        ("en", "ru", "We are members of the CSTO and of the Nuclear Suppliers Group.", ["ОДКБ", "Группы ядерных поставщиков"]),
        ("ru", "en", "Глава УКГВ прибыл в район Ормузского пролива.", ["OCHA", "Strait of Hormuz"]),
    ],
)
def test_gemma_takes_over_terms_and_inflects_them(source, target, text, wanted):
    (found,) = translate_texts([text], load_translator("gemma", source, target), source, target)
    assert all(term.lower() in found.text.lower() for term in wanted), found.text


def test_a_term_that_begins_a_sentence_begins_with_a_capital():
    text = "Treaty law. “Treaty law”: a Treaty. Art. 5"
    glossary = terms_of([("treaty", "договор")])
    assert written_in(text, places(text, glossary, "en")) == "Договор law. “Договор law”: a договор. Art. 5"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_number_in_a_term_is_that_number(language):
    assert spans("plan 200", "plan 2000, plan 200", language) == ((11, 19),)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Customs and Energy Union states agreed.", "en"), ("Pace of reform matters.", "en"), ("A New Start for the Balkans", "en"), ("UN-chartered ships", "en"), ("Rats were seen", "en"),
        ("European parliaments voted", "en"), ("World banks", "en"), ("a good office in Paris", "en"), ("arm control of the robot", "en"), ("the travel banned", "en"),
        ("Вакцина от ВПЛ", "ru"), ("инженеры и ИТР", "ru"),
    ],
)  # fmt: skip
def test_words_of_the_kin_of_our_terms_are_not_the_terms(text, language):
    (found,) = translate_texts([text], engine := Copying(), language, "ru" if language == "en" else "en")
    assert all("Союзное" not in sent and sent == text for call in engine.calls for sent in call)


def test_our_terms_may_be_plural_or_spoken():
    engine = Copying()
    translate_texts(["The travel bans of Nato's members."], engine, "en", "ru")
    assert engine.calls[-1] == ["The запрет на въезд of НАТО's members."]


@pytest.mark.parametrize(
    ("source", "target", "text", "found"),
    [
        ("en", "ru", "The National Security Council met.", [("National Security Council", "Совет национальной безопасности")]),
        ("en", "ru", "The CSTO's Collective Security Council", [("CSTO", "ОДКБ"), ("Collective Security Council", "Совет коллективной безопасности")]),
        ("en", "ru", "The EU and the International Tribunal for the Law of the Sea", [("EU", "ЕС"), ("International Tribunal for the Law of the Sea", "Международный трибунал по морскому праву")]),
        ("en", "ru", "The European Court of Justice", [("European Court of Justice", "Суд ЕС")]),
        ("ru", "en", "Доклад ЕЭК ООН о Советском Союзе", [("ЕЭК ООН", "UNECE"), ("Советском Союзе", "Soviet Union")]),
        ("ru", "en", "Совет министров иностранных дел СНГ", [("Совет министров иностранных дел", "Council of Foreign Ministers"), ("СНГ", "CIS")]),
        ("ru", "en", "Начальник СНБ Армении", []),
    ],
)  # fmt: skip
def test_longer_official_names_are_not_our_shorter_terms(source, target, text, found):
    assert [(place.found, place.target) for place in places(text, built_in(source, target), source)] == found
