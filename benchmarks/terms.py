"""Terms and names in an engine's translations of known pairs: how many of the terms that stand in the source come out, and in how many lines the names disagree,
without and with writing them into the source.

    python -m benchmarks.terms                                   # training/statements/test-terms.tsv, kept aside, engine gemma, both ways
    python -m benchmarks.terms --pairs FILE.tsv --engine gemma   # name TAB English TAB Russian a line
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from align.filling import translate_texts
from align.guards import lost_names
from align.searching import FillOptions
from align.terms import built_in, places, unmet
from benchmarks.checks import load
from models import load_translator

OWN = Path(__file__).parent.parent / "training" / "statements" / "test-terms.tsv"


def main() -> None:
    import sacrebleu

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", default="gemma")
    parser.add_argument("--pairs", type=Path, default=OWN)
    parser.add_argument("--prefix", default="")
    parser.add_argument("--lines", type=int, default=1000)
    options = parser.parse_args()
    found = load(options.pairs, options.prefix)
    pairs = [found[k * len(found) // options.lines] for k in range(options.lines)] if len(found) > options.lines else found
    print(f"{'pair':<8}{'lines':>6}  {'terms':<10}{'right':>8}{'names wrong':>13}{'BLEU':>8}{'chrF2':>8}{'time':>7}")
    for source, target, at in (("en", "ru", 0), ("ru", "en", 1)):
        texts, references = [p[at] for p in pairs], [p[1 - at] for p in pairs]
        engine, table = load_translator(options.engine, source, target), built_in(source, target)
        engine.translate(["One."], source, target)
        wanted = [places(text, table, source, as_written=True) for text in texts]
        count, first = sum(map(len, wanted)), 0.0
        for on, name in ((False, "as it is"), (True, "written in")):
            begun = time.perf_counter()
            made = [f.text for f in translate_texts(texts, engine, source, target, options=FillOptions(terms=on))]
            seconds = time.perf_counter() - begun
            first = first or seconds
            right = count - sum(len(unmet(w, text, target)) for w, text in zip(wanted, made, strict=True))
            wrong = sum(bool(lost_names(a, b, source, target)) for a, b in zip(texts, made, strict=True))
            scores = sacrebleu.corpus_bleu(made, [references]).score, sacrebleu.corpus_chrf(made, [references]).score
            print(f"{source}-{target:<5}{len(texts):>6}  {name:<10}{f'{right}/{count}':>8}{wrong:>13}{scores[0]:>8.1f}{scores[1]:>8.1f}{seconds / first:>7.2f}", flush=True)


if __name__ == "__main__":
    main()
