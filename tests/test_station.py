"""The station's record: what is refused, and that it says which field, which value and what to do."""

import dataclasses
from datetime import date

import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, Polygon

from locator.errors import InvalidValue
from locator.station import ADMITS, CATEGORIES, FACILITIES, STATUSES, WAYS_IN, Entry, Provenance, Station
from locator.translation import translator

HERE = Point(113.07, 28.8)


def station(**fields: object) -> Station:
    return Station(**{"id": "430681-0001", "name": "归义社区驿站", "geometry": HERE} | fields)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", ""),
        ("id", "a b"),
        ("id", "../x"),
        ("id", "x" * 65),
        ("id", "<script>"),
        ("name", "   "),
        ("name", "x" * 3000),
        ("name", "bell\x07"),
        ("name", "half\ud800"),
        ("note", 7),
        ("category", "shop"),
        ("status", "open"),
        ("geometry", LineString([(113, 28), (114, 29)])),
        ("geometry", Point()),
        ("geometry", Point(200, 28)),
        ("geometry", Point(float("nan"), 28)),
        ("adcode", "4306"),
        ("opening_hours", "9点到5点"),
        ("staffed_hours", "Mo-Fr 8-18"),
        ("capacity", -1),
        ("capacity", 2.5),
        ("capacity", True),
        ("capacity", 10**400),
        ("area_m2", float("inf")),
        ("area_m2", float("nan")),
        ("photos", ("javascript:alert(1)",)),
        ("photos", ("//evil.example/x.jpg",)),
        ("facilities", {"sauna": True}),
    ],
)
def test_refusal_names_field_and_mend(field, value):
    with pytest.raises(InvalidValue) as caught:
        station(**{field: value})
    assert caught.value.field == field
    assert caught.value.mend
    for language in ("zh", "en"):
        assert field in caught.value.text(translator(language))


def test_facility_is_yes_no_or_unknown():
    found = station(facilities={"toilet": True, "microwave": False})
    assert [found.has(code) for code in ("toilet", "microwave", "shower")] == [True, False, None]
    with pytest.raises(InvalidValue, match="toilet"):
        station(facilities={"toilet": "yes"})


def test_facilities_come_in_the_order_of_the_vocabulary_and_unknown_ones_go():
    found = station(facilities={"toilet": True, "drinking_water": True, "aed": None})
    assert list(found.facilities) == ["drinking_water", "toilet"]


def test_dates_of_existence_must_be_in_order():
    with pytest.raises(InvalidValue, match="valid_to"):
        station(valid_from=date(2026, 2, 2), valid_to=date(2026, 2, 1))


def test_polygons_are_stations_too():
    yard = Polygon([(113, 28), (113.001, 28), (113.001, 28.001)])
    assert station(geometry=yard).geometry.equals(yard)
    assert station(geometry=MultiPolygon([yard])).geometry.geom_type == "MultiPolygon"


def test_record_cannot_be_changed():
    found = station(facilities={"toilet": True}, extra={"a": "b"})
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.name = "other"
    with pytest.raises(TypeError):
        found.facilities["toilet"] = False
    with pytest.raises(TypeError):
        found.extra["a"] = "c"


def test_changes_name_what_differs():
    before = station(phone="1")
    assert station(phone="1").changes_from(before) == {}
    assert station(phone="2").changes_from(before) == {"phone": ("1", "2")}


def test_entry_three_values():
    assert (Entry().registration, Entry().anyone) == (None, None)
    assert Entry(admits="everyone").anyone is True
    assert Entry(admits="members").anyone is False
    with pytest.raises(InvalidValue, match="registration"):
        Entry(registration="yes")
    with pytest.raises(InvalidValue, match="teleport"):
        Entry(ways=("teleport",))


def test_face_alone_is_told_from_face_among_others():
    assert Entry(ways=("face",)).face_only
    assert not Entry(ways=("face", "qr_code")).face_only
    assert not Entry().face_only


def test_ways_in_are_a_set():
    assert Entry(ways=("qr_code", "face", "qr_code")) == Entry(ways=("face", "qr_code"))


def test_illustrative_records_are_known():
    assert Provenance(source="illustrative").is_illustrative
    assert not Provenance(source="union").is_illustrative


@pytest.mark.parametrize("vocabulary", [CATEGORIES, STATUSES, WAYS_IN, ADMITS, FACILITIES])
def test_every_term_has_a_chinese_and_an_english_label(vocabulary):
    chinese = [translator("zh")(label) for label in vocabulary.values()]
    assert len(set(chinese)) == len(set(vocabulary.values())) == len(vocabulary)
    assert all(any("\u4e00" <= char <= "\u9fff" for char in text) for text in chinese)


@given(
    st.text(
        st.one_of(st.sampled_from("\x00\x07\t\n\x1f\x7f\x80\ud800\u200b\u2028\u3000 a驿"), st.characters()),
        max_size=6,
    )
)
@example("\u2028")
@example("a" * 2_000)
@example("a" * 2_001)
def test_text_is_trimmed_and_taken_unless_long_or_with_controls_or_half_a_character(text):
    halves = any("\ud800" <= char <= "\udfff" for char in text)
    controls = any((char < " " and char not in "\t\n") or char == "\x7f" for char in text)
    if len(text) > 2_000 or halves or controls:
        with pytest.raises(InvalidValue):
            station(note=text)
    else:
        assert station(note=text).note == text.strip()


_ORDINATES = st.one_of(
    st.floats(-400, 400), st.sampled_from([-180.0, 180.0, 90.0, -90.0, 180.00000001, float("nan"), float("inf")])
)


@given(_ORDINATES, _ORDINATES, st.booleans())
def test_point_is_taken_exactly_where_the_earth_is(lon, lat, high):
    point = Point(lon, lat, 5) if high else Point(lon, lat)
    if -180 <= lon <= 180 and -90 <= lat <= 90:
        assert station(geometry=point).geometry is point
    else:
        with pytest.raises(InvalidValue) as one:
            station(geometry=point)
        # A point of many is looked at the other way.
        with pytest.raises(InvalidValue) as many:
            station(geometry=shapely.MultiPoint([point]))
        assert one.value.reason == many.value.reason
