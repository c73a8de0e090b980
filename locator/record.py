"""Stations and places as plain JSON records, and back: the form that files, the database and the API share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import date
from operator import attrgetter
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from locator.errors import InvalidValue
from locator.hours import Closure
from locator.place import PLACES, Place
from locator.station import GEOMETRY_KINDS, Entry, Provenance, Station
from locator.translation import N_
from locator.validity import read_geometry

__all__ = [
    "STATION_FIELDS",
    "place_from_record",
    "place_to_record",
    "restored_station",
    "station_from_record",
    "station_to_record",
    "text_of",
    "three_values",
]

_Kind = TypeVar("_Kind", list[Any], dict[str, Any])
_Whole = TypeVar("_Whole", Entry, Provenance, Station)

_TEXTS = ("name", "category", "status", "address", "adcode", "community", "street")
_HOURS = ("opening_hours", "staffed_hours")
_MORE = ("operator", "phone", "note")
_NUMBERS = ("capacity", "area_m2")
_DATES = ("valid_from", "valid_to")
_THREE_VALUES: dict[object, bool | None] = {"yes": True, "no": False, "unknown": None, "": None, None: None}
_NO_ENTRY = Entry()
_LARGEST = 10**15
_NO_GEOMETRY = (
    KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, shapely.errors.ShapelyError
)  # fmt: skip
"""What shapely raises at JSON that is none."""
_PROVENANCE_DATES = ("location_verified", "facilities_verified", "expires")

STATION_FIELDS = (
    "id", *_TEXTS, *_HOURS, "closures", "entry", "facilities",
    *_NUMBERS, *_MORE, "photos", *_DATES, "extra", "provenance",
)  # fmt: skip
"""Names of a station record's fields beside `geometry`, in the order in which they are written."""


_MEMBERS = frozenset(STATION_FIELDS) | {"geometry"}
_values = attrgetter(*STATION_FIELDS)


def station_to_record(station: Station) -> dict[str, Any]:
    """Return a station as JSON-able values, empty and unknown fields left out, without its geometry.

    Yes and no are written as words; a facility that is not there is unknown.
    """
    values = zip(STATION_FIELDS, _values(station), strict=True)
    record: dict[str, Any] = {name: value for name, value in values if value or value == 0}
    for name, as_json in _AS_JSON.items():
        if name in record:
            record[name] = as_json(record[name])
            if not record[name]:  # nothing is said of how one gets in, or of where it is from
                del record[name]
    return record


def station_from_record(record: Mapping[str, Any], geometry: BaseGeometry | None = None) -> Station:
    """Return the station that a record describes.

    Parameters
    ----------
    record
        As `station_to_record` writes it. Members that are not fields are refused.
    geometry
        The station's geometry, WGS84; None: it is the record's GeoJSON member `geometry`.

    Raises
    ------
    InvalidValue
        A member is missing, unknown or cannot be right.
    """
    if geometry is None:
        geometry = read_geometry(record.get("geometry"), kinds=GEOMETRY_KINDS)
    for name in record:
        if name not in _MEMBERS:
            raise InvalidValue(
                N_("is not a field of a station"),
                field=_readable(name),
                mend=N_("rename it, or move it into 'extra'"),
            )
    plain: dict[str, Any] = {name: text_of(record, name) for name in (*_TEXTS, *_MORE) if name in record}
    plain |= {name: text_of(record, name) or None for name in _HOURS if name in record}
    plain |= {name: _date(record, name) for name in _DATES if name in record}
    known = {code: three_values(word, code) for code, word in _members(record, "facilities").items()}
    return Station(
        id=text_of(record, "id"),
        geometry=geometry,
        **({"name": ""} | plain),
        closures=tuple(_closure(item) for item in _list(record, "closures")),
        entry=_entry_from_record(entry) if (entry := _members(record, "entry")) else _NO_ENTRY,
        facilities={code: value for code, value in known.items() if value is not None},
        capacity=_number(record, "capacity"),
        area_m2=_float(_number(record, "area_m2")),
        photos=tuple(_whole_characters(str(photo), "photos") for photo in _list(record, "photos")),
        extra=_texts(record, "extra"),
        provenance=_provenance_from_record(_members(record, "provenance")),
    )


