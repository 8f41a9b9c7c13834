"""What a bitext says of itself beside its rows, as texts by name, for the formats that have a place for it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from align.bitext import Bitext, InputError, Verdict


def about(bitext: Bitext) -> dict[str, str]:
    """encoder, options, version, verdict and notes, each where there is one; options, verdict and notes as JSON."""
    said: dict[str, str] = {}
    if bitext.encoder:
        said["encoder"] = bitext.encoder
    if bitext.options:
        said["options"] = json.dumps(dict(bitext.options), sort_keys=True)
    if bitext.version:
        said["version"] = bitext.version
    if bitext.verdict:
        v = bitext.verdict
        said["verdict"] = json.dumps({"kind": v.kind, "reason": v.reason, "evidence": dict(v.evidence)})
    if bitext.notes:
        said["notes"] = json.dumps(list(bitext.notes))
    return said


def known(said: Mapping[str, str], name: str, notes: Sequence[str] = ()) -> dict[str, Any]:
    """Fields of Bitext from `about`, with further `notes`; names it does not know are passed over. InputError names the file and the value that is broken."""
    found: dict[str, Any] = {}
    for key in ("encoder", "version"):
        if said.get(key):
            found[key] = said[key]
    for key in ("options", "verdict", "notes"):
        if not said.get(key):
            continue
        try:
            value = json.loads(said[key])
            if key == "options":
                found[key] = dict(value)
            elif key == "verdict":
                found[key] = Verdict(value["kind"], value["reason"], {k: float(v) for k, v in value["evidence"].items()})
            else:
                found[key] = tuple(str(v) for v in value)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise InputError(f"{name}: its {key} are {said[key][:60]!r}, which is not the JSON that was expected; take them out") from error
    if notes:
        found["notes"] = tuple(dict.fromkeys((*found.get("notes", ()), *notes)))
    return found
