"""What a request asks, checked at the door: one table of parameters, which the OpenAPI document is made of too."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from locator.errors import QueryError
from locator.query import (
    DEFAULT_LIMIT,
    MAX_LIMIT,
    MAX_MINUTES,
    MODES,
    SPEEDS_M_PER_S,
    Query,
    check_range,
    parse_bbox,
    parse_moment,
    parse_number,
)
from locator.station import ADMITS, CATEGORIES, FACILITIES, WAYS_IN
from locator.translation import LANGUAGES, N_

__all__ = [
    "AREAS",
    "CHANGES",
    "HOURS",
    "LANG",
    "NEAREST",
    "PLAIN",
    "STATIONS",
    "Asked",
    "Kind",
    "Parameter",
    "body_or_arguments",
    "query_of",
    "read_parameters",
]

MAX_LISTED = 1_000
_LARGEST = 2**53
_YEARS = range(2000, 2101)


class Kind(StrEnum):
    """What a parameter's value is, and so how it is read."""

    NUMBER = "number"
    COUNT = "count"
    FLAG = "flag"
    CODES = "codes"
    WORD = "word"
    MOMENT = "moment"
    DAY = "day"
    BOX = "box"
    PLACE = "place"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parameter:
    """One thing that can be asked.

    Attributes
    ----------
    help
        What it means, a message id.
    low, high
        The range of a number, both ends included; None: no bound.
    lowered
        A number above `high` is lowered to it, and the answer says so.
    choices
        The words that a list may hold; empty: any.
    default
        What holds where it is not given; None: see `help`.
    example
        A value as it stands in an address.
    """

    name: str
    kind: Kind
    help: str
    low: float | None = None
    high: float | None = None
    lowered: bool = False
    choices: Collection[str] = ()
    default: float | str | bool | None = None
    required: bool = False
    example: str = ""


class Asked(NamedTuple):
    """Parameters as values, defaults filled in, and the names of those that were lowered to their maximum."""

    values: dict[str, Any]
    lowered: frozenset[str]


LANG = Parameter(
    name="lang",
    kind=Kind.WORD,
    help=N_("the language of sentences, zh or en; without it the one that the request accepts"),
    choices=tuple(LANGUAGES),
    example="en",
)
"""Every address takes it. A language that there is not is passed over: its reader still gets an answer."""

_NEEDS = Parameter(
    name="needs",
    kind=Kind.CODES,
    choices=FACILITIES,
    help=N_("facilities that must be there, separated by commas; an unknown one is not enough"),
    example="toilet,microwave",
)
_CATEGORIES = Parameter(
    name="categories",
    kind=Kind.CODES,
    choices=CATEGORIES,
    help=N_("only these categories, separated by commas"),
    example="station,mini_station",
)
_BBOX = Parameter(
    name="bbox",
    kind=Kind.BOX,
    example="113.0,28.7,113.2,28.9",
    help=N_("west,south,east,north in WGS84 degrees; edges count, a west greater than the east spans 180°"),
)
_LISTED = Parameter(
    name="limit",
    kind=Kind.COUNT,
    low=1,
    high=MAX_LISTED,
    lowered=True,
    default=100,
    help=N_("at most so many; more than the maximum is lowered to it and said in limit_lowered"),
)

