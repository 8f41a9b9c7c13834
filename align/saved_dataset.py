"""Saved projects -> a data set with its card, as `bitext corpus build` makes it from folders, and on to the Hugging Face Hub."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from align.bitext import AlignOptions, InputError, OptionError
from align.corpus import CorpusOptions, open_job, write_part
from align.corpus_rows import rows_of_bitext
from align.dataset import build
from align.dataset_files import push
from align.dataset_records import BuildOptions
from align.pairing import DocumentPair, PairOptions
from align.store import Store
from align.version import program_version


def build_dataset(store: Store, projects: Sequence[int], out: Path, options: BuildOptions | None = None, *, accepted: bool = False) -> dict[str, Any]:
    """The data set `out` of these projects, one document each; the report, as in report.json.

    accepted: only rows that a person accepted; else those that pass the filters of `options`. The projects must be of one language pair.
    OptionError: no project, or several language pairs; InputError: no row was kept.
    """
    if not projects:
        raise OptionError("no project was chosen; expected one or more")
    with TemporaryDirectory() as folder:
        _work(store, projects, Path(folder), accepted)
        return build(Path(folder), out, options or BuildOptions(validation=0.0, test=0.0))


def push_projects(
    store: Store, projects: Sequence[int], name: str, token: str | None, options: BuildOptions | None = None, *, accepted: bool = False, private: bool = True
) -> tuple[str, int]:
    """Build the data set of these projects and upload it to the Hub as OWNER/NAME; (its address, its rows). Raises as `build_dataset` and `push` do; nothing stays here."""
    with TemporaryDirectory() as folder:
        out = Path(folder) / (name.split("/")[-1] or "dataset")
        options = replace(options or BuildOptions(validation=0.0, test=0.0), kept_only=True)  # rows that were left out are nobody's business
        report = build_dataset(store, projects, out, options, accepted=accepted)
        return push(out, name, token=token, private=private), int(report["kept"])


def _work(store: Store, projects: Sequence[int], work: Path, accepted: bool) -> None:
    """A work folder of one aligned shard, as `bitext corpus align` leaves it."""
    pairs, rows = [], []
    codes: tuple[str, str] | None = None
    encoder = ""
    for number in projects:
        project = store.load(number)
        bitext = project.bitext
        own = bitext.source_language, bitext.target_language
        if codes not in (None, own):
            raise OptionError(f"“{project.name}” is {'-'.join(own)}, others are {'-'.join(codes or own)}; expected projects of one language pair")
        codes, encoder = own, bitext.encoder or encoder
        sources = [document.source or "" if document else "" for document in (bitext.source_document, bitext.target_document)]
        pair = DocumentPair(f"{number}: {project.name}", Path(sources[0]).name, Path(sources[1]).name, *own, "by hand", 1.0)
        about = {
            "document_id": pair.id, "source_language": own[0], "target_language": own[1], "source_path": pair.source, "target_path": pair.target,
            "pairing": pair.by, "pairing_confidence": 1.0, "verdict": bitext.verdict.kind if bitext.verdict else "",
        }  # fmt: skip
        found = [row for row in rows_of_bitext(bitext, about) if row["verified"] or not accepted]
        rows += [row | {"note": None} | ({"score": 1.0} if row["verified"] else {}) for row in found]  # notes are of those who work on it
        pairs.append(pair)
    if not rows:
        raise InputError(f"{'no row is accepted yet' if accepted else 'there are no rows'} in {len(projects)} project{'' if len(projects) == 1 else 's'}; nothing to publish")
    options = CorpusOptions(encoder=encoder or "by hand", size=len(pairs), pairing=PairOptions(), aligning=AlignOptions())
    plan = {"folder": "", **options.as_dict(), "pairs": len(pairs), "unpaired": 0, "version": program_version()}
    (work / "plan.json").write_text(json.dumps(plan), "utf-8")
    (work / "pairs.jsonl").write_text("".join(json.dumps(asdict(pair)) + "\n" for pair in pairs), "utf-8")
    (work / "parts").mkdir()
    write_part(open_job(work), 0, rows)
