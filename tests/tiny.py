"""Tiny models made at test time: every family's file layout, random weights, a vocabulary of our own sentences."""

from __future__ import annotations

import json
from pathlib import Path

SENTENCES = [
    "The river rose by 4 cm.", "Вода поднялась на 4 см.", "The commission met in March.", "Комиссия собралась в марте.",
    "A long winter closes the road to the harbour.", "Долгая зима закрывает дорогу к порту.",
]  # fmt: skip


def _tokenizer(folder: Path, marks: dict[str, str], length: int) -> int:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    order = [marks[k] for k in ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")]
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.train_from_iterator(SENTENCES, trainers.UnigramTrainer(vocab_size=200, special_tokens=order, unk_token=marks["unk_token"]))
    begin, end = marks["cls_token"], marks["sep_token"]
    ids = [(m, tokenizer.token_to_id(m)) for m in (begin, end)]
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{begin} $A {end}", special_tokens=ids)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=length, **marks).save_pretrained(folder)
    return tokenizer.get_vocab_size()


def encoder(folder: Path, family: str) -> Path:
    """A folder with a random encoder of 32 numbers: "labse" (BERT, pooler), "e5" (XLM-R), "bge" (XLM-R), "st" (BERT, sentence-transformers files, 16)."""
    import torch
    from transformers import BertConfig, BertModel, XLMRobertaConfig, XLMRobertaModel

    torch.manual_seed(5)
    place = folder / f"tiny-{family}"
    place.mkdir(parents=True)
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64, "max_position_embeddings": 66, "initializer_range": 0.4}
    if family in ("labse", "st"):
        marks = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"}
        model = BertModel(BertConfig(vocab_size=_tokenizer(place, marks, 64), **sizes))
    else:
        marks = {"pad_token": "<pad>", "unk_token": "<unk>", "cls_token": "<s>", "sep_token": "</s>", "mask_token": "<mask>"}
        model = XLMRobertaModel(XLMRobertaConfig(vocab_size=_tokenizer(place, marks, 64), pad_token_id=0, **sizes))
    model.save_pretrained(place)
    if family == "st":
        _sentence_transformers(place)
    return place


def _sentence_transformers(place: Path) -> None:
    import torch
    from safetensors.torch import save_file

    parts = {"": "Transformer", "1_Pooling": "Pooling", "2_Dense": "Dense", "3_Normalize": "Normalize"}
    listing = [{"idx": i, "name": str(i), "path": p, "type": f"sentence_transformers.models.{k}"} for i, (p, k) in enumerate(parts.items())]
    (place / "modules.json").write_text(json.dumps(listing))
    (place / "sentence_bert_config.json").write_text('{"max_seq_length": 48, "do_lower_case": false}')
    (place / "1_Pooling").mkdir()
    (place / "1_Pooling" / "config.json").write_text('{"word_embedding_dimension": 32, "pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}')
    (place / "2_Dense").mkdir()
    dense = {"in_features": 32, "out_features": 16, "bias": True, "activation_function": "torch.nn.modules.activation.Tanh"}
    (place / "2_Dense" / "config.json").write_text(json.dumps(dense))
    save_file({"linear.weight": torch.randn(16, 32), "linear.bias": torch.randn(16)}, place / "2_Dense" / "model.safetensors")
