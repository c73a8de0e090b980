"""The stations that count on a day, on what terms each may be used, and in which hours; surely or perhaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from locator.coverage.criteria import Terms
from locator.hours import State, time_zone
from locator.snapshot import Snapshot
from locator.station import FACILITIES
from locator.streets.graph import Floats, Mask, Numbers

__all__ = ["LEFT_OUT", "Supply", "Use", "supply_of"]

LEFT_OUT = ("planned", "suspended", "closed", "not_valid", "shut")
"""Why a station does not count: its status; the day is outside its dates; it is shut on that day."""


@dataclass(frozen=True, eq=False)
class Use:
    """Which stations can be used, as sets in columns: those of which it is sure, and those of which it may be.

    Attributes
    ----------
    sure, possible
        Shape (stations, sets); what is sure is possible too.
    """

    sure: Mask
    possible: Mask

    def __and__(self, other: Use) -> Use:
        """Return where both hold."""
        return Use(self.sure & other.sure, self.possible & other.possible)

    @property
    def uncertain(self) -> Numbers:
        """How many stations of each set are possible and not sure."""
        return np.asarray((self.possible & ~self.sure).sum(axis=0))


@dataclass(frozen=True, eq=False)
class Supply:
    """The stations that count on a day, ascending by id.

    Attributes
    ----------
    rows
        Their rows in the snapshot.
    left_out
        For each reason of `LEFT_OUT` how many do not count.
    records
        What is said of each, as JSON-able values.
    """

    snapshot: Snapshot
    day: date
    rows: Numbers
    left_out: Mapping[str, int]
    records: tuple[Mapping[str, Any], ...]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def lons(self) -> Floats:
        """Degrees, WGS84; of what is no point, its centroid."""
        return self.snapshot.lons[self.rows]

    @property
    def lats(self) -> Floats:
        """Degrees, WGS84; of what is no point, its centroid."""
        return self.snapshot.lats[self.rows]

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The stations' codes."""
        return tuple(self.snapshot.ids[row] for row in self.rows.tolist())

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The stations' names."""
        return tuple(str(record["name"]) for record in self.records)

    @cached_property
    def shapes(self) -> npt.NDArray[Any]:
        """The stations' geometries, WGS84."""
        return np.array([None, *map(self.snapshot.geometry, self.rows.tolist())], dtype=object)[1:]

    @cached_property
    def capacity(self) -> Floats:
        """Persons who find room; NaN where nobody said."""
        return np.array([float(record.get("capacity", np.nan)) for record in self.records])

    @cached_property
    def verified(self) -> tuple[date | None, ...]:
        """The day on which each place was verified."""
        said = (record.get("provenance", {}).get("location_verified") for record in self.records)
        return tuple(date.fromisoformat(day) if day else None for day in said)

    @cached_property
    def all(self) -> Use:
        """Every one of them, as one set."""
        everyone = np.ones((len(self), 1), bool)
        return Use(everyone, everyone)

    @cached_property
    def unknown_hours(self) -> Mask:
        """Of which stations nobody knows the hours."""
        return np.array(["opening_hours" not in record for record in self.records], dtype=bool)

    @cached_property
    def face_only(self) -> Mask:
        """Which stations open to a face scan only."""
        return np.array([record.get("entry", {}).get("ways") == ["face"] for record in self.records], dtype=bool)

    def on(self, *terms: Terms) -> Use:
        """Return who can be used on some terms each, one set for each of them.

        What nobody knows (a facility, a way in, whether one has to register) is possible, and not sure.
        """
        sure, possible = np.ones((2, len(self), len(terms)), bool)
        for column, some in enumerate(terms):
            for row, record in enumerate(self.records):
                sure[row, column], possible[row, column] = _admits(record, some)
            if some.h24:
                sure[:, column] &= self.around_the_clock.sure[:, 0]
                possible[:, column] &= self.around_the_clock.possible[:, 0]
        return Use(sure, possible)

    @cached_property
    def usual(self) -> Supply:
        """The same stations with their hours alone, for a week that stands for all weeks.

        On which days a station exists or is shut says whether it counts on the day, and nothing of its week: else
        one that opened on a Wednesday would be closed on Mondays.
        """
        hours = tuple(replace(one, closures=(), valid_from=None, valid_to=None) for one in self.snapshot.hours)
        return replace(self, snapshot=replace(self.snapshot, hours=hours, _timetables={}))

    @cached_property
    def around_the_clock(self) -> Use:
        """Who can usually be used for a week without a break from the day on."""
        start = datetime.combine(self.day, datetime.min.time(), tzinfo=time_zone(self.snapshot.zone))
        return self.usual.usable([start], minutes=7 * 24 * 60)

    def usable(self, moments: Sequence[datetime], *, minutes: float = 0) -> Use:
        """Return who can be used at some moments (with a time zone), one set for each of them.

        Parameters
        ----------
        minutes
            For how long at least from the moment on; closing exactly then counts.
        """
        hours_row = self.snapshot.hours_row[self.rows]
        known, place = np.unique(hours_row, return_inverse=True)
        classes = np.stack([self._classes(known, moment, minutes) for moment in moments], axis=1)[place]
        return Use(classes == 0, classes <= 1)

    def _classes(self, hours_rows: Any, moment: datetime, minutes: float) -> Any:  # noqa: ANN401
        """Return 0 usable, 1 nobody knows, 2 neither, for each of some distinct hours."""
        seconds = moment.timestamp()
        table = self.snapshot.timetable(seconds)
        # A timetable knows some weeks; a week of use may lead beyond it.
        if table is not None and seconds >= table.start_s and seconds + minutes * 60 <= table.end_s:
            moments = np.full(len(hours_rows), seconds)
            return table.classes(hours_rows.astype(np.int32), moments, minutes * 60)[0]
        found = np.full(len(hours_rows), 2, np.int8)
        for place, row in enumerate(hours_rows.tolist()):
            outlook = self.snapshot.hours[row].outlook(moment)
            if outlook.usable_for(moment, minutes):
                found[place] = 0
            elif outlook.state is State.UNKNOWN:
                found[place] = 1
        return found


