"""The index of the cells, which every phone fetches first: short, for there are more than a thousand of them.

Columns take a third of what rows would. Of the keys each tells how many of its first digits are those of the one
before, and the rest; a box around a cell's stations is told in parts of the cell itself, a sign for each of its
sides; what reaches beyond its cell, such as a wide park, has its box in degrees. `static/js/cells.js` reads it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from locator.publish.cells import Box, Cell, bounds_of, box_of
from locator.snapshot import Snapshot

__all__ = ["LAYOUT", "PARTS", "cell_index", "read_boxes", "read_keys"]

LAYOUT = 2
"""Number of the layout; another one will have another number."""

PARTS = 32
"""Parts of a cell's side in which boxes are told."""

_SIGNS = "0123456789abcdefghijklmnopqrstuvw"


def cell_index(snapshot: Snapshot, cells: Sequence[tuple[Cell, str]]) -> dict[str, Any]:
    """Return the index of cells, each with the digest of its file, in the order of their keys."""
    keys = [cell.key for cell, _ in cells]
    boxes = [box_of(snapshot, cell.rows) for cell, _ in cells]
    sides = [_sides(key, box) for key, box in zip(keys, boxes, strict=True)]
    return {
        "layout": LAYOUT,
        "revision": snapshot.revision,
        "count": sum(len(cell.rows) for cell, _ in cells),
        "keys": " ".join(_shortened(keys)),
        "digests": "".join(digest for _, digest in cells),
        "hundreds": [-(-cell.packed_bytes // 100) for cell, _ in cells],
        "boxes": "".join(told or "0000" for told in sides),
        "wide": {str(place): boxes[place] for place, told in enumerate(sides) if told is None},
    }


def read_keys(index: dict[str, Any]) -> list[str]:
    """Return the keys of an index."""
    keys: list[str] = []
    for told in index["keys"].split(" "):
        keys.append((keys[-1] if keys else "")[: int(told[0], 36)] + told[1:])
    return keys


def read_boxes(index: dict[str, Any]) -> list[Box]:
    """Return the boxes of an index: west, south, east and north in degrees; no station lies outside."""
    found = []
    for place, key in enumerate(read_keys(index)):
        west, south, east, north = bounds_of(key)
        part_x, part_y = (east - west) / PARTS, (north - south) / PARTS
        left, low, right, high = (int(sign, 36) for sign in index["boxes"][4 * place : 4 * place + 4])
        within = (west + left * part_x, south + low * part_y, east - right * part_x, north - high * part_y)
        found.append(tuple(index["wide"].get(str(place), within)))
    return found


def _shortened(keys: Iterable[str]) -> Iterable[str]:
    for before, key in pairwise(["", *keys]):
        same = next((at for at, (one, other) in enumerate(zip(before, key, strict=False)) if one != other), 0)
        yield _SIGNS[same] + key[same:]


def _sides(key: str, box: Box) -> str | None:
    """Return how far each side of a box lies inside its cell, in parts of it; None: it reaches beyond."""
    west, south, east, north = bounds_of(key)
    part_x, part_y = (east - west) / PARTS, (north - south) / PARTS
    inside = (
        (box[0] - west) / part_x, (box[1] - south) / part_y, (east - box[2]) / part_x, (north - box[3]) / part_y,
    )  # fmt: skip
    if min(inside) < 0:
        return None
    return "".join(_SIGNS[min(PARTS, math.floor(side))] for side in inside)
