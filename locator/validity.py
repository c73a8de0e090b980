"""Geometries from outside: closed, wound, finite, in range, small enough."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import count
from typing import Any, TypeAlias

import numpy as np
import shapely
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from locator.errors import InvalidValue
from locator.translation import N_

__all__ = [
    "ALL_KINDS",
    "MAX_DEPTH",
    "MAX_TEXT",
    "MAX_VERTICES",
    "check_geometry",
    "parse_geometry",
    "parse_wkt",
    "read_geometry",
    "read_wkt",
]

# Measured: deeper or longer text makes GEOS overflow its stack, which no `except` catches.
MAX_VERTICES = 10_000
MAX_DEPTH = 8
MAX_TEXT = 1_000_000
"""Characters of WKT; whoever parses JSON limits its text alike before parsing."""

ALL_KINDS = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon")

Position: TypeAlias = tuple[float, float]

_NESTING = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
_MAX_NUMBERS = 4  # RFC 7946 (3.1.1) discourages more than three; a fourth, M, is met in practice
_WKT_LETTERS = re.compile(r"[A-Za-z0-9\s().,+-]*", re.ASCII)
_WKT_MEND = N_("give text such as POINT (113.07 28.81)")
_GEOS_REASON = re.compile(r"(?P<problem>.*?)\[(?P<x>\S+) (?P<y>[^\s\]]+)[^\]]*\]", re.DOTALL)

_PROBLEMS = {
    "Self-intersection": N_("crosses itself at {place}"),
    "Ring Self-intersection": N_("touches itself at {place}"),
    "Too few points in geometry component": N_("has no extent at {place}"),
    "Hole lies outside shell": N_("has a hole that lies outside of it at {place}"),
    "Holes are nested": N_("has a hole within a hole at {place}"),
    "Interior is disconnected": N_("is cut in two by its holes at {place}"),
    "Nested shells": N_("has a part within a part at {place}"),
}


def read_geometry(
    document: object, *, field: str = "geometry", kinds: Collection[str] = ALL_KINDS
) -> BaseGeometry:
    """Read a GeoJSON geometry object (RFC 7946) from outside.

    Nothing is guessed and nothing repaired but what loses nothing: rings are wound the right way,
    heights (third and fourth numbers) are dropped, a collection with a single member is that member.
    Other members of the object, such as `bbox`, are not read.

    Parameters
    ----------
    document
        Parsed JSON of any kind; degrees, WGS84, lon before lat.
    field
        What the errors call it.
    kinds
        The geometry types that are taken.

    Returns
    -------
    A valid 2D geometry, exterior rings counter-clockwise and holes clockwise.

    Raises
    ------
    InvalidValue
        It is no geometry, of a kind not taken, empty, wrongly nested, not finite, out of range, not closed,
        crossing itself, longer than half around the earth in one edge, or larger than `MAX_VERTICES`.
    """
    return check_geometry(parse_geometry(document, field=field, kinds=kinds), field=field, kinds=kinds)


def parse_geometry(
    document: object, *, field: str = "geometry", kinds: Collection[str] = ALL_KINDS
) -> BaseGeometry:
    """Build a GeoJSON geometry object whose coordinates may mean anything: metres, feet, another datum.

    Its structure is checked as by `read_geometry`; ranges and shape are for `check_geometry`, once the
    coordinates are degrees of WGS84.

    Raises
    ------
    InvalidValue
        It is no geometry, of a kind not taken, wrongly nested, not finite, not closed or too large.
    """
    member, kind = _single_member(document, field)
    if not isinstance(kind, str) or kind not in _NESTING:
        raise _unknown_kind(kind, field)
    _check_kind(kind, field, kinds)
    if "coordinates" not in member:
        raise InvalidValue(
            N_("has no coordinates"), field=field, value=kind, mend=N_("give the member coordinates")
        )
    coordinates = _nested(member["coordinates"], _NESTING[kind], count(1), field)
    for line in _lines(kind, coordinates):
        _check_line(line, field, ring=kind in ("Polygon", "MultiPolygon"))
    return _BUILD[kind](coordinates)


def read_wkt(text: str, *, field: str = "geometry", kinds: Collection[str] = ALL_KINDS) -> BaseGeometry:
    """Read a geometry from WKT that came from outside.

    Length, depth and vertices are counted in the text, before GEOS sees it. The rest is as in
    `read_geometry`; a prefix `SRID=…;` is not WKT and is not taken.

    Parameters
    ----------
    text
        Degrees, WGS84, lon before lat.
    field
        What the errors call it.
    kinds
        The geometry types that are taken, as GeoJSON spells them.

    Returns
    -------
    As of `read_geometry`.

    Raises
    ------
    InvalidValue
        As of `read_geometry`, or the text is not WKT or longer than `MAX_TEXT`.
    """
    return check_geometry(parse_wkt(text, field=field), field=field, kinds=kinds)


def parse_wkt(text: str, *, field: str = "geometry") -> BaseGeometry:
    """Return the geometry that WKT from outside says, in whatever units; only its size is checked.

    Raises
    ------
    InvalidValue
        The text is not WKT, or too long, deep or detailed.
    """
    if len(text) > MAX_TEXT:
        raise InvalidValue(
            N_("is longer than {limit} characters"), field=field, mend=N_("simplify it"), limit=MAX_TEXT
        )
    # Between two vertices there is exactly one comma, whatever brackets stand there too.
    _check_vertices(text.count(",") + 1, field)
    if _depth(text) > MAX_DEPTH:
        raise _too_deep(field)
    if not _WKT_LETTERS.fullmatch(text):
        raise InvalidValue(
            N_("has a character that WKT does not have"), field=field, value=text[:100], mend=_WKT_MEND
        )
    try:
        with np.errstate(all="ignore"):  # 1e400 becomes infinite, which is refused below
            geometry = shapely.from_wkt(text)
    except (ShapelyError, NotImplementedError) as problem:
        raise _not_wkt(text, field, str(problem).strip()) from None
    return geometry


def check_geometry(
    geometry: object, *, field: str = "geometry", kinds: Collection[str] = ALL_KINDS
) -> BaseGeometry:
    """Check a shapely geometry that came from elsewhere, and return it normalised.

    Parameters
    ----------
    geometry
        Degrees, WGS84, lon before lat; not changed.
    field
        What the errors call it.
    kinds
        The geometry types that are taken.

    Returns
    -------
    The geometry in 2D, exterior rings counter-clockwise and holes clockwise, a collection with a single
    member replaced by it.

    Raises
    ------
    InvalidValue
        As of `read_geometry`.
    """
    if not isinstance(geometry, BaseGeometry):
        raise _not_geometry(geometry, field)
    if geometry.__class__ is shapely.Point and "Point" in kinds and _is_plain_place(geometry):
        return geometry
    _check_vertices(int(shapely.get_num_coordinates(geometry)), field)
    geometry = _without_collection(geometry, field)
    _check_kind(geometry.geom_type, field, kinds)
    if geometry.is_empty or shapely.is_empty(shapely.get_parts(geometry)).any():
        raise _empty(field)
    geometry = shapely.force_2d(geometry)
    _check_range(geometry, field)
    _check_edges(geometry, field)
    _check_valid(geometry, field)
    return shapely.orient_polygons(geometry) if shapely.get_dimensions(geometry) == 2 else geometry


def _is_plain_place(point: BaseGeometry) -> bool:
    """Whether a point, as nine of ten geometries are, needs no other look: two numbers, both in range."""
    # An empty one, or one that is not a number, has bounds that are in no range.
    lon, lat, _, _ = shapely.bounds(point).tolist()
    return -180 <= lon <= 180 and -90 <= lat <= 90 and int(shapely.get_coordinate_dimension(point)) == 2


def _single_member(document: object, field: str) -> tuple[Mapping[object, object], object]:
    """Return the one geometry object and its type, out of collections that hold nothing else."""
    for _ in range(MAX_DEPTH):
        if not isinstance(document, Mapping):
            raise _not_geometry(document, field)
        kind = document.get("type")
        if kind != "GeometryCollection":
            return document, kind
        members = document.get("geometries")
        if not isinstance(members, list | tuple) or len(members) != 1:
            raise _collection(field)
        document = members[0]
    raise _too_deep(field)


def _without_collection(geometry: BaseGeometry, field: str) -> BaseGeometry:
    for _ in range(MAX_DEPTH):
        if geometry.geom_type != "GeometryCollection":
            return geometry
        try:
            members = shapely.get_parts(geometry)
        except NotImplementedError:  # curves, which GEOS reads and shapely cannot hold
            raise _collection(field) from None
        if len(members) != 1:
            raise _collection(field)
        geometry = members[0]
    raise _too_deep(field)


def _nested(value: object, levels: int, counter: Iterator[int], field: str) -> list[object] | Position:
    """Return lists nested `levels` deep around positions; never goes deeper than the type allows."""
    if levels == 0:
        _check_vertices(next(counter), field)
        return _position(value, field)
    if not isinstance(value, list | tuple):
        raise InvalidValue(
            N_("is not nested as deep as its type needs"),
            field=field,
            value=_shown(value),
            mend=N_("check type and brackets"),
        )
    if not value:
        raise _empty(field)
    return [_nested(item, levels - 1, counter, field) for item in value]


def _position(value: object, field: str) -> Position:
    if not isinstance(value, list | tuple) or not 2 <= len(value) <= _MAX_NUMBERS:
        raise InvalidValue(
            N_("has something in the place of a position"),
            field=field,
            value=_shown(value),
            mend=N_("give [longitude, latitude]"),
        )
    lon, lat, *_ = (_number(item, field) for item in value)
    return lon, lat


def _number(value: object, field: str) -> float:
    # True is an int in Python, and "113.07" would be cast by numpy: neither is a number in JSON.
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _not_number(value, field)
    try:
        number = float(value)
    except OverflowError:
        raise _not_number(value, field) from None
    if not math.isfinite(number):
        raise _not_number(value, field)
    return number


def _lines(kind: str, coordinates: Any) -> Iterator[list[Position]]:  # noqa: ANN401 - as deep as `kind` says
    """Return the lines or rings of nested coordinates, one after the other."""
    if kind == "LineString":
        yield coordinates
    elif kind in ("MultiLineString", "Polygon"):
        yield from coordinates
    elif kind == "MultiPolygon":
        for rings in coordinates:
            yield from rings


def _check_line(line: list[Position], field: str, *, ring: bool) -> None:
    # Shapely would close an open ring without a word (RFC 7946, 3.1.6: four or more, last equal to first).
    if ring and line[0] != line[-1]:
        raise InvalidValue(
            N_("has a ring that is not closed"),
            field=field,
            value=_place(*line[0]),
            mend=N_("end each ring with its first position"),
        )
    least = 4 if ring else 2
    if len(line) < least:
        raise InvalidValue(
            N_("has a line or ring of fewer than {least} positions"),
            field=field,
            value=_place(*line[0]),
            mend=N_("give at least {least}"),
            least=least,
        )


_BUILD: dict[str, Callable[..., BaseGeometry]] = {
    "Point": shapely.Point,
    "MultiPoint": shapely.MultiPoint,
    "LineString": shapely.LineString,
    "MultiLineString": shapely.MultiLineString,
    "Polygon": lambda rings: shapely.Polygon(rings[0], rings[1:]),
    "MultiPolygon": lambda polygons: shapely.MultiPolygon([(rings[0], rings[1:]) for rings in polygons]),
}


def _depth(text: str) -> int:
    deepest = depth = 0
    for bracket in re.findall(r"[()]", text):
        depth += 1 if bracket == "(" else -1
        deepest = max(deepest, depth)
    return deepest


def _check_kind(kind: str, field: str, kinds: Collection[str]) -> None:
    if kind not in kinds:
        raise InvalidValue(
            N_("cannot be a geometry of this kind"),
            field=field,
            value=kind,
            mend=N_("give one of {kinds}"),
            kinds=", ".join(sorted(kinds)),
        )


def _check_vertices(vertices: int, field: str) -> None:
    if vertices > MAX_VERTICES:
        raise InvalidValue(
            N_("has more than {limit} vertices"), field=field, mend=N_("simplify it"), limit=MAX_VERTICES
        )


def _check_range(geometry: BaseGeometry, field: str) -> None:
    """Refuse what is not finite or out of range, and say so where the order looks wrong."""
    pairs = shapely.get_coordinates(geometry)
    finite = np.isfinite(pairs).all(axis=1)
    if not finite.all():
        raise _not_number(_place(*pairs[~finite][0]), field)
    outside = (np.abs(pairs) > (180, 90)).any(axis=1)
    if not outside.any():
        return
    swapped = bool((np.abs(pairs) <= (90, 180)).all())
    raise InvalidValue(
        N_("is outside the range of longitudes and latitudes"),
        field=field,
        value=_place(*pairs[outside][0]),
        mend=N_("longitude and latitude look swapped: give longitude first")
        if swapped
        else N_("give longitude from -180 to 180, then latitude from -90 to 90, in degrees of WGS84"),
    )


def _check_edges(geometry: BaseGeometry, field: str) -> None:
    """Refuse edges over more than half of the longitudes.

    Where that is said, the 180° meridian was crossed and the short way meant (RFC 7946, 3.1.9: cut it
    there); read as it stands, it is a band around the earth, and the winding seems wrong.
    """
    if shapely.get_dimensions(geometry) == 0:
        return
    parts = shapely.get_parts(geometry)
    lines = shapely.get_rings(parts) if shapely.get_dimensions(geometry) == 2 else parts
    pairs, line = shapely.get_coordinates(lines, return_index=True)
    wide = (np.abs(np.diff(pairs[:, 0])) > 180) & (line[1:] == line[:-1])
    if wide.any():
        raise InvalidValue(
            N_("has an edge more than half around the earth"),
            field=field,
            value=_place(*pairs[:-1][wide][0]),
            mend=N_("cut it at the 180° meridian into two parts"),
        )


def _check_valid(geometry: BaseGeometry, field: str) -> None:
    if geometry.is_valid:
        return
    reason = shapely.is_valid_reason(geometry)
    found = _GEOS_REASON.fullmatch(reason)
    problem, place = (found["problem"], _place(float(found["x"]), float(found["y"]))) if found else (reason, "")
    raise InvalidValue(
        _PROBLEMS.get(problem, N_("is not a valid shape at {place}: {problem}")),
        field=field,
        value=geometry.geom_type,
        mend=N_("draw it again"),
        place=place,
        problem=problem,
    )


def _place(lon: float, lat: float) -> str:
    return f"{lon:.9g}, {lat:.9g}"


def _shown(value: object) -> object:
    """Return what an error can carry: hostile JSON may be too deep or too large even to be printed."""
    if isinstance(value, str):
        return value[:100]
    if isinstance(value, bool | float):
        return value
    return "null" if value is None else type(value).__name__


def _not_geometry(value: object, field: str) -> InvalidValue:
    return InvalidValue(
        N_("is not a geometry"),
        field=field,
        value=_shown(value),
        mend=N_("give an object with type and coordinates"),
    )


def _unknown_kind(kind: object, field: str) -> InvalidValue:
    return InvalidValue(
        N_("has a type that is not a geometry's"),
        field=field,
        value=_shown(kind),
        mend=N_("give one of {kinds}"),
        kinds=", ".join(ALL_KINDS),
    )


def _collection(field: str) -> InvalidValue:
    return InvalidValue(
        N_("is a collection of other than one geometry"),
        field=field,
        value="GeometryCollection",
        mend=N_("give one of {kinds}"),
        kinds=", ".join(ALL_KINDS),
    )


def _too_deep(field: str) -> InvalidValue:
    return InvalidValue(
        N_("is nested more than {limit} deep"), field=field, mend=N_("check type and brackets"), limit=MAX_DEPTH
    )


def _empty(field: str) -> InvalidValue:
    return InvalidValue(N_("is empty"), field=field, mend=N_("give coordinates"))


def _not_number(value: object, field: str) -> InvalidValue:
    return InvalidValue(
        N_("has a coordinate that is not a finite number"),
        field=field,
        value=_shown(value),
        mend=N_("give [longitude, latitude]"),
    )


def _not_wkt(text: str, field: str, problem: str) -> InvalidValue:
    return InvalidValue(
        N_("is not WKT: {problem}"),
        field=field,
        value=text[:100],
        mend=_WKT_MEND,
        problem=problem,
    )
