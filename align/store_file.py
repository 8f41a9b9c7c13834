"""The SQLite file of a store: its tables, how an older file gets those of today, and transactions."""

from __future__ import annotations

import os
import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from align.lemmas import lemma_text
from align.projects import StoreError

MIGRATIONS = (  # one script for every schema version; a file of an older one goes through the rest
    """
    CREATE TABLE projects (
      id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, created REAL NOT NULL, changed REAL NOT NULL, revision INTEGER NOT NULL, done INTEGER NOT NULL);
    CREATE TABLE parts (project INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (project, name));
    CREATE TABLE rows (key INTEGER PRIMARY KEY AUTOINCREMENT, project INTEGER NOT NULL, place INTEGER NOT NULL, version INTEGER NOT NULL, data TEXT NOT NULL);
    CREATE INDEX rows_in_order ON rows (project, place);
    CREATE TABLE steps (
      project INTEGER NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, start INTEGER NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
      parts_before TEXT NOT NULL, parts_after TEXT NOT NULL, PRIMARY KEY (project, number)) WITHOUT ROWID;
    CREATE TABLE dismissals (project INTEGER NOT NULL, finding TEXT NOT NULL, note TEXT NOT NULL, PRIMARY KEY (project, finding)) WITHOUT ROWID;
    CREATE VIRTUAL TABLE words USING fts5 (source, target, source_lemmas, target_lemmas, tokenize = 'unicode61 remove_diacritics 0');
    """,
    """
    CREATE TABLE comparisons (id INTEGER PRIMARY KEY AUTOINCREMENT, project INTEGER NOT NULL, made REAL NOT NULL, title TEXT NOT NULL, data TEXT NOT NULL);
    CREATE INDEX comparisons_of_project ON comparisons (project);
    CREATE TABLE votes (comparison INTEGER NOT NULL, row INTEGER NOT NULL, voter TEXT NOT NULL, choice INTEGER, PRIMARY KEY (comparison, row, voter)) WITHOUT ROWID;
    CREATE TABLE terms (source_language TEXT NOT NULL, target_language TEXT NOT NULL, source TEXT NOT NULL, target TEXT NOT NULL,
      PRIMARY KEY (source_language, target_language, source, target)) WITHOUT ROWID;
    """,
    """
    CREATE VIRTUAL TABLE words_with_marks USING fts5 (
      source, target, source_lemmas, target_lemmas, tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co Mn Mc'");
    INSERT INTO words_with_marks (rowid, source, target, source_lemmas, target_lemmas)
      SELECT rowid, source, target, lemma_text(source), lemma_text(target) FROM words;
    DROP TABLE words;
    ALTER TABLE words_with_marks RENAME TO words;
    """,
)
WAIT = 30.0  # seconds for another process to be done with the file
_UNSTORABLE = re.compile("[\x00-\x02\ud800-\udfff]")


def default_path() -> Path:
    """BITEXT_STORE, or a file in the user's data folder."""
    given = os.environ.get("BITEXT_STORE")
    return Path(given) if given else Path.home() / ".local" / "share" / "bitext-workbench" / "projects.sqlite"


class StoreFile:
    """The open file; see `align.store.Store`. Errors of SQLite leave it as StoreError."""

    def __init__(self, path: str | os.PathLike[str] | None) -> None:
        self.path = default_path() if path is None else Path(path)
        self._lock = threading.RLock()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self.path, timeout=WAIT, isolation_level=None, check_same_thread=False)
            self._use_wal()
            self._db.execute("PRAGMA synchronous = FULL")
            self._migrate()
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"{self.path} cannot be used as a store of projects: {error}; give another file in BITEXT_STORE") from error

    def close(self) -> None:
        """Closes the file; the store cannot be used afterwards."""
        with self._lock:
            self._db.close()

    def _use_wal(self) -> None:
        """Write-ahead logging. While several processes begin with a new file, SQLite refuses it at once instead of waiting."""
        until = monotonic() + WAIT
        while True:
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or monotonic() > until:
                    raise
                sleep(0.02)

    def _migrate(self) -> None:
        self._db.create_function("lemma_text", 1, lemma_text, deterministic=True)
        with self.transaction() as db:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version > len(MIGRATIONS):
                raise StoreError(f"{self.path} has schema version {version}, this program knows {len(MIGRATIONS)}; use the newer program, or another file in BITEXT_STORE")
            for script in MIGRATIONS[version:]:
                for statement in filter(str.strip, script.split(";\n")):
                    db.execute(statement)
            db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

    @contextmanager
    def transaction(self, kind: str = "IMMEDIATE") -> Iterator[sqlite3.Connection]:
        """All or nothing; the changes are durable afterwards. StoreError when the file does not take them, cannot be read, or the store is closed."""
        with self._lock:
            try:
                self._db.execute(f"BEGIN {kind}")
                yield self._db
                self._db.execute("COMMIT")
            except BaseException as error:
                with suppress(sqlite3.Error):  # it may be closed
                    if self._db.in_transaction:
                        self._db.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    what = "cannot be read" if kind == "DEFERRED" else "did not take the change, nothing of it was kept"
                    raise StoreError(f"{self.path} {what}: {error}") from error
                raise


def storable(text: str) -> str:
    """What UTF-8 or the search cannot hold, as U+FFFD; lengths stay."""
    return _UNSTORABLE.sub("\ufffd", text)
