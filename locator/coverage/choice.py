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
from locator.coverage.siting.problem import Problem
from locator.coverage.siting.rules import Means
from locator.coverage.siting.solving import Search
from locator.coverage.study import Study
from locator.errors import MissingPart
from locator.place import CandidateSite

__all__ = ["Exchange", "Sites", "best_steps", "exchanges", "plan_of"]

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
    """

    all: tuple[CandidateSite, ...]
    opened: dict[str, str]
    closed: frozenset[str]
    hours: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, before: Study, candidates: Sequence[CandidateSite], edits: Sequence[Edit]) -> Sites:
        """Return the sites of a scenario; what moves is a site too."""
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
                found[code] = replace(found[code], opening_hours=hours)
            else:
                code = f"{edit.id} →" if edit.id in known | taken else edit.id
                found[code] = CandidateSite(id=code, name=name, geometry=place, opening_hours=hours)
            opened[code] = edit.id
        closed = frozenset(edit.id for edit in edits if isinstance(edit, (Closing, Moving)) and edit.id in taken)
        changed = {
            edit.id: edit.opening_hours
            for edit in edits
            if isinstance(edit, NewHours) and edit.id in taken - closed and edit.opening_hours
        }
        return cls(tuple(found.values()), opened, closed, changed)

    def asked(self, hours: Sequence[int] | None, *, may_close: frozenset[str] = frozenset()) -> Asked:
        """Return what a problem of these sites asks for, if some hours of the day count, or none does."""
        if hours is None:
            return Asked(may_close=may_close)
        return Asked(hours=tuple(hours), may_close=may_close, other_hours=self.hours)


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
    changed = np.array([code in sites.hours for code in problem.site_ids]) & (hours is not None)
    # A station that has other hours has them in place of its own.
    chosen = kept[problem.options.site] & (problem.change_options | ~changed[problem.options.site])
    value = problem.demand_total - loss.of(chosen)
    # One may take the place of another, a new site that of longer hours too.
    many = len(sites.opened) + int(changed.sum())
    means = Means(p=many, changes=None if hours is None else many)
    return Plan(
        model="mclp", problem=problem, means=means, chosen=chosen, value=value,
        bound=problem.demand_total, is_most=True, seconds=0.0, terms={"radius_m": before.criteria.within_m},
        loss=loss, loss_offset=problem.demand_total,
    )  # fmt: skip


def best_steps(before: Study, sites: Sites, search: Search, hours: Sequence[int] | None = None) -> Sequence[Step]:
    """Return what so many new sites at the best places are worth, no station being closed.

    Where hours count, stations may have the hours that the scenario gives them.
    """
    problem: Problem = problem_of_study(before, sites.all, sites.asked(hours))
    radius_m = before.criteria.within_m
    most = min(len(sites.opened) + _MORE_SITES, len(sites.all))
    try:
        return frontier(
            lambda means, limits: mclp(problem, means, radius_m=radius_m, search=limits), most, search=search
        )
    except MissingPart:
        return ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """An alternative in words: the station given up, the site in its place, and what that covers."""

    station: str
    name: str
    id: str
    instead: str
    value: float
    worse: float


def exchanges(before: Study, sites: Sites, plan: Plan | None, others: Sequence[Alternative]) -> list[Exchange]:
    """Return alternatives to a scenario's plan in words."""
    if plan is None:
        return []
    names = dict(zip(before.supply.ids, before.supply.names, strict=True)) | {
        one.id: one.name for one in sites.all
    }
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
        )
        for one in others
    ]
