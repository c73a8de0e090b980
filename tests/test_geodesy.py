"""Distances against pyproj and known arcs of the ellipsoid, laws of distance, poles and the 180° meridian."""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from locator.errors import InvalidValue
from locator.geodesy import area_m2, distance_m, distances_m, ecef_m, length_m, local_crs, to_local

GEOD = pyproj.Geod(ellps="WGS84")
A_M = 6378137.0
DEGREE_M = A_M * np.pi / 180  # of the equator
QUARTER_M = 10001965.7293  # of a meridian, from any table of WGS84

lons = st.floats(-180, 180)
lats = st.floats(-90, 90)
PARK = shapely.box(113.060, 28.800, 113.070, 28.810)


def edges(geometry):
    """Yield the two ends of every edge."""
    parts = geometry.geoms if hasattr(geometry, "geoms") else [geometry]
    for part in parts:
        rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
        for ring in rings:
            pairs = shapely.get_coordinates(ring)
            yield from pairwise(pairs)


def brute_force_m(lon, lat, geometry):
    """Walk along all edges (straight in lon and lat), again and again finer around the nearest place."""
    best = np.inf
    for start, end in edges(geometry):
        low, high = 0.0, 1.0
        for _ in range(4):
            shares = np.linspace(low, high, 1001)
            places = start + shares[:, np.newaxis] * (end - start)
            metres = GEOD.inv(np.full(1001, lon), np.full(1001, lat), places[:, 0], places[:, 1])[2]
            nearest, step = shares[metres.argmin()], (high - low) / 1000
            low, high = max(0.0, nearest - step), min(1.0, nearest + step)
            best = min(best, metres.min())
    return best


def test_known_arcs():
    assert distances_m(0, 0, np.array([1.0, 0.0, 0.0]), np.array([0.0, 90.0, 0.0])) == pytest.approx(
        [DEGREE_M, QUARTER_M, 0], abs=1e-3
    )


@given(lons, lats, lons, lats)
@settings(deadline=None)
def test_distance_is_the_same_both_ways(lon, lat, other_lon, other_lat):
    there = distance_m(lon, lat, shapely.Point(other_lon, other_lat))
    assert there == pytest.approx(distance_m(other_lon, other_lat, shapely.Point(lon, lat)), abs=1e-6)
    assert there == pytest.approx(distances_m(lon, lat, np.array([other_lon]), np.array([other_lat]))[0], abs=1e-6)


def test_not_finite_gives_nan_and_none_gives_none():
    assert np.isnan(distances_m(0, 0, np.array([np.nan]), np.array([0.0]))).all()
    assert distances_m(0, 0, np.array([]), np.array([])).size == 0


def test_inside_and_on_the_boundary_is_zero():
    assert distance_m(113.065, 28.805, PARK) == 0
    assert distance_m(113.060, 28.805, PARK) == 0
    assert distance_m(113.060, 28.800, PARK) == 0


def test_hole_is_outside():
    ring = PARK.difference(shapely.box(113.062, 28.802, 113.068, 28.808))
    expected = GEOD.inv(113.0625, 28.805, 113.062, 28.805)[2]
    assert distance_m(113.0625, 28.805, ring) == pytest.approx(expected, abs=0.002)


def test_distance_to_a_side_is_not_the_distance_to_a_corner():
    expected = GEOD.inv(113.080, 28.805, 113.070, 28.805)[2]
    assert distance_m(113.080, 28.805, PARK) == pytest.approx(expected, abs=0.002)


@pytest.mark.parametrize("seed", range(40))
def test_polygons_and_lines_agree_with_brute_force(seed):
    rng = np.random.default_rng(seed)
    size, far = 10 ** rng.uniform(-3.5, 1.3), 10 ** rng.uniform(-4, 2)
    lon, lat = rng.uniform(-140, 140), rng.uniform(-87, 87)
    angles = np.sort(rng.uniform(0, 2 * np.pi, 6))
    pairs = np.column_stack([np.cos(angles), np.sin(angles)]) * size * rng.uniform(0.4, 1, (6, 1))
    pairs = np.clip(pairs + np.array([lon, lat]), (-180, -90), (180, 90))
    towards = rng.uniform(0, 2 * np.pi)
    here = (lon + far * np.cos(towards) + 180) % 360 - 180, float(np.clip(lat + far * np.sin(towards), -90, 90))
    line, polygon = shapely.LineString(pairs), shapely.Polygon(pairs)
    assert distance_m(*here, line) == pytest.approx(brute_force_m(*here, line), abs=0.002)
    if polygon.is_valid and not polygon.intersects(shapely.Point(here)):
        assert distance_m(*here, polygon) == pytest.approx(brute_force_m(*here, polygon), abs=0.002)


