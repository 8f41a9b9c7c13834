"""An ids file of the student's pieces -> the same pairs in the teacher's pieces (for finetune.py).

    python -m training.teacher.repack --ids train.ids --spm spm.model --out teacher/train.ids
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import sentencepiece

from training import TrainingError
from training.commands import LANGUAGES, parser, run
from training.pack import Columns, columns_of, read_ids, write_ids
from training.prepare import processor_of
from training.teacher.vocabulary import TOKENIZER, read_tokenizer


def texts(columns: Columns, language: str, processor: sentencepiece.SentencePieceProcessor) -> list[str]:
    """Sentences of one side of an ids file."""
    ends = np.cumsum(columns[f"{language}_len"].astype(np.int64))
    starts = ends - columns[f"{language}_len"]
    ids = columns[language].astype(np.int64).tolist()
    found: list[str] = processor.decode([ids[a:b] for a, b in zip(starts, ends, strict=True)])
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    add = (parsed := parser(__doc__)).add_argument
    for name in ("--ids", "--spm", "--out"):
        add(name, type=Path, required=True)
    add("--tokenizer", type=Path, default=TOKENIZER)
    options = parsed.parse_args(arguments)
    processor, tokenizer = processor_of(options.spm), read_tokenizer(options.tokenizer)
    meta, columns = read_ids(options.ids)
    if meta["vocab"] != processor.get_piece_size():
        raise TrainingError(f"{options.ids} has {meta['vocab']} pieces, {options.spm} {processor.get_piece_size()}; they belong to different vocabularies")
    sides = []
    for language in LANGUAGES:
        lines = [" " + line for line in texts(columns, language, processor)]
        parts = (tokenizer.encode_batch(lines[start : start + 20_000]) for start in range(0, len(lines), 20_000))
        sides.append([row.ids for part in parts for row in part])
    packed = columns_of(sides[0], sides[1], columns["source"])
    write_ids(options.out, {**meta, "vocab": tokenizer.get_vocab_size()}, packed)
    print(json.dumps({k: int(v.size) for k, v in packed.items()}))


if __name__ == "__main__":
    run(main)
