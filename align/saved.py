"""The verbs on saved projects: those of `align.workflow`, on bitexts that live in a `Store`. The page and `bitext projects` are thin skins over these.

Every function takes the store first. Where several people work on a project, nobody's work is overwritten in silence: StaleRow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from align import checks, comparison, editing, workflow
from align.bitext import HUMAN, MACHINE, Bitext, Finding, OptionError, Row, main_part
from align.counterparts import counterparts
from align.documents import language_code
from align.projects import Change, Project, StaleRow, StoreError
from align.store import Store
from align.store_extras import KeptComparison, add_terms, cast, keep_comparison, load_comparison, terms, terms_in, votes

Given = Mapping[str, Any]
Progress = Callable[[str], None]
MOST_ENGINES = 4


def whole(given: Given, name: str) -> int:
    """A whole number among named values; OptionError for anything else."""
    value = given.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise OptionError(f"{name} is {value!r}; expected a whole number")
    return value


def words(given: Given, name: str) -> str:
    """A text among named values, "" when there is none; OptionError for anything else."""
    value = given.get(name) or ""
    if not isinstance(value, str):
        raise OptionError(f"{name} is {value!r}; expected text")
    return value


def _cut(given: Given, name: str) -> int | None:
    return None if given.get(name) is None else whole(given, name)


def _side(given: Given) -> Any:
    return words(given, "side")


EDITS: dict[str, Callable[[Bitext, list[int], Given], Bitext]] = {  # verb: what it does to the numbers of the rows that were seen
    "merge": lambda b, r, a: editing.merge(b, min(r), max(r)),
    "split": lambda b, r, a: editing.split(b, r[0], _cut(a, "source_at"), _cut(a, "target_at")),
    "shift": lambda b, r, a: editing.shift(b, r[0], _side(a), whole(a, "count")),
    "unpair": lambda b, r, a: editing.unpair(b, r[0]),
    "edit": lambda b, r, a: editing.edit(b, r[0], _side(a), words(a, "text")),
    "accept": lambda b, r, a: editing.accept(b, r[0]),
    "reject": lambda b, r, a: editing.reject(b, r[0]),
    "lock": lambda b, r, a: editing.lock(b, r[0]),
    "unlock": lambda b, r, a: editing.unlock(b, r[0]),
    "note": lambda b, r, a: editing.set_note(b, r[0], words(a, "text")),
}


def edit(store: Store, project: int, verb: str, seen: Sequence[tuple[int, int]], given: Given | None = None) -> Change:
    """One edit, a key of EDITS, "realign", "undo" or "redo", durable when this returns.

    seen: (key, version) of the rows as the person saw them; given: what the verb needs beside (side, text, count, source_at, target_at, revision).
    """
    given = given or {}
    if verb in ("undo", "redo"):
        return (store.undo if verb == "undo" else store.redo)(project, whole(given, "revision"))
    if verb not in EDITS and verb != "realign":
        raise OptionError(f"no edit {verb!r}; there are {', '.join(EDITS)}, realign, undo, redo")
    if not seen:
        raise OptionError("no row was given")
    if verb == "realign":
        return _realign(store, project, seen[0])
    return store.change(project, verb, lambda bitext, rows: EDITS[verb](bitext, rows, given), seen)


def _realign(store: Store, project: int, seen: tuple[int, int]) -> Change:
    """The sentences around a row, between the locked or accepted ones, are aligned again; it is worked out before the file is locked."""
    old = store.load(project)
    if seen[0] not in old.keys:
        raise StaleRow("this row is gone: it was merged or split in another window; the rows are shown as they are now", seen[0])
    new = editing.realign_around(old.bitext, old.keys.index(seen[0]))

    def unless_changed(bitext: Bitext, _: list[int]) -> Bitext:
        if bitext != old.bitext:  # not by identity: the store reads it anew when others were opened meanwhile
            raise StaleRow("the project was changed while its rows were aligned again; it is shown as it is now, and nothing was aligned")
        return new

    return store.change(project, "realign", unless_changed, [seen])


def describe(store: Store, project: int, *, name: str | None = None, source: str | None = None, target: str | None = None) -> Project:
    """Another name, or other languages, for a project; None leaves what is there. OptionError for what is no language."""
    codes = {"source_language": source, "target_language": target}
    known: dict[str, Any] = {side: language_code(code) for side, code in codes.items() if code is not None}
    if name is not None:
        store.rename(project, name)
    if not known:
        return store.load(project)
    return store.change(project, "languages", lambda bitext, _: bitext if all(getattr(bitext, k) == v for k, v in known.items()) else replace(bitext, **known)).project


def fill(
    store: Store, project: int, engine: str = "auto", *, memory: bool = False, progress: Progress | None = None, cancelled: Callable[[], bool] | None = None
) -> Change:
    """Translates every missing side; rows that people changed meanwhile stay as they are. What is done counts when it is stopped.

    memory: sentences that a saved project has with a human translation are taken from there. The glossary of the store guides the engine.
    """
    old = store.load(project).bitext
    codes = old.source_language, old.target_language
    known = terms(store, old.source_language, old.target_language)
    memories = [(p.name, store.load(p.id).bitext) for p in store.projects() if p.id != project] if memory else []
    done = workflow.fill(old, engine, glossary=[(t.source, t.target) for t in known], memories=memories, progress=progress, cancelled=cancelled)
    made = {(a.source, a.target): replace(b, note=_added(a.note, b.note)) for a, b in zip(old.rows, done.rows, strict=True) if a != b}

    def where_unchanged(bitext: Bitext, _: list[int]) -> Bitext:
        """Rows by what they say: their numbers and sentence ids may have changed meanwhile."""
        if (bitext.source_language, bitext.target_language) != codes:
            raise StaleRow("the languages of the project were changed while it was filled; nothing was filled")
        rows = tuple(_filled(row, made.get((row.source, row.target))) for row in bitext.rows)
        lost = len(made) - len({(a.source, a.target) for a, b in zip(bitext.rows, rows, strict=True) if a is not b})
        more = [f"{lost} translations were not used: their rows were changed meanwhile"] if lost else []
        notes = tuple(dict.fromkeys([*bitext.notes, *(n for n in done.notes if n not in old.notes), *more]))
        if rows == bitext.rows and notes == bitext.notes:
            return bitext
        return replace(bitext, options={**bitext.options, **{k: v for k, v in done.options.items() if k == "filled"}}, notes=notes).with_rows(rows)

    return store.change(project, "fill", where_unchanged)


def _added(before: str, after: str) -> str:
    """What filling put behind a note."""
    return after.removeprefix(before).removeprefix("; ")


def _filled(row: Row, made: Row | None) -> Row:
    """The row with the texts that were made for it, its own ids, lock and note, to which that of `made` is added; as it is where none were, or where it is locked or was accepted."""
    if made is None or row.locked or row.verified:
        return row
    return replace(
        row, source=made.source, target=made.target, origin_source=made.origin_source, origin_target=made.origin_target,
        note="; ".join(part for part in (row.note, made.note) if part),
        similarity=made.similarity, score=None, evidence=None, verified=False,
    )  # fmt: skip


def row_of(now: Project, key: int) -> Row:
    """The row of a key; StoreError when it is gone."""
    if key not in now.keys:
        raise StoreError("this row is gone; it was merged or split since")
    return now.bitext.rows[now.keys.index(key)]


def evidence(store: Store, project: int, key: int) -> dict[str, Any]:
    """Why a row should be believed, as plain values: pairs of places that belong together, glossary terms, similarity and what the aligner knew."""
    now = store.load(project)
    row = row_of(now, key)
    codes = now.bitext.source_language, now.bitext.target_language
    found: dict[str, Any] = {"pairs": counterparts(row, *codes), "similarity": row.similarity}
    if row.source and row.target:
        found["terms"] = [[t.source, t.target, here, there] for t, here, there in terms_in(terms(store, *codes), row.source, row.target)]
    if row.evidence is not None:
        rival = row.evidence.runner_up
        found |= {"length_ratio": row.evidence.length_ratio, "numbers": row.evidence.numbers, "names": row.evidence.names}
        found["rival"] = None if rival is None else [list(rival.source), list(rival.target), rival.score]
    return found


class Checked(NamedTuple):
    """A project as it was checked, what was found, and the glossary and the dismissals that were used."""

    project: Project
    findings: list[Finding]
    glossary: list[tuple[str, str]]
    dismissed: dict[tuple[str, str, str], str]


def findings(store: Store, project: int, known: Checked | None = None) -> Checked:
    """What the checks find, the glossary's among them, with the notes of those that were dismissed; `known` if nothing has changed since."""
    now = store.load(project)
    glossary = [(t.source, t.target) for t in terms(store, now.bitext.source_language, now.bitext.target_language)]
    dismissed = store.dismissals(project)
    if known is not None and (known.project.revision, known.glossary, known.dismissed) == (now.revision, glossary, dismissed):
        return known
    return Checked(now, workflow.check(now.bitext, glossary=glossary, dismissed=dismissed), glossary, dismissed)


