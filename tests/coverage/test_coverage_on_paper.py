"""Every figure of the town of twelve streets, as one works it out on paper from the ways in paper_town.py."""

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from paper_town import AREAS, DAY, DIAGONAL_M, LINES, PEOPLE, STATIONS, place, study

from locator.coverage.audit import measure_audit
from locator.coverage.backup import measure_backup
from locator.coverage.capacity import measure_capacity
from locator.coverage.criteria import Terms, Threshold
from locator.coverage.equity import measure_equity
from locator.coverage.facilities import measure_facilities
from locator.coverage.gaps import measure_gaps
from locator.coverage.heat import measure_heat
from locator.coverage.hours import measure_hours
from locator.coverage.reach import measure_reach
from locator.coverage.spacing import measure_spacing
from locator.hours import Closure
from locator.snapshot import Snapshot
from locator.station import Station
from locator.translation import translator

ZONE = ZoneInfo("Asia/Shanghai")
NEAR = pytest.approx
TOWN = {name: PEOPLE[name] for name in ("p1", "p2", "p3", "p4", "p5")}  # 400 people, without the other bank


def at(day, hour):
    return datetime(2026, 11, day, hour, tzinfo=ZONE)


def by(table, key="name"):
    return {row[key]: row for row in table.rows()}


def test_reach():
    """Within 300 m: p1 and p3, 300 of 400. Within 500 m: everybody. West 100 and 170 of 170, east 200 and 230.

    Nearest: p3 200 m (200 people), p1 282.84 (100), p2, p4, p5 400 (100): median 200, nine tenths 400,
    mean (200 · 200 + 100 · 282.84 + 100 · 400) / 400 = 270.71.
    """
    found = measure_reach(study(people=TOWN))
    people = found.reached["residents"]
    assert people.total == 400
    assert people.within[:, 0].tolist() == [300, 400]
    assert people.within_by_area[:, :, 0].tolist() == [[200, 230], [100, 170]]
    assert found.spread.mean == NEAR((80_000 + 100 * DIAGONAL_M) / 400, abs=0.01)
    assert (found.spread.median, found.spread.p90, found.spread.worst) == NEAR((200, 400, 400), abs=0.01)
    assert found.spread.beyond == 0


def test_reach_leaves_out_whom_no_street_leads_to():
    """The 50 on the other bank have streets, but none that leads over the river: 300 and 400 of 450."""
    found = measure_reach(study())
    assert found.reached["residents"].within[:, 0].tolist() == [300, 400]
    assert found.reached["residents"].total == 450
    assert found.spread.beyond == 50
    assert found.spread.worst == np.inf
    notes = [note.message for note in found.about.notes]
    assert any("none of the areas" in note for note in notes)


def test_reach_of_streets():
    """Within 300 m along the streets, station A alone.

    From (200, 200) each of the four ways goes on 100 m beyond the next crossing, where it branches: west to (0, 200)
    and 100 m up and down ⑤; east to (400, 200) and 100 m on, up and down; north to (200, 400) and 100 m left, right
    and up; south to (200, 0) and 100 m left and right; and the diagonal ⑫ to (0, 0) and 17.16 m up ⑤ and along ①.
    That makes 4 · 200 + 2 · 100 + 3 · 100 + 3 · 100 + 2 · 100 + 282.84 + 2 · 17.16 = 2117.16 m. Counted by pieces of
    at most 50 m, each by its middle, so within 25 m for each of the 12 ends.
    """
    found = measure_reach(study(stations=STATIONS[:1], people=TOWN))
    streets = found.reached["street_m"]
    assert streets.within[0, 0] == NEAR(2117.16, abs=12 * 25)
    assert streets.total == NEAR(float(study().network.length_m.sum()))


def test_reach_at_a_moment():
    """At 02:00 only A: p1 and p2 within 500 m, 150 of 400; perhaps C too: p3 and p5 more, 370."""
    found = measure_reach(study(people=TOWN), at=at(25, 2))
    assert found.reached["residents"].within[1].tolist() == [150, 370]


def test_hours():
    """A always: 150. B from Monday to Friday, 8 to 17 o'clock: p3 and p4 more, 380. C perhaps: 370 and 400."""
    found = measure_hours(study(people=TOWN))
    within, possible = found.within["residents"], found.within_possible["residents"]
    open_ = np.array([day < 5 and 8 <= hour < 18 for day in range(7) for hour in range(24)])
    assert within[:168].tolist() == np.where(open_, 380, 150).tolist()
    assert possible[:168].tolist() == np.where(open_, 400, 370).tolist()
    assert found.stations[:168].tolist() == np.where(open_, 2, 1).tolist()
    assert found.within_by_area[:, 0].tolist() == [0, 150]
    assert found.week.first.isoformat() == "2026-11-23"
    assert found.week.holiday.isoformat() == "2027-01-01"
    assert len(within) == 192
    assert found["week"].columns["wednesday"][8] == 0.95


