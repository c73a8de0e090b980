"""OpenStreetMap extracts as lists of places: which file is one, and what its tags make of each layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from locator.exchange.osm_tags import area_record, candidate_record, street_record

__all__ = ["is_osm", "osm_record"]

_ENDINGS = (".osm", ".osm.gz", ".osm.bz2", ".pbf")
_RECORD_OF: Mapping[str, Callable[[Mapping[str, str]], dict[str, Any] | None]] = {
    "areas": area_record,
    "streets": street_record,
    "candidates": candidate_record,
}


def is_osm(path: Path) -> bool:
    """Whether a file is an OpenStreetMap extract, by its name."""
    return path.name.lower().endswith(_ENDINGS)


def osm_record(layer: str, tags: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the record of a place from its tags; None: it is none of this layer."""
    return _RECORD_OF[layer]({name: str(value) for name, value in tags.items()})
