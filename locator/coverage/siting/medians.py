"""The p-median problem without further rules, on a full matrix: Lagrangean bounds, interchange, and a tree search.

Bounds by letting rows be served more or less than once, at a price (subgradient optimisation), and by them the
search: J. E. Beasley, "A note on solving large p-median problems", European Journal of Operational Research 21,
270-273 (1985). What they leave of the problem is solved as a program where that is small (see `remainder`).
Interchange: R. A. Whitaker, "A fast algorithm for the greedy interchange for large-scale clustering and median
location problems" (1983), doi:10.1080/03155986.1983.11731889; M. G. C. Resende and R. F. Werneck, "A fast
swap-based local search procedure for location problems" (2007), doi:10.1007/s10479-006-0154-0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from locator.coverage.siting.problem import Floats, Mask, Numbers
from locator.coverage.siting.remainder import Remainder
from locator.coverage.siting.solving import Progress, Search
from locator.optional import optional_part

__all__ = ["Found", "Median", "exchanged_covers", "interchange", "is_small", "least_median"]

_ROOT_STEPS = 1500
_NODE_STEPS = 60
_MEMORY = {False: 0.3, True: 0.7}
_FEW, _MANY, _PART = 10, 40, 0.5
"""So few entries a row and so many columns are the matter of a program, for a part of the time."""


@dataclass(frozen=True, eq=False)
class Median:
    """Choose p columns so that the sum over the rows of the least chosen entry is least.

    Attributes
    ----------
    loss
        Shape (rows, columns).
    base
        What each row loses at most, whatever is chosen; may be infinite.
    p
        How many columns to choose, at least one and at most as many as there are.
    step
        Every sum is a multiple of it; 0: nobody knows.
    most
        From what the sum is taken, if from anything: gaps are those of what is left of it.
    is_cover
        Whether every entry is nothing, or no less than the base.
    """

    loss: Floats
    base: Floats
    p: int
    step: float = 0.0
    most: float = 0.0
    is_cover: bool = False

    @classmethod
    def of(cls, loss: Floats, base: Floats, p: int, most: float = 0.0) -> Median:
        """Return the problem, having looked whether it is one of covering, and of whole numbers."""
        is_cover = bool(((loss == 0) | (loss >= base[:, None])).all())
        step = step_of(base) if is_cover else step_of(np.concatenate([loss.ravel(), base[np.isfinite(base)]]))
        return cls(loss, base, p, step, most, is_cover)

    @cached_property
    def nothing(self) -> Any:  # noqa: ANN401 - scipy
        """Which entries are nothing, as a sparse matrix of columns by rows."""
        sparse = optional_part("scipy.sparse", "siting")
        return sparse.csr_array((self.loss == 0).T.astype(float))

    def savings(self, prices: Floats) -> Floats:
        """Return what each column saves at some prices of the rows, from 0 down; no price is above the base."""
        if self.is_cover:
            return np.asarray(-(self.nothing @ prices))
        return np.asarray(np.minimum(self.loss - prices[:, None], 0.0).sum(axis=0))

    def served(self, prices: Floats, columns: Numbers) -> Numbers:
        """Return how many of some columns each row would pay its price for."""
        if self.is_cover:
            return np.asarray(self.nothing[columns].sum(axis=0)) * (prices > 0)
        return np.asarray((self.loss[:, columns] < prices[:, None]).sum(axis=1))

    def part(self, rows: Numbers, columns: Numbers, base: Floats, p: int) -> Median:
        """Return the problem of some rows and columns, with another base."""
        loss = self.loss[np.ix_(rows, columns)]
        return Median(loss, base[rows], p, self.step, self.most, self.is_cover)

    def value(self, columns: Numbers) -> float:
        """Return what the rows lose with some columns."""
        return float(np.minimum(self.base, self.loss[:, columns].min(axis=1, initial=np.inf)).sum())


@dataclass(frozen=True, eq=False)
class Found:
    """The best columns, their value, a bound, and what a better answer can be made of.

    Attributes
    ----------
    kept, forced
        A better answer has columns of the first only, and all of the second.
    """

    columns: Numbers
    value: float
    bound: float
    kept: Numbers
    forced: Numbers


@dataclass(frozen=True, eq=False)
class _Node:
    """A part of all answers: columns that are still open to choice, and those that are chosen."""

    columns: Numbers
    chosen: Numbers
    prices: Floats
    bound: float


@dataclass(frozen=True, eq=False)
class _Bound:
    """A lower bound, the rows' prices that give it, and what each column then saves (from 0 down)."""

    value: float
    prices: Floats
    savings: Floats

    def chosen(self, p: int) -> Mask:
        """Return which columns save most."""
        chosen = np.zeros(len(self.savings), bool)
        chosen[np.argsort(self.savings, kind="stable")[:p]] = True
        return chosen

    def fixed(self, p: int, cut: float) -> tuple[Mask, Mask]:
        """Return which columns a better answer must have, and which it may have besides."""
        last, next_ = np.partition(self.savings, (p - 1, p))[p - 1 : p + 1]
        chosen = self.chosen(p)
        forced = chosen & (self.value - self.savings + next_ >= cut)
        return forced, (chosen | (self.value + self.savings - last < cut)) & ~forced

    def remainder(self, part: Median, cut: float) -> Remainder:
        """Return what a better answer can be made of, beside what it must have."""
        forced, free = self.fixed(part.p, cut)
        base = np.minimum(part.base, part.loss[:, forced].min(axis=1, initial=np.inf))
        # What a row loses beyond its price comes on top of the bound.
        most = self.prices + (cut - self.value)
        return Remainder(part.loss[:, free], base, most, part.p - int(forced.sum()))


