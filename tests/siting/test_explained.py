"""Explanations: on a street of five places that fits on paper, and against trying everything."""

import numpy as np
import pytest
from hypothesis import given, settings
from siting_oracle import Oracle, means_drawn, problems, simple_problem

from locator.coverage.siting.center import p_center
from locator.coverage.siting.covering import backup, gradual, linear_credit, mclp
from locator.coverage.siting.explained import alternatives, frontier, gains, sensitivity
from locator.coverage.siting.median import p_median
from locator.coverage.siting.problem import Group, Rule
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
    assert [(step.p, step.value) for step in steps] == [(0, 30), (1, 120), (2, 150), (3, 150)]
    assert all(step.is_proven for step in steps)


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
        assert other.value == pytest.approx(oracle.covered(np.flatnonzero(after).tolist(), 4.0))


def test_error_names_who_cannot_be_served():
    from locator.coverage.siting.covering import lscp

    problem = simple_problem([[100.0, np.inf]])
    with pytest.raises(QueryError, match="d1"):
        lscp(problem, radius_m=200)


def test_error_names_the_community_that_gets_none():
    problem = simple_problem(
        [[100.0, 50.0], [80.0, 20.0]], groups=(Group("归义社区", np.array([0])), Group("广场社区", np.array([1])))
    )
    with pytest.raises(QueryError, match="社区"):
        mclp(problem, Means(p=1), radius_m=200)
