"""A place as one row of a table, nothing lost; the same columns read back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from locator.exchange.flat import exact_wkt
from locator.exchange.geojson import feature_text
from locator.place import PLACES, Place
from locator.record import place_to_record
from locator.translation import N_, Translator

__all__ = ["flat_place", "place_feature", "place_headings"]

_HEADINGS: Mapping[str, str] = {
    "id": N_("Code"),
    "name": N_("Name"),
    "kind": N_("Kind"),
    "must_cover": N_("Must be covered"),
    "bridge": N_("Bridge"),
    "residents": N_("Residents"),
    "outdoor_workers": N_("Outdoor workers"),
    "night_workers": N_("Night workers"),
    "jobs": N_("Jobs"),
    "orders": N_("Orders"),
    "weight": N_("Weight"),
    "opening_hours": N_("Opening hours"),
    "cost_cny_year": N_("Cost (CNY a year)"),
    "capacity": N_("Capacity"),
    "lon": N_("Longitude"),
    "lat": N_("Latitude"),
    "wkt": N_("Geometry (WKT)"),
    "valid_from": N_("Exists from"),
    "valid_to": N_("Exists until"),
    "source": N_("Source"),
    "extra": N_("More (JSON)"),
}
"""In the order in which they are written."""

_POINTS = ("demand", "candidates")


def place_headings(layer: str, weights: Sequence[str], translate: Translator) -> dict[str, str]:
    """Return the fields of a layer that are written, and their headings; `weights` are what its places count."""
    fields = {*PLACES[layer].__dataclass_fields__, "wkt", *weights, *(("lon", "lat") if layer in _POINTS else ())}
    known = {name: translate(heading) for name, heading in _HEADINGS.items() if name in fields}
    return known | {name: name for name in weights if name not in _HEADINGS}


def flat_place(place: Place, geometry: BaseGeometry, translate: Translator) -> dict[str, Any]:
    """Return a place's fields as text and numbers, by name, those that are said; its geometry in any datum."""
    row = _plain(place)
    for name in ("must_cover", "bridge"):
        if name in row:
            row[name] = translate(N_("yes"))
    if "extra" in row:
        row["extra"] = json.dumps(row["extra"], ensure_ascii=False)
    is_point = geometry.geom_type == "Point"
    lon, lat = shapely.get_coordinates(geometry if is_point else geometry.representative_point())[0]
    return row | {"lon": float(lon), "lat": float(lat), "wkt": None if is_point else exact_wkt(geometry)}


def place_feature(place: Place, geometry: BaseGeometry) -> str:
    """Return a place as a GeoJSON feature whose properties are its fields; its geometry in any datum."""
    # The source also where it is empty: else it would be taken for the file's name.
    return feature_text(place.id, geometry, {"source": place.source} | _plain(place))


def _plain(place: Place) -> dict[str, Any]:
    record = place_to_record(place)
    weights: dict[str, Any] = record.pop("weights", {})
    return record | weights
