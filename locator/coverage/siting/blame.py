"""Why there is no answer: which demand, community or limit cannot be met, found by letting them give way."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import numpy as np

from locator.coverage.about import Note
from locator.coverage.siting.problem import Floats
from locator.coverage.siting.rules import Ruled
from locator.coverage.siting.solving import Program, Search, solve
from locator.errors import QueryError
from locator.translation import N_

__all__ = ["NoAnswer", "impossible", "unreached", "without_answer"]

_NAMED = 5
_FINE = 1e-6
_LIMITS = {
    "p": N_("is too small: {needed} new sites are needed"),
    "budget": N_("is too small: {needed} is needed"),
    "changes": N_("is too small: {needed} changes of hours are needed"),
}
_LIMIT_NAMES = {
    "p": N_("the number of new sites"),
    "budget": N_("the budget"),
    "changes": N_("the number of changes of hours"),
}
_SHARE_NAMES = {"main_streets": N_("the share of main streets")}


class NoAnswer(QueryError):
    """Rules contradict each other, or cannot be met: there is no answer at all."""

    def text(self, translate: Callable[[str], str] = str) -> str:
        """Return the error as one line, with the names of rules translated too."""
        names = self.details.get("names")
        if not isinstance(names, tuple):
            return super().text(translate)
        details = self.details | {"names": _listed([_said(one, translate) for one in names])}
        return QueryError(self.reason, field=self.field, value=self.value, mend=self.mend, **details).text(
            translate
        )


def _said(name: Any, translate: Callable[[str], str]) -> str:  # noqa: ANN401
    return translate(name.message) if isinstance(name, Note) else str(name)


def unreached(names: list[str]) -> NoAnswer:
    """Return the error for demand that no permitted site can serve."""
    names = list(dict.fromkeys(names))
    return NoAnswer(
        N_("{count} places with demand have no permitted site within reach that is open when needed: {names}"),
        field="demand",
        count=len(names),
        names=tuple(names),
        mend=N_(
            "take a larger radius, more candidates or longer hours, or ask mclp for the most that can be covered"
        ),
    )


def without_answer() -> NoAnswer:
    """Return the error for rules that cannot hold together, where nobody asks which."""
    return NoAnswer(N_("cannot all be met at once"), field="siting")


def impossible(ruled: Ruled, search: Search) -> NoAnswer:
    """Return the error for rules that cannot hold together; it names those that would have to give way.

    First the limits of the means: if a larger one alone would do, it is told how large. Then the limits together,
    and then all that may give way, as little of it as possible.
    """
    search = Search(time_limit_s=min(max(search.seconds_left, 10.0), 30.0), gap=1e-3)
    kinds = [kind for (kind, _), _ in ruled.soft]
    for limit, reason in _LIMITS.items():
        given = _given(ruled, {limit}, search) if limit in kinds else None
        if given is not None:
            most = ruled.limits[limit]
            needed = most + float(given[kinds.index(limit)])
            return NoAnswer(
                reason,
                field=limit,
                value=int(most) if most == int(most) else most,
                needed=f"{np.ceil(needed - 1e-4) if limit != 'budget' else needed:,.0f}",
                mend=N_("allow more, or ask for less"),
            )
    for giving in (set(_LIMITS), set(kinds)):
        given = _given(ruled, giving, search) if giving & set(kinds) else None
        if given is not None:
            break
    names: list[Any] = [] if given is None else [ruled.soft[place][0] for place in np.flatnonzero(given > _FINE)]
    return NoAnswer(
        N_("cannot all be met at once; what cannot be met: {names}"),
        field="siting",
        names=tuple(_name(*one) for one in names) or ("-",),
        mend=N_("allow more new sites, a larger budget or radius, more candidates, or ask for less"),
    )


def _name(kind: str, name: str) -> str | Note:
    known = _LIMIT_NAMES.get(kind) or _SHARE_NAMES.get(name)
    return Note(known) if known else name or kind


def _given(ruled: Ruled, kinds: Collection[str], search: Search) -> Floats | None:
    """Return by how much each soft row gives way, as little as can be, if some kinds may; None: it is no use."""
    cost, low, high, whole = ruled.program.costs_and_bounds()
    starts, rows, values = ruled.program.by_column()
    least, most = ruled.program.row_bounds()
    program = Program()
    program.add_columns(np.zeros(len(cost)), low=low, high=high, whole=whole)
    program.add_rows(len(least), low=least, high=most)
    program.add_entries(rows, np.repeat(np.arange(len(cost)), np.diff(starts)), values)
    soft = np.array([row for _, row in ruled.soft], dtype=np.int64)
    may = np.array([kind in kinds for (kind, _), _ in ruled.soft], dtype=bool)
    columns = program.add_columns(np.ones(len(soft)), high=np.where(may, np.inf, 0.0))
    program.add_entries(soft, columns, np.where(np.isfinite(least[soft]), 1.0, -1.0))
    found = solve(program, search)
    return None if found.values is None else np.asarray(found.values[columns])


def _listed(names: list[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
