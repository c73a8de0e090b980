"""A folder of layers that belong together, such as geodata/miluo, into a store."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from shapely.geometry.base import BaseGeometry

from locator.errors import ImportRefused, InvalidValue, LocatorError
from locator.exchange.importing import import_stations
from locator.exchange.report import Report
from locator.exchange.vectors import read_geojson
from locator.place import Area, Street
from locator.record import area_from_record, street_from_record
from locator.store import Store
from locator.translation import N_
from locator.validity import read_geometry

__all__ = ["load_dataset"]

_DESCRIPTION = "dataset.json"
_BACKGROUND = ("water", "railway", "boundary")
_META = ("name", "adcode", "timezone", "country", "illustrative", "source", "date", "licence")


def load_dataset(store: Store, folder: Path, *, at: datetime) -> Report:
    """Load every layer that a folder's `dataset.json` names and return the report on its stations.

    Raises
    ------
    InvalidValue
        The folder has no readable `dataset.json`, or a layer is not what it should be.
    ImportRefused
        A station is refused; no station is written.
    """
    description = _description(folder)
    layers = dict(description["layers"])
    report = import_stations(store, folder / layers.pop("stations"), at=at)
    if report.refused:
        row = report.refused[0]
        raise ImportRefused(
            N_("row {row} is refused: {cause}"),
            field=report.file,
            row=row.number,
            cause=row.error,
            mend=N_("mend the file and load it again"),
        )
    background = []
    for name, file in layers.items():
        places = _places(folder / file, name)
        if name in _BACKGROUND:
            background += [
                (record | {"id": f"{name}-{record['id']}", "kind": name}, shape) for record, shape in places
            ]
        else:
            store.replace_places(name, places, at=at, note=f"load {file}")
    store.replace_places("background", background, at=at, note="load background")
    store.set_meta({name: description.get(name) for name in _META}, at=at, note=f"load {folder.name}")
    return report


def _description(folder: Path) -> dict[str, Any]:
    try:
        description = json.loads((folder / _DESCRIPTION).read_text(encoding="utf-8"))
        if isinstance(description["layers"]["stations"], str):
            return dict(description)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise InvalidValue(
        N_("has no dataset.json that names its layers"),
        field="dataset",
        value=str(folder),
        mend=N_("give a folder like geodata/miluo"),
    )


def _places(path: Path, layer: str) -> list[tuple[dict[str, Any], BaseGeometry]]:
    """Return a layer's places, each checked as what it is: nothing half-read comes into the store."""
    checks: dict[str, Callable[[dict[str, Any], BaseGeometry], Area | Street]] = {
        "areas": area_from_record,
        "streets": street_from_record,
    }
    places = []
    for feature in read_geojson(path).features:
        record = feature.properties | {"id": str(feature.properties.get("id") or feature.id or feature.number)}
        try:
            geometry = read_geometry(feature.geometry)
            if layer in checks:
                geometry = checks[layer](record, geometry).geometry
        except LocatorError as error:
            raise ImportRefused(
                N_("row {row} is refused: {cause}"),
                field=path.name,
                row=feature.number,
                cause=error,
                mend=N_("mend the file and load it again"),
            ) from error
        places.append((record, geometry))
    return places
