"""One row of a list of places as a record: each cell read as what its column is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from locator.errors import InvalidValue
from locator.exchange.cells import Cells, json_cell, read_day, yes_or_no
from locator.exchange.columns import folded
from locator.exchange.hours_text import read_hours
from locator.exchange.place_columns import KIND_WORDS, WEIGHTS
from locator.translation import N_

__all__ = ["place_record"]


def place_record(cells: Cells, layer: str) -> dict[str, Any]:
    """Return the record that a row's cells give, without its geometry; what no field takes is kept as text.

    Raises
    ------
    InvalidValue
        A number or a date cannot be read.
    """
    record: dict[str, Any] = {}
    weights: dict[str, float] = {}
    for name in (*cells.columns.fields, *cells.columns.constants):
        text = cells.text(name)
        if not text or name in _POSITIONS:
            continue
        if name == "extra":
            cells.extra |= json_cell(cells, name, dict)
        elif name in WEIGHTS and layer == "demand":
            weights[name] = _number(name, text)
        else:
            value = _READ.get(name, _as_it_is)(cells, name, text, layer)
            if value is not None:
                record[name] = value
    extra = cells.extra | {
        heading: cells.values[heading].strip() for heading in cells.columns.others if cells.values.get(heading)
    }
    return record | ({"weights": weights} if weights else {}) | ({"extra": extra} if extra else {})


_POSITIONS = frozenset({"wkt", "coordinates", "lon", "lat", "h3"})


def _as_it_is(_cells: Cells, _name: str, text: str, _layer: str) -> str:
    return text


def _kind(_cells: Cells, _name: str, text: str, layer: str) -> str:
    return KIND_WORDS[layer].get(folded(text), text)


def _whole(_cells: Cells, name: str, text: str, _layer: str) -> float:
    number = _number(name, text)
    return int(number) if number.is_integer() else number


def _amount(_cells: Cells, name: str, text: str, _layer: str) -> float:
    return _number(name, text)


def _flag(cells: Cells, name: str, text: str, _layer: str) -> bool | None:
    said = yes_or_no(text)
    if said is None:
        cells.warn(N_("is neither yes nor no, and kept as text"), name, mend=N_("write yes or no"))
        cells.extra[cells.columns.fields.get(name, name)] = text
    return said


def _date(_cells: Cells, name: str, text: str, _layer: str) -> str:
    return read_day(name, text).isoformat()


def _hours(cells: Cells, name: str, text: str, _layer: str) -> str | None:
    reading = read_hours(text)
    if reading.osm is None or reading.note:
        cells.warn(
            N_("is not understood: hours unknown")
            if reading.osm is None
            else N_("is understood only in part; the text is kept"),
            name,
            mend=N_("write it like 周一至周五 08:30-17:30"),
        )
    return reading.osm


_READ: Mapping[str, Callable[[Cells, str, str, str], Any]] = {
    "kind": _kind,
    "residents": _whole,
    "capacity": _whole,
    "cost_cny_year": _amount,
    "must_cover": _flag,
    "bridge": _flag,
    "valid_from": _date,
    "valid_to": _date,
    "opening_hours": _hours,
}


def _number(name: str, text: str) -> float:
    try:
        return float(text.replace(",", "").rstrip("人元"))
    except ValueError:
        raise InvalidValue(N_("is not a number"), field=name, value=text, mend=N_("write digits alone")) from None
