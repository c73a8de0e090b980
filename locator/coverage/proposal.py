"""A scenario explained: what it changes, whom each change serves and when, and what would do as well or more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from locator.coverage.about import Note
from locator.coverage.choice import Exchange, Sites, best_steps, exchanges, new_sites, plan_of
from locator.coverage.edits import KINDS, Closing, Edit, Moving, NewFacilities, NewHours, Opening
from locator.coverage.result import Result, Table, plain
from locator.coverage.saying import about_study, counted_note
from locator.coverage.serving import Counts, Serving, radii_of, servings_of
from locator.coverage.siting.explained import NEARLY, Alternative, Step, alternatives
from locator.coverage.siting.plan import MODELS, Plan
from locator.coverage.siting.solving import Search
from locator.coverage.siting.sought import Sought, sought_of
from locator.coverage.study import Study
from locator.errors import QueryError
from locator.place import CandidateSite
from locator.snapshot import Snapshot
from locator.station import FACILITIES
from locator.streets.graph import Floats
from locator.translation import N_

__all__ = ["Proposal", "Serving", "edit_table", "explain"]

_HALF = 0.5


@dataclass(frozen=True, eq=False, kw_only=True)
class Proposal(Result):
    """A scenario explained.

    Attributes
    ----------
    servings
        Of each station that opens, moves, or has other hours or facilities, by code.
    plan
        The scenario as a choice of sites, the most demand covered being the aim; None: it opens none.
    alternatives
        Single exchanges of a new site that cover nearly as much, or more, under the rules by which the scenario
        was sought; none where sites serve only so much, for there nobody looks for them.
    steps
        What 0, 1, 2, … new sites at the best places are worth, under these rules.
    radii
        Metres, people covered before, people covered after.
    """

    servings: tuple[Serving, ...]
    plan: Plan | None
    alternatives: tuple[Alternative, ...]
    steps: tuple[Step, ...]
    radii: tuple[tuple[float, float, float], ...]


def explain(
    before: Study,
    after: Study,
    candidates: Sequence[CandidateSite],
    *,
    within_part: float = 0.02,
    search: Search | None = None,
    hours: Sequence[int] | None = None,
) -> Proposal:
    """Explain the scenario of a study.

    Parameters
    ----------
    before, after
        The study of the present, and that of the scenario (`supposed`).
    candidates
        Where else stations could be.
    within_part
        Alternatives cover at most such a part less.
    search
        How long the best sites may be looked for; None: nobody looks for them.
    hours
        The hours of the day in which people are newly served, and in which alternatives and the best sites are
        judged, changed hours among them; None: those in which demand was said to count when the scenario was
        sought, or whatever the hours.
    """
    edits = after.scenario.edits if after.scenario else ()
    sought = sought_of(after.scenario.question) if after.scenario else None
    if hours is None and sought is not None:
        hours = sought.asked.hours
    counts = Counts.of(before, sought, hours)
    servings = tuple(servings_of(before, after, edits, counts))
    on_terms = {code for code, sure in zip(after.supply.ids, after.terms_use.sure[:, 0], strict=True) if sure}
    helping = [edit for edit in edits if isinstance(edit, Closing) or edit.id in on_terms]
    sites = Sites.of(before, candidates, helping, sought)
    is_choice = bool(sites.opened or (sites.hours and hours is not None))
    sites, plan = _chosen(before, sites, hours) if is_choice else (sites, None)
    others = tuple(alternatives(plan, within_part=within_part)) if plan and plan.loss else ()
    steps = tuple(best_steps(before, sites, search, hours)) if plan and search else ()
    radii = tuple(radii_of(before, after, counts))
    found = exchanges(before, sites, plan, others)
    notes = (*_sentences(after, servings, found, steps, plan), *_judged(sought, sites, plan))
    definition = Note(
        N_("Newly served: people within reach of a changed station who today have none within reach, {hours}; by "
           "hours of the day: people who today have no usable station then. Alternatives and the best sites are "
           "those of the maximal covering location problem (Church & ReVelle 1974, doi:10.1007/BF01942293)"),
        {"hours": Note(N_("whatever the hours")) if hours is None else
         Note(N_("mean of the {count} hours of the day that were asked for"), {"count": len(hours)})},
    )  # fmt: skip
    return Proposal(
        about=about_study(after, "proposal", N_("The scenario explained"), definition, notes=notes),
        tables=(
            edit_table(before.snapshot, edits),
            _site_table(after, servings, found if plan is None or plan.loss else None),
            _hour_table(servings),
            *([_alternative_table(plan, [one for one in found if _is_near(one)])] if plan and plan.loss else []),
            *([_step_table(steps)] if steps else []),
            _radius_table(radii),
        ),
        servings=servings,
        plan=plan,
        alternatives=others,
        steps=steps,
        radii=radii,
    )


def edit_table(snapshot: Snapshot, edits: Sequence[Edit]) -> Table:
    """Return the edits of a scenario, numbered, with the names of the stations as they are."""
    rows, shapes = [], []
    for number, edit in enumerate(edits, start=1):
        row = snapshot.row_of(edit.id)
        name = edit.station.name if isinstance(edit, Opening) else ""
        shape: BaseGeometry = shapely.Point()
        if row is not None and not isinstance(edit, Opening):
            name, shape = snapshot.stations[row].name, snapshot.geometry(row)
        if isinstance(edit, Opening):
            shape = edit.station.geometry
        if isinstance(edit, Moving):
            shape = edit.geometry
        rows.append((number, Note(KINDS[edit.kind]), edit.id, name, _detail(edit), edit.cost_cny_year))
        shapes.append(shape)
    fields = ("number", "change", "id", "name", "detail", "cost")
    columns: dict[str, list[Any]] = {field: [row[at] for row in rows] for at, field in enumerate(fields)}
    return Table("edits", Note(N_("What changes")), columns, shapes)


def _detail(edit: Edit) -> Note:
    if isinstance(edit, Closing):
        return Note("")
    if isinstance(edit, NewHours):
        return Note("{text}", {"text": edit.opening_hours or Note(N_("unknown"))})
    if isinstance(edit, NewFacilities):
        words = {True: N_("yes"), False: N_("no"), None: N_("unknown")}
        said = (
            Note("{facility} {word}", {"facility": Note(FACILITIES[code]), "word": Note(words[has])})
            for code, has in edit.facilities.items()
        )
        return Note("{list}", {"list": tuple(said)})
    place = edit.geometry if isinstance(edit, Moving) else edit.station.geometry
    at = place.centroid
    text = f"{at.x:.5f}, {at.y:.5f}"
    if isinstance(edit, Opening):
        hours = edit.station.opening_hours or Note(N_("hours unknown"))
        return Note("{at} · {hours}", {"at": text, "hours": hours})
    return Note("{at}", {"at": text})


def _site_table(study: Study, servings: Sequence[Serving], others: Sequence[Exchange] | None) -> Table:
    edits = study.scenario.edits if study.scenario else ()
    opened = {edit.id for edit in edits if isinstance(edit, (Opening, Moving))}
    costs: dict[str, float | None] = {}
    for edit in edits:
        if edit.cost_cny_year is not None:
            costs[edit.id] = (costs.get(edit.id) or 0.0) + edit.cost_cny_year
    row_of = {code: row for row, code in enumerate(study.supply.ids)}
    columns: dict[str, list[Any]] = {
        "id": [one.id for one in servings],
        "name": [one.name for one in servings],
        "opening_hours": [study.supply.records[row_of[one.id]].get("opening_hours") for one in servings],
        "cost": [costs.get(one.id) for one in servings],
        "newly": [round(one.newly, 1) for one in servings],
        "newly_alone": [round(one.alone, 1) for one in servings],
        "person_hours_more": [round(float(one.by_hour.sum())) for one in servings],
        "busiest": [_busiest(one) for one in servings],
        "alternatives_count": [
            None
            if others is None or one.id not in opened
            else sum(other.station == one.id and _is_near(other) for other in others)
            for one in servings
        ],
    }
    shapes = [study.supply.shapes[row_of[one.id]] for one in servings]
    return Table("sites", Note(N_("Each station that changes")), columns, shapes)


def _is_near(other: Exchange) -> bool:
    """Return whether an exchange brings nearly as much as what it gives up, or more."""
    return other.keeps is None or other.keeps >= NEARLY


def _busiest(serving: Serving) -> Note | None:
    """Return in which hours of the day a station serves at least half as many as in its best hour."""
    profile = serving.by_day_hour
    if not profile.any():
        return None
    spans = tuple(Note(N_("{first}-{last} h"), {"first": a, "last": b}) for a, b in _spans(profile))
    return Note("{spans}", {"spans": spans})


def _spans(profile: Floats) -> Iterator[tuple[int, int]]:
    """Yield runs of hours with at least half of the most, as first hour and end; midnight may lie inside."""
    high = profile >= profile.max() * _HALF
    if high.all():
        yield 0, 24
        return
    for start in np.flatnonzero(high & ~np.roll(high, 1)).tolist():
        length = int(np.argmin(np.roll(high, -start)))
        yield start, (start + length - 1) % 24 + 1


def _hour_table(servings: Sequence[Serving]) -> Table:
    columns: dict[str, list[Any]] = {
        "name": [one.name for one in servings for _ in range(24)],
        "hour": [hour for _ in servings for hour in range(24)],
        "newly": [round(value, 1) for one in servings for value in one.by_day_hour.tolist()],
    }
    return Table("hours", Note(N_("Newly served by hour of the day, mean of the week")), columns)


def _alternative_table(plan: Plan, others: Sequence[Exchange]) -> Table:
    columns: dict[str, list[Any]] = {
        "instead_of": [one.name for one in others],
        "id": [one.id for one in others],
        "name": [one.instead for one in others],
        "value": [round(one.value, 1) for one in others],
        "difference": [round(one.value - plan.value, 1) for one in others],
        "share_of_gain": [None if one.keeps is None else round(one.keeps, 4) for one in others],
        "cost_more": [None if one.cost is None else round(one.cost, 2) for one in others],
    }
    return Table("alternatives", Note(N_("Other sites that do nearly as well, or better")), columns)


def _step_table(steps: Sequence[Step]) -> Table:
    columns: dict[str, list[Any]] = {
        "opened": [step.p for step in steps],
        "value": [round(step.value, 1) for step in steps],
        "bound": [round(step.bound, 1) for step in steps],
        "proven": [step.is_proven for step in steps],
    }
    return Table("frontier", Note(N_("What more sites would be worth")), columns)


def _radius_table(radii: Sequence[tuple[float, float, float]]) -> Table:
    columns: dict[str, list[Any]] = {
        name: plain([row[at] for row in radii], 1) for at, name in enumerate(("radius_m", "first", "second"))
    }
    return Table("radii", Note(N_("The same scenario by other distances")), columns)


def _sentences(
    study: Study,
    servings: Sequence[Serving],
    others: Sequence[Exchange],
    steps: Sequence[Step],
    plan: Plan | None,
) -> Iterator[Note]:
    counted = counted_note(study.criteria.weight)
    for one in servings:
        details: dict[str, Any] = {
            "name": one.name, "newly": f"{one.newly:,.0f}", "alone": f"{one.alone:,.0f}", "counted": counted,
            "hours": f"{one.by_hour.sum():,.0f}", "busiest": _busiest(one) or Note(N_("no hour")),
        }  # fmt: skip
        yield Note(
            N_("{name}: {newly} {counted} served whom no station serves today, {alone} of them by it alone; "
               "{hours} person-hours a week without a usable station end, most of them at {busiest}"),
            details,
        )  # fmt: skip
    better = [one for one in others if plan and one.value > plan.value * (1 + 1e-9)]
    if plan and better:
        best = max(better, key=lambda one: one.value)
        yield Note(
            N_("{other} in place of {name} would cover {more} {counted} more"),
            {
                "other": best.instead,
                "name": best.name,
                "more": f"{best.value - plan.value:,.0f}",
                "counted": counted,
            },
        )
    same = next((step for step in steps if plan and step.p == new_sites(plan) > 0), None)
    if plan and same is not None:
        worse = same.value - plan.value
        yield Note(
            N_("no choice of {count} sites covers more: that is proven")
            if worse <= 1e-6 * max(same.value, 1.0) and same.is_proven
            else N_("the best choice of {count} sites found covers {more} {counted} more"),
            {"count": same.p, "more": f"{max(worse, 0.0):,.0f}", "counted": counted},
        )


def _chosen(before: Study, sites: Sites, hours: Sequence[int] | None) -> tuple[Sites, Plan]:
    """Return the scenario as a choice of sites; without the rules it was sought by, if these do not fit."""
    try:
        return sites, plan_of(before, sites, hours)
    except QueryError:
        if sites.sought is None:
            raise
        sites = replace(sites, sought=None)
        return sites, plan_of(before, sites, hours)


def _judged(sought: Sought | None, sites: Sites, plan: Plan | None) -> Iterator[Note]:
    """Yield by what other sites are judged."""
    if plan is None:
        return
    if sought is not None and sites.sought is None:
        yield Note(
            N_("the rules by which the scenario was sought do not fit the data now: other sites are judged by "
               "coverage alone, whatever they cost")
        )  # fmt: skip
        return
    if sought is None:
        yield Note(
            N_("the scenario was drawn by hand: other sites are judged by coverage alone, whatever they cost")
        )
        return
    yield Note(
        N_("other sites keep the means and rules by which the scenario was sought ({model}); they are judged by "
           "the demand that is covered"),
        {"model": Note(MODELS.get(sought.model, sought.model))},
    )  # fmt: skip
    if plan.loss is None:
        yield Note(N_("single exchanges are not computed where sites serve only so much"))