@given(st.floats(112.9, 113.2), st.floats(28.7, 28.9))
@settings(max_examples=50, deadline=None)
def test_distance_to_a_polygon_is_at_most_that_to_its_vertices(lon, lat):
    corners = shapely.get_coordinates(PARK)
    distance = distance_m(lon, lat, PARK)
    assert distance <= distances_m(lon, lat, corners[:, 0], corners[:, 1]).min()
    assert distance <= distance_m(lon, lat, PARK.exterior) + 1e-6


def test_multi_is_the_nearest_part():
    places = [shapely.Point(113.0, 28.8), shapely.Point(113.1, 28.8)]
    yards = [place.buffer(0.001) for place in places]
    streets = [yard.exterior for yard in yards]
    for parts, multi in (
        (places, shapely.MultiPoint(places)),
        (yards, shapely.MultiPolygon(yards)),
        (streets, shapely.MultiLineString(streets)),
    ):
        nearest = min(distance_m(113.03, 28.81, part) for part in parts)
        assert distance_m(113.03, 28.81, multi) == pytest.approx(nearest, abs=1e-6)


def test_parts_of_a_line_are_not_joined():
    streets = shapely.MultiLineString([[(113.0, 28.8), (113.0, 28.81)], [(113.1, 28.8), (113.1, 28.81)]])
    assert distance_m(113.05, 28.805, streets) > 4_000


def test_across_the_180_meridian():
    assert distance_m(179.5, 0, shapely.Point(-179.5, 0)) == pytest.approx(DEGREE_M, abs=1e-3)
    assert distance_m(-179.9, 0.5, shapely.box(179, 0, 180, 1)) == pytest.approx(
        GEOD.inv(-179.9, 0.5, 180, 0.5)[2], abs=0.002
    )


def test_cut_at_the_180_meridian_is_no_boundary_to_those_inside():
    island = shapely.MultiPolygon([shapely.box(179, -1, 180, 1), shapely.box(-180, -1, -179, 1)])
    for lon in (179.99, 180.0, -180.0, -179.99):
        assert distance_m(lon, 0, island) == 0


def test_poles():
    assert distance_m(12, 90, shapely.Point(-77, 89)) == pytest.approx(GEOD.inv(0, 90, 0, 89)[2], abs=1e-6)
    cap = shapely.MultiPolygon([shapely.box(west, 89, west + 90, 90) for west in (-180, -90, 0, 90)])
    assert distance_m(33, 90, cap) == 0
    # Seen from the pole, all of a parallel is equally far; its chords are not.
    parallel = shapely.LineString([(0, 89.999), (170, 89.999)])
    assert distance_m(0, 90, parallel) == pytest.approx(GEOD.inv(0, 90, 0, 89.999)[2], abs=0.002)
    assert distance_m(85, -90, parallel) == pytest.approx(GEOD.inv(0, -90, 0, 89.999)[2], abs=0.002)


def test_antipode_is_far_and_never_inside():
    lon, lat = 113.065 - 180, -28.805
    assert distance_m(lon, lat, PARK) > 19_900_000
    assert distance_m(lon, lat, PARK.exterior) > 19_900_000
    assert distance_m(0, 0, shapely.LineString([(179, 0), (180, 0)])) > 19_800_000


def test_hostile_lengths_are_measured_in_bounded_work():
    zigzag = shapely.LineString([((i % 2) * 358 - 179, 60 + i * 1e-4) for i in range(10_000)])
    start = time.perf_counter()
    assert distance_m(0, 90, zigzag) == pytest.approx(GEOD.inv(0, 90, 0, 60 + 0.9999)[2], rel=0.02)
    assert time.perf_counter() - start < 2


def test_distance_to_nothing_is_refused():
    with pytest.raises(InvalidValue, match="empty"):
        distance_m(0, 0, shapely.Polygon())


def test_local_metres_keep_distance_and_direction():
    local = to_local(shapely.MultiPoint([(113.08, 28.80), (113.07, 28.81), (113.07, 28.80)]), 113.07, 28.80)
    (east_x, east_y), (north_x, north_y), here = shapely.get_coordinates(local)
    assert np.hypot(east_x, east_y) == pytest.approx(GEOD.inv(113.07, 28.80, 113.08, 28.80)[2], abs=1e-6)
    assert east_x > 900
    assert abs(east_y) < 1
    assert (north_x, north_y) == pytest.approx((0, GEOD.inv(113.07, 28.80, 113.07, 28.81)[2]), abs=1e-6)
    assert tuple(here) == pytest.approx((0, 0), abs=1e-6)


def test_local_metres_agree_with_proj():
    crs = pyproj.CRS.from_proj4("+proj=aeqd +lat_0=28.8 +lon_0=113.07 +datum=WGS84")
    expected = Transformer.from_crs(4326, crs, always_xy=True).transform(113.2, 28.95)
    assert to_local(shapely.Point(113.2, 28.95), 113.07, 28.8).coords[0] == pytest.approx(expected, abs=1e-3)