def restored_station(record: Mapping[str, Any], geometry: BaseGeometry) -> Station:
    """Return the station of which `station_to_record` made a record, and check nothing a second time.

    For records that nobody else can have written; any other goes through `station_from_record`.
    """
    said = {name: _RESTORED[name](value) if name in _RESTORED else value for name, value in record.items()}
    return _restored(Station, _BLANK_STATION | said | {"geometry": geometry})


def place_to_record(place: Place) -> dict[str, Any]:
    """Return a place as JSON-able values, empty and unknown fields left out, without its geometry."""
    record = {part.name: getattr(place, part.name) for part in fields(place) if part.name != "geometry"}
    plain = {
        name: _iso(value) if isinstance(value, date) else dict(value) if isinstance(value, Mapping) else value
        for name, value in record.items()
    }
    return {name: value for name, value in plain.items() if value not in (None, "", {}) and value is not False}


def place_from_record(layer: str, record: Mapping[str, Any], geometry: BaseGeometry) -> Place:
    """Return the place that a record describes; members that are not fields are ignored.

    Parameters
    ----------
    layer
        One of `PLACES`.
    record
        As `place_to_record` writes it.
    geometry
        WGS84.

    Raises
    ------
    InvalidValue
        A member is missing or cannot be right.
    """
    kind = PLACES[layer]
    given = {
        part.name: _PLACE_READERS[part.name](record, part.name)
        for part in fields(kind)
        if part.name != "geometry" and record.get(part.name) not in (None, "")
    }
    # What must be there and is not comes as nothing, which the place refuses by name.
    required = {"id": "", "name": "", "weights": {}}
    missing = {part.name: required[part.name] for part in fields(kind) if part.name in required}
    return kind(geometry=geometry, **(missing | given))


def three_values(word: object, field: str) -> bool | None:
    """Return True, False or None for yes, no or unknown.

    Raises
    ------
    InvalidValue
        The word is none of them.
    """
    known = word if isinstance(word, str) or word is None else ...
    if known not in _THREE_VALUES:
        raise InvalidValue(
            N_("is neither yes, no nor unknown"), field=str(field), value=word, mend=N_("use yes, no or unknown")
        )
    return _THREE_VALUES[known]


# -- parts of a station


def _entry_to_record(entry: Entry) -> dict[str, Any]:
    if entry == _NO_ENTRY:
        return {}
    record: dict[str, Any] = {
        "ways": list(entry.ways),
        "registration": _word(entry.registration),
        "admits": entry.admits,
        "door": entry.door,
        "floor": entry.floor,
        "host": entry.host,
        "parking": entry.parking,
    }
    return {name: value for name, value in record.items() if value not in (None, "", [])}


def _entry_from_record(record: Mapping[str, Any]) -> Entry:
    _only(record, ("ways", "registration", "admits", "door", "floor", "host", "parking"), "entry")
    return Entry(
        ways=tuple(str(way) for way in _list(record, "ways")),
        registration=three_values(record.get("registration"), "entry.registration"),
        admits=text_of(record, "admits") or None,
        **{name: text_of(record, name) for name in ("door", "floor", "host", "parking")},
    )


def _provenance_to_record(provenance: Provenance) -> dict[str, Any]:
    record: dict[str, Any] = {"source": provenance.source, "source_id": provenance.source_id}
    if provenance.original is not None:
        record["original"] = {
            "datum": provenance.datum,
            "geometry": shapely.geometry.mapping(provenance.original),
        }
    record |= {name: _iso(getattr(provenance, name)) for name in _PROVENANCE_DATES}
    return {name: value for name, value in record.items() if value}


