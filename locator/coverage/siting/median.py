"""The p-median model: least total walking."""

from __future__ import annotations

import numpy as np

from locator.coverage.siting.covers import cells_of, pair_options
from locator.coverage.siting.losses import losses_of
from locator.coverage.siting.plan import Plan
from locator.coverage.siting.problem import Problem
from locator.coverage.siting.rules import Means, check_means
from locator.coverage.siting.searching import least_losses, named_cells
from locator.coverage.siting.solving import Search

__all__ = ["p_median"]


def p_median(
    problem: Problem, means: Means, *, beyond_m: float | None = None, search: Search | None = None
) -> Plan:
    """Make the total walk of all demand to its nearest station the shortest: the p-median problem.

    S. L. Hakimi, "Optimum locations of switching centers and the absolute centers and medians of a graph" (1964),
    doi:10.1287/opre.12.3.450; C. S. ReVelle and R. W. Swain, "Central facilities location" (1970),
    doi:10.1111/j.1538-4632.1970.tb00142.x. With capacities demand may be split, and walks where there is room.

    Parameters
    ----------
    beyond_m
        What demand walks that has no open station among its pairs; None: there must be one.

    Returns
    -------
    A plan whose value is metres times demand, summed.

    Raises
    ------
    QueryError
        Some demand can have no station, or rules contradict each other; what does is named.
    """
    check_means(means)
    search = search or Search()
    cells = cells_of(problem, problem.counted, apart=problem.has_capacities)
    cell, option, pair = pair_options(problem, cells, np.arange(len(problem.pairs.site)))
    without = cells.weight * (np.inf if beyond_m is None else beyond_m)
    loss = cells.weight[cell] * problem.pairs.distance_m[pair]
    losses = losses_of(cell, option, loss, without, len(problem.options.site))
    found = least_losses(
        problem, means, losses, search,
        weight=cells.weight, slices=cells.slice, names=named_cells(problem, cells),
    )  # fmt: skip
    terms = {} if beyond_m is None else {"beyond_m": beyond_m}
    return found.plan("p_median", problem, means, search, terms=terms)
