"""How far it is from every demand point to every station in the vicinity: measured once, asked many times."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from locator.geodesy import local_crs, pairwise_m
from locator.streets.graph import Floats, Mask, Network, Numbers, projected
from locator.streets.snapping import FINE_M, Snaps
from locator.streets.travel import Heading, Nearest, distance_matrix, nearest_station

__all__ = [
    "Columns",
    "Distances",
    "between_m",
    "carried",
    "distinct",
    "nearest_along",
    "nearest_places",
    "nearest_straight",
    "network_distances",
    "straight_distances",
]

_STRAIGHT_BLOCK = 20_000
_EVERYWHERE_M = 200_000.0


@dataclass(frozen=True, eq=False)
class Columns:
    """Sets of stations, such as those usable in each hour: only those that differ, and which is which.

    Attributes
    ----------
    sets
        Shape (stations, distinct sets).
    column
        For each set that was asked for its place among the distinct ones.
    """

    sets: Mask
    column: Numbers


def distinct(sets: Mask) -> Columns:
    """Return the distinct ones of sets of stations, given as columns."""
    if not sets.shape[1]:
        return Columns(sets, np.zeros(0, np.int64))
    packed = np.ascontiguousarray(np.packbits(sets, axis=0).T)
    if not packed.shape[1]:
        return Columns(sets[:, :1], np.zeros(sets.shape[1], np.int64))
    keys = packed.view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, column = np.unique(keys, return_index=True, return_inverse=True)
    return Columns(sets[:, first], column.ravel())


@dataclass(frozen=True, eq=False)
class Distances:
    """A sparse matrix of metres: for each point the stations within a limit, nearest first, ties by station.

    Attributes
    ----------
    offsets
        Where the stations of each point begin, and the end of the last.
    station
        Rows of stations.
    limit_m
        Beyond it nothing was looked for.
    is_straight
        Whether it is measured in a straight line, for want of streets.
    """

    offsets: Numbers
    station: Numbers
    distance_m: Floats
    limit_m: float
    is_straight: bool

    @property
    def points(self) -> int:
        """How many points there are."""
        return len(self.offsets) - 1

    @cached_property
    def point(self) -> Numbers:
        """The point of each entry."""
        return np.repeat(np.arange(self.points), np.diff(self.offsets))

    def within(self, limit_m: float, sets: Mask) -> Mask:
        """Return whether each point has a station of each set within a distance, which counts itself.

        Parameters
        ----------
        sets
            Shape (stations, sets).

        Returns
        -------
        Shape (points, sets).
        """
        near = np.flatnonzero(self.distance_m <= limit_m + FINE_M)
        count = sets.shape[1]
        words = _words(sets)
        found = np.zeros((self.points, words.shape[1]), np.uint64)
        if len(near):
            point = self.point[near]
            starts = np.flatnonzero(np.diff(point, prepend=-1))
            found[point[starts]] = np.bitwise_or.reduceat(words[self.station[near]], starts, axis=0)
        return np.unpackbits(found.view(np.uint8), axis=1, count=count, bitorder="little").astype(bool)

    def nearest(self, sets: Mask) -> tuple[Floats, Numbers]:
        """Return metres to the nearest station of each set, and which it is; infinite and -1 beyond the limit.

        Shapes (points, sets).
        """
        metres = np.full((self.points, sets.shape[1]), np.inf)
        station = np.full((self.points, sets.shape[1]), -1)
        for column in range(sets.shape[1]):
            entry = np.flatnonzero(sets[self.station, column])
            point = self.point[entry]
            first = entry[np.flatnonzero(np.diff(point, prepend=-1))]
            metres[self.point[first], column] = self.distance_m[first]
            station[self.point[first], column] = self.station[first]
        return metres, station

    def counts(self, limit_m: float, stations: Mask) -> Numbers:
        """Return for each point how many of some stations are within a distance, which counts itself."""
        near = (self.distance_m <= limit_m + FINE_M) & stations[self.station]
        return np.bincount(self.point[near], minlength=self.points)

    def entries(self, limit_m: float, stations: Mask) -> Numbers:
        """Return which entries are of some stations and within a distance, which counts itself."""
        return np.flatnonzero((self.distance_m <= limit_m + FINE_M) & stations[self.station])


def network_distances(
    network: Network,
    stations: Snaps,
    points: Snaps,
    *,
    limit_m: float,
    heading: Heading = Heading.TO_STATIONS,
    row: Numbers | None = None,
    inside: tuple[Numbers, Numbers] | None = None,
) -> Distances:
    """Measure along the streets, access legs included.

    Parameters
    ----------
    stations
        Where they are entered.
    row
        The station of each entrance, for those that have several; None: each is a station.
    inside
        Points, and the stations in which they lie: they are there, wherever the streets are.
    """
    pairs = distance_matrix(network, stations, points, limit_m=limit_m, heading=heading)
    point, station, metres = pairs.point, pairs.station, pairs.distance_m
    if row is not None:
        station = row[station]
    if inside is not None:
        point, station = np.concatenate([point, inside[0]]), np.concatenate([station, inside[1]])
        metres = np.concatenate([metres, np.zeros(len(inside[0]))])
    if row is not None or inside is not None:
        shortest = _shortest(point, station, metres)
        point, station, metres = point[shortest], station[shortest], metres[shortest]
    offsets = np.searchsorted(point, np.arange(len(points) + 1))
    return Distances(offsets, station, metres, limit_m, is_straight=False)


def straight_distances(shapes: npt.NDArray[Any], points: tuple[Floats, Floats], *, limit_m: float) -> Distances:
    """Measure straight lines, geodesics on the ellipsoid; to the boundary of a polygon, and 0 inside.

    Parameters
    ----------
    shapes
        The stations' geometries, WGS84.
    points
        lons, lats; WGS84.
    """
    count = len(points[0])
    parts: list[tuple[Numbers, Numbers, Floats]] = [(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))]
    if len(shapes) and count:
        places = np.column_stack(points)
        crs = local_crs(shapely.GeometryCollection([shapely.MultiPoint(places), *shapes]))
        tree = shapely.STRtree(shapely.transform(shapes, lambda pairs: projected(crs, pairs)))
        flat = np.asarray(shapely.points(projected(crs, places)))
        for start in range(0, count, _STRAIGHT_BLOCK):
            # The projection stretches a little; what is within is measured on the ellipsoid.
            found = tree.query(
                flat[start : start + _STRAIGHT_BLOCK], predicate="dwithin", distance=limit_m * 1.01 + 0.01
            )
            point, station = found[0] + start, found[1]
            metres = pairwise_m(*places[point].T, *nearest_places(crs, shapes, station, places[point]).T)
            near = metres <= limit_m + FINE_M
            parts.append((point[near], station[near], metres[near]))
    point, station, metres = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((station, np.round(metres / FINE_M), point))
    offsets = np.searchsorted(point[order], np.arange(count + 1))
    return Distances(offsets, station[order], metres[order], limit_m, is_straight=True)


def carried(before: Distances, now: Numbers, fresh: Distances, rows: Numbers) -> Distances:
    """Return distances to other stations, some of which are where stations were before.

    Parameters
    ----------
    now
        For each station of `before` its row among the other stations; -1: it is not there.
    fresh, rows
        Distances to the rest of them, and the row of each of those; from the same points, to the same limit.
    """
    kept = now[before.station] >= 0
    point = np.concatenate([before.point[kept], fresh.point])
    station = np.concatenate([now[before.station[kept]], rows[fresh.station]])
    metres = np.concatenate([before.distance_m[kept], fresh.distance_m])
    order = np.lexsort((station, np.round(metres / FINE_M), point))
    offsets = np.searchsorted(point[order], np.arange(before.points + 1))
    return Distances(offsets, station[order], metres[order], before.limit_m, before.is_straight)


def nearest_places(crs: pyproj.CRS, shapes: npt.NDArray[Any], row: Numbers, places: Floats) -> Floats:
    """Return of some geometries the place nearest to a place each: lon and lat, of a point itself.

    Parameters
    ----------
    crs
        A local projection in which what is nearest is looked for.
    shapes
        WGS84.
    row
        For each place the geometry.
    places
        Shape (n, 2): lon, lat; WGS84. A place in a polygon is its own nearest one.
    """
    nearest = np.array(places, dtype=np.float64)
    is_point = (shapely.get_type_id(shapes) == shapely.GeometryType.POINT)[row]
    nearest[is_point] = shapely.get_coordinates(shapes[row[is_point]])
    away = np.flatnonzero(~is_point)
    away = away[~shapely.intersects_xy(shapes[row[away]], *nearest[away].T)]
    if len(away):
        wide, which = np.unique(row[away], return_inverse=True)
        flat = shapely.transform(shapes[wide], lambda pairs: projected(crs, pairs))[which]
        lines = shapely.shortest_line(flat, shapely.points(projected(crs, nearest[away])))
        nearest[away] = projected(crs, shapely.get_coordinates(shapely.get_point(lines, 0)), back=True)
    return nearest


def nearest_along(
    network: Network, stations: Snaps, points: Snaps, *, row: Numbers, inside: tuple[Numbers, Numbers]
) -> Nearest:
    """Return for each point the nearest station along the streets, however far; see `network_distances`."""
    found = nearest_station(network, stations, points, limit_m=_EVERYWHERE_M)
    metres, station = found.distance_m.copy(), np.append(row, -1)[found.station]
    point, there = inside
    metres[point], station[point] = 0.0, np.iinfo(np.int64).max
    np.minimum.at(station, point, there)
    return Nearest(metres, station)


def nearest_straight(shapes: npt.NDArray[Any], places: tuple[Floats, Floats]) -> Nearest:
    """Return for each place (lons, lats) the nearest geometry in a straight line, however far; WGS84."""
    points = np.column_stack(places)
    if not len(shapes) or not len(points):
        return Nearest(np.full(len(points), np.inf), np.full(len(points), -1))
    # In the projection a nearest may be another that is as far to a millionth; how far it is the ellipsoid says.
    crs = local_crs(shapely.GeometryCollection([shapely.MultiPoint(points), *shapes]))
    tree = shapely.STRtree(shapely.transform(shapes, lambda pairs: projected(crs, pairs)))
    found, nearest = tree.query_nearest(np.asarray(shapely.points(projected(crs, points))))
    order = np.lexsort((nearest, found))
    station = nearest[order][np.flatnonzero(np.diff(found[order], prepend=-1))]
    return Nearest(pairwise_m(*points.T, *nearest_places(crs, shapes, station, points).T), station)


def between_m(shapes: npt.NDArray[Any], others: npt.NDArray[Any]) -> Floats:
    """Return the metres between two geometries each (WGS84), straight; 0 where they touch or overlap."""
    if not len(shapes):
        return np.zeros(0)
    crs = local_crs(shapely.GeometryCollection([*shapes, *others]))
    flat, other = (shapely.transform(some, lambda pairs: projected(crs, pairs)) for some in (shapes, others))
    ends = projected(crs, shapely.get_coordinates(shapely.shortest_line(flat, other)), back=True)
    return pairwise_m(*ends[::2].T, *ends[1::2].T)


def _shortest(point: Numbers, station: Numbers, metres: Floats) -> Numbers:
    """Return of each pair its shortest way; by point, then nearest first, ties by station."""
    order = np.lexsort((metres, station, point))
    changes = (np.diff(point[order], prepend=-1) != 0) | (np.diff(station[order], prepend=-1) != 0)
    first = order[changes]
    return np.asarray(first[np.lexsort((station[first], metres[first], point[first]))])


def _words(sets: Mask) -> npt.NDArray[np.uint64]:
    """Return the sets of each station as bits of some words."""
    packed = np.packbits(sets, axis=1, bitorder="little")
    width = -(-max(packed.shape[1], 1) // 8) * 8
    padded = np.zeros((len(packed), width), np.uint8)
    padded[:, : packed.shape[1]] = packed
    return padded.view(np.uint64)