def _provenance_from_record(record: Mapping[str, Any]) -> Provenance:
    _only(record, ("source", "source_id", "original", *_PROVENANCE_DATES), "provenance")
    original = _members(record, "original")
    if original:
        _only(original, ("datum", "geometry"), "provenance.original")
    return Provenance(
        source=text_of(record, "source"),
        source_id=text_of(record, "source_id"),
        original=_original(original) if original else None,
        datum=text_of(original, "datum") or "wgs84",
        **{name: _date(record, name) for name in _PROVENANCE_DATES if name in record},
    )


def _closure_to_record(closure: Closure) -> dict[str, str]:
    record = {"first": closure.first.isoformat(), "last": closure.last.isoformat()}
    return record | ({"reason": closure.reason} if closure.reason else {})


_AS_JSON: dict[str, Callable[[Any], Any]] = {
    "closures": lambda closures: [_closure_to_record(closure) for closure in closures],
    "entry": _entry_to_record,
    "facilities": lambda facilities: {code: _word(value) for code, value in facilities.items()},
    "photos": list,
    "valid_from": date.isoformat,
    "valid_to": date.isoformat,
    "extra": dict,
    "provenance": _provenance_to_record,
}
"""What is not yet a value of JSON, and how it becomes one."""


def _restored(kind: type[_Whole], values: Mapping[str, Any]) -> _Whole:
    """Return a frozen object of these fields, its own checks passed over."""
    whole = object.__new__(kind)
    for name, value in values.items():
        object.__setattr__(whole, name, value)
    return whole


def _restored_entry(record: Mapping[str, Any]) -> Entry:
    said = dict(record)
    if "ways" in said:
        said["ways"] = tuple(said["ways"])
    if "registration" in said:
        said["registration"] = _THREE_VALUES[said["registration"]]
    return _restored(Entry, _BLANK_ENTRY | said)


def _restored_provenance(record: Mapping[str, Any]) -> Provenance:
    said: dict[str, Any] = {
        name: date.fromisoformat(value) if name in _PROVENANCE_DATES else value for name, value in record.items()
    }
    if "original" in said:
        said["datum"] = said["original"]["datum"]
        said["original"] = shapely.geometry.shape(said["original"]["geometry"])
    return _restored(Provenance, _BLANK_PROVENANCE | said)


_RESTORED: dict[str, Callable[[Any], Any]] = {
    "closures": lambda closures: tuple([_closure(closure) for closure in closures]),
    "entry": _restored_entry,
    "facilities": lambda words: MappingProxyType({code: word == "yes" for code, word in words.items()}),
    "photos": tuple,
    "valid_from": date.fromisoformat,
    "valid_to": date.fromisoformat,
    "extra": MappingProxyType,
    "provenance": _restored_provenance,
}
_BLANK_ENTRY = {part.name: getattr(_NO_ENTRY, part.name) for part in fields(Entry)}
_BLANK_PROVENANCE = {part.name: getattr(Provenance(), part.name) for part in fields(Provenance)}
_BLANK_STATION = {
    "entry": _NO_ENTRY,
    "facilities": MappingProxyType({}),
    "extra": MappingProxyType({}),
    "provenance": Provenance(),
} | {part.name: part.default for part in fields(Station) if part.default is not MISSING}


def _original(record: Mapping[str, Any]) -> BaseGeometry:
    """Return the geometry as it was given: any units, so its ranges say nothing."""
    try:
        geometry = shapely.geometry.shape(record["geometry"])
        # An ordinate that is not there (NaN, a missing height) or is infinite cannot be written back.
        known = np.isfinite(shapely.get_coordinates(geometry, include_z=bool(geometry.has_z))).all()
        if known and not geometry.is_empty:
            return geometry
    except _NO_GEOMETRY:
        pass
    raise InvalidValue(
        N_("is not a GeoJSON geometry"),
        field="provenance.original",
        value=record.get("geometry"),
        mend=N_("correct it or leave it out"),
    )


