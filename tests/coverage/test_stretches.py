"""Stretches of a street without a station: a street drawn on paper, its branches, carriageways and rings."""

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from paper_town import place, study
from street_town import line

from locator.coverage.runs import Part, runs_of
from locator.coverage.spacing import measure_spacing
from locator.place import Street
from locator.station import Station

NEAR = pytest.approx


def station(code, x, y):
    return Station(id=code, name=code, geometry=place(x, y), opening_hours="24/7")


def lengths(*lines, stations=(), over_m=1000):
    streets = [
        Street(id=f"s{number}", name="大街", geometry=line(places), must_cover=True, kind="main")
        for number, places in enumerate(lines)
    ]
    town = study(streets=streets, stations=list(stations), stretch_m=over_m, network=None)
    return [one.length_m for one in measure_spacing(town).stretches]


MAIN = [(0, 0), (1200, 0)]


def test_a_stretch_goes_on_where_the_street_branches():
    """Arms of 700, 500 and 600 m meet at (700, 0): from the first along the third it is 1,300 m."""
    assert lengths(MAIN, [(700, 0), (700, 600)]) == [NEAR(1300, abs=0.1)]
    # The station 500 m to the east ends its arm only; one at the branch parts all.
    assert lengths(MAIN, [(700, 0), (700, 600)], stations=[station("E", 1200, 0)]) == [NEAR(1300, abs=0.1)]
    assert lengths(MAIN, [(700, 0), (700, 600)], stations=[station("E", 700, 0)]) == []
    # One near the branch is at all three arms.
    assert lengths(MAIN, [(700, 0), (700, 600)], stations=[station("E", 690, 0)]) == []


def test_an_end_that_does_not_meet_the_street_is_no_branch():
    assert lengths(MAIN, [(700, 1), (700, 600)]) == [NEAR(1200, abs=0.1)]


def test_a_station_parts_a_street_and_does_not_join_what_it_parts():
    assert lengths(MAIN) == [NEAR(1200, abs=0.1)]
    assert lengths(MAIN, stations=[station("E", 600, 0)]) == []
    assert lengths(MAIN, stations=[station("E", 1150, 30)]) == [NEAR(1150, abs=0.1)]


def test_two_carriageways_are_not_twice_as_long():
    """600 m each, 20 m apart: half of the way round is 620 m."""
    both = [(0, 0), (600, 0), (600, 20), (0, 20), (0, 0)]
    assert lengths(both, over_m=1000) == []
    assert lengths(both, over_m=500) == [NEAR(620, abs=26)]


def test_a_ring_with_one_station_is_as_long_as_the_way_round():
    ring = [(0, 0), (400, 0), (400, 400), (0, 400), (0, 0)]
    assert lengths(ring, stations=[station("E", 200, 0)], over_m=1500) == [NEAR(1600, abs=0.1)]
    assert lengths(ring, over_m=700) == [NEAR(800, abs=26)]
    assert lengths(ring, over_m=900) == []


ARMS = st.lists(st.integers(30, 900), min_size=3, max_size=6)


@settings(deadline=None, max_examples=60)
@given(ARMS, st.integers(100, 1500))
def test_of_a_star_the_two_longest_arms_count(arms, over_m):
    ends = [(1, 0), (0, 1), (-1, 0), (0, -1), (0.6, 0.8), (-0.6, 0.8)]
    parts = [
        Part(0, shapely.LineString([(0, 0), (x * metres, y * metres)]), (True, True))
        for (x, y), metres in zip(ends, arms, strict=False)
    ]
    longest = sum(sorted(arms)[-2:])
    found = runs_of(parts, over_m)
    assert [run.longest_m for run in found] == ([NEAR(longest, abs=1e-6)] if longest > over_m + 1e-6 else [])
    assert all(run.shape.length == NEAR(sum(arms)) for run in found)
