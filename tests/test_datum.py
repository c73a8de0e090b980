"""Published pairs, round trips and the edges of the rectangle."""

from __future__ import annotations

import json

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from locator.datum import CHINA, Datum, convert, convert_geometry, parse_datum
from locator.errors import InvalidValue

WEST, SOUTH, EAST, NORTH = CHINA
CENTIMETRE = 1e-7  # degrees; at most 1.1 cm anywhere
SHIFT = 0.02  # degrees; longer than any shift
GEOD = pyproj.Geod(ellps="WGS84")

in_china = st.tuples(st.floats(WEST, EAST), st.floats(SOUTH, NORTH))
anywhere = st.tuples(st.floats(-180, 180), st.floats(-90, 90))
datums = st.sampled_from(list(Datum))


def metres(lon, lat, other_lon, other_lat):
    return GEOD.inv(lon, lat, other_lon, other_lat)[2]


# From the tests of eviltransform (Shanghai, Shenzhen) and the README of coordtransform (Beijing).
@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),
    ],
)
def test_gcj02_is_as_published(wgs84, gcj02):
    assert convert(*wgs84, Datum.WGS84, Datum.GCJ02) == pytest.approx(gcj02, abs=1e-11)
    assert convert(*gcj02, Datum.GCJ02, Datum.WGS84) == pytest.approx(wgs84, abs=1e-11)


# From the README of coordtransform and the tests of geotool.
@pytest.mark.parametrize(
    ("gcj02", "bd09"),
    [
        ((116.404, 39.915), (116.41036949371029, 39.92133699351021)),
        ((121.09626935575027, 30.608604331756705), (121.10271732371203, 30.61484572185035)),
    ],
)
def test_bd09_is_as_published(gcj02, bd09):
    assert convert(*gcj02, Datum.GCJ02, Datum.BD09) == pytest.approx(bd09, abs=1e-11)
    assert convert(*bd09, Datum.BD09, Datum.GCJ02) == pytest.approx(gcj02, abs=1e-11)


@pytest.mark.shared
@pytest.mark.parametrize("source", [Datum.WGS84, Datum.GCJ02, Datum.BD09])
@pytest.mark.parametrize("target", [Datum.WGS84, Datum.GCJ02, Datum.BD09])
def test_664_chinese_cities_are_within_a_metre(real_data, source, target):
    rows = json.loads((real_data / "coords" / "gcoord_china_cities.json").read_text(encoding="utf-8"))
    pairs = {
        datum: np.array([row["coords"][datum.upper()] for row in rows])
        for datum in (Datum.WGS84, Datum.GCJ02, Datum.BD09)
    }
    lons, lats = convert(*pairs[source].T, source, target)
    assert len(lons) == 664
    assert metres(lons, lats, *pairs[target].T).max() < 1


def test_shift_in_the_pilot_town_is_longer_than_a_service_radius():
    lon, lat = 113.06896, 28.80798
    assert 642 <= metres(lon, lat, *convert(lon, lat, Datum.WGS84, Datum.GCJ02)) <= 675


@given(in_china, datums, datums)
@settings(deadline=None)
def test_round_trip_inside_comes_back_within_a_centimetre(place, first, second):
    there = convert(*convert(*place, Datum.WGS84, first), first, second)
    assert convert(*there, second, Datum.WGS84) == pytest.approx(place, abs=CENTIMETRE)


def test_round_trips_are_solved_to_a_billionth_of_a_degree():
    rng = np.random.default_rng(7)
    lons, lats = rng.uniform(WEST, EAST, 20_000), rng.uniform(SOUTH, NORTH, 20_000)
    lons[:100] = 105 + rng.uniform(-1e-9, 1e-9, 100)  # where the root in the formula has its corner
    lons[100:200], lons[200:300], lats[300:400], lats[400:500] = WEST, EAST, SOUTH, NORTH
    for datum in (Datum.GCJ02, Datum.BD09):
        back = convert(*convert(lons, lats, Datum.WGS84, datum), datum, Datum.WGS84)
        assert np.abs(back[0] - lons).max() < 1e-9
        assert np.abs(back[1] - lats).max() < 1e-9


@given(anywhere, datums, datums)
@settings(deadline=None)
def test_outside_china_nothing_is_shifted(place, source, target):
    if WEST - SHIFT <= place[0] <= EAST + SHIFT and SOUTH - SHIFT <= place[1] <= NORTH + SHIFT:
        return
    assert convert(*place, source, target) == place


@given(st.floats(-SHIFT, SHIFT), st.floats(0, 1), st.sampled_from("WESN"), datums, datums)
@settings(deadline=None)
def test_near_the_edge_a_pair_moves_by_a_shift_at_most(off, along, side, source, target):
    lon, lat = WEST + along * (EAST - WEST), SOUTH + along * (NORTH - SOUTH)
    lon = {"W": WEST + off, "E": EAST + off}.get(side, lon)
    lat = {"S": SOUTH + off, "N": NORTH + off}.get(side, lat)
    moved = convert(lon, lat, source, target)
    assert moved == pytest.approx((lon, lat), abs=SHIFT)
    assert convert(*moved, target, source) == pytest.approx((lon, lat), abs=SHIFT)


