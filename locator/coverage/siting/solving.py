"""Mixed-integer programs, built as sparse arrays and solved by HiGHS: progress, limits, and what is proven.

HiGHS: Q. Huangfu and J. A. J. Hall, "Parallelizing the dual revised simplex method" (2018),
doi:10.1007/s12532-017-0130-5.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np

from locator.coverage.siting.problem import Floats, Mask, Numbers
from locator.errors import InvalidValue
from locator.optional import optional_part
from locator.translation import N_

__all__ = ["Outcome", "Program", "Progress", "Search", "never", "solve", "told_as", "untold"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search has come; a value is None as long as there is none."""

    seconds: float
    value: float | None
    bound: float | None


_PATIENCE_S = 1.0


def never() -> bool:
    """Never cancel."""
    return False


def _silent(progress: Progress) -> None:
    """Tell nobody."""


@dataclass(frozen=True, kw_only=True)
class Search:
    """How long to look for a better answer, and whom to tell.

    Attributes
    ----------
    time_limit_s
        After so many seconds the best answer until then is given, with its bound.
    gap
        The relative gap between answer and bound at which to stop; up to 0.000001 it counts as proven optimal.
    progress
        Is told from time to time how far the search is, on the thread that searches.
    cancelled
        Is asked from time to time; once it says yes, the best answer until then is given.
    start
        A choice of options to begin with, such as the answer for one site fewer; None: what is there today.
    blames
        Whether to look for what stands in the way where there is no answer.
    """

    time_limit_s: float = 300.0
    gap: float = 1e-6
    progress: Callable[[Progress], None] = _silent
    cancelled: Callable[[], bool] = never
    start: Mask | None = None
    blames: bool = True
    started_s: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        for name, value, most in (("time_limit_s", self.time_limit_s, np.inf), ("gap", self.gap, 1.0)):
            if not 0 <= value <= most:
                raise InvalidValue(N_("is not a number from 0 up"), field=name, value=value, mend=N_("correct it"))

    @property
    def seconds(self) -> float:
        """Seconds since the search began."""
        return time.monotonic() - self.started_s

    @property
    def seconds_left(self) -> float:
        """Seconds until the limit, from 0 up."""
        return max(self.time_limit_s - self.seconds, 0.0)

    @property
    def is_over(self) -> bool:
        """Whether time is up or somebody cancelled."""
        return self.seconds_left <= 0 or self.cancelled()


def untold(search: Search) -> Search:
    """Return a search that tells nobody: what it makes least is not what was asked for."""
    return replace(search, progress=_silent)


