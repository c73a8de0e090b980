"""What a station's card shows: one place for the list without JavaScript and for the phone's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import shapely

from locator.hours import State, time_zone
from locator.snapshot import Snapshot
from locator.station import FACILITIES, Station
from locator.translation import N_, Translator
from locator.wording import category_text, entry_text, state_text, verified_text

__all__ = ["CHIPS", "Card", "Filters", "card_of", "phone_record"]

CHIPS: tuple[str, ...] = ("toilet", "hot_water", "microwave", "phone_charging", "air_conditioning", "battery_swap")
"""Facilities that the finder offers as filters: what a rider asks for first."""

FLAGS: dict[str, str] = {
    "open": N_("open now"),
    "h24": N_("24 hours"),
    "noreg": N_("no registration"),
}

PHONE_DAYS = 8
_WEEK_MINUTES = 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class Filters:
    """What a visitor asked the list to leave out."""

    needs: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()

    def keep(self, card: Card) -> bool:
        """Whether a card has all that is asked for; hours nobody knows are no reason to leave it out."""
        if not all(card.station.has(code) for code in self.needs):
            return False
        if "open" in self.flags and not (card.state.is_usable or card.state is State.UNKNOWN):
            return False
        if "h24" in self.flags and not card.around_the_clock:
            return False
        return "noreg" not in self.flags or card.station.entry.registration is False


@dataclass(frozen=True, slots=True)
class Card:
    """A station as a list shows it at one moment."""

    station: Station
    state: State
    state_text: str
    around_the_clock: bool
    entry: str
    verified: str
    category: str
    facilities: tuple[str, ...]


def card_of(snapshot: Snapshot, row: int, at: datetime, translate: Translator) -> Card:
    """Return the card of station `row` at a moment with a time zone."""
    station = snapshot.stations[row]
    outlook = snapshot.outlook(row, at)
    suspended = station.status != "operating"
    return Card(
        station=station,
        state=State.CLOSED if suspended else outlook.state,
        state_text=translate("suspended")
        if suspended
        else state_text(outlook, at, station, snapshot.zone, translate),
        around_the_clock=not suspended and outlook.usable_for(at, _WEEK_MINUTES),
        entry=entry_text(station.entry, translate),
        verified=verified_text(station, translate),
        category=category_text(station, translate),
        facilities=tuple(translate(FACILITIES[code]) for code, there in station.facilities.items() if there),
    )


def phone_record(snapshot: Snapshot, row: int, at: datetime, translate: Translator, url: str) -> dict[str, Any]:
    """Return what a phone needs to rank a station by itself: place, hours of the coming days, and texts.

    Hours are [start, end, state] in minutes since 1970; what lies between is closed.
    """
    card = card_of(snapshot, row, at, translate)
    station = card.station
    today = at.astimezone(time_zone(snapshot.zone)).date()
    hours = snapshot.hours[int(snapshot.hours_row[row])].intervals(today - timedelta(days=1), PHONE_DAYS + 1)
    return {
        "id": station.id,
        "name": station.name,
        "url": url,
        "place": _place(station),
        "has": [code for code, there in station.facilities.items() if there],
        "hours": [[_minute(i.start), _minute(i.end), str(i.state)] for i in hours],
        "registration": station.entry.registration,
        "always": card.around_the_clock,
        "facilities": list(card.facilities),
        "entry": card.entry,
        "verified": card.verified,
        "category": card.category,
        "address": station.address or station.community,
        "community": station.community,
        "illustrative": station.provenance.is_illustrative,
    }


def _place(station: Station) -> list[Any]:
    """Return [lon, lat] of a point, or the rings of polygons and the points of a multipoint, each a list."""
    geometry = station.geometry
    if geometry.geom_type == "Point":
        return [round(value, 7) for value in shapely.get_coordinates(geometry)[0].tolist()]
    parts = shapely.get_parts(geometry)
    rings = [ring for part in parts for ring in ([part] if part.geom_type == "Point" else shapely.get_rings(part))]
    return [shapely.get_coordinates(ring).round(7).tolist() for ring in rings]


def _minute(moment: datetime) -> int:
    return int(moment.timestamp() // 60)