NEAREST: tuple[Parameter, ...] = (
    Parameter(
        name="lon", kind=Kind.NUMBER, low=-180, high=180, required=True, example="113.0742",
        help=N_("longitude of the place, WGS84 degrees"),
    ),
    Parameter(
        name="lat", kind=Kind.NUMBER, low=-90, high=90, required=True, example="28.8069",
        help=N_("latitude of the place, WGS84 degrees"),
    ),
    Parameter(
        name="at", kind=Kind.MOMENT, example="2026-11-20T12:10",
        help=N_("the moment, ISO 8601; without an offset in the data's time zone, without it now"),
    ),
    Parameter(
        name="minutes", kind=Kind.NUMBER, low=0, high=MAX_MINUTES, default=0,
        help=N_("how long one wants to stay"),
    ),
    Parameter(
        name="mode", kind=Kind.WORD, choices=MODES, default="walk",
        help=N_("how one gets there, for a station counts that is usable on arrival; there: as if one were there"),
    ),
    _NEEDS,
    Parameter(name="h24", kind=Kind.FLAG, default=False, help=N_("only stations that never close")),
    Parameter(
        name="ways", kind=Kind.CODES, choices=WAYS_IN, example="open_door,staff,qr_code",
        help=N_("ways in that one can use, separated by commas; stations whose ways in are unknown stay"),
    ),
    Parameter(
        name="who", kind=Kind.CODES, choices=ADMITS, example="outdoor_workers",
        help=N_("whom one belongs to, separated by commas; stations that say nothing of whom they admit stay"),
    ),
    Parameter(
        name="no_registration", kind=Kind.FLAG, default=False,
        help=N_("only stations that need no registration"),
    ),
    _CATEGORIES,
    _BBOX,
    Parameter(
        name="radius_m", kind=Kind.NUMBER, low=0,
        help=N_("no further, metres; exactly at it counts; without it no bound"), example="1000",
    ),
    Parameter(
        name="limit", kind=Kind.COUNT, low=1, high=MAX_LIMIT, lowered=True, default=DEFAULT_LIMIT,
        help=N_("at most so many; more than the maximum is lowered to it and said in limit_lowered"),
    ),
    Parameter(
        name="usable_only", kind=Kind.FLAG, default=True,
        help=N_("leave out what is closed then; unknown hours stay"),
    ),
)  # fmt: skip

STATIONS: tuple[Parameter, ...] = (
    _BBOX,
    _CATEGORIES,
    _NEEDS,
    _LISTED,
    Parameter(name="after", kind=Kind.WORD, help=N_("only ids after this one; `next` in an answer fills it in")),
)  # fmt: skip

AREAS: tuple[Parameter, ...] = (
    Parameter(
        name="on", kind=Kind.DAY, example="2026-11-20",
        help=N_("only areas that are on the list on this day"),
    ),
    _LISTED,
    STATIONS[-1],
)  # fmt: skip

HOURS: tuple[Parameter, ...] = (
    Parameter(
        name="from", kind=Kind.DAY, example="2026-11-20",
        help=N_("the first of the seven days; without it today in the data's time zone"),
    ),
)  # fmt: skip

CHANGES: tuple[Parameter, ...] = (
    Parameter(
        name="since", kind=Kind.COUNT, low=0, high=_LARGEST, required=True, example="0",
        help=N_("the revision after which; 0 tells everything, then ask with the last answer's `revision`"),
    ),
    _LISTED,
    Parameter(
        name="after", kind=Kind.WORD,
        help=N_("only what comes after this revision and id, written 12:id; `next` in an answer fills it in"),
    ),
)  # fmt: skip

PLAIN: tuple[Parameter, ...] = ()
"""Nothing can be asked but the language."""


def body_or_arguments(request: Request) -> dict[str, Any]:
    """Return a request's parameters: of a POST its JSON object, else the query string.

    Raises
    ------
    QueryError
        The body is no JSON object, a parameter is given twice, or stands in the address of a POST.
    """
    if request.method == "POST":
        for name in request.args:
            if name != LANG.name:
                raise QueryError(
                    N_("is not a parameter"),
                    field=_whole_characters(name),
                    mend=N_("send {example}"),
                    example='{"lon": …, "lat": …}',
                )
        try:
            body = json.loads(_whole_body(request), object_pairs_hook=_each_once)
        except QueryError:
            raise
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            raise QueryError(
                N_("is not a JSON object"), field="body", mend=N_("send {example}"), example='{"lon": …, "lat": …}'
            )
        return body
    for name, values in request.args.lists():
        if len(values) > 1:
            raise QueryError(N_("is given twice"), field=name, value=values[1], mend=N_("give it once"))
    return dict(request.args)


