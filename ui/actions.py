"""What the page can do, in one place: the verbs of align.workflow and align.saved, with jobs that can be watched and stopped."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from align import divergence, formats, saved, workflow
from align.bitext import AlignError, Bitext, Finding, InputError, OptionError, Row
from align.counterparts import counterparts
from align.documents import language_code, read_document
from align.formats.fields import LanguagesUnknown
from align.formats.tables import ALARM
from align.lemmas import lemma_text
from align.saved import whole, words
from align.store import OPEN, Change, Project, Store, StoreError
from align.store_extras import KeptComparison, Term, remove_term
from models.catalogue import working
from ui.received import LARGEST, READABLE, as_sent, file_name, given, received, without_folder

Asked = Mapping[str, Any]
SAMPLE = Path(__file__).resolve().parent.parent / "samples"


_HUB = re.compile(r"[\w.-]+/[\w.-]+")


class Stopped(AlignError):
    """The user stopped the work."""


class Actions:
    """Everything the panels and the API ask for. Errors are those of the verbs; StaleRow when another window was first."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._jobs: dict[str, str] = {}
        self._stopped: set[str] = set()
        self._lock = Lock()
        self._checked: dict[int, saved.Checked] = {}

    def first(self, wanted: int | None) -> Project:
        """The project asked for, else the one changed last, else the sample, which becomes the first project."""
        known = self.store.projects()
        if not known and not SAMPLE.is_dir():
            raise StoreError("no project yet: open two versions of a text under Open")
        if wanted is not None and any(p.id == wanted for p in known):
            return self.store.load(wanted)
        return self.store.load(known[0].id) if known else self.sample()

    def sample(self) -> Project:
        """The statement on the seed vault, aligned."""
        bitext = workflow.files(SAMPLE / "seed-vault.en.html", SAMPLE / "seed-vault.ru.docx", source="en", target="ru")
        return self.store.save("Seed vault (sample)", bitext)

    def samples(self) -> None:
        """What the first screen shows: a statement with both versions and, where an engine works here, one whose other version is a machine's."""
        note = SAMPLE / "harbour-note.en.txt"
        if note.exists() and working("en", "ru"):
            self.store.save("Harbour note (sample, translated here)", workflow.translate(note, source="en", target="ru"))
        if SAMPLE.is_dir():
            self.sample()

    def warm(self) -> None:
        """Loads what the first edit and the first hover would wait for."""
        lemma_text("слова words")
        counterparts(Row("In May 2021", "В мае 2021"), "en", "ru")

    def progress(self, job: str) -> str:
        """What a job is doing, "" when it is done or unknown."""
        return self._jobs.get(job, "")

    def stop(self, job: str) -> None:
        """The job ends at its next step."""
        with self._lock:
            if job in self._jobs:
                self._stopped.add(job)

    def _told(self, job: str) -> Callable[[str], None]:
        """Keeps what a job is doing, without the folders of temporary files."""

        def told(message: str) -> None:
            self._jobs[job] = re.sub(r"\S*[\\/](?=\S)", "", message)

        return told

    def _said(self, job: str, stopped: str) -> Callable[[str], None]:
        """The same, and raises Stopped where the user asked for it."""
        told = self._told(job)

        def said(message: str) -> None:
            if job in self._stopped:
                raise Stopped(stopped)
            told(message)

        return said

    @contextmanager
    def _working(self, job: str, message: str) -> Iterator[None]:
        with self._lock:
            self._jobs[job] = message
        try:
            yield
        finally:
            with self._lock:
                self._jobs.pop(job, None)
                self._stopped.discard(job)

    def open(self, asked: Asked) -> Project:
        """A new project of two texts, two files, a file and a text, or a bitext file. Raises InputError, OptionError, Stopped."""
        job = words(asked, "job")
        said = self._said(job, "stopped, nothing was opened")
        with self._working(job, "reading"):
            name, bitext = self._opened(asked, said)
            said("saving")
            return self.store.save(words(asked, "name").strip() or name, bitext)

    def _opened(self, asked: Asked, said: Callable[[str], None]) -> tuple[str, Bitext]:
        codes = [language_code(code) if (code := words(asked, side).strip()) else None for side in ("source", "target")]
        with tempfile.TemporaryDirectory() as folder, without_folder(folder):
            if asked.get("bitext"):
                path = received(asked["bitext"], Path(folder))
                if path.suffix.lower() not in READABLE:
                    raise InputError(f"{path.name} is no bitext; expected a file that ends in {', '.join(READABLE)}")
                try:
                    return path.name, workflow.read(path, source=codes[0], target=codes[1])
                except LanguagesUnknown as error:
                    raise InputError(f"{path.name} does not say its languages; give them beside the file") from error
            paths = {}
            for side in ("source", "target") if asked.get("target_file") or words(asked, "target_text").strip() or not codes[1] else ("source",):
                place = Path(folder) / side
                place.mkdir()
                paths[side] = given(asked.get(f"{side}_file"), words(asked, f"{side}_text"), side, place)
            if len(paths) == 1:
                bitext = workflow.one_sided(read_document(paths["source"], language=codes[0]), source=codes[0], target=str(codes[1]))
            else:
                bitext = workflow.files(paths["source"], paths["target"], source=codes[0], target=codes[1], progress=said)
        bitext = as_sent(bitext, {side: path.name if asked.get(f"{side}_file") else None for side, path in paths.items()})
        titles = [d.title for d in (bitext.source_document, bitext.target_document) if d is not None and d.title]
        first = words(asked, "source_text").strip().split("\n")[0][:60] if not asked.get("source_file") and not asked.get("target_file") else ""
        return (titles[0] if titles else first or " / ".join(dict.fromkeys(p.name for p in paths.values()))), bitext

    def edit(self, asked: Asked) -> Change:
        """One edit of the rows that the page saw, given as [key, version]; or undo, or redo."""
        if len(words(asked, "text")) > LARGEST:
            raise OptionError(f"the text is longer than {LARGEST:,} characters")
        seen = [(int(key), int(version)) for key, version in asked.get("rows") or []]
        return saved.edit(self.store, whole(asked, "project"), words(asked, "verb"), seen, asked)

    def engines(self, project: int) -> list[str]:
        """The translators that work on this machine for a project's languages; [] for none."""
        bitext = self.store.load(project).bitext
        return working(bitext.source_language, bitext.target_language)

    def allowed(self, name: str, project: int) -> str:
        """An engine's name, if it works here or names a model of the hub; the page loads nothing from a folder or an address."""
        known = self.engines(project)
        if name not in known and (not _HUB.fullmatch(name) or Path(name).exists()):
            raise OptionError(f"engine {name!r} does not work here for these languages; there are {', '.join(known) or 'none'}, and models of the hub as OWNER/NAME")
        return name

    def fill(self, project: int, engine: str, job: str, *, memory: bool = False) -> Change:
        """Translates every missing side; rows that were edited meanwhile stay as they are. What is done counts when it is stopped."""
        self.allowed(engine, project)
        with self._working(job, "loading the engine"):
            return saved.fill(self.store, project, engine, memory=memory, progress=self._told(job), cancelled=lambda: job in self._stopped)

    def compare(self, asked: Asked) -> KeptComparison:
        """Engines over rows, beside the human version; Stopped when the user ended it."""
        project, job = whole(asked, "project"), words(asked, "job")
        names = [self.allowed(str(name), project) for name in asked.get("engines") or []]
        with self._working(job, "beginning"):
            return saved.compare(
                self.store, project, names, first=whole(asked, "first"), last=whole(asked, "last"), turned=bool(asked.get("turned")),
                progress=self._said(job, "stopped, nothing was kept"),
            )  # fmt: skip

    def findings(self, project: int) -> tuple[Project, list[Finding]]:
        """What the checks find, with the notes of those that were dismissed. Those of the last few projects are kept until the rows, the glossary or the dismissals change."""
        checked = saved.findings(self.store, project, self._checked.get(project))
        with self._lock:
            self._checked.pop(project, None)
            self._checked[project] = checked
            while len(self._checked) > OPEN:
                del self._checked[next(iter(self._checked))]
        return checked.project, checked.findings

    def remove(self, project: int) -> None:
        """The project and all that belongs to it are gone, what its checks found too."""
        self.store.remove(project)
        with self._lock:
            self._checked.pop(project, None)

    def dismiss(self, project: int, key: int, check: str, note: str, reason: str) -> None:
        """A finding of a row is dismissed with a note that says why; an empty note takes it back."""
        now, found = self.findings(project)
        saved.dismiss(self.store, now, found, key, check, note, reason)

    def learn(self, text: str, source: str, target: str) -> int:
        """New terms of a glossary file's text; how many."""
        return saved.learn_terms(self.store, text, source, target)

    def forget(self, term: Term) -> None:
        """The term is no longer in the glossary."""
        remove_term(self.store, term)

    def report(self, project: int, kind: str) -> bytes:
        """The divergence report as txt, json or html, without what was dismissed."""
        found = workflow.diverge(self.store.load(project).bitext, dismissed=self.store.dismissals(project))
        return divergence.written(found, kind).encode("utf-8", "surrogatepass")

    def finding_table(self, project: int) -> bytes:
        """All findings as a table, those that were dismissed with the reason."""
        now, found = self.findings(project)
        lines = [["row", "check", "severity", "reason", "source", "target", "dismissed"]]
        for f in found:
            row = now.bitext.rows[f.row]
            lines.append([str(f.row), f.check, f.severity, f.reason, row.source or "", row.target or "", f.note])
        cells = (["'" * cell.startswith(ALARM) + " ".join(cell.split()) for cell in line] for line in lines)  # for a spreadsheet, where a formula would run
        return "".join("\t".join(line) + "\n" for line in cells).encode("utf-8", "surrogatepass")

    def export(self, project: int, form: str) -> list[tuple[str, bytes]]:
        """The files of a project in a format: (name, content)."""
        now = self.store.load(project)
        if form == "findings.tsv":
            return [(f"{file_name(now.name)}.findings.tsv", self.finding_table(project))]
        if form.startswith("report."):
            kind = form.removeprefix("report.")
            return [(f"{file_name(now.name)}.divergence.{kind}", self.report(project, kind))]
        if form not in formats.FORMATS:
            raise OptionError(f"no format {form!r}; there are {', '.join(formats.FORMATS)}")
        with tempfile.TemporaryDirectory() as folder:
            paths = workflow.save(now.bitext, Path(folder) / f"{file_name(now.name)}.{form}", format=form)
            return [(p.name, p.read_bytes()) for p in paths]

    def push(self, asked: Asked) -> tuple[str, int]:
        """A data set of this project, or of all in its languages, goes to the hub: (address, rows). The token is used and forgotten."""
        from align.dataset_records import BuildOptions
        from align.saved_dataset import push_projects

        name = words(asked, "name")
        if not _HUB.fullmatch(name):
            raise OptionError(f"the name is {name!r}; expected OWNER/NAME")
        if not words(asked, "token").strip():
            raise OptionError("no token was given; make one at huggingface.co/settings/tokens, with the right to write")
        now = self.store.load(whole(asked, "project"))
        codes = now.bitext.source_language, now.bitext.target_language
        chosen = [p.id for p in self.store.projects() if (p.source_language, p.target_language) == codes] if asked.get("all") else [now.id]
        options = BuildOptions(
            least={"human": 0.0} if asked.get("machine") else {}, validation=0.0, test=0.0, name=name, license=words(asked, "license") or "unknown",
            sources=f"{len(chosen)} bitext{'' if len(chosen) == 1 else 's'} corrected by hand on the page of the bitext workbench.",
        )  # fmt: skip
        return push_projects(
            self.store, sorted(chosen), name, words(asked, "token").strip(), options, accepted=bool(asked.get("accepted")), private=bool(asked.get("private"))
        )
