"""What users told of a station, as everybody may read it: where each report stands, and how visits were rated.

What somebody wrote or photographed is for staff alone, and stands on no page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from flask import Flask, current_app, g

from locator.errors import StoreError
from locator.hours import time_zone
from locator.journal import LOGGER
from locator.store import Store
from locator.ticket import HANDLED, KINDS, STATES, Ticket
from locator.translation import Translator
from locator.web.data import data
from locator.web.language import page_translator

__all__ = ["PublicTicket", "Told", "local_day", "public_ticket", "tell", "today", "told"]

_FIRST = 2  # of each state that matters
_MOST_OF_A_STATE = 100
_MOST_KEPT = 2_000
_GROUPS = (("confirmed",), ("received",), ("corrected",), tuple(one for one in HANDLED if one != "corrected"))


@dataclass(frozen=True, slots=True)
class PublicTicket:
    """What everybody may read of a ticket; the text of the report is not among it."""

    number: int
    station: str
    kind: str
    state: str
    state_text: str
    day: date
    changed: date
    answer: str
    duplicate_of: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """What users told of a station.

    Attributes
    ----------
    tickets
        What is seen at once: the newest that are confirmed, received and corrected, so that none hides another.
    more
        The rest in the same order, then those with nothing to correct.
    left_out
        Whether there are still more, too many for a page.
    ratings
        How many rated.
    mean
        Their mean number of stars; None where too few have rated.
    """

    tickets: tuple[PublicTicket, ...]
    more: tuple[PublicTicket, ...]
    left_out: bool
    ratings: int
    mean: float | None


def tell(app: Flask) -> None:
    """Give templates `told`, which returns what users told of the station with a code."""
    app.extensions["told"] = {}
    app.context_processor(lambda: {"told": told})


def told(code: str) -> Told:
    """Return what users told of a station; read anew when somebody has written, else once for many answers."""
    kept = _kept()
    if code not in kept:
        with data().store() as store:
            _forget_devices(store)
            groups = [
                store.tickets.all(station=code, states=states, limit=_MOST_OF_A_STATE + 1) for states in _GROUPS
            ]
            rating = store.ratings.of(code)
        translate = page_translator()
        kept[code] = Told(
            *_parted([[public_ticket(one, translate) for one in group[:_MOST_OF_A_STATE]] for group in groups]),
            any(len(group) > _MOST_OF_A_STATE for group in groups),
            rating.count,
            rating.mean(least=int(current_app.config["RATINGS_SHOWN_FROM"])),
        )
    return kept[code]


def _parted(groups: list[list[PublicTicket]]) -> tuple[tuple[PublicTicket, ...], tuple[PublicTicket, ...]]:
    """Return what is seen at once, and the rest; a rest of one is seen too."""
    *counted, last = groups
    if sum(map(len, groups)) <= _FIRST * len(counted) + 1:
        return tuple(one for group in groups for one in group), ()
    first = tuple(one for group in counted for one in group[:_FIRST])
    rest = tuple(one for group in counted for one in group[_FIRST:])
    return (first, (*rest, *last)) if first else (tuple(last[:_FIRST]), tuple(last[_FIRST:]))


def _kept() -> dict[str, Told]:
    """Return what was read before by this answer, or by any since the database was last written to."""
    if "told" not in g:
        # Asked before anything is read: what is written meanwhile makes the next one read again.
        touched, language = data().touched(), page_translator().language
        stamp = (touched, today())
        kept_before: dict[str, tuple[object, dict[str, Told]]] = current_app.extensions["told"]
        known, g.told = kept_before.get(language, (None, {}))
        if touched is None or known != stamp or len(g.told) >= _MOST_KEPT:
            g.told = {}
        if touched is not None:
            kept_before[language] = stamp, g.told
    kept: dict[str, Told] = g.told
    return kept


def public_ticket(ticket: Ticket, translate: Translator) -> PublicTicket:
    """Return what everybody may read of a ticket."""
    return PublicTicket(
        number=ticket.number,
        station=ticket.station,
        kind=translate(KINDS[ticket.kind]),
        state=ticket.state,
        state_text=translate(STATES[ticket.state]),
        day=local_day(ticket.reported_at),
        changed=local_day(ticket.changed_at),
        answer=ticket.answer,
        duplicate_of=ticket.duplicate_of,
    )


def today() -> date:
    """Return the day that it is where the stations are."""
    return local_day(datetime.now(UTC))


def local_day(moment: datetime) -> date:
    """Return the day of a moment where the stations are."""
    return moment.astimezone(time_zone(data().snapshot().zone)).date()


def _forget_devices(store: Store) -> None:
    """Once a day in each process, delete what could tell devices apart that rated on days before."""
    day = today()
    if current_app.extensions.get("devices forgotten") == day:
        return
    try:
        store.ratings.forget_before(day)
    except StoreError:
        # Somebody else is writing for long. The next page will do it.
        LOGGER.warning("the ratings of days before could not be summed up yet")
        return
    current_app.extensions["devices forgotten"] = day
