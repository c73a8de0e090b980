"""A station as one row of a table: every field a column, nothing lost; the same columns read back."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from locator.station import ADMITS, CATEGORIES, FACILITIES, STATUSES, WAYS_IN, Station
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

_PLAIN = (
    "id", "name", "address", "adcode", "community", "street", "opening_hours", "staffed_hours", "capacity",
    "area_m2", "operator", "phone", "valid_from", "valid_to", "note",
)  # fmt: skip
_plain = attrgetter(*_PLAIN)
_LABELS = FACILITIES | WAYS_IN
_NUMBER = re.compile(r"-?\d[\d.]*(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def flat_row(station: Station, geometry: BaseGeometry, translate: Translator) -> dict[str, Any]:
    """Return a station's fields as text, numbers and dates, by the names of `COLUMNS`; None where unknown.

    Parameters
    ----------
    geometry
        The station's geometry in the datum that is written. A point stands in two columns, anything else
        also as WKT; then the two columns hold a point inside, for whoever needs one.
    translate
        Into the language of the table: categories, facilities and ways in are written as people call them.
    """
    is_point = geometry.geom_type == "Point"
    lon, lat = shapely.get_coordinates(geometry if is_point else geometry.representative_point())[0]
    entry, provenance = station.entry, station.provenance
    facilities = station.facilities.items()
    return {
        **{name: None if value == "" else value for name, value in zip(_PLAIN, _plain(station), strict=True)},
        "category": translate(CATEGORIES[station.category]),
        "status": translate(STATUSES[station.status]),
        "lon": float(lon),
        "lat": float(lat),
        "wkt": None if is_point else exact_wkt(geometry),
        "closures": _json([[c.first.isoformat(), c.last.isoformat(), c.reason] for c in station.closures]),
        "facilities": _labels(tuple([code for code, there in facilities if there]), translate),
        "missing": _labels(tuple([code for code, there in facilities if not there]), translate),
        "ways": _labels(entry.ways, translate),
        "registration": None
        if entry.registration is None
        else translate("yes")
        if entry.registration
        else translate("no"),
        "admits": translate(ADMITS[entry.admits]) if entry.admits else None,
        **{name: getattr(entry, name) or None for name in ("door", "floor", "host", "parking")},
        "photos": " ".join(station.photos) or None,
        "source": provenance.source or None,
        "source_id": provenance.source_id or None,
        "original": exact_wkt(provenance.original) if provenance.original is not None else None,
        "original_datum": provenance.datum if provenance.original is not None else None,
        "location_verified": provenance.location_verified,
        "facilities_verified": provenance.facilities_verified,
        "expires": provenance.expires,
        "extra": _json(dict(station.extra)),
    }


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
