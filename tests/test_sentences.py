"""Sentence splitting: golden boundaries of our own writing, the cover property, sentences taken as they are, long lines."""

from __future__ import annotations

import pytest

from align.sentences import split_text

# In these texts "|" stands where one sentence ends and the next begins; it is not part of the text.
ENGLISH = """
Mr. Orlov met Mrs. Hale and Dr. Stone in Geneva. | They spoke for an hour.
Prof. Lindqvist and Gen. Ito arrived at 5 p.m. Monday. | The talks began at once.
The talks ended at 11 p.m. | The ministers left by the back door.
The call is planned for 3 p.m. Minsk time. | No agenda was given.
H.E. Mr. Anders Holm took the floor. | Nobody objected.
The U.S. President signed it in Washington, D.C. | The Senate had voted in May. | "I am glad," he said.
He lived in the U.S. for years. | In the U.K. he was unknown.
The U.N. Security Council adopted it. | All fifteen members voted for it.
See para. 3 of resolution No. 5. | Paras. 4 and 5 (p. 12) are annexed.
Nos. 7 and 8 were struck out under Art. 51 of the Charter. | Sec. IV stays.
Are you ready to sign? | No. | We need more time.
The costs are approx. 12 million, i.e. half of the total, cf. Fig. A above. | Vol. II has the table.
Northern Pumps Inc. said that it would pay. | Baltic Rail Co. Ltd. did not.
The ship belongs to Seaward Corp. | It sails under no flag.
The law came into force on Jan. 5. | By Dec. 31 all had signed.
J. R. Whitfield wrote to George W. Lane. | A. B. Moss answered.
We chose plan B. | The first had failed.
The bodies hold vitamin C. | Doctors confirmed it.
1. The parties shall meet yearly. | 2. The secretariat shall prepare the meetings.
a) The budget is approved; b) the staff grows: both were asked for.
He asked: "Who pays? | Who gains?" | Nobody answered.
"We agreed." | That was all he said.
"We agreed!" he said. | Then he left.
The text is clear (see the annex.) | It needs no comment.
The number fell (it was a bad year. - Ed.) and rose again.
What?! | You knew... | And you kept silent…
The result was poor ... but it came on time.
They spoke of trade, transit, visas, etc. | The border was not mentioned.
It happened in 2021. | The year before was calm. | 40 people came.
Growth was 3.5 per cent. | $2 million went to schools.
He mentioned (!) the treaty and [...] the annex.
The claim is known.[3] | It is wrong.
Delegates stay at St. Anne's on Main St. | The hall is near.
Smith et al. (2019) say so. | Jones vs. Clark is older.
P.S. Nobody came to Ft. Hood.
It lasted from 3 p.m. (local time) to dawn.
The array grew to 800 K. | Strategy matters.
Read the rules at www.example.org or in ver. 2.0.1 of the file. | They are short.
The note was signed by A. M. Gorchak in Moscow and by P.M. Lane. | It came at 9 A.M. | Nobody read it.
Mr. J. K. O'Hara spoke. | It's late. | Don't go.
Res. 2231 (2015) and Add. 1 with Corr. 2 are annexed. | Add. | Remove.
MR. ORLOV: Good morning. | MS. HALE: Thank you. | Dr. Stone took notes for NATO. | IRAN left.
It begins at 7 p.m. ET. | It was 3 p.m. New York time. | In Minsk it was 11 p.m. | New rules came.
The council heard the report of the secretary.1 | It took note of the budget.23 | Growth was 3.5 per cent. | See NO. 5 and ART. 7.
Min. Orlov and the Rt. Hon. Ann Hale met. | It took 5 min. | The rest was silence.
""".strip().splitlines()

