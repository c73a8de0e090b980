"""The models find what trying everything finds, under every rule."""

import numpy as np
import pytest
from hypothesis import given, settings
from siting_oracle import Oracle, means_drawn, problems, simple_problem

from locator.coverage.siting.center import p_center
from locator.coverage.siting.covering import backup, gradual, linear_credit, lscp, mclp
from locator.coverage.siting.median import p_median
from locator.coverage.siting.rules import Means
from locator.errors import QueryError

RADIUS_M = 4.0
many = settings(max_examples=60, deadline=None)


def agree(problem, means, plan_of, value_of, *, most, thrifty=True):
    """Compare a model with the best of all answers, and of these the cheapest; or both find that there is none."""
    oracle = Oracle(problem, means)
    choices = list(oracle.choices())
    values = [value for value in (value_of(oracle, chosen) for chosen in choices) if np.isfinite(value)]
    if not values:
        with pytest.raises(QueryError):
            plan_of()
        return
    best = max(values) if most else min(values)
    plan = plan_of()
    assert plan.value == pytest.approx(best, abs=1e-5)
    assert plan.is_proven
    assert plan.options.tolist() in [sorted(chosen) for chosen in choices]
    assert value_of(oracle, plan.options.tolist()) == pytest.approx(best, abs=1e-5)
    assert plan.cost == pytest.approx(oracle.cost(plan.options.tolist()))
    if thrifty:
        alike = [chosen for chosen in choices if value_of(oracle, chosen) == pytest.approx(best, abs=1e-7)]
        if plan.model == "lscp" and "cheapest" not in plan.terms:  # fewer new sites come before cost
            new = [sum(~problem.existing[problem.options.site[chosen]]) for chosen in alike]
            alike = [chosen for chosen, many in zip(alike, new, strict=True) if many == min(new)]
        assert plan.cost == pytest.approx(min(map(oracle.cost, alike)), abs=1e-5)


@many
@given(problems(), means_drawn)
def test_mclp_covers_most(problem, means):
    agree(
        problem, means, lambda: mclp(problem, means, radius_m=RADIUS_M),
        lambda oracle, chosen: oracle.covered(chosen, RADIUS_M), most=True,
    )  # fmt: skip


@many
@given(problems(), means_drawn)
def test_lscp_needs_fewest(problem, means):
    total = sum(weight for *_, weight in Oracle(problem).cells())
    agree(
        problem, means, lambda: lscp(problem, means=means, radius_m=RADIUS_M),
        lambda oracle, chosen: (
            oracle.counted(chosen) if oracle.covered(chosen, RADIUS_M) >= total else np.inf
        ), most=False,
    )  # fmt: skip


@many
@given(problems(), means_drawn)
def test_cheapest_lscp_costs_least(problem, means):
    total = sum(weight for *_, weight in Oracle(problem).cells())
    agree(
        problem, means, lambda: lscp(problem, means=means, radius_m=RADIUS_M, cheapest=True),
        lambda oracle, chosen: (
            oracle.cost(chosen) if oracle.covered(chosen, RADIUS_M) >= total else np.inf
        ), most=False,
    )  # fmt: skip


@many
@given(problems(), means_drawn)
def test_backup_covers_twice(problem, means):
    agree(
        problem, means, lambda: backup(problem, means, radius_m=RADIUS_M, first=0.3),
        lambda oracle, chosen: (
            0.3 * oracle.covered(chosen, RADIUS_M) + 0.7 * oracle.covered(chosen, RADIUS_M, 2)
        ), most=True,
    )  # fmt: skip


@many
@given(problems(), means_drawn)
def test_gradual_gives_most_credit(problem, means):
    credit = linear_credit(2.0, 7.0)
    agree(
        problem, means, lambda: gradual(problem, means, credit=credit, furthest_m=7.0),
        lambda oracle, chosen: oracle.credit(chosen, credit), most=True,
    )  # fmt: skip


@many
@given(problems(), means_drawn)
def test_p_median_walks_least(problem, means):
    agree(
        problem, means, lambda: p_median(problem, means, beyond_m=12.0),
        lambda oracle, chosen: oracle.walked(chosen, 12.0), most=False,
    )  # fmt: skip


@many
@given(problems(), means_drawn)
def test_p_median_where_all_must_be_served(problem, means):
    agree(
        problem, means, lambda: p_median(problem, means),
        lambda oracle, chosen: oracle.walked(chosen, np.inf), most=False,
    )  # fmt: skip


