"""How far it is along the streets: bounded shortest paths from stations to everywhere, or from everywhere to them.

The search is `scipy.sparse.csgraph.dijkstra`, the fastest of the compiled ones that were measured and the only one
that takes a bound with many sources (`benchmarks/streets.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from locator.errors import InvalidValue
from locator.geodesy import ecef_m
from locator.optional import optional_part
from locator.streets.graph import Arcs, Floats, Network, Numbers, ragged
from locator.streets.snapping import FINE_M, SAME_M, Snaps
from locator.translation import N_

__all__ = [
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

_SLICE = 4_000_000
"""Pairs of station and node that are searched at once: about 1 GB with the arcs between them."""


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
    For each node of the network; of stations equally far one of them.
    """
    limit = _checked(limit_m)
    size, count = len(network.nodes), len(stations)
    if not count:
        return Nearest(np.full(size, np.inf), np.full(size, -1))
    to_stations = heading is Heading.TO_STATIONS
    arcs = network.inward if to_stations else network.outward
    nodes, costs = _legs(network, stations, leaving=not to_stations)
    distance, station = _search(_with_sources(arcs, nodes, costs), count, limit)
    return Nearest(distance, station)


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
    For each point; of stations equally far one of them.
    """
    limit = _checked(limit_m)
    known = node_distances(network, stations, limit_m=limit_m, heading=heading)
    nodes, costs = _legs(network, points, leaving=heading is Heading.TO_STATIONS)
    ways = known.distance_m[nodes] + costs
    better = np.argmin(ways, axis=1)
    rows = np.arange(len(points))
    distance, station = ways[rows, better], known.station[nodes[rows, better]]
    same_station, same_point, direct = _on_one_edge(network, stations, points, heading)
    order = np.lexsort((same_station, direct))[::-1]  # the shortest is written last
    order = order[direct[order] < distance[same_point[order]]]
    distance[same_point[order]], station[same_point[order]] = direct[order], same_station[order]
    far = ~(distance <= limit)
    distance[far], station[far] = np.inf, -1
    return Nearest(distance, station)


def distance_matrix(
    network: Network, stations: Snaps, points: Snaps, *, limit_m: float, heading: Heading = Heading.TO_STATIONS
) -> Pairs:
    """Measure all ways between stations and points that are within a limit.

    Parameters
    ----------
    limit_m
        The longest way, both access legs included; it counts itself.
    """
    limit = _checked(limit_m)
    slices = _matrices(network, stations, points, limit, heading)
    return _sorted(_shortest(_joined(list(slices))))


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
    slices = _matrices(network, stations, points, _checked(limit_m), heading)
    return _ranked(slices, len(points), k, distinct=False)


def k_nearest_to_nodes(
    network: Network, stations: Snaps, k: int, *, limit_m: float, heading: Heading = Heading.TO_STATIONS
) -> tuple[Floats, Numbers]:
    """Find for each node the k nearest stations, as `k_nearest` does for points."""
    slices = _node_slices(network, stations, _checked(limit_m), heading)
    return _ranked(slices, len(network.nodes), k, distinct=True)


def node_pairs(
    network: Network, stations: Snaps, *, limit_m: float, heading: Heading = Heading.TO_STATIONS
) -> Pairs:
    """Measure from each station the ways to all nodes within a limit, the station's access leg included."""
    return _sorted(_joined(list(_node_slices(network, stations, _checked(limit_m), heading))))


def _checked(limit_m: float) -> float:
    if not 0 <= limit_m < np.inf:
        raise InvalidValue(N_("is not a number from 0 up"), field="limit_m", value=limit_m, mend=N_("correct it"))
    return limit_m + FINE_M


def _legs(network: Network, snaps: Snaps, *, leaving: bool) -> tuple[Numbers, Floats]:
    """Return for each place the two ends of its edge, and what the way to (or from) each costs, access included.

    Shape (n, 2) each; infinite where the edge may not be used so, or there is no edge.
    """
    edge = np.maximum(snaps.edge, 0)
    length = network.length_m[edge]
    along = np.column_stack([snaps.offset_m, length - snaps.offset_m])
    open_ = np.column_stack([network.backward[edge], network.forward[edge]])
    if not leaving:
        open_ = open_[:, ::-1]
    # Whoever stands on a node is at it, whichever way the edge goes; beyond all limits access is infinite.
    costs = np.where(open_ | (along <= SAME_M), along, np.inf) + snaps.access_m[:, np.newaxis]
    costs[snaps.edge < 0] = np.inf
    return network.ends[edge].astype(np.int64), costs


