"""GeoPackage: one plain table of a database, read with SQLite alone.

Not through GDAL: its SQLite carries SpatiaLite, whose virtual tables open any file that a database names. The
standard library's has nothing that leaves the database but ATTACH, and is told to allow reading only.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from locator.exchange.reading.limits import Limits, Refusal, refused
from locator.exchange.reading.stream import Writer
from locator.exchange.reading.wkb import BadGeometry, geojson_of

__all__ = ["read_geopackage"]

_ROW_NUMBERS = frozenset({"fid", "ogc_fid"})
_PLAIN = re.compile(r"CREATE\s+TABLE\s", re.I)
_ENVELOPES = (0, 32, 48, 48, 64)
_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ})


def read_geopackage(path: Path, writer: Writer, layer: str | None) -> None:
    """Read the layer of that name, or else the first one with geometries, or else the first."""
    try:
        with _database(path, writer.limits) as database:
            _read(database, writer, layer)
    except sqlite3.Error as error:
        raise refused(Refusal.NOT_GEOPACKAGE, error=error) from error
    except UnicodeError:
        raise refused(Refusal.ENCODING) from None


@contextmanager
def _database(path: Path, limits: Limits) -> Iterator[sqlite3.Connection]:
    """Open a database for reading only; no journal beside it is looked for."""
    address = f"file:{quote(str(path))}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as database:
        database.text_factory = bytes
        database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        database.setlimit(
            sqlite3.SQLITE_LIMIT_LENGTH, 40 * limits.vertices + 4 * limits.cell_characters + 1_000_000
        )
        database.execute("PRAGMA trusted_schema = OFF")
        database.execute("PRAGMA cell_size_check = ON")
        database.set_authorizer(_authorize)
        yield database


def _authorize(action: int, name: str | None, *_: str | None) -> int:
    if action in _ALLOWED or (action == sqlite3.SQLITE_PRAGMA and name == "table_xinfo"):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _read(database: sqlite3.Connection, writer: Writer, layer: str | None) -> None:
    layers = {_str(name): srs for name, srs in _select(database, "gpkg_contents", "table_name", "srs_id")}
    shapes = {
        _str(name): (_str(column), srs)
        for name, column, srs in _select(
            database, "gpkg_geometry_columns", "table_name", "column_name", "srs_id", missing=True
        )
    }
    chosen = layer if layer is not None else next(iter([*(n for n in layers if n in shapes), *layers]), "")
    if chosen not in layers:
        raise refused(Refusal.NO_LAYER, layer=chosen, layers=", ".join(layers)[:300])
    writer.notes["layer"] = chosen
    if len(layers) > 1:
        writer.notes["other layers"] = ", ".join(name for name in layers if name != chosen)[:500]
    column, srs = shapes.get(chosen, ("", None))
    _check_plain(database, chosen)
    types = _columns(database, chosen, writer.limits)
    kept = [name for name in types if name.lower() not in _ROW_NUMBERS and name != column]
    rows = _select(database, chosen, *kept, *([column] if column else []))
    for number, row in enumerate(rows, start=1):
        values = {name: _value(value, types[name]) for name, value in zip(kept, row, strict=False)}
        geometry = _geometry(row[-1], number, writer.limits) if column else None
        writer.feature(number, values, geometry)
    writer.end(crs=_crs(database, srs) if column else None)


def _select(
    database: sqlite3.Connection, table: str, *columns: str, missing: bool = False
) -> Iterator[tuple[Any, ...]]:
    """Return columns of a plain table; of one that may be missing, no rows."""
    if not _check_plain(database, table, missing=missing):
        return iter(())
    return database.execute(f"SELECT {', '.join(map(_quoted, columns)) or 'NULL'} FROM {_quoted(table)}")


def _check_plain(database: sqlite3.Connection, table: str, *, missing: bool = False) -> bool:
    """Refuse what is no table of the file itself: a view, a table that a module computes. Return if it is there.

    Asked of the schema's text, since SQLite runs the module when it is asked about such a table.
    """
    found = database.execute(
        "SELECT type, sql FROM sqlite_master WHERE name = ? COLLATE NOCASE AND type IN ('table', 'view')", (table,)
    ).fetchall()
    if not found and not missing:
        raise refused(Refusal.NOT_GEOPACKAGE, error=table)
    if any(kind != b"table" or not _PLAIN.match(_str(sql)) for kind, sql in found):
        raise refused(Refusal.NOT_TABLE, name=table)
    return bool(found)


def _columns(database: sqlite3.Connection, table: str, limits: Limits) -> dict[str, str]:
    """Return a table's columns and their declared types."""
    types = {}
    for _, name, declared, _, _, _, hidden in database.execute(f"PRAGMA table_xinfo({_quoted(table)})"):
        if hidden:  # its values are computed while they are read
            raise refused(Refusal.NOT_TABLE, name=f"{table}.{_str(name)}")
        types[_str(name)] = _str(declared).upper()
    if len(types) > limits.columns + 2:
        raise refused(Refusal.COLUMNS, limit=limits.columns)
    return types


def _geometry(value: object, number: int, limits: Limits) -> dict[str, Any] | None:
    """Return the geometry in a GeoPackage blob (OGC 12-128r19, 2.1.3)."""
    if value is None:
        return None
    if not isinstance(value, bytes) or not value.startswith(b"GP") or len(value) < 8 or value[3] & 0x20:
        raise refused(Refusal.GEOMETRY, number=number, error="header")
    envelope = value[3] >> 1 & 0x07
    if envelope >= len(_ENVELOPES):
        raise refused(Refusal.GEOMETRY, number=number, error="header")
    try:
        return geojson_of(value[8 + _ENVELOPES[envelope] :], depth=limits.depth)
    except BadGeometry as error:
        raise refused(Refusal.GEOMETRY, number=number, error=error) from None


def _value(value: object, declared: str) -> object:
    if isinstance(value, bytes):
        # Text and blobs both come as bytes; a blob is no value that a table could show.
        return None if "BLOB" in declared else value.decode()
    if declared == "BOOLEAN" and isinstance(value, int):
        return bool(value)
    return value


def _crs(database: sqlite3.Connection, srs: object) -> str | None:
    if not isinstance(srs, int) or srs <= 0:  # 0 and -1: undefined (1.1.2.1.2)
        return None
    columns = ("srs_id", "organization", "organization_coordsys_id", "definition")
    for known, organization, code, definition in _select(database, "gpkg_spatial_ref_sys", *columns):
        if known == srs:
            if _str(organization).upper() in ("EPSG", "ESRI"):
                return f"{_str(organization).upper()}:{_str(code)}"
            return _str(definition)
    raise refused(Refusal.CRS)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _str(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
