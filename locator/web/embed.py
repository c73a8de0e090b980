"""The map inside other sites' pages, and the page that makes it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, current_app, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from locator.errors import NotFound, QueryError
from locator.hours import time_zone
from locator.maps.base_maps import NO_BASE, BaseMap
from locator.snapshot import Snapshot
from locator.station import FACILITIES, no_such_station
from locator.translation import LANGUAGES, N_, Translator, translator
from locator.web.bases import map_base
from locator.web.card import Card, card_of
from locator.web.data import data
from locator.web.embedding import EMBED, LISTS, THEMES, Embedded, Shown, choose_stations, read_embedded
from locator.web.headers import EMBEDS
from locator.web.language import page_translator
from locator.web.params import LANG, body_or_arguments
from locator.web.problems import sentences
from locator.web.published import published
from locator.web.selection import CHIPS
from locator.web.snippets import FallbackLink, arguments_of, component_code, frame_address, iframe_code
from locator.wording import distance_text

if TYPE_CHECKING:
    from locator.maps.base import MapPage

__all__ = ["blueprint"]

blueprint = Blueprint("embed", __name__)

_SCRIPT_AGE_S = 3_600
_LISTED_IN_CODE = 5
_LISTED_IN_FILE = 1_000
_WIDTHS_PX = (280, 360, 640)
_WORDS = {
    "locating": N_("Finding where you are…"),
    "denied": N_("Your position is not available."),
    "private": N_("Your position stays on this device."),
    "found": N_("{shown} of {all} stations"),
    "none": N_("No station here has that."),
    "not_shown": N_("{code}: no station of this map has that code. A filter may leave it out."),
}


@dataclass(frozen=True, slots=True)
class _Item:
    """A line of the list: a station's card, and how far it is, if that was asked."""

    card: Card
    distance: str


@blueprint.get(f"{EMBEDS}map")
def map_frame() -> str:
    """Show the map and its list, as they stand inside another page."""
    translate, snapshot, now = page_translator(), data().snapshot(), datetime.now(UTC)
    asked = read_embedded(body_or_arguments(request), zone=snapshot.zone)
    _check_station(snapshot, asked)
    at = now.astimezone(time_zone(snapshot.zone))
    site = published()
    if site is not None:
        return _file(snapshot, translate)
    shown = choose_stations(snapshot, asked, at)
    items = [
        _Item(card_of(snapshot, row, now, translate), "" if metres is None else distance_text(metres))
        for row, metres in shown.listed
    ]
    page, about = _drawn(snapshot, shown, translate, map_base())
    return render_template(
        "embed_map.html",
        page=page,
        about=about,
        asked=asked,
        items=items,
        total=len(shown.rows),
        time=f"{at:%H:%M}",
        words={name: translate(message) for name, message in _WORDS.items()},
    )


def _file(snapshot: Snapshot, translate: Translator) -> str:
    """Return the page without stations: static/js/published-embed.js reads what the address of the file asks."""
    from locator.maps.markers import shown_rows

    asked = Embedded()
    page, about = _drawn(snapshot, Shown(asked, None, shown_rows(snapshot), []), translate, map_base())
    return render_template(
        "embed_map.html",
        page=page,
        about=about,
        asked=asked,
        items=[],
        homes={language: url_for("embed.map_frame", lang=language) for language in LANGUAGES},
        words={name: translate(message) for name, message in _WORDS.items()},
    )


@blueprint.get(f"{EMBEDS}station-map.js")
def element_script() -> BaseResponse:
    """Answer with the script of the element `station-map`, at an address that stays."""
    response = current_app.send_static_file("js/station-map-element.js")
    response.headers["Cache-Control"] = f"public, max-age={_SCRIPT_AGE_S}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response.make_conditional(request)


@blueprint.get("/embed/snapshot.html")
def snapshot_file() -> Response:
    """Answer with the map of this moment as one file, which needs no server."""
    from locator.maps.base import Line, standalone

    snapshot = data().snapshot()
    arguments = body_or_arguments(request)
    asked = read_embedded(arguments, zone=snapshot.zone)
    _check_station(snapshot, asked)
    translate = translator(arguments["lang"]) if arguments.get("lang") else page_translator()
    at = datetime.now(UTC).astimezone(time_zone(snapshot.zone))
    # Opened from a disk a file names no referrer, and some providers refuse that: it has the town's own streets.
    shown = choose_stations(snapshot, replace(asked, limit=_LISTED_IN_FILE), at)
    page, _ = _drawn(snapshot, shown, translate, NO_BASE)
    cards = [card_of(snapshot, row, at, translate) for row, _ in shown.listed]
    lines = [
        Line(card.station.name, str(card.state), card.state_text, card.station.address or card.station.community,
             card.admission)
        for card in cards
    ]  # fmt: skip
    count = translate("{shown} of {all} stations", shown=len(lines), all=len(shown.rows))
    heading = f"{count} · {translate('State at {time}', time=f'{at:%Y-%m-%d %H:%M}')}"
    response = Response(standalone(page, translate.language, listed=lines, heading=heading), mimetype="text/html")
    response.headers["Content-Disposition"] = f'attachment; filename="stations-{at:%Y%m%d-%H%M}.html"'
    return response


