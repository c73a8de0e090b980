"""What the API answers with, as schemas of OpenAPI 3.0; descriptions are message ids."""

from __future__ import annotations

from typing import Any, TypeAlias

from locator.hours import State
from locator.query import BASIS, NETWORK_BASIS
from locator.station import ADMITS, CATEGORIES, FACILITIES, GEOMETRY_KINDS, STATUSES, WAYS_IN
from locator.translation import LANGUAGES, N_

__all__ = ["SCHEMAS", "ref"]

Schema: TypeAlias = dict[str, Any]


def ref(name: str) -> Schema:
    """Return a reference to one of `SCHEMAS`."""
    return {"$ref": f"#/components/schemas/{name}"}


def _text(about: str = "", **more: Any) -> Schema:  # noqa: ANN401 - keywords of JSON Schema
    return {"type": "string", **({"description": about} if about else {}), **more}


def _number(about: str = "", kind: str = "number", **more: Any) -> Schema:  # noqa: ANN401
    return {"type": kind, **({"description": about} if about else {}), **more}


def _count(about: str = "", **more: Any) -> Schema:  # noqa: ANN401
    return _number(about, "integer", minimum=0, **more)


def _flag(about: str) -> Schema:
    return {"type": "boolean", "description": about}


def _list(items: Schema, about: str = "", **more: Any) -> Schema:  # noqa: ANN401
    return {"type": "array", "items": items, **({"description": about} if about else {}), **more}


def _object(properties: Schema, *, optional: tuple[str, ...] = (), about: str = "", extra: bool = False) -> Schema:
    """Return an object that has these properties, all but the optional ones required, and no others."""
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        **({"description": about} if about else {}),
        "properties": properties,
        **({"required": required} if required else {}),
        "additionalProperties": extra,
    }


def _maybe(schema: Schema) -> Schema:
    return schema | {"nullable": True}


def _distinct(values: Schema, about: str) -> Schema:
    return _object({"values": _list(values), "rows": _list(_count())}, about=about)


def _deltas(about: str) -> Schema:
    return _object({"scale": _count(), "deltas": _list(_number(kind="integer"))}, about=about)


_THREE: Schema = {"enum": ["yes", "no"]}
_DAY = {"format": "date"}
_MOMENT = {"format": "date-time"}
_HOURS = N_("OSM opening_hours")
_REVISION = _count(N_("the revision of the data"))
_ZONE = _text(N_("the time zone of the data"), example="Asia/Shanghai")
_STATE = _text(enum=[str(state) for state in State])

_ENTRY = {
    "ways": _list(_text(enum=list(WAYS_IN)), N_("ways in, any one of which suffices")),
    "registration": _text(N_("whether a first visit needs registration"), **_THREE),
    "admits": _text(N_("whom the station admits"), enum=list(ADMITS)),
    "door": _text(N_("which door")),
    "floor": _text(N_("which floor")),
    "host": _text(N_("whose premises")),
    "parking": _text(N_("where to leave the vehicle")),
}
_PROVENANCE = {
    "source": _text(N_("where the record is from; `illustrative` marks made-up ones")),
    "source_id": _text(N_("its identifier there")),
    "original": _object({"datum": _text(), "geometry": ref("Geometry")}, about=N_("the geometry as it was given")),
    "location_verified": _text(N_("when the place was last verified"), **_DAY),
    "facilities_verified": _text(N_("when the facilities were last verified"), **_DAY),
    "expires": _text(N_("when that expires"), **_DAY),
}
_STATION = {
    "id": _text(N_("the station's code")),
    "name": _text(N_("its name")),
    "category": _text(N_("its category"), enum=list(CATEGORIES)),
    "status": _text(N_("whether it operates"), enum=list(STATUSES)),
    "address": _text(N_("its address")),
    "adcode": _text(N_("administrative division code")),
    "community": _text(N_("its community")),
    "street": _text(N_("its street")),
    "opening_hours": _text(_HOURS),
    "staffed_hours": _text(N_("OSM opening_hours of the staff; outside them an open station is self-service")),
    "closures": _list(
        _object(
            {"first": _text(**_DAY), "last": _text(**_DAY), "reason": _text()}, optional=("reason",)
        ),
        N_("days on which it is shut"),
    ),
    "entry": _object(_ENTRY, optional=tuple(_ENTRY), about=N_("how one gets in")),
    "facilities": _object(
        {code: _text(**_THREE) for code in FACILITIES},
        optional=tuple(FACILITIES),
        about=N_("yes or no by code; one that is not named is unknown"),
    ),
    "capacity": _count(N_("persons who find room")),
    "area_m2": _number(N_("floor space, square metres"), minimum=0),
    "operator": _text(N_("who runs it")),
    "phone": _text(N_("telephone")),
    "note": _text(N_("a note")),
    "photos": _list(_text(), N_("addresses of pictures")),
    "valid_from": _text(N_("the first day of its existence"), **_DAY),
    "valid_to": _text(N_("the last day of its existence"), **_DAY),
    "extra": {"type": "object", "description": N_("what its source said beside"), "additionalProperties": _text()},
    "provenance": _object(_PROVENANCE, optional=tuple(_PROVENANCE), about=N_("where the facts are from")),
}  # fmt: skip
_STATION_OPTIONAL = tuple(name for name in _STATION if name not in ("id", "name", "category", "status"))

