"""The answer as GeoJSON: everything of the record, and beside it what holds at that moment."""

import gettext
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import AT, HOURS, stations

from locator.answer import Scribe, answer_to_geojson
from locator.hours import STATES
from locator.nearest import answer as answer_of
from locator.query import Query
from locator.record import STATION_FIELDS, station_from_record
from locator.snapshot import Snapshot
from locator.station import Entry, Provenance, Station
from locator.translation import LANGUAGES, Translator, translator

PLAIN = Translator("en", gettext.NullTranslations())


def answer(found, query, say=PLAIN, zone="Asia/Shanghai"):
    snapshot = Snapshot.of(found, zone=zone, revision=7)
    given = answer_of(snapshot, query)
    return given.matches, answer_to_geojson(given, snapshot, say)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(stations(), max_size=4, unique_by=lambda s: s.id),
    st.sampled_from(sorted(LANGUAGES)),
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 12, 31), timezones=st.just(UTC)),
)
def test_answer_is_json_and_loses_nothing(found, language, at):
    query = Query(lon=113.07, lat=28.8, at=at, usable_only=False)
    matches, collection = answer(found, query, translator(language))
    features = json.loads(json.dumps(collection, allow_nan=False))["features"]
    assert [feature["id"] for feature in features] == [match.station.id for match in matches]
    for feature, match in zip(features, matches, strict=True):
        properties = feature["properties"]
        record = {name: value for name, value in properties.items() if name in STATION_FIELDS}
        assert station_from_record(record, shapely.geometry.shape(feature["geometry"])) == match.station
        assert properties["state"] in set(STATES)
        assert properties["distance_m"] == pytest.approx(match.distance_m, abs=0.051)
        assert properties["walk_minutes"] == match.walk_minutes
        for name in ("next_change", "usable_until", "opens_at"):
            expected = getattr(match.outlook, name)
            assert (properties[name] and datetime.fromisoformat(properties[name])) == expected


def test_moments_are_local_to_the_data():
    station = Station(id="a", name="n", geometry=shapely.Point(-74, 40.7), opening_hours="Mo-Su 20:00-24:00")
    query = Query(lon=-74, lat=40.7, at=AT, mode="there", usable_only=False)
    _, collection = answer([station], query, zone="America/New_York")
    (feature,) = collection["features"]
    assert collection["at"] == "2026-11-19T23:10:00-05:00"
    assert collection["timezone"] == "America/New_York"
    assert feature["properties"]["usable_until"] == "2026-11-20T00:00:00-05:00"
    assert feature["properties"]["opens_at"] is None
    assert feature["properties"]["state_text"] == "open · until tomorrow 00:00"


def test_walk_is_labelled_as_a_straight_line():
    _, collection = answer([Station(id="a", name="n", geometry=shapely.Point(1, 2))], Query(lon=1, lat=2, at=AT))
    assert collection["walk_basis"] == collection["features"][0]["properties"]["walk_basis"] == "straight_line"


def test_no_match_is_an_empty_collection():
    _, collection = answer([], Query(lon=1, lat=2, at=AT))
    assert (collection["type"], collection["features"], collection["revision"]) == ("FeatureCollection", [], 7)


SEVEN = datetime(2026, 11, 20, 6, 45, tzinfo=UTC) - timedelta(hours=8)
"""A Friday, 06:45 in Shanghai."""


def reasons(station, **asked):
    query = Query(**({"lon": 113.0, "lat": 28.0, "at": SEVEN, "usable_only": False} | asked))
    _, collection = answer([station], query)
    return {reason["code"]: reason["text"] for reason in collection["features"][0]["properties"]["reasons"]}


def station(**given):
    return Station(**({"id": "a", "name": "n", "geometry": shapely.Point(113.0, 28.0)} | given))


def test_reasons_say_what_one_will_find():
    assert reasons(station(opening_hours="Mo-Su 06:00-22:00")) == {"open_until": "open until 22:00"}
    assert reasons(station(opening_hours="24/7")) == {"open_always": "open around the clock"}
    assert reasons(station()) == {"hours_unknown": "hours unknown, never verified"}
    assert reasons(station(opening_hours="Mo-Su 08:00-22:00")) == {"closed": "closed, opens 08:00"}
    verified = Provenance(location_verified=date(2026, 3, 5))
    assert reasons(station(provenance=verified)) == {"hours_unknown": "hours unknown, last verified 2026-03"}


