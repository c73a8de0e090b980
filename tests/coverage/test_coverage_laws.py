"""Laws of coverage: what must hold in every town, and what other ways of counting give."""

import itertools
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from paper_town import NETWORK, place, study
from street_town import STREETS, at, town

from locator.coverage.capacity import ZONE_WEIGHTS, catchments
from locator.coverage.criteria import Criteria, Terms, Threshold, parse_threshold
from locator.coverage.demand import demand_of, ground_of
from locator.coverage.distances import distinct, network_distances, straight_distances
from locator.coverage.equity import measure_equity
from locator.coverage.facilities import measure_facilities
from locator.coverage.hours import measure_hours
from locator.coverage.measures import MEASURES
from locator.coverage.membership import membership
from locator.coverage.reach import measure_reach
from locator.coverage.spread import gini, percentiles, spread_of
from locator.errors import QueryError
from locator.exchange.osm_ways import Mode
from locator.geodesy import area_m2
from locator.place import Area, DemandPoint
from locator.snapshot import Snapshot
from locator.station import Station
from locator.streets.travel import nearest_station
from locator.translation import translator

SPOTS = st.tuples(st.integers(0, 1000), st.integers(0, 800))
PLACES = st.lists(SPOTS, min_size=1, max_size=8)
LIMIT_M = 2_000.0


def measured(stations, points, *, limit_m=LIMIT_M):
    return network_distances(NETWORK, at(NETWORK, *stations), at(NETWORK, *points), limit_m=limit_m)


def all_of(stations):
    return np.ones((len(stations), 1), bool)


@settings(deadline=None, max_examples=20)
@given(PLACES, PLACES, st.floats(50, 1500), st.data())
def test_more_stations_never_lower_reach(stations, points, limit_m, data):
    distances = measured(stations, points)
    some = data.draw(st.lists(st.booleans(), min_size=len(stations), max_size=len(stations)))
    sets = np.column_stack([some, np.ones(len(stations), bool)])
    fewer, more = distances.within(limit_m, sets).T
    assert not (fewer & ~more).any()
    metres = distances.nearest(sets)[0]
    assert (metres[:, 1] <= metres[:, 0]).all()


@settings(deadline=None, max_examples=20)
@given(PLACES, PLACES, st.floats(50, 1500), st.floats(0, 500))
def test_longer_thresholds_never_lower_reach(stations, points, limit_m, more_m):
    distances = measured(stations, points)
    short, long = (distances.within(limit, all_of(stations)) for limit in (limit_m, limit_m + more_m))
    assert not (short & ~long).any()


@settings(deadline=None, max_examples=20)
@given(PLACES, PLACES)
def test_union_over_stations_is_the_search_from_all_at_once(stations, points):
    distances = measured(stations, points)
    together = nearest_station(NETWORK, at(NETWORK, *stations), at(NETWORK, *points), limit_m=LIMIT_M)
    metres, station = distances.nearest(all_of(stations))
    assert metres[:, 0] == pytest.approx(together.distance_m, abs=1e-6)
    single = distances.nearest(np.eye(len(stations), dtype=bool))[0]
    assert single.min(axis=1) == pytest.approx(metres[:, 0], abs=1e-9)
    assert ((station[:, 0] >= 0) == np.isfinite(metres[:, 0])).all()


@settings(deadline=None, max_examples=15)
@given(PLACES, PLACES, st.randoms(use_true_random=False))
def test_order_and_numbering_do_not_matter(stations, points, dice):
    rows, columns = list(range(len(points))), list(range(len(stations)))
    dice.shuffle(rows)
    dice.shuffle(columns)
    straight = measured(stations, points).nearest(all_of(stations))[0]
    shuffled = measured([stations[one] for one in columns], [points[one] for one in rows])
    assert shuffled.nearest(all_of(stations))[0][:, 0] == pytest.approx(straight[rows, 0], abs=1e-6)


@settings(deadline=None, max_examples=15)
@given(st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=1, max_size=200))
def test_only_distinct_sets_are_computed(sets):
    """Sets of stations in any number, as of 168 hours: at most eight of three stations differ."""
    mask = np.array(sets).T
    found = distinct(mask)
    assert found.sets.shape[1] == len({tuple(column) for column in sets})
    assert (found.sets[:, found.column] == mask).all()
    distances = measured([(200, 200), (800, 0), (600, 400)], [(0, 0), (800, 200), (400, 600)])
    alone = np.column_stack([distances.within(500, mask[:, [one]])[:, 0] for one in range(mask.shape[1])])
    assert (distances.within(500, found.sets)[:, found.column] == alone).all()


