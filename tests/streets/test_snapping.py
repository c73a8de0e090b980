"""Places enter the nearest edge, with a straight access leg that is counted and limited."""

import numpy as np
import pytest
from street_town import at, lonlat, town

from locator.errors import InvalidValue
from locator.streets.lines import network_of_lines
from locator.streets.snapping import main_edges, snap


def test_a_place_enters_the_nearest_edge_where_it_is_nearest():
    network = town()
    snaps = at(network, (50, 190), (900, 230), (-40, 300))
    assert [network.names[name] for name in network.name[snaps.edge]] == ["②", "⑩", "⑤"]
    assert snaps.access_m == pytest.approx([10, 30, 40], abs=0.01)
    assert np.allclose(snaps.entries, lonlat([(50, 200), (900, 200), (0, 300)]), atol=1e-7)
    at_first_end = np.minimum(snaps.offset_m, network.length_m[snaps.edge] - snaps.offset_m)
    assert at_first_end == pytest.approx([50, 100, 100], abs=0.01)


def test_too_far_is_said_and_the_limit_counts_itself():
    network = town()
    snaps = at(network, (900, 240), (900, 260), (3000, 3000), max_access_m=50)
    assert snaps.too_far.tolist() == [1, 2]
    assert np.isinf(snaps.access_m[1:]).all()
    assert np.isnan(snaps.entries[1:]).all()
    access = at(network, (900, 240)).access_m[0]
    assert not len(at(network, (900, 240), max_access_m=access).too_far)
    assert len(at(network, (900, 240), max_access_m=access - 0.001).too_far)


def test_small_islands_can_be_left_out():
    network = town()
    near = at(network, (100, -200))
    assert network.names[network.name[near.edge[0]]] == "the other bank"
    across = at(network, (100, -200), edges=main_edges(network, min_share=0.1))
    assert network.names[network.name[across.edge[0]]] == "①"
    assert across.access_m[0] == pytest.approx(200, abs=0.01)


def test_nearest_is_meant_in_metres():
    # At 60 degrees north a degree of longitude is half as long: the nearer street is the farther one in degrees.
    from shapely import LineString

    east = LineString([(10.0015, 59.99), (10.0015, 60.01)])
    north = LineString([(9.99, 60.001), (10.001, 60.001)])
    snaps = snap(network_of_lines([east, north]), np.array([10.0]), np.array([60.0]))
    assert snaps.access_m[0] == pytest.approx(83.7, abs=0.1)


def test_nothing_to_snap_gives_nothing():
    assert len(snap(town(), np.zeros(0), np.zeros(0))) == 0


@pytest.mark.parametrize(("lon", "access"), [(np.nan, 100), (500, 100), (113, -1), (113, np.inf)])
def test_what_is_no_place_is_refused(lon, access):
    with pytest.raises(InvalidValue):
        snap(town(), np.array([lon]), np.array([28.0]), max_access_m=access)
