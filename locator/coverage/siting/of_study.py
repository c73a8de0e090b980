"""A siting problem of a study: its stations and demand, with candidate sites, along the study's own network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import shapely

from locator.coverage.distances import Distances
from locator.coverage.siting.problem import Floats, Group, Mask, Options, Pairs, Problem, Rule, Share
from locator.coverage.siting.street_demand import STREET_M, StreetDemand, street_demand
from locator.coverage.study import Study
from locator.coverage.week import HOURS
from locator.errors import QueryError
from locator.hours import Hours
from locator.place import CandidateSite
from locator.translation import N_

__all__ = ["ROUND_THE_CLOCK", "Asked", "problem_of_study"]

ROUND_THE_CLOCK = "24/7"
_NOTHING: Mapping[str, str] = MappingProxyType({})


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
    other_hours
        For stations by code other hours that they may keep, beside those they keep now, at no cost.
    every_area
        Whether each area without a station inside has to get one.
    street_share
        Which share of the main streets, by length, must be within the study's reach; None: it does not matter.
    per_place
        How many of the demand a site serves for each person who finds room there (its capacity), in each of the
        hours; what has no capacity serves any number. None: capacities do not matter.
    """

    hours: tuple[int, ...] | None = None
    must: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    may_close: frozenset[str] = frozenset()
    may_move: frozenset[str] = frozenset()
    extend_cost: float | None = None
    other_hours: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    every_area: bool = False
    street_share: float | None = None
    per_place: float | None = None

    def __post_init__(self) -> None:
        if self.street_share is not None and not 0 <= self.street_share <= 1:
            raise QueryError(
                N_("is not a share from 0 to 1"), field="street_share", value=self.street_share,
                mend=N_("correct it"),
            )  # fmt: skip
        if self.per_place is not None and not 0 < self.per_place < np.inf:
            raise QueryError(
                N_("is not a number above 0"), field="per_place", value=self.per_place, mend=N_("correct it")
            )


def problem_of_study(study: Study, candidates: Sequence[CandidateSite], asked: Asked) -> Problem:
    """Return the problem of where the next station goes.

    Sites are the study's stations, then the candidates, by id. Demand is the study's weight; where hours count,
    it is the same in each of them, and told as the mean over them. What nobody knows counts as not open.

    Raises
    ------
    QueryError
        There are no candidates, a code is unknown, an area that must get a station has no candidate inside, there
        are no main streets of which a share is to be covered, or no site has a capacity where that matters.
    """
    candidates = sorted(candidates, key=lambda one: one.id)
    if not candidates and asked.extend_cost is None:
        raise QueryError(N_("is missing"), field="candidates", mend=N_("import candidate sites first"))
    ids = (*study.supply.ids, *(one.id for one in candidates))
    existing = np.arange(len(ids)) < len(study.supply)
    slices, stations_open, candidates_open = _open(study, candidates, asked)
    options = _options(study, candidates, stations_open, candidates_open, asked)
    count = max(len(slices), 1)
    codes = study.demand.ids if len(set(study.demand.ids)) == len(study.demand) else _numbered(study)
    weight, pairs = study.weight, _pairs(study, candidates)
    kinds: tuple[str, ...] = (study.criteria.weight,)
    shares: tuple[Share, ...] = ()
    kind = np.zeros(len(weight), np.int64)
    if asked.street_share is not None:
        streets = street_demand(study)
        pairs = _joined(pairs, _street_pairs(study, candidates, streets), len(weight))
        codes = (*codes, *(f"street {number}" for number in range(len(streets.metres))))
        kinds, shares = (*kinds, STREET_M), (Share(STREET_M, asked.street_share, study.criteria.within_m),)
        kind = np.repeat([0, 1], [len(weight), len(streets.metres)])
        weight = np.concatenate([weight, streets.metres])
    return Problem(
        site_ids=ids,
        demand_ids=codes,
        existing=existing,
        rule=_rules(ids, existing, asked),
        weight=np.repeat(weight[:, None] / count, count, axis=1),
        pairs=pairs,
        options=options,
        capacity=_capacity(study, candidates, asked) / count,
        groups=_groups(study, candidates) if asked.every_area else (),
        shares=shares,
        kinds=kinds,
        kind=kind,
        slices=slices,
    )


def _capacity(study: Study, candidates: Sequence[CandidateSite], asked: Asked) -> Floats:
    """Return how many of the demand each site serves at once; infinite where nobody knows its capacity."""
    places = np.concatenate([study.supply.capacity, [_or_nan(one.capacity) for one in candidates]])
    if asked.per_place is None:
        return np.full(len(places), np.inf)
    if not np.isfinite(places).any():
        raise QueryError(
            N_("is not known of any station or candidate"), field="capacity",
            mend=N_("add a column of capacities to the lists, or do not ask for it"),
        )  # fmt: skip
    return np.where(np.isfinite(places), places * asked.per_place, np.inf)


