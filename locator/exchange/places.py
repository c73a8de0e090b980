"""A file of areas, streets, demand or candidate sites into the store: all of it, or nothing."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import shapely
from shapely.geometry.base import BaseGeometry

from locator.datum import Datum
from locator.errors import InvalidValue, LocatorError
from locator.exchange.cells import Cells
from locator.exchange.columns import Columns, folded
from locator.exchange.crs import Reference, read_reference
from locator.exchange.hexagons import cell_polygon
from locator.exchange.importing import Progress, cell_text, stated_reference
from locator.exchange.mapping import ColumnMapping, apply_mapping
from locator.exchange.osm_places import OSM_SOURCE, is_osm, osm_layers, osm_record
from locator.exchange.place_cells import place_record
from locator.exchange.place_columns import WEIGHTS, place_columns
from locator.exchange.positions import read_pair, read_point, read_shape
from locator.exchange.raw import RawFile, RawRow
from locator.exchange.reading import read_file
from locator.exchange.report import Outcome, Report, Row
from locator.exchange.sheets import TITLES
from locator.place import DATA_DATE, PLACES, Place
from locator.record import place_from_record, place_to_record
from locator.store import Store
from locator.translation import LANGUAGES, N_, translator
from locator.validity import check_geometry, parse_geometry, read_geometry

__all__ = ["PlaceRow", "import_places", "read_places"]

_POLYGONS = ("Polygon", "MultiPolygon")
_KINDS: dict[str, tuple[str, ...]] = {
    "areas": _POLYGONS,
    "streets": ("LineString", "MultiLineString"),
    "demand": ("Point", *_POLYGONS),
    "candidates": ("Point", *_POLYGONS),
}
_Given = ParamSpec("_Given")
_Done = TypeVar("_Done")
_EVERY = 2_000  # rows between two words about progress


@dataclass(slots=True)
class PlaceRow:
    """One row of a file, and the place that it is or the error that refuses it."""

    number: int
    name: str
    place: Place | None = None
    warnings: tuple[LocatorError, ...] = ()
    error: LocatorError | None = None


@dataclass(frozen=True, slots=True)
class _Source:
    """How a file is to be understood."""

    layer: str
    columns: Columns
    reference: Reference
    name: str
    is_osm: bool
    data_date: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        return _KINDS[self.layer]


def import_places(
    store: Store,
    path: Path,
    layer: str,
    *,
    at: datetime,
    crs: str = "",
    source: str = "",
    data_date: date | None = None,
    mapping: ColumnMapping | None = None,
    sheet: str | None = None,
    full_list: bool = False,
    dry_run: bool = False,
    progress: Progress = lambda _what, _done, _of: None,
) -> Report:
    """Import a file of places into a layer: all of it, or nothing if a row is refused.

    A row without a code gets one made from its name and geometry, so that the same file twice changes
    nothing. Of an OpenStreetMap extract the layer's own things are taken: streets that may be walked,
    administrative areas, premises that could host a station.

    Parameters
    ----------
    layer
        areas, streets, demand or candidates.
    data_date
        Of which day the file's data is; None: as an OpenStreetMap extract says, of other files nobody knows.
    full_list
        The file has every place of its source: those of the same source that it lacks are removed.
    at, crs, source, mapping, sheet, dry_run
        As of `import_stations`.

    Raises
    ------
    InvalidValue
        There is no such layer, the file as a whole cannot be read, or what its coordinates mean is not named.
    """
    if layer not in PLACES:
        raise InvalidValue(
            N_("is not one of {choices}"),
            field="layer",
            value=layer,
            choices=", ".join(PLACES),
            mend=N_("choose one of them"),
        )
    if is_osm(path) and layer not in osm_layers():
        raise InvalidValue(
            N_("is not in OpenStreetMap extracts"),
            field="layer",
            value=layer,
            mend=N_("take one of {layers}"),
            layers=", ".join(osm_layers()),
        )
    progress("read", 0, 0)
    file = _file(path, layer, sheet)
    how = _understood(file, path, layer, crs=crs, source=source, data_date=data_date, mapping=mapping)
    rows = _read(file, how, progress)
    kept = {place.id: place for place in store.layer(layer)}
    outcomes = [_outcome(row, kept) for row in rows]
    places = {row.place.id: row.place for row in rows if row.place is not None}
    absent = [c for c, place in kept.items() if full_list and c not in places and place.source == how.name]
    refused = any(row.outcome is Outcome.REFUSED for row in outcomes)
    written = not refused and not dry_run
    revision = store.revision
    if written:
        progress("write", 0, len(places))
        merged = {code: place for code, place in kept.items() if code not in absent} | places
        records = [(place_to_record(place), place.geometry) for _, place in sorted(merged.items())]
        revision = store.replace_places(layer, records, at=at, note=f"import {layer} {how.name}")
    return Report(
        file=path.name,
        reference=how.reference.name,
        rows=tuple(outcomes),
        written=written,
        revision=revision,
        found=how.columns,
        notes=dict(file.notes),
        absent=tuple(absent),
        left_out=len(file.rows) - len(rows),
        incomplete=file.incomplete,
    )


def _file(path: Path, layer: str, sheet: str | None) -> RawFile:
    """Return the rows of a file; of several sheets those of the one called like the layer, else of the first."""
    if is_osm(path):
        return read_file(path, layer=layer)
    file = read_file(path, sheet=sheet, layer=sheet)
    others = ", ".join(file.notes.get(name, "") for name in ("other sheets", "other layers")).split(", ")
    titles = (layer, *(translator(language)(TITLES[layer]) for language in LANGUAGES))
    called = next((title for title in titles if title in others), None) if sheet is None else None
    return file if called is None else read_file(path, sheet=called, layer=called)


def read_places(path: Path, layer: str) -> list[PlaceRow]:
    """Read a layer's file by its headings alone; nothing is written."""
    file = read_file(path)
    return _read(file, _understood(file, path, layer), lambda _what, _done, _of: None)


