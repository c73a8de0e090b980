"""Stations go into plain JSON records and come back the same; what cannot be right is refused by name."""

import json

import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from strategies import any_json, stations

from locator.errors import InvalidValue
from locator.record import (
    STATION_FIELDS,
    place_from_record,
    place_to_record,
    restored_station,
    station_from_record,
    station_to_record,
    three_values,
)
from locator.station import Station

POINT = {"type": "Point", "coordinates": [113.07, 28.8]}
MINIMAL = {"id": "a", "name": "n", "geometry": POINT}
SQUARE = shapely.box(113, 28, 113.1, 28.1)
LINE = shapely.LineString([(113, 28), (113.1, 28)])
ENTRY_FIELDS = ("ways", "registration", "admits", "door", "floor", "host", "parking")
PROVENANCE_FIELDS = (
    "source", "source_id", "original", "location_verified", "facilities_verified", "expires",
)  # fmt: skip


def refused(record):
    with pytest.raises(InvalidValue) as refusal:
        station_from_record(record)
    assert refusal.value.field
    assert refusal.value.mend
    assert refusal.value.text().encode()
    return refusal.value


@settings(max_examples=150, deadline=None)
@given(stations())
def test_station_survives_json(station):
    text = json.dumps(station_to_record(station), allow_nan=False)
    again = station_from_record(json.loads(text), station.geometry)
    assert again == station
    assert again.changes_from(station) == {}
    assert again.facilities == station.facilities
    assert again.provenance.original == station.provenance.original
    assert station_to_record(again) == station_to_record(station)
    restored = restored_station(json.loads(text), station.geometry)
    assert repr(restored) == repr(again)
    assert station_to_record(restored) == station_to_record(station)


@settings(max_examples=60, deadline=None)
@given(stations())
def test_record_keeps_order_and_leaves_out_what_is_empty(station):
    record = station_to_record(station)
    assert list(record) == [name for name in STATION_FIELDS if name in record]
    assert not [name for name, value in record.items() if value in (None, "", [], {})]


def test_zero_is_not_unknown():
    record = station_to_record(Station(id="a", name="n", geometry=shapely.Point(1, 2), capacity=0, area_m2=0.0))
    assert record["capacity"] == 0
    assert record["area_m2"] == 0.0


def test_geometry_is_read_from_the_record_when_none_is_given():
    assert station_from_record(MINIMAL).geometry == shapely.Point(113.07, 28.8)


@pytest.mark.parametrize("name", [None, "a line"])
def test_geometry_of_another_kind_is_refused(name):
    line = {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}
    assert refused(MINIMAL | {"geometry": line if name else None}).field == "geometry"


def test_unknown_is_yes_no_or_not_there():
    station = station_from_record(MINIMAL | {"facilities": {"toilet": "yes", "wifi": "no", "books": "unknown"}})
    assert dict(station.facilities) == {"toilet": True, "wifi": False}
    assert (station.has("toilet"), station.has("wifi"), station.has("books")) == (True, False, None)
    assert station_to_record(station)["facilities"] == {"toilet": "yes", "wifi": "no"}


def test_three_values():
    assert [three_values(word, "f") for word in ("yes", "no", "unknown", "", None)] == [
        True,
        False,
        None,
        None,
        None,
    ]


@pytest.mark.parametrize("word", ["Yes", "1", 1, 0, True, False, [], {}, 1.5])
def test_three_values_takes_nothing_else(word):
    with pytest.raises(InvalidValue) as refusal:
        three_values(word, "facilities.toilet")
    assert refusal.value.field == "facilities.toilet"


@pytest.mark.parametrize(
    ("extra", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"entry": {"dor": "x"}}, "entry.dor"),
        ({"provenance": {"sorce": "x"}}, "provenance.sorce"),
        ({"provenance": {"original": {"geometry": POINT, "crs": "x"}}}, "provenance.original.crs"),
        ({"closures": [{"first": "2026-01-01", "last": "2026-01-02", "resaon": "x"}]}, "closures.resaon"),
    ],
)
def test_member_that_is_no_field_is_refused(extra, field):
    assert refused(MINIMAL | extra).field == field


@pytest.mark.parametrize("name", ["id", "name"])
def test_missing_member_is_refused(name):
    assert refused({key: value for key, value in MINIMAL.items() if key != name}).field == name


