"""The nearest stations are those that measuring every one of them finds."""

import builtins
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer
from shapely import MultiPolygon, Point, box
from strategies import AT, HOURS, lats, lons, points, polygons

from locator import index
from locator.errors import QueryError
from locator.hours import State
from locator.nearest import nearest, nearest_many
from locator.query import Query
from locator.snapshot import Snapshot
from locator.station import ADMITS, CATEGORIES, STATUSES, Entry, Station

GEOD = Geod(ellps="WGS84")
LON, LAT = 113.07, 28.8
NEEDS = ("toilet", "microwave")
TOLERANCE_M = 0.02
SPEEDS = {"walk": 1.2, "ebike": 15 / 3.6, "car": 20 / 3.6, "there": float("inf")}


@pytest.fixture(scope="module", params=["tree", "look at all"], autouse=True)
def way_of_search(request):
    """Every test of this module asks both ways to find the nearest."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index, "_TREE_FROM", 1 if request.param == "tree" else 10**9)
        yield


def station(code, lon=LON, lat=LAT, **given):
    return Station(**({"id": code, "name": "n", "geometry": Point(lon, lat), "opening_hours": "24/7"} | given))


def query(**given):
    return Query(**({"lon": LON, "lat": LAT, "at": AT, "mode": "there"} | given))


def found(stations, **given):
    return [match.station.id for match in nearest(Snapshot.of(stations), query(**given))]


def metres(lon, lat, geometry):
    """Measure without the package: geodesics to points; else a projection around the place, edges cut small."""
    if geometry.geom_type == "Point":
        return GEOD.inv(lon, lat, geometry.x, geometry.y)[2]
    if geometry.intersects(Point(lon, lat)):
        return 0.0
    around = Transformer.from_crs(
        "EPSG:4326", f"+proj=aeqd +lon_0={lon} +lat_0={lat} +datum=WGS84", always_xy=True
    )
    parts = [shapely.segmentize(ring, 0.0005) for ring in shapely.get_rings(shapely.get_parts(geometry))]
    lons, lats = shapely.get_coordinates(parts).T
    over_ground = GEOD.inv(np.full_like(lons, lon), np.full_like(lats, lat), lons, lats)[2]
    if max(over_ground) > 9e6:  # the projection folds at the other side of the earth
        return min(over_ground)
    return min(
        shapely.transform(ring, around.transform, interleaved=False).distance(Point(0, 0)) for ring in parts
    )


def meets(bounds, box):
    """Whether the box around a geometry meets another, of which a west above the east spans 180°."""
    west, south, east, north = box
    lon = bounds[2] >= west or bounds[0] <= east if west > east else bounds[2] >= west and bounds[0] <= east
    return lon and bounds[3] >= south and bounds[1] <= north


def brute_force(stations, query):
    """Return (rank, metres, id) of all stations that qualify, best first."""
    answers = []
    for s in stations:
        distance = metres(query.lon, query.lat, s.geometry)
        arrival = query.at + timedelta(seconds=min(distance / SPEEDS[query.mode], 7 * 86_400))
        outlook = s.hours(zone="Asia/Shanghai").outlook(arrival)
        wanted = 7 * 24 * 60 if query.h24 else query.minutes
        until = outlook.usable_until
        lasts = until is None or until - arrival >= timedelta(minutes=wanted)
        usable = outlook.state in {State.OPEN, State.CLOSING_SOON, State.SELF_SERVICE} and lasts
        rank = 0 if usable else 1 if outlook.state is State.UNKNOWN else 2
        if (
            s.status == "operating"
            and all(s.facilities.get(need) is True for need in query.needs)
            and (not query.ways or not s.entry.ways or query.ways & set(s.entry.ways))
            and (not query.who or s.entry.admits in {None, "everyone", *query.who})
            and (not query.no_registration or s.entry.registration is False)
            and (query.bbox is None or meets(s.geometry.bounds, query.bbox))
            and (not query.categories or s.category in query.categories)
            and (rank == 0 or not query.h24)
            and (rank < 2 or not query.usable_only)
        ) and (query.radius_m is None or distance <= query.radius_m):
            answers.append((rank, distance, s.id))
    return sorted(answers)


@st.composite
def boxes(draw):
    south, north = sorted((draw(lats()), draw(lats())))
    return draw(lons()), south, draw(lons()), north


@st.composite
def towns(draw, geometry, max_size=25):
    """Return stations, some of which stand at one place, in no order."""
    places = draw(st.lists(geometry, min_size=1, max_size=8))
    kinds = st.fixed_dictionaries(
        {
            "geometry": st.sampled_from(places),
            "category": st.sampled_from(sorted(CATEGORIES)[:2]),
            "status": st.sampled_from(["operating", "operating", *sorted(STATUSES)]),
            "opening_hours": st.sampled_from(HOURS),
            "facilities": st.dictionaries(st.sampled_from(NEEDS), st.booleans()),
            "entry": st.builds(
                Entry,
                ways=st.sampled_from([(), ("face",), ("qr_code", "face"), ("staff",)]),
                registration=st.sampled_from([None, True, False]),
                admits=st.sampled_from([None, *ADMITS]),
            ),
            "valid_to": st.sampled_from([None, None, date(2026, 11, 19), date(2026, 11, 20), date(2026, 11, 24)]),
        }
    )
    every = draw(st.lists(kinds, max_size=max_size))
    order = draw(st.permutations(range(len(every))))
    return [Station(id=f"s{i:02}", name="n", **kind) for i, kind in zip(order, every, strict=True)]


def queries():
    return st.builds(
        Query,
        lon=lons(),
        lat=lats(),
        at=st.sampled_from(
            [AT, AT + timedelta(hours=8), AT + timedelta(hours=13), datetime(2026, 2, 17, 4, tzinfo=UTC)]
        ),
        minutes=st.sampled_from([0, 0, 20, 21, 600]),
        needs=st.frozensets(st.sampled_from(NEEDS)),
        mode=st.sampled_from(sorted(SPEEDS)),
        ways=st.sampled_from([frozenset(), frozenset(), frozenset({"qr_code", "staff"})]),
        who=st.sampled_from([frozenset(), frozenset(), frozenset({"everyone"}), frozenset({"members"})]),
        no_registration=st.sampled_from([False, False, True]),
        bbox=st.none() | st.none() | boxes(),
        h24=st.sampled_from([False, False, True]),
        categories=st.frozensets(st.sampled_from(sorted(CATEGORIES)[:2])),
        radius_m=st.none() | st.floats(0, 2e7),
        limit=st.integers(1, 30),
        usable_only=st.booleans(),
    )


@settings(max_examples=250, deadline=None)
@given(towns(points()), queries())
@example([station("b", 180, 0), station("a", -180, 0)], query(lon=179.9, lat=0))
@example([station("b", 10, 90), station("a", -100, 90)], query(lon=0, lat=89.9))
def test_points_are_found_as_by_brute_force(stations, query):
    answer = nearest(Snapshot.of(stations), query)
    expected = brute_force(stations, query)[: query.limit]
    assert [match.station.id for match in answer] == [pair[2] for pair in expected]
    assert [match.distance_m for match in answer] == pytest.approx([pair[1] for pair in expected], abs=1e-6)
    for match in answer:
        assert match.outlook == match.station.hours(zone="Asia/Shanghai").outlook(match.arrives)


def around_the_corner():
    """Return places some hundred metres from each other, many at one place or as far from another as a third."""
    steps = st.integers(-5, 5)
    return st.builds(lambda x, y: (LON + 0.002 * x, LAT + 0.002 * y), steps, steps)


@settings(max_examples=250, deadline=None)
@given(towns(around_the_corner().map(Point)), queries(), around_the_corner(), st.none() | st.floats(0, 2_000))
def test_points_around_the_corner_are_found_as_by_brute_force(stations, query, place, radius_m):
    query = replace(query, lon=place[0], lat=place[1], radius_m=radius_m)
    answer = nearest(Snapshot.of(stations), query)
    expected = brute_force(stations, query)[: query.limit]
    assert [match.station.id for match in answer] == [pair[2] for pair in expected]
    assert [match.distance_m for match in answer] == pytest.approx([pair[1] for pair in expected], abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(towns(points() | polygons(max_size=0.3), max_size=8), queries(), st.data())
def test_polygons_are_found_as_by_brute_force(stations, query, data):
    if stations and data.draw(st.booleans()):  # near one of them, or in it
        place = data.draw(st.sampled_from(stations)).geometry.centroid
        query = Query(lon=place.x, lat=place.y, at=query.at, mode="there", limit=query.limit, needs=query.needs)
    expected = brute_force(stations, query)
    if query.radius_m is not None:
        everywhere = Query(lon=query.lon, lat=query.lat, at=query.at, usable_only=False)
        distances = [distance for _, distance, _ in brute_force(stations, everywhere)]
        assume(all(abs(distance - query.radius_m) > TOLERANCE_M for distance in distances))
    answer = nearest(Snapshot.of(stations), query)
    distance_of = {code: distance for _, distance, code in expected}
    assert [m.distance_m for m in answer] == pytest.approx(
        [d for _, d, _ in expected[: query.limit]], abs=TOLERANCE_M
    )
    for match in answer:
        assert match.distance_m == pytest.approx(distance_of[match.station.id], abs=TOLERANCE_M)


@settings(max_examples=60, deadline=None)
@given(towns(points()), queries(), st.integers(1, 30))
def test_fewer_are_the_first_of_more(stations, query, limit):
    snapshot = Snapshot.of(stations)
    more = nearest(snapshot, query)
    fewer = nearest(snapshot, replace(query, limit=min(limit, query.limit)))
    assert fewer == more[: len(fewer)]
    assert len(fewer) == min(limit, len(more))


def test_thousands_are_found_as_by_brute_force():
    random = np.random.default_rng(1)
    lon, lat = random.normal(LON, 0.05, 3000).round(3), random.normal(LAT, 0.05, 3000).round(3)
    hours = [HOURS[i] for i in random.integers(0, len(HOURS), 3000)]
    stations = [
        station(f"s{i:04}", *place, opening_hours=h)
        for i, (*place, h) in enumerate(zip(lon, lat, hours, strict=True))
    ]
    snapshot = Snapshot.of(stations)
    for k in (1, 7, 100):
        answer = nearest(snapshot, query(limit=k, usable_only=False))
        assert [m.station.id for m in answer] == [
            code for _, _, code in brute_force(stations, query(usable_only=False))[:k]
        ]


def test_ties_go_to_the_lower_id():
    assert found([station(code) for code in ("c", "a", "d", "b")], limit=3) == ["a", "b", "c"]


def test_usable_comes_before_unknown_before_closed_whatever_the_distance():
    town = [
        station("closed", LON, LAT, opening_hours="Mo-Su 20:00-22:00"),
        station("unknown", LON + 0.1, LAT, opening_hours=None),
        station("usable", LON + 0.2, LAT, opening_hours="Mo-Su 08:00-20:00"),
    ]
    assert found(town) == ["usable", "unknown"]
    assert found(town, usable_only=False) == ["usable", "unknown", "closed"]
    assert found(town, limit=1) == ["usable"]


def test_station_exactly_at_the_radius_counts():
    town = [station("a", LON + 0.01, LAT)]
    distance = GEOD.inv(LON, LAT, LON + 0.01, LAT)[2]
    assert found(town, radius_m=distance) == ["a"]
    assert found(town, radius_m=float(np.nextafter(distance, 0))) == []
    assert found([station("here")], radius_m=0) == ["here"]


def test_station_that_closes_exactly_then_counts():
    town = [station("a", opening_hours="Fr 08:00-12:30")]
    assert found(town, minutes=20) == ["a"]
    assert found(town, minutes=20.01) == []
    assert found(town, minutes=20.01, usable_only=False) == ["a"]


def test_around_the_clock_means_known_to_never_close():
    town = [
        station("always"),
        station("daily", opening_hours="Mo-Su 00:00-24:00"),
        station("day", opening_hours="Mo-Su 06:00-23:00"),
        station("unknown", opening_hours=None),
        station("unstaffed", staffed_hours="Mo-Fr 09:00-17:00"),
        station("ending", valid_to=date(2026, 11, 24)),
    ]
    assert found(town, h24=True) == ["always", "daily", "unstaffed"]
    assert found(town, h24=True, usable_only=False) == ["always", "daily", "unstaffed"]


def test_unknown_facility_is_not_enough():
    town = [
        station("both", facilities={"toilet": True, "microwave": True}),
        station("no", facilities={"toilet": True, "microwave": False}),
        station("unknown", facilities={"toilet": True}),
    ]
    assert found(town, needs=frozenset({"toilet"})) == ["both", "no", "unknown"]
    assert found(town, needs=frozenset({"toilet", "microwave"})) == ["both"]


@pytest.mark.parametrize("status", sorted(STATUSES))
def test_only_operating_stations_are_found(status):
    assert found([station("a", status=status)], usable_only=False) == (["a"] if status == "operating" else [])


def test_last_day_of_existence_counts():
    town = [station("today", valid_to=date(2026, 11, 20)), station("gone", valid_to=date(2026, 11, 19)),
            station("coming", valid_from=date(2026, 11, 21))]  # fmt: skip
    assert found(town) == ["today"]


def test_only_wanted_categories_are_found():
    town = [station(code, category=code) for code in CATEGORIES]
    assert found(town, categories=frozenset({"mobile", "temporary"})) == ["mobile", "temporary"]


def test_place_within_a_polygon_is_no_way_off():
    park = box(LON - 0.01, LAT - 0.01, LON + 0.01, LAT + 0.01)
    (match,) = nearest(Snapshot.of([station("park", geometry=park)]), query(radius_m=0))
    assert match.distance_m == 0
    assert match.walk_minutes == 0


def test_polygon_is_as_near_as_its_edge_not_its_middle():
    park = box(LON + 0.001, LAT - 0.1, LON + 0.5, LAT + 0.1)
    town = [station("point", LON + 0.002, LAT), station("park", geometry=park)]
    assert found(town) == ["park", "point"]
    assert found(town, limit=1) == ["park"]


def test_large_park_far_off_does_not_hide_a_point_between():
    around = box(LON + 0.1, LAT - 0.5, LON + 1.1, LAT + 0.5)
    town = [station("park", geometry=around), station("a", LON + 0.001, LAT), station("b", LON + 0.05, LAT)]
    assert found(town, limit=2) == ["a", "b"]
    assert found(town) == ["a", "b", "park"]


def test_polygon_cut_at_180_degrees_is_one_place():
    island = MultiPolygon([box(179.9, -17, 180, -16.9), box(-180, -17, -179.9, -16.9)])
    town = [station("island", geometry=island), station("point", -179.7, -16.95)]
    (first, second) = nearest(Snapshot.of(town), query(lon=-179.8, lat=-16.95))
    assert first.station.id == "island"
    assert first.distance_m == pytest.approx(GEOD.inv(-179.8, -16.95, -179.9, -16.95)[2], abs=1)
    assert second.station.id == "point"


def test_the_180_degree_meridian_is_no_border():
    town = [station("near", -179.99, 10), station("far", 179.5, 10)]
    assert found(town, lon=179.99, lat=10) == ["near", "far"]


def test_empty_snapshot_has_no_answer():
    assert found([]) == []
    assert found([], needs=frozenset({"toilet"}), categories=frozenset({"mobile"}), radius_m=5, h24=True) == []


def test_limit_above_the_number_of_stations_gives_all():
    assert found([station("b"), station("a")], limit=100) == ["a", "b"]


def test_only_what_one_can_use_is_found():
    town = [
        station("any"), station("face", entry=Entry(ways=("face",), admits="members", registration=True)),
        station("door", entry=Entry(ways=("open_door",), admits="everyone", registration=False)),
    ]  # fmt: skip
    assert found(town) == ["any", "door", "face"]
    assert found(town, ways=frozenset({"open_door", "staff"})) == ["any", "door"]
    assert found(town, who=frozenset({"everyone"})) == ["any", "door"]
    assert found(town, who=frozenset({"members"})) == ["any", "door", "face"]
    assert found(town, no_registration=True) == ["door"]


def test_box_holds_what_touches_it():
    town = [station("in", 113.0, 28.0), station("edge", 113.1, 28.0), station("out", 113.11, 28.0),
            station("park", geometry=box(113.05, 28.05, 113.3, 28.3))]  # fmt: skip
    assert found(town, lon=113.0, lat=28.0, bbox=(112.9, 27.9, 113.1, 28.1)) == ["in", "park", "edge"]
    assert found([station("samoa", -172, -14), station("miluo")], bbox=(170, -20, -170, 0)) == ["samoa"]


def test_clocks_that_change_are_asked_of_the_hours():
    town = [station("a", -74, 40.7, opening_hours="Mo-Su 08:00-20:00")]
    snapshot = Snapshot.of(town, zone="America/New_York")
    for at, usable in (
        (datetime(2026, 11, 1, 12, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 1, 13, tzinfo=UTC), True),
    ):
        assert bool(nearest(snapshot, query(lon=-74, lat=40.7, at=at))) is usable


def test_far_off_moments_are_answered_too():
    town = [station("a", opening_hours="2031 Jan 01-2031 Dec 31 08:00-20:00")]
    assert found(town, at=datetime(2031, 6, 1, 4, tzinfo=UTC)) == ["a"]
    assert found(town, at=datetime(2032, 6, 1, 4, tzinfo=UTC)) == []


@settings(max_examples=40, deadline=None)
@given(
    towns(points() | polygons(max_size=0.3), max_size=20),
    queries(),
    st.lists(st.tuples(lons(), lats()), max_size=6),
)
def test_many_places_are_answered_as_one_by_one(stations, query, places):
    snapshot = Snapshot.of(stations)
    lon, lat = np.array(places, dtype=float).reshape(-1, 2).T
    rows, distances = nearest_many(snapshot, lon, lat, query)
    assert rows.shape == distances.shape == (len(places), query.limit)
    for place, *found in zip(places, rows.tolist(), distances.tolist(), strict=True):
        answer = nearest(snapshot, replace(query, lon=place[0], lat=place[1]))
        padding = query.limit - len(answer)
        assert found[0] == [match.row for match in answer] + [-1] * padding
        assert found[1] == pytest.approx([m.distance_m for m in answer] + [np.inf] * padding, abs=2e-4)


def test_many_places_in_a_town_are_answered_as_one_by_one():
    random = np.random.default_rng(2)
    lon, lat = random.normal(LON, 0.05, 3000), random.normal(LAT, 0.05, 3000)
    hours = [HOURS[i] for i in random.integers(0, len(HOURS), 3000)]
    snapshot = Snapshot.of(
        station(f"s{i:04}", x, y, opening_hours=h) for i, (x, y, h) in enumerate(zip(lon, lat, hours, strict=True))
    )
    x, y = random.normal(LON, 0.05, 200), random.normal(LAT, 0.05, 200)
    for asked in (query(limit=3), query(limit=3, mode="walk", radius_m=800.0)):
        rows, distances = nearest_many(snapshot, x, y, asked, threads=2)
        for place, *found in zip(zip(x, y, strict=True), rows.tolist(), distances, strict=True):
            answer = nearest(snapshot, replace(asked, lon=place[0], lat=place[1]))
            assert [row for row in found[0] if row >= 0] == [match.row for match in answer]
            assert found[1][: len(answer)] == pytest.approx([m.distance_m for m in answer], abs=2e-4)


def test_place_off_the_earth_is_refused_among_many():
    with pytest.raises(QueryError, match="lat"):
        nearest_many(Snapshot.of([station("a")]), np.array([0.0, 1.0]), np.array([0.0, 91.0]), query())


def test_station_that_opens_after_days_of_walking_is_found():
    chance = np.random.default_rng(4)
    town = [
        station(f"{kind}{i:03}", *place, opening_hours=hours)
        for kind, hours, count in (("d", "Mo-Fr 08:00-20:00", 300), ("w", "Sa,Su 09:00-17:00", 100))
        for i, place in enumerate(chance.normal((LON + 3, LAT), 0.05, (count, 2)).tolist())
    ]  # fmt: skip
    for days in range(4):  # three hundred kilometres on foot take three days
        asked = query(mode="walk", at=AT + timedelta(days=days), limit=3)
        found, expected = nearest(Snapshot.of(town), asked), brute_force(town, asked)[:3]
        assert [match.station.id for match in found] == [pair[2] for pair in expected]
        assert [match.distance_m for match in found] == pytest.approx([pair[1] for pair in expected], abs=1e-6)


def test_hour_that_the_clocks_skip_takes_no_time():
    town = [station("a", -74, 40.7, opening_hours="02:00-22:00"), station("b", -74, 40.7, opening_hours="24/7")]
    snapshot = Snapshot.of(town, zone="America/New_York")
    zone = ZoneInfo("America/New_York")
    for at in (datetime(2026, 11, 1, 0, 30, tzinfo=zone), datetime(2026, 3, 7, 23, tzinfo=zone)):
        for lat in (40.7, 40.78, 41.18, 42.0):
            local, utc = (
                nearest(snapshot, query(mode="walk", lon=-74, lat=lat, at=moment, usable_only=False))
                for moment in (at, at.astimezone(UTC))
            )
            assert [(m.row, m.arrives, m.state) for m in local] == [(m.row, m.arrives, m.state) for m in utc]


def test_tree_that_cannot_be_compiled_is_done_without(monkeypatch):
    usual = builtins.__import__

    def without_numba(name, *rest):
        if name == "locator.tree":
            raise RuntimeError("cannot cache function: no locator available")
        return usual(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_numba)
    assert found([station("b"), station("a")]) == ["a", "b"]
