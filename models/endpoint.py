"""A chat model behind an OpenAI-compatible server (Ollama, llama.cpp, vLLM, a company's gateway) as a translator: one request a text."""

from __future__ import annotations

import http.client
import json
import os
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from models import ModelError, Translation, listed
from models.families import LANGUAGES

PROMPT = (
    "You are a translator. Translate the user's text from {source} to {target}. Keep numbers, names, dates, links and placeholders as they are. "
    "Answer with the translation only: no notes, no quotation marks around it."
)
REQUESTS = 4  # at a time, where `threads` is 0
AGAIN = (408, 429)  # answers beside the 5xx after which a request is sent again
LONGEST_PAUSE = 60.0  # seconds, whatever the server asks for
_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)|\A.*</think>", re.DOTALL)
_QUOTES = {'"': '"', "“": "”", "«": "»", "„": "“"}


class Endpoint:
    """`address`: http://HOST:PORT/v1#MODEL. `threads`: requests at a time. `pause`: seconds before the first repetition, doubled for the second.

    The key is read from BITEXT_API_KEY, if set, and sent to that host only. Raises ModelError: not such an address. Connects at the first `translate`.
    """

    pairs: frozenset[tuple[str, str]] | None = None

    def __init__(
        self, address: str, *, source: str = "", target: str = "", device: str = "cpu", threads: int = 0,
        progress: Callable[[str], None] | None = None, timeout: float = 120.0, pause: float = 1.0,
    ) -> None:  # fmt: skip
        try:
            parts = urlsplit(address)
            whole = parts.scheme in ("http", "https") and parts.hostname and parts.fragment and "@" not in parts.netloc and (parts.port or 1)
        except ValueError:  # a port that is no number, half a bracket
            whole = False
        if not whole or any(c.isspace() for c in address.partition("#")[0]):
            raise ModelError(f"the address of a server is http://HOST:PORT/v1#MODEL, such as http://localhost:11434/v1#gemma3; given was {address!r}")
        self._url = parts._replace(fragment="", path=parts.path.rstrip("/") + "/chat/completions").geturl()
        self._shown = f"{parts.scheme}://{parts.netloc}{parts.path}"
        self.model = parts.fragment
        self.id = f"endpoint:{self.model}"
        self.threads, self._timeout, self._pause = threads or REQUESTS, timeout, pause
        handlers: list[Any] = [_NoRedirect()]
        if _here(parts.hostname or ""):
            handlers.append(urllib.request.ProxyHandler({}))
        self._opener = urllib.request.build_opener(*handlers)

    def translate(self, texts: Sequence[str], source: str, target: str, *, beam: int = 4, alternatives: int = 0) -> list[Translation]:
        """One result a text, in order; "" without a request for a text without content. `beam` is not used; no scores.

        ModelError: the server cannot be reached, refuses, or answers something else than a chat completion.
        """
        if isinstance(texts, str):
            raise TypeError("translate takes a list of texts; for one text give [text]")
        lines = [" ".join(t.split()) for t in listed(texts)]
        asked = [k for k, line in enumerate(lines) if line]
        out = [Translation("", 0.0)] * len(lines)
        with ThreadPoolExecutor(max_workers=self.threads) as pool:
            for k, found in zip(asked, pool.map(lambda k: self._one(lines[k], source, target, alternatives), asked), strict=True):
                out[k] = found
        return out

    def _one(self, text: str, source: str, target: str, alternatives: int) -> Translation:
        """The best answer is drawn without chance, every alternative with a seed of its own."""
        versions = [self._ask(text, source, target, seed) for seed in range(alternatives + 1)]
        return Translation(versions[0], None, tuple(versions[1:]))

    def _ask(self, text: str, source: str, target: str, seed: int) -> str:
        names = [LANGUAGES[c].name if c in LANGUAGES else c for c in (source, target)]
        messages = [
            {"role": "system", "content": PROMPT.format(source=names[0], target=names[1])},
            {"role": "user", "content": text},
        ]
        body: dict[str, Any] = {"model": self.model, "messages": messages, "temperature": 0.8 if seed else 0.0, "stream": False}
        if seed:
            body["seed"] = seed
        answer = self._post(body)
        try:
            choice = answer["choices"][0]
            content = choice["message"]["content"]
        except (KeyError, IndexError, TypeError) as error:
            raise ModelError(f"the server {self._shown} answered without choices[0].message.content: {json.dumps(answer)[:200]}") from error
        if isinstance(content, list):  # in parts
            content = "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
        if not isinstance(content, str | None):
            raise ModelError(f"the server {self._shown} answered with something else than text: {json.dumps(content)[:200]}")
        if choice.get("finish_reason") == "length":  # cut short: no translation, which the guards say, rather than half of one
            return ""
        return _plain(content or "", text)

    def _post(self, body: dict[str, Any]) -> Any:
        """The answer as JSON; a server's own error (5xx), too many requests and an answer cut off are tried again twice."""
        headers = {"Content-Type": "application/json"}
        if key := _key():
            headers["Authorization"] = f"Bearer {key}"
        request = urllib.request.Request(self._url, json.dumps(body, ensure_ascii=False).encode(), headers)
        for attempt in range(3):
            try:
                with self._opener.open(request, timeout=self._timeout) as response:
                    return json.loads(response.read())
            except urllib.error.HTTPError as error:
                said = " ".join(error.read(2_000).decode("utf-8", "replace").split())[:300]
                if (error.code < 500 and error.code not in AGAIN) or attempt == 2:
                    hint = "; a key is read from BITEXT_API_KEY" if error.code in (401, 403) else ""
                    raise ModelError(f"the server {self._shown} refused model {self.model!r}: {error.code} {said or error.reason}{hint}") from error
                pause = _asked(error)
            except (OSError, ValueError, http.client.HTTPException) as error:
                if not isinstance(error, http.client.IncompleteRead | http.client.RemoteDisconnected) or attempt == 2:
                    why = "did not answer with JSON" if isinstance(error, json.JSONDecodeError) else f"cannot be reached ({getattr(error, 'reason', error)})"
                    raise ModelError(f"the server {self._shown} {why}; is it running, and is the address http://HOST:PORT/v1#MODEL right?") from error
                pause = 0.0
            time.sleep(max(self._pause * 2**attempt, pause))
        raise AssertionError("the last attempt returns or raises")


def _key() -> str:
    """Of BITEXT_API_KEY, "" without one. ModelError, which does not tell it, for one that cannot be sent."""
    key = os.environ.get("BITEXT_API_KEY", "").strip()
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ModelError("the key in BITEXT_API_KEY holds blanks, line ends or letters that no key has; set it again")
    return key


def _asked(error: urllib.error.HTTPError) -> float:
    """Seconds that the server asks to wait, 0 where it does not say."""
    said = (error.headers.get("Retry-After") or "") if error.headers else ""
    return min(float(said), LONGEST_PAUSE) if said.isascii() and said.isdigit() else 0.0


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the key to another host; it is an error instead."""

    def redirect_request(self, *args: Any, **options: Any) -> None:
        return None


def _here(host: str) -> bool:
    """This machine: never through a proxy."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _plain(answer: str, text: str) -> str:
    """One line, without the model's thoughts and without quotation marks that the text has not."""
    line = " ".join(_THOUGHT.sub(" ", answer).split())
    if len(line) > 1 and _QUOTES.get(line[0]) == line[-1] and text[0] not in _QUOTES and not {line[0], line[-1]} & set(line[1:-1]):
        line = line[1:-1].strip()
    return line
