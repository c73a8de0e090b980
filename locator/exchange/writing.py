"""Stations out: CSV, XLSX, GeoJSON, GeoPackage and KML, in any datum; what is written reads back."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from shapely.geometry.base import BaseGeometry

from locator.datum import Datum, convert_geometries
from locator.errors import InvalidValue
from locator.exchange.files import whole_file
from locator.exchange.flat import COLUMNS, flat_row, in_order
from locator.exchange.garbage import uncollected
from locator.exchange.geojson import feature_of, geojson_lines
from locator.station import Station
from locator.store import Kept, Store
from locator.translation import N_, Translator

__all__ = ["FORMATS", "Written", "export_stations"]

# What a spreadsheet takes for a formula when a cell begins with it; OWASP, "CSV Injection".
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
_CRS = {Datum.WGS84: "EPSG:4326", Datum.CGCS2000: "EPSG:4490"}


@dataclass(frozen=True, slots=True)
class Written:
    """What an export wrote."""

    stations: int
    deleted: int
    revision: int


@dataclass(frozen=True, slots=True)
class _Content:
    """What is to be written: stations with their geometry in the datum asked for, and codes that are gone."""

    stations: Sequence[tuple[Station, BaseGeometry]]
    deleted: Sequence[Kept]
    about: Mapping[str, Any]
    datum: Datum


@uncollected()
def export_stations(
    store: Store,
    path: Path,
    translate: Translator,
    *,
    datum: Datum = Datum.WGS84,
    updated_since: int | None = None,
) -> Written:
    """Write the stations of a store to a file, whose ending says the format; it is there whole or not at all.

    Parameters
    ----------
    datum
        What the coordinates of the file mean. The original coordinates are written as they were given.
    updated_since
        Only what changed after this revision; codes that were deleted since are written too.

    Raises
    ------
    InvalidValue
        There is no such format, or the folder is not there.
    """
    write = FORMATS.get(path.suffix.lower())
    if write is None:
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
    revision = store.revision
    kept = store.stations() if updated_since is None else store.changes(updated_since)
    there = [k.station for k in kept if k.station]
    shapes = convert_geometries([station.geometry for station in there], Datum.WGS84, datum)
    stations = list(zip(there, shapes, strict=True))
    deleted = [k for k in kept if k.station is None]
    about = {"format": "station-records", "datum": str(datum), "revision": revision} | store.meta()
    write(path, _Content(stations, deleted, about, datum), translate)
    return Written(len(stations), len(deleted), revision)


# -- one format each


def _write_geojson(path: Path, content: _Content, translate: Translator) -> None:
    features = (feature_of(station, geometry) for station, geometry in content.stations)
    about = dict(content.about) | ({"deleted": [k.id for k in content.deleted]} if content.deleted else {})
    with whole_file(path) as unfinished, unfinished.open("w", encoding="utf-8") as file:
        file.writelines(geojson_lines(features, about))


def _write_csv(path: Path, content: _Content, translate: Translator) -> None:
    # The mark at the beginning (utf-8-sig) tells spreadsheets that it is UTF-8.
    with whole_file(path) as unfinished, unfinished.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_headings(content, translate))
        for row in _rows(content, translate):
            writer.writerow([value if value is None else _harmless(value) for value in row])


def _write_xlsx(path: Path, content: _Content, translate: Translator) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet(translate("Stations"))
    sheet.freeze_panes = "C2"
    sheet.append(_headings(content, translate))
    for row in _rows(content, translate):
        cells = [WriteOnlyCell(sheet, value) for value in row]
        for cell in cells:
            if isinstance(cell.value, str):
                cell.data_type = "s"  # never a formula, whatever it begins with
            elif isinstance(cell.value, float):
                # openpyxl writes 16 digits of a number, and what is text as it is.
                cell.value, cell.data_type = repr(cell.value), "n"
        sheet.append(cells)
    with whole_file(path) as unfinished:
        book.save(unfinished)


def _write_vector(path: Path, content: _Content, translate: Translator, *, driver: str) -> None:
    import geopandas
    import pandas
    import pyogrio

    headings = _headings(content, translate)
    table = pandas.DataFrame(list(_rows(content, translate)), columns=headings, dtype=object)
    # GDAL writes 15 digits of a number into KML.
    numbers = () if driver == "LIBKML" else ("capacity", "area_m2", "lon", "lat")
    for column, heading in zip(COLUMNS, headings, strict=False):
        if column.field in numbers:
            table[heading] = pandas.to_numeric(table[heading])
        else:
            table[heading] = [None if v is None else str(v) for v in table[heading]]
    shapes: list[Any] = [*(shape for _, shape in content.stations), *([None] * len(content.deleted))]
    frame = geopandas.GeoDataFrame(table, geometry=shapes, crs=_CRS.get(content.datum))
    if driver == "LIBKML":
        # What a map shows as a placemark's title has to be called Name.
        title = next(h for column, h in zip(COLUMNS, headings, strict=False) if column.field == "name")
        frame = frame.rename(columns={title: "Name"})
    with whole_file(path) as unfinished, warnings.catch_warnings():
        # Amap's and Baidu's datums have no code: such a file states none, and says its datum on the way in.
        warnings.filterwarnings("ignore", "'crs' was not provided", UserWarning)
        pyogrio.write_dataframe(frame, unfinished, layer="stations", driver=driver)


def _write_gpkg(path: Path, content: _Content, translate: Translator) -> None:
    _write_vector(path, content, translate, driver="GPKG")


def _write_kml(path: Path, content: _Content, translate: Translator) -> None:
    _write_vector(path, content, translate, driver="LIBKML")


FORMATS: dict[str, Callable[[Path, _Content, Translator], None]] = {
    ".csv": _write_csv,
    ".xlsx": _write_xlsx,
    ".geojson": _write_geojson,
    ".json": _write_geojson,
    ".gpkg": _write_gpkg,
    ".kml": _write_kml,
}


# -- rows


def _headings(content: _Content, translate: Translator) -> list[str]:
    deleted = [translate("Deleted at")] if content.deleted else []
    return [translate(column.heading) for column in COLUMNS] + deleted


def _rows(content: _Content, translate: Translator) -> Iterator[list[Any]]:
    padding = [None] if content.deleted else []
    for station, geometry in content.stations:
        yield [*in_order(flat_row(station, geometry, translate)), *padding]
    for kept in content.deleted:
        yield [kept.id] + [None] * (len(COLUMNS) - 1) + [kept.recorded_at.isoformat()]


def _harmless(value: object) -> object:
    """Return a value that a spreadsheet shows and does not run: a quote before it, taken off on the way in."""
    if value.__class__ is str:
        return f"'{value}" if value.startswith(_FORMULA) else value
    return value.isoformat() if isinstance(value, date) else value
