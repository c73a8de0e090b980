"""The k nearest stations of every demand point: which they are, how far each is and how long it takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import shapely

from locator.coverage.about import Note
from locator.coverage.result import Result, Table, plain
from locator.coverage.saying import about_study
from locator.coverage.study import Study
from locator.errors import QueryError
from locator.streets.graph import Floats, Mask, Numbers
from locator.translation import N_

__all__ = ["NearestOfEach", "measure_nearest"]

MOST = 50


@dataclass(frozen=True, eq=False, kw_only=True)
class NearestOfEach(Result):
    """The nearest stations of each demand point.

    Attributes
    ----------
    station
        Shape (points, k): rows of the supply, the nearest first; -1 where there are fewer within the limit.
    distance_m
        Shape (points, k): the way, infinite where there is none.
    """

    station: Numbers
    distance_m: Floats


def measure_nearest(study: Study, k: int = 3, *, at: datetime | None = None) -> NearestOfEach:
    """Find the k nearest stations of every demand point, along the streets as everything else.

    A way counts from the place to the door, both access legs included, up to the study's `search_m`, which counts
    itself; of stations equally far the one with the lower id comes first.

    Parameters
    ----------
    k
        From 1 to 50.
    at
        Only stations usable at that moment count; None: all on the study's terms, whatever their hours.

    Raises
    ------
    QueryError
        k is not such a number.
    """
    if not 1 <= k <= MOST:
        raise QueryError(
            N_("is not a whole number from 1 to {most}"), field="k", value=k, most=MOST, mend=N_("correct it")
        )
    use = study.terms_use
    if at is not None:
        use = use & study.supply.usable([at], minutes=study.criteria.stay_minutes)
    station, metres = _first(study, use.sure[:, 0], k)
    limit_m = study.distances.limit_m
    when = Note(N_("at {moment}"), {"moment": f"{at:%Y-%m-%d %H:%M}"}) if at else Note(N_("at any hour"))
    return NearestOfEach(
        about=about_study(
            study,
            "nearest",
            N_("Nearest stations"),
            Note(N_("The {k} nearest stations of every demand point, {when}"), {"k": k, "when": when}),
            criteria=(
                Note(
                    N_("stations up to {metres} m away; of those equally far the lower code comes first"),
                    {"metres": f"{limit_m:,.0f}"},
                ),
            ),
        ),
        tables=(_nearest_table(study, station, metres), _without_table(study, station)),
        station=station,
        distance_m=metres,
    )


def _first(study: Study, counted: Mask, k: int) -> tuple[Numbers, Floats]:
    """Return the first k entries of each point that are of stations that count; those are nearest first."""
    distances = study.distances
    entries = np.flatnonzero(counted[distances.station])
    point = distances.point[entries]
    rank = np.arange(len(entries)) - np.searchsorted(point, point)
    near = rank < k
    station = np.full((distances.points, k), -1)
    metres = np.full((distances.points, k), np.inf)
    station[point[near], rank[near]] = distances.station[entries[near]]
    metres[point[near], rank[near]] = distances.distance_m[entries[near]]
    return station, metres


def _nearest_table(study: Study, station: Numbers, metres: Floats) -> Table:
    demand, supply = study.demand, study.supply
    point, rank = np.nonzero(station >= 0)
    row, distance_m = station[point, rank], metres[point, rank]
    columns = _of_points(study, point) | {
        "rank": (rank + 1).tolist(),
        "station_id": [supply.ids[one] for one in row.tolist()],
        "station": [supply.names[one] for one in row.tolist()],
        "distance_m": plain(distance_m, 0),
        "minutes": plain(distance_m / study.criteria.speed / 60, 1),
    }
    ends = np.stack(
        [
            np.column_stack([demand.lons[point], demand.lats[point]]),
            np.column_stack([supply.lons[row], supply.lats[row]]),
        ],
        axis=1,
    )
    title = Note(N_("The nearest stations of every demand point, drawn as straight lines"))
    return Table("nearest", title, columns, [shapely.LineString(pair) for pair in ends])


def _without_table(study: Study, station: Numbers) -> Table:
    point = np.flatnonzero((station < 0).all(axis=1))
    shapes = [shapely.Point(pair) for pair in np.column_stack([study.demand.lons, study.demand.lats])[point]]
    return Table("without", Note(N_("Demand points without any such station")), _of_points(study, point), shapes)


def _of_points(study: Study, point: Numbers) -> dict[str, list[Any]]:
    demand = study.demand
    return {
        "point_id": [demand.ids[one] for one in point.tolist()],
        "lon": plain(demand.lons[point], 6),
        "lat": plain(demand.lats[point], 6),
        study.criteria.weight: plain(study.weight[point], 1),
    }
