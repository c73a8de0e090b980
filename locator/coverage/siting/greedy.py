"""A good choice of options, quickly: the best option again and again, then exchanges; for a search to begin with.

M. B. Teitz and P. Bart, "Heuristic methods for estimating the generalized vertex median of a weighted graph"
(1968), doi:10.1287/opre.16.5.955.
"""

from __future__ import annotations

import numpy as np

from locator.coverage.siting.losses import Loss
from locator.coverage.siting.problem import Floats, Mask, Problem, Rule
from locator.coverage.siting.rules import Means, keeps

__all__ = ["begun", "improved", "standing_choice"]

_ROUNDS = 3


def standing_choice(problem: Problem) -> Mask:
    """Return what is there today, without what must not stay and with the first option of what must be open."""
    chosen = np.zeros(len(problem.options.site), bool)
    first = np.unique(problem.options.site, return_index=True)[1]
    stays = (problem.existing & (problem.rule != Rule.NEVER)) | (problem.rule == Rule.MUST)
    chosen[first[stays]] = True
    return chosen


def begun(
    problem: Problem,
    means: Means,
    loss: Loss,
    start: Mask | None,
    *,
    enough: float = -np.inf,
    exchange: bool = True,
) -> Mask | None:
    """Return the better of what `improved` makes of today's stations and of a choice to start with, if any."""
    choices = [improved(problem, means, loss, enough=enough, exchange=exchange)]
    if start is not None:
        choices.append(improved(problem, means, loss, enough=enough, chosen=start, exchange=exchange))
    return min((one for one in choices if one is not None), key=loss.of, default=None)


def improved(
    problem: Problem,
    means: Means,
    loss: Loss,
    *,
    enough: float = -np.inf,
    chosen: Mask | None = None,
    exchange: bool = True,
) -> Mask | None:
    """Return a choice that keeps the rules and loses little; None: none was found.

    Parameters
    ----------
    enough
        A loss so small is good enough: no further option is added.
    chosen
        What to begin with; None: what is there today.
    exchange
        Whether options are exchanged at the end.
    """
    chosen = standing_choice(problem) if chosen is None else chosen.copy()
    chosen = _grouped(problem, means, chosen)
    value = loss.of(chosen)
    while value > enough:
        after = loss.with_one_more(chosen)
        gain = (value - after) / _price(problem, means)
        gain[chosen | ~problem.open_options] = -np.inf
        best = _first_that_keeps(problem, means, loss, chosen, gain)
        if best is None:
            break
        chosen, value = best, loss.of(best)
    if not keeps(problem, means, chosen):
        return None
    return _exchanged(problem, means, loss, chosen) if exchange else chosen


def _price(problem: Problem, means: Means) -> Floats | float:
    """Return by what a gain is divided: the cost, where there is a budget and nothing else that is scarce."""
    if means.budget is None or means.p is not None or not (problem.options.cost > 0).all():
        return 1.0
    return problem.options.cost


def _first_that_keeps(problem: Problem, means: Means, loss: Loss, chosen: Mask, gain: Floats) -> Mask | None:
    """Return the choice with the most useful option that the rules allow; None: none is both."""
    site, before = problem.options.site, loss.of(chosen)
    is_right = keeps(problem, means, chosen)
    for option in np.argsort(-gain, kind="stable").tolist():
        if gain[option] <= 1e-12:
            return None
        after = chosen.copy()
        after[site == site[option]] = False
        after[option] = True
        # In place of other hours of its site it may be of less use, or none.
        if (not is_right or keeps(problem, means, after)) and loss.of(after) < before:
            return after
    return None


def _grouped(problem: Problem, means: Means, chosen: Mask) -> Mask:
    """Give every group that has too few a site, its cheapest."""
    options = problem.options
    for group in problem.groups:
        has = np.isin(options.site, group.sites)
        missing = group.least - int((chosen & has).sum())
        free = np.flatnonzero(has & problem.open_options & ~chosen)
        for option in free[np.argsort(options.cost[free], kind="stable")][: max(missing, 0)].tolist():
            chosen = chosen.copy()
            chosen[options.site == options.site[option]] = False
            chosen[option] = True
    return chosen


def _exchanged(problem: Problem, means: Means, loss: Loss, chosen: Mask) -> Mask:
    """Exchange options one for one as long as that loses less, a few rounds."""
    value = loss.of(chosen)
    for _ in range(_ROUNDS):
        before = value
        for out in np.flatnonzero(chosen & (problem.new_options | problem.change_options)).tolist():
            less = chosen.copy()
            less[out] = False
            if problem.change_options[out]:
                less[problem.present[problem.options.site[problem.present] == problem.options.site[out]]] = True
            after = loss.with_one_more(less)
            after[chosen | ~problem.open_options] = np.inf
            best = int(np.argmin(after))
            if after[best] < value - 1e-9 * max(abs(value), 1.0):
                more = less.copy()
                more[problem.options.site == problem.options.site[best]] = False
                more[best] = True
                if keeps(problem, means, more) and loss.of(more) < value:
                    chosen, value = more, loss.of(more)
        if value >= before - 1e-12:
            break
    return chosen
