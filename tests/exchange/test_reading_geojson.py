"""GeoJSON as it comes from outside: read as it stands, or refused by a reason."""

import json

import pytest

from locator.errors import LocatorError
from locator.exchange.reading import read_file

POINT = {"type": "Point", "coordinates": [113.07, 28.8]}
FEATURE = {"type": "Feature", "id": 7, "properties": {"name": "甲", "n": 1}, "geometry": POINT}


def read(folder, document, name="a.geojson"):
    path = folder / name
    content = document if isinstance(document, (str, bytes)) else json.dumps(document)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_file(path)


def collection(*features, **members):
    return {"type": "FeatureCollection", "features": list(features)} | members


def test_features_are_numbered_from_one_and_not_touched(tmp_path):
    file = read(tmp_path, collection(FEATURE, FEATURE | {"geometry": None}))
    assert [row.number for row in file.rows] == [1, 2]
    assert file.rows[0].values == {"name": "甲", "n": 1}
    assert (file.rows[0].geometry, file.rows[0].id) == (POINT, 7)
    assert file.rows[1].geometry is None
    assert file.about is None


def test_single_feature_is_a_file_too(tmp_path):
    assert len(read(tmp_path, FEATURE).rows) == 1


def test_byte_order_mark_is_passed_over(tmp_path):
    assert len(read(tmp_path, b"\xef\xbb\xbf" + json.dumps(collection(FEATURE)).encode()).rows) == 1


@pytest.mark.parametrize(
    "name",
    ["urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::4326", "EPSG:4326", "urn:ogc:def:crs:OGC::CRS84"],
)
def test_old_member_crs_that_says_wgs84_is_taken(tmp_path, name):
    assert read(tmp_path, collection(FEATURE, crs={"type": "name", "properties": {"name": name}})).crs


@pytest.mark.parametrize("item", [None, 1, "x", [], {}, {"type": "Point"}, {"type": "Feature", "properties": 5}])
def test_item_that_is_no_feature_is_a_row_without_a_place(tmp_path, item):
    (row,) = read(tmp_path, collection(item)).rows
    assert (row.geometry, dict(row.values)) == (None, {})


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "名称,经度",
        b"\xff\xfe\xff",
        b"\x00\x01\x02",
        "[]",
        "null",
        "3",
        '"FeatureCollection"',
        "{}",
        '{"type": "FeatureCollection"}',
        '{"type": "FeatureCollection", "features": null}',
        '{"type": "FeatureCollection", "features": {"0": 1}}',
        '{"type": "Point", "coordinates": [1, 2]}',
        '{"type": "Topology"}',
        "[" * 100_000,
        '{"type": "FeatureCollection", "features": ' + "[" * 100_000,
        '{"a":' * 100_000,
        '{"type": "Feature", "properties": {"n": NaN}, "geometry": null}',
        '{"type": "Feature", "properties": {"n": -Infinity}, "geometry": null}',
        '{"type": "Feature", "properties": {"n": ' + "9" * 5_000 + '}, "geometry": null}',
    ],
)
def test_what_is_no_geojson_is_refused_in_one_short_line(tmp_path, content):
    with pytest.raises(LocatorError) as caught:
        read(tmp_path, content)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500
