"""Two studies of one place side by side: what differs in each measure, who gains and loses, at what cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from locator.coverage.about import Note
from locator.coverage.audit import Audit, measure_audit
from locator.coverage.edits import KINDS, Edit, Moving, edit_to_record
from locator.coverage.gaps import Gaps, measure_gaps
from locator.coverage.hours import measure_hours
from locator.coverage.proposal import edit_table
from locator.coverage.result import Result, Table, plain
from locator.coverage.saying import COUNTED, about_study, counted_note
from locator.coverage.spread import spread_of
from locator.coverage.study import Study
from locator.coverage.week import HOURS
from locator.streets.graph import Floats, Mask
from locator.translation import N_

__all__ = ["GAPS", "PRESENT", "Changed", "Comparison", "compare", "cost_of"]

PRESENT = N_("At present")
"""What a study without a scenario is called."""

GAPS = N_("Gaps, whatever their size")
"""A figure that is no finding: it rises where one gap becomes two."""

_NIGHT = (22, 23, 0, 1, 2, 3, 4, 5)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Changed:
    """A station that the two have in different ways.

    Attributes
    ----------
    number
        That of the edit in its scenario, or, of two scenarios, counted from 1.
    scenario
        What the one of the two is called whose edit it is.
    shape
        Where the station is after the edit; of one that closes, where it was. WGS84.
    came_from
        Where one that moves was.
    gained, lost
        People within its reach after who gain a station, and within its reach before who lose theirs.
    hours_lost
        Person-hours a week that those lose who had it within reach.
    """

    number: int
    scenario: Note
    edit: Edit
    name: str
    detail: Note
    shape: BaseGeometry
    came_from: BaseGeometry | None = None
    gained: float = 0.0
    lost: float = 0.0
    hours_lost: float = 0.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Comparison(Result):
    """What differs between two studies of the same demand.

    Attributes
    ----------
    names
        What the two are called: scenarios by their names.
    covered
        Shape (demand points, 2): who has a station within reach, whatever its hours, before and after.
    hours
        Shape (demand points, 2): in how many of the 168 hours of a week each has one that is usable then.
    gained, lost
        People who have a station within reach after and not before, and the reverse.
    person_hours
        What person-hours a week come to, after less before.
    cost
        What the second costs a year more than the first; None: nobody said.
    changes
        The stations that the one has otherwise than the other; what both change alike is not among them.
    """

    names: tuple[Note, Note]
    covered: Mask
    hours: Floats
    gained: float
    lost: float
    person_hours: float
    cost: float | None
    changes: tuple[Changed, ...] = ()

    @property
    def people_more(self) -> float:
        """How many people more have a station within reach."""
        return self.gained - self.lost

    @property
    def cost_per_person(self) -> float | None:
        """What each additional person costs a year; None where there are none, or nothing is known or spent."""
        return self._each(self.people_more)

    @property
    def cost_per_person_hour(self) -> float | None:
        """What each additional person-hour of a week costs a year; None likewise."""
        return self._each(self.person_hours)

    def _each(self, more: float) -> float | None:
        return self.cost / more if self.cost is not None and self.cost >= 0 and more > 0 else None


def compare(before: Study, after: Study) -> Comparison:
    """Compare two studies of the same data by the same criteria, such as the present and a scenario.

    Only what is sure counts: unknown hours, facilities and ways in are no coverage.
    """
    covered = np.column_stack([_covered(before), _covered(after)])
    hours = np.column_stack([_hours(before), _hours(after)])
    weight = after.weight
    gained = weight * (covered[:, 1] & ~covered[:, 0])
    lost = weight * (covered[:, 0] & ~covered[:, 1])
    person_hours = weight * (hours[:, 1] - hours[:, 0])
    costs = cost_of(before), cost_of(after)
    names = _name(before), _name(after)
    found = Comparison(
        about=about_study(
            after,
            "comparison",
            N_("Comparison"),
            Note(
                N_("{second} less {first}: people who have a station within reach, surely, in the one and not in "
                   "the other; hours are those of a week in which one of the stations is usable"),
                {"first": names[0], "second": names[1]},
            ),
            notes=tuple(_cost_notes(before, after)),
        ),
        tables=(),
        names=names,
        covered=covered,
        hours=hours,
        gained=float(gained.sum()),
        lost=float(lost.sum()),
        person_hours=float(person_hours.sum()),
        cost=None if None in costs else (costs[1] or 0.0) - (costs[0] or 0.0),
    )  # fmt: skip
    found = replace(found, changes=tuple(_weighed(one, before, after, found) for one in _changes(before, after)))
    tables = (
        _measure_table(before, after, found),
        _cost_table(found),
        _change_table(found),
        _area_table(after, found, gained, lost, person_hours),
        _point_table(after, found, person_hours),
    )
    return replace(found, tables=tables)


def cost_of(study: Study) -> float | None:
    """Return what a study's scenario costs a year; 0 without one; None where an opening has no cost.

    Other edits without a cost cost nothing.
    """
    edits = study.scenario.edits if study.scenario else ()
    if any(edit.kind == "open" and edit.cost_cny_year is None for edit in edits):
        return None
    return float(sum(edit.cost_cny_year or 0.0 for edit in edits))


def _name(study: Study) -> Note:
    return Note("{name}", {"name": study.scenario.name}) if study.scenario else Note(PRESENT)


def _covered(study: Study) -> Mask:
    """Return which demand points surely have a station within reach, whatever its hours."""
    return study.distances.within(study.criteria.within_m, study.terms_use.sure[:, :1])[:, 0]


def _hours(study: Study) -> Floats:
    """Return for each demand point the hours of the week in which one is surely usable within reach."""
    columns = study.week_columns
    times = np.bincount(columns.column[:HOURS], minlength=columns.sets.shape[1])
    return np.asarray(study.distances.within(study.criteria.within_m, columns.sets) @ times.astype(float))


def _cost_notes(before: Study, after: Study) -> Iterator[Note]:
    for study in (before, after):
        edits = study.scenario.edits if study.scenario else ()
        unknown = sum(edit.cost_cny_year is None for edit in edits)
        if unknown:
            yield Note(
                N_("{count} changes of {name} have no cost: openings without one leave the sum unknown, others "
                   "cost nothing in it"),
                {"count": unknown, "name": _name(study)},
            )  # fmt: skip


def _changes(before: Study, after: Study) -> Iterator[Changed]:
    """Yield the edits that only one of the two has, those of the second first."""
    sides = [study.scenario.edits if study.scenario else () for study in (before, after)]
    told = [[_said(edit) for edit in edits] for edits in sides]
    number = 0
    # What the other side has untouched is read there: its name, and where a station was that moves.
    for side, study, other in ((1, after, before), (0, before, after)):
        table = edit_table(other.snapshot, sides[side])
        for at, row in enumerate(table.rows()):
            edit = sides[side][at]
            if told[side][at] in told[1 - side]:
                continue
            number += 1
            there = other.snapshot.row_of(edit.id)
            moves = isinstance(edit, Moving) and there is not None
            yield Changed(
                number=number if all(sides) else row["number"],
                scenario=_name(study),
                edit=edit,
                name=row["name"],
                detail=row["detail"],
                shape=(table.shapes or ())[at],
                came_from=other.snapshot.geometry(there) if moves and there is not None else None,
            )


def _weighed(change: Changed, before: Study, after: Study, found: Comparison) -> Changed:
    """Return a change with who gains and loses by it; by several at once they are counted with each."""
    weight, (old, new) = after.weight, (_near(study, change.edit.id) for study in (before, after))
    fewer = np.maximum(found.hours[:, 0] - found.hours[:, 1], 0.0)
    return replace(
        change,
        gained=float(weight @ (new & found.covered[:, 1] & ~found.covered[:, 0])),
        lost=float(weight @ (old & found.covered[:, 0] & ~found.covered[:, 1])),
        hours_lost=float((weight * fewer) @ old),
    )


def _near(study: Study, code: str) -> Mask:
    """Return which demand points have a station within reach, if it counts there."""
    only = np.zeros((len(study.supply), 1), bool)
    only[:, 0] = (np.asarray(study.supply.ids, dtype=object) == code) & study.terms_use.sure[:, 0]
    return study.distances.within(study.criteria.within_m, only)[:, 0]


def _said(edit: Edit) -> dict[str, Any]:
    """Return what an edit does, whatever station was looked at when it was made."""
    return {name: value for name, value in edit_to_record(edit).items() if name != "seen"}


def _change_table(found: Comparison) -> Table:
    changes = found.changes
    columns: dict[str, list[Any]] = {
        "number": [one.number for one in changes],
        "scenario": [one.scenario for one in changes],
        "change": [Note(KINDS[one.edit.kind]) for one in changes],
        "id": [one.edit.id for one in changes],
        "name": [one.name for one in changes],
        "detail": [one.detail for one in changes],
        "cost": [one.edit.cost_cny_year for one in changes],
        "people_gained": [_rounded(one.gained) for one in changes],
        "people_lost": [_rounded(one.lost) for one in changes],
    }
    return Table("changes", Note(N_("What changes")), columns, [one.shape for one in changes])


def _measure_table(before: Study, after: Study, found: Comparison) -> Table:
    rows = [
        (text, one, two)
        for (text, one), (_, two) in zip(_figures(before, found, 0), _figures(after, found, 1), strict=True)
    ]
    columns: dict[str, list[Any]] = {
        "figure": [text for text, _, _ in rows],
        "first": [one for _, one, _ in rows],
        "second": [two for _, _, two in rows],
        "difference": [None if None in (one, two) else round(two - one, 4) for _, one, two in rows],
    }
    return Table("measures", Note(N_("What differs")), columns)


def _figures(study: Study, found: Comparison, side: int) -> Iterator[tuple[Note, Any]]:
    """Yield the figures of a study that a meeting asks for, the same for every study of the same criteria."""
    weight, within = study.weight, study.criteria.within
    counted = {"counted": counted_note(study.criteria.weight), "within": within}
    yield Note(N_("Stations")), int(study.terms_use.sure[:, 0].sum())
    yield Note(N_("{counted} within {within}"), counted), _rounded(weight @ found.covered[:, side])
    for kind in ("street_m", "area_m2"):
        laid = getattr(study, {"street_m": "pieces", "area_m2": "ground"}[kind])
        if laid is not None:
            near = laid.distances.within(study.criteria.within_m, study.terms_use.sure[:, :1])[:, 0]
            text = Note(N_("{counted} within {within}"), {"counted": Note(COUNTED[kind]), "within": within})
            yield text, _rounded(laid.demand.weight(kind) @ near)
    spread = spread_of(study.nearest_of(study.terms_use.sure[:, 0]), weight)
    yield Note(N_("Way to the nearest station, mean (m)")), plain([spread.mean], 0)[0]
    yield Note(N_("Way to the nearest station, nine in ten (m)")), plain([spread.p90], 0)[0]
    audit: Audit = measure_audit(study)
    for criterion in audit.criteria:
        if criterion.of:
            yield criterion.text, criterion.met
    hours = measure_hours(study)
    usable = hours.within[study.criteria.weight][:HOURS]
    yield Note(N_("{counted} with a usable station, mean of the week"), counted), _rounded(usable.mean())
    night = usable[np.isin(np.arange(HOURS) % 24, _NIGHT)]
    yield Note(N_("{counted} with a usable station, mean of the nights (22-6 h)"), counted), _rounded(night.mean())
    yield Note(N_("{counted} with a usable station, worst hour"), counted), _rounded(usable.min())
    gaps: Gaps = measure_gaps(study)
    # One gap may become two where a station closes: their number says little of how many are without.
    yield Note(GAPS), len(gaps.gaps)
    unserved = sum(gap.people_hours for gap in gaps.gaps)
    yield Note(N_("{counted} times hours a week without a usable station"), counted), _rounded(unserved)


def _rounded(value: Any) -> float:  # noqa: ANN401 - a number of numpy
    return round(float(value), 1)


def _cost_table(found: Comparison) -> Table:
    columns: dict[str, list[Any]] = {
        "cost": [None if found.cost is None else round(found.cost, 2)],
        "people_gained": [_rounded(found.gained)],
        "people_lost": [_rounded(found.lost)],
        "people_more": [_rounded(found.people_more)],
        "cost_per_person": [_money(found.cost_per_person)],
        "person_hours_more": [_rounded(found.person_hours)],
        "cost_per_person_hour": [_money(found.cost_per_person_hour)],
    }
    return Table("cost", Note(N_("What it costs")), columns)


def _money(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _area_table(study: Study, found: Comparison, gained: Floats, lost: Floats, person_hours: Floats) -> Table:
    """Return the communities, those that gain most first and those that lose last."""
    sums, weight = study.members.sums, study.weight
    more, less, hours = sums(gained), sums(lost), sums(person_hours)
    people, first = sums(weight), sums(weight * found.covered[:, 0])
    second = first + more - less
    order = np.lexsort((np.arange(len(people)), -hours, less - more)).tolist()
    columns: dict[str, list[Any]] = {
        "id": [study.areas[row].id for row in order],
        "name": [study.areas[row].name for row in order],
        study.criteria.weight: plain(people[order], 0),
        "first": plain(first[order], 0),
        "second": plain(second[order], 0),
        "people_gained": plain(more[order], 0),
        "people_lost": plain(less[order], 0),
        "person_hours_more": plain(hours[order], 0),
        "share_first": plain(_share(first, people)[order], 4),
        "share_second": plain(_share(second, people)[order], 4),
    }
    shapes = [study.areas[row].geometry for row in order]
    return Table("areas", Note(N_("Who gains and who loses")), columns, shapes)


def _share(part: Floats, whole: Floats) -> Floats:
    return np.where(whole > 0, part / np.where(whole > 0, whole, 1), np.nan)


def _point_table(study: Study, found: Comparison, person_hours: Floats) -> Table:
    """Return the demand points where anything changes: 1 gained, -1 lost, 0 other hours only."""
    change = found.covered[:, 1].astype(int) - found.covered[:, 0].astype(int)
    rows = np.flatnonzero((study.weight > 0) & ((change != 0) | (np.abs(person_hours) > 1e-9)))
    demand = study.demand
    columns: dict[str, list[Any]] = {
        "id": [demand.ids[row] for row in rows.tolist()],
        "people": plain(study.weight[rows], 1),
        "change": change[rows].tolist(),
        "hours_more": plain(found.hours[rows, 1] - found.hours[rows, 0], 0),
    }
    shapes = np.asarray(shapely.points(demand.lons[rows], demand.lats[rows]), dtype=object)
    return Table("points", Note(N_("Where it changes")), columns, shapes.tolist())