def _with_sources(arcs: Arcs, nodes: Numbers, costs: Floats) -> Any:  # noqa: ANN401 - scipy has no types
    """Return the matrix of a search with a node more for each source, behind all others."""
    sparse = optional_part("scipy.sparse", "streets")
    there = np.isfinite(costs)
    ends = arcs.indptr[-1] + np.cumsum(there.sum(axis=1))
    size = len(arcs.indptr) - 1 + len(nodes)
    columns = np.concatenate([arcs.indices, nodes[there].astype(np.int32)])
    return sparse.csr_array(
        (
            np.concatenate([arcs.length_m, costs[there]]),
            columns,
            np.concatenate([arcs.indptr, ends.astype(np.int32)]),
        ),
        shape=(size, size),
    )


def _search(graph: Any, count: int, limit: float) -> tuple[Floats, Numbers]:  # noqa: ANN401
    """Search from the last nodes of a graph; return for each other node its distance and source."""
    csgraph = optional_part("scipy.sparse.csgraph", "streets")
    size = graph.shape[0] - count
    distance, _, source = csgraph.dijkstra(
        graph, indices=np.arange(size, size + count), limit=limit, min_only=True, return_predecessors=True
    )
    distance, source = distance[:size], source[:size].astype(np.int64)
    return distance, np.where(np.isfinite(distance), source - size, -1)


def _node_slices(network: Network, stations: Snaps, limit: float, heading: Heading) -> Iterator[Pairs]:
    """Yield the ways between stations and nodes, some stations at a time.

    No way is shorter than the straight line, so each station is searched among the nodes that lie in a ball around
    it. These balls are put beside each other as one graph that has a node for each pair, and searched at once.
    """
    to_stations = heading is Heading.TO_STATIONS
    arcs = network.inward if to_stations else network.outward
    nodes, costs = _legs(network, stations, leaving=not to_stations)
    rows = np.flatnonzero(np.isfinite(costs).any(axis=1) & (stations.access_m <= limit))
    if not len(rows):
        return
    centres = ecef_m(*stations.entries[rows].T)
    # Rounding, and that an entry is projected to the edge and back, may move it by less than this.
    radii = limit - stations.access_m[rows] + 0.01
    sizes = network.node_tree.query_ball_point(centres, radii, return_length=True)
    part = np.cumsum(sizes) // _SLICE
    for number in np.unique(part):
        some = np.flatnonzero(part == number)
        balls = network.node_tree.query_ball_point(centres[some], radii[some], return_sorted=True)
        inside = np.concatenate([np.asarray(ball, dtype=np.int64) for ball in balls])
        ball = np.repeat(np.arange(len(some)), sizes[some])
        chosen = rows[some]
        distance = _search_balls(arcs, ball, inside, (nodes[chosen], costs[chosen]), limit)
        near = np.isfinite(distance)
        yield Pairs(chosen[ball[near]], inside[near], distance[near])


def _search_balls(
    arcs: Arcs, ball: Numbers, inside: Numbers, legs: tuple[Numbers, Floats], limit: float
) -> Floats:
    """Return the distance of each node in each ball from the ball's own source; infinite beyond the limit."""
    nodes, costs = legs
    size = len(arcs.indptr) - 1
    keys = ball * size + inside  # ascending
    begins, stops = arcs.indptr[inside].astype(np.int64), arcs.indptr[inside + 1].astype(np.int64)
    spots = ragged(begins, stops)
    pair = np.repeat(np.arange(len(keys)), stops - begins)
    there, found = _placed(keys, ball[pair] * size + arcs.indices[spots])
    indptr = np.concatenate([[0], np.cumsum(np.bincount(pair[there], minlength=len(keys)))])
    own = Arcs(indptr.astype(np.int32), found[there].astype(np.int32), arcs.length_m[spots[there]])
    within, entered = _placed(keys, (np.arange(len(nodes))[:, np.newaxis] * size + nodes).ravel())
    costs = np.where(within.reshape(-1, 2), costs, np.inf)
    return _search(_with_sources(own, entered.reshape(-1, 2), costs), len(nodes), limit)[0]


