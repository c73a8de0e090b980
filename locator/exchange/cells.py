"""One row of a table as a station: each cell read as what its column is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from shapely.geometry.base import BaseGeometry

from locator.errors import InvalidValue, LocatorError
from locator.exchange.columns import CATEGORY_WORDS, STATUS_WORDS, Columns, folded
from locator.exchange.facility_words import read_facilities
from locator.exchange.hours_text import read_hours
from locator.station import ADMITS, CATEGORIES, STATUSES, WAYS_IN, Entry, Provenance, Station
from locator.translation import LANGUAGES, N_, translator
from locator.validity import read_geometry

__all__ = ["Cells", "point_of", "station_of"]

_TEXTS = ("name", "address", "adcode", "community", "street", "operator", "phone", "note")
_CHOICES = (("category", CATEGORY_WORDS, CATEGORIES), ("status", STATUS_WORDS, STATUSES))
_NUMBERS = (("capacity", int), ("area_m2", float))
_YES = frozenset(["是", "有", "需", "需要", "要", "√", "✓", "y", "yes", "true", "1"])
_NO = frozenset(["否", "无", "不", "不需", "不需要", "没有", "×", "✗", "n", "no", "false", "0"])


@dataclass(slots=True)
class Cells:
    """One row being read: what it says so far, what could not be understood, and what is kept as text."""

    values: Mapping[str, str]
    columns: Columns
    changes: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    warnings: list[LocatorError] = field(default_factory=list)

    def text(self, name: str) -> str:
        """Return the cell of a field; empty when there is no such column."""
        return self.values.get(self.columns.fields.get(name, ""), "").strip()

    def warn(self, reason: str, name: str, *, mend: str, **details: object) -> None:
        """Note that a cell is not understood; its text is kept."""
        self.extra[self.columns.fields[name]] = self.text(name)
        self.warnings.append(InvalidValue(reason, field=name, value=self.text(name), mend=mend, **details))


def station_of(cells: Cells, geometry: BaseGeometry, kept: Mapping[str, Station], source: str) -> Station:
    """Return the station that a row describes, what is kept of it already underneath.

    Parameters
    ----------
    geometry
        The row's geometry as it was given.
    kept
        The stations in the store, by id: a table changes the fields that it speaks of.

    Raises
    ------
    InvalidValue
        The row cannot be a station.
    """
    code = cells.text("id") or _made_code(cells.text("name"), cells.text("address"))
    provenance = Provenance(source=source, source_id=cells.text("id"))
    base = kept.get(code) or Station(id=code, name=cells.text("name"), geometry=geometry, provenance=provenance)
    cells.changes |= {name: cells.text(name) for name in _TEXTS if cells.text(name)}
    cells.extra |= {
        heading: cells.values[heading] for heading in cells.columns.others if cells.values.get(heading)
    }
    _read_choices(cells)
    _read_numbers(cells)
    _read_hours(cells)
    _read_facilities(cells, base)
    _read_entry(cells, base.entry)
    for name in ("valid_from", "valid_to"):
        if cells.text(name):
            cells.changes[name] = _day(name, cells.text(name))
    dates = ("location_verified", "facilities_verified")
    verified: dict[str, Any] = {name: _day(name, cells.text(name)) for name in dates if cells.text(name)}
    return replace(
        base,
        **cells.changes,
        geometry=geometry,
        extra={**base.extra, **cells.extra},
        provenance=replace(base.provenance, **verified),
    )


def point_of(cells: Cells) -> BaseGeometry:
    """Return the point that the longitude and latitude cells give.

    Raises
    ------
    InvalidValue
        One is missing, is no number or out of range.
    """
    numbers = []
    for name in ("lon", "lat"):
        try:
            numbers.append(float(cells.text(name)))
        except ValueError:
            raise InvalidValue(
                N_("is not a number of degrees"),
                field=name,
                value=cells.text(name),
                mend=N_("write it like 113.0742"),
            ) from None
    return read_geometry({"type": "Point", "coordinates": numbers})


def _made_code(name: str, address: str) -> str:
    """Return a code for a station that has none: the same name and address give the same code."""
    digest = hashlib.sha256(f"{folded(name)}\n{folded(address)}".encode()).hexdigest()
    return f"x-{digest[:12]}"


def _read_choices(cells: Cells) -> None:
    for name, words, labels in _CHOICES:
        text = cells.text(name)
        code = _code(text, labels) or words.get(folded(text))
        if code:
            cells.changes[name] = code
        elif text:
            cells.warn(
                N_("is not understood and kept as text"),
                name,
                mend=N_("use one of {choices}"),
                choices=", ".join(labels),
            )


def _code(text: str, labels: Mapping[str, str]) -> str | None:
    """Return the code that a text is, or whose label it is in any language."""
    for code, label in labels.items():
        forms = (code, label, *(translator(language)(label) for language in LANGUAGES))
        if folded(text) in map(folded, forms):
            return code
    return None


def _read_numbers(cells: Cells) -> None:
    for name, kind in _NUMBERS:
        text = cells.text(name).rstrip("人名座位㎡平方米m²")
        if not text:
            continue
        try:
            cells.changes[name] = kind(float(text))
        except (ValueError, OverflowError):
            cells.warn(N_("is not a number and kept as text"), name, mend=N_("write digits alone"))


def _read_hours(cells: Cells) -> None:
    for name in ("opening_hours", "staffed_hours"):
        if not cells.text(name):
            continue
        reading = read_hours(cells.text(name))
        cells.changes[name] = reading.osm
        if reading.osm is None or reading.note:
            unread = N_("is not understood: hours unknown")
            cells.warn(
                unread if reading.osm is None else N_("is understood only in part; the text is kept"),
                name,
                mend=N_("write it like 周一至周五 08:30-17:30"),
            )


def _read_facilities(cells: Cells, base: Station) -> None:
    """Read the free list first; a column of its own says more surely."""
    found = dict(base.facilities)
    if cells.text("facilities"):
        reading = read_facilities(cells.text("facilities"))
        found |= reading.facilities
        if reading.unread:
            cells.warn(
                N_("has words for no facility that we know: {words}"),
                "facilities",
                words="、".join(reading.unread),
                mend=N_("use the words of the list of facilities"),
            )
    for code, heading in cells.columns.facilities.items():
        text = cells.values.get(heading, "")
        there = _yes_or_no(text)
        if there is not None:
            found[code] = there
        elif text:
            cells.extra[heading] = text
    cells.changes["facilities"] = found


def _read_entry(cells: Cells, entry: Entry) -> None:
    said: dict[str, Any] = {
        "ways": tuple(code for word in _words(cells.text("ways")) if (code := _code(word, WAYS_IN))),
        "registration": _yes_or_no(cells.text("registration")),
        "admits": _code(cells.text("admits"), ADMITS),
    }
    for name, value in said.items():
        if cells.text(name) and value in (None, ()):
            cells.warn(N_("is not understood and kept as text"), name, mend=N_("use the words of the guide"))
    cells.changes["entry"] = replace(entry, **{name: v for name, v in said.items() if v not in (None, ())})


def _words(text: str) -> list[str]:
    for separator in "、，;；/":
        text = text.replace(separator, ",")
    return [word.strip() for word in text.split(",") if word.strip()]


def _yes_or_no(text: str) -> bool | None:
    word = folded(text)
    return True if word in _YES else False if word in _NO else None


def _day(name: str, text: str) -> date:
    normal = text.rstrip("日")
    for separator in "/.年月":
        normal = normal.replace(separator, "-")
    try:
        year, month, day = (int(part) for part in normal.split("-"))
        return date(year, month, day)
    except ValueError:
        raise InvalidValue(
            N_("is not a date"), field=name, value=text, mend=N_("write it like 2026-03-15")
        ) from None
