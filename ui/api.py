"""The verbs by name for programs: Gradio's API. A bitext travels as rows, with the keys that all formats share, or as a file."""

from __future__ import annotations

import html
import tempfile
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import gradio as gr

from align import divergence, workflow
from align.bitext import AlignError, Bitext, InputError, OptionError
from align.documents import detect_language
from align.formats.fields import bitext_of, evidence_of, marks, plain, row_of
from models import ModelError
from models.catalogue import working
from ui.actions import Actions
from ui.received import LARGEST, READABLE, file_name

Call = TypeVar("Call", bound=Callable[..., Any])
MOST_ROWS = 200_000


def add_api(actions: Actions) -> None:
    """Adds the endpoints to the Blocks being built."""
    for function in (align_texts, check, diverge, translate):
        gr.api(_plain_errors(function), api_name=function.__name__, concurrency_limit=2)

    def search(query: str, forms: bool = True, limit: int = 50) -> list[dict[str, Any]]:
        """Rows of all saved projects that have the words of the query on one side. forms: with any ending, Russian and English.

        Example: search("договора") finds "договор".
        """
        if not 1 <= limit <= 1000:
            raise OptionError(f"limit is {limit}; expected 1 to 1000")
        found = actions.store.search(query[:500], forms=forms, limit=limit)
        return [{"project": h.project, "name": h.name, **plain(h.row), "source_spans": h.source_spans, "target_spans": h.target_spans} for h in found]

    def projects() -> list[dict[str, Any]]:
        """The saved projects, the one changed last first. Example: projects()[0]["name"]."""
        return [{"id": p.id, "name": p.name, "rows": p.rows, "source_language": p.source_language, "target_language": p.target_language} for p in actions.store.projects()]

    for named in (search, projects):
        gr.api(_plain_errors(named), api_name=named.__name__)
    _add_file_calls()


def _add_file_calls() -> None:
    """Endpoints that take files: Gradio hands over only what was uploaded to it."""
    with gr.Group(visible=False):
        one, two, out = gr.File(label="source_file"), gr.File(label="target_file"), gr.File(label="file")
        source, target, form = gr.Textbox(label="source"), gr.Textbox(label="target"), gr.Textbox(label="format")
        answer = gr.JSON()

        def converted(file: str | None, format: str, source: str = "", target: str = "") -> str | None:
            with tempfile.TemporaryDirectory() as folder:
                return out.move_resource_to_block_cache(convert(file, format, source, target, folder=Path(folder)))  # Gradio deletes it: delete_cache in app.py

        gr.Button("align").click(_plain_errors(align_files), [one, two, source, target], answer, api_name="align_files", api_description=align_files.__doc__, concurrency_limit=2)
        gr.Button("convert").click(_plain_errors(converted), [one, form, source, target], out, api_name="convert", api_description=convert.__doc__)


def _plain_errors(function: Call) -> Call:
    """What a user can mend becomes Gradio's error, its text as text: Gradio shows messages as HTML."""

    @wraps(function)
    def call(*given: Any, **named: Any) -> Any:
        try:
            return function(*given, **named)
        except (AlignError, ModelError) as error:
            raise gr.Error(html.escape(str(error)), print_exception=False) from error

    return call  # type: ignore[return-value]


def align_texts(source_text: str, target_text: str, source: str = "", target: str = "") -> dict[str, Any]:
    """Pairs two texts sentence by sentence. source, target: language codes, "" = detected.

    Example: align_texts("The river rose. We thank the crews.", "Вода поднялась. Спасибо всем.")["rows"][0]["target"] is "Вода поднялась."
    """
    for name, text in (("source", source_text), ("target", target_text)):
        if len(text) > LARGEST:
            raise InputError(f"the {name} text is longer than {LARGEST:,} characters")
    codes = [given or detect_language(text) or "und" for given, text in ((source, source_text), (target, target_text))]
    return told(workflow.texts(source_text, target_text, source=codes[0], target=codes[1]))


