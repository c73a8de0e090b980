"""No money for nothing: of choices that are worth the same the cheapest, of these that with the fewest changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from locator.coverage.siting.losses import Loss
from locator.coverage.siting.problem import Floats, Mask, Problem
from locator.coverage.siting.rules import Means, Ruled, Shares, keeps
from locator.coverage.siting.solving import Search, solve, untold

__all__ = ["FINE", "is_worth_while", "least_costly", "spared"]

FINE = 1e-9
"""A part of a value by which another one is still the same."""

_ROUNDS = 5
_CHANGE_CNY = 1e-3  # what a change counts for, so that of choices at one cost the one with fewer is cheaper
_LARGEST = 300_000
_MOST_S = 20.0
_HALF = 0.5


def spared(problem: Problem, means: Means, loss: Loss, chosen: Mask) -> Mask:
    """Return a choice that loses no more, without what is of no use and with what does the same for less."""
    shares, price = Shares.of(problem), _price(problem)
    most = _most(loss.of(chosen))

    def is_as_good(other: Mask) -> bool:
        return loss.of(other) <= most and keeps(problem, means, other) and shares.are_met(other)

    for _ in range(_ROUNDS):
        before = chosen
        costly = np.flatnonzero(chosen & (price > 0))
        for out in costly[np.argsort(-price[costly], kind="stable")].tolist():
            less = without(problem, chosen, out)
            if is_as_good(less):
                chosen = less
                continue
            cheaper = (price < price[out] - FINE) & problem.open_options & ~less
            if not cheaper.any():
                continue
            other = np.flatnonzero(cheaper & (loss.with_one_more(less) <= most))
            for option in other[np.argsort(price[other], kind="stable")].tolist():
                more = with_option(problem, less, option)
                if price[more].sum() < price[chosen].sum() - FINE and is_as_good(more):
                    chosen = more
                    break
        if (chosen == before).all():
            break
    return chosen


def without(problem: Problem, chosen: Mask, option: int) -> Mask:
    """Return a choice without an option; a station whose hours were changed keeps those of today."""
    less, site = chosen.copy(), problem.options.site
    less[option] = False
    if problem.change_options[option]:
        less[problem.present[site[problem.present] == site[option]]] = True
    return less


def with_option(problem: Problem, chosen: Mask, option: int) -> Mask:
    """Return a choice with an option, in place of any other of its site."""
    more, site = chosen.copy(), problem.options.site
    more[site == site[option]] = False
    more[option] = True
    return more


def is_worth_while(problem: Problem, entries: int, search: Search) -> bool:
    """Return whether to look for the cheapest of all that are worth the same: there are costs, and it is quick."""
    costs = bool((problem.price[problem.open_options] > 0).any())
    return costs and entries <= _LARGEST and not search.is_over


def least_costly(problem: Problem, ruled: Ruled, value: float, chosen: Mask, search: Search) -> Mask:
    """Return the cheapest choice that a program still allows if what it makes least is at most so much.

    The program is changed. Time is that of the search until then, and a second; who needs more gets what there is.
    """
    price = _price(problem)
    ruled.program.make_least(price, most=_most(value))
    limit_s = min(search.time_limit_s, search.seconds + min(search.seconds + 1.0, _MOST_S))
    found = solve(ruled.program, replace(untold(search), gap=0.0, time_limit_s=limit_s))
    if found.values is None:
        return chosen
    other = np.asarray(found.values[ruled.y] > _HALF)
    return other if price[other].sum() < price[chosen].sum() - FINE else chosen


def _most(value: float) -> float:
    return value + FINE * max(abs(value), 1.0)


def _price(problem: Problem) -> Floats:
    return np.asarray(problem.price + _CHANGE_CNY * (problem.new_options | problem.change_options))
