"""A file of stations into the store: every row read and checked, then all of them written or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from locator.datum import Datum, convert_geometry
from locator.errors import InvalidValue, LocatorError
from locator.exchange.cells import Cells, point_of, station_of
from locator.exchange.columns import Columns, find_columns
from locator.exchange.report import Outcome, Report, Row
from locator.exchange.tables import read_csv
from locator.exchange.vectors import Feature, read_geojson
from locator.record import station_from_record
from locator.station import GEOMETRY_KINDS, Station
from locator.store import Store
from locator.translation import N_
from locator.validity import read_geometry

__all__ = ["import_stations"]

_TABLES = frozenset({".csv", ".tsv", ".txt"})
_GEOJSON = frozenset({".geojson", ".json"})

_Kept = Mapping[str, Station]


@dataclass(frozen=True, slots=True)
class _Reading:
    """A station as a row says it, in the file's datum, and what of the row could not be understood."""

    station: Station
    warnings: tuple[LocatorError, ...] = ()


@dataclass(frozen=True, slots=True)
class _SourceRow:
    """One row before it is read: what to call it in the report, and how to read it."""

    number: int
    name: str
    read: Callable[[_Kept], _Reading]


@dataclass(frozen=True, slots=True)
class _SourceFile:
    """A file's rows, and what each of its columns is taken for."""

    rows: Iterable[_SourceRow]
    columns: Columns
    datum: Datum


def import_stations(
    store: Store,
    path: Path,
    *,
    at: datetime,
    datum: Datum | None = None,
    source: str = "",
    dry_run: bool = False,
) -> Report:
    """Import a CSV or GeoJSON file of stations: all of it, or nothing if a row is refused.

    A row without a code gets one made from its name and address, so that the same file twice changes
    nothing. Of a station that is kept, a table changes the fields that it speaks of; a file that
    this package wrote replaces the whole record.

    Parameters
    ----------
    at
        The moment of the import, with a time zone.
    datum
        What the file's coordinates mean. A table must say; GeoJSON is WGS84 unless told otherwise.
    source
        Name of the source; empty: the file's name.
    dry_run
        Check and report only.

    Raises
    ------
    InvalidValue
        The file as a whole cannot be read, or its datum is not named.
    """
    if not path.is_file():
        raise InvalidValue(N_("there is no such file"), field="file", value=str(path), mend=N_("check the name"))
    source = source or path.name
    file = _open(path, datum, source)
    kept = {k.id: k.station for k in store.stations() if k.station}
    rows, stations = _checked(file, kept)
    refused = any(row.outcome is Outcome.REFUSED for row in rows)
    if not refused and not dry_run:
        store.write([(station, None) for station in stations], at=at, note=f"import {source}")
    return Report(
        file=path.name,
        datum=str(file.datum),
        rows=tuple(rows),
        written=not refused and not dry_run,
        columns=file.columns.fields | file.columns.facilities,
        unused_columns=file.columns.others,
    )


def _open(path: Path, datum: Datum | None, source: str) -> _SourceFile:
    suffix = path.suffix.lower()
    if suffix in _TABLES:
        if datum is None:
            raise InvalidValue(
                N_("is not named, and a table cannot say it"),
                field="datum",
                mend=N_("add --datum wgs84, gcj02 (Amap, Tencent), bd09 (Baidu) or cgcs2000 (survey)"),
            )
        return _table(path, datum, source)
    if suffix in _GEOJSON:
        return _features(path, datum or Datum.WGS84, source)
    raise InvalidValue(
        N_("is a kind of file that cannot be read"),
        field="file",
        value=path.name,
        mend=N_("give .csv or .geojson"),
    )


def _table(path: Path, datum: Datum, source: str) -> _SourceFile:
    table = read_csv(path)
    columns = find_columns(table.headings)
    for field in ("name", "lon", "lat"):
        if field not in columns.fields:
            raise InvalidValue(
                N_("no heading says which column it is"),
                field=field,
                value=", ".join(table.headings),
                mend=N_("name a column 名称 (name), 经度 (lon), 纬度 (lat)"),
            )

    def row(number: int, values: dict[str, str]) -> _SourceRow:
        def read(kept: _Kept) -> _Reading:
            cells = Cells(values, columns)
            station = station_of(cells, point_of(cells), kept, source)
            return _Reading(station, tuple(cells.warnings))

        return _SourceRow(number, values.get(columns.fields["name"], ""), read)

    return _SourceFile((row(number, values) for number, values in table.rows), columns, datum)


def _features(path: Path, datum: Datum, source: str) -> _SourceFile:
    file = read_geojson(path)
    if file.about is not None:
        rows = (_SourceRow(f.number, _cell(f.properties.get("name")), _record_reader(f)) for f in file.features)
        return _SourceFile(rows, Columns({}, {}, ()), datum)
    columns = find_columns(dict.fromkeys(name for feature in file.features for name in feature.properties))

    def row(feature: Feature) -> _SourceRow:
        values = {name: _cell(value) for name, value in feature.properties.items()}

        def read(kept: _Kept) -> _Reading:
            cells = Cells(values, columns)
            geometry = read_geometry(feature.geometry, kinds=GEOMETRY_KINDS)
            return _Reading(station_of(cells, geometry, kept, source), tuple(cells.warnings))

        return _SourceRow(feature.number, values.get(columns.fields.get("name", ""), ""), read)

    return _SourceFile((row(feature) for feature in file.features), columns, datum)


def _record_reader(feature: Feature) -> Callable[[_Kept], _Reading]:
    """Return the reader of a feature that this package wrote: its properties are a station's record."""

    def read(_: _Kept) -> _Reading:
        code = {} if feature.id is None else {"id": str(feature.id)}
        geometry = read_geometry(feature.geometry, kinds=GEOMETRY_KINDS)
        return _Reading(station_from_record(code | feature.properties, geometry))

    return read


def _cell(value: object) -> str:
    """Return a GeoJSON property as the text that a table would hold."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _checked(file: _SourceFile, kept: _Kept) -> tuple[list[Row], list[Station]]:
    """Return what becomes of each row, and the stations to write."""
    rows: list[Row] = []
    stations: list[Station] = []
    seen: dict[str, int] = {}
    for row in file.rows:
        try:
            reading = row.read(kept)
            station = _in_wgs84(reading.station, file.datum)
            _refuse_twice(station.id, seen)
        except LocatorError as error:
            rows.append(Row(row.number, Outcome.REFUSED, name=row.name, error=error))
            continue
        seen[station.id] = row.number
        before = kept.get(station.id)
        changed = tuple(station.changes_from(before)) if before else ()
        outcome = Outcome.ADDED if before is None else Outcome.CHANGED if changed else Outcome.UNCHANGED
        rows.append(Row(row.number, outcome, station.id, station.name, changed, reading.warnings))
        stations.append(station)
    return rows, stations


def _in_wgs84(station: Station, datum: Datum) -> Station:
    """Return the station in WGS84; the geometry as it was given is kept beside what it became."""
    if datum is Datum.WGS84:
        return station
    provenance = replace(station.provenance, original=station.geometry, datum=str(datum))
    geometry = convert_geometry(station.geometry, datum, Datum.WGS84)
    return replace(station, geometry=geometry, provenance=provenance)


def _refuse_twice(code: str, seen: Mapping[str, int]) -> None:
    if code in seen:
        raise InvalidValue(
            N_("stands in row {row} already"),
            field="id",
            value=code,
            row=seen[code],
            mend=N_("delete one of the two, or give each station its own code"),
        )
