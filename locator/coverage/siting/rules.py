"""What every answer has to keep: what may be spent, what must stand, which groups and shares must have theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from locator.coverage.siting.covers import Covers, cells_of, covers_of
from locator.coverage.siting.problem import Floats, Mask, Numbers, Problem, Rule
from locator.coverage.siting.solving import Program
from locator.errors import QueryError
from locator.translation import N_

__all__ = ["Means", "Ruled", "Shares", "check_means", "keeps", "ruled_program"]


_LIMITS = ("p", "budget", "changes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What there is to spend; None: as much as it takes.

    Attributes
    ----------
    p
        How many new sites may open, beside those that take the place of a station that moves away.
    budget
        The most that all chosen options may cost together, less what is saved by sites that close.
    changes
        How many existing sites may get other hours.
    """

    p: int | None = None
    budget: float | None = None
    changes: int | None = None

    def __post_init__(self) -> None:
        for name in _LIMITS:
            value = getattr(self, name)
            if value is not None and not 0 <= value < np.inf:
                raise QueryError(N_("is not a number from 0 up"), field=name, value=value, mend=N_("correct it"))


def check_means(means: Means) -> None:
    """Refuse means without any limit, where all that may open would open.

    Raises
    ------
    QueryError
        Nothing is limited.
    """
    if means.p is None and means.budget is None and means.changes is None:
        raise QueryError(N_("is missing"), field="p", mend=N_("say how many new sites there may be, or a budget"))


@dataclass(frozen=True, eq=False)
class Ruled:
    """A program that has a column for each option, and the rules.

    Attributes
    ----------
    y
        The column of each option.
    soft
        Rows that may turn out impossible: what each belongs to, and the row.
    limits
        The limits of the means by name, as they were asked for.
    """

    program: Program
    y: Numbers
    soft: list[tuple[tuple[str, str], int]]
    limits: Mapping[str, float] = field(default_factory=dict)


def ruled_program(problem: Problem, means: Means, cost: Floats) -> Ruled:
    """Return a program with a whole column for each option and the rules that hold in every model.

    Parameters
    ----------
    cost
        Of each option, to be made least.
    """
    program = Program()
    site = problem.options.site
    low, high = np.zeros(len(site)), problem.open_options.astype(float)
    low[problem.standing] = 1.0
    y = program.add_columns(cost, low=low, high=high, whole=True)
    soft: list[tuple[tuple[str, str], int]] = []
    _add_sites(problem, program, y)
    _add_means(problem, means, program, y, soft)
    for group in problem.groups:
        members = np.flatnonzero(np.isin(site, group.sites) & problem.open_options)
        soft.append((("group", group.name), program.add_row(y[members], low=group.least)))
    for number in range(len(problem.shares)):
        _add_share(problem, number, program, y, soft)
    limits = {name: value for name in _LIMITS if (value := getattr(means, name)) is not None}
    return Ruled(program, y, soft, limits)


def keeps(problem: Problem, means: Means, chosen: Mask) -> bool:
    """Return whether a choice of options keeps the rules, but for shares, which are not looked at."""
    options, count = problem.options, len(problem.site_ids)
    per_site = np.bincount(options.site[chosen], minlength=count)
    must, never = problem.rule == Rule.MUST, problem.rule == Rule.NEVER
    moved = int(((problem.rule == Rule.MOVES) & (per_site == 0)).sum())
    new = int((chosen & problem.new_options).sum())
    return bool(
        (per_site <= 1).all()
        and (per_site[must] == 1).all()
        and not per_site[never].any()
        and moved <= new
        and (means.p is None or new <= means.p + moved)
        and (means.budget is None or problem.cost_of(chosen) <= means.budget * (1 + 1e-9) + 1e-9)
        and (means.changes is None or (chosen & problem.change_options).sum() <= means.changes)
        and all((per_site[group.sites] > 0).sum() >= group.least for group in problem.groups)
    )


@dataclass(frozen=True, eq=False)
class Shares:
    """Who covers which part of the demand of which a share has to be covered."""

    least: tuple[float, ...]
    covers: tuple[Covers, ...]

    @classmethod
    def of(cls, problem: Problem) -> Shares:
        """Return those of a problem."""
        covers = (
            covers_of(problem, cells_of(problem, problem.kind == problem.kinds.index(one.kind)), one.radius_m)
            for one in problem.shares
        )
        return cls(tuple(one.least for one in problem.shares), tuple(covers))

    def are_met(self, chosen: Mask) -> bool:
        """Return whether a choice of options covers enough of each."""
        return all(
            float(one.weight[one.covered(chosen) > 0].sum()) >= least * float(one.weight.sum()) * (1 - 1e-9)
            for least, one in zip(self.least, self.covers, strict=True)
        )


def _add_sites(problem: Problem, program: Program, y: Numbers) -> None:
    """Let each site have one option at most, or just one if it must be open."""
    site = problem.options.site
    many = np.flatnonzero(np.bincount(site, minlength=len(problem.site_ids)) > 1)
    if not len(many):
        return
    rows = program.add_rows(len(many), low=(problem.rule[many] == Rule.MUST).astype(float), high=1.0)
    place = np.full(len(problem.site_ids), -1)
    place[many] = rows
    columns = np.flatnonzero(place[site] >= 0)
    program.add_entries(place[site[columns]], y[columns])


def _add_means(
    problem: Problem, means: Means, program: Program, y: Numbers, soft: list[tuple[tuple[str, str], int]]
) -> None:
    new = np.flatnonzero(problem.new_options & problem.open_options)
    moving = np.flatnonzero((problem.rule == Rule.MOVES)[problem.options.site])
    movers = int((problem.rule == Rule.MOVES).sum())
    both = np.concatenate([new, moving])
    if means.p is not None:
        soft.append((("p", ""), program.add_row(y[both], high=means.p + movers)))
    if movers:
        program.add_row(y[both], low=movers)
    if means.budget is not None:
        # What closing saves is paid by what stays, and given to the budget.
        price, saved = problem.price, float(problem.saves[problem.existing].sum())
        paid = np.flatnonzero(price > 0)
        soft.append((("budget", ""), program.add_row(y[paid], price[paid], high=means.budget + saved)))
    if means.changes is not None:
        changes = np.flatnonzero(problem.change_options)
        soft.append((("changes", ""), program.add_row(y[changes], high=means.changes)))


def _add_share(
    problem: Problem, number: int, program: Program, y: Numbers, soft: list[tuple[tuple[str, str], int]]
) -> None:
    """Let a share of a kind of demand be covered: columns for what is left uncovered, and a row for their sum."""
    share = problem.shares[number]
    cells = cells_of(problem, problem.kind == problem.kinds.index(share.kind))
    covers = covers_of(problem, cells, share.radius_m)
    total = float(covers.weight.sum())
    left = program.add_columns(np.zeros(len(covers)))
    rows = program.add_rows(len(covers), low=1.0)
    program.add_entries(rows[covers.row], y[covers.option])
    program.add_entries(rows, left)
    most = total * (1 - share.least) * (1 + 1e-9)
    soft.append((("share", share.kind), program.add_row(left, covers.weight, high=most)))
