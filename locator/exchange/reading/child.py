"""The process that meets a file from outside: bounded, without network, and gone when the file is read."""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from locator.errors import InvalidValue
from locator.exchange.reading.limits import Limits, Refusal, refused
from locator.exchange.reading.stream import Writer

__all__ = ["main", "read_into"]

_OPEN_FILES = 64
# What nothing does that reads a file; of `open` only what lies elsewhere.
_FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "ctypes.")
_STARTS = {
    b"SQLite format 3\0": "SQLite",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    **dict.fromkeys((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), "TIFF"),
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def main() -> None:
    """Read the file that the one argument describes, and write its rows to standard output."""
    order = json.loads(sys.argv[1])
    limits = Limits(**order["limits"])
    path = Path(order["path"])
    _bound(limits)
    try:
        _check_content(path, order["kind"])
        _prepare(order["kind"])
        # Whatever a library prints, it is no part of the rows.
        output = os.fdopen(os.dup(1), "wb", closefd=True)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        _lock(path.parent)
    except InvalidValue as error:
        Writer(sys.stdout.buffer, limits).refuse(error)
        return
    with output:
        read_into(output, path, order["kind"], limits, sheet=order["sheet"], layer=order["layer"])


def read_into(
    output: IO[bytes],
    path: Path,
    kind: str,
    limits: Limits,
    *,
    sheet: str | None = None,
    layer: str | None = None,
) -> None:
    """Read a file of a known kind, and write its rows or why there are none."""
    writer = Writer(output, limits)
    try:
        writer.notes["format"] = _NAMES[kind]
        _check_content(path, kind)
        _reader(kind)(path, writer, sheet, layer)
    except InvalidValue as error:
        failure = error
    except (MemoryError, RecursionError):
        failure = refused(Refusal.MEMORY)
    # Libraries that parse hostile files raise what they please; here it ends, and no row has counted yet.
    except Exception as error:
        failure = refused(Refusal.UNREADABLE, error=f"{type(error).__name__}: {error}"[:200])
    else:
        return
    writer.refuse(failure)


_NAMES = {
    "table": "CSV",
    "xlsx": "XLSX",
    "geojson": "GeoJSON",
    "lines": "GeoJSON, one feature a line",
    "gpkg": "GeoPackage",
    "shapefile": "Shapefile",
    "kml": "KML",
    "kmz": "KMZ",
    "grid": "GeoTIFF",
    **dict.fromkeys(("osm", "osm.gz", "osm.bz2", "osm.pbf"), "OpenStreetMap"),
}
_CONTENTS = {
    "table": ("text", "JSON"),
    "geojson": ("JSON",),
    "lines": ("JSON",),
    "gpkg": ("SQLite",),
    "kml": ("XML",),
    **dict.fromkeys(("xlsx", "shapefile", "kmz"), ("ZIP",)),
    "osm": ("XML",),
    "osm.gz": ("gzip",),
    "osm.bz2": ("bzip2",),
    "osm.pbf": ("OSM PBF",),
    "grid": ("TIFF",),
}


def _reader(kind: str) -> Callable[[Path, Writer, str | None, str | None], None]:
    # Each is loaded alone: a CSV file needs no library at all.
    if kind == "table":
        from locator.exchange.reading.text_tables import read_text_table

        return lambda path, writer, _sheet, _layer: read_text_table(path, writer)
    if kind == "xlsx":
        from locator.exchange.reading.workbooks import read_workbook

        return lambda path, writer, sheet, _layer: read_workbook(path, writer, sheet)
    if kind in ("geojson", "lines"):
        from locator.exchange.reading.geojson import read_geojson_file, read_geojson_lines

        read = read_geojson_file if kind == "geojson" else read_geojson_lines
        return lambda path, writer, _sheet, _layer: read(path, writer)
    if kind in ("kml", "kmz"):
        from locator.exchange.reading.kml import read_kml, read_kmz

        return lambda path, writer, _sheet, layer: (read_kml if kind == "kml" else read_kmz)(path, writer, layer)
    if kind == "gpkg":
        from locator.exchange.reading.geopackage import read_geopackage

        return lambda path, writer, _sheet, layer: read_geopackage(path, writer, layer)
    if kind == "grid":
        from locator.exchange.reading.raster import read_raster

        return lambda path, writer, _sheet, _layer: read_raster(path, writer)
    if kind.startswith("osm"):
        from locator.exchange.reading.osm import read_osm

        return lambda path, writer, _sheet, layer: read_osm(path, writer, kind, layer)
    from locator.exchange.reading.shapefiles import read_shapefile

    return lambda path, writer, _sheet, layer: read_shapefile(path, writer, layer)


def _check_content(path: Path, kind: str) -> None:
    """Refuse a file whose content is not of the kind that its name says."""
    with path.open("rb") as file:
        head = file.read(512)
    if kind == "xlsx" and head.startswith(_OLE):  # also what a password makes of a new workbook
        raise refused(Refusal.OLD_WORKBOOK)
    found = _content(head)
    if found not in _CONTENTS[kind]:
        raise refused(Refusal.CONTENT, found=found)


def _content(head: bytes) -> str:
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "ZIP"
    for start, found in _STARTS.items():
        if head.startswith(start):
            return found
    if head[4:].startswith(b"\n\x09OSMHeader"):
        return "OSM PBF"
    text = head.lstrip(b"\xef\xbb\xbf\xff\xfe\0\x1e \t\r\n")
    if text.startswith(b"<"):
        return "XML"
    if text.startswith((b"{", b"[")):
        return "JSON"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" not in head:
        return "text"
    return "binary data"


def _bound(limits: Limits) -> None:
    """Bound this process for good: the hard limits are lowered too."""
    for what, bound in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, limits.expanded_bytes),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)  # noqa: PLW2901
        # The signal that says what ended the process comes at the lower of the two.
        resource.setrlimit(what, (bound, bound + 1 if what == resource.RLIMIT_CPU else bound))


def _prepare(kind: str) -> None:
    if kind == "shapefile":
        from locator.exchange.reading.shapefiles import only_shapefiles

        only_shapefiles()
    elif kind == "grid" or kind.startswith("osm"):
        name, extra = ("rasterio", "raster") if kind == "grid" else ("osmium", "osm")
        try:
            import_module(name)  # before the lock
        except ImportError:
            raise refused(Refusal.EXTRA, part=name, extra=extra) from None
        _reader(kind)
    elif kind == "xlsx":
        # openpyxl looks whether these are there, which would load them. Without lxml it parses with expat.
        for name in ("PIL", "defusedxml", "lxml", "numpy", "pandas"):
            sys.modules.setdefault(name, None)  # type: ignore[arg-type]
        try:
            import openpyxl  # noqa: F401 - before the lock
        except ImportError:
            raise refused(Refusal.PART, part="openpyxl") from None


def _lock(folder: Path) -> None:
    """From now on, Python opens files of this folder and of its own libraries, and connects to nothing.

    What compiled libraries do by themselves is not seen here: of these, GDAL has but one driver left.
    """
    places = (str(folder), sys.prefix, sys.base_prefix, *sys.path)
    known = tuple(f"{Path(place).resolve()}{os.sep}" for place in places)

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            name = arguments[0]
            if isinstance(name, int) or name == os.devnull:
                return
            if f"{Path(os.fsdecode(name)).resolve()}".startswith(known):
                return
            raise PermissionError(f"opens {os.fsdecode(name)}")
        if event.startswith(_FORBIDDEN):
            raise PermissionError(event)

    sys.addaudithook(watch)
