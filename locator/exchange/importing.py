"""A file of stations into the store: every row read and checked, then all of them written or none."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from shapely.geometry.base import BaseGeometry

from locator.datum import Datum
from locator.errors import InvalidValue, LocatorError
from locator.exchange.blocks import BlockReader, ReadBlock
from locator.exchange.cells import Cells, geometry_of, station_of
from locator.exchange.checks import checked_batch
from locator.exchange.columns import Columns
from locator.exchange.crs import Reference, read_reference
from locator.exchange.listed import Found
from locator.exchange.mapping import ColumnMapping, apply_mapping
from locator.exchange.osm_places import OSM_SOURCE, is_osm, osm_stations
from locator.exchange.raw import RawBlock, RawFile, RawRow, TableRows
from locator.exchange.reading import read_file
from locator.exchange.report import Outcome, Report, Row
from locator.garbage import uncollected
from locator.record import station_from_record
from locator.station import GEOMETRY_KINDS, Station
from locator.store import Store, pinyin
from locator.translation import N_
from locator.validity import check_geometry, parse_geometry, read_geometry

__all__ = ["Progress", "cell_text", "import_stations", "stated_reference"]

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many rows of how many are done."""

_Kept = Mapping[str, Station]
# By definition: RFC 7946, section 4; OGC KML 2.3.
_IN_WGS84 = frozenset({".geojson", ".json", ".geojsonl", ".geojsons", ".ndjson", ".kml", ".kmz"})
_UNCHANGED: Mapping[str, tuple[Any, Any]] = MappingProxyType({})
_EVERY = 2_000  # rows between two words about progress


@dataclass(slots=True)
class _Reading:
    """One row on its way: its geometry as given, then its station, or the error that refuses it."""

    number: int
    name: str
    given: BaseGeometry | None = None
    station: Found | None = None
    warnings: tuple[LocatorError, ...] = ()
    error: LocatorError | None = None
    deleted: str = ""


@dataclass(frozen=True, slots=True)
class _Source:
    """How a file is to be understood."""

    columns: Columns
    reference: Reference
    name: str
    is_records: bool
    is_export: bool


@uncollected()
def import_stations(
    store: Store,
    path: Path,
    *,
    at: datetime,
    crs: str = "",
    source: str = "",
    mapping: ColumnMapping | None = None,
    sheet: str | None = None,
    full_list: bool = False,
    dry_run: bool = False,
    progress: Progress = lambda _what, _done, _of: None,
) -> Report:
    """Import a file of stations: all of it, or nothing if a row is refused.

    A row without a code gets one made from its name and address, so that the same file twice changes
    nothing. Of a station that is kept, a table changes the fields that it speaks of; a file that
    this package wrote as GeoJSON replaces the whole record. What an export tells of deleted stations is
    done here too.

    Parameters
    ----------
    at
        The moment of the import, with a time zone.
    crs
        What the file's coordinates mean: a datum such as `gcj02`, or a code such as `EPSG:2263`. A file
        that states its reference need not be told; a table must say.
    source
        Name of the source; empty: the mapping's, else the file's name.
    mapping
        What the columns are, where their headings do not say it.
    sheet
        Name of a spreadsheet's sheet, or of a layer; None: the first.
    full_list
        The file has every station of its source: those of the same source that it lacks are closed.
    dry_run
        Check and report only.

    Raises
    ------
    InvalidValue
        The file as a whole cannot be read, or what its coordinates mean is not named.
    """
    if not path.is_file():
        raise InvalidValue(N_("there is no such file"), field="file", value=str(path), mend=N_("check the name"))
    progress("read", 0, 0)
    kept = {k.id: k.station for k in store.stations() if k.station}
    # Most of what is waited for first is the start of the process that reads.
    threading.Thread(target=pinyin.load).start()
    named = source or (OSM_SOURCE if is_osm(path) else "")
    ahead = _Ahead(lambda file: _understood(file, path, crs, named, mapping), kept)
    file, left_out = _read(path, sheet, ahead)
    understood = ahead.understand(file)
    readings = _readings(file, understood, kept, ahead, progress)
    _refuse_doubles(readings)
    findings = checked_batch(
        [(r.station, r.given) for r in readings if r.station is not None and r.given is not None],
        kept=kept,
        reference=understood.reference,
        areas=store.areas(on=at.date()),
        streets=store.streets(),
        today=at.date(),
        progress=progress,
    )
    rows = [_outcome(reading, kept, findings.by_station.get(id(reading.station), ())) for reading in readings]
    stations = [reading.station for reading in readings if reading.station is not None]
    absent = _absent(stations, kept, understood.name) if full_list else []
    refused = any(row.outcome is Outcome.REFUSED for row in rows)
    written = not refused and not dry_run
    revision = store.revision
    if written:
        progress("write", 0, len(stations))
        gone = [replace(station, status="closed") for station in absent]
        changed = [s for s in [*stations, *gone] if isinstance(s, Station) and kept.get(s.id) != s]
        revision = store.write(
            [(station, None) for station in changed],
            [(row.id, None) for row in rows if row.outcome is Outcome.REMOVED],
            at=at,
            note=f"import {understood.name}",
            drafts=(block.drafts() for block in ahead.blocks if block.codes),
        )
    return Report(
        file=path.name,
        reference=understood.reference.name,
        rows=tuple(rows),
        written=written,
        revision=revision,
        found=understood.columns,
        notes=dict(file.notes),
        batch=findings.of_batch,
        absent=tuple(station.id for station in absent),
        left_out=left_out,
        incomplete=file.incomplete,
    )


