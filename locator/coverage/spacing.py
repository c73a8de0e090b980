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
from locator.geodesy import length_m, local_crs
from locator.streets.graph import Floats, Mask, Numbers, projected
from locator.translation import N_

__all__ = ["FURTHER", "Spacing", "measure_spacing"]

_FINE_M = 0.01
FURTHER = 4
"""Ways between pairs are looked for up to so many times the distance that is too near."""
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
    lines, line_m, way_m
        Pairs that are as near in a straight line only: rows of the supply, the nearest first; that line, and the
        way, infinite where it is over `FURTHER` times as long as is too near or there is none.
    streets, stretches
        The streets that must be covered, and their stretches without a station at them that are too long.
    """

    pairs: Numbers
    pair_m: Floats
    lines: Numbers
    line_m: Floats
    way_m: Floats
    streets: tuple[Line, ...]
    stretches: tuple[Stretch, ...]


def measure_spacing(study: Study) -> Spacing:
    """Find pairs of stations nearer than `crowded_m`, and streets longer than `stretch_m` without one.

    Stations on the study's terms count, whatever their hours.
    """
    counted = study.terms_use.sure[:, 0]
    ways, way_m = _ways(study, counted)
    near = way_m < study.criteria.crowded_m
    pairs, metres = ways[near], way_m[near]
    lines, line_m, around_m = _only_straight(study, counted, (ways, way_m))
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
            _pair_table(study, "pairs", Note(N_("Stations near each other")), pairs, metres),
            _pair_table(
                study,
                "straight_pairs",
                Note(N_("Stations near each other in a straight line only, with the way between them")),
                lines,
                around_m,
            ),
            stretch_table(
                "stretches", Note(N_("Long stretches without a station at the street")), streets, stretches
            ),
        ),
        pairs=pairs,
        pair_m=metres,
        lines=lines,
        line_m=line_m,
        way_m=around_m,
        streets=tuple(streets),
        stretches=tuple(stretches),
    )


def _ways(study: Study, counted: Mask) -> tuple[Numbers, Floats]:
    """Return pairs of stations that are not too far from each other, the nearest first, and the metres."""
    entrances = study.entrances
    limit_m = study.criteria.crowded_m * FURTHER
    distances = study.distances_from(entrances.lons, entrances.lats, limit_m=limit_m)
    station = entrances.row[distances.point]
    # One-way streets may make one way shorter than the other: a pair is as near as its shorter way.
    low, high = np.minimum(station, distances.station), np.maximum(station, distances.station)
    order = np.lexsort((high, low, distances.distance_m))
    order = order[((low < high) & counted[low] & counted[high])[order]]
    _, first = np.unique(low[order] * len(study.supply) + high[order], return_index=True)
    kept = order[np.sort(first)]
    return np.column_stack([low, high])[kept], distances.distance_m[kept]


def _only_straight(study: Study, counted: Mask, ways: tuple[Numbers, Floats]) -> tuple[Numbers, Floats, Floats]:
    """Return pairs that are too near each other in a straight line and not by the way: line and way in metres."""
    near_m, rows = study.criteria.crowded_m, np.flatnonzero(counted)
    shapes = study.supply.shapes[rows]
    pairs = np.zeros((0, 2), np.int64)
    if len(rows) and not study.is_straight:
        crs = local_crs(shapely.GeometryCollection(list(shapes)))
        flat = shapely.transform(shapes, lambda one: projected(crs, one))
        pairs = shapely.STRtree(flat).query(flat, predicate="dwithin", distance=near_m * 1.01).T
        pairs = rows[pairs[pairs[:, 0] < pairs[:, 1]]]
    known = dict(zip(map(tuple, ways[0].tolist()), ways[1].tolist(), strict=True))
    way_m = np.array([known.get(pair, np.inf) for pair in map(tuple, pairs.tolist())], dtype=np.float64)
    line_m = between_m(study.supply.shapes[pairs[:, 0]], study.supply.shapes[pairs[:, 1]])
    order = np.lexsort((pairs[:, 1], pairs[:, 0], np.round(line_m / _FINE_M)))
    order = order[((line_m < near_m) & (way_m >= near_m))[order]]
    return pairs[order], line_m[order], way_m[order]


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


def _pair_table(study: Study, name: str, title: Note, pairs: Numbers, metres: Floats) -> Table:
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
    return Table(name, title, columns, shapes)
