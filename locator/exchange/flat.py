"""A station as one row of a table: every field a column, nothing lost; the same columns read back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from locator.station import ADMITS, CATEGORIES, FACILITIES, STATUSES, WAYS_IN
from locator.translation import N_, Translator

__all__ = ["COLUMNS", "Column", "exact_wkt", "flat_row", "in_order"]


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

in_order = itemgetter(*(column.field for column in COLUMNS))
"""Return the values of a flat row in the order of `COLUMNS`."""

_PLAIN = frozenset({
    "id", "name", "address", "adcode", "community", "street", "opening_hours", "staffed_hours", "capacity",
    "area_m2", "operator", "phone", "note",
})  # fmt: skip
_VERIFIED = ("location_verified", "facilities_verified", "expires")
_EMPTY: dict[str, Any] = dict.fromkeys(column.field for column in COLUMNS)
_LABELS = FACILITIES | WAYS_IN
_YES_OR_NO = {"yes": N_("yes"), "no": N_("no")}
_NUMBER = re.compile(r"-?\d[\d.]*(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def flat_row(record: Mapping[str, Any], geometry: BaseGeometry, translate: Translator) -> dict[str, Any]:
    """Return a station's fields as text, numbers and dates, by the names of `COLUMNS`; None where unknown.

    Parameters
    ----------
    record
        As `station_to_record` writes it.
    geometry
        The station's geometry in the datum that is written. A point stands in two columns, anything else
        also as WKT; then the two columns hold a point inside, for whoever needs one.
    translate
        Into the language of the table: categories, facilities and ways in are written as people call them.
    """
    is_point = geometry.geom_type == "Point"
    lon, lat = shapely.get_coordinates(geometry if is_point else geometry.representative_point())[0]
    row: dict[str, Any] = _EMPTY | {name: value for name, value in record.items() if name in _PLAIN}
    row |= {"lon": float(lon), "lat": float(lat), "wkt": None if is_point else exact_wkt(geometry)}
    category, status = record["category"], record["status"]
    row |= {"category": translate(CATEGORIES[category]), "status": translate(STATUSES[status])}
    for name, fill in _PARTS.items():
        if name in record:
            fill(row, record[name], translate)
    return row


def _fill_closures(row: dict[str, Any], closures: Sequence[Mapping[str, str]], _translate: Translator) -> None:
    row["closures"] = _json([[c["first"], c["last"], c.get("reason", "")] for c in closures])


def _fill_facilities(row: dict[str, Any], words: Mapping[str, str], translate: Translator) -> None:
    row["facilities"] = _labels(tuple([code for code, word in words.items() if word == "yes"]), translate)
    row["missing"] = _labels(tuple([code for code, word in words.items() if word == "no"]), translate)


def _fill_entry(row: dict[str, Any], entry: Mapping[str, Any], translate: Translator) -> None:
    row |= {name: entry[name] for name in ("door", "floor", "host", "parking") if name in entry}
    row["ways"] = _labels(tuple(entry.get("ways", ())), translate)
    registration, admits = entry.get("registration"), entry.get("admits")
    row["registration"] = translate(_YES_OR_NO[registration]) if registration else None
    row["admits"] = translate(ADMITS[admits]) if admits else None


def _fill_provenance(row: dict[str, Any], record: Mapping[str, Any], _translate: Translator) -> None:
    row |= {name: record[name] for name in ("source", "source_id") if name in record}
    row |= {name: date.fromisoformat(record[name]) for name in _VERIFIED if name in record}
    if "original" in record:
        row["original"] = exact_wkt(shapely.geometry.shape(record["original"]["geometry"]))
        row["original_datum"] = record["original"]["datum"]


def _fill_day(name: str) -> Callable[[dict[str, Any], str, Translator], None]:
    def fill(row: dict[str, Any], day: str, _translate: Translator) -> None:
        row[name] = date.fromisoformat(day)

    return fill


def _fill_extra(row: dict[str, Any], extra: Mapping[str, str], _translate: Translator) -> None:
    row["extra"] = _json(extra)


def _fill_photos(row: dict[str, Any], photos: Sequence[str], _translate: Translator) -> None:
    row["photos"] = " ".join(photos)


_PARTS: dict[str, Callable[[dict[str, Any], Any, Translator], None]] = {
    "closures": _fill_closures,
    "facilities": _fill_facilities,
    "entry": _fill_entry,
    "photos": _fill_photos,
    "valid_from": _fill_day("valid_from"),
    "valid_to": _fill_day("valid_to"),
    "extra": _fill_extra,
    "provenance": _fill_provenance,
}
"""Part of a record to what fills its columns."""


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
