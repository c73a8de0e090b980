"""Hostile, broken and odd geometries: each ends in a sound geometry or in an error that says what to mend."""

from __future__ import annotations

import json
import math
import time

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import mapping

from locator.errors import InvalidValue
from locator.validity import (
    ALL_KINDS,
    MAX_DEPTH,
    MAX_TEXT,
    MAX_VERTICES,
    check_geometry,
    read_geometry,
    read_wkt,
)

SQUARE = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]
HOLE = [[1, 1], [1, 2], [2, 2], [2, 1], [1, 1]]
EXAMPLES = {
    "Point": [113.07, 28.81],
    "MultiPoint": [[113.07, 28.81], [113.08, 28.81]],
    "LineString": [[113.07, 28.81], [113.08, 28.81]],
    "MultiLineString": [[[113.07, 28.81], [113.08, 28.81]], [[113.07, 28.82], [113.08, 28.82]]],
    "Polygon": [SQUARE, HOLE],
    "MultiPolygon": [[SQUARE, HOLE], [[[10, 10], [11, 10], [11, 11], [10, 10]]]],
}


def geojson(kind, coordinates):
    return {"type": kind, "coordinates": coordinates}


def read_or_refused(read, source):
    """Return the geometry, or None where an error says what is wrong; any other exception is a failure."""
    try:
        geometry = read(source)
    except InvalidValue as error:
        return None if str(error) else pytest.fail("an error without a word")
    assert geometry.is_valid
    assert not geometry.is_empty
    assert not geometry.has_z
    return geometry


def refusal(document, **options):
    with pytest.raises(InvalidValue) as caught:
        read_geometry(document, **options)
    return str(caught.value)


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_every_kind_is_read_as_it_is(kind):
    geometry = read_geometry(geojson(kind, EXAMPLES[kind]))
    assert geometry.equals(shapely.from_geojson(json.dumps(geojson(kind, EXAMPLES[kind]))))
    assert geometry.geom_type == kind
    assert shapely.equals_exact(read_geometry(mapping(geometry)), geometry)
    assert shapely.equals_exact(read_wkt(geometry.wkt), geometry)
    assert shapely.equals_exact(check_geometry(geometry), geometry)


def test_rings_are_wound_as_rfc_7946_has_them():
    for shell in (SQUARE, SQUARE[::-1]):
        for hole in (HOLE, HOLE[::-1]):
            polygon = read_geometry(geojson("Polygon", [shell, hole]))
            assert polygon.exterior.is_ccw
            assert not polygon.interiors[0].is_ccw
            assert polygon.area == 15


def test_heights_and_measures_are_dropped():
    assert read_geometry(geojson("Point", [113.07, 28.81, 40, 7])).wkt == "POINT (113.07 28.81)"
    assert read_wkt("POINT Z (113.07 28.81 40)").wkt == "POINT (113.07 28.81)"
    assert not check_geometry(shapely.Point(1, 2, 3)).has_z


def test_only_the_wanted_kinds_are_taken():
    text = refusal(geojson("LineString", EXAMPLES["LineString"]), kinds={"Point", "Polygon"})
    assert "LineString" in text
    assert "Point, Polygon" in text
    with pytest.raises(InvalidValue, match="kind"):
        read_wkt("POINT (1 2)", kinds={"Polygon"})
    with pytest.raises(InvalidValue, match="kind"):
        check_geometry(shapely.LinearRing(SQUARE))


def test_collection_of_one_is_its_member():
    document = geojson("Point", [1, 2])
    for _ in range(MAX_DEPTH - 1):
        document = {"type": "GeometryCollection", "geometries": [document]}
    assert read_geometry(document).wkt == "POINT (1 2)"
    assert "deep" in refusal({"type": "GeometryCollection", "geometries": [document]})
    assert read_wkt("GEOMETRYCOLLECTION (POINT (1 2))").wkt == "POINT (1 2)"


