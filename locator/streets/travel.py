"""How far it is along the streets: bounded shortest paths from stations to everywhere, or from everywhere to them.

Points are nodes like others, at the end of what leads to them; `locator.streets.searching` does the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from locator.errors import InvalidValue
from locator.geodesy import ecef_m
from locator.streets.graph import Arcs, Floats, Network, Numbers, exact_m, ragged
from locator.streets.searching import Sources, Ways, nearest_sources, ways_of_each
from locator.streets.snapping import FINE_M, SAME_M, Snaps
from locator.translation import N_

__all__ = [
    "Destinations",
    "Heading",
    "Nearest",
    "Pairs",
    "distance_matrix",
    "k_nearest",
    "k_nearest_to_nodes",
    "nearest_station",
    "node_distances",
    "node_pairs",
]


class Heading(Enum):
    """Which way everybody goes; it matters where streets are one-way."""

    TO_STATIONS = "to"
    FROM_STATIONS = "from"


@dataclass(frozen=True, eq=False)
class Nearest:
    """The nearest station of each node or point.

    Attributes
    ----------
    distance_m
        Infinite where there is none within the limit.
    station
        Its row; -1 where there is none.
    """

    distance_m: Floats
    station: Numbers


@dataclass(frozen=True, eq=False)
class Pairs:
    """A sparse matrix of distances: what is within the limit, and nothing else; by point, then by distance.

    Attributes
    ----------
    station, point
        Rows of what was given; `point` is a node where no points were.
    distance_m
        Metres, both access legs included; of equal distances the lower station comes first.
    """

    station: Numbers
    point: Numbers
    distance_m: Floats

    def __len__(self) -> int:
        return len(self.station)


class Destinations:
    """Points to which ways are asked again and again, from other places each time.

    Parameters
    ----------
    points
        On the network.
    """

    def __init__(self, network: Network, points: Snaps) -> None:
        self._network = network
        self._points = points
        self._arcs = _arcs_to(network, points, Heading.FROM_STATIONS)

    def ways_from(self, places: Snaps, *, limit_m: float) -> Pairs:
        """Measure the ways from places, told as stations, to the points, as `distance_matrix` does."""
        sources = _sources(self._network, places, Heading.FROM_STATIONS, self._points)
        return _pairs(self._arcs, sources, _checked(limit_m), first=len(self._network.nodes))


def node_distances(
    network: Network, stations: Snaps, *, limit_m: float, heading: Heading = Heading.TO_STATIONS
) -> Nearest:
    """Measure from each node the way to the nearest station, all stations in one search.

    Parameters
    ----------
    limit_m
        The longest way, the station's access leg included; it counts itself.

    Returns
    -------
    For each node of the network; of stations equally far the one with the lower row.
    """
    metres, station = k_nearest_to_nodes(network, stations, 1, limit_m=limit_m, heading=heading)
    return Nearest(metres[:, 0], station[:, 0])


def nearest_station(
    network: Network, stations: Snaps, points: Snaps, *, limit_m: float, heading: Heading = Heading.TO_STATIONS
) -> Nearest:
    """Measure from each point the way to the nearest station, all stations in one search.

    Exact also where point and station lie on the same edge.

    Parameters
    ----------
    limit_m
        The longest way, both access legs included; it counts itself.

    Returns
    -------
    For each point; of stations equally far the one with the lower row.
    """
    metres, station = k_nearest(network, stations, points, 1, limit_m=limit_m, heading=heading)
    return Nearest(metres[:, 0], station[:, 0])


def distance_matrix(
    network: Network, stations: Snaps, points: Snaps, *, limit_m: float, heading: Heading = Heading.TO_STATIONS
) -> Pairs:
    """Measure all ways between stations and points that are within a limit.

    Parameters
    ----------
    limit_m
        The longest way, both access legs included; it counts itself.
    """
    sources = _sources(network, stations, heading, points)
    arcs = _arcs_to(network, points, heading)
    return _pairs(arcs, sources, _checked(limit_m), first=len(network.nodes))


def k_nearest(
    network: Network,
    stations: Snaps,
    points: Snaps,
    k: int,
    *,
    limit_m: float,
    heading: Heading = Heading.TO_STATIONS,
) -> tuple[Floats, Numbers]:
    """Find for each point the k nearest stations within a limit.

    Parameters
    ----------
    k
        From 1 up.
    limit_m
        The longest way, both access legs included; it counts itself.

    Returns
    -------
    Distances and stations, each of shape (points, k), nearest first, ties by the lower station; infinite and -1
    where there are fewer.
    """
    sources = _sources(network, stations, heading, points)
    metres, station = _k_nearest(_arcs_to(network, points, heading), sources, k, _checked(limit_m))
    return metres[len(network.nodes) :], station[len(network.nodes) :]


def k_nearest_to_nodes(
    network: Network, stations: Snaps, k: int, *, limit_m: float, heading: Heading = Heading.TO_STATIONS
) -> tuple[Floats, Numbers]:
    """Find for each node the k nearest stations, as `k_nearest` does for points."""
    return _k_nearest(_arcs(network, heading), _sources(network, stations, heading), k, _checked(limit_m))


def node_pairs(
    network: Network, stations: Snaps, *, limit_m: float, heading: Heading = Heading.TO_STATIONS
) -> Pairs:
    """Measure from each station the ways to all nodes within a limit, the station's access leg included."""
    return _pairs(_arcs(network, heading), _sources(network, stations, heading), _checked(limit_m))