def test_earth_centred_metres_agree_with_proj():
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(-180, 180, 200), rng.uniform(-90, 90, 200)
    expected = Transformer.from_crs(4979, 4978, always_xy=True).transform(lon, lat, np.zeros(200))
    np.testing.assert_allclose(ecef_m(lon, lat), np.column_stack(expected), atol=1e-6)


@given(lons, lats, lons, lats)
@settings(deadline=None)
def test_straight_line_is_never_longer_than_the_way_over_ground(lon, lat, other_lon, other_lat):
    ends = ecef_m(np.array([lon, other_lon]), np.array([lat, other_lat]))
    over_ground = distances_m(lon, lat, np.array([other_lon]), np.array([other_lat]))[0]
    assert np.linalg.norm(ends[0] - ends[1]) <= over_ground + 1e-6


def test_lengths():
    assert length_m(shapely.LineString([(0, 0), (1, 0), (3, 0)])) == pytest.approx(3 * DEGREE_M, abs=1e-3)
    assert length_m(shapely.MultiLineString([[(0, 0), (1, 0)], [(5, 0), (6, 0)]])) == pytest.approx(
        2 * DEGREE_M, abs=1e-3
    )
    assert length_m(PARK) == pytest.approx(length_m(PARK.exterior), abs=1e-6)
    assert length_m(shapely.Point(1, 2)) == 0


def test_area_of_an_octant_is_an_eighth_of_the_ellipsoid():
    e2 = GEOD.es
    e = np.sqrt(e2)
    surface = 2 * np.pi * A_M**2 * (1 + (1 - e2) / e * np.arctanh(e))
    octant = shapely.Polygon([(0, 0), (90, 0), (90, 90), (0, 90)])
    assert area_m2(octant) == pytest.approx(surface / 8, rel=1e-9)


def test_holes_are_taken_out_however_they_are_wound():
    hole = shapely.box(113.062, 28.802, 113.068, 28.808)
    expected = area_m2(PARK) - area_m2(hole)
    for ring in (hole.exterior, hole.exterior.reverse()):
        assert area_m2(shapely.Polygon(PARK.exterior, [ring])) == pytest.approx(expected, abs=0.01)
    both = shapely.MultiPolygon([PARK, shapely.box(114, 28, 114.01, 28.01).reverse()])
    assert area_m2(both) == pytest.approx(area_m2(PARK) + area_m2(both.geoms[1]), abs=0.01)
    assert area_m2(shapely.LineString([(0, 0), (1, 0), (1, 1), (0, 0)])) == area_m2(shapely.Point(0, 0)) == 0


def planar(geometry, crs):
    transformer = Transformer.from_crs(4326, crs, always_xy=True)
    return shapely.transform(geometry, transformer.transform, interleaved=False)


@pytest.mark.parametrize("lon", [113.07, 180.0, -180.0, 0.0])
@pytest.mark.parametrize("lat", [28.8, 0.0, -45.0, 89.99, -90.0])
def test_local_crs_is_true_to_5_mm_a_kilometre_at_18_km(lon, lat):
    angles = np.arange(0, 360, 10.0)
    count = len(angles)
    east, north, _ = GEOD.fwd(np.full(count, lon), np.full(count, lat), angles, np.full(count, 18_000.0))
    rim = shapely.MultiPoint(np.column_stack([east, north]))
    flat = shapely.get_coordinates(planar(rim, local_crs(rim)))
    assert np.abs(flat).max() < 18_100
    assert np.hypot(*flat.T) == pytest.approx(18_000, abs=0.1)
    chords = np.hypot(*(flat[1:] - flat[:-1]).T)
    over_ground = GEOD.inv(east[:-1], north[:-1], east[1:], north[1:])[2]
    assert chords == pytest.approx(over_ground, rel=5e-6)


def test_local_crs_keeps_areas_also_across_the_180_meridian():
    island = shapely.MultiPolygon([shapely.box(179.9, 10, 180, 10.1), shapely.box(-180, 10, -179.9, 10.1)])
    flat = planar(shapely.segmentize(island, 0.01), local_crs(island))
    assert flat.area == pytest.approx(area_m2(shapely.segmentize(island, 0.01)), rel=1e-6)
    assert flat.bounds[2] - flat.bounds[0] < 23_000


@given(lons, lats)
@settings(max_examples=50, deadline=None)
def test_local_crs_is_centred_on_a_point(lon, lat):
    assume(abs(lat) < 89.999)
    here = shapely.Point(lon, lat)
    assert planar(here, local_crs(here)).coords[0] == pytest.approx((0, 0), abs=0.2)


def test_local_crs_of_nothing_is_refused():
    with pytest.raises(InvalidValue, match="empty"):
        local_crs(shapely.MultiPoint())
