"""Opening hours: the state of a station at a moment, the next change, the week as intervals."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from locator.errors import InvalidValue
from locator.holidays import holiday_year
from locator.opening import Span, checked_hours, mentions_holidays, spans_of_year, without, year_bounds
from locator.translation import N_

__all__ = ["CLOSING_SOON_S", "STATES", "Closure", "Hours", "Interval", "Outlook", "State", "time_zone"]

CLOSING_SOON_S = 30 * 60
MAX_TEXT = 1_000
_HORIZON_YEARS = 2
_YEARS = range(1900, 9996)  # what the evaluator covers, the horizon included
_MIDNIGHT = time(0)


class State(StrEnum):
    """What a worker finds at a station at one moment."""

    OPEN = "open"
    CLOSING_SOON = "closing_soon"
    SELF_SERVICE = "self_service"
    CLOSED = "closed"
    UNKNOWN = "unknown"

    @property
    def is_usable(self) -> bool:
        """Whether one can go in, as far as anybody knows."""
        return self in _USABLE


_USABLE = frozenset({State.OPEN, State.CLOSING_SOON, State.SELF_SERVICE})

STATES: dict[State, str] = {
    State.OPEN: N_("open"),
    State.CLOSING_SOON: N_("closing soon"),
    State.SELF_SERVICE: N_("self-service"),
    State.CLOSED: N_("closed"),
    State.UNKNOWN: N_("hours unknown"),
}
"""How each state is named; the Chinese names are in `translations/`."""


@dataclass(frozen=True, slots=True, order=True)
class Closure:
    """Days on which a station is shut, both ends included."""

    first: date
    last: date
    reason: str = ""

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise InvalidValue(
                N_("the last day is before the first"),
                field="closures",
                value=f"{self.first} – {self.last}",
                mend=N_("swap the two dates"),
            )


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of time with one state; `start` belongs to it, `end` does not."""

    start: datetime
    end: datetime
    state: State


@dataclass(frozen=True, slots=True)
class Outlook:
    """The state at a moment, and what comes next.

    Attributes
    ----------
    next_change
        When the state changes; None when it never does or nothing is known. That a station will close
        soon is not a change.
    usable_until
        The end of continuous use, self-service included; None when it is not usable or never ends.
    opens_at
        When it can next be used, for a station that is not usable now; else None.
    holidays_known
        False when the text depends on holidays and the official list for that year is not published.
    """

    state: State
    next_change: datetime | None
    usable_until: datetime | None
    opens_at: datetime | None
    holidays_known: bool

    def usable_for(self, moment: datetime, minutes: float) -> bool:
        """Whether it can be used from `moment` for `minutes` without a break; ending exactly then counts."""
        if not self.state.is_usable:
            return False
        if self.usable_until is None:
            return True
        return (self.usable_until.astimezone(UTC) - moment.astimezone(UTC)) >= timedelta(minutes=minutes)


