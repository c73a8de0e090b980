"""The k nearest usable stations: filter first, then rank by metres on the ellipsoid."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt
import shapely

from locator.geodesy import distance_m, distances_m, ecef_m
from locator.hours import Outlook, State
from locator.query import Match, Query
from locator.snapshot import Snapshot

__all__ = ["nearest"]

_WEEK_MINUTES = 7 * 24 * 60
_ROUNDING_M = 1e-6  # of distances that are computed in two ways


class _Rank(IntEnum):
    USABLE = 0
    UNKNOWN = 1
    CLOSED = 2


def nearest(snapshot: Snapshot, query: Query) -> list[Match]:
    """Find the k nearest stations usable at the query's moment.

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
    outlooks = [hours.outlook(query.at) for hours in snapshot.hours]
    ranks = np.array([_rank(outlook, query) for outlook in outlooks], dtype=int)[snapshot.hours_row]
    eligible = _eligible(snapshot, query)
    found: list[Match] = []
    for rank in _wanted(query):
        rows = np.flatnonzero(eligible & (ranks == rank))
        for distance, row in _nearest_rows(snapshot, query, rows, query.limit - len(found)):
            outlook = outlooks[snapshot.hours_row[row]]
            found.append(Match(station=snapshot.stations[row], distance_m=distance, outlook=outlook))
    return found


def _rank(outlook: Outlook, query: Query) -> int:
    minutes = max(query.minutes, _WEEK_MINUTES) if query.h24 else query.minutes
    if outlook.usable_for(query.at, minutes):
        return _Rank.USABLE
    return _Rank.UNKNOWN if outlook.state is State.UNKNOWN else _Rank.CLOSED


def _wanted(query: Query) -> tuple[_Rank, ...]:
    # Whoever asks for a station that never closes has no use for one of which nobody knows.
    if query.h24:
        return (_Rank.USABLE,)
    return (_Rank.USABLE, _Rank.UNKNOWN) if query.usable_only else tuple(_Rank)


def _eligible(snapshot: Snapshot, query: Query) -> npt.NDArray[np.bool_]:
    """Return for each station whether it exists, has what is needed and is of a wanted category."""
    eligible = snapshot.operating & snapshot.having(query.needs)
    if query.categories:
        eligible &= np.isin(snapshot.categories, sorted(query.categories))
    return eligible


def _nearest_rows(
    snapshot: Snapshot, query: Query, rows: npt.NDArray[np.intp], count: int
) -> list[tuple[float, int]]:
    """Return distance and row of the nearest of some stations, nearest first, ties to the lower row.

    A straight line through the earth is never longer than the way over it, so the stations nearest by
    such lines are measured first, and measuring stops where the line alone is too long.
    """
    if count <= 0 or not rows.size:
        return []
    here = ecef_m(np.array([query.lon]), np.array([query.lat]))[0]
    lines_m = np.linalg.norm(snapshot.centres[rows] - here, axis=1) - snapshot.radii_m[rows] - _ROUNDING_M
    order = np.argsort(lines_m, kind="stable")
    furthest = np.inf if query.radius_m is None else query.radius_m
    measured: list[tuple[float, int]] = []
    start, batch = 0, count
    while start < len(order) and lines_m[order[start]] <= furthest:
        part = rows[order[start : start + batch]]
        measured += zip(_distances_m(snapshot, query, part), map(int, part), strict=True)
        measured = sorted(pair for pair in measured if pair[0] <= furthest)[:count]
        if len(measured) == count:
            furthest = measured[-1][0]
        start, batch = start + batch, batch * 4
    return measured


def _distances_m(snapshot: Snapshot, query: Query, rows: npt.NDArray[np.intp]) -> list[float]:
    """Return the metres on the ellipsoid from the query's place to some stations."""
    geometries = np.array([snapshot.stations[row].geometry for row in rows], dtype=object)
    is_point = shapely.get_type_id(geometries) == shapely.GeometryType.POINT
    distances = np.empty(len(rows))
    points = geometries[is_point]
    distances[is_point] = distances_m(query.lon, query.lat, shapely.get_x(points), shapely.get_y(points))
    distances[~is_point] = [distance_m(query.lon, query.lat, geometry) for geometry in geometries[~is_point]]
    return [float(distance) for distance in distances]