@dataclass(slots=True)
class _Ahead:
    """Reads blocks of a table as they come, while the file is read on by another process."""

    understand: Callable[[RawFile], _Source]
    kept: _Kept
    reader: BlockReader | None = None
    blocks: list[ReadBlock] = field(default_factory=list)
    is_hopeless: bool = False

    def take(self, headings: Sequence[str], block: RawBlock) -> None:
        """Read a block, unless the table has to be read row by row or is no list of stations."""
        if self.reader is None and not self.is_hopeless:
            try:
                source = self.understand(RawFile(tuple(headings), TableRows([block])))
                self.reader = BlockReader(source.columns, source.reference, source.name, self.kept)
            except LocatorError:  # which is told when the whole file is there
                self.is_hopeless = True
            self.is_hopeless = self.is_hopeless or not (self.reader and self.reader.can_read())
        if self.reader is not None and not self.is_hopeless:
            self.blocks.append(self.reader.read(block))


def _read(path: Path, sheet: str | None, ahead: _Ahead) -> tuple[RawFile, int]:
    """Return the rows of a file; of an extract those that are stations, and how many are not."""
    if not is_osm(path):
        return read_file(path, sheet=sheet, layer=sheet, on_block=ahead.take), 0
    file = read_file(path)
    stations = osm_stations(file)
    return stations, len(file.rows) - len(stations.rows)


def stated_reference(file: RawFile, path: Path, said: str) -> str:
    """Return what a file's coordinates mean: what is said of it, else what it says itself.

    Raises
    ------
    InvalidValue
        Neither is there: a guess would be wrong by half a kilometre.
    """
    about = file.about or {}
    stated = said or str(about.get("datum", "")) or file.crs or ""
    if not stated and path.suffix.lower() in _IN_WGS84:
        stated = str(Datum.WGS84)
    if not stated:
        raise InvalidValue(
            N_("is not named, and the file does not say it"),
            field="datum",
            mend=N_(
                "add --datum wgs84, gcj02 (Amap, Tencent), bd09 (Baidu) or cgcs2000 (survey), or --crs EPSG:…"
            ),
        )
    return stated


def _understood(file: RawFile, path: Path, crs: str, source: str, mapping: ColumnMapping | None) -> _Source:
    mapping = mapping or ColumnMapping()
    stated = stated_reference(file, path, crs or mapping.crs or mapping.datum)
    is_records = file.about is not None
    columns = Columns() if is_records else apply_mapping(file.headings, mapping)
    has_geometry = any(row.geometry is not None for row in file.rows[:100])
    if not is_records:
        _check_columns(file, columns, has_geometry=has_geometry)
    name = source or mapping.source or path.name
    is_export = "revision" in (file.about or {})
    return _Source(columns, read_reference(stated), name, is_records, is_export)


def _check_columns(file: RawFile, columns: Columns, *, has_geometry: bool) -> None:
    """Refuse a file of which nothing could be read, once and not a thousand times."""
    has_place = (
        has_geometry or {"lon", "lat"} <= columns.fields.keys() or {"wkt", "coordinates"} & columns.fields.keys()
    )
    for name, there in (("name", "name" in columns.fields), ("lon, lat", bool(has_place))):
        if not there and file.rows:
            raise InvalidValue(
                N_("no heading says which column it is"),
                field=name,
                value=", ".join(file.headings),
                mend=N_("name a column 名称 (name), 经度 (lon), 纬度 (lat), or give a mapping file"),
            )


# -- rows


def _readings(file: RawFile, source: _Source, kept: _Kept, ahead: _Ahead, progress: Progress) -> list[_Reading]:
    """Return every row read: of a table the plain ones have been, the others are read now, many at a time."""
    readings: list[_Reading] = []
    rows = file.rows
    if isinstance(rows, TableRows) and ahead.blocks:
        for block, read in zip(rows.blocks, ahead.blocks, strict=True):
            progress("check", len(readings), len(rows))
            left = sorted(set(range(len(block.numbers))).difference(read.rows))
            slowly = _read_rows([block.row(place) for place in left], source, kept)
            readings += _in_order(block, read, zip(left, slowly, strict=True))
    else:
        for start in range(0, len(rows), _EVERY):
            progress("check", start, len(rows))
            readings += _read_rows(rows[start : start + _EVERY], source, kept)
    deleted = (file.about or {}).get("deleted")
    for code in deleted if isinstance(deleted, list) else ():
        readings.append(_Reading(0, str(code), deleted=str(code)))
    return readings


