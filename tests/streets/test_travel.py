"""Distances along the streets: what one counts on paper, another library, and laws."""

import dataclasses
import itertools
import os

import networkx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from street_town import at, line, lonlat, town

from locator.errors import InvalidValue
from locator.geodesy import ecef_m
from locator.streets import searching
from locator.streets.lines import network_of_lines
from locator.streets.snapping import SAME_M, Snaps, snap
from locator.streets.travel import (
    Heading,
    distance_matrix,
    k_nearest,
    k_nearest_to_nodes,
    nearest_station,
    node_distances,
    node_pairs,
)

FAR = 1e5


@pytest.fixture(params=["compiled", "scipy"])
def engine(request, monkeypatch):
    """Each of the two that search, one with numba and one without."""
    if request.param == "scipy":
        monkeypatch.setattr(searching, "_compiled", lambda: None)


def by_scipy(ask, *args, **options):
    """Ask as where numba is not installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searching, "_compiled", lambda: None)
        return ask(*args, **options)


def by_threads(ask, *args, **options):
    """Ask as for a network so large that several threads search."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searching, "_WORTH_THREADS", 0)
        patch.setattr(os, "cpu_count", lambda: 3)
        return ask(*args, **options)


def way(network, start, stop):
    """Measure from one place to another."""
    return nearest_station(network, at(network, stop), at(network, start), limit_m=FAR).distance_m[0]


@pytest.mark.parametrize(
    ("start", "stop", "metres"),
    [
        ((0, 0), (800, 600), 200 * 2**0.5 + 600 + 400),
        ((0, 0), (200, 200), 200 * 2**0.5),
        # along one edge, and beside it
        ((500, 0), (560, 0), 60),
        ((500, 10), (560, -20), 10 + 60 + 20),
        ((900, 220), (960, 200), 80),
        # from the deck of the bridge to the street below: down its end
        ((600, 100), (620, 200), 100 + 200 + 200 + 180),
        # the one-way street: with it, and all the way round
        ((100, 800), (300, 800), 200),
        ((300, 800), (100, 800), 100 + 200 + 400 + 200 + 100),
        ((200, 810), (0, 600), 10 + 200 + 200 + 400),
        ((0, 600), (200, 810), 200 + 200 + 10),
        ((400, 600), (0, 700), 400 + 100),
        # whoever stands at the end of a one-way street is there
        ((400, 600), (300, 600), 100),
        ((0, 0), (0, 0), 0),
        ((0, 0), (100, -300), np.inf),
    ],
)
@pytest.mark.usefixtures("engine")
def test_ways_in_the_town(start, stop, metres):
    network = town()
    assert way(network, start, stop) == pytest.approx(metres, abs=0.02)
    back = nearest_station(
        network, at(network, start), at(network, stop), limit_m=FAR, heading=Heading.FROM_STATIONS
    )
    assert back.distance_m[0] == pytest.approx(metres, abs=0.02)


def test_limit_counts_itself():
    network = town()
    stations, points = at(network, (0, 10)), at(network, (800, 220))
    metres = nearest_station(network, stations, points, limit_m=FAR).distance_m[0]
    for ask in (nearest_station, distance_matrix):
        assert ask(network, stations, points, limit_m=metres).distance_m == pytest.approx([metres])
    assert np.isinf(nearest_station(network, stations, points, limit_m=metres - 0.001).distance_m[0])
    assert len(distance_matrix(network, stations, points, limit_m=metres - 0.001)) == 0
    assert len(distance_matrix(network, at(network, (300, 0)), at(network, (350, 0)), limit_m=49.9)) == 0


@pytest.mark.usefixtures("engine")
def test_k_nearest_by_distance_then_by_row():
    network = town()
    stations = at(network, (0, 400), (400, 400), (200, 590), (800, 400), (800, 400), (100, -300))
    metres, station = k_nearest(
        network, stations, at(network, (190, 400), (800, 410), (100, -310)), 4, limit_m=605
    )
    assert station.tolist() == [[0, 2, 1, -1], [3, 4, 1, -1], [5, -1, -1, -1]]
    assert metres[0] == pytest.approx([190, 200, 210, np.inf], abs=0.02)
    assert metres[1] == pytest.approx([10, 10, 410, np.inf], abs=0.02)


def test_nobody_far_from_all_streets_arrives():
    network = town()
    points = at(network, (3000, 3000), (0, 0))
    assert np.isinf(nearest_station(network, points, points, limit_m=FAR).distance_m).tolist() == [True, False]
    assert distance_matrix(network, points, points, limit_m=FAR).station.tolist() == [1]


