"""Corpus shards -> a clean, mixed training set as packed ids, a dev set and a SentencePiece model.

    python -m training.prepare --corpus FOLDER training/statements --out DATA

Reads every *.tsv and *.tsv.zst of the folders (lines `family/source_id TAB English TAB Russian`) and writes
    spm.model, spm.vocab   one joint unigram model; id 0 </s>, 1 <unk>, 2 >>en<<, 3 >>ru<<
    train.ids, dev.ids     see pack.py
    dev.en, dev.ru         the dev set as text
    prepare.json           what was read, dropped and kept
The result depends on the corpus and on the options only (the order is fixed by --seed).
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import sentencepiece

from training import TrainingError
from training.commands import existing, parser, run, write_lines
from training.normalisation import key, tidy, write_rules
from training.pack import columns_of, write_ids
from training.sources import DEV, Source, rule, why_drop

TAGS = [">>en<<", ">>ru<<"]
MAX_IDS = 160  # of a side; longer pairs are dropped after tokenisation


class Pair(NamedTuple):
    """`name`: family/source_id."""

    name: str
    en: str
    ru: str

    @property
    def family(self) -> str:
        return self.name.split("/")[0]


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=8).digest()


def read_corpus(folder: Path, *, tidied: bool = True) -> Iterator[Pair]:
    """The pairs of every shard, in the order of file names, made even or as they are. TrainingError: no folder, or no shards in it."""
    existing(folder, "corpus folder")
    shards = sorted([*folder.glob("*.tsv"), *folder.glob("*.tsv.zst")])
    if not shards:
        raise TrainingError(f"{folder} holds no *.tsv or *.tsv.zst; a line of a shard is family/source_id, English and Russian, with tabs between")
    for path in shards:
        for line in _text(path).split("\n"):
            fields = line.split("\t")
            if len(fields) == 3:
                yield Pair(fields[0], *(map(tidy, fields[1:]) if tidied else fields[1:]))


def _text(path: Path) -> str:
    if path.suffix == ".tsv":
        return path.read_text("utf-8")
    import zstandard

    with path.open("rb") as file:
        return str(zstandard.ZstdDecompressor().stream_reader(file).read().decode("utf-8"))


class Selection:
    """Decides pair by pair; `counts`: (family, outcome) -> pairs."""

    def __init__(self, dev: Sequence[Pair]) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self._dev = {key(text) for pair in dev for text in (pair.en, pair.ru)}
        self._seen: set[bytes] = set()
        self._starts: Counter[str] = Counter()

    def keeps(self, pair: Pair) -> bool:
        reason = self._reason(pair, rule(pair.name))
        if reason:
            self.counts[pair.family, reason] += 1
        return reason is None

    def _reason(self, pair: Pair, source: Source) -> str | None:
        if source.weight == 0:
            return "weight 0"
        reason = why_drop(pair.en, pair.ru, source)
        if reason:
            return reason
        en, ru = key(pair.en), key(pair.ru)
        if (en in self._dev or ru in self._dev) and len(en) > 12:
            return "in dev"
        both = _digest(f"{en}\t{ru}")
        if both in self._seen:
            return "duplicate"
        self._seen.add(both)
        if source.thin:
            start = " ".join(en.split()[:6])
            self._starts[start] += 1
            return "begins alike" if self._starts[start] > 4 else None
        return None


def select(rows: Sequence[Pair], dev_name: str, seed: int) -> tuple[list[Pair], list[Pair], Counter[tuple[str, str]]]:
    """(train in the order of `seed`, dev, counts of (family, outcome)). Nothing of dev is in train. TrainingError: no pairs of one of both."""
    dev = [row for row in rows if row.name == dev_name]
    selection = Selection(dev)
    groups: dict[str, list[Pair]] = {}
    for row in rows:
        if row.name == dev_name:
            selection.counts[row.family, "dev"] += 1
        elif selection.keeps(row):
            groups.setdefault(row.family if rule(row.family) is rule(row.name) else row.name, []).append(row)
    rank = {row: _digest(f"{seed}\t{row.en}\t{row.ru}") for group in groups.values() for row in group}
    train: list[Pair] = []
    for group, pairs in groups.items():
        cap = rule(group).cap or len(pairs)
        if cap < len(pairs):  # medium lengths first
            pairs.sort(key=lambda pair: (not 8 <= pair.en.count(" ") <= 32, rank[pair]))
            selection.counts[pairs[0].family, "over the cap"] += len(pairs) - cap
        train += pairs[:cap]
    if not train or not dev:
        raise TrainingError(f"the corpus gives {len(train)} training pairs and {len(dev)} dev pairs; dev are those called {dev_name!r} (--dev)")
    train.sort(key=rank.__getitem__)
    selection.counts.update((pair.family, "kept") for pair in train)
    return train, dev, selection.counts


def train_spm(train: Sequence[Pair], out: Path, vocab: int, sentences: int, threads: int) -> sentencepiece.SentencePieceProcessor:
    """Train the joint unigram model on a weighted sample, half of it in each language. TrainingError: too many pieces for the text."""
    text, rules_file = out / "spm.txt", out / "normalisation.tsv"
    pairs = [pair for pair in train for _ in range(max(1, round(rule(pair.name).weight)))]
    write_lines(text, (side for pair in pairs[:: max(1, 2 * len(pairs) // sentences)] for side in (pair.en, pair.ru)))
    write_rules(rules_file)
    try:
        sentencepiece.SentencePieceTrainer.train(
            input=str(text), model_prefix=str(out / "spm"), vocab_size=vocab, model_type="unigram", character_coverage=0.9999, byte_fallback=True,
            split_digits=True, normalization_rule_tsv=str(rules_file), remove_extra_whitespaces=True, max_sentence_length=4000, num_threads=threads,
            minloglevel=2, eos_id=0, unk_id=1, bos_id=-1, pad_id=-1, eos_piece="</s>", unk_piece="<unk>", control_symbols=TAGS,
        )  # fmt: skip
    except RuntimeError as error:
        raise TrainingError(f"no SentencePiece model of {vocab} pieces (--vocab) from {len(train)} pairs: {' '.join(str(error).split())}") from error
    finally:
        text.unlink()
        rules_file.unlink()
    return processor_of(out / "spm.model")


def processor_of(path: Path) -> sentencepiece.SentencePieceProcessor:
    """The SentencePiece model at `path`. TrainingError: none there, or one without our marks."""
    existing(path, "SentencePiece model", "python -m training.prepare makes it")
    processor = sentencepiece.SentencePieceProcessor(model_file=str(path))
    if [processor.id_to_piece(number) for number in range(4)] != ["</s>", "<unk>", *TAGS]:
        raise TrainingError(f"{path} is not a SentencePiece model of training.prepare: its first pieces are not </s>, <unk>, {', '.join(TAGS)}")
    return processor


def pack(path: Path, pairs: Sequence[Pair], processor: sentencepiece.SentencePieceProcessor, threads: int) -> dict[str, Any]:
    """Tokenise and write; the number of pairs and ids, and the size."""
    names = sorted({pair.name for pair in pairs})
    if len(names) > 256:
        raise TrainingError(f"{len(names)} sources do not fit an ids file of 256; give more of them one name")
    en = processor.encode([pair.en for pair in pairs], num_threads=threads)
    ru = processor.encode([pair.ru for pair in pairs], num_threads=threads)
    good = [i for i in range(len(pairs)) if 0 < len(en[i]) <= MAX_IDS and 0 < len(ru[i]) <= MAX_IDS]
    number = {name: index for index, name in enumerate(names)}
    columns = columns_of([en[i] for i in good], [ru[i] for i in good], np.array([number[pairs[i].name] for i in good], np.uint8))
    sources = [{"name": n, "weight": rule(n).weight, "directions": rule(n).directions} for n in names]
    write_ids(path, {"vocab": processor.get_piece_size(), "tags": TAGS, "sources": sources}, columns)
    return {"pairs": len(good), "en_ids": len(columns["en"]), "ru_ids": len(columns["ru"]), "MiB": round(path.stat().st_size / 2**20, 2)}


def main(arguments: Sequence[str] | None = None) -> None:
    add = (parsed := parser(__doc__)).add_argument
    add("--corpus", type=Path, nargs="+", required=True, help="folders of *.tsv and *.tsv.zst")
    add("--out", type=Path, required=True)
    add("--dev", default=DEV, help="family/source_id of the dev set")
    add("--vocab", type=int, default=16000)
    add("--spm-sentences", type=int, default=500_000)
    add("--spm", type=Path, help="use this SentencePiece model instead of training one")
    add("--seed", type=int, default=1)
    add("--threads", type=int, default=os.cpu_count() or 1)
    options = parsed.parse_args(arguments)
    out: Path = options.out
    train, dev, counts = select([pair for folder in options.corpus for pair in read_corpus(folder)], options.dev, options.seed)
    out.mkdir(parents=True, exist_ok=True)
    write_lines(out / "dev.en", (pair.en for pair in dev))
    write_lines(out / "dev.ru", (pair.ru for pair in dev))
    if options.spm:
        existing(options.spm, "SentencePiece model")
        processor = processor_of(Path(shutil.copyfile(options.spm, out / "spm.model")))
    else:
        processor = train_spm(train, out, options.vocab, options.spm_sentences, options.threads)
    report: dict[str, Any] = {name: pack(out / f"{name}.ids", pairs, processor, options.threads) for name, pairs in (("train", train), ("dev", dev))}
    report["families"] = {}
    for (family, outcome), number in sorted(counts.items()):
        report["families"].setdefault(family, {})[outcome] = number
    (out / "prepare.json").write_text(json.dumps(report, indent=1), "utf-8")
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    run(main)
