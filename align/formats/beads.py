"""Beads: `[source ids]:[target ids]` a line, with `:score` where it is known; the format of vecalign's gold files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from align.bitext import Bead, Bitext, InputError

_LINE = re.compile(r"\[([\d\s,]*)\]\s*:\s*\[([\d\s,]*)\](?:\s*:\s*([-+.\deE]+))?")


def format_beads(beads: Iterable[Bead], scores: bool = True) -> Iterator[str]:
    """Lines with their line feeds; scores with up to four decimals."""
    for bead in beads:
        score = f":{round(bead.score, 4):g}" if scores else ""
        yield f"{list(bead.source)}:{list(bead.target)}{score}\n"


def parse_beads(text: str, name: str = "beads") -> list[Bead]:
    """Beads from text; a bead without a score has 1.0. Blank lines and lines that begin with # are passed over."""
    beads = []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line)
        try:
            if found is None:
                raise ValueError(line)
            sides = [tuple(int(i) for i in found[k].split(",") if i.strip()) for k in (1, 2)]
            beads.append(Bead(sides[0], sides[1], float(found[3]) if found[3] else 1.0))
        except ValueError as error:
            raise InputError(f"{name}, line {number}: {line[:60]!r} is not a bead; expected [0]:[0, 1] or [0]:[0, 1]:0.98") from error
    return beads


def read_beads(path: str | Path) -> list[Bead]:
    """Beads of a file; InputError names the file and what is wrong."""
    try:
        return parse_beads(Path(path).read_text("utf-8"), str(path))
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"cannot read {path}: {error}; expected lines such as [0]:[0, 1]") from error


def dump(bitext: Bitext) -> Iterator[str]:
    """The beads of a bitext's rows."""
    return format_beads([Bead(r.source_ids, r.target_ids, 1.0 if r.score is None else r.score) for r in bitext.rows])
