"""A translation model of opus-mt's size (6 + 6 layers of 512, random weights): our path on a CPU beside plain transformers, in one run.

    python -m benchmarks.engines [--lines 48] [--beam 1 4] [--threads 1]

Random weights never end a sentence by themselves, so both ways write the same number of pieces; the vocabulary is that of a tiny model, small.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.sentences import pairs
from tests import tiny


def opus_sized(folder: Path) -> Path:
    """A Marian folder with the tokenizer of a tiny model and the network of a real one."""
    import torch
    from transformers import MarianConfig, MarianMTModel

    place = tiny.translator(folder, "marian", steps=1)
    small = MarianConfig.from_pretrained(place)
    sizes = {"d_model": 512, "encoder_layers": 6, "decoder_layers": 6, "encoder_ffn_dim": 2048, "decoder_ffn_dim": 2048, "encoder_attention_heads": 8, "decoder_attention_heads": 8}
    torch.manual_seed(1)
    MarianMTModel(MarianConfig(**{**small.to_dict(), **sizes})).save_pretrained(place)
    return place


def plain(place: Path, lines: list[str], beam: int) -> tuple[float, int]:
    """(seconds, pieces written) of transformers alone: batches of 16 of about equal length, float32."""
    import torch
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(place)
    model: Any = AutoModelForSeq2SeqLM.from_pretrained(place).eval()
    ordered = sorted(lines, key=len)
    pieces, start = 0, time.perf_counter()
    with torch.inference_mode():
        for at in range(0, len(ordered), 16):
            inputs = tokenizer(ordered[at : at + 16], return_tensors="pt", padding=True)
            out = model.generate(**inputs, num_beams=beam, do_sample=False, max_new_tokens=2 * inputs["input_ids"].shape[1] + 20, max_length=None)
            pieces += int((out != model.config.pad_token_id).sum())
    return time.perf_counter() - start, pieces


def ours(place: Path, lines: list[str], beam: int, threads: int) -> tuple[float, int]:
    """The same through `models.seq2seq`, converted before the clock starts."""
    from transformers import AutoTokenizer

    from models.seq2seq import Seq2Seq

    engine = Seq2Seq(str(place), source="en", target="ru", threads=threads)
    engine.translate(lines[:2], "en", "ru", beam=beam)
    start = time.perf_counter()
    found = engine.translate(lines, "en", "ru", beam=beam)
    seconds = time.perf_counter() - start
    tokenizer: Any = AutoTokenizer.from_pretrained(place)
    return seconds, sum(len(tokenizer(text_target=t.text)["input_ids"]) for t in found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=48)
    parser.add_argument("--beam", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--threads", type=int, default=1, help="of both ways")
    options = parser.parse_args()
    if options.threads < 1:
        parser.error(f"--threads is {options.threads}; give 1 or more")
    lines = [p[0] for p in pairs(options.lines, 3)]
    import torch

    torch.set_num_threads(options.threads)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BITEXT_CACHE"] = str(Path(folder) / "cache")
        place = opus_sized(Path(folder))
        print(f"{'beam':>5}{'transformers fp32':>20}{'ours, int8':>14}{'times as fast':>15}   pieces a second, {len(lines)} lines, threads: {options.threads}")
        for beam in options.beam:
            (slow, many), (fast, more) = plain(place, lines, beam), ours(place, lines, beam, options.threads)
            print(f"{beam:>5}{many / slow:>20.0f}{more / fast:>14.0f}{(more / fast) / (many / slow):>15.1f}")


if __name__ == "__main__":
    main()
