"""Edits of a scenario: open, close, move, other hours, other facilities; as values, and as JSON-able records."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeAlias

import orjson
import shapely
from shapely.geometry.base import BaseGeometry

from locator.errors import InvalidValue
from locator.opening import checked_hours
from locator.record import station_from_record, station_to_record, text_of, three_values
from locator.snapshot import Snapshot
from locator.station import FACILITIES, GEOMETRY_KINDS, Station
from locator.translation import N_
from locator.validity import read_geometry

__all__ = [
    "KINDS",
    "Closing",
    "Edit",
    "Moving",
    "NewFacilities",
    "NewHours",
    "Opening",
    "edit_from_record",
    "edit_to_record",
    "mark_of",
    "place_of",
]

_MOST_CNY = 1e12


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A new station.

    Attributes
    ----------
    station
        As it would be, in operation.
    site
        Code of the candidate site or the planned station that it is; empty: a place of its own.
    cost_cny_year
        What the edit costs a year; less than 0: what it saves; None: nobody said.
    """

    kind: ClassVar[str] = "open"
    station: Station
    site: str = ""
    cost_cny_year: float | None = None

    def __post_init__(self) -> None:
        _check_cost(self.cost_cny_year)
        if self.station.status != "operating":
            object.__setattr__(self, "station", replace(self.station, status="operating"))

    @property
    def id(self) -> str:
        """The station's code."""
        return self.station.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """A station less. `seen` is the mark (`mark_of`) of the station that was looked at; so of all that follow."""

    kind: ClassVar[str] = "close"
    id: str
    seen: str
    cost_cny_year: float | None = None

    def __post_init__(self) -> None:
        _check_cost(self.cost_cny_year)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
    """A station at another place, WGS84."""

    kind: ClassVar[str] = "move"
    id: str
    seen: str
    geometry: BaseGeometry
    cost_cny_year: float | None = None

    def __post_init__(self) -> None:
        _check_cost(self.cost_cny_year)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHours:
    """A station with other hours, OSM `opening_hours`; None: nobody knows them."""

    kind: ClassVar[str] = "hours"
    id: str
    seen: str
    opening_hours: str | None
    cost_cny_year: float | None = None

    def __post_init__(self) -> None:
        _check_cost(self.cost_cny_year)
        checked_hours(self.opening_hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFacilities:
    """A station with some facilities more or less: yes, no, or None for unknown; others stay as they are."""

    kind: ClassVar[str] = "facilities"
    id: str
    seen: str
    facilities: Mapping[str, bool | None]
    cost_cny_year: float | None = None

    def __post_init__(self) -> None:
        _check_cost(self.cost_cny_year)
        if not self.facilities:
            raise InvalidValue(N_("is empty"), field="facilities", mend=N_("name a facility, such as toilet=yes"))
        for code in self.facilities:
            if code not in FACILITIES:
                raise InvalidValue(
                    N_("is not one of {choices}"), field="facilities", value=code, choices=", ".join(FACILITIES),
                    mend=N_("choose one of them"),
                )  # fmt: skip


Edit: TypeAlias = Opening | Closing | Moving | NewHours | NewFacilities

KINDS: dict[str, str] = {
    "open": N_("opens"),
    "close": N_("closes"),
    "move": N_("moves"),
    "hours": N_("other hours"),
    "facilities": N_("other facilities"),
}
"""The kinds of edits, and what they do."""


def place_of(edit: Edit) -> BaseGeometry | None:
    """Return the place that an edit gives a station, WGS84; None: it gives none."""
    if isinstance(edit, Opening):
        return edit.station.geometry
    return edit.geometry if isinstance(edit, Moving) else None


def mark_of(snapshot: Snapshot, row: int) -> str:
    """Return what tells a station's record and place, as they are, from any other."""
    record = orjson.dumps(snapshot.record(row), option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(record + shapely.to_wkb(snapshot.geometry(row))).hexdigest()[:16]


def edit_to_record(edit: Edit) -> dict[str, Any]:
    """Return an edit as JSON-able values."""
    record: dict[str, Any] = {"kind": edit.kind, "cost_cny_year": edit.cost_cny_year}
    if isinstance(edit, Opening):
        geometry = shapely.geometry.mapping(edit.station.geometry)
        return record | {"site": edit.site, "station": station_to_record(edit.station) | {"geometry": geometry}}
    record |= {"id": edit.id, "seen": edit.seen}
    if isinstance(edit, Moving):
        return record | {"geometry": shapely.geometry.mapping(edit.geometry)}
    if isinstance(edit, NewHours):
        return record | {"opening_hours": edit.opening_hours}
    if isinstance(edit, NewFacilities):
        words = {True: "yes", False: "no", None: "unknown"}
        return record | {"facilities": {code: words[value] for code, value in edit.facilities.items()}}
    return record


def edit_from_record(record: Mapping[str, Any]) -> Edit:
    """Return the edit that a record describes.

    Raises
    ------
    InvalidValue
        Something is missing or cannot be right.
    """
    kind, cost = record.get("kind"), record.get("cost_cny_year")
    if kind == Opening.kind:
        station = record.get("station")
        if not isinstance(station, Mapping):
            raise InvalidValue(N_("is missing"), field="station", mend=N_("say which station opens"))
        opened = station_from_record(station)
        return Opening(station=opened, site=text_of(record, "site"), cost_cny_year=cost)
    common: dict[str, Any] = {"id": text_of(record, "id"), "seen": text_of(record, "seen"), "cost_cny_year": cost}
    if kind == Closing.kind:
        return Closing(**common)
    if kind == Moving.kind:
        return Moving(**common, geometry=read_geometry(record.get("geometry"), kinds=GEOMETRY_KINDS))
    if kind == NewHours.kind:
        return NewHours(**common, opening_hours=text_of(record, "opening_hours") or None)
    if kind == NewFacilities.kind:
        said = record.get("facilities")
        words = said if isinstance(said, Mapping) else {}
        known = {str(code): three_values(word, str(code)) for code, word in words.items()}
        return NewFacilities(**common, facilities=known)
    raise InvalidValue(
        N_("is not one of {choices}"), field="kind", value=kind, choices=", ".join(KINDS),
        mend=N_("choose one of them"),
    )  # fmt: skip


def _check_cost(cost: object) -> None:
    if cost is None:
        return
    is_number = isinstance(cost, (int, float)) and not isinstance(cost, bool)
    if not (is_number and math.isfinite(cost) and abs(cost) <= _MOST_CNY):  # type: ignore[arg-type]
        raise InvalidValue(N_("is not an amount of money"), field="cost", value=cost, mend=N_("correct it"))
