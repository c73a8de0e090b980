"""Searches among arcs: the k nearest sources of every node, and all that each source reaches; bounded.

Compiled by numba where that is installed. Else by `scipy.sparse.csgraph.dijkstra`, the fastest of the compiled
libraries that were measured and the only one that takes a bound with many sources (`benchmarks/streets.py`); over
k sources it takes much longer, and its answers are the same to the bit: lengths are whole numbers of 2⁻²⁰ m, so
that sums of them are exact in whatever order, and ties are ties.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np

from locator.optional import optional_part
from locator.streets.graph import Arcs, Floats, Numbers

__all__ = ["Sources", "Ways", "nearest_sources", "ways_of_each"]

_ROOM = 4_000_000
"""Ways that are held at once, before those of one more source: about 100 MB."""
_MOST_BUCKETS = 1_000_000
_WORTH_THREADS = 100_000
"""Nodes from which on several threads search."""
_APART_M = 1.0
"""For what rounding may take from the length of a way."""


@dataclass(frozen=True, eq=False)
class Sources:
    """Where searches begin: source i at `node[offsets[i]:offsets[i + 1]]`, each at some metres already.

    Attributes
    ----------
    place_m
        Shape (n, 3): where each is, earth-centred metres; no way from it is shorter than the straight line. NaN
        for one that enters nowhere.
    """

    offsets: Numbers
    node: Numbers
    cost_m: Floats
    place_m: Floats

    def __len__(self) -> int:
        return len(self.offsets) - 1


class Ways(NamedTuple):
    """The shortest ways of some sources: source, node and metres of each; by source."""

    source: Numbers
    node: Numbers
    distance_m: Floats


def nearest_sources(arcs: Arcs, sources: Sources, k: int, limit_m: float) -> tuple[Floats, Numbers]:
    """Find the k sources nearest to each node within a limit.

    Returns
    -------
    Metres and sources, each of shape (nodes, k), nearest first, ties to the lower source; infinite and -1 where
    there are fewer.
    """
    loops = _compiled()
    if loops is not None:
        return _settled(loops, arcs, sources, k, limit_m)
    if k == 1:
        return _nearest_by_scipy(arcs, sources, limit_m)
    return _ranked(_ways_by_scipy(arcs, sources, limit_m, 0), len(arcs.indptr) - 1, k)


def _settled(loops: Any, arcs: Arcs, sources: Sources, k: int, limit_m: float) -> tuple[Floats, Numbers]:  # noqa: ANN401 - a module
    """Return what `nearest_sources` does: threads search where they do not meet, then one what is between them."""
    size = len(arcs.indptr) - 1
    task = _task(arcs, sources, limit_m)

    def settle(wanted: Numbers) -> None:
        loops.settle(*task, wanted, least, source)

    threads = (os.cpu_count() or 1) if size >= _WORTH_THREADS else 1
    strips, between = _strips(sources.place_m, threads, limit_m + _APART_M)
    with ThreadPoolExecutor(threads) as pool:
        least, source = pool.map(partial(np.full, (size, k)), (np.inf, -1))
        list(pool.map(settle, strips))
    settle(between)
    return least, source


def _strips(place_m: Floats, count: int, reach_m: float) -> tuple[list[Numbers], Numbers]:
    """Part sources into strips, no two of different ones within twice `reach_m`, and those between the strips."""
    entering = np.flatnonzero(np.isfinite(place_m[:, 0]))
    if count == 1 or not len(entering):
        return [], entering
    along = place_m[entering]
    along = along[:, np.ptp(along, axis=0).argmax()]
    cuts = np.quantile(along, np.arange(1, count) / count)
    is_between = (np.abs(along[:, np.newaxis] - cuts) <= reach_m).any(axis=1)
    strip = np.where(is_between, count, np.searchsorted(cuts, along))
    *strips, between = (entering[strip == one] for one in range(count + 1))
    return strips, between


def ways_of_each(
    arcs: Arcs, sources: Sources, limit_m: float, *, wanted: int = 0, room: int | None = None
) -> Iterator[Ways]:
    """Yield the shortest ways of each source to all nodes within a limit, those of some sources at a time.

    Parameters
    ----------
    wanted
        The first of the nodes that are asked for; all behind it are.
    room
        So many ways are held at once, and those of one more source.
    """
    room = _ROOM if room is None else room
    loops = _compiled()
    if loops is None:
        yield from _ways_by_scipy(arcs, sources, limit_m, wanted)
        return
    begin = 0
    while begin < len(sources):
        end, counts, node, metres = loops.spread(*_task(arcs, sources, limit_m), begin, wanted, room)
        yield Ways(np.repeat(np.arange(begin, end), counts), node, metres)
        begin = end


def _task(arcs: Arcs, sources: Sources, limit_m: float) -> tuple[Any, ...]:
    """Return what the compiled loops take: arcs, sources, the limit, and buckets to a metre."""
    # With half a usual arc hardly a node is looked at twice; where that makes too many buckets, they are wider.
    usual_m = float(arcs.length_m.mean()) if len(arcs.length_m) else limit_m
    return (
        (arcs.indptr, arcs.indices, arcs.length_m),
        (sources.offsets, sources.node, sources.cost_m),
        limit_m,
        1 / max(usual_m / 2, limit_m / _MOST_BUCKETS, 1.0),
    )


@lru_cache
def _compiled() -> Any:  # noqa: ANN401 - a module, or None
    """Return the compiled loops; None where there is no numba."""
    if not importlib.util.find_spec("numba"):
        return None
    try:
        return importlib.import_module("locator.streets.settling")
    except RuntimeError:  # numba finds no folder that it may keep compiled code in
        return None


def _with_sources(arcs: Arcs, sources: Sources) -> Any:  # noqa: ANN401 - scipy has no types
    """Return the matrix of a search with a node more for each source, behind all others."""
    sparse = optional_part("scipy.sparse", "streets")
    size = len(arcs.indptr) - 1 + len(sources)
    return sparse.csr_array(
        (
            np.concatenate([arcs.length_m, sources.cost_m]),
            np.concatenate([arcs.indices, sources.node.astype(np.int32)]),
            np.concatenate([arcs.indptr, arcs.indptr[-1] + sources.offsets[1:].astype(np.int32)]),
        ),
        shape=(size, size),
    )


def _nearest_by_scipy(arcs: Arcs, sources: Sources, limit_m: float) -> tuple[Floats, Numbers]:
    csgraph = optional_part("scipy.sparse.csgraph", "streets")
    graph, size, count = _with_sources(arcs, sources), len(arcs.indptr) - 1, len(sources)
    if not count:
        return np.full((size, 1), np.inf), np.full((size, 1), -1)
    metres, _, source = csgraph.dijkstra(
        graph, indices=np.arange(size, size + count), limit=limit_m, min_only=True, return_predecessors=True
    )
    source = np.where(np.isfinite(metres), source.astype(np.int64) - size, count)
    # Of sources equally far it names any: the lowest is handed on along all arcs that are part of a shortest way.
    starts = np.repeat(np.arange(size + count), np.diff(graph.indptr))
    tight = (metres[starts] + graph.data == metres[graph.indices]) & np.isfinite(metres[starts])
    begins, ends = starts[tight], graph.indices[tight]
    wrong = source[begins] < source[ends]
    while wrong.any():
        np.minimum.at(source, ends[wrong], source[begins[wrong]])
        wrong = source[begins] < source[ends]
    source[source == count] = -1
    return metres[:size, np.newaxis], source[:size, np.newaxis]


def _ways_by_scipy(arcs: Arcs, sources: Sources, limit_m: float, wanted: int) -> Iterator[Ways]:
    csgraph = optional_part("scipy.sparse.csgraph", "streets")
    graph, size = _with_sources(arcs, sources), len(arcs.indptr) - 1
    for one in range(len(sources)):
        metres = csgraph.dijkstra(graph, indices=size + one, limit=limit_m)[wanted:size]
        near = np.flatnonzero(np.isfinite(metres))
        yield Ways(np.full(len(near), one), near + wanted, metres[near])


def _ranked(parts: Iterator[Ways], count: int, k: int) -> tuple[Floats, Numbers]:
    """Return the k nearest sources of each node; the parts have one source each, ascending."""
    metres, source = np.full((count, k), np.inf), np.full((count, k), -1)
    for one, node, distance in parts:
        rows = np.column_stack([metres[node], distance])
        names = np.column_stack([source[node], one])
        order = np.argsort(rows, axis=1, kind="stable")[:, :k]
        metres[node] = np.take_along_axis(rows, order, axis=1)
        source[node] = np.take_along_axis(names, order, axis=1)
    return metres, source
