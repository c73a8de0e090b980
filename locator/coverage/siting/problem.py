"""A siting problem as plain arrays: sites with the hours they may keep, demand by time slice, metres between."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from locator.errors import InvalidValue
from locator.translation import N_

__all__ = ["Floats", "Group", "Mask", "Numbers", "Options", "Pairs", "Problem", "Rule", "Share", "pairs_of"]

Floats: TypeAlias = npt.NDArray[np.float64]
Numbers: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]

_MISFIT = N_("does not fit the rest of the siting problem")


class Rule(IntEnum):
    """What may become of a site.

    A candidate that is FREE may open, an existing one that is FREE may close. What MOVES is existing, and either
    stays or closes in exchange for one more new site. MUST: open in every answer. NEVER: in none.
    """

    FREE = 0
    MUST = 1
    NEVER = 2
    MOVES = 3


@dataclass(frozen=True, eq=False)
class Pairs:
    """Metres between sites and demand points, as far as anybody looked; what is not listed is too far.

    Attributes
    ----------
    site, demand
        Rows of each pair; no pair twice.
    distance_m
        Metres, from 0 up.
    """

    site: Numbers
    demand: Numbers
    distance_m: Floats


@dataclass(frozen=True, eq=False)
class Options:
    """The hours that a site may keep: of each site exactly one option, or none if it is closed.

    Attributes
    ----------
    site
        The row of each option's site. The first option of an existing site is what it keeps now.
    open
        Shape (options, slices): whether it is open in each time slice.
    cost
        What each costs, in any unit; of an existing site's present hours usually 0.
    names
        What they are called, such as "24/7".
    """

    site: Numbers
    open: Mask
    cost: Floats
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Group:
    """Sites of which some must be open: those in a community that must have its own (双覆盖), say."""

    name: str
    sites: Numbers
    least: int = 1


@dataclass(frozen=True, slots=True)
class Share:
    """A kind of demand of which a share must be covered: main streets by their length, say.

    Attributes
    ----------
    kind
        One of `Problem.kinds`.
    least
        From 0 to 1, of all that demand in all slices together.
    radius_m
        How far it may be from a station; a distance just so long counts.
    """

    kind: str
    least: float
    radius_m: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Problem:
    """What is to be decided; nothing in it is changed by anybody.

    Attributes
    ----------
    site_ids, demand_ids
        How sites and demand points are called in answers and errors.
    existing
        Shape (sites,): whether there is a station already.
    rule
        Shape (sites,): values of `Rule`.
    weight
        Shape (demand points, slices): how much demand there is in each slice.
    pairs
        Metres between sites and demand points.
    options
        The hours that sites may keep, at least one a site.
    capacity
        Shape (sites,): how much demand a site serves in one slice; infinite where it does not matter.
    saves
        Shape (sites,): what is saved if an existing site closes, in the unit of costs.
    groups, shares
        What must hold besides.
    kinds, kind
        Names of the kinds of demand, and for each demand point which it is. The first is what models count;
        the others matter to `shares` only.
    slices
        Names of the time slices.
    """

    site_ids: tuple[str, ...]
    demand_ids: tuple[str, ...]
    existing: Mask
    rule: Numbers
    weight: Floats
    pairs: Pairs
    options: Options
    capacity: Floats
    saves: Floats = field(default_factory=lambda: np.zeros(0))
    groups: tuple[Group, ...] = ()
    shares: tuple[Share, ...] = ()
    kinds: tuple[str, ...] = ("demand",)
    kind: Numbers = field(default_factory=lambda: np.zeros(0, np.int64))
    slices: tuple[str, ...] = ("",)

    def __post_init__(self) -> None:
        if not len(self.kind):
            object.__setattr__(self, "kind", np.zeros(len(self.demand_ids), np.int64))
        if not len(self.saves):
            object.__setattr__(self, "saves", np.zeros(len(self.site_ids)))
        _check_sites(self)
        _check_demand(self)
        _check_options(self)
        for group in self.groups:
            _check_rows("groups", group.sites, len(self.site_ids))
        for share in self.shares:
            _check(share.kind in self.kinds, "shares", share.kind, _MISFIT)
            _check(0 <= share.least <= 1, "shares", share.least, _MISFIT)

    @property
    def counted(self) -> Mask:
        """Which demand points the models count: those of the first kind."""
        return np.asarray(self.kind == 0)

    @cached_property
    def demand_total(self) -> float:
        """All demand that the models count."""
        return float(self.weight[self.counted].sum())

    @cached_property
    def has_capacities(self) -> bool:
        """Whether any site can serve only so much."""
        return bool(np.isfinite(self.capacity).any())

    @cached_property
    def new_options(self) -> Mask:
        """Which options open a new site."""
        return ~self.existing[self.options.site]

    @cached_property
    def change_options(self) -> Mask:
        """Which options change the hours of an existing site: all but its first."""
        first = np.zeros(len(self.options.site), bool)
        first[np.unique(self.options.site, return_index=True)[1]] = True
        return self.existing[self.options.site] & ~first

    @cached_property
    def price(self) -> Floats:
        """What each option costs, and what its site would save by closing; see `cost_of`."""
        return np.asarray(self.options.cost + (self.saves * self.existing)[self.options.site])

    def cost_of(self, chosen: Mask) -> float:
        """Return what a choice of options costs, less what is saved by sites that close."""
        return float(self.price[chosen].sum() - self.saves[self.existing].sum())

    @cached_property
    def present(self) -> Numbers:
        """The options that are kept today: of every existing site the first."""
        return np.flatnonzero(self.existing[self.options.site] & ~self.change_options)

    @cached_property
    def standing(self) -> Numbers:
        """The options that stand in every answer: of sites that must be open and have only one."""
        single = np.bincount(self.options.site, minlength=len(self.site_ids)) == 1
        return np.flatnonzero((single & (self.rule == Rule.MUST))[self.options.site])

    @cached_property
    def open_options(self) -> Mask:
        """Which options any answer may hold."""
        return np.asarray(self.rule[self.options.site] != Rule.NEVER)


def pairs_of(distance_m: Floats) -> Pairs:
    """Return the pairs of a full matrix of metres, shape (sites, demand points); infinite ones are left out."""
    site, demand = np.nonzero(np.isfinite(distance_m))
    return Pairs(site.astype(np.int64), demand.astype(np.int64), distance_m[site, demand])


def _check(holds: bool, name: str, value: object, reason: str) -> None:
    if not holds:
        raise InvalidValue(reason, field=name, value=value, mend=N_("correct it"))


def _check_rows(name: str, rows: Numbers, count: int) -> None:
    wrong = rows[(rows < 0) | (rows >= count)]
    _check(not len(wrong), name, wrong[:3].tolist(), _MISFIT)


def _check_sites(problem: Problem) -> None:
    count = len(problem.site_ids)
    _check(len(set(problem.site_ids)) == count, "site_ids", None, N_("is given twice"))
    for name in ("existing", "rule", "capacity", "saves"):
        shape = getattr(problem, name).shape
        _check(shape == (count,), name, shape, _MISFIT)
    moving = (problem.rule == Rule.MOVES) & ~problem.existing
    wrong = [problem.site_ids[row] for row in np.flatnonzero(moving)[:3].tolist()]
    _check(not wrong, "rule", wrong, _MISFIT)
    _check(bool((problem.capacity >= 0).all()), "capacity", None, N_("is not a number from 0 up"))
    right = np.isfinite(problem.saves) & (problem.saves >= 0)
    _check(bool(right.all()), "saves", None, N_("is not a number from 0 up"))


def _check_demand(problem: Problem) -> None:
    count, pairs = len(problem.demand_ids), problem.pairs
    shape = (count, len(problem.slices))
    _check(problem.weight.shape == shape, "weight", problem.weight.shape, _MISFIT)
    right = np.isfinite(problem.weight) & (problem.weight >= 0)
    _check(bool(right.all()), "weight", None, N_("is not a number from 0 up"))
    _check(problem.kind.shape == (count,), "kind", problem.kind.shape, _MISFIT)
    _check_rows("kind", problem.kind, len(problem.kinds))
    _check_rows("pairs", pairs.site, len(problem.site_ids))
    _check_rows("pairs", pairs.demand, count)
    right = np.isfinite(pairs.distance_m) & (pairs.distance_m >= 0)
    _check(bool(right.all()), "distance_m", None, N_("is not a number from 0 up"))
    keys = pairs.demand * max(len(problem.site_ids), 1) + pairs.site
    _check(len(np.unique(keys)) == len(keys), "pairs", None, N_("is given twice"))


def _check_options(problem: Problem) -> None:
    options = problem.options
    _check_rows("options", options.site, len(problem.site_ids))
    shape = (len(options.site), len(problem.slices))
    _check(options.open.shape == shape, "options", options.open.shape, _MISFIT)
    without = np.setdiff1d(np.arange(len(problem.site_ids)), options.site)
    wrong = [problem.site_ids[row] for row in without[:3].tolist()]
    _check(not wrong, "options", wrong, _MISFIT)
    right = np.isfinite(options.cost) & (options.cost >= 0)
    _check(bool(right.all()), "cost", None, N_("is not a number from 0 up"))
