"""OpenStreetMap extracts as lists: which file is one, and what its objects are of each layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from locator.exchange.osm_tags import (
    area_record,
    background_record,
    candidate_record,
    station_values,
    street_record,
)
from locator.exchange.raw import RawFile, RawRow

__all__ = ["OSM_SOURCE", "is_osm", "osm_background", "osm_layers", "osm_record", "osm_stations"]

OSM_SOURCE = "© OpenStreetMap contributors, ODbL"
"""The source of everything from an extract, which its licence wants named."""

_ENDINGS = (".osm", ".osm.gz", ".osm.bz2", ".pbf")
_RECORD_OF: Mapping[str, Callable[[Mapping[str, str]], dict[str, Any] | None]] = {
    "areas": area_record,
    "streets": street_record,
    "candidates": candidate_record,
}


def is_osm(path: Path) -> bool:
    """Whether a file is an OpenStreetMap extract, by its name."""
    return path.name.lower().endswith(_ENDINGS)


def osm_layers() -> tuple[str, ...]:
    """Return the layers of places that an extract has; stations beside."""
    return tuple(_RECORD_OF)


def osm_record(layer: str, raw: RawRow) -> dict[str, Any] | None:
    """Return the record of a place, without its geometry and code; None: the object is none of this layer."""
    return _RECORD_OF[layer](_tags(raw))


def osm_background(raw: RawRow) -> dict[str, Any] | None:
    """Return kind and name of water or a railway; None: the object is neither."""
    return background_record(_tags(raw))


def osm_stations(file: RawFile) -> RawFile:
    """Return the stations of an extract as rows whose headings are names of fields."""
    rows = []
    for raw in file.rows:
        values = station_values(_tags(raw))
        if values is not None:
            code = f"osm-{raw.id}".replace("/", "-")
            rows.append(replace(raw, values={"id": code, "source_id": str(raw.id)} | values))
    headings = dict.fromkeys(heading for row in rows for heading in row.values)
    return replace(file, headings=tuple(headings), rows=tuple(rows))


def _tags(raw: RawRow) -> Mapping[str, str]:
    tags = raw.values.get("tags")
    return {str(key): str(value) for key, value in tags.items()} if isinstance(tags, dict) else {}
