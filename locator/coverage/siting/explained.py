"""Why these sites: whom each covers that nobody covered, what else would do, the frontier, other thresholds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from locator.coverage.siting.blame import NoAnswer
from locator.coverage.siting.covers import cells_of, pair_options, within
from locator.coverage.siting.plan import Plan
from locator.coverage.siting.problem import Floats, Mask, Problem, Rule
from locator.coverage.siting.rules import Means, Shares, keeps
from locator.coverage.siting.solving import Search
from locator.coverage.siting.thrift import with_option, without
from locator.errors import QueryError
from locator.translation import N_

__all__ = [
    "NEARLY",
    "Alternative",
    "Gain",
    "Step",
    "alternatives",
    "frontier",
    "gains",
    "lost",
    "sensitivity",
    "shares_met",
]


NEARLY = 0.9
"""What brings such a part of what a chosen site brings does nearly as well."""


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
    """What would do nearly as well: one option in place of another.

    Attributes
    ----------
    value
        The objective after the exchange.
    worse
        By which part of the objective that is worse; less than 0: better.
    keeps
        Which part of what the option given up brings (the objective with it and without) the other brings in its
        place; more than 1: more; None: without either something is not served at all.
    cost
        How much more the choice costs then.
    """

    instead_of: int
    option: int
    value: float
    worse: float
    keeps: float | None = None
    cost: float = 0.0


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
    today, after = _counts(problem, _present(problem), radius_m), _counts(problem, plan.chosen, radius_m)
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

    What brings nothing is no alternative to what brings something. For set covering, the exchanges still cover
    all; where the least cost was asked for, the objective is the cost.

    Returns
    -------
    By the option that would be given up, then the best first.

    Raises
    ------
    QueryError
        Sites have capacities: an exchange is not to be judged by itself.
    """
    problem, loss = plan.problem, plan.loss
    if loss is None:
        raise QueryError(
            N_("is not part of this model"), field="capacity", mend=N_("leave it out, or choose another model")
        )
    shares, best, found = Shares.of(problem), loss.of(plan.chosen), []
    is_cover = plan.model == "lscp"
    most = within_part * abs(plan.value) + 1e-9
    may_lose = 1e-9 if is_cover else most
    for out in np.union1d(plan.opened, plan.changed).tolist():
        less = without(problem, plan.chosen, out)
        nothing = loss.of(less)
        after = loss.with_one_more(less)
        after[plan.chosen | ~problem.open_options] = np.inf
        near = np.flatnonzero(after - best <= may_lose)
        for option in near[np.argsort(after[near], kind="stable")].tolist():
            more = with_option(problem, less, option)
            left = loss.of(more)
            brings, brought = nothing - left, nothing - best
            is_useful = brings > 1e-9 or brought <= 1e-9
            dearer = problem.cost_of(more) - plan.cost
            worse = dearer if "cheapest" in plan.terms else left - best
            if left - best <= may_lose and worse <= most and is_useful and keeps(problem, plan.means, more):
                if not shares.are_met(more):
                    continue
                value = plan.value - worse if plan.is_most else plan.value + worse
                part = worse / max(abs(plan.value), 1e-9)
                kept = _part(brings, brought)
                found.append(Alternative(out, option, float(value), float(part), kept, float(dearer)))
    return found


def _part(brings: float, brought: float) -> float | None:
    """Return which part one gain is of another."""
    if not (np.isfinite(brings) and np.isfinite(brought)):
        return None
    return float(brings / brought) if brought > 1e-9 else 1.0


def frontier(
    model: Callable[[Means, Search], Plan], most: int, *, means: Means | None = None, search: Search | None = None
) -> list[Step]:
    """Return what 0, 1, 2, … new sites are worth, up to `most`, or until more cannot help.

    It begins with the first number of sites that the rules allow. Each search begins with the choice of the one
    before. The values never get worse: what fewer sites reach, more sites reach too, and where a search was
    stopped before it found as much, that is what is told. That one step brings nothing does not end it, for two
    more sites may do together what one cannot; it ends where all that may open would do no better, or all of it is
    open.

    Parameters
    ----------
    model
        Solves the problem with some means within a search: `lambda means, search: mclp(problem, means, …)`.
    search
        The limits of the whole; each step may use what is left.

    Returns
    -------
    No step where no number of sites up to `most` is enough for the rules.
    """
    search, means = replace(search or Search(), blames=False), means or Means()
    steps: list[Step] = []
    for p in range(most + 1):
        if search.is_over and p:
            break
        try:
            plan = model(replace(means, p=p), search)
        except NoAnswer:
            continue
        except QueryError as error:
            if error.field == "time_limit_s":
                break
            raise
        search = replace(search, start=plan.chosen)
        step = Step(p, plan.value, plan.bound, tuple(plan.opened.tolist()), plan.is_proven)
        if steps and (plan.value < steps[-1].value if plan.is_most else plan.value > steps[-1].value):
            step = replace(step, value=steps[-1].value, opened=steps[-1].opened, is_proven=False)
        steps.append(step)
        if step.is_proven and _is_all(plan, p):
            break
    return steps


def _is_all(plan: Plan, p: int) -> bool:
    """Return whether more new sites cannot help: all may open already, or all together would do no better."""
    problem = plan.problem
    may = len(np.unique(problem.options.site[problem.new_options & problem.open_options]))
    if p >= may:
        return True
    if plan.model == "lscp" and "cheapest" not in plan.terms:
        # Where nothing may close or change, more new sites than needed are no better.
        closable = problem.existing & np.isin(problem.rule, (Rule.FREE, Rule.MOVES))
        return not (closable.any() or problem.change_options.any())
    if plan.loss is None or plan.model == "lscp":
        return False
    least, loss = plan.loss.of(problem.open_options), plan.loss.of(plan.chosen)
    return loss <= least + 1e-9 * max(abs(least), 1.0)


def sensitivity(plan: Plan, radii_m: Sequence[float]) -> list[tuple[float, float, float]]:
    """Return for other radii the demand that is covered today, and with the plan: radius, today, planned."""
    problem = plan.problem
    weight = problem.weight * problem.counted[:, None]
    today = _present(problem)
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


def lost(plan: Plan, radius_m: float) -> float:
    """Return how much demand a station covers today, and none with the plan."""
    problem = plan.problem
    weight = problem.weight * problem.counted[:, None]
    today, after = _counts(problem, _present(problem), radius_m), _counts(problem, plan.chosen, radius_m)
    return float(weight[(today > 0) & (after == 0)].sum())


def _present(problem: Problem) -> Mask:
    """Return what is there today, also of what must not stay."""
    today = np.zeros(len(problem.options.site), bool)
    today[problem.present] = True
    return today


def _counts(problem: Problem, chosen: Mask, radius_m: float) -> Floats:
    """Return how many chosen options cover each demand point in each slice."""
    count = np.zeros(problem.weight.shape)
    cells = cells_of(problem, np.ones(len(problem.demand_ids), bool), apart=True)
    cell, _, _ = pair_options(problem, cells, within(problem, radius_m), chosen)
    np.add.at(count, (cells.demand[cell], cells.slice[cell]), 1)
    return count