def dismiss(store: Store, now: Project, found: Sequence[Finding], key: int, check: str, note: str, reason: str = "") -> None:
    """A finding of a row is dismissed with a note that says why; an empty note takes it back. reason: of that finding, "" = all of this check.

    StoreError when it is not among those found.
    """
    these = [f for f in found if now.keys[f.row] == key and f.check == check and reason in ("", f.reason)]
    if not these:
        raise StoreError("this finding is gone; the row was changed")
    notes = checks.dismiss(these, now.bitext, note) if note.strip() else {checks.key_of(f, now.bitext): "" for f in these}
    store.dismiss(now.id, notes)


def compare(
    store: Store, project: int, engines: Sequence[str], *, first: int = 0, last: int | None = None, turned: bool = False, progress: Progress | None = None
) -> KeptComparison:
    """Rows first to last (None: to the end) by up to MOST_ENGINES engines beside the human version, kept for reading, picking and voting.

    turned: from the target's language into the source's. OptionError: no engine or too many, or rows that are not there.
    """
    names = list(dict.fromkeys(engines))
    if not 1 <= len(names) <= MOST_ENGINES:
        raise OptionError(f"{len(names)} engines were chosen; expected 1 to {MOST_ENGINES}")
    now = store.load(project)
    end = len(now.bitext) - 1 if last is None else last
    if not 0 <= first <= end < len(now.bitext):
        raise OptionError(f"rows {first} to {end} cannot be compared; expected rows within 0 to {len(now.bitext) - 1}, the first not after the last")
    codes = now.bitext.source_language, now.bitext.target_language
    source, target = codes[::-1] if turned else codes
    known = [(t.source, t.target) for t in terms(store, source, target)]
    found = workflow.compare(
        now.bitext.with_rows(now.bitext.rows[first : end + 1]), names, source=source, target=target, glossary=known, progress=progress
    )
    found = replace(found, title=now.name, rows=tuple(replace(row, row=row.row + first) for row in found.rows))
    return keep_comparison(store, project, found, {r.row: (now.keys[r.row], now.versions[r.row]) for r in found.rows})


