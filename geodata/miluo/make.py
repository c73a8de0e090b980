"""Make the illustrative pilot dataset: a schematic Miluo, the same bytes each time.

    python geodata/miluo/make.py [FOLDER]

Real are the names of communities and main streets, how those streets meet, and the sums (communities, residents,
area, stations); README.md lists them. Everything else is made up here.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import shapely
from people import COMMUNITIES, Cell, draw_communities, settle
from plane import to_wgs84
from services import place_candidates, place_stations
from shapely import Polygon
from shapely.geometry.base import BaseGeometry
from streets import Plan, plan_streets
from town import Town, draw_town

DATE = "2026-11-01"
LICENCE = "CC0-1.0"
SOURCE = "illustrative"
NOTE = (
    "示意数据：位置、开放时间和设施均由 make.py 生成，只有社区和主要街道的名称是真实的。 / "
    "Illustrative: positions, hours and facilities are made up by make.py; "
    "only names of communities and main streets are real."
)
LAYERS = {
    "stations": "stations.geojson",
    "areas": "communities.geojson",
    "streets": "streets.geojson",
    "demand": "residents.geojson",
    "candidates": "candidates.geojson",
    "boundary": "boundary.geojson",
    "water": "water.geojson",
    "railway": "railway.geojson",
}

Feature = tuple[BaseGeometry, dict[str, Any]]


def make(folder: Path) -> None:
    """Write every layer and dataset.json into a folder that exists."""
    town = draw_town()
    plan = plan_streets(town)
    communities = draw_communities(town, plan)
    cells = settle(town, plan, communities)
    layers = {
        "stations": place_stations(plan.segments, communities),
        "areas": _areas(communities, cells),
        "streets": _streets(plan),
        "demand": _demand(cells),
        "candidates": place_candidates(plan.segments, communities),
        "boundary": _boundary(communities),
        "water": _water(town, plan),
        "railway": [(town.railway, {"id": "miluo-rail", "name": None, "kind": "railway", "source": SOURCE})],
    }
    for layer, features in layers.items():
        _write(folder / LAYERS[layer], _collection(layer, features))
    _write(folder / "dataset.json", json.dumps(_dataset(), ensure_ascii=False, indent=2) + "\n")


def _areas(communities: dict[str, Polygon], cells: list[Cell]) -> Iterable[Feature]:
    for number, name in enumerate(COMMUNITIES, 1):
        yield (
            communities[name],
            {
                "id": f"miluo-c{number:02d}",
                "name": f"{name}社区",
                "kind": "community",
                "valid_from": "2024-01-11",
                "residents": sum(cell.residents for cell in cells if cell.community == name),
                "source": SOURCE,
            },
        )


def _streets(plan: Plan) -> Iterable[Feature]:
    order = sorted(plan.segments, key=lambda s: (s.kind, s.name or "", s.line.normalize().coords[:]))
    for number, segment in enumerate(order, 1):
        yield (
            segment.line.normalize(),
            {
                "id": f"miluo-s{number:04d}",
                "name": segment.name,
                "class": segment.kind,
                "main": segment.kind == "main",
                "must_cover": segment.kind == "main",
                "bridge": segment.crosses is not None,
                "crosses": segment.crosses,
                "source": SOURCE,
            },
        )


def _demand(cells: list[Cell]) -> Iterable[Feature]:
    for number, cell in enumerate(cells, 1):
        yield (
            cell.area,
            {
                "id": f"miluo-r{number:04d}",
                "community": f"{cell.community}社区",
                "residents": cell.residents,
                "outdoor_workers": cell.outdoor_workers,
                "night_workers": cell.night_workers,
                "source": SOURCE,
            },
        )


def _boundary(communities: dict[str, Polygon]) -> Iterable[Feature]:
    outline = shapely.coverage_union_all(list(communities.values()))
    yield outline, {"id": "miluo-town", "name": "汨罗城区（示意）", "kind": "urban_core", "source": SOURCE}


def _water(town: Town, plan: Plan) -> Iterable[Feature]:
    yield town.river, {"id": "miluo-w1", "name": "汨罗江", "kind": "river", "source": SOURCE}
    yield town.stream, {"id": "miluo-w2", "name": None, "kind": "stream", "source": SOURCE}
    for number, pond in enumerate(plan.ponds, 3):
        yield pond, {"id": f"miluo-w{number}", "name": None, "kind": "pond", "source": SOURCE}


def _dataset() -> dict[str, Any]:
    return {
        "name": {"zh": "汨罗（示意数据）", "en": "Miluo (illustrative)"},
        "adcode": "430681",
        "timezone": "Asia/Shanghai",
        "country": "CN",
        "datum": "wgs84",
        "illustrative": True,
        "source": SOURCE,
        "date": DATE,
        "licence": LICENCE,
        "note": NOTE,
        "layers": LAYERS,
    }


def _collection(layer: str, features: Iterable[Feature]) -> str:
    """Return a FeatureCollection with one feature a line."""
    about = {"source": SOURCE, "date": DATE, "licence": LICENCE, "note": NOTE}
    lines = [_line({"type": "Feature", "id": what["id"], "properties": what, "geometry": _geojson(geometry)})
             for geometry, what in features]  # fmt: skip
    head = f'{{"type": "FeatureCollection", "name": "{layer}",\n"locator": {_line(about)},\n"features": [\n'
    return head + ",\n".join(lines) + "\n]}\n"


_line: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False).encode


def _geojson(geometry: BaseGeometry) -> dict[str, Any]:
    """Return the GeoJSON of a geometry drawn in metres; outer rings run counter-clockwise (RFC 7946)."""
    wgs84 = to_wgs84(geometry)
    if wgs84.geom_type == "Polygon":
        wgs84 = shapely.orient_polygons(wgs84.normalize())
    return shapely.geometry.mapping(wgs84)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    make(target)
