"""Places other than stations: what must be covered, where the demand is, where a station could be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import shapely
from shapely.geometry.base import BaseGeometry

from locator.errors import InvalidValue
from locator.opening import checked_hours
from locator.translation import N_

__all__ = ["Area", "CandidateSite", "DemandPoint", "Street"]

_POLYGONS = frozenset({"Polygon", "MultiPolygon"})
_LINES = frozenset({"LineString", "MultiLineString"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A dated polygon that must be covered: a community, a park, a district; WGS84.

    A claim about coverage means nothing without the list of areas and the day it is measured on, so an
    area has a first and a last day (both included; None: no bound).
    """

    id: str
    name: str
    geometry: BaseGeometry
    kind: str = "community"
    residents: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    source: str = ""

    def __post_init__(self) -> None:
        _check_place(self.id, self.name, self.geometry, _POLYGONS, N_("an area is a polygon"))
        _check_dates(self.valid_from, self.valid_to)

    def exists_on(self, day: date) -> bool:
        """Whether the area is on the list on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Street:
    """A stretch of street; stretches with one name are one street. WGS84.

    Attributes
    ----------
    kind
        main, minor or path.
    must_cover
        Whether it belongs to the list of main streets that need a station.
    bridge
        Whether it passes over what it crosses.
    """

    id: str
    geometry: BaseGeometry
    name: str = ""
    kind: str = "minor"
    must_cover: bool = False
    bridge: bool = False
    valid_from: date | None = None
    valid_to: date | None = None
    source: str = ""

    def __post_init__(self) -> None:
        _check_place(self.id, self.name or "-", self.geometry, _LINES, N_("a street is a line"))
        _check_dates(self.valid_from, self.valid_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandPoint:
    """A place with a weight: people, orders, workers. WGS84; a cell counts at its centre."""

    id: str
    geometry: BaseGeometry
    weight: float
    kind: str = "residents"

    def __post_init__(self) -> None:
        _check_place(self.id, "-", self.geometry, _POLYGONS | {"Point"}, N_("demand is a point or a cell"))
        if not (math.isfinite(self.weight) and self.weight >= 0):
            raise InvalidValue(
                N_("is not a number from 0 up"), field="weight", value=self.weight, mend=N_("correct it")
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateSite:
    """A place where a station could be: premises, their hours and what they would cost a year. WGS84."""

    id: str
    name: str
    geometry: BaseGeometry
    kind: str = ""
    opening_hours: str | None = None
    cost_cny_year: float | None = None

    def __post_init__(self) -> None:
        _check_place(
            self.id, self.name, self.geometry, _POLYGONS | {"Point"}, N_("a site is a point or a polygon")
        )
        checked_hours(self.opening_hours)


def _check_place(code: str, name: str, geometry: BaseGeometry, kinds: frozenset[str], reason: str) -> None:
    for field, text in (("id", code), ("name", name)):
        if not text.strip() or len(text) > 200:
            raise InvalidValue(
                N_("is empty or too long"), field=field, value=text, mend=N_("give 1 to 200 characters")
            )
    if geometry.geom_type not in kinds or geometry.is_empty:
        raise InvalidValue(
            reason,
            field="geometry",
            value=geometry.geom_type,
            mend=N_("give one of {kinds}"),
            kinds=", ".join(sorted(kinds)),
        )
    # Not the geometry's own bounds, which leave out what is not a number.
    corners = shapely.get_coordinates(geometry)
    (west, south), (east, north) = corners.min(axis=0), corners.max(axis=0)
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise InvalidValue(
            N_("is outside the longitudes and latitudes of the earth"),
            field="geometry",
            value=f"{west:g} {south:g} {east:g} {north:g}",
            mend=N_("give degrees, longitude first"),
        )


def _check_dates(first: date | None, last: date | None) -> None:
    if first and last and last < first:
        raise InvalidValue(
            N_("is before valid_from, {first}"),
            field="valid_to",
            value=last,
            first=first,
            mend=N_("swap the two dates"),
        )
