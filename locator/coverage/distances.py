"""How far it is from every demand point to every station in the vicinity: measured once, asked many times."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely

from locator.geodesy import local_crs, pairwise_m
from locator.streets.graph import Floats, Mask, Network, Numbers, projected
from locator.streets.snapping import FINE_M, Snaps
from locator.streets.travel import Heading, distance_matrix

__all__ = ["Columns", "Distances", "carried", "distinct", "network_distances", "straight_distances"]

_STRAIGHT_BLOCK = 20_000


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
    network: Network, stations: Snaps, points: Snaps, *, limit_m: float, heading: Heading = Heading.TO_STATIONS
) -> Distances:
    """Measure along the streets, access legs included."""
    pairs = distance_matrix(network, stations, points, limit_m=limit_m, heading=heading)
    offsets = np.searchsorted(pairs.point, np.arange(len(points) + 1))
    return Distances(offsets, pairs.station, pairs.distance_m, limit_m, is_straight=False)


def straight_distances(
    stations: tuple[Floats, Floats], points: tuple[Floats, Floats], *, limit_m: float
) -> Distances:
    """Measure straight lines, geodesics on the ellipsoid.

    Parameters
    ----------
    stations, points
        lons, lats; WGS84.
    """
    count = len(points[0])
    parts: list[tuple[Numbers, Numbers, Floats]] = [(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))]
    if len(stations[0]) and count:
        places = np.concatenate([np.column_stack(stations), np.column_stack(points)])
        crs = local_crs(shapely.MultiPoint(places))
        tree = shapely.STRtree(np.asarray(shapely.points(projected(crs, np.column_stack(stations)))))
        flat = np.asarray(shapely.points(projected(crs, np.column_stack(points))))
        for start in range(0, count, _STRAIGHT_BLOCK):
            # The projection stretches a little; what is within is measured on the ellipsoid.
            found = tree.query(
                flat[start : start + _STRAIGHT_BLOCK], predicate="dwithin", distance=limit_m * 1.01 + 0.01
            )
            point, station = found[0] + start, found[1]
            metres = pairwise_m(points[0][point], points[1][point], stations[0][station], stations[1][station])
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


def _words(sets: Mask) -> npt.NDArray[np.uint64]:
    """Return the sets of each station as bits of some words."""
    packed = np.packbits(sets, axis=1, bitorder="little")
    width = -(-max(packed.shape[1], 1) // 8) * 8
    padded = np.zeros((len(packed), width), np.uint8)
    padded[:, : packed.shape[1]] = packed
    return padded.view(np.uint64)