def supply_of(snapshot: Snapshot, day: date) -> Supply:
    """Return the stations that count on a day: in operation, valid then, and not shut on that day."""
    rows: list[int] = []
    records: list[Mapping[str, Any]] = []
    left_out = dict.fromkeys(LEFT_OUT, 0)
    text = day.isoformat()
    for row in range(len(snapshot.ids)):
        record = snapshot.record(row)
        reason = _why_not(record, text)
        if reason:
            left_out[reason] += 1
        else:
            rows.append(row)
            records.append(record)
    return Supply(snapshot, day, np.array(rows, np.int64), MappingProxyType(left_out), tuple(records))


def _why_not(record: Mapping[str, Any], day: str) -> str:
    """Return why a station does not count on a day; empty: it does."""
    status = str(record["status"])
    if status != "operating":
        return status
    # Dates as ISO 8601 texts compare as dates do.
    if not record.get("valid_from", "") <= day <= record.get("valid_to", "9999"):
        return "not_valid"
    if any(closure["first"] <= day <= closure["last"] for closure in record.get("closures", ())):
        return "shut"
    return ""


def _admits(record: Mapping[str, Any], terms: Terms) -> tuple[bool, bool]:
    """Return whether a station can surely, and whether it can possibly be used on some terms."""
    if terms.categories and record["category"] not in terms.categories:
        return False, False
    said = record.get("facilities", {})
    answers = [said.get(code) for code in FACILITIES if code in terms.needs]
    entry = record.get("entry", {})
    if terms.ways:
        ways = entry.get("ways")
        answers.append(None if not ways else "yes" if terms.ways & set(ways) else "no")
    if terms.who:
        admits = entry.get("admits")
        answers.append(None if not admits else "yes" if admits in terms.who | {"everyone"} else "no")
    if terms.no_registration:
        registration = entry.get("registration")
        answers.append({"yes": "no", "no": "yes"}.get(registration))
    return all(answer == "yes" for answer in answers), not any(answer == "no" for answer in answers)
