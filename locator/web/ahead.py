"""The one question that is asked most, answered before Flask is asked: `GET /api/v1/nearest`.

Flask's routing takes longer than the search. What is asked plainly is read, answered and headed here by the same
functions as in the route; whatever is unusual or wrong goes on to it, so that there is one place that refuses.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from flask import Flask

from locator.errors import LocatorError
from locator.translation import LANGUAGES, translator
from locator.web.data import Data
from locator.web.headers import NEAREST_HEADERS
from locator.web.language import accepted_language
from locator.web.nearest import NEAREST_TYPE, nearest_body

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["answer_ahead"]

_PATH = "/api/v1/nearest"


def answer_ahead(app: Flask, data: Data) -> WSGIApplication:
    """Return a WSGI application that answers plain questions for the nearest, and leaves the rest to another."""
    behind = app.wsgi_app
    hosts = frozenset(app.config["TRUSTED_HOSTS"] or ())
    default = str(app.config["LANGUAGE"])

    def ahead(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != _PATH or environ["REQUEST_METHOD"] != "GET" or "HTTP_COOKIE" in environ:
            return behind(environ, start_response)
        asked = _plainly_asked(environ.get("QUERY_STRING", ""))
        if asked is None or (hosts and environ.get("HTTP_HOST") not in hosts):
            return behind(environ, start_response)
        language = asked.get("lang") or accepted_language(environ.get("HTTP_ACCEPT_LANGUAGE", ""), default)
        if language not in LANGUAGES:
            return behind(environ, start_response)
        try:
            body = nearest_body(data, asked, translator(language), now=datetime.now(UTC))
        except LocatorError:
            return behind(environ, start_response)
        start_response(
            "200 OK", [("Content-Type", NEAREST_TYPE), ("Content-Length", str(len(body))), *NEAREST_HEADERS]
        )
        return [body]

    return ahead


def _plainly_asked(query: str) -> dict[str, Any] | None:
    """Return the parameters of a query string; None where one is given twice or is no text."""
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
    return asked
