"""Zipped Shapefile, through GDAL with no driver but that one."""

from __future__ import annotations

import codecs
import math
import os
import sys
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from locator.exchange.reading.archive import is_archive, member_name, open_archive, unpack
from locator.exchange.reading.limits import Limits, Refusal, refused
from locator.exchange.reading.stream import Writer
from locator.exchange.reading.wkb import BadGeometry, geojson_of

__all__ = ["only_shapefiles", "read_shapefile"]

_DRIVER = "ESRI Shapefile"
_SKIP = "GDAL_SKIP"
_PARTS = (".shp", ".shx", ".dbf", ".prj")
_NEEDED = _PARTS[:3]
_CODE_PAGES = {"65001": "utf-8", "936": "gb18030", "950": "big5", "1252": "cp1252", "88591": "iso8859-1"}
# Found in byte 29 of a .dbf: code pages of Chinese Windows and DOS.
_LANGUAGES = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "big5", 0x78: "big5"}
# Python's names. Not every codec is one of text: one of them unpacks zlib.
_ENCODINGS = {"gbk": "gb18030", "gb2312": "gb18030"} | {name: name for name in _CODE_PAGES.values()}


def only_shapefiles() -> None:
    """Load GDAL with one driver: start this process anew, with the name of every other in `GDAL_SKIP`.

    GDAL takes no list of what to allow, and reads the list of what to skip when it is loaded and never again.
    """
    vectors = _gdal()
    others = sorted(set(vectors.list_drivers()) - {_DRIVER})
    if others and _SKIP not in os.environ:
        # With a comma, since names hold spaces.
        environment = os.environ | {_SKIP: ",".join([*others, ""])}
        os.execve(sys.executable, sys.orig_argv, environment)  # noqa: S606 - this very process again
    if others:
        raise refused(Refusal.PART, part=f"GDAL ({', '.join(others)})")


def read_shapefile(path: Path, writer: Writer, layer: str | None) -> None:
    """Read the Shapefile of that name in the archive, or else the first."""
    limits = writer.limits
    with open_archive(path, limits, limits.members) as archive:
        layers = _layers(archive)
        chosen = layer if layer is not None else next(iter(layers), "")
        if not layers:
            raise refused(Refusal.NO_SHAPEFILE, missing=".shp")
        if chosen not in layers:
            raise refused(Refusal.NO_LAYER, layer=chosen, layers=", ".join(layers)[:300])
        parts = layers[chosen]
        target = path.with_name("layer.shp")
        for suffix in _PARTS:
            if suffix in parts:
                unpack(archive, parts[suffix], target.with_suffix(suffix))
            elif suffix in _NEEDED:
                raise refused(Refusal.NO_SHAPEFILE, missing=suffix)
        stated = archive.read(parts[".cpg"])[:100] if ".cpg" in parts else b""
    writer.notes["layer"] = chosen
    if len(layers) > 1:
        writer.notes["other layers"] = ", ".join(name for name in layers if name != chosen)[:500]
    _read(target, writer, [*_stated(stated), *_language(target.with_suffix(".dbf"))])


def _layers(archive: zipfile.ZipFile) -> dict[str, dict[str, zipfile.ZipInfo]]:
    """Return the Shapefiles in an archive: name to ending to member."""
    found: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for info in archive.infolist():
        path = PurePosixPath(member_name(info))
        if info.is_dir() or path.parts[0] == "__MACOSX":
            continue
        if is_archive(archive, info):
            raise refused(Refusal.NESTED, member=str(path))
        found.setdefault(str(path.with_suffix("")), {})[path.suffix.lower()] = info
    return {PurePosixPath(stem).name: parts for stem, parts in sorted(found.items()) if ".shp" in parts}


def _read(path: Path, writer: Writer, encodings: list[str]) -> None:
    from pyogrio import raw

    limits = writer.limits
    # ISO-8859-1 keeps every byte: which encoding it really is, is decided below, over the whole file.
    meta, _, shapes, columns = raw.read(
        path, encoding="ISO-8859-1", max_features=limits.rows + 1, datetime_as_string=True
    )
    if len(columns) > limits.columns:
        raise refused(Refusal.COLUMNS, limit=limits.columns)
    texts = [column for column in columns if column.dtype == object]
    encoding = _encoding([*meta["fields"], *(t for c in texts for t in c if isinstance(t, str))], encodings)
    writer.notes["encoding"] = {"utf-8": "UTF-8", "gb18030": "GB18030"}.get(encoding, encoding)
    names = [_decoded(name, encoding) for name in meta["fields"]]
    integers = [str(kind).startswith("int") for kind in meta["dtypes"]]
    for number, shape in enumerate(shapes, start=1):
        values = {
            name: _value(column[number - 1], integer, encoding)
            for name, column, integer in zip(names, columns, integers, strict=True)
        }
        writer.feature(number, values, _geometry(shape, number, limits))
    writer.end(crs=meta["crs"])


def _geometry(shape: bytes | None, number: int, limits: Limits) -> Mapping[str, Any] | None:
    try:
        return None if shape is None else geojson_of(shape, depth=limits.depth)
    except BadGeometry as error:
        raise refused(Refusal.GEOMETRY, number=number, error=error) from None


def _value(value: Any, integer: bool, encoding: str) -> object:  # noqa: ANN401 - numpy's scalars
    if value is None or isinstance(value, bytes):
        return None
    if isinstance(value, str):
        return _decoded(value, encoding)
    number = value.item()
    if isinstance(number, float):
        if not math.isfinite(number):  # numpy's way of saying that nothing is there
            return None
        return int(number) if integer else number
    return number


def _stated(content: bytes) -> Iterable[str]:
    """Return the encoding that a .cpg file names, in any of the spellings that are met."""
    name = content.decode("ascii", "replace").strip().lower()
    try:
        known = codecs.lookup(name).name
    except (LookupError, ValueError):
        known = _CODE_PAGES.get("".join(filter(str.isdigit, name)), "")
    if known in _ENCODINGS:
        yield _ENCODINGS[known]


def _language(path: Path) -> Iterable[str]:
    """Return the encoding that byte 29 of a .dbf names; clear it, or GDAL would convert by it."""
    with path.open("r+b") as file:
        file.seek(29)
        code = file.read(1)
        if code:
            file.seek(29)
            file.write(b"\0")
    if code and code[0] in _LANGUAGES:
        yield _LANGUAGES[code[0]]


def _encoding(texts: list[str], stated: list[str]) -> str:
    """Return the first encoding in which every text can be read: what the file states, UTF-8, GB18030."""
    content = [text for text in texts if not text.isascii()]
    for encoding in (*stated, "utf-8", "gb18030"):
        try:
            for text in content:
                _decoded(text, encoding)
        except (UnicodeError, LookupError):
            continue
        return encoding
    raise refused(Refusal.ENCODING)


def _decoded(text: str, encoding: str) -> str:
    # Fields have a width in bytes: the last character may have been cut in two.
    return codecs.getincrementaldecoder(encoding)().decode(text.encode("latin-1"), final=False)


def _gdal() -> Any:  # noqa: ANN401 - pyogrio is not typed
    # pyogrio looks whether these are there, which would load them; this process needs none of them.
    for name in ("geopandas", "pandas", "pyarrow", "pyproj", "shapely"):
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    import pyogrio

    return pyogrio
