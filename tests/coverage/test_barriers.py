"""What lies between: from the data, else from the extract whose streets are used, else it is said that nobody looked."""

from datetime import UTC, date, datetime

import pytest
import shapely

from locator.coverage.criteria import Criteria, Threshold
from locator.coverage.gaps import measure_gaps
from locator.coverage.study import load_study
from locator.place import DemandPoint
from locator.record import place_to_record
from locator.station import Station
from locator.store import open_store
from locator.translation import translator

DAY = date(2026, 11, 25)
AT = datetime(2026, 11, 25, 4, tzinfo=UTC)
# A street from the station east to a bridge, and back on the other bank; the river between.
TOWN = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
  <node id="1" lat="28.800" lon="113.070"/> <node id="2" lat="28.800" lon="113.080"/>
  <node id="3" lat="28.803" lon="113.080"/> <node id="4" lat="28.803" lon="113.070"/>
  <node id="5" lat="28.8015" lon="113.060"/> <node id="6" lat="28.8015" lon="113.090"/>
  <way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><tag k="highway" v="residential"/></way>
  {between}
</osm>
"""
RIVER = '<way id="11"><nd ref="5"/><nd ref="6"/><tag k="waterway" v="river"/><tag k="name" v="汨罗江"/></way>'
NOBODY_LOOKED = "no water and no railways are in the data"


@pytest.fixture
def studied(tmp_path):
    """Return the study of a station and of people on the other bank, along the streets of an extract."""

    def study(between, background=(), **given):
        path = tmp_path / "town.osm"
        path.write_text(TOWN.format(between=between))
        people = DemandPoint(id="p", geometry=shapely.Point(113.070, 28.803), weights={"residents": 10})
        with open_store(":memory:", create=True) as store:
            station = Station(id="s", name="站", geometry=shapely.Point(113.070, 28.800), opening_hours="24/7")
            store.write([(station, 0)], at=AT)
            store.replace_places("demand", [(place_to_record(people), people.geometry)], at=AT)
            store.replace_places("background", background, at=AT)
            criteria = Criteria(within=Threshold("m", 500))
            return load_study(store, day=DAY, criteria=criteria, extract=path, cache=tmp_path / "cache", **given)

    return study


def told(study):
    found = measure_gaps(study)
    notes = " ".join(note.text(translator("en")) for note in found.about.notes)
    return [(gap.reason, gap.because) for gap in found.gaps], notes


def test_river_of_the_extract_lies_between(studied):
    gaps, notes = told(studied(RIVER))
    assert gaps == [("water", "汨罗江")]
    assert NOBODY_LOOKED not in notes


def test_own_railway_goes_before_what_the_extract_has(studied):
    line = shapely.LineString([(113.06, 28.801), (113.09, 28.801)])
    gaps, _ = told(studied(RIVER, [({"id": "r", "kind": "railway", "name": "京广线"}, line)]))
    assert gaps == [("railway", "京广线")]


def test_a_town_s_own_boundary_is_no_barrier(studied):
    line = shapely.LineString([(113.06, 28.801), (113.09, 28.801)])
    assert told(studied(RIVER, [({"id": "b", "kind": "boundary"}, line)]))[0] == [("water", "汨罗江")]


def test_where_nobody_looked_it_is_said(studied):
    gaps, notes = told(studied(""))
    assert gaps == [("detour", "")]
    assert NOBODY_LOOKED in notes
    straight = told(studied(RIVER, straight=True))
    assert straight[0] == []
    assert "in straight lines nothing is seen to lie between" in straight[1]
