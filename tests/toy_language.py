"""A toy pair of languages: a handful of words and one grammar, every sentence with exactly one translation."""

from __future__ import annotations

from random import Random

ARTICLES = {"the": "тот", "one": "один", "every": "каждый"}
ADJECTIVES = {"red": "красный", "cold": "холодный", "old": "старый", "small": "малый", "quiet": "тихий"}
NOUNS = {"boat": "бот", "river": "поток", "baker": "пекарь", "bridge": "мост", "harbour": "порт", "winter": "мороз"}
VERBS = {"sees": "видит", "leaves": "бросает", "finds": "находит", "likes": "любит"}
TIMES = {"today": "сегодня", "at night": "ночью", "in March": "в марте", "now": "теперь"}


def sentence(random: Random) -> tuple[str, str]:
    """(English, Russian): article, adjective, noun, verb, article, noun, time; in Russian the time comes first."""
    article, article2 = (random.choice(list(ARTICLES)) for _ in range(2))
    adjective, verb, time = (random.choice(list(table)) for table in (ADJECTIVES, VERBS, TIMES))
    noun, noun2 = random.sample(list(NOUNS), 2)
    english = f"{article} {adjective} {noun} {verb} {article2} {noun2} {time}."
    russian = f"{TIMES[time]} {ARTICLES[article]} {ADJECTIVES[adjective]} {NOUNS[noun]} {VERBS[verb]} {ARTICLES[article2]} {NOUNS[noun2]}."
    return english[0].upper() + english[1:], russian[0].upper() + russian[1:]


def sentences(count: int, seed: int) -> list[tuple[str, str]]:
    """Different sentences, always the same for a seed."""
    random = Random(seed)
    found: dict[str, str] = {}
    while len(found) < count:
        found.setdefault(*sentence(random))
    return list(found.items())
