"""Searches along streets against the libraries that one would take instead, and the network of a city.

    python benchmarks/streets.py [part …]        parts: nearest, three, memory, city
    LOCATOR_REAL_DATA=folder                     the collection of real data, for the part city

Every line is a ratio within one run. The network is a grid of 100 m whose nodes are shaken by up to 30 m, so that no
two ways are equally long; one station to a thousand nodes, at most 1 km on foot. Compared are those of networkx,
rustworkx, igraph and networkit that are installed, and scipy as one would call it; who is not, is said to be
skipped. Each library is given what it needs before the clock starts: a graph of its own, the stations' nodes.
"""

from __future__ import annotations

import sys

sys.path.pop(0)  # numba looks for the package coverage, which is not the script of that name here

import os
import resource
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from locator.geodesy import pairwise_m
from locator.streets.extract import network_of_extract
from locator.streets.graph import Network
from locator.streets.snapping import Snaps, main_edges, snap
from locator.streets.travel import k_nearest_to_nodes, node_distances

NODES = 1_000_000
LIMIT_M = 1_000.0


def grid(count=NODES):
    """Return a network of so many nodes, and a station on a thousandth of them."""
    side = round(count**0.5)
    dice = np.random.default_rng(1)
    row, column = np.divmod(np.arange(side * side), side)
    lat = 28.0 + (row * 100 + dice.uniform(-30, 30, side * side)) / 110_850
    lon = 112.0 + (column * 100 + dice.uniform(-30, 30, side * side)) / (111_320 * np.cos(np.radians(28.4)))
    nodes = np.column_stack([lon, lat])
    number = np.arange(side * side).reshape(side, side)
    ends = np.concatenate(
        [
            np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
            np.column_stack([number[:-1].ravel(), number[1:].ravel()]),
        ]
    ).astype(np.int32)
    size = len(ends)
    length = pairwise_m(*nodes[ends[:, 0]].T, *nodes[ends[:, 1]].T)
    network = Network(
        nodes=nodes, ends=ends, length_m=length, forward=np.ones(size, bool), backward=np.ones(size, bool),
        vertices=nodes[ends].reshape(-1, 2), offsets=np.arange(0, 2 * size + 1, 2), code=np.arange(size), name=np.zeros(size, np.int32),
    )  # fmt: skip
    at = np.sort(dice.choice(side * side, side * side // 1_000, replace=False))
    starts, edges = network.incident
    edge = edges[starts[at]]
    second = ends[edge, 1] == at
    stations = Snaps(edge, np.where(second, length[edge], 0.0), np.zeros(len(at)), nodes[at])
    network.inward  # noqa: B018 - made once for a network, as the libraries' graphs are
    return network, stations, at


def seconds(work, times=5):
    """Return the least seconds that something takes, and what it gives."""
    least = np.inf
    for _ in range(times):
        start = time.perf_counter()
        found = work()
        least = min(least, time.perf_counter() - start)
    return least, found


def nearest(count=NODES):
    """Multi-source: the nearest station of every node."""
    network, stations, at = grid(count)
    ours, found = seconds(lambda: node_distances(network, stations, limit_m=LIMIT_M))
    print(
        f"nearest, {count:,} nodes, {len(at):,} stations: {ours:.3f} s, {np.isfinite(found.distance_m).sum():,} reached"
    )
    told = {}
    for name, work, times in nearest_peers(network, at):
        told[name], distance = seconds(work, times)
        near = np.isfinite(found.distance_m)
        off = np.abs(distance[near] - found.distance_m[near]).max()
        assert off < 0.01, (name, off)
        print(f"  {name}: {told[name]:.3f} s")
    verdict("nearest", ours, told)


def verdict(part, ours, told):
    """Print the ratios against the fastest and against networkx."""
    fastest = min(told, key=told.get)
    print(f"{part}: {ours / told[fastest]:.2f} × the seconds of the fastest, {fastest} (bar ≤ 1.5)")
    if "networkx" in told:
        print(f"{part}: {told['networkx'] / ours:.0f} × as fast as networkx (bar ≥ 20)")


def installed(name):
    """Whether a library is there; say so where it is not."""
    if find_spec(name):
        return True
    print(f"  {name}: skipped, it is not installed")
    return False


def nearest_peers(network, at):
    """Yield the libraries that are installed: name, what to time, how often."""
    size = len(network.nodes)
    arcs = network.inward
    matrix = csr_array((arcs.length_m, arcs.indices, arcs.indptr), shape=(size, size))
    yield "scipy", lambda: dijkstra(matrix, indices=at, min_only=True, limit=LIMIT_M), 5
    ends, length = network.ends, network.length_m
    if installed("networkit"):
        import networkit

        graph = networkit.Graph(size + 1, weighted=True)
        for (a, b), metres in zip(ends.tolist(), length.tolist(), strict=True):
            graph.addEdge(a, b, metres)
        for one in at.tolist():
            graph.addEdge(size, one, 0.0)
        networkit.setNumberOfThreads(1)

        def of_networkit():
            return np.array(
                networkit.distance.Dijkstra(graph, size, False, False).run().getDistances(asarray=True)
            )[:size]

        yield "networkit, no bound", of_networkit, 2
    if installed("rustworkx"):
        import rustworkx

        graph = rustworkx.PyGraph()
        graph.add_nodes_from(range(size + 1))
        graph.add_edges_from([(a, b, m) for (a, b), m in zip(ends.tolist(), length.tolist(), strict=True)])
        graph.add_edges_from([(size, one, 0.0) for one in at.tolist()])

        def of_rustworkx():
            found = rustworkx.dijkstra_shortest_path_lengths(graph, size, float)
            distance = np.full(size + 1, np.inf)
            distance[list(found.keys())] = list(found.values())
            return distance[:size]

        yield "rustworkx, no bound", of_rustworkx, 2
    if installed("igraph"):
        import igraph

        extra = np.column_stack([np.full(len(at), size), at])
        graph = igraph.Graph(size + 1, np.concatenate([ends, extra]))
        weights = np.concatenate([length, np.zeros(len(at))]).tolist()
        yield "igraph, no bound", lambda: np.array(graph.distances(source=size, weights=weights)[0])[:size], 2
    import networkx

    graph = networkx.Graph()
    graph.add_weighted_edges_from(zip(*ends.T.tolist(), length.tolist(), strict=True))

    def of_networkx():
        found = networkx.multi_source_dijkstra_path_length(graph, at.tolist(), cutoff=LIMIT_M)
        distance = np.full(size, np.inf)
        distance[list(found)] = list(found.values())
        return distance

    yield "networkx", of_networkx, 1


def three(count=NODES):
    """The three nearest stations of every node."""
    network, stations, at = grid(count)
    ours, (metres, _) = seconds(lambda: k_nearest_to_nodes(network, stations, 3, limit_m=LIMIT_M))
    print(f"three, {count:,} nodes, {len(at):,} stations: {ours:.3f} s, {np.isfinite(metres).sum():,} pairs")
    told = {}
    for name, work, times in three_peers(network, at):
        told[name], distance = seconds(work, times)
        assert np.allclose(
            np.where(np.isfinite(metres), metres, -1), np.where(np.isfinite(distance), distance, -1), atol=0.01
        ), name
        print(f"  {name}: {told[name]:.3f} s")
    verdict("three", ours, told)


def three_peers(network, at):
    """Yield the libraries that can be bounded: a search for each station, the three least kept."""
    size = len(network.nodes)
    arcs = network.inward
    matrix = csr_array((arcs.length_m, arcs.indices, arcs.indptr), shape=(size, size))

    def least_three(node, metres):
        order = np.lexsort((metres, node))
        node, metres = node[order], metres[order]
        rank = np.arange(len(node)) - np.searchsorted(node, node)
        kept = rank < 3
        distance = np.full((size, 3), np.inf)
        distance[node[kept], rank[kept]] = metres[kept]
        return distance

    def of_scipy():
        nodes, metres = [], []
        for one in at:
            distance = dijkstra(matrix, indices=one, limit=LIMIT_M)
            near = np.flatnonzero(np.isfinite(distance))
            nodes.append(near)
            metres.append(distance[near])
        return least_three(np.concatenate(nodes), np.concatenate(metres))

    yield "scipy, a station at a time", of_scipy, 1
    # It contracts the network first, which for such a grid had no end after 150 s with 40,000 nodes.
    print("  pandana: skipped, to make ready a grid of this size takes it more than a quarter of an hour")
    import networkx

    graph = networkx.Graph()
    graph.add_weighted_edges_from(zip(*network.ends.T.tolist(), network.length_m.tolist(), strict=True))

    def of_networkx():
        nodes, metres = [], []
        for one in at.tolist():
            found = networkx.single_source_dijkstra_path_length(graph, one, cutoff=LIMIT_M)
            nodes += found
            metres += found.values()
        return least_three(np.array(nodes), np.array(metres))

    yield "networkx", of_networkx, 3


def memory():
    """How memory and time grow with the network: a process for each size."""
    told = {}
    for count in (62_500, 250_000, 1_000_000):
        out = subprocess.run(
            [sys.executable, __file__, "--part", "peak", str(count)], check=True, capture_output=True, text=True
        ).stdout.split()
        told[count] = [float(word) for word in out]
    base, *_ = told[62_500]
    for count, (peak, once, k) in told.items():
        print(f"memory, {count:,} nodes: {peak:.0f} MB at most, nearest {once:.3f} s, three {k:.3f} s")
    small, large = told[250_000], told[1_000_000]
    print(
        f"memory: four times the nodes take {(large[0] - base) / (small[0] - base):.1f} × the memory beyond the smallest's (linear: 5.0)"
    )


def peak(count):
    """Print the most memory in MB, and seconds."""
    network, stations, _ = grid(count)
    once, _ = seconds(lambda: node_distances(network, stations, limit_m=LIMIT_M), 2)
    k, _ = seconds(lambda: k_nearest_to_nodes(network, stations, 3, limit_m=LIMIT_M), 2)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024, once, k)


def city():
    """Porto Alegre: the network cold and kept, forty stations, 1,227 cells."""
    folder = Path(os.environ.get("LOCATOR_REAL_DATA", Path(__file__).parents[2] / "shared" / "data")) / "streets"
    path = folder / "porto_alegre.osm.pbf"
    if not path.is_file():
        print("city: skipped, there is no collection of real data")
        return
    with tempfile.TemporaryDirectory() as cache:
        cold, network = seconds(lambda: network_of_extract(path, cache=Path(cache)), 1)
        kept, network = seconds(lambda: network_of_extract(path, cache=Path(cache)), 3)
    print(
        f"city: network of {len(network.nodes):,} nodes and {len(network.ends):,} edges, {cold:.2f} s cold, {kept:.3f} s kept"
    )
    cells = np.loadtxt(folder / "porto_alegre_hexagons.csv", delimiter=",", skiprows=1, usecols=(1, 2))
    ready, points = seconds(lambda: snap(network, *cells.T, edges=main_edges(network)), 1)
    stations = points.chosen(np.flatnonzero(points.edge >= 0)[::30][:40])
    many, _ = seconds(lambda: k_nearest_to_nodes(network, stations, 3, limit_m=LIMIT_M), 3)
    print(
        f"city: {len(points):,} cells snapped in {ready:.2f} s, three nearest of {len(stations)} stations in {many:.3f} s"
    )


PARTS = {"nearest": nearest, "three": three, "memory": memory, "city": city}


def main(parts):
    """Run each part in a process of its own."""
    for part in parts or PARTS:
        subprocess.run([sys.executable, __file__, "--part", part], check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--part"]:
        if sys.argv[2] == "peak":
            peak(int(sys.argv[3]))
        else:
            PARTS[sys.argv[2]]()
    else:
        main(sys.argv[1:])
