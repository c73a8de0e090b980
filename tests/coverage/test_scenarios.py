"""Scenarios: laws of what they make of the stations, the town on paper, and what they refuse."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paper_town import STATIONS, box, place, study

from locator.coverage.comparison import compare, cost_of
from locator.coverage.edits import Closing, Moving, NewHours, Opening, edit_from_record, edit_to_record, mark_of
from locator.coverage.measures import MEASURES
from locator.coverage.proposal import explain
from locator.coverage.reach import measure_reach
from locator.coverage.scenario import (
    Scenario,
    applied,
    free_code,
    new_edit,
    renewed,
    troubles,
    with_edit,
    without_edit,
)
from locator.coverage.siting.solving import Search
from locator.coverage.supposing import supposed
from locator.errors import Conflict, InvalidValue, LocatorError, NotFound, QueryError
from locator.place import CandidateSite
from locator.record import station_to_record
from locator.snapshot import Snapshot
from locator.station import Station
from locator.translation import translator

EN = translator("en")
TOWN = Snapshot.of(STATIONS)
SPOTS = st.tuples(st.integers(0, 1000), st.integers(0, 800))


PARKS = st.builds(lambda x, y: box(x, y, x + 150, y + 90), st.integers(0, 900), st.integers(0, 700))


def opening(code, spot, hours="24/7", **parts):
    return Opening(station=Station(id=code, name=code, geometry=place(*spot), opening_hours=hours), **parts)


def edit(code, scenario=Scenario(name="s"), **parts):  # noqa: B008 - frozen
    return new_edit(TOWN, scenario, code, **parts)


def scenario(*edits, town=TOWN, name="s"):
    found = Scenario(name=name)
    for one in edits:
        found = with_edit(found, one, town)
    return found


def said(snapshot):
    return [
        (station_to_record(one), one.geometry.wkb)
        for one in (snapshot.stations[row] for row in range(len(snapshot.ids)))
    ]


def told(result):
    """Return all figures of a result."""
    return [
        (
            table.name,
            [
                [value.text(EN) if hasattr(value, "text") else value for value in row.values()]
                for row in table.rows()
            ],
        )
        for table in result.tables
    ]


CHANGES = st.one_of(
    st.builds(lambda spot: opening("N", spot), SPOTS),
    st.builds(lambda park: Opening(station=Station(id="P", name="P", geometry=park, opening_hours="24/7")), PARKS),
    st.builds(edit, st.sampled_from("ABC")),
    st.builds(lambda code, spot: edit(code, geometry=place(*spot)), st.sampled_from("ABC"), SPOTS),
    st.builds(lambda code, park: edit(code, geometry=park), st.sampled_from("ABC"), PARKS),
    st.builds(
        lambda code, text: edit(code, hours=text),
        st.sampled_from("ABC"),
        st.sampled_from(["24/7", "", "Mo 08:00-10:00"]),
    ),
    st.builds(lambda code: edit(code, facilities={"toilet": True}), st.sampled_from("ABC")),
)


# -- laws


@pytest.mark.parametrize("measure", MEASURES)
def test_empty_scenario_is_the_present(measure):
    present = study()
    after = supposed(present, Scenario(name="empty"))
    assert after.snapshot is present.snapshot
    assert told(MEASURES[measure](after)) == told(MEASURES[measure](present))


def test_study_of_a_scenario_is_another_one_for_caches():
    present = study()
    keys = {present.key, supposed(present, scenario(edit("A"))).key, supposed(present, scenario(edit("B"))).key}
    assert len(keys) == 3


def test_scenario_and_its_inverse_leave_the_stations_as_they_are():
    there = scenario(
        edit("A", geometry=place(500, 500)),
        edit("B", hours="24/7"),
        edit("C", facilities={"toilet": True, "wifi": True}),
    )
    changed = applied(TOWN, there.edits)
    assert said(changed) != said(TOWN)
    back = scenario(
        new_edit(changed, there, "A", geometry=place(200, 200)),
        new_edit(changed, there, "B", hours="Mo-Fr 08:00-18:00"),
        new_edit(changed, there, "C", facilities={"toilet": False, "wifi": None}),
        town=changed,
    )
    assert said(applied(changed, back.edits)) == said(TOWN)


def test_opening_and_closing_again_is_nothing():
    there = with_edit(Scenario(name="s"), opening("N", (400, 200)), TOWN)
    assert with_edit(there, new_edit(TOWN, there, "N"), TOWN).edits == ()


@settings(deadline=None, max_examples=15)
@given(st.lists(SPOTS, min_size=1, max_size=3))
def test_opening_never_lowers_reach(spots):
    present = study()
    after = supposed(present, scenario(*(opening(f"N{number}", spot) for number, spot in enumerate(spots))))
    found = compare(present, after)
    assert found.lost == 0
    assert (found.hours[:, 1] >= found.hours[:, 0]).all()
    for kind, one in measure_reach(present).reached.items():
        assert (measure_reach(after).reached[kind].within >= one.within - 1e-9).all()


@settings(deadline=None, max_examples=20)
@given(st.lists(CHANGES, max_size=4), st.booleans())
def test_distances_that_are_kept_are_those_measured_anew(changes, straight):
    found = Scenario(name="s")
    for change in changes:
        try:
            found = with_edit(found, change, TOWN)
        except LocatorError:
            continue
    parts = {"network": None} if straight else {}
    present = study(**parts)
    _ = present.distances, present.pieces, present.ground
    kept = supposed(present, found)
    anew = supposed(study(**parts), found)
    pairs = [(kept.distances, anew.distances), (kept.ground.distances, anew.ground.distances)]
    if not straight:
        pairs.append((kept.pieces.distances, anew.pieces.distances))
    for one, other in pairs:
        assert (one.offsets == other.offsets).all()
        assert (one.station == other.station).all()
        assert np.allclose(one.distance_m, other.distance_m, atol=1e-6)
    assert kept.supply.ids == anew.supply.ids


@settings(deadline=None, max_examples=30)
@given(st.lists(CHANGES, max_size=4))
def test_edits_come_back_from_their_records(changes):
    assert tuple(edit_from_record(edit_to_record(one)) for one in changes) == tuple(changes)


# -- the town on paper


def test_comparison_on_paper():
    """A station at p2 and none at B: within 500 m p3 (200) has C at 400 still, p4 (30) nobody."""
    present = study()
    after = supposed(present, scenario(edit("B", cost_cny_year=-500), opening("N", (400, 0), cost_cny_year=2_000)))
    found = compare(present, after)
    assert (found.gained, found.lost, found.cost) == (0, 30, 1_500)
    assert found.cost_per_person is None
    rows = {row["id"]: row for row in found["areas"].rows()}
    assert [row["id"] for row in found["areas"].rows()] == ["west", "east"]
    assert (rows["east"]["first"], rows["east"]["second"], rows["east"]["people_lost"]) == (230, 200, 30)
    # p2 has A all week anyway; p1 at 400 m too; B was usable 50 h for p3 and p4, and C's hours nobody knows.
    assert found.person_hours == -50 * 230
    (point,) = [row for row in found["points"].rows() if row["change"] == -1]
    assert (point["id"], point["people"]) == ("p4", 30)


def test_cost_of_each_person_more():
    """p5 (20) is 400 m from C, p6 on the other bank from nobody: one station there costs 50 a person."""
    straight = study(network=None)
    found = compare(straight, supposed(straight, scenario(opening("N", (150, -300), cost_cny_year=2_500))))
    assert (found.gained, found.cost_per_person) == (50, 50)
    assert found.cost_per_person_hour == pytest.approx(2_500 / (50 * 168))


def test_openings_without_a_cost_leave_the_cost_unknown():
    after = supposed(study(), scenario(opening("N", (0, 0))))
    assert cost_of(after) is None
    assert compare(study(), after).cost is None
    assert cost_of(supposed(study(), scenario(edit("A")))) == 0


def test_two_scenarios_compare():
    present = study()
    one = supposed(present, scenario(opening("N", (1000, 200)), name="one"))
    two = supposed(present, scenario(edit("B"), name="two"))
    found = compare(one, two)
    assert [name.text(EN) for name in found.names] == ["one", "two"]
    assert (found.gained, found.lost) == (0, 30)


def test_proposal_says_whom_each_station_serves_and_when():
    """At p4 by day: nobody is new within 500 m (B is at 400), but on Sunday noon p4 had nobody, and p3 neither."""
    present = study(people={"p3": ((800, 200), 200), "p4": ((1000, 200), 30)})
    sites = [
        CandidateSite(id="k", name="候选", geometry=place(1000, 200)),
        CandidateSite(id="far", name="远", geometry=place(0, 800)),
    ]
    after = supposed(present, scenario(opening("k", (1000, 200), "Mo-Su 10:00-14:00", site="k")))
    found = explain(present, after, sites, search=Search(time_limit_s=20))
    (serving,) = found.servings
    assert (serving.newly, serving.alone) == (0, 0)
    assert serving.by_hour[12] == 0  # Monday noon: B is open
    assert serving.by_hour[6 * 24 + 12] == 230  # Sunday noon
    assert serving.by_hour[6 * 24 + 15] == 0
    assert found.plan.value == 230
    assert [row["busiest"].text(EN) for row in found["sites"].rows()] == ["10-14 h"]


def test_proposal_finds_better_sites_and_how_much_they_are_worth():
    present = study(network=None, people={"near": ((0, 100), 10), "far": ((5_000, 100), 90)})
    sites = [
        CandidateSite(id=code, name=code, geometry=place(*spot))
        for code, spot in (("far", (5_000, 0)), ("no", (9_000, 0)))
    ]
    after = supposed(present, scenario(opening("no", (9_000, 0), site="no")))
    found = explain(present, after, sites, search=Search(time_limit_s=20))
    assert [(row["id"], row["value"]) for row in found["alternatives"].rows()] == [("far", 100)]
    assert [(step.p, step.value) for step in found.steps][:2] == [(0, 10), (1, 100)]
    assert any("covers 90 residents more" in note.text(EN) for note in found.about.notes)


def test_other_sites_are_judged_in_the_hours_that_are_asked_for():
    """At night B is shut and p3 and p4 have nobody; longer hours of B and a new station at k do equally well."""
    present = study(people={"p3": ((800, 200), 200), "p4": ((1000, 200), 30)})
    sites = [CandidateSite(id="k", name="候选", geometry=place(1000, 200), opening_hours="24/7")]
    after = supposed(present, scenario(edit("B", hours="24/7")))
    found = explain(present, after, sites, search=Search(time_limit_s=20), hours=(22, 23, 0, 1))
    assert found.plan.value == pytest.approx(230)
    assert [(row["id"], round(row["value"])) for row in found["alternatives"].rows()] == [("k", 230)]
    assert found.steps[0].value == pytest.approx(230)  # B may stay open as the scenario says
    by_day = explain(present, after, sites, search=Search(time_limit_s=20))
    assert by_day.plan is None  # whatever the hours, nothing opens


def test_a_site_has_the_hours_that_the_scenario_gives_it():
    present = study(people={"p4": ((1000, 200), 30)})
    sites = [
        CandidateSite(id="k", name="候选", geometry=place(1000, 200), opening_hours="24/7"),
        CandidateSite(id="q", name="侧", geometry=place(800, 200), opening_hours="24/7"),
    ]
    after = supposed(present, scenario(opening("k", (1000, 200), "Mo-Su 10:00-14:00", site="k")))
    found = explain(present, after, sites, search=Search(time_limit_s=20), hours=(22,))
    assert found.plan.value == 0
    assert [(row["id"], round(row["value"])) for row in found["alternatives"].rows()] == [("q", 30)]


# -- what is refused


@pytest.mark.parametrize(
    ("edits", "kind"),
    [
        ([Closing(id="Z", seen="")], NotFound),
        ([Closing(id="A", seen="another")], Conflict),
        ([edit("A"), edit("A")], InvalidValue),
        ([edit("A"), edit("A", hours="24/7")], InvalidValue),
        ([opening("A", (0, 0))], Conflict),
        ([opening("N", (0, 0)), opening("N", (0, 0))], InvalidValue),
    ],
)
def test_edits_that_cannot_be_are_said(edits, kind):
    with pytest.raises(kind):
        applied(TOWN, edits)
    (place_, error), *_ = troubles(TOWN, edits)
    assert isinstance(error, kind)
    assert place_ == len(edits) - 1


@pytest.mark.parametrize(
    "parts",
    [{"hours": "at noon"}, {"facilities": {"sauna": True}}, {"facilities": {}}, {"cost_cny_year": float("nan")}],
)
def test_values_that_cannot_be_are_refused(parts):
    with pytest.raises(InvalidValue):
        edit("A", **parts)


@pytest.mark.parametrize("name", ["", "a b", "<script>", "../x", "x" * 65])
def test_names_that_no_command_can_take_are_refused(name):
    with pytest.raises(InvalidValue):
        Scenario(name=name)


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"kind": "open"},
        {"kind": "burn", "id": "A"},
        {"kind": "move", "id": "A"},
        {"kind": "close", "id": 7},
        {"kind": "close", "id": "half a character \ud83d"},
    ],
)
def test_records_that_say_nothing_are_refused(record):
    with pytest.raises(InvalidValue):
        edit_from_record(record)


def test_station_that_changed_is_said_and_then_renewed():
    found = scenario(edit("A", hours="Mo 08:00-10:00"), edit("B"), opening("N", (0, 0)))
    now = Snapshot.of(
        [replace(one, phone="1") if one.id == "A" else one for one in STATIONS if one.id != "B"], revision=5
    )
    assert [(at, type(error)) for at, error in troubles(now, found.edits)] == [(0, Conflict), (1, NotFound)]
    again, lost = renewed(found, now)
    assert [one.id for one in lost] == ["B"]
    assert [one.id for one in again.edits] == ["A", "N"]
    assert again.revision == 5
    assert not list(troubles(now, again.edits))
    assert applied(now, again.edits).stations[0].phone == "1"


def test_later_edit_takes_the_place_of_an_earlier_one():
    found = scenario(
        edit("A", hours="Mo 08:00-10:00", cost_cny_year=5), edit("A", hours="24/7"),
        edit("A", facilities={"wifi": True}), edit("A", facilities={"aed": False}),
    )  # fmt: skip
    hours, facilities = found.edits
    assert isinstance(hours, NewHours)
    assert (hours.opening_hours, hours.cost_cny_year) == ("24/7", 5)
    assert dict(facilities.facilities) == {"wifi": True, "aed": False}


def test_what_opens_is_edited_in_its_opening():
    found = with_edit(Scenario(name="s"), opening("N", (0, 0)), TOWN)
    found = with_edit(found, new_edit(TOWN, found, "N", geometry=place(400, 400)), TOWN)
    found = with_edit(found, new_edit(TOWN, found, "N", hours=""), TOWN)
    (one,) = found.edits
    assert one.station.geometry == place(400, 400)
    assert one.station.opening_hours is None


def test_edits_are_taken_out_by_their_number():
    found = scenario(edit("A"), edit("B"))
    assert [one.id for one in without_edit(found, 1).edits] == ["B"]
    with pytest.raises(QueryError):
        without_edit(found, 3)


def test_codes_of_what_opens_are_free():
    found = scenario(opening("s-1", (0, 0)))
    assert free_code("A", TOWN, found) == "s-2"
    assert free_code("k7", TOWN, found) == "k7"
    assert free_code("a b", TOWN, found) == "s-2"


def test_planned_station_may_open_as_it_is_planned():
    plan = opening("N", (0, 0))
    town = Snapshot.of([*STATIONS, replace(plan.station, status="planned")])
    assert applied(town, [plan]).stations[4].status == "operating"
    moved = Snapshot.of([*STATIONS, replace(plan.station, status="planned", geometry=place(9, 9))])
    with pytest.raises(Conflict):
        applied(moved, [plan])


def test_moved_station_forgets_the_place_that_was_given():
    town = Snapshot.of(
        [replace(STATIONS[0], provenance=replace(STATIONS[0].provenance, original=place(0, 0), datum="gcj02"))]
    )
    after = applied(town, [Moving(id="A", seen=mark_of(town, 0), geometry=place(5, 5))])
    assert (after.stations[0].provenance.original, after.stations[0].provenance.datum) == (None, "wgs84")