def _whole_body(request: Request) -> bytes:
    """Return a request's body; one that does not say its length may be cut off at the limit without a word."""
    body = request.get_data()
    if request.content_length is None and len(body) >= (request.max_content_length or math.inf):
        raise RequestEntityTooLarge
    return body


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the members of a JSON object, each of which may be given once."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise QueryError(
                N_("is given twice"), field=_whole_characters(name), value=value, mend=N_("give it once")
            )
        found[name] = value
    return found


def read_parameters(values: Mapping[str, Any], table: tuple[Parameter, ...], *, zone: str) -> Asked:
    """Return the values of parameters by name; what is not given has its default or is left out.

    Parameters
    ----------
    values
        Text from a query string, or JSON values from a body. What is empty is not given.
    table
        The parameters that there are; any other name but `lang` is refused.
    zone
        Time zone of a moment without an offset.

    Raises
    ------
    QueryError
        A parameter is unknown, missing or cannot be right.
    """
    by_name, defaults, required = _looked_up(table)
    if not values.keys() <= by_name.keys():
        _refuse_unknown(values, by_name)
    read = defaults.copy()
    lowered = frozenset[str]()
    for name, given in values.items():
        if given is None or given == "" or name == LANG.name:
            continue
        parameter = by_name[name]
        value = _READERS[parameter.kind](name, given, zone)
        if parameter.lowered and parameter.high is not None and value > parameter.high:
            value = int(parameter.high)
            lowered |= {name}
        _check(parameter, value)
        read[name] = value
    if not required <= read.keys():
        _refuse_missing(read, by_name)
    return Asked(read, lowered)


def _refuse_unknown(values: Mapping[str, Any], by_name: Mapping[str, Parameter]) -> None:
    name = next(name for name in values if name not in by_name)
    raise QueryError(
        N_("is not a parameter"),
        field=_whole_characters(name),
        mend=N_("use {choices}"),
        choices=", ".join(by_name),
    )


def _refuse_missing(read: Mapping[str, Any], by_name: Mapping[str, Parameter]) -> None:
    parameter = next(found for name, found in by_name.items() if found.required and name not in read)
    raise QueryError(
        N_("is missing"), field=parameter.name, mend=N_("give it, such as {example}"), example=parameter.example
    )


@lru_cache
def _looked_up(table: tuple[Parameter, ...]) -> tuple[dict[str, Parameter], dict[str, Any], frozenset[str]]:
    """Return the parameters by name, `lang` behind them; the defaults that there are; and what must be given."""
    by_name = {parameter.name: parameter for parameter in (*table, LANG)}
    defaults = {name: found.default for name, found in by_name.items() if found.default is not None}
    return by_name, defaults, frozenset(name for name, found in by_name.items() if found.required)


def query_of(
    values: Mapping[str, Any], *, zone: str, now: datetime, speeds: Mapping[str, float] = SPEEDS_M_PER_S
) -> tuple[Query, bool]:
    """Return the query that parameters ask, and whether its limit was lowered to the maximum.

    Parameters
    ----------
    values
        Text from a query string, or JSON values from a body.
    zone
        Time zone of a moment without an offset.
    now
        The moment where none is asked for.
    speeds
        Metres a second by mode.

    Raises
    ------
    QueryError
        A parameter is unknown, missing or cannot be right.
    """
    asked = read_parameters(values, NEAREST, zone=zone)
    speed = speeds.get(asked.values["mode"])
    return Query(**({"at": now, "speed_m_per_s": speed} | asked.values)), "limit" in asked.lowered


