"""Who lives and works where: 22 communities that share their borders, and cells with residents and workers.

Real: the communities' names, the day of the list, and the sum of residents. Borders and densities are made up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from plane import GRID_M, generator, on_grid
from shapely import LineString, Point, Polygon
from streets import Plan
from town import Town

__all__ = ["COMMUNITIES", "RESIDENTS", "Cell", "draw_communities", "settle"]

RESIDENTS = 107_000
OUTDOOR_WORKERS = 6_400
NIGHT_WORKERS = 900
CELL_M = 200

COMMUNITIES = {
    "广场": (-180, 500), "高泉": (-900, 350), "归义": (560, 560), "汨新": (480, -640), "荣家坪": (-200, -60),
    "大路铺": (1050, -1300), "罗城": (-400, -1150), "车站": (-1350, -450), "上马": (-1150, -2050),
    "龙舟": (250, 1400), "友谊河": (1150, -80), "高塘": (250, -2150), "山塘": (2100, -2250), "茶园": (2450, -1000),
    "老街": (-800, 1300), "百丈口": (-2550, -2000), "石桥坝": (-2650, -550), "窑洲": (-1600, 2850),
    "双塘": (2450, 350), "南江": (2150, 1600), "航运": (-1450, 1500), "新港": (-2550, 950),
}  # fmt: skip
_QUARTERS = [(0, 200, 1.0, 1050), (-1350, -250, 0.35, 450), (1650, 500, 0.25, 550), (900, -1300, 0.22, 500),
             (-800, 1250, 0.3, 500), (-2500, 600, 0.12, 450), (0, -2100, 0.08, 600)]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """A square of 200 m, cut at the town's boundary, and the people in it."""

    area: Polygon
    community: str
    residents: int
    outdoor_workers: int
    night_workers: int


def draw_communities(town: Town, plan: Plan) -> dict[str, Polygon]:
    """Share the blocks out to the nearest community centre on the same side of river and railway."""
    divides = shapely.union_all([town.centre_lines["river"], town.railway])
    shares: dict[str, list[Polygon]] = {name: [] for name in COMMUNITIES}
    for block in plan.blocks:
        shares[_nearest_centre(block.representative_point(), divides)].append(block)
    areas = {name: shapely.coverage_union_all(blocks) for name, blocks in shares.items()}
    return _in_one_piece(areas)


def _nearest_centre(place: Point, divides: shapely.MultiLineString) -> str:
    def cost(name: str) -> float:
        way = LineString([place, COMMUNITIES[name]])
        return way.length + 3000 * divides.intersects(way)

    return min(COMMUNITIES, key=cost)


def _in_one_piece(areas: dict[str, Polygon]) -> dict[str, Polygon]:
    """Give stray parts of a community to the neighbour with the longest common border."""
    main = {name: max(shapely.get_parts(area), key=lambda part: part.area) for name, area in areas.items()}
    stray = [part for name, area in areas.items() for part in shapely.get_parts(area) if part is not main[name]]
    stray = [part for part in stray if not any(part.equals(area) for area in main.values())]
    for part in stray:
        borders = {name: part.intersection(area, grid_size=GRID_M).length for name, area in main.items()}
        heir = max(borders, key=lambda name: borders[name])
        main[heir] = shapely.coverage_union_all([main[heir], part])
    return main


def settle(town: Town, plan: Plan, communities: dict[str, Polygon]) -> list[Cell]:
    """Spread residents and workers over the cells, so that each kind adds up to its sum."""
    rng = generator(3)
    water = shapely.union_all([town.river, town.stream, *plan.ponds])
    main = shapely.union_all([segment.line for segment in plan.segments if segment.kind == "main"])
    areas = _squares(town.boundary)
    dry = np.array([shapely.difference(area, water).area / CELL_M**2 for area in areas])
    middle = np.array([area.centroid.coords[0] for area in areas])
    homes = dry * _density(middle) * rng.lognormal(0, 0.35, len(areas))
    busy = 1 + 2.5 * np.array([main.distance(area.centroid) < 150 for area in areas])
    counts = np.column_stack(
        [
            _shared_out(homes, RESIDENTS),
            _shared_out(np.sqrt(homes) * busy * dry, OUTDOOR_WORKERS),
            _shared_out(homes * busy**2, NIGHT_WORKERS),
        ]
    ).tolist()
    cells = [Cell(area, _owner(area, communities), *n) for area, n in zip(areas, counts, strict=True)]
    return [cell for cell in cells if cell.residents or cell.outdoor_workers]


def _squares(boundary: Polygon) -> list[Polygon]:
    west, south, east, north = (round(bound / CELL_M) for bound in boundary.bounds)
    grid = [shapely.box(x, y, x + CELL_M, y + CELL_M)
            for y in range((south - 1) * CELL_M, (north + 1) * CELL_M, CELL_M)
            for x in range((west - 1) * CELL_M, (east + 1) * CELL_M, CELL_M)]  # fmt: skip
    parts = [on_grid(part) for cell in grid for part in shapely.get_parts(cell.intersection(boundary))]
    return [part for part in parts if part.area > 0.08 * CELL_M**2]


def _density(middle: np.ndarray) -> np.ndarray:
    """Return people per area, relative: a dense centre, a few quarters, a thin rest."""
    total = np.full(len(middle), 0.03)
    for x, y, height, spread_m in _QUARTERS:
        total += height * np.exp(-(np.hypot(middle[:, 0] - x, middle[:, 1] - y) ** 2) / (2 * spread_m**2))
    return total


def _shared_out(weights: np.ndarray, total: int) -> np.ndarray:
    """Round shares of a total to whole numbers that still add up to it (largest remainder)."""
    shares = weights / weights.sum() * total
    counts = np.floor(shares).astype(int)
    left = np.argsort(counts - shares, kind="stable")[: total - counts.sum()]
    counts[left] += 1
    return counts


def _owner(area: Polygon, communities: dict[str, Polygon]) -> str:
    return max(communities, key=lambda name: communities[name].intersection(area).area)
