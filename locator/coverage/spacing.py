"""Spacing: stations that are too near each other, and stretches of street that are too long without one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.ops import substring

from locator.coverage.about import Note
from locator.coverage.distances import between_m
from locator.coverage.result import Result, Table, plain
from locator.coverage.saying import about_study
from locator.coverage.stretches import Line, Stretch, main_streets, pieces_of, stretch_table
from locator.coverage.study import Study
from locator.geodesy import length_m
from locator.streets.graph import Floats, Mask, Numbers, projected
from locator.translation import N_

__all__ = ["Spacing", "measure_spacing"]


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
    """Return the parts of streets between stations at them, or a station and an end, that are too long."""
    if not streets:
        return []
    pieces = pieces_of(streets)
    stations = shapely.transform(study.supply.shapes[counted], lambda pairs: projected(pieces.crs, pairs))
    found = []
    for line, street in zip(pieces.flat, pieces.street.tolist(), strict=True):
        at = stations[np.asarray(shapely.distance(stations, line)) <= study.criteria.beside_m]
        nearest = shapely.get_point(shapely.shortest_line(line, at), 0)
        stops = np.sort(shapely.line_locate_point(line, nearest))
        stops = np.concatenate([[0.0], stops, [line.length]])
        for start, end in zip(stops[:-1].tolist(), stops[1:].tolist(), strict=True):
            if end - start <= study.criteria.stretch_m:
                continue
            part = substring(line, start, end)
            shape = shapely.transform(part, lambda pairs: projected(pieces.crs, pairs, back=True))
            found.append(Stretch(street, shape, length_m(shape)))
    return sorted(found, key=lambda one: (-one.length_m, one.street, one.geometry.wkt))


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
