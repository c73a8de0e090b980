"""Why there is no answer: which demand, community or limit cannot be met, found by letting them give way."""

from __future__ import annotations

import numpy as np

from locator.coverage.siting.problem import Numbers
from locator.coverage.siting.rules import Ruled
from locator.coverage.siting.solving import Program, Search, solve
from locator.errors import QueryError
from locator.translation import N_

__all__ = ["impossible", "unreached"]

_NAMED = 5
_HARDER = 1000.0


def unreached(names: list[str]) -> QueryError:
    """Return the error for demand that no permitted site can serve."""
    return QueryError(
        N_("{count} places with demand have no permitted site within reach that is open when needed: {names}"),
        field="demand",
        count=len(names),
        names=_listed(names),
        mend=N_("take a larger radius, more candidates or longer hours"),
    )


def impossible(ruled: Ruled, search: Search) -> QueryError:
    """Return the error for rules that cannot hold together; it names those that would have to give way."""
    program, columns = _elastic(ruled)
    found = solve(program, Search(time_limit_s=max(search.seconds_left, 10.0)))
    broken: list[str] = []
    if found.values is not None:
        given = found.values[columns]
        broken = [
            name or kind for (kind, name), _ in (ruled.soft[place] for place in np.flatnonzero(given > 1e-6))
        ]
    return QueryError(
        N_("cannot all be met at once; what cannot be met: {names}"),
        field="siting",
        names=_listed(broken) or "-",
        mend=N_("allow more new sites, a larger budget or radius, more candidates, or ask for less"),
    )


def _elastic(ruled: Ruled) -> tuple[Program, Numbers]:
    """Return the program with a way out of each soft row, to be used as little as possible, and their columns."""
    cost, low, high, whole = ruled.program.costs_and_bounds()
    starts, rows, values = ruled.program.by_column()
    least, most = ruled.program.row_bounds()
    program = Program()
    program.add_columns(np.zeros(len(cost)), low=low, high=high, whole=whole)
    program.add_rows(len(least), low=least, high=most)
    program.add_entries(rows, np.repeat(np.arange(len(cost)), np.diff(starts)), values)
    soft = np.array([row for _, row in ruled.soft], dtype=np.int64)
    price = np.array([_HARDER if kind in ("p", "budget") else 1.0 for (kind, _), _ in ruled.soft])
    columns = program.add_columns(price, high=np.inf)
    program.add_entries(soft, columns, np.where(np.isfinite(least[soft]), 1.0, -1.0))
    return program, columns


def _listed(names: list[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
