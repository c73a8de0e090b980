"""A siting problem of a study: its stations and demand, with candidate sites, along the study's own network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from locator.coverage.distances import Distances
from locator.coverage.siting.asked import Asked
from locator.coverage.siting.problem import Floats, Group, Mask, Options, Pairs, Problem, Rule, Share
from locator.coverage.siting.street_demand import STREET_M, StreetDemand, street_demand
from locator.coverage.study import Study
from locator.coverage.week import HOURS
from locator.errors import QueryError
from locator.hours import Hours
from locator.place import Area, CandidateSite
from locator.translation import N_

__all__ = ["Asked", "problem_of_study", "weight_by_slice"]


def problem_of_study(study: Study, candidates: Sequence[CandidateSite], asked: Asked) -> Problem:
    """Return the problem of where the next station goes.

    Sites are the study's stations, then the candidates, by id. Demand is the study's weight; where hours count,
    it is the same in each of them, or what counts in each is said by `demand_hours`, and it is told as the mean
    over them. What nobody knows counts as not open. A candidate of unknown cost costs as much as the dearest.

    Raises
    ------
    QueryError
        There are no candidates, a code is unknown, an area that must get a station has no candidate inside, there
        are no main streets of which a share is to be covered, no site has a capacity where that matters, or hours
        are to be changed and none count.
    """
    candidates = sorted(candidates, key=lambda one: one.id)
    if asked.extend_cost is not None and asked.hours is None:
        raise QueryError(
            N_("is missing"),
            field="between",
            mend=N_("say which hours count where stations may change theirs: 0-24"),
        )
    if not candidates and asked.extend_cost is None:
        raise QueryError(N_("is missing"), field="candidates", mend=N_("import candidate sites first"))
    ids = (*study.supply.ids, *(one.id for one in candidates))
    existing = np.arange(len(ids)) < len(study.supply)
    slices, stations_open, candidates_open = _open(study, candidates, asked)
    options = _options(study, candidates, stations_open, candidates_open, asked)
    count = max(len(slices), 1)
    codes = _named_places(study)
    weight, pairs = weight_by_slice(study, asked), _pairs(study, candidates)
    kinds: tuple[str, ...] = (study.criteria.weight,)
    shares: tuple[Share, ...] = ()
    kind = np.zeros(len(weight), np.int64)
    if asked.street_share is not None:
        streets = street_demand(study)
        pairs = _joined(pairs, _street_pairs(study, candidates, streets), len(weight))
        codes = (*codes, *(f"street {number}" for number in range(len(streets.metres))))
        kinds, shares = (*kinds, STREET_M), (Share(STREET_M, asked.street_share, study.criteria.within_m),)
        kind = np.repeat([0, 1], [len(weight), len(streets.metres)])
        weight = np.concatenate([weight, np.repeat(streets.metres[:, None], count, axis=1) / count])
    return Problem(
        site_ids=ids,
        demand_ids=codes,
        existing=existing,
        rule=_rules(ids, existing, asked),
        weight=weight,
        pairs=pairs,
        options=options,
        capacity=_capacity(study, candidates, asked) / count,
        saves=_saves(ids, existing, asked),
        groups=_groups(study, candidates, asked),
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
    dearest = max((one.cost_cny_year or 0.0 for one in candidates), default=0.0)
    costs = [dearest if one.cost_cny_year is None else one.cost_cny_year for one in candidates]
    cost = np.concatenate([np.zeros(stations), costs])
    is_open = np.concatenate([stations_open, candidates_open])
    names = ["" for _ in range(stations)] + [one.opening_hours or "" for one in candidates]
    if asked.extend_cost is not None and asked.hours is not None:
        # Only what is on the study's terms helps anybody by staying open.
        usable = _usable(study, [asked.extend_to], asked)
        may = np.array([not asked.may_extend or code in asked.may_extend for code in study.supply.ids], dtype=bool)
        longer = np.flatnonzero(study.terms_use.sure[:, 0] & may & (usable & ~stations_open).any(axis=1))
        site = np.concatenate([site, longer])
        cost = np.concatenate([cost, np.full(len(longer), asked.extend_cost)])
        is_open = np.concatenate([is_open, np.repeat(usable, len(longer), axis=0)])
        names += [asked.extend_to] * len(longer)
    for code, hours in sorted(asked.other_hours.items()):
        row = study.supply.ids.index(code)
        usable = study.terms_use.sure[row, 0] & _usable(study, [hours], asked)
        site, is_open = np.append(site, row), np.concatenate([is_open, usable])
        cost = np.append(cost, asked.hours_cost.get(code, 0.0))
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
            if value in (Rule.MOVES, Rule.FREE) and not existing[row[code]]:
                raise _no_station(name, code)
            rule[row[code]] = value
    for code in sorted(asked.may_extend):
        if code not in row or not existing[row[code]]:
            raise _no_station("may_extend", code)
    return rule


def _no_station(name: str, code: str) -> QueryError:
    return QueryError(N_("is no station"), field=name, value=code, mend=N_("correct it"))


def _saves(ids: Sequence[str], existing: Mask, asked: Asked) -> Floats:
    """Return what each station saves if it closes: those that may, or have to."""
    closing = asked.may_close | asked.may_move | asked.never
    saves = np.array([asked.close_saves or 0.0 if code in closing else 0.0 for code in ids])
    return np.asarray(saves * existing)


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


def _groups(study: Study, candidates: Sequence[CandidateSite], asked: Asked) -> tuple[Group, ...]:
    """Return for each area that has to have a station, and in which none stays anyhow, the sites there."""
    if not asked.every_area and not asked.areas:
        return ()
    may_go = asked.may_close | asked.may_move | asked.never
    stays = np.array([code not in may_go for code in study.supply.ids], dtype=bool)
    open_to = np.array([code not in asked.never for code in study.supply.ids], dtype=bool)
    groups = []
    for area in _asked_areas(study, asked):
        here = np.asarray(shapely.intersects(area.geometry, study.supply.shapes), dtype=bool)
        if (here & stays).any():
            continue
        inside = [
            row
            for row, one in enumerate(candidates)
            if one.id not in asked.never and area.geometry.intersects(one.geometry)
        ]
        members = np.concatenate([np.flatnonzero(here & open_to), np.array(inside, np.int64) + len(study.supply)])
        if not len(members):
            raise QueryError(
                N_("has no candidate site inside"), field="area", value=area.name,
                mend=N_("add a candidate there, or do not ask for every area"),
            )  # fmt: skip
        groups.append(Group(area.name, members))
    return tuple(groups)


def _asked_areas(study: Study, asked: Asked) -> list[Area]:
    """Return the areas that are asked for, by code or by name; all if every one is."""
    if asked.every_area:
        return list(study.areas)
    for word in sorted(asked.areas):
        if not any(word in (area.id, area.name) for area in study.areas):
            raise QueryError(
                N_("is no area on the list"), field="area", value=word, mend=N_("give the code or name of one")
            )
    return [area for area in study.areas if {area.id, area.name} & asked.areas]


def weight_by_slice(study: Study, asked: Asked) -> Floats:
    """Return how much demand counts at each place in each slice; together the mean over the slices.

    Raises
    ------
    QueryError
        Something is to be counted that the demand does not have.
    """
    if asked.hours is None:
        return study.weight[:, np.newaxis]
    wanted, known = _wanted(asked), study.demand.weights
    if not asked.demand_hours:
        return np.repeat(study.weight[:, np.newaxis] / len(wanted), len(wanted), axis=1)
    total = np.zeros((len(study.demand), len(wanted)))
    for kind, hours in asked.demand_hours.items():
        if known and kind not in known:
            raise QueryError(
                N_("is not one of {choices}"), field="demand_hours", value=kind, choices=", ".join(known),
                mend=N_("choose one of them"),
            )  # fmt: skip
        counts = np.array([hour % 24 in hours for hour in wanted], dtype=bool)
        total[:, counts] += study.demand.weight(kind)[:, np.newaxis] / len(wanted)
    return total


def _named_places(study: Study) -> tuple[str, ...]:
    """Return what each place with demand is called: its area and its code, numbered where that is not enough."""
    area = dict(zip(study.members.point.tolist(), study.members.area.tolist(), strict=True))
    codes = study.demand.ids
    names = [f"{study.areas[area[row]].name} {code}" if row in area else code for row, code in enumerate(codes)]
    if len(set(names)) == len(names):
        return tuple(names)
    return tuple(f"{name}/{number}" for number, name in enumerate(names))
