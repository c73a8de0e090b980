"""The station: a place of service, what it offers, how one gets in, and where each fact came from.

Three values everywhere: a facility, "registration first" and the like are True, False or None (unknown).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from types import MappingProxyType
from typing import Any, TypeVar

import shapely
from shapely.geometry.base import BaseGeometry

from locator.errors import InvalidValue, NotFound
from locator.hours import Closure, Hours
from locator.opening import checked_hours
from locator.translation import N_

__all__ = [
    "ADMITS",
    "CATEGORIES",
    "FACILITIES",
    "GEOMETRY_KINDS",
    "STATUSES",
    "WAYS_IN",
    "Entry",
    "Provenance",
    "Station",
    "is_code",
    "is_plain_text",
    "no_such_station",
]

CATEGORIES: dict[str, str] = {
    "station": N_("station"),
    "mini_station": N_("mini station"),
    "self_service": N_("24 h self-service station"),
    "temporary": N_("temporary station"),
    "mobile": N_("mobile station"),
}

STATUSES: dict[str, str] = {
    "operating": N_("operating"),
    "planned": N_("planned"),
    "suspended": N_("suspended"),
    "closed": N_("closed for good"),
}

WAYS_IN: dict[str, str] = {
    "open_door": N_("open door"),
    "staff": N_("staff let you in"),
    "qr_code": N_("door QR code"),
    "id_card": N_("ID card"),
    "keypad": N_("keypad code"),
    "fingerprint": N_("fingerprint"),
    "union_app": N_("union app"),
    "member_code": N_("member code"),
    "face": N_("face scan"),
    "key": N_("key"),
}

ADMITS: dict[str, str] = {
    "everyone": N_("everyone"),
    "outdoor_workers": N_("outdoor workers"),
    "members": N_("union members"),
}

FACILITIES: dict[str, str] = {
    "drinking_water": N_("drinking water"),
    "hot_water": N_("hot water"),
    "microwave": N_("microwave"),
    "refrigerator": N_("refrigerator"),
    "rest_seating": N_("rest seating"),
    "air_conditioning": N_("air conditioning"),
    "heating": N_("heating"),
    "toilet": N_("toilet"),
    "shower": N_("shower"),
    "phone_charging": N_("phone charging"),
    "power_bank": N_("power bank"),
    "ebike_charging": N_("e-bike charging"),
    "battery_swap": N_("battery swap"),
    "ebike_parking": N_("e-bike parking"),
    "tyre_pump": N_("tyre pump"),
    "tool_kit": N_("tool kit"),
    "sewing_kit": N_("sewing kit"),
    "umbrella": N_("umbrella or raincoat"),
    "first_aid_box": N_("first-aid box"),
    "aed": N_("AED"),
    "blood_pressure_meter": N_("blood pressure meter"),
    "oxygen": N_("oxygen"),
    "wifi": N_("Wi-Fi"),
    "books": N_("books"),
    "television": N_("television"),
    "printing": N_("printing"),
    "lockers": N_("lockers"),
    "laundry": N_("laundry"),
    "nursing_room": N_("nursing room"),
    "womens_room": N_("women's room"),
    "wheelchair_access": N_("wheelchair access"),
    "wheelchair_loan": N_("wheelchair loan"),
    "legal_aid": N_("legal aid"),
    "counselling": N_("counselling"),
    "haircut": N_("haircut"),
    "union_desk": N_("union membership desk"),
    "cheap_meals": N_("cheap meals"),
    "shared_shelf": N_("shared goods shelf"),
}

GEOMETRY_KINDS = frozenset({"Point", "MultiPoint", "Polygon", "MultiPolygon"})

_MAX_TEXT = 2_000
_PLACE = {code: place for place, code in enumerate(FACILITIES)}
_ID = re.compile(r"[A-Za-z0-9\u4e00-\u9fff](?:[A-Za-z0-9\u4e00-\u9fff._:-]{0,62}[A-Za-z0-9\u4e00-\u9fff])?")
_ADCODE = re.compile(r"\d{6}(?:\d{3}){0,2}")
_PHOTO = re.compile(r"(?:https?://|/(?!/))[^\s\"'<>`\\]+")

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """How one gets in.

    Attributes
    ----------
    ways
        Codes of `WAYS_IN`, any one of which suffices; empty: unknown.
    registration
        Whether a first visit needs registration; None: unknown.
    admits
        Code of `ADMITS`; None: unknown.
    door, floor, host, parking
        Free text: which door, which floor, whose premises, where to leave the vehicle.
    """

    ways: tuple[str, ...] = ()
    registration: bool | None = None
    admits: str | None = None
    door: str = ""
    floor: str = ""
    host: str = ""
    parking: str = ""

    def __post_init__(self) -> None:
        for way in self.ways:
            _check_choice("entry.ways", way, WAYS_IN)
        object.__setattr__(self, "ways", tuple(sorted(set(self.ways), key=list(WAYS_IN).index)))
        _check_three_values("entry.registration", self.registration)
        if self.admits is not None:
            _check_choice("entry.admits", self.admits, ADMITS)
        _trim_texts(self, ("door", "floor", "host", "parking"), "entry.")

    @property
    def anyone(self) -> bool | None:
        """Whether anyone may enter; None: unknown."""
        return None if self.admits is None else self.admits == "everyone"

    @property
    def face_only(self) -> bool:
        """Whether a face scan is the only way in, which the rule in force since 2025-06-01 forbids."""
        return self.ways == ("face",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where the facts came from, when they were verified, and when that expires.

    Attributes
    ----------
    source, source_id
        Name of the source, and the record's identifier there. `illustrative` marks made-up records.
    original, datum
        The geometry as it was given, and the datum (or CRS) that it was given in; None: given in WGS84.
    location_verified, facilities_verified, expires
        Dates; None: never, or no end.
    """

    source: str = ""
    source_id: str = ""
    original: BaseGeometry | None = None
    datum: str = "wgs84"
    location_verified: date | None = None
    facilities_verified: date | None = None
    expires: date | None = None

    def __post_init__(self) -> None:
        _trim_texts(self, ("source", "source_id", "datum"), "provenance.")

    @property
    def is_illustrative(self) -> bool:
        """Whether the record is made up to show what the system does."""
        return self.source == "illustrative"


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """One place of service; WGS84, lon before lat.

    Attributes
    ----------
    id
        The station's one code, stable for its life.
    geometry
        Point, Polygon (a park, a yard) or their multi forms.
    opening_hours, staffed_hours
        OSM `opening_hours`; None: unknown. Outside the staffed hours an open station is self-service.
    facilities
        Code of `FACILITIES` to True or False; a code that is not there is unknown.
    adcode
        Administrative division code, 6, 9 or 12 digits.
    capacity
        Persons who find room; `area_m2` is the floor space.
    valid_from, valid_to
        First and last day of existence, both included; None: no bound.
    extra
        What the source said beyond these fields, kept as text.

    Raises
    ------
    InvalidValue
        A value cannot be right; names the field, the value and the mend.
    """

    id: str
    name: str
    geometry: BaseGeometry
    category: str = "station"
    status: str = "operating"
    address: str = ""
    adcode: str = ""
    community: str = ""
    street: str = ""
    opening_hours: str | None = None
    staffed_hours: str | None = None
    closures: tuple[Closure, ...] = ()
    entry: Entry = field(default_factory=Entry)
    facilities: Mapping[str, bool] = field(default_factory=dict)
    capacity: int | None = None
    area_m2: float | None = None
    operator: str = ""
    phone: str = ""
    photos: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    note: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    provenance: Provenance = field(default_factory=Provenance)

    def __post_init__(self) -> None:
        _check_id(self.id)
        _trim_texts(self, ("name", "address", "community", "street", "operator", "phone", "note"))
        if not self.name:
            raise InvalidValue(N_("is empty"), field="name", mend=N_("give the station a name"))
        _check_choice("category", self.category, CATEGORIES)
        _check_choice("status", self.status, STATUSES)
        _check_geometry(self.geometry)
        if self.adcode and not _ADCODE.fullmatch(self.adcode):
            raise InvalidValue(
                N_("is not an administrative division code"),
                field="adcode",
                value=self.adcode,
                mend=N_("use 6, 9 or 12 digits, such as 430681"),
            )
        checked_hours(self.opening_hours, field="opening_hours")
        checked_hours(self.staffed_hours, field="staffed_hours")
        _check_number("capacity", self.capacity, whole=True)
        _check_number("area_m2", self.area_m2)
        for photo in self.photos:
            _check_photo(photo)
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise InvalidValue(
                N_("is before valid_from, {first}"),
                field="valid_to",
                value=self.valid_to,
                first=self.valid_from,
                mend=N_("swap the two dates"),
            )
        for code, has_it in self.facilities.items():
            if code not in FACILITIES or has_it.__class__ is not bool:
                _check_choice("facilities", code, FACILITIES)
                _check_three_values(f"facilities.{code}", has_it)
        for heading, text in self.extra.items():
            _check_text("extra", heading)
            _check_text(f"extra.{heading}", text)
        known = {code: self.facilities[code] for code in sorted(self.facilities, key=_PLACE.__getitem__)}
        known = {code: has_it for code, has_it in known.items() if has_it is not None}
        object.__setattr__(self, "facilities", MappingProxyType(known))
        object.__setattr__(self, "extra", MappingProxyType(dict(sorted(self.extra.items()))))
        object.__setattr__(self, "closures", tuple(sorted(self.closures)))

    def __hash__(self) -> int:
        return hash((self.id, self.name, self.geometry))

    def hours(self, *, zone: str, country: str = "CN") -> Hours:
        """Return when the station can be used, its closures and dates of existence included."""
        return Hours(
            opening=self.opening_hours,
            staffed=self.staffed_hours,
            zone=zone,
            country=country,
            closures=self.closures,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
        )

    def has(self, facility: str) -> bool | None:
        """Return whether a facility is there; None: unknown."""
        return self.facilities.get(facility)

    def changes_from(self, other: Station) -> dict[str, tuple[Any, Any]]:
        """Return the fields in which this record differs from an earlier one, as (before, now)."""
        pairs = {f.name: (getattr(other, f.name), getattr(self, f.name)) for f in fields(self)}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def is_code(code: str) -> bool:
    """Whether a text can be the code of a station."""
    return _ID.fullmatch(code) is not None


