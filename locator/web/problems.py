"""Errors as the web tells them: one table from kind to status; problem JSON for programs, a page for people."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

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
    shortened,
)
from locator.journal import LOGGER
from locator.translation import N_, Translator
from locator.web.data import data
from locator.web.forms import wants_page
from locator.web.headers import is_embed
from locator.web.language import page_translator
from locator.web.published import NOT_FOUND, PublishedApp

__all__ = ["answer_problems", "problem_json", "sentences", "status_of"]

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
    if isinstance(app, PublishedApp):
        app.add_url_rule(f"/{NOT_FOUND}", "nothing_there", _nothing_there)


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


def sentences(error: LocatorError, translate: Translator, *, names_field: bool = True) -> str:
    """Return an error as a page says it to people: what is wrong, then what to do about it.

    Parameters
    ----------
    names_field
        Whether what was not found is named as the parameter that asked for it, for whoever wrote the address.
    """
    value = "" if error.value is None else "“{}”".format(shortened(error.value).strip("'\""))
    what, mend = (translate(text).format(**error.details) for text in (error.reason, error.mend))
    subject = " ".join(part for part in (error.field, value) if part)
    if isinstance(error, NotFound) and not names_field:
        # Of these the reason is a sentence of its own, of the others it goes on from the subject.
        what = translate("{what}: {value}", what=what[:1].upper() + what[1:], value=value) if value else what
    elif subject:
        what = translate("{subject}: {what}", subject=subject, what=what)
    what, mend = what.rstrip(".。"), (mend[:1].upper() + mend[1:]).rstrip(".。")
    return translate("{what}. {mend}.", what=what, mend=mend) if mend else translate("{what}.", what=what)


def _locator_error(error: LocatorError) -> Response:
    translate = page_translator()
    if isinstance(error, StoreError):
        # Where the database is, and what is wrong with it, is for whoever runs the server.
        LOGGER.error("the data cannot be read: %s", error)
        said, status = translate(_NO_DATA), status_of(error)
        return _page(status, said, {}) if wants_page() else _document(status, said)
    if wants_page():
        # Whoever puts a map into a page writes its address, and has to know which part of it is wrong.
        told = sentences(error, translate, names_field=is_embed(request.path))
        response = _page(status_of(error), told, _about())
    else:
        response = _document(status_of(error), error.text(translate), error.field)
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
    status, detail = HTTPStatus(error.code), page_translator()(_DETAILS.get(error.code, ""))
    response = _page(status, detail, _about()) if wants_page() else _document(status, detail)
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response


def _document(status: HTTPStatus, detail: str, parameter: str = "") -> Response:
    return Response(problem_json(status, detail, parameter), status, mimetype="application/problem+json")


def _page(status: HTTPStatus, detail: str, about: dict[str, Any]) -> Response:
    template = "embed_problem.html" if is_embed(request.path) else "problem.html"
    return Response(render_template(template, status=status, detail=detail, about=about), status)


def _about() -> dict[str, Any]:
    """Return whose stations these are; nothing where the database is what cannot be read."""
    try:
        return data().about()
    except LocatorError:
        return {}


def _nothing_there() -> str:
    """Return the page that a web server of files answers with where there is none."""
    status = HTTPStatus.NOT_FOUND
    return render_template(
        "problem.html", status=status, detail=page_translator()(_DETAILS[status.value]), about=_about()
    )