def test_reasons_say_how_one_gets_in():
    entry = Entry(ways=("qr_code",), registration=True)
    unstaffed = station(opening_hours="24/7", staffed_hours="Mo-Su 09:00-17:00", entry=entry)
    assert reasons(unstaffed) == {
        "open_always": "open around the clock",
        "self_service": "self-service, needs door QR code",
        "registration": "register on the first visit",
    }
    assert reasons(unstaffed, at=AT)["entry"] == "door QR code"


def test_station_that_opens_on_the_way_is_usable_and_says_so():
    far = station(geometry=shapely.Point(113.02, 28.0), opening_hours="Mo-Su 07:00-22:00")
    query = Query(lon=113.0, lat=28.0, at=SEVEN)
    (match,), collection = answer([far], query)
    assert match.travel_minutes == 28  # 1,967 m at 1.2 m/s
    properties = collection["features"][0]["properties"]
    assert [reason["text"] for reason in properties["reasons"]] == [
        "opens 07:00, 12 min before you arrive", "open until 22:00",
    ]  # fmt: skip
    assert answer([far], replace(query, mode="there"))[0] == []
    assert answer([far], replace(query, mode="car"))[0] == []


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(range(-600, 3000, 7)), st.sampled_from(("walk", "car", "there"))), max_size=12
    )
)
def test_what_was_written_before_does_not_show(asked):
    town = [
        station(id=f"s{i:02}", geometry=shapely.Point(113 + i / 300, 28), opening_hours=hours,
                provenance=Provenance(location_verified=date(2026, 1 + i % 9, 1)))
        for i, hours in enumerate([*HOURS, *HOURS])
    ]  # fmt: skip
    snapshot = Snapshot.of(town)
    scribe = Scribe(snapshot, PLAIN)
    for minutes, mode in asked:
        query = Query(lon=113, lat=28, at=AT + timedelta(minutes=minutes), mode=mode, usable_only=False, limit=30)
        given = answer_of(snapshot, query)
        assert scribe.geojson(given) == Scribe(snapshot, PLAIN).geojson(given)
        for feature, match in zip(json.loads(scribe.geojson(given))["features"], given.matches, strict=True):
            assert feature["properties"]["state"] == match.state


def test_answer_tells_how_many_there_are_to_choose_from():
    town = [station(id=str(i), facilities={"toilet": i % 2 == 0}) for i in range(6)] + [
        station(id="x", status="closed")
    ]
    _, collection = answer(town, Query(lon=113, lat=28, at=AT, needs=frozenset({"toilet"}), limit=1))
    assert (len(collection["features"]), collection["matching"], collection["stations"]) == (1, 3, 6)


def test_who_sets_out_later_is_not_told_that_it_opens_on_the_way():
    town = [station(geometry=shapely.Point(113.005, 28.0), opening_hours="06:50-22:00")]
    snapshot = Snapshot.of(town)
    scribe = Scribe(snapshot, PLAIN)
    for minutes, codes in (
        (46, ["opens_before_arrival", "open_until"]),
        (55, ["open_until"]),
        (47, ["opens_before_arrival", "open_until"]),
    ):
        at = SEVEN.replace(minute=minutes)
        (feature,) = json.loads(scribe.geojson(answer_of(snapshot, Query(lon=113, lat=28, at=at))))["features"]
        assert [reason["code"] for reason in feature["properties"]["reasons"]] == codes


def test_exactly_a_week_is_not_around_the_clock():
    snapshot = Snapshot.of([station(opening_hours="24/7", valid_to=date(2026, 11, 26))])
    scribe = Scribe(snapshot, PLAIN)
    for minutes, code in ((-1, "open_always"), (0, "open_until"), (1, "open_until")):
        at = datetime(2026, 11, 19, 16, tzinfo=UTC) + timedelta(minutes=minutes)
        (feature,) = json.loads(scribe.geojson(answer_of(snapshot, Query(lon=113, lat=28, at=at))))["features"]
        assert feature["properties"]["reasons"][0]["code"] == code
