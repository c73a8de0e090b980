"""The k nearest usable stations: filter first, then rank by metres on the ellipsoid.

Candidates come from a search tree where there is one, else from a look at every station; either way the exact
distances and the stations' own hours have the last word.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, timedelta
from enum import IntEnum
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyproj

from locator.bits import CAN_QUERY, admits_mask, categories_mask, facilities_mask, registration_mask, ways_mask
from locator.candidates import Candidates, Masks, Trip
from locator.geodesy import Floats, distance_m, distances_m, ecef_m, ecef_of
from locator.hours import State
from locator.query import Answer, Match, Query, check_range
from locator.snapshot import Snapshot

__all__ = ["answer", "nearest", "nearest_many"]

_GEOD = pyproj.Geod(ellps="WGS84")
_ROUNDING_M = 1e-6  # of distances that are computed in two ways
_FEW = 16
_SHORT_M = 20_000.0
_STRIP_DEGREES = 0.05
_DOUBT_M = 0.001
_MEAN_RADIUS_M = 6_371_000.0


class _Rank(IntEnum):
    USABLE = 0
    UNKNOWN = 1
    CLOSED = 2


def answer(snapshot: Snapshot, query: Query) -> Answer:
    """Answer a query: the nearest usable stations, and how many there are to choose from."""
    index = snapshot.index
    matching, stations = index.matching(_masks(query), query.bbox), index.matching(_IN_OPERATION)
    return Answer(query, nearest(snapshot, query), matching, stations, snapshot.revision, snapshot.zone)


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
    found: list[Match] = []
    at, s_per_m = query.at.astimezone(UTC), query.s_per_m
    for rank in _wanted(query):
        pairs = _ranked(snapshot, query, rank, query.limit - len(found))
        found += [Match(snapshot, row, metres, metres * s_per_m, at) for metres, row in pairs]
        if len(found) == query.limit:
            break
    return found


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
    furthest = math.inf if query.radius_m is None else query.radius_m + _ROUNDING_M
    rows, lines, unsure, counts = snapshot.index.candidates_of_many(
        ecef_m(lons, lats), _masks(query), Trip(at_s, query.s_per_m, query.need_minutes * 60),
        snapshot.timetable(at_s),
        wanted=_Rank.USABLE.value, count=count + 1, furthest_m=furthest, box=query.bbox,
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


def _wanted(query: Query) -> tuple[_Rank, ...]:
    # Whoever asks for a station that never closes has no use for one of which nobody knows.
    if query.h24:
        return (_Rank.USABLE,)
    return (_Rank.USABLE, _Rank.UNKNOWN) if query.usable_only else tuple(_Rank)


def _masks(query: Query) -> Masks:
    return _masks_of(query.needs, query.ways, query.who, query.categories, query.no_registration)


@lru_cache(maxsize=10_000)
def _masks_of(
    needs: frozenset[str], ways: frozenset[str], who: frozenset[str], categories: frozenset[str], without: bool
) -> Masks:
    all_of = CAN_QUERY | facilities_mask(needs) | registration_mask(without=without)
    return Masks(*map(np.uint64, (all_of, ways_mask(ways), admits_mask(who), categories_mask(categories))))


_IN_OPERATION = _masks_of(frozenset(), frozenset(), frozenset(), frozenset(), without=False)


def _ranked(snapshot: Snapshot, query: Query, rank: _Rank, count: int) -> list[tuple[float, int]]:
    """Return metres and row of the nearest stations of one rank, nearest first, ties to the lower row.

    What the index does not name is not nearer than the last that it does; so whoever is surely nearer than
    that has been found, and where that is not enough it is asked for more.
    """
    at_s = query.at.timestamp()
    trip = Trip(at_s, query.s_per_m, query.need_minutes * 60)
    timetable = snapshot.timetable(at_s)
    place = ecef_of(query.lon, query.lat)
    furthest = math.inf if query.radius_m is None else query.radius_m + _ROUNDING_M
    masks, asked = _masks(query), count + 1
    while True:
        found = snapshot.index.candidates(
            place, masks, trip, timetable, wanted=rank.value, count=asked, furthest_m=furthest, box=query.bbox
        )
        measured = _measured(snapshot, query, rank, found)
        if found.beyond_m == math.inf or (
            len(measured) >= count and measured[count - 1][0] < found.beyond_m - _ROUNDING_M
        ):
            return measured[:count]
        asked *= 4


def _measured(snapshot: Snapshot, query: Query, rank: _Rank, found: Candidates) -> list[tuple[float, int]]:
    """Return metres and row of the candidates that do qualify, nearest first, ties to the lower row."""
    # The last of many is only how far off the rest is.
    rows = found.rows if found.beyond_m == math.inf else found.rows[:-1]
    pairs = list(zip(_metres(snapshot, query, rows), rows, strict=True))
    if found.unsure:
        pairs = [
            (metres, row)
            for unsure, (metres, row) in zip(found.unsure, pairs, strict=False)
            if not unsure or _rank_on_arrival(snapshot, query, row, metres) is rank
        ]
    if query.radius_m is not None:
        pairs = [pair for pair in pairs if pair[0] <= query.radius_m]
    pairs.sort()
    return pairs


def _rank_on_arrival(snapshot: Snapshot, query: Query, row: int, metres: float) -> _Rank:
    moment = query.at.astimezone(UTC) + timedelta(seconds=metres * query.s_per_m)
    outlook = snapshot.outlook(row, moment)
    if outlook.usable_for(moment, query.need_minutes):
        return _Rank.USABLE
    return _Rank.UNKNOWN if outlook.state is State.UNKNOWN else _Rank.CLOSED


def _metres(snapshot: Snapshot, query: Query, rows: list[int]) -> list[float]:
    """Return the metres on the ellipsoid from the query's place to some stations."""
    lon, lat, lons, lats, others = query.lon, query.lat, snapshot.lons, snapshot.lats, snapshot.others
    if len(rows) > _FEW:
        metres: list[float] = distances_m(lon, lat, lons[rows], lats[rows]).tolist()
    else:  # one by one is quicker than to make arrays of them
        metres = [_GEOD.inv(lon, lat, lons.item(row), lats.item(row))[2] for row in rows]
    if others:
        for number, row in enumerate(rows):
            if row in others:
                metres[number] = distance_m(lon, lat, others[row])
    return metres
