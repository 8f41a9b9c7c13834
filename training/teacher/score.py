"""BLEU and chrF2 of an exported teacher, both directions.

    python -m training.teacher.score --model FOLDER --english dev.en --russian dev.ru [--lines 300] [--beam 1] [--threads 1] [--save STEM]

FOLDER is what export.py wrote; without --model the engine `gemma` as it is shipped. --lines N takes N lines evenly spread over the files. Prints a JSON
line with scores and sacrebleu's signatures for each direction.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from models.gemma import Gemma
from training.commands import existing, parser, read_lines, run, write_lines
from training.score import score_engine, spread


def engine_of(folder: Path, threads: int = 0) -> Gemma:
    """The engine with the network of `folder` instead of the shipped one. TrainingError: nothing there."""
    existing(folder / "model.bin", "CTranslate2 model", "python -m training.teacher.export makes it")
    engine = Gemma(threads=threads, folder=folder)
    engine.id = f"gemma:{folder.name}"
    return engine


def main(arguments: Sequence[str] | None = None) -> None:
    add = (parsed := parser(__doc__)).add_argument
    add("--model", type=Path)
    add("--english", type=Path, required=True)
    add("--russian", type=Path, required=True)
    add("--lines", type=int, default=0, help="0 = all")
    add("--beam", type=int, default=1)
    add("--threads", type=int, default=1)
    add("--save", type=Path, help="stem of the files for the translations")
    options = parsed.parse_args(arguments)
    engine = engine_of(options.model, options.threads) if options.model else Gemma(threads=options.threads)
    texts = {"en": spread(read_lines(options.english), options.lines), "ru": spread(read_lines(options.russian), options.lines)}
    for source, target in (("en", "ru"), ("ru", "en")):
        answers, report = score_engine(engine, texts[source], texts[target], target, options.beam)
        print(json.dumps(report), flush=True)
        if options.save:
            write_lines(options.save.with_name(f"{options.save.name}.{target}"), answers)


if __name__ == "__main__":
    run(main)