def _closure(item: object) -> Closure:
    if not isinstance(item, Mapping):
        raise InvalidValue(
            N_("is not an object with members"),
            field="closures",
            value=item,
            mend=N_("write {form}"),
            form='{"first": …, "last": …}',
        )
    _only(item, ("first", "last", "reason"), "closures")
    first, last = _date(item, "first"), _date(item, "last")
    if first is None or last is None:
        raise InvalidValue(N_("lacks a day"), field="closures", value=item, mend=N_("give its first and last day"))
    return Closure(first, last, text_of(item, "reason"))


# -- values


def _word(value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def text_of(record: Mapping[str, Any], name: str) -> str:
    """Return a text of a record; an empty one where there is none.

    Raises
    ------
    InvalidValue
        It is no text, or holds half a character.
    """
    value = record.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidValue(N_("is not text"), field=name, value=value, mend=N_("put it in quotes"))
    # What is printable is whole.
    return value if value.isprintable() else _whole_characters(value, name)


def _whole_characters(text: str, name: str) -> str:
    """Return the text; refuse half a character (a lone surrogate), which JSON can write and nothing can keep."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidValue(
            N_("has half a character"), field=name, value=text, mend=N_("type the text again")
        ) from None
    return text


def _readable(name: object) -> str:
    """Return a member's name as an error can carry it: half a character is a question mark."""
    return str(name).encode(errors="replace").decode()


def _number(record: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - whatever stood there
    """Return what stands there, for the station to judge; refuse what is too large to be judged."""
    value = record.get(name)
    if isinstance(value, int) and abs(value) > _LARGEST:
        raise InvalidValue(N_("is too large"), field=name, mend=N_("correct it or leave it out"))
    return value


def _float(value: Any) -> Any:  # noqa: ANN401 - whatever stood there
    """Return a number as a float; anything else as it is, for the station to refuse."""
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _date(record: Mapping[str, Any], name: str) -> date | None:
    text = text_of(record, name)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidValue(
            N_("is not a date"), field=name, value=text, mend=N_("write it like 2026-03-15")
        ) from None


def _flag(record: Mapping[str, Any], name: str) -> bool:
    value = record[name]
    if not isinstance(value, bool):
        raise InvalidValue(N_("is neither true nor false"), field=name, value=value, mend=N_("use true or false"))
    return value


def _texts(record: Mapping[str, Any], name: str) -> dict[str, str]:
    """Return a part whose members are texts; other values are written as text."""
    return {
        _whole_characters(str(key), name): _whole_characters(str(value), f"{name}.{key}")
        for key, value in _members(record, name).items()
    }


def _list(record: Mapping[str, Any], name: str) -> list[Any]:
    return _typed(record, name, list, N_("is not a list"))


def _members(record: Mapping[str, Any], name: str) -> dict[str, Any]:
    return _typed(record, name, dict, N_("is not an object with members"))


def _typed(record: Mapping[str, Any], name: str, kind: type[_Kind], reason: str) -> _Kind:
    value = record.get(name)
    if value is None:
        return kind()
    if not isinstance(value, kind):
        raise InvalidValue(reason, field=name, value=value, mend=N_("correct it or leave it out"))
    return value


def _only(record: Mapping[str, Any], names: tuple[str, ...], part: str) -> None:
    for name in record:
        if name not in names:
            raise InvalidValue(
                N_("is not one of {choices}"),
                field=f"{part}.{_readable(name)}",
                choices=", ".join(names),
                mend=N_("choose one of them"),
            )


_PLACE_READERS: dict[str, Callable[[Mapping[str, Any], str], Any]] = {
    **dict.fromkeys(("id", "name", "kind", "source", "opening_hours"), text_of),
    **dict.fromkeys(("residents", "cost_cny_year", "capacity"), _number),
    **dict.fromkeys(("must_cover", "bridge"), _flag),
    **dict.fromkeys(("valid_from", "valid_to"), _date),
    "weights": _members,
    "extra": _texts,
}
