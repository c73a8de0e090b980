"""Errors as the web tells them: one table from kind to status; problem JSON for programs, a page for people."""

from __future__ import annotations

import json
from http import HTTPStatus

from flask import Flask, Response, current_app, render_template, request
from werkzeug.exceptions import HTTPException, SecurityError

from locator.errors import (
    Conflict,
    InvalidValue,
    LocatorError,
    MissingPart,
    NotFound,
    StoreError,
    TooMany,
    Unauthorized,
)
from locator.journal import LOGGER
from locator.translation import N_
from locator.web.forms import wants_page
from locator.web.headers import is_embed
from locator.web.language import page_translator

__all__ = ["answer_problems", "problem_json", "status_of"]

_STATUS: dict[type[LocatorError], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Unauthorized: HTTPStatus.UNAUTHORIZED,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    InvalidValue: HTTPStatus.BAD_REQUEST,
    MissingPart: HTTPStatus.NOT_IMPLEMENTED,
    StoreError: HTTPStatus.SERVICE_UNAVAILABLE,
}

_NO_DATA = N_("The data cannot be read at the moment; please try again later.")
_DETAILS = {
    400: N_("The request cannot be understood."),
    404: N_("There is nothing at this address."),
    405: N_("This address does not answer to that method."),
    413: N_("The request is too large."),
    500: N_("Something went wrong here; it is not your fault."),
}


def answer_problems(app: Flask) -> None:
    """Answer every error of an application: RFC 9457 to programs, a page in the reader's language to people."""
    app.register_error_handler(LocatorError, _locator_error)
    app.register_error_handler(HTTPException, _http_error)


def status_of(error: LocatorError) -> HTTPStatus:
    """Return the status that answers a kind of error."""
    return next((s for kind, s in _STATUS.items() if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)


def problem_json(status: HTTPStatus, detail: str, parameter: str = "") -> str:
    """Return a problem as RFC 9457 writes it; `parameter` names what was asked wrongly."""
    # Section 4.2.1: without a type of its own, about:blank, and the title is the status phrase.
    problem = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
    if parameter:
        problem["parameter"] = parameter
    return json.dumps(problem, ensure_ascii=False)


def _locator_error(error: LocatorError) -> Response:
    if isinstance(error, StoreError):
        # Where the database is, and what is wrong with it, is for whoever runs the server.
        LOGGER.error("the data cannot be read: %s", error)
        return _answer(status_of(error), page_translator()(_NO_DATA), "")
    response = _answer(status_of(error), error.text(page_translator()), error.field)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after_s)
    elif isinstance(error, Unauthorized):
        # RFC 9110, section 11.6.1: a 401 says how to do better.
        response.headers["WWW-Authenticate"] = 'Bearer realm="api"'
    return response


def _http_error(error: HTTPException) -> Response:
    if error.response is not None or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return current_app.make_response(error.get_response())
    if isinstance(error, SecurityError) and wants_page():
        # Asked by a host name that is not trusted, we know no address of our own, which a page needs.
        return Response(error.name, error.code, mimetype="text/plain")
    response = _answer(HTTPStatus(error.code), page_translator()(_DETAILS.get(error.code, "")), "")
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response


def _answer(status: HTTPStatus, detail: str, parameter: str) -> Response:
    if not wants_page():
        return Response(problem_json(status, detail, parameter), status, mimetype="application/problem+json")
    template = "embed_problem.html" if is_embed(request.path) else "problem.html"
    return Response(render_template(template, status=status, detail=detail), status)
