"""Problems in which the number of new sites is the only rule: a matrix, searched by Lagrangean bounds."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from locator.coverage.siting.greedy import begun
from locator.coverage.siting.losses import Losses, NearestLoss
from locator.coverage.siting.medians import Median, is_small, least_median
from locator.coverage.siting.problem import Floats, Mask, Numbers, Problem, Rule
from locator.coverage.siting.rules import Means
from locator.coverage.siting.solving import Search, told_as

__all__ = ["Begun", "begin"]


@dataclass(frozen=True, eq=False)
class Begun:
    """How far a search has come by bounds alone.

    Attributes
    ----------
    chosen, value, bound
        The best choice, its loss, and what no choice loses less than.
    low, high
        Of each option whether every better choice has it, and whether any has.
    """

    chosen: Mask
    value: float
    bound: float
    low: Mask
    high: Mask


def begin(problem: Problem, means: Means, losses: Losses, search: Search, *, most: float) -> Begun | None:
    """Search a problem in which the number of new sites is all that limits them; None: it is not one.

    A problem of walks is searched to the end, or until time is up; one of covering, where the solver is the better
    tool once much is decided, for a part of the time.

    Parameters
    ----------
    most
        What losses are taken from: what is left of it is to be large. 0: the losses are to be small.
    """
    if means.p is None or means.budget is not None or not _is_plain(problem):
        return None
    site = problem.options.site
    # To close a station never lessens what is lost.
    stays = ((problem.rule == Rule.MUST) | (problem.existing & (problem.rule == Rule.FREE)))[site]
    columns = np.flatnonzero(problem.open_options & ~stays)
    p = min(means.p - int((stays & problem.new_options).sum()), len(columns))
    if p < 0:
        return None
    base = losses.best(stays)
    better = losses.below(base)
    rows = np.unique(better.row)
    loss = NearestLoss(losses)
    if p in (0, len(columns)) or not len(rows):
        chosen = stays.copy()
        chosen[columns[:p]] = True
        value = loss.of(chosen)
        return None if np.isinf(value) else Begun(chosen, value, value, chosen, chosen)
    if not is_small(len(rows), len(columns)):
        return None
    matrix = _matrix(better, rows, columns)
    if np.isinf(matrix).any():
        return None
    median = Median.of(matrix, base[rows], p, most)
    start = begun(problem, means, loss, search.start) if median.is_cover or search.start is not None else None
    rest = float(base.sum() - base[rows].sum()) if np.isfinite(base).all() else 0.0
    search = told_as(search, lambda value: most - value - rest if most else value + rest)
    if median.is_cover:
        search = replace(search, time_limit_s=search.seconds + search.seconds_left * 0.2)
    found = least_median(median, search, start=None if start is None else np.flatnonzero(start[columns]))
    chosen, low, high = stays.copy(), stays.copy(), stays.copy()
    chosen[columns[found.columns]] = True
    low[columns[found.forced]] = True
    high[columns[found.kept]] = True
    return Begun(chosen, loss.of(chosen), found.bound + rest, low, high)


def _is_plain(problem: Problem) -> bool:
    single = bool((np.bincount(problem.options.site) == 1).all())
    bound = problem.groups or problem.shares or problem.has_capacities
    return single and not bound and not bool((problem.rule == Rule.MOVES).any())


def _matrix(losses: Losses, rows: Numbers, columns: Numbers) -> Floats:
    """Return the losses of some rows and columns as a full matrix, where there is no entry that without any."""
    matrix = np.repeat(losses.without[rows, None], len(columns), axis=1)
    place = np.full(losses.options, -1)
    place[columns] = np.arange(len(columns))
    matrix[np.searchsorted(rows, losses.row), place[losses.option]] = losses.loss
    return matrix
