"""The inner loops of searches along streets, compiled by numba: from one source after the other, within a limit.

Nodes wait in buckets by their metres instead of in a heap: U. Meyer and P. Sanders, "Δ-stepping: a parallelizable
shortest path algorithm" (2003), doi:10.1016/S0196-6774(03)00076-2, on one thread. Source by source, since what
lies around one is at hand while it is searched; from all at once each step is at another end of the town, which
takes three times as long. What the arguments are is told where they are put together, in
`locator.streets.searching`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["settle", "spread"]


@njit(cache=True, nogil=True)
def _search(arcs, sources, one, limit, per_m, best, heads, queue, worst, k):
    """Search from a source; the metres of what it reaches stand in `best`, infinite before.

    Ways are queued as node, metres and the next in the same bucket, of which there are `per_m` to a metre. A way
    ends where k others are shorter, which the k-th of each node in `worst` tells; none does where k is 0.

    Returns
    -------
    The queue, grown where that was needed, and how much of it is filled: the nodes that are reached, some twice.
    """
    indptr, indices, length_m = arcs
    offsets, entered, cost_m = sources
    nodes, metres, following = queue
    filled, waiting, bucket = 0, 0, 0
    for place in range(offsets[one], offsets[one + 1]):
        there, there_m = entered[place], cost_m[place]
        if filled == len(nodes):
            nodes, metres, following = _doubled(nodes), _doubled(metres), _doubled(following)
        if there_m <= limit and there_m < best[there]:
            best[there] = there_m
            spot = int(there_m * per_m)
            nodes[filled], metres[filled], following[filled] = there, there_m, heads[spot]
            heads[spot] = filled
            filled, waiting = filled + 1, waiting + 1
    while waiting:
        entry = heads[bucket]
        if entry < 0:
            bucket += 1
            continue
        heads[bucket] = -1
        while entry >= 0:
            node, here_m, entry = nodes[entry], metres[entry], following[entry]
            waiting -= 1
            if here_m > best[node] or (k and worst[node * k + k - 1] < here_m):
                continue
            while filled + indptr[node + 1] - indptr[node] > len(nodes):
                nodes, metres, following = _doubled(nodes), _doubled(metres), _doubled(following)
            for arc in range(indptr[node], indptr[node + 1]):
                there, there_m = indices[arc], here_m + length_m[arc]
                if there_m <= limit and there_m < best[there]:
                    best[there] = there_m
                    spot = int(there_m * per_m)
                    nodes[filled], metres[filled], following[filled] = there, there_m, heads[spot]
                    heads[spot] = filled
                    filled, waiting = filled + 1, waiting + 1
    return (nodes, metres, following), filled


@njit(cache=True, nogil=True)
def _doubled(column):
    return np.append(column, column)


@njit(cache=True, nogil=True)
def _room(arcs, limit, per_m):
    """Return what a search needs beside its arguments: metres by node, buckets, and a queue."""
    queue = np.empty(1_024, np.int32), np.empty(1_024), np.empty(1_024, np.int32)
    return np.full(len(arcs[0]) - 1, np.inf), np.full(int(limit * per_m) + 1, np.int32(-1)), queue


@njit(cache=True, nogil=True)
def settle(arcs, sources, limit, per_m, wanted, least, source):
    """Search from the sources `wanted`, and keep the nearest of each node among those that are kept already.

    `least` and `source`, shape (nodes, k), are metres and source, infinite and -1 for none; of sources equally
    near the lower one comes first, in whatever order they are searched from. Only what is within the limit of
    these sources is read or written.
    """
    k, least, source = least.shape[1], least.ravel(), source.ravel()
    best, heads, queue = _room(arcs, limit, per_m)
    for one in wanted:
        queue, filled = _search(arcs, sources, one, limit, per_m, best, heads, queue, least, k)
        for node in queue[0][:filled]:
            here_m, first = best[node], node * k
            best[node] = np.inf
            spot = first + k - 1
            if least[spot] < here_m or (least[spot] == here_m and source[spot] < one):
                continue
            while spot > first and (
                least[spot - 1] > here_m or (least[spot - 1] == here_m and source[spot - 1] > one)
            ):
                least[spot], source[spot] = least[spot - 1], source[spot - 1]
                spot -= 1
            least[spot], source[spot] = here_m, one


@njit(cache=True, nogil=True)
def spread(arcs, sources, limit, per_m, begin, wanted, room):
    """Search from one source after the other, beginning with a given one, until `room` ways are found or more.

    Return the source that is next, how many ways each has, and for each way node and metres. Only nodes from
    `wanted` on are told.
    """
    best, heads, queue = _room(arcs, limit, per_m)
    told, told_m = np.empty(1_024, np.int64), np.empty(1_024)
    counts = np.zeros(len(sources[0]) - 1, np.int64)
    count, one = 0, begin
    while one < len(counts) and count < room:
        queue, filled = _search(arcs, sources, one, limit, per_m, best, heads, queue, best, 0)
        while count + filled > len(told):
            told, told_m = _doubled(told), _doubled(told_m)
        before = count
        for node in queue[0][:filled]:
            if node >= wanted and best[node] < np.inf:
                told[count], told_m[count] = node, best[node]
                count += 1
            best[node] = np.inf
        counts[one] = count - before
        one += 1
    return one, counts[begin:one], told[:count], told_m[:count]
