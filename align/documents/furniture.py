"""Furniture by its words: newsletter boxes, share links, cookie lines, print versions, lone bars. English and Russian.

Only a whole line counts, and only words that no statement consists of. What pages mark by structure is html.py's matter.
"""

from __future__ import annotations

import re

# A longer line is prose, whatever it begins with (cookie notices have a limit of their own).
LONGEST = 120
LONGEST_NOTICE = 500

_NETWORKS = (
    r"facebook|twitter|x\.com|vk(?:ontakte)?|вконтакте|telegram|телеграм|whatsapp|viber|linkedin|reddit|pinterest|"
    r"instagram|youtube|rutube|одноклассники|ok\.ru|e-?mail|mail\.ru|livejournal|messenger|threads|дзен|tiktok|rss"
)
_WHOLE_LINES = (
    r"(?:e-?mail )?newsletters?(?: sign-?up)?",
    r"(?:join|subscribe to|sign up (?:to|for)|get) (?:the |our |my )?[\w.\- ]{0,60}"
    r"(?:mailing list|newsletters?|e-?mail alerts?|updates)",
    r"subscribe(?: now| here| to (?:(?:our|my|this) .{1,60}|.{0,40}(?:newsletters?|news|alerts?|updates|channel)))?",
    r"(?:подписаться|подписка|подпишитесь|подписывайтесь)(?: на .{0,60}(?:новост|рассылк|канал|обновлен|нас\b|rss|страниц|уведомлен).{0,30})?",
    r"(?:новостная |e-?mail-?)?рассылка(?: новостей)?",
    rf"(?:share|tweet|follow us|find us)(?: (?:this|via)\b.{{0,40}}| (?:on|in|with) (?:(?:a |your )?friends?|social (?:media|networks?)|{_NETWORKS})\b.{{0,30}})?",
    r"(?:поделиться|поделитесь|поделись)(?: .{1,40})?",
    r"(?:следите за нами|мы в соц(?:иальных )?сетях|читайте нас)(?: .{1,40})?",
    rf"(?:(?:share |поделиться )?(?:on |in |via |в )?(?:{_NETWORKS})[\s,|/•·]*)+",
    r"(?:copy|скопировать|копировать) (?:the )?(?:link|url|ссылку)",
    r"(?:print|printer|printable)(?:[- ]friendly)?(?: version| this page| page)?",
    r"(?:версия для печати|распечатать(?: страницу)?|печать|на печать)",
    r"(?:back|return) to (?:the )?(?:top|list|news)|to top|наверх|к списку|назад к списку|вернуться к списку|в начало",
    r"skip to (?:the )?(?:main )?(?:content|navigation)|перейти к (?:основному )?(?:содержанию|содержимому|контенту)",
    r"read more|learn more|more news|all news|читать далее|подробнее|все новости|другие новости|ещё новости",
    r"(?:©|\(c\) ?(?:19|20)\d\d|copyright(?: ?©| ?\(c\)|,? (?:19|20)\d\d)).{0,100}|copyright|all rights reserved|все права защищены",
    r"advertisement|sponsored(?: content)?|реклама|на правах рекламы",
    r"accept(?: all)?(?: cookies)?|cookie (?:settings|policy)|принять(?: все)?(?: cookies?)?|настройки cookie",
)
_LINE = re.compile("|".join(f"(?:{pattern})" for pattern in _WHOLE_LINES), re.IGNORECASE)
_COOKIE_NOTICE = re.compile(
    r"(?:we use|we and our partners use|this (?:web)?site uses|our (?:web)?site uses|мы (?:используем|применяем)"
    r"|(?:этот |наш )?(?:сайт|портал) использует|на (?:этом |нашем )?сайте используются)\b.{0,60}\b(?:cookies?|куки)\b",
    re.IGNORECASE,
)
_ORNAMENT = re.compile(r"[\s|¦│•·*_=~#<>«»\-–—―/\\+.:]*[|¦│•·*_=~#<>\-–—―\\][\s|¦│•·*_=~#<>«»\-–—―/\\+.:]*")
_EDGE = " \t\n|¦│•·*»›«‹>→←↑↓:.!▲▼"


def is_ornament(line: str) -> bool:
    """Is this whole line bars, dots and stars only?"""
    return not any(character.isalnum() for character in line) and _ORNAMENT.fullmatch(" ".join(line.split())) is not None


def is_furniture(line: str) -> bool:
    """Is this whole line (or paragraph) furniture? False for an empty one."""
    text = " ".join(line.split())
    if len(text) > LONGEST:
        return len(text) <= LONGEST_NOTICE and _COOKIE_NOTICE.match(text) is not None
    if text and not any(character.isalnum() for character in text):
        return is_ornament(text)
    bare = text.strip(_EDGE)
    return bool(bare) and (_LINE.fullmatch(bare) is not None or _COOKIE_NOTICE.match(bare) is not None)
