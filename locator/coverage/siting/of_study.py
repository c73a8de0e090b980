"""A siting problem of a study: its stations and demand, with candidate sites, along the study's own network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from locator.coverage.distances import Distances
from locator.coverage.siting.problem import Floats, Group, Mask, Options, Pairs, Problem, Rule
from locator.coverage.study import Study
from locator.coverage.week import HOURS
from locator.errors import QueryError
from locator.hours import Hours
from locator.place import CandidateSite
from locator.translation import N_

__all__ = ["ROUND_THE_CLOCK", "Asked", "problem_of_study"]

ROUND_THE_CLOCK = "24/7"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a planner allows and demands.

    Attributes
    ----------
    hours
        The hours of the day (0 to 23) that count, on each day of the week; None: whatever the hours.
    must, never
        Codes of candidates, and of stations that have to close.
    may_close, may_move
        Codes of stations; what is named nowhere stays.
    extend_cost
        What it costs to keep an existing station open around the clock; None: hours stay as they are.
    every_area
        Whether each area without a station inside has to get one.
    """

    hours: tuple[int, ...] | None = None
    must: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    may_close: frozenset[str] = frozenset()
    may_move: frozenset[str] = frozenset()
    extend_cost: float | None = None
    every_area: bool = False


def problem_of_study(study: Study, candidates: Sequence[CandidateSite], asked: Asked) -> Problem:
    """Return the problem of where the next station goes.

    Sites are the study's stations, then the candidates, by id. Demand is the study's weight; where hours count,
    it is the same in each of them, and told as the mean over them. What nobody knows counts as not open.

    Raises
    ------
    QueryError
        There are no candidates, a code is unknown, or an area that must get a station has no candidate inside.
    """
    candidates = sorted(candidates, key=lambda one: one.id)
    if not candidates and asked.extend_cost is None:
        raise QueryError(N_("is missing"), field="candidates", mend=N_("import candidate sites first"))
    ids = (*study.supply.ids, *(one.id for one in candidates))
    existing = np.arange(len(ids)) < len(study.supply)
    slices, stations_open, candidates_open = _open(study, candidates, asked)
    options = _options(study, candidates, stations_open, candidates_open, asked)
    count = max(len(slices), 1)
    return Problem(
        site_ids=ids,
        demand_ids=study.demand.ids if len(set(study.demand.ids)) == len(study.demand) else _numbered(study),
        existing=existing,
        rule=_rules(ids, existing, asked),
        weight=np.repeat(study.weight[:, None] / count, count, axis=1),
        pairs=_pairs(study, candidates),
        options=options,
        capacity=np.full(len(ids), np.inf),
        groups=_groups(study, candidates) if asked.every_area else (),
        kinds=(study.criteria.weight,),
        slices=slices,
    )


def _open(study: Study, candidates: Sequence[CandidateSite], asked: Asked) -> tuple[tuple[str, ...], Mask, Mask]:
    """Return names of the slices, and which stations and which candidates are surely open in each."""
    if asked.hours is None:
        return ("",), study.terms_use.sure[:, :1], np.ones((len(candidates), 1), bool)
    wanted = [hour for hour in range(HOURS) if hour % 24 in asked.hours]
    moments = [study.week.moments[hour] for hour in wanted]
    snapshot, minutes = study.snapshot, study.criteria.stay_minutes
    is_open = np.zeros((len(candidates), len(wanted)), bool)
    for row, site in enumerate(candidates):
        if site.opening_hours:
            hours = Hours(opening=site.opening_hours, zone=snapshot.zone, country=snapshot.country)
            is_open[row] = [hours.outlook(moment).usable_for(moment, minutes) for moment in moments]
    names = tuple(f"{hour // 24 + 1} {hour % 24:02d}:00" for hour in wanted)
    return names, study.week_use.sure[:, wanted], is_open


def _options(
    study: Study, candidates: Sequence[CandidateSite], stations_open: Mask, candidates_open: Mask, asked: Asked
) -> Options:
    stations = len(study.supply)
    site = np.arange(stations + len(candidates))
    cost = np.concatenate([np.zeros(stations), [one.cost_cny_year or 0.0 for one in candidates]])
    is_open = np.concatenate([stations_open, candidates_open])
    names = ["" for _ in range(stations)] + [one.opening_hours or "" for one in candidates]
    if asked.extend_cost is not None and asked.hours is not None:
        # Only what is on the study's terms helps anybody by staying open.
        longer = np.flatnonzero(study.terms_use.sure[:, 0] & ~stations_open.all(axis=1))
        site = np.concatenate([site, longer])
        cost = np.concatenate([cost, np.full(len(longer), asked.extend_cost)])
        is_open = np.concatenate([is_open, np.ones((len(longer), is_open.shape[1]), bool)])
        names += [ROUND_THE_CLOCK] * len(longer)
    return Options(site.astype(np.int64), is_open, cost, tuple(names))


def _rules(ids: Sequence[str], existing: Mask, asked: Asked) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    rule = np.where(existing, Rule.MUST, Rule.FREE).astype(np.int64)
    row = {code: place for place, code in enumerate(ids)}
    for field, codes, value in (
        ("may_close", asked.may_close, Rule.FREE),
        ("may_move", asked.may_move, Rule.MOVES),
        ("must", asked.must, Rule.MUST),
        ("never", asked.never, Rule.NEVER),
    ):
        for code in sorted(codes):
            if code not in row:
                raise QueryError(
                    N_("is no station and no candidate"), field=field, value=code, mend=N_("correct it")
                )
            rule[row[code]] = value
    return rule


def _pairs(study: Study, candidates: Sequence[CandidateSite]) -> Pairs:
    """Measure as the study does, to its stations and to the candidates."""
    shapes = np.array([None, *(one.geometry for one in candidates)], dtype=object)[1:]
    places, limit_m = (study.demand.lons, study.demand.lats), study.distances.limit_m
    found = [study.distances, study.distances_to(shapes, places, limit_m=limit_m)]
    return Pairs(
        np.concatenate([found[0].station, found[1].station + len(study.supply)]),
        np.concatenate([one.point for one in found]),
        np.concatenate([_metres(one) for one in found]),
    )


def _metres(distances: Distances) -> Floats:
    return np.maximum(distances.distance_m, 0.0)


def _groups(study: Study, candidates: Sequence[CandidateSite]) -> tuple[Group, ...]:
    """Return for each area without a station inside the candidates there."""
    stations, groups = study.supply.shapes, []
    for area in study.areas:
        if shapely.intersects(area.geometry, stations).any():
            continue
        inside = [row for row, one in enumerate(candidates) if area.geometry.intersects(one.geometry)]
        if not inside:
            raise QueryError(
                N_("has no candidate site inside"), field="area", value=area.name,
                mend=N_("add a candidate there, or do not ask for every area"),
            )  # fmt: skip
        groups.append(Group(area.name, np.array(inside) + len(study.supply)))
    return tuple(groups)


def _numbered(study: Study) -> tuple[str, ...]:
    return tuple(f"{code}/{number}" for number, code in enumerate(study.demand.ids))