@given(anywhere)
@settings(deadline=None)
def test_cgcs2000_is_taken_as_wgs84(place):
    assert convert(*place, Datum.CGCS2000, Datum.WGS84) == place
    assert convert(*place, Datum.CGCS2000, Datum.BD09) == convert(*place, Datum.WGS84, Datum.BD09)


def test_edges_of_the_rectangle_are_inside():
    assert convert(WEST, SOUTH, Datum.WGS84, Datum.GCJ02) != (WEST, SOUTH)
    assert convert(EAST, NORTH, Datum.WGS84, Datum.GCJ02) != (EAST, NORTH)
    assert convert(np.nextafter(WEST, 0), SOUTH, Datum.WGS84, Datum.GCJ02)[0] < WEST


def test_arrays_keep_their_shape_and_are_not_changed():
    lons, lats = np.full((2, 3), 113.07), np.full((2, 3), 28.81)
    moved = convert(lons, lats, Datum.WGS84, Datum.BD09)
    assert moved[0].shape == moved[1].shape == (2, 3)
    assert (lons == 113.07).all()
    one = convert(113.07, 28.81, Datum.WGS84, Datum.BD09)
    assert (moved[0][0, 0], moved[1][0, 0]) == pytest.approx(one, abs=1e-12)
    assert [type(number) for number in one] == [float, float]
    empty = convert(lons[:0], lats[:0], Datum.WGS84, Datum.GCJ02)
    assert empty[0].shape == (0, 3)


def test_what_is_not_finite_is_handed_back():
    lons, lats = np.array([np.nan, 113.07, np.inf, 113.07]), np.array([28.81, np.nan, 28.81, -np.inf])
    for datum in Datum:
        moved = convert(lons, lats, Datum.GCJ02, datum)
        np.testing.assert_array_equal(moved, (lons, lats))


def test_geometry_is_converted_vertex_by_vertex():
    yard = shapely.Polygon(
        [(113.06, 28.80, 5), (113.07, 28.80, 5), (113.07, 28.81, 5), (113.06, 28.80, 5)],
        [[(113.066, 28.802, 5), (113.068, 28.802, 5), (113.068, 28.804, 5), (113.066, 28.802, 5)]],
    )
    both = shapely.GeometryCollection([yard, shapely.Point(-0.1, 51.5)])
    moved = convert_geometry(both, Datum.WGS84, Datum.GCJ02)
    assert moved.geoms[1].equals(both.geoms[1])
    assert len(moved.geoms[0].interiors) == 1
    assert not moved.has_z
    assert moved.geoms[0].exterior.coords[1] == pytest.approx(
        convert(113.07, 28.80, Datum.WGS84, Datum.GCJ02), abs=1e-12
    )


@pytest.mark.parametrize(
    ("text", "datum"),
    [
        ("WGS-84", Datum.WGS84),
        ("wgs 84", Datum.WGS84),
        ("EPSG:4326", Datum.WGS84),
        ("CRS84", Datum.WGS84),
        ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", Datum.WGS84),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", Datum.WGS84),
        ("GCJ-02", Datum.GCJ02),
        ("gcj_02", Datum.GCJ02),
        ("ＧＣＪ０２", Datum.GCJ02),
        ("火星坐标", Datum.GCJ02),
        ("火星坐标系", Datum.GCJ02),
        ("高德", Datum.GCJ02),
        ("高德地图坐标", Datum.GCJ02),
        ("高德/腾讯", Datum.GCJ02),
        ("腾讯", Datum.GCJ02),
        ("amap", Datum.GCJ02),
        ("BD-09", Datum.BD09),
        ("bd09ll", Datum.BD09),
        ("百度", Datum.BD09),
        ("百度经纬度坐标", Datum.BD09),
        ("CGCS2000", Datum.CGCS2000),
        ("EPSG:4490", Datum.CGCS2000),
        ("国家2000", Datum.CGCS2000),
        ("2000国家大地坐标系", Datum.CGCS2000),
        ("国家大地坐标系2000", Datum.CGCS2000),
        ("天地图", Datum.CGCS2000),
    ],
)
def test_usual_spellings_are_understood(text, datum):
    assert parse_datum(text) is datum


@pytest.mark.parametrize("text", ["", "坐标", "84", "bd09mc", "EPSG:3857", "Beijing54", "西安80", "x" * 10_000])
def test_other_datums_are_refused_with_the_known_ones(text):
    with pytest.raises(InvalidValue, match="wgs84, gcj02, bd09, cgcs2000") as caught:
        parse_datum(text)
    assert caught.value.field == "datum"
