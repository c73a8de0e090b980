"""The town with a park for a station, box(0, 0, 400, 200): how far it is to its boundary, and 0 inside."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from paper_town import METRES, STATIONS, box, place, study

from locator.coverage.audit import measure_audit
from locator.coverage.reach import measure_reach
from locator.coverage.service_areas import measure_service_areas
from locator.coverage.siting.of_study import Asked, problem_of_study
from locator.coverage.spacing import measure_spacing
from locator.place import CandidateSite
from locator.station import Station

NEAR = pytest.approx
PARK = Station(id="P", name="公园站", geometry=box(0, 0, 400, 200), opening_hours="24/7")
PEOPLE = {
    "corner": ((0, 0), 1),
    "inside": ((100, 50), 2),
    "edge": ((200, 0), 4),
    "east": ((600, 0), 8),
    "north": ((400, 600), 16),
    "off the streets": ((170, 100), 32),
}
FROM_M = {"corner": 0, "inside": 0, "edge": 0, "east": 200, "north": 400, "off the streets": 0}
BY_ID = [FROM_M[code] for code in sorted(FROM_M)]


def metres(found):
    return found.distances.nearest(found.supply.all.sure)[0][:, 0]


@pytest.mark.parametrize("of", [metres, lambda found: found.nearest.distance_m])
def test_along_the_streets_a_park_is_entered_from_all_around(of):
    """From (600, 0) 200 m to the corner, from (400, 600) 400; whoever stands in it is there."""
    assert of(study(stations=[PARK], people=PEOPLE)) == NEAR(BY_ID, abs=0.01)


@pytest.mark.parametrize("of", [metres, lambda found: found.nearest.distance_m])
def test_straight_a_park_begins_at_its_boundary(of):
    assert of(study(stations=[PARK], people=PEOPLE, network=None)) == NEAR(BY_ID, abs=0.01)


def test_who_is_inside_is_there_without_a_street_near():
    found = study(stations=[PARK], people={"p": ((170, 100), 1)}, max_access_m=1)
    assert found.demand_snaps.too_far.tolist() == [0]
    assert metres(found).tolist() == [0]
    assert found.nearest.distance_m.tolist() == [0]


@pytest.mark.parametrize("straight", [False, True])
def test_the_nearest_of_a_park_and_a_point(straight):
    """B is at (800, 0): (600, 0) is as far from both, the park has the higher code."""
    town = study(stations=[STATIONS[1], PARK], people=PEOPLE, **({"network": None} if straight else {}))
    found, station = town.distances.nearest(town.supply.all.sure)
    assert town.supply.ids == ("B", "P")
    assert found[:, 0] == NEAR(BY_ID, abs=0.01)
    assert dict(zip(sorted(PEOPLE), station[:, 0].tolist(), strict=True))["inside"] == 1
    assert dict(zip(sorted(PEOPLE), town.nearest.station.tolist(), strict=True))["north"] == 1
    # Each station is there once for each point, however many entrances it has.
    pairs = list(zip(town.distances.point.tolist(), town.distances.station.tolist(), strict=True))
    assert len(pairs) == len(set(pairs))
    assert (np.diff(town.distances.distance_m)[np.diff(town.distances.point) == 0] >= 0).all()


@pytest.mark.parametrize("straight", [False, True])
def test_spacing_is_between_boundaries(straight):
    """B is 400 m from the park's corner; a second park, 200 m east of the first, 200 m from either."""
    second = Station(id="Q", name="二园站", geometry=box(600, 0, 800, 200))
    town = study(stations=[STATIONS[1], PARK, second], crowded_m=401, **({"network": None} if straight else {}))
    found = measure_spacing(town)
    told = {(row["station_id"], row["other_id"]): row for row in found["pairs"].rows()}
    assert {pair: row["distance_m"] for pair, row in told.items()} == {
        ("B", "Q"): 0, ("P", "Q"): 200, ("B", "P"): 400,
    }  # fmt: skip
    assert {pair: row["straight_m"] for pair, row in told.items()} == {
        ("B", "Q"): 0, ("P", "Q"): 200, ("B", "P"): 400,
    }  # fmt: skip


def test_reach_and_audit_follow():
    """Within 300 m of the park: all but the 16 in the north; the west has 55 of 55."""
    town = study(stations=[PARK], people=PEOPLE)
    assert measure_reach(town).reached["residents"].within[:, 0].tolist() == [47, 63]
    assert METRES[0].value == 300
    assert not any("further than" in note.message for note in measure_audit(town).about.notes)


def test_a_park_without_a_street_near_is_told_once():
    far = Station(id="P", name="公园站", geometry=box(0, -2000, 400, -1800))
    notes = [note for note in measure_audit(study(stations=[far])).about.notes if "names" in note.details]
    assert [(note.details["count"], note.details["names"]) for note in notes] == [(1, ("公园站",))]


