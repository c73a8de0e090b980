"""The network of an OpenStreetMap extract: its ways by the rules of `osm_ways`, kept by content in a folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from locator.errors import InvalidValue
from locator.exchange.osm_places import OSM_SOURCE, is_osm, osm_background
from locator.exchange.osm_ways import TABLE, Mode, directions, passes
from locator.exchange.raw import RawFile, RawRow
from locator.exchange.reading import Limits, read_file
from locator.streets.graph import Network, Paths, network_of_paths
from locator.streets.keeping import kept, load_network, load_shapes, save_network, save_shapes
from locator.translation import N_

__all__ = ["background_of_extract", "network_of_extract"]


def network_of_extract(
    path: Path,
    mode: Mode = Mode.WALK,
    *,
    cache: Path | None = None,
    limits: Limits = Limits(),  # noqa: B008
) -> Network:
    """Read the streets of an OpenStreetMap extract that somebody on foot or on an e-bike may use.

    Ways meet where they share a node, so that bridges and tunnels pass. At a barrier that lets nobody through
    they end. Ways that are drawn as areas are used along their edge. Ferries are left out.

    Parameters
    ----------
    path
        .osm, .osm.gz, .osm.bz2 or .osm.pbf; read by a process apart (`locator.exchange.reading`).
    cache
        A folder where the network is kept and found again by the content of file and rules; None: nowhere.

    Raises
    ------
    InvalidValue
        The file is none, cannot be read, or has no street for this mode.
    """
    if not is_osm(path):
        raise InvalidValue(
            N_("is no OpenStreetMap extract"),
            field="file",
            value=path.name,
            mend=N_("give .osm, .osm.gz, .osm.bz2 or .osm.pbf"),
        )
    where = None if cache is None else kept(cache, _content(path), TABLE.read_bytes(), mode.value.encode())
    known = None if where is None else load_network(where)
    if known is not None:
        return known
    file = read_file(path, layer="network", limits=limits)
    about = {"source": OSM_SOURCE, "mode": mode.value, "incomplete": str(file.incomplete)} | _state(file)
    network = network_of_paths(_paths(file, mode), shut=_shut(file, mode), about=about)
    if where is not None:
        save_network(network, where)
    return network


def background_of_extract(
    path: Path,
    *,
    cache: Path | None = None,
    limits: Limits = Limits(),  # noqa: B008
) -> list[tuple[dict[str, str], BaseGeometry]]:
    """Read the water and the railways of an OpenStreetMap extract: what streets cross on bridges only.

    Rivers, canals and lakes, multipolygons too; railways on the ground. What lies in a tunnel is left out, and
    so is what the extract has but in parts.

    Returns
    -------
    Of each its `kind` (water, railway) and `name`, and its geometry, WGS84.

    Raises
    ------
    InvalidValue
        The file cannot be read.
    """
    where = None if cache is None else kept(cache, _content(path), b"background")
    known = None if where is None else load_shapes(where)
    if known is not None:
        return known
    found = []
    for raw in read_file(path, layer="background", limits=limits).rows:
        record = osm_background(raw)
        if record is not None:
            found.append((record, _drawn(raw.geometry)))
    usable = [(record, shape) for record, shape in found if shape is not None]
    if where is not None:
        save_shapes([record for record, _ in usable], [shape for _, shape in usable], where)
    return usable


def _drawn(geometry: Any) -> BaseGeometry | None:  # noqa: ANN401 - as the reading process has it
    """Return a shape; None where it cannot be asked what crosses it."""
    shape = shapely.geometry.shape(geometry)
    return shape if shape.is_valid and not shape.is_empty else None


def _state(file: RawFile) -> dict[str, str]:
    """Return the day of the map that an extract has, and whether its header says so; empty: nobody knows."""
    said = file.about or {}
    return {name: str(said[name]) for name in ("as_of", "as_of_from") if said.get(name)}


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return b""  # whoever reads it says what is wrong


def _paths(file: RawFile, mode: Mode) -> Paths:
    keys: list[int] = []
    places: list[list[float]] = []
    sizes, ways, codes, names = [], [], [], []
    for raw, tags in _tagged(file, "way/"):
        way = directions(tags, mode)
        if not any(way):
            continue
        geometry: Any = raw.geometry
        nodes = raw.values["nodes"]
        if len(nodes) != len(geometry["coordinates"]):
            continue
        keys += nodes
        places += geometry["coordinates"]
        sizes.append(len(nodes))
        ways.append(way)
        codes.append(int(str(raw.id)[4:]))
        names.append(" ".join((tags.get("name:zh") or tags.get("name") or "").split()))
    may = np.array(ways, dtype=bool).reshape(-1, 2)
    return Paths(
        keys=np.array(keys, dtype=np.int64),
        vertices=np.array(places, dtype=np.float64).reshape(-1, 2),
        offsets=np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]),
        forward=may[:, 0],
        backward=may[:, 1],
        codes=np.array(codes, dtype=np.int64),
        names=names,
    )


def _shut(file: RawFile, mode: Mode) -> Any:  # noqa: ANN401
    shut = [int(str(raw.id)[5:]) for raw, tags in _tagged(file, "node/") if not passes(tags, mode)]
    return np.array(shut, dtype=np.int64)


def _tagged(file: RawFile, kind: str) -> Iterator[tuple[RawRow, dict[str, str]]]:
    for raw in file.rows:
        tags = raw.values.get("tags")
        if str(raw.id).startswith(kind) and isinstance(tags, dict):
            yield raw, tags
