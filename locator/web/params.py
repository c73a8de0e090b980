"""What a request asks, checked at the door: parameters become a Query, or an error that names them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Request

from locator.errors import QueryError
from locator.query import DEFAULT_LIMIT, MAX_LIMIT, Query, parse_moment
from locator.translation import N_

__all__ = ["body_or_arguments", "query_of"]


def body_or_arguments(request: Request) -> dict[str, Any]:
    """Return a request's parameters: of a POST its JSON object, else the query string.

    Raises
    ------
    QueryError
        The body is no JSON object, a parameter is given twice, or stands in the address of a POST.
    """
    if request.method == "POST":
        for name in request.args:
            if name != "lang":
                raise QueryError(
                    N_("is not a parameter"),
                    field=_whole_characters(name),
                    mend=N_("send {example}"),
                    example='{"lon": …, "lat": …}',
                )
        try:
            body = json.loads(request.get_data())
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


def query_of(values: Mapping[str, Any], *, zone: str, now: datetime) -> tuple[Query, bool]:
    """Return the query that parameters ask, and whether its limit was lowered to the maximum.

    Parameters
    ----------
    values
        Text from a query string, or JSON values from a body.
    zone
        Time zone of a moment without an offset.
    now
        The moment where none is asked for.

    Raises
    ------
    QueryError
        A parameter is unknown, missing or cannot be right.
    """
    for name in values:
        if name not in _PARAMETERS and name != "lang":
            raise QueryError(
                N_("is not a parameter"),
                field=_whole_characters(name),
                mend=N_("use {choices}"),
                choices=", ".join([*_PARAMETERS, "lang"]),
            )
    for name in ("lon", "lat"):
        if values.get(name) in (None, ""):
            raise QueryError(N_("is missing"), field=name, mend=N_("give degrees in WGS84"))
    read: dict[str, Any] = {
        name: reader(name, values[name])
        for name, reader in _PARAMETERS.items()
        if values.get(name) not in (None, "")
    }
    read["at"] = parse_moment(read["at"], zone) if "at" in read else now
    limit = read.get("limit", DEFAULT_LIMIT)
    read["limit"] = min(limit, MAX_LIMIT)
    return Query(**read), limit > MAX_LIMIT


def _whole_characters(name: str) -> str:
    """Return a name that an answer can repeat: JSON can write half a character, UTF-8 cannot."""
    return name.encode("utf-8", "backslashreplace").decode()


def _number(name: str, value: object) -> float:
    try:
        if isinstance(value, (str, int, float)) and not isinstance(value, bool):
            number = float(value)
            if math.isfinite(number):
                return number
    except (ValueError, OverflowError):
        pass
    raise QueryError(N_("is not a number"), field=name, value=value, mend=N_("correct it"))


def _count(name: str, value: object) -> int:
    number = _number(name, value)
    if not number.is_integer():
        raise QueryError(N_("is not a whole number"), field=name, value=value, mend=N_("correct it"))
    return int(number)


def _flag(name: str, value: object) -> bool:
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    word = str(value).lower()
    if word not in words:
        raise QueryError(N_("is neither true nor false"), field=name, value=value, mend=N_("use true or false"))
    return words[word]


def _codes(name: str, value: object) -> frozenset[str]:
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise QueryError(
            N_("is not a list of words"), field=name, value=value, mend=N_("separate the words by commas")
        )
    return frozenset(item.strip() for item in items if item.strip())


def _word(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise QueryError(N_("is not text"), field=name, value=value, mend=N_("put it in quotes"))
    return value


_PARAMETERS: dict[str, Callable[[str, object], Any]] = {
    "lon": _number,
    "lat": _number,
    "at": _word,
    "minutes": _number,
    "needs": _codes,
    "h24": _flag,
    "categories": _codes,
    "radius_m": _number,
    "limit": _count,
    "usable_only": _flag,
}
