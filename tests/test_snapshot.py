"""A snapshot holds what the store held, as rows that belong together."""

import json
from datetime import date

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from shapely.geometry import shape
from strategies import AT, geometries, stations

from locator.hours import State
from locator.record import station_from_record
from locator.snapshot import DEFAULT_COUNTRY, DEFAULT_ZONE, Snapshot, load_snapshot
from locator.station import Station
from locator.store import open_store

ECEF = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)


def station(code, **given):
    return Station(**({"id": code, "name": "n", "geometry": shapely.Point(113.07, 28.8)} | given))


@settings(max_examples=40, deadline=None)
@given(st.lists(stations(), max_size=5, unique_by=lambda s: s.id))
def test_rows_belong_together(found):
    snapshot = Snapshot.of(found, revision=3)
    assert [s.id for s in snapshot.stations] == sorted(s.id for s in found)
    assert list(snapshot.stations) == sorted(found, key=lambda s: s.id)
    columns = (snapshot.lons, snapshot.lats, snapshot.index.centres, snapshot.index.bits, snapshot.hours_row)
    assert {len(column) for column in columns} == {len(found)}
    for row, kept in enumerate(snapshot.stations):
        feature = json.loads(snapshot.features[row])
        assert (feature["type"], feature["id"]) == ("Feature", kept.id)
        assert station_from_record(feature["properties"], shape(feature["geometry"])) == kept
        hours = kept.hours(zone=DEFAULT_ZONE, country=DEFAULT_COUNTRY)
        assert snapshot.hours[snapshot.hours_row[row]] == hours
        assert snapshot.outlook(row, AT) == hours.outlook(AT)
    assert len(set(snapshot.hours)) == len(snapshot.hours)


@settings(max_examples=100, deadline=None)
@given(geometries())
def test_whole_geometry_lies_within_its_radius(geometry):
    snapshot = Snapshot.of([station("a", geometry=geometry)])
    places = shapely.get_coordinates(shapely.segmentize(geometry, 0.02))
    solid = np.column_stack(ECEF.transform(*places.T, np.zeros(len(places))))
    index = snapshot.index
    assert np.linalg.norm(solid - index.centres[0], axis=1).max() <= index.radii_m[0] + 1e-6


def test_empty_snapshot_has_empty_columns():
    snapshot = Snapshot.of([])
    assert list(snapshot.stations) == []
    assert snapshot.index.centres.shape == (0, 3)


def test_snapshot_cannot_be_changed():
    with pytest.raises(AttributeError):
        Snapshot.of([]).revision = 5


def test_store_is_loaded_as_it_is_now():
    with open_store(":memory:", create=True) as store:
        assert list(load_snapshot(store).stations) == []
        assert load_snapshot(store).zone == DEFAULT_ZONE
        store.write([(station("b"), 0), (station("a", opening_hours="Mo-Su 08:00-09:00"), 0)], at=AT)
        store.write(removals=[("b", 1)], at=AT)
        before = load_snapshot(store)
        store.set_meta({"timezone": "America/New_York", "country": "US"}, at=AT)
        after = load_snapshot(store)
    assert [s.id for s in before.stations] == [s.id for s in after.stations] == ["a"]
    assert (before.revision, after.revision) == (2, 3)
    assert (after.zone, after.country) == ("America/New_York", "US")
    eight_in_new_york = AT.replace(hour=13)
    assert after.outlook(0, eight_in_new_york).state is State.OPEN
    assert before.outlook(0, eight_in_new_york).state is State.CLOSED


def test_dates_of_existence_are_part_of_the_hours():
    snapshot = Snapshot.of([station("a", opening_hours="24/7", valid_to=date(2026, 11, 19))])
    assert snapshot.outlook(0, AT).state is State.CLOSED
