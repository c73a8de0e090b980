"""The map of a difference: who gains and who loses between two states of the stations, and what changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import folium
import shapely
from shapely.geometry.base import BaseGeometry

from locator.coverage.comparison import Changed, Comparison
from locator.coverage.edits import KINDS
from locator.coverage.result import Table
from locator.maps.base import LEAFLET, LocalMap, MapPage, Start, empty_layer, extent
from locator.maps.base_maps import NO_BASE, BaseMap
from locator.maps.colours import GAINED, GAP, LONGER, LOST, SHORTER, STATIONS
from locator.maps.drawing import Drawing, Ground
from locator.translation import N_, Translator

__all__ = ["DIFFERENCES", "difference_map", "difference_of", "net_of"]

DIFFERENCES: dict[str, tuple[str, str]] = {
    "longer": (N_("have one for more hours"), LONGER),
    "shorter": (N_("have one for fewer hours"), SHORTER),
    "gained": (N_("gain a station within reach"), GAINED),
    "lost": (N_("lose their station"), LOST),
}
"""What can change at a place, and its colour, from below to above."""

_STYLES = (f"{LEAFLET}/leaflet.css", "css/map.css", "css/coverage-map.css", "css/difference-map.css")
_SCRIPTS = (f"{LEAFLET}/leaflet.js", "js/base-map.js", "js/difference-map.js")
_GLOBAL = "differenceMap"
_DECIMALS = 5  # of a degree: a metre
_WORDS = {
    "layers": N_("Layers"),
    "legend": N_("Legend"),
    "station": N_("station"),
    "changes": N_("What changes"),
    "none": N_("nothing yet"),
    "people": N_("{people} {counted}"),
    "hours": N_("{hours} hours a week more"),
    "fewer": N_("{hours} hours a week fewer"),
    "net": N_("{gained} gain a station, {lost} lose theirs"),
    "area_gains": N_("area with more people within reach"),
    "area_loses": N_("area with fewer people within reach"),
}


def difference_of(points: Table) -> list[str]:
    """Return of each place that changes what changes there (`DIFFERENCES`): reach, and else the hours."""
    signs = {1: "gained", -1: "lost"}
    return [
        signs.get(reach) or ("longer" if (hours or 0) > 0 else "shorter")
        for reach, hours in zip(points.columns["change"], points.columns["hours_more"], strict=True)
    ]


def net_of(areas: Table) -> list[float]:
    """Return of each area how many people more are within reach."""
    both = zip(areas.columns["people_gained"], areas.columns["people_lost"], strict=True)
    return [(more or 0) - (less or 0) for more, less in both]


def difference_map(
    found: Comparison,
    drawing: Drawing,
    translate: Translator,
    *,
    title: str,
    sides: tuple[str, str],
    summary: str,
    counted: str,
    attribution: str,
    base: BaseMap = NO_BASE,
) -> MapPage:
    """Draw a comparison: who gains and who loses, whose hours change, the stations, numbered what changes.

    Parameters
    ----------
    drawing
        Of the second of the two: areas, stations, what lies beneath.
    sides
        What the two are called.
    summary
        A sentence that stands above the map.
    attribution
        Source, day, revision and whatever else has to stand on the map.
    """
    drawn = LocalMap(tiles=None, zoom_control=True, maxZoom=20, zoomSnap=0.25)
    names = {
        "ground": N_("streets and water"),
        "areas": N_("areas, by people gained or lost"),
        **{code: text for code, (text, _) in DIFFERENCES.items()},
        "stations": N_("stations"),
        "changes": N_("What changes"),
    }
    layers = {code: empty_layer(translate(name), code, _GLOBAL) for code, name in names.items()}
    for layer in layers.values():
        layer.add_to(drawn)
    folium.LayerControl(collapsed=True).add_to(drawn)
    drawn.add_child(Start(layers, _GLOBAL))
    ground = Ground([], [], []) if base.tiles else drawing.ground
    west, south, east, north = drawing.bounds or extent([])
    corners = [base.place(west, south), base.place(east, north)]
    data = {
        "sides": [_side(one, side, translate) for one, side in zip(("before", "after"), sides, strict=True)],
        "summary": summary,
        "counted": counted,
        "ground": _features(ground.shapes, base, [{"kind": kind} for kind in ground.kinds]),
        "areas": _areas(found["areas"], base),
        **_places(found["points"], base),
        "stations": _features(drawing.station_shapes, base, [{"name": name} for name in drawing.stations]),
        "changes": _changes(found.changes, translate, base),
        "radius": max(drawing.spacing_m / 2, 1.0),
        "bounds": [[lat, lon] for lon, lat in corners],
        "base": base.drawn(),
        "credits": [*base.credits(translate), {"text": attribution, "url": ""}],
        "colours": {code: colour for code, (_, colour) in DIFFERENCES.items()}
        | {"station": STATIONS["usable"], "change": GAP},
        "names": {code: translate(text) for code, (text, _) in DIFFERENCES.items()},
        "words": {name: translate(message) for name, message in _WORDS.items()},
    }  # fmt: skip
    return MapPage.of(drawn, title=title, data=data, styles=_STYLES, scripts=_SCRIPTS)


def _side(which: str, name: str, translate: Translator) -> str:
    label = translate(N_("Before") if which == "before" else N_("After"))
    return translate(N_("{label}: {text}"), label=label, text=name)


def _areas(areas: Table, base: BaseMap) -> list[dict[str, Any]]:
    told = [
        {"name": row["name"], "gained": row["people_gained"] or 0, "lost": row["people_lost"] or 0}
        for row in areas.rows()
    ]
    return _features(areas.shapes or (), base, told)


def _places(points: Table, base: BaseMap) -> dict[str, list[dict[str, Any]]]:
    """Return the places that change, by what changes there."""
    codes, shapes, rows = difference_of(points), list(points.shapes or ()), list(points.rows())
    found = {}
    for code in DIFFERENCES:
        at = [place for place, one in enumerate(codes) if one == code]
        told = [{"people": rows[place]["people"], "hours": rows[place]["hours_more"]} for place in at]
        found[code] = _features([shapes[place] for place in at], base, told)
    return found


def _changes(changes: Sequence[Changed], translate: Translator, base: BaseMap) -> list[dict[str, Any]]:
    """Return what changes at places inside the stations, and where from what moves comes."""
    several = len({one.scenario.text(translate) for one in changes}) > 1
    told = [
        {
            "number": one.number,
            "kind": one.edit.kind,
            "change": translate(KINDS[one.edit.kind]),
            "name": one.name,
            "detail": one.detail.text(translate),
            "scenario": one.scenario.text(translate) if several else "",
            "from": _pair(one.came_from, base),
        }
        for one in changes
    ]
    return _features([one.shape.representative_point() for one in changes], base, told)


def _pair(shape: BaseGeometry | None, base: BaseMap) -> list[float] | None:
    """Return latitude and longitude of a place inside a shape."""
    if shape is None or shape.is_empty:
        return None
    inside = shape.representative_point()
    lon, lat = base.place(inside.x, inside.y)
    return [round(lat, _DECIMALS), round(lon, _DECIMALS)]


def _features(
    shapes: Sequence[BaseGeometry], base: BaseMap, told: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return WGS84 shapes as GeoJSON where the base map has them; what is nowhere is left out."""
    there = [place for place, shape in enumerate(shapes) if not shape.is_empty]
    placed = base.placed([shapes[place] for place in there]) if there else []
    return [
        {
            "type": "Feature",
            "geometry": shapely.geometry.mapping(shapely.transform(shape, lambda pairs: pairs.round(_DECIMALS))),
            "properties": told[place],
        }
        for place, shape in zip(there, placed, strict=True)
    ]