def align_files(source_file: str | None, target_file: str | None, source: str = "", target: str = "") -> dict[str, Any]:
    """Pairs two files (txt, md, html, mhtml, docx, pdf, srt). source, target: language codes, "" = detected.

    Example: align_files(handle_file("statement.en.html"), handle_file("statement.ru.docx"), "", "")
    """
    if not source_file or not target_file:
        raise InputError("two files are needed: source_file and target_file")
    return told(workflow.files(source_file, target_file, source=source or None, target=target or None))


def check(rows: list[dict[str, Any]], source: str, target: str) -> list[dict[str, Any]]:
    """What is doubtful in rows (as align_texts gives them; `source` and `target` suffice), by row.

    Example: check([{"source": "It rose by 4 cm.", "target": "Она поднялась на 5 см."}], "en", "ru")[0]["check"] is "numbers".
    """
    keys = ("row", "check", "severity", "reason", "source_spans", "target_spans", "score", "other")
    return [{key: getattr(f, key) for key in keys} for f in workflow.check(_bitext(rows, source, target))]


def diverge(rows: list[dict[str, Any]], source: str, target: str, kind: str = "json") -> str:
    """What each version omits, adds, moves or changes, as json, txt or html.

    Example: diverge(align_texts(english, russian)["rows"], "en", "ru", "txt")
    """
    return divergence.written(workflow.diverge(_bitext(rows, source, target)), kind)


def translate(text: str, target: str, source: str = "", engine: str = "auto") -> dict[str, Any]:
    """The other version of a text by an engine of this machine, as rows. source: language code, "" = detected; engine: "auto" or a name of `bitext engines`.

    Example: translate("The river rose.", "ru")["rows"][0]["origin_target"] begins with "machine:".
    """
    if not text.strip() or len(text) > LARGEST:
        raise InputError(f"the text has {len(text):,} characters; expected some, and at most {LARGEST:,}")
    code = source or detect_language(text) or "und"
    if engine != "auto" and engine not in working(code, target):
        raise OptionError(f"engine {engine!r} does not work here for {code}-{target}; there are {', '.join(working(code, target)) or 'none'}")
    return told(workflow.translate(text, target=target, source=code, translator=engine))


def convert(file: str | None, format: str, source: str = "", target: str = "", *, folder: Path) -> Path:
    """A bitext file in another format: tmx, xlf, tsv, csv, xlsx, jsonl, parquet, html, docx.

    Example: convert(handle_file("statement.tmx"), "xlsx", "", "")
    """
    if not file:
        raise InputError("a bitext file is needed")
    if Path(file).suffix.lower() not in READABLE:
        raise InputError(f"{Path(file).name} is no bitext; expected a file that ends in {', '.join(READABLE)}")
    paths = workflow.convert(file, folder / f"{file_name(Path(file).stem)}.{file_name(format)}", source=source or None, target=target or None)
    if len(paths) != 1:
        raise OptionError(f"{format} is two files; take another format here")
    return paths[0]


def told(bitext: Bitext) -> dict[str, Any]:
    """A bitext as plain values: rows with the keys of all formats, languages, verdict, notes."""
    verdict = bitext.verdict
    return {
        "source_language": bitext.source_language,
        "target_language": bitext.target_language,
        "verdict": None if verdict is None else {"kind": verdict.kind, "reason": verdict.reason, "evidence": dict(verdict.evidence)},
        "notes": list(bitext.notes),
        "rows": [{**plain(row), **marks(row), "evidence": evidence_of(row)} for row in bitext.rows],
    }


def _bitext(rows: list[dict[str, Any]], source: str, target: str) -> Bitext:
    if not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows) or len(rows) > MOST_ROWS:
        raise InputError(f"rows: expected a list of at most {MOST_ROWS:,} objects with the keys source and target")
    for k, row in enumerate(rows):
        if not {"source", "target"} & row.keys():
            raise InputError(f"row {k} has the keys {', '.join(map(str, row)) or 'of nothing'}; expected source, target or both")
    return bitext_of([row_of(r, f"row {k}") for k, r in enumerate(rows)], source, target, "the call")
