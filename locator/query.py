"""Query and Match: the one question that every door asks, and its answer."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from locator.errors import QueryError
from locator.hours import Outlook, State, time_zone
from locator.station import CATEGORIES, FACILITIES, Station
from locator.translation import N_

__all__ = ["DEFAULT_LIMIT", "MAX_LIMIT", "WALKING_M_PER_S", "Match", "Query", "parse_moment", "walking_minutes"]

DEFAULT_LIMIT = 10
MAX_LIMIT = 100
MAX_MINUTES = 24 * 60
_YEARS = range(2000, 2101)

WALKING_M_PER_S = 1.2
"""Walking speed: 1.2 m/s (4.3 km/h), which the Highway Capacity Manual 2000 assumes for pedestrians."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Where, when and what somebody needs.

    Parameters
    ----------
    lon, lat
        The place, WGS84 degrees.
    at
        The moment, with a time zone.
    minutes
        How long one wants to stay; a station that closes exactly then counts.
    needs
        Codes of facilities that must be there; an unknown one is not enough.
    h24
        Only stations that can be used around the clock.
    categories
        Codes of categories; empty: all.
    radius_m
        Furthest distance; a station exactly at it counts. None: no bound.
    limit
        At most so many answers.
    usable_only
        Leave out the stations that are closed then. Stations whose hours are unknown always stay.

    Raises
    ------
    QueryError
        A value cannot be right; names the parameter, the value and the mend.
    """

    lon: float
    lat: float
    at: datetime
    minutes: float = 0
    needs: frozenset[str] = frozenset()
    h24: bool = False
    categories: frozenset[str] = frozenset()
    radius_m: float | None = None
    limit: int = DEFAULT_LIMIT
    usable_only: bool = True

    def __post_init__(self) -> None:
        check_range("lon", self.lon, -180, 180)
        check_range("lat", self.lat, -90, 90)
        check_range("minutes", self.minutes, 0, MAX_MINUTES)
        if self.radius_m is not None:
            check_range("radius_m", self.radius_m, 0, math.inf)
        check_range("limit", self.limit, 1, MAX_LIMIT)
        _check_codes("needs", self.needs, FACILITIES)
        _check_codes("categories", self.categories, CATEGORIES)
        if self.at.tzinfo is None:
            raise QueryError(
                N_("has no time zone"), field="at", value=self.at, mend=N_("add an offset like +08:00")
            )
        if self.at.year not in _YEARS:
            raise QueryError(
                N_("is outside the years {first} to {last}"),
                field="at",
                value=self.at,
                mend=N_("correct the year"),
                first=_YEARS[0],
                last=_YEARS[-1],
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One station that answers a query.

    Attributes
    ----------
    distance_m
        Metres on the ellipsoid in a straight line; to a polygon's boundary, 0 inside.
    walk_minutes
        An estimate from the straight line, not a route; see `walking_minutes`.
    """

    station: Station
    distance_m: float
    outlook: Outlook

    @property
    def state(self) -> State:
        """The state at the query's moment."""
        return self.outlook.state

    @property
    def walk_minutes(self) -> int:
        """Whole minutes on foot in a straight line, rounded up."""
        return walking_minutes(self.distance_m)


def walking_minutes(distance_m: float) -> int:
    """Return the minutes on foot for a distance in metres, at `WALKING_M_PER_S`, rounded up."""
    return math.ceil(distance_m / WALKING_M_PER_S / 60)


def parse_moment(text: str, zone: str) -> datetime:
    """Return the moment that an ISO 8601 text names; without an offset it is meant in a time zone.

    Raises
    ------
    QueryError
        The text is no date and time.
    """
    # In a URL a plus sign stands for a space.
    mended = re.sub(r"([T:]\d\d\S*) (\d\d:?\d\d)$", r"\1+\2", text.strip())
    try:
        moment = datetime.fromisoformat(mended)
    except ValueError:
        raise QueryError(
            N_("is not a date and time"), field="at", value=text, mend=N_("write it like 2026-11-20T12:10")
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=time_zone(zone))


def check_range(field: str, value: float, low: float, high: float) -> None:
    """Raise QueryError unless low ≤ value ≤ high."""
    if isinstance(value, bool) or not low <= value <= high:
        raise QueryError(
            N_("is not between {low} and {high}") if math.isfinite(high) else N_("is below {low} or not a number"),
            field=field,
            value=value,
            mend=N_("correct it"),
            low=low,
            high=high,
        )


def _check_codes(field: str, codes: frozenset[str], choices: Mapping[str, str]) -> None:
    for code in sorted(codes - choices.keys()):
        raise QueryError(
            N_("is not one of {choices}"),
            field=field,
            value=code,
            choices=", ".join(choices),
            mend=N_("choose one of them"),
        )
