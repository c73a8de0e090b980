"""Positions as people write them."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from locator.errors import InvalidValue
from locator.exchange import positions
from locator.exchange.positions import read_degrees, read_point
from locator.validity import read_geometry


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("113.0742", 113.0742),
        ("-28.5", -28.5),
        ("113.5E", 113.5),
        ("1e-09", 1e-9),
        ("113°30'", 113.5),
        ("西经113.5", -113.5),
    ],
)
def test_degrees_are_read(text, degrees):
    assert read_degrees(text, "lon") == degrees


@given(st.from_regex(r"[+-]?[0-9]{0,5}\.?[0-9]{0,22}[°E ]?\n?", fullmatch=True))
@example("1" * 101)
@example("１１３.５")
@example("-0.0")
@example("113.5\n")
def test_plain_decimals_are_read_as_any_other_way_of_writing(text):
    def read():
        try:
            return repr(read_degrees(text, "lon"))
        except InvalidValue as error:
            return error.text()

    quick = read()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(positions, "_DECIMAL", re.compile("(?!)"))
        assert read() == quick


@given(st.floats(-400, 400).map("{:.6f}".format), st.floats(-400, 400).map("{:.6f}".format))
def test_two_cells_are_the_point_that_geojson_would_be(lon, lat):
    def read(way):
        try:
            return way().wkb
        except InvalidValue as error:
            return error.text()

    document = {"type": "Point", "coordinates": [float(lon), float(lat)]}
    assert read(lambda: read_point(lon, lat)) == read(lambda: read_geometry(document))