RUSSIAN = """
Стихи А.С. Пушкина читал С. В. Егоров. | Зал слушал стоя.
Договор подписан в 1991 г. | В этом году ему исполнилось тридцать лет.
В 1991 г. Республика вошла в союз. | Это записано в хартии.
Напомню, что в 2010 г. Совет уже собирался. | Тогда решения не было.
Встреча прошла 5 мая 2014 г. | Россия в ней не участвовала.
В 1990–1995 гг. Минск принял восемь встреч. | Затем пауза затянулась до 2001 г.
Город стоит с XII в. на левом берегу. | В XVIII–XIX вв. он вырос.
Это случилось в 49 году до н. э. | Консул был уже в Риме.
Выделено 5 млн руб. на дороги и 3 млрд. руб. на мосты. | Итого 3005 млн. | Это немного.
Закупили 10 тыс. т. зерна. | Хватит до весны.
Обсудили торговлю, транзит, визы и т.д. | О границе не говорили.
Приехали министры, послы и др. | Все выступили.
Это мера временная, т.е. на год, а в т. ч. Союз её продлит. | Так решили вчера.
Согласно ст. 51 Устава и п. 3 решения № 5, срок истёк. | Пп. 4 и 5 отменены.
Институт им. Н. Н. Бурденко открыт на ул. Садовой. | Вход свободный.
Об этом сказал проф. Лебедев. | Акад. Орлов возразил.
См. стр. 12, рис. А и табл. 3. | Остальное напр. в приложении.
Он приехал в г. Брест на р. Буг. | Там его ждали.
Билет стоит 100 р. | Он дорожает каждый год.
Отрезали 30 см. | Хватило на всех.
Мы выбрали план Б. | Первый не сработал.
Речь о витамине С. | Врачи это подтвердили.
Памятник Петру I. | Скульптор неизвестен.
1. Стороны встречаются ежегодно. | 2. Секретариат готовит встречи.
а) бюджет утверждён; б) штат растёт: об этом просили.
Он спросил: «Кто платит? | Кто выигрывает?» | Никто не ответил.
«Мы договорились.» | Больше он ничего не сказал.
— Мы договорились! — сказал он. | — А что дальше?
Текст ясен (см. приложение.) | Пояснений не нужно.
Число упало (год был плохой. — Ред.) и снова выросло.
Что?! | Вы знали... | И вы молчали…
Итог был слабым... но в срок.
Это было в 2021 году. | Годом раньше всё было тихо. | Пришли 40 человек.
Так было и в 1990-х. | Мне это памятно.
Он упомянул (!) договор и [...] приложение.
Это известно.[3] | Это неверно.
Тов. Иванов и гр. Петрова явились. | И.о. директора не пришёл.
Жильё в Минской обл. Беларуси дешевле. | О нём. | В нём. | Никто не спорил.
Среди гор. | На дне моря.
Срок назначен им. | А потом отложен ими же.
Нажмите ОК. | Документ закрыт.
Во времена династии Мин. | Так сказано в летописи.
Всё было в порядке-с. | Пришли гости.
P.S. Ответа не было.
Ущерб достиг 4,6 млн долл. США и 3 тыс. долл. Канады. | Выделено 20 млрд долл. | Комиссия ждёт.
Цена 100 руб. РФ за место. | Это 5 руб. | Россия заплатит.
Письмо от 5 янв. 1995 г. получено. | В февр. Совет ответил. | Ответ ждали в дек. | Он пришёл.
Выступил Л. С. Выготин и сказал слово. | Имени Н. Э. Бауманова. | Т. П. Орлов ушёл с В.Д. Орловой.
Посол Дж. К. О'Хара прибыл. | Э. О’Нил уехал.
Текст дан в док. A/80/312 и в рез. 2231. | Голосов против не было.
Дом на УЛ. ЛЕНИНОЙ, СТ. 5 ЗАКОНА. | Выступил ПРОФ. ИВАНЧУК.
Чрезв. и Полн. Посол огласил т. наз. Хартию. | Зал молчал.
""".strip().splitlines()


def parts(marked: str) -> list[str]:
    return [part.strip() for part in marked.split("|")]


def sentences(text: str, language: str) -> list[str]:
    return [text[start:end] for start, end in split_text(text, language)]


