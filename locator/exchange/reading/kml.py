"""KML: placemarks with their names, extended data and folders.

Read here and not through GDAL: its LIBKML driver turns Chinese names of `Data` into underscores, its KML driver
leaves extended data out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from locator.exchange.reading.archive import feed_xml, open_archive, unpack
from locator.exchange.reading.limits import Refusal, refused
from locator.exchange.reading.stream import Writer

__all__ = ["read_kml", "read_kmz"]

_DEPTH = 64
_TEXTS = frozenset({"name", "description", "address", "phoneNumber"})
_FOLDERS = frozenset({"Folder", "Document"})
_SHAPES = frozenset({"Point", "LineString", "LinearRing", "Polygon", "MultiGeometry"})
_OTHERS = frozenset({"Model", "Track", "MultiTrack"})
_MULTI = {"Point": "MultiPoint", "LineString": "MultiLineString", "Polygon": "MultiPolygon"}
_COMMA = re.compile(r"\s*,\s*")


def read_kmz(path: Path, writer: Writer, layer: str | None) -> None:
    """Read the first KML file of a KMZ archive."""
    limits = writer.limits
    with open_archive(path, limits, limits.members) as archive:
        inner = next((i for i in archive.infolist() if i.filename.lower().endswith(".kml")), None)
        if inner is None:
            raise refused(Refusal.NO_KML, missing=".kml")
        target = path.with_name("unpacked.kml")
        unpack(archive, inner, target)
    read_kml(target, writer, layer)


def read_kml(path: Path, writer: Writer, layer: str | None) -> None:
    """Read the placemarks of all folders, or of those folders that are called `layer`."""
    reader = _Reader(writer, layer)
    with path.open("rb") as file:
        feed_xml(file, start=reader.start, end=reader.end, text=reader.text)
    if layer is not None and not reader.found:
        raise refused(Refusal.NO_LAYER, layer=layer, layers=", ".join(reader.layers)[:300])
    writer.end()


class _Reader:
    """Parser's callbacks: what is open, and the placemark so far."""

    def __init__(self, writer: Writer, layer: str | None) -> None:
        self.layers: dict[str, None] = {}
        self.found = False
        self._writer = writer
        self._layer = layer
        self._open: list[str] = []
        self._folders: list[str] = []
        self._values: dict[str, str] | None = None
        self._key = ""
        self._text: list[str] = []
        self._left = 0
        self._shapes: list[tuple[str, list[Any]]] = []
        self._geometry: object = None
        self._number = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._open and name != "kml":
            raise refused(Refusal.CONTENT, found=f"<{name[:50]}>")
        self._open.append(name)
        if len(self._open) > _DEPTH:
            raise refused(Refusal.DEPTH, limit=_DEPTH)
        limits = self._writer.limits
        self._text, self._left = [], limits.cell_characters
        if name in _FOLDERS:
            self._folders.append("")
        elif name == "Placemark":
            self._values, self._geometry, self._shapes = {}, None, []
            self._number += 1
        elif name == "SimpleField":
            self._writer.column(attributes.get("name", ""))
        elif self._values is None:
            return
        elif name in ("Data", "SimpleData"):
            self._key = attributes.get("name", "")
        elif name in _OTHERS:
            self._finish({"type": name})
        elif name in _SHAPES and not self._in_polygon():
            self._shapes.append((name, []))
        elif name == "coordinates":
            self._left = 100 * limits.vertices

    def text(self, text: str) -> None:
        self._left -= len(text)
        if self._left >= 0:
            self._text.append(text)

    def end(self, name: str) -> None:
        self._open.pop()
        inside = self._open[-1] if self._open else ""
        if name in _FOLDERS:
            self._folders.pop()
        elif name == "name" and inside == "Folder":
            self._folders[-1] = self._whole(name)
            self.layers[self._folders[-1]] = None
        if self._values is None:
            return
        if name in _TEXTS and inside == "Placemark":
            self._values[name] = self._whole(name)
        elif name == "SimpleData" or (name == "value" and inside == "Data"):
            self._values[self._key] = self._whole(self._key)
        elif name == "coordinates" and self._shapes:
            self._coordinates()
        elif self._shapes and name == self._shapes[-1][0]:
            self._finish(_shape(*self._shapes.pop()))
        elif name == "Placemark":
            self._placemark()

    def _placemark(self) -> None:
        folders = [folder for folder in self._folders if folder]
        values, self._values = self._values or {}, None
        if self._layer is not None and self._layer not in folders:
            return
        self.found = True
        if folders:
            values.setdefault("folder", " / ".join(folders))
        self._writer.feature(self._number, values, self._geometry)

    def _in_polygon(self) -> bool:
        return bool(self._shapes) and self._shapes[-1][0] == "Polygon"

    def _whole(self, heading: str) -> str:
        limit = self._writer.limits.cell_characters
        if self._left < 0:
            raise refused(Refusal.CELL, number=self._number, limit=limit, column=heading[:100])
        return "".join(self._text).strip()

    def _coordinates(self) -> None:
        if self._left < 0:
            raise refused(Refusal.VERTICES, number=self._number, limit=self._writer.limits.vertices)
        positions = _positions("".join(self._text))
        parts = self._shapes[-1][1]
        # The shell comes first in GeoJSON, and almost always in KML.
        parts.insert(0 if "outerBoundaryIs" in self._open else len(parts), positions)

    def _finish(self, geometry: dict[str, Any]) -> None:
        if self._shapes:
            self._shapes[-1][1].append(geometry)
        else:
            self._geometry = geometry


def _positions(text: str) -> list[list[Any]]:
    return [[_number(part) for part in place.split(",")[:2]] for place in _COMMA.sub(",", text).split()]


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _shape(kind: str, parts: Sequence[Any]) -> dict[str, Any]:
    """Return what was read of a geometry as GeoJSON; what is missing is missing there too."""
    if kind == "Polygon":
        return {"type": kind, "coordinates": list(parts)}
    if kind != "MultiGeometry":
        positions = parts[0] if parts else []
        if kind == "Point":
            return {"type": kind, "coordinates": positions[0] if len(positions) == 1 else positions}
        return {"type": "LineString", "coordinates": positions}
    if len(parts) == 1:
        return dict(parts[0])
    kinds = {part["type"] for part in parts}
    if len(kinds) == 1 and kinds <= _MULTI.keys():
        return {"type": _MULTI[kinds.pop()], "coordinates": [part["coordinates"] for part in parts]}
    return {"type": "GeometryCollection", "geometries": list(parts)}