@pytest.mark.parametrize("metres", [200.0, 400.0])
def test_edges_of_thresholds_are_inclusive(metres):
    distances = measured([(200, 200)], [(200, 200 + metres)])
    assert distances.within(metres, all_of([1])).all()
    assert not distances.within(metres - 0.01, all_of([1])).any()


def test_no_stations_and_no_points_are_no_error():
    nobody = np.zeros((0, 2), bool)
    for distances in (
        network_distances(NETWORK, at(NETWORK, (0, 0)).chosen(slice(0)), at(NETWORK, (0, 0)), limit_m=10),
        straight_distances(np.zeros(0, object), (np.array([113.07]), np.array([28.81])), limit_m=10),
    ):
        assert not distances.within(10, nobody).any()
        assert np.isinf(distances.nearest(nobody)[0]).all()
    empty = study(stations=[], people={}, areas=[], streets=[])
    assert measure_reach(empty).reached["street_m"].within.sum() == 0
    assert measure_hours(empty).totals["street_m"] > 0


@pytest.mark.parametrize("lacking", ["stations", "people", "areas", "streets", "network"])
def test_whatever_is_lacking_every_measure_answers(lacking):
    nothing = {"stations": [], "people": {}, "areas": [], "streets": [], "network": None}[lacking]
    for network in (NETWORK, None):
        town = study(**{"network": network, lacking: nothing})
        for measure in MEASURES.values():
            found = measure(town)
            assert len(found.frames()) == len(found.tables)
            assert [*found.about.lines(translator("en"))]


def test_each_hour_of_the_week_is_what_it_is_alone():
    town = study()
    week = measure_hours(town)
    for row in (2, 8, 17, 18, 24 * 5 + 10, 168 + 10):
        alone = measure_reach(town, at=town.week.moments[row]).reached["residents"]
        assert alone.within[1].tolist() == [week.within["residents"][row], week.within_possible["residents"][row]]


def test_who_lives_on_a_border_counts_once():
    west, east = (Area(id=code, name=code, geometry=shapely.box(lon, 28, lon + 1, 29)) for code, lon in
                  (("w", 112), ("e", 113)))  # fmt: skip
    whole = Area(id="all", name="all", geometry=shapely.box(112, 28, 114, 29), kind="district")
    found = membership([east, west, whole], np.array([112.5, 113.0, 113.5]), np.array([28.5, 28.5, 28.5]))
    assert found.sums(np.array([1.0, 10.0, 100.0])).tolist() == [110, 1, 111]


def test_sums_of_areas_are_the_sum_of_all():
    people = measure_reach(study(people={"p1": ((0, 0), 10), "p3": ((900, 200), 30)})).reached["residents"]
    assert people.by_area.sum() == people.total == 40


@settings(deadline=None, max_examples=8)
@given(st.permutations(range(len(STREETS))))
def test_streets_may_come_in_any_order(order):
    usual, found = (measure_reach(study(network=network)) for network in (NETWORK, town(order)))
    assert found.distance_m == pytest.approx(usual.distance_m, abs=1e-6)
    for kind, one in usual.reached.items():
        assert found.reached[kind].within == pytest.approx(one.within)


def test_nearest_of_all_is_that_of_the_matrix():
    for network in (NETWORK, None):
        found = study(network=network)
        metres, station = found.distances.nearest(np.ones((3, 1), bool))
        assert found.nearest.distance_m == pytest.approx(metres[:, 0], abs=1e-6)
        ties = np.isfinite(metres[:, 0])
        assert (found.nearest.station[ties] >= 0).all()
        assert (station[:, 0] >= 0).tolist() == ties.tolist()