def _understood(
    file: RawFile,
    path: Path,
    layer: str,
    *,
    crs: str = "",
    source: str = "",
    data_date: date | None = None,
    mapping: ColumnMapping | None = None,
) -> _Source:
    mapping = mapping or ColumnMapping()
    columns = Columns()
    if not is_osm(path):
        columns = apply_mapping(file.headings, mapping, place_columns(layer))
        columns = _with_grid(columns) if path.suffix.lower() in (".tif", ".tiff") else columns
    by_cell = "h3" in columns.fields or not file.rows
    reference = read_reference(
        str(Datum.WGS84) if by_cell else stated_reference(file, path, crs or mapping.crs or mapping.datum)
    )
    unsaid = OSM_SOURCE if is_osm(path) else path.name
    said = str((file.about or {}).get("as_of", "")) if is_osm(path) else ""
    day = data_date.isoformat() if data_date else said
    return _Source(layer, columns, reference, source or mapping.source or unsaid, is_osm(path), day)


def _with_grid(columns: Columns) -> Columns:
    """Return the columns of a population grid, whose one value is residents unless the mapping says otherwise."""
    if set(columns.fields) & (set(WEIGHTS) - {"weight"}) or "weight" not in columns.fields:
        return columns
    said = {name: heading for name, heading in columns.fields.items() if name != "weight"}
    return replace(columns, fields=said | {"residents": columns.fields["weight"]})


# -- rows


