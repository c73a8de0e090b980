"""The map of stations: where each is, what state it is in, what it offers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import folium
import numpy as np
from shapely.geometry.base import BaseGeometry

from locator.hours import STATES
from locator.maps.base import SCRIPTS, STYLES, LocalMap, MapPage, Start, empty_layer, extent, feature
from locator.maps.base_maps import NO_BASE, BaseMap
from locator.maps.markers import Markers, shown_rows
from locator.maps.surroundings import Surroundings
from locator.snapshot import Snapshot
from locator.station import FACILITIES
from locator.translation import Translator

__all__ = ["MOST_SINGLE", "View", "station_map"]

MOST_SINGLE = 500
"""More points than these are gathered into clusters."""

_NEVER = datetime.min.replace(tzinfo=UTC)
_CLUSTERS = "vendor/leaflet.markercluster-1.5.3"
_CLUSTER_STYLES = (STYLES[0], f"{_CLUSTERS}/MarkerCluster.css", *STYLES[1:])
_CLUSTER_SCRIPTS = (SCRIPTS[0], f"{_CLUSTERS}/leaflet.markercluster.js", "js/marker-clusters.js", *SCRIPTS[1:])


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a map shows first, and how it behaves.

    Attributes
    ----------
    bbox
        West, south, east, north in WGS84 degrees; None: all that is drawn.
    center, zoom
        Lon and lat of the middle, and Leaflet's level of zoom; they go before `bbox`.
    near
        Lon and lat of a place that is marked.
    focus
        Id of the station whose popup is open; it goes before all of them.
    wheel
        Whether the wheel zooms; inside another page it scrolls that page instead.
    new_tab
        Whether links open a tab of their own.
    """

    bbox: tuple[float, float, float, float] | None = None
    center: tuple[float, float] | None = None
    zoom: int | None = None
    near: tuple[float, float] | None = None
    focus: str = ""
    wheel: bool = True
    new_tab: bool = False


def station_map(
    snapshot: Snapshot,
    at: datetime | None,
    translate: Translator,
    *,
    surroundings: Surroundings | None = None,
    station_url: str = "",
    focus: str = "",
    base: BaseMap = NO_BASE,
    rows: Sequence[int] | None = None,
    view: View | None = None,
) -> MapPage:
    """Draw stations with their state at a moment.

    Parameters
    ----------
    at
        The moment, with a time zone; None: no station is in it, the page's script brings them with their states.
    surroundings
        What lies beneath: streets, water, areas. Streets and water are drawn where there is no base map.
    station_url
        Address of a station's page with `{id}` in it; empty: popups have no link.
    focus
        Id of the station to begin with; empty: all are in view. A `view` has its own.
    base
        The base map. Everything is drawn in its datum.
    rows
        The stations; None: all that are not closed for good.
    """
    surroundings, view = surroundings or Surroundings(), view or View(focus=focus)
    rows = shown_rows(snapshot) if rows is None else rows
    # Without a moment there are none: the page's script brings them.
    marked = [] if at is None else rows
    markers = Markers(snapshot, at or _NEVER, translate, base, station_url=station_url)
    features = markers.features(marked)
    about = surroundings.about or {}
    is_clustered = len(rows) > MOST_SINGLE
    name = (about.get("name") or {}).get(translate.language, "")
    data = {
        "background": _collection(_ground(surroundings, base)),
        "areas": _collection(_placed([(area.geometry, {"name": area.name}) for area in surroundings.areas], base)),
        "stations": _collection(features),
        "texts": markers.texts,
        "facilities": [translate(label) for label in FACILITIES.values()],
        "view": _first_view(snapshot, rows, view, base),
        "base": base.drawn(),
        "credits": [*base.credits(translate), *_credits(about, translate)],
        "states": {str(state): translate(label) for state, label in STATES.items()},
        "words": _words(at, translate),
    }
    return MapPage.of(
        _drawn(translate),
        title=" · ".join(part for part in (translate("Station map"), name) if part),
        data=data,
        styles=_CLUSTER_STYLES if is_clustered else STYLES,
        scripts=_CLUSTER_SCRIPTS if is_clustered else SCRIPTS,
    )


def _drawn(translate: Translator) -> folium.Map:
    drawn = LocalMap(tiles=None, zoom_control=True, maxZoom=20)
    layers = {
        "background": empty_layer(translate("streets and water"), "ground"),
        "areas": empty_layer(translate("communities"), "area"),
        "stations": empty_layer(translate("stations"), "station"),
    }
    for layer in layers.values():
        layer.add_to(drawn)
    folium.LayerControl(collapsed=True).add_to(drawn)
    drawn.add_child(Start(layers))
    return drawn


def _words(at: datetime | None, translate: Translator) -> dict[str, str]:
    return {
        "details": translate("details"),
        "legend": translate("State at {time}", time=f"{at:%Y-%m-%d %H:%M}" if at else "–"),
        "not_there": translate("not there"),
        "cluster": translate("{count} stations, {open} of them usable now"),
        "near": translate("The place that was asked for"),
        "you": translate("You are here"),
        "zoom_in": translate("Zoom in"),
        "zoom_out": translate("Zoom out"),
        "layers": translate("Layers"),
        "close": translate("Close"),
    }


def _first_view(snapshot: Snapshot, rows: Sequence[int], view: View, base: BaseMap) -> dict[str, Any]:
    west, south, east, north = view.bbox or _extent(snapshot, rows)
    corners = [base.place(west, south), base.place(east, north)]
    return {
        "bounds": [[lat, lon] for lon, lat in corners],
        "center": _turned(view.center or view.near, base),
        "zoom": view.zoom,
        "near": _turned(view.near, base),
        "focus": view.focus,
        "wheel": view.wheel,
        "new_tab": view.new_tab,
    }


def _turned(place: tuple[float, float] | None, base: BaseMap) -> list[float] | None:
    """Return a place as Leaflet has it, latitude first."""
    return None if place is None else list(base.place(*place))[::-1]


def _extent(snapshot: Snapshot, rows: Sequence[int]) -> tuple[float, float, float, float]:
    if not len(rows):
        return extent([])
    lows, highs = (
        snapshot.index.bounds[np.asarray(rows)].min(axis=0),
        snapshot.index.bounds[np.asarray(rows)].max(axis=0),
    )
    return float(lows[0]), float(lows[1]), float(highs[2]), float(highs[3])


def _ground(surroundings: Surroundings, base: BaseMap) -> list[dict[str, Any]]:
    if base.tiles:  # which show them themselves
        return []
    below = [(geometry, {"kind": kind}) for kind, geometry in surroundings.background]
    lines = [(s.geometry, {"kind": s.kind, "name": s.name}) for s in surroundings.streets]
    return _placed([*below, *lines], base)


def _placed(shapes: Sequence[tuple[BaseGeometry, Mapping[str, str]]], base: BaseMap) -> list[dict[str, Any]]:
    geometries = base.placed([geometry for geometry, _ in shapes])
    return [feature(geometry, **said) for geometry, (_, said) in zip(geometries, shapes, strict=True)]


def _collection(features: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def _credits(about: Mapping[str, Any], translate: Translator) -> list[dict[str, str]]:
    """Return where the data is from, as one line of plain text."""
    source = translate("illustrative data") if about.get("illustrative") else about.get("source")
    said = " · ".join(str(part) for part in (source, about.get("date"), about.get("licence")) if part)
    return [{"text": said, "url": ""}] if said else []
