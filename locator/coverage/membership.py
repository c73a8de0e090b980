"""Which demand lies in which areas: a place in one of a kind, a cell on a border in all that it touches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from locator.geodesy import local_crs
from locator.place import Area, DemandPoint
from locator.streets.graph import Floats, Mask, Numbers, projected

__all__ = ["Membership", "membership", "named_areas", "shared_membership"]

_NAMING = ("community", "社区", "所属社区", "所在社区", "村社区")
"""Columns in which a list of demand names the community of each cell."""
_FINE = 1e-6
"""A share that misses the whole of a cell by less is the whole: borders of neighbours rarely meet exactly."""
_NONE: Numbers = np.zeros(0, np.int64)


@dataclass(frozen=True, eq=False)
class Membership:
    """Which points lie in which areas, by area; in areas of one kind each point has at most one share in all.

    Attributes
    ----------
    area, point
        Rows; by area, then by point.
    areas
        How many areas there are.
    share
        Of each point how much of it lies in the area; None: all of it.
    named
        The points that count where the list of demand says, not where they lie.
    """

    area: Numbers
    point: Numbers
    areas: int
    share: Floats | None = None
    named: Numbers = field(default_factory=lambda: _NONE)

    def sums(self, values: Floats) -> Floats:
        """Return for each area the sum of its points' values, each as far as it lies there; shape (areas, …)."""
        found = np.zeros((self.areas, *values.shape[1:]))
        if len(self.area):
            starts = np.flatnonzero(np.diff(self.area, prepend=-1))
            some = values[self.point]
            if self.share is not None:
                some = some * self.share.reshape(-1, *[1] * (values.ndim - 1))
            found[self.area[starts]] = np.add.reduceat(some, starts, axis=0)
        return found

    def by_area(self, weight: Floats) -> Iterator[tuple[Numbers, Floats]]:
        """Yield for each area its points, and the weight of each that lies there."""
        bounds = np.searchsorted(self.area, np.arange(self.areas + 1))
        there = weight[self.point] if self.share is None else weight[self.point] * self.share
        for first, last in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            yield self.point[first:last], there[first:last]

    def inside(self, points: int) -> Floats:
        """Return for each of so many points how much of it lies in areas, from 0 to 1."""
        share = np.bincount(self.point, self.share, points)
        return np.minimum(share, 1.0)

    @property
    def split(self) -> Numbers:
        """The points that lie in several areas, or partly in none."""
        return _NONE if self.share is None else np.unique(self.point[self.share < 1])


def membership(areas: Sequence[Area], lons: Floats, lats: Floats) -> Membership:
    """Return which points lie in which areas, their edges included; on an edge between two the lower id counts."""
    if not areas or not len(lons):
        return Membership(_NONE, _NONE, len(areas))
    point, area = shapely.STRtree(_shapes(areas)).query(shapely.points(lons, lats), predicate="intersects")
    kind = _kinds(areas)[area]
    order = np.lexsort((area, kind, point))
    point, area, kind = point[order], area[order], kind[order]
    first = np.ones(len(point), bool)
    first[1:] = (point[1:] != point[:-1]) | (kind[1:] != kind[:-1])
    point, area = point[first], area[first]
    order = np.argsort(area, kind="stable")
    return Membership(area[order].astype(np.int64), point[order].astype(np.int64), len(areas))


def named_areas(areas: Sequence[Area], points: Sequence[DemandPoint]) -> Mapping[int, int]:
    """Return of the points that name one of the areas, by code or by a name that only one has, the area's row."""
    rows: dict[str, list[int]] = {}
    for row, area in enumerate(areas):
        for word in {area.id, area.name}:
            rows.setdefault(word, []).append(row)
    found = {}
    for place, one in enumerate(points):
        word = next((one.extra[key].strip() for key in _NAMING if one.extra.get(key, "").strip()), "")
        if len(rows.get(word, ())) == 1:
            found[place] = rows[word][0]
    return found


