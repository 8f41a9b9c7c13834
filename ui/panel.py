"""A panel: fixed HTML and JavaScript of its own, which asks Python through named functions and puts every text on the page as text.

Nothing that a user typed ever gets into a template: Gradio's templates execute what they hold.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

import gradio as gr
from fastapi.responses import Response

from align.bitext import AlignError
from align.saved import words
from align.store import StaleRow
from models import ModelError

Answer = dict[str, Any]


def asset(name: str) -> str:
    """A file of assets/."""
    return (files("ui") / "assets" / name).read_text("utf-8")


def panel(name: str, functions: Mapping[str, Callable[[Mapping[str, Any]], Answer]], *more: str) -> gr.HTML:
    """The panel of assets/NAME.html and assets/NAME.js, which `more` scripts continue; `server.F(asked)` in JavaScript calls function F with an object."""
    return gr.HTML(
        value=None,
        html_template=asset(f"{name}.html"),
        js_on_load="".join(asset(f"{script}.js") for script in (name, *more)),
        apply_default_css=False,
        elem_classes=["panel", f"panel-{name}"],
        server_functions=[_answering(key, function) for key, function in functions.items()],
    )


def watching(progress: Callable[[str], str], stop: Callable[[str], None]) -> dict[str, Callable[[Mapping[str, Any]], Answer]]:
    """The functions `progress` and `stop` of a panel whose jobs take a while: what a job is doing, and its end."""

    def doing(asked: Mapping[str, Any]) -> Answer:
        return {"doing": progress(words(asked, "job"))}

    def end(asked: Mapping[str, Any]) -> Answer:
        stop(words(asked, "job"))
        return {}

    return {"progress": doing, "stop": end}


def _answering(name: str, function: Callable[[Mapping[str, Any]], Answer]) -> Callable[[Any], Response]:
    """The function as the browser calls it: what a user can mend comes back as `refused`, in words."""

    def answer(asked: Any) -> Response:
        try:
            if not isinstance(asked, dict):
                raise AlignError("this call needs one object")
            said = function(asked)
        except StaleRow as error:
            said = {"refused": str(error), "stale": True}
        except (AlignError, ModelError) as error:
            said = {"refused": str(error)}
        except (KeyError, TypeError, ValueError) as error:
            said = {"refused": f"the page asked for something that is not possible ({type(error).__name__}: {error})"}
        return Response(written(said), media_type="application/json")

    answer.__name__ = name
    return answer


def written(said: Answer) -> bytes:
    """JSON; lone surrogates, which UTF-8 cannot hold, stay escaped."""
    try:
        return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(said, separators=(",", ":")).encode()
