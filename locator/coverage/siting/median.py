"""The p-median model: least total walking."""

from __future__ import annotations

import numpy as np

from locator.coverage.siting.covers import cells_of, pair_options
from locator.coverage.siting.losses import Losses, NearestLoss, losses_of
from locator.coverage.siting.medians import Median, is_small, least_median, step_of
from locator.coverage.siting.plan import Plan
from locator.coverage.siting.problem import Numbers, Problem, Rule
from locator.coverage.siting.rules import Means, check_means
from locator.coverage.siting.searching import Found, least_losses, named_cells
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
    found = _plain(problem, means, losses, search)
    if found is None:
        found = least_losses(
            problem, means, losses, search,
            weight=cells.weight, slices=cells.slice, names=named_cells(problem, cells),
        )  # fmt: skip
    terms = {} if beyond_m is None else {"beyond_m": beyond_m}
    return found.plan("p_median", problem, means, search, terms=terms)


def _plain(problem: Problem, means: Means, losses: Losses, search: Search) -> Found | None:
    """Solve a problem in which the number of new sites is all that limits them; None: it is not one."""
    if means.p is None or means.budget is not None or not _is_plain(problem):
        return None
    site = problem.options.site
    # To close a station never shortens a walk.
    stays = ((problem.rule == Rule.MUST) | (problem.existing & (problem.rule == Rule.FREE)))[site]
    p = means.p - int((stays & problem.new_options).sum())
    columns = np.flatnonzero(problem.open_options & ~stays)
    p = min(p, len(columns))
    if p < 0:
        return None
    base = losses.best(stays)
    better = losses.below(base)
    rows = np.unique(better.row)
    chosen = stays.copy()
    loss = NearestLoss(losses)
    if p == 0 or p == len(columns) or not len(rows):
        chosen[columns[:p]] = True
        value = loss.of(chosen)
        return None if np.isinf(value) else Found(chosen, value, value, loss)
    if not is_small(len(rows), len(columns)):
        return None
    matrix = _matrix(better, rows, columns)
    if np.isinf(matrix).any():
        return None
    rest = float(base.sum() - base[rows].sum()) if np.isfinite(base).all() else 0.0
    median = Median(matrix, base[rows], p, step_of(matrix, base[rows]))
    best, _, bound = least_median(median, search)
    chosen[columns[best]] = True
    return Found(chosen, loss.of(chosen), bound + rest, loss)


def _is_plain(problem: Problem) -> bool:
    single = bool((np.bincount(problem.options.site) == 1).all())
    bound = problem.groups or problem.shares or problem.has_capacities
    return single and not bound and not bool((problem.rule == Rule.MOVES).any())


def _matrix(losses: Losses, rows: Numbers, columns: Numbers) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return the losses of some rows and columns as a full matrix, where there is no entry that without any."""
    matrix = np.repeat(losses.without[rows, None], len(columns), axis=1)
    place = np.full(losses.options, -1)
    place[columns] = np.arange(len(columns))
    matrix[np.searchsorted(rows, losses.row), place[losses.option]] = losses.loss
    return matrix
