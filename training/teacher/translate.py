"""Translate with the teacher in PyTorch: a text file, or one side of an ids file; optionally pack the result for the student.

    python -m training.teacher.translate --base teacher/teacher --checkpoint /tmp/teacher.pt \\
        --input dev.en --from en --to ru --output dev.hyp.ru
    ... --ids teacher/train.ids --from en --to ru --minutes 4 --spm spm.model --pack distilled.enru.ids

Prompts of one length are decoded together, no padding; greedy, or sampled with --sample. --minutes ends the work early (lengths are visited in a seeded
random order, so an early end is a fair sample); what is done by then is written. Pairs for the student are trained only from the original to the
translation, and only if they look sound (`sound`).
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from training import TrainingError
from training.commands import LANGUAGES, existing, parser, read_lines, run, write_lines
from training.pack import columns_of, read_ids, write_ids
from training.precision import autocast
from training.prepare import MAX_IDS, processor_of
from training.teacher.adapter import adapt
from training.teacher.base import adapted, read_base
from training.teacher.gemma import Gemma, decode, made_of
from training.teacher.prompts import EOS, Prompts
from training.teacher.vocabulary import TOKENIZER, read_tokenizer

LIMIT = 120  # ids of a source sentence; the rest is cut off, and such pairs are not packed
_CYRILLIC, _LATIN, _NUMBER = re.compile("[А-Яа-яЁё]"), re.compile("[A-Za-z]"), re.compile(r"\d+")


def sound(source: str, target: str, to: str) -> bool:
    """May a student learn from this translation? The same numbers, the right script, a plausible length, no loop."""
    if not target or not 0.4 < (len(target) + 15) / (len(source) + 15) < 2.2:
        return False
    if sorted(_NUMBER.findall(source)) != sorted(_NUMBER.findall(target)):
        return False
    cyrillic, latin = len(_CYRILLIC.findall(target)), len(_LATIN.findall(target))
    if (cyrillic < latin) if to == "ru" else (cyrillic > 0.1 * latin):
        return False
    words = target.split()
    return len(words) < 12 or len(set(words)) > 0.5 * len(words)


def groups_of(prompts: Sequence[Sequence[int]], tokens: int, seed: int) -> list[list[int]]:
    """Places of prompts of one length, each group of at most `tokens` ids or of one prompt, in random order."""
    by_length: dict[int, list[int]] = {}
    for place, prompt in enumerate(prompts):
        by_length.setdefault(len(prompt), []).append(place)
    result = []
    for length, places in by_length.items():
        size = max(1, tokens // length)
        result += [places[i : i + size] for i in range(0, len(places), size)]
    np.random.default_rng(seed).shuffle(result)
    return result


def translate(
    model: Gemma, tokenizer: Tokenizer, prompts: Sequence[Sequence[int]], tokens: int, temperature: float = 0.0, minutes: float = 0.0, seed: int = 1
) -> dict[int, str]:
    """{place: translation} of the prompts that were reached in time."""
    device = model.embedding.weight.device
    begun = time.time()
    done: dict[int, str] = {}
    for number, group in enumerate(groups_of(prompts, tokens, seed)):
        if minutes and time.time() - begun > 60 * minutes:
            break
        ids = torch.tensor([prompts[i] for i in group], device=device)
        with autocast(device):
            answers = decode(model, ids, int(1.5 * ids.shape[1]) + 12, temperature).cpu().tolist()
        cut = [row[: row.index(EOS)] if EOS in row else row for row in answers]
        done.update(zip(group, (text.strip() for text in tokenizer.decode_batch(cut)), strict=True))
        if number % 50 == 0:
            print(json.dumps({"done": len(done), "of": len(prompts), "seconds": round(time.time() - begun, 1)}), file=sys.stderr, flush=True)
    return done


def load(options: argparse.Namespace, device: torch.device) -> Gemma:
    """Base weights with the adapter of --adapter, or as the checkpoint of --checkpoint left them, in evaluation mode."""
    state = read_base(options.base)
    if options.adapter:
        state, _ = adapted(state, options.adapter)
    model = made_of(state, device)
    if options.checkpoint:
        kept = torch.load(existing(options.checkpoint, "checkpoint"), map_location=device, weights_only=True)
        if kept["rank"]:
            adapt(model, kept["rank"], kept["alpha"])
        model.load_state_dict(kept["model"], strict=not kept["rank"])
    return model.eval()


def sources_of(options: argparse.Namespace, tokenizer: Tokenizer) -> tuple[list[str], list[list[int]]]:
    """(texts, their ids): the first lines of --input, or sentences of --ids drawn at random."""
    if options.input:
        lines = read_lines(options.input)[: options.lines or None]
        return lines, [row.ids for row in tokenizer.encode_batch([" " + line for line in lines])]
    meta, columns = read_ids(options.ids)
    if meta["vocab"] != tokenizer.get_vocab_size():
        raise TrainingError(f"{options.ids} has {meta['vocab']} pieces, {options.tokenizer} {tokenizer.get_vocab_size()}; make it with training.teacher.repack")
    lengths = columns[f"{options.source}_len"].astype(np.int64)
    ends = np.cumsum(lengths)
    chosen = np.random.default_rng(options.seed).permutation(len(lengths))[: options.lines or None]
    rows = [columns[options.source][ends[i] - lengths[i] : ends[i]].tolist() for i in chosen]
    return [text.strip() for text in tokenizer.decode_batch(rows)], rows


def pack(path: Path, spm: Path, pairs: Sequence[tuple[str, str]], source: str, target: str) -> int:
    """Write (original, translation) pairs that are sound as an ids file of the student; how many there are."""
    processor = processor_of(spm)
    good = [(a, b) for a, b in pairs if sound(a, b, target)]
    rows = {source: processor.encode([a for a, _ in good]), target: processor.encode([b for _, b in good])}
    fit = [i for i in range(len(good)) if all(0 < len(rows[language][i]) <= MAX_IDS for language in LANGUAGES)]
    columns = columns_of([rows["en"][i] for i in fit], [rows["ru"][i] for i in fit], [0] * len(fit))
    row = {"name": f"teacher_{source}{target}", "weight": 1.0, "directions": source + target}
    write_ids(path, {"vocab": processor.get_piece_size(), "sources": [row]}, columns)
    return len(fit)


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parse(arguments)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    tokenizer = read_tokenizer(options.tokenizer)
    model = load(options, device)
    lines, sources = sources_of(options, tokenizer)
    prompt = Prompts(tokenizer)
    prompts = [prompt(ids[:LIMIT], options.source, options.target) for ids in sources]
    tokens = options.tokens or (65536 if device.type == "cuda" else 1024)
    done = translate(model, tokenizer, prompts, tokens, options.sample, options.minutes, options.seed)
    if options.output:
        write_lines(options.output, (done.get(i, "") for i in range(len(lines))))
    if options.pack:
        pairs = [(lines[i], text) for i, text in done.items() if len(sources[i]) <= LIMIT]
        print(f"{len(done)} translated, {pack(options.pack, options.spm, pairs, options.source, options.target)} pairs packed", file=sys.stderr)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    add = (parsed := parser(__doc__)).add_argument
    add("--base", type=Path, required=True)
    add("--checkpoint", type=Path, help="of finetune.py")
    add("--adapter", type=Path, help="stem of an adapter that finetune.py wrote")
    add("--tokenizer", type=Path, default=TOKENIZER)
    add("--from", dest="source", required=True, choices=LANGUAGES)
    add("--to", dest="target", required=True, choices=LANGUAGES)
    add("--input", type=Path, help="text, one sentence a line (.xz too)")
    add("--ids", type=Path, help="ids file of the teacher's pieces")
    add("--lines", type=int, default=0, help="only so many, drawn at random from --ids, the first of --input")
    add("--output", type=Path, help="text, one translation a line")
    add("--spm", type=Path, help="the student's SentencePiece model")
    add("--pack", type=Path, help="ids file for the student")
    add("--tokens", type=int, default=0, help="prompt ids of a batch; 0 = 65536 on a GPU, 1024 on a CPU")
    add("--sample", type=float, default=0.0, help="temperature; 0 = greedy")
    add("--minutes", type=float, default=0.0)
    add("--seed", type=int, default=1)
    add("--threads", type=int, default=0)
    options = parsed.parse_args(arguments)
    if bool(options.input) == bool(options.ids):
        parsed.error("give one of --input and --ids")
    if options.pack and not options.spm:
        parsed.error("--pack needs --spm")
    return options


if __name__ == "__main__":
    run(main)