def sides(kept: KeptComparison, bitext: Bitext) -> tuple[str, str]:
    """("source", "target"), turned when the comparison goes from the target's language into the source's."""
    return ("source", "target") if main_part(kept.comparison.source_language) == main_part(bitext.source_language) else ("target", "source")


def standing(kept: KeptComparison, now: Project) -> dict[int, int]:
    """The places, in the project as it is now, of the rows that were compared; none for a row that is gone.

    A row that was merged or split has another key when undo brings it back: it is known by its text, where no other new row says the same.
    """
    places = {key: k for k, key in enumerate(now.keys)}
    side, compared = sides(kept, now.bitext)[0], {key for key, _ in kept.rows.values()}
    new: dict[str | None, list[int]] = {}
    for k, row in enumerate(now.bitext.rows):
        if now.keys[k] not in compared:
            new.setdefault(getattr(row, side), []).append(k)
    out = {}
    for each in kept.comparison.rows:
        key = kept.rows[each.row][0]
        found = [places[key]] if key in places else new.get(each.source, [])
        if len(found) == 1:
            out[each.row] = found[0]
    return out


def pick(store: Store, number: int, row: int, column: str, here: str | None = None) -> Change:
    """The version of a column of a comparison goes into its row, as the engine's text. here: the text that the person saw in the row.

    StaleRow when the text that was translated has changed, or another text than `here` stands there now.
    """
    kept = load_comparison(store, number)
    compared = next((r for r in kept.comparison.rows if r.row == row), None)
    if compared is None or column not in compared.cells:
        raise OptionError(f"the comparison has no version {column!r} of row {row!r}")
    now = store.load(kept.project)
    from_side, to_side = sides(kept, now.bitext)
    place = standing(kept, now).get(row)
    if place is None or getattr(now.bitext.rows[place], from_side) != compared.source:
        raise StaleRow("the text of this row was changed since the engines were compared; compare again, nothing was taken", kept.rows[row][0])
    key = now.keys[place]
    if here is not None and (getattr(now.bitext.rows[place], to_side) or "") != here:
        raise StaleRow("this row has another text by now than the one that was shown; look at it first, nothing was taken", key)
    cell = compared.cells[column]
    engine = next(c for c in kept.comparison.columns if c.name == column)
    origin = HUMAN if column == HUMAN else f"{MACHINE}{engine.id}"
    seen = key, now.versions[place]

    def taken(bitext: Bitext, rows: list[int]) -> Bitext:
        return editing.take(bitext, rows[0], to_side, cell.text, origin, cell.similarity)  # type: ignore[arg-type]

    return store.change(kept.project, f"take {column}", taken, [seen])


def vote(store: Store, number: int, row: int, choice: int | None, voter: str = "") -> None:
    """Keeps a vote on a row of a comparison: the number of the best option, None = none is better. It replaces the voter's earlier one."""
    cast(store, number, comparison.Vote(row, choice, voter))


def tally(store: Store, number: int) -> comparison.Tally:
    """The votes on a comparison, counted."""
    return comparison.tally(votes(store, number), load_comparison(store, number).ballots)


def learn_terms(store: Store, text: str, source: str, target: str) -> int:
    """Adds the terms of a glossary file's text (source TAB target a line) for a language pair; how many were new. InputError."""
    return add_terms(store, language_code(source), language_code(target), workflow.glossary_of(text, "the glossary"))
