"""Lines become a network: they meet where they cross, unless one passes over the other."""

import sys

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from street_town import EDGES, LENGTH_M, NODES, STREETS, line, lonlat, town

from locator.errors import InvalidValue, MissingPart
from locator.exchange.osm_ways import Mode
from locator.place import Street
from locator.streets.lines import network_of_lines, network_of_streets


def test_town_has_the_edges_and_nodes_that_one_counts():
    network = town()
    assert (len(network.ends), len(network.nodes)) == (EDGES + 1, NODES + 2)
    assert network.length_m.sum() == pytest.approx(LENGTH_M + 300, abs=0.02)
    by_name = {
        network.names[name]: network.length_m[network.name == name].sum() for name in np.unique(network.name)
    }
    assert by_name["⑪"] == pytest.approx(800, abs=0.01)
    assert by_name["⑫"] == pytest.approx(282.843, abs=0.01)
    assert by_name["⑨"] == pytest.approx(400, abs=0.01)


def test_islands_are_told_with_their_share():
    islands = town().islands
    assert islands.nodes.tolist() == [NODES, 2]
    assert islands.length_m[1] == pytest.approx(300, abs=0.01)
    assert islands.share.sum() == pytest.approx(1)
    assert islands.share[1] == pytest.approx(300 / (LENGTH_M + 300), abs=1e-5)


@given(st.permutations(range(len(STREETS))))
@settings(max_examples=25, deadline=None)
def test_order_of_streets_does_not_matter(order):
    assert shape_of(town(order)) == shape_of(town())


def shape_of(network):
    """Return a network as a list that knows no numbers: the ends and the length of each edge."""
    corners = np.round(network.nodes, 7)[network.ends].tolist()
    edges = zip(corners, np.round(network.length_m, 3).tolist(), strict=True)
    return sorted((sorted(ends), length) for ends, length in edges)


CROSS = [[(0, 0), (100, 0)], [(50, -50), (50, 50)]]


@pytest.mark.parametrize(
    ("places", "levels", "edges", "nodes"),
    [
        (CROSS, [0, 0], 4, 5),
        (CROSS, [0, 1], 2, 4),
        (CROSS, [1, 1], 4, 5),
        (CROSS, [0, -1], 2, 4),
        # a side street meets, also where it ends a hand's breadth before
        ([CROSS[0], [(50, 0), (50, 50)]], [0, 0], 3, 4),
        ([CROSS[0], [(50, 0.03), (50, 50)]], [0, 0], 3, 4),
        ([CROSS[0], [(50, 0.2), (50, 50)]], [0, 0], 2, 4),
        # a bridge begins at the street; a street that ends below a bridge does not reach it
        ([CROSS[0], [(50, 0), (50, 50)]], [0, 1], 3, 4),
        ([CROSS[0], [(50, 0), (50, 50)]], [1, 0], 2, 4),
        # a bridge over a crossing leaves it alone
        ([*CROSS, [(0, -50), (100, 50)]], [0, 0, 1], 5, 7),
        # three in one place
        ([*CROSS, [(0, -50), (100, 50)]], [0, 0, 0], 6, 7),
        # twice the same stretch
        ([CROSS[0], [(40, 0), (60, 0)]], [0, 0], 4, 4),
        # a line that crosses itself
        ([[(0, 0), (100, 0), (100, 50), (50, 50), (50, -50)]], [0], 3, 3),
        # a ring alone
        ([[(0, 0), (100, 0), (100, 100), (0, 0)]], [0], 1, 1),
    ],
)
def test_what_meets(places, levels, edges, nodes):
    network = network_of_lines([line(one) for one in places], levels=levels)
    assert (len(network.ends), len(network.nodes)) == (edges, nodes)


def test_streets_of_the_store_keep_names_levels_and_directions():
    def street(code, places, name="", *, bridge=False, **extra):
        return Street(id=code, geometry=line(places), name=name, bridge=bridge, extra=extra, source="list")

    streets = [
        street("a", CROSS[0], "人民路"),
        street("b", CROSS[1], "天桥", bridge=True),
        street("c", [(0, 0), (0, 50)], highway="residential", **{"oneway:foot": "yes"}),
        street("d", [(100, 0), (100, 50)], highway="motorway"),
        street("e", [(50, -50), (0, -50)], highway="footway", tunnel="yes"),
    ]
    network = network_of_streets(streets)
    assert sorted(network.names) == ["", "人民路", "天桥"]
    assert len(network.ends) == 4
    assert (~network.backward).sum() == 1
    assert network.about["source"] == "list"
    assert len(network_of_streets(streets, Mode.EBIKE).ends) == 3


def test_lines_are_measured_on_the_ellipsoid():
    # A minute of latitude is 1,842.9 m at the equator and 1,861.1 m at 80 degrees.
    for lat, expected in ((0, 1842.9), (60, 1857.0), (80, 1861.1)):
        network = network_of_lines([shapely.LineString([(10, lat), (10, lat + 1 / 60)])])
        assert network.length_m[0] == pytest.approx(expected, abs=0.5)


@pytest.mark.parametrize(
    ("lines", "options", "field"),
    [
        ([], {}, "lines"),
        ([shapely.Point(113, 28)], {}, "lines"),
        ([line(CROSS[0])], {"names": ["a", "b"]}, "names"),
        ([line(CROSS[0])], {"levels": [0, 1]}, "levels"),
    ],
)
def test_what_is_no_network_is_refused(lines, options, field):
    with pytest.raises(InvalidValue) as refusal:
        network_of_lines(lines, **options)
    assert refusal.value.field == field


def test_lines_of_one_place_alone_are_refused():
    with pytest.raises(InvalidValue, match="no street"):
        network_of_lines([shapely.LineString(lonlat([(0, 0), (0, 0)]))])


def test_without_scipy_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.sparse", None)
    with pytest.raises(MissingPart, match=r"station-locator\[streets\]"):
        town()
