"""A plan of a study as a result: tables of the sites, their alternatives and the frontier, and what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from shapely.geometry.base import BaseGeometry

from locator.coverage.about import Note
from locator.coverage.result import Result, Table
from locator.coverage.saying import about_study, counted_note
from locator.coverage.siting.explained import Alternative, Gain, Step, alternatives, gains, sensitivity, shares_met
from locator.coverage.siting.plan import Plan
from locator.coverage.study import Study
from locator.errors import QueryError
from locator.place import CandidateSite
from locator.translation import N_

__all__ = ["MODELS", "Siting", "siting_result"]

MODELS: dict[str, str] = {
    "lscp": N_("Set covering: the fewest new sites that cover all"),
    "mclp": N_("Maximal covering: the most demand covered"),
    "p_median": N_("p-median: the least total walking"),
    "p_center": N_("p-center: the shortest longest walk"),
    "backup": N_("Backup covering: the most demand covered once and again"),
    "gradual": N_("Gradual covering: the most demand covered, the nearer the better"),
}
"""The models, and what each looks for."""

_RADII = (0.5, 0.75, 1.0, 1.5, 2.0)
_NAMED = 5


@dataclass(frozen=True, eq=False, kw_only=True)
class Siting(Result):
    """Where to open, and why.

    Attributes
    ----------
    plan
        What the model found.
    gains, alternatives, steps
        Whom each chosen site newly covers, what would do nearly as well, the frontier.
    """

    plan: Plan
    gains: Sequence[Gain]
    alternatives: Sequence[Alternative]
    steps: Sequence[Step]


def siting_result(
    study: Study,
    candidates: Sequence[CandidateSite],
    plan: Plan,
    *,
    within_part: float = 0.02,
    steps: Sequence[Step] = (),
    per_place: float | None = None,
) -> Siting:
    """Return a plan as a result, with what explains it.

    Parameters
    ----------
    candidates
        Those of which the plan's problem was made.
    within_part
        Alternatives may be worse by such a part of the objective.
    steps
        The frontier, where it was asked for.
    per_place
        How many of the demand a site serves for each person who finds room there, where that was asked for.
    """
    radius_m = study.criteria.within_m
    try:
        others = alternatives(plan, within_part=within_part)
    except QueryError:
        # Where an exchange is not to be judged by itself, there is none to tell of.
        others = []
    found, listed = gains(plan, radius_m), _Listed(study, candidates, plan)
    tables = [listed.plan_table(), listed.sites(found, others)]
    if steps:
        tables.append(listed.frontier(steps))
    tables.append(listed.radii(sensitivity(plan, [radius_m * part for part in _RADII])))
    about = about_study(
        study,
        "siting",
        MODELS[plan.model],
        Note(MODELS[plan.model]),
        notes=(*listed.sentences(found, others), *listed.limits(per_place)),
    )
    return Siting(
        about=about, tables=tuple(tables), plan=plan, gains=found, alternatives=others, steps=tuple(steps)
    )


@dataclass(frozen=True, eq=False)
class _Listed:
    """The sites of a plan with their names and places."""

    study: Study
    candidates: Sequence[CandidateSite]
    plan: Plan

    def site(self, option: int) -> tuple[str, str, BaseGeometry]:
        """Return code, name and place of an option's site."""
        row = int(self.plan.problem.options.site[option])
        code = self.plan.problem.site_ids[row]
        if row < len(self.study.supply):
            return code, self.study.supply.names[row], self.study.supply.shapes[row]
        found = next(one for one in self.candidates if one.id == code)
        return code, found.name, found.geometry

    def plan_table(self) -> Table:
        """Return the plan in figures."""
        plan = self.plan
        closed = [plan.problem.site_ids[row] for row in plan.closed.tolist()]
        columns: dict[str, list[Any]] = {
            "model": [plan.model],
            "value": [round(plan.value, 2)],
            "bound": [round(plan.bound, 2)],
            "gap": [round(plan.gap, 6)],
            "proven": [plan.is_proven],
            "opened": [len(plan.opened)],
            "changed": [len(plan.changed)],
            "closed": [", ".join(closed)],
            "cost": [round(plan.cost, 2)],
        }
        return Table("plan", Note(N_("The plan")), columns)

    def sites(self, found: Sequence[Gain], others: Sequence[Alternative]) -> Table:
        """Return the sites that open or change their hours, with what each brings."""
        names = self.plan.problem.options.names
        rows = [self.site(gain.option) for gain in found]
        instead = [
            ", ".join(self.site(one.option)[0] for one in others if one.instead_of == gain.option)
            for gain in found
        ]
        columns: dict[str, list[Any]] = {
            "id": [code for code, _, _ in rows],
            "name": [name for _, name, _ in rows],
            "new": [bool(self.plan.problem.new_options[gain.option]) for gain in found],
            "opening_hours": [names[gain.option] for gain in found],
            "cost": [float(self.plan.problem.options.cost[gain.option]) for gain in found],
            "newly": [round(float(gain.newly.sum()), 1) for gain in found],
            "newly_alone": [round(float(gain.alone.sum()), 1) for gain in found],
            "alternatives": instead,
        }
        return Table("sites", Note(N_("Sites to open or to change")), columns, [shape for _, _, shape in rows])

    def frontier(self, steps: Sequence[Step]) -> Table:
        """Return what so many new sites are worth."""
        columns: dict[str, list[Any]] = {
            "opened": [step.p for step in steps],
            "value": [round(step.value, 2) for step in steps],
            "bound": [round(step.bound, 2) for step in steps],
            "proven": [step.is_proven for step in steps],
        }
        return Table("frontier", Note(N_("What more sites would be worth")), columns)

    def radii(self, found: Sequence[tuple[float, float, float]]) -> Table:
        """Return what is covered within other radii."""
        radius, before, after = (np.round(column, 1).tolist() for column in np.array(found).T)
        columns: dict[str, list[Any]] = {"radius_m": radius, "before": before, "after": after}
        return Table("radii", Note(N_("The same plan by other distances")), columns)

    def sentences(self, found: Sequence[Gain], others: Sequence[Alternative]) -> list[Note]:
        """Return in words what the plan is worth, and what each site brings."""
        plan, counted = self.plan, counted_note(self.study.criteria.weight)
        notes = [
            Note(N_("no other choice is better: that is proven"))
            if plan.is_proven
            else Note(
                N_("a better choice is possible, by at most {percent} %"), {"percent": f"{plan.gap:.2%}"[:-1]}
            )
        ]
        if self.plan.problem.slices == ("",):
            notes.append(Note(N_("opening hours are not looked at: a site counts as if it were always open")))
        else:
            notes.append(Note(N_("figures are the mean over the hours that are asked for")))
        for gain in found:
            _, name, _ = self.site(gain.option)
            many = sum(one.instead_of == gain.option for one in others)
            details = {"name": name, "newly": f"{gain.newly.sum():,.0f}", "counted": counted, "count": many}
            notes.append(
                Note(
                    N_(
                        "{name}: {newly} {counted} covered whom no station covers today; "
                        "{count} other choices nearly as good"
                    ),
                    details,
                )
            )
        return notes

    def limits(self, per_place: float | None) -> list[Note]:
        """Return in words what shares of streets are reached, and what capacities mean for the figures."""
        problem, within = self.plan.problem, self.study.criteria.within
        notes = [
            Note(
                N_("main streets within {within}, by length: {percent} %, at least {least} % was asked for"),
                {"within": within, "percent": f"{met:.1%}"[:-1], "least": f"{share.least:.1%}"[:-1]},
            )
            for share, met in zip(problem.shares, shares_met(self.plan), strict=True)
        ]
        if per_place is not None:
            counted = counted_note(self.study.criteria.weight)
            unknown = int(np.isinf(problem.capacity[problem.options.site[self.plan.options]]).sum())
            notes.append(
                Note(
                    N_(
                        "a site serves at most {number} {counted} at a time for each person who finds room there; "
                        "{count} of the open ones have no known capacity and serve any number. Whom a site newly "
                        "covers is told without regard to capacities"
                    ),
                    {"number": f"{per_place:g}", "counted": counted, "count": unknown},
                )
            )
        return notes