@blueprint.get("/embed")
def builder_page() -> tuple[str, int]:
    """Show the page on which a map is put together, and the code that puts it into another page."""
    translate, snapshot = page_translator(), data().snapshot()
    with data().store() as store:
        about, areas = store.meta(), store.areas()
    form = _form()
    asked, problem = Embedded(), ""
    try:
        asked = read_embedded(form, zone=snapshot.zone)
        _check_station(snapshot, asked)
    except (QueryError, NotFound) as error:
        problem = sentences(error, translate)
    return render_template(
        # The page's own script asks for the part that changes.
        "embed_result.html" if request.args.get("part") == "result" else "embed.html",
        about=about,
        form=form,
        problem=problem,
        code=None if problem else _code(snapshot, asked, form.get("lang", ""), about),
        areas=sorted((area.name, _box_text(area.geometry.bounds)) for area in areas),
        facilities={code: translate(FACILITIES[code]) for code in dict.fromkeys((*CHIPS, *FACILITIES))},
        chips=CHIPS,
        languages=LANGUAGES,
        lists=LISTS,
        themes=THEMES,
        widths=_WIDTHS_PX,
        parameters=(*EMBED, LANG),
    ), 400 if problem else 200


def _form() -> dict[str, str]:
    """Return what the builder was asked; `map_lang` is the language of the map, `lang` that of the builder."""
    form = {name: ",".join(value for value in values if value) for name, values in request.args.lists()}
    form.pop("lang", None)
    form.pop("part", None)
    language = form.pop("map_lang", "")
    return {name: value for name, value in ({"lang": language} | form).items() if value}


def _code(snapshot: Snapshot, asked: Embedded, language: str, about: dict[str, Any]) -> dict[str, str]:
    """Return what can be copied, by name."""
    translate = translator(language) if language else page_translator()
    arguments: dict[str, Any] = arguments_of(asked, language)
    town = (about.get("name") or {}).get(translate.language, "")
    title = " · ".join(part for part in (translate("Station map"), town) if part)
    listed = choose_stations(snapshot, asked, datetime.now(UTC)).listed[:_LISTED_IN_CODE]
    links = [
        FallbackLink(
            snapshot.stations[row].name,
            url_for("stations.station_page", code=snapshot.ids[row], _external=True),
        )
        for row, _ in listed
    ]
    address = frame_address(arguments)
    return {
        "address": address,
        "iframe": iframe_code(arguments, title),
        "component": component_code(arguments, title, links),
        "oembed": url_for("oembed.oembed", url=address, _external=True),
        "snapshot": url_for("embed.snapshot_file", **arguments),
        "geojson": _geojson_address(asked, arguments),
    }


def _geojson_address(asked: Embedded, arguments: dict[str, str]) -> str:
    """Return the address of the same stations as data: the nearest to a place, or all."""
    kept: dict[str, Any] = {name: arguments[name] for name in ("needs", "bbox") if name in arguments}
    if asked.near is None:
        return url_for("lists.stations", _external=True, **kept)
    lon, lat = arguments["near"].split(",")
    if asked.h24:
        kept["h24"] = "true"
    return url_for("api.nearest_stations", _external=True, lon=lon, lat=lat, limit=asked.limit, **kept)


def _drawn(
    snapshot: Snapshot, shown: Shown, translate: Translator, base: BaseMap
) -> tuple[MapPage, dict[str, Any]]:
    # Imported here: Folium brings pandas, which the finder does without.
    from locator.maps.stations import View, station_map
    from locator.maps.surroundings import load_surroundings

    asked = shown.asked
    with data().store() as store:
        surroundings = load_surroundings(store)
    page = station_map(
        snapshot,
        shown.at,
        translate,
        surroundings=surroundings,
        station_url=url_for("stations.station_page", code="{id}", lang=translate.language, _external=True).replace(
            "%7Bid%7D", "{id}"
        ),
        base=base,
        rows=shown.rows,
        view=View(
            bbox=asked.bbox, center=asked.center, zoom=asked.zoom, near=asked.near, focus=asked.station,
            wheel=asked.scroll, new_tab=True,
        ),
    )  # fmt: skip
    return page, dict(surroundings.about or {})


def _check_station(snapshot: Snapshot, asked: Embedded) -> None:
    if asked.station and snapshot.row_of(asked.station) is None:
        raise no_such_station(asked.station, field="station")


def _box_text(bounds: tuple[float, ...]) -> str:
    return ",".join(f"{value:.5f}" for value in bounds)
