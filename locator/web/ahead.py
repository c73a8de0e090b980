"""The one question that is asked most, answered before Flask is asked: `GET /api/v1/nearest`.

Flask's routing takes longer than the search. What is asked plainly is read, counted, answered and headed here by
the same functions as in the route; whatever is unusual or wrong goes on to it, so that there is one place that
refuses.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from flask import Flask
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from locator.translation import LANGUAGES, translator
from locator.web.answers import GEOJSON, WORTH_IT, best_encoding, compressed
from locator.web.data import Data
from locator.web.headers import NEAREST_HEADERS
from locator.web.language import accepted_language
from locator.web.nearest import nearest_body, question_of
from locator.web.quotas import Quotas
from locator.web.watching import note, request_id

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

__all__ = ["answer_ahead"]

_PATH = "/api/v1/nearest"
# With one of these a request is not plain: it shows a key, or a language that was chosen before.
_UNUSUAL = ("HTTP_COOKIE", "HTTP_AUTHORIZATION", "HTTP_X_API_KEY")


def answer_ahead(app: Flask, data: Data) -> None:
    """Let an application answer plain questions for the nearest before its own routing."""
    behind = app.wsgi_app
    hosts = frozenset(app.config["TRUSTED_HOSTS"] or ())

    def ahead(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = time.perf_counter()
        if environ.get("PATH_INFO") != _PATH or environ["REQUEST_METHOD"] != "GET":
            return behind(environ, start_response)
        asked = _plainly_asked(environ, hosts)
        body = _body(app, data, environ, asked) if asked is not None else None
        if body is None:
            return behind(environ, start_response)
        headers = [("Content-Type", GEOJSON), *NEAREST_HEADERS]
        encoding = _encoding(environ.get("HTTP_ACCEPT_ENCODING", "")) if len(body) >= WORTH_IT else ""
        if encoding:
            body = compressed(body, encoding)
            headers.append(("Content-Encoding", encoding))
        name = request_id(app.config, environ.get("HTTP_X_REQUEST_ID", ""))
        headers += [("Content-Length", str(len(body))), ("X-Request-ID", name)]
        note(app, "GET", _PATH, 200, seconds=time.perf_counter() - began, request_id=name)
        start_response("200 OK", headers)
        return [body]

    app.wsgi_app = ahead  # type: ignore[method-assign]


def _plainly_asked(environ: WSGIEnvironment, hosts: frozenset[str]) -> dict[str, Any] | None:
    """Return the parameters of a request; None where anything about it is unusual."""
    if any(name in environ for name in _UNUSUAL) or (hosts and environ.get("HTTP_HOST") not in hosts):
        return None
    query = environ.get("QUERY_STRING", "")
    if not query.isascii():
        return None
    asked: dict[str, Any] = {}
    try:
        for pair in query.split("&"):
            name, _, value = pair.partition("=")
            if "%" in pair or "+" in pair:
                name, value = unquote_plus(name, errors="strict"), unquote_plus(value, errors="strict")
            if name in asked or not name:
                return None
            asked[name] = value
    except UnicodeDecodeError:
        return None
    return asked if asked.get("lang", "zh") in LANGUAGES else None


def _body(app: Flask, data: Data, environ: WSGIEnvironment, asked: dict[str, Any]) -> bytes | None:
    """Return the answer; None where there is none, for one asks wrongly or too often or we do something wrong.

    The route comes to the same end, and tells of it.
    """
    quotas: Quotas = app.extensions["quotas"]
    try:
        question = question_of(data, asked, now=datetime.now(UTC))
        if quotas.check(environ.get("REMOTE_ADDR", ""), None) is None:
            language = asked["lang"] if "lang" in asked else _language(app, environ)
            return nearest_body(data, question, translator(language))
    except Exception:  # noqa: S110 - whatever it is, it happens again in the route, where errors are answered and logged
        pass
    return None


def _language(app: Flask, environ: WSGIEnvironment) -> str:
    return accepted_language(environ.get("HTTP_ACCEPT_LANGUAGE", ""), str(app.config["LANGUAGE"]))


@lru_cache(maxsize=1_000)
def _encoding(accepted: str) -> str:
    return best_encoding(parse_accept_header(accepted, Accept))