@pytest.mark.usefixtures("engine")
def test_of_stations_equally_far_the_lower_row_is_told():
    network = town()
    # Both at the same crossing, and one on either side of the point.
    stations = at(network, (400, 400), (0, 400), (0, 400), (200, 600))
    points = at(network, (0, 400), (0, 500), (100, 400))
    assert nearest_station(network, stations, points, limit_m=FAR).station.tolist() == [1, 1, 1]
    assert k_nearest(network, stations, points, 2, limit_m=FAR)[1].tolist() == [[1, 2]] * 3
    backwards = nearest_station(network, stations.chosen(np.array([3, 2, 1, 0])), points, limit_m=FAR)
    assert backwards.station.tolist() == [1, 1, 1]
    known = node_distances(network, stations, limit_m=FAR)
    assert set(known.station.tolist()) == {-1, 0, 1, 3}


def test_of_nodes_in_a_chain_of_equal_ways_the_lower_row_is_told():
    # A lattice of squares: nearly everything is equally far from several stations, by many ways.
    lines = [line([(100 * x, 100 * y), (100 * x + 100, 100 * y)]) for x in range(6) for y in range(7)]
    lines += [line([(100 * x, 100 * y), (100 * x, 100 * y + 100)]) for x in range(7) for y in range(6)]
    network = network_of_lines(lines)
    # As drawn they are equal to millimetres; now they are equal.
    network = dataclasses.replace(network, length_m=np.full(len(network.ends), 100.0))
    rows = np.array([0, 11, 17, 30, 30, 45])
    stations = Snaps(rows, np.full(6, 50.0), np.zeros(6), network.nodes[network.ends[rows, 0]])
    alone = [node_distances(network, stations.chosen(slice(i, i + 1)), limit_m=FAR).distance_m for i in range(6)]
    lowest = np.argmin(alone, axis=0)
    assert node_distances(network, stations, limit_m=FAR).station.tolist() == lowest.tolist()
    assert by_scipy(node_distances, network, stations, limit_m=FAR).station.tolist() == lowest.tolist()


@pytest.mark.usefixtures("engine")
def test_no_stations_and_no_points():
    network = town()
    none, some = snap(network, np.zeros(0), np.zeros(0)), at(network, (0, 0))
    assert np.isinf(nearest_station(network, none, some, limit_m=FAR).distance_m).all()
    assert len(nearest_station(network, some, none, limit_m=FAR).distance_m) == 0
    assert k_nearest(network, none, some, 2, limit_m=FAR)[1].tolist() == [[-1, -1]]
    assert len(node_pairs(network, none, limit_m=FAR)) == 0


def test_limits_and_numbers_are_checked():
    network = town()
    some = at(network, (0, 0))
    with pytest.raises(InvalidValue):
        nearest_station(network, some, some, limit_m=np.inf)
    with pytest.raises(InvalidValue):
        k_nearest(network, some, some, 0, limit_m=100)


# A lattice of streets a hundred metres apart, some of them missing, some one-way.
SIDE = 5
SEGMENTS = [((x, y), (x + 1, y)) for x in range(SIDE - 1) for y in range(SIDE)]
SEGMENTS += [((x, y), (x, y + 1)) for x in range(SIDE) for y in range(SIDE - 1)]
lattices = st.lists(
    st.tuples(st.sampled_from(SEGMENTS), st.sampled_from([0, 0, 0, 1, -1])),
    min_size=1,
    unique_by=lambda part: part[0],
)
places = st.tuples(st.floats(0, 1), st.floats(0, 1))


def built(parts):
    jitter = {
        spot: 15 * np.array([np.sin(7 * sum(spot)), np.cos(5 * spot[0])]) for part in SEGMENTS for spot in part
    }
    lines = [line([100 * np.array(spot) + jitter[spot] for spot in segment]) for segment, _ in parts]
    return network_of_lines(lines, oneway=[oneway for _, oneway in parts])


def chosen(network, drawn):
    """Return places on the lines of a network: on which of them, and at what share of it."""
    rows = [min(int(which * len(network.ends)), len(network.ends) - 1) for which, _ in drawn]
    lines = network.flat_lines[np.argsort(network.code)[rows]]
    along = shapely.line_interpolate_point(lines, [share for _, share in drawn], normalized=True)
    return network.flattened(shapely.get_coordinates(along), back=True)


