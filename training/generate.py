"""Translate lines with packed weights in PyTorch: for the dev score and for back-translation where there is a GPU.

    python -m training.generate --weights OUT/weights --spm spm.model --to ru --input dev.en --output dev.hyp.ru
    ... --sample 1.0          draw words instead of taking the likeliest (back-translation)
    ... --checkpoint run.pt   weights of a training checkpoint instead of packed ones
    ... --ids bt.ids          also pack (translation -> original) pairs, for train.py --data a,bt.ids

Lines of the same length are decoded together, so no padding and no masks; keys and values are cached.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import sentencepiece
import torch

from training.batches import EOS, TAG, UNK
from training.commands import LANGUAGES, parser, read_lines, run, write_lines
from training.model import MAX_POSITIONS, Student, load
from training.pack import columns_of, write_ids
from training.prepare import MAX_IDS, processor_of


@torch.no_grad()
def decode(model: Student, source: torch.Tensor, longest: int, temperature: float = 0.0) -> torch.Tensor:
    """source ids (B,S), all of one length -> target ids (B,T<=longest), EOS after the end; greedy, or sampled at a temperature over 0."""
    memory = model.encode(source)
    batch, width, heads = len(source), model.size.width, model.size.heads
    cross = [layer.cross_attention.keys_values(memory) for layer in model.decoder_layers()]
    caches = [[memory.new_zeros(batch, heads, longest, width // heads) for _ in range(2)] for _ in range(model.size.decoder)]
    result = torch.full((batch, longest), EOS, dtype=torch.long, device=source.device)
    running = torch.arange(batch, device=source.device)
    x = memory.new_zeros(batch, 1, width)
    for place in range(longest):
        x = x + model.positions[place].to(x.dtype)
        for layer, cache, known in zip(model.decoder_layers(), caches, cross, strict=True):
            x = layer.step(x, cache, place, known)
        chosen = _chosen(model.logits(x[:, 0]).float(), temperature)
        result[running, place] = chosen
        if place % 8 == 7:  # drop finished sentences now and then
            alive = ~(result[running, : place + 1] == EOS).any(1)
            if not bool(alive.any()):
                break
            running, chosen = running[alive], chosen[alive]
            caches = [[store[alive] for store in cache] for cache in caches]
            cross = [[store[alive] for store in known] for known in cross]
        x = model.embed(chosen)[:, None].to(memory.dtype)
    return result.masked_fill((result == EOS).cumsum(1) > 0, EOS)


def _chosen(logits: torch.Tensor, temperature: float) -> torch.Tensor:
    """(B,V) -> ids (B,), never <unk> nor a tag."""
    logits[:, UNK : TAG["ru"] + 1] = float("-inf")
    if temperature:
        return torch.multinomial(torch.softmax(logits / temperature, -1), 1)[:, 0]
    return logits.argmax(-1)


def to_end(ids: list[int]) -> list[int]:
    """What stands in front of the first EOS."""
    return ids[: ids.index(EOS)] if EOS in ids else ids


def translate(
    model: Student, processor: sentencepiece.SentencePieceProcessor, lines: Sequence[str], to: str, tokens: int = 16384, temperature: float = 0.0
) -> list[str]:
    """Lines into the language `to`, "en" or "ru", same order; empty ones stay empty, the end of one of more than 256 pieces is cut off."""
    device = model.embedding.weight.device
    ids = [processor.encode(line)[: MAX_POSITIONS // 2] for line in lines]
    results = [""] * len(lines)
    precision = torch.autocast("cuda", torch.bfloat16) if device.type == "cuda" else contextlib.nullcontext()
    for group in _groups([len(row) for row in ids], tokens):
        source = torch.tensor([[TAG[to], *ids[i], EOS] for i in group], device=device)
        with precision:
            output = decode(model, source, min(MAX_POSITIONS, 2 * len(ids[group[0]]) + 12), temperature).cpu().tolist()
        for i, row in zip(group, output, strict=True):
            results[i] = processor.decode(to_end(row))
    return results


def _groups(lengths: list[int], tokens: int) -> list[list[int]]:
    """Places of lines of one length, longest first, at most `tokens` ids or one line a group; empty lines in none."""
    groups: list[list[int]] = []
    for i in sorted((i for i, n in enumerate(lengths) if n), key=lambda i: -lengths[i]):
        if groups and lengths[groups[-1][0]] == lengths[i] and (len(groups[-1]) + 1) * (lengths[i] + 2) <= tokens:
            groups[-1].append(i)
        else:
            groups.append([i])
    return groups


def write_pairs(
    path: Path, processor: sentencepiece.SentencePieceProcessor, originals: Sequence[str], translations: Sequence[str], to: str, name: str = "backtranslation"
) -> int:
    """Pack pairs whose side in the language `to` is our own output, trained only from that side to the original; how many there are.

    Pairs with an empty side, of more than 160 ids or of very different lengths (a sign of loops) are left out.
    """
    other = "en" if to == "ru" else "ru"
    rows = zip(processor.encode(list(originals)), processor.encode(list(translations)), strict=True)
    kept = [(a, b) for a, b in rows if 0 < len(a) <= MAX_IDS and 0 < len(b) <= MAX_IDS and len(a) + 6 < 2.5 * (len(b) + 6) and len(b) + 6 < 2.5 * (len(a) + 6)]
    sides = {other: [a for a, _ in kept], to: [b for _, b in kept]}
    source = {"name": name, "weight": 1.0, "directions": to + other}
    write_ids(path, {"vocab": processor.get_piece_size(), "sources": [source]}, columns_of(sides["en"], sides["ru"], [0] * len(kept)))
    return len(kept)


def main(arguments: Sequence[str] | None = None) -> None:
    add = (parsed := parser(__doc__)).add_argument
    add("--weights", type=Path, help="stem of packed weights")
    add("--checkpoint", type=Path)
    add("--spm", type=Path, required=True)
    add("--to", required=True, choices=LANGUAGES)
    add("--input", type=Path, required=True)
    add("--output", type=Path, required=True)
    add("--ids", type=Path, help="ids file to write: translation -> original pairs")
    add("--lines", type=int, default=0, help="only the first lines; 0 = all")
    add("--tokens", type=int, default=16384, help="source ids of a batch")
    add("--sample", type=float, default=0.0, help="temperature; 0 = greedy")
    add("--seed", type=int, default=1)
    options = parsed.parse_args(arguments)
    if not options.weights and not options.checkpoint:
        parsed.error("give --weights or --checkpoint")
    torch.manual_seed(options.seed)
    model = load(options.weights, options.checkpoint, "cuda" if torch.cuda.is_available() else "cpu")
    processor = processor_of(options.spm)
    lines = read_lines(options.input)[: options.lines or None]
    begun = time.time()
    results = translate(model, processor, lines, options.to, options.tokens, options.sample)
    seconds = time.time() - begun
    write_lines(options.output, results)
    if options.ids:
        print(write_pairs(options.ids, processor, lines, results, options.to), "pairs packed", file=sys.stderr)
    print(f"{len(lines)} lines in {seconds:.1f} s, {len(lines) / seconds:.0f} a second", file=sys.stderr)


if __name__ == "__main__":
    run(main)
