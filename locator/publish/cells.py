"""The stations of a large site in cells, so that a phone fetches those around it: a quadtree over the globe.

A cell that is too large for one file is cut into its four quarters; so a change of the data changes the cells it
is in, and no others. The index tells of each cell the box around its stations. A phone fetches cells by how near
their boxes are, until the last station that it wants is nearer than every box that is left: nothing there can be
nearer.
`static/js/cells.js` is the phone's side of this.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from locator.snapshot import Snapshot
from locator.web.answers import compressed

__all__ = ["Box", "Cell", "bounds_of", "box_distance_m", "box_of", "cut", "named", "quarters"]

Rows = npt.NDArray[np.intp]
Box = tuple[float, float, float, float]
"""West, south, east and north in degrees."""

_WORLD = (-180.0, -90.0, 180.0, 90.0)
_DEEPEST = 24  # quarters of two metres; what stands closer together stays together
_FEWEST_CUT_UNSEEN = 700  # more stations than that hardly ever fit a file of some kilobytes
_LEAST_RADIUS_M = 6_335_439.0


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its quarters' digits from the whole world on, the rows in it, and its file's content."""

    key: str
    rows: Rows
    content: bytes
    packed_bytes: int

    @property
    def digest(self) -> str:
        """What tells this content from any other of the same cell."""
        return hashlib.sha256(self.content).hexdigest()[:6]


def quarters(snapshot: Snapshot, key: str, rows: Rows) -> list[tuple[str, Rows]]:
    """Return the quarters of a cell that have stations: south-west, south-east, north-west, north-east."""
    west, south, east, north = bounds_of(key)
    is_east = snapshot.lons[rows] >= (west + east) / 2
    is_north = snapshot.lats[rows] >= (south + north) / 2
    found = [(key + str(digit), rows[is_east + 2 * is_north == digit]) for digit in range(4)]
    return [(quarter, inside) for quarter, inside in found if len(inside)]


def cut(
    snapshot: Snapshot, key: str, rows: Rows, write: Callable[[Rows], bytes], *, most_bytes: int
) -> Iterator[Cell]:
    """Cut a cell until every file that `write` makes takes at most `most_bytes`, compressed by gzip.

    In the order of the keys; stations within two metres of each other stay together whatever they take.
    """
    if len(rows) <= _FEWEST_CUT_UNSEEN or len(key) >= _DEEPEST:
        content = write(rows)
        packed = len(compressed(content, "gzip"))
        if packed <= most_bytes or len(rows) == 1 or len(key) >= _DEEPEST:
            yield Cell(key, rows, content, packed)
            return
    for quarter, inside in quarters(snapshot, key, rows):
        yield from cut(snapshot, quarter, inside, write, most_bytes=most_bytes)


def box_of(snapshot: Snapshot, rows: Rows) -> Box:
    """Return the box around some stations, all of a park or a yard within it."""
    bounds = snapshot.index.bounds[rows]
    low, high = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def box_distance_m(box: Box, lon: float, lat: float) -> float:
    """Return metres that no place in a box is nearer than, on the WGS84 ellipsoid; 0 inside.

    Along any way over the ellipsoid a radian of a sphere with the same latitudes is at least a(1 - e^2) metres
    long, the meridian's radius of curvature at the equator, so the shortest way over that sphere is never longer
    than the geodesic, and about 1 % shorter at most. On a sphere the nearest place of a box lies on the asker's
    own meridian where the box has it, else on the nearer of its sides.
    """
    west, south, east, north = box
    if (lon - west) % 360 <= east - west:
        return _LEAST_RADIUS_M * math.radians(max(0.0, south - lat, lat - north))
    side = math.radians(min(abs((lon - edge + 180) % 360 - 180) for edge in (west, east)))
    start, low, high = (math.radians(degrees) for degrees in (lat, south, north))
    best = math.atan2(math.sin(start), math.cos(start) * math.cos(side))
    return _LEAST_RADIUS_M * min(
        _angle(start, end, side) for end in ((best,) if low <= best <= high else (low, high))
    )


def named(cells: list[tuple[str, Rows]], groups: dict[str, list[int]]) -> dict[str, list[int]]:
    """Return for each group of rows the places of the cells in which it has any, most first."""
    cell_of = {row: place for place, (_, rows) in enumerate(cells) for row in rows.tolist()}
    found: dict[str, list[int]] = {}
    for name, rows in groups.items():
        counts: dict[int, int] = {}
        for row in rows:
            counts[cell_of[row]] = counts.get(cell_of[row], 0) + 1
        found[name] = sorted(counts, key=lambda place: (-counts[place], place))
    return found


def _angle(lat1: float, lat2: float, turn: float) -> float:
    """Return the angle between two places on a sphere, all in radians; by haversines, exact where it is small."""
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(turn / 2) ** 2
    return 2 * math.asin(min(1.0, math.sqrt(half)))


def bounds_of(key: str) -> Box:
    """Return where a cell lies, exactly."""
    west, south, east, north = _WORLD
    for digit in map(int, key):
        middle_lon, middle_lat = (west + east) / 2, (south + north) / 2
        west, east = (middle_lon, east) if digit & 1 else (west, middle_lon)
        south, north = (middle_lat, north) if digit & 2 else (south, middle_lat)
    return west, south, east, north
