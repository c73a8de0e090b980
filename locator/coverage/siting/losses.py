"""What a choice of options is worth: the loss of every cell, with what is chosen and with one option more.

All models but the set covering ones are losses to be made least: uncovered demand, missing credit, metres walked.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from locator.coverage.siting.covers import Covers, merged
from locator.coverage.siting.problem import Floats, Mask, Numbers

__all__ = ["BackupLoss", "Losses", "NearestLoss", "WorstLoss", "cover_losses", "losses_of"]


@dataclass(frozen=True, eq=False)
class Losses:
    """What each cell loses if an option serves it, as a sparse matrix, and what it loses if none does.

    Attributes
    ----------
    row, option, loss
        By row, then by loss; only entries below the row's `without`.
    without
        Of each row; infinite: it must be served.
    options
        How many options there are.
    member
        For each cell of which the rows were made its row.
    """

    row: Numbers
    option: Numbers
    loss: Floats
    without: Floats
    options: int
    member: Numbers

    @cached_property
    def starts(self) -> Numbers:
        """Where each row's entries begin, and the end of the last."""
        return np.searchsorted(self.row, np.arange(len(self.without) + 1))

    def best(self, chosen: Mask) -> Floats:
        """Return what each row loses with the chosen options."""
        found = self.without.copy()
        entry = np.flatnonzero(chosen[self.option])
        first = entry[np.flatnonzero(np.diff(self.row[entry], prepend=-1))]
        found[self.row[first]] = self.loss[first]
        return found

    def below(self, without: Floats) -> Losses:
        """Return the losses if each row loses at most so much anyway."""
        kept = self.loss < without[self.row]
        return Losses(self.row[kept], self.option[kept], self.loss[kept], without, self.options, self.member)

    def among(self, options: Mask) -> Losses:
        """Return the losses if only some options may be chosen; rows of covering that are then alike are one."""
        kept = options[self.option]
        row, option, loss = self.row[kept], self.option[kept], self.loss[kept]
        if loss.any() or np.isinf(self.without).any():
            return Losses(row, option, loss, self.without, self.options, self.member)
        covers = merged(self.without, row, option)
        found = cover_losses(covers, self.options)
        return Losses(found.row, found.option, found.loss, found.without, self.options, covers.member[self.member])


class Loss(Protocol):
    """What a choice of options loses in all."""

    def of(self, chosen: Mask) -> float:
        """Return the loss of a choice."""

    def with_one_more(self, chosen: Mask) -> Floats:
        """Return for each option the loss if it is chosen too."""


def losses_of(row: Numbers, option: Numbers, loss: Floats, without: Floats, options: int) -> Losses:
    """Return losses, sorted, without entries that are no better than none."""
    kept = loss < without[row]
    row, option, loss = row[kept], option[kept], loss[kept]
    order = np.lexsort((option, loss, row))
    return Losses(row[order], option[order], loss[order], without, options, np.arange(len(without)))


def cover_losses(covers: Covers, options: int) -> Losses:
    """Return the losses of covering: nothing where covered, the row's weight where not."""
    zeros = np.zeros(len(covers.row))
    return Losses(covers.row, covers.option, zeros, covers.weight, options, covers.member)


@dataclass(frozen=True, eq=False)
class NearestLoss:
    """The sum over all rows of what the best chosen option leaves."""

    losses: Losses

    def of(self, chosen: Mask) -> float:
        """Return the loss of a choice."""
        return float(self.losses.best(chosen).sum())

    def with_one_more(self, chosen: Mask) -> Floats:
        """Return for each option the loss if it is chosen too."""
        losses, best = self.losses, self.losses.best(chosen)
        unserved = np.isinf(best)
        if unserved.any():
            # Serving those that must be served comes before all else.
            best = np.where(unserved, 1e15, best)
        less = np.minimum(losses.loss - best[losses.row], 0.0)
        return np.asarray(best.sum() + np.bincount(losses.option, less, losses.options))


@dataclass(frozen=True, eq=False)
class WorstLoss:
    """The largest over all rows of what the best chosen option leaves."""

    losses: Losses

    def of(self, chosen: Mask) -> float:
        """Return the loss of a choice."""
        return float(self.losses.best(chosen).max(initial=0.0))

    def with_one_more(self, chosen: Mask) -> Floats:
        """Return for each option the loss if it is chosen too."""
        losses, best = self.losses, self.losses.best(chosen)
        found = np.full(losses.options, best.max(initial=0.0))
        order = np.argsort(losses.option, kind="stable")
        ends = np.searchsorted(losses.option[order], np.arange(losses.options + 1))
        for option in np.flatnonzero(np.diff(ends)).tolist():
            entry = order[ends[option] : ends[option + 1]]
            after = best.copy()
            after[losses.row[entry]] = np.minimum(after[losses.row[entry]], losses.loss[entry])
            found[option] = after.max(initial=0.0)
        return found


@dataclass(frozen=True, eq=False)
class BackupLoss:
    """Demand that is not covered once, and demand that is not covered twice, each with its part."""

    covers: Covers
    first: float
    second: float
    options: int

    def of(self, chosen: Mask) -> float:
        """Return the loss of a choice."""
        count = self.covers.covered(chosen)
        return float((self.covers.weight * (self.first * (count < 1) + self.second * (count < 2))).sum())

    def with_one_more(self, chosen: Mask) -> Floats:
        """Return for each option the loss if it is chosen too."""
        count = self.covers.covered(chosen)
        gain = self.covers.weight * (self.first * (count == 0) + self.second * (count == 1))
        gains = np.bincount(self.covers.option, gain[self.covers.row], self.options)
        return np.asarray(self.of(chosen) - gains)