def test_week_is_the_same_whatever_the_days_of_a_station():
    """A opened on the day itself, exists until the next, and will be shut then: on the day its week is as ever."""
    short = replace(
        STATIONS[0], valid_from=DAY, valid_to=date(2026, 11, 26),
        closures=(Closure(date(2026, 11, 26), date(2026, 11, 26)),),
    )  # fmt: skip
    before, after = (study(people=TOWN, stations=[one, *STATIONS[1:]]) for one in (STATIONS[0], short))
    assert measure_hours(after).within["residents"].tolist() == measure_hours(before).within["residents"].tolist()
    assert measure_heat(after).share.tolist() == measure_heat(before).share.tolist()
    assert measure_gaps(after).unserved.tolist() == measure_gaps(before).unserved.tolist()
    assert after.supply.around_the_clock.sure[:, 0].tolist() == [True, False, False]


def test_hours_with_a_stay_of_two_hours():
    """B closes at 18: whoever stays two hours has to be there at 16, which counts, and no later."""
    found = measure_hours(study(people=TOWN, stay_minutes=120))
    assert found.stations[24 + 15 : 24 + 18].tolist() == [2, 2, 1]


def test_facilities():
    """Within 500 m. Toilet: A 150, perhaps B 380 (C has none). Without a face scan: A and C 370. Around the clock:
    A 150, perhaps C 370. Without registration: A 150, perhaps C 370. Not members only: A and C 370."""
    found = measure_facilities(study(people=TOWN))
    rows = {one.code: place for place, one in enumerate(found.asked)}
    shares = {code: (found.share[row] * 400, found.share_possible[row] * 400) for code, row in rows.items()}
    assert shares["any"] == (400, 400)
    assert shares["toilet"] == NEAR((150, 380))
    assert shares["no_face"] == NEAR((370, 370))
    assert shares["h24"] == NEAR((150, 370))
    assert shares["no_registration"] == NEAR((150, 370))
    assert shares["not_members_only"] == NEAR((370, 370))
    assert shares["hot_water"] == NEAR((380, 400))


def test_backup():
    """Stations within 500 m: p1 A; p2 A and B; p3 B and C; p4 B; p5 C. Two: p2 and p3, 250. Three: nobody.

    Alone: A has p1, 100; B p4, 30; C p5, 20. Over a week A is alone for p1 in 168 hours and for p2 in all but the 50
    of B: 16,800 + 5,900; B for p3 and p4 in 50 hours: 11,500; C's hours nobody knows.
    """
    found = measure_backup(study(people=TOWN))
    assert found.within.tolist() == [400, 250, 0]
    assert found.lost.tolist() == [100, 30, 20]
    assert found.lost_hours.tolist() == [22_700, 11_500, 0]
    assert found.reached.tolist() == [150, 280, 220]
    assert found["stations"].columns["id"] == ["A", "B", "C"]


def test_equity():
    """Ways: 200 m for 200 people, 282.84 for 100, 400 for 100. Gini as the mean difference of two people over twice
    the mean: pairs 200-282.84 (2 · 200 · 100), 200-400 (the same), 282.84-400 (2 · 100 · 100)."""
    found = measure_equity(study(people=TOWN))
    differences = 40_000 * (DIAGONAL_M - 200) + 40_000 * 200 + 20_000 * (400 - DIAGONAL_M)
    mean = (80_000 + 100 * DIAGONAL_M) / 400
    assert found.gini_distance == NEAR(differences / 400**2 / (2 * mean), abs=1e-6)
    assert [AREAS[row].id for row in found.worst_first] == ["west", "east"]
    assert found.percentiles_m[2] == NEAR(200, abs=0.01)


def test_capacity():
    """Catchments of 600 m, zones to 200, 400 and 600 m, weights 1, 0.68, 0.22; C's room nobody knows.

    A, 10 places: p1 and p2 in the second zone, p3 and p5 in the third: 0.68 · 150 + 0.22 · 220 = 150.4 people.
    B, 20 places: p3 in the first, p2 and p4 in the second: 200 + 0.68 · 80 = 254.4.
    """
    found = measure_capacity(study(people=TOWN, within=Threshold("m", 600)))
    a, b = 10 / 150.4, 20 / 254.4
    assert found.ratio[:2] == NEAR((a, b))
    assert np.isnan(found.ratio[2])
    assert found.access == NEAR([0.68 * a, 0.68 * (a + b), 0.22 * a + b, 0.68 * b, 0.22 * a])
    assert (found.access * study(people=TOWN).weight).sum() == NEAR(30)
    assert found.unknown == 1