def oracle(network, start, stop):
    """Measure with another library, on a graph that has a node for both places."""
    graph = networkx.MultiDiGraph()
    for edge in range(len(network.ends)):
        spots = [(0.0, ("node", network.ends[edge, 0])), (network.length_m[edge], ("node", network.ends[edge, 1]))]
        for name, snaps in (("start", start), ("stop", stop)):
            if snaps.edge[0] == edge:
                spots.append((snaps.offset_m[0], name))
        spots.sort(key=lambda spot: spot[0])
        for (before, one), (after, other) in itertools.pairwise(spots):
            same = after - before <= SAME_M
            if network.forward[edge] or same:
                graph.add_edge(one, other, weight=after - before)
            if network.backward[edge] or same:
                graph.add_edge(other, one, weight=after - before)
    try:
        metres = networkx.dijkstra_path_length(graph, "start", "stop")
    except networkx.NetworkXNoPath:
        return np.inf
    return metres + start.access_m[0] + stop.access_m[0]


@given(lattices, st.lists(places, min_size=2, max_size=2))
@settings(max_examples=40, deadline=None)
def test_agrees_with_another_library(parts, drawn):
    network = built(parts)
    both = snap(network, *chosen(network, drawn).T)
    start, stop = both.chosen(slice(0, 1)), both.chosen(slice(1, 2))
    expected = oracle(network, start, stop)
    assert nearest_station(network, stop, start, limit_m=FAR).distance_m[0] == pytest.approx(expected, abs=1e-5)
    out = nearest_station(network, start, stop, limit_m=FAR, heading=Heading.FROM_STATIONS)
    assert out.distance_m[0] == pytest.approx(expected, abs=1e-5)
    assert k_nearest(network, stop, start, 1, limit_m=FAR)[0][0, 0] == pytest.approx(expected, abs=1e-5)


@given(lattices, st.lists(places, min_size=2, max_size=9), st.floats(50, 700), st.data())
@settings(max_examples=20, deadline=None)
def test_laws(parts, drawn, limit, data):
    network = built(parts)
    pairs = chosen(network, drawn)
    half = len(pairs) // 2
    stations, points = snap(network, *pairs[:half].T), snap(network, *pairs[half:].T)
    near = nearest_station(network, stations, points, limit_m=limit)
    # All at once is the least of each alone, and the first of k.
    alone = [
        nearest_station(network, stations.chosen(slice(row, row + 1)), points, limit_m=limit).distance_m
        for row in range(half)
    ]
    assert near.distance_m == pytest.approx(np.min(alone, axis=0), abs=1e-5)
    metres, station = k_nearest(network, stations, points, half, limit_m=limit)
    assert metres[:, 0] == pytest.approx(near.distance_m, abs=1e-5)
    assert np.sort(np.transpose(alone), axis=1) == pytest.approx(metres, abs=1e-5)
    assert ((station >= 0) == np.isfinite(metres)).all()
    # Further never reaches less.
    further = nearest_station(network, stations, points, limit_m=2 * limit).distance_m
    assert (further <= near.distance_m + 1e-5).all()
    # Numbers and order do not matter.
    shuffled = built(data.draw(st.permutations(parts)))
    again = snap(shuffled, *pairs[:half].T), snap(shuffled, *pairs[half:].T)
    assert nearest_station(shuffled, *again, limit_m=limit).distance_m == pytest.approx(near.distance_m, abs=1e-5)
    # There and back is the same where nothing is one-way.
    both_ways = built([(segment, 0) for segment, _ in parts])
    one, other = snap(both_ways, *pairs[:half].T), snap(both_ways, *pairs[half:].T)
    there = distance_matrix(both_ways, one, other, limit_m=limit)
    back = distance_matrix(both_ways, other, one, limit_m=limit)
    there_and = {(s, p): d for s, p, d in zip(there.station, there.point, there.distance_m, strict=True)}
    and_back = {(p, s): d for s, p, d in zip(back.station, back.point, back.distance_m, strict=True)}
    assert there_and == pytest.approx(and_back, abs=1e-5)


