"""Sentence pairs of our own making, seeded: statements of an invented commission in English and in Russian, as many as are wanted."""

from __future__ import annotations

import random
import re

WHO = [
    ("The commission", "Комиссия"), ("The Government of Velnia", "Правительство Вельнии"), ("Minister Tarasova", "Министр Тарасова"),
    ("The Secretary-General", "Генеральный секретарь"), ("The working group", "Рабочая группа"), ("The delegation of Ostrov", "Делегация Острова"),
    ("President Haldane", "Президент Холдейн"), ("The Basin Fund", "Бассейновый фонд"), ("The port authority of Orlets", "Администрация порта Орлец"),
    ("Parliament", "Парламент"), ("The Kamenka observatory", "Обсерватория Каменка"), ("The court in Brennach", "Суд в Бреннахе"),
]  # fmt: skip
DOES = [
    ("approved", "утвердила(о)"), ("examined", "рассмотрела(о)"), ("rejected", "отклонила(о)"), ("published", "опубликовала(о)"),
    ("postponed", "отложила(о)"), ("supported", "поддержала(о)"), ("criticised", "раскритиковала(о)"), ("requested", "запросила(о)"),
]  # fmt: skip
WHAT = [
    ("the flood warning plan", "план предупреждения о паводках"), ("a report on the wetlands", "доклад о водно-болотных угодьях"),
    ("new rules for shipping", "новые правила судоходства"), ("the budget of the river school", "бюджет речной школы"),
    ("an agreement on the exchange of data", "соглашение об обмене данными"), ("the moratorium on industrial fishing", "мораторий на промышленный лов"),
    ("the repair of the old bridge", "ремонт старого моста"), ("compensation for the farmers", "компенсации фермерам"),
    ("the construction of a hospital", "строительство больницы"), ("a list of protected forests", "перечень охраняемых лесов"),
    ("the tariff for electricity", "тариф на электроэнергию"), ("the visit of foreign observers", "визит иностранных наблюдателей"),
]  # fmt: skip
WHEN = [
    ("in March {y}", "в марте {y} года"), ("after a debate of {n} hours", "после {n} часов обсуждения"), ("by {n} votes", "{n} голосами"),
    ("on the {n}th day of the session", "на {n}-й день сессии"), ("for the first time since {y}", "впервые с {y} года"), ("without delay", "безотлагательно"),
]  # fmt: skip
WHY = [
    ("because the water had risen by {n} centimetres", "поскольку вода поднялась на {n} сантиметров"),
    ("although the neighbouring states had asked for more time", "хотя соседние государства просили дать им больше времени"),
    ("so that the region would not depend on imports", "чтобы регион не зависел от импорта"),
    ("in spite of protests in the capital", "несмотря на протесты в столице"),
    ("as the treaty of {y} requires", "как того требует договор {y} года"),
    ("and thanked the volunteers for their work", "и поблагодарила(о) добровольцев за работу"),
    ("which will cost {n} million crowns", "что обойдется в {n} миллионов крон"),
]  # fmt: skip


MALE = {"Генеральный", "Президент", "Бассейновый", "Парламент", "Суд"}


def pairs(count: int, seed: int = 1) -> list[tuple[str, str]]:
    """`count` pairs (English, Russian); numbers differ from pair to pair, so few are alike."""
    rng = random.Random(seed)
    out = []
    for _ in range(count):
        parts = [rng.choice(table) for table in (WHO, DOES, WHAT, WHEN, WHY)]
        values = {"n": rng.randint(2, 980), "y": rng.randint(1950, 2025)}
        english, russian = (" ".join(p[k] for p in parts[:4]) + ", " + parts[4][k] + "." for k in (0, 1))
        ending = "о" if parts[0][1].split()[0].lower().endswith("о") else "" if parts[0][1].split()[0] in MALE else "а"
        russian = re.sub(r"ла\(о\)", f"л{ending}", russian)
        out.append((english.format(**values), russian.format(**values)))
    return out
