"""The k nearest usable stations by the streets: the same question, its metres along a network, not in a line."""

from __future__ import annotations

from datetime import UTC
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from locator.geodesy import Floats, distance_m, ecef_m, ecef_of
from locator.nearest import Prepared, metres_to
from locator.query import BASIS, NETWORK_BASIS, Answer, Match, Query
from locator.snapshot import Snapshot
from locator.streets.entrances import around
from locator.streets.graph import Mask, Network, Numbers
from locator.streets.snapping import MAX_ACCESS_M, Snapper, Snaps, main_edges
from locator.streets.travel import Destinations

__all__ = ["Near", "OnStreets"]

_FIRST_M = 1_000.0
_FURTHER = 4


class Near(NamedTuple):
    """The nearest stations: rows of the snapshot, metres, and whether these are along the streets."""

    rows: list[int]
    metres: list[float]
    by_street: list[bool]


class OnStreets:
    """The stations of a snapshot on a network, ready to be asked for the nearest.

    A station enters the nearest street of the network's main parts, one with a boundary from all around it.

    Parameters
    ----------
    max_access_m
        The longest straight line from a place or a station to the nearest street.
    """

    def __init__(self, snapshot: Snapshot, network: Network, *, max_access_m: float = MAX_ACCESS_M) -> None:
        self.snapshot = snapshot
        self.network = network
        self._max_access_m = max_access_m
        self._snapper = Snapper(network, main_edges(network))
        vertices = ecef_m(*network.vertices.T)
        self._centre = vertices.mean(axis=0)
        self._radius_m = float(np.linalg.norm(vertices - self._centre, axis=1).max()) + max_access_m
        self._row_of, places = self._entrances()
        entrances = self._snapped(places)
        self._destinations = Destinations(network, entrances)
        self.has_street: Mask = np.zeros(len(snapshot.features), dtype=bool)
        self.has_street[self._row_of[entrances.edge >= 0]] = True
        # No shortest way takes a street twice.
        self._longest_m = float(network.length_m.sum()) + 2 * max_access_m

    def near(self, prepared: Prepared, lon: float, lat: float, at_s: float) -> Near:
        """Return the nearest stations by metres along the streets.

        Usable on arrival, as `Prepared` says, goes before what is not; within that the nearest, ties to the lower
        row. A station without a street near it is measured in a straight line, among the others; one to which no
        way leads, such as on an island of the network, too, but comes behind them. Where the place itself has no
        street near it, all is as without a network.

        Parameters
        ----------
        prepared
            Of the same snapshot; a station exactly at its radius counts.
        lon, lat
            The place, WGS84 degrees, in range.
        at_s
            The moment one sets out, seconds since 1970.
        """
        place = self._place(lon, lat)
        if place is None:
            rows, metres = prepared.near(lon, lat, at_s)
            return Near(rows, metres, [False] * len(rows))
        search = _Search(self, prepared, (lon, lat), at_s)
        furthest_m = min(prepared.radius_m, self._longest_m)
        limit_m = _FIRST_M
        # No way is shorter than the line, so what is not within the limit is beyond whatever is.
        while limit_m < furthest_m:
            found = search.within(self._ways(place, limit_m), limit_m)
            if found is not None:
                return found
            limit_m *= _FURTHER
        # Beyond the radius, too: to tell what is far from that to which no way leads.
        return search.at_last(self._ways(place, self._longest_m))

    def answer(self, query: Query) -> Answer:
        """Answer a query by the streets, as `locator.nearest.answer` does in a straight line."""
        snapshot, prepared, at = self.snapshot, Prepared(self.snapshot, query), query.at.astimezone(UTC)
        near = self.near(prepared, query.lon, query.lat, at.timestamp())
        matches = [
            Match(snapshot, row, metres, metres * prepared.s_per_m, at, NETWORK_BASIS if by_street else BASIS)
            for row, metres, by_street in zip(*near, strict=True)
        ]
        return Answer(query, matches, prepared.matching, prepared.stations, snapshot.revision, snapshot.zone)

    def _place(self, lon: float, lat: float) -> Snaps | None:
        """Return where a place enters the network; None where it has no street near it."""
        if np.linalg.norm(np.subtract(ecef_of(lon, lat), self._centre)) > self._radius_m:
            return None
        place = self._snapped(np.array([[lon, lat]]))
        return place if place.edge[0] >= 0 else None

    def _entrances(self) -> tuple[Numbers, Floats]:
        """Return the places where the stations around the network are entered: row, and lon and lat, of each."""
        snapshot, index = self.snapshot, self.snapshot.index
        away_m = np.linalg.norm(index.centres - self._centre, axis=1) - index.radii_m
        near = np.flatnonzero(away_m <= self._radius_m)
        wide = [row for row in near.tolist() if row in snapshot.others]
        points = np.setdiff1d(near, wide)
        places = [np.column_stack([snapshot.lons[points], snapshot.lats[points]])]
        places += [around(snapshot.others[row], self.network.flattened, self.network) for row in wide]
        counts = [len(around) for around in places[1:]]
        return np.concatenate([points, np.repeat(np.array(wide, np.int64), counts)]), np.concatenate(places)

    def _snapped(self, places: Floats) -> Snaps:
        return self._snapper.snap(*places.T, max_access_m=self._max_access_m)

    def _ways(self, place: Snaps, limit_m: float) -> Floats:
        """Return for each station the metres along the streets; infinite beyond the limit."""
        pairs = self._destinations.ways_from(place, limit_m=limit_m)
        metres = np.full(len(self.snapshot.features), np.inf)
        np.minimum.at(metres, self._row_of[pairs.point], pairs.distance_m)
        return metres