def no_such_station(code: str, *, field: str = "id") -> NotFound:
    """Return what to raise where there is no station with a code."""
    return NotFound(
        N_("there is no such station"), field=field, value=code, mend=N_("look its code up in the list")
    )


def is_plain_text(text: str) -> bool:
    """Whether a text can be that of any field, and nothing of it needs another look: nine of ten can."""
    return len(text) <= _MAX_TEXT and text.isprintable()


def _check_id(code: str) -> None:
    if not is_code(code):
        raise InvalidValue(
            N_("is not a station code"),
            field="id",
            value=code,
            mend=N_("use 1 to 64 letters, digits, '.', '_', ':' or '-', such as 430681-0001"),
        )


def _check_choice(name: str, value: str, choices: Mapping[str, str]) -> None:
    if value not in choices:
        raise InvalidValue(
            N_("is not one of {choices}"),
            field=name,
            value=value,
            choices=", ".join(choices),
            mend=N_("choose one of them"),
        )


def _trim_texts(record: Entry | Provenance | Station, names: Iterable[str], inside: str = "") -> None:
    """Check texts, and take off the white space around them, which no table keeps."""
    for name in names:
        text = getattr(record, name)
        if text == "":
            continue
        _check_text(inside + name, text)
        trimmed = text.strip()
        if trimmed is not text:
            object.__setattr__(record, name, trimmed)