@given(lattices, st.lists(places, min_size=2, max_size=9), st.floats(50, 700), st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_with_and_without_numba_and_threads_the_answers_are_the_same_to_the_bit(parts, drawn, limit, k):
    network = built(parts)
    pairs = chosen(network, drawn)
    half = len(pairs) // 2
    stations, points = snap(network, *pairs[:half].T), snap(network, *pairs[half:].T)
    for heading in Heading:
        options = {"limit_m": limit, "heading": heading}
        asked = [(k_nearest, points, k), (k_nearest_to_nodes, k), (nearest_station, points), (node_distances,)]
        for ask, *more in [*asked, (distance_matrix, points), (node_pairs,)]:
            one = ask(network, stations, *more, **options)
            assert_same(one, by_scipy(ask, network, stations, *more, **options))
            assert_same(one, by_threads(ask, network, stations, *more, **options))


def assert_same(one, other):
    for mine, theirs in zip(columns(one), columns(other), strict=True):
        assert mine.dtype == theirs.dtype
        assert mine.tolist() == theirs.tolist()


@pytest.mark.parametrize("seed", range(5))
def test_of_ways_equally_long_the_lower_row_is_told_whichever_thread_is_first(seed):
    # A street of squares: seen from many crossings several stations are equally far, some on either side of a cut.
    lines = [line([(100 * x, 100 * y), (100 * x + 100, 100 * y)]) for x in range(90) for y in range(3)]
    lines += [line([(100 * x, 100 * y), (100 * x, 100 * y + 100)]) for x in range(91) for y in range(2)]
    network = network_of_lines(lines)
    network = dataclasses.replace(network, length_m=np.full(len(network.ends), 100.0))
    nodes = np.random.default_rng(seed).permutation(len(network.nodes))[:90]
    starts, edges = network.incident
    rows = edges[starts[nodes]]
    offset = np.where(network.ends[rows, 1] == nodes, 100.0, 0.0)
    stations = Snaps(rows, offset, np.zeros(90), network.nodes[nodes])
    strips, between = searching._strips(ecef_m(*network.nodes[nodes].T), 3, 401)
    assert min(len(strip) for strip in [*strips, between]) > 5
    one = k_nearest_to_nodes(network, stations, 3, limit_m=400)
    assert_same(one, by_scipy(k_nearest_to_nodes, network, stations, 3, limit_m=400))
    assert_same(one, by_threads(k_nearest_to_nodes, network, stations, 3, limit_m=400))


def columns(found):
    return found if isinstance(found, tuple) else tuple(vars(found).values())


@given(lattices, places)
@settings(max_examples=40, deadline=None)
def test_a_point_on_an_edge_reaches_both_ends(parts, drawn):
    network = built([(segment, 0) for segment, _ in parts])
    point = snap(network, *chosen(network, [drawn]).T)
    edge, length = point.edge[0], network.length_m[point.edge[0]]
    metres = node_distances(network, point, limit_m=FAR).distance_m[network.ends[edge]]
    along = point.access_m[0] + np.array([point.offset_m[0], length - point.offset_m[0]])
    assert (metres <= along + 1e-5).all()
    assert metres.min() == pytest.approx(along.min(), abs=1e-5)


@given(lattices, st.lists(places, min_size=1, max_size=6), st.floats(50, 500))
@settings(max_examples=30, deadline=None)
def test_nodes_by_pairs_are_as_in_one_search(parts, drawn, limit):
    network = built(parts)
    stations = snap(network, *chosen(network, drawn).T)
    for heading in Heading:
        known = node_distances(network, stations, limit_m=limit, heading=heading)
        metres, station = k_nearest_to_nodes(network, stations, 1, limit_m=limit, heading=heading)
        assert metres[:, 0] == pytest.approx(known.distance_m, abs=1e-5)
        assert ((station[:, 0] < 0) == (known.station < 0)).all()
        pairs = node_pairs(network, stations, limit_m=limit, heading=heading)
        least = np.full(len(network.nodes), np.inf)
        np.minimum.at(least, pairs.point, pairs.distance_m)
        assert least == pytest.approx(known.distance_m, abs=1e-5)


def test_slices_change_nothing(monkeypatch):
    network = town()
    rng = np.random.default_rng(3)
    stations = snap(network, *lonlat(rng.uniform(0, 800, (20, 2))).T)
    points = snap(network, *lonlat(rng.uniform(0, 800, (30, 2))).T)
    whole = k_nearest(network, stations, points, 3, limit_m=500)
    matrix = distance_matrix(network, stations, points, limit_m=500)
    monkeypatch.setattr(searching, "_ROOM", 30)
    again = k_nearest(network, stations, points, 3, limit_m=500)
    assert (whole[0] == again[0]).all()
    assert (whole[1] == again[1]).all()
    sliced = distance_matrix(network, stations, points, limit_m=500)
    assert (matrix.station == sliced.station).all()
    assert (matrix.distance_m == sliced.distance_m).all()
