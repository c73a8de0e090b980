"""Gaps: demand that no station serves, put together by place and reason, the most people times hours first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyproj
import shapely
from shapely.geometry.base import BaseGeometry

from locator.coverage.about import Note
from locator.coverage.distances import distinct, nearest_places, straight_distances
from locator.coverage.result import Result, Table, plain
from locator.coverage.saying import about_study, barrier_notes, counted_note, week_notes
from locator.coverage.study import Barrier, Study
from locator.coverage.week import HOURS
from locator.geodesy import local_crs
from locator.streets.graph import Floats, Mask, Numbers, projected
from locator.streets.snapping import FINE_M
from locator.translation import N_

__all__ = ["REASONS", "Gap", "Gaps", "measure_gaps"]

REASONS: dict[str, str] = {
    "no_station": N_("no station near"),
    "water": N_("water between"),
    "railway": N_("a railway between"),
    "detour": N_("a long way round"),
    "no_street": N_("no street near"),
    "face_only": N_("opens to a face scan only"),
    "unknown": N_("hours or entry unknown"),
    "terms": N_("lacks what is asked"),
    "closed": N_("closed then"),
}
"""Why nobody is served; of several the one that holds for most hours.

Of water, a railway and a long way round a station is within reach in a straight line, but not along the streets.
"""

_OF_PLACE = ("no_station", "water", "railway", "detour", "no_street")
_OF_HOURS = ("face_only", "unknown", "terms", "closed")
_NEIGHBOURS = 1.6
"""Points are neighbours up to so many times the usual distance to the nearest: on a square grid also across."""
_LINK_M = (50.0, 1000.0)
DETOUR = 1.5
"""From this ratio on of way to straight line something lies between; in a town about 1.3 is usual."""
_TOUCH_M = 1.0
_DRAWN_DEGREES = 1e-7  # a centimetre


@dataclass(frozen=True, eq=False, slots=True)
class Gap:
    """Neighbouring places with one reason.

    Attributes
    ----------
    reason
        Code of `REASONS`.
    because
        What stands in the way: the station that is there, the river.
    points
        Rows of the study's demand.
    people, people_hours
        How many they are, and those times the hours of a week in which nobody serves them.
    station
        Row of the supply: the nearest to most of them, whatever its hours; -1: none.
    nearest_m, furthest_m
        The way to the nearest station, mean over people and longest; infinite where no street leads to one.
    """

    reason: str
    because: str
    points: Numbers
    people: float
    people_hours: float
    station: int
    nearest_m: float
    furthest_m: float
    geometry: BaseGeometry


@dataclass(frozen=True, eq=False, kw_only=True)
class Gaps(Result):
    """The gaps, the largest first.

    Attributes
    ----------
    hours
        How many hours of the week are asked for.
    unserved, face_only
        For each demand point the hours among them in which it has no station within reach, and those in which it
        has only such as a face scan alone opens.
    """

    gaps: tuple[Gap, ...]
    hours: int
    unserved: Numbers
    face_only: Numbers


@dataclass(frozen=True, eq=False)
class _Hours:
    """The asked hours, by reason.

    Attributes
    ----------
    count
        Shape (points, reasons of `_OF_HOURS`): hours in which each demand point is not served for each reason.
    blocking
        Shape (stations, reasons): whom each reason is about.
    face_only
        For each demand point the hours in which it is served, but only by stations that a face scan alone opens.
    """

    count: Numbers
    blocking: Mask
    face_only: Numbers


@dataclass(frozen=True, eq=False)
class _Why:
    """Why each of some demand points is not served, the name of what stands in the way, the station at fault."""

    reason: Any
    because: Any
    station: Numbers


def measure_gaps(study: Study, *, hours: Collection[int] | None = None) -> Gaps:
    """Find the demand without a station within reach, by place, reason and extent.

    A station serves whoever is on the study's terms, as it does in reach: where no ways in are asked for, a face
    scan is one as any other. Who is served only because of such stations stands in the table `face_only`. Hours of
    the day that are asked for count on each day of the study's week.

    Parameters
    ----------
    hours
        Of the day, 0 to 23; None: those of the study's criteria.
    """
    asked = np.isin(np.arange(HOURS) % 24, list(study.criteria.gap_hours if hours is None else hours))
    found = _hours_by_reason(study, asked)
    unserved = found.count.sum(axis=1)
    rows = np.flatnonzero((unserved > 0) & (study.weight > 0))
    why = _reasons(study, rows, found)
    gaps = sorted(_grouped(study, rows, why, unserved), key=lambda gap: (-gap.people_hours, gap.points[0]))
    return Gaps(
        about=about_study(
            study,
            "gaps",
            N_("Gaps"),
            Note(
                N_(
                    "Neighbouring places without a station within reach, by reason and nearest station; "
                    "ranked by {counted} times hours of a week"
                ),
                {"counted": counted_note(study.criteria.weight)},
            ),
            criteria=(
                Note(N_("{hours} hours of an ordinary week are asked for"), {"hours": int(asked.sum())}),
                Note(
                    N_(
                        "something lies between: a station is within reach in a straight line, and the way is at "
                        "least {factor} times as long"
                    ),
                    {"factor": f"{DETOUR:g}"},
                ),
            ),
            notes=(*week_notes(study), *barrier_notes(study)),
        ),
        tables=(
            _reason_table(study, rows, why, found, unserved),
            _gap_table(study, gaps),
            _face_table(study, found.face_only),
        ),
        gaps=tuple(gaps),
        hours=int(asked.sum()),
        unserved=unserved,
        face_only=found.face_only,
    )


def _hours_by_reason(study: Study, asked: Mask) -> _Hours:
    """Return for each demand point the asked hours in which it is not served, by `_OF_HOURS`."""
    criteria, supply = study.criteria, study.supply
    hours = supply.usual.usable(study.week.moments[:HOURS], minutes=criteria.stay_minutes)
    any_way = supply.on(replace(criteria.terms, ways=frozenset()))
    scan = supply.face_only[:, np.newaxis]
    sure = study.week_use.sure[:, :HOURS]
    stages = (
        sure & ~scan,
        sure,
        hours.sure & any_way.sure & scan,
        hours.possible & study.terms_use.possible,
        hours.sure & ~study.terms_use.possible,
    )
    columns = distinct(np.concatenate([stage[:, asked] for stage in stages], axis=1))
    near = study.distances.within(criteria.within_m, columns.sets)
    otherwise, served, *later = np.split(near[:, columns.column], len(stages), axis=1)
    left = ~served
    count = []
    for stage in later:
        count.append((left & stage).sum(axis=1))
        left = left & ~stage
    # What is closed is told of a station that one could use, if there is one.
    blocking = [stages[2], stages[3] & ~sure, stages[4], study.terms_use.possible & np.ones_like(sure)]
    return _Hours(
        np.column_stack([*count, left.sum(axis=1)]),
        np.column_stack([stage[:, asked].any(axis=1) for stage in blocking]),
        (served & ~otherwise).sum(axis=1),
    )


def _reasons(study: Study, rows: Numbers, hours: _Hours) -> _Why:
    """Return why each of some demand points is not served: of reasons of the hours the one of most hours."""
    supply = study.supply
    everyone = np.ones((len(supply), 1), bool)
    metres, station = study.distances.nearest(np.concatenate([hours.blocking, everyone], axis=1))
    station[metres > study.criteria.within_m + FINE_M] = -1
    closed = len(_OF_HOURS) - 1
    station[:, closed] = np.where(station[:, closed] < 0, station[:, -1], station[:, closed])
    which = hours.count[rows].argmax(axis=1)
    reason = np.array(_OF_HOURS, dtype=object)[which]
    at_fault = station[rows, which]
    because = np.array([supply.names[row] if row >= 0 else "" for row in at_fault.tolist()], dtype=object)
    far = np.flatnonzero(station[rows, -1] < 0)
    reason[far], because[far] = _reasons_of_place(study, rows[far])
    at_fault[far] = -1
    return _Why(reason, because, at_fault)


def _reasons_of_place(study: Study, rows: Numbers) -> tuple[Any, Any]:
    """Return why no station is within reach of some points, and the name of what lies between."""
    reason = np.full(len(rows), "no_station", dtype=object)
    because = np.full(len(rows), "", dtype=object)
    if study.network is None or study.demand_snaps is None:
        return reason, because
    demand, supply = study.demand, study.supply
    places = demand.lons[rows], demand.lats[rows]
    straight = straight_distances(supply.shapes, places, limit_m=study.criteria.within_m)
    distance_m, rows_of = straight.nearest(np.ones((len(supply), 1), bool))
    metres, station = distance_m[:, 0], rows_of[:, 0]
    around = study.nearest.distance_m[rows] >= DETOUR * metres
    close = np.flatnonzero(np.isfinite(metres) & around)
    reason[close] = "detour"
    near = np.column_stack(places)[close]
    ends = np.stack([near, nearest_places(study.network.crs, supply.shapes, station[close], near)], 1)
    for spot, barrier in zip(close.tolist(), _crossed(study, ends), strict=True):
        if barrier is not None:
            reason[spot], because[spot] = barrier.kind, barrier.name
    off = study.demand_snaps.edge[rows] < 0
    reason[off], because[off] = "no_street", ""
    return reason, because


def _crossed(study: Study, ends: Floats) -> list[Barrier | None]:
    """Return what each straight line between two places crosses: water before railways, then the first."""
    found: list[Barrier | None] = [None] * len(ends)
    if study.barriers and len(ends):
        barriers = sorted(study.barriers, key=lambda one: one.kind != "water")
        tree = shapely.STRtree([barrier.geometry for barrier in barriers])
        lines, crossed = tree.query(np.asarray(shapely.linestrings(ends)), predicate="intersects").tolist()
        for line, barrier in sorted(zip(lines, crossed, strict=True), reverse=True):
            found[line] = barriers[barrier]
    return found


def _grouped(study: Study, rows: Numbers, why: _Why, unserved: Numbers) -> list[Gap]:
    """Return neighbouring points with one reason, and one station at fault or nearest, as gaps."""
    if not len(rows):
        return []
    crs, cells = _cells(study)
    # Where nobody is near, what has the same nearest station is one gap: else half a town would be one.
    about = np.where(why.station >= 0, why.station, study.nearest.station[rows])
    keys = [*zip(why.reason.tolist(), why.because.tolist(), about.tolist(), strict=True)]
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    number = np.array([numbers[key] for key in keys])
    gaps = []
    for (reason, because, _), one in numbers.items():
        some = rows[number == one]
        shapes = shapely.get_parts(shapely.union_all(shapely.buffer(cells[some], _TOUCH_M, quad_segs=2)))
        at, part = shapely.STRtree(shapes).query(cells[some], predicate="intersects")
        _, first = np.unique(at, return_index=True)
        part = part[first]
        for which, shape in enumerate(shapes.tolist()):
            drawn = shapely.transform(shape, lambda pairs: projected(crs, pairs, back=True))
            # Where cells touch at a corner, an outline that is valid in metres need not be so in degrees.
            drawn = shapely.set_precision(drawn, _DRAWN_DEGREES)
            gaps.append(_gap(study, (reason, because), some[part == which], unserved, drawn))
    return gaps


def _cells(study: Study) -> tuple[pyproj.CRS, Any]:
    """Return for each demand point the ground that it stands for: its cell, or a disc that touches the next."""
    pairs = np.column_stack([study.demand.lons, study.demand.lats])
    crs = local_crs(shapely.MultiPoint(pairs))
    places = np.asarray(shapely.points(projected(crs, pairs)))
    link_m = _LINK_M[0]
    if len(places) > 1:
        apart = shapely.STRtree(places).query_nearest(places, exclusive=True, return_distance=True)[1]
        link_m = float(np.clip(np.median(apart) * _NEIGHBOURS, *_LINK_M))
    cells = np.asarray(shapely.buffer(places, link_m / 2, quad_segs=4))
    own = sorted(study.demand_points, key=lambda one: one.id)
    drawn = [row for row, one in enumerate(own) if one.geometry.geom_type != "Point"]
    shapes = np.array([None, *(own[row].geometry for row in drawn)], dtype=object)[1:]
    cells[drawn] = shapely.transform(shapes, lambda pairs: projected(crs, pairs))
    return crs, cells


def _gap(study: Study, key: tuple[str, str], points: Numbers, unserved: Numbers, shape: Any) -> Gap:  # noqa: ANN401
    weight = study.weight[points]
    metres, station = study.nearest.distance_m[points], study.nearest.station[points]
    near = station >= 0
    votes: Floats = np.bincount(station[near], weight[near], 1).astype(np.float64)
    return Gap(
        reason=key[0],
        because=key[1],
        points=points,
        people=float(weight.sum()),
        people_hours=float((weight * unserved[points]).sum()),
        station=int(votes.argmax()) if near.any() else -1,
        nearest_m=float((metres * weight).sum() / weight.sum()),
        furthest_m=float(metres.max()),
        geometry=shape,
    )


def _reason_table(study: Study, rows: Numbers, why: _Why, hours: _Hours, unserved: Numbers) -> Table:
    """Return for each reason the people for whom it is the main one, and all hours for which it is the reason."""
    weight = study.weight[rows]
    people = {code: weight[why.reason == code].sum() for code in REASONS}
    of_place = np.isin(why.reason, _OF_PLACE)
    extent = {code: (weight * unserved[rows])[of_place & (why.reason == code)].sum() for code in _OF_PLACE}
    extent |= {
        code: (weight * hours.count[rows, column])[~of_place].sum() for column, code in enumerate(_OF_HOURS)
    }
    total = sum(extent.values())
    codes = [code for code in REASONS if extent[code] > 0]
    columns: dict[str, list[Any]] = {
        "reason": [Note(REASONS[code]) for code in codes],
        "people": plain([people[code] for code in codes], 0),
        "people_hours": plain([extent[code] for code in codes], 0),
        "share": plain([extent[code] / total for code in codes], 4),
    }
    title = Note(N_("Why {counted} are not served"), {"counted": counted_note(study.criteria.weight)})
    return Table("reasons", title, columns)


def _gap_table(study: Study, gaps: list[Gap]) -> Table:
    supply = study.supply
    inside = [gap.geometry.representative_point() for gap in gaps]
    columns: dict[str, list[Any]] = {
        "rank": list(range(1, len(gaps) + 1)),
        "reason": [Note(REASONS[gap.reason]) for gap in gaps],
        "because_of": [gap.because for gap in gaps],
        "people": plain([gap.people for gap in gaps], 0),
        "people_hours": plain([gap.people_hours for gap in gaps], 0),
        "hours_unserved": plain([gap.people_hours / gap.people for gap in gaps], 0),
        "areas": [Note("{areas}", {"areas": tuple(_areas(study, gap.points))}) for gap in gaps],
        "nearest_id": [supply.ids[gap.station] if gap.station >= 0 else None for gap in gaps],
        "nearest": [supply.names[gap.station] if gap.station >= 0 else None for gap in gaps],
        "nearest_m": plain([gap.nearest_m for gap in gaps], 0),
        "furthest_m": plain([gap.furthest_m for gap in gaps], 0),
        "lon": plain([point.x for point in inside], 6),
        "lat": plain([point.y for point in inside], 6),
    }
    return Table("gaps", Note(N_("Gaps, the largest first")), columns, [gap.geometry for gap in gaps])


def _face_table(study: Study, hours: Numbers) -> Table:
    """Return the stations that a face scan alone opens, with whom they serve, in hours, that no other does."""
    supply, distances = study.supply, study.distances
    scan = study.terms_use.sure[:, 0] & supply.face_only
    metres, nearest = (one[:, 0] for one in distances.nearest(scan[:, np.newaxis]))
    station = np.where(metres <= study.criteria.within_m + FINE_M, nearest, -1)
    there = (hours > 0) & (station >= 0) & (study.weight > 0)
    people = np.bincount(station[there], study.weight[there], len(supply))
    extent = np.bincount(station[there], (study.weight * hours)[there], len(supply))
    rows = sorted(np.flatnonzero(scan).tolist(), key=lambda row: (-extent[row], row))
    columns: dict[str, list[Any]] = {
        "station_id": [supply.ids[row] for row in rows],
        "station": [supply.names[row] for row in rows],
        "people": plain(people[rows], 0),
        "people_hours": plain(extent[rows], 0),
    }
    title = Note(N_("Stations that open to a face scan only, and whom they serve that no other does"))
    return Table("face_only", title, columns, [supply.shapes[row] for row in rows])


def _areas(study: Study, points: Numbers) -> list[str]:
    """Return the names of the areas in which most of some points' people live, the most first."""
    weight = np.zeros(len(study.demand))
    weight[points] = study.weight[points]
    people = study.members.sums(weight)
    order = np.argsort(-people, kind="stable")
    return [study.areas[row].name for row in order.tolist() if people[row] > 0][:5]
