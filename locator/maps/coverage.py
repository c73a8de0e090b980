"""The map of coverage: areas, demand by distance, gaps, bare streets and stations, for every hour of the week."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import folium
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from locator.coverage.hours import DAYS
from locator.coverage.result import Table
from locator.coverage.service_areas import OUTLINE_M
from locator.maps.base import LEAFLET, LocalMap, MapPage, Start, empty_layer, extent
from locator.maps.base_maps import NO_BASE, BaseMap
from locator.maps.colours import AREAS, BEYOND, GAP, NOTHING, STATIONS, UNCOVERED, band_colours
from locator.maps.drawing import Drawing, Ground, band_names, share_names
from locator.translation import N_, Translator

__all__ = ["LAYERS", "coverage_map"]

LAYERS: dict[str, str] = {
    "areas": N_("areas, by share within reach"),
    "reach": N_("service areas"),
    "points": N_("demand, by the way to a station"),
    "gaps": N_("gaps"),
    "uncovered": N_("streets without a station near"),
    "stations": N_("stations"),
}
"""What can be shown and hidden, from below to above; streets and water lie beneath.

Service areas are called as their table is: along the streets, or in a straight line.
"""

_STYLES = (f"{LEAFLET}/leaflet.css", "css/map.css", "css/coverage-map.css")
_SCRIPTS = (f"{LEAFLET}/leaflet.js", "js/base-map.js", "js/coverage-map.js")
_GLOBAL = "coverageMap"
_DECIMALS = 5  # of a degree: a metre
_WORDS = {
    "layers": N_("Layers"),
    "legend": N_("Legend"),
    "hour": N_("Hour of the week"),
    "any_hour": N_("whatever the hours"),
    "at": N_("{day} {hour}:00"),
    "earlier": N_("an hour earlier"),
    "later": N_("an hour later"),
    "status": N_("{when}: {stations} stations usable, {share} of {total} {counted} within {within}"),
    "possibly": N_("{sure}, possibly {possible}"),
    "share": N_("{share} within reach"),
    "people": N_("{people} {counted}"),
    "rank": N_("Gap {rank}"),
    "nearest": N_("nearest: {name}, {metres} m"),
    "unserved": N_("{hours} hours a week without a station"),
    "metres": N_("{value} m"),
    "streets": N_("{km} km of streets"),
    "ground": N_("{km2} km² of ground"),
    "outline": N_("outlines of service areas are true to {metres} m"),
    "bare": N_("street without a station within {metres} m, whatever the hours"),
    "none": N_("nobody to be reached"),
    "usable": N_("station, usable"),
    "possible": N_("station, nobody knows"),
    "not": N_("station, not usable"),
    "method": N_("What the map shows, of how many, and how it was measured"),
    "gap": N_("gap, the darker the more hours of the week"),
}


def coverage_map(
    drawing: Drawing,
    translate: Translator,
    *,
    gaps: Table,
    uncovered: Table,
    service_areas: Table,
    counted: str,
    street_within_m: float,
    within: str,
    title: str,
    attribution: str,
    question: Sequence[str] = (),
    method: Sequence[tuple[str, Sequence[tuple[str, str]]]] = (),
    scenario: str = "",
    shown: Sequence[str] = ("areas", "uncovered", "stations"),
    at: int = 0,
    base: BaseMap = NO_BASE,
) -> MapPage:
    """Draw coverage; the hour is chosen in the browser, from data that stands in the page once.

    Parameters
    ----------
    gaps, uncovered, service_areas
        The tables of those names of the measures `gaps`, `audit` and `service_areas`.
    counted, within
        What is counted and what counts as near, as the reader says it.
    attribution
        Source, day, revision and whatever else has to stand on the map beside what the base map says of itself.
    question
        What was asked, in sentences: how near, on which terms, of how many.
    method
        How it was measured: titles, and label and text of each line beneath them.
    scenario
        What the scenario is called that says where stations are; it heads the legend. Empty: they are as they are.
    shown
        The layers (`LAYERS`) that are on when the map opens.
    at
        The slice that it opens with; see `locator.maps.drawing.Slices`.
    base
        The base map, in whose datum everything is drawn. One with tiles shows streets and water itself.
    """
    drawn = LocalMap(tiles=None, zoom_control=True, maxZoom=20, zoomSnap=0.25)
    layers = {"ground": empty_layer(translate(N_("streets and water")), "ground", _GLOBAL)}
    names = {code: translate(name) for code, name in LAYERS.items()}
    names["reach"] = service_areas.title.text(translate)
    layers |= {code: empty_layer(name, code, _GLOBAL) for code, name in names.items()}
    for layer in layers.values():
        layer.add_to(drawn)
    folium.LayerControl(collapsed=True).add_to(drawn)
    drawn.add_child(Start(layers, _GLOBAL))
    west, south, east, north = drawing.bounds or extent([])
    corners = [base.place(west, south), base.place(east, north)]
    ground = Ground([], [], []) if base.tiles else drawing.ground
    data = {
        "areas": {
            "names": drawing.areas,
            "people": [round(one) for one in drawing.area_people],
            "shapes": _shapes(drawing.area_shapes, base),
        },
        "reach": _reach(service_areas, drawing, base),
        "points": _points(drawing, base),
        "stations": {
            "names": drawing.stations,
            "shapes": _shapes(drawing.station_shapes, base),
            "middles": _middles(drawing.station_shapes, base),
        },
        "ground": {"kinds": ground.kinds, "shapes": _shapes(ground.shapes, base)},
        "gaps": _gaps(gaps, translate, base),
        "uncovered": {
            "streets": uncovered.columns["street"],
            "metres": uncovered.columns["length_m"],
            "shapes": _shapes(uncovered.shapes or (), base),
        },
        "slices": _slices(drawing),
        "bounds": [[lat, lon] for lon, lat in corners],
        "shown": ["ground", *shown],
        "at": at,
        "base": base.drawn(),
        "credits": [*base.credits(translate), {"text": attribution, "url": ""}],
        "colours": {
            "areas": AREAS, "nothing": NOTHING, "bands": [*band_colours(len(drawing.bands)), BEYOND], "gap": GAP,
            "uncovered": UNCOVERED, "stations": [STATIONS["not"], STATIONS["possible"], STATIONS["usable"]],
        },
        "names": {"shares": share_names(translate), "bands": band_names(drawing, translate)},
        "days": [translate(day) for day in DAYS],
        "scenario": scenario,
        "said": {
            "counted": counted,
            "within": within,
            "metres": f"{street_within_m:g}",
            "total": f"{drawing.total:,.0f}",
        },
        "question": list(question),
        "method": [{"title": title, "lines": [list(line) for line in lines]} for title, lines in method],
        "outline": f"{OUTLINE_M:g}",
        "words": _words(drawing, translate),
    }  # fmt: skip
    return MapPage.of(drawn, title=title, data=data, styles=_STYLES, scripts=_SCRIPTS)


def _words(drawing: Drawing, translate: Translator) -> dict[str, str]:
    words = {name: translate(message) for name, message in _WORDS.items()}
    # The slice without an hour of the week may be that of a moment.
    return words | ({"any_hour": drawing.moment} if drawing.moment else {})


def _slices(drawing: Drawing) -> dict[str, Any]:
    slices = drawing.slices
    return {
        "sets": slices.band_set,
        "bands": _bytes(slices.point_bands),
        "areas": _bytes(slices.area_shares),
        "stations": _bytes(slices.station_states),
        "shares": slices.shares,
        "possible": slices.shares_possible,
        "counts": slices.stations,
    }


def _reach(areas: Table, drawing: Drawing, base: BaseMap) -> dict[str, Any]:
    """Return the service areas of the drawing's bands, the nearest first: each holds those before it."""
    rows = [row for row, one in enumerate(areas.columns["threshold"]) if one in drawing.bands]
    shapes = areas.shapes or ()
    return {
        "bands": [drawing.bands.index(areas.columns["threshold"][row]) for row in rows],
        "streets": [areas.columns["street_m"][row] for row in rows],
        "ground": [areas.columns["area_m2"][row] for row in rows],
        "shapes": _shapes([shapes[row] for row in rows], base),
    }


