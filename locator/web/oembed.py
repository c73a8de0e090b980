"""oEmbed 1.0 (oembed.com): who is given the address of a page of ours learns how to show its map."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

from flask import Blueprint, Response, current_app, request, url_for
from werkzeug.exceptions import HTTPException

from locator.errors import LocatorError, NotFound, QueryError
from locator.translation import LANGUAGES, N_, Translator, translator
from locator.web.answers import json_bytes
from locator.web.data import data
from locator.web.embedding import Embedded, read_embedded
from locator.web.language import page_translator
from locator.web.params import Kind, Parameter, read_parameters
from locator.web.problems import problem_json
from locator.web.published import published
from locator.web.snippets import HEIGHT_PX, WIDTH_PX, arguments_of, iframe_code

__all__ = ["blueprint"]

blueprint = Blueprint("oembed", __name__)

_FORMATS = {"json": "application/json", "xml": "text/xml"}
_CACHE_AGE_S = 3_600
# XML 1.0, section 2.2: characters that no document may have.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SIZES: tuple[Parameter, ...] = tuple(
    Parameter(name=name, kind=Kind.COUNT, low=100, help=N_("at most so many pixels"))
    for name in ("maxwidth", "maxheight")
)
_PAGES = ("finder.finder_page", "maps.station_map_page", "stations.station_page")


@blueprint.app_context_processor
def discovery() -> dict[str, str]:
    """Give the pages that can be shown elsewhere the address that says how (section 4 of the specification)."""
    # What is a file cannot answer how large its map is to be.
    if request.endpoint not in _PAGES or published() is not None:
        return {"oembed": ""}
    return {"oembed": url_for("oembed.oembed", url=request.url, _external=True)}


@blueprint.get("/oembed")
def oembed() -> Response:
    """Answer with how the page of an address is shown, as JSON or XML."""
    wanted = request.args.get("format", "json")
    if wanted not in _FORMATS:
        # Section 2.3.5: 501 where the provider cannot answer in the format that was asked for.
        return _problem(HTTPStatus.NOT_IMPLEMENTED, "format", page_translator()(N_("There is JSON and XML.")))
    try:
        answer = _answer(request.args)
    except LocatorError as error:
        # Section 2.3.5: 404 where the provider has nothing for the address.
        status = HTTPStatus.NOT_FOUND if isinstance(error, NotFound) else HTTPStatus.BAD_REQUEST
        return _problem(status, error.field, error.text(page_translator()))
    body = json_bytes(answer) if wanted == "json" else _xml(answer)
    response = Response(body, mimetype=_FORMATS[wanted])
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = f"public, max-age={_CACHE_AGE_S}"
    return response


def _answer(values: Mapping[str, str]) -> dict[str, Any]:
    sizes = {name: values[name] for name in ("maxwidth", "maxheight") if name in values}
    read = read_parameters(sizes, _SIZES, zone="UTC").values
    width, height = min(WIDTH_PX, read.get("maxwidth", WIDTH_PX)), min(HEIGHT_PX, read.get("maxheight", HEIGHT_PX))
    if not values.get("url"):
        raise QueryError(
            N_("is missing"), field="url", mend=N_("give it, such as {example}"),
            example=url_for("finder.finder_page", _external=True),
        )  # fmt: skip
    asked, language = _asked(values["url"])
    translate = translator(language) if language else page_translator()
    title = _title(asked, translate)
    return {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "provider_name": translate("Stations"),
        "provider_url": url_for("finder.finder_page", _external=True),
        "cache_age": _CACHE_AGE_S,
        "html": iframe_code(arguments_of(asked, language), title, width=width, height=height),
        "width": width,
        "height": height,
    }


def _title(asked: Embedded, translate: Translator) -> str:
    snapshot = data().snapshot()
    row = snapshot.row_of(asked.station) if asked.station else None
    return snapshot.stations[row].name if row is not None else translate("Station map")


def _asked(address: str) -> tuple[Embedded, str]:
    """Return the map that shows the page of an address, and its language.

    Raises
    ------
    NotFound
        The address is none of ours, or nothing that can be shown.
    """
    parts = urlsplit(address)
    path = parts.path.removeprefix(request.script_root)
    if parts.scheme not in ("http", "https") or parts.netloc.lower() != request.host.lower():
        raise _nothing(address)
    try:
        endpoint, within = current_app.url_map.bind("").match(path or "/")
    except HTTPException:
        raise _nothing(address) from None
    arguments = {name: values[0] for name, values in parse_qs(parts.query).items()}
    language = arguments.get("lang", "")
    chosen = _embedded(endpoint, within, arguments, address)
    return read_embedded(chosen, zone=data().snapshot().zone), language if language in LANGUAGES else ""


def _embedded(
    endpoint: str, within: Mapping[str, Any], arguments: Mapping[str, str], address: str
) -> dict[str, str]:
    """Return the parameters of the map that shows what a page of ours shows."""
    if endpoint == "embed.map_frame":
        return dict(arguments)
    if endpoint not in _PAGES:
        raise _nothing(address)
    if endpoint == "finder.finder_page":
        names = {"needs": "needs", "open": "open_now", "h24": "h24"}
        return {ours: arguments[theirs] for theirs, ours in names.items() if theirs in arguments}
    code = within.get("code") or arguments.get("station", "")
    if code and data().snapshot().row_of(code) is None:
        raise _nothing(address)
    return {"station": code} if code else {}


def _nothing(address: str) -> NotFound:
    return NotFound(
        N_("is no page of this site that can be shown elsewhere"), field="url", value=address,
        mend=N_("give the address of the finder, the map or a station"),
    )  # fmt: skip


def _problem(status: HTTPStatus, parameter: str, detail: str) -> Response:
    return Response(problem_json(status, detail, parameter), status, mimetype="application/problem+json")


def _xml(answer: Mapping[str, Any]) -> bytes:
    root = ET.Element("oembed")
    for name, value in answer.items():
        ET.SubElement(root, name).text = _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", str(value))
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written
