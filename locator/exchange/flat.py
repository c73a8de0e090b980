"""Stations as rows of a table: every field a column, nothing lost; the same columns read back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np
import orjson
import shapely
from shapely.geometry.base import BaseGeometry

from locator.station import ADMITS, CATEGORIES, FACILITIES, STATUSES, WAYS_IN
from locator.translation import N_, Translator

__all__ = ["COLUMNS", "Column", "exact_wkt", "flat_columns", "place_columns"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the name of its field, and its heading as a message id."""

    field: str
    heading: str


COLUMNS: tuple[Column, ...] = (
    Column("id", N_("Code")),
    Column("name", N_("Name")),
    Column("category", N_("Category")),
    Column("status", N_("Status")),
    Column("lon", N_("Longitude")),
    Column("lat", N_("Latitude")),
    Column("wkt", N_("Geometry (WKT)")),
    Column("address", N_("Address")),
    Column("adcode", N_("Division code")),
    Column("community", N_("Community")),
    Column("street", N_("Street")),
    Column("opening_hours", N_("Opening hours")),
    Column("staffed_hours", N_("Staffed hours")),
    Column("closures", N_("Closures")),
    Column("facilities", N_("Facilities")),
    Column("missing", N_("Facilities that are not there")),
    Column("ways", N_("Ways in")),
    Column("registration", N_("Registration first")),
    Column("admits", N_("Who may enter")),
    Column("door", N_("Door")),
    Column("floor", N_("Floor")),
    Column("host", N_("Host")),
    Column("parking", N_("Parking")),
    Column("capacity", N_("Capacity")),
    Column("area_m2", N_("Area (m²)")),
    Column("operator", N_("Operator")),
    Column("phone", N_("Telephone")),
    Column("photos", N_("Photos")),
    Column("valid_from", N_("Exists from")),
    Column("valid_to", N_("Exists until")),
    Column("note", N_("Note")),
    Column("source", N_("Source")),
    Column("source_id", N_("Code at the source")),
    Column("original", N_("Geometry as given (WKT)")),
    Column("original_datum", N_("Datum as given")),
    Column("location_verified", N_("Place verified")),
    Column("facilities_verified", N_("Facilities verified")),
    Column("expires", N_("Verification expires")),
    Column("extra", N_("More (JSON)")),
)
"""In the order in which they are written."""

_PLAIN = (
    "id", "name", "address", "adcode", "community", "street", "opening_hours", "staffed_hours", "capacity",
    "area_m2", "operator", "phone", "note",
)  # fmt: skip
_ENTRY_TEXTS = ("door", "floor", "host", "parking")
_VERIFIED = ("location_verified", "facilities_verified", "expires")
_LABELS = FACILITIES | WAYS_IN
_YES_OR_NO = {"yes": N_("yes"), "no": N_("no")}
_NUMBER = re.compile(r"-?\d[\d.]*(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def flat_columns(
    records: Sequence[str], shapes: Sequence[BaseGeometry], translate: Translator
) -> dict[str, Sequence[Any]]:
    """Return stations' fields as text, numbers and dates, by the names of `COLUMNS`; None where unknown.

    Parameters
    ----------
    records
        As a store keeps them: JSON of what `station_to_record` writes.
    shapes
        The stations' geometries in the datum that is written. A point stands in two columns, anything else
        also as WKT; then the two columns hold a point inside, for whoever needs one.
    translate
        Into the language of the table: categories, facilities and ways in are written as people call them.
    """
    parsed: list[dict[str, Any]] = [
        orjson.loads(record.encode())  # of text itself it would leave a second copy inside
        for record in records
    ]
    nothing = [None] * len(parsed)
    there = set(chain.from_iterable(parsed))
    columns: dict[str, Sequence[Any]] = dict.fromkeys(_PLAIN, nothing)
    columns |= {name: [record.get(name) for record in parsed] for name in _PLAIN if name in there}
    for name, choices in (("category", CATEGORIES), ("status", STATUSES)):
        labels = {code: translate(label) for code, label in choices.items()}
        columns[name] = [labels[record[name]] for record in parsed]
    columns |= place_columns(shapes)
    for name, (fields, flat) in _PARTS.items():
        if name not in there:
            columns |= dict.fromkeys(fields, nothing)
            continue
        empty = (None,) * len(fields)
        rows = [flat(record[name], translate) if name in record else empty for record in parsed]
        columns |= dict(zip(fields, zip(*rows, strict=True), strict=True))
    return {column.field: columns[column.field] for column in COLUMNS}


