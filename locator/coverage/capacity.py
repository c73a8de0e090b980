"""Capacity: how much room there is for whom, by the enhanced two-step floating catchment area method."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from locator.coverage.about import Note
from locator.coverage.distances import Distances
from locator.coverage.result import Result, Table, plain
from locator.coverage.saying import about_study
from locator.coverage.spread import gini
from locator.coverage.study import Study
from locator.streets.graph import Floats, Mask
from locator.streets.snapping import FINE_M
from locator.translation import N_

__all__ = ["ZONE_WEIGHTS", "Capacity", "catchments", "measure_capacity"]

ZONE_WEIGHTS = (1.0, 0.68, 0.22)
"""Of the three zones of a catchment, from near to far: the slow decay of Luo & Qi (2009)."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Capacity(Result):
    """How much room there is.

    Attributes
    ----------
    ratio
        For each station its places for each person of its catchment; NaN where its capacity is not known or
        nobody is near.
    access
        For each demand point the places for each of its people, at stations whose capacity is known.
    not_known
        Which demand points have such stations within reach as have a capacity that nobody knows, and no others.
    access_by_area
        The mean over an area's people; NaN where there are none, or none of them has a place that is known, and
        some have one that is not.
    unknown
        How many stations count whose capacity nobody knows.
    """

    ratio: Floats
    access: Floats
    not_known: Mask
    access_by_area: Floats
    unknown: int


def catchments(distances: Distances, capacity: Floats, weight: Floats, within_m: float) -> tuple[Floats, Floats]:
    """Return for each station the places for each person, and for each point the places for each of its people.

    The enhanced two-step floating catchment area method, Luo & Qi 2009, doi:10.1016/j.healthplace.2009.06.002.
    First each station's capacity is shared among the people within reach, those of farther zones with less
    weight: R_j = S_j / Σ_k P_k W(d_kj). Then each point adds up what the stations within reach have for it, with
    the same weights: A_i = Σ_j R_j W(d_ij). All points together have all places: Σ A_i P_i = Σ S_j.

    Parameters
    ----------
    capacity
        Of each station; NaN where it is not known, which leaves the station out.
    weight
        The people of each point.
    within_m
        The bound of the catchment; its three zones are equally wide, each with its outer edge.
    """
    entries = distances.entries(within_m, np.isfinite(capacity))
    station, point = distances.station[entries], distances.point[entries]
    zones = np.arange(1, len(ZONE_WEIGHTS) + 1) * within_m / len(ZONE_WEIGHTS) + FINE_M
    decay = np.asarray(ZONE_WEIGHTS)[np.searchsorted(zones, distances.distance_m[entries])]
    people = np.bincount(station, weights=weight[point] * decay, minlength=len(capacity))
    ratio = np.where(people > 0, capacity / np.where(people > 0, people, 1), np.nan)
    places = np.nan_to_num(ratio)[station] * decay
    return ratio, np.asarray(np.bincount(point, places, distances.points), dtype=np.float64)


def measure_capacity(study: Study) -> Capacity:
    """Measure how many places there are for people within reach, at stations whose capacity is known."""
    capacity = np.where(study.terms_use.sure[:, 0], study.supply.capacity, np.nan)
    ratio, access = catchments(study.distances, capacity, study.weight, study.criteria.within_m)
    people = study.members.sums(study.weight)
    unsaid = study.terms_use.sure[:, 0] & ~np.isfinite(study.supply.capacity)
    not_known = (access == 0) & (study.distances.counts(study.criteria.within_m, unsaid) > 0)
    by_area = study.members.sums(access * study.weight)
    told = (people > 0) & ((by_area > 0) | (study.members.sums(study.weight * not_known) == 0))
    by_area = np.where(told, by_area / np.where(people > 0, people, 1), np.nan)
    unknown = int(unsaid.sum())
    found = Capacity(
        about=about_study(
            study,
            "capacity",
            N_("Capacity"),
            Note(
                N_(
                    "Places for each 1,000 people, by the enhanced two-step floating catchment area method "
                    "(Luo & Qi 2009, doi:10.1016/j.healthplace.2009.06.002)"
                )
            ),
            criteria=(Note(N_("three zones of equal width, weights 1, 0.68 and 0.22")),),
            notes=(
                Note(
                    N_("{places} places at {known} stations; {unknown} stations of unknown capacity are left out"),
                    {
                        "places": f"{np.nansum(capacity):,.0f}",
                        "known": int(np.isfinite(capacity).sum()),
                        "unknown": unknown,
                    },
                ),
            ),
        ),
        tables=(),
        ratio=ratio,
        access=access,
        not_known=not_known,
        access_by_area=by_area,
        unknown=unknown,
    )
    return replace(found, tables=_tables(study, found, capacity))


def _tables(study: Study, found: Capacity, capacity: Floats) -> tuple[Table, ...]:
    supply, weight = study.supply, study.weight
    # Where nobody knows any capacity, nobody knows how much room there is, nor for whom.
    total = np.nan if found.unknown and not np.isfinite(capacity).any() else weight.sum() or np.nan
    figures: dict[str, list[Any]] = {
        "figure": [
            Note(N_("places for 1,000 people, mean")),
            Note(N_("people without any place within reach that is known, per cent")),
            Note(N_("of these with stations of unknown room within reach, per cent of all")),
            Note(N_("Gini coefficient of places")),
        ],
        "value": plain(
            [
                (found.access * weight).sum() / total * 1000,
                weight[found.access == 0].sum() / total * 100,
                weight[found.not_known].sum() / total * 100,
                gini(found.access, weight) if np.isfinite(total) else np.nan,
            ],
            3,
        ),
    }
    order = np.argsort(np.where(np.isnan(found.access_by_area), np.inf, found.access_by_area), kind="stable")
    rows = order.tolist()
    areas: dict[str, list[Any]] = {
        "id": [study.areas[row].id for row in rows],
        "name": [study.areas[row].name for row in rows],
        study.criteria.weight: plain(study.members.sums(weight)[rows], 0),
        "places_for_1000": plain(found.access_by_area[rows] * 1000, 2),
    }
    stations: dict[str, list[Any]] = {
        "id": list(supply.ids),
        "name": list(supply.names),
        "capacity": plain(capacity, 0),
        "places_for_1000": plain(found.ratio * 1000, 2),
    }
    shapes = supply.shapes.tolist()
    return (
        Table("figures", Note(N_("Places in total")), figures),
        Table(
            "areas",
            Note(N_("Places by area, the fewest first")),
            areas,
            [study.areas[row].geometry for row in rows],
        ),
        Table("stations", Note(N_("Places at each station for those within its catchment")), stations, shapes),
    )