def test_audit():
    """Both areas have a station inside. Within 500 m everybody has one; within 300 m neither area nine tenths."""
    found = measure_audit(study(people=TOWN, street_within_m=300))
    met = {one.code: (one.met, one.of) for one in found.criteria}
    assert met["area_inside"] == met["area_reached"] == met["area_both"] == (2, 2)
    rows = by(found["areas"])
    assert rows["西社区"]["station_names"].text(translator("zh")) == "甲站"
    assert rows["东社区"]["station_names"].text(translator("zh")) == "乙站、丙站"
    assert rows["东社区"]["station_names"].text(translator("en")) == "乙站, 丙站"
    assert rows["东社区"]["oldest_verification"].isoformat() == "2023-02-01"
    near = measure_audit(study(people=TOWN, within=Threshold("m", 300)))
    assert {one.code: one.met for one in near.criteria}["area_reached"] == 0
    assert near.share == NEAR([200 / 230, 100 / 170])


def test_audit_of_streets():
    """① from station to station: what is within 300 m of A comes by (200, 0), x from 100 to 300, and by the diagonal,
    to x = 17.16; of B from x = 500 on. So 82.84 and 200 m are bare. ⑩ is 200 m from B where it begins: its second
    half is bare. B is at ①; no station is at ⑩."""
    found = measure_audit(study(people=TOWN, street_within_m=300))
    lengths = [(found.streets[one.street].name, one.length_m) for one in found.stretches]
    assert lengths == [("①", NEAR(200, abs=0.01)), ("①", NEAR(382.84 - 300, abs=0.01)), ("⑩", NEAR(100, abs=0.01))]
    rows = by(found["streets"])
    assert rows["①"]["length_m"] == 800
    assert rows["①"]["uncovered_m"] == 283
    assert rows["①"]["stations_at_street"] == 1
    assert rows["⑩"]["stations_at_street"] == 0
    met = {one.code: (one.met, one.of) for one in found.criteria}
    assert met["street_beside"] == (1, 2)
    assert met["street_near"] == (0, 2)


def test_which_station_covers_which_area():
    """East: B inside with all 230 of its people, C inside with 200, and A reaches none of them within 500 m.

    West: A inside with p1 and p2; B reaches p2, C p5.
    """
    rows = [(row["area"], row["station_id"], row["inside"], row["residents_within"]) for row in
            measure_audit(study(people=TOWN))["covering"].rows()]  # fmt: skip
    assert rows == [
        ("东社区", "B", True, 230),
        ("东社区", "C", True, 200),
        ("西社区", "A", True, 150),
        ("西社区", "B", False, 50),
        ("西社区", "C", False, 20),
    ]


def test_spacing():
    """A and C are 600 m apart, B and C too, A and B 800. ① is 800 m with B at its end: one stretch of 800 m."""
    found = measure_spacing(study(people=TOWN, crowded_m=601, stretch_m=700))
    assert found.pairs.tolist() == [[0, 2], [1, 2]]
    assert found.pair_m == NEAR([600, 600], abs=0.01)
    assert [(found.streets[one.street].name, round(one.length_m)) for one in found.stretches] == [("①", 800)]
    assert not len(measure_spacing(study(people=TOWN, crowded_m=599)).pairs)


def test_spacing_counts_whoever_has_what_is_asked():
    """Only A has a toilet for sure: no pair is left, and E in the middle of ① does not halve it."""
    middle = Station(
        id="E", name="戊站", geometry=place(400, 0), opening_hours="24/7", facilities={"toilet": False}
    )
    needs = Terms(needs=frozenset({"toilet"}))
    found = measure_spacing(
        study(people=TOWN, stations=[*STATIONS, middle], crowded_m=601, stretch_m=300, terms=needs)
    )
    assert not len(found.pairs)
    assert [(found.streets[one.street].name, round(one.length_m)) for one in found.stretches] == [("①", 800)]
    assert found.about.denominator.details["stations"] == 1


def test_heat():
    """A has air conditioning and water and never closes: 150. B too from Monday to Friday: 380. C perhaps."""
    found = measure_heat(study(people=TOWN))
    assert (found.share * 400)[:7].tolist() == [380] * 5 + [150] * 2
    assert (found.share_possible * 400)[:7].tolist() == [400] * 5 + [370] * 2


def test_gaps():
    """Of C nobody knows the hours; B opens from Monday to Friday, 50 hours; p1 and p2 have A at every hour.

    p3: 118 hours by C, who knows. p4: 118 closed. p5: 168 by C, who knows. From one place to the nearest it is 200
    (twice), 400 (twice) and 566 m, usually 400: up to 1.6 times that they are neighbours, so p3 and p5, 566 m apart,
    whose reason and station are the same, are one gap.
    """
    found = measure_gaps(study(people=TOWN))
    assert found.unserved.tolist() == [0, 0, 118, 118, 168]
    assert [(gap.reason, gap.because, gap.people, gap.people_hours) for gap in found.gaps] == [
        ("unknown", "丙站", 220, 200 * 118 + 20 * 168),
        ("closed", "乙站", 30, 30 * 118),
    ]
    assert [gap.nearest_m for gap in found.gaps] == NEAR([(200 * 200 + 20 * 400) / 220, 400], abs=0.01)
    reasons = by(found["reasons"], "reason")
    hours = {note.message: row["people_hours"] for note, row in reasons.items()}
    assert hours == {"hours or entry unknown": 200 * 118 + 20 * 168, "closed then": 30 * 118}


