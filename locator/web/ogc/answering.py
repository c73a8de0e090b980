"""How the answers go out: as a page or as JSON, and not at all to who has them already."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar

from flask import Response, current_app, json, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from locator import __version__
from locator.store import Store
from locator.web.data import data
from locator.web.forms import wants_page
from locator.web.language import page_translator
from locator.web.ogc.values import value_text

__all__ = ["JSON", "SCHEMA", "Document", "address", "answered", "form_links", "link", "remembered"]

JSON = "application/json"
SCHEMA = "application/schema+json"

Document: TypeAlias = dict[str, Any]
_Made = TypeVar("_Made")
_MOST_REMEMBERED = 1_000


def answered(
    make: Callable[[Store], Document],
    template: str,
    *,
    mimetype: str = JSON,
    context: Mapping[str, Any] | None = None,
) -> BaseResponse:
    """Answer with a document, in the form and the language that the client wants.

    Parameters
    ----------
    make
        Makes the document; not called where the client has it as it is.
    template
        Shows it to people: it is given `document` and what `context` has.
    mimetype
        Of the JSON form.
    """
    translate = page_translator()
    language = translate.language
    with data().store() as store:
        if wants_page():
            zone = data().snapshot().zone
            page = render_template(
                f"ogc/{template}",
                document=make(store),
                about=store.meta(),
                json_url=_with_form("json"),
                value_text=lambda column, value: value_text(column, value, translate, zone),
                **(context or {}),
            )
            return Response(page, headers={"Content-Language": language})
        tag = _tag(store.stamp(), language)
        if not request.if_none_match.star_tag and request.if_none_match.contains_weak(tag):
            response: BaseResponse = Response(status=304)
        else:
            response = Response(json.dumps(make(store)), content_type=mimetype)
    response.headers["Content-Language"] = language
    response.set_etag(tag)
    return response.make_conditional(request)


def remembered(store: Store, key: tuple[str, ...], make: Callable[[], _Made]) -> _Made:
    """Return what `make` makes, once in each state of the data: a count that every page of features tells."""
    memory: dict[tuple[str, tuple[str, ...]], Any] = current_app.extensions.setdefault("ogc", {})
    kept = store.stamp(), key
    found = memory.get(kept)
    made: _Made = make() if found is None else found
    if len(memory) >= _MOST_REMEMBERED:
        memory.clear()
    memory[kept] = made
    return made


def address(endpoint: str, **values: str) -> str:
    """Return the whole address of one of our pages."""
    return url_for(f"ogc.{endpoint}", _external=True, **values)


def link(rel: str, href: str, mimetype: str = "", title: str = "") -> dict[str, str]:
    """Return a link; what is not said is left out."""
    said = {"rel": rel, "href": href, "type": mimetype, "title": title}
    return {name: value for name, value in said.items() if value}


def form_links(mimetype: str = JSON) -> list[dict[str, str]]:
    """Return the links of an answer to itself and to its other form."""
    translate = page_translator()
    return [
        link("self", request.url, mimetype, translate("This document")),
        link("alternate", _with_form("html"), "text/html", translate("This document as a page")),
    ]


def _with_form(form: str) -> str:
    """Return the address that is asked for, in another form."""
    values = {**request.args.to_dict(flat=False), "f": [form]}
    return url_for(str(request.endpoint), _external=True, **{**(request.view_args or {}), **values})


def _tag(stamp: str, language: str) -> str:
    """Return the tag of this address in this state of the data.

    Strong although the moment of the answer (`timeStamp`) differs from time to time: it is no part of the data,
    and nothing here is answered in ranges, for which alone every byte must be the same.
    """
    said = f"{__version__} {stamp} {request.url} {language}"
    return hashlib.sha256(said.encode()).hexdigest()[:24]
