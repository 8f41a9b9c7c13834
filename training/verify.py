"""Check that the exported folders compute what the trained network computes.

    python -m training.verify --weights OUT/weights --spm spm.model --english dev.en --russian dev.ru --lines 60

Exports to a temporary folder and prints, per direction:
    ids          do AutoTokenizer and SentencePiece give the same source ids (share of lines)
    logits       largest difference between our logits and MarianMTModel's, with the reference as decoder input
    hf, ours     share of lines whose greedy ids are the same in MarianMTModel.generate and in generate.decode
    hf, ct2      the same for MarianMTModel.generate and CTranslate2 in float32
    bleu         BLEU of the engine in float32 and int8 (beam 4) and their agreement with each other
The speed of engines is measured by benchmarks/engines.py.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sentencepiece
import torch

from models.embedded import Embedded
from training.batches import EOS, TAG
from training.commands import LANGUAGES, parser, read_lines, run
from training.export import export_ctranslate2, export_transformers
from training.generate import decode, to_end
from training.model import Student, load
from training.pack import read_weights
from training.prepare import processor_of
from training.score import scores


@dataclass
class Forms:
    """One trained network in all its forms. `folders`: CTranslate2, by precision."""

    processor: sentencepiece.SentencePieceProcessor
    ours: Student
    marian: Any
    tokenizer: Any
    folders: dict[str, Path]


def forms(weights: Path, spm: Path, folder: Path) -> Forms:
    """Export the packed weights into `folder` and load everything."""
    import transformers

    warnings.filterwarnings("ignore", message=".*sacremoses.*")
    arrays, meta = read_weights(weights)
    marian = folder / "transformers"
    export_transformers(arrays, meta["size"], spm, marian)
    folders = {kind: folder / kind for kind in ("float32", "int8")}
    for kind, place in folders.items():
        export_ctranslate2(marian, place, kind)
    model = transformers.AutoModelForSeq2SeqLM.from_pretrained(marian, dtype=torch.float32).eval()
    return Forms(processor_of(spm), load(weights), model, transformers.AutoTokenizer.from_pretrained(marian), folders)


def source_ids(made: Forms, line: str, to: str) -> list[int]:
    """Tag, pieces, </s>."""
    return [TAG[to], *made.processor.encode(line), EOS]


def logits_apart(made: Forms, source: list[int], target: list[int]) -> float:
    """Largest difference between our logits and MarianMTModel's after `source`, with `target` as the decoder's input."""
    start = torch.tensor([[made.marian.config.decoder_start_token_id, *target]])
    with torch.no_grad():
        mine = made.ours.logits(made.ours(torch.tensor([source]), torch.tensor([target], dtype=torch.long)))
        theirs = made.marian(input_ids=torch.tensor([source]), decoder_input_ids=start).logits[..., :-1]
    return float((mine - theirs).abs().max())


def marian_greedy(made: Forms, source: list[int], longest: int) -> list[int]:
    """Ids by MarianMTModel.generate, without start, end and padding."""
    given = torch.tensor([source])
    found = made.marian.generate(
        input_ids=given, attention_mask=torch.ones_like(given), num_beams=1, do_sample=False, max_new_tokens=longest, max_length=None, forced_eos_token_id=None
    )
    return to_end(found[0, 1:].tolist())


def own_greedy(made: Forms, source: list[int], longest: int) -> list[int]:
    """Ids by generate.decode."""
    return to_end(decode(made.ours, torch.tensor([source]), longest)[0].tolist())


def ct2_greedy(made: Forms, source: list[int], longest: int, kind: str = "float32") -> list[int]:
    """Ids by CTranslate2."""
    import ctranslate2

    translator = ctranslate2.Translator(str(made.folders[kind]), device="cpu", intra_threads=1)
    pieces = [made.processor.id_to_piece(i) for i in source]
    [answer] = translator.translate_batch([pieces], beam_size=1, max_decoding_length=longest)
    return [made.processor.piece_to_id(piece) for piece in answer.hypotheses[0]]


def compare(made: Forms, sources: Sequence[str], references: Sequence[str], to: str) -> dict[str, Any]:
    """The report of one direction, as the docstring above says."""
    rows = [source_ids(made, line, to) for line in sources]
    longest = [min(80, 2 * len(row) + 12) for row in rows]
    known = [marian_greedy(made, row, n) for row, n in zip(rows, longest, strict=True)]

    def share(same: list[bool]) -> float:
        return round(sum(same) / len(same), 4)

    report: dict[str, Any] = {"to": to, "lines": len(rows)}
    report["ids"] = share([made.tokenizer(f">>{to}<<{line}").input_ids == row for line, row in zip(sources, rows, strict=True)])
    report["logits"] = max(logits_apart(made, row, made.processor.encode(line)) for row, line in zip(rows, references, strict=True))
    report["hf, ours"] = share([own_greedy(made, row, n) == ids for row, n, ids in zip(rows, longest, known, strict=True)])
    report["hf, ct2"] = share([ct2_greedy(made, row, n) == ids for row, n, ids in zip(rows, longest, known, strict=True)])
    other = LANGUAGES[1 - LANGUAGES.index(to)]
    texts = {}
    for kind, folder in made.folders.items():
        texts[kind] = [t.text for t in Embedded(source=other, target=to, folder=folder).translate(sources, other, to)]
        report[f"bleu {kind}"] = scores(texts[kind], references)["bleu"]
    report["bleu int8 against float32"] = scores(texts["int8"], texts["float32"])["bleu"]
    return report


def main(arguments: Sequence[str] | None = None) -> None:
    add = (parsed := parser(__doc__)).add_argument
    add("--weights", type=Path, required=True)
    add("--spm", type=Path, required=True)
    add("--english", type=Path, required=True)
    add("--russian", type=Path, required=True)
    add("--lines", type=int, default=60)
    options = parsed.parse_args(arguments)
    english, russian = (read_lines(path)[: options.lines] for path in (options.english, options.russian))
    with TemporaryDirectory() as folder:
        made = forms(options.weights, options.spm, Path(folder))
        for to, sources, references in (("ru", english, russian), ("en", russian, english)):
            print(json.dumps(compare(made, sources, references, to)), flush=True)


if __name__ == "__main__":
    run(main)
