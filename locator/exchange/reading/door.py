"""The one door for files from outside: a copy of the file, a process that reads it, and what it may say."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from locator.errors import InvalidValue
from locator.exchange.raw import RawFile
from locator.exchange.reading.limits import Limits, Refusal, refused
from locator.exchange.reading.stream import OnBlock, collect

__all__ = ["ENDINGS", "read_file"]

ENDINGS = {
    ".csv": "table",
    ".tsv": "table",
    ".txt": "table",
    ".xlsx": "xlsx",
    ".geojson": "geojson",
    ".json": "geojson",
    ".geojsonl": "lines",
    ".geojsons": "lines",
    ".ndjson": "lines",
    ".gpkg": "gpkg",
    ".zip": "shapefile",
    ".kml": "kml",
    ".kmz": "kmz",
    ".osm": "osm",
    ".osm.gz": "osm.gz",
    ".osm.bz2": "osm.bz2",
    ".pbf": "osm.pbf",
    ".tif": "grid",
    ".tiff": "grid",
}
"""What files are read, by the ending of their names; the content has to agree."""

_COPY = 1 << 20
_PIPE = 1 << 20  # a block of a table: the child goes on while we look at it
_START = "import sys; sys.path.append(sys.argv.pop(1)); from locator.exchange.reading.child import main; main()"
# Nothing of our own environment: no proxy, no credential, no path that would change what is loaded.
_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "GDAL_DRIVER_PATH": "disable",
    "GDAL_DISABLE_READDIR_ON_OPEN": "TRUE",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_NUM_THREADS": "1",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "PROJ_NETWORK": "OFF",
    "OPENBLAS_NUM_THREADS": "1",  # each thread takes address space
    "OMP_NUM_THREADS": "1",
}


def read_file(
    path: Path,
    *,
    sheet: str | None = None,
    layer: str | None = None,
    limits: Limits = Limits(),  # noqa: B008
    on_block: OnBlock = lambda _headings, _block: None,
) -> RawFile:
    """Read any file of rows or features: tables, GeoJSON, GeoPackage, Shapefile, KML, OpenStreetMap, GeoTIFF.

    The file is copied, and the copy read by a process of its own that has a bounded memory and time, nothing of
    our environment, and no name that comes from outside. Nothing but the file is opened, no formula evaluated,
    no address followed. Geometries are GeoJSON objects, unchecked; coordinates are as the file has them.

    Parameters
    ----------
    path
        Its ending says the kind (`ENDINGS`), and the content has to agree.
    sheet
        Of a workbook; None: the first that is not hidden.
    layer
        Of a GeoPackage, a KML file (a folder) or an archive of Shapefiles; None: the first, in KML all. Of
        an OpenStreetMap extract the layer of places to look for; None: stations.
    limits
        How much is taken.
    on_block
        Called with the headings of a table and each block of it, while the rest is being read; it raises nothing.
        The file may still be refused.

    Returns
    -------
    The rows in the order of the file; the `crs` that it states, None for KML and where there is none.

    Raises
    ------
    InvalidValue
        Whatever is wrong with the file, and what to do about it; no other error is raised for any content.
    """
    kind = _kind(path)
    try:
        if kind is None:
            old = path.suffix.lower() == ".xls"
            raise refused(Refusal.OLD_WORKBOOK if old else Refusal.KIND, endings=" ".join(ENDINGS))
        with tempfile.TemporaryDirectory(prefix="locator-") as folder:
            copy = Path(folder).resolve() / f"input.{kind}"
            _copy(path, copy, limits)
            order = {"path": str(copy), "kind": kind, "sheet": sheet, "layer": layer, "limits": asdict(limits)}
            return _read_apart(order, copy.parent, limits, on_block)
    except InvalidValue as error:
        error.value = path.name
        raise


def _kind(path: Path) -> str | None:
    """Return what kind of file an ending says; of two endings (.osm.bz2) both."""
    *_, before, last = ("", "", *path.name.lower().rpartition(".")[0].split("."), path.suffix.lower())
    return ENDINGS.get(f".{before}{last}") or ENDINGS.get(last)


def _copy(path: Path, copy: Path, limits: Limits) -> None:
    """Copy a plain file; while it is read nothing beside it is found, and nobody changes it."""
    try:
        # Without O_NONBLOCK a named pipe would keep us waiting.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise refused(Refusal.MISSING) from None
    except (OSError, ValueError) as error:
        raise refused(Refusal.NOT_OPENED, error=error) from error
    try:
        known = os.fstat(descriptor)
        if not stat.S_ISREG(known.st_mode):
            raise refused(Refusal.NOT_PLAIN)
        if known.st_size > limits.file_bytes:
            raise refused(Refusal.SIZE, limit=limits.file_bytes)
        with open(descriptor, "rb", closefd=False) as source, copy.open("xb") as target:
            shutil.copyfileobj(source, target, _COPY)
    except OSError as error:
        raise refused(Refusal.NOT_OPENED, error=error) from error
    finally:
        os.close(descriptor)


def _read_apart(order: Mapping[str, object], folder: Path, limits: Limits, on_block: OnBlock) -> RawFile:
    package = str(Path(__file__).resolve().parents[3])
    command = [sys.executable, "-I", "-c", _START, package, json.dumps(order)]
    late = threading.Event()
    with _process(command, folder) as process:

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(limits.wall_seconds, stop)
        timer.start()
        try:
            output = process.stdout
            if output is None:
                raise refused(Refusal.CRASH)
            return collect(output, limits, on_block)
        except InvalidValue as error:
            if error.reason != Refusal.CRASH.value[0]:
                raise
            status = _status(process)
            if late.is_set() or status == -signal.SIGXCPU:
                raise refused(Refusal.TIME) from None
            # The kernel kills whoever takes the last of the memory.
            raise refused(Refusal.MEMORY if status == -signal.SIGKILL else Refusal.CRASH) from None
        finally:
            timer.cancel()


@contextmanager
def _process(command: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command that is gone at the end, whatever happens."""
    process = subprocess.Popen(  # noqa: S603 - our own interpreter, and no text of the file
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pipesize=_PIPE,
        cwd=folder,
        env=_ENVIRONMENT | {"TMPDIR": str(folder), "CPL_TMPDIR": str(folder)},
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def _status(process: subprocess.Popen[bytes]) -> int | None:
    """Return how the process ended; None: it still runs."""
    try:
        return process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        return None
