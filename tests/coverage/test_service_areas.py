"""Service areas: streets that one adds up on paper, outlines that hold who is reached, circles where no streets are."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import paper_town as town
import pytest
import shapely

from locator.coverage.criteria import Threshold
from locator.coverage.reach import measure_reach
from locator.coverage.service_areas import OUTLINE_M, measure_service_areas
from locator.coverage.writing import write_results
from locator.station import Station
from locator.streets.graph import projected
from locator.streets.service_area import BESIDE_M
from locator.translation import translator

END = Station(id="E", name="站", geometry=town.place(900, 200), opening_hours="Mo-Fr 08:00-18:00")


def metres(*values):
    return tuple(Threshold("m", value) for value in values)


def study(*thresholds, **given):
    made = town.study(within=metres(*thresholds)[-1], **given)
    return replace(made, criteria=replace(made.criteria, thresholds=metres(*thresholds)))


def test_streets_that_are_reached_are_those_of_the_paper():
    """From the middle of ⑩: 40 m to both sides; 120 m are its hundred, the other 100, and 20 m of ⑧ to both."""
    found = measure_service_areas(study(40, 120, stations=[END]))
    table = found["service_areas"]
    assert table.columns["street_m"] == [80, 260]
    assert table.columns["street_m_share"] == pytest.approx([80 / 7582.84, 260 / 7582.84], abs=1e-4)
    capsule = 80 * 2 * BESIDE_M + np.pi * BESIDE_M**2
    assert found.bands[0].area_m2 == pytest.approx(
        capsule, rel=0.05
    )  # its ends are half a circle of sixteen corners
    assert [one.threshold.code for one in found.bands] == ["40_m", "120_m"]
    assert not found.about.is_straight


def test_who_is_reached_lies_in_the_outline_and_nearer_ones_in_further_ones():
    made = town.study()
    found, reach = measure_service_areas(made), measure_reach(made)
    crs = town.NETWORK.crs
    flat = [shapely.transform(one.polygon, lambda pairs: projected(crs, pairs)) for one in found.bands]
    places = shapely.points(projected(crs, np.column_stack([made.demand.lons, made.demand.lats])))
    for band, shape in zip(found.bands, flat, strict=True):
        near = reach.distance_m <= band.threshold.metres(1)
        assert near.any()
        assert shapely.distance(places[near], shape).max() < OUTLINE_M
        assert not shapely.contains(shape, places[~near]).any()
    assert flat[1].buffer(2 * OUTLINE_M).contains(flat[0])


def test_only_stations_on_the_terms_and_open_then_reach_anything():
    night = datetime(2026, 11, 25, 18, tzinfo=UTC)  # 02:00 on Thursday in Miluo
    assert measure_service_areas(study(120, stations=[END]), at=night)["service_areas"].columns["street_m"] == [0]
    day = datetime(2026, 11, 25, 4, tzinfo=UTC)
    assert measure_service_areas(study(120, stations=[END]), at=day)["service_areas"].columns["street_m"] == [260]


def test_without_streets_they_are_circles_and_say_so():
    found = measure_service_areas(study(300, 500, stations=[END], network=None), each=True)
    table, alone = found["service_areas"], found["stations"]
    assert found.about.is_straight
    assert table.columns["street_m"] == [None, None]
    assert table.columns["area_m2"] == pytest.approx([np.pi * 300**2, np.pi * 500**2], rel=0.003)
    assert alone.columns["area_m2"] == [table.columns["area_m2"][1]]
    assert "straight line" in table.title.text(translator("en"))


def test_each_station_has_its_own_area_and_one_off_the_streets_has_none(tmp_path):
    far = Station(id="F", name="远", geometry=town.place(5000, 5000), opening_hours="24/7")
    found = measure_service_areas(study(120, stations=[END, far]), each=True)
    alone = found["stations"]
    assert alone.columns["station_id"] == ["E", "F"]
    assert alone.columns["street_m"] == [260, 0]
    assert [shape.is_empty for shape in alone.shapes] == [False, True]
    assert alone.columns["area_m2"] == [pytest.approx(found.bands[0].area_m2, abs=1), 0]
    for ending in ("xlsx", "gpkg", "geojson", "csv"):
        assert write_results([found], tmp_path / f"areas.{ending}", translator("zh"))


@pytest.mark.parametrize("network", [town.NETWORK, None])
def test_without_stations_there_is_nothing(network):
    found = measure_service_areas(study(120, stations=[], network=network), each=True)
    assert [one.polygon.is_empty for one in found.bands] == [True]
    assert len(found["stations"]) == 0
