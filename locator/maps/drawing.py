"""What a coverage map draws, as plain columns: computed once, drawn in a browser and on paper, in any language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from locator.coverage.criteria import Threshold
from locator.coverage.distances import distinct
from locator.coverage.hours import DAYS, Hours
from locator.coverage.study import Study
from locator.coverage.supply import Use
from locator.geodesy import local_crs
from locator.maps.colours import AREAS
from locator.place import Street
from locator.streets.graph import Network, projected
from locator.streets.snapping import FINE_M
from locator.translation import N_, Translator

__all__ = [
    "ANY_HOUR",
    "NO_SHARE",
    "Drawing",
    "Ground",
    "Slices",
    "band_names",
    "drawing_of",
    "hour_name",
    "share_names",
]

Bytes = npt.NDArray[np.uint8]
Beneath: TypeAlias = tuple[Mapping[str, Any], BaseGeometry]

ANY_HOUR = 0
"""The slice of all stations, whatever their hours; slice 1 is Monday, 0:00."""

_ALONE_M = 100.0
_MOST_STREETS = 120
_FINE_STREET_M = 3.0
_SPACING_M = (20.0, 2_000.0)
NO_SHARE = 255
"""Stands where nobody is to be reached."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Slices:
    """What changes from hour to hour; a slice is `ANY_HOUR`, an hour of the week from Monday or of the holiday.

    Attributes
    ----------
    band_set
        For each slice the column of `point_bands`.
    point_bands
        Shape (points, distinct sets of stations): the place of the band, the number of bands beyond all of them.
    area_shares
        Shape (areas, slices): per cent of the area's people within reach, or `NO_SHARE`.
    station_states
        Shape (stations, slices): 0 not usable, 1 perhaps, 2 usable.
    shares, shares_possible
        Of each slice the share of all people within reach, from 0 to 1; None: there are none.
    stations
        Of each slice how many stations are usable.
    """

    band_set: Sequence[int]
    point_bands: Bytes
    area_shares: Bytes
    station_states: Bytes
    shares: Sequence[float | None]
    shares_possible: Sequence[float | None]
    stations: Sequence[int]

    def __len__(self) -> int:
        return len(self.band_set)


@dataclass(frozen=True, eq=False)
class Ground:
    """What lies beneath: water, railways, boundaries, streets."""

    kinds: Sequence[str]
    names: Sequence[str]
    shapes: Sequence[BaseGeometry]