@pytest.mark.parametrize("members", [[], [geojson("Point", [1, 2])] * 2, None, "x", {}])
def test_other_collections_are_refused(members):
    assert "collection" in refusal({"type": "GeometryCollection", "geometries": members})


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (None, "not a geometry"),
        ([], "not a geometry"),
        ("POINT (1 2)", "not a geometry"),
        ({}, "type"),
        (geojson("point", [1, 2]), "give one of Point"),
        (geojson("Feature", [1, 2]), "type"),
        (geojson(["Point"], [1, 2]), "type"),
        ({"type": "Point"}, "no coordinates"),
        (geojson("Point", None), "position"),
        (geojson("Point", {"0": 1, "1": 2}), "position"),
        (geojson("Point", []), "position"),
        (geojson("Point", [1]), "position"),
        (geojson("Point", [1, 2, 3, 4, 5]), "position"),
        (geojson("Point", [[1, 2]]), "position"),
        (geojson("Point", ["1", "2"]), "finite number"),
        (geojson("Point", [True, 2]), "finite number"),
        (geojson("Point", [1, None]), "finite number"),
        (geojson("Point", [1, [2]]), "finite number"),
        (geojson("Point", [math.nan, 2]), "finite number"),
        (geojson("Point", [1, math.inf]), "finite number"),
        (geojson("Point", [1, 2, math.nan]), "finite number"),
        (geojson("Point", [10**400, 2]), "finite number"),
        (geojson("Point", [180.001, 2]), "outside the range"),
        (geojson("Point", [1, -90.001]), "outside the range"),
        (geojson("MultiPoint", []), "empty"),
        (geojson("LineString", [1, 2]), "position"),
        (geojson("LineString", [[1, 2]]), "fewer than 2"),
        (geojson("LineString", [[1, 2], [1, 2]]), "no extent"),
        (geojson("Polygon", []), "empty"),
        (geojson("Polygon", [[]]), "empty"),
        (geojson("Polygon", SQUARE), "position"),
        (geojson("Polygon", [SQUARE[:-1]]), "not closed"),
        (geojson("Polygon", [SQUARE, HOLE[:-1]]), "not closed"),
        (geojson("Polygon", [[[1, 2], [3, 4], [1, 2]]]), "fewer than 4"),
        (geojson("Polygon", [[[1, 2], [3, 4], [1, 2], [1, 2]]]), "no extent"),
        (geojson("Polygon", [[[0, 0], [4, 4], [4, 0], [0, 4], [0, 0]]]), "crosses itself at 2, 2"),
        (geojson("Polygon", [[[0, 0], [4, 0], [4, 4], [2, 0], [0, 4], [0, 0]]]), "touches itself at 2, 0"),
        (geojson("Polygon", [HOLE, SQUARE]), "outside of it"),
        (geojson("MultiPolygon", [[SQUARE], [HOLE]]), "part within a part"),
        (geojson("MultiPolygon", [[SQUARE], []]), "empty"),
        (geojson("MultiPolygon", [SQUARE]), "position"),
        (geojson("Polygon", [[[179, 0], [-179, 0], [-179, 1], [179, 1], [179, 0]]]), "180° meridian"),
    ],
)
def test_what_is_wrong_is_said(document, reason):
    assert reason in refusal(document)
    assert refusal(document, field="row 7").startswith("row 7")


def test_edges_of_the_ranges_are_inside():
    assert read_geometry(geojson("MultiPoint", [[180, 90], [-180, -90]])).bounds == (-180, -90, 180, 90)


def test_swapped_coordinates_are_suspected():
    assert "swapped" in refusal(geojson("Point", [28.81, 113.07]))
    assert "swapped" not in refusal(geojson("Point", [797494.3, 5827326.6]))
    assert "swapped" not in refusal(geojson("MultiPoint", [[28.81, 113.07], [113.07, 28.81]]))


def test_too_many_vertices_are_refused_before_building():
    line = [[index * 1e-4, 0] for index in range(MAX_VERTICES)]
    assert len(read_geometry(geojson("LineString", line)).coords) == MAX_VERTICES
    more = [*line, [2, 0]]
    assert "10000 vertices" in refusal(geojson("LineString", more))
    with pytest.raises(InvalidValue, match="vertices"):
        check_geometry(shapely.LineString(more))
    with pytest.raises(InvalidValue, match="vertices"):
        read_wkt(shapely.LineString(more).wkt)
    assert len(read_wkt(shapely.LineString(line).wkt).coords) == MAX_VERTICES


def test_endless_nesting_is_refused():
    nested: list[object] = [1]
    for _ in range(100_000):
        nested = [nested]
    for kind in ALL_KINDS:
        refusal(geojson(kind, nested))
    refusal(nested)
    refusal({"type": nested})


