"""The search that models share: losses made least under the rules, from a good start, and the plan of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from locator.coverage.siting.blame import impossible, unreached, without_answer
from locator.coverage.siting.covers import Cells
from locator.coverage.siting.greedy import begun as begun_choice
from locator.coverage.siting.levels import add_levels, add_served
from locator.coverage.siting.losses import Losses, NearestLoss
from locator.coverage.siting.plain import Begun, begin
from locator.coverage.siting.plan import Plan
from locator.coverage.siting.problem import Floats, Mask, Numbers, Problem
from locator.coverage.siting.rules import Means, Ruled, keeps, ruled_program
from locator.coverage.siting.solving import Outcome, Search, solve, told_as
from locator.coverage.siting.thrift import FINE, is_worth_while, least_costly, spared
from locator.errors import QueryError
from locator.translation import N_

__all__ = ["Found", "choice_of", "least_losses", "named_cells", "standing"]


@dataclass(frozen=True, eq=False)
class Found:
    """A choice of options, the loss that it leaves, and the least that any can leave."""

    chosen: Mask
    value: float
    bound: float
    loss: NearestLoss | None

    def plan(
        self,
        model: str,
        problem: Problem,
        means: Means,
        search: Search,
        *,
        terms: Mapping[str, float],
        most: float | None = None,
    ) -> Plan:
        """Return it as a plan whose value is the loss, or what is left of `most` without it."""
        value, bound = self.value, min(self.bound, self.value)
        return Plan(
            model=model, problem=problem, means=means, chosen=self.chosen, is_most=most is not None,
            value=value if most is None else most - value, bound=bound if most is None else most - bound,
            seconds=search.seconds, terms=terms, loss=self.loss, loss_offset=most or 0.0,
        )  # fmt: skip


def least_losses(
    problem: Problem,
    means: Means,
    losses: Losses,
    search: Search,
    *,
    weight: Floats,
    slices: Numbers,
    most: float = 0.0,
    names: list[str] | None = None,
) -> Found:
    """Make the sum of losses least under the rules; where sites have capacities, with parts of rows.

    Parameters
    ----------
    weight, slices
        The demand of each row and its slice, for capacities.
    most
        What the losses are taken from, if anything: the relative gap is that of what is left of it.
    names
        What rows are called in errors.

    Raises
    ------
    QueryError
        There is no answer, and what stands in its way is named; or none was found in time.
    """
    lost = np.isinf(losses.without) & (np.bincount(losses.row, minlength=len(losses.without)) == 0)
    if lost.any():
        raise unreached([names[row] if names else "" for row in np.flatnonzero(lost).tolist()])
    begun = begin(problem, means, losses, search, most=most)
    if begun is not None and _is_done(begun, most, search):
        chosen = _thrifty(problem, means, losses, begun.chosen, search)
        return Found(chosen, begun.value, begun.bound, NearestLoss(losses))
    ruled = ruled_program(problem, means, np.zeros(len(problem.options.site)))
    ruled.program.offset = -most
    search = told_as(search, (lambda value: -value) if most else (lambda value: value))
    if problem.has_capacities:
        capacity = problem.capacity[problem.options.site]
        add_served(ruled, losses, weight=weight, capacity=capacity, slices=slices, names=names)
        found = solve(ruled.program, search)
        chosen = choice_of(ruled, found, search)
        if is_worth_while(problem, len(losses.row), search):
            chosen = least_costly(problem, ruled, found.value, chosen, search)
        return Found(chosen, found.value + most, found.bound + most, None)
    loss = NearestLoss(losses)
    # What stands in every answer caps the losses; what is no better than it need not be looked at.
    less = losses.below(losses.best(standing(problem) if begun is None else begun.low))
    if begun is not None:
        ruled.program.tighten(ruled.y, begun.low, begun.high)
        less = less.among(begun.high)
    levels = add_levels(ruled, less, names)
    start = begun_choice(problem, means, loss, search.start) if begun is None else begun.chosen
    values = None
    if start is not None and not problem.shares and np.isfinite(loss.of(start)):
        values = np.concatenate([start.astype(float), levels.values(start)])
    found = solve(ruled.program, search, start=values)
    if begun is not None and (found.values is None or found.value + most >= begun.value):
        # No better choice was found where alone a better one can be.
        bound = begun.value if found.is_infeasible else min(found.bound + most, begun.value)
        chosen = _thrifty(problem, means, losses, begun.chosen, search)
        return Found(chosen, begun.value, max(begun.bound, bound), loss)
    chosen = choice_of(ruled, found, search)
    bound = max(found.bound + most, begun.bound if begun else -np.inf)
    value = loss.of(chosen)
    chosen = _thrifty(problem, means, losses, chosen, search, found=None if begun else (ruled, value - most))
    return Found(chosen, value, bound, loss)


def _thrifty(
    problem: Problem,
    means: Means,
    losses: Losses,
    chosen: Mask,
    search: Search,
    *,
    found: tuple[Ruled, float] | None = None,
) -> Mask:
    """Return the cheapest choice that is worth the same, as far as it is found; see `thrift`.

    Parameters
    ----------
    found
        The program that found the choice, if it allows all that are worth the same, and what it was worth there.
    """
    loss = NearestLoss(losses)
    chosen = spared(problem, means, loss, chosen)
    if not is_worth_while(problem, len(losses.row), search):
        return chosen
    if found is None:
        ruled = ruled_program(problem, means, np.zeros(len(problem.options.site)))
        add_levels(ruled, losses.below(losses.best(standing(problem))))
        found = ruled, loss.of(chosen)
    other = least_costly(problem, *found, chosen, search)
    same = loss.of(other) <= loss.of(chosen) + FINE * max(abs(loss.of(chosen)), 1.0)
    return other if same and keeps(problem, means, other) else chosen


def _is_done(begun: Begun, most: float, search: Search) -> bool:
    """Whether a search that has begun need not go on."""
    apart = begun.value - begun.bound
    return apart <= max(search.gap, 1e-9) * abs(most - begun.value) + 1e-9 or search.is_over


def standing(problem: Problem) -> Mask:
    """Return the options that stand in every answer, by option."""
    chosen = np.zeros(len(problem.options.site), bool)
    chosen[problem.standing] = True
    return chosen


def choice_of(ruled: Ruled, found: Outcome, search: Search) -> Mask:
    """Return the options that a search chose.

    Raises
    ------
    QueryError
        There is no answer, and what stands in its way is named; or none was found in time.
    """
    if found.is_infeasible:
        raise impossible(ruled, search) if search.blames else without_answer()
    if found.values is None:
        raise QueryError(
            N_("no answer was found in time"), field="time_limit_s", value=f"{search.time_limit_s:g}",
            mend=N_("allow more time"),
        )  # fmt: skip
    return np.asarray(found.values[ruled.y] > 0.5)


def named_cells(problem: Problem, cells: Cells, member: Numbers | None = None) -> list[str]:
    """Return the name of each cell's demand point; of rows of cells, that of the first in each."""
    names = [problem.demand_ids[row] for row in cells.demand.tolist()]
    if member is None:
        return names
    return [names[place] for place in np.unique(member, return_index=True)[1].tolist()]