@pytest.mark.parametrize("straight", [False, True])
@pytest.mark.parametrize("terms", [Terms(), Terms(needs=frozenset({"toilet"})), Terms(who=frozenset({"members"}))])
def test_how_far_the_nearest_is_knows_no_bound(terms, straight):
    """Whatever is searched for all pairs: figures of equity, facilities and reach on the terms are the same."""
    parts = {"terms": terms} | ({"network": None} if straight else {})
    near, far = (study(search_m=metres, **parts) for metres in (500.0, 100_000.0))
    assert np.isinf(near.distances.nearest(near.terms_use.sure)[0]).any()
    for measure in (measure_equity, measure_facilities, measure_reach):
        for one, other in zip(measure(near).tables, measure(far).tables, strict=True):
            assert [*one.rows()] == [*other.rows()], one.name
    ways = far.distances.nearest(far.terms_use.sure)[0][:, 0]
    assert near.nearest_of(near.terms_use.sure[:, 0]) == pytest.approx(ways, abs=1e-3)


def test_hours_where_the_clocks_change():
    """New York, the week in which the clocks go back on Sunday: each full hour as the station itself has it."""
    station = Station(id="x", name="x", geometry=place(0, 0), opening_hours="Mo-Su 00:00-02:00,08:00-18:00")
    base = study(stations=[station], day=date(2026, 10, 30))
    there = Snapshot.of([station], zone="America/New_York", country="US")
    moved = replace(base, snapshot=there)
    week = measure_hours(moved)
    assert week.week.first == date(2026, 10, 26)
    assert len(week.stations) == 168
    assert week.stations.tolist() == [int(hour in (0, 1) or 8 <= hour < 18) for hour in range(24)] * 7


def test_straight_lines_are_never_longer_than_ways():
    stations, points = [(200, 200), (800, 0)], [(0, 0), (400, 600), (1000, 200)]
    ways = measured(stations, points).nearest(np.eye(2, dtype=bool))[0]
    flat = [[place(*spot) for spot in spots] for spots in (stations, points)]
    pairs = [(np.array([p.x for p in some]), np.array([p.y for p in some])) for some in flat]
    lines = straight_distances(shapely.points(*pairs[0]), pairs[1], limit_m=LIMIT_M).nearest(
        np.eye(2, dtype=bool)
    )[0]
    assert (lines <= ways + 1e-6).all()


VALUES = st.lists(st.tuples(st.floats(0, 1e4), st.integers(1, 50)), min_size=1, max_size=20)


@given(VALUES)
def test_gini_is_the_mean_difference_of_two_people(pairs):
    """G = Σ Σ w_i w_j |x_i - x_j| / (2 W² mean): another formula, over all pairs."""
    values, weights = np.array(pairs, dtype=float).T
    total, mean = weights.sum(), (values * weights).sum() / weights.sum()
    if mean < 1e-6:
        return
    among = sum(
        w * v * abs(x - y) for (x, w), (y, v) in itertools.product(zip(values, weights, strict=True), repeat=2)
    )
    assert gini(values, weights) == pytest.approx(among / (2 * total**2 * mean), abs=1e-9)


@given(VALUES)
def test_percentiles_are_those_of_as_many_single_people(pairs):
    values, weights = np.array(pairs, dtype=float).T
    single = np.sort(np.repeat(values, weights.astype(int)))
    ranks = (10, 50, 90, 100)
    expected = [single[max(int(np.ceil(rank / 100 * len(single) - 1e-9)) - 1, 0)] for rank in ranks]
    assert percentiles(values, weights, ranks).tolist() == expected
    found = spread_of(values, weights)
    assert (found.median, found.p90, found.worst) == (expected[1], expected[2], expected[3])


def test_gini_of_nobody_and_of_equals():
    assert np.isnan(gini(np.array([1.0]), np.array([0.0])))
    assert gini(np.array([3.0, 3.0]), np.array([1.0, 5.0])) == pytest.approx(0)
    assert gini(np.zeros(3), np.ones(3)) == 0