def least_median(median: Median, search: Search, *, start: Numbers | None = None) -> Found:
    """Return the best columns; their value is the bound where that is proven.

    The search ends when the gap is reached, or the search's time is up.

    Parameters
    ----------
    start
        Columns to begin with; None: those with the least sums.
    """
    prices = median.base
    if not median.is_cover:
        few = min(max(2, median.loss.shape[1] // median.p), median.loss.shape[1] - 1)
        prices = np.minimum(np.partition(median.loss, few, axis=1)[:, :few].mean(axis=1), median.base)
    best = _Best(median, search)
    if start is None:
        start = interchange(median, np.argsort(median.loss.sum(axis=0), kind="stable")[: median.p], rounds=3)
    best.offer(start)
    root = _Node(np.arange(median.loss.shape[1]), np.zeros(0, np.int64), prices, -np.inf)
    stack = _branches(median, root, best, search, is_root=True)
    kept = np.union1d(stack[1].columns, stack[1].chosen) if stack else np.zeros(0, np.int64)
    forced = stack[0].chosen if stack else np.zeros(0, np.int64)
    nodes = 0
    while stack and not search.is_over:
        node = stack.pop()
        if node.bound < best.cut:
            stack.extend(_branches(median, node, best, search, is_root=False))
        nodes += 1
        if nodes % 50 == 0:
            search.progress(Progress(search.seconds, best.value, best.bound(stack)))
    return Found(best.columns, best.value, best.bound(stack), kept, forced)


class _Best:
    """The best answer so far, and what a bound has to reach to be of no use."""

    def __init__(self, median: Median, search: Search) -> None:
        self.median, self.search = median, search
        self.columns, self.value = np.zeros(0, np.int64), np.inf

    @property
    def tolerance(self) -> float:
        """By how much an answer must be better to matter."""
        step = self.median.step * (1 - 1e-6)
        return max(step, self.search.gap * 0.99 * abs(self.median.most - self.value), 1e-9)

    @property
    def cut(self) -> float:
        """Above it no part of the answers holds one that matters."""
        return self.value - self.tolerance if np.isfinite(self.value) else np.inf

    def offer(self, columns: Numbers) -> None:
        """Take columns if they are better."""
        value = self.median.value(columns)
        if value < self.value:
            self.columns, self.value = columns, value

    def bound(self, stack: list[_Node]) -> float:
        """Return below which no answer is, if only the parts on the stack are still to be searched."""
        proven = self.value if self.tolerance < self.median.step else self.cut
        return min([proven, *(node.bound for node in stack)])


def _branches(median: Median, node: _Node, best: _Best, search: Search, *, is_root: bool) -> list[_Node]:
    """Bound a node; return what is left of it, in two parts, the more promising one last."""
    p = median.p - len(node.chosen)
    if p == 0 or len(node.columns) <= p:
        best.offer(np.concatenate([node.chosen, node.columns[:p]]))
        return []
    base = np.minimum(median.base, median.loss[:, node.chosen].min(axis=1, initial=np.inf))
    rows = np.flatnonzero(base > 0)
    part = median if is_root else median.part(rows, node.columns, base, p)
    bound = _ascended(part, node.prices if is_root else node.prices[rows], best, search, is_root=is_root)
    if bound.value >= best.cut:
        return []
    best.offer(np.concatenate([node.chosen, node.columns[bound.chosen(p)]]))
    forced, may = bound.fixed(p, best.cut)
    taken = np.concatenate([node.chosen, node.columns[forced]])
    free = np.flatnonzero(may)
    if forced.sum() == p or not len(free):
        best.offer(np.concatenate([taken, node.columns[free]])[: median.p])
        return []
    value, prices = max(bound.value, node.bound), bound.prices
    if is_root and not median.is_cover:
        left = bound.remainder(part, best.cut)
        if _is_sparse(left):
            part_of_time = replace(search, time_limit_s=search.seconds + search.seconds_left * _PART)
            found = left.solved(part_of_time, offset=-median.most, step=median.step)
            if found.values is not None:
                best.offer(np.concatenate([taken, node.columns[free[found.values > 0.5]]]))
            if found.is_infeasible or found.value - found.bound <= best.tolerance:
                return []
            value = max(value, found.bound + median.most)
    pivot = free[np.argmin(bound.savings[free])]
    rest = node.columns[free[free != pivot]]
    if not is_root:
        prices = np.zeros(len(base))
        prices[rows] = bound.prices
    return [
        _Node(rest, taken, prices, value),
        _Node(rest, np.append(taken, node.columns[pivot]), prices, value),
    ]


def _ascended(part: Median, prices: Floats, best: _Best, search: Search, *, is_root: bool) -> _Bound:
    """Raise the lower bound of a part of the answers by subgradient steps with a little memory of the last one."""
    prices = np.minimum(prices, part.base)
    found = _Bound(-np.inf, prices, np.zeros(part.loss.shape[1]))
    length, idle, memory = (2.0 if is_root else 0.5), 0, np.zeros(len(prices))
    patience, shrink = (20, 1.5) if is_root else (6, 2.0)
    tried: set[bytes] = set()
    for number in range(_ROOT_STEPS if is_root else _NODE_STEPS):
        savings = part.savings(prices)
        chosen = np.argpartition(savings, part.p - 1)[: part.p]
        value = float(prices.sum() + savings[chosen].sum())
        idle = 0 if value > found.value + 1e-5 * abs(found.value) else idle + 1
        if value > found.value:
            found = _Bound(value, prices, savings)
        if found.value >= best.cut:
            break
        if is_root and not part.is_cover and number % 50 == 49 and _is_sparse(found.remainder(part, best.cut)):
            break
        if is_root and number % 10 == 0:
            _try(part, chosen, best, tried, thoroughly=number % 50 == 0)
            if search.is_over:
                break
            search.progress(Progress(search.seconds, best.value, found.value))
        if idle >= patience:
            length, idle, prices = length / shrink, 0, found.prices
        if length < 1e-3:
            break
        slope = 1.0 - part.served(prices, chosen)
        # A price that is as high as it can be is not pushed higher.
        slope[(slope > 0) & (prices >= part.base)] = 0.0
        memory = slope + _MEMORY[part.is_cover] * memory
        square = float(slope @ slope)
        if not square:
            break
        prices = np.clip(prices + length * (best.value - value) / square * memory, 0.0, part.base)
    return found


def _is_sparse(left: Remainder) -> bool:
    """Whether what is left is better solved as a program than by branching."""
    rows, columns = left.loss.shape
    return bool(columns >= _MANY and left.entries <= _FEW * rows)


def _try(part: Median, chosen: Numbers, best: _Best, tried: set[bytes], *, thoroughly: bool) -> None:
    """Offer columns that a bound chose, exchanged where they are promising."""
    key = np.sort(chosen).tobytes()
    if key in tried:
        return
    tried.add(key)
    if thoroughly or part.value(chosen) < best.value * 1.02:
        best.offer(exchanged_covers(part, chosen) if part.is_cover else interchange(part, chosen))


def exchanged_covers(median: Median, columns: Numbers, *, rounds: int = 50) -> Numbers:
    """Exchange one chosen column for another as `interchange` does, where every entry is nothing or the base."""
    columns = columns.copy()
    for _ in range(rounds):
        count = np.asarray(median.nothing[columns].sum(axis=0))
        best, exchange = 1e-9, None
        for place in range(len(columns)):
            alone = np.asarray(median.nothing[columns[[place]]].sum(axis=0)) * (count == 1)
            gain = median.nothing @ (median.base * ((count == 0) | (alone > 0)))
            into = int(np.argmax(gain))
            useful = float(gain[into] - median.base @ alone)
            if useful > best:
                best, exchange = useful, (place, into)
        if exchange is None:
            break
        columns[exchange[0]] = exchange[1]
    return columns


def interchange(median: Median, columns: Numbers, *, rounds: int = 1000) -> Numbers:
    """Exchange one chosen column for another, the most useful exchange first, until none is of use."""
    columns = columns.copy()
    loss, count = median.loss, len(columns)
    for _ in range(rounds):
        first, second, nearest = _two_best(median, columns)
        added = np.minimum(loss, first[:, None])
        gain = first.sum() - added.sum(axis=0)
        # What the rows of a chosen column lose without it, if another is added; rows served by the base have none.
        served = np.flatnonzero(nearest < count)
        order = served[np.argsort(nearest[served], kind="stable")]
        starts = np.flatnonzero(np.diff(nearest[order], prepend=-1))
        useful = np.tile(gain, (count, 1))
        if len(order):
            more = np.minimum(loss[order], second[order, None]) - added[order]
            useful[nearest[order[starts]]] -= np.add.reduceat(more, starts, axis=0)
        useful[:, columns] = -np.inf
        out, into = np.unravel_index(int(np.argmax(useful)), useful.shape)
        if not useful[out, into] > max(1e-9, 1e-12 * float(first.sum())):
            break
        columns[out] = into
    return columns


def _two_best(median: Median, columns: Numbers) -> tuple[Floats, Floats, Numbers]:
    """Return each row's least and second least loss, and the place of the least among the columns and the base."""
    found = np.column_stack([median.loss[:, columns], median.base])
    rows = np.arange(len(found))
    nearest = np.argmin(found, axis=1)
    first = found[rows, nearest]
    found[rows, nearest] = np.inf
    return first, found.min(axis=1), nearest


def step_of(values: Floats) -> float:
    """Return the largest number of which all values are multiples, if they are whole; else 0."""
    if not len(values) or values.max() > 1e12 or (values != np.rint(values)).any():
        return 0.0
    return float(np.gcd.reduce(values.astype(np.int64)))


def is_small(rows: int, columns: int) -> bool:
    """Whether a full matrix of so many entries is of a size to work with."""
    return rows * columns <= 12_000_000
