"""A property's value as people read it; programs get it as it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from locator.hours import time_zone
from locator.station import FACILITIES, WAYS_IN
from locator.store import Property
from locator.translation import N_, Translator

__all__ = ["value_text"]

_LISTS: Mapping[str, Mapping[str, str]] = {
    "facilities": FACILITIES,
    "facilities_absent": FACILITIES,
    "ways_in": WAYS_IN,
}


def value_text(column: Property, value: object, translate: Translator, zone: str) -> str:
    """Return a value in words: codes by their names, moments by the clock of the place.

    Parameters
    ----------
    zone
        Time zone of the data, such as `Asia/Shanghai`.
    """
    if value is None:
        return "–"
    if isinstance(value, bool):
        return translate(N_("yes") if value else N_("no"))
    if isinstance(value, float):
        return f"{value:g}"
    text = str(value)
    if column.name in _LISTS:
        names = _LISTS[column.name]
        return translate(", ").join(translate(names[code]) if code in names else code for code in text.split(","))
    if column.choices:
        return translate(column.choices[text]) if text in column.choices else text
    if column.name == "source" and text == "illustrative":
        return translate("illustrative data")
    if column.kind == "timestamp":
        return f"{datetime.fromisoformat(text).astimezone(time_zone(zone)):%Y-%m-%d %H:%M}"
    return text