@pytest.mark.parametrize(
    "extra",
    [
        {"area_m2": 10**400},
        {"capacity": 10**400},
        {"capacity": 1.5},
        {"capacity": True},
        {"name": "\ud800"},
        {"opening_hours": "\ud800"},
        {"extra": {"a": "\ud800"}},
        {"extra": {"\ud800": "a"}},
        {"photos": ["/\ud800"]},
        {"photos": ["javascript:alert(1)"]},
        {"valid_from": "2026-02-30"},
        {"closures": [{"first": "2026-01-02", "last": "2026-01-01"}]},
        {"closures": [{"first": "2026-01-02"}]},
        {"closures": ["2026-01-02"]},
        *(
            {"provenance": {"original": {"geometry": geometry}}}
            for geometry in (
                None,
                5,
                {"type": 5},
                {"type": "Point"},
                {"type": "Point", "coordinates": []},
                {"type": "Point", "coordinates": [float("inf"), 0]},
                {"type": "Point", "coordinates": [0, 0, float("nan")]},
                {"type": "Point", "coordinates": [10**400, 0]},
                {"type": "Polygon", "coordinates": [[[1, 2]]]},
                {"type": "GeometryCollection", "geometries": []},
            )
        ),
    ],
    ids=str,
)
def test_value_that_cannot_be_right_is_refused(extra):
    refused(MINIMAL | extra)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from((*STATION_FIELDS, "geometry")), any_json())
@example("provenance", {"original": {"geometry": {"type": "Point", "coordinates": [[1, 2], [3, 4]]}}})
def test_hostile_value_is_taken_or_refused(name, value):
    _taken_or_refused(MINIMAL | {name: value})


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from(
        [
            *(("entry", name) for name in ENTRY_FIELDS),
            *(("provenance", name) for name in PROVENANCE_FIELDS),
            ("facilities", "toilet"),
            ("extra", "x"),
        ]
    ),
    any_json(),
)
def test_hostile_value_inside_a_part_is_taken_or_refused(place, value):
    _taken_or_refused(MINIMAL | {place[0]: {place[1]: value}})


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["Point", "MultiPoint", "Polygon", "GeometryCollection", "LineString", "x"]), any_json())
def test_hostile_original_is_taken_or_refused(kind, value):
    for member in ("coordinates", "geometries"):
        original = {"datum": "gcj02", "geometry": {"type": kind, member: value}}
        _taken_or_refused(MINIMAL | {"provenance": {"original": original}})


def test_refusal_of_a_member_with_half_a_character_can_be_read():
    _taken_or_refused(MINIMAL | {"\ud800": 1})
    _taken_or_refused(MINIMAL | {"closures": [{"\ud800": None}]})


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(["first", "last", "reason"]), any_json()) | any_json())
def test_hostile_closure_is_taken_or_refused(value):
    _taken_or_refused(MINIMAL | {"closures": [value]})


def _taken_or_refused(record):
    """A station that is taken can be written again; the refusal can be read."""
    try:
        station = station_from_record(record)
    except InvalidValue as refusal:
        refusal.text().encode()
    else:
        json.dumps(station_to_record(station), allow_nan=False, ensure_ascii=False).encode()


PLACES = [
    ("areas", {"id": "1", "name": "归义", "kind": "community", "valid_from": "2024-01-11", "residents": 5}, SQUARE),
    ("streets", {"id": "2", "name": "人民路", "kind": "main", "must_cover": True}, LINE),
    ("streets", {"id": "3", "kind": "minor", "bridge": True, "valid_to": "2030-01-01", "source": "osm"}, LINE),
    ("demand", {"id": "4", "weights": {"residents": 2, "orders": 0.5}}, SQUARE),
    ("candidates", {"id": "5", "name": "银行", "kind": "bank", "opening_hours": "24/7", "cost_cny_year": 3600,
                    "extra": {"brand": "x"}}, shapely.Point(113, 28)),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "record", "geometry"), PLACES)
def test_places_come_back_from_their_records(layer, record, geometry):
    place = place_from_record(layer, record | {"unknown": 1}, geometry)
    assert place_to_record(place) == record
    assert place_from_record(layer, place_to_record(place), geometry) == place


@pytest.mark.parametrize(
    ("layer", "record", "field"),
    [
        ("areas", {"id": "1"}, "name"),
        ("areas", {"id": "1", "name": "n", "residents": -1}, "residents"),
        ("areas", {"id": "1", "name": "n", "residents": 1.5}, "residents"),
        ("areas", {"id": "1", "name": "n", "valid_from": "2024-13-01"}, "valid_from"),
        ("demand", {"id": "1"}, "weights"),
        ("demand", {"id": "1", "weights": {"residents": -1}}, "residents"),
        ("demand", {"id": "1", "weights": {"residents": float("nan")}}, "residents"),
        ("demand", {"id": "1", "weights": {"residents": "5"}}, "residents"),
        ("candidates", {"id": "1", "name": "n", "opening_hours": "maybe"}, "opening_hours"),
        ("candidates", {"name": "n"}, "id"),
    ],
)
def test_place_that_cannot_be_right_is_refused_by_field(layer, record, field):
    with pytest.raises(InvalidValue) as refusal:
        place_from_record(layer, record, SQUARE)
    assert refusal.value.field == field


def test_area_that_is_a_line_is_refused():
    with pytest.raises(InvalidValue) as refusal:
        place_from_record("areas", {"id": "1", "name": "n"}, shapely.LineString([(1, 2), (3, 4)]))
    assert refusal.value.field == "geometry"
