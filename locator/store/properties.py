"""What a GIS client sees: the collections of features, and the flat columns that each feature has.

One table of definitions: what can be asked for, what is answered, schemas and documents all come from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from locator.station import ADMITS, CATEGORIES, FACILITIES, STATUSES
from locator.store.schema import POLYGONS
from locator.translation import N_

__all__ = ["COLLECTIONS", "IMPORTANT", "Collection", "Property"]

IMPORTANT = (
    "toilet", "drinking_water", "hot_water", "microwave", "rest_seating", "air_conditioning", "heating",
    "phone_charging", "ebike_charging", "battery_swap", "wheelchair_access", "aed",
)  # fmt: skip
"""Facilities that have a column of their own; the others stand in `facilities` and `facilities_absent`."""


@dataclass(frozen=True, slots=True)
class Property:
    """One column.

    Attributes
    ----------
    kind
        string, integer, number, boolean, date or timestamp.
    title
        What people call it, a message id.
    sql
        Its value, as an expression over a row; NULL: unknown.
    choices
        The codes that it can have, with their names; empty: any.
    role
        What it is for a client that knows nothing else (OGC API - Features, part 5: `x-ogc-role`).
    """

    name: str
    kind: str
    title: str
    sql: str
    choices: Mapping[str, str] = field(default_factory=dict)
    role: str = ""


@dataclass(frozen=True, slots=True)
class Collection:
    """Features of one kind of geometry.

    Attributes
    ----------
    geometry
        Format of the geometry as schemas name it: `geometry-` and the kinds.
    table, condition
        Where its rows are; those to which the condition applies.
    has_bounds
        Whether the table has the columns west, south, east and north.
    """

    name: str
    title: str
    description: str
    geometry: str
    table: str
    condition: str
    has_bounds: bool
    properties: Mapping[str, Property]


def _kept(path: str) -> str:
    """Return the expression for a member of the record."""
    return f"json_extract(record, '$.{path}')"


def _three_values(path: str) -> str:
    """Return the expression for a member that is yes, no or unknown: 1, 0 or NULL."""
    return f"CASE {_kept(path)} WHEN 'yes' THEN 1 WHEN 'no' THEN 0 END"


def _listed(value: str, path: str, condition: str = "1") -> str:
    """Return the expression for the members of a list or object, with commas between; NULL: there are none."""
    return f"(SELECT group_concat({value}) FROM json_each(record, '$.{path}') WHERE {condition})"


def _facilities(there: str) -> str:
    return _listed("key", "facilities", f"value = '{there}'")


def _text(name: str, title: str, path: str = "", choices: Mapping[str, str] | None = None) -> Property:
    return Property(name, "string", title, _kept(path or name), choices or {})


def _day(name: str, title: str, path: str = "", role: str = "") -> Property:
    return Property(name, "date", title, _kept(path or name), role=role)


_ID = Property("id", "string", N_("Code"), "id", role="id")
_DATES = (
    _day("valid_from", N_("First day"), role="primary-interval-start"),
    _day("valid_to", N_("Last day"), role="primary-interval-end"),
)
_SOURCE = _text("source", N_("Source"))

_STATION = (
    _ID,
    _text("name", N_("Name")),
    _text("category", N_("Category"), choices=CATEGORIES),
    _text("status", N_("Status"), choices=STATUSES),
    _text("address", N_("Address")),
    _text("community", N_("Community")),
    _text("opening_hours", N_("Opening hours (OpenStreetMap's notation)")),
    Property("facilities", "string", N_("Facilities that are there"), _facilities("yes")),
    _text("street", N_("Street")),
    _text("adcode", N_("Administrative division code")),
    _text("staffed_hours", N_("Staffed hours (OpenStreetMap's notation)")),
    Property("registration", "boolean", N_("Registration first"), _three_values("entry.registration")),
    _text("admits", N_("Whom it admits"), "entry.admits", ADMITS),
    Property("ways_in", "string", N_("Ways in"), _listed("value", "entry.ways")),
    _text("door", N_("Door"), "entry.door"),
    _text("floor", N_("Floor"), "entry.floor"),
    _text("host", N_("In the premises of"), "entry.host"),
    _text("parking", N_("Parking"), "entry.parking"),
    Property("facilities_absent", "string", N_("Facilities that are not there"), _facilities("no")),
    *(Property(code, "boolean", FACILITIES[code], _three_values(f"facilities.{code}")) for code in IMPORTANT),
    Property("capacity", "integer", N_("Capacity (persons)"), _kept("capacity")),
    Property("area_m2", "number", N_("Area (m²)"), _kept("area_m2")),
    _text("operator", N_("Operator")),
    _text("phone", N_("Telephone")),
    _text("note", N_("Note")),
    *_DATES,
    _text("source", N_("Source"), "provenance.source"),
    _day("location_verified", N_("Place verified"), "provenance.location_verified"),
    _day("facilities_verified", N_("Facilities verified"), "provenance.facilities_verified"),
    Property("version", "integer", N_("Version of the record"), "version"),
    Property("revision", "integer", N_("Revision of the data in which it changed"), "revision"),
    Property("recorded_at", "timestamp", N_("Recorded at"), "recorded_at"),
)  # fmt: skip

_AREA = (
    _ID,
    _text("name", N_("Name")),
    _text("kind", N_("Kind")),
    Property("residents", "integer", N_("Residents"), _kept("residents")),
    *_DATES,
    _SOURCE,
)

_STREET = (
    _ID,
    _text("name", N_("Name")),
    _text("kind", N_("Kind")),
    # What is not said of a street is not so: a record leaves out what is false.
    Property("must_cover", "boolean", N_("On the list of main streets"), f"ifnull({_kept('must_cover')}, 0)"),
    Property("bridge", "boolean", N_("Bridge"), f"ifnull({_kept('bridge')}, 0)"),
    *_DATES,
    _SOURCE,
)


def _by_name(properties: tuple[Property, ...]) -> Mapping[str, Property]:
    return MappingProxyType({one.name: one for one in properties})


# Points and polygons apart: GDAL takes the kind of geometry of a whole layer from its first page.
COLLECTIONS: Mapping[str, Collection] = MappingProxyType(
    {
        one.name: one
        for one in (
            Collection(
                "stations",
                N_("Stations"),
                N_("Workers' service stations whose place is a point."),
                "geometry-point-or-multipoint", "stations", f"NOT ({POLYGONS})", True, _by_name(_STATION),
            ),
            Collection(
                "station-areas",
                N_("Stations with an extent"),
                N_("Workers' service stations whose place is a polygon: a park, a yard."),
                "geometry-polygon-or-multipolygon", "stations", POLYGONS, True, _by_name(_STATION),
            ),
            Collection(
                "areas",
                N_("Areas"),
                N_("Areas that must be covered: communities, districts, parks."),
                "geometry-polygon-or-multipolygon", "areas", "1", False, _by_name(_AREA),
            ),
            Collection(
                "streets",
                N_("Streets"),
                N_("Stretches of street, and whether they are on the list of main streets."),
                "geometry-linestring-or-multilinestring", "streets", "1", False, _by_name(_STREET),
            ),
        )
    }
)  # fmt: skip