_ANSWERED = {
    "distance_m": _number(N_("metres along walk_basis; to a polygon's boundary, 0 inside"), minimum=0),
    "walk_minutes": _count(N_("minutes on foot, an estimate")),
    "walk_basis": _text(N_("what metres and minutes are measured along"), enum=[BASIS, NETWORK_BASIS]),
    "state": _text(N_("the state at the moment asked for"), enum=[str(state) for state in State]),
    "state_text": _text(N_("the state as a sentence, in the reader's language")),
    "next_change": _maybe(_text(N_("when the state changes"), **_MOMENT)),
    "usable_until": _maybe(_text(N_("the end of continuous use"), **_MOMENT)),
    "opens_at": _maybe(_text(N_("when it can next be used"), **_MOMENT)),
    "holidays_known": _flag(N_("whether the official holidays of that year are published")),
    "entry_summary": _text(N_("how one gets in, in the reader's language")),
}

_AREA = {
    "id": _text(N_("the area's code")),
    "name": _text(N_("its name")),
    "kind": _text(N_("what it is: community, district, park")),
    "residents": _count(N_("how many live there")),
    "valid_from": _text(N_("the first day of its existence"), **_DAY),
    "valid_to": _text(N_("the last day of its existence"), **_DAY),
    "source": _text(N_("where the record is from; `illustrative` marks made-up ones")),
    "extra": {"type": "object", "description": N_("what its source said beside"), "additionalProperties": _text()},
}


def _feature(properties: Schema) -> Schema:
    return _object(
        {
            "type": _text(enum=["Feature"]),
            "id": _text(),
            "geometry": ref("Geometry"),
            "properties": properties,
        }
    )


def _page(feature: str) -> Schema:
    return _object(
        {
            "type": _text(enum=["FeatureCollection"]),
            "revision": _REVISION,
            "timezone": _ZONE,
            "numberMatched": _count(N_("how many pass the filters")),
            "numberReturned": _count(N_("how many are on this page")),
            "limit": _count(N_("the limit that held")),
            "limit_lowered": _flag(N_("whether the limit asked for was above the maximum")),
            "next": _maybe(_text(N_("the address of the next page; null: this is the last"))),
            "features": _list(ref(feature)),
        }
    )