def _check_text(name: str, text: object) -> None:
    # What is printable has no control characters and no half ones.
    if text.__class__ is str and is_plain_text(text):
        return
    if not isinstance(text, str):
        raise InvalidValue(N_("is not text"), field=name, value=text, mend=N_("put it in quotes"))
    if len(text) > _MAX_TEXT:
        raise InvalidValue(
            N_("is longer than {limit} characters"),
            field=name,
            value=text,
            limit=_MAX_TEXT,
            mend=N_("shorten it"),
        )
    if any(0xD800 <= ord(char) < 0xE000 for char in text):
        raise InvalidValue(N_("has half a character"), field=name, value=text, mend=N_("type the text again"))
    if any(ord(char) < 32 and char not in "\n\t" for char in text) or "\x7f" in text:
        raise InvalidValue(
            N_("has control characters"), field=name, value=text, mend=N_("type the text again without them")
        )


def _check_three_values(name: str, value: object) -> None:
    if value is not None and not isinstance(value, bool):
        raise InvalidValue(
            N_("is neither yes, no nor unknown"), field=name, value=value, mend=N_("use yes, no or unknown")
        )


def _check_geometry(geometry: BaseGeometry) -> None:
    if geometry.__class__ is shapely.Point:
        # Nine of ten geometries; what is empty or not a number is in no range, and goes on.
        west, south, _, _ = shapely.bounds(geometry).tolist()
        if -180 <= west <= 180 and -90 <= south <= 90:
            return
    if geometry.geom_type not in GEOMETRY_KINDS or geometry.is_empty:
        raise InvalidValue(
            N_("a station is a point or a polygon"),
            field="geometry",
            value=geometry.geom_type,
            mend=N_("give a Point, a Polygon or their Multi forms, with coordinates"),
        )
    # Not the geometry's own bounds, which leave out what is not a number.
    corners = shapely.get_coordinates(geometry)
    (west, south), (east, north) = corners.min(axis=0), corners.max(axis=0)
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise InvalidValue(
            N_("is outside the longitudes and latitudes of the earth"),
            field="geometry",
            value=f"{west:g} {south:g} {east:g} {north:g}",
            mend=N_("give degrees, longitude first"),
        )


def _check_number(name: str, value: float | None, *, whole: bool = False) -> None:
    if value is None:
        return
    wrong_kind = isinstance(value, bool) or not isinstance(value, int if whole else (int, float))
    # Compared first: a huge whole number has no float to be finite.
    if wrong_kind or not 0 <= value <= 1_000_000:
        raise InvalidValue(
            N_("is not a whole number from 0 to 1,000,000")
            if whole
            else N_("is not a number from 0 to 1,000,000"),
            field=name,
            value=value,
            mend=N_("correct it or leave it empty"),
        )


def _check_photo(photo: str) -> None:
    if len(photo) > _MAX_TEXT or not _PHOTO.fullmatch(photo):
        raise InvalidValue(
            N_("is not the address of a picture"),
            field="photos",
            value=photo,
            mend=N_("give an address that starts with https:// or with /"),
        )
