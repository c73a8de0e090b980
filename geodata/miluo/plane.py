"""The town's drawing board: metres around its centre, and back to WGS84."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from pyproj import Geod, Transformer
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

__all__ = ["GRID_M", "area_km2", "between", "curve", "generator", "inside", "noded", "on_grid", "to_wgs84"]

CENTRE = (113.0700, 28.8080)
GRID_M = 0.1
_SEED = 430681
_LOCAL = f"+proj=tmerc +lon_0={CENTRE[0]} +lat_0={CENTRE[1]} +k=1 +ellps=WGS84 +units=m"
_TO_WGS84 = Transformer.from_crs(_LOCAL, "EPSG:4326", always_xy=True)
_GEOD = Geod(ellps="WGS84")

Pairs = Sequence[tuple[float, float]]


def generator(part: int) -> np.random.Generator:
    """Return the random numbers of one part of the town, independent of the other parts."""
    return np.random.Generator(np.random.PCG64([_SEED, part]))


def curve(points: Pairs, *, step_m: float = 70) -> LineString:
    """Draw a smooth line through all points (Catmull-Rom), with a vertex about every `step_m`."""
    p = np.array([points[0], *points, points[-1]], dtype=float)
    drawn = [p[1]]
    for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False):
        count = max(1, round(float(np.hypot(*(c - b))) / step_m))
        for t in np.arange(1, count + 1) / count:
            turn = 2 * a - 5 * b + 4 * c - d
            drawn.append(b + 0.5 * t * ((c - a) + t * (turn + t * (3 * (b - c) + d - a))))
    return on_grid(LineString(drawn))


def on_grid(geometry: BaseGeometry) -> BaseGeometry:
    """Round every vertex to the drawing grid."""
    return shapely.transform(geometry, lambda xy: np.round(xy / GRID_M) * GRID_M)


def noded(lines: Sequence[BaseGeometry]) -> list[LineString]:
    """Cut lines where they meet, so that they share only end points."""
    merged = shapely.union_all(list(lines), grid_size=GRID_M)
    return sorted(shapely.get_parts(merged), key=lambda line: line.normalize().coords[:])


def between(line: LineString, first: BaseGeometry, last: BaseGeometry) -> LineString:
    """Return the stretch of a line from where it meets `first` to where it meets `last`."""
    ends = sorted(line.project(_meeting(line, other)) for other in (first, last))
    return on_grid(substring(line, *ends))


def inside(line: LineString, area: Polygon) -> LineString:
    """Return the longest stretch of a line inside an area."""
    return on_grid(max(shapely.get_parts(line.intersection(area)), key=lambda part: part.length))


def to_wgs84(geometry: BaseGeometry) -> BaseGeometry:
    """Return a geometry as lon, lat with 6 decimals (0.1 m)."""
    return shapely.transform(geometry, lambda xy: np.round(np.column_stack(_TO_WGS84.transform(*xy.T)), 6))


def area_km2(area: Polygon) -> float:
    """Return the area on the ellipsoid of a polygon drawn in metres."""
    return abs(_GEOD.geometry_area_perimeter(to_wgs84(area))[0]) / 1e6


def _meeting(line: LineString, other: BaseGeometry) -> Point:
    return Point(shapely.get_coordinates(line.intersection(other))[0])
