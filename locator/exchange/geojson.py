"""GeoJSON as text: stations as features whose properties are their records, so that nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

__all__ = ["feature_text", "geojson_lines", "station_features"]

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def station_features(records: Sequence[str], shapes: Sequence[BaseGeometry]) -> Iterator[str]:
    """Yield stations as features: their records as they are kept, which are JSON, and geometries in any datum."""
    drawn = shapely.to_geojson(np.array(shapes, dtype=object))
    for record, geometry in zip(records, drawn, strict=True):
        code = _encode(json.loads(record)["id"])
        yield f'{{"type": "Feature", "id": {code}, "geometry": {geometry}, "properties": {record}}}'


def feature_text(code: str, geometry: BaseGeometry, properties: Mapping[str, Any]) -> str:
    """Return a feature; its geometry in any datum."""
    drawn = geometry.__geo_interface__
    return _encode({"type": "Feature", "id": code, "geometry": drawn, "properties": properties})


def geojson_lines(features: Iterable[str], about: Mapping[str, Any]) -> Iterator[str]:
    """Yield the text of a FeatureCollection, one feature a line; `about` is its member `locator`."""
    yield f'{{"type": "FeatureCollection",\n"locator": {json.dumps(about, ensure_ascii=False)},\n"features": ['
    separator = "\n"
    for feature in features:
        yield separator + feature
        separator = ",\n"
    yield "\n]}\n"