@settings(deadline=None, max_examples=15)
@given(PLACES, PLACES, st.data())
def test_floating_catchments_as_the_paper_has_them(stations, points, data):
    """The two steps of Luo & Qi (2009) as loops over stations and places; all places go to somebody."""
    people = data.draw(st.lists(st.integers(1, 900), min_size=len(points), max_size=len(points)))
    room = data.draw(st.lists(st.integers(1, 60), min_size=len(stations), max_size=len(stations)))
    distances = measured(stations, points)
    metres = distances.nearest(np.eye(len(stations), dtype=bool))[0]
    within_m = 900.0
    ratio, access = catchments(distances, np.array(room, float), np.array(people, float), within_m)

    def weight(point, station):
        for zone, decay in enumerate(ZONE_WEIGHTS, start=1):
            if metres[point, station] <= within_m * zone / 3 + 1e-6:
                return decay
        return 0.0

    steps = []
    for station, places in enumerate(room):
        demand = sum(count * weight(point, station) for point, count in enumerate(people))
        steps.append(places / demand if demand else 0.0)
    expected = [
        sum(step * weight(point, station) for station, step in enumerate(steps)) for point in range(len(points))
    ]
    assert np.nan_to_num(ratio) == pytest.approx(steps)
    assert access == pytest.approx(expected)
    given_out = sum(places for places, step in zip(room, steps, strict=True) if step)
    assert (access * people).sum() == pytest.approx(given_out)


def test_area_without_demand_points_has_its_own_people_spread_over_it():
    square = Area(id="a", name="甲", geometry=place(0, 0).buffer(0.004), residents=900)
    counted = Area(id="b", name="乙", geometry=place(3000, 0).buffer(0.004), residents=500)
    point = DemandPoint(id="p", geometry=place(3000, 0), weights={"residents": 480})
    found = demand_of([point], [square, counted])
    assert found.weights["residents"].sum() == pytest.approx(480 + 900)
    assert found.spread.sum() >= 40
    inside = membership([square, counted], found.lons, found.lats)
    assert inside.sums(found.weights["residents"]).tolist() == pytest.approx([900, 480])
    notes = [note.message for note in measure_reach(study(areas=[square, counted])).about.notes]
    assert any("spread evenly" in note for note in notes)


def test_nested_areas_without_demand_do_not_count_their_people_twice():
    inner = Area(id="i", name="内", geometry=place(0, 0).buffer(0.002), residents=100)
    outer = Area(id="o", name="外", geometry=place(0, 0).buffer(0.008), residents=1000, kind="district")
    assert demand_of([], [inner, outer]).weights["residents"].sum() == pytest.approx(100)


def test_ground_has_the_area_of_its_areas():
    areas = [Area(id=str(row), name="x", geometry=place(row * 900, 0).buffer(0.003)) for row in range(3)]
    ground, area = ground_of(areas)
    sums = np.bincount(area, ground.weights["area_m2"])
    assert sums == pytest.approx([area_m2(one.geometry) for one in areas])


def test_stations_of_unknown_hours_are_never_sure():
    stations = [Station(id="x", name="x", geometry=place(0, 0))]
    week = measure_hours(study(stations=stations))
    assert week.stations.sum() == 0
    assert (week.stations_possible == 1).all()
    assert week.within["residents"].sum() == 0


def test_speed_makes_minutes_of_metres():
    assert Threshold("min", 15).metres(1.2) == pytest.approx(1080)
    assert Criteria(within=Threshold("min", 15)).within_m == pytest.approx(1080)
    assert Criteria(within=Threshold("min", 6), mode=Mode.EBIKE).within_m == pytest.approx(1500)


@pytest.mark.parametrize(
    ("text", "threshold", "code"),
    [
        ("500m", Threshold("m", 500), "500_m"),
        ("1 km", Threshold("m", 1000), "1000_m"),
        ("1.5公里", Threshold("m", 1500), "1500_m"),
        ("300米", Threshold("m", 300), "300_m"),
        ("15min", Threshold("min", 15), "15_min"),
        ("7.5分钟", Threshold("min", 7.5), "7.5_min"),
    ],
)
def test_thresholds_as_people_write_them(text, threshold, code):
    found = parse_threshold(text)
    assert found == threshold
    assert found.code == code


@pytest.mark.parametrize("text", ["", "500", "0m", "-5min", "5 miles", "nan m"])
def test_what_is_no_threshold_is_refused(text):
    with pytest.raises(QueryError):
        parse_threshold(text)


def test_terms_stand_in_the_criteria():
    terms = Terms(needs=frozenset({"toilet", "hot_water"}), no_registration=True)
    texts = [note.text(translator("zh")) for note in measure_reach(study(terms=terms)).about.criteria]
    assert "设施：热水、卫生间" in texts
    assert "免登记" in texts
