"""A folder of layers that belong together, such as geodata/miluo, into a store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from shapely.geometry.base import BaseGeometry

from locator.errors import ImportRefused, InvalidValue, LocatorError
from locator.exchange.importing import import_stations
from locator.exchange.places import read_places
from locator.exchange.reading import read_file
from locator.exchange.report import Report
from locator.hours import time_zone
from locator.place import PLACES
from locator.record import place_to_record
from locator.store import Store, open_store
from locator.translation import N_
from locator.validity import read_geometry

__all__ = ["load_dataset"]

_DESCRIPTION = "dataset.json"
_BACKGROUND = ("water", "railway", "boundary")
_META = ("name", "adcode", "timezone", "country", "illustrative", "source", "date", "licence")


def load_dataset(store: Store, folder: Path, *, at: datetime) -> Report:
    """Load every layer that a folder's `dataset.json` names and return the report on its stations.

    Everything is read and checked before the first of it is written.

    Raises
    ------
    InvalidValue
        The folder has no readable `dataset.json`, or a layer is not what it should be.
    ImportRefused
        A station or place is refused; nothing is written.
    """
    description = _description(folder)
    files = {name: _file(folder, file) for name, file in description["layers"].items()}
    stations = files.pop("stations")
    layers = {name: _places(file, name) for name, file in files.items()}
    layers["background"] = layers.get("background", []) + [
        (record | {"id": f"{name}-{record['id']}", "kind": name}, shape)
        for name in _BACKGROUND
        for record, shape in layers.pop(name, [])
    ]
    meta = {name: description.get(name) for name in _META}
    if meta["timezone"] is not None:
        time_zone(str(meta["timezone"]))
    # What a store refuses, this one refuses first.
    with open_store(":memory:", create=True) as rehearsal:
        _write(rehearsal, stations, layers, meta, at)
    return _write(store, stations, layers, meta, at)


def _write(
    store: Store,
    stations: Path,
    layers: Mapping[str, list[tuple[dict[str, Any], BaseGeometry]]],
    meta: Mapping[str, Any],
    at: datetime,
) -> Report:
    report = import_stations(store, stations, at=at)
    if report.refused:
        row = report.refused[0]
        raise _refusal(stations, row.number, row.error)
    for name, places in layers.items():
        store.replace_places(name, places, at=at, note=f"load {name}")
    store.set_meta(meta, at=at, note="load description")
    return report


def _refusal(path: Path, row: int, cause: LocatorError | None) -> ImportRefused:
    return ImportRefused(
        N_("row {row} is refused: {cause}"),
        field=path.name,
        row=row,
        cause=cause,
        mend=N_("mend the file and load it again"),
    )


def _description(folder: Path) -> dict[str, Any]:
    try:
        description = json.loads((folder / _DESCRIPTION).read_text(encoding="utf-8"))
        if isinstance(description["layers"]["stations"], str):
            return dict(description)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass
    raise InvalidValue(
        N_("has no dataset.json that names its layers"),
        field="dataset",
        value=str(folder),
        mend=N_("give a folder like geodata/miluo"),
    )


def _file(folder: Path, name: object) -> Path:
    """Return a layer's file; a name that leads out of the folder is not taken."""
    path = folder / name if isinstance(name, str) and "\0" not in name else folder
    if not (path.is_file() and path.resolve().is_relative_to(folder.resolve())):
        raise InvalidValue(N_("there is no such file"), field="dataset", value=name, mend=N_("check the name"))
    return path


def _places(path: Path, layer: str) -> list[tuple[dict[str, Any], BaseGeometry]]:
    """Return a layer's places, each checked as what it is: nothing half-read comes into the store."""
    return _typed(path, layer) if layer in PLACES else _drawn(path)


def _typed(path: Path, layer: str) -> list[tuple[dict[str, Any], BaseGeometry]]:
    places = []
    for row in read_places(path, layer):
        if row.place is None:
            raise _refusal(path, row.number, row.error)
        places.append((place_to_record(row.place), row.place.geometry))
    return places


def _drawn(path: Path) -> list[tuple[dict[str, Any], BaseGeometry]]:
    """Return what maps draw beneath: any geometry with any properties."""
    places = []
    for row in read_file(path).rows:
        try:
            geometry = read_geometry(row.geometry)
        except LocatorError as error:
            raise _refusal(path, row.number, error) from error
        places.append(({**row.values, "id": str(row.values.get("id") or row.id or row.number)}, geometry))
    return places
