"""From a siting plan to a scenario, and from a scenario to planned stations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shapely.geometry.base import BaseGeometry

from locator.coverage.criteria import Terms
from locator.coverage.edits import Closing, Edit, NewHours, Opening, mark_of
from locator.coverage.scenario import Scenario, free_code, with_edit
from locator.coverage.siting.plan import Plan
from locator.coverage.study import Study
from locator.errors import NotFound
from locator.place import CandidateSite
from locator.snapshot import Snapshot
from locator.station import CATEGORIES, Entry, Provenance, Station
from locator.translation import N_

__all__ = ["adopted", "opening_at", "opening_of_plan", "placed", "planned_stations"]


def adopted(
    study: Study,
    candidates: Sequence[CandidateSite],
    plan: Plan,
    name: str,
    *,
    snapshot: Snapshot | None = None,
) -> Scenario:
    """Return a plan as a scenario: what it opens, closes and keeps open longer; beside what the study supposes.

    New stations are supposed to be as the study's terms ask: with the facilities, by the ways in, for the people.

    Parameters
    ----------
    candidates
        Those of which the plan's problem was made.
    snapshot
        The stations as they are, where the study is that of a scenario; None: those of the study.
    """
    problem, snapshot = plan.problem, snapshot or study.snapshot
    sites = {one.id: one for one in candidates}
    supposed = study.scenario.edits if study.scenario else ()
    scenario = Scenario(name=name, edits=supposed, revision=snapshot.revision)

    def seen(code: str) -> str:
        row = snapshot.row_of(code)
        return "" if row is None else mark_of(snapshot, row)

    edits: list[Edit] = []
    for site in plan.closed.tolist():
        code = problem.site_ids[site]
        saved = float(problem.saves[site])
        edits.append(Closing(id=code, seen=seen(code), cost_cny_year=-saved if saved else None))
    for option in plan.changed.tolist():
        code = problem.site_ids[problem.options.site[option]]
        hours, cost = problem.options.names[option], float(problem.options.cost[option])
        edits.append(NewHours(id=code, seen=seen(code), opening_hours=hours, cost_cny_year=cost))
    for edit in edits:
        scenario = with_edit(scenario, edit, snapshot)
    for option in plan.opened.tolist():
        site = sites[problem.site_ids[problem.options.site[option]]]
        scenario = with_edit(scenario, opening_at(site, snapshot, scenario, terms=study.criteria.terms), snapshot)
    return scenario


def opening_at(
    site: CandidateSite,
    snapshot: Snapshot,
    scenario: Scenario,
    *,
    terms: Terms = Terms(),  # noqa: B008 - frozen
) -> Opening:
    """Return the opening of a candidate site, as some terms ask of it."""
    station = Station(
        id=free_code(site.id, snapshot, scenario),
        name=site.name,
        geometry=_place(site.geometry),
        category=next((code for code in CATEGORIES if code in terms.categories), "station"),
        opening_hours="24/7" if terms.h24 else site.opening_hours,
        capacity=site.capacity,
        facilities=dict.fromkeys(terms.needs, True),
        entry=Entry(
            ways=tuple(terms.ways),
            registration=False if terms.no_registration else None,
            admits="everyone" if terms.who else None,
        ),
        provenance=Provenance(source=f"scenario {scenario.name}", source_id=site.id),
    )
    return Opening(station=station, site=site.id, cost_cny_year=site.cost_cny_year)


def opening_of_plan(snapshot: Snapshot, code: str) -> Opening:
    """Return the opening of a planned station.

    Raises
    ------
    NotFound
        There is no planned station of that code.
    """
    row = snapshot.row_of(code)
    if row is None or snapshot.stations[row].status != "planned":
        raise NotFound(
            N_("is no candidate site and no planned station"), field="site", value=code,
            mend=N_("look its code up in the list"),
        )  # fmt: skip
    return Opening(station=replace(snapshot.stations[row], status="operating"), site=code)


def placed(geometry: BaseGeometry, snapshot: Snapshot, scenario: Scenario) -> Opening:
    """Return the opening of a station at any place, named by its code."""
    code = free_code("", snapshot, scenario)
    told = Provenance(source=f"scenario {scenario.name}")
    return Opening(station=Station(id=code, name=code, geometry=geometry, provenance=told))


def planned_stations(scenario: Scenario) -> list[Station]:
    """Return what a scenario opens as planned stations, for the list of stations."""
    return [replace(edit.station, status="planned") for edit in scenario.openings]


def _place(geometry: BaseGeometry) -> BaseGeometry:
    """Return where siting measured to: of what is no point, its centroid."""
    return geometry if geometry.geom_type == "Point" else geometry.centroid
