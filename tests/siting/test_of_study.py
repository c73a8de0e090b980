"""Siting problems of the town on paper: capacities, shares of its main streets, hours."""

import numpy as np
import pytest
from paper_town import place, study

from locator.coverage.criteria import Threshold
from locator.coverage.siting.covering import mclp
from locator.coverage.siting.explained import shares_met
from locator.coverage.siting.of_study import Asked, problem_of_study
from locator.coverage.siting.rules import Means
from locator.coverage.stretches import main_streets
from locator.errors import QueryError
from locator.place import CandidateSite

SITES = [
    CandidateSite(id="k", name="候选", geometry=place(1000, 200), capacity=3),
    CandidateSite(id="west", name="西", geometry=place(0, 0), opening_hours="24/7"),
]


def problem(town=None, sites=SITES, **asked):
    return problem_of_study(study() if town is None else town, sites, Asked(**asked))


def opened(plan):
    return [plan.problem.site_ids[plan.problem.options.site[option]] for option in plan.opened]


def test_a_site_serves_so_many_for_each_who_finds_room():
    found = problem(per_place=10)
    assert dict(zip(found.site_ids, found.capacity.tolist(), strict=True)) == {
        "A": 100, "B": 200, "C": np.inf, "k": 30, "west": np.inf,
    }  # fmt: skip
    # Demand is spread over the hours that count, and so is what a site serves in each.
    by_hour = problem(per_place=10, hours=(12, 13))
    assert by_hour.weight[:, 0].sum() == pytest.approx(found.weight.sum() / 14)
    assert by_hour.capacity[0] == pytest.approx(100 / 14)


def test_full_station_leaves_people_to_a_new_one():
    """Within 500 m A has p1 and p2, B p2, p3 and p4, C p3 and p5; A and B take no more than 30 and 60."""
    people = {"p1": ((0, 0), 100), "p4": ((1000, 200), 90)}
    town = study(people=people)
    plan = mclp(problem(town, per_place=3), Means(p=0), radius_m=500)
    assert plan.value == pytest.approx(30 + 60)
    plan = mclp(problem(town, per_place=3), Means(p=1), radius_m=500)
    # West's room is unknown, and so it takes all whom A cannot; k would take nine.
    assert opened(plan) == ["west"]
    assert plan.value == pytest.approx(100 + 60)


def test_share_of_main_streets_counts_their_length():
    town = study()
    found = problem(town, street_share=0.5)
    streets = found.kind == 1
    assert found.weight[streets].sum() == pytest.approx(
        sum(line.length_m for line in main_streets(town)), rel=1e-6
    )
    assert found.demand_total == problem(town).demand_total
    today = mclp(found, Means(p=0), radius_m=500)
    (share,) = shares_met(today)
    assert 0.5 <= share < 1


def test_share_of_main_streets_is_kept_though_people_would_go_elsewhere():
    """Within 250 m a site in the north has 100 people and no main street; k has nobody, but the whole of ⑩."""
    town = study(people={"n": ((0, 800), 100)}, within=Threshold("m", 250))
    sites = [SITES[0], CandidateSite(id="north", name="北", geometry=place(0, 800))]
    free = mclp(problem(town, sites, street_share=0.3), Means(p=1), radius_m=250)
    assert (free.value, opened(free)) == (100, ["north"])
    bound = mclp(problem(town, sites, street_share=0.5), Means(p=1), radius_m=250)
    assert (bound.value, opened(bound)) == (0, ["k"])
    assert shares_met(bound)[0] >= 0.5 > shares_met(free)[0]
    with pytest.raises(QueryError, match="the share of main streets"):
        mclp(problem(town, sites, street_share=0.9), Means(p=2), radius_m=250)


@pytest.mark.parametrize(
    ("asked", "town", "field"),
    [
        ({"street_share": 1.5}, {}, "street_share"),
        ({"per_place": 0}, {}, "per_place"),
        ({"street_share": 0.5}, {"streets": []}, "streets"),
        ({"per_place": 5}, {"stations": []}, "capacity"),
    ],
)
def test_what_cannot_be_asked_is_refused(asked, town, field):
    sites = [CandidateSite(id="k", name="候选", geometry=place(1000, 200))]
    with pytest.raises(QueryError) as caught:
        problem(study(**town), sites, **asked)
    assert caught.value.field == field
