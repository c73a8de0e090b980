"""A scenario as a choice of sites: what it takes, what would do nearly as well, what the best sites are worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from shapely.geometry.base import BaseGeometry

from locator.coverage.edits import Closing, Edit, Moving, NewHours, Opening
from locator.coverage.siting.covering import mclp
from locator.coverage.siting.covers import cells_of, covers_of
from locator.coverage.siting.explained import Alternative, Step, frontier
from locator.coverage.siting.losses import NearestLoss, cover_losses
from locator.coverage.siting.of_study import Asked, problem_of_study
from locator.coverage.siting.plan import Plan
from locator.coverage.siting.premises import free_candidates
from locator.coverage.siting.problem import Mask, Options, Problem, Rule
from locator.coverage.siting.rules import Means
from locator.coverage.siting.solving import Search
from locator.coverage.siting.sought import Sought
from locator.coverage.study import Study
from locator.errors import MissingPart
from locator.place import CandidateSite

__all__ = ["Exchange", "Sites", "best_steps", "exchanges", "new_sites", "plan_of"]

_MORE_SITES = 2


@dataclass(frozen=True, eq=False)
class Sites:
    """Candidates and what the scenario opens, as sites of one problem.

    Attributes
    ----------
    all
        The candidates, then places of the scenario's own.
    opened
        Codes of the sites that the scenario takes, and the station that each of them is.
    closed
        Codes of stations that close or move away.
    hours
        For stations whose hours change, by code, the new ones.
    hours_cost
        For these stations what that costs, where it is known.
    sought
        By what the scenario was sought, without what is not there; None: it was drawn by hand.
    """

    all: tuple[CandidateSite, ...]
    opened: dict[str, str]
    closed: frozenset[str]
    hours: dict[str, str] = field(default_factory=dict)
    hours_cost: dict[str, float] = field(default_factory=dict)
    sought: Sought | None = None

    @classmethod
    def of(
        cls,
        before: Study,
        candidates: Sequence[CandidateSite],
        edits: Sequence[Edit],
        sought: Sought | None = None,
    ) -> Sites:
        """Return the sites of a scenario; what moves is a site too.

        Candidates that a station takes, a planned one too, are none; nor are those of unknown cost, if the
        scenario was sought by a budget. What the scenario opens is one in any case.
        """
        own = {edit.site for edit in edits if isinstance(edit, Opening)}
        free, _ = free_candidates(before.snapshot, candidates)
        usable = {
            one.id for one in free if sought is None or not sought.needs_costs or one.cost_cny_year is not None
        }
        candidates = [one for one in candidates if one.id in usable | own]
        known, taken = {one.id for one in candidates}, set(before.supply.ids)
        found = {one.id: one for one in candidates if one.id not in taken}
        opened: dict[str, str] = {}
        for edit in edits:
            if isinstance(edit, Opening):
                name, place, code = edit.station.name, edit.station.geometry, edit.site
                hours = edit.station.opening_hours
            elif isinstance(edit, Moving):
                name, place, code = edit.id, edit.geometry, ""
                hours = _hours_of(before, edit.id)
            else:
                continue
            if code in known and code not in opened and _is_at(candidates, code, place):
                found[code] = replace(found[code], opening_hours=hours, cost_cny_year=_cost(edit, found[code]))
            else:
                code = f"{edit.id} →" if edit.id in known | taken else edit.id
                found[code] = CandidateSite(
                    id=code, name=name, geometry=place, opening_hours=hours, cost_cny_year=_cost(edit)
                )
            opened[code] = edit.id
        closed = frozenset(edit.id for edit in edits if isinstance(edit, (Closing, Moving)) and edit.id in taken)
        changed = {
            edit.id: edit.opening_hours
            for edit in edits
            if isinstance(edit, NewHours) and edit.id in taken - closed and edit.opening_hours
        }
        costs = {
            edit.id: edit.cost_cny_year
            for edit in edits
            if isinstance(edit, NewHours) and edit.id in changed and edit.cost_cny_year is not None
        }
        if sought is not None:
            areas = frozenset(word for area in before.areas for word in (area.id, area.name))
            sought = sought.among(frozenset(taken), frozenset(found), areas)
        return cls(tuple(found.values()), opened, closed, changed, costs, sought)

    @property
    def many(self) -> int:
        """How many decisions the scenario takes: sites that open, and stations with other hours."""
        return len(self.opened) + len(self.hours)

    def asked(self, hours: Sequence[int] | None, *, may_close: frozenset[str] = frozenset()) -> Asked:
        """Return what a problem of these sites asks for, if some hours of the day count, or none does.

        The rules are those by which the scenario was sought.
        """
        rules = self.sought.asked if self.sought else Asked()
        may_close = (rules.may_close | may_close) - rules.may_move - rules.never - rules.must
        if hours is None:
            rules = replace(rules, hours=None, demand_hours={}, extend_cost=None)
            return replace(rules, may_close=may_close)
        longer = rules.extend_to if rules.extend_cost is not None else None
        other = {
            code: text
            for code, text in self.hours.items()
            if text != longer or (rules.may_extend and code not in rules.may_extend)
        }
        return replace(
            rules, hours=tuple(hours), may_close=may_close, other_hours=other,
            hours_cost={code: max(self.hours_cost.get(code, 0.0), 0.0) for code in other},
        )  # fmt: skip

    def means(self, hours: Sequence[int] | None, plan: Plan | None = None) -> Means:
        """Return the means by which the scenario was sought, at least what it takes; or as much as it takes.

        Parameters
        ----------
        plan
            The scenario as a choice; None: it is not asked whether the means are enough for it.
        """
        # One may take the place of another, a new site that of longer hours too.
        if self.sought is None:
            return Means(p=self.many, changes=None if hours is None else self.many)
        given = self.sought.means
        p = self.many if given == Means() else given.p
        if plan is None:
            return replace(given, p=p)
        return Means(
            p=None if p is None else max(p, new_sites(plan)),
            budget=None if given.budget is None else max(given.budget, plan.cost),
            changes=None if given.changes is None else max(given.changes, len(plan.changed)),
        )


def new_sites(plan: Plan) -> int:
    """Return how many new sites a plan opens beside those that take the place of a station that moves."""
    moved = plan.problem.rule[plan.closed] == Rule.MOVES
    return len(plan.opened) - int(moved.sum())


def _cost(edit: Opening | Moving, site: CandidateSite | None = None) -> float | None:
    """Return what a site costs a year: as the edit says, or else as the list of candidates does."""
    if edit.cost_cny_year is None:
        return None if site is None else site.cost_cny_year
    return max(edit.cost_cny_year, 0.0)


def _hours_of(study: Study, code: str) -> str | None:
    row = study.snapshot.row_of(code)
    return None if row is None else study.snapshot.stations[row].opening_hours


def _is_at(candidates: Sequence[CandidateSite], code: str, place: BaseGeometry) -> bool:
    site = next(one for one in candidates if one.id == code)
    return bool(site.geometry.centroid.equals_exact(place.centroid, 1e-7))


def plan_of(before: Study, sites: Sites, hours: Sequence[int] | None = None) -> Plan:
    """Return the scenario as a choice of sites that covers as much as it does, in some hours of the day."""
    problem = problem_of_study(before, sites.all, sites.asked(hours, may_close=sites.closed))
    kept = np.array([code in sites.opened for code in problem.site_ids]) | (
        problem.existing & np.array([code not in sites.closed for code in problem.site_ids])
    )
    covers = covers_of(problem, cells_of(problem, problem.counted), before.criteria.within_m)
    loss = NearestLoss(cover_losses(covers, len(problem.options.site)))
    # A station that has other hours has them in place of its own.
    told = [
        problem.options.names[option] == sites.hours.get(problem.site_ids[site], "") if is_change else
        hours is None or problem.site_ids[site] not in sites.hours
        for option, (site, is_change) in enumerate(
            zip(problem.options.site.tolist(), problem.change_options.tolist(), strict=True)
        )
    ]  # fmt: skip
    chosen = kept[problem.options.site] & np.array(told, dtype=bool)
    radius_m = before.criteria.within_m
    value = problem.demand_total - loss.of(chosen)
    if problem.has_capacities:
        value = _served(problem, chosen, radius_m)
    plan = Plan(
        model="mclp", problem=problem, means=Means(), chosen=chosen, value=value,
        bound=problem.demand_total, is_most=True, seconds=0.0, terms={"radius_m": radius_m},
        # With capacities it is known what is within reach, but not who is served.
        loss=None if problem.has_capacities else loss, loss_offset=problem.demand_total,
    )  # fmt: skip
    return replace(plan, means=sites.means(hours, plan))


def _served(problem: Problem, chosen: Mask, radius_m: float) -> float:
    """Return how much of the demand some options serve, each no more than its site can."""
    site = problem.options.site
    is_open = np.bincount(site[chosen], minlength=len(problem.site_ids)) > 0
    first = np.zeros(len(site), bool)
    first[np.unique(site, return_index=True)[1]] = True
    left = np.flatnonzero(chosen | (first & ~is_open[site]))
    options = problem.options
    fixed = replace(
        problem,
        rule=np.where(is_open, Rule.MUST, Rule.NEVER),
        options=Options(site[left], options.open[left], options.cost[left], tuple(options.names[o] for o in left)),
        groups=(),
        shares=(),
    )
    return mclp(fixed, Means(p=len(problem.site_ids)), radius_m=radius_m).value


def best_steps(before: Study, sites: Sites, search: Search, hours: Sequence[int] | None = None) -> Sequence[Step]:
    """Return what so many new sites at the best places are worth, under the rules by which they were sought.

    Where hours count, stations may have the hours that the scenario gives them.
    """
    problem: Problem = problem_of_study(before, sites.all, sites.asked(hours))
    means = replace(sites.means(hours), p=None)
    if sites.sought is None:
        means = Means()
    radius_m = before.criteria.within_m
    most = min(len(sites.opened) + _MORE_SITES, len(sites.all))
    try:
        return frontier(
            lambda some, limits: mclp(problem, some, radius_m=radius_m, search=limits),
            most,
            means=means,
            search=search,
        )
    except MissingPart:
        return ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """An alternative in words: the station given up, the site in its place, and what that covers.

    Attributes
    ----------
    value, worse
        The demand covered then, and by which part that is less; less than 0: more.
    keeps
        Which part of what the station brings the other site brings; None: that cannot be said.
    cost
        How much more that costs a year; None: not known.
    """

    station: str
    name: str
    id: str
    instead: str
    value: float
    worse: float
    keeps: float | None = None
    cost: float | None = None


def exchanges(before: Study, sites: Sites, plan: Plan | None, others: Sequence[Alternative]) -> list[Exchange]:
    """Return alternatives to a scenario's plan in words."""
    if plan is None:
        return []
    names = dict(zip(before.supply.ids, before.supply.names, strict=True)) | {
        one.id: one.name for one in sites.all
    }
    unknown = {one.id for one in sites.all if one.cost_cny_year is None}
    options, other_hours = plan.problem.options, plan.problem.change_options
    codes = [plan.problem.site_ids[site] for site in options.site.tolist()]

    def told(option: int) -> str:
        name = names[codes[option]]
        return f"{name} {options.names[option]}" if other_hours[option] else name

    return [
        Exchange(
            station=sites.opened.get(codes[one.instead_of], codes[one.instead_of]),
            name=told(one.instead_of),
            id=codes[one.option],
            instead=told(one.option),
            value=one.value,
            worse=1 - one.value / plan.value if plan.value else 0.0,
            keeps=one.keeps,
            cost=None if {codes[one.option], codes[one.instead_of]} & unknown else one.cost,
        )
        for one in others
    ]
