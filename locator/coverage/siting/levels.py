"""Losses as a mixed-integer program: the radius formulation, one column for each distinct loss of a row.

G. Cornuéjols, G. L. Nemhauser and L. A. Wolsey, "A canonical representation of simple plant location problems
and its applications" (1980); the chained form is that of S. Elloumi, "A tighter formulation of the p-median
problem", Journal of Combinatorial Optimization 19, 69-83 (2010). Covering is the case of one level.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from locator.coverage.siting.covers import Covers
from locator.coverage.siting.losses import Losses
from locator.coverage.siting.problem import Floats, Mask, Numbers
from locator.coverage.siting.rules import Ruled

__all__ = ["Levels", "add_covers", "add_levels", "add_served"]


@dataclass(frozen=True, eq=False)
class Levels:
    """Columns that say of each row whether it loses more than one of its levels.

    Attributes
    ----------
    losses
        What they stand for.
    column
        The column of each level that has one.
    row, level
        The row of each column, and the loss that it exceeds.
    """

    losses: Losses
    column: Numbers
    row: Numbers
    level: Floats

    def values(self, chosen: Mask) -> Floats:
        """Return the values of the columns for a choice of options."""
        return (self.losses.best(chosen)[self.row] > self.level).astype(float)


def add_covers(ruled: Ruled, covers: Covers, wanted: Mask, usable: Mask, names: list[str]) -> None:
    """Let every wanted row be covered, by options that may be used; rows are soft, and named if they cannot be."""
    place = np.full(len(covers), -1)
    place[wanted] = ruled.program.add_rows(int(wanted.sum()), low=1.0)
    entry = np.flatnonzero(wanted[covers.row] & usable[covers.option])
    ruled.program.add_entries(place[covers.row[entry]], ruled.y[covers.option[entry]])
    ruled.soft.extend((("demand", names[row]), int(place[row])) for row in np.flatnonzero(wanted).tolist())


def add_levels(ruled: Ruled, losses: Losses, names: list[str] | None = None) -> Levels:
    """Add the sum of losses to what a program makes least.

    Rows that must be served are soft: they are named if they cannot be.
    """
    program = ruled.program
    row, loss = losses.row, losses.loss
    new = np.ones(len(row), bool)
    new[1:] = (row[1:] != row[:-1]) | (loss[1:] != loss[:-1])
    entry_level = np.cumsum(new) - 1
    level_row, level = row[new], loss[new]
    is_first = np.diff(level_row, prepend=-1) != 0
    is_last = np.diff(level_row, append=-1) != 0
    beyond = np.append(level, 0.0)[1:]
    beyond[is_last] = losses.without[level_row[is_last]]
    has_column = np.isfinite(beyond)
    program.offset += float(level[is_first].sum())
    served = np.zeros(len(losses.without), bool)
    served[level_row] = True
    program.offset += float(losses.without[~served].sum())
    column = program.add_columns(beyond[has_column] - level[has_column])
    rows = program.add_rows(len(level), low=is_first.astype(float))
    program.add_entries(rows[entry_level], ruled.y[losses.option])
    program.add_entries(rows[has_column], column)
    follows = np.flatnonzero(~is_first)
    place = np.full(len(level), -1)
    place[has_column] = column
    program.add_entries(rows[follows], place[follows - 1], -1.0)
    for number in np.flatnonzero(~has_column).tolist():
        ruled.soft.append((("demand", names[level_row[number]] if names else ""), int(rows[number])))
    return Levels(losses, column, level_row[has_column], level[has_column])


def add_served(
    ruled: Ruled,
    losses: Losses,
    *,
    weight: Floats,
    capacity: Floats,
    slices: Numbers,
    names: list[str] | None = None,
) -> None:
    """Add the sum of losses to what a program makes least, where sites serve only so much.

    Demand may be split between sites; columns say which part of a row each option serves.

    Parameters
    ----------
    weight
        The demand of each row.
    capacity
        How much each option serves in one slice.
    slices
        The slice of each row.
    names
        What rows are called in errors.
    """
    program = ruled.program
    must = np.isinf(losses.without)
    gain = np.where(must[losses.row], losses.loss, losses.loss - np.where(must, 0.0, losses.without)[losses.row])
    program.offset += float(losses.without[~must].sum())
    part = program.add_columns(gain)
    rows = program.add_rows(len(must), low=must.astype(float), high=1.0)
    program.add_entries(rows[losses.row], part)
    for number in np.flatnonzero(must).tolist():
        ruled.soft.append((("demand", names[number] if names else ""), int(rows[number])))
    # No part of a row goes to a site that is not open.
    open_rows = program.add_rows(len(part), high=0.0)
    program.add_entries(open_rows, part)
    program.add_entries(open_rows, ruled.y[losses.option], -1.0)
    limited = np.flatnonzero(np.isfinite(capacity[losses.option]))
    count = int(slices.max(initial=0)) + 1
    key, place = np.unique(losses.option[limited] * count + slices[losses.row[limited]], return_inverse=True)
    limit_rows = program.add_rows(len(key), high=0.0)
    program.add_entries(limit_rows[place], part[limited], weight[losses.row[limited]])
    option = key // count
    program.add_entries(limit_rows, ruled.y[option], -capacity[option])
