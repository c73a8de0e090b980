"""What is reached within a distance: the reached parts of streets, their length, and polygons that follow them."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely import MultiPolygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from locator.errors import InvalidValue
from locator.streets.graph import Floats, Network, Numbers, ragged
from locator.streets.snapping import FINE_M, Snaps
from locator.streets.travel import Heading, node_distances, node_pairs
from locator.translation import N_

__all__ = ["Reached", "ServiceArea", "reached_streets", "service_area", "service_area_bands", "service_areas"]

# With these, areas of 1 km in a town overlap best with those of another router (benchmarks/streets_router.py).
BESIDE_M = 40.0
GAP_M = 120.0


@dataclass(frozen=True, eq=False)
class Reached:
    """Parts of edges, none of which overlap; by edge, then along it.

    Attributes
    ----------
    edge
        Of each part.
    start_m, end_m
        Where along the edge it begins and ends, in metres from the edge's first end.
    """

    edge: Numbers
    start_m: Floats
    end_m: Floats

    @property
    def length_m(self) -> float:
        """The length of all parts."""
        return float((self.end_m - self.start_m).sum())


@dataclass(frozen=True, eq=False)
class ServiceArea:
    """What is reached within a limit.

    Attributes
    ----------
    polygon
        All places within some metres of a reached part of a street; WGS84, empty where nothing is reached.
    street_m
        The length of the reached streets, in metres; each counts once.
    limit_m
        The limit.
    """

    polygon: MultiPolygon
    street_m: float
    limit_m: float


def service_area(
    network: Network,
    stations: Snaps,
    *,
    limit_m: float,
    beside_m: float = BESIDE_M,
    gap_m: float = GAP_M,
    heading: Heading = Heading.TO_STATIONS,
) -> ServiceArea:
    """Return what is within a distance of any of some stations.

    The parts of the edges that are reached are cut at the limit exactly, widened to both sides and dissolved.

    Parameters
    ----------
    limit_m
        The longest way, the station's access leg included.
    beside_m
        How far beside a street a place belongs to it.
    gap_m
        What is left free between reached streets is closed where it is narrower, as the inside of a block.
    """
    (area,) = service_area_bands(
        network, stations, limits_m=[limit_m], beside_m=beside_m, gap_m=gap_m, heading=heading
    )
    return area


def service_area_bands(
    network: Network,
    stations: Snaps,
    *,
    limits_m: Sequence[float],
    beside_m: float = BESIDE_M,
    gap_m: float = GAP_M,
    heading: Heading = Heading.TO_STATIONS,
) -> list[ServiceArea]:
    """Return what is within each of some distances of any of some stations, as `service_area` does.

    What a distance reaches a longer one reaches too, so only what each adds is drawn anew.

    Parameters
    ----------
    limits_m
        Ascending.
    """
    _check_metres(beside_m, gap_m)
    known: set[tuple[int, float, float]] = set()
    lengths, added = [], []
    for limit_m in limits_m:
        reached = reached_streets(network, stations, limit_m=limit_m, heading=heading)
        parts = list(zip(reached.edge.tolist(), reached.start_m.tolist(), reached.end_m.tolist(), strict=True))
        fresh = np.array([part not in known for part in parts], dtype=bool)
        known.update(parts)
        lengths.append(reached.length_m)
        added.append(Reached(reached.edge[fresh], reached.start_m[fresh], reached.end_m[fresh]))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        more = pool.map(lambda part: _widened(network, part, beside_m + gap_m / 2), added)
        wide = list(itertools.accumulate(more, shapely.union))
        outlines = pool.map(lambda outline: _narrowed(network, outline, gap_m / 2), wide)
    return [ServiceArea(*one) for one in zip(outlines, lengths, limits_m, strict=True)]


def service_areas(
    network: Network,
    stations: Snaps,
    *,
    limit_m: float,
    beside_m: float = BESIDE_M,
    gap_m: float = GAP_M,
    heading: Heading = Heading.TO_STATIONS,
) -> list[ServiceArea]:
    """Return what is within a distance of each of some stations, as `service_area` does; in their order."""
    _check_metres(beside_m, gap_m)
    pairs = node_pairs(network, stations, limit_m=limit_m, heading=heading)
    order = np.argsort(pairs.station, kind="stable")
    bounds = np.searchsorted(pairs.station[order], np.arange(len(stations) + 1))
    found = []
    for row in range(len(stations)):
        some = order[bounds[row] : bounds[row + 1]]
        alone = stations.chosen(slice(row, row + 1))
        reached = _reached(
            network, alone, pairs.point[some], pairs.distance_m[some], limit_m=limit_m, heading=heading
        )
        wide = _widened(network, reached, beside_m + gap_m / 2)
        found.append(ServiceArea(_narrowed(network, wide, gap_m / 2), reached.length_m, limit_m))
    return found


def reached_streets(
    network: Network, stations: Snaps, *, limit_m: float, heading: Heading = Heading.TO_STATIONS
) -> Reached:
    """Return the parts of all edges from which a station is within a distance, or which are within one of it."""
    known = node_distances(network, stations, limit_m=limit_m, heading=heading).distance_m
    nodes = np.flatnonzero(np.isfinite(known))
    return _reached(network, stations, nodes, known[nodes], limit_m=limit_m, heading=heading)


def _reached(
    network: Network, stations: Snaps, nodes: Numbers, distance: Floats, *, limit_m: float, heading: Heading
) -> Reached:
    """Return the parts of edges that are reached from their ends, and those around the stations' entries."""
    left = np.maximum(limit_m - distance, 0)
    starts, edges = network.incident
    edge = edges[ragged(starts[nodes], starts[nodes + 1])]
    repeated = np.repeat(np.arange(len(nodes)), starts[nodes + 1] - starts[nodes])
    node, left = nodes[repeated], left[repeated]
    to_stations = heading is Heading.TO_STATIONS
    # Whoever is on an edge comes to its first end against it, and is come to from there along it.
    from_first = network.backward if to_stations else network.forward
    from_second = network.forward if to_stations else network.backward
    length = network.length_m[edge]
    parts: list[tuple[Any, ...]] = []
    at_first = (network.ends[edge, 0] == node) & from_first[edge]
    parts.append((edge[at_first], np.zeros(at_first.sum()), np.minimum(left, length)[at_first]))
    at_second = (network.ends[edge, 1] == node) & from_second[edge]
    parts.append((edge[at_second], np.maximum(length - left, 0)[at_second], length[at_second]))
    near = np.flatnonzero((stations.edge >= 0) & (stations.access_m <= limit_m + FINE_M))
    own, offset = stations.edge[near], stations.offset_m[near]
    left = np.maximum(limit_m - stations.access_m[near], 0)
    behind = np.where(from_second[own], left, 0)  # towards the first end: from there one goes along the edge
    ahead = np.where(from_first[own], left, 0)
    length = network.length_m[own]
    parts.append((own, np.maximum(offset - behind, 0), np.minimum(offset + ahead, length)))
    return _united(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _united(edge: Numbers, start: Floats, end: Floats) -> Reached:
    """Unite parts of one edge that overlap or touch."""
    real = end > start
    order = np.lexsort((start[real], edge[real]))
    edge, start, end = edge[real][order], start[real][order], end[real][order]
    if not len(edge):
        return Reached(edge, start, end)
    # The furthest end so far on the same edge: each edge's metres are moved behind those of the edge before.
    moved_m = np.cumsum(np.diff(edge, prepend=edge[:1]) > 0) * (float(end.max()) + 1)
    furthest = np.maximum.accumulate(end + moved_m)
    fresh = np.ones(len(edge), bool)
    fresh[1:] = (start + moved_m)[1:] > furthest[:-1] + FINE_M
    first = np.flatnonzero(fresh)
    return Reached(edge[first], start[first], np.maximum.reduceat(end, first))


def _check_metres(beside_m: float, gap_m: float) -> None:
    if not 0 < beside_m < np.inf:
        raise InvalidValue(N_("is not a number above 0"), field="beside_m", value=beside_m, mend=N_("correct it"))
    if not 0 <= gap_m < np.inf:
        raise InvalidValue(N_("is not a number from 0 up"), field="gap_m", value=gap_m, mend=N_("correct it"))


def _widened(network: Network, reached: Reached, metres: float) -> BaseGeometry:
    """Return what lies so near the reached parts of streets, in the network's projected CRS."""
    # Put end to end, a few long lines take a quarter of the time of many short ones.
    lines = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(_cut(network, reached))))
    return shapely.union_all(shapely.buffer(lines, metres, quad_segs=4))


def _narrowed(network: Network, wide: BaseGeometry, metres: float) -> MultiPolygon:
    """Return what is left of an outline that was widened by half a gap too much, WGS84.

    What two streets left free between them, where it is narrower than the gap, is closed by that.
    """
    flat = shapely.buffer(wide, -metres, quad_segs=4)
    parts = shapely.get_parts(shapely.transform(flat, lambda pairs: network.flattened(pairs, back=True)))
    return MultiPolygon([part for part in parts if part.geom_type == "Polygon" and not part.is_empty])


def _cut(network: Network, reached: Reached) -> Any:  # noqa: ANN401 - an array of lines
    """Return the parts as lines in the network's projected CRS."""
    lines = network.flat_lines[reached.edge]
    length = network.length_m[reached.edge]
    whole = (reached.start_m <= 0) & (reached.end_m >= length)
    for row in np.flatnonzero(~whole).tolist():
        scale = shapely.length(lines[row]) / length[row]
        lines[row] = substring(lines[row], reached.start_m[row] * scale, reached.end_m[row] * scale)
    return lines
