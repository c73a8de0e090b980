"""Stations that may be one."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from locator.exchange.duplicates import find_duplicates
from locator.geodesy import pairwise_m
from locator.station import Station


@pytest.mark.parametrize("corner", [(113.07, 28.8), (-0.003, -0.003), (-70, -54), (15, 78.2)])
@given(shifts=st.lists(st.tuples(st.floats(0, 0.006), st.floats(0, 0.006)), max_size=12))
def test_those_called_alike_are_found_within_200_m_and_no_further(corner, shifts):
    places = [(corner[0] + lon, corner[1] + lat) for lon, lat in shifts]
    stations = [Station(id=f"s{n}", name="归义站", geometry=Point(place)) for n, place in enumerate(places)]
    found = [(pair.first, pair.second) for pair in find_duplicates(stations)]
    apart = {
        pair: pairwise_m(*([value] for one in pair for value in places[one]))[0]
        for pair in combinations(range(len(places)), 2)
    }
    assert found == sorted(found)
    assert set(found) <= {pair for pair, metres in apart.items() if metres <= 200}
    assert set(found) >= {pair for pair, metres in apart.items() if metres <= 199}
