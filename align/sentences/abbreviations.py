"""Short rule tables: which words before a full stop end a sentence, per language.

Words are in lower case, without the last full stop and without spaces.

A word that is in no table is left to the language's splitter; a short table is enough.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Abbreviations:
    """What a word before a full stop says of the place after it.

    before: what it belongs to always follows ("Mr. Smith").
    titles: as `before`, and written with a capital even where this is the whole word ("M. Dupont").
    number: a number, a Roman number or a letter follows ("No. 5"); else it is an ordinary word ("No. He").
    after: it belongs to what stands before it, so a capital begins a sentence ("5 млн. Это").
    either: a capital begins a sentence only with a usual first word ("the U.S. The", "the U.S. President").
    units: `after` when a number stands before it, else `before` ("100 р. Он", "р. Днепр").
    years: after a number, a capital goes on with a clause that so far has only words of `dates` ("В 1991 г. Россия")
        and else begins a sentence; without a number, as `before` ("г. Минск").
    lettered: nouns after which a single capital is no initial ("vitamin C. It").
    starters: usual first words of sentences that are never names.
    saying: verbs of the clause that names who said the words in quotes before it ("'Is it?' Lavrov asked").
    pairs: "word.next word", that a full stop never parts ("5 долл. США").
    whole: those of the above that also stand without a full stop, as ordinary words or as units; one after them may be the sentence's.
    """

    before: frozenset[str] = frozenset()
    titles: frozenset[str] = frozenset()
    number: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    either: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    years: frozenset[str] = frozenset()
    dates: frozenset[str] = frozenset()
    lettered: frozenset[str] = frozenset()
    starters: frozenset[str] = frozenset()
    saying: frozenset[str] = frozenset()
    pairs: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# After "a.m." and "p.m." these go on with the time.
ENGLISH_TIME_WORDS = _words(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july "
    "august september october november december gmt utc est edt cst cdt mst mdt pst pdt cet cest bst msk "
    "ist et ct mt pt eastern central pacific mountain local"
)

_ENGLISH = Abbreviations(
    before=_words(
        "mr mrs ms mx dr prof gen sen rep reps sens gov col lt capt sgt cpl maj cmdr adm rev hon messrs mme "
        "mlle fr supt det insp amb pres h.e e.g i.e cf viz vs v approx ca esp incl maj-gen lt-gen brig p.s "
        "p.p.s min rt"
    ),
    number=_words(
        "no nos nr ver art arts para paras p pp vol vols ch chap chaps sec secs sect fig figs tab eq app reg "
        "doc docs res add corr par pt op cl ser annex jan feb mar apr jun jul aug sept sep oct nov dec"
    ),
    after=_words("etc in lb lbs oz mph hrs mins"),
    units=_words("min"),
    either=_words(
        "inc corp ltd co cos llc plc bros jr sr st dept est ave blvd rd govt univ assn assoc mt ft al ed eds "
        "a.m p.m u.s u.k u.n u.s.a u.s.s.r e.u d.c b.c a.d ph.d m.d b.a m.a b.sc m.sc ll.b ll.m n.y l.a esq"
    ),
    lettered=_words(
        "vitamin plan group class type section part point grade hepatitis category series block league level "
        "appendix annex letter option schedule exhibit item phase list zone"
    ),
    starters=_words(
        "the a an this that these those he she it they we i you there here his her its our their my your in "
        "on at by for from with without of to as after before since until during under over between among "
        "about against despite although though while when where whenever if unless because and but or nor so "
        "yet however moreover furthermore therefore thus hence nevertheless nonetheless meanwhile instead "
        "indeed also then what who whose which why how some many most all both each every several such no not "
        "only even now today yesterday tomorrow once one two three another other others more few let is are "
        "was were do does did can could will would should may might must has have had according following "
        "given yes well please"
    ),
    whole=_words("in lb lbs oz mph hrs min mins"),
    saying=_words("said says asked asks told added adds replied replies"),
)

_RUSSIAN = Abbreviations(
    before=_words(
        "ул пл просп пер наб бул г-н г-жа гр тов проф акад чл.-корр подполк кап лейт ст адм св о оз вып напр "
        "p.s p.p.s т.е т.к т.н и.о вр.и.о т.ч к.т.н д.т.н к.и.н д.и.н к.э.н д.э.н к.ю.н д.ю.н ср зам зав нач "
        "пом ред доц канд д-р англ фр исп итал яп греч буд пос дер мор гос мин-р экз букв ориг совр вс ал вл "
        "обл респ р-н н.п ж.-д кн изд-во прим илл табл гл разд абз подп пп п ч стб ок прибл преим соотв чрезв полн наз т.наз"
    ),
    number=_words("п пп ст ч чч гл разд абз рис табл илл прим прил док рез вып тт тел ок каб кв корп стр"),
    after=_words(
        "млн млрд трлн тыс руб коп долл т.д т.п др пр проч н.э с.г т.г чел шт ед у.е час сек куб кв км га л.с "
        "нем пол ком ум с.ш ю.ш в.д з.д мес"
    ),
    either=_words("им кит рис гор полк лат ген янв фев февр апр авг сент окт нояб дек corp inc ltd co jr sr"),
    units=_words("р см мин с стр т гр м кг мм мл дж л"),
    years=_words("г гг в вв н.э"),
    dates=_words(
        "в во с со к ко до после на за по от около примерно еще ещё уже лишь только что когда где если и а но "
        "же итогам результатам данным состоянию конце начале середине течение период концу началу половине первой второй весной летом осенью "
        "зимой год году года годы годах годов век веке века веков н э нашей эры января февраля марта апреля "
        "мая июня июля августа сентября октября ноября декабря январе феврале марте апреле мае июне июле "
        "августе сентябре октябре ноябре декабре"
    ),
    lettered=_words(
        "витамин витамина витамином витамине план плана группа группы группе группу класс класса типа тип "
        "пункт пункта приложение приложения категория категории блок блока серия серии гепатит гепатита точка "
        "точки точку часть раздел вариант зона зоны"
    ),
    starters=_words(
        "в во на по с со к ко о об обо он она оно они это эта этот эти мы вы я ты но а и или однако также "
        "кроме после при для за из от до тогда затем поэтому как когда если что так там здесь тут сегодня "
        "вчера завтра сейчас все всё его её ее их наш наша наше наши тем таким таких такая такой такие среди "
        "у не ни под над между через вместе теперь потом хотя чтобы ведь именно лишь только даже уже ещё еще "
        "кто где куда почему какой какая какие который чем тот та то те того этого этой этом эту этим этих "
        "другие другой одна один одно одним некоторые многие более менее наиболее несмотря согласно благодаря "
        "впрочем например напомним причём причем итак следовательно значит пока перед без вместо около против "
        "вокруг вопреки ввиду вследствие впервые вскоре сам сама сами свой своя свои каждый любой никто ничто "
        "нет да был была было были есть будет может можно нужно надо необходимо важно хочу"
    ),
    pairs=_words("долл.сша долл.канады долл.австралии долл.гонконга долл.сингапура руб.рф руб.ссср"),
    whole=_words("млн млрд трлн км га см мм мл кг дж м л т час нем пол ком ум им кит рис гор полк лат ген мор вал мин тел"),
)

_UKRAINIAN = Abbreviations(
    before=_words(
        "ім вул пл просп пров буд м с смт проф акад ген гр тов св ст див напр т.зв т.б о оз обл англ нім лат зав заст"
    ),
    number=_words("п пп ст ч гл розд рис табл прим дод вип тел кв"),
    after=_words("млн млрд трлн тис грн коп дол т.д т.п т.ін ін чол шт год хв сек км"),
    pairs=_words("дол.сша дол.канади"),
    whole=_words("млн млрд трлн км"),
    years=_words("р рр ст в вв н.е"),
    dates=_words(
        "у в во на з із від до після за по близько ще вже лише що коли якщо і й та але кінці початку середині "
        "половині першій другій рік році року роки століття столітті н е січня лютого березня квітня травня "
        "червня липня серпня вересня жовтня листопада грудня січні лютому березні квітні травні червні липні "
        "серпні вересні жовтні листопаді грудні"
    ),
    starters=_words(
        "у в во на по з із зі до від за для про при після під над між через без він вона воно вони це ця цей "
        "ці ми ви я але а і й та або однак також крім коли якщо що як так там тут сьогодні вчора його її їх "
        "наш тому тоді потім хоча щоб адже саме лише тільки навіть вже ще хто де"
    ),
)

_BELARUSIAN = Abbreviations(
    before=_words("імя ім вул пл прасп зав праф акад ген гр тав св гл напр т.зв т.е воз вобл"),
    number=_words("п пп арт ст ч гл разд мал табл дад тэл кв"),
    after=_words("млн млрд трлн тыс руб кап дол т.д т.п інш чал шт"),
    pairs=_words("дол.зша дол.канады"),
    whole=_words("млн млрд трлн"),
    years=_words("г гг ст в вв н.э"),
    dates=_words(
        "у ў на з са да пасля за па каля яшчэ ужо толькі што калі і але канцы пачатку сярэдзіне палове першай "
        "другой годзе года гады стагоддзі н э студзеня лютага сакавіка красавіка мая чэрвеня ліпеня жніўня "
        "верасня кастрычніка лістапада снежня студзені лютым сакавіку красавіку маі чэрвені ліпені жніўні "
        "верасні кастрычніку лістападзе снежні"
    ),
    starters=_words(
        "у ў на па з са да ад за для пра пры пасля пад над паміж праз без ён яна яно яны гэта гэты гэтая "
        "гэтыя мы вы я але а і ды ці аднак таксама акрамя калі што як так там тут сёння яго яе іх наш таму "
        "тады потым хоць каб менавіта толькі нават ужо яшчэ хто дзе"
    ),
)

_FRENCH = Abbreviations(titles=_words("m mm mme mmes mlle mlles dr drs me mes mgr"))

_TABLES = {"fr": _FRENCH, "en": _ENGLISH, "ru": _RUSSIAN, "uk": _UKRAINIAN, "be": _BELARUSIAN}
_NONE = Abbreviations()


def abbreviations(language: str) -> Abbreviations:
    """The table of an ISO 639-1 language; an empty one for a language that has none."""
    return _TABLES.get(language, _NONE)