def _points(drawing: Drawing, base: BaseMap) -> dict[str, Any]:
    """Return demand as columns; cells keep their shapes, all others are a pair of numbers."""
    centres = shapely.get_coordinates(shapely.centroid(list(drawing.points))).reshape(-1, 2)
    lons, lats = base.place_all(*centres.T) if len(centres) else centres.T
    cells = {row: shape for row, shape in enumerate(drawing.points) if shape.geom_type != "Point"}
    return {
        "lons": lons.round(_DECIMALS).tolist(),
        "lats": lats.round(_DECIMALS).tolist(),
        "people": [round(one, 1) for one in drawing.point_people],
        "radius": drawing.spacing_m / 2,
        "cells": dict(zip(cells, _shapes(list(cells.values()), base), strict=True)),
    }


def _middles(shapes: Sequence[BaseGeometry], base: BaseMap) -> dict[int, list[float]]:
    """Return a place in each of the shapes that are no points, lon and lat, by row."""
    inside = {row: shape.representative_point() for row, shape in enumerate(shapes) if shape.geom_type != "Point"}
    return {row: [round(one, _DECIMALS) for one in base.place(at.x, at.y)] for row, at in inside.items()}


def _gaps(gaps: Table, translate: Translator, base: BaseMap) -> dict[str, Any]:
    columns = gaps.columns
    return {
        "ranks": columns["rank"],
        "reasons": [reason.text(translate) for reason in columns["reason"]],
        "because": columns["because_of"],
        "people": columns["people"],
        "hours": columns["hours_unserved"],
        "nearest": columns["nearest"],
        "metres": columns["nearest_m"],
        "shapes": _shapes(gaps.shapes or (), base),
    }


def _shapes(shapes: Sequence[BaseGeometry], base: BaseMap) -> list[Mapping[str, Any]]:
    """Return WGS84 shapes as GeoJSON where the base map has them."""
    if not shapes:
        return []
    placed = np.array([None, *base.placed(shapes)], dtype=object)[1:]
    rounded = shapely.transform(placed, lambda pairs: pairs.round(_DECIMALS))
    return [shapely.geometry.mapping(shape) for shape in rounded.tolist()]


def _bytes(values: np.ndarray) -> str:
    """Return small numbers as base64, row after row."""
    return base64.b64encode(np.ascontiguousarray(values, np.uint8).tobytes()).decode()
