"""The town as drawn by hand: its boundary, river, railway and main streets, in metres around the centre.

Real: the names of the main streets and their relations (what crosses what, in which order). All else is made up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from plane import area_km2, between, curve, generator, inside, on_grid
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

__all__ = ["AREA_KM2", "Town", "draw_town"]

AREA_KM2 = 35.01
RIVER = [(-5000, 1450), (-4000, 1700), (-3200, 1950), (-2300, 2250), (-1400, 2310), (-500, 2250), (400, 2450),
         (1300, 2740), (2200, 2700), (3100, 2500), (4000, 2650), (5000, 2900)]  # fmt: skip
RIVER_HALF_WIDTH_M = 115
STREAM_HALF_WIDTH_M = 12
STREAM = [(2750, -3400), (2500, -2500), (2300, -2000), (1650, -1200), (1480, -300), (1690, 600), (1500, 1500),
          (1450, 2760)]  # fmt: skip
RAILWAY = [(-1700, 4300), (-1770, 2600), (-1800, 1300), (-1850, 250), (-1950, -1400), (-2150, -3000),
           (-2350, -4000)]  # fmt: skip
EDGE = [(2900, 2540), (2200, 2700), (1300, 2740), (400, 2450), (-250, 2330), (-420, 2720), (-800, 3130),
        (-1500, 3290), (-2250, 3160), (-2850, 2800), (-2980, 2350), (-3230, 1700), (-3050, 1050), (-3270, 300),
        (-3120, -500), (-3370, -1100), (-3150, -1800), (-2880, -2450), (-2050, -2850), (-1200, -2730),
        (-500, -3000), (300, -2880), (1200, -3060), (2000, -2900), (2680, -2930), (3000, -2300),
        (3230, -1600), (3040, -900), (3310, -200), (3150, 500), (3370, 1200), (3120, 1900)]  # fmt: skip

MAIN_STREETS = {
    "罗城路": [(-3900, -1150), (-3000, -1300), (-2000, -1490), (-700, -1450), (150, -1530), (1250, -1420),
               (2400, -1590), (3900, -1420)],
    "人民路": [(-3900, 60), (-2900, 130), (-1850, 250), (-700, 240), (180, 210), (1300, 330), (2500, 230),
               (3900, 330)],
    "汨罗江大道": [(-3900, 1280), (-3100, 1590), (-2300, 1880), (-1400, 1960), (-500, 1900), (380, 2060),
                   (1300, 2330), (2200, 2300), (3100, 2120), (3900, 2200)],
    "青春大道": [(-1500, -2330), (-700, -2390), (200, -2290), (1300, -2380), (2400, -2310), (3900, -2480)],
    "建设东路": [(-1400, 860), (-700, 900), (200, 860), (1300, 930), (2400, 860), (3900, 1010)],
    "荣家路": [(-1900, -300), (-900, -350), (100, -290), (900, -330), (1400, -270)],
    "小汨新路": [(-1300, -960), (-600, -870), (80, -910), (1000, -840), (2000, -880), (2500, -850)],
    "山水路": [(180, -1800), (80, -900), (120, -200), (190, 500), (230, 1200), (120, 2400)],
    "骆驼大道": [(1210, -1200), (1250, -1700), (1330, -2100), (1300, -2700)],
}  # fmt: skip
LINKS = {
    "station front": [(-1640, -1900), (-1640, -900), (-1560, 0), (-1600, 600)],
    "inner west": [(-1050, -2800), (-900, -1900), (-960, -900), (-860, -100), (-900, 900), (-1010, 2300)],
    "inner east": [(880, -1700), (980, -800), (960, 0), (1080, 900), (1010, 1600), (1120, 2600)],
    "outer east": [(2100, -2700), (2040, -1600), (2170, -800), (2080, 200), (2230, 1100), (2150, 2600)],
    "outer west": [(-2620, -2450), (-2560, -1500), (-2660, -600), (-2580, 300), (-2680, 1000), (-2600, 2100)],
    "old west road": [(-2000, 980), (-1400, 960), (-600, 840)],
    "upper bridge": [(-1200, 1600), (-1180, 2300), (-1240, 3100)],
    "lower bridge": [(-2450, 1500), (-2420, 2200), (-2470, 3100)],
    "north bank": [(-2800, 2560), (-2400, 2720), (-1800, 2690), (-1240, 2760), (-400, 2570)],
}


@dataclass(frozen=True, slots=True)
class Town:
    """The lines that everything else is fitted into; metres around the centre."""

    boundary: Polygon
    river: Polygon
    stream: Polygon
    railway: LineString
    centre_lines: dict[str, LineString]
    main_streets: dict[str, LineString]
    links: dict[str, LineString]

    @property
    def barriers(self) -> dict[str, BaseGeometry]:
        """What no minor street crosses: name to geometry."""
        return {"river": self.river, "stream": self.centre_lines["stream"], "railway": self.railway}


def draw_town() -> Town:
    """Draw the town's outline and what it was built around."""
    boundary = _boundary()
    river, stream, railway = curve(RIVER), curve(STREAM), curve(RAILWAY)
    main_streets = _main_streets(boundary)
    return Town(
        boundary=boundary,
        river=on_grid(river.buffer(RIVER_HALF_WIDTH_M)),
        stream=on_grid(stream.buffer(STREAM_HALF_WIDTH_M)),
        railway=railway,
        centre_lines={"river": river, "stream": stream},
        main_streets=main_streets,
        links=_links(boundary, main_streets),
    )


