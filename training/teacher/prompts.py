r"""What the teacher reads: <bos>English:␣source\nRussian: and it goes on with ␣target<eos>, or the other way round. As in models/gemma.py, in ids."""

from __future__ import annotations

from tokenizers import Tokenizer

PAD, EOS, BOS, UNK = 0, 1, 2, 3
NAMES = {"en": "English:", "ru": "Russian:"}


class Prompts:
    """Ids of the words around a sentence; sentences are tokenised with a space in front."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.name = {language: tokenizer.encode(name).ids for language, name in NAMES.items()}
        self.line = tokenizer.encode("\n").ids

    def __call__(self, source: list[int], language: str, other: str) -> list[int]:
        """Ids of a source sentence -> ids of the whole prompt."""
        return [BOS, *self.name[language], *source, *self.line, *self.name[other]]