def _placed(keys: Numbers, wanted: Numbers) -> tuple[Any, Numbers]:
    """Return which of the wanted are among ascending keys, and where."""
    spots = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    return (keys[spots] == wanted if len(keys) else np.zeros(len(wanted), bool)), spots


def _matrices(network: Network, stations: Snaps, points: Snaps, limit: float, heading: Heading) -> Iterator[Pairs]:
    """Yield the ways between stations and points, some stations at a time, the shortest of each pair."""
    nodes, costs = _legs(network, points, leaving=heading is Heading.TO_STATIONS)
    there = np.isfinite(costs)
    point, side = np.nonzero(there)
    entered, cost = nodes[there], costs[point, side]
    direct = Pairs(*_on_one_edge(network, stations, points, heading))
    for known in _node_slices(network, stations, limit, heading):
        order = np.argsort(known.point, kind="stable")
        starts = np.searchsorted(known.point[order], entered)
        stops = np.searchsorted(known.point[order], entered, side="right")
        spots = order[ragged(starts, stops)]
        repeated = np.repeat(np.arange(len(point)), stops - starts)
        distance = known.distance_m[spots] + cost[repeated]
        near = distance <= limit
        yield _shortest(Pairs(known.station[spots[near]], point[repeated[near]], distance[near]))
    near = direct.distance_m <= limit
    yield Pairs(direct.station[near], direct.point[near], direct.distance_m[near])


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
    ahead = stations.offset_m[station] - points.offset_m[point]
    if heading is Heading.FROM_STATIONS:
        ahead = -ahead
    may = np.where(ahead > 0, network.forward[edge], network.backward[edge]) | (np.abs(ahead) <= SAME_M)
    distance = np.abs(ahead) + stations.access_m[station] + points.access_m[point]
    return station[may], point[may], distance[may]


def _joined(parts: list[Pairs]) -> Pairs:
    return Pairs(
        np.concatenate([part.station for part in parts] or [np.zeros(0, np.int64)]),
        np.concatenate([part.point for part in parts] or [np.zeros(0, np.int64)]),
        np.concatenate([part.distance_m for part in parts] or [np.zeros(0)]),
    )


def _shortest(pairs: Pairs) -> Pairs:
    """Return the shortest way of each pair."""
    order = np.lexsort((pairs.distance_m, pairs.station, pairs.point))
    station, point = pairs.station[order], pairs.point[order]
    first = np.ones(len(order), bool)
    first[1:] = (station[1:] != station[:-1]) | (point[1:] != point[:-1])
    kept = order[first]
    return Pairs(pairs.station[kept], pairs.point[kept], pairs.distance_m[kept])


def _sorted(pairs: Pairs) -> Pairs:
    # Sums of one way in two directions differ in their last digit, which makes no order.
    order = np.lexsort((pairs.station, np.round(pairs.distance_m / FINE_M), pairs.point))
    return Pairs(pairs.station[order], pairs.point[order], pairs.distance_m[order])


def _ranked(slices: Iterator[Pairs], count: int, k: int, *, distinct: bool) -> tuple[Floats, Numbers]:
    """Return the k nearest stations of each point, never holding more than those and one slice.

    `distinct` says that no station comes twice with the same point.
    """
    if k < 1:
        raise InvalidValue(N_("is not a whole number from 1 up"), field="k", value=k, mend=N_("correct it"))
    best = _joined([])
    for pairs in slices:
        best = _joined([best, pairs])
        best = _sorted(best if distinct else _shortest(best))
        rank = np.arange(len(best)) - np.searchsorted(best.point, best.point)
        near = rank < k
        best = Pairs(best.station[near], best.point[near], best.distance_m[near])
    distance, station = np.full((count, k), np.inf), np.full((count, k), -1)
    rank = np.arange(len(best)) - np.searchsorted(best.point, best.point)
    distance[best.point, rank], station[best.point, rank] = best.distance_m, best.station
    return distance, station
