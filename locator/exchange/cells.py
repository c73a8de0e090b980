"""One row of a table as a station: each cell read as what its column is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import lru_cache
from typing import Any

from shapely.geometry.base import BaseGeometry

from locator.errors import InvalidValue, LocatorError
from locator.exchange.columns import ADMITS_WORDS, CATEGORY_WORDS, STATUS_WORDS, WAY_WORDS, Columns, folded
from locator.exchange.facility_words import FacilityReading, read_facilities
from locator.exchange.hours_text import HoursReading, read_hours, read_weekday_columns
from locator.exchange.positions import read_pair, read_point, read_shape
from locator.hours import Closure
from locator.station import ADMITS, CATEGORIES, STATUSES, WAYS_IN, Entry, Provenance, Station
from locator.translation import LANGUAGES, N_, translator
from locator.validity import parse_wkt

__all__ = [
    "ENTRY",
    "PROVENANCE_DATES",
    "Cells",
    "geometry_of",
    "json_cell",
    "made_code",
    "read_day",
    "read_fields",
    "read_provenance",
    "station_of",
    "yes_or_no",
]

_TEXTS = ("name", "address", "adcode", "community", "street", "operator", "phone", "note")
_ENTRY_TEXTS = ("door", "floor", "host", "parking")
ENTRY = ("ways", "registration", "admits", *_ENTRY_TEXTS)
_NO_ENTRY = Entry()
_CHOICES = (("category", CATEGORY_WORDS, CATEGORIES), ("status", STATUS_WORDS, STATUSES))
_NUMBERS = (("capacity", int), ("area_m2", float))
_DATES = ("valid_from", "valid_to")
PROVENANCE_DATES = ("location_verified", "facilities_verified", "expires")
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
    _said: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        words = self.columns.values
        self._said = {name: text for name, text in self.columns.constants.items() if text}
        for name, heading in self.columns.fields.items():
            said = self.values.get(heading, "").strip()
            if name in words:
                said = words[name].get(said, said)
            if said:
                self._said[name] = said

    def text(self, name: str) -> str:
        """Return what the row says of a field: its cell, as the mapping puts it, or a constant."""
        return self._said.get(name, "")

    def texts(self, names: Iterable[str]) -> dict[str, str]:
        """Return what the row says of several fields; those that it does not speak of are left out."""
        said = self._said
        return {name: said[name] for name in names if name in said}

    def warn(self, reason: str, name: str, *, mend: str, **details: object) -> None:
        """Note that a cell is not understood; its text is kept."""
        if name in self.columns.fields:
            self.extra[self.columns.fields[name]] = self.text(name)
        self.warnings.append(InvalidValue(reason, field=name, value=self.text(name), mend=mend, **details))


def geometry_of(cells: Cells, *, projected: bool) -> BaseGeometry:
    """Return the geometry that a row's cells give: WKT, a pair in one cell, or two columns.

    Parameters
    ----------
    projected
        The coordinates are metres or feet, not degrees.

    Raises
    ------
    InvalidValue
        There is none, or it cannot be right.
    """
    if cells.text("wkt"):
        return read_shape(cells.text("wkt"), projected=projected)
    if cells.text("coordinates") and not cells.text("lon"):
        return read_pair(cells.text("coordinates"), projected=projected)
    return read_point(cells.text("lon"), cells.text("lat"), projected=projected)


def station_of(
    cells: Cells,
    geometry: BaseGeometry,
    kept: Mapping[str, Station],
    source: str,
    *,
    original: tuple[BaseGeometry | None, str] = (None, "wgs84"),
) -> Station:
    """Return the station that a row describes, what is kept of it already underneath.

    Parameters
    ----------
    geometry
        The row's geometry, WGS84.
    kept
        The stations in the store, by id: a table changes the fields that it speaks of.
    original
        The geometry as it was given and the name of its datum; no geometry: given in WGS84.

    Raises
    ------
    InvalidValue
        The row cannot be a station.
    """
    code = cells.text("id") or made_code(cells.text("name"), cells.text("address"))
    base = kept.get(code)
    provenance = _provenance(cells, base, geometry, source)
    try:
        read_fields(cells, base)
        provenance |= read_provenance(cells, original)
        changes = cells.changes | {"geometry": geometry, "provenance": Provenance(**provenance)}
    except LocatorError:
        # A wrong source, code or name is told first.
        Provenance(source=cells.text("source") or source, source_id=cells.text("source_id") or cells.text("id"))
        if base is None:
            Station(id=code, name=cells.text("name"), geometry=geometry)
        raise
    if base is None:
        return Station(**({"id": code, "name": cells.text("name")} | changes), extra=cells.extra)
    # What a cell said before it was mended goes; what other tables said stays.
    extra = {h: text for h, text in base.extra.items() if not cells.values.get(h)} | cells.extra
    return replace(base, **changes, extra=extra)


def read_fields(cells: Cells, base: Station | None) -> None:
    """Read every field but code, place and provenance into `cells.changes`.

    Raises
    ------
    InvalidValue
        A cell is not what it must be.
    """
    cells.changes |= cells.texts(_TEXTS)
    cells.extra |= {
        heading: cells.values[heading].strip() for heading in cells.columns.others if cells.values.get(heading)
    }
    _read_choices(cells)
    _read_numbers(cells)
    _read_hours(cells)
    _read_facilities(cells, base.facilities if base else {})
    _read_entry(cells, base.entry if base else _NO_ENTRY)
    _read_lists(cells)
    cells.changes |= {name: read_day(name, text) for name, text in cells.texts(_DATES).items()}


def made_code(name: str, address: str) -> str:
    """Return a code for a station that has none: the same name and address give the same code."""
    digest = hashlib.sha256(f"{folded(name)}\n{folded(address)}".encode()).hexdigest()
    return f"x-{digest[:12]}"


def _read_choices(cells: Cells) -> None:
    for name, words, labels in _CHOICES:
        text = cells.text(name)
        if not text:
            continue
        code = _code(text, labels) or words.get(folded(text))
        if code:
            cells.changes[name] = code
        else:
            cells.warn(
                N_("is not understood and kept as text"),
                name,
                mend=N_("use one of {choices}"),
                choices=", ".join(labels),
            )


def _code(text: str, labels: Mapping[str, str]) -> str | None:
    """Return the code that a text is, or whose label it is in any language."""
    return _spellings(tuple(labels.items())).get(folded(text))


@lru_cache
def _spellings(labels: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return {
        folded(form): code
        for code, label in labels
        for form in (code, label, *(translator(language)(label) for language in LANGUAGES))
    }


def _read_numbers(cells: Cells) -> None:
    for name, kind in _NUMBERS:
        text = cells.text(name).rstrip("人名座位㎡平方米m²")
        if not text:
            continue
        try:
            number = float(text)
            if kind is int and not number.is_integer():
                raise ValueError
            cells.changes[name] = kind(number)
        except (ValueError, OverflowError):
            cells.warn(N_("is not a number and kept as text"), name, mend=N_("write digits alone"))


def _read_hours(cells: Cells) -> None:
    for name in ("opening_hours", "staffed_hours"):
        if cells.text(name):
            _take_hours(cells, name, _hours(cells.text(name)))
    if cells.columns.weekdays and not cells.text("opening_hours"):
        days = {day: cells.values.get(heading, "").strip() for day, heading in cells.columns.weekdays.items()}
        reading = _weekday_hours(tuple(days.items()))
        cells.extra |= {
            h: cells.values[h].strip()
            for h in cells.columns.weekdays.values()
            if cells.values.get(h) and reading.note
        }
        if any(days.values()):
            _take_hours(cells, "opening_hours", reading)


@lru_cache(maxsize=10_000)
def _hours(text: str) -> HoursReading:
    return read_hours(text)


@lru_cache(maxsize=10_000)
def _weekday_hours(days: tuple[tuple[str, str], ...]) -> HoursReading:
    return read_weekday_columns(dict(days))


def _take_hours(cells: Cells, name: str, reading: HoursReading) -> None:
    cells.changes[name] = reading.osm
    if reading.osm is None or reading.note:
        unread = N_("is not understood: hours unknown")
        cells.warn(
            unread if reading.osm is None else N_("is understood only in part; the text is kept"),
            name,
            mend=N_("write it like 周一至周五 08:30-17:30"),
        )


def _read_facilities(cells: Cells, known: Mapping[str, bool]) -> None:
    """Read the free lists first; a column of its own says more surely."""
    found = dict(known)
    for name, there in (("facilities", True), ("missing", False)):
        if not cells.text(name):
            continue
        reading = _facilities(cells.text(name))
        found |= {code: said and there for code, said in reading.facilities.items()}
        if reading.unread:
            cells.warn(
                N_("has words for no facility that we know: {words}"),
                name,
                words="、".join(reading.unread),
                mend=N_("use the words of the list of facilities"),
            )
    for code, heading in cells.columns.facilities.items():
        text = cells.values.get(heading, "").strip()
        said = yes_or_no(text)
        if said is not None:
            found[code] = said
        elif text:
            cells.extra[heading] = text
    cells.changes["facilities"] = found


@lru_cache(maxsize=10_000)
def _facilities(text: str) -> FacilityReading:
    return read_facilities(text)


def _read_entry(cells: Cells, entry: Entry) -> None:
    if not cells.texts(ENTRY):
        cells.changes["entry"] = entry
        return
    words = _words(cells.text("ways"))
    ways = tuple(code for word in words if (code := WAY_WORDS.get(folded(word)) or _code(word, WAYS_IN)))
    said: dict[str, Any] = {
        "ways": ways if len(ways) == len(words) else (),
        "registration": yes_or_no(cells.text("registration")),
        "admits": ADMITS_WORDS.get(folded(cells.text("admits"))) or _code(cells.text("admits"), ADMITS),
    }
    for name, value in said.items():
        if cells.text(name) and value in (None, ()):
            cells.warn(N_("is not understood and kept as text"), name, mend=N_("use the words of the guide"))
    said |= cells.texts(_ENTRY_TEXTS)
    known = {name: value for name, value in said.items() if value not in (None, ())}
    cells.changes["entry"] = _changed_entry(entry, tuple(known.items()))


@lru_cache(maxsize=10_000)
def _changed_entry(entry: Entry, known: tuple[tuple[str, Any], ...]) -> Entry:
    return replace(entry, **dict(known))


def _read_lists(cells: Cells) -> None:
    """Read the columns that `locator export` writes as JSON or as a list."""
    if cells.text("photos"):
        cells.changes["photos"] = tuple(cells.text("photos").split())
    if cells.text("closures"):
        cells.changes["closures"] = tuple(_closure(item) for item in json_cell(cells, "closures", list))
    if cells.text("extra"):
        cells.extra |= {str(name): str(value) for name, value in json_cell(cells, "extra", dict).items()}


def _closure(item: object) -> Closure:
    if not isinstance(item, list) or len(item) != 3 or not all(isinstance(part, str) for part in item):
        raise InvalidValue(
            N_("is not a list of first day, last day and reason"),
            field="closures",
            value=item,
            mend=N_("write {form}"),
            form='[["2026-12-01", "2026-12-10", "…"]]',
        )
    return Closure(read_day("closures", item[0]), read_day("closures", item[1]), item[2])


def json_cell(cells: Cells, name: str, kind: type) -> Any:  # noqa: ANN401 - of the kind asked for
    """Return what an export wrote into a cell as JSON.

    Raises
    ------
    InvalidValue
        It is no JSON of that kind.
    """
    try:
        value = json.loads(cells.text(name))
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, kind):
        raise InvalidValue(
            N_("is not the JSON that an export writes"),
            field=name,
            value=cells.text(name),
            mend=N_("leave the cell as it was exported, or empty it"),
        )
    return value


def _provenance(cells: Cells, base: Station | None, geometry: BaseGeometry, source: str) -> dict[str, Any]:
    """Return where the facts came from so far; the original coordinates only of a place that is still there."""
    if base is None:
        # A column that is there speaks, even where its cell is empty.
        there = cells.columns.fields
        return {
            "source": "" if "source" in there else source,
            "source_id": "" if "source_id" in there else cells.text("id"),
        }
    known = {f.name: getattr(base.provenance, f.name) for f in fields(Provenance)}
    return known if geometry == base.geometry else known | {"original": None, "datum": "wgs84"}


def read_provenance(cells: Cells, original: tuple[BaseGeometry | None, str] = (None, "wgs84")) -> dict[str, Any]:
    """Return what a row says of where its facts are from; for `original` see `station_of`.

    Raises
    ------
    InvalidValue
        A cell is not what it must be.
    """
    said: dict[str, Any] = {name: read_day(name, text) for name, text in cells.texts(PROVENANCE_DATES).items()}
    said |= cells.texts(("source", "source_id"))
    if cells.text("original"):
        # As it was given, in whatever units: its ranges say nothing.
        said["original"] = parse_wkt(cells.text("original"), field="original")
        said["datum"] = cells.text("original_datum") or "wgs84"
    if original[0] is not None and "original" not in cells.columns.fields:
        said["original"], said["datum"] = original
    return said


def _words(text: str) -> list[str]:
    for separator in "、，;；/":
        text = text.replace(separator, ",")
    return [word.strip() for word in text.split(",") if word.strip()]


@lru_cache(maxsize=1_000)
def yes_or_no(text: str) -> bool | None:
    """Return True or False for a word that says so; None for any other."""
    word = folded(text)
    return True if word in _YES else False if word in _NO else None


@lru_cache(maxsize=1_000)
def read_day(name: str, text: str) -> date:
    """Return the date that a cell gives: 2026-03-15, 2026/3/15, 2026.3.15, 2026年3月15日.

    Raises
    ------
    InvalidValue
        It is no date.
    """
    normal = text.partition("T")[0].removesuffix(" 00:00:00").rstrip("日")
    for separator in "/.年月":
        normal = normal.replace(separator, "-")
    try:
        year, month, day = (int(part) for part in normal.split("-"))
        return date(year, month, day)
    except (ValueError, OverflowError):
        raise InvalidValue(
            N_("is not a date"), field=name, value=text, mend=N_("write it like 2026-03-15")
        ) from None
