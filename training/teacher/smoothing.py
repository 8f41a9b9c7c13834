"""The root mean square of every channel's activations, which models.gemma_weights.fold levels with the weights' before they become 8 bits.

    python -m training.teacher.smoothing --base DATA/teacher --adapter models/weights/gemma/adapter --corpus training/statements --out models/weights/gemma/activations

finetune.py writes them into its adapter; this is for an adapter that has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from models.gemma_weights import READERS, RMS
from training import TrainingError
from training.commands import LANGUAGES, parser, run
from training.pack import write_weights
from training.prepare import Pair, read_corpus
from training.score import spread
from training.sources import rule, why_drop
from training.teacher.base import adapted, read_base
from training.teacher.gemma import LONGEST, Gemma, made_of
from training.teacher.prompts import EOS, PAD, Prompts
from training.teacher.vocabulary import TOKENIZER, read_tokenizer


@torch.no_grad()
def observe(model: Gemma, batches: Iterable[torch.Tensor]) -> dict[str, np.ndarray]:
    """model: adapted or not; batches: ids (B,T), the padding at the end is not counted; some thousand ids in all.

    {"0.q": (640,), "0.out": (1024,), "0.gate": (640,), "0.down": (2048,), ..., "head": (640,)}, float32; {} without batches.
    """
    squares: dict[str, torch.Tensor] = {}
    counted = torch.ones(0)

    def watch(name: str) -> Any:
        def look(module: Any, inputs: Any, *output: Any) -> None:
            rows = (output or inputs)[0].detach().double() * counted
            squares[name] = squares.get(name, 0) + rows.square().flatten(0, -2).sum(0)

        return look

    hooks = [getattr(block, part).register_forward_pre_hook(watch(f"{number}.{part}")) for number, block in enumerate(model.blocks) for part in READERS]
    hooks.append(model.norm.register_forward_hook(watch("head")))
    total = 0.0
    try:
        for ids in batches:
            counted = (ids != PAD).unsqueeze(-1).double()
            total += float(counted.sum())
            model(ids)
    finally:
        for hook in hooks:
            hook.remove()
    return {name: (value / max(total, 1.0)).sqrt().float().cpu().numpy() for name, value in squares.items()}


def _example(pair: Pair, tokenizer: Tokenizer, prompts: Prompts, source: str, target: str) -> torch.Tensor:
    said = {language: tokenizer.encode(f" {getattr(pair, language)}").ids for language in LANGUAGES}
    return torch.tensor([[*prompts(said[source], source, target), *said[target], EOS][:LONGEST]])


def main(arguments: Sequence[str] | None = None) -> None:
    add = (parsed := parser(__doc__)).add_argument
    add("--base", type=Path, required=True, help="stem of the pieces that vocabulary.py wrote")
    add("--adapter", type=Path, required=True)
    add("--tokenizer", type=Path, default=TOKENIZER)
    add("--corpus", type=Path, required=True, help="as for training.prepare")
    add("--pairs", type=int, default=120, help="evenly spread over the corpus, every other one towards English")
    add("--out", type=Path, required=True, help="stem of the file")
    options = parsed.parse_args(arguments)
    tokenizer = read_tokenizer(options.tokenizer)
    prompts = Prompts(tokenizer)
    pairs = spread([pair for pair in read_corpus(options.corpus) if why_drop(pair.en, pair.ru, rule(pair.name)) is None and rule(pair.name).weight], options.pairs)
    if not pairs:
        raise TrainingError(f"{options.corpus} holds no pair to read; training/statements does")
    state, _ = adapted(read_base(options.base), options.adapter)
    rms = observe(made_of(state).eval(), (_example(pair, tokenizer, prompts, *LANGUAGES[:: 1 - 2 * (number % 2)]) for number, pair in enumerate(pairs)))
    write_weights(options.out, {RMS + name: array for name, array in rms.items()}, {"pairs": options.pairs, "adapter": str(options.adapter)})


if __name__ == "__main__":
    run(main)
