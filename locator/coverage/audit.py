"""The audit of 双覆盖: every community and every street that must be covered, by several criteria side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import shapely

from locator.coverage.about import About, Note
from locator.coverage.result import Result, Table, plain
from locator.coverage.saying import about_study, counted_note
from locator.coverage.stretches import Line, Pieces, Stretch, main_streets, pieces_of, stretch_table, uncovered
from locator.coverage.study import Study
from locator.streets.graph import Floats, Mask, projected, ragged
from locator.translation import N_

__all__ = ["Audit", "Criterion", "measure_audit"]

_WHOLE_M = 1.0
"""A street of which less is uncovered is covered: a metre is the breadth of a door."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One way to say covered: how many of how many meet it."""

    code: str
    text: Note
    met: int
    of: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Audit(Result):
    """Which areas and streets are covered.

    Attributes
    ----------
    criteria
        area_inside, area_reached, area_both, street_beside, street_near.
    inside
        Shape (areas, stations): which stations lie in which areas.
    share
        Of each area, of its people within reach; NaN where there are none.
    streets, stretches
        The streets that must be covered, and their stretches without a station near.
    """

    criteria: tuple[Criterion, ...]
    inside: Mask
    share: Floats
    streets: tuple[Line, ...]
    stretches: tuple[Stretch, ...]


def measure_audit(study: Study) -> Audit:
    """Audit the areas and streets that must be covered on the study's day; stations count whatever their hours."""
    counted = study.terms_use.sure[:, 0]
    inside = _inside(study) & counted
    within = study.distances.within(study.criteria.within_m, counted[:, np.newaxis])[:, 0]
    people = study.members.sums(study.weight)
    reached = study.members.sums(study.weight * within)
    share = np.where(people > 0, reached / np.where(people > 0, people, 1), np.nan)
    enough = share >= study.criteria.min_share - 1e-12
    streets = main_streets(study)
    pieces = pieces_of(streets) if streets else None
    beside = _beside(study, streets, counted)
    stretches = _stretches(study, pieces, counted)
    bare_m = _sums([one.street for one in stretches], [one.length_m for one in stretches], len(streets))
    criteria = _criteria(study, (_some(inside), enough, people > 0), (_some(beside), bare_m < _WHOLE_M))
    return Audit(
        about=_about(study, streets, criteria, empty=int((people == 0).sum())),
        tables=(
            _summary(criteria),
            _area_table(study, inside, people, reached, share),
            _street_table(study, streets, beside, stretches, bare_m),
            stretch_table("uncovered", Note(N_("Stretches without a station near")), streets, stretches),
            _covering_table(study, inside, counted),
        ),
        criteria=criteria,
        inside=inside,
        share=share,
        streets=tuple(streets),
        stretches=tuple(stretches),
    )


def _sums(rows: Sequence[int], values: Sequence[float], count: int) -> Floats:
    return np.asarray(np.bincount(np.array(rows, np.int64), values, count), dtype=np.float64)


def _some(mask: Mask) -> Mask:
    return np.asarray(mask.any(axis=1))


def _inside(study: Study) -> Mask:
    """Return which stations lie in which areas, edges included; a yard lies in all that it touches."""
    found = np.zeros((len(study.areas), len(study.supply)), bool)
    if found.size:
        areas = np.array([None, *(area.geometry for area in study.areas)], dtype=object)[1:]
        station, area = shapely.STRtree(areas).query(study.supply.shapes, predicate="intersects")
        found[area, station] = True
    return found


def _beside(study: Study, streets: Sequence[Line], counted: Mask) -> Mask:
    """Return which stations are at which streets, measured straight in the streets' projection."""
    found = np.zeros((len(streets), len(study.supply)), bool)
    if found.size:
        crs = pieces_of(streets).crs
        flat = [shapely.transform(line.geometry, lambda pairs: projected(crs, pairs)) for line in streets]
        stations = shapely.transform(study.supply.shapes, lambda pairs: projected(crs, pairs))
        for row, line in enumerate(flat):
            found[row] = shapely.distance(stations, line) <= study.criteria.beside_m
    return found & counted


def _stretches(study: Study, pieces: Pieces | None, counted: Mask) -> list[Stretch]:
    if pieces is None:
        return []
    within_m = study.criteria.street_within_m
    distances = study.distances_from(pieces.lons, pieces.lats, limit_m=within_m)
    return uncovered(pieces, distances.nearest(counted[:, np.newaxis])[0][:, 0], within_m)


def _criteria(study: Study, areas: tuple[Mask, Mask, Mask], streets: tuple[Mask, Mask]) -> tuple[Criterion, ...]:
    """Return the criteria; who has no people can be reached by nobody, and does not count."""
    criteria = study.criteria
    inside, enough, peopled = areas
    beside, near = streets
    share = {"share": f"{criteria.min_share * 100:g}%", "within": criteria.within}
    return (
        Criterion("area_inside", Note(N_("areas with a station inside")), int(inside.sum()), len(inside)),
        Criterion(
            "area_reached",
            Note(N_("areas of whose people at least {share} have a station within {within}"), share),
            int(enough.sum()),
            int(peopled.sum()),
        ),
        Criterion(
            "area_both", Note(N_("areas for which both holds")), int((inside & enough).sum()), int(peopled.sum())
        ),
        Criterion(
            "street_beside",
            Note(N_("streets with a station within {metres} m"), {"metres": f"{criteria.beside_m:g}"}),
            int(beside.sum()),
            len(beside),
        ),
        Criterion(
            "street_near",
            Note(
                N_("streets all of whose places have a station within {metres} m"),
                {"metres": f"{criteria.street_within_m:g}"},
            ),
            int(near.sum()),
            len(near),
        ),
    )