def _in_order(block: RawBlock, read: ReadBlock, slowly: Iterable[tuple[int, _Reading]]) -> list[_Reading]:
    """Return the rows of a block in its order, those that were read together and those one by one."""
    numbers = [block.numbers[place] for place in read.rows]
    quickly = map(_Reading, numbers, read.texts["name"], read.geometries, read.stations, read.warnings)
    if len(numbers) == len(block.numbers):
        return list(quickly)
    placed = dict(zip(read.rows, quickly, strict=True)) | dict(slowly)
    return [placed[place] for place in range(len(placed))]


def _read_rows(rows: Sequence[RawRow], source: _Source, kept: _Kept) -> list[_Reading]:
    """Return rows read: first all geometries, converted together, then the stations."""
    every = [Cells({n: cell_text(v) for n, v in row.values.items()}, source.columns) for row in rows]
    readings = []
    placed = []
    for row, cells in zip(rows, every, strict=True):
        reading = _Reading(row.number, cells.text("name") or cell_text(row.values.get("name")))
        readings.append(reading)
        if cells.text("deleted"):
            reading.deleted = cells.text("id")
            if not reading.deleted:
                reading.error = InvalidValue(
                    N_("is empty"), field="id", mend=N_("give the code of the station that was deleted")
                )
            continue
        try:
            reading.given = _geometry(row, cells, source)
            placed.append((reading, row, cells))
        except LocatorError as error:
            reading.error = error.with_traceback(None)  # which would keep every row around it
    converted = source.reference.to_wgs84([r.given for r, _, _ in placed if r.given is not None])
    for (reading, row, cells), geometry in zip(placed, converted, strict=True):
        try:
            reading.station = _station(row, cells, (reading.given, geometry), source, kept)
            reading.warnings = tuple(cells.warnings)
        except LocatorError as error:
            reading.error = error.with_traceback(None)
    return readings


def _geometry(row: RawRow, cells: Cells, source: _Source) -> BaseGeometry:
    if row.geometry is not None or source.is_records:
        read = read_geometry if source.reference.is_degrees else parse_geometry
        return read(row.geometry, kinds=GEOMETRY_KINDS)
    return geometry_of(cells, projected=not source.reference.is_degrees)


def _station(
    row: RawRow, cells: Cells, geometries: tuple[BaseGeometry | None, BaseGeometry], source: _Source, kept: _Kept
) -> Station:
    """Return the station of a row, its geometry as given and in WGS84."""
    geometry = check_geometry(geometries[1], kinds=GEOMETRY_KINDS)
    given, datum = (None, "wgs84") if source.reference.is_wgs84 else (geometries[0], source.reference.name)
    if not source.is_records:
        return station_of(cells, geometry, kept, source.name, original=(given, datum))
    code = {} if row.id is None else {"id": str(row.id)}
    station = station_from_record(code | dict(row.values), geometry)
    if given is None or source.is_export:  # which says of each whether its coordinates were once others
        return station
    return replace(station, provenance=replace(station.provenance, original=given, datum=datum))


def cell_text(value: object) -> str:
    """Return a value of a vector file as the text that a table would hold."""
    if value.__class__ is str:
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _refuse_doubles(readings: Sequence[_Reading]) -> None:
    seen: dict[str, int] = {}
    for reading in readings:
        code = reading.station.id if reading.station is not None else reading.deleted
        if not code:
            continue
        if code in seen:
            reading.station, reading.error = (
                None,
                InvalidValue(
                    N_("stands in row {row} already"),
                    field="id",
                    value=code,
                    row=seen[code],
                    mend=N_("delete one of the two, or give each station its own code"),
                ),
            )
        else:
            seen[code] = reading.number


def _outcome(reading: _Reading, kept: _Kept, findings: Sequence[LocatorError]) -> Row:
    station = reading.station
    if reading.deleted and reading.error is None:
        there = kept.get(reading.deleted)
        outcome = Outcome.REMOVED if there else Outcome.UNCHANGED
        return Row(reading.number, outcome, reading.deleted, there.name if there else reading.deleted)
    if station is None or reading.error is not None:
        return Row(reading.number, Outcome.REFUSED, name=reading.name, error=reading.error)
    before = kept.get(station.id)
    warnings = (*reading.warnings, *findings) if findings else reading.warnings
    if before is None or not isinstance(station, Station):
        return Row(reading.number, Outcome.ADDED, station.id, station.name, _UNCHANGED, warnings)
    changed = station.changes_from(before)
    outcome = Outcome.CHANGED if changed else Outcome.UNCHANGED
    return Row(reading.number, outcome, station.id, station.name, changed, warnings)


def _absent(stations: Sequence[Found], kept: _Kept, source: str) -> list[Station]:
    """Return the stations of the same source that a full list lacks and that are not closed yet."""
    listed = {station.id for station in stations}
    return [
        station
        for code, station in kept.items()
        if code not in listed and station.status != "closed" and station.provenance.source == source
    ]
