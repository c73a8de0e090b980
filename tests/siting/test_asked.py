"""What a planner allows and demands, on the town on paper: hours, closings, areas, costs, and who is to be had."""

from dataclasses import replace

import numpy as np
import pytest
from paper_town import STATIONS, place, study

from locator.coverage.siting.asked import Asked, parse_demand_hours, parse_hours_text
from locator.coverage.siting.covering import mclp
from locator.coverage.siting.of_study import problem_of_study
from locator.coverage.siting.premises import free_candidates, priced_candidates, with_planned
from locator.coverage.siting.problem import Rule
from locator.coverage.siting.rules import Means
from locator.coverage.siting.sought import Sought, sought_of
from locator.errors import InvalidValue, QueryError
from locator.place import CandidateSite, DemandPoint
from locator.snapshot import Snapshot
from locator.station import Provenance

WEST = CandidateSite(
    id="west", name="西", geometry=place(0, 0), opening_hours="Mo-Su 08:00-18:00", cost_cny_year=10
)
EAST = CandidateSite(id="east", name="东", geometry=place(1000, 200), opening_hours="24/7")


def problem(sites=(WEST,), town=None, **asked):
    return problem_of_study(town or study(), list(sites), Asked(**asked))


def night_and_day(night):
    """By day 100 people live at the western end, by night so many work 200 m from B, which is shut then."""
    points = [
        DemandPoint(id="homes", geometry=place(0, 0), weights={"residents": 100}),
        DemandPoint(id="work", geometry=place(800, 200), weights={"night_workers": night}),
    ]
    return study(stations=[STATIONS[1]], people={}, demand_points=points)


@pytest.mark.parametrize(("night", "opened", "changed"), [(40, ["west"], []), (400, [], ["B"])])
def test_a_day_site_or_longer_hours_is_one_model_over_demand_by_hour(night, opened, changed):
    """A site by day brings 100 people for 10 of 24 hours, longer hours of B those who work for 8 of 24."""
    spans = parse_demand_hours("residents=6-22,night_workers=22-6")
    found = problem(town=night_and_day(night), demand_hours=spans, extend_cost=10)
    assert found.demand_total == pytest.approx((100 * 16 + night * 8) / 24)
    plan = mclp(found, Means(budget=10), radius_m=500)
    told = [[found.site_ids[found.options.site[one]] for one in rows] for rows in (plan.opened, plan.changed)]
    assert told == [opened, changed]
    assert plan.value == pytest.approx(max(100 * 10, night * 8) / 24)


def test_every_hour_has_the_demand_that_counts_then():
    found = problem(town=night_and_day(40), demand_hours={"residents": (8, 9), "night_workers": (22,)})
    assert {name.split()[1] for name in found.slices} == {"08:00", "09:00", "22:00"}
    by_hour = found.weight.sum(axis=0) * len(found.slices)
    assert {name.split()[1]: round(float(many)) for name, many in zip(found.slices, by_hour, strict=True)} == {
        "08:00": 100, "09:00": 100, "22:00": 40,
    }  # fmt: skip
    with pytest.raises(QueryError, match="is not one of residents, night_workers"):
        problem(town=night_and_day(40), demand_hours={"orders": (1,)})


def test_stations_may_keep_the_hours_that_are_asked_for():
    text = parse_hours_text("6-24")
    assert text == "Mo-Su 06:00-24:00"
    assert parse_hours_text("0-24") == "24/7"
    assert parse_hours_text("Mo-Fr 07:00-21:00") == "Mo-Fr 07:00-21:00"
    found = problem(hours=tuple(range(24)), extend_cost=5, extend_to=text, may_extend=frozenset("B"))
    (option,) = np.flatnonzero(found.change_options)
    assert (found.options.names[option], found.options.cost[option]) == (text, 5)
    assert found.site_ids[found.options.site[option]] == "B"
    # Six hours of the night are left, on every day; whom nobody names keeps their hours.
    assert (~found.options.open[option]).sum() == 6 * 7
    others = problem(hours=tuple(range(24)), extend_cost=5)
    assert [others.site_ids[others.options.site[one]] for one in np.flatnonzero(others.change_options)] == [
        "B", "C",
    ]  # fmt: skip


def test_a_station_that_closes_pays_for_a_new_site():
    """B has 250 people within 500 m and costs 30 a year; without it 30 of these have nobody, p1 gets its own site."""
    town = study(people={"p1": ((0, -600), 300), "p4": ((1000, 200), 30)}, stations=STATIONS[:2], network=None)
    site = replace(WEST, geometry=place(0, -600), cost_cny_year=25)
    keep = mclp(problem([site], town, may_close=frozenset("B")), Means(budget=0), radius_m=500)
    assert (keep.value, len(keep.closed)) == (30, 0)
    swap = mclp(problem([site], town, may_close=frozenset("B"), close_saves=30), Means(budget=0), radius_m=500)
    assert (swap.value, swap.cost) == (300, -5)
    assert [swap.problem.site_ids[row] for row in swap.closed] == ["B"]
    # Nobody closes for less than it takes.
    dear = mclp(problem([site], town, may_close=frozenset("B"), close_saves=20), Means(budget=0), radius_m=500)
    assert len(dear.closed) == 0


