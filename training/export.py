"""Packed weights -> a transformers folder (MarianMTModel) and the CTranslate2 folder of the engine `embedded`.

    python -m training.export --transformers FOLDER                 from the weights in models/weights/embedded
    python -m training.export --weights OUT/weights --spm spm.model --transformers FOLDER --ctranslate2 FOLDER --card FACTS.json

The transformers folder loads with AutoTokenizer and AutoModelForSeq2SeqLM; the source text starts with >>en<< or >>ru<<. The CTranslate2 folder is
what models/embedded.py loads: model.bin, shared_vocabulary.json, config.json, bitext.json, spm.model; with --card also card.json (see card.py).
"""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

from models.embedded import WEIGHTS
from training import TrainingError
from training.card import card_json, card_text, read_facts
from training.commands import parser, run
from training.model import MAX_POSITIONS
from training.pack import read_weights
from training.prepare import processor_of

_ATTENTIONS = {"self_attention": "self_attn", "cross_attention": "encoder_attn"}
_NORMS = {"self_norm": "self_attn_layer_norm", "cross_norm": "encoder_attn_layer_norm", "ffn_norm": "final_layer_norm"}
_PIECES = ("source.spm", "target.spm")


def marian_state(weights: dict[str, np.ndarray]) -> dict[str, torch.Tensor]:
    """Our tensors under the names of MarianMTModel, with a zero row for <pad>."""
    width = weights["embedding.weight"].shape[1]
    embedding = np.concatenate([weights["embedding.weight"], np.zeros((1, width), np.float32)])
    tied = ("model.shared", "model.encoder.embed_tokens", "model.decoder.embed_tokens", "lm_head")
    state = {f"{name}.weight": embedding for name in tied} | {"final_logits_bias": np.append(weights["bias"], np.float32(0))[None]}
    for name, array in weights.items():
        if name.startswith(("encoder.", "decoder.")):
            state |= _layer_state(name, array)
    return {name: torch.from_numpy(np.ascontiguousarray(array)) for name, array in state.items()}


def _layer_state(name: str, array: np.ndarray) -> dict[str, np.ndarray]:
    """encoder.0.self_attention.kv.weight -> k_proj and v_proj of model.encoder.layers.0.self_attn."""
    side, layer, module, *rest, kind = name.split(".")
    base = f"model.{side}.layers.{layer}"
    if module not in _ATTENTIONS:
        return {f"{base}.{_NORMS.get(module, module)}.{kind}": array}
    base = f"{base}.{_ATTENTIONS[module]}"
    if rest == ["kv"]:
        return {f"{base}.{half}_proj.{kind}": part for half, part in zip("kv", np.split(array, 2), strict=True)}
    return {f"{base}.{'q_proj' if rest == ['q'] else 'out_proj'}.{kind}": array}


def export_transformers(weights: dict[str, np.ndarray], size: dict[str, Any], spm: Path, folder: Path) -> None:
    """Write a MarianMTModel folder with its tokenizer files. TrainingError: the SentencePiece model has another number of pieces than the network."""
    from transformers import MarianConfig, MarianMTModel

    processor, pad = processor_of(spm), size["vocab"]
    if processor.get_piece_size() != pad:
        raise TrainingError(f"{spm} has {processor.get_piece_size()} pieces, the network {pad}; give the --spm that it was trained with")
    config = MarianConfig(
        vocab_size=pad + 1, d_model=size["width"], encoder_layers=size["encoder"], decoder_layers=size["decoder"], encoder_ffn_dim=size["ffn"],
        decoder_ffn_dim=size["ffn"], encoder_attention_heads=size["heads"], decoder_attention_heads=size["heads"], max_position_embeddings=MAX_POSITIONS,
        activation_function="swish", scale_embedding=True, dropout=size["dropout"], pad_token_id=pad, eos_token_id=0, bos_token_id=None,
        decoder_start_token_id=pad, forced_eos_token_id=0, share_encoder_decoder_embeddings=True, tie_word_embeddings=True,
    )  # fmt: skip
    model = MarianMTModel(config).eval()
    missing, unexpected = model.load_state_dict(marian_state(weights), strict=False)
    missing = [name for name in missing if "embed_positions" not in name]
    if missing or unexpected:
        raise ValueError(f"names that do not fit MarianMTModel: missing {missing}, unexpected {unexpected}")
    generation = model.generation_config
    generation.bad_words_ids, generation.max_length, generation.num_beams = [[pad]], MAX_POSITIONS, 4
    model.save_pretrained(folder)
    pieces = {processor.id_to_piece(i): i for i in range(pad)} | {"<pad>": pad}
    (folder / "vocab.json").write_text(json.dumps(pieces, ensure_ascii=False), "utf-8")
    for name in _PIECES:
        shutil.copyfile(spm, folder / name)
    marks = {"unk_token": "<unk>", "eos_token": "</s>", "pad_token": "<pad>"}
    settings = {"tokenizer_class": "MarianTokenizer", "model_max_length": MAX_POSITIONS, "separate_vocabs": False, **marks}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), "utf-8")


def export_ctranslate2(transformers_folder: Path, folder: Path, quantization: str = "int8") -> None:
    """Convert what `export_transformers` wrote; other files in `folder` (packed weights) stay."""
    from models.conversion import convert

    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as temporary:
        made = Path(temporary) / "made"
        convert(transformers_folder, made, quantization)
        for file in made.iterdir():
            if file.name not in _PIECES:
                file.replace(folder / file.name)
    _copy(transformers_folder / _PIECES[0], folder / "spm.model")


def _copy(source: Path, target: Path) -> None:
    if not (target.exists() and source.samefile(target)):
        shutil.copyfile(source, target)


def main(arguments: Sequence[str] | None = None) -> None:
    add = (parsed := parser(__doc__)).add_argument
    add("--weights", type=Path, default=WEIGHTS / "weights", help="stem of the packed weights; default %(default)s")
    add("--spm", type=Path, help="default: spm.model beside the weights")
    add("--transformers", type=Path, help="folder to write")
    add("--ctranslate2", type=Path, help="folder to write")
    add("--quantization", default="int8", choices=("int8", "int8_float32", "int16", "float16", "bfloat16", "float32"))
    add("--card", type=Path, help="JSON file with facts for the model card")
    options = parsed.parse_args(arguments)
    if not options.transformers and not options.ctranslate2:
        parsed.error("give --transformers FOLDER, --ctranslate2 FOLDER, or both")
    warnings.filterwarnings("ignore", message=".*sacremoses.*")
    facts = read_facts(options.card)
    weights, meta = read_weights(options.weights)
    spm = options.spm or options.weights.parent / "spm.model"
    with TemporaryDirectory() as temporary:
        marian: Path = options.transformers or Path(temporary)
        export_transformers(weights, meta["size"], spm, marian)
        if options.ctranslate2:
            export_ctranslate2(marian, options.ctranslate2, options.quantization)
    text = card_text(meta, sum(array.size for array in weights.values()), facts)
    for folder in filter(None, (options.transformers, options.ctranslate2)):
        (folder / "README.md").write_text(text, "utf-8")
    if options.ctranslate2 and facts:
        size = sum((options.ctranslate2 / name).stat().st_size for name in ("model.bin", "spm.model", "shared_vocabulary.json")) / 1e6
        (options.ctranslate2 / "card.json").write_text(card_json(facts, size), "utf-8")


if __name__ == "__main__":
    run(main)
