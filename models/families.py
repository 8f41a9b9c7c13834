"""What each family of translation models asks for: how it is told the languages, how long its texts may be. Data, no library."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import ModelError

END = "</s>"
SPECIAL = frozenset({"<s>", END, "<pad>", "<unk>", "<blank>"})


@dataclass(frozen=True, slots=True)
class Family:
    """`types`: values of model_type in config.json; `probe`: a piece that only this family has, "" when the type is enough.

    `told`: "source" = the target language's mark stands in front of the source, "both" = the source starts with its own mark and the translation
    with the target's, "prompt" = in words, "nothing" = one pair only. `limit`: pieces of a text, where the configuration does not say.
    """

    name: str
    types: tuple[str, ...]
    told: str
    probe: str = ""
    limit: int = 512


FAMILIES = (  # the first that fits counts
    Family("nllb", ("m2m_100",), "both", "eng_Latn", 1024),
    Family("m2m100", ("m2m_100",), "both", "__en__", 1024),
    Family("mbart50", ("mbart",), "both", "sl_SI", 1024),  # a language that mBART-25 has not
    Family("madlad", ("t5",), "prompt", "<2ru>"),
    Family("t5", ("t5", "mt5", "umt5"), "prompt"),
    Family("marian", ("marian",), "source"),
)


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a text's pieces, before + pieces + after; `forced`: how every translation starts; `prompt`: stands in front of the text."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = (END,)
    forced: tuple[str, ...] = ()
    prompt: str = ""


def family_of(model_type: str, vocabulary: Container[str], name: str) -> Family:
    """ModelError when no row of FAMILIES fits."""
    for family in FAMILIES:
        if model_type in family.types and (not family.probe or family.probe in vocabulary):
            return family
    known = "MarianMT (opus-mt), NLLB-200, M2M100, mBART-50, T5 and MADLAD"
    raise ModelError(f"model {name!r} is of type {model_type or 'unknown'!r}; engines can be {known}. A chat model can be used through a local server: http://HOST:PORT/v1#MODEL")


def frame(family: Family, source: str, target: str, vocabulary: Container[str], facts: Mapping[str, Any], name: str) -> Frame:
    """How `family` is asked for this pair. `facts`: what its configuration says (see `facts_of`). ModelError: it does not know a language of the pair."""
    if family.told == "both":
        first, second = _mark(family, source, vocabulary, name), _mark(family, target, vocabulary, name)
        if facts.get("legacy"):
            return Frame((), (END, first), (second,))
        return Frame((first,), (END,), (second,))
    if family.name == "madlad":
        return Frame(prompt=_mark(family, target, vocabulary, name) + " ")
    if family.name == "t5":
        return Frame(prompt=_words(source, target, facts, name))
    for side, code in (("source", source), ("target", target)):
        own = str(facts.get(side) or "")
        if own and _known(own) and own not in _codes(code):
            raise ModelError(f"model {name!r} translates {facts.get('source')} to {facts.get('target')}, not {source} to {target}")
    if facts.get("marks"):
        return Frame((_mark(family, target, vocabulary, name),), _end(facts))
    return Frame((), _end(facts))


def facts_of(config: Mapping[str, Any], tokenizer: Mapping[str, Any], vocabulary: Any) -> dict[str, Any]:
    """What `frame` needs of config.json and tokenizer_config.json: a few plain values that can be kept in a file."""
    tasks = [t for t in (config.get("task_specific_params") or {}) if t.startswith("translation_")]
    limit = config.get("max_position_embeddings") or config.get("n_positions") or tokenizer.get("model_max_length")
    return {
        "type": config.get("model_type", ""),
        "limit": int(limit) if limit and limit < 100_000 else 0,
        "source": tokenizer.get("source_lang"),
        "target": tokenizer.get("target_lang"),
        "legacy": bool(tokenizer.get("legacy_behaviour")),
        "tasks": [t.removeprefix("translation_").split("_to_") for t in tasks],
        "marks": any(p.startswith(">>") and p.endswith("<<") for p in vocabulary),
    }


def read_json(path: Path) -> dict[str, Any]:
    """The object in a file, {} without the file. ModelError: not JSON, or not an object."""
    try:
        found = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise ModelError(f"{path} holds a {type(found).__name__}, expected an object with names")
    return found


def pairs(family: Family, vocabulary: Container[str], facts: Mapping[str, Any]) -> frozenset[tuple[str, str]] | None:
    """The pairs of LANGUAGES that the model knows, None when that cannot be read from its files."""
    known = [code for code in LANGUAGES if any(m in vocabulary for m in _marks(family, code))]
    if family.told == "both" or family.name == "madlad":
        return frozenset((a, b) for a in known for b in known if a != b)
    if family.name == "t5":
        return frozenset((a, b) for a, b in facts.get("tasks", ())) or None
    sides = [[code for code in LANGUAGES if str(facts.get(side)) in _codes(code)] for side in ("source", "target")]
    if facts.get("marks"):
        sides[1] = known
    return frozenset((a, b) for a in sides[0] for b in sides[1] if a != b) or None


def _end(facts: Mapping[str, Any]) -> tuple[str, ...]:
    return () if facts.get("adds_end") else (END,)


def _mark(family: Family, code: str, vocabulary: Container[str], name: str) -> str:
    for mark in _marks(family, code):
        if mark in vocabulary:
            return mark
    raise ModelError(f"model {name!r} does not know the language {code!r}; it was looked for as {' or '.join(_marks(family, code)) or 'no known mark'}")


def _marks(family: Family, code: str) -> list[str]:
    language = LANGUAGES.get(code)
    if family.name == "m2m100":
        return [f"__{code}__"]
    if family.name == "madlad":
        return [f"<2{code}>"]
    if family.name == "marian":
        return [f">>{c}<<" for c in _codes(code)]
    if language is None:
        return []
    return [m for m in [language.flores if family.name == "nllb" else language.mbart] if m]


def _words(source: str, target: str, facts: Mapping[str, Any], name: str) -> str:
    tasks = facts.get("tasks") or []
    if tasks and [source, target] not in [list(t) for t in tasks]:
        raise ModelError(f"model {name!r} translates {', '.join(' to '.join(t) for t in tasks)}, not {source} to {target}")
    for code in (source, target):
        if code not in LANGUAGES:
            raise ModelError(f"model {name!r} is asked in English words, and the name of the language {code!r} is not known; known are {', '.join(LANGUAGES)}")
    return f"translate {LANGUAGES[source].name} to {LANGUAGES[target].name}: "


def _codes(code: str) -> list[str]:
    """The codes under which opus-mt models know a language: ISO 639-1, 639-3, with script."""
    language = LANGUAGES.get(code)
    if language is None:
        return [code]
    three = [*_OTHERS.get(code, ()), language.flores[:3]]
    return [code, *three, language.flores]


def _known(own: str) -> bool:
    return any(own in _codes(code) for code in LANGUAGES)


@dataclass(frozen=True, slots=True)
class Language:
    """`flores`: the code of NLLB-200; `mbart`: the code of mBART-50, "" where it lacks the language."""

    name: str
    flores: str
    mbart: str = ""


_TABLE = """
ar Arabic arb_Arab ar_AR      az Azerbaijani azj_Latn az_AZ  be Belarusian bel_Cyrl -      bg Bulgarian bul_Cyrl -
bn Bengali ben_Beng bn_IN     bs Bosnian bos_Latn -          ca Catalan cat_Latn -         cs Czech ces_Latn cs_CZ
da Danish dan_Latn -          de German deu_Latn de_DE       el Greek ell_Grek -           en English eng_Latn en_XX
es Spanish spa_Latn es_XX     et Estonian est_Latn et_EE     fa Persian pes_Arab fa_IR     fi Finnish fin_Latn fi_FI
fr French fra_Latn fr_XX      he Hebrew heb_Hebr he_IL       hi Hindi hin_Deva hi_IN       hr Croatian hrv_Latn hr_HR
hu Hungarian hun_Latn -       hy Armenian hye_Armn -         id Indonesian ind_Latn id_ID  it Italian ita_Latn it_IT
ja Japanese jpn_Jpan ja_XX    ka Georgian kat_Geor ka_GE     kk Kazakh kaz_Cyrl kk_KZ      ko Korean kor_Hang ko_KR
ky Kyrgyz kir_Cyrl -          lt Lithuanian lit_Latn lt_LT   lv Latvian lvs_Latn lv_LV     mk Macedonian mkd_Cyrl mk_MK
mn Mongolian khk_Cyrl mn_MN   nl Dutch nld_Latn nl_XX        no Norwegian nob_Latn -       pl Polish pol_Latn pl_PL
pt Portuguese por_Latn pt_XX  ro Romanian ron_Latn ro_RO     ru Russian rus_Cyrl ru_RU     sk Slovak slk_Latn -
sl Slovenian slv_Latn sl_SI   sr Serbian srp_Cyrl -          sv Swedish swe_Latn sv_SE     sw Swahili swh_Latn sw_KE
ta Tamil tam_Taml ta_IN       tg Tajik tgk_Cyrl -            th Thai tha_Thai th_TH        tr Turkish tur_Latn tr_TR
tt Tatar tat_Cyrl -           uk Ukrainian ukr_Cyrl uk_UA    ur Urdu urd_Arab ur_PK        uz Uzbek uzn_Latn -
vi Vietnamese vie_Latn vi_VN  zh Chinese zho_Hans zh_CN     zh-Hant Traditional_Chinese zho_Hant -
"""
_words_of_table = _TABLE.split()
LANGUAGES: dict[str, Language] = {
    code: Language(name.replace("_", " "), flores, mbart.strip("-"))
    for code, name, flores, mbart in zip(*(iter(_words_of_table),) * 4, strict=True)
}  # by ISO 639-1, with the script where it is not the usual one
_OTHERS = {  # further three-letter codes in use at opus-mt
    "ar": ("ara",), "az": ("aze",), "et": ("ekk",), "fa": ("fas",), "lv": ("lav",), "mn": ("mon",), "no": ("nor",), "sw": ("swa",), "uz": ("uzb",),
    "zh": ("cmn_Hans", "cmn"), "zh-Hant": ("cmn_Hant",),
}  # fmt: skip
