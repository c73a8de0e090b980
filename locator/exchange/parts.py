"""What a few cells of a row say by themselves: read once, however often the same cells stand in a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely

from locator.errors import LocatorError
from locator.exchange.cells import ENTRY, PROVENANCE_DATES, Cells, read_fields, read_provenance
from locator.exchange.columns import Columns
from locator.exchange.facility_words import read_facilities
from locator.record import station_to_record
from locator.station import FACILITIES, Entry, Provenance, Station
from locator.store.jsontext import json_text

__all__ = ["GROUPS", "Part", "PartReader"]

GROUPS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("category",): ("category",),
    ("status",): ("status",),
    ("capacity",): ("capacity",),
    ("area_m2",): ("area_m2",),
    ("opening_hours", "staffed_hours"): ("opening_hours", "staffed_hours"),
    ("facilities",): ("facilities", "missing"),
    ("entry",): ENTRY,
    ("adcode",): ("adcode",),
    ("valid_from", "valid_to"): ("valid_from", "valid_to"),
    ("provenance",): PROVENANCE_DATES,
}
"""Fields of a record to the cells that they depend on and no others do, in the order in which they are read."""

_NO_ENTRY = Entry()
_NO_PROVENANCE = Provenance()
_ANY_STATION: dict[str, Any] = {"id": "x", "name": "x", "geometry": shapely.Point(0, 0)}


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What some cells say.

    Attributes
    ----------
    members
        Field to the text of its member in the record's JSON, a comma before it; of the provenance the dates.
    extra
        Texts kept beside the fields.
    warnings
        What was not understood.
    """

    members: Mapping[str, str]
    extra: Mapping[str, str]
    warnings: tuple[LocatorError, ...]
    entry: Entry
    provenance: Provenance


@dataclass(slots=True)
class PartReader:
    """Reads one group of cells, as `cells` does and with the checks of a station; keeps what it has read.

    Attributes
    ----------
    names
        The cells that are there, by field.
    headings
        Of the columns that are no field of their own: one for each facility, or each weekday.
    """

    fields: tuple[str, ...]
    columns: Columns
    names: list[str] = field(init=False)
    headings: list[str] = field(init=False)
    _known: dict[tuple[str, ...], Part | None] = field(default_factory=dict)
    _same: dict[frozenset[str], Part] = field(default_factory=dict)

    def __post_init__(self) -> None:
        there = self.columns.fields.keys() | self.columns.constants.keys()
        self.names = [name for name in GROUPS[self.fields] if name in there]
        by_group = {"facilities": self.columns.facilities, "opening_hours": self.columns.weekdays}
        self.headings = list(by_group.get(self.fields[0], {}).values())

    def read(self, cells: Sequence[Sequence[str]], size: int) -> list[Part | None]:
        """Return what each row says, by the columns of `names` and `headings`; None: no station can say so."""
        if not cells:
            return [self._part(())] * size
        rows = list(zip(*cells, strict=True))
        known = self._known
        for row in set(rows):
            if row not in known:
                known[row] = self._part(row)
        return list(map(known.__getitem__, rows))

    def _part(self, row: tuple[str, ...]) -> Part | None:
        if self.names != ["facilities"] or any(row[1:]):
            return self._made(row)
        # People list the same facilities in many orders, which matter only to what is told of words not known.
        words = frozenset(row[0].split("、"))
        if words not in self._same:
            reading = read_facilities(row[0])
            if reading.unread:
                return self._made(row)
            self._same[words] = _with_facilities(reading.facilities)
        return self._same[words]

    def _made(self, row: tuple[str, ...]) -> Part | None:
        columns = self.columns
        said = dict(zip(self.names, row, strict=False))
        values = {columns.fields[name]: text for name, text in said.items() if name in columns.fields}
        cells = Cells(
            values | dict(zip(self.headings, row[len(said) :], strict=True)),
            Columns(
                fields={name: columns.fields[name] for name in self.names if name in columns.fields},
                facilities=columns.facilities if self.fields == ("facilities",) else {},
                weekdays=columns.weekdays if "opening_hours" in self.fields else {},
                constants={name: said[name] for name in self.names if name not in columns.fields},
            ),
        )
        try:
            read_fields(cells, None)
            provenance = Provenance(**read_provenance(cells))
            station = Station(**_ANY_STATION | cells.changes, extra=cells.extra, provenance=provenance)
        except LocatorError:
            return None
        record = station_to_record(station)
        members = {name: f",{json_text(name)}:{json_text(record[name])}" for name in self.fields if name in record}
        if "provenance" in members:
            members["provenance"] = f",{json_text(record['provenance'])[1:-1]}"
        return Part(members, station.extra, tuple(cells.warnings), station.entry, station.provenance)


def _with_facilities(there: Mapping[str, bool]) -> Part:
    """Return the part that says of facilities whether they are there, in the order of a record."""
    words = {code: "yes" if there[code] else "no" for code in FACILITIES if code in there}
    members = {"facilities": f',"facilities":{json_text(words)}'} if words else {}
    return Part(members, {}, (), _NO_ENTRY, _NO_PROVENANCE)
