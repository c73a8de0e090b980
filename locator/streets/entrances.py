"""The places where stations are entered: a point at itself, a park or a yard from all around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from locator.streets.graph import Floats, Network, Numbers

__all__ = ["Entrances", "Flattened", "around", "entrances_of", "inside_of"]

_ALONG_M = 50.0
"""Metres between two places at which a station with a boundary is entered, at most."""

Flattened = Callable[..., Floats]
"""Projects pairs of lon and lat to metres; with `back=True` back, as `Network.flattened` does."""


@dataclass(frozen=True, eq=False)
class Entrances:
    """Where some geometries are entered, by geometry.

    Attributes
    ----------
    row
        The geometry of each, ascending.
    lons, lats
        WGS84.
    """

    row: Numbers
    lons: Floats
    lats: Floats


def around(geometry: BaseGeometry, flattened: Flattened, network: Network | None = None) -> Floats:
    """Return lon and lat of places where a geometry (WGS84) that is no point is entered.

    Along its boundary (or a line) its corners and places that are at most 50 m apart, and where the streets of a
    network cross it. Of a polygon with its centroid inside also that: so it is never further than as a point.
    """
    shape = shapely.transform(geometry, flattened)
    parts = [part.boundary if part.geom_type == "Polygon" else part for part in _simple_parts(shape)]
    places = [shapely.get_coordinates(shapely.segmentize(parts, _ALONG_M))]
    if network is not None:
        lines = shapely.union_all(parts)
        streets = network.flat_lines[network.tree.query(lines, predicate="intersects")]
        places.append(shapely.get_coordinates(shapely.intersection(streets, lines)))
    middle = shape.centroid
    if shape.intersects(middle):
        places.append(shapely.get_coordinates(middle))
    return flattened(np.concatenate(places), back=True)


def entrances_of(shapes: npt.NDArray[Any], flattened: Flattened, network: Network | None = None) -> Entrances:
    """Return where geometries (WGS84) are entered; where streets cross them only with a network."""
    is_point = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    points, wide = np.flatnonzero(is_point), np.flatnonzero(~is_point)
    places = [around(shape, flattened, network) for shape in shapes[wide]]
    row = np.concatenate([points, np.repeat(wide, [len(some) for some in places])])
    pairs = np.concatenate([shapely.get_coordinates(shapes[points]), *places])
    order = np.argsort(row, kind="stable")
    return Entrances(row[order], *pairs[order].T)


def _simple_parts(shape: BaseGeometry) -> list[BaseGeometry]:
    """Return the parts of a geometry, those of collections within it too."""
    parts = shapely.get_parts(shape).tolist()
    return [one for part in parts for one in (_simple_parts(part) if hasattr(part, "geoms") else [part])]


def inside_of(shapes: npt.NDArray[Any], lons: Floats, lats: Floats) -> tuple[Numbers, Numbers]:
    """Return which places lie in which geometries that are no points, their edges included: places, geometries."""
    wide = np.flatnonzero(shapely.get_type_id(shapes) != shapely.GeometryType.POINT)
    if not len(wide) or not len(lons):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    place, shape = shapely.STRtree(shapes[wide]).query(shapely.points(lons, lats), predicate="intersects")
    return place.astype(np.int64), wide[shape]
