"""What is reached: street lengths that one adds up on paper, and polygons that follow the streets."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from street_town import LENGTH_M, at, lonlat, town

from locator.errors import InvalidValue
from locator.geodesy import area_m2
from locator.streets.service_area import reached_streets, service_area, service_area_bands, service_areas
from locator.streets.travel import Heading

DIAGONAL = 200 * 2**0.5


@pytest.mark.parametrize(
    ("place", "limit", "metres"),
    [
        # two streets and the steps; from their top a little in four directions; from the corners a hundred each
        ((0, 0), 300, 300 + 300 + DIAGONAL + 4 * (300 - DIAGONAL) + 100 + 100),
        ((0, 0), 100, 300),
        # in the middle of an edge, then beside it
        ((500, 0), 50, 100),
        ((500, 20), 50, 60),
        ((900, 200), 40, 80),
        ((900, 200), 120, 100 + 120 + 2 * 20),
        ((500, 20), 20, 0),
        ((500, 30), 20, 0),
        ((100, -300), 1000, 300),
        ((0, 0), 10_000, LENGTH_M),
    ],
)
def test_length_of_reached_streets(place, limit, metres):
    network = town()
    stations = at(network, place)
    assert reached_streets(network, stations, limit_m=limit).length_m == pytest.approx(metres, abs=0.05)
    area = service_area(network, stations, limit_m=limit)
    assert area.street_m == pytest.approx(metres, abs=0.05)
    assert area.polygon.is_empty == (metres == 0)
    (alone,) = service_areas(network, stations, limit_m=limit)
    assert alone.street_m == pytest.approx(metres, abs=0.05)
    assert shapely.equals(alone.polygon, area.polygon)


def test_streets_reached_all_along_are_whole_to_the_bit():
    network = town()
    reached = reached_streets(network, at(network, (0, 0), (500, 0)), limit_m=10_000)
    assert len(reached.edge) > 10
    assert reached.start_m.tolist() == [0.0] * len(reached.edge)
    assert reached.end_m.tolist() == network.length_m[reached.edge].tolist()


def test_one_way_is_reached_from_where_one_may_come():
    network = town()
    station = at(network, (400, 600))
    # To the station one comes down the one-way street; from it nobody goes up.
    to = reached_streets(network, station, limit_m=150).length_m
    out = reached_streets(network, station, limit_m=150, heading=Heading.FROM_STATIONS).length_m
    assert (to, out) == (pytest.approx(4 * 150, abs=0.05), pytest.approx(3 * 150, abs=0.05))
    middle = at(network, (200, 800))
    assert reached_streets(network, middle, limit_m=100).length_m == pytest.approx(100, abs=0.05)


def test_streets_reached_from_two_sides_count_once():
    network = town()
    both = at(network, (500, 0), (520, 0))
    assert reached_streets(network, both, limit_m=30).length_m == pytest.approx(80, abs=0.05)
    assert reached_streets(network, both, limit_m=5).length_m == pytest.approx(20, abs=0.05)
    alone = service_areas(network, both, limit_m=30)
    assert [area.street_m for area in alone] == pytest.approx([60, 60], abs=0.05)


def test_polygon_follows_the_street_and_is_no_hull():
    network = town()
    area = service_area(network, at(network, (900, 200)), limit_m=80, beside_m=20, gap_m=0)
    assert area_m2(area.polygon) == pytest.approx(160 * 40 + np.pi * 20**2, rel=0.01)
    # Across the river, however near, and inside the large blocks nothing is reached.
    area = service_area(network, at(network, (0, 0)), limit_m=900, beside_m=20, gap_m=40)
    inside = shapely.contains(area.polygon, shapely.points(lonlat([(0, -300), (100, 0), (700, 100), (100, 300)])))
    assert inside.tolist() == [False, True, False, False]


def test_narrow_gaps_are_closed():
    network = town()
    station = at(network, (0, 0))
    open_ = service_area(network, station, limit_m=900, beside_m=40, gap_m=0)
    closed = service_area(network, station, limit_m=900, beside_m=40, gap_m=130)
    middle = shapely.Point(*lonlat([(300, 100)])[0])
    assert not open_.polygon.contains(middle)
    assert closed.polygon.contains(middle)


def test_bands_are_the_areas_of_their_limits():
    network = town()
    stations = at(network, (0, 0), (500, 20), (900, 200), (100, -300))
    limits = [5, 50, 300, 300, 900, 10_000]
    bands = service_area_bands(network, stations, limits_m=limits)
    assert [band.limit_m for band in bands] == limits
    for band in bands:
        alone = service_area(network, stations, limit_m=band.limit_m)
        assert band.street_m == alone.street_m
        assert area_m2(shapely.symmetric_difference(band.polygon, alone.polygon)) <= 0.005 * area_m2(alone.polygon)
    assert service_area_bands(network, stations, limits_m=[]) == []


@given(
    st.lists(st.tuples(st.floats(-20, 1000), st.floats(-320, 820)), min_size=1, max_size=4),
    st.floats(10, 600),
    st.floats(1, 2),
    st.sampled_from(Heading),
)
@settings(max_examples=25, deadline=None)
def test_laws(places, limit, more, heading):
    network = town()
    stations = at(network, *places)
    together = service_area(network, stations, limit_m=limit, heading=heading)
    alone = service_areas(network, stations, limit_m=limit, heading=heading)
    longest = max(area.street_m for area in alone)
    assert longest - 1e-3 <= together.street_m <= sum(area.street_m for area in alone) + 1e-3
    further = reached_streets(network, stations, limit_m=limit * more, heading=heading)
    assert further.length_m >= together.street_m - 1e-3
    assert together.polygon.is_valid
    parts = reached_streets(network, stations, limit_m=limit, heading=heading)
    assert (parts.start_m >= 0).all()
    assert (parts.end_m <= network.length_m[parts.edge] + 1e-6).all()
    same = parts.edge[1:] == parts.edge[:-1]
    assert (parts.start_m[1:][same] > parts.end_m[:-1][same]).all()


@pytest.mark.parametrize("options", [{"beside_m": 0}, {"gap_m": -1}, {"limit_m": -1}])
def test_wrong_metres_are_refused(options):
    network = town()
    with pytest.raises(InvalidValue):
        service_area(network, at(network, (0, 0)), **{"limit_m": 100} | options)
