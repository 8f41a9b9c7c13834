"""Projects in one SQLite file: bitexts with their history, and search over all of them. All SQL of the house is here, in `store_file` and in `store_extras`.

An edit is one transaction and durable when `Store.change` returns. Every row has a key that stays and a version: the revision of its project
in which it was last changed. Who edits says which versions they saw; where another was there first, StaleRow brings the newer row.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import time
from typing import Any

from align.bitext import Bitext, Row, Span
from align.lemmas import UNSPACED, lemma_text, lemmas, words
from align.plain_records import changed, dumped, frame, row_from, row_values, with_parts
from align.projects import GAP, Change, Hit, Project, StaleRow, StoreError, Summary, differing, form_spans, marked_spans, places_between, unnumbered
from align.store_file import StoreFile, default_path, storable

__all__ = ["Change", "Hit", "Project", "StaleRow", "Store", "StoreError", "Summary", "default_path"]

OPEN = 4  # bitexts kept in memory


@dataclass(slots=True)
class _Open:
    """A project in memory, right for its revision; places: of its rows in the table; done: steps that can be undone."""

    project: Project
    places: list[int]
    done: int


class Store(StoreFile):
    """One file, made when it is not there. Threads may share a store, processes may share its file. StoreError: not a store, or made by a newer program."""

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        super().__init__(path)
        self._open: dict[int, _Open] = {}

    def save(self, name: str, bitext: Bitext) -> Project:
        """A new project; two may have the same name."""
        with self.transaction() as db:
            cursor = db.execute("INSERT INTO projects (name, created, changed, revision, done) VALUES (?,?,?,1,0)", (storable(name), time(), time()))
            project = int(cursor.lastrowid or 0)
            self._put(db, project, frame(bitext))
            places = [(k + 1) * GAP for k in range(len(bitext))]
            keys = tuple(self._insert(db, project, place, 1, row) for place, row in zip(places, bitext.rows, strict=True))
            made = Project(project, storable(name), 1, bitext, keys, (1,) * len(keys))
        self._keep(_Open(made, places, 0))
        return made

    def _put(self, db: sqlite3.Connection, project: int, parts: Mapping[str, str]) -> None:
        db.executemany("INSERT OR REPLACE INTO parts VALUES (?,?,?)", [(project, name, value) for name, value in parts.items()])

    def load(self, project: int) -> Project:
        """The project as it is now. StoreError when there is none of that number."""
        with self.transaction("DEFERRED") as db:
            return self._current(db, project).project

    def projects(self) -> list[Summary]:
        """All projects, the one changed last first; [] for an empty store."""
        with self.transaction("DEFERRED") as db:
            found = db.execute(
                "SELECT p.id, p.name, (SELECT count(*) FROM rows WHERE project = p.id), changed, h.value FROM projects p"
                " JOIN parts h ON h.project = p.id AND h.name = 'head' ORDER BY changed DESC, p.id DESC"
            ).fetchall()
        out = []
        for number, name, rows, when, head in found:
            codes = json.loads(head)
            out.append(Summary(number, name, rows, when, codes["source_language"], codes["target_language"]))
        return out

    def rename(self, project: int, name: str) -> Project:
        """The project under another name. StoreError for a name without content."""
        if not name.strip():
            raise StoreError("a project needs a name")
        with self.transaction() as db:
            now = self._current(db, project)
            db.execute("UPDATE projects SET name = ? WHERE id = ?", (storable(name.strip()), project))
            made = _Open(replace(now.project, name=storable(name.strip())), now.places, now.done)
        self._keep(made)
        return made.project

    def remove(self, project: int) -> None:
        """The project and all that belongs to it are gone. StoreError when there is none of that number."""
        with self.transaction() as db:
            self._current(db, project)
            db.execute("DELETE FROM words WHERE rowid IN (SELECT key FROM rows WHERE project = ?)", (project,))
            db.execute("DELETE FROM votes WHERE comparison IN (SELECT id FROM comparisons WHERE project = ?)", (project,))
            for table in ("rows", "parts", "steps", "dismissals", "comparisons"):
                db.execute(f"DELETE FROM {table} WHERE project = ?", (project,))
            db.execute("DELETE FROM projects WHERE id = ?", (project,))
            self._open.pop(project, None)

    def change(self, project: int, name: str, edit: Callable[[Bitext, list[int]], Bitext], seen: Sequence[tuple[int, int]] = ()) -> Change:
        """One edit: `edit` gets the bitext as it is and the numbers of the rows that were seen, given as (key, version), and returns the new one.

        Raises StaleRow when one of them has another version or is gone, and whatever `edit` raises; then nothing was changed.
        """
        with self.transaction() as db:
            now = self._current(db, project)
            old = now.project.bitext
            new = edit(old, [self._seen(now.project, key, version) for key, version in seen])
            if new is old:
                return Change(now.project, now.project.revision)
            start, end, tail = differing(old.rows, new.rows)
            before, after = changed(old, new)
            db.execute("DELETE FROM steps WHERE project = ? AND number > ?", (project, now.done))
            rows = [dumped([row_values(r) for r in b.rows[start : len(b) - tail]]) for b in (old, new)]
            db.execute("INSERT INTO steps VALUES (?,?,?,?,?,?,?,?)", (project, now.done + 1, name, start, *rows, dumped(before), dumped(after)))
            found, made = self._write(db, now, new, (start, end, tail), after, now.done + 1)
        self._keep(made)
        return found

    def undo(self, project: int, revision: int) -> Change:
        """One step back. StaleRow when the project is not in that revision any more, StoreError when there is no step."""
        return self._step(project, revision, back=True)

    def redo(self, project: int, revision: int) -> Change:
        """One step forward again. Raises as undo does."""
        return self._step(project, revision, back=False)

    def _step(self, project: int, revision: int, *, back: bool) -> Change:
        with self.transaction() as db:
            now = self._current(db, project)
            if now.project.revision != revision:
                raise StaleRow("the project was changed in another window; it is shown as it is now, and nothing was undone or redone")
            number = now.done if back else now.done + 1
            step = db.execute("SELECT start, before, after, parts_before, parts_after FROM steps WHERE project = ? AND number = ?", (project, number)).fetchone()
            if step is None:
                raise StoreError(f"nothing to {'undo' if back else 'redo'}")
            start, gone, come, parts = (step[0], step[2], step[1], step[3]) if back else (step[0], step[1], step[2], step[4])
            old, wanted = now.project.bitext, json.loads(parts)
            rows = [row_from(values) for values in json.loads(come)]
            new = with_parts(old, wanted).with_rows((*old.rows[:start], *rows, *old.rows[start + len(json.loads(gone)) :]))
            found, made = self._write(db, now, new, differing(old.rows, new.rows), wanted, now.done - 1 if back else now.done + 1)
        self._keep(made)
        return found

    def _write(self, db: sqlite3.Connection, now: _Open, new: Bitext, span: tuple[int, int, int], parts: Mapping[str, str], done: int) -> tuple[Change, _Open]:
        """Stores the rows that differ, and what is in memory afterwards. Rows of the end that only count their sentences anew keep their versions."""
        old, project = now.project.bitext.rows, now.project.id
        revision = now.project.revision + 1
        start, end, tail = span
        stop = len(new) - tail
        while end > start and stop > start and unnumbered(old[end - 1]) == unnumbered(new.rows[stop - 1]):
            end, stop = end - 1, stop - 1
            db.execute("UPDATE rows SET data = ? WHERE key = ?", (dumped(row_values(new.rows[stop])), now.project.keys[end]))
        keys, versions, places = list(now.project.keys), list(now.project.versions), list(now.places)
        kept = min(end, stop)
        for k in range(start, kept):
            if old[k] == new.rows[k]:
                continue
            versions[k] = revision
            db.execute("UPDATE rows SET data = ?, version = ? WHERE key = ?", (dumped(row_values(new.rows[k])), revision, keys[k]))
            if (old[k].source, old[k].target) != (new.rows[k].source, new.rows[k].target):
                db.execute("DELETE FROM words WHERE rowid = ?", (keys[k],))
                self._index(db, keys[k], new.rows[k])
        for key in keys[kept:end]:
            db.execute("DELETE FROM rows WHERE key = ?", (key,))
            db.execute("DELETE FROM words WHERE rowid = ?", (key,))
        fresh = places_between(places[kept - 1] if kept else 0, places[end] if end < len(places) else None, stop - kept)
        if fresh is None:
            places = [(k + 1) * GAP * 16 for k in range(len(places))]
            db.executemany("UPDATE rows SET place = ? WHERE key = ?", list(zip(places, keys, strict=True)))
            fresh = places_between(places[kept - 1] if kept else 0, places[end] if end < len(places) else None, stop - kept) or []
        keys[kept:end] = [self._insert(db, project, place, revision, row) for place, row in zip(fresh, new.rows[kept:stop], strict=True)]
        versions[kept:end] = [revision] * (stop - kept)
        places[kept:end] = fresh
        self._put(db, project, parts)
        db.execute("UPDATE projects SET revision = ?, changed = ?, done = ? WHERE id = ?", (revision, time(), done, project))
        undo, redo = self._names(db, project, done)
        made = Project(project, now.project.name, revision, new, tuple(keys), tuple(versions), undo, redo)
        return Change(made, revision - 1, start, end - start, stop - start), _Open(made, places, done)

    def _insert(self, db: sqlite3.Connection, project: int, place: int, version: int, row: Row) -> int:
        key = int(db.execute("INSERT INTO rows (project, place, version, data) VALUES (?,?,?,?)", (project, place, version, dumped(row_values(row)))).lastrowid or 0)
        self._index(db, key, row)
        return key

    def _index(self, db: sqlite3.Connection, key: int, row: Row) -> None:
        texts = [storable(row.source or ""), storable(row.target or "")]
        db.execute("INSERT INTO words (rowid, source, target, source_lemmas, target_lemmas) VALUES (?,?,?,?,?)", (key, *texts, *map(lemma_text, texts)))

    def _current(self, db: sqlite3.Connection, project: int) -> _Open:
        """The project in memory if it still is what the file has, else read anew."""
        found = db.execute("SELECT revision, done, name FROM projects WHERE id = ?", (project,)).fetchone()
        if found is None:
            raise StoreError(f"there is no project {project}; it may have been removed in another window")
        known = self._open.get(project)
        if known is None or (known.project.revision, known.project.name) != (found[0], found[2]):
            known = self._read(db, project)
            self._keep(known)
        return known

    def _read(self, db: sqlite3.Connection, project: int) -> _Open:
        name, revision, done = db.execute("SELECT name, revision, done FROM projects WHERE id = ?", (project,)).fetchone()
        parts = dict(db.execute("SELECT name, value FROM parts WHERE project = ?", (project,)).fetchall())
        rows = db.execute("SELECT key, version, place, data FROM rows WHERE project = ? ORDER BY place", (project,)).fetchall()
        bitext = with_parts(Bitext((), "", ""), parts).with_rows(tuple(row_from(json.loads(r[3])) for r in rows))
        undo, redo = self._names(db, project, done)
        made = Project(project, name, revision, bitext, tuple(r[0] for r in rows), tuple(r[1] for r in rows), undo, redo)
        return _Open(made, [r[2] for r in rows], done)

    def _names(self, db: sqlite3.Connection, project: int, done: int) -> tuple[str | None, str | None]:
        names = dict(db.execute("SELECT number, name FROM steps WHERE project = ? AND number IN (?, ?)", (project, done, done + 1)).fetchall())
        return names.get(done), names.get(done + 1)

    def _keep(self, opened: _Open) -> None:
        with self._lock:
            self._open.pop(opened.project.id, None)
            self._open[opened.project.id] = opened
            while len(self._open) > OPEN:
                del self._open[next(iter(self._open))]

    def _seen(self, project: Project, key: int, version: int) -> int:
        """The number of a row; StaleRow when it is not the one that was seen."""
        if key not in project.keys:
            raise StaleRow("this row is gone: it was merged or split in another window; the rows are shown as they are now", key)
        at = project.keys.index(key)
        if project.versions[at] != version:
            raise StaleRow(f"row {at} was changed in another window; its newer text is shown, and yours was not saved", key, project.bitext.rows[at], project.versions[at])
        return at

    def dismiss(self, project: int, findings: Mapping[tuple[str, str, str], str]) -> None:
        """Keeps dismissals, as `align.checks.dismiss` makes them; an empty note takes one back."""
        with self.transaction() as db:
            self._current(db, project)
            for finding, note in findings.items():
                if note:
                    db.execute("INSERT OR REPLACE INTO dismissals VALUES (?,?,?)", (project, dumped(finding), storable(note)))
                else:
                    db.execute("DELETE FROM dismissals WHERE project = ? AND finding = ?", (project, dumped(finding)))

    def dismissals(self, project: int) -> dict[tuple[str, str, str], str]:
        """The dismissals of a project, for `align.checks.check`; {} when there are none."""
        with self.transaction("DEFERRED") as db:
            found = db.execute("SELECT finding, note FROM dismissals WHERE project = ?", (project,)).fetchall()
        return {tuple(json.loads(finding)): note for finding, note in found}

    def search(self, query: str, *, forms: bool = True, limit: int = 200) -> list[Hit]:
        """Rows of all projects in which one side has the query, newest first; [] for none and for a query without words.

        forms: all words of the query, in any order and with any ending (Russian and English); else exactly these words in this order. In scripts
        without blanks between words a query is found wherever it stands.
        """
        if UNSPACED.search(query):
            parts = query.split() if forms else [query.strip()]
            lacks = "EXISTS (SELECT 1 FROM json_each(?) WHERE NOT instr(words.{0}, value))"
            where = f"NOT {lacks.format('source')} OR NOT {lacks.format('target')}"
            return self._hits(where, (dumped(parts), dumped(parts), limit), lambda text, _: _found(text, parts))
        wanted = words(query)
        if not wanted:
            return []
        if not forms:
            return self._hits("words MATCH ?", (f"{{source target}} : {_quoted(' '.join(wanted))}", limit), lambda _, marked: marked_spans(marked))
        text = " AND ".join("(" + " OR ".join(_quoted(form) for form in lemmas(word)) + ")" for word in wanted)
        match = f"{{source_lemmas}} : ({text}) OR {{target_lemmas}} : ({text})"
        forms_wanted = {form for word in wanted for form in lemmas(word)}
        return self._hits("words MATCH ?", (match, limit), lambda text, _: form_spans(text, forms_wanted))

    def _hits(self, where: str, values: Sequence[Any], spans: Callable[[str, str], tuple[Span, ...]]) -> list[Hit]:
        """where: a condition on the table `words`, whose values are followed by the limit; spans: of a text and of it with the marks of `marked_spans`."""
        with self.transaction("DEFERRED") as db:
            found = db.execute(
                "SELECT p.id, p.name, h.value, r.key, r.data, highlight(words, 0, char(1), char(2)), highlight(words, 1, char(1), char(2)) FROM words"
                " JOIN rows r ON r.key = words.rowid JOIN projects p ON p.id = r.project JOIN parts h ON h.project = p.id AND h.name = 'head'"
                f" WHERE {where} ORDER BY words.rowid DESC LIMIT ?",
                values,
            ).fetchall()
        hits = []
        for project, name, head, key, data, *marked in found:
            row, codes = row_from(json.loads(data)), json.loads(head)
            places = [spans(text or "", m) for text, m in zip((row.source, row.target), marked, strict=True)]
            hits.append(Hit(project, name, key, row, codes["source_language"], codes["target_language"], places[0], places[1]))
        return hits


def _found(text: str, wanted: Sequence[str]) -> tuple[Span, ...]:
    return tuple(sorted({m.span() for each in wanted for m in re.finditer(re.escape(each), text)}))


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
