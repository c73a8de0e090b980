"""What a station's card shows: one place for the lists that the server writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from locator.hours import State, time_zone
from locator.snapshot import Snapshot
from locator.station import FACILITIES, STATUSES, Station
from locator.translation import Translator
from locator.web.selection import CHIPS
from locator.wording import admission_text, category_text, state_text, today_text, verified_text

__all__ = ["Card", "Mark", "card_of", "state_of"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A facility that every card speaks of: its code, its label, and whether it is there (None: unknown)."""

    code: str
    label: str
    there: bool | None


@dataclass(frozen=True, slots=True)
class Card:
    """A station as a list shows it at one moment.

    Attributes
    ----------
    marks, more
        The facilities of which every card says yes, no or unknown; the labels of the others that are there.
    """

    station: Station
    state: State
    state_text: str
    today: str
    admission: str
    verified: str
    category: str
    marks: tuple[Mark, ...]
    more: tuple[str, ...]


def card_of(
    snapshot: Snapshot, row: int, at: datetime, translate: Translator, *, spoken_of: tuple[str, ...] = CHIPS
) -> Card:
    """Return the card of station `row` at a moment with a time zone."""
    station = snapshot.stations[row]
    suspended = station.status != "operating"
    state, text = state_of(snapshot, row, at, translate)
    today = at.astimezone(time_zone(snapshot.zone)).date()
    return Card(
        station=station,
        state=state,
        state_text=text,
        today="" if suspended else today_text(snapshot.hours[int(snapshot.hours_row[row])], today, translate),
        admission=admission_text(station.entry, translate),
        verified=verified_text(station, translate),
        category=category_text(station, translate),
        marks=tuple(Mark(code, translate(FACILITIES[code]), station.has(code)) for code in spoken_of),
        more=tuple(
            translate(FACILITIES[code])
            for code, there in station.facilities.items()
            if there and code not in spoken_of
        ),
    )


def state_of(snapshot: Snapshot, row: int, at: datetime, translate: Translator) -> tuple[State, str]:
    """Return the state of station `row` at a moment with a time zone, and what is said of it."""
    station = snapshot.stations[row]
    if station.status != "operating":
        return State.CLOSED, translate(STATUSES[station.status])
    outlook = snapshot.outlook(row, at)
    return outlook.state, state_text(outlook, at, station, snapshot.zone, translate)
