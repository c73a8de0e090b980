"""GeoJSON in and out. What this package writes it reads back without loss."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely

from locator.errors import InvalidValue
from locator.record import station_to_record
from locator.station import Station
from locator.store import Store
from locator.translation import N_

__all__ = ["Feature", "FeatureFile", "export_stations", "feature_of", "read_geojson", "write_geojson"]


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature as it stands in the file; nothing of it is checked yet."""

    number: int
    id: object
    geometry: object
    properties: dict[str, Any]


@dataclass(frozen=True, slots=True)
class FeatureFile:
    """A file's features, and its member `locator` when this package (or its data) wrote it, else None."""

    features: tuple[Feature, ...]
    about: dict[str, Any] | None


def read_geojson(path: Path) -> FeatureFile:
    """Read a GeoJSON FeatureCollection or a single Feature, without looking into its geometries.

    Raises
    ------
    InvalidValue
        The file is not JSON, not GeoJSON, or names a coordinate reference system other than CRS84.
    """
    try:
        # The standard library takes NaN and Infinity, which GeoJSON does not know: they are refused by name.
        document = json.loads(path.read_bytes(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        if isinstance(error, InvalidValue):
            raise
        raise InvalidValue(
            N_("is not JSON: {error}"),
            field="file",
            value=path.name,
            error=error,
            mend=N_("export it again as GeoJSON"),
        ) from error
    features = _features_of(document)
    _check_crs(document.get("crs"))
    about = document.get("locator")
    return FeatureFile(
        tuple(_feature(number, item) for number, item in enumerate(features, start=1)),
        about if isinstance(about, dict) else None,
    )


def write_geojson(path: Path, features: Iterable[Mapping[str, Any]], *, about: Mapping[str, Any]) -> None:
    """Write a FeatureCollection, one feature a line; the file is there whole or not at all."""
    path = path.resolve()
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
        try:
            file.writelines(_lines(features, about))
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            Path(file.name).unlink()
            raise
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)


def feature_of(station: Station) -> dict[str, Any]:
    """Return a station as a GeoJSON feature whose properties are its record."""
    return {
        "type": "Feature",
        "id": station.id,
        "geometry": shapely.geometry.mapping(station.geometry),
        "properties": station_to_record(station),
    }


def export_stations(store: Store, path: Path) -> int:
    """Write all stations of a store as GeoJSON, WGS84, and return how many."""
    kept = store.stations()
    about = {"format": "station-records", "revision": store.revision} | store.meta()
    write_geojson(path, (feature_of(k.station) for k in kept if k.station), about=about)
    return len(kept)


def _lines(features: Iterable[Mapping[str, Any]], about: Mapping[str, Any]) -> Iterator[str]:
    yield f'{{"type": "FeatureCollection",\n"locator": {json.dumps(about, ensure_ascii=False)},\n"features": ['
    separator = "\n"
    for feature in features:
        yield separator + json.dumps(feature, ensure_ascii=False, allow_nan=False)
        separator = ",\n"
    yield "\n]}\n"


def _refuse_constant(name: str) -> None:
    raise InvalidValue(N_("is not a number that GeoJSON knows"), field="file", value=name, mend=N_("correct it"))


def _features_of(document: object) -> list[Any]:
    kind = document.get("type") if isinstance(document, dict) else None
    if isinstance(document, dict) and kind == "Feature":
        return [document]
    features = document.get("features") if isinstance(document, dict) and kind == "FeatureCollection" else None
    if not isinstance(features, list):
        raise InvalidValue(
            N_("is not a GeoJSON FeatureCollection"),
            field="file",
            value=kind,
            mend=N_("export it again as GeoJSON, with a list of features"),
        )
    return features


def _feature(number: int, item: object) -> Feature:
    if not isinstance(item, dict) or item.get("type") != "Feature":
        return Feature(number, None, None, {})
    properties = item.get("properties")
    return Feature(
        number, item.get("id"), item.get("geometry"), properties if isinstance(properties, dict) else {}
    )


def _check_crs(crs: object) -> None:
    """Refuse the old `crs` member unless it says what GeoJSON means anyway (RFC 7946, section 4)."""
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    if not (name.upper().endswith("CRS84") or name.upper().endswith("EPSG::4326") or name.upper() == "EPSG:4326"):
        raise InvalidValue(
            N_("is not the coordinate reference system of GeoJSON"),
            field="crs",
            value=name or crs,
            mend=N_("export it again in WGS84 longitudes and latitudes"),
        )
