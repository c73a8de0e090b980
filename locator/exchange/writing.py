"""Sheets into files of each format; what is written reads back."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import NoneType
from typing import Any

from locator.datum import Datum
from locator.exchange.files import whole_file
from locator.exchange.geojson import geojson_lines
from locator.exchange.sheets import Sheet

__all__ = ["FORMATS", "SEVERAL", "fill_page"]

# What a spreadsheet takes for a formula when a cell begins with it; OWASP, "CSV Injection".
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
_CRS = {Datum.WGS84: "EPSG:4326", Datum.CGCS2000: "EPSG:4490"}


def _write_geojson(path: Path, sheets: Sequence[Sheet], _datum: Datum, about: Mapping[str, Any]) -> None:
    (sheet,) = sheets
    deleted = {"deleted": list(sheet.deleted)} if sheet.deleted else {}
    with whole_file(path) as unfinished, unfinished.open("w", encoding="utf-8") as file:
        file.writelines(geojson_lines(sheet.features, {**about, **deleted}))


def _write_csv(path: Path, sheets: Sequence[Sheet], _datum: Datum, _about: Mapping[str, Any]) -> None:
    (sheet,) = sheets
    # The mark at the beginning (utf-8-sig) tells spreadsheets that it is UTF-8.
    with whole_file(path) as unfinished, unfinished.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(sheet.headings.values())
        for columns in sheet.blocks():
            writer.writerows(zip(*map(_harmless, columns), strict=True))


def _write_xlsx(path: Path, sheets: Sequence[Sheet], _datum: Datum, _about: Mapping[str, Any]) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for sheet in sheets:
        fill_page(book.create_sheet(sheet.title), sheet)
    with whole_file(path) as unfinished:
        book.save(unfinished)


def fill_page(page: Any, sheet: Sheet) -> None:  # noqa: ANN401 - openpyxl has no types
    """Write a sheet into an empty page of a workbook of openpyxl."""
    from openpyxl.cell import WriteOnlyCell

    page.freeze_panes = "C2"
    page.append(list(sheet.headings.values()))
    for row in sheet.rows:
        cells = [WriteOnlyCell(page, value) for value in row]
        for cell in cells:
            if isinstance(cell.value, str):
                cell.data_type = "s"  # never a formula, whatever it begins with
            elif isinstance(cell.value, float):
                # openpyxl writes 16 digits of a number, and what is text as it is.
                cell.value, cell.data_type = repr(cell.value), "n"
        page.append(cells)


def _write_gpkg(path: Path, sheets: Sequence[Sheet], datum: Datum, _about: Mapping[str, Any]) -> None:
    with whole_file(path) as unfinished:
        for place, sheet in enumerate(sheets):
            frame = _frame(sheet, datum, numbers=sheet.numbers)
            _write_vector(frame, unfinished, layer=sheet.layer, driver="GPKG", append=place > 0)


def _write_kml(path: Path, sheets: Sequence[Sheet], datum: Datum, _about: Mapping[str, Any]) -> None:
    (sheet,) = sheets
    # GDAL writes 15 digits of a number into KML, and all of a text.
    frame = _frame(sheet, datum, numbers=())
    if "name" in sheet.headings:
        # What a map shows as a placemark's title has to be called Name.
        frame = frame.rename(columns={sheet.headings["name"]: "Name"})
    with whole_file(path) as unfinished:
        _write_vector(frame, unfinished, layer=sheet.layer, driver="LIBKML")


def _frame(sheet: Sheet, datum: Datum, *, numbers: Collection[str]) -> Any:  # noqa: ANN401 - geopandas loads slowly
    """Return a sheet as a GeoDataFrame, or a plain one; all columns text but those of numbers."""
    import geopandas
    import numpy as np
    import pandas

    parts: dict[str, list[Any]] = {name: [np.array([], dtype=object)] for name in sheet.headings}
    for block in sheet.blocks():
        for (name, arrays), values in zip(parts.items(), block, strict=True):
            plain = name in numbers or set(map(type, values)) <= {str, NoneType}
            as_text = values if plain else [None if value is None else str(value) for value in values]
            arrays.append(np.array(as_text, dtype=object))
    columns: dict[str, Any] = {}
    for name, heading in sheet.headings.items():
        column = np.concatenate(parts.pop(name))  # gone from here, for memory
        columns[heading] = pandas.to_numeric(column) if name in numbers else column
    table = pandas.DataFrame(columns, columns=list(sheet.headings.values()))
    if not sheet.is_drawn:
        return table
    return geopandas.GeoDataFrame(table, geometry=np.array(sheet.shapes, dtype=object), crs=_CRS.get(datum))


def _write_vector(frame: Any, path: Path, *, layer: str, driver: str, append: bool = False) -> None:  # noqa: ANN401
    import pyogrio

    with warnings.catch_warnings():
        # Amap's and Baidu's datums have no code: such a file states none, and one says its datum on the way in.
        warnings.filterwarnings("ignore", "'crs' was not provided", UserWarning)
        pyogrio.write_dataframe(frame, path, layer=layer, driver=driver, append=append)


FORMATS: dict[str, Callable[[Path, Sequence[Sheet], Datum, Mapping[str, Any]], None]] = {
    ".csv": _write_csv,
    ".xlsx": _write_xlsx,
    ".geojson": _write_geojson,
    ".json": _write_geojson,
    ".gpkg": _write_gpkg,
    ".kml": _write_kml,
}
"""Ending to what writes it: path, sheets, their datum, and what GeoJSON says of the whole."""

SEVERAL = frozenset({".xlsx", ".gpkg"})
"""Endings of the formats that hold several sheets; to the others one is given."""


def _harmless(column: Sequence[Any]) -> Sequence[Any]:
    """Return values that a spreadsheet shows and does not run: a quote before them, taken off on the way in."""
    if not any(column):
        return column
    return [
        (f"'{value}" if value.startswith(_FORMULA) else value)
        if value.__class__ is str
        else value.isoformat()
        if isinstance(value, date)
        else value
        for value in column
    ]
