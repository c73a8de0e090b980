"""What is to be reached, as points with weights: people, metres of street, square metres of ground."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from locator.coverage.membership import membership, named_areas
from locator.geodesy import area_m2, local_crs
from locator.place import Area, DemandPoint
from locator.streets.graph import Floats, Network, Numbers, projected, ragged
from locator.streets.snapping import Snaps

__all__ = ["Demand", "demand_of", "ground_of", "pieces_of_network"]

SPREAD_CELLS = 60
"""At least so many points stand for the people of an area without demand points."""


@dataclass(frozen=True, eq=False)
class Demand:
    """Points with weights.

    Attributes
    ----------
    ids
        Of the demand points; of the points that stand for an area's own people the area's.
    lons, lats
        WGS84.
    weights
        What is counted, and how much of it each point has.
    spread
        For each point whether it only stands for an area's own count, spread evenly over its polygon.
    """

    ids: tuple[str, ...]
    lons: Floats
    lats: Floats
    weights: Mapping[str, Floats]
    spread: npt.NDArray[np.bool_]
    sources: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.lons)

    def weight(self, kind: str) -> Floats:
        """Return the weights of one kind; zeros where nobody said."""
        return self.weights.get(kind, np.zeros(len(self)))


def demand_of(points: Iterable[DemandPoint], areas: Sequence[Area]) -> Demand:
    """Return the demand points, and for areas that have none of them the areas' own residents, spread evenly.

    A cell counts at its centroid. An area's residents are spread only where none of the demand points that count
    residents lies in it or names it, and none of the areas that hold it or that it holds is spread already.
    """
    listed = sorted(points, key=lambda one: one.id)
    kinds = tuple(dict.fromkeys(kind for one in listed for kind in one.weights))
    centres = shapely.get_coordinates(shapely.centroid([one.geometry for one in listed])).reshape(-1, 2)
    weights = {kind: np.array([float(one.weights.get(kind, 0)) for one in listed]) for kind in kinds}
    counts = np.array(["residents" in one.weights for one in listed], dtype=bool)
    inside = membership(areas, *centres[counts].T)
    named = [row for point, row in named_areas(areas, listed).items() if counts[point]]
    empty = np.setdiff1d(np.arange(len(areas)), [*inside.area.tolist(), *named])
    ids = [one.id for one in listed]
    apart = _apart([areas[row] for row in empty.tolist() if areas[row].residents])
    cells = _cells([one.geometry for one in apart], [area_m2(one.geometry) / SPREAD_CELLS for one in apart])
    more = [np.full(len(some), (one.residents or 0) / len(some)) for one, some in zip(apart, cells, strict=True)]
    ids += [one.id for one, some in zip(apart, cells, strict=True) for _ in range(len(some))]
    places = np.concatenate([centres, *cells])
    added = sum(map(len, more))
    weights = {kind: np.concatenate([values, np.zeros(added)]) for kind, values in weights.items()}
    if added:
        weights.setdefault("residents", np.zeros(len(places)))[len(listed) :] = np.concatenate(more)
    sources = tuple(sorted({one.source for one in listed} - {""}))
    spread = np.arange(len(places)) >= len(listed)
    return Demand(tuple(ids), places[:, 0], places[:, 1], MappingProxyType(weights), spread, sources=sources)


def ground_of(areas: Sequence[Area], most: int = 10_000) -> tuple[Demand, Numbers]:
    """Return the ground of areas as points of a grid, each with its square metres, and the row of its area.

    The squares are of 100 m, or larger where that gives too many points; an area's points together have its area.
    """
    total = sum(area_m2(area.geometry) for area in areas)
    cells = _cells([area.geometry for area in areas], max(100.0**2, total / most))
    sizes = np.array([len(one) for one in cells], dtype=np.int64)
    area = np.repeat(np.arange(len(areas)), sizes)
    weight = np.array([area_m2(one.geometry) for one in areas])[area] / sizes[area]
    places = np.concatenate([np.zeros((0, 2)), *cells])
    ids = tuple(areas[row].id for row in area.tolist())
    ground = MappingProxyType({"area_m2": weight})
    return Demand(ids, places[:, 0], places[:, 1], ground, np.zeros(len(places), bool)), area


def pieces_of_network(network: Network, piece_m: float = 50.0) -> tuple[Demand, Snaps]:
    """Return a network's streets as points: each edge is cut into equal pieces, each counts at its middle.

    No piece is longer than `piece_m`. Beside them where they lie on the network.
    """
    count = np.maximum(np.ceil(network.length_m / piece_m), 1).astype(np.int64)
    edge = np.repeat(np.arange(len(count)), count)
    length = network.length_m[edge] / count[edge]
    share = (ragged(np.zeros(len(count), np.int64), count) + 0.5) / count[edge]
    flat = shapely.line_interpolate_point(network.flat_lines[edge], share, normalized=True)
    places = network.flattened(shapely.get_coordinates(flat), back=True)
    snaps = Snaps(edge, share * network.length_m[edge], np.zeros(len(edge)), places)
    weights = MappingProxyType({"street_m": length})
    names = tuple(network.names[name] for name in network.name[edge].tolist())
    return Demand(names, places[:, 0], places[:, 1], weights, np.zeros(len(edge), bool)), snaps


def _apart(areas: Sequence[Area]) -> list[Area]:
    """Return the areas, the smaller first, without those that overlap one that is taken already."""
    taken: list[Area] = []
    shapes: list[BaseGeometry] = []
    for area in sorted(areas, key=lambda one: (area_m2(one.geometry), one.id)):
        inner = area.geometry.representative_point()
        if not any(shape.intersects(inner) or area.geometry.contains(point) for shape, point in
                   ((one, one.representative_point()) for one in shapes)):  # fmt: skip
            taken.append(area)
            shapes.append(area.geometry)
    return sorted(taken, key=lambda one: one.id)


def _cells(geometries: Sequence[BaseGeometry], square_m2: float | Sequence[float]) -> list[Floats]:
    """Return for each polygon the middles of the squares of a grid that lie in it; at least one place."""
    if not geometries:
        return []
    # One projection for all: making one takes longer than using it. Areas are true in it, however large.
    crs = local_crs(shapely.GeometryCollection(list(geometries)))
    cells = []
    for geometry, square in zip(geometries, np.broadcast_to(square_m2, len(geometries)).tolist(), strict=True):
        flat = shapely.transform(geometry, lambda pairs: projected(crs, pairs))
        side = square**0.5
        west, south, east, north = flat.bounds
        xs, ys = np.arange(west + side / 2, east, side), np.arange(south + side / 2, north, side)
        grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
        shapely.prepare(flat)
        inside = grid[shapely.contains_xy(flat, grid[:, 0], grid[:, 1])]
        cells.append(inside if len(inside) else shapely.get_coordinates(flat.representative_point()))
    places = projected(crs, np.concatenate(cells), back=True)
    return np.split(places, np.cumsum([len(one) for one in cells])[:-1])
