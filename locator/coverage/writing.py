"""Results into files: CSV, XLSX, GeoJSON and GeoPackage, what each means written beside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from locator.coverage.about import Note
from locator.coverage.headings import cell, heading
from locator.coverage.result import STRAIGHT, Result, Table
from locator.datum import Datum
from locator.errors import InvalidValue
from locator.exchange.geojson import feature_text
from locator.exchange.sheets import Sheet
from locator.exchange.writing import FORMATS
from locator.translation import N_, Translator

__all__ = ["ENDINGS", "sheets_of", "table_as_json", "write_about", "write_results"]

ENDINGS = (".xlsx", ".gpkg", ".geojson", ".csv")
"""Formats that are written, by the ending of a file's name."""

_LONGEST_TITLE = 31  # of a sheet of a workbook
_TOGETHER = (".xlsx", ".gpkg")


def write_results(results: Sequence[Result], path: Path, translate: Translator) -> list[Path]:
    """Write results to a file, or to several that begin with its name; return them.

    A workbook has a sheet, a GeoPackage a layer for each table, and one more that says what the figures mean. CSV
    and GeoJSON have a file for each table, named after it; a table without geometries is CSV in both. What they
    mean stands in a CSV file of its own, in GeoJSON in the member `locator` too. Headings are in the translator's
    language, in GeoJSON the fields' own names. Each file is there whole or not at all.

    Raises
    ------
    InvalidValue
        There is no such format, or the folder is not there.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise InvalidValue(
            N_("is a format that cannot be written"), field="output", value=path.name,
            mend=N_("end the name with one of {endings}"), endings=" ".join(ENDINGS),
        )  # fmt: skip
    if not path.resolve().parent.is_dir():
        raise InvalidValue(
            N_("there is no such folder"), field="output", value=str(path), mend=N_("make the folder first")
        )
    if ending in _TOGETHER:
        FORMATS[ending](path, sheets_of(results, translate), Datum.WGS84, {})
        return [path]
    written = []
    for sheet, result in ((sheet, one) for one in results for sheet in _sheets(one, translate, several=True)):
        own = ending if sheet.is_drawn else ".csv"
        file = path.with_name(f"{path.stem}-{_short(sheet, results)}{own}")
        FORMATS[own](file, [sheet], Datum.WGS84, result.about.as_json(translate))
        written.append(file)
    if ending == ".csv" or any(file.suffix == ".csv" for file in written):
        written.append(write_about(results, path, translate))
    return written


def write_about(results: Sequence[Result], path: Path, translate: Translator) -> Path:
    """Write what results mean as CSV, to a file that begins with a name; return it."""
    file = path.with_name(f"{path.stem}-about.csv")
    FORMATS[".csv"](file, [_about_sheet(results, translate)], Datum.WGS84, {})
    return file


def sheets_of(results: Sequence[Result], translate: Translator, *, taken: Sequence[str] = ()) -> list[Sheet]:
    """Return a sheet for each table, and one more that says what the figures mean.

    Parameters
    ----------
    taken
        Titles that the workbook has already.
    """
    sheets = [sheet for result in results for sheet in _sheets(result, translate, several=len(results) > 1)]
    return _apart([*sheets, _about_sheet(results, translate)], taken)


def table_as_json(table: Table, translate: Translator) -> list[dict[str, Any]]:
    """Return the rows of a table as plain values by field, without geometries."""
    return [{field: _plain(value, translate) for field, value in row.items()} for row in table.rows()]


def _plain(value: Any, translate: Translator) -> Any:  # noqa: ANN401
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, bool) else cell(value, translate)


def _short(sheet: Sheet, results: Sequence[Result]) -> str:
    """Return what a file of one table adds to the name: the measure too where there are several."""
    name = sheet.layer if len(results) > 1 else sheet.layer.removeprefix(f"{results[0].measure}_")
    return name.replace("_", "-")


def _sheets(result: Result, translate: Translator, *, several: bool) -> Iterator[Sheet]:
    measure = result.about.title.text(translate)
    for table in result.tables:
        title = table.title.text(translate)
        if result.about.is_straight:
            # Whoever gets one table alone must know it too.
            labelled = dict(table.columns) | {"basis": [Note(STRAIGHT)] * len(table)}
            table = replace(table, columns=labelled)  # noqa: PLW2901
        yield _sheet(
            table,
            translate,
            layer=result.measure if table.name == result.measure else f"{result.measure}_{table.name}",
            title=f"{measure} {title}" if several and measure != title else title,
        )


def _sheet(table: Table, translate: Translator, *, layer: str, title: str) -> Sheet:
    columns = [[cell(value, translate) for value in values] for values in table.columns.values()]
    numbers = {
        field for field, values in table.columns.items() if all(_is_number(value) for value in values)
    }  # fmt: skip
    shapes = table.shapes if table.shapes is not None else [None] * len(table)
    rows = table_as_json(table, translate) if table.shapes is not None else []
    features = (
        feature_text(str(row.get("id") or row.get("rank") or number), shape, row)
        for number, (row, shape) in enumerate(zip(rows, table.shapes or (), strict=True), start=1)
    )
    return Sheet(
        layer=layer,
        title=title,
        headings={field: heading(field, translate) for field in table.columns},
        blocks=lambda: iter([columns]),
        features=features,
        shapes=shapes,
        numbers=frozenset(numbers),
        is_drawn=table.shapes is not None,
    )


def _is_number(value: Any) -> bool:  # noqa: ANN401
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))


def _apart(sheets: Sequence[Sheet], given: Sequence[str] = ()) -> list[Sheet]:
    """Return sheets with titles that a workbook takes: short, without some signs, no two alike."""
    taken = {title.casefold() for title in given}
    named = []
    for sheet in sheets:
        text = "".join(" " if char in "[]:*?/\\" else char for char in sheet.title)
        title, number = text[:_LONGEST_TITLE].strip(), 1
        while title.casefold() in taken:
            number += 1
            title = f"{text[: _LONGEST_TITLE - 3].strip()} {number}"
        taken.add(title.casefold())
        named.append(replace(sheet, title=title))
    return named


def _about_sheet(results: Sequence[Result], translate: Translator) -> Sheet:
    lines = [line for result in results for line in result.about.lines(translate)]
    labels, texts = ([line[place] for line in lines] for place in (0, 1))
    return Sheet(
        layer="about",
        title=translate(N_("Method")),
        headings={"label": translate(N_("What")), "text": translate(N_("Meaning"))},
        blocks=lambda: iter([[labels, texts]]),
        features=(),
        shapes=[None] * len(lines),
        numbers=frozenset(),
        is_drawn=False,
    )
