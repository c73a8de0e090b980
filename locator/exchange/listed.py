"""A station as a list tells it, before a record is made of it."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from shapely.geometry.base import BaseGeometry

from locator.station import Entry, Provenance, Station

__all__ = ["Found", "Listed"]


class Listed(NamedTuple):
    """What checks ask of a station; its geometry is WGS84, its provenance has the dates alone."""

    id: str
    name: str
    geometry: BaseGeometry
    community: str
    street: str
    entry: Entry
    provenance: Provenance


Found: TypeAlias = Station | Listed
"""A station that a file tells of."""