@many
@given(problems(), means_drawn)
def test_p_center_has_the_shortest_longest_walk(problem, means):
    agree(
        problem, means, lambda: p_center(problem, means),
        lambda oracle, chosen: oracle.longest(chosen), most=False, thrifty=False,
    )  # fmt: skip


def test_radius_is_inclusive():
    problem = simple_problem([[500.0, 500.1]], [3, 4])
    assert mclp(problem, Means(p=1), radius_m=500).value == 3


# Capacities: the oracle serves as much as can be by a flow, found by scipy.


def served(oracle, chosen, radius_m):
    """Return how much demand some options serve within a radius, each no more in a slice than its capacity."""
    return assigned(oracle, chosen, lambda far_m: 1.0 * (far_m <= radius_m))


def assigned(oracle, chosen, gain):
    """Return the most that some options gain by serving demand, each no more in a slice than its capacity."""
    from scipy.optimize import linprog

    problem = oracle.problem
    total = 0.0
    for t in range(problem.weight.shape[1]):
        cells = [cell for cell in oracle.cells() if cell[1] == t]
        arcs = [
            (row, option, oracle.far[problem.options.site[option], point])
            for row, (point, _, _) in enumerate(cells)
            for option in chosen
            if problem.options.open[option, t] and gain(oracle.far[problem.options.site[option], point]) > 0
        ]
        if not arcs:
            continue
        limits, most = [], []
        for row, (_, _, weight) in enumerate(cells):
            limits.append([float(arc[0] == row) for arc in arcs])
            most.append(weight)
        for option in chosen:
            limits.append([float(arc[1] == option) for arc in arcs])
            most.append(problem.capacity[problem.options.site[option]])
        finite = np.isfinite(most)
        found = linprog(
            [-gain(far_m) for *_, far_m in arcs], A_ub=np.array(limits)[finite], b_ub=np.array(most)[finite]
        )
        total -= found.fun
    return total


@many
@given(problems(capacities=True), means_drawn)
def test_sites_serve_no_more_than_they_can(problem, means):
    agree(
        problem, means, lambda: mclp(problem, means, radius_m=RADIUS_M),
        lambda oracle, chosen: served(oracle, chosen, RADIUS_M), most=True,
    )  # fmt: skip


@many
@given(problems(capacities=True), means_drawn)
def test_set_covering_with_capacities(problem, means):
    total = sum(weight for *_, weight in Oracle(problem).cells())
    agree(
        problem, means, lambda: lscp(problem, means=means, radius_m=RADIUS_M),
        lambda oracle, chosen: (
            oracle.counted(chosen) if served(oracle, chosen, RADIUS_M) >= total - 1e-6 else np.inf
        ), most=False,
    )  # fmt: skip


@many
@given(problems(capacities=True), means_drawn)
def test_p_center_with_capacities(problem, means):
    total = sum(weight for *_, weight in Oracle(problem).cells())

    def longest(oracle, chosen):
        enough = (radius for radius in range(9) if served(oracle, chosen, radius) >= total - 1e-6)
        return next(enough, np.inf)

    choices = list(Oracle(problem, means).choices())
    best = min((longest(Oracle(problem), chosen) for chosen in choices), default=np.inf)
    if np.isinf(best):
        with pytest.raises(QueryError):
            p_center(problem, means)
    else:
        plan = p_center(problem, means)
        assert plan.value == pytest.approx(best)
        assert plan.is_proven
        assert longest(Oracle(problem), plan.options.tolist()) == pytest.approx(best)


@many
@given(problems(capacities=True), means_drawn)
def test_p_median_with_capacities(problem, means):
    """Whom no site has room for walks 12 m."""
    total = sum(weight for *_, weight in Oracle(problem).cells())
    agree(
        problem, means, lambda: p_median(problem, means, beyond_m=12.0),
        lambda oracle, chosen: 12.0 * total - assigned(oracle, chosen, lambda far_m: max(12.0 - far_m, 0.0)),
        most=False,
    )  # fmt: skip


@many
@given(problems(capacities=True), means_drawn)
def test_gradual_with_capacities(problem, means):
    credit = linear_credit(2.0, 7.0)
    agree(
        problem, means, lambda: gradual(problem, means, credit=credit, furthest_m=7.0),
        lambda oracle, chosen: assigned(oracle, chosen, lambda far_m: float(credit(np.array([far_m]))[0])),
        most=True,
    )  # fmt: skip
