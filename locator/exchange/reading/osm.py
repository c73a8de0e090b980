"""OpenStreetMap extracts (XML, plain or packed, and PBF): one layer of places, with the tags as values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import osmium
from osmium.osm import NODE, WAY, Area, Node, Relation, Way

from locator.exchange.reading.stream import Writer

__all__ = ["read_osm"]

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
# How extracts say the state of the map that they have: the planet's own files and their updates, others.
_HEADER = ("osmosis_replication_timestamp", "timestamp")
_NO_DAY = 1990  # objects without a time stamp are said to be of 1970

# What an object has to have a tag of; which of these it is, is decided by all its tags, elsewhere.
_KEYS: Mapping[str, tuple[str, ...]] = {
    "streets": ("highway",),
    "network": ("highway", "barrier"),
    "areas": ("boundary", "place"),
    "candidates": ("amenity", "office"),
    "background": ("natural", "waterway", "railway"),
    "stations": ("name", "name:zh"),
}


def read_osm(path: Path, writer: Writer, kind: str, layer: str | None) -> None:
    """Write the objects of a layer: lines for streets, polygons for areas, points and polygons for the rest.

    The network is the lines of streets with the identifiers of their nodes, in `nodes` beside `tags`, and the
    points of barriers. What is left of a way whose nodes are not all there comes in pieces of one identifier.
    The background is lines and polygons of water and railways. What the file says of itself is `as_of`, the day
    of the map that it has, and `as_of_from`: its header, or the newest of the objects that were looked for.

    Parameters
    ----------
    kind
        The format: osm, osm.gz, osm.bz2, osm.pbf.
    layer
        streets, network, areas, candidates, background or stations, as when None.
    """
    layer = layer or "stations"
    file = osmium.io.File(str(path), kind)
    state = _State(file)
    if layer == "network":
        _write_network(file, writer, state)
        return
    missing = 0
    for number, (code, tags, geometry) in enumerate(_objects(file, layer, state), start=1):
        if geometry is None:
            missing += 1
        else:
            # One value: a city has thousands of keys, which are no columns.
            writer.feature(number, {"tags": tags}, geometry, code)
    writer.end(crs="EPSG:4326", about=state.told(), incomplete=missing)


class _State:
    """The day of the map that an extract has: as its header says, else that of the newest object that is seen."""

    def __init__(self, file: osmium.io.File) -> None:
        reader = osmium.io.Reader(file)
        header = reader.header()
        said = [header.get(name)[:10] for name in _HEADER]
        reader.close()
        self._header = next((day for day in said if _DAY.fullmatch(day)), "")
        self._newest: datetime | None = None

    def saw(self, found: object) -> None:
        """Take note of an object, if it has a day of its own."""
        if not self._header and isinstance(found, Node | Way | Relation):
            self._newest = max(found.timestamp, self._newest or found.timestamp)

    def told(self) -> dict[str, str] | None:
        """Return day and where it is from; None: nothing says it."""
        if self._header:
            return {"as_of": self._header, "as_of_from": "header"}
        if self._newest is None or self._newest.year < _NO_DAY:
            return None
        return {"as_of": self._newest.date().isoformat(), "as_of_from": "newest"}


def _objects(
    file: osmium.io.File, layer: str, state: _State
) -> Iterator[tuple[str, dict[str, str], dict[str, Any] | None]]:
    keys = osmium.filter.KeyFilter(*_KEYS.get(layer, ()))
    if layer == "streets":
        for way in osmium.FileProcessor(file).with_locations().with_filter(_only(WAY)).with_filter(keys):
            if isinstance(way, Way):
                state.saw(way)
                yield f"way/{way.id}", dict(way.tags), _line(way)
        return
    pending: dict[str, None] = {}
    for found in osmium.FileProcessor(file).with_areas(keys).with_filter(keys):
        state.saw(found)
        if isinstance(found, Area):
            code = f"{'way' if found.from_way() else 'relation'}/{found.orig_id()}"
            pending.pop(code, None)
            yield code, dict(found.tags), _polygons(found)
        elif isinstance(found, Node):
            if layer not in ("areas", "background"):
                yield f"node/{found.id}", dict(found.tags), _point(found)
        elif _is_area(found):
            # Its area comes later in the file, or never, if a part of it is missing.
            pending[f"{'way' if isinstance(found, Way) else 'relation'}/{found.id}"] = None
        elif layer == "background" and isinstance(found, Way):
            yield f"way/{found.id}", dict(found.tags), _line(found)
    for code in pending:
        yield code, {}, None


def _write_network(file: osmium.io.File, writer: Writer, state: _State) -> None:
    incomplete = number = 0
    wanted = osmium.filter.KeyFilter(*_KEYS["network"])
    for found in osmium.FileProcessor(file).with_locations().with_filter(_only(NODE | WAY)).with_filter(wanted):
        state.saw(found)
        if isinstance(found, Node):
            number += 1
            writer.feature(number, {"tags": dict(found.tags)}, _point(found), f"node/{found.id}")
        elif isinstance(found, Way) and "highway" in found.tags:
            tags = dict(found.tags)
            pieces, whole = _pieces(found)
            incomplete += not whole
            for nodes, places in pieces:
                number += 1
                line = {"type": "LineString", "coordinates": places}
                writer.feature(number, {"tags": tags, "nodes": nodes}, line, f"way/{found.id}")
    writer.end(crs="EPSG:4326", about=state.told(), incomplete=incomplete)


def _pieces(way: Way) -> tuple[list[tuple[list[int], list[tuple[float, float]]]], bool]:
    """Return the runs of nodes that have a place, and whether all have one."""
    pieces: list[tuple[list[int], list[tuple[float, float]]]] = []
    known = False
    for node in way.nodes:
        if not node.location.valid():
            known = False
            continue
        if not known:
            pieces.append(([], []))
        known = True
        pieces[-1][0].append(node.ref)
        pieces[-1][1].append((node.location.lon, node.location.lat))
    whole = sum(len(nodes) for nodes, _ in pieces) == len(way.nodes)
    return [piece for piece in pieces if len(piece[0]) > 1], whole


def _only(entity: Any) -> osmium.filter.EntityFilter:  # noqa: ANN401 - a set of bits that has no type
    return osmium.filter.EntityFilter(entity)


def _is_area(found: object) -> bool:
    """Whether an object is drawn as an area: a closed way, a multipolygon or a boundary."""
    if isinstance(found, Way):
        return len(found.nodes) > 3 and found.is_closed()
    return isinstance(found, Relation) and found.tags.get("type") in ("multipolygon", "boundary")


def _point(node: Node) -> dict[str, Any] | None:
    if not node.location.valid():
        return None
    return {"type": "Point", "coordinates": [node.location.lon, node.location.lat]}


def _line(way: Way) -> dict[str, Any] | None:
    places = [(node.location.lon, node.location.lat) for node in way.nodes if node.location.valid()]
    if len(places) < 2 or len(places) < len(way.nodes):
        return None
    return {"type": "LineString", "coordinates": places}


def _polygons(area: Area) -> dict[str, Any] | None:
    polygons = [
        [_ring(outer), *(_ring(inner) for inner in area.inner_rings(outer))] for outer in area.outer_rings()
    ]
    if not polygons:
        return None
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": polygons}


def _ring(ring: Any) -> list[tuple[float, float]]:  # noqa: ANN401 - outer or inner
    return [(node.location.lon, node.location.lat) for node in ring]
