"""The answer as GeoJSON: everything of the record, and beside it what holds at that moment."""

import gettext
import json
from datetime import UTC, datetime

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import AT, stations

from locator.answer import answer_to_geojson
from locator.hours import STATES
from locator.nearest import nearest
from locator.query import Query
from locator.record import STATION_FIELDS, station_from_record
from locator.snapshot import Snapshot
from locator.station import Station
from locator.translation import LANGUAGES, Translator, translator

PLAIN = Translator("en", gettext.NullTranslations())


def answer(found, query, say=PLAIN, zone="Asia/Shanghai"):
    matches = nearest(Snapshot.of(found, zone=zone), query)
    return matches, answer_to_geojson(matches, query, zone=zone, revision=7, translate=say)


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
    query = Query(lon=-74, lat=40.7, at=AT, usable_only=False)
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