def told_as(search: Search, turned: Callable[[float], float]) -> Search:
    """Return a search whose values and bounds are turned into those of the objective before they are told."""
    if search.progress is _silent:
        return search

    def tell(found: Progress) -> None:
        value, bound = (None if one is None else turned(one) for one in (found.value, found.bound))
        search.progress(Progress(found.seconds, value, bound))

    return replace(search, progress=tell)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a search for the least value found.

    Attributes
    ----------
    values
        Of each column; None: nothing was found.
    value, bound
        Of what was found, and below which nothing can be.
    is_infeasible
        Whether it is proven that there is no answer at all.
    """

    values: Floats | None
    value: float
    bound: float
    is_infeasible: bool = False


class Program:
    """A program under construction: columns with costs and bounds, rows with bounds, entries in blocks."""

    def __init__(self) -> None:
        self.offset = 0.0
        self.columns = 0
        self.rows = 0
        self._columns: list[tuple[Floats, Floats, Floats, Mask]] = []
        self._rows: list[tuple[Floats, Floats]] = []
        self._entries: list[tuple[Numbers, Numbers, Floats]] = []

    def add_columns(self, cost: Floats, *, low: Any = 0.0, high: Any = 1.0, whole: Any = False) -> Numbers:  # noqa: ANN401 - broadcast
        """Add columns between two bounds and return which they are."""
        count = len(cost)
        bounds = [np.broadcast_to(np.asarray(bound, float), count).copy() for bound in (low, high)]
        self._columns.append(
            (np.asarray(cost, float), bounds[0], bounds[1], np.broadcast_to(np.asarray(whole, bool), count).copy())
        )
        self.columns += count
        return np.arange(self.columns - count, self.columns)

    def add_rows(self, count: int, *, low: Any = -np.inf, high: Any = np.inf) -> Numbers:  # noqa: ANN401 - broadcast
        """Add rows between two bounds and return which they are."""
        self._rows.append(
            (
                np.broadcast_to(np.asarray(low, float), count).copy(),
                np.broadcast_to(np.asarray(high, float), count).copy(),
            )
        )
        self.rows += count
        return np.arange(self.rows - count, self.rows)

    def add_entries(self, row: Numbers, column: Numbers, value: Any = 1.0) -> None:  # noqa: ANN401 - broadcast
        """Add entries of the matrix; what is given twice for one place is summed."""
        row, column, values = np.broadcast_arrays(row, column, np.asarray(value, float))
        self._entries.append((row, column, values))

    def add_row(self, column: Numbers, value: Any = 1.0, *, low: float = -np.inf, high: float = np.inf) -> int:  # noqa: ANN401 - broadcast
        """Add one row with its entries and return which it is."""
        row = int(self.add_rows(1, low=low, high=high)[0])
        self.add_entries(np.full(len(column), row), column, value)
        return row

    def tighten(self, column: Numbers, low: Mask, high: Mask) -> None:
        """Narrow the bounds of columns that were added first: those of `low` to 1, those not of `high` to 0."""
        _, lows, highs, _ = self._columns[0]
        lows[column] = np.maximum(lows[column], low)
        highs[column] = np.minimum(highs[column], high)

    def make_least(self, cost: Floats, *, most: float) -> None:
        """Make least the cost of the columns that were added first; what was made least may be at most so much."""
        before, *_ = self.costs_and_bounds()
        column = np.flatnonzero(before)
        self.add_row(column, before[column], high=most - self.offset)
        self._columns = [(np.zeros(len(one)), low, high, whole) for one, low, high, whole in self._columns]
        self._columns[0] = (np.asarray(cost, float), *self._columns[0][1:])
        self.offset = 0.0

    def costs_and_bounds(self) -> tuple[Floats, Floats, Floats, Mask]:
        """Return cost, lower and upper bound of every column, and whether it is whole."""
        cost, low, high, whole = zip(*self._columns, strict=True)
        return np.concatenate(cost), np.concatenate(low), np.concatenate(high), np.concatenate(whole)

    def row_bounds(self) -> tuple[Floats, Floats]:
        """Return the lower and upper bounds of the rows."""
        if not self._rows:
            return np.zeros(0), np.zeros(0)
        low, high = zip(*self._rows, strict=True)
        return np.concatenate(low), np.concatenate(high)

    def by_column(self) -> tuple[Numbers, Numbers, Floats]:
        """Return the matrix column by column: where each begins, rows, values."""
        if not self._entries:
            return np.zeros(self.columns + 1, np.int64), np.zeros(0, np.int64), np.zeros(0)
        row, column, value = (np.concatenate(parts) for parts in zip(*self._entries, strict=True))
        order = np.lexsort((row, column))
        row, column, value = row[order], column[order], value[order]
        first = np.ones(len(row), bool)
        first[1:] = (row[1:] != row[:-1]) | (column[1:] != column[:-1])
        value = np.add.reduceat(value, np.flatnonzero(first)) if len(row) else value
        starts = np.searchsorted(column[first], np.arange(self.columns + 1))
        return starts, row[first], value


def solve(
    program: Program, search: Search, *, start: Floats | None = None, step: float = 0.0, relaxed: bool = False
) -> Outcome:
    """Find the least value of a program.

    Parameters
    ----------
    start
        Values of all columns that are known to be an answer, to begin with.
    step
        All values are multiples of it; 0: nobody knows. It lets the search stop earlier.
    relaxed
        Let whole columns be parts.

    Raises
    ------
    MissingPart
        HiGHS is not installed.
    """
    part = _quiet_part()
    solver = part.Highs()
    solver.silent()
    cost, low, high, whole = program.costs_and_bounds()
    whole = whole & (not relaxed)
    starts, rows, values = program.by_column()
    least, most = program.row_bounds()
    solver.passModel(
        len(cost), len(least), len(values), int(part.MatrixFormat.kColwise), int(part.ObjSense.kMinimize),
        float(program.offset), cost, low, high, least, most, starts.astype(np.int32), rows.astype(np.int32),
        values, whole.astype(np.int32),
    )  # fmt: skip
    options = {
        "time_limit": float(max(search.seconds_left, 0.1)),
        "mip_rel_gap": float(search.gap) * 0.9,
        "mip_abs_gap": float(step * (1 - 1e-6)) if step else 1e-9,
        "random_seed": 0,
    }
    for name, value in options.items():
        solver.setOptionValue(name, value)
    if start is not None:
        solver.setSolution(len(start), np.arange(len(start), dtype=np.int32), start)
    if search.cancelled is never:
        _listen(solver, search)
        solver.solve()
    else:
        watched = _Watched(solver, search)
        if not watched.run():
            return watched.outcome(start, cost, program.offset)
    found = _outcome(part, solver, bool(whole.any()))
    if start is not None and not _agrees(found, cost, program.offset):
        # HiGHS 1.16 may hand back the start beside the value of a better answer that presolve found.
        return solve(program, search, step=step, relaxed=relaxed)
    return found


def _agrees(found: Outcome, cost: Floats, offset: float) -> bool:
    """Whether the values of the columns are worth what is said."""
    if found.values is None:
        return True
    return abs(float(cost @ found.values) + offset - found.value) <= 1e-6 * max(abs(found.value), 1.0)


@lru_cache(maxsize=1)
def _quiet_part() -> Any:  # noqa: ANN401 - HiGHS
    """Import HiGHS and make its first solver, which prints who it is whatever one asks, where nobody reads it."""
    part = optional_part("highspy", "siting")
    library = ctypes.CDLL(None)
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            part.Highs()
            library.fflush(None)
    finally:
        os.dup2(kept, 1)
        os.close(kept)
    return part


class _Watched:
    """HiGHS at work beside this thread, for signals come to nobody else: what it has told of so far."""

    def __init__(self, solver: Any, search: Search) -> None:  # noqa: ANN401 - HiGHS
        self.latest = Progress(search.seconds, None, None)
        self.values: Floats | None = None
        self._search = search
        _listen(solver, replace(search, progress=self._tell))
        solver.cbMipImprovingSolution += self._improve
        self._worker = Thread(target=solver.solve, daemon=True)

    def run(self) -> bool:
        """Return whether HiGHS came to an end; it may hear late of being cancelled, and is then left alone."""
        self._worker.start()
        cancelled_s: float | None = None
        while self._worker.is_alive():
            self._worker.join(0.1)
            # For long HiGHS may have nothing new to say.
            self._search.progress(replace(self.latest, seconds=self._search.seconds))
            if cancelled_s is None and self._search.cancelled():
                cancelled_s = time.monotonic()
            if cancelled_s is not None and time.monotonic() - cancelled_s > _PATIENCE_S:
                return not self._worker.is_alive()
        return True

    def outcome(self, start: Floats | None, cost: Floats, offset: float) -> Outcome:
        """Return the best answer that is known, or what there was to start with."""
        values = start if self.values is None else self.values
        bound = -np.inf if self.latest.bound is None else self.latest.bound
        return Outcome(values, np.inf if values is None else float(cost @ values) + offset, bound)

    def _tell(self, found: Progress) -> None:
        self.latest = found

    def _improve(self, event: Any) -> None:  # noqa: ANN401 - HiGHS
        self.values = np.array(event.data_out.mip_solution, dtype=float)


def _listen(solver: Any, search: Search) -> None:  # noqa: ANN401 - HiGHS
    """Tell and ask while HiGHS works; it asks far oftener than anybody wants to be asked."""
    asked_s = [search.seconds]

    def ask(event: Any) -> None:  # noqa: ANN401 - HiGHS
        if search.seconds - asked_s[0] > 0.1:
            asked_s[0] = search.seconds
            if search.cancelled():
                event.interrupt()

    def tell(event: Any) -> None:  # noqa: ANN401 - HiGHS
        found = event.data_out
        value, bound = (
            float(number) if abs(number) < 1e300 else None
            for number in (found.mip_primal_bound, found.mip_dual_bound)
        )
        search.progress(Progress(search.seconds, value, bound))

    def tell_and_ask(event: Any) -> None:  # noqa: ANN401 - HiGHS
        # A silent HiGHS has no lines of a log to tell of, but says how far it is when it asks.
        if search.seconds - asked_s[0] > 0.1:
            ask(event)
            tell(event)

    if search.progress is not _silent:
        solver.cbMipInterrupt += tell_and_ask
        solver.cbMipImprovingSolution += tell
    elif search.cancelled is not never:
        solver.cbMipInterrupt += ask
    if search.cancelled is not never:
        solver.cbSimplexInterrupt += ask


def _outcome(part: Any, solver: Any, is_mixed: bool) -> Outcome:  # noqa: ANN401 - HiGHS
    status, info = solver.getModelStatus(), solver.getInfo()
    kinds = part.HighsModelStatus
    if status in (kinds.kInfeasible, kinds.kUnboundedOrInfeasible):
        return Outcome(None, np.inf, np.inf, is_infeasible=True)
    is_found = info.primal_solution_status == part.SolutionStatus.kSolutionStatusFeasible
    value = float(info.objective_function_value) if is_found else np.inf
    bound = float(info.mip_dual_bound) if is_mixed else value if status == kinds.kOptimal else -np.inf
    values = np.asarray(solver.getSolution().col_value) if is_found else None
    return Outcome(values, value, bound)
