"""The one question that is asked most, answered before Flask is asked: `GET /api/v1/nearest`.

Flask's routing takes longer than the search. What is asked plainly is read, counted, answered and headed here by
the same functions as in the route; whatever is unusual or wrong goes on to it, so that there is one place that
refuses.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from flask import Flask
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from locator.translation import LANGUAGES, translator
from locator.web.answers import GEOJSON, WORTH_IT, best_encoding, compressed
from locator.web.data import Data
from locator.web.headers import NEAREST_HEADERS
from locator.web.language import accepted_language
from locator.web.nearest import Question
from locator.web.quotas import Quotas
from locator.web.watching import note, request_id

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

__all__ = ["answer_ahead"]

_PATH = "/api/v1/nearest"
_HEADERS = (("Content-Type", GEOJSON), *NEAREST_HEADERS)
_MOST_KNOWN = {True: 256, False: 16}
"""How many questions are kept that are asked of now, and of other moments: each holds marks of half a megabyte."""
_MOST_SEEN = 1_000
_LONGEST_SEEN = 300


def answer_ahead(app: Flask, data: Data) -> None:
    """Let an application answer plain questions for the nearest before its own routing."""
    app.wsgi_app = _Ahead(app, data)  # type: ignore[method-assign]


class _Ahead:
    """Answers what is asked plainly, and passes on the rest.

    Most of what many people ask is the same but for the place: how a question is read, and what its answer begins
    with, is kept from the second time on for as long as the data stay as they are. Who asks something else each
    time makes nobody keep anything.
    """

    def __init__(self, app: Flask, data: Data) -> None:
        self._app = app
        self._data = data
        self._behind = app.wsgi_app
        self._hosts = frozenset(app.config["TRUSTED_HOSTS"] or ())
        self._known: dict[tuple[str, str], Question] = {}
        self._kept: dict[bool, list[tuple[str, str]]] = {True: [], False: []}
        self._seen: dict[tuple[str, str], None] = {}
        self._snapshot = data.snapshot()
        self._lock = threading.Lock()
        self._is_noted = bool(app.config["LOG_REQUESTS"] or app.config["METRICS"])

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != _PATH or environ["REQUEST_METHOD"] != "GET":
            return self._behind(environ, start_response)
        began = time.perf_counter() if self._is_noted else 0.0
        body = self._body(environ)
        if body is None:
            return self._behind(environ, start_response)
        name = request_id(self._app.config, environ.get("HTTP_X_REQUEST_ID", ""))
        headers = [*_HEADERS, ("X-Request-ID", name)]
        if len(body) >= WORTH_IT and "HTTP_ACCEPT_ENCODING" in environ:
            encoding = _encoding(environ["HTTP_ACCEPT_ENCODING"])
            if encoding:
                body = compressed(body, encoding)
                headers.append(("Content-Encoding", encoding))
        headers.append(("Content-Length", str(len(body))))
        if self._is_noted:
            note(self._app, "GET", _PATH, 200, seconds=time.perf_counter() - began, request_id=name)
        start_response("200 OK", headers)
        return [body]

    def _body(self, environ: WSGIEnvironment) -> bytes | None:
        """Return the answer; None where there is none, for one asks oddly, wrongly or too often, or we err.

        The route comes to the same end, and tells of it.
        """
        # With one of these a request is not plain: it shows a key, or a language that was chosen before.
        if "HTTP_COOKIE" in environ or "HTTP_AUTHORIZATION" in environ or "HTTP_X_API_KEY" in environ:
            return None
        if self._hosts and environ.get("HTTP_HOST") not in self._hosts:
            return None
        try:
            asked = _placed(environ.get("QUERY_STRING", ""))
            if asked is None:
                return None
            lon, lat, rest = asked
            question = self._known.get((rest, environ.get("HTTP_ACCEPT_LANGUAGE", "")))
            if question is None or question.snapshot is not self._data.snapshot():
                question = self._read(environ, rest)
            quotas: Quotas = self._app.extensions["quotas"]
            if question is not None and quotas.check(environ.get("REMOTE_ADDR", ""), None) is None:
                return question.body_from(lon, lat)
        except Exception:  # noqa: S110 - whatever it is, it happens again in the route, where errors are answered and logged
            pass
        return None

    def _read(self, environ: WSGIEnvironment, rest: str) -> Question | None:
        """Return what is asked beside the place, and keep it; None where anything about it is unusual."""
        asked = _plainly_asked(rest)
        if asked is None:
            return None
        accepted = environ.get("HTTP_ACCEPT_LANGUAGE", "")
        language = (
            asked["lang"] if "lang" in asked else accepted_language(accepted, str(self._app.config["LANGUAGE"]))
        )
        somewhere = {"lon": "0", "lat": "0"}
        question = Question.of(self._data, asked | somewhere, translator(language), now=datetime.now(UTC))
        self._keep((rest, accepted), question)
        return question

    def _keep(self, key: tuple[str, str], question: Question) -> None:
        """Keep a question that comes again, unless it has a box, and so marks of its own for every station."""
        with self._lock:
            if self._snapshot is not question.snapshot:
                self._snapshot, self._known, self._seen = question.snapshot, {}, {}
                self._kept = {True: [], False: []}
            if question.query.bbox is not None or len(key[0]) + len(key[1]) > _LONGEST_SEEN:
                return
            if key not in self._seen:
                if len(self._seen) >= _MOST_SEEN:
                    self._seen.clear()
                self._seen[key] = None
                return
            kept = self._kept[question.is_now]
            if key not in self._known:
                kept.append(key)
            if len(kept) > _MOST_KNOWN[question.is_now]:
                self._known.pop(kept.pop(0), None)
            self._known[key] = question


def _placed(query: str) -> tuple[float, float, str] | None:
    """Return longitude, latitude and the rest of a query string; None where they are odd or out of range."""
    # Nearly everybody begins with the place; whoever does not is answered by the route.
    lon, _, others = query[4:].partition("&lat=")
    lat, _, rest = others.partition("&")
    if query[:4] != "lon=" or "+" in query or "_" in lon or "_" in lat:  # a plus is a space there
        return None
    x, y = float(lon), float(lat)
    return (x, y, rest) if -180 <= x <= 180 and -90 <= y <= 90 else None


def _plainly_asked(query: str) -> dict[str, str] | None:
    """Return the parameters beside the place; None where anything about them is unusual."""
    if not query.isascii():
        return None
    asked: dict[str, str] = {}
    for pair in query.split("&") if query else ():
        name, _, value = pair.partition("=")
        if "%" in pair or "+" in pair:
            name, value = unquote_plus(name, errors="strict"), unquote_plus(value, errors="strict")
        if name in asked or name in ("", "lon", "lat"):
            return None
        asked[name] = value
    return asked if asked.get("lang", "zh") in LANGUAGES else None


@lru_cache(maxsize=1_000)
def _encoding(accepted: str) -> str:
    return best_encoding(parse_accept_header(accepted, Accept))
