"""Who can cover whom: rows of demand, each with the options that cover it; like rows are one row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from locator.coverage.siting.problem import Floats, Mask, Numbers, Problem

__all__ = ["FINE_M", "Cells", "Covers", "cells_of", "covers_of", "merged", "pair_options", "within"]

FINE_M = 1e-6
"""A distance that is longer than a radius by so little is not longer."""


@dataclass(frozen=True, eq=False)
class Cells:
    """Demand points by slices in which the same options are open; slices that do not differ are one.

    Attributes
    ----------
    demand, slice
        Of each cell its demand point and its distinct slice.
    weight
        Its demand, over all slices that are alike.
    open
        Shape (options, distinct slices).
    distinct
        For each slice of the problem its distinct one.
    """

    demand: Numbers
    slice: Numbers
    weight: Floats
    open: Mask
    distinct: Numbers


@dataclass(frozen=True, eq=False)
class Covers:
    """Rows and the options that cover each, as a sparse matrix.

    Attributes
    ----------
    weight
        Of each row.
    row, option
        Its entries, by row and then by option; no entry twice.
    member
        For each cell of which the rows were made its row; -1: none.
    """

    weight: Floats
    row: Numbers
    option: Numbers
    member: Numbers

    def __len__(self) -> int:
        return len(self.weight)

    @property
    def counts(self) -> Numbers:
        """How many options cover each row."""
        return np.bincount(self.row, minlength=len(self.weight))

    def covered(self, chosen: Mask) -> Numbers:
        """Return how many chosen options cover each row; `chosen` by option."""
        return np.bincount(self.row[chosen[self.option]], minlength=len(self.weight))


def cells_of(problem: Problem, demand: Mask, *, apart: bool = False) -> Cells:
    """Return some of the demand points by slices, without those that have no demand.

    Parameters
    ----------
    demand
        Which demand points.
    apart
        Keep slices apart that are alike, for capacities hold in each.
    """
    is_open = problem.options.open
    if apart:
        first, distinct = np.arange(is_open.shape[1]), np.arange(is_open.shape[1])
    else:
        _, first, distinct = np.unique(is_open, axis=1, return_index=True, return_inverse=True)
        distinct = np.asarray(distinct).ravel()
    weight = np.zeros((len(problem.weight), len(first)))
    np.add.at(weight.T, distinct, problem.weight.T)
    weight[~demand] = 0.0
    point, at = np.nonzero(weight)
    return Cells(point, at, weight[point, at], is_open[:, first], distinct)


def within(problem: Problem, radius_m: float) -> Numbers:
    """Return which pairs are at most so far apart; just so far counts."""
    return np.flatnonzero(problem.pairs.distance_m <= radius_m + FINE_M)


def pair_options(
    problem: Problem, cells: Cells, pairs: Numbers, usable: Mask | None = None
) -> tuple[Numbers, Numbers, Numbers]:
    """Return for each cell the options that serve it over some pairs: cells, options, pairs.

    Parameters
    ----------
    usable
        Which options are looked at; None: those that an answer may hold.
    """
    options = np.flatnonzero(problem.open_options if usable is None else usable)
    pair, option = _joined(problem.pairs.site[pairs], problem.options.site[options], len(problem.site_ids))
    pair, option = pairs[pair], options[option]
    entry, cell = _joined(problem.pairs.demand[pair], cells.demand, len(problem.demand_ids))
    pair, option = pair[entry], option[entry]
    is_open = cells.open[option, cells.slice[cell]]
    return cell[is_open], option[is_open], pair[is_open]


def covers_of(problem: Problem, cells: Cells, radius_m: float) -> Covers:
    """Return who covers whom within a radius; cells with the same options are one row, those with none too."""
    cell, option, _ = pair_options(problem, cells, within(problem, radius_m))
    return merged(cells.weight, cell, option)


def merged(weight: Floats, row: Numbers, option: Numbers) -> Covers:
    """Return rows with those that have the same options made one, their weights added."""
    order = np.lexsort((option, row))
    row, option = row[order], option[order]
    # Sets are told apart by two sums of 64 random bits each, which two that differ have in common once in 2^128.
    dice = np.random.default_rng(0)
    bits = dice.integers(0, 2**64, size=(2, int(option.max(initial=0)) + 1), dtype=np.uint64)
    keys = np.zeros((len(weight), 3), np.uint64)
    starts = np.flatnonzero(np.diff(row, prepend=-1))
    if len(row):
        for number in range(2):
            keys[row[starts], number] = np.add.reduceat(bits[number][option], starts)
    keys[:, 2] = np.bincount(row, minlength=len(weight))
    _, first, member = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    member = np.asarray(member).ravel()
    kept = np.full(len(weight), -1)
    kept[first] = np.arange(len(first))
    inside = kept[row] >= 0
    row, option = kept[row[inside]], option[inside]
    order = np.lexsort((option, row))
    return Covers(np.bincount(member, weight, len(first)).astype(float), row[order], option[order], member)


def _joined(left: Numbers, right: Numbers, count: int) -> tuple[Numbers, Numbers]:
    """Return all places of `left` and `right` that hold the same number below `count`."""
    order = np.argsort(right, kind="stable")
    starts = np.searchsorted(right[order], np.arange(count + 1))
    many = np.diff(starts)[left]
    place = np.repeat(np.arange(len(left)), many)
    inner = np.arange(len(place)) - np.repeat(np.cumsum(many) - many, many)
    return place, order[starts[left[place]] + inner]
