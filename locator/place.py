"""Places other than stations: what must be covered, where the demand is, where a station could be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import TypeAlias

import shapely
from shapely.geometry.base import BaseGeometry

from locator.errors import InvalidValue
from locator.opening import checked_hours
from locator.translation import N_

__all__ = ["DATA_DATE", "PLACES", "Area", "CandidateSite", "DemandPoint", "Place", "Street"]

_POLYGONS = frozenset({"Polygon", "MultiPolygon"})
_LINES = frozenset({"LineString", "MultiLineString"})
_NOTHING: Mapping[str, str] = MappingProxyType({})
_LARGEST = 1e12

DATA_DATE = "data_date"
"""The member of a place's `extra` that says of which day its data is, as ISO 8601; without it nobody said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A dated polygon that must be covered: a community, a park, a district; WGS84.

    A claim about coverage means nothing without the list of areas and the day it is measured on, so an
    area has a first and a last day (both included; None: no bound). `extra` is what its source says beside.
    """

    id: str
    name: str
    geometry: BaseGeometry
    kind: str = "community"
    residents: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    source: str = ""
    extra: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    def __post_init__(self) -> None:
        _check_place(self.id, self.name, self.geometry, _POLYGONS, N_("an area is a polygon"))
        _check_amount("residents", self.residents, whole=True)
        _check_dates(self.valid_from, self.valid_to)

    def exists_on(self, day: date) -> bool:
        """Whether the area is on the list on a day."""
        return _is_between(self.valid_from, day, self.valid_to)


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
    extra: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    def __post_init__(self) -> None:
        _check_place(self.id, self.name or "-", self.geometry, _LINES, N_("a street is a line"))
        _check_dates(self.valid_from, self.valid_to)

    def exists_on(self, day: date) -> bool:
        """Whether the street is on the list on a day."""
        return _is_between(self.valid_from, day, self.valid_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandPoint:
    """A place with weights: residents, outdoor workers, orders. WGS84; a cell counts at its centre.

    Attributes
    ----------
    weights
        What is counted, and how much of it there is: numbers from 0 up, at least one.
    """

    id: str
    geometry: BaseGeometry
    weights: Mapping[str, float]
    source: str = ""
    extra: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    def __post_init__(self) -> None:
        _check_place(self.id, "-", self.geometry, _POLYGONS | {"Point"}, N_("demand is a point or a cell"))
        if not self.weights:
            raise InvalidValue(
                N_("has no weight"), field="weights", mend=N_("give a number of residents, workers or orders")
            )
        for kind, weight in self.weights.items():
            _check_amount(kind, weight)


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateSite:
    """A place where a station could be: premises, their hours, what they would cost a year. WGS84.

    Attributes
    ----------
    capacity
        How many persons would find room at once; None: nobody knows.
    """

    id: str
    name: str
    geometry: BaseGeometry
    kind: str = ""
    opening_hours: str | None = None
    cost_cny_year: float | None = None
    capacity: int | None = None
    source: str = ""
    extra: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    def __post_init__(self) -> None:
        _check_place(
            self.id, self.name, self.geometry, _POLYGONS | {"Point"}, N_("a site is a point or a polygon")
        )
        _check_amount("cost_cny_year", self.cost_cny_year)
        _check_amount("capacity", self.capacity, whole=True)
        checked_hours(self.opening_hours)


Place: TypeAlias = Area | Street | DemandPoint | CandidateSite

PLACES: Mapping[str, type[Place]] = MappingProxyType(
    {"areas": Area, "streets": Street, "demand": DemandPoint, "candidates": CandidateSite}
)
"""The layers of places, and what each is made of."""


def _check_place(code: str, name: str, geometry: BaseGeometry, kinds: frozenset[str], reason: str) -> None:
    for part, text in (("id", code), ("name", name)):
        if not text.strip() or len(text) > 200:
            raise InvalidValue(
                N_("is empty or too long"), field=part, value=text, mend=N_("give 1 to 200 characters")
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


def _check_amount(name: str, value: float | None, *, whole: bool = False) -> None:
    if value is None:
        return
    is_number = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
    if not (is_number and math.isfinite(value) and 0 <= value <= _LARGEST):
        raise InvalidValue(N_("is not a number from 0 up"), field=name, value=value, mend=N_("correct it"))


def _is_between(first: date | None, day: date, last: date | None) -> bool:
    return (first is None or first <= day) and (last is None or day <= last)


def _check_dates(first: date | None, last: date | None) -> None:
    if first and last and last < first:
        raise InvalidValue(
            N_("is before valid_from, {first}"),
            field="valid_to",
            value=last,
            first=first,
            mend=N_("swap the two dates"),
        )
