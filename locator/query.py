"""Query, Match and Answer: the one question that every door asks, and what it gets."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

from locator.errors import QueryError
from locator.hours import Outlook, State, time_zone
from locator.station import ADMITS, CATEGORIES, FACILITIES, WAYS_IN, Station
from locator.translation import N_

__all__ = [
    "BASIS",
    "DEFAULT_LIMIT",
    "MAX_LIMIT",
    "MODES",
    "MOST_TRAVEL_S",
    "NETWORK_BASIS",
    "SPEEDS_M_PER_S",
    "WALKING_M_PER_S",
    "Answer",
    "Match",
    "Query",
    "check_range",
    "parse_bbox",
    "parse_moment",
    "parse_number",
    "walking_minutes",
]

DEFAULT_LIMIT = 10
MAX_LIMIT = 100
MAX_MINUTES = 24 * 60
_YEARS = range(2000, 2101)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)

WALKING_M_PER_S = 1.2
"""Walking speed: 1.2 m/s (4.3 km/h), which the Highway Capacity Manual 2000 assumes for pedestrians."""

MODES: dict[str, str] = {
    "walk": N_("on foot"),
    "ebike": N_("by e-bike"),
    "car": N_("by car"),
    "there": N_("already there"),
}
"""How one gets there; who is already there needs no time."""

SPEEDS_M_PER_S: dict[str, float] = {"walk": WALKING_M_PER_S, "ebike": 15 / 3.6, "car": 20 / 3.6, "there": math.inf}
"""Metres a second along a straight line. E-bikes: 15 km/h, below the 25 km/h that GB 17761-2018 allows at most;
cars: 20 km/h of a town's traffic. Both, like the straight line, are assumptions: settings change them."""

MOST_TRAVEL_S = 7 * 86_400
"""Whoever is further off than a week is told what one finds in a week: hours beyond are a guess, and looked up one
by one they would take seconds."""

BASIS = "straight_line"
"""What distances and minutes are measured along where there is no network."""