@pytest.mark.parametrize("straight", [False, True])
def test_siting_measures_stations_and_candidates_alike(straight):
    """The park stands already, and a candidate is the same park: they are as near to everybody."""
    town = study(stations=[PARK], people=PEOPLE, **({"network": None} if straight else {}))
    problem = problem_of_study(town, [CandidateSite(id="S", name="丁址", geometry=PARK.geometry)], Asked())
    pairs = problem.pairs
    for site in (0, 1):
        of = pairs.site == site
        assert dict(zip(pairs.demand[of].tolist(), pairs.distance_m[of].tolist(), strict=True)) == NEAR(
            dict(enumerate(BY_ID)), abs=0.01
        )


def test_an_area_that_a_park_touches_needs_no_site():
    """As in the audit a yard lies in all areas that it touches: only the east has no station."""
    wide = Station(id="P", name="公园站", geometry=box(0, 0, 600, 200))
    every = Asked(every_area=True)
    here = CandidateSite(id="S", name="丁址", geometry=place(800, 0))
    assert problem_of_study(study(stations=[wide]), [here], every).groups == ()
    assert [one.name for one in problem_of_study(study(stations=[PARK]), [here], every).groups] == ["东社区"]


SPOTS = st.tuples(st.integers(-100, 1100), st.integers(-350, 850))
PEOPLE_ANYWHERE = st.lists(SPOTS, min_size=1, max_size=6).map(
    lambda spots: {f"p{number}": (spot, 1) for number, spot in enumerate(spots)}
)
PARKS = st.builds(
    lambda west, south, width, height: (west, south, west + width, south + height),
    st.integers(-100, 1000), st.integers(-100, 800), st.integers(20, 400), st.integers(20, 400),
)  # fmt: skip


def of(geometry, people, straight):
    stations = [Station(id="P", name="公园站", geometry=geometry)]
    return study(stations=stations, people=people, **({"network": None} if straight else {}))


@settings(deadline=None, max_examples=30)
@given(PARKS, PEOPLE_ANYWHERE, st.booleans())
def test_an_area_is_never_further_than_its_middle(park, people, straight):
    middle = ((park[0] + park[2]) / 2, (park[1] + park[3]) / 2)
    wide, point = (of(shape, people, straight) for shape in (box(*park), place(*middle)))
    assert (metres(wide) <= metres(point) + 0.01).all()
    assert (wide.nearest.distance_m <= point.nearest.distance_m + 0.01).all()


@settings(deadline=None, max_examples=30)
@given(PARKS, PEOPLE_ANYWHERE, st.booleans())
def test_whoever_is_inside_is_there(park, people, straight):
    town = of(box(*park), people, straight)
    inside = [
        park[0] < spot[0] < park[2] and park[1] < spot[1] < park[3] for _, (spot, _) in sorted(people.items())
    ]
    assert (metres(town)[inside] == 0).all()
    assert (town.nearest.distance_m[inside] == 0).all()


@settings(deadline=None, max_examples=15)
@given(SPOTS, PEOPLE_ANYWHERE, st.booleans())
def test_an_area_that_shrinks_to_a_point_is_one(spot, people, straight):
    x, y = spot
    tiny, point = (
        of(shape, people, straight) for shape in (box(x - 0.01, y - 0.01, x + 0.01, y + 0.01), place(x, y))
    )
    assert metres(tiny) == NEAR(metres(point), abs=0.1)
    assert tiny.nearest.distance_m == NEAR(point.nearest.distance_m, abs=0.1)


def test_a_street_through_a_park_enters_it_where_it_crosses_its_edge():
    """The park's edge crosses the first street at x = 137 and 263, 25 m from any corner; from 137 - 100: 100 m."""
    park = box(137, -25, 263, 25)
    assert metres(of(park, {"p": ((37, 0), 1)}, straight=False)).tolist() == NEAR([100], abs=0.01)


@pytest.mark.parametrize("straight", [False, True])
def test_a_park_of_many_parts_is_entered_at_the_nearest(straight):
    parts = shapely.MultiPolygon([box(0, 0, 100, 100), box(700, 0, 800, 100)])
    town = of(parts, {"a": ((50, 50), 1), "b": ((600, 0), 1), "c": ((800, 200), 1)}, straight)
    assert metres(town).tolist() == NEAR([0, 100, 100], abs=0.01)


@pytest.mark.parametrize("straight", [False, True])
def test_service_areas_begin_at_the_boundary_of_a_park(straight):
    """Each station's own area is that of all its entrances; A's, a point behind it by id, is what it was."""
    parts = {"network": None} if straight else {}
    both = study(stations=[PARK, replace(STATIONS[0], id="Q")], **parts)
    alone = study(stations=[STATIONS[0]], **parts)
    own, point = (measure_service_areas(one, each=True)["stations"] for one in (both, alone))
    assert own.columns["station_id"] == ["P", "Q"]
    assert own.columns["area_m2"][1] == NEAR(point.columns["area_m2"][0], abs=1)
    park = own.shapes[0]
    # (790, 0) is 390 m from the corner at (400, 0), and would be 600 m from the park's middle.
    assert park.intersects(place(790, 0))
    assert not park.intersects(place(940, 0))
