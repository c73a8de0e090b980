"""The k nearest usable stations: filter first, then rank by metres on the ellipsoid.

Candidates come from a search tree where there is one, else from a look at every station; either way the exact
distances and the stations' own hours have the last word.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
import pyproj

from locator.bits import CAN_QUERY, admits_mask, categories_mask, facilities_mask, registration_mask, ways_mask
from locator.candidates import MARGIN_S, ROUNDING_M, Candidates, Masks, Trip, least_way_m
from locator.geodesy import Floats, distance_m, distances_m, ecef_m, ecef_of
from locator.hours import State
from locator.query import MOST_TRAVEL_S, Answer, Match, Query, check_range
from locator.sayings import Sayings
from locator.snapshot import Snapshot
from locator.timetable import Timetable, same_until

if TYPE_CHECKING:
    from locator.tree import Plan, Writer

Ints: TypeAlias = npt.NDArray[np.int32]

__all__ = ["Prepared", "Rank", "answer", "metres_to", "nearest", "nearest_many"]

_GEOD = pyproj.Geod(ellps="WGS84")
_FEW = 16
_SHORT_M = 20_000.0
_STRIP_DEGREES = 0.05
_DOUBT_M = 0.001
_MEAN_RADIUS_M = 6_371_000.0


class Rank(IntEnum):
    """What one finds on arrival; the lower, the better."""

    USABLE = 0
    UNKNOWN = 1
    CLOSED = 2


class Prepared:
    """A query without its place and its moment, made ready to be asked of one snapshot again and again.

    Parameters
    ----------
    query
        What is needed; where and when it is asked does not matter.

    Attributes
    ----------
    s_per_m
        Seconds that a metre takes.
    radius_m
        Beyond it nothing counts; infinite: no bound.
    """

    def __init__(self, snapshot: Snapshot, query: Query) -> None:
        self.snapshot = snapshot
        self.query = query
        self.s_per_m = query.s_per_m
        self._need_s = query.need_minutes * 60
        self._masks = _masks(query)
        self._ranks = _wanted(query)
        self._limit, self._box = query.limit, query.bbox
        self.radius_m = math.inf if query.radius_m is None else query.radius_m
        self._kept: tuple[float, float, Timetable | None, Plan | None] = (math.inf, -math.inf, None, None)
        self._is_asked_again = False
        self._written: tuple[Plan | None, Sayings | None, Writer | None] = (None, None, None)

    @cached_property
    def matching(self) -> int:
        """How many stations have what is needed, however far, and, unless they may not close, whatever hours."""
        if not self.query.h24:
            return self.snapshot.index.matching(self._masks, self._box)
        ranks = self.ranks_of(self.rows, np.zeros(len(self.rows)), self.query.at.timestamp())
        return int(np.count_nonzero(ranks == Rank.USABLE))

    @cached_property
    def stations(self) -> int:
        """How many stations are in operation."""
        return self.snapshot.index.matching(_IN_OPERATION, None)

    @property
    def ranks(self) -> tuple[Rank, ...]:
        """What is told, the best first."""
        return self._ranks

    @cached_property
    def rows(self) -> npt.NDArray[np.int32]:
        """The rows of all stations that have what is needed, whatever their hours and however far."""
        return np.flatnonzero(self.snapshot.index.eligible(self._masks, self._box)).astype(np.int32)

    def ranks_of(self, rows: npt.NDArray[np.int32], metres: Floats, at_s: float) -> npt.NDArray[np.int8]:
        """Return what one finds at some stations who sets out at a moment, whichever way their metres are."""
        trip = Trip(at_s, self.s_per_m, self._need_s)
        timetable = self.snapshot.timetable(at_s)
        kinds, until = np.zeros(len(rows), np.int8), np.zeros(len(rows))
        if timetable is not None:
            moments = at_s + np.minimum(metres * self.s_per_m, MOST_TRAVEL_S)
            kinds, until = timetable.classes(self.snapshot.hours_row[rows], moments, self._need_s)
        for place in np.flatnonzero(until <= MARGIN_S).tolist():
            kinds[place] = self._rank_on_arrival(trip, int(rows[place]), float(metres[place]))
        return kinds

    def near(self, lon: float, lat: float, at_s: float) -> tuple[list[int], list[float]]:
        """Return rows and metres of the nearest stations; see `nearest`.

        Parameters
        ----------
        lon, lat
            The place, WGS84 degrees, in range.
        at_s
            The moment one sets out, seconds since 1970.
        """
        timetable, plan = self._planned(at_s)
        trip = Trip(at_s, self.s_per_m, self._need_s)
        rows: list[int] = []
        metres: list[float] = []
        for rank in self._ranks:
            count = self._limit - len(rows)
            found = plan and self.snapshot.index.nearest(
                lon, lat, plan, trip, wanted=rank.value, count=count, radius_m=self.radius_m
            )
            more = found or self._looked_at(lon, lat, trip, timetable, rank=rank, count=count)
            if len(more[0]) == self._limit:
                return more
            rows += more[0]
            metres += more[1]
            if len(rows) == self._limit:
                break
        return rows, metres

    def writer(self, at_s: float, kinds: Ints, sayings: Sayings) -> Writer | None:
        """Return who writes answers whole, found and put together at once, to those who set out about then.

        None where there is no search tree, or only the hours themselves tell. What the writer returns is empty
        where it takes a closer look; see `near`.

        Parameters
        ----------
        at_s
            The moment one sets out, seconds since 1970.
        kinds, sayings
            What is said of each kind of station.
        """
        plan = self._planned(at_s)[1]
        of_plan, of_sayings, writer = self._written
        if plan is None or (plan is of_plan and sayings is of_sayings):
            return writer if plan else None
        writer = self.snapshot.index.writer(
            plan, texts=self.snapshot.features, kinds=kinds, sayings=sayings, s_per_m=self.s_per_m,
            need_s=self._need_s, count=self._limit, radius_m=self.radius_m,
        )  # fmt: skip
        self._written = plan, sayings, writer
        return writer

    def _planned(self, at_s: float) -> tuple[Timetable | None, Plan | None]:
        """Return the timetable and the plan for a moment; the second time they are kept while they hold."""
        from_s, until_s, timetable, plan = self._kept
        if not from_s <= at_s < until_s:
            timetable = self.snapshot.timetable(at_s)
            plan = self.snapshot.index.plan(self._masks, timetable, at_s, self._box)
            if self._is_asked_again:
                self._kept = (at_s, same_until(at_s), timetable, plan)
            self._is_asked_again = True
        return timetable, plan

    def _looked_at(
        self, lon: float, lat: float, trip: Trip, timetable: Timetable | None, *, rank: Rank, count: int
    ) -> tuple[list[int], list[float]]:
        """Return rows and metres of the nearest stations of one rank; whatever may be one is looked at closely.

        What the index does not name is not nearer than the last that it does; so whoever is surely nearer than
        that has been found, and where that is not enough it is asked for more.
        """
        place, asked = ecef_of(lon, lat), count + 1
        while True:
            found = self.snapshot.index.candidates(
                place, self._masks, trip, timetable,
                wanted=rank.value, count=asked, furthest_m=self.radius_m + ROUNDING_M, box=self._box,
            )  # fmt: skip
            measured = self._measured(lon, lat, trip, rank, found)
            beyond_m = least_way_m(found.beyond_m) - ROUNDING_M
            if beyond_m == math.inf or (len(measured) >= count and measured[count - 1][0] < beyond_m):
                return [row for _, row in measured[:count]], [metres for metres, _ in measured[:count]]
            asked *= 4

    def _measured(
        self, lon: float, lat: float, trip: Trip, rank: Rank, found: Candidates
    ) -> list[tuple[float, int]]:
        """Return metres and row of the candidates that do qualify, nearest first, ties to the lower row."""
        # The last of many is only how far off the rest is.
        rows = found.rows if found.beyond_m == math.inf else found.rows[:-1]
        pairs = list(zip(metres_to(self.snapshot, lon, lat, rows), rows, strict=True))
        if found.unsure:
            pairs = [
                (metres, row)
                for unsure, (metres, row) in zip(found.unsure, pairs, strict=False)
                if not unsure or self._rank_on_arrival(trip, row, metres) is rank
            ]
        return sorted(pair for pair in pairs if pair[0] <= self.radius_m)

    def _rank_on_arrival(self, trip: Trip, row: int, metres: float) -> Rank:
        travel_s = min(metres * trip.s_per_m, MOST_TRAVEL_S)
        moment = datetime.fromtimestamp(trip.at_s, UTC) + timedelta(seconds=travel_s)
        outlook = self.snapshot.outlook(row, moment)
        if outlook.usable_for(moment, self.query.need_minutes):
            return Rank.USABLE
        return Rank.UNKNOWN if outlook.state is State.UNKNOWN else Rank.CLOSED


def answer(snapshot: Snapshot, query: Query) -> Answer:
    """Answer a query: the nearest usable stations, and how many there are to choose from."""
    prepared = Prepared(snapshot, query)
    matches = _matches(prepared, query)
    return Answer(query, matches, prepared.matching, prepared.stations, snapshot.revision, snapshot.zone)


def nearest(snapshot: Snapshot, query: Query) -> list[Match]:
    """Find the k nearest stations usable on arrival.

    Filters first, then ranks: usable ones before those whose hours are unknown (before closed ones, where
    the query asks for these too), within that by metres on the ellipsoid, ties to the lower id.

    Parameters
    ----------
    snapshot
        One version of all stations; WGS84, lon before lat.
    query
        Place, moment and needs. A station exactly at `radius_m` counts.

    Returns
    -------
    At most `query.limit` matches; empty when no station qualifies.
    """
    return _matches(Prepared(snapshot, query), query)


def _matches(prepared: Prepared, query: Query) -> list[Match]:
    snapshot, at, s_per_m = prepared.snapshot, query.at.astimezone(UTC), prepared.s_per_m
    rows, ways = prepared.near(query.lon, query.lat, at.timestamp())
    return [Match(snapshot, row, metres, metres * s_per_m, at) for row, metres in zip(rows, ways, strict=True)]


def nearest_many(
    snapshot: Snapshot, lons: Floats, lats: Floats, query: Query, *, threads: int = 1
) -> tuple[npt.NDArray[np.int32], Floats]:
    """Find for each of many places the stations that `nearest` finds there.

    Parameters
    ----------
    lons, lats
        The places, of one length n; degrees, WGS84, longitudes within ±180.
    query
        The moment, the needs and the limit k; its own place does not matter.
    threads
        How many work at it, where the search is compiled.

    Returns
    -------
    Rows of the snapshot and metres, each of shape (n, k), nearest first; where there are fewer than k, -1 and
    infinity. Metres are right to 0.2 mm.

    Raises
    ------
    QueryError
        A place is outside the range of longitudes and latitudes.
    """
    for name, values, most in (("lon", lons, 180), ("lat", lats, 90)):
        wrong = values[~(np.abs(values) <= most)]
        if wrong.size:
            check_range(name, float(wrong[0]), -most, most)
    rows = np.empty((len(lons), query.limit), np.int32)
    metres = np.empty((len(lons), query.limit))

    def fill(share: npt.NDArray[np.intp]) -> None:
        rows[share], metres[share] = _nearest_of_share(snapshot, lons[share], lats[share], query)

    # One after the other in strips from south to north: what is near is still at hand from the place before.
    order = np.lexsort((lons, np.floor(lats / _STRIP_DEGREES)))
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(fill, np.array_split(order, threads)))
    return rows, metres


def _nearest_of_share(
    snapshot: Snapshot, lons: Floats, lats: Floats, query: Query
) -> tuple[npt.NDArray[np.int32], Floats]:
    at_s, count = query.at.timestamp(), query.limit
    furthest = math.inf if query.radius_m is None else query.radius_m + ROUNDING_M
    rows, lines, unsure, counts = snapshot.index.candidates_of_many(
        ecef_m(lons, lats), _masks(query), Trip(at_s, query.s_per_m, query.need_minutes * 60),
        snapshot.timetable(at_s),
        wanted=Rank.USABLE.value, count=count + 1, furthest_m=furthest, box=query.bbox,
    )  # fmt: skip
    # Over a short way the line and the way over ground differ by less than a millimetre's doubt; in the rest of
    # the places, and where two stations are as near as that, the exact answer is looked up one by one.
    apart = np.diff(lines, axis=1)
    plain = (
        (counts > count)
        & ~unsure.any(axis=1)
        & (lines[:, count] < _SHORT_M)
        & ((apart > _DOUBT_M) | (apart == 0) & (apart[:, -1:] > _DOUBT_M)).all(axis=1)
    )
    if query.radius_m is not None:
        plain &= lines[:, count - 1] < query.radius_m - _DOUBT_M
    rows, lines = rows[:, :count].copy(), lines[:, :count]
    metres = lines + lines**3 / (24 * _MEAN_RADIUS_M**2)
    for place in np.flatnonzero(~plain).tolist():
        found = nearest(snapshot, replace(query, lon=float(lons[place]), lat=float(lats[place])))
        rows[place], metres[place] = -1, np.inf
        rows[place, : len(found)] = [match.row for match in found]
        metres[place, : len(found)] = [match.distance_m for match in found]
    return rows, metres


def _wanted(query: Query) -> tuple[Rank, ...]:
    # Whoever asks for a station that never closes has no use for one of which nobody knows.
    if query.h24:
        return (Rank.USABLE,)
    return (Rank.USABLE, Rank.UNKNOWN) if query.usable_only else tuple(Rank)


def _masks(query: Query) -> Masks:
    return _masks_of(query.needs, query.ways, query.who, query.categories, query.no_registration)


@lru_cache(maxsize=10_000)
def _masks_of(
    needs: frozenset[str], ways: frozenset[str], who: frozenset[str], categories: frozenset[str], without: bool
) -> Masks:
    all_of = CAN_QUERY | facilities_mask(needs) | registration_mask(without=without)
    return Masks(*map(np.uint64, (all_of, ways_mask(ways), admits_mask(who), categories_mask(categories))))


_IN_OPERATION = _masks_of(frozenset(), frozenset(), frozenset(), frozenset(), without=False)


def metres_to(snapshot: Snapshot, lon: float, lat: float, rows: list[int]) -> list[float]:
    """Return the metres on the ellipsoid from a place to some stations."""
    lons, lats, others = snapshot.lons, snapshot.lats, snapshot.others
    if len(rows) > _FEW:
        metres: list[float] = distances_m(lon, lat, lons[rows], lats[rows]).tolist()
    else:  # one by one is quicker than to make arrays of them
        metres = [_GEOD.inv(lon, lat, lons.item(row), lats.item(row))[2] for row in rows]
    if others:
        for number, row in enumerate(rows):
            if row in others:
                metres[number] = distance_m(lon, lat, others[row])
    return metres