def _about(study: Study, streets: Sequence[Line], criteria: Sequence[Criterion], *, empty: int) -> About:
    denominator = Note(
        N_("{areas} areas and {streets} streets ({km} km) on the lists of that day; {total} {counted}"),
        {
            "areas": len(study.areas),
            "streets": len(streets),
            "km": f"{sum(line.length_m for line in streets) / 1000:.1f}",
            "total": f"{study.weight.sum():,.0f}",
            "counted": counted_note(study.criteria.weight),
        },
    )  # fmt: skip
    notes = []
    if streets and not any(street.must_cover for street in study.streets):
        notes.append(Note(N_("no street is marked as one that must be covered: main streets are taken")))
    if empty and study.weight.any():
        notes.append(Note(N_("in {count} areas there is nobody to be reached"), {"count": empty}))
    uncertain = int(study.terms_use.uncertain[0])
    if uncertain:
        notes.append(Note(N_("{count} stations that may fit the terms are not counted"), {"count": uncertain}))
    definition = Note(N_("Which areas and which streets that must be covered have a station, whatever its hours"))
    return about_study(
        study,
        "audit",
        N_("Double coverage"),
        definition,
        denominator=denominator,
        criteria=tuple(one.text for one in criteria),
        notes=tuple(notes),
    )


def _summary(criteria: Sequence[Criterion]) -> Table:
    columns: dict[str, list[Any]] = {
        "criterion": [one.text for one in criteria],
        "met": [one.met for one in criteria],
        "of": [one.of for one in criteria],
        "share": [round(one.met / one.of, 4) if one.of else None for one in criteria],
    }
    return Table("summary", Note(N_("Criteria side by side")), columns)


def _area_table(study: Study, inside: Mask, people: Floats, reached: Floats, share: Floats) -> Table:
    enough = share >= study.criteria.min_share - 1e-12
    covering = [np.flatnonzero(row).tolist() for row in inside]
    columns: dict[str, list[Any]] = {
        "id": [area.id for area in study.areas],
        "name": [area.name for area in study.areas],
        "valid_from": [area.valid_from for area in study.areas],
        "stations_inside": [len(rows) for rows in covering],
        "has_station": [bool(rows) for rows in covering],
        study.criteria.weight: plain(people, 0),
        f"{study.criteria.weight}_within": plain(reached, 0),
        "share": plain(share, 4),
        "has_reach": enough.tolist(),
        "station_names": [_names(study, rows) for rows in covering],
        "oldest_verification": [_oldest(study, rows) for rows in covering],
    }
    return Table("areas", Note(N_("Areas")), columns, [area.geometry for area in study.areas])


def _names(study: Study, rows: Sequence[int]) -> Note:
    """Return the names of stations as one list, parted as the reader's language does."""
    return Note("{names}", {"names": tuple(study.supply.names[row] for row in rows)})


def _oldest(study: Study, rows: Sequence[int]) -> date | None:
    return min((day for row in rows if (day := study.supply.verified[row])), default=None)


def _street_table(
    study: Study, streets: Sequence[Line], beside: Mask, stretches: Sequence[Stretch], bare_m: Floats
) -> Table:
    at = [np.flatnonzero(row).tolist() for row in beside]
    longest = np.zeros(len(streets))
    for one in stretches:
        longest[one.street] = max(longest[one.street], one.length_m)
    length = np.array([line.length_m for line in streets])
    columns: dict[str, list[Any]] = {
        "name": [line.name for line in streets],
        "length_m": plain(length, 0),
        "stations_at_street": [len(rows) for rows in at],
        "has_station": [bool(rows) for rows in at],
        "uncovered_m": plain(bare_m, 0),
        "share": plain(np.clip(1 - bare_m / np.maximum(length, 1e-9), 0, 1), 4),
        "longest_uncovered_m": plain(longest, 0),
        "has_reach": (bare_m < _WHOLE_M).tolist(),
        "station_names": [_names(study, rows) for rows in at],
        "oldest_verification": [_oldest(study, rows) for rows in at],
    }
    return Table("streets", Note(N_("Streets that must be covered")), columns, [line.geometry for line in streets])


def _covering_table(study: Study, inside: Mask, counted: Mask) -> Table:
    """Return which station covers which area: it lies inside, or some of the people have it within reach."""
    supply, distances = study.supply, study.distances
    people = np.zeros(inside.shape)
    near = np.zeros(len(distances.station), bool)
    near[distances.entries(study.criteria.within_m, counted)] = True
    for row, (points, weight) in enumerate(study.members.by_area(study.weight)):
        first, last = distances.offsets[points], distances.offsets[points + 1]
        entry, there = ragged(first, last), np.repeat(weight, last - first)
        people[row] = np.bincount(distances.station[entry], there * near[entry], minlength=len(supply))
    area, station = np.nonzero(inside | (people > 0))
    order = np.lexsort((-people[area, station], ~inside[area, station], area))
    area, station = area[order], station[order]
    columns: dict[str, list[Any]] = {
        "area_id": [study.areas[row].id for row in area.tolist()],
        "area": [study.areas[row].name for row in area.tolist()],
        "station_id": [supply.ids[row] for row in station.tolist()],
        "station": [supply.names[row] for row in station.tolist()],
        "inside": inside[area, station].tolist(),
        f"{study.criteria.weight}_within": plain(people[area, station], 0),
        "verified": [supply.verified[row] for row in station.tolist()],
    }
    return Table("covering", Note(N_("Which station covers which area")), columns)