@pytest.mark.parametrize("marked", ENGLISH)
def test_english_boundaries(marked: str) -> None:
    assert sentences(" ".join(parts(marked)), "en") == parts(marked)


@pytest.mark.parametrize("marked", RUSSIAN)
def test_russian_boundaries(marked: str) -> None:
    assert sentences(" ".join(parts(marked)), "ru") == parts(marked)


@pytest.mark.parametrize(
    "marked",
    [
        "Le ministre a rencontré M. Lavrov à Genève. | Il a parlé avec Mme. Dupont, Mgr. Durand et MM. Petit.",
        "Hier M. Le Gall a vu le Dr. Martin et Me. Roux. | Ils sont d'accord.",
        "La tour mesure 300 m. | Elle date de 1889.",
        "Le plan coûte 10 M. | C'est trop.",
    ],
)
def test_a_french_title_is_no_end_of_a_sentence(marked: str) -> None:
    assert sentences(" ".join(parts(marked)), "fr") == parts(marked)


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("fr", "Le ministre N. Orlovski et J.-Y. Le Bris ont parlé. | C'est le plan B. | La région attend."),
        ("es", "El ministro J. M. Albarrán habló en Madrid. | Es el plan B. | El país espera."),
        ("it", "Il ministro G. Bellucci ha parlato. | Il piano B. | La regione attende."),
        ("pt", "O ministro A. Guimarães falou. | O plano B. | A região espera."),
        ("pl", "Minister R. Zaleski mówił. | Rząd czeka."),
        ("de", "Im 2. Halbjahr sprach A. Holm mit dem 19. Ausschuss. | Am 10. November war Ruhe. | Es waren 10. | Dann kam er."),
    ],
)
def test_initials_and_ordinals_are_no_ends_of_sentences(language: str, marked: str) -> None:
    assert sentences(" ".join(parts(marked)), language) == parts(marked)


def test_a_chinese_quotation_may_begin_where_another_ends() -> None:
    assert sentences("他说：“我同意。”“你呢？”她问。今天下雨。“我们走吧。”他说。", "zh") == ["他说：“我同意。”", "“你呢？”她问。", "今天下雨。", "“我们走吧。”他说。"]
    assert sentences("部长表示：“我们同意。”中方也同意。", "zh") == ["部长表示：“我们同意。”", "中方也同意。"]
    assert sentences("Er sagte: „Ja.“ Dann ging er.", "de") == ["Er sagte: „Ja.“", "Dann ging er."]


@pytest.mark.parametrize(
    "marked",
    [
        "По итогам 2020 г. ВВП вырос. | По результатам 2019 г. Банк был первым.",
        "По состоянию на 5 мая 2020 г. Россия помогла. | По данным на 1 января 2020 г. Москва росла.",
        "ВВП вырос по итогам 2020 г. | Россия помогла. | Таков итог 2020 г. | Россия ждёт.",
    ],
)
def test_a_russian_sentence_may_begin_with_the_results_of_a_year(marked: str) -> None:
    assert sentences(" ".join(parts(marked)), "ru") == parts(marked)


@pytest.mark.parametrize(
    "marked",
    [
        '"This is it!" Lavrov said. | "Is it?" Mr. Kerry asked the press. | "Go!" he told them.',
        "“We came. | We won!” President Holm added. | “Why?” Orlov replies.",
        '"Go!" | He said nothing. | "Why?" | The man said no word. | "Now?" | Lavrov rose and said so.',
        '"Is it true?" I asked. | "No!" she said. | "Why?" | I went home.',
        'He wrote: "Why not?" | Lavrov replied that he did not know. | Why? | Lavrov said nothing.',
    ],
)
def test_who_said_it_belongs_to_the_words_in_quotes(marked: str) -> None:
    assert sentences(" ".join(parts(marked)), "en") == parts(marked)


def test_very_many_quotes_in_one_line_take_linear_time() -> None:
    assert sentences("so it is!” Bob said " * 20_000, "en")
