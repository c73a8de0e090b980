"""Why these sites: whom each covers that nobody covered, what else would do, the frontier, other thresholds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from locator.coverage.siting.covers import cells_of, pair_options, within
from locator.coverage.siting.greedy import standing_choice
from locator.coverage.siting.plan import Plan
from locator.coverage.siting.problem import Floats, Mask, Problem
from locator.coverage.siting.rules import Means, keeps
from locator.coverage.siting.solving import Search
from locator.errors import QueryError
from locator.translation import N_

__all__ = ["Alternative", "Gain", "Step", "alternatives", "frontier", "gains", "sensitivity", "shares_met"]


@dataclass(frozen=True, eq=False)
class Gain:
    """What one chosen option brings, by time slice.

    Attributes
    ----------
    option
        Which option of the problem.
    newly
        Shape (slices,): demand that no station covers today and this one does.
    alone
        Shape (slices,): that part of it that no other chosen option covers.
    """

    option: int
    newly: Floats
    alone: Floats


@dataclass(frozen=True, slots=True)
class Alternative:
    """What would do nearly as well: one option in place of another, and by which part the objective is worse."""

    instead_of: int
    option: int
    value: float
    worse: float


@dataclass(frozen=True, slots=True)
class Step:
    """A point of the frontier: so many new sites, what they are worth, and the bound of that."""

    p: int
    value: float
    bound: float
    opened: tuple[int, ...]
    is_proven: bool


def gains(plan: Plan, radius_m: float) -> list[Gain]:
    """Return what each new site and each change of hours brings, in the order of options.

    Parameters
    ----------
    radius_m
        Demand is covered by a station at most so far away.
    """
    problem = plan.problem
    before = np.zeros(len(plan.chosen), bool)
    before[problem.present] = True
    today, after = _counts(problem, before, radius_m), _counts(problem, plan.chosen, radius_m)
    found = []
    for option in np.union1d(plan.opened, plan.changed).tolist():
        single = np.zeros(len(plan.chosen), bool)
        single[option] = True
        own = _counts(problem, single, radius_m) > 0
        weight = problem.weight * problem.counted[:, None] * (own & (today == 0))
        found.append(Gain(option, weight.sum(axis=0), (weight * (after == 1)).sum(axis=0)))
    return found


def alternatives(plan: Plan, *, within_part: float = 0.02) -> list[Alternative]:
    """Return which single exchanges keep all rules and make the objective worse by a part at most.

    Returns
    -------
    By the option that would be given up, then the best first. For set covering, exchanges that still cover all.

    Raises
    ------
    QueryError
        Sites have capacities, or there are shares to keep: an exchange is not to be judged by itself.
    """
    problem, loss = plan.problem, plan.loss
    if loss is None or problem.shares:
        raise QueryError(
            N_("is not part of this model"), field="capacity", mend=N_("leave it out, or choose another model")
        )
    best, found = loss.of(plan.chosen), []
    most = 1e-9 if plan.model == "lscp" else within_part * abs(plan.value) + 1e-9
    for out in np.union1d(plan.opened, plan.changed).tolist():
        less = plan.chosen.copy()
        less[out] = False
        kept = problem.present[problem.options.site[problem.present] == problem.options.site[out]]
        less[kept] = problem.change_options[out]
        after = loss.with_one_more(less)
        after[plan.chosen | ~problem.open_options] = np.inf
        near = np.flatnonzero(after - best <= most)
        for option in near[np.argsort(after[near], kind="stable")].tolist():
            more = less.copy()
            more[problem.options.site == problem.options.site[option]] = False
            more[option] = True
            worse = loss.of(more) - best
            if worse <= most and keeps(problem, plan.means, more):
                value = plan.value - worse if plan.is_most else plan.value + worse
                part = worse / max(abs(plan.value), 1e-9)
                found.append(Alternative(out, option, float(value), float(max(part, 0.0))))
    return found


def frontier(
    model: Callable[[Means, Search], Plan], most: int, *, means: Means | None = None, search: Search | None = None
) -> list[Step]:
    """Return what 0, 1, 2, … new sites are worth, up to `most`, or until more would not help.

    Each search begins with the choice of the one before. The values never get worse: what fewer sites reach, more
    sites reach too, and where a search was stopped before it found as much, that is what is told.

    Parameters
    ----------
    model
        Solves the problem with some means within a search: `lambda means, search: mclp(problem, means, …)`.
    search
        The limits of the whole; each step may use what is left.
    """
    search, means = search or Search(), means or Means()
    steps: list[Step] = []
    for p in range(most + 1):
        if steps and search.is_over:
            break
        plan = model(replace(means, p=p), search)
        search = replace(search, start=plan.chosen)
        step = Step(p, plan.value, plan.bound, tuple(plan.opened.tolist()), plan.is_proven)
        if steps and (plan.value < steps[-1].value if plan.is_most else plan.value > steps[-1].value):
            step = replace(step, value=steps[-1].value, opened=steps[-1].opened, is_proven=False)
        steps.append(step)
        if len(steps) > 1 and step.value == steps[-2].value and step.is_proven:
            break
    return steps


def sensitivity(plan: Plan, radii_m: Sequence[float]) -> list[tuple[float, float, float]]:
    """Return for other radii the demand that is covered today, and with the plan: radius, today, planned."""
    problem = plan.problem
    weight = problem.weight * problem.counted[:, None]
    today = standing_choice(problem) & ~problem.new_options
    return [
        (
            radius_m,
            float(weight[_counts(problem, today, radius_m) > 0].sum()),
            float(weight[_counts(problem, plan.chosen, radius_m) > 0].sum()),
        )
        for radius_m in radii_m
    ]


def shares_met(plan: Plan) -> list[float]:
    """Return for each share that is asked for how large a part of its demand is covered, from 0 to 1."""
    problem, met = plan.problem, []
    for share in problem.shares:
        weight = problem.weight * (problem.kind == problem.kinds.index(share.kind))[:, None]
        near = _counts(problem, plan.chosen, share.radius_m) > 0
        met.append(float(weight[near].sum() / max(weight.sum(), 1e-12)))
    return met


def _counts(problem: Problem, chosen: Mask, radius_m: float) -> Floats:
    """Return how many chosen options cover each demand point in each slice."""
    count = np.zeros(problem.weight.shape)
    cells = cells_of(problem, np.ones(len(problem.demand_ids), bool), apart=True)
    cell, option, _ = pair_options(problem, cells, within(problem, radius_m))
    cell = cell[chosen[option]]
    np.add.at(count, (cells.demand[cell], cells.slice[cell]), 1)
    return count