NETWORK_BASIS = "network"
"""What they are measured along where there is one: the streets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Where, when and what somebody needs.

    Parameters
    ----------
    lon, lat
        The place, WGS84 degrees.
    at
        The moment one sets out, with a time zone. A station counts if it is usable when one gets there.
    mode
        Code of `MODES`: how one gets there.
    speed_m_per_s
        Metres a second; None: what the mode usually does.
    minutes
        How long one wants to stay; a station that closes exactly then counts.
    needs
        Codes of facilities that must be there; an unknown one is not enough.
    h24
        Only stations that can be used around the clock.
    ways
        Codes of the ways in that one can use; empty: any. A station whose ways in are unknown stays.
    who
        Codes of `ADMITS` that one belongs to; everybody belongs to `everyone`. Empty: not asked. A station of
        which nobody knows whom it admits stays.
    no_registration
        Only stations that are known to need no registration.
    categories
        Codes of categories; empty: all.
    radius_m
        Furthest distance; a station exactly at it counts. None: no bound.
    bbox
        West, south, east, north in degrees: only stations whose own bounds meet it, edges included. A west
        greater than the east spans 180°. None: no bound.
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
    mode: str = "walk"
    speed_m_per_s: float | None = None
    minutes: float = 0
    needs: frozenset[str] = frozenset()
    h24: bool = False
    ways: frozenset[str] = frozenset()
    who: frozenset[str] = frozenset()
    no_registration: bool = False
    categories: frozenset[str] = frozenset()
    radius_m: float | None = None
    bbox: tuple[float, float, float, float] | None = None
    limit: int = DEFAULT_LIMIT
    usable_only: bool = True

    def __post_init__(self) -> None:
        check_range("lon", self.lon, -180, 180)
        check_range("lat", self.lat, -90, 90)
        check_range("minutes", self.minutes, 0, MAX_MINUTES)
        if self.radius_m is not None:
            check_range("radius_m", self.radius_m, 0, math.inf)
        if self.speed_m_per_s is not None:
            check_range("speed_m_per_s", self.speed_m_per_s, 0.1, math.inf)
        check_range("limit", self.limit, 1, MAX_LIMIT)
        if self.bbox is not None:
            _check_bbox(self.bbox)
        for field, choices in _VOCABULARIES.items():
            chosen = getattr(self, field)
            if chosen:
                _check_codes(field, chosen, choices)
        if self.mode not in MODES:
            _check_codes("mode", frozenset({self.mode}), MODES)
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

    @property
    def s_per_m(self) -> float:
        """Seconds that a metre of the way takes."""
        return 1 / (self.speed_m_per_s or SPEEDS_M_PER_S[self.mode])

    @property
    def need_minutes(self) -> float:
        """How long the station has to be usable: around the clock is a week without a break."""
        return max(self.minutes, _WEEK_MINUTES) if self.h24 else self.minutes


_WEEK_MINUTES = 7 * 24 * 60
_VOCABULARIES = {"needs": FACILITIES, "categories": CATEGORIES, "ways": WAYS_IN, "who": ADMITS}


class Rows(Protocol):
    """What a match looks its station up in: a snapshot."""

    @property
    def stations(self) -> Sequence[Station]:
        """The stations by row."""

    def outlook(self, row: int, at: datetime) -> Outlook:
        """Return the state of a station at a moment."""


class Match(NamedTuple):
    """One station that answers a query.

    Attributes
    ----------
    row
        Of the station in the snapshot that was asked.
    distance_m
        Metres along the `basis`; to a polygon's boundary, 0 inside.
    travel_s
        Seconds to get there, an estimate from these metres.
    sets_out
        The query's moment.
    basis
        `BASIS`: a straight line on the ellipsoid; or `NETWORK_BASIS`: along the streets.
    """

    snapshot: Rows
    row: int
    distance_m: float
    travel_s: float
    sets_out: datetime
    basis: str = BASIS

    @property
    def station(self) -> Station:
        """The station."""
        return self.snapshot.stations[self.row]

    @property
    def arrives(self) -> datetime:
        """The moment one gets there, a week from setting out at the latest; see `MOST_TRAVEL_S`."""
        # In UTC: on the clock of a zone an hour may be missing on the way.
        return self.sets_out.astimezone(UTC) + timedelta(seconds=min(self.travel_s, MOST_TRAVEL_S))

    @property
    def outlook(self) -> Outlook:
        """The state when one gets there, and what comes next."""
        return self.snapshot.outlook(self.row, self.arrives)

    @property
    def state(self) -> State:
        """The state when one gets there."""
        return self.outlook.state

    @property
    def travel_minutes(self) -> int:
        """Whole minutes to get there, rounded up."""
        return math.ceil(self.travel_s / 60)

    @property
    def walk_minutes(self) -> int:
        """Whole minutes on foot, rounded up; see `walking_minutes`."""
        return walking_minutes(self.distance_m)


class Answer(NamedTuple):
    """What a query gets: its matches, and how many stations there are.

    Attributes
    ----------
    matching
        How many stations have what was asked for, whatever their hours and however far.
    stations
        How many are in operation.
    """

    query: Query
    matches: list[Match]
    matching: int
    stations: int
    revision: int
    zone: str


def walking_minutes(distance_m: float) -> int:
    """Return the minutes on foot for a distance in metres, at `WALKING_M_PER_S`, rounded up."""
    return math.ceil(distance_m / WALKING_M_PER_S / 60)


def parse_moment(text: str, zone: str, *, field: str = "at") -> datetime:
    """Return the moment that an ISO 8601 text names; without an offset it is meant in a time zone.

    Raises
    ------
    QueryError
        The text is no date and time.
    """
    mended = text.strip()
    if " " in mended:  # in a URL a plus sign stands for a space
        mended = re.sub(r"([T:]\d\d\S*) (\d\d:?\d\d)$", r"\1+\2", mended)
    try:
        moment = datetime.fromisoformat(mended)
    except ValueError:
        raise QueryError(
            N_("is not a date and time"), field=field, value=text, mend=N_("write it like 2026-11-20T12:10")
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=time_zone(zone))


def parse_number(text: str) -> float:
    """Return the number that a text writes in plain digits, such as 28.8 or 1e2.

    Raises
    ------
    ValueError
        It writes none. Python itself would also take 1_000, digits of other scripts, and nan.
    """
    if _NUMBER.fullmatch(text.strip(" ")) is None:
        raise ValueError(text)
    return float(text)


def parse_bbox(field: str, text: str) -> tuple[float, float, float, float]:
    """Return the west, south, east and north that a text names, checked.

    Raises
    ------
    QueryError
        The text is no four numbers in range.
    """
    try:
        west, south, east, north = (parse_number(part) for part in text.split(","))
    except ValueError:
        raise QueryError(
            N_("is not four numbers"), field=field, value=text, mend=N_("write west,south,east,north in degrees")
        ) from None
    _check_bbox((west, south, east, north), field=field)
    return west, south, east, north


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


def _check_bbox(box: tuple[float, float, float, float], *, field: str = "bbox") -> None:
    west, south, east, north = box
    for value, most in ((west, 180), (south, 90), (east, 180), (north, 90)):
        check_range(field, value, -most, most)
    if south > north:
        raise QueryError(
            N_("has its south above its north"),
            field=field,
            value=",".join(f"{value:g}" for value in box),
            mend=N_("write west,south,east,north in degrees"),
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
