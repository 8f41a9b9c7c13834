"""An engine's translations of known pairs: BLEU, chrF2, numbers kept with and without the guards, speed, memory.

    python -m benchmarks.translation --engine gemma                                       # seeded pairs of our own
    python -m benchmarks.translation --engine gemma --pairs FILE.tsv --prefix wmt_newstest/newstest2018 --lines 200 [--numbers]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from align.checks.mentions import mentions
from align.checks.numbers import unmatched
from align.filling import translate_texts
from align.searching import FillOptions
from benchmarks.checks import load
from benchmarks.memory import peak_megabytes
from models import load_translator


def kept(sources: list[str], texts: list[str], source: str, target: str) -> tuple[int, int]:
    """(lines with numbers, of these the lines whose numbers all stand in the translation)."""
    count = good = 0
    for one, two in zip(sources, texts, strict=True):
        if any(m.strict for m in mentions(one, source)):
            count += 1
            good += not unmatched(one, two, source, target)[0]
    return count, good


def main() -> None:
    import sacrebleu

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", default="gemma")
    parser.add_argument("--pairs", type=Path)
    parser.add_argument("--prefix", default="")
    parser.add_argument("--lines", type=int, default=100)
    parser.add_argument("--beam", type=int, default=4)
    parser.add_argument("--numbers", action="store_true", help="only texts with numbers or dates in them")
    options = parser.parse_args()
    pairs = load(options.pairs, options.prefix)
    print(f"{'pair':<8}{'lines':>6}{'BLEU':>8}{'chrF2':>8}{'numbers kept, bare':>20}{'with guards':>13}{'noted':>7}{'lines/s':>9}{'bare lines/s':>14}{'peak MB':>9}")
    for source, target, at in (("en", "ru", 0), ("ru", "en", 1)):
        fit = [p for p in pairs if not options.numbers or any(m.strict for m in mentions(p[at], source))]
        chosen = [fit[k * len(fit) // options.lines] for k in range(options.lines)] if len(fit) > options.lines else fit
        texts, references = [p[at] for p in chosen], [p[1 - at] for p in chosen]
        engine = load_translator(options.engine, source, target)
        engine.translate(["One."], source, target)
        begun = time.perf_counter()
        bare = [t.text for t in engine.translate(texts, source, target, beam=options.beam)]
        middle = time.perf_counter()
        guarded = translate_texts(texts, engine, source, target, options=FillOptions(beam=options.beam))
        ended = time.perf_counter()
        lines = [g.text for g in guarded]
        count, before = kept(texts, bare, source, target)
        _, after = kept(texts, lines, source, target)
        scores = sacrebleu.corpus_bleu(lines, [references]).score, sacrebleu.corpus_chrf(lines, [references]).score
        rates = [len(texts) / s for s in (ended - middle, middle - begun)]
        print(
            f"{source}-{target:<5}{len(texts):>6}{scores[0]:>8.1f}{scores[1]:>8.1f}{f'{before}/{count}':>20}{f'{after}/{count}':>13}{sum(bool(g.flags) for g in guarded):>7}"
            f"{rates[0]:>9.1f}{rates[1]:>14.1f}{peak_megabytes():>9.0f}"
        )


if __name__ == "__main__":
    main()