def star(points):
    angles = np.arange(points) * 2 * np.pi * (points // 2) / points
    ring = np.column_stack([113 + 0.1 * np.cos(angles), 28 + 0.1 * np.sin(angles)]).tolist()
    return geojson("Polygon", [[*ring, ring[0]]])


def test_hostile_shapes_take_less_than_a_second_or_two():
    boxes = [shapely.box(113 - r, 28 - r, 113 + r, 28 + r) for r in np.linspace(0.001, 0.01, 1999)]
    start = time.perf_counter()
    refusal(star(9_999))
    refusal(mapping(shapely.MultiPolygon(boxes)))
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not WKT"),
        ("POINT", "not WKT"),
        ("POINT (1)", "not WKT"),
        ("POINT (1 2) POINT (1 2)", "not WKT"),
        ("SRID=4326;POINT (1 2)", "character"),
        ("POINT (1 2)\x00", "character"),
        ("POINT (\ud800 2)", "character"),
        ("POLYGON ((0 0, 1 1, 1 0))", "not WKT"),
        ("CIRCULARSTRING (0 0, 1 1, 2 0)", "not WKT"),
        ("GEOMETRYCOLLECTION (CIRCULARSTRING (0 0, 1 1, 2 0))", "collection"),
        ("GEOMETRYCOLLECTION EMPTY", "collection"),
        ("POINT EMPTY", "empty"),
        ("MULTIPOINT (EMPTY, (1 1))", "empty"),
        ("POINT (nan 2)", "finite number"),
        ("POINT (1e400 2)", "finite number"),
        ("POINT (28.81 113.07)", "swapped"),
        ("POLYGON ((0 0, 4 4, 4 0, 0 4, 0 0))", "crosses itself"),
        ("(" * 500_000, "deep"),
        ("GEOMETRYCOLLECTION (" * 20 + "POINT (1 1)" + ")" * 20, "deep"),
        (" " * MAX_TEXT + "POINT (1 2)", "characters"),
    ],
)
def test_bad_wkt_is_refused(text, reason):
    with pytest.raises(InvalidValue, match=reason):
        read_wkt(text)


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        "POINT (1 2)",
        {},
        shapely.Point(),
        shapely.MultiPolygon(),
        shapely.from_wkt("MULTIPOINT (EMPTY, (1 1))"),
    ],
)
def test_what_holds_no_place_is_refused(geometry):
    with pytest.raises(InvalidValue):
        check_geometry(geometry)


def test_input_is_not_changed():
    polygon = shapely.Polygon(SQUARE[::-1])
    document = mapping(polygon)
    read_geometry(document)
    check_geometry(polygon)
    assert not polygon.exterior.is_ccw
    assert document == mapping(polygon)


numbers = st.one_of(st.floats(), st.integers(), st.booleans(), st.none(), st.text(max_size=3), st.floats(-90, 90))
positions = st.lists(numbers, max_size=4) | st.tuples(st.floats(-180, 180), st.floats(-90, 90))
nests = st.recursive(positions, lambda inner: st.lists(inner, max_size=5), max_leaves=30)


@given(st.sampled_from([*ALL_KINDS, "GeometryCollection"]), nests)
@settings(deadline=None)
def test_any_json_is_read_or_refused(kind, coordinates):
    read_or_refused(read_geometry, {"type": kind, "coordinates": coordinates, "geometries": coordinates})


@given(st.text("POINTLESYGMUZ ().,0123456789-eE", max_size=60))
@settings(deadline=None)
def test_any_text_is_read_or_refused(text):
    read_or_refused(read_wkt, text)


@pytest.mark.shared
def test_all_files_of_the_collection_are_read_or_refused(real_data):
    paths = sorted((real_data / "geojson_invalid").glob("*/*.geojson"))
    assert len(paths) >= 70
    read = set()
    for path in paths:
        document = json.loads(path.read_text(encoding="utf-8"))
        members = document.get("features") if isinstance(document.get("features"), list) else [document]
        inner = [member.get("geometry") for member in members if isinstance(member, dict)]
        for item in [document, *members, *inner]:
            if read_or_refused(read_geometry, item) is not None:
                read.add(path.stem)
    # What has a flaw in its geometry is refused, and what has not, or one that is mended without loss, is read.
    assert not read & {
        "invalid_unclosed",
        "invalid_less_three_unique_nodes",
        "invalid_incorrect_geometry_data_type",
        "problematic_self_intersection_large",
        "problematic_self_intersection_small",
        "problematic_inner_and_exterior_ring_intersect",
        "problematic_outside_lat_lon_boundaries",
        "problematic_zero_length_linestring",
        "problematic_crosses_antimeridian",
        "problematic_crs_defined",
    }
    assert read >= {
        "invalid_exterior_not_ccw",
        "invalid_interior_not_cw",
        "problematic_4d_coordinates",
        "problematic_geometrycollection_single",
        "valid_feature",
        "valid_geometry_multipolygon",
    }


_ORDINATES = st.one_of(
    st.floats(-400, 400), st.sampled_from([-180.0, 180.0, 90.0, -90.0, -0.0, 180.00000001, math.nan, math.inf])
)


@given(st.lists(_ORDINATES, min_size=2, max_size=3), st.sampled_from([ALL_KINDS, ("Polygon",)]))
def test_quick_look_at_points_sees_what_the_long_one_sees(ordinates, kinds):
    def looked_at():
        try:
            return check_geometry(point, kinds=kinds).wkb
        except InvalidValue as error:
            return error.text()

    point = shapely.Point(ordinates)
    quick = looked_at()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("locator.validity._is_plain_place", lambda _: False)
        assert looked_at() == quick