def _checked(limit_m: float) -> float:
    if not 0 <= limit_m < np.inf:
        raise InvalidValue(N_("is not a number from 0 up"), field="limit_m", value=limit_m, mend=N_("correct it"))
    return limit_m + FINE_M


def _arcs(network: Network, heading: Heading) -> Arcs:
    return network.inward if heading is Heading.TO_STATIONS else network.outward


def _arcs_to(network: Network, points: Snaps, heading: Heading) -> Arcs:
    """Return the arcs of a search that begins at stations, with a node more for each point, behind all others."""
    arcs, size = _arcs(network, heading), len(network.nodes)
    nodes, costs = _legs(network, points, leaving=heading is Heading.TO_STATIONS)
    there = np.isfinite(costs)
    node, cost, point = nodes[there], costs[there], np.nonzero(there)[0]
    order = np.argsort(node, kind="stable")  # where nodes have no arcs, several insert at one place
    node, cost, point = node[order], cost[order], point[order]
    indptr = arcs.indptr + np.searchsorted(node, np.arange(size + 1))
    places = arcs.indptr[node + 1]
    return Arcs(
        np.append(indptr, np.full(len(points), indptr[-1])).astype(np.int32),
        np.insert(arcs.indices, places, (size + point).astype(np.int32)),
        np.insert(arcs.length_m, places, cost),
    )


def _sources(network: Network, stations: Snaps, heading: Heading, points: Snaps | None = None) -> Sources:
    """Return where each station is entered: at the ends of its edge, and at the points on the same edge."""
    nodes, costs = _legs(network, stations, leaving=heading is Heading.FROM_STATIONS)
    there = np.isfinite(costs)
    station, _ = np.nonzero(there)
    node, cost = nodes[there], costs[there]
    if points is not None:
        own, point, metres = _on_one_edge(network, stations, points, heading)
        station = np.concatenate([station, own])
        node = np.concatenate([node, len(network.nodes) + point])
        cost = np.concatenate([cost, metres])
    order = np.argsort(station, kind="stable")
    starts = np.searchsorted(station[order], np.arange(len(stations) + 1))
    return Sources(starts, node[order], cost[order], ecef_m(*stations.entries.T))


def _legs(network: Network, snaps: Snaps, *, leaving: bool) -> tuple[Numbers, Floats]:
    """Return for each place the two ends of its edge, and what the way to (or from) each costs, access included.

    Shape (n, 2) each; infinite where the edge may not be used so, or there is no edge.
    """
    edge = np.maximum(snaps.edge, 0)
    offset, length = exact_m(snaps.offset_m), exact_m(network.length_m[edge])
    along = np.column_stack([offset, length - offset])
    open_ = np.column_stack([network.backward[edge], network.forward[edge]])
    if not leaving:
        open_ = open_[:, ::-1]
    # Whoever stands on a node is at it, whichever way the edge goes; beyond all limits access is infinite.
    costs = np.where(open_ | (along <= SAME_M), along, np.inf) + exact_m(snaps.access_m)[:, np.newaxis]
    costs[snaps.edge < 0] = np.inf
    return network.ends[edge].astype(np.int64), costs


def _on_one_edge(
    network: Network, stations: Snaps, points: Snaps, heading: Heading
) -> tuple[Numbers, Numbers, Floats]:
    """Return station, point and metres of the ways that do not leave an edge."""
    order = np.argsort(stations.edge, kind="stable")
    edges = stations.edge[order]
    known = np.flatnonzero(points.edge >= 0)
    starts = np.searchsorted(edges, points.edge[known])
    stops = np.searchsorted(edges, points.edge[known], side="right")
    station = order[ragged(starts, stops)]
    point = np.repeat(known, stops - starts)
    edge = points.edge[point]
    ahead = exact_m(stations.offset_m[station]) - exact_m(points.offset_m[point])
    if heading is Heading.FROM_STATIONS:
        ahead = -ahead
    may = np.where(ahead > 0, network.forward[edge], network.backward[edge]) | (np.abs(ahead) <= SAME_M)
    distance = np.abs(ahead) + exact_m(stations.access_m[station]) + exact_m(points.access_m[point])
    return station[may], point[may], distance[may]


def _k_nearest(arcs: Arcs, sources: Sources, k: int, limit_m: float) -> tuple[Floats, Numbers]:
    """Return the k nearest sources of each node, in k columns."""
    if k < 1:
        raise InvalidValue(N_("is not a whole number from 1 up"), field="k", value=k, mend=N_("correct it"))
    most = max(min(k, len(sources)), 1)
    metres, source = nearest_sources(arcs, sources, most, limit_m)
    if most == k:
        return metres, source
    missing = ((0, 0), (0, k - most))
    return np.pad(metres, missing, constant_values=np.inf), np.pad(source, missing, constant_values=-1)


def _pairs(arcs: Arcs, sources: Sources, limit_m: float, *, first: int = 0) -> Pairs:
    """Return all ways to the nodes from a first one on, which is told as 0."""
    parts = list(ways_of_each(arcs, sources, limit_m, wanted=first))
    source, node, metres = (np.concatenate(column) for column in zip(_NONE, *parts, strict=True))
    order = np.lexsort((source, metres, node))
    return Pairs(source[order], node[order] - first, metres[order])


_NONE = Ways(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
