"""What bounds leave of a p-median problem, solved as a small program: few columns, and few levels of each row.

Where a Lagrangean bound stands, no better answer serves a row at more than its price by as much as the bound is
short of the best answer; what is left then often fits the radius formulation (see `levels`). That few levels of a
row matter is what S. García, M. Labbé and A. Marín, "Solving large p-median problems with a radius formulation",
INFORMS Journal on Computing 23, 546-556 (2011), build on too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from locator.coverage.siting.levels import add_levels
from locator.coverage.siting.losses import losses_of
from locator.coverage.siting.problem import Floats, Numbers
from locator.coverage.siting.rules import Ruled
from locator.coverage.siting.solving import Outcome, Program, Search, solve, untold

__all__ = ["Remainder"]


@dataclass(frozen=True, eq=False)
class Remainder:
    """What may still be better than the best answer.

    Attributes
    ----------
    loss
        Shape (rows, columns): the losses of the columns that a better answer can have.
    base
        What each row loses at most.
    most
        What each row loses less than in every better answer.
    p
        How many columns there may be.
    """

    loss: Floats
    base: Floats
    most: Floats
    p: int

    @property
    def entries(self) -> int:
        """How many entries of the matrix matter."""
        return int(np.count_nonzero(self.loss < np.minimum(self.base, self.most)[:, None]))

    def solved(self, search: Search, *, offset: float, step: float) -> Outcome:
        """Return the best of what is left; the values are those of the columns.

        Parameters
        ----------
        offset
            Is added to values, and gaps are those of the sum.
        step
            All values are multiples of it; 0: nobody knows.
        """
        row, column = np.nonzero(self.loss < np.minimum(self.base, self.most)[:, None])
        without = np.where(self.base < self.most, self.base, np.inf)
        if np.isinf(without[np.bincount(row, minlength=len(without)) == 0]).any():
            return Outcome(None, np.inf, np.inf, is_infeasible=True)
        program, count = Program(), self.loss.shape[1]
        program.offset = offset
        y: Numbers = program.add_columns(np.zeros(count), whole=True)
        program.add_row(y, high=self.p)
        add_levels(Ruled(program, y, []), losses_of(row, column, self.loss[row, column], without, count))
        found = solve(program, untold(search), step=step)
        values = None if found.values is None else found.values[y]
        return Outcome(values, found.value, found.bound, found.is_infeasible)
