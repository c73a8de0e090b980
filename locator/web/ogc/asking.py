"""What a request for features asks: one table of parameters, and each of them checked at the door."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from locator.errors import QueryError
from locator.hours import time_zone
from locator.query import parse_number
from locator.store import Collection, Property
from locator.store.cql import MAX_LENGTH, parse_json, parse_text
from locator.translation import LANGUAGES, N_

__all__ = ["CRS84", "EVERYWHERE", "ITEMS", "MAX_LIMIT", "Asked", "Parameter", "check_parameters", "read_items"]

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
DEFAULT_LIMIT = 100
MAX_LIMIT = 1_000

_WHOLE = re.compile(r"-?[0-9]{1,300}", re.ASCII)
_LANGUAGES = {"cql2-text": parse_text, "cql2-json": parse_json, "cql-text": parse_text}
"""Languages of filters; GDAL calls by its older name what is CQL2 for all that it writes."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of the query string: its name, what it is for (a message id), and what it can be."""

    name: str
    title: str
    schema: Mapping[str, Any]


EVERYWHERE = (
    Parameter(
        "f",
        N_("The form of the answer; without it what the client accepts."),
        {"type": "string", "enum": ["json", "html"]},
    ),
    Parameter("lang", N_("The language of titles."), {"type": "string", "enum": list(LANGUAGES)}),
)
_CRS = {"type": "string", "format": "uri", "enum": [CRS84], "default": CRS84}
ITEMS = (
    Parameter(
        "limit",
        N_("At most so many features; a larger number is lowered to the maximum, and the answer says so."),
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    ),
    Parameter(
        "after",
        N_("Begin after the feature with this id: what the link to the next page says."),
        {"type": "string"},
    ),
    Parameter(
        "bbox",
        N_(
            "West, south, east, north in degrees; a west greater than the east spans 180°."
            " Six numbers have heights, which are passed over."
        ),
        {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6},
    ),
    Parameter("bbox-crs", N_("The coordinate reference system of bbox."), _CRS),
    Parameter("crs", N_("The coordinate reference system of the answer."), _CRS),
    Parameter(
        "datetime",
        N_(
            "A moment, or two with a slash between (.. is no bound): what exists then, by its first and last day"
            " in the data's time zone; without such a day it has no bound."
        ),
        {"type": "string"},
    ),
    Parameter(
        "filter",
        N_("A condition in CQL2, over the queryables of the collection."),
        {"type": "string", "maxLength": MAX_LENGTH},
    ),
    Parameter(
        "filter-lang",
        N_("The language of the filter."),
        {"type": "string", "enum": list(_LANGUAGES), "default": "cql2-text"},
    ),
    Parameter("filter-crs", N_("The coordinate reference system of shapes in the filter."), _CRS),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What features are asked for: a filter as CQL2 JSON (None: all), and which page of them."""

    tree: object
    limit: int
    limit_lowered: bool
    after: str


def check_parameters(given: MultiDict[str, str], known: Sequence[str] = ()) -> None:
    """Refuse a parameter that is unknown or given twice, and a form or a language that there is not.

    Raises
    ------
    QueryError
        Names the parameter.
    """
    names = [*known, *(parameter.name for parameter in EVERYWHERE)]
    for name, values in given.lists():
        if name not in names:
            raise QueryError(
                N_("is not a parameter"), field=name, mend=N_("use {choices}"), choices=", ".join(names)
            )
        if len(values) > 1:
            raise QueryError(N_("is given twice"), field=name, value=values[1], mend=N_("give it once"))
    for parameter in EVERYWHERE:
        if parameter.name in given:
            _one_of(parameter.name, given[parameter.name], parameter.schema["enum"])


def read_items(given: MultiDict[str, str], collection: Collection, *, zone: str) -> Asked:
    """Return what the parameters of a request for features ask.

    Parameters
    ----------
    zone
        The data's time zone, in which a moment has its day.

    Raises
    ------
    QueryError
        A parameter is unknown or cannot be right.
    """
    check_parameters(given, [*(parameter.name for parameter in ITEMS), *collection.properties])
    for name in ("bbox-crs", "crs", "filter-crs"):
        if name in given:
            _one_of(name, given[name], [CRS84])
    conditions: list[object] = [
        {"op": "=", "args": [{"property": one.name}, _value(one, given[one.name])]}
        for one in collection.properties.values()
        if one.name in given
    ]
    if "bbox" in given:
        conditions.append(_in_box(given["bbox"]))
    if "datetime" in given:
        conditions += _at_time(given["datetime"], zone)
    language = given.get("filter-lang", "cql2-text")
    _one_of("filter-lang", language, list(_LANGUAGES))
    if "filter" in given:
        conditions.append(_LANGUAGES[language](given["filter"]))
    limit = _limit(given["limit"]) if "limit" in given else DEFAULT_LIMIT
    return Asked(
        tree={"op": "and", "args": conditions} if conditions else None,
        limit=min(limit, MAX_LIMIT),
        limit_lowered=limit > MAX_LIMIT,
        after=given.get("after", ""),
    )


def _one_of(name: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise QueryError(
            N_("is not one of {choices}"),
            field=name,
            value=value,
            choices=", ".join(choices),
            mend=N_("choose one of them"),
        )


def _limit(text: str) -> int:
    if not _WHOLE.fullmatch(text) or int(text) < 1:
        raise QueryError(N_("is not a whole number from 1 up"), field="limit", value=text, mend=N_("correct it"))
    return int(text)


def _in_box(text: str) -> dict[str, Any]:
    """Return the condition of a bounding box; heights are passed over."""
    parts = text.split(",")
    try:
        numbers = [parse_number(part) for part in parts]
    except ValueError:
        numbers = []
    half = len(numbers) // 2
    box = [*numbers[:2], *numbers[half : half + 2]]
    if len(numbers) not in (4, 6) or not all(map(math.isfinite, numbers)) or box[1] > box[3]:
        raise QueryError(
            N_("is not four numbers or six: west, south, east, north"),
            field="bbox",
            value=text,
            mend=N_("give degrees such as {example}"),
            example="113.0,28.7,113.2,28.9",
        )
    return {"op": "s_intersects", "args": [{"property": "geometry"}, {"bbox": box}]}


def _at_time(text: str, zone: str) -> list[dict[str, Any]]:
    """Return the conditions of having existed at some time of an interval, days included.

    A feature without a first or last day has always been there, or will be.
    """
    parts = text.split("/")
    if len(parts) == 1:
        parts *= 2
        bounded = True
    else:
        bounded = False
    if len(parts) != 2:
        raise _no_time(text)
    first, last = (None if not bounded and part in ("", "..") else _day(part, text, zone) for part in parts)
    if first and last and first > last:
        raise _no_time(text)
    bounds = (("valid_to", ">=", first), ("valid_from", "<=", last))
    return [
        {
            "op": "or",
            "args": [
                {"op": "isNull", "args": [{"property": name}]},
                {"op": op, "args": [{"property": name}, {"date": day}]},
            ],
        }
        for name, op, day in bounds
        if day
    ]


def _day(part: str, text: str, zone: str) -> str:
    """Return the day of a moment in a time zone; a day without a time is itself.

    QGIS begins with the year 0, which Python's calendar does not have: it is the first day there is.
    """
    # A plus sign that was not encoded arrives as a space.
    said = part.upper().replace(" ", "+").replace("0000-", "0001-", 1)
    try:
        moment = datetime.fromisoformat(said)
        if len(said) == len("2026-11-20"):
            return date.fromisoformat(said).isoformat()
        if moment.tzinfo is None:
            raise _no_time(text)
        return moment.astimezone(time_zone(zone)).date().isoformat()
    except OverflowError:
        return said[:10]
    except ValueError:
        raise _no_time(text) from None


def _no_time(text: str) -> QueryError:
    return QueryError(
        N_("is neither a moment nor an interval that ends after it begins"),
        field="datetime",
        value=text,
        mend=N_("write it like {example}"),
        example="2026-11-20T04:10:00Z, 2026-01-01/..",
    )


# -- values of properties


def _value(one: Property, text: str) -> object:
    """Return the value that a property must have, as CQL2 JSON has it."""
    if one.choices:
        _one_of(one.name, text, list(one.choices))
    try:
        return _READERS[one.kind](text)
    except (ValueError, KeyError):
        raise QueryError(
            N_("is not a value of this property"),
            field=one.name,
            value=text,
            mend=N_("write it like {example}"),
            example=_EXAMPLES[one.kind],
        ) from None


def _finite(text: str) -> float:
    number = parse_number(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise ValueError(text)
    return int(text)


def _moment(text: str) -> dict[str, str]:
    said = text.upper().replace(" ", "+")
    if datetime.fromisoformat(said).tzinfo is None:
        raise ValueError(text)
    return {"timestamp": said}


_READERS: dict[str, Callable[[str], object]] = {
    "string": str,
    "integer": _whole,
    "number": _finite,
    "boolean": {"true": True, "false": False}.__getitem__,
    "date": lambda text: {"date": date.fromisoformat(text).isoformat()},
    "timestamp": _moment,
}
_EXAMPLES = {
    "integer": "3",
    "number": "2.5",
    "boolean": "true, false",
    "date": "2026-11-20",
    "timestamp": "2026-11-20T04:10:00Z",
}
