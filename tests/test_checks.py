"""Checks: what each finds and lets pass, spans, severities, dismissals; the divergence report; the commands."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

import align
from align import divergence, workflow
from align.bitext import Bitext, OptionError, Row
from align.checks import CHECKS, check, dismiss
from align.checks.mentions import mentions
from align.checks.names import sounds_alike
from align.checks.numbers import unmatched
from align.cli import main


def bitext(*pairs, source="en", target="ru"):
    rows = [Row(s, t, origin_source="human" if s else "missing", origin_target="human" if t else "missing") for s, t in pairs]
    return Bitext(tuple(rows), source, target)


def found(name, *pairs, **more):
    encoder = more.pop("encoder", None)
    return check(bitext(*pairs, **more), only=[name], encoder=encoder)


@pytest.mark.parametrize(
    ("english", "russian"),
    [
        ("at its 75th session", "на 75-й сессии"),
        ("10 million people", "10 млн человек"),
        ("ten million people", "10 млн человек"),
        ("$2.5bn was spent", "потрачено 2,5 млрд долларов"),
        ("1,200 seats", "1200 мест"),
        ("Br 2 million 295 thousand", "Br2 млн. 295 тыс."),
        ("1.2 million tonnes and 1,250,000 people", "1 млн 200 тыс. тонн и 1 млн 250 тыс. человек"),
        ("in 2019–21 and in 2023/24", "в 2019–2021 и в 2023/2024 годах"),
        ("1,200 seats", "1 200 мест"),
        ("1,234,567 votes", "1 234 567 голосов"),
        ("a rise of 3.5%", "рост на 3,5%"),
        ("on November 4, 2021", "4 ноября 2021 г."),
        ("on the 4th of November 2021", "04.11.2021"),
        ("on 2021-11-04", "4 ноября 2021 года"),
        ("rose by a third", "выросло на треть"),
        ("in the 19th century", "в XIX веке"),
        ("the 1990s", "90-е годы"),
        ("at 3 p.m.", "в 15:00"),
        ("at 10:30 am", "в 10.30"),
        ("until 6 p.m. on Friday", "до 18 ч. 00 мин. пятницы"),
        ("within 24 hours of the attack", "в течение суток после нападения"),
        ("a queue 200 metres long", "двухсотметровая очередь"),
        ("Part II", "Часть 2"),
        ("twenty-five ships", "25 кораблей"),
        ("two hundred and five ships", "205 кораблей"),
        ("the two sides met", "стороны встретились"),
        ("between 10 and 15 million", "от 10 до 15 миллионов"),
        ("the period 2021-2023", "на 2021–2023 гг."),
        ("500 thousand", "полмиллиона, то есть 500 тысяч"),
        ("In 2012, and again in 2012", "В 2012 году"),
        ("flight MH17", "рейс МН17"),
        ("40 per cent", "40%"),
        ("Vice President Mike Pence saw all 50 states.", "Вице-президент Майк Пенс побывал во всех 50 штатах."),
        ("on 15 Jun 2020", "15 июн 2020"),
        ("Noah had 3 sons.", "У Ноя 3 сына."),
        ("PSG 2, Saint-Etienne 1", "ПСЖ 2, Сен-Этьен 1"),
        ("Martin was born in 2012.", "Мартин родился в 2012 году."),
        ("That spring 40 ships came.", "Тогда, в мае, пришли 40 судов."),
        ("2.5 million people", "два с половиной миллиона человек"),
        ("two and a half million people", "2,5 млн человек"),
        ("2.5 million people", "2 с половиной миллиона человек"),
        ("500,000 refugees", "полмиллиона беженцев"),
        ("half a million refugees and half-a-billion dollars", "500 000 беженцев и полмиллиарда долларов"),
        ("a quarter of a million", "250 тысяч"),
        ("a 5-year plan and a 3-day visit", "пятилетний план и трёхдневный визит"),
        ("the 50th anniversary", "пятидесятилетие"),
        ("In 1945 and a half century later", "В 1945 году и полвека спустя"),
        ("in the 21st century", "в двадцать первом столетии"),
        ("0.5 km", "полкилометра"),
        ("Both met in that decade.", "За это десятилетие они встретились."),
        ("a 10-year plan, in its second century", "десятилетний план, вступивший в новое столетие"),
        ("at half past five", "в половине шестого"),
        ("at 17:30", "в половине шестого"),
        ("at half past 10 and at half past twelve", "в пол-одиннадцатого и полпервого"),
        ("at a quarter past nine, at 9:45", "в четверть десятого, без четверти десять"),
        ("for 18 months", "полтора года"),
        ("18 months later, after 90 minutes", "спустя полтора года, через полтора часа"),
        ("six weeks", "полтора месяца"),
        ("a year and a half", "18 месяцев"),
        ("6 months, 30 minutes", "полгода, полчаса"),
        ("half an hour", "30 минут"),
        ("Ida Mason, 68, and a 35-year-old aircraft", "Шестидесятивосьмилетняя Ида Мейсон и тридцатипятилетний самолет"),
        ("a man of 41, aged 93", "сорокаоднолетний мужчина, девяностотрехлетний"),
        ("20 relatives, 300 trucks", "два десятка родственников, три сотни грузовиков"),
        ("four decades", "сорок лет"),
        ("for three decades, six months", "три десятка лет, полгода"),
        ("a goalless draw", "ничья 0:0"),
        ("a 12-month ban", "годичная дисквалификация"),
        ("A 2 million-year-old skull, 66-million-year-old rocks", "Череп возрастом 2 миллиона лет, породы, которым 66 миллионов лет"),
        ("Profit fell by a quarter to 5 billion rubles.", "Прибыль упала на четверть, до 5 млрд рублей."),
        ("a quarter to five million", "на четверть, до пяти миллионов"),
        ("in the second half of the fifth century", "во второй половине пятого века"),
        ("More than half of the fifth floor", "Больше половины пятого этажа"),
        ("Two dozen trucks", "Два десятка грузовиков"),
        ("Two dozen people", "24 человека"),
        ("at 00:30", "в половине первого ночи"),
        ("at half past five", "в 17.30"),
        ("at 10.15, a quarter to six", "в четверть одиннадцатого, без четверти шесть"),
        ("six weeks and 14 days", "полтора месяца и две недели"),
        ("The seven judges gave top marks.", "Судьи поставили пятерки."),
        ("a 5-ruble coin", "пятирублёвая монета"),
        ("63 hundred-year-old plane trees", "63 столетние чинары"),
        ("the Group of 20", "«Большая двадцатка»"),
        ("a Year 6 pupil, on the 9-yard line, $20 bills", "шестиклассница, на девятиярдовой линии, двадцатидолларовые купюры"),
        ("over the fortnight, in the top four", "за две недели в первой четверке"),
        ("one of the four", "один из этой четверки"),
        ("a two-and-a-half-hour talk, 3-and-a-half days", "беседа в 2,5 часа, три с половиной дня"),
        ("a million and a half people", "1,5 млн человек"),
        ("2.5 million votes, 1,500 boats", "два миллиона с половиной голосов, тысяча с половиной лодок"),
        ("2 million and a half", "2 500 000"),
        ("the songs of the 2000s", "песни нулевых"),
        ("a dozen boats, eight dozen nets", "десять лодок, восемь дюжин сетей"),
        ("half dozen boats, half million nets", "полдюжины лодок, полмиллиона сетей"),
        ("It fell from $4.2 to $4.1 billion.", "Он упал с $4,2 до $4,1 млрд."),
        ("It is $4.1 billion after $4.2 billion.", "С $4,2 до $4,1 млрд."),
        ("over $300+ billion, 15 million fish", "более 300 млрд долларов, 15-ти миллионов рыб"),
        ("a share of .08%", "доля в 0,08%"),
        ("the 3rd millennium", "3 тысячелетие"),
        ("a two-volume atlas, a 20-inch wheel", "двухтомный атлас, двадцатидюймовое колесо"),
        ("The bakery is open 24/7.", "Пекарня открыта круглосуточно."),
        ("between 12,000 and 15,000 geese", "12-15 000 гусей"),
        ("hundreds of thousands of eels", "сотни тысяч угрей"),
        ("tens of millions of eels", "десятки миллионов угрей"),
        ("on 13 October 2022", "13 окт. 2022"),
        ("at 1 a.m.", "около часа ночи"),
        ("The list has 1,365 lines.", "В списке 1,365 строк."),
        ("The list has 1,365 lines.", "В списке 1.365 строк."),
    ],
)
def test_numbers_and_dates_that_agree_are_let_pass(english, russian):
    assert unmatched(english, russian, "en", "ru") == ([], [])


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("2.5 million people, two million more", "en", ["2.5 million", "two million"]),
        ("1 and a half billion", "en", ["1 and a half billion"]),
        ("свыше 2,5 миллиона человек из 3 млн", "ru", ["2,5 миллиона", "3 млн"]),
        ("At 17:30 on 5 May 2020", "en", ["17:30", "17:30", "5", "May", "2020"]),
    ],
)
def test_no_mention_overlaps_another(text, language, found):
    assert [text[m.start : m.end] for m in mentions(text, language)] == found


@pytest.mark.parametrize(
    ("english", "russian", "name", "spans"),
    [
        ("It held 28 events.", "Проведено 26 мероприятий.", "numbers", (["28"], ["26"])),
        ("10 million people", "10 млрд человек", "numbers", (["10 million"], ["10 млрд"])),
        ("on November 4, 2021", "5 ноября 2021 г.", "dates", (["4"], ["5"])),
        ("on November 4, 2021", "4 октября 2021 г.", "dates", (["November"], ["октября"])),
        ("on November 4, 2021", "04.11.2012", "dates", (["2021"], ["04.11.2012"])),
        ("a rise of 3.5%", "рост на 3,6%", "numbers", (["3.5"], ["3,6"])),
        ("at 18:30", "в 17:40", "numbers", (["18:30"], ["17:40"])),
        ("2 million and a half", "2 млн", "numbers", (["2 million and a half"], ["2 млн"])),
        ("a 2-and-a-half-hour talk", "беседа в 3,5 часа", "numbers", (["2-and-a-half"], ["3,5"])),
        ("for 19 months, 21 days", "полтора года, 22 дня", "numbers", (["19", "21"], ["22"])),
        ("half a year, 7 men", "6 лет, 8 человек", "numbers", (["7"], ["6", "8"])),
        ("an hour and a half, 7 men", "90 часов, 8 человек", "numbers", (["7"], ["90", "8"])),
        ("in a fortnight, 7 men", "через 14 недель, 8 человек", "numbers", (["7"], ["14", "8"])),
        ("The 12 athletes were given bans, 3 of them lifelong.", "Спортсмены получили годичную дисквалификацию, 4 — пожизненную.", "numbers", (["12", "3"], ["4"])),
        ("aged 67, and 12 others", "шестидесятивосьмилетний и еще 13", "numbers", (["67", "12"], ["13"])),
        ("Some 400,000 cranes winter there.", "Там зимуют 400 журавлей.", "numbers", (["400,000"], ["400"])),
        ("It lost 35,000 books.", "Пропало 35 книг.", "numbers", (["35,000"], ["35"])),
        ("It moved on 13 Oct 2022.", "Он переехал 13 нояб. 2022.", "dates", (["Oct"], ["нояб"])),
    ],
)
def test_numbers_and_dates_that_disagree_are_errors_with_their_places(english, russian, name, spans):
    (finding,) = check(bitext((english, russian)), only=["numbers", "dates"])
    assert (finding.check, finding.severity) == (name, "error")
    assert ([english[a:b] for a, b in finding.source_spans], [russian[a:b] for a, b in finding.target_spans]) == spans
    assert spans[0][0] in finding.reason
    assert spans[1][0] in finding.reason


@pytest.mark.parametrize(
    ("english", "russian"),
    [("at half past five", "в половине девятого"), ("at a quarter past four", "в четверть восьмого"), ("a quarter to seven", "без четверти десять"), ("two dozen", "три десятка"), ("for six months", "семь месяцев")],
)
def test_times_and_counts_in_words_that_disagree_are_warnings(english, russian):
    assert [f.severity for f in found("numbers", (english, russian))] == ["warning"]


def test_a_number_on_one_side_and_a_converted_unit_are_only_warnings():
    assert [f.severity for f in found("numbers", ("It took 12 days.", "Это было долго."))] == ["warning"]
    assert [f.severity for f in found("numbers", ("It is 10 miles away.", "До него 16 км."))] == ["warning"]


def test_days_and_months_are_no_names():
    from align.checks.names import names

    text = "Talks with Lavrov opened on Monday in Geneva and end in May."
    assert [text[slice(*span)] for span in names(text, "en")] == ["Lavrov", "Geneva"]


def test_other_pairs_are_read_by_their_digits_and_their_own_words():
    assert unmatched("2,5 Millionen im Mai 2020", "2.5 millions en mai 2020", "de", "fr") == ([], [])
    assert unmatched("31日に", "el 30", "ja", "es") != ([], [])
    assert [m.values for m in mentions("drei", "xx")] == []


@pytest.mark.parametrize(
    ("one", "two"),
    [("Haldane", "Холдейн"), ("Tarasova", "Тарасовой"), ("Johnson", "Джонсоном"), ("Joe", "Джо"), ("Marquardt", "Марквардт"), ("Reggie", "Реджи"), ("Knowles", "Ноулз"),
     ("Newcastle", "Ньюкасла"), ("Udo", "Удо"), ("Ouattara", "Уаттарой"), ("Gateshead", "Гейтсхеде"), ("Loughborough", "Лафборо"), ("Siobhan", "Шивон"), ("Wade", "Уэйд"), ("Wuhan", "Ухане"), ("Wyatt", "Уайатт"),
     ("Applewhite", "Эпплуайт"), ("Guangdong", "Гуандун"), ("Kenji", "Кэндзи"), ("Cézanne", "Сезанну"), ("Kitzbühel", "Кицбюэле"), ("Krzysztof", "Кшиштоф"),
     ("Auvergne", "Оверни"), ("Djuric", "Джурич"), ("Rajasthan", "Раджастхана"), ("Öhrn", "Эрн"),
     ("Queensland", "Квинсленд"), ("Zhukov", "Жукова"), ("Walker", "Уокер"), ("Churchill", "Черчилль"), ("Smith", "Смита"), ("George", "Джордж")],
)  # fmt: skip
def test_spellings_of_one_name_sound_alike(one, two):
    assert sounds_alike(one, two)


@pytest.mark.parametrize(("one", "two"), [("Haldane", "Марквардт"), ("Tarasova", "Петрова"), ("Johnson", "Смит"), ("Walker", "Бейкер"), ("Newcastle", "Ньюарк"), ("Wade", "Удо"), ("Gérard", "Герман"), ("Kenji", "Такэси"), ("Alice", "Олега"), ("Rick", "Раису"), ("Rice", "Рик")])
def test_other_names_do_not(one, two):
    assert not sounds_alike(one, two)


def test_a_replaced_name_is_found_and_inflected_names_and_countries_are_not():
    (finding,) = found("names", ("We heard a report by Mr Tobias Haldane.", "Мы заслушали доклад Тобиаса Петрова."))
    assert (finding.severity, finding.source_spans, finding.target_spans) == ("warning", ((31, 38),), ((28, 35),))
    assert not found("names", ("We thanked Minister Tarasova in Moscow.", "Мы поблагодарили министра Тарасову в Москве."))
    assert not found("names", ("They flew to Germany and Japan.", "Они летали в Германию и Японию."))
    assert not found("names", ("The talks in Istanbul went on.", "Переговоры в Стамбуле продолжились."), ("The Finnish and Dutch firms won.", "Победили фирмы Финляндии и Нидерландов."))
    assert found("names", ("The talks in Istanbul went on.", "Переговоры в Абиджане продолжились."))
    assert not found("names", ("The ships left the UK for the Mediterranean.", "Корабли ушли из Великобритании в Средиземноморье."), ("They live in the Caucasus.", "Они живут в Закавказье."), ("They met in the Moscow Region, on the Volga and in Transnistria.", "Они встретились в Подмосковье, в Поволжье и в Приднестровье."))
    assert not found("names", ("They crossed the Channel.", "Они пересекли Ла-Манш."), ("We met in N'Djamena.", "Мы встретились в Нджамене."))
    assert found("names", ("We met people from Chad.", "Мы встретили людей из Нджамены."))
    assert found("names", ("They told us of the Caucasus.", "Нам рассказали о Великобритании."))
    assert not found("names", ("We met.", "Семена нужно высевать."))


class Meaning:
    """An encoder whose vectors are one direction a topic word, so that a test says which texts mean the same."""

    id, languages = "meaning", None
    TOPICS = (("river", "река"), ("vault", "хранилище"), ("thank", "благодар"), ("fish", "рыб"), ("school", "школ"), ("snow", "снег"), ("bread", "хлеб"))

    def encode(self, texts):
        import numpy as np

        out = np.full((len(texts), len(self.TOPICS) + 1), 0.02, np.float32)
        for k, text in enumerate(texts):
            for t, words in enumerate(self.TOPICS):
                out[k, t] += any(w in text.lower() for w in words)
        return out / np.linalg.norm(out, axis=1, keepdims=True)


def test_moved_passages_are_moved_and_the_rest_is_omitted_or_added():
    rows = [("The river is wide.", "река широка"), ("We thank you all.", None), ("The school opened.", "школа открылась"), (None, "мы благодарны вам"), ("The fish came back.", None),
            (None, "выпал снег, много")]  # fmt: skip
    findings = check(bitext(*rows), only=["moved", "omitted", "added"], encoder=Meaning())
    assert [(f.row, f.check, f.other) for f in findings] == [(1, "moved", 3), (3, "moved", 1), (4, "omitted", None), (5, "added", None)]
    assert {f.check for f in check(bitext(*rows), only=["moved", "omitted", "added"])} == {"omitted", "added"}


def test_a_clause_of_one_side_is_pointed_at():
    same = [("The school opened in spring.", "школа открылась этой весной")] * 6
    text = "The river is wide, and the fish came back to it in great numbers."
    (finding,) = found("clauses", *same, (text, "река весьма широка"), encoder=Meaning())
    assert (finding.row, text[slice(*finding.source_spans[0])]) == (6, "and the fish came back to it in great numbers.")


def test_a_stretch_that_some_words_of_the_other_side_say_is_not_pointed_at():
    same = [("The school opened in spring.", "школа открылась этой весной")] * 6
    text = "The river is wide, the fish is back, and the {} came under the snow in great numbers."
    assert not found("clauses", *same, (text.format("fish"), "река, рыба"), encoder=Meaning())
    assert [f.row for f in found("clauses", *same, (text.format("bread"), "река, рыба"), encoder=Meaning())] == [6]


def test_untranslated_text_is_found_and_names_in_latin_letters_are_not():
    assert [f.severity for f in found("untranslated", ("The river rose again.", "The river rose again."))] == ["error"]
    (finding,) = found("untranslated", ("He said the river rose again in spring.", "Он сказал, что the river rose again."))
    assert finding.target_spans == ((15, 35),)
    assert not found("untranslated", ("Google and Microsoft Research met.", "Google и Microsoft Research встретились."))
    assert not found("untranslated", ("Paris, Rome", "Paris, Rome"), target="de")


def test_addresses_that_stay_as_they_are_are_not_untranslated():
    for address in ("write.today@river-boats.org", "river-boats.org/spring/letters", "https://river-boats.org/our_spring_letters"):
        assert not found("untranslated", (f"Letters: {address}", f"Письма: {address}"))
    (finding,) = found("untranslated", ("See river-boats.org, and write a letter.", target := "Посмотрите расписание всех отправлений на river-boats.org, and write a letter."))
    assert target[slice(*finding.target_spans[0])] == "and write a letter"


def test_length_outliers_are_measured_against_the_document():
    rows = [(f"Sentence number {k} has a usual length here.", f"Предложение номер {k} обычной здесь длины.") for k in range(20)]
    assert not found("length", *rows)
    assert [f.row for f in found("length", *rows, ("A short one, really, this is.", "Очень длинное " * 12))] == [20]


def test_low_similarity_is_measured_against_the_document():
    other = Row("The school opens in May.", "Вы его критикуете.", similarity=0.1)
    rows = (*[Row("a", "б", similarity=0.8)] * 9, other, replace(other, source="You're welcome.", target="Не за что."))
    findings = check(Bitext(rows, "en", "ru"), only=["similarity"])
    assert [(f.row, f.severity) for f in findings] == [(9, "warning"), (10, "info")]


def test_a_sentence_replaced_by_another_is_a_difference_and_its_row_is_doubtful():
    said = ["The bridge over the river was closed at noon.", "The school opens again in September.", "The minister thanked the volunteers for their work.", "Nobody was hurt in the fire at the port."]
    heard = ["Мост через реку закрыли в полдень.", "Вас критикуют за излишнюю мягкость на переговорах.", "Министр поблагодарил добровольцев за работу.", "При пожаре в порту никто не пострадал."]
    bitext = align.texts(said, heard)
    assert [(row.type, row.score > 0.9) for row in bitext.rows] == [("1-1", True), ("1-1", False), ("1-1", True), ("1-1", True)]
    assert bitext.rows[1].score < 0.5
    [item] = align.diverge(bitext).items
    assert (item.kind, item.row) == ("changed", 1) and "may not say the same" in item.reason


def test_a_time_that_stands_right_behind_its_year_is_read_as_such():
    assert not found("dates", ("Published on 10 November 202115:46", "Опубликовано 10 ноября 2021 года, 15:46")) and not found("numbers", ("Published on 10 November 202115:46", "Опубликовано 10 ноября 2021 года, 15:46"))
    assert found("dates", ("Published on 10 November 202115:46", "Опубликовано 10 ноября 2020 года, 15:46"))


def test_two_versions_in_one_language_are_not_untranslated():
    same = ("The harbour was closed at noon.", "The harbour was closed at noon.")
    assert found("untranslated", same) and not found("untranslated", same, target="en")


def test_statements_that_share_a_heading_and_a_closing_are_no_versions():
    one = ["Statement by the Ministry of Foreign Affairs", "The harvest was poor in the southern districts.", "Farmers ask for cheaper loans.", "Two elevators were repaired before the frost.", "Thank you for your attention."]
    two = ["Заявление Министерства иностранных дел", "Премьера балета прошла при полном зале.", "Билеты раскупили за час.", "Выставка рисунков открыта до воскресенья.", "Благодарю за внимание."]
    bitext = align.texts(one, two)
    assert bitext.verdict.kind in ("unclear", "not-versions")
    assert align.diverge(bitext).headline.startswith(bitext.verdict.reason)


def test_a_report_in_words_steers_no_terminal():
    found = divergence.report(bitext(("Of 30 ships \x1b]0;pwn\x07", "40 кораблей")), check(bitext(("Of 30 ships \x1b]0;pwn\x07", "40 кораблей"))))
    assert found.items and "Of 30 ships \ufffd]0;pwn\ufffd" in divergence.as_text(found) and "\x1b" not in divergence.as_text(found)


def test_a_part_that_only_moved_is_not_said_to_be_missing():
    names = ["river", "school", "harbour", "forest", "bridge", "market", "station", "theatre", "hospital", "library"]
    said = ["река", "школа", "гавань", "лес", "мост", "рынок", "вокзал", "театр", "больница", "библиотека"]
    one, two = [f"Yesterday we spoke at length about the {n} of the town." for n in names], [f"Вчера мы долго говорили о том, что такое {n} для города." for n in said]
    bitext = align.texts(one, [*two[5:], *two[:5]])
    assert bitext.verdict.kind == "part-missing"
    report = align.diverge(bitext)
    assert report.headline == "5 differences: 5 moved"
    gone = align.texts(one, two[:5])
    assert gone.verdict.kind == "part-missing" and align.diverge(gone).doubt == gone.verdict.reason


def test_consistency_names_the_first_row_of_another_target():
    rows = [("Thank you.", t) for t in ("Спасибо.", "Благодарю.", "Спасибо.", "Мерси.", "Благодарю.")]
    assert [(f.row, f.other) for f in found("consistency", *rows)] == [(0, 1), (1, 0), (2, 1), (3, 0), (4, 0)]


def test_terms_are_found_in_scripts_without_blanks():
    rows = Bitext((Row("The seed vault is open.", "国家种子库已开放。"), Row("The seed vault is open.", "国家已开放。")), "en", "zh")
    assert [f.row for f in check(rows, only=["glossary"], glossary=[("seed vault", "种子库")])] == [1]


def test_a_dismissed_term_of_the_glossary_dismisses_no_other():
    made = bitext(("The treaty protects the sea.", "Соглашение защищает воды."))
    one, two = ("treaty", "договор"), ("sea", "море")
    dismissed = dismiss(check(made, only=["glossary"], glossary=[one]), made, "an accord is meant")
    assert [f.note for f in check(made, only=["glossary"], glossary=[one, two], dismissed=dismissed)] == ["an accord is meant", ""]


@pytest.mark.parametrize(
    ("name", "english", "russian"),
    [
        ("numbers", "Twelve delegations attended.", "Присутствовали четыре делегации."),
        ("numbers", "Two million people fled.", "Бежали три миллиона человек."),
        ("numbers", "See Chapter IV of the report.", "См. главу VI доклада."),
        ("numbers", "A ten-year bond.", "Семилетняя облигация."),
        ("numbers", "Half a million people fled.", "Бежали полмиллиарда человек."),
        ("numbers", "Half of the barley rotted.", "Четверть ячменя сгнила."),
        ("numbers", "Hundreds of thousands of eels came.", "Приплыли сотни миллионов угрей."),
        ("numbers", "Tens of thousands of eels came.", "Приплыли сотни тысяч угрей."),
        ("dates", "They met in May.", "Они встретились в июне."),
        ("dates", "The ferry leaves on Monday.", "Паром уходит во вторник."),
        ("dates", "The Sunday market is closed.", "Субботний рынок закрыт."),
        ("dates", "It opens on Friday, and again on Tuesday.", "Он открывается в среду, а потом во вторник."),
    ],
)
def test_number_words_roman_numerals_and_months_that_differ_are_warnings(name, english, russian):
    assert [f.severity for f in found(name, (english, russian))] == ["warning"]


def test_a_single_one_that_a_side_leaves_out_is_told_softly():
    assert [f.severity for f in found("numbers", ("It cost 1 euro.", "Он стоил всего евро."))] == ["info"]
    assert [f.severity for f in found("numbers", ("It cost 2 euros.", "Он стоил всего евро."))] == ["warning"]


def test_words_that_only_look_like_parts_or_spans_explain_no_number():
    for english, russian in (("2 policies were adopted.", "Политика была принята."), ("The 2 sides met.", "Двусторонняя встреча."), ("It took 2.5 days.", "Это заняло три с половиной дня."),
        ("It took 2 hours.", "Это заняло полчаса."), ("5 soldiers came.", "Пришёл пятитысячный отряд."), ("3 of them agreed.", "Треть из них согласилась.")):  # fmt: skip
        assert [f.severity for f in found("numbers", (english, russian))] == ["warning"], english


@pytest.mark.parametrize(
    ("english", "russian"),
    [("One of them spoke.", "Выступил кто-то из них."), ("Two or three spoke.", "Выступили двое или трое."), ("He may go in May.", "Он может уехать в мае."), ("Twelve attended, two spoke.", "Кто-то выступил."),
        ("The Sunday papers are read at school.", "Воскресные газеты читают в школьной среде."), ("It opens on Friday.", "Он скоро откроется."), ("Mondays and Fridays are free.", "По понедельникам и пятницам вход свободный."),
        ("It shuts on Wednesday.", "В среду он закрывается."), ("The sunday soup, on Monday.", "Суп в понедельник.")],
)
def test_number_words_alone_are_no_findings(english, russian):
    assert not found("numbers", (english, russian)) and not found("dates", (english, russian))


def test_dotted_dates_name_the_day_first_and_others_either():
    assert [f.severity for f in found("dates", ("on 4 May 2020", "05.04.2020"))] == ["error"]
    assert not found("dates", ("on 4 May 2020", "04.05.2020"), ("on 4 May 2020", "04/05/2020"), ("on 4 May 2020", "05/04/2020"))


def test_what_a_person_accepted_is_not_doubtful():
    rows = tuple(Row("Fine.", "Хорошо.", score=score, verified=verified) for score, verified in ((0.3, False), (0.3, True), (0.95, False)))
    assert [f.row for f in check(Bitext(rows, "en", "ru"), only=["alignment"])] == [0]


def test_findings_stand_by_row_and_then_in_the_order_of_the_checks():
    rows = [("It held 28 (small) events.", "Проведено 26 (малых мероприятий.")] * 2
    assert [(f.row, f.check) for f in check(bitext(*rows), only=["marks", "numbers"])] == [(0, "numbers"), (0, "marks"), (1, "numbers"), (1, "marks")]


def test_the_same_source_with_two_targets_names_the_other_row():
    findings = found("consistency", ("Thank you.", "Спасибо."), ("One.", "Один."), ("thank you", "Благодарю вас."))
    assert [(f.row, f.other) for f in findings] == [(0, 2), (2, 0)]
    assert not found("consistency", ("Thank you.", "Спасибо."), ("Thank you", "спасибо"))


def test_open_brackets_and_quotes():
    assert [f.severity for f in found("marks", ("A (small) town", "Город (малый"))] == ["warning"]
    assert not found("marks", ('He said "yes".', "Он сказал «да»."))
    assert not found("marks", ("1) First", "1) Первое"))
    assert not found("marks", ("(a) to meet; and (b) to report.", "а) встретиться; и б) доложить."))
    assert found("marks", ("(a) to meet", "а) встретиться (снова"))


@pytest.mark.parametrize(
    ("source", "target", "open_side"),
    [
        ('"She said \'please\'," he answered.', "«Она сказала „пожалуйста“», — ответил он.", ""),
        ('"The moonlight one is better," he said.', "«„Лунная“ лучше», — сказал он.", ""),
        ('"Come on, Grandad," he shouted.', "«Кто-то крикнул: „Давай, дед“, — рассказал он.", "target"),
        ('The "best" one.', "„Лучший”, „самый лучший“.", ""),
        ("The best one.", "«„Лучший».", ""),
        ('Its gambit was "minus 2.7".', "У него «минус 2,7».", ""),
        ('A 12" pipe, a "long" one.', "12-дюймовая труба, «длинная».", ""),
        ('The 12" disc is "rare.', "12-дюймовый диск «редкий».", "source"),
        ('A "long 12" pipe".', "«Длинная 12-дюймовая труба».", ""),
        ('A "long pipe.', "«Длинная» труба.", "source"),
        ("A “long pipe.", "„Длинная“ труба.", "source"),
    ],
)
def test_nested_quotes_and_quotes_after_a_digit_are_no_open_ones(source, target, open_side):
    reasons = [f.reason for f in found("marks", (source, target)) if "left open" in f.reason]
    assert reasons == ([f"a bracket or quote is left open in the {open_side}"] if open_side else [])


@pytest.mark.parametrize(
    "said",
    [("«Это начало, – сказал он.", "Почему?", "Потому что он работает»."), ('"Это начало, - сказал он.', "Почему?", 'Потому что он работает".'), ("(Это начало.", "«Почему?»", "Потому что он работает.)"), ("«Это начало.", "«Почему?", "Потому что он работает».")],
)
def test_a_quotation_may_run_over_several_rows(said):
    rows = [("“This is a start,” he said.", said[0]), ("Why?", said[1]), ("Because it works.", said[2])]
    assert not [f for f in found("marks", *rows) if f.severity == "warning"]
    assert [f.row for f in found("marks", *rows[:2], ("Because it works.", "Потому что он работает.")) if f.severity == "warning"] == [k for k in (0, 1) if said[k][0] in '«"(' and said[k][-1] != "»"]
    assert [f.row for f in found("marks", rows[0], *[("Yes.", "Да.")] * 20, rows[2]) if f.severity == "warning"] == [0, 21]


@pytest.mark.parametrize(
    ("source", "target", "open_side"),
    [
        ("The accord (of 3 May 2011) is in force.", "Соглашение (от 3 мая 2011 года) действует.", ""),
        ("It cost little (8.4 euros).", "Это стоило немного (8,4 евро).", ""),
        ("The valley (see fig. 2) is dry.", "Долина (рис. 2) суха.", ""),
        ("Five numbers (97 039/1 617 204) stand here.", "Здесь стоят числа (97 039/1 617 204).", ""),
        ("The accord (of 3 May 2011) is in force.", "Соглашение (от 3 мая 2011 года действует.", "target"),
        ("We met to: a) sing; b) dance.", "Мы встретились, чтобы: а) петь; б) танцевать.", ""),
    ],
)
def test_a_bracket_that_closes_behind_a_date_is_no_item_of_a_list(source, target, open_side):
    reasons = [f.reason for f in found("marks", (source, target)) if f.severity == "warning"]
    assert reasons == ([f"a bracket or quote is left open in the {open_side}"] if open_side else [])


def test_a_mark_that_nothing_opened_is_told():
    assert [f.row for f in found("marks", ("A start.", "Начало»."), ("Why?", "«Почему?»")) if f.severity == "warning"] == [0]


def test_glossary_terms_may_be_inflected():
    terms = [("early warning", "раннее предупреждение"), ("plan", "план"), ("plan", "программа")]
    rows = bitext(("The early warning plans", "Программы раннего предупреждения"), ("An early warning", "Быстрое оповещение"))
    (finding,) = check(rows, only=["glossary"], glossary=terms)
    assert (finding.row, finding.source_spans) == (1, ((3, 16),))
    assert "раннее предупреждение" in finding.reason


def test_a_dismissed_finding_keeps_its_note_until_the_text_changes():
    rows = bitext(("It held 28 events.", "Проведено 26 мероприятий."))
    notes = dismiss(check(rows, only=["numbers"]), rows, "the source is wrong")
    assert [f.note for f in check(rows, only=["numbers"], dismissed=notes)] == ["the source is wrong"]
    changed = bitext(("It held 28 events.", "Проведено 27 мероприятий."))
    assert [f.note for f in check(changed, only=["numbers"], dismissed=notes)] == [""]
    with pytest.raises(OptionError, match="note"):
        dismiss([], rows, " ")


def test_every_check_takes_empty_and_one_sided_rows():
    rows = bitext(("One.", None), (None, "Два."), ("", ""), ("!!!", "???"))
    for name in CHECKS:
        check(rows, only=[name], encoder=Meaning())
    assert check(bitext()) == []
    with pytest.raises(OptionError, match="there are numbers"):
        check(rows, only=["spelling"])


@pytest.mark.parametrize(
    ("source", "target", "target_language"),
    [
        ("On 9 May 1945 some 5 million people celebrated.", "9 травня 1945 року святкували близько 5 мільйонів людей.", "uk"),
        ("The budget is 2 billion.", "Бюджет становить 2 млрд.", "uk"),
        ("On 9 May 1945 it ended.", "Il 9 maggio 1945 finì.", "it"),
        ("The budget is 2 billion.", "El presupuesto es de 2 mil millones.", "es"),
        ("The budget is 3 billion euros.", "Le budget est de 3 Md€.", "fr"),
        ("Between two and three billion dollars.", "2–3 млрд долларов.", "ru"),
        ("Two hundred and five thousand.", "205 тыс.", "ru"),
        ("The war ended half a century ago.", "Война закончилась 50 лет назад.", "ru"),
        ("It was 25 years ago.", "Это было четверть века назад.", "ru"),
        ("The 100th anniversary.", "Столетие.", "ru"),
        ("A century ago.", "100 лет назад.", "ru"),
    ],
)
def test_numbers_said_otherwise_are_no_findings(source, target, target_language):
    assert not found("numbers", (source, target), target=target_language) and not found("dates", (source, target), target=target_language)


@pytest.mark.parametrize(
    ("check_name", "source", "target", "target_language"),
    [
        ("dates", "On 9 May 1945 it ended.", "Il 8 maggio 1945 finì.", "it"),
        ("numbers", "Some two million people.", "Около двух миллиардов человек.", "ru"),
        ("numbers", "The fund holds five billion dollars.", "Фонд располагает пятью миллионами долларов.", "ru"),
    ],
)
def test_numbers_that_differ_by_their_scale_or_in_a_language_without_tables_are_found(check_name, source, target, target_language):
    assert found(check_name, (source, target), target=target_language)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("Peace in the Middle East is our goal.", "Мир на Ближнем Востоке — наша цель."),
        ("We want peace in Eurasia.", "Мы хотим мира в Евразии."),
        ("The Rome Statute covers the West Bank.", "Римский статут действует на Западном берегу реки Иордан."),
    ],
)
def test_regions_and_statutes_are_the_same_names(source, target):
    assert not found("names", (source, target))


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("He sailed from GB to the U.S. in a week.", "Он приплыл из Великобритании в Соединённые Штаты Америки за неделю."),
        ("They live in Washington, D.C., near a park.", "Они живут в Вашингтоне, округ Колумбия, у парка."),
        ("The NSW farmers had rain.", "У фермеров из Нового Южного Уэльса шли дожди."),
        ("We walked from the Andes with Jacques.", "Мы шли от Анд вместе с Жаком."),
        ("The painting came to Guillaume from Thrace.", "Картина попала к Гийому из Фракии."),
        ("I met Grainger at Knightsbridge.", "Я встретил Грейнджера у Найтсбриджа."),
        ("We talked to Ondřej and Şükür.", "Мы говорили с Онджеем и Шукюром."),
        ("A mayor of a Queensland town spoke.", "Выступил мэр квинслендского городка."),
        ("The protein and the cells matter.", "Важны С-реактивный белок и Т-клетки."),
        ("The foreign ministry asked the trade ministry.", "Представитель МИДа спросил Минпромторг."),
        ("A ship flew to Venus.", "Корабль полетел к Венере."),
        ("We saw the Pope at noon.", "В полдень мы видели Папу Римского."),
        ("A speech by Ban Ki-moon began.", "Началась речь Пан Ги Муна."),
    ],
)
def test_names_that_are_spelt_out_or_known_to_the_table_are_the_same(source, target):
    assert not [f for f in found("names", (source, target)) if f.severity != "info"]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("The mayor met Jacques in a park.", "Мэр встретил Гийома в парке."),
        ("A ship flew to Venus.", "Корабль полетел к Юпитеру."),
        ("He sailed to the U.S. in a week.", "Он приплыл во Францию за неделю."),
        ("I met Grainger in a park.", "Я встретил Хадсона в парке."),
        ("The fjords of Norway are deep.", "Фьорды Гренландии глубоки, но не все."),
    ],
)
def test_names_that_the_table_knows_are_still_told_apart(source, target):
    assert found("names", (source, target))


def test_two_ways_of_writing_marks_in_russian_are_no_findings():
    assert not found("marks", ('JSC "NC Rosneft" signed it.', "ОАО «НК «Роснефть» подписало это."))
    assert [f.severity for f in found("marks", ("Paragraph 6 (b) is deleted.", "Пункт 6 b) исключён."))] == ["info"]
    assert found("marks", ("It is deleted.", "Оно исключён)."))[0].severity == "warning"


@pytest.mark.parametrize(
    ("source", "target", "words"),
    [
        ("There is no agreement.", "Договорённость есть.", "no"),
        ("Russia does not intend to sign.", "Россия намерена подписать.", "not"),
        ("We want to fight and will fight.", "Мы не хотим и не будем воевать.", "не"),
        ("This is true.", "Это не так.", "не"),
        ("The talks did not end on Friday.", "Переговоры завершились в пятницу.", "not"),
        ("We have never agreed and won't agree to it.", "Мы согласились и согласимся с этим.", "never"),
        ("The talks ended on Friday.", "Переговоры не завершились в пятницу.", "не"),
        ("Women took part in the vote.", "Женщины никогда не участвовали в голосовании.", "никогда"),
    ],
)
def test_a_negation_that_one_side_lacks_is_found(source, target, words):
    (finding,) = found("negation", (source, target))
    side, spans = (source, finding.source_spans) if finding.source_spans else (target, finding.target_spans)
    assert (finding.severity, side[slice(*spans[0])]) == ("warning", words)
    assert not finding.source_spans or not finding.target_spans


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("The talks did not end on Friday.", "Переговоры не завершились в пятницу."),
        ("They could not come.", "Им не удалось приехать."),
        ("He did not come.", "Он отказался приехать."),
        ("Nobody came.", "Никто не пришёл."),
        ("They did not exist.", "Они были несуществующими."),
        ("They are unable to come.", "Они не могут приехать."),
        ("They came without him.", "Они приехали, но не с ним."),
        ("Nevertheless, at least ten came.", "Тем не менее пришли не менее десяти."),
        ("Not only ministers came, but presidents.", "Приехали как министры, так и президенты."),
        ("It is not a rich country.", "Это небогатая страна."),
        ("There was no conspiracy.", "Никакого заговора."),
        ("There was no doubt.", "Сомнений было много."),
        ("Could you tell us?", "Не могли бы вы рассказать?"),
        ("They came.", "Они приехали в понедельник на неделю по необходимости."),
        ("The ferry won't be long.", "Паром придёт через минуту."),
        ("She couldn't be happier with the boat.", "Она в восторге от лодки."),
        ("They spared no effort.", "Они старались изо всех сил."),
        ("I don't care what he says.", "Мне плевать, что он говорит."),
        ("We can't wait to see the sea.", "Мы мечтаем увидеть море."),
        ("The frost thwarted our plans.", "Мороз свёл наши планы на нет."),
        ("A jacket would be welcome here.", "Куртка здесь не помешала бы."),
        ("He is eager to start.", "Ему не терпится начать."),
        ("The soup was anything but hot.", "Суп был не горячим."),
        ("The reason remains to be found.", "Причина ещё не найдена."),
        ("They were struggling to see.", "Им было не видно."),
        ("The disease is asymptomatic.", "Болезнь не имеет признаков."),
        ("Diving is not allowed here.", "Нырять воспрещается."),
    ],
)
def test_a_negation_said_otherwise_and_words_that_deny_nothing_are_no_findings(source, target):
    assert not found("negation", (source, target))


def test_negations_of_languages_without_a_table_and_of_missing_sides_are_no_findings():
    assert not found("negation", ("The talks did not end.", None), (None, "Переговоры не завершились."))
    assert not found("negation", ("The talks did not end.", "Die Verhandlungen endeten."), target="de")
    assert not found("negation", ("The talks did not end.", "The talks ended."), target="en")


@pytest.mark.parametrize(
    ("source", "target", "words"),
    [
        ("The canal is 300 km long.", "Длина канала — 300 миль.", ("300 km", "300 миль")),
        ("They paid 50 million dollars.", "Они заплатили 50 миллионов евро.", ("50 million dollars", "50 миллионов евро")),
        ("They paid $50 million.", "Они заплатили 50 миллионов евро.", ("50 million", "50 миллионов евро")),
        ("It took 36 hours.", "Это заняло 36 дней.", ("36 hours", "36 дней")),
        ("It rose by 0.5 percentage points.", "Он вырос на 0,5 процента.", ("0.5 percentage points", "0,5 процента")),
        ("A pike of 7 kg.", "Щука в 7 тонн.", ("7 kg", "7 тонн")),
        ("Three weeks went by.", "Прошло три месяца.", ("Three weeks", "три месяца")),
    ],
)
def test_a_unit_that_differs_behind_an_equal_number_is_found(source, target, words):
    (finding,) = found("units", (source, target))
    assert (finding.severity, source[slice(*finding.source_spans[0])], target[slice(*finding.target_spans[0])]) == ("warning", *words)
    assert [f.source_spans for f in found("units", (target, source), source="ru", target="en")] == [finding.target_spans]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("The canal is 300 km long.", "Длина канала — 300 километров."),
        ("The canal is 10 miles long.", "Длина канала — 16 км."),
        ("It took 18 months.", "Это заняло полтора года."),
        ("It cost 20 pounds, a sack of 5 pounds.", "Он стоил 20 фунтов, мешок в 5 фунтов."),
        ("It took 5 days or 5 weeks.", "Это заняло 5 недель."),
        ("A rise of 5% in 2012.", "Рост на 5 процентов в 2012 г."),
        ("They paid $50 million and €50.", "Они заплатили 50 млн долл. и 50€."),
        ("300 people came.", "Приехали 300 км людей."),
        ("It took 36 hours.", None),
    ],
)
def test_units_that_agree_or_are_converted_are_no_findings(source, target):
    assert not found("units", (source, target))
    assert not found("units", ("It took 36 hours.", "Es dauerte 36 Tage."), target="de")


@pytest.fixture(scope="module")
def vault():
    return align.files("samples/seed-vault.en.html", "samples/seed-vault.ru.docx")


def test_the_sample_diverges_where_it_was_written_to(vault):
    report = workflow.diverge(vault)
    assert [(i.kind, (i.source or "")[:14]) for i in report.items] == [
        ("changed", "Of the 7,000 p"), ("changed", "The duplicates"), ("moved", "A word about t"), ("moved", "There are only"), ("omitted", "The details ar"),
    ]  # fmt: skip
    assert report.headline == "5 differences: 1 omitted, 2 moved, 2 changed"
    assert json.loads(divergence.as_json(report))["counts"] == {"omitted": 1, "added": 0, "moved": 2, "changed": 2}
    assert "row 11: numbers disagree: 150 in the source, 120 in the target" in divergence.as_text(report)


def test_the_page_escapes_every_text_and_marks_the_evidence():
    from lxml import html

    evil = "<img src=x onerror=alert(1)> 28 </script>${7*7}"
    rows = bitext((evil, "«26» <b>жирно</b>"))
    page = divergence.as_html(divergence.report(rows, check(rows, only=["numbers"])))
    tree = html.document_fromstring(page)
    assert not tree.xpath("//img|//script|//b")
    source = tree.xpath("//p[@lang='en']")[0]
    assert source.text_content() == evil
    assert tree.xpath("//p[@lang='ru']/mark/text()") == ["26"]
    assert "default-src 'none'" in page


def test_nothing_to_say_is_said():
    empty = divergence.report(bitext(("One.", "Раз.")), [])
    assert empty.headline == "no differences found in 1 row"
    assert divergence.as_text(empty) == empty.headline + "\n"
    assert "<section" not in divergence.as_html(empty)
    alone = workflow.diverge(align.texts(["The river rose.", "Nobody slept."], [], source="en", target="ru"))
    assert alone.headline == "the target side has no sentences: that version is missing; no differences found in 2 rows"
    assert json.loads(divergence.as_json(alone))["doubt"] and alone.doubt in divergence.as_html(alone)
    with pytest.raises(OptionError, match="txt, json, html"):
        divergence.written(empty, "pdf")


def test_the_commands(tmp_path, capsys, vault):
    path = tmp_path / "vault.tmx"
    align.save(vault, path)
    with pytest.raises(SystemExit) as stopped:
        main(["check", str(path), "--json", "--fail-on", "error"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert stopped.value.code == 1
    assert {"row", "check", "severity", "reason", "source_spans", "target_spans"} <= set(lines[0])
    assert (11, "numbers", "error") in {(f["row"], f["check"], f["severity"]) for f in lines}
    main_ok("check", str(path), "--fail-on", "error", "--only", "marks")
    main_ok("diverge", str(path), "-o", str(tmp_path / "report.html"))
    assert "5 differences" in (tmp_path / "report.html").read_text("utf-8")
    main_ok("diverge", str(path))
    assert capsys.readouterr().out.startswith("5 differences")
    with pytest.raises(SystemExit) as stopped:
        main(["diverge", str(path), "-o", str(tmp_path / "report.pdf")])
    assert stopped.value.code == 2
    assert not (tmp_path / "report.pdf").exists()
    (tmp_path / "terms.tsv").write_text("one column\n")
    with pytest.raises(SystemExit) as stopped:
        main(["check", str(path), "--glossary", str(tmp_path / "terms.tsv")])
    assert "terms.tsv, line 1" in capsys.readouterr().err


def main_ok(*arguments):
    try:
        main(arguments)
    except SystemExit as stopped:
        assert stopped.code in (0, None)