def test_who_is_served_only_by_a_face_scan_is_told():
    """p3 and p4 have B's scan and nothing else in 50 hours; p2 has A then too."""
    found = measure_gaps(study(people=TOWN))
    assert found.face_only.tolist() == [0, 0, 50, 50, 0]
    assert [*found["face_only"].rows()] == [
        {"station_id": "B", "station": "乙站", "people": 230, "people_hours": 230 * 50}
    ]
    assert any("also a face scan" in note.message for note in found.about.criteria)


def test_gaps_of_who_cannot_scan_a_face():
    """Without a scan B serves nobody: p3's 50 hours and p4's go to it."""
    found = measure_gaps(study(people=TOWN, terms=Terms(ways=frozenset({"open_door", "qr_code"}))))
    assert found.unserved.tolist() == [0, 0, 168, 168, 168]
    reasons = by(found["reasons"], "reason")
    hours = {note.message: row["people_hours"] for note, row in reasons.items()}
    assert hours == {
        "opens to a face scan only": 230 * 50,
        "hours or entry unknown": 200 * 118 + 20 * 168,
        "closed then": 30 * 118,
    }
    assert found["face_only"].columns["station_id"] == []
    assert not any("also a face scan" in note.message for note in found.about.criteria)


@pytest.mark.parametrize(
    "terms", [Terms(), Terms(ways=frozenset({"open_door"})), Terms(needs=frozenset({"toilet"}))]
)
def test_gaps_are_what_the_hours_do_not_reach(terms):
    """People times hours of the gaps and of those who are served are all there are, by one rule."""
    town = study(people=TOWN, terms=terms)
    gaps, hours = measure_gaps(town), measure_hours(town)
    served = hours.within["residents"][:168].sum()
    assert sum(gap.people_hours for gap in gaps.gaps) + served == 400 * 168
    never_closed = replace(town, snapshot=Snapshot.of([replace(one, opening_hours="24/7") for one in STATIONS]))
    within = measure_reach(never_closed).reached["residents"].within[1, 0]
    assert sum(gap.people for gap in measure_gaps(never_closed).gaps) + within == 400


def test_gap_behind_a_river():
    found = measure_gaps(study(within=Threshold("m", 600)))
    (gap,) = [gap for gap in found.gaps if gap.reason == "water"]
    assert (gap.because, gap.people, gap.people_hours) == ("大河", 50, 50 * 168)
    assert gap.nearest_m == np.inf
    assert found["gaps"].frame().geometry.intersects(place(150, -300)).sum() == 1


def test_gaps_of_some_hours():
    """From 8 to 10 o'clock on seven days: 14 hours."""
    found = measure_gaps(study(people=TOWN), hours=[8, 9])
    assert found.unserved.tolist() == [0, 0, 4, 4, 14]
    assert found.hours == 14


def test_gap_of_terms():
    """Whoever needs a toilet has A; C, if it never closed, has none: p3 and p5 lack what they ask for."""
    always = replace(STATIONS[2], opening_hours="24/7")
    needs = Terms(needs=frozenset({"toilet"}))
    found = measure_gaps(study(people=TOWN, stations=[*STATIONS[:2], always], terms=needs), hours=[2])
    assert [(gap.reason, gap.because, gap.people) for gap in found.gaps] == [
        ("terms", "丙站", 220),
        ("closed", "乙站", 30),
    ]


def test_a_station_that_is_shut_or_planned_does_not_count():
    closed = Station(id="E", name="戊站", geometry=place(1000, 200), status="planned", opening_hours="24/7")
    found = study(people=TOWN, stations=[*STATIONS, closed])
    assert found.supply.ids == ("A", "B", "C")
    assert dict(found.supply.left_out) == {"planned": 1, "suspended": 1, "closed": 0, "not_valid": 0, "shut": 0}


def test_straight_lines_are_labelled():
    """p1 to A is 282.84 m straight too; p5 to A 447.21, p3 to A 600; p6 to A 502.49."""
    found = measure_reach(study(network=None, streets=LINES))
    assert found.about.is_straight
    assert "STRAIGHT" in found.about.network.message
    assert found.distance_m == NEAR([DIAGONAL_M, 282.8427, 200, 282.8427, 282.8427, 502.4938], abs=0.01)
