"""BLEU and chrF2 of an engine, of a folder of export.py, or of a file of translations, against references.

    python -m training.score --engine gemma --to ru --source dev.en --reference dev.ru [--beam 4] [--output hyp.ru]
    python -m training.score --model CT2_FOLDER --to ru --source dev.en --reference dev.ru
    python -m training.score --hypothesis hyp.ru --reference dev.ru

Prints one JSON line with the scores and sacrebleu's signatures. --lines N takes N lines evenly spread over the files.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models import Translator, load_translator
from training import TrainingError
from training.commands import LANGUAGES, existing, parser, read_lines, run, write_lines


def scores(hypotheses: Sequence[str], references: Sequence[str]) -> dict[str, Any]:
    """{"bleu", "chrf" in [0, 100], "lines", "signatures"}. TrainingError: lists of different lengths, or empty ones."""
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

    if len(hypotheses) != len(references) or not references:
        raise TrainingError(f"{len(hypotheses)} translations, but {len(references)} references")
    bleu, chrf = BLEU(), CHRF()
    found = {name: round(metric.corpus_score(hypotheses, [references]).score, 2) for name, metric in (("bleu", bleu), ("chrf", chrf))}
    return {**found, "lines": len(references), "signatures": [str(bleu.get_signature()), str(chrf.get_signature())]}


def spread(lines: Sequence[Any], count: int) -> list[Any]:
    """`count` of the lines, or of whatever they are, evenly spread; all for 0."""
    count = min(count or len(lines), len(lines))
    return [lines[i * len(lines) // count] for i in range(count)]


def score_engine(engine: Translator, source: Sequence[str], references: Sequence[str], to: str, beam: int) -> tuple[list[str], dict[str, Any]]:
    """(translations, report with scores and seconds); the other language of the pair is the source's."""
    other = LANGUAGES[1 - LANGUAGES.index(to)]
    begun = time.time()
    texts = [found.text for found in engine.translate(source, other, to, beam=beam)]
    report = {"engine": engine.id, "to": to, "beam": beam, "seconds": round(time.time() - begun, 1)}
    return texts, {**report, **scores(texts, references)}


def main(arguments: Sequence[str] | None = None) -> None:
    add = (parsed := parser(__doc__)).add_argument
    add("--engine", help="any engine of `bitext engines`")
    add("--model", type=Path, help="CTranslate2 folder of export.py")
    add("--hypothesis", type=Path, help="translations, one a line")
    add("--to", choices=LANGUAGES)
    add("--source", type=Path)
    add("--reference", type=Path, required=True)
    add("--output", type=Path)
    add("--beam", type=int, default=4)
    add("--threads", type=int, default=1)
    add("--lines", type=int, default=0, help="0 = all")
    options = parsed.parse_args(arguments)
    references = spread(read_lines(options.reference), options.lines)
    if options.hypothesis:
        texts = spread(read_lines(options.hypothesis), options.lines)
        report = scores(texts, references)
    elif (options.engine or options.model) and options.to and options.source:
        engine = _engine(options.engine, options.model, options.to, options.threads)
        texts, report = score_engine(engine, spread(read_lines(options.source), options.lines), references, options.to, options.beam)
    else:
        parsed.error("give --hypothesis, or --engine or --model with --to and --source")
    if options.output:
        write_lines(options.output, texts)
    print(json.dumps(report))


def _engine(name: str | None, folder: Path | None, to: str, threads: int) -> Translator:
    source = LANGUAGES[1 - LANGUAGES.index(to)]
    if folder is None:
        return load_translator(str(name), source, to, threads=threads)
    from models.embedded import Embedded

    return Embedded(source=source, target=to, threads=threads, folder=existing(folder, "folder of training.export"))


if __name__ == "__main__":
    run(main)