def _or_nan(value: int | None) -> float:
    return np.nan if value is None else value


def _open(study: Study, candidates: Sequence[CandidateSite], asked: Asked) -> tuple[tuple[str, ...], Mask, Mask]:
    """Return names of the slices, and which stations and which candidates are surely open in each."""
    is_open = _usable(study, [one.opening_hours for one in candidates], asked)
    if asked.hours is None:
        return ("",), study.terms_use.sure[:, :1], is_open
    wanted = _wanted(asked)
    names = tuple(f"{hour // 24 + 1} {hour % 24:02d}:00" for hour in wanted)
    return names, study.week_use.sure[:, wanted], is_open


def _wanted(asked: Asked) -> list[int]:
    return [hour for hour in range(HOURS) if asked.hours is not None and hour % 24 in asked.hours]


def _usable(study: Study, texts: Sequence[str | None], asked: Asked) -> Mask:
    """Return in which of the slices what keeps such hours is surely open long enough; None: nobody knows."""
    if asked.hours is None:
        return np.ones((len(texts), 1), bool)
    moments = [study.week.moments[hour] for hour in _wanted(asked)]
    snapshot, minutes = study.snapshot, study.criteria.stay_minutes
    is_open = np.zeros((len(texts), len(moments)), bool)
    for row, text in enumerate(texts):
        if text:
            hours = Hours(opening=text, zone=snapshot.zone, country=snapshot.country)
            is_open[row] = [hours.outlook(moment).usable_for(moment, minutes) for moment in moments]
    return is_open


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
    for code, hours in sorted(asked.other_hours.items()):
        row = study.supply.ids.index(code)
        usable = study.terms_use.sure[row, 0] & _usable(study, [hours], asked)
        site, cost, is_open = np.append(site, row), np.append(cost, 0.0), np.concatenate([is_open, usable])
        names.append(hours)
    return Options(site.astype(np.int64), is_open, cost, tuple(names))


def _rules(ids: Sequence[str], existing: Mask, asked: Asked) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    rule = np.where(existing, Rule.MUST, Rule.FREE).astype(np.int64)
    row = {code: place for place, code in enumerate(ids)}
    for name, codes, value in (
        ("may_close", asked.may_close, Rule.FREE),
        ("may_move", asked.may_move, Rule.MOVES),
        ("must", asked.must, Rule.MUST),
        ("never", asked.never, Rule.NEVER),
    ):
        for code in sorted(codes):
            if code not in row:
                raise QueryError(
                    N_("is no station and no candidate"), field=name, value=code, mend=N_("correct it")
                )
            rule[row[code]] = value
    return rule


def _pairs(study: Study, candidates: Sequence[CandidateSite]) -> Pairs:
    """Measure as the study does, from its demand to its stations and to the candidates."""
    places = study.demand.lons, study.demand.lats
    limit_m = study.distances.limit_m
    near = _to_candidates(study, candidates, places, limit_m)
    return _both(study, study.distances, near)


def _street_pairs(study: Study, candidates: Sequence[CandidateSite], streets: StreetDemand) -> Pairs:
    """Measure as the study does, from places on main streets."""
    places, limit_m = (streets.lons, streets.lats), study.criteria.within_m
    near = _to_candidates(study, candidates, places, limit_m)
    return _both(study, study.distances_from(*places, limit_m=limit_m), near)


def _to_candidates(
    study: Study, candidates: Sequence[CandidateSite], places: tuple[Floats, Floats], limit_m: float
) -> Distances:
    shapes = np.array([None, *(one.geometry for one in candidates)], dtype=object)[1:]
    return study.distances_to(shapes, places, limit_m=limit_m)


def _both(study: Study, stations: Distances, candidates: Distances) -> Pairs:
    return Pairs(
        np.concatenate([stations.station, candidates.station + len(study.supply)]),
        np.concatenate([stations.point, candidates.point]),
        np.concatenate([_metres(stations), _metres(candidates)]),
    )


def _joined(people: Pairs, streets: Pairs, points: int) -> Pairs:
    """Return both, the places of streets counted on behind so many demand points."""
    return Pairs(
        np.concatenate([people.site, streets.site]),
        np.concatenate([people.demand, streets.demand + points]),
        np.concatenate([people.distance_m, streets.distance_m]),
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
