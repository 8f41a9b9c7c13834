"""What a work folder is to hold: its options, its plan, and who is paired with whom (plan.json, pairs.jsonl, unpaired.jsonl, fills.jsonl; see `align.corpus`)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from align.bitext import AlignOptions, InputError, OptionError
from align.guarded import Worker
from align.looks import listed
from align.missing import engines_of, filling_of, needed, without_version
from align.pairing import DocumentPair, Pairing, PairOptions, Unpaired, pair_folder

Progress = Callable[[str], None]
LONGEST = 604_800  # seconds of a limit


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusOptions:
    """encoder, device: as in models.load_encoder; size: pairs in a shard, 1 or more; limit: seconds for a document, above 0, at most LONGEST.

    fill: the engine that writes missing versions, "auto" for the best one here, "" for none; it has `corpus.PATIENCE` times the limit.
    """

    encoder: str = "use"
    device: str = "cpu"
    size: int = 100
    limit: float = 120.0
    fill: str = ""
    pairing: PairOptions = PairOptions()
    aligning: AlignOptions = AlignOptions()

    def __post_init__(self) -> None:
        if self.size < 1:
            raise OptionError(f"the shard size is {self.size}; expected 1 or more pairs")
        if not 0 < self.limit <= LONGEST:
            raise OptionError(f"the time limit is {self.limit:g}; expected seconds above 0, at most {LONGEST:,} (a week)")

    def as_dict(self) -> dict[str, Any]:
        """What decides the rows of pairs: the device and the time limit do not."""
        return {"encoder": self.encoder, "size": self.size, "pairing": asdict(self.pairing), "aligning": self.aligning.as_dict()}


def prepare(folder: Path, work: Path, options: CorpusOptions | None = None, *, workers: int = 1, again: bool = False, progress: Progress | None = None) -> Pairing:
    """Pair the documents of a folder and write plan.json, pairs.jsonl and unpaired.jsonl; while no file changes, what is there is taken.

    again: pair anew, and read again what could not be read. Where `options.fill` names an engine, fills.jsonl has the documents without a partner that it
    will translate; the work folder keeps that, and the engines that "auto" chose. InputError: no such folder, or the work folder belongs to another folder
    or other options. ModelError: no engine works for what is missing.
    """
    from align.formats import replace_files
    from align.version import program_version

    options = options or CorpusOptions()
    said = progress or (lambda message: None)
    plan = {"folder": str(folder.resolve()), **options.as_dict()}
    old = _same_plan(work, plan)
    listing = hashlib.sha256(repr(listed(folder, work)).encode("utf-8", "replace")).hexdigest()[:24]
    same = old.get("listing") == listing and "languages" in old and not again
    asked, kept = options.fill or old.get("fill", ""), old.get("engines", {}) if options.fill in ("", old.get("fill")) else {}
    one, two = options.pairing.source, options.pairing.target
    if options.fill and one and two and not same:
        engines_of(asked, ((one, two), (two, one)), kept)  # said before any work, where the languages are known
    pairing = paired_before(work, old) if same else _paired(folder, work, options, workers, said)
    engines = engines_of(asked, needed(pairing), {} if again else kept) if options.fill and (pairing.pairs or pairing.unpaired) else kept
    if same and asked == old.get("fill", "") and engines == kept:
        return pairing
    fills = filling_of(pairing, folder, engines)
    lines = [[line_of(asdict(x)) for x in found] for found in (pairing.pairs, pairing.unpaired, fills)]
    about = {
        **plan, "listing": listing, "pairs": len(pairing.pairs), "unpaired": len(pairing.unpaired), "languages": pairing.languages,
        "fill": asked, "engines": engines, "fills": len(fills), "version": program_version(),
    }  # fmt: skip
    names = ("pairs.jsonl", "unpaired.jsonl", "fills.jsonl")
    replace_files([*((work / name, found) for name, found in zip(names, lines, strict=True)), (work / "plan.json", [_text(about) + b"\n"])])
    by = ", ".join(f"{name} ({code})" for code, (_, _, name, _) in engines.items()) or "no engine"
    more = f", {len(fills)} of them to be translated by {by}" if asked else ""
    alone = len(without_version(pairing))
    others = f", {len(pairing.unpaired) - alone} other files (unpaired.jsonl says why)" if len(pairing.unpaired) > alone else ""
    said(f"{len(pairing.pairs)} pairs, {alone} documents without a partner{more}{others}")
    return pairing


def paired_before(work: Path, old: Mapping[str, Any]) -> Pairing:
    pairs, unpaired = lines_of(work / "pairs.jsonl"), lines_of(work / "unpaired.jsonl")
    return Pairing(tuple(DocumentPair(**v) for v in pairs), tuple(Unpaired(**v) for v in unpaired), tuple(old["languages"]))


def _paired(folder: Path, work: Path, options: CorpusOptions, workers: int, said: Progress) -> Pairing:
    said(f"pairing the documents in {folder}")
    settings = {"folder": str(folder), "encoder": options.encoder, "first": options.pairing.first, "device": options.device}
    return pair_folder(folder, work / "looks", lambda: Worker("align.looks:looking", settings, options.limit), options.encoder, options.pairing, workers)


def _text(about: Mapping[str, Any]) -> bytes:
    """A name that is not UTF-8 comes back as it was."""
    try:
        return json.dumps(about, ensure_ascii=False, indent=1).encode()
    except UnicodeEncodeError:
        return json.dumps(about, indent=1).encode()


def line_of(values: Mapping[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def lines_of(path: Path) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {path} ({error}); delete plan.json beside it and run bitext corpus align again") from error


def _same_plan(work: Path, plan: Mapping[str, Any]) -> dict[str, Any]:
    """The old plan of the work folder, {} when it is new; InputError when it was begun with another one."""
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the work folder {work}: {error.strerror}; give another one with -o") from error
    path = work / "plan.json"
    if not path.is_file():
        return {}
    old = plan_of(work)
    for name, value in plan.items():
        if json.loads(json.dumps(value)) != old.get(name):
            raise InputError(f"{work} was begun with {name} = {old.get(name)!r}, now it is {value!r}; give another work folder with -o, or delete this one")
    return old


def plan_of(work: Path) -> dict[str, Any]:
    try:
        found = json.loads((work / "plan.json").read_text("utf-8"))
        if isinstance(found, dict):
            return found
    except FileNotFoundError as error:
        raise InputError(f"{work} holds no plan.json; make it with bitext corpus align FOLDER -o {work}") from error
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {work / 'plan.json'}: {error}") from error
    raise InputError(f"{work / 'plan.json'} is not a plan; delete the work folder and begin again")
