"""Texts to pieces and back, and texts to batches: what every engine that works on pieces shares, whatever library runs its network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from models import ModelError, Translation
from models.families import SPECIAL, Frame

BUDGET = 4_096  # pieces of all batches at work, padding and beams included
SPIECE = ("sentencepiece.bpe.model", "spiece.model", "spm.model", "sentencepiece.model")


Answers = Callable[[], list[list[tuple[list[str], float]]]]  # waits for what a batch gives


class Pieces(Protocol):
    """`split`: a text to its pieces, without marks; `join`: pieces to text, special ones left out by the caller."""

    def split(self, text: str) -> list[str]: ...
    def join(self, pieces: list[str]) -> str: ...


class Network(Protocol):
    """Framed pieces -> for each text its `alternatives` + 1 translations, best first, as (pieces, mean log probability).

    `workers`: batches that are at work side by side, 1 or more; `start` need not wait for the batch.
    """

    workers: int

    def start(self, sources: list[list[str]], forced: tuple[str, ...], *, beam: int, alternatives: int, longest: int) -> Answers: ...


class SentencePieces:
    """SentencePiece models: one for both sides, or one a side."""

    def __init__(self, source: Path, target: Path | None = None) -> None:
        from sentencepiece import SentencePieceProcessor

        try:
            self._source = SentencePieceProcessor(model_file=str(source))
            self._target = SentencePieceProcessor(model_file=str(target)) if target else self._source
        except (OSError, RuntimeError) as error:
            raise ModelError(f"{source} cannot be read as a SentencePiece model: {error}") from error

    def split(self, text: str) -> list[str]:
        found: list[str] = self._source.encode(text, out_type=str)
        return found

    def join(self, pieces: list[str]) -> str:
        return str(self._target.decode_pieces(pieces)).replace("▁", " ")


class TokenizerFile:
    """A tokenizer.json of the `tokenizers` library."""

    def __init__(self, path: Path) -> None:
        from tokenizers import Tokenizer

        try:
            self._tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises nothing narrower
            raise ModelError(f"{path} cannot be read as a tokenizer: {error}") from error

    def split(self, text: str) -> list[str]:
        found: list[str] = self._tokenizer.encode(text, add_special_tokens=False).tokens
        return found

    def join(self, pieces: list[str]) -> str:
        decoder: Any = self._tokenizer.decoder
        return str(decoder.decode(pieces)) if decoder else "".join(pieces).replace("▁", " ")


def pieces_in(folder: Path) -> Pieces:
    """The pieces of a model's folder; ModelError when it holds no file that says how texts are cut."""
    if (folder / "source.spm").is_file():
        target = folder / "target.spm"
        return SentencePieces(folder / "source.spm", target if target.is_file() else None)
    if (folder / "tokenizer.json").is_file():
        return TokenizerFile(folder / "tokenizer.json")
    for name in SPIECE:
        if (folder / name).is_file():
            return SentencePieces(folder / name)
    raise ModelError(f"{folder} has no tokenizer; expected source.spm and target.spm, or tokenizer.json, or one of {', '.join(SPIECE)}; copy them from the original model")


def translate_lines(
    texts: Sequence[str], pieces: Pieces, network: Network, frame: Frame, *, limit: int, beam: int, alternatives: int
) -> list[Translation]:
    """One result a text, in order, "" for a text without content.

    A text of more pieces than the model's `limit` is translated part by part and joined: nothing is cut off. Batches hold texts of about equal
    length, all at work BUDGET pieces with their beams; a translation may have twice its source's pieces and 20.
    """
    if isinstance(texts, str):
        raise TypeError("translate takes a list of texts; for one text give [text]")
    room = limit - len(frame.before) - len(frame.after)
    parts: list[list[str]] = []
    owners: list[int] = []
    for number, text in enumerate(texts):
        for part in _parts(_clean(text), pieces, frame, room):
            parts.append(part)
            owners.append(number)
    begun: list[tuple[list[int], Answers]] = []
    for group in _groups([len(p) for p in parts], max(beam, alternatives + 1), network.workers):
        sources = [[*frame.before, *parts[k], *frame.after] for k in group]
        longest = min(2 * max(map(len, sources)) + 20, limit - 1)
        begun.append((group, network.start(sources, frame.forced, beam=beam, alternatives=alternatives, longest=longest)))
    done: list[list[tuple[str, float]]] = [[] for _ in parts]
    for group, answers in begun:
        for k, found in zip(group, answers(), strict=True):
            done[k] = [(_text(pieces, tokens, frame), score) for tokens, score in found]
    return _joined(len(texts), owners, done, [len(p) for p in parts])


def _clean(text: str) -> str:
    return " ".join(text.encode("utf-8", "replace").decode().split())


def _parts(text: str, pieces: Pieces, frame: Frame, room: int) -> list[list[str]]:
    """The pieces of a text, in parts of at most `room`, cut in front of a word where that is possible; the prompt in front of each."""
    if not text:
        return []
    whole = pieces.split(frame.prompt + text)
    if not whole:  # a character that is no text for the model, such as a blank of no width
        return []
    if len(whole) <= room:
        return [whole]
    head = pieces.split(frame.prompt) if frame.prompt else []
    while head and whole[: len(head)] != head:  # a last space may become part of the text's first piece
        head.pop()
    body, out = whole[len(head) :], []
    room -= len(head)
    while len(body) > room:
        cut = next((k for k in range(room, room // 2, -1) if body[k].startswith("▁")), room)
        out.append([*head, *body[:cut]])
        body = body[cut:]
    return [*out, [*head, *body]]


def _groups(lengths: list[int], beam: int, workers: int = 1) -> list[list[int]]:
    """Texts of about equal length, so many that every worker has its share of the room, and of few texts its share of these."""
    room = min(BUDGET, sum(lengths) * beam) / workers
    groups: list[list[int]] = []
    for k in sorted(range(len(lengths)), key=lengths.__getitem__):
        if groups and (len(groups[-1]) + 1) * lengths[k] * beam <= room:
            groups[-1].append(k)
        else:
            groups.append([k])
    return groups


def _text(pieces: Pieces, tokens: list[str], frame: Frame) -> str:
    return " ".join(pieces.join([t for t in tokens if t not in SPECIAL and t not in frame.forced]).split())


def _joined(number: int, owners: list[int], done: list[list[tuple[str, float]]], weights: list[int]) -> list[Translation]:
    out = [Translation("", 0.0)] * number
    mine: dict[int, list[int]] = {}
    for k, owner in enumerate(owners):
        mine.setdefault(owner, []).append(k)
    for owner, own in mine.items():
        texts = [" ".join(filter(None, version)) for version in zip(*([t for t, _ in done[k]] for k in own), strict=True)]
        score = sum(done[k][0][1] * weights[k] for k in own) / sum(weights[k] for k in own)
        out[owner] = Translation(texts[0], min(score, 0.0), tuple(texts[1:]))
    return out


def checked(network: Callable[[], list[Any]], name: str) -> list[Any]:
    """What a library's call gives, its own errors as ModelError with the engine's name (a broken model file, no memory left)."""
    try:
        return network()
    except (RuntimeError, ValueError) as error:
        raise ModelError(f"engine {name!r} failed: {' '.join(str(error).split())[:300]}") from error