SCHEMAS: dict[str, Schema] = {
    "Geometry": {
        "type": "object",
        "description": N_("a GeoJSON geometry, WGS84, longitude first"),
        "properties": {
            "type": _text(enum=sorted(GEOMETRY_KINDS | {"LineString", "MultiLineString", "GeometryCollection"})),
            "coordinates": _list({}),
        },
        "required": ["type"],
    },
    "StationRecord": _object(_STATION, optional=_STATION_OPTIONAL),
    "Station": _feature(ref("StationRecord")),
    "StationCollection": _page("Station"),
    # What the nearest engine adds may grow: its readers pass over what they do not know.
    "NearestStation": _feature(_object(_STATION | _ANSWERED, optional=_STATION_OPTIONAL, extra=True)),
    "NearestCollection": _object(
        {
            "type": _text(enum=["FeatureCollection"]),
            "at": _text(N_("the moment that the states are meant at"), **_MOMENT),
            "timezone": _ZONE,
            "revision": _REVISION,
            "walk_basis": _text(N_("what metres and minutes are measured along"), enum=[BASIS, NETWORK_BASIS]),
            "features": _list(ref("NearestStation")),
            "limit": _count(N_("the limit that held")),
            "limit_lowered": _flag(N_("whether the limit asked for was above the maximum")),
        },
        extra=True,
    ),
    "Area": _feature(_object(_AREA, optional=tuple(name for name in _AREA if name not in ("id", "name", "kind")))),
    "AreaCollection": _page("Area"),
    "Week": _object(
        {
            "id": _text(N_("the station's code")),
            "revision": _REVISION,
            "timezone": _ZONE,
            "from": _text(N_("the first day"), **_DAY),
            "to": _text(N_("the day after the last"), **_DAY),
            "status": _text(N_("whether it operates"), enum=list(STATUSES)),
            "opening_hours": _maybe(_text(_HOURS)),
            "staffed_hours": _maybe(
                _text(N_("OSM opening_hours of the staff; outside them an open station is self-service"))
            ),
            "holidays_known": _flag(N_("whether the official holidays of that year are published")),
            "intervals": _list(
                _object({"start": _text(**_MOMENT), "end": _text(**_MOMENT), "state": _STATE}),
                N_("ascending; `start` belongs to an interval, `end` does not"),
            ),
        }
    ),
    "Change": _object(
        {
            "id": _text(N_("the station's code")),
            "version": _count(N_("how often it has changed")),
            "revision": _count(N_("the revision in which it changed last")),
            "recorded_at": _text(N_("when that was"), **_MOMENT),
            "deleted": _flag(N_("whether it is there no more")),
            "station": {"allOf": [ref("Station")], "nullable": True},
        }
    ),
    "Changes": _object(
        {
            "since": _count(N_("the revision that was asked for")),
            "revision": _count(N_("what to give as `since` next time")),
            "limit": _count(N_("the limit that held")),
            "limit_lowered": _flag(N_("whether the limit asked for was above the maximum")),
            "next": _maybe(_text(N_("the address of the next page; null: this is the last"))),
            "changes": _list(ref("Change")),
        }
    ),
    "Snapshot": _object(
        {
            "layout": _count(N_("number of this layout; another one has another number")),
            "revision": _REVISION,
            "timezone": _ZONE,
            "start": _text(N_("the moment from which the minutes of hours are counted"), **_MOMENT),
            "days": _count(N_("the days from `start` of which the hours are told")),
            "count": _count(N_("how many stations there are")),
            "facilities": _list(_text(), N_("codes; the i-th is bit i of `has` and `lacks`")),
            "spelling": _object(
                {
                    "characters": _object({}, extra=True),
                    "texts": _object({}, extra=True),
                },
                about=N_("pinyin by character, and of the texts that are read otherwise: whole, first letters"),
            ),
            "columns": ref("Columns"),
            "shapes": _list(
                _object({"row": _count(), "geometry": ref("Geometry")}),
                N_("stations that are no points, by their row: the geometry instead of lon and lat"),
            ),
        }
    ),
    "Columns": _object(
        {
            "id": _list(_text(), N_("the station's code")),
            "name": _list(_text(), N_("its name")),
            "lon": _deltas(N_("longitude, WGS84 degrees; of a polygon, of its centroid")),
            "lat": _deltas(N_("latitude, WGS84 degrees; of a polygon, of its centroid")),
            "category": _distinct(_text(), N_("its category")),
            "status": _distinct(_text(), N_("whether it operates")),
            "community": _distinct(_text(), N_("its community")),
            "street": _distinct(_text(), N_("its street")),
            "address": _list(_text(), N_("its address")),
            "operator": _distinct(_text(), N_("who runs it")),
            "host": _distinct(_text(), N_("whose premises it is in")),
            "has": _list(_text(), N_("facilities that are there: a hexadecimal number, a bit for each")),
            "lacks": _list(_text(), N_("facilities that are not there, likewise; in neither: unknown")),
            "hours": _distinct(
                _object(
                    {
                        "opening_hours": _maybe(_text()),
                        "staffed_hours": _maybe(_text()),
                        "intervals": _list(_list({})),
                        "after": _maybe(
                            _list({}, N_("[start, end] of the use that lasts or comes next; null: no end"))
                        ),
                        "holidays_unknown": _list(
                            _count(), N_("years of which the texts need holidays that are not published")
                        ),
                    }
                ),
                N_("texts, and intervals [start, end, state] in minutes from `start`; between them it is closed"),
            ),
            "entry": _distinct(
                _object(
                    {
                        "ways": _list(_text()),
                        "registration": _maybe(_text(**_THREE)),
                        "admits": _maybe(_text()),
                    }
                ),
                N_("how one gets in"),
            ),
            "verified": _distinct(_maybe(_text(**_DAY)), N_("when the place was last verified")),
            "source": _distinct(_text(), N_("where the record is from; `illustrative` marks made-up ones")),
        }
    ),
    "Facilities": _object(
        {
            "facilities": _list(
                _object({"code": _text(), "label": _object({language: _text() for language in LANGUAGES})})
            )
        }
    ),
    "Problem": _object(
        {
            "type": _text(),
            "title": _text(N_("the status in words")),
            "status": _count(N_("the status")),
            "detail": _text(N_("what is wrong and what to do, in the reader's language")),
            "parameter": _text(N_("the parameter at fault")),
        },
        optional=("parameter",),
        about=N_("what is wrong, as RFC 9457 writes it"),
        extra=True,
    ),
}
