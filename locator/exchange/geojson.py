"""Stations as GeoJSON features whose properties are their records: what is written reads back without loss."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from shapely.geometry.base import BaseGeometry

from locator.record import station_to_record
from locator.station import Station

__all__ = ["feature_of", "geojson_lines"]


def feature_of(station: Station, geometry: BaseGeometry) -> dict[str, Any]:
    """Return a station as a GeoJSON feature whose properties are its record; its geometry in any datum."""
    return {
        "type": "Feature",
        "id": station.id,
        "geometry": geometry.__geo_interface__,
        "properties": station_to_record(station),
    }


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def geojson_lines(features: Iterable[Mapping[str, Any]], about: Mapping[str, Any]) -> Iterator[str]:
    """Yield the text of a FeatureCollection, one feature a line; `about` is its member `locator`."""
    yield f'{{"type": "FeatureCollection",\n"locator": {json.dumps(about, ensure_ascii=False)},\n"features": ['
    separator = "\n"
    for feature in features:
        yield separator + _encode(feature)
        separator = ",\n"
    yield "\n]}\n"
