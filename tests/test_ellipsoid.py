"""The compiled formulas of the ellipsoid say what pyproj says."""

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer
from strategies import lats, lons

ellipsoid = pytest.importorskip("locator.ellipsoid", reason="numba is not installed")
GEOD = Geod(ellps="WGS84")
TO_CENTRE = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)


@settings(deadline=None)  # compiled at the first call
@given(lons(), lats(), st.floats(-1, 1), st.floats(-1, 1))
@example(179.9999, 0, 0.0002, 0)  # across 180°, along the equator
@example(10, 90, 40, -0.001)
@example(-180, 28.8, 360, 0)
@example(113, 28.8, 0, 0)
@example(113, 28.8, 1e-9, -1e-9)
def test_metres_between_near_places_are_those_of_pyproj(lon, lat, east, north):
    other = (lon + east + 180) % 360 - 180, min(90, max(-90, lat + north))
    expected = GEOD.inv(lon, lat, *other)[2]
    assume(expected < ellipsoid.FAR_M)
    assert ellipsoid.metres_between(lon, lat, *other) == pytest.approx(expected, abs=1e-6)


@settings(deadline=None)  # compiled at the first call
@given(lons(), lats(), st.floats(0, 360), st.floats(0, 19_990))
@example(180, 0, 90, 19_990)
@example(113, 90, 0, 19_990)
@example(113, 28.8, 45, 1e-6)
@example(113, 28.8, 45, 0)
def test_metres_beside_a_place_are_those_of_pyproj(lon, lat, azimuth, metres):
    other_lon, other_lat, _ = GEOD.fwd(lon, lat, azimuth, metres)
    here, there = ellipsoid.earth_centred(lon, lat), ellipsoid.earth_centred(other_lon, other_lat)
    found = ellipsoid.metres_beside(*here, *(b - a for a, b in zip(here, there, strict=True)))
    assert found == pytest.approx(GEOD.inv(lon, lat, other_lon, other_lat)[2], abs=1e-7)


@settings(deadline=None)  # compiled at the first call
@given(lons(), lats(), lons(), lats())
@example(0, 0, 180, 0)
@example(0, 0, 179.7, 0.1)
def test_metres_between_far_places_are_those_of_pyproj_or_infinite(lon, lat, other_lon, other_lat):
    found = ellipsoid.metres_between(lon, lat, other_lon, other_lat)
    assert found in (pytest.approx(GEOD.inv(lon, lat, other_lon, other_lat)[2], abs=1e-6), float("inf"))


@settings(deadline=None)  # compiled at the first call
@given(lons(), lats())
def test_earth_centred_place_is_that_of_pyproj(lon, lat):
    expected = TO_CENTRE.transform(lon, lat, 0)
    assert ellipsoid.earth_centred(lon, lat) == pytest.approx(expected, abs=1e-6)