def _boundary() -> Polygon:
    """Move the southern edge until the area on the ellipsoid is the published one."""
    ring = curve([*EDGE, EDGE[0]], step_m=150)
    outline = np.array(ring.coords[:-1]) + generator(1).normal(0, 9, (len(ring.coords) - 1, 2))
    low, high = 0.8, 1.2
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if area_km2(_stretched(outline, middle)) < AREA_KM2 else (low, middle)
    return _stretched(outline, low)


def _stretched(outline: np.ndarray, factor: float) -> Polygon:
    south = np.minimum(outline[:, 1] + 1700, 0)
    return on_grid(Polygon(np.column_stack([outline[:, 0], outline[:, 1] + south * 2 * (factor - 1)])))


def _main_streets(boundary: Polygon) -> dict[str, LineString]:
    raw = {name: curve(points) for name, points in MAIN_STREETS.items()}
    link = {name: curve(points) for name, points in LINKS.items()}
    through = {name: inside(raw[name], boundary) for name in ("罗城路", "人民路", "汨罗江大道")}
    east = boundary.exterior
    return {
        **through,
        "青春大道": between(raw["青春大道"], link["inner west"], east),
        "建设东路": between(raw["建设东路"], link["inner west"], east),
        "荣家路": between(raw["荣家路"], link["station front"], link["inner east"]),
        "小汨新路": between(raw["小汨新路"], link["inner west"], link["outer east"]),
        "山水路": between(raw["山水路"], through["罗城路"], through["汨罗江大道"]),
        "骆驼大道": between(raw["骆驼大道"], through["罗城路"], raw["青春大道"]),
    }


def _links(boundary: Polygon, main: dict[str, LineString]) -> dict[str, LineString]:
    raw = {name: curve(points) for name, points in LINKS.items()}
    return {
        "station front": between(raw["station front"], main["罗城路"], main["人民路"]),
        "inner west": between(raw["inner west"], main["青春大道"], main["汨罗江大道"]),
        "inner east": between(raw["inner east"], main["罗城路"], main["汨罗江大道"]),
        "outer east": between(raw["outer east"], main["青春大道"], main["汨罗江大道"]),
        "outer west": between(inside(raw["outer west"], boundary), main["罗城路"], main["汨罗江大道"]),
        "old west road": between(raw["old west road"], curve(RAILWAY), raw["inner west"]),
        "upper bridge": between(raw["upper bridge"], main["汨罗江大道"], raw["north bank"]),
        "lower bridge": between(raw["lower bridge"], main["汨罗江大道"], raw["north bank"]),
        "north bank": inside(raw["north bank"], boundary),
    }
