"""Where the files of a model named by the user lie: a local folder, or a snapshot of the Hugging Face Hub in its usual cache.

Nothing is fetched that the user did not name; HF_HUB_OFFLINE, HF_HOME and HF_ENDPOINT are honoured by huggingface_hub.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from models import ModelError

SMALL = ["*.json", "*.txt", "*.model", "*.vocab", "*.spm", "*.jinja"]
SKIPPED = ["onnx/*", "openvino/*", "*.onnx", "tf_model*", "flax_model*", "rust_model*", "coreml/*"]


def folder(name: str, *, weights: Sequence[str] = ("*.safetensors", "*.bin")) -> Path:
    """The folder with the model's files. `weights`: patterns in order of preference, the first that brings a file is enough.

    Raises ModelError: no such folder, not on the hub, hub not reachable and not in the cache; it says where it was looked for and how to bring it.
    """
    path = Path(name).expanduser()
    if path.is_dir():
        return path
    if name.startswith((".", "/", "~")) or name.count("/") != 1:
        raise ModelError(f"no model {name!r}: there is no such folder, and a model of the hub is named OWNER/NAME")
    from huggingface_hub import constants, snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, RepositoryNotFoundError

    try:
        for pattern in weights:
            found = Path(snapshot_download(name, allow_patterns=[*SMALL, pattern], ignore_patterns=SKIPPED))
            if any(found.rglob(pattern)):
                return found
    except HFValidationError as error:
        raise ModelError(f"{name!r} is not a model name of the hub: {error}") from error
    except RepositoryNotFoundError as error:
        raise ModelError(f"the hub {constants.ENDPOINT} has no model {name!r} that you may read; check the spelling, or log in with `hf auth login`") from error
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
        raise ModelError(
            f"model {name!r} is not in the cache {constants.HF_HUB_CACHE}, and the hub {constants.ENDPOINT} cannot be reached; bring it by hand: "
            f"on a machine with a network run `hf download {name} --local-dir FOLDER`, copy FOLDER here and give its path as the name"
        ) from error
    raise ModelError(f"model {name!r} has no weights that transformers reads ({', '.join(weights)})")


def fingerprint(path: Path, patterns: Sequence[str] = ("*.safetensors", "*.bin")) -> str:
    """12 hex digits that change when the weights in the folder do: a hash of the files' names, sizes, first and last MiB, and of 64 KiB in every 64th part."""
    digest = sha256()
    for file in sorted({f for p in patterns for f in path.rglob(p)}):
        size = file.stat().st_size
        digest.update(f"{file.relative_to(path)} {size}".encode())
        with file.open("rb") as stream:
            for place, length in ((0, 1 << 20), *((size * k // 64, 1 << 16) for k in range(1, 64)), (max(0, size - (1 << 20)), 1 << 20)):
                stream.seek(place)
                digest.update(stream.read(length))
    return digest.hexdigest()[:12]
