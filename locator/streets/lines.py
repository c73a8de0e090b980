"""The network of plain lines: they meet where they cross, unless one passes over the other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from locator.errors import InvalidValue
from locator.exchange.osm_ways import TABLE, Mode, directions
from locator.geodesy import local_crs
from locator.optional import optional_part
from locator.place import Street
from locator.record import place_to_record
from locator.streets.graph import Floats, Mask, Network, Numbers, Paths, network_of_paths, projected
from locator.streets.keeping import kept, load_network, save_network
from locator.translation import N_

__all__ = ["network_of_lines", "network_of_streets", "street_network"]


def network_of_lines(
    lines: Sequence[shapely.LineString],
    *,
    names: Sequence[str] = (),
    levels: Sequence[int] = (),
    oneway: Sequence[int] = (),
    tolerance_m: float = 0.05,
    source: str = "",
) -> Network:
    """Make a network of lines: a node where two of one level cross or touch, and at every end.

    A line of level 0 lies on the ground, a bridge above, a tunnel below; lines of different levels meet only where
    one that is not on the ground ends.

    Parameters
    ----------
    lines
        Degrees, WGS84, straight between vertices.
    names, levels, oneway
        One for each line, or none at all. `oneway`: 0 both directions, 1 as it is drawn, -1 against it.
    tolerance_m
        How far an end may be from a line that it meets; what is nearer becomes one place.
    source
        Where the lines are from.

    Raises
    ------
    InvalidValue
        There are no lines, or another number of names, levels or directions.
    """
    shapes = np.asarray(lines, dtype=object)
    if not len(shapes) or not (shapely.get_type_id(shapes) == shapely.GeometryType.LINESTRING).all():
        raise InvalidValue(N_("is not a list of lines"), field="lines", mend=N_("give at least one LineString"))
    for what, given in (("names", names), ("levels", levels), ("oneway", oneway)):
        if len(given) not in (0, len(shapes)):
            raise InvalidValue(
                N_("has {count} values for {lines} lines"), field=what, count=len(given), lines=len(shapes),
                mend=N_("give one for each line, or none"),
            )  # fmt: skip
    level = np.asarray(levels if len(levels) else np.zeros(len(shapes)), dtype=np.int64)
    direction = np.asarray(oneway if len(oneway) else np.zeros(len(shapes)), dtype=np.int64)
    places = _Places(shapes, level, tolerance_m)
    keys, vertices, offsets = places.joined()
    paths = Paths(
        keys=keys,
        vertices=vertices,
        offsets=offsets,
        forward=direction >= 0,
        backward=direction <= 0,
        codes=np.arange(len(shapes)),
        names=[" ".join(name.split()) for name in names] if len(names) else [""] * len(shapes),
    )
    return network_of_paths(paths, about={"source": source} if source else {})


def network_of_streets(streets: Iterable[Street], mode: Mode = Mode.WALK, *, tolerance_m: float = 0.05) -> Network:
    """Make a network of streets from the store, as `network_of_lines` does; `code` counts their lines.

    What a street of an OpenStreetMap extract keeps of its tags (`extra`) says who may use it and on which level it
    lies; else both directions are open, and a bridge is on level 1.
    """
    lines: list[shapely.LineString] = []
    names, levels, oneway, sources = [], [], [], dict[str, None]()
    for street in streets:
        may = directions(street.extra, mode) if "highway" in street.extra else (True, True)
        if not any(may):
            continue
        for line in shapely.get_parts(street.geometry):
            lines.append(line)
            names.append(street.name)
            levels.append(_level(street))
            oneway.append(int(may[0]) - int(may[1]))
        sources[street.source] = None
    source = ", ".join(filter(None, sources))
    return network_of_lines(
        lines, names=names, levels=levels, oneway=oneway, tolerance_m=tolerance_m, source=source
    )


def _level(street: Street) -> int:
    said = street.extra.get("layer", "")
    if said.lstrip("-").isdecimal() and len(said) < 4:
        return int(said)
    if street.extra.get("tunnel", "no") not in ("no", "building_passage"):
        return -1
    return 1 if street.bridge else 0


class _Places:
    """The vertices of all lines, and the places where they cross, as one flat column; and which of them are one.

    Attributes
    ----------
    flat
        Shape (n, 2): metres in a local CRS.
    line, along
        The line of each place, and where on it: the number of a segment, and the share of it.
    """

    def __init__(self, lines: Any, level: Numbers, tolerance_m: float) -> None:  # noqa: ANN401
        self.pairs, self.line = shapely.get_coordinates(lines, return_index=True)
        self.crs = local_crs(shapely.MultiPoint(self.pairs))
        self.flat = projected(self.crs, self.pairs)
        self.level = level
        self.tolerance_m = tolerance_m
        count = len(self.pairs)
        self.starts = np.flatnonzero(self.line[1:] == self.line[:-1])
        self.is_end = np.ones(count, bool)
        self.is_end[1:-1] = (self.line[1:-1] != self.line[:-2]) | (self.line[1:-1] != self.line[2:])
        self.along = np.arange(count, dtype=np.float64)
        self.same: list[tuple[Numbers, Numbers]] = []

    def joined(self) -> tuple[Numbers, Floats, Numbers]:
        """Return key, lon and lat of all places in the order of the lines, and where each line begins."""
        first, second = self._neighbours()
        for one, other in ((first, second), (second, first)):
            for end in (0, 1):
                self._touch(one, other, self.starts[one] + end)
        self._cross(first, second)
        label = self._labels()
        # Each place is where the first of its cluster lies, by longitude and latitude: in any order the same.
        order = np.lexsort((self.pairs[:, 1], self.pairs[:, 0], label))
        lead = order[np.searchsorted(label[order], np.arange(label.max() + 1))]
        vertices = self.pairs[lead[label]]
        order = np.lexsort((self.along, self.line))
        key, line = label[order], self.line[order]
        again = np.zeros(len(order), bool)
        again[1:] = (key[1:] == key[:-1]) & (line[1:] == line[:-1])
        order = order[~again]
        offsets = np.searchsorted(self.line[order], np.arange(len(self.level) + 1))
        return label[order], vertices[order], offsets

    def _neighbours(self) -> tuple[Numbers, Numbers]:
        """Return the pairs of segments that come near each other, each once."""
        ends = np.stack([self.flat[self.starts], self.flat[self.starts + 1]], axis=1)
        segments = np.asarray(shapely.linestrings(ends))
        found = shapely.STRtree(segments).query(segments, predicate="dwithin", distance=self.tolerance_m)
        first, second = found[:, found[0] < found[1]]
        return first, second

    def _touch(self, one: Numbers, other: Numbers, vertex: Numbers) -> None:
        """Join an end of each segment with the other segment, where it lies on it."""
        lines = self.line[self.starts[one]], self.line[self.starts[other]]
        begin, stop = self.starts[other], self.starts[other] + 1
        share, distance = _onto(self.flat[vertex], self.flat[begin], self.flat[stop])
        at_begin = _far(self.flat[vertex], self.flat[begin]) <= self.tolerance_m
        at_stop = _far(self.flat[vertex], self.flat[stop]) <= self.tolerance_m
        met = np.where(at_begin, begin, stop)
        meets = (distance <= self.tolerance_m) & self._may_meet(*lines, vertex, met, at_begin | at_stop)
        at_vertex = meets & (at_begin | at_stop)
        self.same.append((vertex[at_vertex], met[at_vertex]))
        inside = meets & ~(at_begin | at_stop) & ((vertex != begin) & (vertex != stop))
        new = self._add(other[inside], share[inside], self.pairs[vertex[inside]], self.flat[vertex[inside]])
        self.same.append((vertex[inside], new))

    def _may_meet(self, line: Numbers, other: Numbers, vertex: Numbers, met: Numbers, at_vertex: Mask) -> Mask:
        """Return whether the levels of lines allow that they meet at a vertex of the first."""
        level, other_level = self.level[line], self.level[other]
        ends = self.is_end[vertex] & (level != 0)
        other_ends = at_vertex & self.is_end[met] & (other_level != 0)
        return np.asarray((level == other_level) | ends | other_ends)

    def _cross(self, first: Numbers, second: Numbers) -> None:
        """Add a place on both of two segments that cross away from their ends."""
        a, b = self.starts[first], self.starts[second]
        alike = self.level[self.line[a]] == self.level[self.line[b]]
        first, second, a, b = first[alike], second[alike], a[alike], b[alike]
        along, other = self.flat[a + 1] - self.flat[a], self.flat[b + 1] - self.flat[b]
        between = self.flat[b] - self.flat[a]
        turn = along[:, 0] * other[:, 1] - along[:, 1] * other[:, 0]
        turned = np.where(turn == 0, np.nan, turn)
        share = (between[:, 0] * other[:, 1] - between[:, 1] * other[:, 0]) / turned
        other_share = (between[:, 0] * along[:, 1] - between[:, 1] * along[:, 0]) / turned
        flat = self.flat[a] + share[:, np.newaxis] * along
        inside = (share > 0) & (share < 1) & (other_share > 0) & (other_share < 1)
        for vertex in (a, a + 1, b, b + 1):
            inside &= _far(flat, self.flat[vertex]) > self.tolerance_m
        flat = flat[inside]
        pairs = projected(self.crs, flat, back=True)
        new = self._add(first[inside], share[inside], pairs, flat)
        self.same.append((new, self._add(second[inside], other_share[inside], pairs, flat)))

    def _add(self, segment: Numbers, share: Floats, pairs: Floats, flat: Floats) -> Numbers:
        """Add places on segments; return their numbers."""
        new = len(self.pairs) + np.arange(len(segment))
        self.pairs, self.flat = np.concatenate([self.pairs, pairs]), np.concatenate([self.flat, flat])
        self.line = np.concatenate([self.line, self.line[self.starts[segment]]])
        self.along = np.concatenate([self.along, self.starts[segment] + np.clip(share, 1e-12, 1 - 1e-12)])
        return new

    def _labels(self) -> Numbers:
        """Return for each place the number of the cluster that it is one with."""
        # Two places on one segment may be one as well: a line that several others meet at one spot.
        order = np.lexsort((self.along, self.line))
        near = _far(self.flat[order[1:]], self.flat[order[:-1]]) <= self.tolerance_m
        near &= self.line[order[1:]] == self.line[order[:-1]]
        self.same.append((order[1:][near], order[:-1][near]))
        sparse = optional_part("scipy.sparse", "streets")
        csgraph = optional_part("scipy.sparse.csgraph", "streets")
        pairs = tuple(np.concatenate(part) for part in zip(*self.same, strict=True))
        size = len(self.pairs)
        graph = sparse.coo_array((np.ones(len(pairs[0]), np.int8), pairs), shape=(size, size))
        return np.asarray(csgraph.connected_components(graph, directed=False)[1], dtype=np.int64)


def _onto(places: Floats, begins: Floats, stops: Floats) -> tuple[Floats, Floats]:
    """Return where on each segment the place nearest to another lies, as a share, and how far away it is."""
    along = stops - begins
    squares = (along**2).sum(axis=1)
    share = np.clip(((places - begins) * along).sum(axis=1) / np.where(squares > 0, squares, 1), 0, 1)
    return share, _far(places, begins + share[:, np.newaxis] * along)


def _far(places: Floats, others: Floats) -> Floats:
    return np.asarray(np.hypot(*(places - others).T))


def street_network(streets: Sequence[Street], mode: Mode, *, cache: Path | None = None) -> Network:
    """Return the network of streets, kept in a folder by their content."""
    if cache is None:
        return network_of_streets(streets, mode)
    records = [json.dumps(place_to_record(street), sort_keys=True).encode() for street in streets]
    shapes = shapely.to_wkb([street.geometry for street in streets])
    where = kept(cache, b"lines", *records, *shapes, TABLE.read_bytes(), mode.value.encode())
    network = load_network(where)
    if network is None:
        network = network_of_streets(streets, mode)
        save_network(network, where)
    return network
