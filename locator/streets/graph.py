"""A network of streets as arrays: nodes, edges with their shapes and directions, and the arcs of a search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from locator.errors import InvalidValue
from locator.geodesy import local_crs, pairwise_m
from locator.optional import optional_part
from locator.translation import N_

__all__ = [
    "Arcs",
    "Floats",
    "Islands",
    "Mask",
    "Network",
    "Numbers",
    "Paths",
    "exact_m",
    "network_of_paths",
    "projected",
    "ragged",
]

Floats: TypeAlias = npt.NDArray[np.float64]
Numbers: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]

_NOWHERE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Paths:
    """Ways before they are cut at the nodes that they share: one flat column of all their places.

    Attributes
    ----------
    keys
        What each place is known by: where two places have one key, the ways meet.
    vertices
        Shape (n, 2): lon, lat of each place; WGS84.
    offsets
        Where the places of each way begin, and the end of the last.
    forward, backward
        Whether a way may be used as it is drawn, and against it.
    codes
        A number of each way, such as its identifier.
    names
        The name of each way; empty where it has none.
    """

    keys: Numbers
    vertices: Floats
    offsets: Numbers
    forward: Mask
    backward: Mask
    codes: Numbers
    names: Sequence[str]


@dataclass(frozen=True, eq=False)
class Arcs:
    """Directed arcs in compressed rows: those of node i are `indices[indptr[i]:indptr[i + 1]]`, with metres."""

    indptr: npt.NDArray[np.int32]
    indices: npt.NDArray[np.int32]
    length_m: Floats


@dataclass(frozen=True, eq=False)
class Islands:
    """Parts of a network that no street connects, the one with the most street first.

    Attributes
    ----------
    label
        For each node the number of its island.
    nodes, length_m
        How many nodes each island has, and how much street, in metres.
    """

    label: Numbers
    nodes: Numbers
    length_m: Floats

    @property
    def share(self) -> Floats:
        """The share of all street that lies on each island."""
        return self.length_m / max(float(self.length_m.sum()), 1e-9)


@dataclass(frozen=True, eq=False)
class Network:
    """Streets as arrays; nothing is changed once it is made.

    Attributes
    ----------
    nodes
        Shape (n, 2): lon, lat; WGS84.
    ends
        Shape (m, 2): the nodes where each edge begins and ends, which may be one.
    length_m
        Of each edge, along its shape on the ellipsoid.
    forward, backward
        Whether an edge may be used from its first end to its second, and the other way.
    vertices, offsets
        The shapes of all edges one behind the other, lon and lat, ends included; where each begins.
    code
        For each edge the number of the way that it is part of: OpenStreetMap's identifier, or the line's row.
    name, names
        For each edge the place of its name in `names`, whose first is empty.
    about
        Where the network is from, as texts: source, mode, incomplete; of an extract `as_of`, the day of the map
        that it has, and `as_of_from`, what says so (header, newest).
    """

    nodes: Floats
    ends: npt.NDArray[np.int32]
    length_m: Floats
    forward: Mask
    backward: Mask
    vertices: Floats
    offsets: Numbers
    code: Numbers
    name: npt.NDArray[np.int32]
    names: tuple[str, ...] = ("",)
    about: Mapping[str, str] = field(default_factory=lambda: _NOWHERE)

    @cached_property
    def outward(self) -> Arcs:
        """The arcs of a search that starts where somebody starts."""
        return self._arcs(reverse=False)

    @cached_property
    def inward(self) -> Arcs:
        """The arcs of a search that starts where everybody goes: each turned round."""
        return self.outward if bool(np.array_equal(self.forward, self.backward)) else self._arcs(reverse=True)

    @cached_property
    def lines(self) -> npt.NDArray[Any]:
        """The shape of each edge as a line; WGS84."""
        return np.asarray(shapely.linestrings(self.vertices, indices=self._edge_of_vertex))

    @cached_property
    def crs(self) -> pyproj.CRS:
        """The projected CRS in metres around the network (`locator.geodesy.local_crs`)."""
        return local_crs(shapely.MultiPoint(self.nodes))

    @cached_property
    def flat_lines(self) -> npt.NDArray[Any]:
        """The shape of each edge in `crs`."""
        return np.asarray(shapely.linestrings(self.flattened(self.vertices), indices=self._edge_of_vertex))

    @cached_property
    def tree(self) -> shapely.STRtree:
        """The index of `flat_lines`."""
        return shapely.STRtree(self.flat_lines)

    @cached_property
    def incident(self) -> tuple[Numbers, Numbers]:
        """Offsets by node, and the edges that begin or end there."""
        order = np.argsort(self.ends.ravel(), kind="stable")
        counts = np.bincount(self.ends.ravel(), minlength=len(self.nodes))
        return np.concatenate([[0], np.cumsum(counts)]), order // 2

    @cached_property
    def islands(self) -> Islands:
        """The parts that are not connected, whichever way their edges may be used."""
        sparse = optional_part("scipy.sparse", "streets")
        csgraph = optional_part("scipy.sparse.csgraph", "streets")
        size = len(self.nodes)
        pairs = (np.ones(len(self.ends), np.int8), (self.ends[:, 0], self.ends[:, 1]))
        count, label = csgraph.connected_components(sparse.coo_array(pairs, shape=(size, size)), directed=False)
        length = np.bincount(label[self.ends[:, 0]], weights=self.length_m, minlength=count)
        order = np.argsort(-length, kind="stable")
        rank = np.empty(count, np.int64)
        rank[order] = np.arange(count)
        nodes = np.bincount(label, minlength=count)[order]
        return Islands(rank[label], nodes, np.asarray(length[order], dtype=np.float64))

    def flattened(self, pairs: Floats, *, back: bool = False) -> Floats:
        """Project pairs of lon and lat to metres in `crs`; or back."""
        return projected(self.crs, pairs, back=back)

    @cached_property
    def _edge_of_vertex(self) -> Numbers:
        return np.repeat(np.arange(len(self.ends)), np.diff(self.offsets))

    def _arcs(self, *, reverse: bool) -> Arcs:
        first, second = (1, 0) if reverse else (0, 1)
        begins = np.concatenate([self.ends[self.forward, first], self.ends[self.backward, second]])
        stops = np.concatenate([self.ends[self.forward, second], self.ends[self.backward, first]])
        length = exact_m(np.concatenate([self.length_m[self.forward], self.length_m[self.backward]]))
        size = len(self.nodes)
        # A loop leads nowhere; of edges between the same nodes the shortest counts.
        keys = begins.astype(np.int64) * size + stops
        real = begins != stops
        keys, length = keys[real], length[real]
        order = np.argsort(keys, kind="stable")
        keys, length = keys[order], length[order]
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        if len(starts) < len(keys):
            keys, length = keys[starts], np.minimum.reduceat(length, starts)
        indptr = np.searchsorted(keys, np.arange(size + 1, dtype=np.int64) * size)
        return Arcs(indptr.astype(np.int32), (keys % max(size, 1)).astype(np.int32), length)


def network_of_paths(paths: Paths, *, shut: Numbers | None = None, about: Mapping[str, str] = _NOWHERE) -> Network:
    """Cut ways at the nodes that they share, and measure what is between.

    Parameters
    ----------
    shut
        Keys of places that nobody passes: the ways end there, apart from each other.
    about
        Where it is from.

    Raises
    ------
    InvalidValue
        Nothing is left that can be used.
    """
    used = (paths.forward | paths.backward) & (np.diff(paths.offsets) > 1)
    places = ragged(paths.offsets[:-1][used], paths.offsets[1:][used])
    sizes = np.diff(paths.offsets)[used]
    if not len(places):
        raise InvalidValue(
            N_("has no street that can be used"), field="streets", mend=N_("give lines, or ways with highway=*")
        )
    way = np.repeat(np.flatnonzero(used), sizes)
    keys, node, count = np.unique(paths.keys[places], return_inverse=True, return_counts=True)
    ends = np.cumsum(sizes) - 1
    starts = ends - sizes + 1
    is_shut = np.isin(keys, shut if shut is not None else [])
    cut = (count > 1)[node] | is_shut[node]
    cut[starts] = cut[ends] = True
    # Between each cut and the next of the same way lies an edge.
    cuts = np.flatnonzero(cut)
    same = way[cuts[1:]] == way[cuts[:-1]]
    begins, stops = cuts[:-1][same], cuts[1:][same]
    spots = ragged(begins, stops + 1)
    offsets = np.concatenate([[0], np.cumsum(stops - begins + 1)])
    vertices = paths.vertices[places[spots]]
    length = _lengths(vertices, offsets)
    ends_of = np.column_stack([node[begins], node[stops]])
    apart = is_shut[ends_of]
    ends_of[apart] = len(keys) + np.arange(apart.sum())
    real = (length > 0) | (ends_of[:, 0] != ends_of[:, 1])
    own = way[begins][real]
    vertices, sizes = vertices[np.repeat(real, np.diff(offsets))], np.diff(offsets)[real]
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    # The nodes that are left, from 0.
    _, first, node = np.unique(ends_of[real].ravel(), return_index=True, return_inverse=True)
    corners = np.stack([vertices[offsets[:-1]], vertices[offsets[1:] - 1]], axis=1).reshape(-1, 2)
    names = {name: number for number, name in enumerate(dict.fromkeys(["", *paths.names]))}
    name_of_way = np.fromiter((names[name] for name in paths.names), np.int32, len(paths.names))
    return Network(
        nodes=corners[first],
        ends=node.reshape(-1, 2).astype(np.int32),
        length_m=length[real],
        forward=paths.forward[own],
        backward=paths.backward[own],
        vertices=vertices,
        offsets=offsets,
        code=paths.codes[own],
        name=name_of_way[own],
        names=tuple(names),
        about=MappingProxyType(dict(about)),
    )


def exact_m(metres: Floats) -> Floats:
    """Round metres to whole numbers of 2⁻²⁰ m, about a micrometre.

    So their sums are exact whatever the order, up to 2³³ m, and equally long ways are equally long.
    """
    return np.asarray(np.round(metres * 2**20) / 2**20)


def projected(crs: pyproj.CRS, pairs: Floats, *, back: bool = False) -> Floats:
    """Project pairs of lon and lat (WGS84) to the x and y of a CRS; or back."""
    transformer = _transformer(crs.srs)
    if not back:
        return np.column_stack(transformer.transform(pairs[:, 0], pairs[:, 1]))
    # PROJ's way back from the equal-area projection is a series that is 1 to 2 mm off; once more for the rest.
    first = transformer.transform(pairs[:, 0], pairs[:, 1], direction="INVERSE")
    x, y = 2 * pairs.T - np.stack(transformer.transform(*first))
    return np.column_stack(transformer.transform(x, y, direction="INVERSE"))


@lru_cache(maxsize=64)
def _transformer(crs: str) -> pyproj.Transformer:
    # To make one takes 10 ms; threads may share it.
    return pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)


def ragged(starts: npt.NDArray[np.integer[Any]], stops: npt.NDArray[np.integer[Any]]) -> Numbers:
    """Return the numbers of many ranges one behind the other; each stop is not included."""
    sizes = (stops - starts).astype(np.int64)
    total = int(sizes.sum())
    return np.repeat(starts - np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes) + np.arange(total)


def _lengths(vertices: Floats, offsets: Numbers) -> Floats:
    """Return the metres along each shape."""
    edge = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    within = np.flatnonzero(edge[1:] == edge[:-1])
    metres = pairwise_m(*vertices[within].T, *vertices[within + 1].T)
    return np.asarray(np.bincount(edge[within], weights=metres, minlength=len(offsets) - 1), dtype=np.float64)
