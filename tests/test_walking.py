"""The nearest by the streets are those that measuring every one of them along the streets finds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import Point, Polygon
from street_town import lonlat, town

from locator.nearest import Prepared, Rank, nearest
from locator.query import Query
from locator.snapshot import Snapshot
from locator.station import Station
from locator.streets.snapping import main_edges, snap
from locator.streets.travel import Heading, distance_matrix
from locator.walking import OnStreets

AT = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # noon in China
GEOD = Geod(ellps="WGS84")
NETWORK, ONE_WAY = town(oneway=False), town()


def station(code, place, **given):
    lon, lat = lonlat([place])[0]
    return Station(**({"id": code, "name": "n", "geometry": Point(lon, lat), "opening_hours": "24/7"} | given))


def asked(place, **given):
    lon, lat = lonlat([place])[0]
    return Query(**({"lon": lon, "lat": lat, "at": AT, "mode": "walk"} | given))


def found(stations, place, network=NETWORK, **given):
    on = OnStreets(Snapshot.of(stations), network)
    return [
        (match.station.id, round(match.distance_m), match.basis)
        for match in on.answer(asked(place, **given)).matches
    ]


def test_what_is_near_across_the_block_is_far_by_the_streets():
    # From the deck of the bridge ⑨ the street below is 110 m away; one goes down its end and around by ⑧.
    below, beside = station("a", (610, 200)), station("b", (600, 390))
    assert found([below, beside], (600, 90)) == [("b", 300, "network"), ("a", 680, "network")]
    line = nearest(Snapshot.of([below, beside]), asked((600, 90)))
    assert [(match.station.id, match.basis) for match in line] == [("a", "straight_line"), ("b", "straight_line")]


def test_radius_means_metres_along_the_streets():
    stations = [station("a", (610, 200)), station("b", (600, 390))]
    on = OnStreets(Snapshot.of(stations), NETWORK)
    metres = on.answer(asked((600, 90))).matches[1].distance_m
    assert len(on.answer(asked((600, 90), radius_m=metres)).matches) == 2
    assert [name for name, *_ in found(stations, (600, 90), radius_m=metres - 0.001)] == ["b"]
    assert found(stations, (600, 90), radius_m=200) == []


def test_usable_on_arrival_by_the_minutes_along_the_streets():
    # 680 m at 1.2 m/s are 9 min 27 s, in a straight line it would be a minute and a half.
    closes = station("a", (610, 200), opening_hours="08:00-12:05")
    opens = station("b", (610, 200), opening_hours="12:06-18:00")
    assert [name for name, *_ in found([closes, opens], (600, 90))] == ["b"]
    assert [name for name, *_ in found([closes, opens], (600, 90), usable_only=False)] == ["b", "a"]
    (match,) = OnStreets(Snapshot.of([opens]), NETWORK).answer(asked((600, 90))).matches
    assert match.travel_s == pytest.approx(680 / 1.2, abs=0.1)
    assert match.arrives == AT + timedelta(seconds=match.travel_s)
    assert match.outlook.state.is_usable


def test_without_a_street_near_it_a_station_is_measured_in_a_line_and_says_so():
    stations = [station("field", (1300, 900)), station("town", (800, 600)), station("further", (0, 0))]
    assert found(stations, (800, 400)) == [
        ("town", 200, "network"),
        ("field", 707, "straight_line"),
        ("further", 1083, "network"),
    ]


def test_without_a_street_near_the_place_all_is_measured_in_a_line():
    stations = [station("a", (610, 200)), station("b", (600, 390))]
    for place in ((1500, 1500), (90_000, 90_000)):
        query = asked(place)
        answer = OnStreets(Snapshot.of(stations), NETWORK).answer(query)
        assert answer.matches == nearest(answer.matches[0].snapshot, query)


def test_to_the_other_bank_no_way_leads():
    bank = station("a", (100, -300))
    stations = [bank, station("b", (800, 600)), station("c", (0, 0), opening_hours=None)]
    # The nearest in a line comes behind those to which a way leads; what nobody knows the hours of, behind both.
    assert found(stations, (100, 0)) == [
        ("b", 1300, "network"),
        ("a", 300, "straight_line"),
        ("c", 100, "network"),
    ]
    assert found([bank], (100, 0), radius_m=299) == []
    assert found(stations, (200, -300))[0] == ("a", 100, "network")


def test_a_park_is_entered_from_all_around():
    park = station("park", (0, 0), geometry=Polygon(lonlat([(610, 210), (790, 210), (790, 390), (610, 390)])))
    assert found([park], (700, 600)) == [("park", 320, "network")]
    assert found([park], (700, 0)) == [("park", 320, "network")]
    # Whoever stands in it is there, though the nearest street is 90 m away.
    assert found([park], (700, 300)) == [("park", 0, "network")]


def test_ties_go_to_the_lower_id():
    stations = [station(code, (400, 400)) for code in "cab"]
    assert [name for name, *_ in found(stations, (0, 0), limit=2)] == ["a", "b"]


def test_no_stations():
    assert found([], (0, 0)) == []


def test_stations_far_from_the_network_are_left_where_they_are():
    stations = [
        station("here", (0, 0)),
        Station(id="far", name="n", geometry=Point(-67, -28.8), opening_hours="24/7"),
    ]
    assert [row[0] for row in found(stations, (0, 200))] == ["here", "far"]


HOURS = ["24/7", "08:00-12:05", "12:03-20:00", "12:10-12:20", "Mo-Fr 11:00-12:15; PH off", None, "18:00-02:00"]
spots = st.tuples(st.integers(-100, 1100), st.integers(-350, 900))


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(spots, st.sampled_from(HOURS), st.sampled_from(["yes", "no", None])), max_size=12),
    spots,
    st.sampled_from([None, 100, 500, 900]),
    st.integers(1, 6),
    st.booleans(),
    st.sampled_from(["walk", "ebike", "there"]),
    st.booleans(),
)
def test_as_measuring_every_station_finds(drawn, place, radius, limit, usable_only, mode, oneway):
    network = ONE_WAY if oneway else NETWORK
    stations = [
        station(
            f"{number:02}", spot, opening_hours=hours, facilities={} if has is None else {"toilet": has == "yes"}
        )
        for number, (spot, hours, has) in enumerate(drawn)
    ]
    query = asked(place, radius_m=radius, limit=limit, usable_only=usable_only, mode=mode, minutes=3)
    query = replace(query, needs=frozenset({"toilet"}) if len(drawn) % 2 else frozenset())
    snapshot = Snapshot.of(stations)
    answer = OnStreets(snapshot, network).answer(query)
    expected = every_one(snapshot, network, query)
    told = [(match.station.id, match.basis) for match in answer.matches]
    assert told == [(snapshot.ids[row], basis) for _, _, _, row, basis in expected]
    assert [match.distance_m for match in answer.matches] == pytest.approx([one[2] for one in expected], abs=1e-6)


def every_one(snapshot, network, query):
    """Measure every station, then filter and rank, one after the other."""
    edges = main_edges(network)
    here = snap(network, np.array([query.lon]), np.array([query.lat]), edges=edges)
    there = snap(network, snapshot.lons, snapshot.lats, edges=edges)
    pairs = distance_matrix(network, here, there, limit_m=1e6, heading=Heading.FROM_STATIONS)
    ways = dict(zip(pairs.point.tolist(), pairs.distance_m.tolist(), strict=True))
    rows = []
    for row, one in enumerate(snapshot.stations):
        line = GEOD.inv(query.lon, query.lat, one.geometry.x, one.geometry.y)[2]
        metres = ways.get(row, line)
        if any(one.has(code) is not True for code in query.needs) or metres > (query.radius_m or np.inf):
            continue
        moment = query.at + timedelta(seconds=metres * query.s_per_m)
        outlook = one.hours(zone=snapshot.zone, country=snapshot.country).outlook(moment)
        rank = Rank.USABLE if outlook.usable_for(moment, query.need_minutes) else Rank.CLOSED
        if rank is Rank.CLOSED and outlook.state == "unknown":
            rank = Rank.UNKNOWN
        if rank is Rank.CLOSED and query.usable_only:
            continue
        no_way = here.edge[0] >= 0 and there.edge[row] >= 0 and row not in ways
        rows.append((rank, no_way, metres, row, "network" if row in ways else "straight_line"))
    return sorted(rows)[: query.limit]


def test_prepared_is_asked_as_in_a_line():
    snapshot = Snapshot.of(
        [station("a", (0, 0), opening_hours="08:00-12:05"), station("b", (100, 0), opening_hours=None)]
    )
    prepared = Prepared(snapshot, asked((0, 0)))
    ranks = prepared.ranks_of(prepared.rows, np.array([0.0, 0.0]), AT.timestamp())
    assert ranks.tolist() == [Rank.USABLE, Rank.UNKNOWN]
