"""A town of twelve streets, drawn in metres around its corner, and the other bank, which is apart.

 800   ┌───⑪ one-way ──►┐
       │                 ▼
 600   ┼────────┼────────┼─────────────────┼  ④
       │        │        │                 │
 400   ┼────────┼────────┼────────┬────────┼  ③
       │        │        │        ⑨ bridge │
 200   ┼────────┼────────┼────────┊────────┼──────── ⑩  ②
       │   ⑫ ╱  │        │        │        │
   0   ┼────────┼────────┼────────┴────────┼  ①
       0       200      400      600      800      1000
       ⑤        ⑥        ⑦                 ⑧
-300   ──────────── the other bank
"""

from __future__ import annotations

import numpy as np
import pyproj
import shapely

from locator.streets.lines import network_of_lines
from locator.streets.snapping import snap

CORNER = (113.07, 28.81)
_METRES = pyproj.Transformer.from_crs(
    f"+proj=aeqd +lon_0={CORNER[0]} +lat_0={CORNER[1]} +datum=WGS84", "EPSG:4326", always_xy=True
)
STREETS = {
    "①": [(0, 0), (800, 0)],
    "②": [(0, 200), (800, 200)],
    "③": [(0, 400), (800, 400)],
    "④": [(0, 600), (800, 600)],
    "⑤": [(0, 0), (0, 600)],
    "⑥": [(200, 0), (200, 600)],
    "⑦": [(400, 0), (400, 600)],
    "⑧": [(800, 0), (800, 600)],
    "⑨": [(600, 0), (600, 400)],
    "⑩": [(800, 200), (1000, 200)],
    "⑪": [(0, 600), (0, 800), (400, 800), (400, 600)],
    "⑫": [(0, 0), (200, 200)],
    "the other bank": [(0, -300), (300, -300)],
}
LENGTH_M = 4 * 800 + 4 * 600 + 400 + 200 + 800 + 200 * 2**0.5
EDGES, NODES = 30, 19  # the other bank apart


def lonlat(places):
    """Return places in metres as lon and lat."""
    x, y = np.asarray(places, dtype=float).T
    return np.column_stack(_METRES.transform(x, y))


def line(places):
    return shapely.LineString(lonlat(places))


def town(order=None, *, oneway=True):
    """Return the network of the town, its streets in any order."""
    names = list(STREETS) if order is None else [list(STREETS)[row] for row in order]
    return network_of_lines(
        [line(STREETS[name]) for name in names],
        names=names,
        levels=[int(name == "⑨") for name in names],
        oneway=[int(name == "⑪" and oneway) for name in names],
    )


def at(network, *places, **options):
    """Snap places in metres."""
    return snap(network, *lonlat(places).T, **options)
