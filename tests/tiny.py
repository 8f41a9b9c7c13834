"""Tiny models made at test time: every family's file layout, a vocabulary of our own sentences; encoders with random weights, trained translators."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

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


PAIRS = [
    ("The river rose by 4 cm.", "Вода поднялась на 4 см."), ("The commission met in March.", "Комиссия собралась в марте."),
    ("The meeting is open.", "Встреча открыта."), ("We thank the ministers.", "Мы благодарим министров."),
    ("The seeds are dry.", "Семена сухие."), ("Twelve boats came.", "Пришли двенадцать лодок."), ("I spoke in Orlets.", "Я говорила в Орлеце."),
]  # fmt: skip
FAMILIES = ("marian", "m2m100", "nllb", "mbart50", "t5", "madlad")
_SAMPLES = Path(__file__).parent.parent / "samples"
_WIDTH = {"d_model": 32, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 64,
          "decoder_ffn_dim": 64, "dropout": 0.0, "init_std": 0.1, "scale_embedding": True}  # fmt: skip


def _spm(folder: Path, size: int = 400, marks: tuple[str, ...] = ()) -> Path:
    """A SentencePiece model of the sample statements; <unk>, <s> and </s> are 0, 1, 2."""
    from sentencepiece import SentencePieceTrainer

    lines = [line for file in sorted(_SAMPLES.glob("*.segmented")) for line in file.read_text("utf-8").splitlines() if line.strip()]
    lines += [side for pair in PAIRS for side in pair] * 5
    SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_prefix=str(folder / "made"), vocab_size=size, character_coverage=1.0, user_defined_symbols=list(marks),
        minloglevel=2, num_threads=1,
    )  # fmt: skip
    (folder / "made.vocab").unlink()
    return folder / "made.model"


def _scored(spm: Path) -> list[tuple[str, float]]:
    """The pieces with their scores, without <unk>, <s> and </s>."""
    from sentencepiece import SentencePieceProcessor

    processor = SentencePieceProcessor(model_file=str(spm))
    return [(processor.id_to_piece(k), processor.get_score(k)) for k in range(3, processor.get_piece_size())]


def _write(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value, ensure_ascii=False), "utf-8")
    return path


def translator(folder: Path, family: str, *, marks: tuple[str, ...] = (), steps: int = 150) -> Path:
    """A folder with a translator of 32 numbers, of FAMILIES, that has learnt PAIRS by heart, English to Russian.

    "marian" with `marks` such as (">>rus<<", ">>eng<<"): many targets; it learns both directions.
    """
    import torch

    torch.manual_seed(3)
    place = folder / f"tiny-{family}{'-many' if marks else ''}"
    place.mkdir(parents=True)
    model, tokenizer, examples = {"marian": _marian, "m2m100": _m2m100, "nllb": _nllb, "mbart50": _mbart50, "t5": _t5, "madlad": _t5}[family](place, marks or family)
    _learn(model, examples, tokenizer.pad_token_id, steps)
    if hasattr(model, "final_logits_bias"):
        model.final_logits_bias += torch.linspace(-0.05, 0.05, model.config.vocab_size)  # so that a conversion that loses it is seen
    model.save_pretrained(place)
    tokenizer.save_pretrained(place)
    return place


def _learn(model: Any, examples: list[tuple[list[int], list[int]]], pad: int, steps: int) -> None:
    import torch

    def filled(rows: list[list[int]], value: int) -> Any:
        return torch.tensor([row + [value] * (max(map(len, rows)) - len(row)) for row in rows])

    inputs, labels = filled([a for a, _ in examples], pad), filled([b for _, b in examples], -100)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    model.train()
    for _ in range(steps):
        loss = model(input_ids=inputs, attention_mask=(inputs != pad).long(), labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if model.config.model_type == "marian":  # as in the real ones: decoding starts from nothing
            model.get_input_embeddings().weight.data[pad] = 0.0
    model.eval()


def _marian(place: Path, marks: Any) -> tuple[Any, Any, Any]:
    from transformers import MarianConfig, MarianMTModel, MarianTokenizer

    marks = marks if isinstance(marks, tuple) else ()
    spm = _spm(place)
    pieces = ["</s>", "<unk>", *(p for p, _ in _scored(spm)), *marks, "<pad>"]
    for name in ("source.spm", "target.spm"):
        shutil.copyfile(spm, place / name)
    spm.unlink()
    vocab = _write(place / "vocab.json", {p: k for k, p in enumerate(pieces)})
    languages = {} if marks else {"source_lang": "en", "target_lang": "ru"}
    tokenizer = MarianTokenizer(str(place / "source.spm"), str(place / "target.spm"), str(vocab), **languages)
    pad = len(pieces) - 1
    config = MarianConfig(
        vocab_size=len(pieces), pad_token_id=pad, eos_token_id=0, bos_token_id=None, decoder_start_token_id=pad, forced_eos_token_id=0,
        max_position_embeddings=512, activation_function="swish", **_WIDTH,
    )  # fmt: skip
    model = MarianMTModel(config)
    model.generation_config.bad_words_ids = [[pad]]
    sides = [(f"{marks[0]} {en}", ru) for en, ru in PAIRS] + [(f"{marks[1]} {ru}", en) for en, ru in PAIRS] if marks else PAIRS
    return model, tokenizer, [(tokenizer(a)["input_ids"], tokenizer(text_target=b)["input_ids"]) for a, b in sides]


def _told(tokenizer: Any, source: str, target: str) -> list[tuple[list[int], list[int]]]:
    """Examples of a family that marks both sides, as its tokenizer writes them."""
    tokenizer.src_lang, tokenizer.tgt_lang = source, target
    return [(tokenizer(en)["input_ids"], tokenizer(text_target=ru)["input_ids"]) for en, ru in PAIRS]


_FAIRSEQ = {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2, "decoder_start_token_id": 2, "max_position_embeddings": 64}


def _m2m100(place: Path, _: Any) -> tuple[Any, Any, Any]:
    from transformers import M2M100Config, M2M100ForConditionalGeneration, M2M100Tokenizer

    spm = _spm(place)
    order = ["<s>", "<pad>", "</s>", "<unk>", *(p for p, _ in _scored(spm))]
    vocab = _write(place / "vocab.json", {p: k for k, p in enumerate(order)})
    tokenizer = M2M100Tokenizer(str(vocab), str(spm))
    config = M2M100Config(vocab_size=len(order) + len(tokenizer.lang_token_to_id) + 8, **_FAIRSEQ, **_WIDTH)
    examples = _told(tokenizer, "en", "ru")
    tokenizer.save_pretrained(place)
    spm.unlink()
    tokenizer.spm_file = str(place / "sentencepiece.bpe.model")
    return M2M100ForConditionalGeneration(config), tokenizer, examples


def _nllb(place: Path, _: Any) -> tuple[Any, Any, Any]:
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers
    from transformers import M2M100Config, M2M100ForConditionalGeneration, NllbTokenizer

    made = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True))
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    marks = ["<s>", "<pad>", "</s>", "<unk>"]
    made.train_from_iterator([side for pair in PAIRS for side in pair], trainers.BpeTrainer(vocab_size=300, special_tokens=marks, show_progress=False))
    inside = json.loads(made.to_str())["model"]
    tokenizer = NllbTokenizer(vocab=inside["vocab"], merges=[tuple(m) for m in inside["merges"]])
    config = M2M100Config(vocab_size=len(tokenizer), **_FAIRSEQ, **_WIDTH)
    return M2M100ForConditionalGeneration(config), tokenizer, _told(tokenizer, "eng_Latn", "rus_Cyrl")


def _mbart50(place: Path, _: Any) -> tuple[Any, Any, Any]:
    from transformers import MBart50Tokenizer, MBartConfig, MBartForConditionalGeneration

    spm = _spm(place)
    tokenizer = MBart50Tokenizer(vocab=[("<unk>", 0.0), ("<s>", 0.0), ("</s>", 0.0), *_scored(spm)])
    spm.unlink()
    config = MBartConfig(vocab_size=len(tokenizer), tokenizer_class="MBart50Tokenizer", normalize_before=True, normalize_embedding=True, **_FAIRSEQ, **_WIDTH)
    return MBartForConditionalGeneration(config), tokenizer, _told(tokenizer, "en_XX", "ru_RU")


def _t5(place: Path, family: Any) -> tuple[Any, Any, Any]:
    from transformers import T5Config, T5ForConditionalGeneration, T5Tokenizer

    marks = ("<2ru>", "<2en>") if family == "madlad" else ()
    spm = _spm(place, marks=marks)
    vocab = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *_scored(spm)]
    spm.unlink()
    tokenizer = T5Tokenizer(vocab=vocab, extra_ids=10)
    config = T5Config(
        vocab_size=len(tokenizer), d_model=32, d_kv=16, d_ff=64, num_layers=1, num_decoder_layers=1, num_heads=2, dropout_rate=0.0,
        decoder_start_token_id=0, pad_token_id=0, eos_token_id=1, feed_forward_proj="gated-gelu", tie_word_embeddings=False, n_positions=64,
    )  # fmt: skip
    prompt = "<2ru> " if marks else "translate English to Russian: "
    return T5ForConditionalGeneration(config), tokenizer, [(tokenizer(prompt + en)["input_ids"], tokenizer(ru)["input_ids"]) for en, ru in PAIRS]


def ct2(folder: Path, made: Path, *names: str, precision: str = "float32") -> Path:
    """A CTranslate2 folder of the translator in `made`, as CTranslate2's own command writes it, with the files `names` copied beside."""
    from models.conversion import _Converter

    _Converter(str(made), copy_files=list(names)).convert(str(folder), quantization=precision)
    return folder


