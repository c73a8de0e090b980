"""Spacing: stations that are too near each other, and stretches of street that are too long without one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from shapely.ops import substring

from locator.coverage.about import Note
from locator.coverage.distances import between_m
from locator.coverage.result import Result, Table, plain
from locator.coverage.runs import Part, runs_of
from locator.coverage.saying import about_study
from locator.coverage.stretches import Line, Pieces, Stretch, main_streets, pieces_of, stretch_table
from locator.coverage.study import Study
from locator.geodesy import length_m
from locator.streets.graph import Floats, Mask, Numbers, projected
from locator.translation import N_

__all__ = ["Spacing", "measure_spacing"]

_FINE_M = 0.01
_MEET_M = 0.05


@dataclass(frozen=True, eq=False, kw_only=True)
class Spacing(Result):
    """What is too near and what is too far.

    Attributes
    ----------
    pairs
        Shape (n, 2): rows of the supply, the nearest pair first.
    pair_m
        How far each pair is from each other.
    streets, stretches
        The streets that must be covered, and their stretches without a station at them that are too long.
    """

    pairs: Numbers
    pair_m: Floats
    streets: tuple[Line, ...]
    stretches: tuple[Stretch, ...]


def measure_spacing(study: Study) -> Spacing:
    """Find pairs of stations nearer than `crowded_m`, and streets longer than `stretch_m` without one.

    Stations on the study's terms count, whatever their hours.
    """
    supply, counted = study.supply, study.terms_use.sure[:, 0]
    entrances = study.entrances
    distances = study.distances_from(entrances.lons, entrances.lats, limit_m=study.criteria.crowded_m)
    station = entrances.row[distances.point]
    # One-way streets may make one way shorter than the other: a pair is as near as its shorter way.
    low, high = np.minimum(station, distances.station), np.maximum(station, distances.station)
    order = np.lexsort((high, low, distances.distance_m))
    near = (low < high) & (distances.distance_m < study.criteria.crowded_m) & counted[low] & counted[high]
    order = order[near[order]]
    _, first = np.unique(low[order] * len(supply) + high[order], return_index=True)
    kept = order[np.sort(first)]
    pairs, metres = np.column_stack([low, high])[kept], distances.distance_m[kept]
    streets = main_streets(study)
    stretches = _stretches(study, streets, counted)
    return Spacing(
        about=about_study(
            study,
            "spacing",
            N_("Spacing"),
            Note(
                N_("Stations nearer than {crowded} m to another; main streets over {stretch} m without one"),
                {"crowded": f"{study.criteria.crowded_m:g}", "stretch": f"{study.criteria.stretch_m:,.0f}"},
            ),
            denominator=Note(
                N_("{stations} stations; {streets} streets, {km} km"),
                {
                    "stations": int(counted.sum()),
                    "streets": len(streets),
                    "km": f"{sum(line.length_m for line in streets) / 1000:.1f}",
                },
            ),
            criteria=(
                Note(
                    N_("a station is at a street within {metres} m of it"),
                    {"metres": f"{study.criteria.beside_m:g}"},
                ),
                Note(
                    N_(
                        "a stretch goes on where its street branches, and is as long as the longest way along it "
                        "that passes no station: of two carriageways, and of a ring, not both sides"
                    )
                ),
            ),
        ),
        tables=(
            _pair_table(study, pairs, metres),
            stretch_table(
                "stretches", Note(N_("Long stretches without a station at the street")), streets, stretches
            ),
        ),
        pairs=pairs,
        pair_m=metres,
        streets=tuple(streets),
        stretches=tuple(stretches),
    )


def _stretches(study: Study, streets: list[Line], counted: Mask) -> list[Stretch]:
    """Return what of streets one can go along for too long without passing a station at them."""
    if not streets:
        return []
    pieces = pieces_of(streets)
    stations = shapely.transform(study.supply.shapes[counted], lambda pairs: projected(pieces.crs, pairs))
    parts = []
    for street, line in _noded(pieces):
        at = stations[np.asarray(shapely.distance(stations, line)) <= study.criteria.beside_m]
        nearest = shapely.get_point(shapely.shortest_line(line, at), 0)
        stops = np.sort(shapely.line_locate_point(line, nearest)).tolist()
        for place, (start, end) in enumerate(pairwise([0.0, *stops, line.length])):
            if end - start > _FINE_M:
                goes_on = (place == 0, place == len(stops))
                parts.append(Part(street, substring(line, start, end), goes_on))
    found = []
    for run in runs_of(parts, study.criteria.stretch_m):
        shape = shapely.transform(run.shape, lambda pairs: projected(pieces.crs, pairs, back=True))
        # Told on the ellipsoid; of what branches in the projection, in which lengths are true to a millimetre.
        is_line = shape.geom_type == "LineString" and not shape.is_ring
        found.append(Stretch(run.street, shape, length_m(shape) if is_line else run.longest_m))
    return sorted(found, key=lambda one: (-one.length_m, one.street, one.geometry.wkt))


def _noded(pieces: Pieces) -> Iterator[tuple[int, Any]]:
    """Yield each street's lines in metres, cut where they meet."""
    lines = np.array([None, *pieces.flat], dtype=object)[1:]
    for street in np.unique(pieces.street).tolist():
        # An end that is on a line in degrees is beside it in metres, by less than the grid is wide.
        noded = shapely.union_all(lines[pieces.street == street], grid_size=_MEET_M)
        for line in shapely.get_parts(shapely.line_merge(noded)).tolist():
            yield street, line


def _pair_table(study: Study, pairs: Numbers, metres: Floats) -> Table:
    supply = study.supply
    first, second = pairs.reshape(-1, 2).T.tolist()
    lons, lats = supply.lons, supply.lats
    straight = between_m(supply.shapes[first], supply.shapes[second])
    columns: dict[str, list[Any]] = {
        "station_id": [supply.ids[row] for row in first],
        "station": [supply.names[row] for row in first],
        "other_id": [supply.ids[row] for row in second],
        "other": [supply.names[row] for row in second],
        "distance_m": plain(metres, 0),
        "straight_m": plain(straight, 0),
    }
    ends = np.column_stack([lons, lats])
    shapes = [shapely.LineString(ends[[a, b]]) for a, b in zip(first, second, strict=True)]
    return Table("pairs", Note(N_("Stations near each other")), columns, shapes)