def place_columns(shapes: Sequence[BaseGeometry]) -> dict[str, Sequence[Any]]:
    """Return the columns `lon`, `lat` and `wkt` of geometries; see `flat_columns`."""
    inside = np.array([None, *shapes], dtype=object)[1:]
    are_points = shapely.get_type_id(inside) == shapely.GeometryType.POINT
    inside[~are_points] = shapely.point_on_surface(inside[~are_points])
    lon, lat = shapely.get_coordinates(inside).T.tolist()
    wkt = [None if is_point else exact_wkt(shape) for is_point, shape in zip(are_points, shapes, strict=True)]
    return {"lon": lon, "lat": lat, "wkt": wkt}


def _closures(closures: Sequence[Mapping[str, str]], _translate: Translator) -> tuple[str | None]:
    return (_json([[c["first"], c["last"], c.get("reason", "")] for c in closures]),)


def _facilities(words: Mapping[str, str], translate: Translator) -> tuple[str | None, str | None]:
    return _facility_labels(tuple(words.items()), translate)


def _entry(entry: Mapping[str, Any], translate: Translator) -> tuple[str | None, ...]:
    registration, admits = entry.get("registration"), entry.get("admits")
    return (
        *(entry.get(name) for name in _ENTRY_TEXTS),
        _labels(tuple(entry.get("ways", ())), translate),
        translate(_YES_OR_NO[registration]) if registration else None,
        translate(ADMITS[admits]) if admits else None,
    )


def _provenance(record: Mapping[str, Any], _translate: Translator) -> tuple[Any, ...]:
    days = [_day(record[name]) if name in record else None for name in _VERIFIED]
    original = record.get("original")
    given = exact_wkt(shapely.geometry.shape(original["geometry"])) if original else None
    return record.get("source"), record.get("source_id"), *days, given, original["datum"] if original else None


@lru_cache(maxsize=10_000)
def _day(text: str) -> date:
    return date.fromisoformat(text)


_PARTS: dict[str, tuple[tuple[str, ...], Callable[[Any, Translator], tuple[Any, ...]]]] = {
    "closures": (("closures",), _closures),
    "facilities": (("facilities", "missing"), _facilities),
    "entry": ((*_ENTRY_TEXTS, "ways", "registration", "admits"), _entry),
    "photos": (("photos",), lambda photos, _translate: (" ".join(photos),)),
    "valid_from": (("valid_from",), lambda day, _translate: (_day(day),)),
    "valid_to": (("valid_to",), lambda day, _translate: (_day(day),)),
    "extra": (("extra",), lambda extra, _translate: (_json(extra),)),
    "provenance": (("source", "source_id", *_VERIFIED, "original", "original_datum"), _provenance),
}
"""Part of a record to the columns that it fills, and what fills them."""


@lru_cache(maxsize=10_000)
def _facility_labels(words: tuple[tuple[str, str], ...], translate: Translator) -> tuple[str | None, str | None]:
    """Return what is there, and what is not, as people call it."""
    there, missing = (tuple(code for code, word in words if word == said) for said in ("yes", "no"))
    return _labels(there, translate), _labels(missing, translate)


@lru_cache(maxsize=10_000)
def _labels(codes: tuple[str, ...], translate: Translator) -> str | None:
    """Return what people call facilities or ways in, as one text."""
    return translate(", ").join(translate(_LABELS[code]) for code in codes) or None


def exact_wkt(geometry: BaseGeometry) -> str:
    """Return WKT that holds every digit of the coordinates.

    GEOS writes no more than 16 decimals, which are too few within a degree of the equator or of Greenwich.
    """
    numbers = iter(shapely.get_coordinates(geometry).ravel().tolist())
    return _NUMBER.sub(lambda _: repr(next(numbers)), str(shapely.to_wkt(geometry, rounding_precision=-1)))


def _json(value: object) -> str | None:
    return json.dumps(value, ensure_ascii=False) if value else None
