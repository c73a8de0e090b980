"""The covering models: set covering, maximal covering, backup covering and gradual covering."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from locator.coverage.siting.blame import unreached
from locator.coverage.siting.covers import Cells, cells_of, covers_of, pair_options, within
from locator.coverage.siting.greedy import begun
from locator.coverage.siting.levels import add_covers, add_served
from locator.coverage.siting.losses import BackupLoss, Losses, NearestLoss, cover_losses, losses_of
from locator.coverage.siting.plan import Plan
from locator.coverage.siting.problem import Floats, Problem, Rule
from locator.coverage.siting.rules import Means, check_means, ruled_program
from locator.coverage.siting.searching import choice_of, least_losses, named_cells, standing
from locator.coverage.siting.solving import Search, solve, told_as
from locator.coverage.siting.thrift import FINE, is_worth_while, least_costly, spared
from locator.errors import QueryError
from locator.translation import N_

__all__ = ["backup", "gradual", "linear_credit", "lscp", "mclp"]


def lscp(
    problem: Problem,
    *,
    radius_m: float,
    means: Means | None = None,
    cheapest: bool = False,
    search: Search | None = None,
) -> Plan:
    """Cover all demand with the fewest new sites: the location set covering problem.

    C. Toregas, R. Swain, C. ReVelle and L. Bergman, "The location of emergency service facilities" (1971),
    doi:10.1287/opre.19.6.1363. What counts is each new site, each change of hours, and each existing station that
    might close and stays; of equally many the ones with fewer new sites.

    Parameters
    ----------
    radius_m
        Demand is covered by a station at most so far away, open in the slice of the demand.
    means
        What may be spent at most; None: as much as it takes.
    cheapest
        Make the cost of all options least, and not their number.

    Returns
    -------
    A plan whose value is the number of what counts, or the cost.

    Raises
    ------
    QueryError
        Some demand cannot be covered, or rules contradict each other; it is named.
    """
    search, means = search or Search(), means or Means()
    cells = cells_of(problem, problem.counted, apart=problem.has_capacities)
    covers = covers_of(problem, cells, radius_m)
    names = named_cells(problem, cells, covers.member)
    lost = (covers.counts == 0)[covers.member] & (cells.weight > 0)
    if lost.any():
        places = named_cells(problem, cells)
        raise unreached([places[row] for row in np.flatnonzero(lost).tolist()])
    price, slack = (problem.price, 0.0) if cheapest else _interventions(problem)
    ruled = ruled_program(problem, means, price)
    loss = NearestLoss(cover_losses(covers, len(price)))
    if problem.has_capacities:
        losses = _flat_losses(problem, cells, radius_m, np.inf)
        capacity = problem.capacity[problem.options.site]
        names = named_cells(problem, cells)
        add_served(ruled, losses, weight=cells.weight, capacity=capacity, slices=cells.slice, names=names)
    else:
        add_covers(ruled, covers, covers.covered(standing(problem)) == 0, problem.open_options, names)
    start = _covering_start(problem, means, loss, search)
    step = 0.0 if cheapest else slack or 1.0
    saved = float(problem.saves[problem.existing].sum()) if cheapest else 0.0
    found = solve(ruled.program, told_as(search, lambda value: value - saved), start=start, step=step)
    chosen = choice_of(ruled, found, search)
    if cheapest:
        value, bound = found.value - saved, found.bound - saved
    else:
        value = float(np.floor(price[chosen] + 1e-9).sum())
        bound = min(max(0.0, float(np.ceil(found.bound / (1 + slack) - 1e-6))), value)
        if is_worth_while(problem, len(covers.row), search):
            chosen = least_costly(problem, ruled, float(price[chosen].sum()), chosen, search)
    return Plan(
        model="lscp", problem=problem, means=means, chosen=chosen, value=value, bound=bound, is_most=False,
        seconds=search.seconds, terms={"radius_m": radius_m} | ({"cheapest": 1.0} if cheapest else {}),
        loss=None if problem.has_capacities else loss,
    )  # fmt: skip


def mclp(problem: Problem, means: Means, *, radius_m: float, search: Search | None = None) -> Plan:
    """Cover as much demand as the means allow: the maximal covering location problem.

    R. Church and C. ReVelle, "The maximal covering location problem" (1974), doi:10.1007/BF01942293; with
    capacities J. R. Current and J. E. Storbeck, "Capacitated covering models" (1988).

    Parameters
    ----------
    radius_m
        Demand is covered by a station at most so far away, open in the slice of the demand.

    Returns
    -------
    A plan whose value is the demand covered, that of existing stations included.

    Raises
    ------
    QueryError
        Rules contradict each other; those that do are named.
    """
    check_means(means)
    search = search or Search()
    cells = cells_of(problem, problem.counted, apart=problem.has_capacities)
    if problem.has_capacities:
        losses = _flat_losses(problem, cells, radius_m, cells.weight)
        weight = cells.weight
    else:
        covers = covers_of(problem, cells, radius_m)
        losses, weight = cover_losses(covers, len(problem.options.site)), covers.weight
    found = least_losses(
        problem, means, losses, search, weight=weight, slices=cells.slice, most=problem.demand_total
    )
    return found.plan("mclp", problem, means, search, most=problem.demand_total, terms={"radius_m": radius_m})


def gradual(
    problem: Problem,
    means: Means,
    *,
    credit: Callable[[Floats], Floats],
    furthest_m: float,
    search: Search | None = None,
) -> Plan:
    """Cover demand in part, the nearer the better: gradual covering.

    R. L. Church and K. L. Roberts, "Generalized coverage models and public facility location" (1983);
    O. Berman, D. Krass and Z. Drezner, "The gradual covering decay location problem on a
    network" (2003), doi:10.1016/S0377-2217(02)00604-5. Demand counts by its best station alone.

    Parameters
    ----------
    credit
        Which part of the demand counts at so many metres, from 1 down to 0; see `linear_credit`.
    furthest_m
        Beyond it the credit is 0.

    Returns
    -------
    A plan whose value is the demand covered, each part by its credit.

    Raises
    ------
    QueryError
        Rules contradict each other; those that do are named.
    """
    check_means(means)
    search = search or Search()
    cells = cells_of(problem, problem.counted, apart=problem.has_capacities)
    cell, option, pair = pair_options(problem, cells, within(problem, furthest_m))
    part = np.clip(credit(problem.pairs.distance_m[pair]), 0.0, 1.0)
    loss = cells.weight[cell] * (1 - part)
    losses = losses_of(cell, option, loss, cells.weight, len(problem.options.site))
    found = least_losses(
        problem, means, losses, search, weight=cells.weight, slices=cells.slice, most=problem.demand_total
    )
    return found.plan("gradual", problem, means, search, most=problem.demand_total, terms={"radius_m": furthest_m})


def linear_credit(full_m: float, none_m: float) -> Callable[[Floats], Floats]:
    """Return the credit that is 1 up to a distance, 0 from another on, and falls evenly between them.

    Raises
    ------
    QueryError
        The second distance is not longer.
    """
    if not 0 <= full_m < none_m:
        raise QueryError(N_("is not shorter than the radius"), field="full_m", value=full_m, mend=N_("correct it"))
    return lambda distance_m: np.clip((none_m - distance_m) / (none_m - full_m), 0.0, 1.0)


def backup(
    problem: Problem,
    means: Means,
    *,
    radius_m: float,
    first: float = 0.5,
    search: Search | None = None,
) -> Plan:
    """Cover as much demand as possible once and again: backup covering.

    K. Hogan and C. ReVelle, "Concepts and applications of backup coverage" (1986),
    doi:10.1287/mnsc.32.11.1434, the model BACOP2.

    Parameters
    ----------
    first
        From 0 to 1: how much being covered at all counts; being covered by a second site counts the rest.

    Returns
    -------
    A plan whose value is `first` times the demand covered, and the rest times that covered twice.

    Raises
    ------
    QueryError
        Rules contradict each other, and those that do are named; sites have capacities, which this model ignores.
    """
    check_means(means)
    if not 0 <= first <= 1:
        raise QueryError(N_("is not a share from 0 to 1"), field="first", value=first, mend=N_("correct it"))
    if problem.has_capacities:
        raise QueryError(
            N_("is not part of this model"), field="capacity", mend=N_("leave it out, or choose another model")
        )
    search = search or Search()
    covers = covers_of(problem, cells_of(problem, problem.counted), radius_m)
    count = len(problem.options.site)
    ruled = ruled_program(problem, means, np.zeros(count))
    program, rows = ruled.program, len(covers)
    program.offset = -float(covers.weight.sum())
    # Where a second site counts more than the first, half of each would be cheaper than one of them.
    none = program.add_columns(first * covers.weight, whole=first < 0.5)
    single = program.add_columns((1 - first) * covers.weight)
    place = program.add_rows(rows, low=2.0)
    program.add_entries(place[covers.row], ruled.y[covers.option])
    program.add_entries(place, none)
    program.add_entries(place, single)
    # What is not covered at all is not covered twice either.
    order = program.add_rows(rows, low=0.0)
    program.add_entries(order, single)
    program.add_entries(order, none, -1.0)
    loss = BackupLoss(covers, first, 1 - first, count)
    chosen = begun(problem, means, loss, search.start)
    start = None
    if chosen is not None and not problem.shares:
        many = covers.covered(chosen)
        start = np.concatenate([chosen, many < 1, many < 2]).astype(float)
    found = solve(program, told_as(search, lambda value: -value), start=start)
    chosen = choice_of(ruled, found, search)
    total = float(covers.weight.sum())
    value = total - loss.of(chosen)
    chosen = spared(problem, means, loss, chosen)
    if is_worth_while(problem, len(covers.row), search):
        other = least_costly(problem, ruled, -value, chosen, search)
        chosen = other if total - loss.of(other) >= value - FINE * max(value, 1.0) else chosen
    return Plan(
        model="backup", problem=problem, means=means, chosen=chosen, value=value,
        bound=-found.bound, is_most=True, seconds=search.seconds, terms={"radius_m": radius_m, "first": first},
        loss=loss, loss_offset=total,
    )  # fmt: skip


def _interventions(problem: Problem) -> tuple[Floats, float]:
    """Return what each option counts in set covering, and how much more a new site counts than one that stays."""
    closable = problem.existing & np.isin(problem.rule, (Rule.FREE, Rule.MOVES))
    more = 1.0 / (len(problem.site_ids) + 1) if closable.any() else 0.0
    stays = closable[problem.options.site].astype(float)
    return stays + problem.change_options + problem.new_options * (1 + more), more


def _covering_start(problem: Problem, means: Means, loss: NearestLoss, search: Search) -> Floats | None:
    """Return a choice that covers everything, where it is easily found."""
    if problem.has_capacities or problem.shares:
        return None
    chosen = begun(problem, means, loss, search.start, enough=0.0, exchange=False)
    return None if chosen is None or loss.of(chosen) > 0 else chosen.astype(float)


def _flat_losses(problem: Problem, cells: Cells, radius_m: float, without: Floats | float) -> Losses:
    """Return losses of nothing within a radius, and so much beyond."""
    cell, option, _ = pair_options(problem, cells, within(problem, radius_m))
    beyond = np.broadcast_to(without, len(cells.weight)).astype(float)
    return losses_of(cell, option, np.zeros(len(cell)), beyond, len(problem.options.site))
