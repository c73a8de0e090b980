"""The nearest stations of every demand point of the paper town; the ways stand in paper_town.py."""

from datetime import datetime
from zoneinfo import ZoneInfo

import geopandas
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paper_town import DIAGONAL_M, PEOPLE, study

from locator.coverage.criteria import Terms
from locator.coverage.nearest import measure_nearest
from locator.coverage.writing import write_results
from locator.errors import QueryError
from locator.streets.travel import k_nearest
from locator.translation import translator


def rows(**options):
    found = measure_nearest(study(), **options)
    return [(row["point_id"], row["rank"], row["station_id"]) for row in found["nearest"].rows()]


def test_nearest_come_first_and_of_equals_the_lower_code():
    """p2 has A and B at 400 m each, p5 C at 400 and A at 600; nobody is on the other bank."""
    assert rows(k=2) == [
        ("p1", 1, "A"), ("p1", 2, "B"), ("p2", 1, "A"), ("p2", 2, "B"), ("p3", 1, "B"), ("p3", 2, "C"),
        ("p4", 1, "B"), ("p4", 2, "C"), ("p5", 1, "C"), ("p5", 2, "A"),
    ]  # fmt: skip
    found = measure_nearest(study(), k=1)
    assert found.distance_m[:5, 0] == pytest.approx([DIAGONAL_M, 400, 200, 400, 400], abs=0.01)
    assert found["nearest"].columns["minutes"] == [3.9, 5.6, 2.8, 5.6, 5.6]  # at 1.2 m/s
    assert found["without"].columns["point_id"] == ["p6"]


def test_limit_counts_itself_and_terms_and_hours_do():
    at_limit = measure_nearest(study(search_m=500), k=3)
    assert (at_limit.station >= 0).sum() == 7  # within 500 m: p1 A, p2 A B, p3 B C, p4 B, p5 C
    needs = study(terms=Terms(needs=frozenset({"toilet"})))
    assert set(measure_nearest(needs, k=3)["nearest"].columns["station_id"]) == {"A"}
    night = datetime(2026, 11, 25, 2, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert set(measure_nearest(study(), k=3, at=night)["nearest"].columns["station_id"]) == {"A"}


@given(k=st.integers(1, 5))
def test_is_what_the_streets_say(k):
    """Stations are points here, so that a search for the k nearest of them is another way to the same."""
    town = study(search_m=100_000)
    found = measure_nearest(town, k=k)
    metres, station = k_nearest(town.network, town.station_snaps, town.demand_snaps, k, limit_m=100_000)
    assert found.station.tolist() == station.tolist()
    assert np.array_equal(found.distance_m, metres)


@pytest.mark.parametrize("k", [0, -1, 51])
def test_no_such_number_is_refused(k):
    with pytest.raises(QueryError, match="k"):
        measure_nearest(study(), k=k)


def test_lines_lead_from_points_to_stations(tmp_path):
    (file,) = write_results([measure_nearest(study(), k=2)], tmp_path / "n.gpkg", translator("en"))
    lines = geopandas.read_file(file, layer="nearest")
    assert len(lines) == 10
    assert set(lines.geom_type) == {"LineString"}
    x, y = lines.geometry[0].coords[0]
    corner = study().demand
    assert (x, y) == pytest.approx((corner.lons[0], corner.lats[0]))


@pytest.mark.parametrize("options", [{"stations": []}, {"people": {}, "areas": []}, {"network": None}])
def test_whatever_is_lacking_there_is_an_answer(options):
    found = measure_nearest(study(**options))
    assert len(found["without"]) == (len(PEOPLE) if options == {"stations": []} else 0)
