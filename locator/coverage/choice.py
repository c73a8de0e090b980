"""A scenario as a choice of sites: what it takes, what would do nearly as well, what the best sites are worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from shapely.geometry.base import BaseGeometry

from locator.coverage.edits import Closing, Edit, Moving, Opening
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
    """

    all: tuple[CandidateSite, ...]
    opened: dict[str, str]
    closed: frozenset[str]

    @classmethod
    def of(cls, before: Study, candidates: Sequence[CandidateSite], edits: Sequence[Edit]) -> Sites:
        """Return the sites of a scenario; what moves is a site too."""
        known, taken = {one.id for one in candidates}, set(before.supply.ids)
        found = [one for one in candidates if one.id not in taken]
        opened: dict[str, str] = {}
        for edit in edits:
            if isinstance(edit, Opening):
                name, place, code = edit.station.name, edit.station.geometry, edit.site
            elif isinstance(edit, Moving):
                name, place, code = edit.id, edit.geometry, ""
            else:
                continue
            if code not in known or code in opened or not _is_at(candidates, code, place):
                code = f"{edit.id} →" if edit.id in known | taken else edit.id
                found.append(CandidateSite(id=code, name=name, geometry=place))
            opened[code] = edit.id
        closed = frozenset(edit.id for edit in edits if isinstance(edit, (Closing, Moving)) and edit.id in taken)
        return cls(tuple(found), opened, closed)


def _is_at(candidates: Sequence[CandidateSite], code: str, place: BaseGeometry) -> bool:
    site = next(one for one in candidates if one.id == code)
    return bool(site.geometry.centroid.equals_exact(place.centroid, 1e-7))


def plan_of(before: Study, sites: Sites) -> Plan:
    """Return the scenario as a choice of sites that covers as much as it does."""
    problem = problem_of_study(before, sites.all, Asked(may_close=sites.closed))
    kept = np.array([code in sites.opened for code in problem.site_ids]) | (
        problem.existing & np.array([code not in sites.closed for code in problem.site_ids])
    )
    covers = covers_of(problem, cells_of(problem, problem.counted), before.criteria.within_m)
    loss = NearestLoss(cover_losses(covers, len(problem.options.site)))
    chosen = kept[problem.options.site]
    value = problem.demand_total - loss.of(chosen)
    return Plan(
        model="mclp", problem=problem, means=Means(p=len(sites.opened)), chosen=chosen, value=value,
        bound=problem.demand_total, is_most=True, seconds=0.0, terms={"radius_m": before.criteria.within_m},
        loss=loss, loss_offset=problem.demand_total,
    )  # fmt: skip


def best_steps(before: Study, sites: Sites, search: Search) -> Sequence[Step]:
    """Return what so many new sites at the best places are worth, no station being closed."""
    problem: Problem = problem_of_study(before, sites.all, Asked())
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
    codes = [plan.problem.site_ids[site] for site in plan.problem.options.site.tolist()]
    return [
        Exchange(
            station=sites.opened[codes[one.instead_of]],
            name=names[codes[one.instead_of]],
            id=codes[one.option],
            instead=names[codes[one.option]],
            value=one.value,
            worse=1 - one.value / plan.value if plan.value else 0.0,
        )
        for one in others
    ]
