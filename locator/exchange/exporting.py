"""Data out: stations and places into CSV, XLSX, GeoJSON, GeoPackage and KML, in any datum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from locator.datum import Datum, convert_geometries
from locator.errors import InvalidValue
from locator.exchange.sheets import Sheet, place_sheet, station_sheet
from locator.exchange.writing import FORMATS, SEVERAL
from locator.garbage import uncollected
from locator.place import PLACES
from locator.store import Store
from locator.translation import N_, Translator

__all__ = ["LAYERS", "Written", "export_data"]

LAYERS = ("stations", *PLACES)
"""What can be written, in this order."""


@dataclass(frozen=True, slots=True)
class Written:
    """What an export wrote."""

    counts: dict[str, int]
    deleted: int
    revision: int

    @property
    def stations(self) -> int:
        """How many stations."""
        return self.counts.get("stations", 0)


@uncollected()
def export_data(
    store: Store,
    path: Path,
    translate: Translator,
    *,
    layer: str | None = None,
    datum: Datum = Datum.WGS84,
    updated_since: int | None = None,
) -> Written:
    """Write the data of a store to a file, whose ending says the format; it is there whole or not at all.

    Parameters
    ----------
    layer
        One of `LAYERS`; None: every layer that has anything, where the format holds several (a workbook, a
        GeoPackage), else the stations.
    datum
        What the coordinates of the file mean. The original coordinates are written as they were given.
    updated_since
        Only the stations that changed after this revision; codes that were deleted since are written too.

    Raises
    ------
    InvalidValue
        There is no such format or layer, or the folder is not there.
    """
    _check(path, layer, updated_since)
    revision = store.revision
    sheets = []
    for name in _layers(store, path, layer, updated_since):
        if name == "stations":
            sheets.append(_stations(store, translate, datum, updated_since))
        else:
            places = store.layer(name)
            shapes = convert_geometries([place.geometry for place in places], Datum.WGS84, datum)
            sheets.append(place_sheet(name, list(zip(places, shapes, strict=True)), translate))
    kind = "station-records" if sheets[0].layer == "stations" else "place-records"
    about = {"format": kind, "datum": str(datum), "revision": revision} | store.meta()
    FORMATS[path.suffix.lower()](path, sheets, datum, about)
    counts = {sheet.layer: len(sheet.shapes) - len(sheet.deleted) for sheet in sheets}
    return Written(counts, sum(len(sheet.deleted) for sheet in sheets), revision)


def _check(path: Path, layer: str | None, updated_since: int | None) -> None:
    if path.suffix.lower() not in FORMATS:
        raise InvalidValue(
            N_("is a format that cannot be written"),
            field="file",
            value=path.name,
            mend=N_("end the name with one of {endings}"),
            endings=" ".join(FORMATS),
        )
    if not path.resolve().parent.is_dir():
        raise InvalidValue(
            N_("there is no such folder"), field="file", value=str(path), mend=N_("make the folder first")
        )
    if layer is not None and layer not in LAYERS:
        raise InvalidValue(
            N_("is not one of {choices}"), field="layer", value=layer, choices=", ".join(LAYERS),
            mend=N_("choose one of them"),
        )  # fmt: skip
    if layer in PLACES and updated_since is not None:
        raise InvalidValue(
            N_("has no changes by revision, only stations have"),
            field="layer",
            value=layer,
            mend=N_("write the whole layer, without --updated-since"),
        )


def _layers(store: Store, path: Path, layer: str | None, updated_since: int | None) -> Sequence[str]:
    if layer is not None:
        return (layer,)
    if path.suffix.lower() not in SEVERAL or updated_since is not None:
        return ("stations",)
    return ("stations", *(name for name in PLACES if store.places(name)))


def _stations(store: Store, translate: Translator, datum: Datum, updated_since: int | None) -> Sheet:
    kept = store.stations() if updated_since is None else store.changes(updated_since)
    there = [(k.record, k.geometry) for k in kept if k.record is not None and k.geometry is not None]
    shapes = convert_geometries([geometry for _, geometry in there], Datum.WGS84, datum)
    deleted = [k for k in kept if k.record is None]
    return station_sheet([record for record, _ in there], shapes, deleted, translate)
