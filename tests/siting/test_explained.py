"""Explanations: on a street of five places that fits on paper, and against trying everything."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from siting_oracle import Oracle, means_drawn, problems, simple_problem

from locator.coverage.siting.center import p_center
from locator.coverage.siting.covering import backup, gradual, linear_credit, lscp, mclp
from locator.coverage.siting.explained import alternatives, frontier, gains, lost, sensitivity
from locator.coverage.siting.median import p_median
from locator.coverage.siting.problem import Group, Options, Rule
from locator.coverage.siting.rules import Means
from locator.coverage.siting.solving import Search
from locator.errors import QueryError

MODELS = [
    lambda problem, means, search: mclp(problem, means, radius_m=150, search=search),
    lambda problem, means, search: backup(problem, means, radius_m=200, search=search),
    lambda problem, means, search: gradual(
        problem, means, credit=linear_credit(100, 300), furthest_m=300, search=search
    ),
    lambda problem, means, search: p_median(problem, means, search=search),
    lambda problem, means, search: p_center(problem, means, search=search),
]

# Sites a, b, c, d at 0, 100, 200, 400 m of a street, a stands already; people at 0, 100, 200, 300, 400 m.
STREET = np.abs(np.array([[0.0], [100], [200], [400]]) - np.array([[0.0, 100, 200, 300, 400]]))


def street(rule=(1, 0, 0, 0)):
    return simple_problem(
        STREET, [10, 20, 30, 40, 50], existing=np.array([True, False, False, False]), rule=np.array(rule)
    )


def test_gain_is_what_nobody_covered():
    plan = mclp(street((1, Rule.NEVER, 0, 0)), Means(p=2), radius_m=100)
    assert plan.value == 150
    found = {plan.problem.site_ids[gain.option]: (gain.newly.sum(), gain.alone.sum()) for gain in gains(plan, 100)}
    # c covers 200 and 300 m, d covers 300 and 400 m; 100 m has a already.
    assert found == {"s2": (70, 30), "s3": (90, 50)}


def test_frontier_rises_until_nothing_is_left():
    problem = street()
    steps = frontier(lambda means, search: mclp(problem, means, radius_m=100, search=search), 3)
    assert [(step.p, step.value) for step in steps] == [(0, 30), (1, 120), (2, 150)]
    assert all(step.is_proven for step in steps)


def test_frontier_goes_on_where_one_more_site_brings_nothing():
    """Two villages, each 1,000 m from the station between them: the longest walk needs a site in both."""
    center = simple_problem(
        [[1000, 1000], [0, 2000], [2000, 0]], existing=np.array([True, False, False]), rule=np.array([1, 0, 0])
    )
    steps = frontier(lambda means, search: p_center(center, means, search=search), 5)
    assert [(step.p, step.value) for step in steps] == [(0, 1000), (1, 1000), (2, 0)]
    # The best single site takes the whole budget; three others together cover more.
    far = np.full((4, 4), np.inf)
    np.fill_diagonal(far, 0)
    dear = Options(np.arange(4), np.ones((4, 1), bool), np.array([30.0, 10, 10, 10]), ("",) * 4)
    problem = simple_problem(far, [20, 10, 10, 10], options=dear)
    steps = frontier(
        lambda means, search: mclp(problem, means, radius_m=1, search=search), 4, means=Means(budget=30)
    )
    assert [(step.p, step.value) for step in steps] == [(0, 0), (1, 20), (2, 20), (3, 30), (4, 30)]


def test_frontier_begins_with_the_first_number_of_sites_that_the_rules_allow():
    far = np.full((3, 3), np.inf)
    np.fill_diagonal(far, 0)
    free, bound = simple_problem(far), simple_problem(far, rule=np.array([Rule.MUST, Rule.MUST, Rule.FREE]))
    steps = frontier(lambda means, search: lscp(free, means=means, radius_m=1, search=search), 5)
    assert [(step.p, step.value) for step in steps] == [(3, 3)]
    steps = frontier(lambda means, search: mclp(bound, means, radius_m=1, search=search), 5)
    assert [(step.p, step.value) for step in steps] == [(2, 2), (3, 3)]
    assert frontier(lambda means, search: mclp(bound, means, radius_m=1, search=search), 1) == []


@settings(max_examples=40, deadline=None)
@given(problems(), means_drawn, st.sampled_from(["mclp", "p_center", "lscp"]))
def test_every_step_of_the_frontier_is_the_best_of_all_choices(problem, means, name):
    total = sum(weight for *_, weight in Oracle(problem).cells())
    model, value_of, best_of = {
        "mclp": (
            lambda some, search: mclp(problem, some, radius_m=4.0, search=search),
            lambda oracle, chosen: oracle.covered(chosen, 4.0), max,
        ),
        "p_center": (
            lambda some, search: p_center(problem, some, search=search),
            lambda oracle, chosen: oracle.longest(chosen), min,
        ),
        "lscp": (
            lambda some, search: lscp(problem, means=some, radius_m=4.0, search=search),
            lambda oracle, chosen: oracle.counted(chosen) if oracle.covered(chosen, 4.0) >= total else np.inf, min,
        ),
    }[name]  # fmt: skip
    told = {step.p: step.value for step in frontier(model, 3, means=means)}
    last = None
    for p in range(4):
        oracle = Oracle(problem, replace(means, p=p))
        values = [value for value in (value_of(oracle, one) for one in oracle.choices()) if np.isfinite(value)]
        if values and told:
            last = told.get(p, last)  # after the last step more sites do not help
        assert last == (pytest.approx(best_of(values)) if values else None)


def test_each_step_begins_with_the_choice_of_the_one_before():
    problem, starts, chosen = street(), [], []

    def model(means, search):
        plan = mclp(problem, means, radius_m=100, search=search)
        starts.append(search.start)
        chosen.append(plan.chosen)
        return plan

    frontier(model, 2)
    assert starts[0] is None
    assert all((start == before).all() for start, before in zip(starts[1:], chosen, strict=False))


@pytest.mark.parametrize("model", MODELS)
def test_what_is_told_of_a_search_is_of_the_objective(model):
    dice = np.random.default_rng(5)
    site, point = dice.uniform(0, 1000, (30, 2)), dice.uniform(0, 1000, (120, 2))
    metres = np.sqrt(((site[:, None] - point[None]) ** 2).sum(axis=2))
    costs = Options(np.arange(30), np.ones((30, 1), bool), dice.integers(5, 9, 30).astype(float), ("",) * 30)
    problem, told = simple_problem(metres, dice.integers(1, 50, 120), options=costs), []
    plan = model(problem, Means(budget=40), Search(progress=told.append))
    values = [one.value for one in told if one.value is not None]
    assert values
    if plan.is_most:
        assert max(values) <= plan.value + 1e-6
        assert all(one.bound >= plan.value - 1e-6 for one in told if one.bound is not None)
    else:
        assert min(values) >= plan.value - 1e-6
        assert all(one.bound <= plan.value + 1e-6 for one in told if one.bound is not None)
    assert values[-1] == pytest.approx(plan.value, rel=0.2)


@pytest.mark.parametrize("model", MODELS)
def test_a_choice_to_start_with_is_not_lost_when_there_is_no_time(model):
    dice = np.random.default_rng(5)
    site, point = dice.uniform(0, 1000, (30, 2)), dice.uniform(0, 1000, (120, 2))
    metres = np.sqrt(((site[:, None] - point[None]) ** 2).sum(axis=2))
    problem = simple_problem(metres, dice.integers(1, 50, 120))
    best = model(problem, Means(p=6), Search())
    assert best.is_proven
    again = model(problem, Means(p=6), Search(time_limit_s=0, start=best.chosen))
    assert again.value == pytest.approx(best.value)
    more = model(problem, Means(p=7), Search(time_limit_s=0, start=best.chosen))
    assert more.value >= best.value - 1e-6 if best.is_most else more.value <= best.value + 1e-6


def test_alternatives_within_a_part():
    plan = mclp(street(), Means(p=1), radius_m=100)
    assert plan.value == 120
    assert alternatives(plan, within_part=0.1) == []
    (other,) = alternatives(plan, within_part=0.2)
    assert (other.option, other.value) == (2, 100)
    assert other.worse == pytest.approx(20 / 120)
    # d brings 90 beside what a covers, c in its place 70.
    assert other.keeps == pytest.approx(70 / 90)


def test_what_brings_nobody_is_no_alternative():
    """On a long street a station covers 10,000; a site brings 50, another one 49, and one covers only whom a does."""
    far = np.array([[0, np.inf, np.inf], [np.inf, 0, np.inf], [np.inf, np.inf, 0], [0, np.inf, np.inf]])
    problem = simple_problem(
        far, [10_000, 50, 49], existing=np.array([True, False, False, False]), rule=np.array([1, 0, 0, 0])
    )
    (other,) = alternatives(mclp(problem, Means(p=1), radius_m=1))
    assert (other.option, other.keeps) == (2, pytest.approx(0.98))


def test_today_counts_a_station_that_has_to_close():
    problem = street((Rule.NEVER, 0, Rule.NEVER, 0))
    plan = mclp(problem, Means(p=1), radius_m=100)
    assert plan.value == 90
    assert sensitivity(plan, [100]) == [(100, 30, 90)]
    assert lost(plan, 100) == 30
    (gain,) = gains(plan, 100)
    assert gain.newly.sum() == 90


def test_sensitivity_to_the_radius():
    plan = mclp(street(), Means(p=1), radius_m=100)
    assert sensitivity(plan, [99, 100, 200]) == [(99, 10, 60), (100, 30, 120), (200, 60, 150)]


@settings(max_examples=40, deadline=None)
@given(problems(), means_drawn)
def test_alternatives_keep_the_rules_and_are_worth_what_is_said(problem, means):
    try:
        plan = mclp(problem, means, radius_m=4.0)
        found = alternatives(plan, within_part=0.5)
    except QueryError:
        return
    oracle = Oracle(problem, means)
    choices = [sorted(chosen) for chosen in oracle.choices()]
    for other in found:
        site = problem.options.site
        after = plan.chosen.copy()
        after[other.instead_of] = False
        if problem.change_options[other.instead_of]:
            first = np.flatnonzero(site == site[other.instead_of])[0]
            after[first] = True
        after[site == site[other.option]] = False
        after[other.option] = True
        assert np.flatnonzero(after).tolist() in choices
        assert oracle.cost(np.flatnonzero(after).tolist()) == pytest.approx(plan.cost + other.cost)
        assert other.value == pytest.approx(oracle.covered(np.flatnonzero(after).tolist(), 4.0))


def test_error_names_who_cannot_be_served():
    problem = simple_problem([[100.0, np.inf]])
    with pytest.raises(QueryError, match="d1"):
        lscp(problem, radius_m=200)


def test_error_names_the_community_that_gets_none():
    problem = simple_problem(
        [[100.0, 50.0], [80.0, 20.0]], groups=(Group("归义社区", np.array([0])), Group("广场社区", np.array([1])))
    )
    with pytest.raises(QueryError, match="2 new sites are needed") as caught:
        mclp(problem, Means(p=1), radius_m=200)
    assert (caught.value.field, caught.value.value) == ("p", 1)


def test_error_names_the_limit_that_matters():
    far = np.full((3, 3), np.inf)
    np.fill_diagonal(far, 0)
    costs = Options(np.arange(3), np.ones((3, 1), bool), np.array([5.0, 6, 7]), ("",) * 3)
    problem = simple_problem(far, options=costs)
    with pytest.raises(QueryError, match="18 is needed") as caught:
        lscp(problem, means=Means(budget=10), radius_m=1)
    assert caught.value.field == "budget"
    with pytest.raises(QueryError, match="the number of new sites, the budget"):
        lscp(problem, means=Means(p=2, budget=10), radius_m=1)
    grouped = simple_problem(far, rule=np.array([0, 0, Rule.NEVER]), groups=(Group("广场社区", np.array([2])),))
    with pytest.raises(QueryError, match="广场社区"):
        mclp(grouped, Means(p=3), radius_m=1)
