"""A line through the earth says how long the way over ground is at least, and at most."""

import numpy as np
import pytest
from hypothesis import example, given
from pyproj import Geod
from strategies import lats, lons

from locator.candidates import detour_m, least_way_m
from locator.geodesy import ecef_m

GEOD = Geod(ellps="WGS84")


@given(lons(), lats(), lons(), lats())
@example(0, 0, 180, 0)
@example(0, 90, 0, -90)
@example(0, 89, 180, 89)
@example(113, 28.8, -67, -28.8)
def test_way_over_ground_lies_between_the_bounds_of_its_line(lon, lat, other_lon, other_lat):
    way_m = GEOD.inv(lon, lat, other_lon, other_lat)[2]
    ends = ecef_m(np.array([lon, other_lon]), np.array([lat, other_lat]))
    line_m = float(np.linalg.norm(ends[0] - ends[1]))
    assert least_way_m(line_m) <= way_m + 1e-6
    assert way_m <= line_m + detour_m(np.array([line_m]))[0] + 1e-6


def test_what_is_named_whole_has_nothing_beyond():
    assert least_way_m(float("inf")) == pytest.approx(float("inf"))