def _check(parameter: Parameter, value: Any) -> None:  # noqa: ANN401 - by kind
    """Refuse a number out of range, and a word that is none of the choices."""
    if parameter.kind in (Kind.NUMBER, Kind.COUNT):
        low = -math.inf if parameter.low is None else parameter.low
        check_range(parameter.name, value, low, math.inf if parameter.high is None else parameter.high)
    elif parameter.kind in (Kind.CODES, Kind.CHOICE):
        given = value if parameter.kind is Kind.CODES else {value}
        for code in sorted(given - set(parameter.choices)):
            raise QueryError(
                N_("is not one of {choices}"),
                field=parameter.name,
                value=code,
                choices=", ".join(parameter.choices),
                mend=N_("choose one of them"),
            )


def _whole_characters(name: str) -> str:
    """Return a name that an answer can repeat: JSON can write half a character, UTF-8 cannot."""
    return name.encode("utf-8", "backslashreplace").decode()


# -- one reader a kind: name, value as given, time zone


def _number(name: str, value: object, _zone: str) -> float:
    try:
        if isinstance(value, (str, int, float)) and not isinstance(value, bool):
            number = parse_number(value) if isinstance(value, str) else float(value)
            if math.isfinite(number):
                return number
    except (ValueError, OverflowError):
        pass
    raise QueryError(N_("is not a number"), field=name, value=value, mend=N_("correct it"))


def _count(name: str, value: object, zone: str) -> int:
    number = _number(name, value, zone)
    if not number.is_integer():
        raise QueryError(N_("is not a whole number"), field=name, value=value, mend=N_("correct it"))
    return int(number)


def _flag(name: str, value: object, _zone: str) -> bool:
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    word = str(value).lower()
    if word not in words:
        raise QueryError(N_("is neither true nor false"), field=name, value=value, mend=N_("use true or false"))
    return words[word]


def _codes(name: str, value: object, _zone: str) -> frozenset[str]:
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise QueryError(
            N_("is not a list of words"), field=name, value=value, mend=N_("separate the words by commas")
        )
    return frozenset(item.strip() for item in items if item.strip())


def _word(name: str, value: object, _zone: str) -> str:
    if not isinstance(value, str):
        raise QueryError(N_("is not text"), field=name, value=value, mend=N_("put it in quotes"))
    return value


def _moment(name: str, value: object, zone: str) -> datetime:
    return parse_moment(_word(name, value, zone), zone)


def _day(name: str, value: object, zone: str) -> date:
    text = _word(name, value, zone).strip()
    try:
        # The one form that everybody reads the same; fromisoformat takes weeks and bare digits too.
        day = date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else None
    except ValueError:
        day = None
    if day is None:
        raise QueryError(N_("is not a date"), field=name, value=value, mend=N_("write it like 2026-03-15"))
    if day.year not in _YEARS:
        raise QueryError(
            N_("is outside the years {first} to {last}"),
            field=name,
            value=value,
            first=_YEARS[0],
            last=_YEARS[-1],
            mend=N_("correct the year"),
        )
    return day


def _place(name: str, value: object, zone: str) -> tuple[float, float]:
    try:
        lon, lat = (parse_number(part) for part in _word(name, value, zone).split(","))
    except ValueError:
        raise QueryError(
            N_("is not two numbers"), field=name, value=value, mend=N_("write lon,lat in degrees")
        ) from None
    check_range(name, lon, -180, 180)
    check_range(name, lat, -90, 90)
    return lon, lat


def _box(name: str, value: object, zone: str) -> tuple[float, float, float, float]:
    return parse_bbox(name, _word(name, value, zone))


_READERS: dict[Kind, Callable[[str, object, str], Any]] = {
    Kind.NUMBER: _number,
    Kind.COUNT: _count,
    Kind.FLAG: _flag,
    Kind.CODES: _codes,
    Kind.WORD: _word,
    Kind.MOMENT: _moment,
    Kind.DAY: _day,
    Kind.BOX: _box,
    Kind.PLACE: _place,
    Kind.CHOICE: _word,
}
