"""The model card of our translator: README.md for people, card.json for `bitext engines`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from training import TrainingError
from training.sources import LICENCES

NEEDED = ("bleu", "scored_on", "licence")  # what `bitext engines` and `bitext translate` say of an engine

_TOLD = ("muon", "dropout", "smoothing", "word_mask", "mix", "max_ids", "tokens", "step_tokens", "lr", "warmup", "schedule", "minutes", "steps", "seed")
_CARD = """# English-Russian translator, both directions

A Transformer ({encoder} encoder and {decoder} decoder layers, width {width}, {parameters:.1f} M parameters, joint SentencePiece vocabulary of {vocab}
pieces), trained from scratch by this project. `>>ru<<` or `>>en<<` before the source chooses the direction.

| training | |
|---|---|
| device | {device} |
| seconds | {seconds:.0f} |
| steps | {steps} |
| source plus target ids seen | {tokens:,} |
| finished its schedule | {finished} |
| dev loss, nats per target piece | {dev_loss} |
| options | `{options}` |

## Scores

{scores}

## Limits

{note}
It translates sentence by sentence, knows no context, and can leave out, repeat or invent: check numbers and names.

## Training data and licences

| family | licence |
|---|---|
{licences}

The weights are derived from all of these; parts are for research use only or have no stated licence, so ask before using them commercially.
"""


def read_facts(path: Path | None) -> dict[str, Any]:
    """What card.json is to say: {"bleu": {"en-ru": 1.2, "ru-en": 3.4}, "scored_on": ..., "licence": ...}, and "chrf2", "date", "weaknesses", ... as one likes.

    TrainingError: no such file, no JSON, or one of NEEDED is missing. No path: {}.
    """
    if path is None:
        return {}
    try:
        facts: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise TrainingError(f"the facts for the card cannot be read from {path}: {error}") from error
    missing = [name for name in NEEDED if not facts.get(name)]
    if missing:
        raise TrainingError(f'{path} lacks {", ".join(missing)}; such as {{"bleu": {{"en-ru": 18.7, "ru-en": 25.2}}, "scored_on": "newstest2018, beam 4, int8", "licence": "..."}}')
    return facts


def card_json(facts: dict[str, Any], size_mb: float) -> str:
    """card.json as `models.embedded` and `bitext engines` read it."""
    return json.dumps({"name": "embedded", "languages": [["en", "ru"], ["ru", "en"]], "size_mb": round(size_mb), **facts}, ensure_ascii=False, indent=1) + "\n"


def card_text(meta: dict[str, Any], parameters: int, facts: dict[str, Any]) -> str:
    """README.md beside the weights; `meta`: of the packed weights."""
    size = meta["size"]
    scores = [f"* BLEU {pair} {value} ({facts['scored_on']})" for pair, value in facts.get("bleu", {}).items()]
    return _CARD.format(
        **{name: size[name] for name in ("encoder", "decoder", "width", "vocab")}, parameters=parameters / 1e6, device=meta["device"],
        seconds=meta["elapsed"], steps=meta["step"], tokens=meta["tokens"], finished=meta["finished"],
        dev_loss=meta.get("dev_average" if meta.get("chosen") == "average" else "dev_last", "not measured"),
        options=json.dumps({k: v for k, v in meta["options"].items() if k in _TOLD}), scores="\n".join(scores) or "Not measured.",
        note=facts.get("weaknesses", ""), licences="\n".join(f"| {family} | {licence} |" for family, licence in LICENCES),
    )  # fmt: skip
