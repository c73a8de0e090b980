"""The p-center model: the shortest worst walk."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from locator.coverage.siting.blame import unreached
from locator.coverage.siting.covers import FINE_M, Cells, Covers, cells_of, merged, pair_options
from locator.coverage.siting.dominance import reduced
from locator.coverage.siting.greedy import improved
from locator.coverage.siting.levels import add_covers, add_served
from locator.coverage.siting.losses import Losses, NearestLoss, WorstLoss, cover_losses, losses_of
from locator.coverage.siting.plan import Plan
from locator.coverage.siting.problem import Floats, Mask, Problem, Rule
from locator.coverage.siting.rules import Means, Ruled, check_means, ruled_program
from locator.coverage.siting.searching import choice_of, named_cells, standing
from locator.coverage.siting.solving import Outcome, Progress, Search, solve, untold

__all__ = ["p_center"]


def p_center(problem: Problem, means: Means, *, search: Search | None = None) -> Plan:
    """Make the longest walk of any demand to its nearest station the shortest: the p-center problem.

    S. L. Hakimi, "Optimum locations of switching centers and the absolute centers and medians of a graph"
    (1964), doi:10.1287/opre.12.3.450; solved as a series of set covering problems after E. Minieka, "The m-center
    problem", SIAM Review 12, 138-139 (1970), the relaxed ones first after S. Elloumi, M. Labbé and Y. Pochet, "A
    new formulation and resolution method for the p-center problem" (2004), doi:10.1287/ijoc.1030.0028. How much
    demand there is at a place does not matter, only that there is some. What may be opened beyond what the longest
    walk needs shortens the total walk.

    Returns
    -------
    A plan whose value is metres.

    Raises
    ------
    QueryError
        Some demand can have no station, or rules contradict each other; what does is named.
    """
    check_means(means)
    search = search or Search()
    center = _Center.of(problem, means)
    chosen, reached, proven = center.searched(search)
    # With capacities some walk past a full station: how far, only the search knows.
    value = reached if problem.has_capacities else center.worst.of(chosen)
    # What is left of the means shortens the total walk, and lengthens none.
    filled = improved(problem, means, center.total, chosen=chosen, exchange=False)
    chosen = chosen if filled is None or problem.has_capacities or problem.shares else filled
    return Plan(
        model="p_center", problem=problem, means=means, chosen=chosen, value=value, bound=min(proven, value),
        is_most=False, seconds=search.seconds, loss=None if problem.has_capacities else center.worst,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Center:
    """The problem as set covering problems, one for each distance that can be the longest.

    Attributes
    ----------
    metres
        The distance from each cell to each option; infinite without any.
    radii_m
        The distances that can be the longest, ascending.
    """

    problem: Problem
    means: Means
    cells: Cells
    metres: Losses
    total: NearestLoss
    radii_m: Floats

    @classmethod
    def of(cls, problem: Problem, means: Means) -> _Center:
        """Return the problem's own.

        Raises
        ------
        QueryError
            Some demand can have no station.
        """
        count = len(problem.options.site)
        cells = cells_of(problem, problem.counted, apart=problem.has_capacities)
        cell, option, pair = pair_options(problem, cells, np.arange(len(problem.pairs.site)))
        metres = problem.pairs.distance_m[pair]
        endless = np.full(len(cells.weight), np.inf)
        least = endless.copy()
        np.minimum.at(least, cell, metres)
        if np.isinf(least).any():
            names = named_cells(problem, cells)
            raise unreached([names[row] for row in np.flatnonzero(np.isinf(least)).tolist()])
        radii_m = np.unique(metres)
        radii_m = radii_m[radii_m >= least.max(initial=0.0)] if len(metres) else np.zeros(1)
        total = NearestLoss(losses_of(cell, option, cells.weight[cell] * metres, endless, count))
        return cls(problem, means, cells, losses_of(cell, option, metres, endless, count), total, radii_m)

    @property
    def worst(self) -> WorstLoss:
        """The longest walk of a choice."""
        return WorstLoss(self.metres)

    def searched(self, search: Search) -> tuple[Mask, float, float]:
        """Return the best choice, the distance within which it covers, and that below which none can.

        Raises
        ------
        QueryError
            There is none at all, or none was found in time.
        """
        high, best = len(self.radii_m), self.first(search)
        high = high if best is None else self.place_of(best)
        low = proven = self.relaxed_from(high, search)
        stride = 1
        while low < high and not (best is not None and search.is_over):
            self.tell(search, None if best is None else high, proven)
            probe = (
                min(low + stride - 1, (low + high) // 2) if best is not None else min(low + stride - 1, high - 1)
            )
            stride *= 2
            found = self.tried(probe, search)
            if not isinstance(found, Outcome):
                best, high, stride = found, self.place_of(found) if not self.problem.has_capacities else probe, 1
                continue
            low = probe + 1
            proven = low if found.is_infeasible else proven
        if best is None:
            ruled = self.program(len(self.radii_m) - 1)
            best = choice_of(ruled, solve(ruled.program, untold(search)), search)
            high = len(self.radii_m) - 1
        self.tell(search, high, proven)
        return best, float(self.radii_m[high]), float(self.radii_m[min(proven, high)])

    def tell(self, search: Search, best: int | None, proven: int) -> None:
        """Tell how far a search is: places of the best distance and of the one below which none can be."""
        value = None if best is None else float(self.radii_m[best])
        bound = float(self.radii_m[min(proven, len(self.radii_m) - 1 if best is None else best)])
        search.progress(Progress(search.seconds, value, bound))

    def first(self, search: Search) -> Mask | None:
        """Return a choice that covers all within some distance: an easy one, or what there is to start with."""
        choices = [self.simple(len(self.radii_m) - 1)]
        if search.start is not None and not self.problem.has_capacities and not self.problem.shares:
            choices.append(improved(self.problem, self.means, self.total, chosen=search.start, exchange=False))
        known = [one for one in choices if one is not None and np.isfinite(self.worst.of(one))]
        return min(known, key=self.worst.of, default=None)

    def place_of(self, chosen: Mask) -> int:
        """Return which of the distances is a choice's longest."""
        return int(np.searchsorted(self.radii_m, self.worst.of(chosen) - FINE_M))

    def relaxed_from(self, high: int, search: Search) -> int:
        """Return the first distance at which parts of options could cover all, by bisection; at most `high`."""
        low = 0
        while low < high and not search.is_over:
            probe = (low + high) // 2
            if solve(self.program(probe).program, untold(search), relaxed=True).is_infeasible:
                low = probe + 1
            else:
                high = probe
        return low

    def simple(self, place: int) -> Mask | None:
        """Return a choice that covers all within a distance, if it is easily found."""
        if self.problem.has_capacities or self.problem.shares or place < 0:
            return None
        loss = NearestLoss(cover_losses(self.covers(place), len(self.problem.options.site)))
        chosen = improved(self.problem, self.means, loss, enough=0.0, exchange=False)
        return None if chosen is None or loss.of(chosen) > 0 else chosen

    def tried(self, place: int, search: Search) -> Mask | Outcome:
        """Return a choice that covers all within a distance, or what came of the search for one."""
        chosen = self.simple(place)
        if chosen is not None:
            return chosen
        ruled = self.program(place)
        found = solve(ruled.program, replace(untold(search), gap=1.0))
        return found if found.values is None else choice_of(ruled, found, search)

    def covers(self, place: int) -> Covers:
        """Return who covers whom within a distance."""
        near = self.metres.loss <= self.radii_m[place] + FINE_M
        return merged(np.ones(len(self.cells.weight)), self.metres.row[near], self.metres.option[near])

    def program(self, place: int) -> Ruled:
        """Return the covering of all within a distance as a program, with as few new sites as can be."""
        problem = self.problem
        ruled = ruled_program(problem, self.means, problem.new_options.astype(float))
        names = named_cells(problem, self.cells)
        if problem.has_capacities:
            near = self.metres.loss <= self.radii_m[place] + FINE_M
            row, option = self.metres.row[near], self.metres.option[near]
            losses = losses_of(row, option, np.zeros(len(row)), self.metres.without, self.metres.options)
            capacity = problem.capacity[problem.options.site]
            add_served(
                ruled, losses, weight=self.cells.weight, capacity=capacity, slices=self.cells.slice, names=names
            )
            return ruled
        covers = self.covers(place)
        names = named_cells(problem, self.cells, covers.member)
        rows, out = reduced(covers, covers.covered(standing(problem)) == 0, self.interchangeable())
        wanted = np.zeros(len(covers), bool)
        wanted[rows] = True
        add_covers(ruled, covers, wanted, ~out, names)
        return ruled

    def interchangeable(self) -> Mask:
        """Return which options are as good as each other but for what they cover: free ones of no group."""
        problem, site = self.problem, self.problem.options.site
        if problem.shares or self.means.budget is not None:
            return np.zeros(len(site), bool)
        single = (np.bincount(site, minlength=len(problem.site_ids)) == 1) & (problem.rule == Rule.FREE)
        for group in problem.groups:
            single[group.sites] = False
        return np.asarray(single[site] & problem.new_options)
