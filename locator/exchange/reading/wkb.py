"""Well-known binary from outside, as GeoJSON objects: counted before it is read, never handed to GEOS."""

from __future__ import annotations

import struct
from typing import Any

__all__ = ["BadGeometry", "geojson_of"]

_NAMES = {
    1: "Point", 2: "LineString", 3: "Polygon",
    4: "MultiPoint", 5: "MultiLineString", 6: "MultiPolygon", 7: "GeometryCollection",
}  # fmt: skip


class BadGeometry(ValueError):
    """The bytes are no geometry of a kind that is read."""


def geojson_of(data: bytes, *, depth: int) -> dict[str, Any]:
    """Return WKB (ISO or extended) as a GeoJSON geometry object, in two dimensions, unchecked beyond its form.

    Numbers that are not finite stay as they are, an empty point has no coordinates.

    Parameters
    ----------
    depth
        How deep geometries may lie in each other, and so how deep this recurses.

    Raises
    ------
    BadGeometry
        The bytes end early or late, are nested deeper, or hold a curve or another rare type.
    """
    geometry, end = _geometry(data, 0, depth)
    if end != len(data):
        raise BadGeometry("bytes left over")
    return geometry


def _geometry(data: bytes, at: int, depth: int) -> tuple[dict[str, Any], int]:
    if depth <= 0:
        raise BadGeometry("nested too deep")
    if at + 5 > len(data) or data[at] > 1:
        raise BadGeometry("no geometry where one should be")
    order = "<" if data[at] else ">"
    (code,) = struct.unpack_from(order + "I", data, at + 1)
    at += 5
    thousands, base = divmod(code & 0x0FFFFFFF, 1000)
    if base not in _NAMES or thousands > 3:
        raise BadGeometry(f"type {code}")
    # Extended WKB marks Z, M and an identifier by bits, ISO marks Z, M and ZM by thousands.
    numbers = 2 + (1 if code & 0x80000000 else 0) + (1 if code & 0x40000000 else 0) + (0, 1, 1, 2)[thousands]
    at += 4 if code & 0x20000000 else 0
    if base == 1:
        positions, at = _positions(data, at, order, numbers, 1)
        empty = positions[0][0] != positions[0][0] and positions[0][1] != positions[0][1]
        return {"type": "Point", "coordinates": [] if empty else positions[0]}, at
    count, at = _count(data, at, order)
    if base == 2:
        line, at = _positions(data, at, order, numbers, count)
        return {"type": "LineString", "coordinates": line}, at
    members: list[Any] = []
    for _ in range(count):  # each takes at least four bytes, so that the data bound the count
        if base == 3:
            points, at = _count(data, at, order)
            ring, at = _positions(data, at, order, numbers, points)
            members.append(ring)
            continue
        member, at = _geometry(data, at, depth - 1)
        if base < 7 and member["type"] != _NAMES[base - 3]:
            raise BadGeometry(f"{member['type']} in {_NAMES[base]}")
        members.append(member if base == 7 else member["coordinates"])
    return {"type": _NAMES[base], "geometries" if base == 7 else "coordinates": members}, at


def _count(data: bytes, at: int, order: str) -> tuple[int, int]:
    if at + 4 > len(data):
        raise BadGeometry("ends early")
    return struct.unpack_from(order + "I", data, at)[0], at + 4


def _positions(data: bytes, at: int, order: str, numbers: int, count: int) -> tuple[list[list[float]], int]:
    end = at + 8 * numbers * count
    if end > len(data):
        raise BadGeometry("ends early")
    values = struct.unpack_from(f"{order}{numbers * count}d", data, at)
    return [[values[i], values[i + 1]] for i in range(0, len(values), numbers)], end