class _Search:
    """One question: who has what is needed, and at least how far each is."""

    def __init__(self, on: OnStreets, prepared: Prepared, place: tuple[float, float], at_s: float) -> None:
        self._prepared, self._place, self._at_s = prepared, place, at_s
        self._snapshot = on.snapshot
        self._rows = prepared.rows
        self._has_street = on.has_street[self._rows]
        index = on.snapshot.index
        lines = np.linalg.norm(index.centres[self._rows] - ecef_of(*place), axis=1)
        self._lines_m = np.maximum(lines - index.radii_m[self._rows], 0.0)
        # Whoever stands inside is there, wherever the streets are.
        self._here = np.zeros(len(self._rows), dtype=bool)
        for spot in np.flatnonzero(self._lines_m <= 0).tolist():
            geometry = on.snapshot.others.get(int(self._rows[spot]))
            self._here[spot] = geometry is not None and distance_m(*place, geometry) == 0

    def within(self, ways: Floats, limit_m: float) -> Near | None:
        """Return the nearest where enough of them that can be used are within a limit; else None."""
        metres = self._by_street(ways)
        near = np.flatnonzero(np.where(self._has_street, metres, self._lines_m) <= limit_m)
        rows, metres, by_street = self._measured(metres, near)
        inside = metres <= limit_m
        rows, metres, by_street = rows[inside], metres[inside], by_street[inside]
        ranks = self._prepared.ranks_of(rows, metres, self._at_s)
        if np.count_nonzero(ranks == self._prepared.ranks[0]) < self._prepared.query.limit:
            return None
        return self._chosen(rows, metres, by_street, ranks)

    def at_last(self, ways: Floats) -> Near:
        """Return the nearest of all, given all the ways that there are."""
        metres = self._by_street(ways)
        rows, metres, by_street = self._measured(metres, np.arange(len(self._rows)))
        inside = metres <= self._prepared.radius_m
        rows, metres, by_street = rows[inside], metres[inside], by_street[inside]
        return self._chosen(rows, metres, by_street, self._prepared.ranks_of(rows, metres, self._at_s))

    def _by_street(self, ways: Floats) -> Floats:
        return np.where(self._here, 0.0, ways[self._rows])

    def _measured(self, metres: Floats, near: npt.NDArray[np.intp]) -> tuple[npt.NDArray[np.int32], Floats, Mask]:
        """Return rows and metres of some, in a straight line where no way is known, and whether one is."""
        rows, metres = self._rows[near], metres[near].copy()
        by_street = np.isfinite(metres)
        metres[~by_street] = metres_to(self._snapshot, *self._place, rows[~by_street].tolist())
        return rows, metres, by_street

    def _chosen(
        self, rows: npt.NDArray[np.int32], metres: Floats, by_street: Mask, ranks: npt.NDArray[np.int8]
    ) -> Near:
        behind = self._no_way(rows, by_street)
        order = np.lexsort((rows, metres, behind, ranks))
        order = order[ranks[order] <= self._prepared.ranks[-1]][: self._prepared.query.limit]
        return Near(rows[order].tolist(), metres[order].tolist(), by_street[order].tolist())

    def _no_way(self, rows: npt.NDArray[np.int32], by_street: Mask) -> Mask:
        has_street = self._has_street[np.searchsorted(self._rows, rows)]
        return np.asarray(has_street & ~by_street)