def _read(file: RawFile, how: _Source, progress: Progress) -> list[PlaceRow]:
    """Return every row read; first all geometries, converted together, then the places."""
    rows: list[tuple[PlaceRow, RawRow, Cells, dict[str, Any] | None]] = []
    for raw in file.rows:
        record = osm_record(how.layer, raw) if how.is_osm else None
        if how.is_osm and record is None:
            continue  # a way that nobody walks, an area of another kind
        values = {} if how.is_osm else raw.values
        cells = Cells({name: cell_text(value) for name, value in values.items()}, how.columns)
        name = str(record.get("name") or "") if record else cells.text("name")
        rows.append((PlaceRow(raw.number, name or str(raw.id or cells.text("id"))), raw, cells, record))
    given = [(rest, _guarded(rest[0], _geometry, rest[1], rest[2], how)) for rest in rows]
    placed = [(rest, geometry) for rest, geometry in given if geometry is not None]
    converted = how.reference.to_wgs84([geometry for _, geometry in placed])
    for done, (((row, raw, cells, record), _), geometry) in enumerate(zip(placed, converted, strict=True)):
        if done % _EVERY == 0:
            progress("check", done, len(placed))
        row.place = _guarded(row, _place, raw, cells, geometry, record, how)
        row.warnings = tuple(cells.warnings)
    found = [row for row, *_ in rows]
    _refuse_doubles(found)
    return found


def _guarded(
    row: PlaceRow, step: Callable[_Given, _Done], *given: _Given.args, **named: _Given.kwargs
) -> _Done | None:
    """Do a step of a row; an error refuses the row and no other."""
    try:
        return step(*given, **named)
    except LocatorError as error:
        row.error = error
        return None


def _geometry(raw: RawRow, cells: Cells, how: _Source) -> BaseGeometry:
    projected = not how.reference.is_degrees
    if raw.geometry is not None:
        read = parse_geometry if projected else read_geometry
        return read(raw.geometry, kinds=how.kinds)
    if cells.text("h3"):
        return cell_polygon(cells.text("h3"))
    if cells.text("wkt"):
        return read_shape(cells.text("wkt"), kinds=how.kinds, projected=projected)
    if cells.text("coordinates"):
        return read_pair(cells.text("coordinates"), projected=projected)
    if cells.text("lon") or cells.text("lat"):
        return read_point(cells.text("lon"), cells.text("lat"), projected=projected)
    raise InvalidValue(
        N_("has no geometry"), field="geometry", mend=N_("give longitude and latitude, WKT or a drawn shape")
    )


def _place(
    raw: RawRow, cells: Cells, geometry: BaseGeometry, record: dict[str, Any] | None, how: _Source
) -> Place:
    geometry = check_geometry(geometry, kinds=how.kinds)
    if record is None:
        record = place_record(cells, how.layer)
    if "source" not in cells.columns.fields:  # a column that is there speaks, even where its cell is empty
        record.setdefault("source", how.name)
    if how.data_date:
        record["extra"] = {DATA_DATE: how.data_date} | dict(record.get("extra") or {})
    if not record.get("id"):
        given = cells.text("h3") or str(raw.id or "")
        record["id"] = given or _made_code(record, geometry)
    return place_from_record(how.layer, record, geometry)


def _made_code(record: Mapping[str, Any], geometry: BaseGeometry) -> str:
    """Return a code for a place that has none: the same name and geometry give the same code."""
    said = f"{folded(str(record.get('name', '')))}\n{shapely.to_wkt(geometry, rounding_precision=7)}"
    return f"x-{hashlib.sha256(said.encode()).hexdigest()[:12]}"


def _refuse_doubles(rows: Sequence[PlaceRow]) -> None:
    counted = Counter(row.place.id for row in rows if row.place is not None)
    for row in rows:
        if row.place is not None and counted[row.place.id] > 1:
            row.error = InvalidValue(
                N_("stands in {count} rows"),
                field="id",
                value=row.place.id,
                count=counted[row.place.id],
                mend=N_("delete all but one, or give each place its own code"),
            )
            row.place = None


def _outcome(row: PlaceRow, kept: Mapping[str, Place]) -> Row:
    place = row.place
    if place is None:
        return Row(row.number, Outcome.REFUSED, name=row.name, error=row.error)
    before = kept.get(place.id)
    changed = {} if before is None else _changes(before, place)
    outcome = Outcome.ADDED if before is None else Outcome.CHANGED if changed else Outcome.UNCHANGED
    return Row(row.number, outcome, place.id, row.name, changed, row.warnings)


def _changes(before: Place, now: Place) -> dict[str, tuple[Any, Any]]:
    pairs = {part.name: (getattr(before, part.name), getattr(now, part.name)) for part in fields(now)}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