def shared_membership(
    areas: Sequence[Area], points: Sequence[DemandPoint], places: tuple[Floats, Floats], without: Mask
) -> Membership:
    """Return which demand lies in which areas.

    A point or cell that names one of the areas counts there. Another cell is shared out over the areas by how
    much of its ground lies in each (areal weighting: Goodchild & Lam 1980, Geo-Processing 1, 297-312); what lies
    in none belongs to none. Everything else counts where its place is.

    Parameters
    ----------
    points
        Whose places are the first of `places`, in the same order.
    places
        lons, lats; WGS84.
    without
        For each area whether its people are known apart, so that cells that count residents have none of theirs
        there: what of their ground lies there goes to the other areas that they touch, if there are any.
    """
    whole = membership(areas, *places)
    named = named_areas(areas, points)
    cells = [row for row, one in enumerate(points) if one.geometry.geom_type != "Point"]
    kinds = _kinds(areas)
    cell, area, share = _shares(areas, [points[row] for row in cells], without)
    point = np.array(cells, np.int64)[cell]
    # For a kind of areas the name that a point gives counts before its ground, and that before its place.
    named_point, named_area = np.array([*named.items()], np.int64).reshape(-1, 2).T
    parts = (
        (named_point, named_area, np.ones(len(named_point))),
        (point, area, share),
        (whole.point, whole.area, np.ones(len(whole.point))),
    )
    width = max(len(set(kinds.tolist())), 1)
    taken, kept = _NONE, []
    for one_point, one_area, one_share in parts:
        key = one_point * width + kinds[one_area]
        free = ~np.isin(key, taken)
        taken = np.union1d(taken, key[free])
        kept.append((one_point[free], one_area[free], one_share[free]))
    point, area, share = (np.concatenate(column) for column in zip(*kept, strict=True))
    order = np.lexsort((point, area))
    return Membership(area[order], point[order], len(areas), share[order], np.sort(named_point))


def _shares(areas: Sequence[Area], cells: Sequence[DemandPoint], without: Mask) -> tuple[Numbers, Numbers, Floats]:
    """Return cells, areas, and how much of the ground of each cell lies in the area."""
    if not areas or not cells:
        return _NONE, _NONE, np.zeros(0)
    crs = local_crs(shapely.GeometryCollection([one.geometry for one in cells]))
    grounds, shapes = (
        shapely.transform(some, lambda pairs: projected(crs, pairs))
        for some in (np.array([None, *(one.geometry for one in cells)], dtype=object)[1:], _shapes(areas))
    )
    shapely.prepare(shapes)
    cell, area = shapely.STRtree(shapes).query(grounds, predicate="intersects")
    share = np.ones(len(cell))
    cut = np.flatnonzero(~shapely.covers(shapes[area], grounds[cell]))
    share[cut] = shapely.area(shapely.intersection(shapes[area[cut]], grounds[cell[cut]]))
    share[cut] /= shapely.area(grounds[cell[cut]])
    group = cell * (int(_kinds(areas).max()) + 1) + _kinds(areas)[area]
    counts = np.array(["residents" in one.weights for one in cells], dtype=bool)
    receives = ~(without[area] & counts[cell])
    given, taken = (np.bincount(group, some) for some in (share, share * receives))
    receives |= taken[group] <= _FINE
    inside = np.where(given >= 1 - _FINE, 1.0, given)[group]
    among = np.bincount(group, share * receives)[group]
    share = np.where(receives, share * inside / np.where(among > 0, among, 1), 0)
    some = share > _FINE
    return cell[some].astype(np.int64), area[some].astype(np.int64), share[some]


def _kinds(areas: Sequence[Area]) -> Numbers:
    """Return the number of each area's kind."""
    kinds = {kind: number for number, kind in enumerate(sorted({one.kind for one in areas}))}
    return np.array([kinds[one.kind] for one in areas], np.int64)


def _shapes(areas: Sequence[Area]) -> npt.NDArray[Any]:
    return np.array([None, *(area.geometry for area in areas)], dtype=object)[1:]