def test_areas_that_have_to_have_a_station_count_one_that_may_close():
    inside = [WEST, EAST]
    assert problem(inside, areas=frozenset(["西社区"])).groups == ()  # A is there, and stays
    (group,) = problem(inside, areas=frozenset(["west"]), may_close=frozenset("A")).groups
    assert (group.name, group.sites.tolist()) == ("西社区", [0, 4])
    with pytest.raises(QueryError, match="is no area on the list"):
        problem(inside, areas=frozenset(["nowhere"]))


@pytest.mark.parametrize(
    ("asked", "field", "said"),
    [
        ({"must": {"west"}, "never": {"west"}}, "must", "--must and --never"),
        ({"may_close": {"B"}, "may_move": {"B"}}, "may_close", "--may-close and --may-move"),
        ({"may_close": {"west"}}, "may_close", "is no station"),
        ({"may_move": {"west"}}, "may_move", "is no station"),
        ({"may_extend": {"west"}, "extend_cost": 1, "hours": (1,)}, "may_extend", "is no station"),
        ({"extend_cost": 1}, "between", "is missing"),
        ({"extend_cost": -1, "hours": (1,)}, "extend_cost", "is not a number from 0 up"),
        ({"close_saves": -1}, "close_saves", "is not a number from 0 up"),
        ({"extend_to": "noon"}, "extend_to", "is not OSM opening_hours"),
    ],
)
def test_what_contradicts_itself_is_refused(asked, field, said):
    given = {name: frozenset(value) if isinstance(value, set) else value for name, value in asked.items()}
    with pytest.raises(InvalidValue, match=said) as caught:
        problem(**given)
    assert caught.value.field == field


@pytest.mark.parametrize("text", ["residents", "residents=", "=6-22", "residents=6-22,residents=1-2"])
def test_demand_hours_that_mean_nothing_are_refused(text):
    with pytest.raises(QueryError) as caught:
        parse_demand_hours(text)
    assert caught.value.field == "demand_hours"


def test_unknown_cost_is_not_free():
    assert priced_candidates([WEST, EAST], frozenset()) == ([WEST], [EAST])
    with pytest.raises(QueryError, match="east"):
        priced_candidates([WEST, EAST], frozenset(["east"]))
    with pytest.raises(QueryError, match="is not known of any candidate"):
        priced_candidates([EAST], frozenset())
    # Without a budget it is taken for the dearest, so that of two alike the one of known cost is chosen.
    assert problem([WEST, EAST]).options.cost.tolist() == [0, 0, 0, 10, 10]


def test_a_site_that_a_station_takes_is_not_to_be_had_again():
    made = replace(
        STATIONS[0], id="plan-1", status="planned", provenance=Provenance(source="scenario plan", source_id="west")
    )
    elsewhere = replace(made, id="other", provenance=Provenance(source="another list", source_id="east"))
    snapshot = Snapshot.of([*STATIONS, made, elsewhere])
    assert free_candidates(snapshot, [WEST, EAST]) == ([EAST], [WEST])
    gone = Snapshot.of([*STATIONS, replace(made, status="closed")])
    assert free_candidates(gone, [WEST, EAST]) == ([WEST, EAST], [])
    town = replace(study(), snapshot=snapshot)
    assert set(with_planned(town).supply.ids) - set(town.supply.ids) == {"plan-1", "other"}


def test_places_are_named_by_their_community():
    found = problem()
    assert {"西社区 p1", "东社区 p4", "p6"} <= set(found.demand_ids)


def test_rules_are_the_same_as_texts():
    asked = Asked(
        must=frozenset(["a", "b"]), never=frozenset("c"), may_close=frozenset("d"), may_move=frozenset("e"),
        close_saves=8000, extend_cost=0.5, extend_to="Mo-Su 06:00-24:00", may_extend=frozenset("f"),
        areas=frozenset(["西社区"]), every_area=True, street_share=0.8, per_place=20,
        demand_hours={"residents": tuple(range(6, 22)), "night_workers": (22, 23, 0, 1, 2, 3, 4, 5)},
    )  # fmt: skip
    sought = Sought(model="mclp", means=Means(p=3, budget=24000.5, changes=2), asked=asked)
    assert sought_of(sought.texts() | {"within": "500m"}) == sought
    plain = Sought(model="lscp", means=Means(), asked=Asked())
    assert plain.texts() == {"model": "lscp"}
    assert sought_of({"model": "lscp"}) == plain
    assert sought_of({"within": "500m"}) is None
    here = sought.among(frozenset("de"), frozenset("a"), frozenset())
    assert (here.asked.must, here.asked.never, here.asked.may_extend) == ({"a"}, frozenset(), frozenset())


def test_a_station_that_moves_frees_a_place_and_saves_money():
    """B goes, and two new sites open though -p is 1: the place of B, and one more; its money pays for both."""
    town = study(stations=STATIONS[:2], people={"a": ((0, -600), 10), "b": ((1000, -600), 10)}, network=None)
    sites = [replace(WEST, id=code, geometry=place(x, -600)) for code, x in (("w", 0), ("e", 1000))]
    found = problem(sites, town, may_move=frozenset("B"), close_saves=15)
    assert found.rule.tolist() == [Rule.MUST, Rule.MOVES, Rule.FREE, Rule.FREE]
    plan = mclp(found, Means(p=1, budget=5), radius_m=500)
    assert (plan.value, len(plan.opened), len(plan.closed), plan.cost) == (20, 2, 1, 5)
