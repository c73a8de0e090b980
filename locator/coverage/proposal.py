"""A scenario explained: what it changes, whom each change serves and when, and what would do as well or more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from locator.coverage.about import Note
from locator.coverage.choice import Exchange, Sites, best_steps, exchanges, plan_of
from locator.coverage.edits import KINDS, Closing, Edit, Moving, NewFacilities, NewHours, Opening
from locator.coverage.result import Result, Table, plain
from locator.coverage.saying import about_study, counted_note
from locator.coverage.siting.explained import Alternative, Step, alternatives
from locator.coverage.siting.plan import Plan
from locator.coverage.siting.solving import Search
from locator.coverage.study import Study
from locator.coverage.week import HOURS
from locator.place import CandidateSite
from locator.snapshot import Snapshot
from locator.station import FACILITIES
from locator.streets.graph import Floats, Mask
from locator.streets.snapping import FINE_M
from locator.translation import N_

__all__ = ["Proposal", "Serving", "edit_table", "explain"]

_RADII = (0.5, 0.75, 1.0, 1.5, 2.0)
_HALF = 0.5


@dataclass(frozen=True, eq=False)
class Serving:
    """Whom one station serves that is new, moved, or open at other hours.

    Attributes
    ----------
    id, name
        The station's.
    newly
        People within its reach who today have no station within reach, whatever the hours.
    alone
        Those of them whom no other station of the scenario serves.
    by_hour
        For each of the 168 hours people whom it serves then and who today have no usable station then.
    """

    id: str
    name: str
    newly: float
    alone: float
    by_hour: Floats

    @property
    def by_day_hour(self) -> Floats:
        """The mean over the seven days, for each hour of the day."""
        return np.asarray(self.by_hour.reshape(7, 24).mean(axis=0))


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
        Single exchanges of a new site that cover nearly as much, or more.
    steps
        What 0, 1, 2, … new sites at the best places are worth.
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
        The hours of the day in which alternatives and the best sites are judged, changed hours among them; None:
        whatever the hours.
    """
    edits = after.scenario.edits if after.scenario else ()
    servings = tuple(_servings(before, after, edits))
    on_terms = {code for code, sure in zip(after.supply.ids, after.terms_use.sure[:, 0], strict=True) if sure}
    helping = [edit for edit in edits if isinstance(edit, Closing) or edit.id in on_terms]
    sites = Sites.of(before, candidates, helping)
    is_choice = bool(sites.opened or (sites.hours and hours is not None))
    plan = plan_of(before, sites, hours) if is_choice else None
    others = tuple(alternatives(plan, within_part=within_part)) if plan else ()
    steps = tuple(best_steps(before, sites, search, hours)) if plan and search else ()
    radii = tuple(_radii(before, after))
    notes = tuple(_sentences(after, servings, others, steps, plan))
    definition = Note(
        N_("Newly served: people within reach of a changed station who today have none within reach; by hours: "
           "people who today have no usable station then. Alternatives and the best sites are those of the "
           "maximal covering location problem (Church & ReVelle 1974, doi:10.1007/BF01942293), {hours}"),
        {"hours": Note(N_("whatever the hours")) if hours is None else
         Note(N_("mean of the {count} hours of the day that were asked for"), {"count": len(hours)})},
    )  # fmt: skip
    return Proposal(
        about=about_study(after, "proposal", N_("The scenario explained"), definition, notes=notes),
        tables=(
            edit_table(before.snapshot, edits),
            _site_table(after, servings, exchanges(before, sites, plan, others)),
            _hour_table(servings),
            *([_alternative_table(exchanges(before, sites, plan, others))] if plan else []),
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


def _servings(before: Study, after: Study, edits: Sequence[Edit]) -> Iterator[Serving]:
    """Yield whom each changed station serves, in the order of the edits."""
    limit_m, weight = after.criteria.within_m, after.weight
    today = before.distances.within(limit_m, before.terms_use.sure[:, :1])[:, 0]
    columns = before.week_columns
    today_by_hour = before.distances.within(limit_m, columns.sets)[:, columns.column[:HOURS]]
    count = after.distances.counts(limit_m, after.terms_use.sure[:, 0])
    row_of = {code: row for row, code in enumerate(after.supply.ids)}
    for code in dict.fromkeys(edit.id for edit in edits):
        row = row_of.get(code)
        if row is None:
            continue
        near = _near(after, row)
        serves = near & after.terms_use.sure[row, 0]
        newly = serves & ~today
        hours = after.week_use.sure[row, :HOURS]
        by_hour = (weight[near] @ ~today_by_hour[near]) * hours
        yield Serving(
            code, after.supply.names[row], float(weight[newly].sum()), float(weight[newly & (count == 1)].sum()),
            np.asarray(by_hour),
        )  # fmt: skip


def _near(study: Study, row: int) -> Mask:
    """Return which demand points have one station within reach."""
    only = np.zeros((len(study.supply), 1), bool)
    only[row] = True
    return np.asarray(study.distances.within(study.criteria.within_m, only)[:, 0])


def _radii(before: Study, after: Study) -> Iterator[tuple[float, float, float]]:
    for part in _RADII:
        radius_m = before.criteria.within_m * part
        if radius_m <= before.distances.limit_m + FINE_M:
            covered = (
                float(one.weight @ one.distances.within(radius_m, one.terms_use.sure[:, :1])[:, 0])
                for one in (before, after)
            )
            first, second = covered
            yield radius_m, first, second


def _site_table(study: Study, servings: Sequence[Serving], others: Sequence[Exchange]) -> Table:
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
            sum(other.station == one.id for other in others) if one.id in opened else None for one in servings
        ],
    }
    shapes = [study.supply.shapes[row_of[one.id]] for one in servings]
    return Table("sites", Note(N_("Each station that changes")), columns, shapes)


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


def _alternative_table(others: Sequence[Exchange]) -> Table:
    columns: dict[str, list[Any]] = {
        "instead_of": [one.name for one in others],
        "id": [one.id for one in others],
        "name": [one.instead for one in others],
        "value": [round(one.value, 1) for one in others],
        "worse": [round(one.worse, 4) for one in others],
    }
    return Table("alternatives", Note(N_("Other sites that do nearly as well")), columns)


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
    others: Sequence[Alternative],
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
            N_("one other site in place of one of these would cover {more} {counted} more"),
            {"more": f"{best.value - plan.value:,.0f}", "counted": counted},
        )
    same = next((step for step in steps if plan and step.p == len(plan.opened) > 0), None)
    if plan and same is not None:
        worse = same.value - plan.value
        yield Note(
            N_("no choice of {count} sites covers more: that is proven")
            if worse <= 1e-6 * max(same.value, 1.0) and same.is_proven
            else N_("the best choice of {count} sites found covers {more} {counted} more"),
            {"count": same.p, "more": f"{max(worse, 0.0):,.0f}", "counted": counted},
        )