@dataclass(frozen=True, slots=True)
class Hours:
    """When a station can be used.

    Parameters
    ----------
    opening
        OSM `opening_hours`; None: unknown.
    staffed
        OSM `opening_hours` of the staff; outside it an open station is self-service. None: staffed
        whenever it is open.
    zone
        Name of the time zone in which both texts are meant.
    country
        ISO 3166 code of the country whose holidays `PH` means.
    closures
        Days on which it is shut.
    valid_from, valid_to
        First and last day on which the station exists; None: no bound.

    Raises
    ------
    InvalidValue
        A text is not OSM `opening_hours`, or the zone is not known.
    """

    opening: str | None
    staffed: str | None = None
    zone: str = "Asia/Shanghai"
    country: str = "CN"
    closures: tuple[Closure, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None

    def __post_init__(self) -> None:
        checked_hours(self.opening, field="opening_hours")
        checked_hours(self.staffed, field="staffed_hours")
        time_zone(self.zone)

    def state_at(self, moment: datetime) -> State:
        """Return the state at a moment with a time zone."""
        return self.outlook(moment).state

    def next_change(self, moment: datetime) -> datetime | None:
        """Return when the state next changes, or None; see `Outlook`."""
        return self.outlook(moment).next_change

    def usable_until(self, moment: datetime) -> datetime | None:
        """Return the end of continuous use, or None; see `Outlook`."""
        return self.outlook(moment).usable_until

    def outlook(self, moment: datetime) -> Outlook:
        """Return the state at a moment with a time zone, and what comes next.

        Raises
        ------
        InvalidValue
            The moment has no time zone.
        """
        zone = time_zone(self.zone)
        local = _local(moment, zone)
        segments = self._from(local)
        start, end, state = next(segments, (datetime.max, datetime.max, State.CLOSED))
        if local < start:
            opens = start if state.is_usable else _next_use(segments)
            change = start if start < datetime.max else None
            return self._outlook(State.CLOSED, moment, change=change, opens=opens)
        change = end if end < datetime.max else None
        if not state.is_usable:
            return self._outlook(state, moment, change=change, opens=_next_use(segments))
        until = change
        for next_start, next_end, later in segments:
            if next_start != until or not later.is_usable:
                break
            until = next_end if next_end < datetime.max else None
        found = self._outlook(state, moment, change=change, until=until)
        if found.usable_for(moment, CLOSING_SOON_S / 60):
            return found
        return replace(found, state=State.CLOSING_SOON)

    def intervals(self, first: date, days: int) -> list[Interval]:
        """Return when it is open, self-service or unknown, from the start of `first` for `days` days.

        Ascending, clipped to the period; closed time is what lies between.
        """
        zone = time_zone(self.zone)
        start = _local(datetime.combine(first, _MIDNIGHT, tzinfo=zone), zone, field="first")
        end = start + timedelta(days=days)
        found = []
        for begins, ends, state in self._from(start):
            if begins >= end:
                break
            found.append(
                Interval(max(begins, start).replace(tzinfo=zone), min(ends, end).replace(tzinfo=zone), state)
            )
        return found

    def week(self, first: date) -> list[Interval]:
        """Return the seven days from `first` as intervals; see `intervals`."""
        return self.intervals(first, 7)

    def depends_on_holidays(self) -> bool:
        """Whether a text speaks of public or school holidays."""
        return any(mentions_holidays(text) for text in (self.opening, self.staffed) if text)

    def _from(self, local: datetime) -> Iterator[_Segment]:
        """Yield the segments that end after `local`; those that touch over a new year are joined."""
        held: _Segment | None = None
        for year in range(local.year, min(local.year + _HORIZON_YEARS, datetime.max.year) + 1):
            timeline = _timeline(self, year)
            for segment in timeline[bisect_right(timeline, local, key=lambda s: s[1]) :]:
                if held and held[1] == segment[0] and held[2] == segment[2]:
                    held = (held[0], segment[1], held[2])
                    continue
                if held:
                    yield held
                held = segment
        if held:
            # What still lasts at the horizon is taken to last for ever.
            lasting = held[1] >= datetime(local.year + _HORIZON_YEARS + 1, 1, 1)
            yield (held[0], datetime.max, held[2]) if lasting else held

    def _outlook(
        self,
        state: State,
        moment: datetime,
        *,
        change: datetime | None = None,
        until: datetime | None = None,
        opens: datetime | None = None,
    ) -> Outlook:
        zone = time_zone(self.zone)
        known = not self.depends_on_holidays() or _holidays_known(self.country, _local(moment, zone).year)

        def aware(local: datetime | None) -> datetime | None:
            if local is None:
                return None
            found = local.replace(tzinfo=zone)
            # An hour that the clocks repeat is meant the second time when the first is over.
            return found if found.astimezone(UTC) > moment else found.replace(fold=1)

        return Outlook(state, aware(change), aware(until), aware(opens), known)


_Segment = tuple[datetime, datetime, State]
"""Start, end (naive, local) and state; a list of them ascends and does not overlap; gaps are closed."""


@lru_cache
def time_zone(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name.

    Raises
    ------
    InvalidValue
        There is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise InvalidValue(
            N_("is not a time zone"), field="timezone", value=name, mend=N_("use a name like Asia/Shanghai")
        ) from None


def _local(moment: datetime, zone: ZoneInfo, *, field: str = "at") -> datetime:
    if moment.tzinfo is None:
        raise InvalidValue(N_("has no time zone"), field="at", value=moment, mend=N_("add an offset like +08:00"))
    if moment.year not in _YEARS:
        raise InvalidValue(
            N_("is outside the years {first} to {last}"),
            field=field,
            value=moment,
            mend=N_("correct the year"),
            first=_YEARS[0],
            last=_YEARS[-1],
        )
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def _next_use(segments: Iterator[_Segment]) -> datetime | None:
    return next((start for start, _, state in segments if state.is_usable), None)


def _holidays_known(country: str, year: int) -> bool:
    return country != "CN" or holiday_year(year).known


@lru_cache(maxsize=1_024)
def _timeline(hours: Hours, year: int) -> list[_Segment]:
    """Return one year of a station's segments, staff, closures and dates of existence considered."""
    if hours.opening is None:
        segments: list[_Segment] = [(*year_bounds(year), State.UNKNOWN)]
    else:
        segments = [
            (start, end, State.OPEN if surely else State.UNKNOWN)
            for start, end, surely in spans_of_year(hours.opening, year, hours.country)
        ]
    if hours.staffed is not None:
        segments = _marked_unstaffed(segments, spans_of_year(hours.staffed, year, hours.country))
    for start, end in _shut(hours):
        segments = [piece for segment in segments for piece in without(segment, start, end)]
    return segments


def _shut(hours: Hours) -> Iterator[tuple[datetime, datetime]]:
    """Yield the stretches in which the station is shut or does not exist."""
    for closure in hours.closures:
        yield datetime.combine(closure.first, _MIDNIGHT), _day_after(closure.last)
    if hours.valid_from:
        yield datetime.min, datetime.combine(hours.valid_from, _MIDNIGHT)
    if hours.valid_to:
        yield _day_after(hours.valid_to), datetime.max


def _day_after(day: date) -> datetime:
    """Return the midnight that ends a day; 9999-12-31, a common way to say "no end", has none."""
    return datetime.combine(day, _MIDNIGHT) + timedelta(days=1) if day < date.max else datetime.max


def _marked_unstaffed(opening: list[_Segment], staffed: list[Span]) -> list[_Segment]:
    """Return the opening segments with what lies outside the staff's hours marked self-service."""
    marked: list[_Segment] = []
    for begins, ends, state in opening:
        if state is not State.OPEN:
            marked.append((begins, ends, state))
            continue
        reached = begins
        for start, end, surely in staffed[bisect_right(staffed, begins, key=lambda span: span[1]) :]:
            if start >= ends:
                break
            if not surely:
                continue
            if reached < start:
                marked.append((reached, start, State.SELF_SERVICE))
            marked.append((max(begins, start), min(ends, end), State.OPEN))
            reached = min(ends, end)
        if reached < ends:
            marked.append((reached, ends, State.SELF_SERVICE))
    return marked