def argos(packages: Path, made: Path, source: str, target: str) -> Path:
    """An installed Argos package of the MarianMT translator in `made`."""
    package = packages / f"translate-{source}_{target}-1_0"
    package.mkdir(parents=True)
    _write(package / "metadata.json", {"package_version": "1.0", "from_code": source, "to_code": target})
    shutil.copyfile(made / "source.spm", package / "sentencepiece.model")
    config = ct2(package / "model", made) / "config.json"
    _write(config, {**json.loads(config.read_text("utf-8")), "add_source_eos": True})  # as their training tool writes it
    return package


def embedded(folder: Path, made: Path) -> Path:
    """The folder of our own translator, of the MarianMT translator in `made` with the marks >>ru<< and >>en<<."""
    place = ct2(folder / "embedded", made)
    shutil.copyfile(made / "source.spm", place / "spm.model")
    _write(place / "card.json", {"name": "embedded", "languages": [["en", "ru"], ["ru", "en"]], "bleu": {"en-ru": 21.0, "ru-en": 24.0}, "licence": "MIT"})
    return place


def hub(home: Path, made: Path, name: str) -> Path:
    """The cache layout of the hub under HF_HOME=`home` for a model called `name`; the snapshot."""
    place = home / "hub" / f"models--{name.replace('/', '--')}"
    revision = "0123456789abcdef0123456789abcdef01234567"
    (place / "refs").mkdir(parents=True)
    (place / "refs" / "main").write_text(revision)
    return Path(shutil.copytree(made, place / "snapshots" / revision))