@dataclass(frozen=True, eq=False, kw_only=True)
class Drawing:
    """Everything that is drawn, WGS84.

    Attributes
    ----------
    bands
        How far counts as near, ascending, all minutes or all metres.
    areas, area_shapes, area_people
        Name, polygon and what is counted of each area.
    area_kind
        The kind that all of them are of; empty: they are of several.
    points, point_people
        Where demand is: a point, or the cell that it stands for.
    stations, station_shapes
        Names, and where they are.
    moment
        At which `ANY_HOUR` has the stations, as people write it; empty: whatever the hours.
    """

    bands: Sequence[Threshold]
    areas: Sequence[str]
    area_shapes: Sequence[BaseGeometry]
    area_people: Sequence[float]
    points: Sequence[BaseGeometry]
    point_people: Sequence[float]
    stations: Sequence[str]
    station_shapes: Sequence[BaseGeometry]
    slices: Slices
    ground: Ground
    moment: str = ""
    area_kind: str = ""

    @property
    def total(self) -> float:
        """How many are counted."""
        return float(sum(self.point_people))

    @property
    def bounds(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north of what is studied: areas, demand and stations; None: there is nothing."""
        shapes = [*self.area_shapes, *self.points] or [*self.station_shapes, *self.ground.shapes]
        if not shapes:
            return None
        west, south, east, north = shapely.total_bounds(shapes)
        return float(west), float(south), float(east), float(north)

    @cached_property
    def spacing_m(self) -> float:
        """The usual distance from a demand point to the next, in metres: dots so large just touch."""
        places = [one for one in self.points if one.geom_type == "Point"]
        if len(places) < 2:
            return _ALONE_M
        pairs = shapely.get_coordinates(places)
        flat = np.asarray(shapely.points(projected(local_crs(shapely.MultiPoint(pairs)), pairs)))
        apart = shapely.STRtree(flat).query_nearest(flat, exclusive=True, return_distance=True)[1]
        return float(np.clip(np.median(apart), *_SPACING_M))


def drawing_of(
    study: Study, hours: Hours, *, background: Sequence[Beneath] = (), at: datetime | None = None
) -> Drawing:
    """Return what is drawn of a study.

    Parameters
    ----------
    hours
        What `measure_hours` found of the same study.
    background
        Records with a `kind` (water, railway, boundary) and their geometries; where it has no water and no
        railway, those that the study knows are drawn.
    at
        The slice `ANY_HOUR` has only the stations usable at that moment; None: all, whatever their hours.
    """
    supply = study.supply
    shown = np.flatnonzero(study.weight > 0)
    return Drawing(
        bands=_bands(study),
        areas=[area.name for area in study.areas],
        area_shapes=[area.geometry for area in study.areas],
        area_people=study.members.sums(study.weight).tolist(),
        points=_cells(study, shown.tolist()),
        point_people=study.weight[shown].tolist(),
        stations=list(supply.names),
        station_shapes=[study.snapshot.geometry(row) for row in supply.rows.tolist()],
        slices=_slices(study, hours, shown, at),
        area_kind=_only_kind(study),
        moment=f"{at:%Y-%m-%d %H:%M}" if at else "",
        ground=_ground(
            study.streets or _longest_streets(study.network), [*background, *_unseen(study, background)]
        ),
    )


def share_names(translate: Translator) -> list[str]:
    """Return what the classes of `AREAS` are called."""
    edges = [round(100 * place / len(AREAS)) for place in range(len(AREAS) + 1)]
    return [
        translate(N_("up to {high} %"), high=high)
        if not low
        else translate(N_("{low} to {high} %"), low=low, high=high)
        for low, high in pairwise(edges)
    ]


def band_names(drawing: Drawing, translate: Translator) -> list[str]:
    """Return what the bands are called, and last what is beyond them."""
    near = [translate(N_("within {threshold}"), threshold=band.text(translate)) for band in drawing.bands]
    return [*near, translate(N_("beyond {threshold}"), threshold=drawing.bands[-1].text(translate))]


def hour_name(at: int, translate: Translator) -> str:
    """Return the name of a slice: whatever the hours, or day and hour."""
    if at == ANY_HOUR:
        return translate(N_("whatever the hours"))
    return translate(N_("{day} {hour}:00"), day=translate(DAYS[(at - 1) // 24]), hour=f"{(at - 1) % 24:02d}")


def _only_kind(study: Study) -> str:
    kinds = {area.kind for area in study.areas}
    return kinds.pop() if len(kinds) == 1 else ""


def _bands(study: Study) -> list[Threshold]:
    criteria = study.criteria
    return sorted({one for one in criteria.thresholds if one.unit == criteria.within.unit} | {criteria.within})


def _cells(study: Study, rows: Sequence[int]) -> list[BaseGeometry]:
    """Return demand points as they are stored: a cell is drawn as its polygon."""
    demand = study.demand
    own = {one.id: one.geometry for one in study.demand_points}
    return [
        shapely.Point(demand.lons[row], demand.lats[row]) if demand.spread[row] else own[demand.ids[row]]
        for row in rows
    ]


def _slices(study: Study, hours: Hours, shown: npt.NDArray[np.intp], at: datetime | None) -> Slices:
    any_hour, week = study.terms_use, study.week_use
    if at is not None:
        any_hour = any_hour & study.supply.usable([at], minutes=study.criteria.stay_minutes)
    sure = np.concatenate([any_hour.sure[:, :1], week.sure], axis=1)
    possible = np.concatenate([any_hour.possible[:, :1], week.possible], axis=1)
    columns = distinct(sure)
    if len(study.demand) and len(study.supply):
        metres = study.distances.nearest(columns.sets)[0][shown]
    else:
        metres = np.full((len(shown), columns.sets.shape[1]), np.inf)
    limits = [band.metres(study.criteria.speed) + FINE_M for band in _bands(study)]
    any_shares = _any_hour_shares(study, any_hour)
    counted = study.criteria.weight
    return Slices(
        band_set=columns.column.tolist(),
        point_bands=np.searchsorted(limits, metres).astype(np.uint8),
        area_shares=_per_cent(np.column_stack([any_shares[0], hours.share_by_area()])),
        station_states=(sure.astype(np.uint8) + possible.astype(np.uint8)),
        shares=_plain([any_shares[1], *hours.share(counted).tolist()]),
        shares_possible=_plain([any_shares[2], *hours.share(counted, possible=True).tolist()]),
        stations=sure.sum(axis=0).tolist(),
    )


def _any_hour_shares(study: Study, use: Use) -> tuple[Any, float, float]:
    """Return shares within reach of some stations: of each area; of all, sure and possible."""
    sets = np.concatenate([use.sure[:, :1], use.possible[:, :1]], axis=1)
    near = study.distances.within(study.criteria.within_m, sets)
    people = study.members.sums(study.weight)
    reached = study.members.sums(study.weight * near[:, 0])
    total = study.weight.sum() or np.nan
    by_area = np.where(people > 0, reached / np.where(people > 0, people, 1), np.nan)
    return by_area, float(study.weight @ near[:, 0] / total), float(study.weight @ near[:, 1] / total)


def _per_cent(shares: Any) -> Bytes:  # noqa: ANN401 - an array
    """Return shares as whole per cent; only all is 100 and only nothing is 0."""
    rounded = np.clip(np.round(shares * 100), np.where(shares > 0, 1, 0), np.where(shares < 1, 99, 100))
    return np.asarray(np.where(np.isfinite(shares), rounded, NO_SHARE).astype(np.uint8))


def _plain(shares: Sequence[float]) -> list[float | None]:
    return [round(share, 4) if np.isfinite(share) else None for share in shares]


def _longest_streets(network: Network | None) -> list[Street]:
    """Return the longest named streets of a network, to find one's way by: all of a city would be too much."""
    if network is None:
        return []
    length_m = np.bincount(network.name, network.length_m, len(network.names))
    length_m[0] = 0  # those without a name
    chosen = np.argsort(-length_m, kind="stable")[:_MOST_STREETS]
    streets = []
    for name in chosen[length_m[chosen] > 0].tolist():
        whole = shapely.line_merge(shapely.union_all(network.flat_lines[network.name == name]))
        fine = shapely.simplify(whole, _FINE_STREET_M)
        shape = shapely.transform(fine, lambda pairs: network.flattened(pairs, back=True))
        streets.append(Street(id=network.names[name], name=network.names[name], geometry=shape, kind="main"))
    return streets


def _unseen(study: Study, background: Sequence[Beneath]) -> list[Beneath]:
    """Return the study's water and railways where the background has none: those of its extract."""
    if not study.barriers or any(record.get("kind") in ("water", "railway") for record, _ in background):
        return []
    shapes = np.array([None, *(one.geometry for one in study.barriers)], dtype=object)[1:]
    crs = local_crs(shapely.GeometryCollection(shapes.tolist()))
    flat = shapely.simplify(shapely.transform(shapes, lambda pairs: projected(crs, pairs)), _FINE_STREET_M)
    fine = shapely.transform(flat, lambda pairs: projected(crs, pairs, back=True))
    return [
        ({"kind": one.kind, "name": one.name}, shape)
        for one, shape in zip(study.barriers, fine.tolist(), strict=True)
    ]


def _ground(streets: Iterable[Street], background: Iterable[Beneath]) -> Ground:
    order = {"boundary": 0, "water": 1, "railway": 2}
    below = sorted(background, key=lambda one: order.get(str(one[0].get("kind")), 0))
    lines = sorted(streets, key=lambda one: one.kind == "main")
    return Ground(
        [*(str(record.get("kind") or "") for record, _ in below), *(street.kind for street in lines)],
        [*(str(record.get("name") or "") for record, _ in below), *(street.name for street in lines)],
        [*(shape for _, shape in below), *(street.geometry for street in lines)],
    )
