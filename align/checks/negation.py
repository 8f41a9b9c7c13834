"""Negations: what one side denies, the other must not say. A word that negates needs on the other side any word that may render a negation: “unable”, “fail”, “without”, «несуществующий», «вряд ли».

So a side that has some other negation as well hides the loss of one: of the negations taken out of human translations seven in ten are found (`python -m benchmarks.checks`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from align.bitext import Bitext, Span, main_part
from align.checks.table import Context, Hit

LIKELY = {"en": 0.6, "ru": 0.5}  # by the language that says it: the other says it otherwise in 1 and in 2 of 100 human translations


@dataclass(frozen=True, slots=True)
class Negation:
    """Of a language: the words that deny; phrases with such words that deny nothing; and what a negation of another language may become."""

    says: re.Pattern[str]
    idioms: re.Pattern[str]
    renders: re.Pattern[str]


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE | re.VERBOSE)


LANGUAGES = {
    "en": Negation(
        says=_words(r"not | no(?!\.?\s*\d|\ (?:doubt|longer|less|more|fewer|later|sooner|better|matter|wonder|mean|small|one|secret|few)\b)(?!-) | none | never | nobody | nothing | nowhere | neither | cannot | \w+n[’']t"),
        idioms=_words(
            r"""not\ (?:only|just|least|long|far|until|to\ mention|(?:un(?!der)|in(?!c?lud|ten|te[rn]|v[iaeo]|sis|form|fl|qui|crea|sp|st|dic|i?t\b|d[iu]|\b|f)|im(?!p(?:l|os|ro|e|o(?!ss)|ac))|dis(?!cu|clo|pu|mi|tr|rup|pl|arm|pat|ti|so|ba))\w{2,}) | more\ often\ than\ not | (?:if|whether\ or|or)\ not | why\ (?:not|\w+n[’']t)
            | nothing\ (?:but|(?:more|other|less|short)\ (?:than|of)) | for\ nothing | next\ to\ nothing | middle\ of\ nowhere | never-never | \w+n[’']t\ (?:he|she|it|they|we|you|i)
            | can(?:not|[’']t)\ (?:help|but) | could(?:\ not|n[’']t)\ (?:\w+\ (?:more|less)|(?:be|have\ been)\ \w+er)
            | (?:not|\w+n[’']t)\ (?:be|take|taken|been)\ long | (?:would|do|does|did)(?:\ not|n[’']t)\ mind | no\ (?:effort|exception|stranger) | not\ a\ (?:few|little|stranger)
            | \w+n[’']t\ (?:care|give\ a) | not\ care | can(?:not|[’']t)\ wait"""
        ),
        renders=_words(
            r"""not | no | never | none | nobody | nothing | nowhere | neither | nor | cannot | without | hardly | barely | scarcely | rarely | seldom | except | unless | until | still | yet | too | only
            | than | instead | few | little | least | far | free | against | beyond | off | out | away | short | offline | nil | zero | exempt\w* | devoid | loath | reluctan\w* | wrong\w* | different\w*
            | miss(?!il|ion)\w* | fail\w* | refus\w* | declin\w* | den(?:y|ie|ial)\w* | lack\w* | refrain\w* | abstain\w* | clos(?:ed|ure) | def(?:y|ies|ied) | differ | dissent\w* | outside | waive\w* | lest | standstill | flat | gone | absen[ct]\w* | avoid\w* | preven\w* | ignor\w* | neglect\w* | omit\w* | overlook\w* | reject\w* | exclu\w*
            | prohibit\w* | forb[ia]d\w* | ban(?:s|ned)? | bar(?:s|red)? | stop\w* | ceas(?!efire)\w* | doubt\w* | spar(?:e|ing)\w* | escap\w* | keep\w* | kept | delay\w* | counterprod\w*
            | un(?!i(?:on|t|f|q|v|l|an|c)|esco|hcr|anim|der|til|cle)\w{3,} | im(?:possib|perm|matur|proper|polit|partial|perfect|practic|plausib)\w* | ir(?:re|ra)\w* | il(?:leg|lit|log)\w* | non-?\w+ | mis(?!s)\w+ | \w+less
            | in(?:ab|acc|adv|adm|adeq|appr|cap|comp(?:at|et|le|re)|correct|cons|cred|def|depend|direct|distin|elig|equal|evit|experi|explic|just\b|justice|suff|secur|solv|sensi|stab|toler|valid|visib|voluntar)\w*
            | dis(?:agre|app|belie|conn|contin|hon|lik|obe|order|own|pleas|regard|resp|satis|trust|adv|inter|miss)\w* | \w+n[’']t
            | anything\ but | remain\w*\ to\ be | struggl\w* | asympt\w+ | atyp\w+ | under(?:report|estim|pa(?:y|id)|fund|perform)\w* | evad\w* | elud\w* | anxious | impatien\w* | skip\w* | thwart\w* | empty-\w+
            | in(?:cura|conc|combus|vari|human|effect|effic|accur|activ|audib|coher|congr|discre|excus|fertil|flexib|frequen|grat|hosp|satia|surmount|tang|vinc)\w*"""
        ),
    ),
    "ru": Negation(
        says=_words(r"не | нет | нельзя | никогда | никто | никому | ничто | ничего"),
        idioms=_words(
            r"""тем\ не\ менее | не\s+(?:менее|меньше|более|больше|раз|раньше|ранее|позже|позднее|один|одн\w+|только|просто|хуже|далее|дальше|столько|столь|так(?!\s*[.,;:!?»)]|\s*$)|без|прочь|слишком|против|то|тот|та|ту|те|считая|говоря)
            | не\ могл[иа]?\ бы | сошл\w+\ на\ нет | не\ прошл?о\ и | (?:чуть|едва)(?:\ ли)?\ не | (?:что|как|кто|где|когда)\ (?:бы\ )?(?:то\ )?ни\b.{0,20} | нельзя\ не | как\ никогда | не(?:\s+(?!и\b|или\b|ни\b|а\b|но\b)\w+){0,2}\s+не | ли,?\ нет | (?:или|пока|дай\ бог)\ не\w* | не\ \w+\ ли
            | не\ (?:исключ|отриц|прекра|скрыва|сомнева|перест|хват|уступ|отста|забы)\w+ | ,\s+не\s+\w+, | не\ (?:кто|что)\ ин\w+ | не\ покладая | ничего\ не\ оста(?!льн|новк)\w+ | нет\ (?:и\ )?\d+ | не\ имеющ\w+\ выхода
            | на\ нет | нет\ источника | (?:чуть|едва)\ было\ не | не\ (?:по)?меша(?:л\w+|ет) | не\ терп\w+ | не\ вс[её]\ равно"""
        ),
        renders=_words(
            r"""не | ни | нет | без | нельзя | вряд | едва | кроме | лишь | только | помимо | мало | отнюдь | пока | вне | мимо | рано | редко | плохо | зря | трудно | сложно | тяжело
            | никто | ни(?:кого|кому|кем|когда|где|куда|что|чего|чему|чем|чуть|сколько|как|как(?:ой|ая|ое|ие|их|им|ими|ую|ого|ому)|коим|чей) | некому | некого | нечего | несколько\ ин\w+ | ин(?:ой|ая|ое|ые|ого|ым|ых)
            | не(?!дел[еияьюю]|фт|мец|мк|б(?:о|а|у|ом|ес\w*|е)\b|дав|др(?:а|ам|ах)?\b|го\b|му\b|зависимо|посредств|однократ|смотря|замедл|прерыв|отъемл|укосн|обход|скольк|кот|кий|ких|ким|кая|кое|йтр|рв|жн|с[её](?:т|м|шь|те)?\b|ст|пр\b|вест(?:а|ы|у|е|ой)?\b|мед|реи|рон|изм)\w{2,} | ни(?:чтож|зложен)\w* | без(?!опас)\w{2,} | бес(?!ед|плат|пил|прец|срочн|пок)\w{3,}
            | отка\w+ | отриц\w+ | отверг\w+ | отсут\w+ | избе\w+ | избав\w+ | недо\w+ | запре\w+ | исключ(?!ительн)\w+ | лиш[аеи]\w+ | прекра\w+ | переста\w+ | сомн\w+ | уклон\w+ | удерж\w+ | воздерж\w+ | упуск\w+ | упуст\w+
            | забы\w+ | противоп\w+ | далек\w* | меньш(?!ин)\w+ | нулев\w+ | нул\w+ | контрпродук\w+ | оста\w+ | скры\w+ | напрасн\w+ | мало\w+ | мешал\w+ | помеш\w+ | анонимн\w+ | аноним\w+
            | вс[её]\ равно | плевать | наплева\w+ | безразлич\w+ | скоро | вскоре | воспрещ\w+"""
        ),
    ),
}


def find(bitext: Bitext, context: Context) -> Iterator[Hit]:
    """Rows of which one side denies and the other has nothing that could say so; for languages of the table above."""
    here, there = main_part(bitext.source_language), main_part(bitext.target_language)
    if here == there or here not in LANGUAGES or there not in LANGUAGES:
        return
    for number, row in enumerate(bitext.rows):
        if not row.source or not row.target:
            continue
        if spans := _lost(row.source, here, row.target, there):
            yield Hit(number, LIKELY[here], _reason(row.source, spans, "target"), source_spans=spans)
        elif spans := _lost(row.target, there, row.source, here):
            yield Hit(number, LIKELY[there], _reason(row.target, spans, "source"), target_spans=spans)


def denied(text: str, language: str) -> tuple[Span, ...]:
    """Where a text denies something, in order; the language must be in the table."""
    known = LANGUAGES[language]
    idle = [match.span() for match in known.idioms.finditer(text)]
    spans = (match.span() for match in known.says.finditer(text))
    return tuple(span for span in spans if not any(start < span[1] and span[0] < end for start, end in idle))


def _lost(text: str, language: str, other: str, its: str) -> tuple[Span, ...]:
    """Where a text denies what the other cannot say; () where that has any word for it."""
    spans = denied(text, language)
    return spans if spans and not LANGUAGES[its].renders.search(other) else ()


def _reason(text: str, spans: tuple[Span, ...], side: str) -> str:
    words = dict.fromkeys(text[slice(*span)].lower() for span in spans)
    return f"negation: nothing in the {side} for “{'”, “'.join(words)}”"
