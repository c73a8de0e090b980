"""A plan of a study as a result: tables of the sites, their alternatives and the frontier, and what they mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from shapely.geometry.base import BaseGeometry

from locator.coverage.about import Note
from locator.coverage.result import Result, Table
from locator.coverage.saying import about_study, counted_note
from locator.coverage.siting.explained import (
    NEARLY,
    Alternative,
    Gain,
    Step,
    alternatives,
    gains,
    lost,
    sensitivity,
    shares_met,
)
from locator.coverage.siting.plan import MODELS, Plan
from locator.coverage.study import Study
from locator.place import CandidateSite
from locator.translation import N_

__all__ = ["Siting", "siting_result"]

_RADII = (0.5, 0.75, 1.0, 1.5, 2.0)
_LISTED = 3
_WORST = ("lscp", "p_center")
_FRONTIERS = {
    "lscp": N_("What has to be opened and changed where so many new sites may open"),
    "p_median": N_("All ways together (metres times demand) with so many new sites"),
    "p_center": N_("The longest way (m) with so many new sites"),
}
_NO_HOURS: Mapping[str, Sequence[int]] = {}


@dataclass(frozen=True, eq=False, kw_only=True)
class Siting(Result):
    """Where to open, and why.

    Attributes
    ----------
    plan
        What the model found.
    gains, alternatives, steps
        Whom each chosen site newly covers, what would do nearly as well (None: nobody looked, for sites serve only
        so much), the frontier.
    """

    plan: Plan
    gains: Sequence[Gain]
    alternatives: Sequence[Alternative] | None
    steps: Sequence[Step]


def siting_result(
    study: Study,
    candidates: Sequence[CandidateSite],
    plan: Plan,
    *,
    within_part: float = 0.02,
    steps: Sequence[Step] | None = None,
    per_place: float | None = None,
    demand_hours: Mapping[str, Sequence[int]] = _NO_HOURS,
    notes: Sequence[Note] = (),
) -> Siting:
    """Return a plan as a result, with what explains it.

    Parameters
    ----------
    candidates
        Those of which the plan's problem was made.
    within_part
        Alternatives may be worse by such a part of the objective.
    steps
        The frontier; None: it was not asked for.
    per_place
        How many of the demand a site serves for each person who finds room there, where that was asked for.
    demand_hours
        By what is counted the hours in which it counts, where that was asked for.
    notes
        What else is to be told.
    """
    radius_m = study.criteria.within_m
    # Where sites serve only so much, an exchange is not to be judged by itself.
    others = None if plan.loss is None else alternatives(plan, within_part=within_part)
    found, listed = (
        gains(plan, radius_m),
        _Listed(study, candidates, plan, _counted(study, demand_hours), bool(demand_hours)),
    )
    tables = [listed.plan_table(), listed.sites(found, others)]
    if others:
        tables.append(listed.others(others, within_part))
    if steps:
        tables.append(listed.frontier(steps))
    tables.append(listed.radii(sensitivity(plan, [radius_m * part for part in _RADII])))
    sentences = (
        *listed.sentences(found, others), *listed.closings(lost(plan, radius_m)), *_frontier_notes(steps),
        *listed.limits(per_place), *notes,
    )  # fmt: skip
    about = about_study(study, "siting", MODELS[plan.model], Note(MODELS[plan.model]), notes=sentences)
    return Siting(
        about=about, tables=tuple(tables), plan=plan, gains=found, alternatives=others, steps=tuple(steps or ())
    )


def _counted(study: Study, demand_hours: Mapping[str, Sequence[int]]) -> Note:
    """Return what is counted, in words, with the hours in which it is."""
    if not demand_hours:
        return counted_note(study.criteria.weight)
    parts = tuple(
        Note(
            N_("{counted} {first}-{last} h"),
            {"counted": counted_note(kind), "first": hours[0], "last": hours[-1] + 1},
        )
        for kind, hours in demand_hours.items()
    )
    return Note("{list}", {"list": parts})


def _frontier_notes(steps: Sequence[Step] | None) -> Iterator[Note]:
    """Yield with how many new sites the rules cannot be kept."""
    if steps is not None and not steps:
        yield Note(N_("so many new sites as the curve was asked for are not enough to keep the rules"))
    elif steps and steps[0].p > 0:
        yield Note(
            N_(
                "fewer than {count} new sites are not enough: the rules cannot be kept, or somebody has no station"
            ),
            {"count": steps[0].p},
        )


@dataclass(frozen=True, eq=False)
class _Listed:
    """The sites of a plan with their names and places, and what is counted, in words."""

    study: Study
    candidates: Sequence[CandidateSite]
    plan: Plan
    counted: Note
    counts_by_hour: bool = False

    def site(self, option: int) -> tuple[str, str, BaseGeometry]:
        """Return code, name and place of an option's site."""
        row = int(self.plan.problem.options.site[option])
        code = self.plan.problem.site_ids[row]
        if row < len(self.study.supply):
            return code, self.study.supply.names[row], self.study.supply.shapes[row]
        found = next(one for one in self.candidates if one.id == code)
        return code, found.name, found.geometry

    def cost(self, option: int) -> float | None:
        """Return what an option costs; None: nobody knows."""
        code = self.plan.problem.site_ids[self.plan.problem.options.site[option]]
        if self.plan.problem.new_options[option]:
            return next(one.cost_cny_year for one in self.candidates if one.id == code)
        return float(self.plan.problem.options.cost[option])

    def unit(self) -> Note:
        """Return in what the objective is counted."""
        if self.plan.model == "lscp":
            is_cost = "cheapest" in self.plan.terms
            return Note(N_("CNY a year") if is_cost else N_("new sites and changes"))
        if self.plan.model == "p_center":
            return Note(N_("metres"))
        if self.plan.model == "p_median":
            return Note(N_("metres × {counted}"), {"counted": self.counted})
        return self.counted

    def closed_names(self) -> tuple[str, ...]:
        """Return names and codes of the stations that close."""
        ids, names = self.plan.problem.site_ids, self.study.supply.names
        return tuple(f"{names[row]} ({ids[row]})" for row in self.plan.closed.tolist())

    def plan_table(self) -> Table:
        """Return the plan in figures."""
        plan = self.plan
        is_known = all(self.cost(option) is not None for option in plan.opened.tolist())
        columns: dict[str, list[Any]] = {
            "model": [Note(MODELS[plan.model])],
            "value": [round(plan.value, 2)],
            "unit": [self.unit()],
            "bound": [_finite(plan.bound, 2)],
            "gap": [_finite(plan.gap, 6)],
            "proven": [plan.is_proven],
            "opened": [len(plan.opened)],
            "changed": [len(plan.changed)],
            "closed": [", ".join(self.closed_names())],
            "cost": [round(plan.cost, 2) if is_known else None],
        }
        return Table("plan", Note(N_("The plan")), columns)

    def sites(self, found: Sequence[Gain], others: Sequence[Alternative] | None) -> Table:
        """Return the sites that open or change their hours, with what each brings."""
        names = self.plan.problem.options.names
        rows = [self.site(gain.option) for gain in found]
        columns: dict[str, list[Any]] = {
            "id": [code for code, _, _ in rows],
            "name": [name for _, name, _ in rows],
            "new": [bool(self.plan.problem.new_options[gain.option]) for gain in found],
            "opening_hours": [names[gain.option] for gain in found],
            "cost": [self.cost(gain.option) for gain in found],
            "newly": [round(float(gain.newly.sum()), 1) for gain in found],
            "newly_alone": [round(float(gain.alone.sum()), 1) for gain in found],
            "alternatives": [None if others is None else self.best_others(gain.option, others) for gain in found],
        }
        title = (
            N_("Sites to open or to change; whom they newly cover is told without regard to capacities")
            if self.plan.problem.has_capacities
            else N_("Sites to open or to change")
        )
        return Table("sites", Note(title), columns, [shape for _, _, shape in rows])

    def best_others(self, option: int, others: Sequence[Alternative]) -> str:
        """Return the names of what would do nearly as well in place of an option, the best first."""
        near = [one for one in others if one.instead_of == option and _is_near(one)]
        told = [f"{self.told(one.option)} {one.keeps:.0%}" if one.keeps is not None else self.told(one.option)
                for one in near[:_LISTED]]  # fmt: skip
        return ", ".join(told) + (", …" if len(near) > _LISTED else "")

    def told(self, option: int) -> str:
        """Return the name of an option's site, with the hours where these change."""
        _, name, _ = self.site(option)
        is_change = self.plan.problem.change_options[option]
        return f"{name} {self.plan.problem.options.names[option]}" if is_change else name

    def others(self, others: Sequence[Alternative], within_part: float) -> Table:
        """Return the exchanges, each with what it is worth and costs."""
        unknown = {
            option for one in others for option in (one.option, one.instead_of) if self.cost(option) is None
        }
        columns: dict[str, list[Any]] = {
            "instead_of": [self.told(one.instead_of) for one in others],
            "id": [self.site(one.option)[0] for one in others],
            "name": [self.told(one.option) for one in others],
            "value": [round(one.value, 2) for one in others],
            "difference": [round(one.value - self.plan.value, 2) for one in others],
            "share_of_gain": [None if one.keeps is None else round(one.keeps, 4) for one in others],
            "cost_more": [
                None if unknown & {one.option, one.instead_of} else round(one.cost, 2) for one in others
            ],
        }
        title = Note(
            N_("Exchanges of one site that cost at most {percent} % of the objective"),
            {"percent": f"{within_part * 100:g}"},
        )
        return Table("alternatives", title, columns)

    def frontier(self, steps: Sequence[Step]) -> Table:
        """Return what so many new sites are worth."""
        columns: dict[str, list[Any]] = {
            "opened": [step.p for step in steps],
            "value": [round(step.value, 2) for step in steps],
            "unit": [self.unit() for _ in steps],
            "bound": [_finite(step.bound, 2) for step in steps],
            "proven": [step.is_proven for step in steps],
        }
        title = _FRONTIERS.get(self.plan.model, N_("What more sites would be worth"))
        return Table("frontier", Note(title), columns)

    def radii(self, found: Sequence[tuple[float, float, float]]) -> Table:
        """Return what is covered within other radii."""
        radius, before, after = (np.round(column, 1).tolist() for column in np.array(found).T)
        columns: dict[str, list[Any]] = {"radius_m": radius, "before": before, "after": after}
        title = (
            N_("The same plan by other distances, without regard to capacities")
            if self.plan.problem.has_capacities
            else N_("The same plan by other distances")
        )
        return Table("radii", Note(title), columns)

    def sentences(self, found: Sequence[Gain], others: Sequence[Alternative] | None) -> Iterator[Note]:
        """Yield in words what the plan is worth, and what each site brings."""
        plan = self.plan
        if plan.is_proven:
            yield Note(N_("no other choice is better: that is proven"))
        elif not np.isfinite(plan.gap):
            yield Note(N_("the search ended early: nobody knows how much better a choice can be"))
        else:
            percent = f"{plan.gap:.2%}"[:-1]
            yield Note(N_("a better choice is possible, by at most {percent} %"), {"percent": percent})
        if plan.problem.slices == ("",):
            yield Note(N_("opening hours are not looked at: a site counts as if it were always open"))
        elif plan.model in _WORST:
            yield Note(N_("every hour that is asked for counts; whom a site newly covers is told as their mean"))
        else:
            yield Note(N_("figures are the mean over the hours that are asked for"))
        if self.counts_by_hour:
            yield Note(
                N_("counted: {counted}; {total} in the mean over the hours"),
                {"counted": self.counted, "total": f"{plan.problem.demand_total:,.0f}"},
            )
        if plan.model == "p_median" and plan.problem.demand_total > 0:
            mean_m = plan.value / plan.problem.demand_total
            yield Note(N_("the mean way is {metres} m"), {"metres": f"{mean_m:,.0f}"})
        for gain in found:
            details = {
                "name": self.told(gain.option),
                "newly": f"{gain.newly.sum():,.0f}",
                "counted": self.counted,
            }
            if others is None:
                yield Note(N_("{name}: {newly} {counted} covered whom no station covers today"), details)
                continue
            many = sum(one.instead_of == gain.option and _is_near(one) for one in others)
            yield Note(
                N_("{name}: {newly} {counted} covered whom no station covers today; {count} other choices in its "
                   "place bring at least {percent} % of what it brings"),
                details | {"count": many, "percent": f"{NEARLY:.0%}"[:-1]},
            )  # fmt: skip
        if others is None:
            yield Note(N_("single exchanges are not computed where sites serve only so much"))

    def closings(self, people: float) -> Iterator[Note]:
        """Yield in words what closes, what that saves, and who loses by it."""
        problem, closed = self.plan.problem, self.plan.closed
        saved = float(problem.saves[closed].sum())
        if saved > 0:
            yield Note(
                N_("closing {names} saves {cost} CNY a year"),
                {"names": self.closed_names(), "cost": f"{saved:,.0f}"},
            )
        if len(closed) and people >= 0.5:
            yield Note(
                N_("{count} {counted} whom a station covers today would have none"),
                {"count": f"{people:,.0f}", "counted": self.counted},
            )

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
            unknown = int(np.isinf(problem.capacity[problem.options.site[self.plan.options]]).sum())
            notes.append(
                Note(
                    N_(
                        "a site serves at most {number} {counted} at a time for each person who finds room there; "
                        "{count} of the open ones have no known capacity and serve any number. Whom a site newly "
                        "covers is told without regard to capacities"
                    ),
                    {"number": f"{per_place:g}", "counted": self.counted, "count": unknown},
                )
            )
        return notes


def _finite(value: float, digits: int) -> float | None:
    """Return a rounded number; None: nobody knows it."""
    return round(value, digits) if np.isfinite(value) else None


def _is_near(one: Alternative) -> bool:
    """Return whether an exchange brings nearly as much as what it gives up."""
    return one.keeps is None or one.keeps >= NEARLY
