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
from locator.web.door_codes import station_of
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
    Parameter(name=name, kind=Kind.COUNT, low=1, help=N_("at most so many pixels"))
    for name in ("maxwidth", "maxheight")
)
_LEAST_PX = {"maxwidth": 200, "maxheight": 150}
"""Where there is less room than this no map can be used: the answer is a link, which has no size."""

_FINDER, _FRAME, _CODE = "finder.finder_page", "embed.map_frame", "codes.station_by_code"
_PAGES = (_FINDER, "maps.station_map_page", "stations.station_page", _FRAME)
# What the finder can be asked, and the map in another page too; the rest of what a link to it asks is left out.
_NAMES = {"needs": "needs", "open": "open_now", "h24": "h24"}
_NO_CHOICE = ("lang", "view")


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
    room = read_parameters(sizes, _SIZES, zone="UTC").values
    if not values.get("url"):
        raise QueryError(
            N_("is missing"), field="url", mend=N_("give it, such as {example}"),
            example=url_for("finder.finder_page", _external=True),
        )  # fmt: skip
    asked, language, left_out = _asked(values["url"])
    translate = translator(language) if language else page_translator()
    title = _title(asked, translate)
    told = {
        "version": "1.0",
        "title": title,
        "provider_name": translate("Stations"),
        "provider_url": url_for("finder.finder_page", _external=True),
        "cache_age": _CACHE_AGE_S,
    }
    if any(room.get(name, least) < least for name, least in _LEAST_PX.items()):
        # Section 2.3.4.3: "The consumer may then provide a link to the resource."
        return told | {"type": "link"}
    # Section 2.2: for what has a size, maxwidth and maxheight "must be respected".
    width, height = min(WIDTH_PX, room.get("maxwidth", WIDTH_PX)), min(HEIGHT_PX, room.get("maxheight", HEIGHT_PX))
    frame = iframe_code(arguments_of(asked, language), title, width=width, height=height)
    told |= {"type": "rich", "html": frame, "width": width, "height": height}
    # Section 2.3.4: "Providers may optionally include any parameters not specified".
    return told | ({"left_out": ",".join(left_out)} if left_out else {})


def _title(asked: Embedded, translate: Translator) -> str:
    snapshot = data().snapshot()
    row = snapshot.row_of(asked.station) if asked.station else None
    return snapshot.stations[row].name if row is not None else translate("Station map")


def _asked(address: str) -> tuple[Embedded, str, list[str]]:
    """Return the map that shows the page of an address, its language, and what of the address it cannot show.

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
    left_out = sorted(set(arguments) - set(_NAMES) - set(_NO_CHOICE)) if endpoint == _FINDER else []
    asked = read_embedded(chosen, zone=data().snapshot().zone)
    return asked, language if language in LANGUAGES else "", left_out


def _embedded(
    endpoint: str, within: Mapping[str, Any], arguments: Mapping[str, str], address: str
) -> dict[str, str]:
    """Return the parameters of the map that shows what a page of ours shows."""
    if endpoint == _FRAME:
        return dict(arguments)
    if endpoint not in (*_PAGES, _CODE):
        raise _nothing(address)
    if endpoint == _FINDER:
        return {ours: arguments[theirs] for theirs, ours in _NAMES.items() if theirs in arguments}
    code = within.get("code") or arguments.get("station", "")
    station = station_of(data().version(), code) if endpoint == _CODE else code
    if code and (not station or data().snapshot().row_of(station) is None):
        raise _nothing(address)
    return {"station": station} if station else {}


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
