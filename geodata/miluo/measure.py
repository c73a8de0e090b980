"""Print the figures that README.md gives, measured on the files beside this script."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import shapely
from opening_hours import OpeningHours
from pyproj import Geod
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

FOLDER = Path(__file__).parent
NIGHT = datetime(2026, 11, 4, 2)
GEOD = Geod(ellps="WGS84")


def figures() -> dict[str, str]:
    """Return each figure's name and value."""
    areas, streets, cells, stations, candidates = (
        _features(layer) for layer in ("communities", "streets", "residents", "stations", "candidates")
    )
    (_, town), *_ = _features("boundary")
    lone = {area["name"] for area, _ in areas} - {station["community"] for station, _ in stations}
    size = sum(path.stat().st_size for path in FOLDER.glob("*.geojson"))
    return {
        "area": f"{_km2(town):.2f} km²",
        "communities": f"{len(areas)}, {_range([_km2(g) for _, g in areas])} km²",
        "residents": f"{_sum(cells, 'residents'):,} in {len(cells)} cells",
        "outdoor workers": f"{_sum(cells, 'outdoor_workers'):,}",
        "night workers": f"{_sum(cells, 'night_workers'):,}",
        "streets": f"{len(streets)} segments, {_km([g for _, g in streets]):.1f} km",
        "main streets": f"{_km([g for p, g in streets if p['main']]):.1f} km, "
        f"{len({p['name'] for p, _ in streets if p['main']})} names",
        "bridges": f"{sum(p['bridge'] for p, _ in streets)}",
        "stations": f"{len(stations)}",
        "open at 02:00": f"{sum(_is_open(p) for p, _ in stations)}",
        "communities without a station": f"{len(lone)}",
        "hours unknown": f"{sum('opening_hours' not in p for p, _ in stations)}",
        "position last verified in 2023": f"{sum(_is_stale(p) for p, _ in stations)}",
        "candidate sites": f"{len(candidates)}",
        "size of the layers": f"{size / 1e6:.1f} MB",
    }


def _features(layer: str) -> list[tuple[dict[str, Any], BaseGeometry]]:
    collection = json.loads((FOLDER / f"{layer}.geojson").read_text("utf-8"))
    return [(feature["properties"], shape(feature["geometry"])) for feature in collection["features"]]


def _sum(cells: list[tuple[dict[str, Any], BaseGeometry]], name: str) -> int:
    return sum(properties[name] for properties, _ in cells)


def _km2(area: BaseGeometry) -> float:
    return abs(GEOD.geometry_area_perimeter(area)[0]) / 1e6


def _km(lines: list[BaseGeometry]) -> float:
    return GEOD.geometry_length(shapely.MultiLineString(lines)) / 1e3


def _range(values: list[float]) -> str:
    return f"{min(values):.2f} to {max(values):.2f}"


def _is_open(station: dict[str, Any]) -> bool:
    return "opening_hours" in station and OpeningHours(station["opening_hours"]).is_open(NIGHT)


def _is_stale(station: dict[str, Any]) -> bool:
    return station["provenance"]["location_verified"].startswith("2023")


if __name__ == "__main__":
    for name, value in figures().items():
        print(f"{name}: {value}")
