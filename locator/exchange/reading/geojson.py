"""GeoJSON, and GeoJSON a line a feature: read feature by feature, so that a large file needs little memory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from locator.errors import InvalidValue
from locator.exchange.reading.limits import Refusal, refused
from locator.exchange.reading.stream import Writer

__all__ = ["read_geojson_file", "read_geojson_lines"]

_SPACE = re.compile(r"[ \t\n\r]*")
_LINE = 16_000_000


def read_geojson_file(path: Path, writer: Writer) -> None:
    """Read a FeatureCollection or a single Feature; the geometries are not looked into."""
    document: dict[str, Any] = {}
    number = 0
    try:
        content = path.read_bytes()
        text = content.decode(json.detect_encoding(content))
        del content
        for name, value in _members(text):
            if name != "features":
                document[name] = value
                continue
            number += 1
            _write(writer, number, value)
    except InvalidValue:
        raise
    except RecursionError:
        raise refused(Refusal.DEPTH, limit=writer.limits.depth) from None
    except ValueError as error:
        raise refused(Refusal.JSON, error=error) from error
    kind = document.get("type")
    if kind == "Feature":
        _write(writer, 1, document)
    if kind not in ("Feature", "FeatureCollection") or (number and kind == "Feature"):
        raise refused(Refusal.NOT_GEOJSON)
    if kind == "FeatureCollection" and "features []" not in document:
        raise refused(Refusal.NOT_GEOJSON)
    about = document.get("locator")
    writer.end(crs=_crs(document.get("crs")), about=about if isinstance(about, dict) else None)


def read_geojson_lines(path: Path, writer: Writer) -> None:
    """Read a file of one Feature a line, with or without record separators (RFC 8142)."""
    number = 0
    with path.open("rb") as file:
        for count, line in enumerate(iter(lambda: file.readline(_LINE), b""), start=1):
            text = line.removeprefix(b"\xef\xbb\xbf").strip(b"\x1e \t\r\n")
            if not text:
                continue
            number += 1
            try:
                feature = _DECODER.decode(text.decode())
            except RecursionError:
                raise refused(Refusal.DEPTH, limit=writer.limits.depth) from None
            except InvalidValue:
                raise
            except ValueError as error:
                raise refused(Refusal.JSON, error=f"line {count}: {error}") from error
            if isinstance(feature, dict) and feature.get("type") == "FeatureCollection":
                raise refused(Refusal.JSON, error=f"line {count}: FeatureCollection")
            _write(writer, number, feature)
    if not number:
        raise refused(Refusal.NOT_GEOJSON)
    writer.end()


def _refuse_constant(name: str) -> NoReturn:
    # The standard library takes NaN and Infinity, which GeoJSON does not know.
    raise refused(Refusal.CONSTANT, name=name)


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _members(text: str) -> Iterator[tuple[str, Any]]:
    """Return the members of the outermost object; of a list `features` each item by itself, and `features []`."""
    at = _past(text, 0, "{")
    if text[at : at + 1] == "}":
        return
    while True:
        name, at = _DECODER.raw_decode(text, at)
        if not isinstance(name, str):
            raise json.JSONDecodeError("Expecting property name", text, at)
        at = _past(text, _skip(text, at), ":")
        if name == "features" and text[at : at + 1] == "[":
            yield "features []", True
            at = _past(text, at, "[")
            if text[at : at + 1] == "]":
                at += 1
            else:
                while True:
                    item, at = _DECODER.raw_decode(text, at)
                    yield name, item
                    at = _skip(text, at)
                    if text[at : at + 1] == "]":
                        at += 1
                        break
                    at = _past(text, at, ",")
        else:
            value, at = _DECODER.raw_decode(text, at)
            yield (name if name != "features" else "features of another kind"), value
        at = _skip(text, at)
        if text[at : at + 1] == "}":
            break
        at = _past(text, at, ",")
    if _skip(text, at + 1) != len(text):
        raise json.JSONDecodeError("Extra data", text, at + 1)


def _past(text: str, at: int, mark: str) -> int:
    """Return where the next thing begins after a mark, which must stand here."""
    at = _skip(text, at)
    if text[at : at + 1] != mark:
        raise json.JSONDecodeError(f"Expecting '{mark}'", text, at)
    return _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _write(writer: Writer, number: int, item: object) -> None:
    if not isinstance(item, dict) or item.get("type") != "Feature":
        writer.feature(number, {})
        return
    properties = item.get("properties")
    writer.feature(
        number, properties if isinstance(properties, dict) else {}, item.get("geometry"), item.get("id")
    )


def _crs(member: object) -> str | None:
    """Return the name in the old `crs` member (GeoJSON of 2008)."""
    if member is None:
        return None
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str):
        raise refused(Refusal.CRS)
    return name
