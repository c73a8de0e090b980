"""A phone that reads a published site in cells: by the rule of static/js/cells.js, from the files alone."""

import gzip
import json
from datetime import datetime
from pathlib import Path

import numpy as np
import shapely

from locator.geodesy import distance_m, distances_m
from locator.publish.cell_index import read_boxes, read_keys
from locator.publish.cells import box_distance_m
from locator.query import MOST_TRAVEL_S, SPEEDS_M_PER_S

USABLE = ("open", "self_service")


def packed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 6, mtime=0))


class Phone:
    """Keeps nothing from one question to the next, as a phone that comes for the first time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "data"
        self.index = json.loads((self.folder / "cells.json").read_text())
        self.index_bytes = packed(self.folder / "cells.json")
        self.keys = read_keys(self.index)
        self.boxes = list(zip(read_boxes(self.index), self.keys, strict=True))
        self._cells: dict[str, tuple[dict, int]] = {}

    def cell(self, key: str) -> tuple[dict, int]:
        if key not in self._cells:
            path = self.folder / "cells" / f"{key}.json"
            self._cells[key] = read(json.loads(path.read_text())), packed(path)
        return self._cells[key]

    def nearest(
        self, lon: float, lat: float, at: datetime, *, limit: int = 20
    ) -> tuple[list[tuple[str, float]], int]:
        """Return ids and metres of the nearest usable on arrival on foot, and the bytes that were fetched for it."""
        order = sorted((box_distance_m(box, lon, lat), key) for box, key in self.boxes)
        found: list[tuple[int, float, str]] = []
        fetched = self.index_bytes
        for bound, key in order:
            best = sorted(found)[:limit]
            if len(best) == limit and best[-1][0] == 0 and best[-1][1] < bound:
                break
            cell, size = self.cell(key)
            fetched += size
            found += judged(cell, lon, lat, at)
        return [(code, metres) for _, metres, code in sorted(found)[:limit]], fetched


def read(document: dict) -> dict:
    columns = document["columns"]
    lon, lat = (np.cumsum(columns[name]["deltas"]) / columns[name]["scale"] for name in ("lon", "lat"))
    start = datetime.fromisoformat(document["start"]).timestamp() / 60
    status = columns["status"]
    return {
        "id": columns["id"], "lon": lon, "lat": lat, "start": start,
        "hours": [intervals_of(one, columns["hours"]["patterns"]) for one in columns["hours"]["values"]],
        "hours_row": columns["hours"]["rows"],
        "operates": [status["values"][row] == "operating" for row in status["rows"]],
        "shapes": {one["row"]: shapely.geometry.shape(one["geometry"]) for one in document["shapes"]},
    }  # fmt: skip


def intervals_of(hours: dict, patterns: list) -> list:
    return [
        (day * 1_440 + begin, day * 1_440 + end, state)
        for day, number in enumerate(hours["days"])
        for begin, end, state in patterns[number]
    ]


def judged(cell: dict, lon: float, lat: float, at: datetime) -> list[tuple[int, float, str]]:
    metres = distances_m(lon, lat, cell["lon"], cell["lat"])
    for row, shape in cell["shapes"].items():
        metres[row] = distance_m(lon, lat, shape)
    now = at.timestamp() / 60 - cell["start"]
    found = []
    for row, (code, far) in enumerate(zip(cell["id"], metres.tolist(), strict=True)):
        if cell["operates"][row]:
            arrives = now + min(far / SPEEDS_M_PER_S["walk"], MOST_TRAVEL_S) / 60
            found.append((rank(cell["hours"][cell["hours_row"][row]], arrives), far, code))
    return found


def rank(intervals: list, minute: float) -> int:
    state = next((state for start, end, state in intervals if start <= minute < end), "closed")
    return 0 if state in USABLE else 1 if state == "unknown" else 2
