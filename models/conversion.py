"""A translation model of transformers as a CTranslate2 folder in the user's cache: made once, then neither torch nor transformers is needed.

The folder also gets the files that cut texts and the facts of the configuration (bitext.json). It is made under a temporary name and renamed
when it is whole; a folder without bitext.json, which is written last, is never used.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import ctranslate2
import torch  # noqa: F401 - its absence is an extra that was not installed; CTranslate2's converter would hide it
import transformers
from ctranslate2.converters import TransformersConverter
from safetensors import SafetensorError

from models.ct2_folder import FACTS
from models.families import facts_of, read_json
from models.int8 import optimize
from models.pieces import SPIECE


class _Converter(TransformersConverter):
    """CTranslate2's converter was written for transformers 4; what version 5 changed is put right here, and a test compares the outputs.

    The tokenizer of M2M100 leaves its language marks out of its vocabulary, the one of mBART-50 has no first mark. The T5 family says that its embeddings are tied whatever the file
    says, which the converter takes to mean that the decoder's outputs are scaled; they are where `scale_decoder_outputs` says so.
    """

    def load_model(self, model_class: Any, model_name_or_path: str, **options: Any) -> Any:
        model = super().load_model(model_class, model_name_or_path, **options)
        config = model.config
        if config.model_type in ("t5", "mt5", "umt5") and int(transformers.__version__.split(".")[0]) >= 5:
            config.tie_word_embeddings = bool(getattr(config, "scale_decoder_outputs", False))
        return model

    def load_tokenizer(self, tokenizer_class: Any, model_name_or_path: str, **options: Any) -> Any:
        tokenizer = super().load_tokenizer(tokenizer_class, model_name_or_path, **options)
        whole = whole_vocabulary(tokenizer)
        tokenizer.get_vocab = lambda: whole
        if tokenizer.bos_token is None:
            tokenizer.bos_token = tokenizer.cls_token or tokenizer.eos_token
        return tokenizer

    def write(self, folder: Path, precision: str) -> None:
        """What `convert` does, with the 8-bit weights of models.int8."""
        spec = self._load()
        spec.validate()
        optimize(spec, precision)
        folder.mkdir()
        spec.save(str(folder))


def whole_vocabulary(tokenizer: Any) -> dict[str, int]:
    """{piece: number} with the marks of languages."""
    return {**tokenizer.get_vocab(), **getattr(tokenizer, "lang_token_to_id", {})}


def convert(path: Path, folder: Path, precision: str) -> None:
    """Make `folder` from the model in `path`. Raises what CTranslate2 and transformers raise when they cannot; nothing is left behind then."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(mkdtemp(prefix=".ct2-", dir=folder.parent))
    try:
        made = temporary / "model"
        try:
            _Converter(str(path)).write(made, precision)
        except SafetensorError as error:  # a pointer of git instead of the weights, a file cut short
            raise OSError(f"its weights cannot be read: {error}") from error
        ctranslate2.Translator(str(made))  # what cannot be loaded is no conversion
        tokenizer = transformers.AutoTokenizer.from_pretrained(path, trust_remote_code=False)
        _copy_pieces(tokenizer, path, made)
        facts = facts_of(read_json(path / "config.json"), read_json(path / "tokenizer_config.json"), whole_vocabulary(tokenizer))
        (made / FACTS).write_text(json.dumps(facts), "utf-8")
        if folder.is_dir() and not (folder / FACTS).is_file():
            shutil.rmtree(folder)
        try:
            os.replace(made, folder)
        except OSError:  # another process was faster
            if not (folder / FACTS).is_file():
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _copy_pieces(tokenizer: Any, path: Path, made: Path) -> None:
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is not None:
        backend.save(str(made / "tokenizer.json"))
        return
    for name in ("source.spm", "target.spm", *SPIECE):
        if (path / name).is_file():
            shutil.copyfile(path / name, made / name)
