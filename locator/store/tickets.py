"""Tickets in the embedded store: what users reported, every step that staff took, photos beside them.

Of who reported nothing is kept: no address, no cookie, no browser. `once` is a random text that the form carried,
so that a form sent twice makes one ticket.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from locator.errors import InvalidValue, NotFound, TooMany
from locator.store.part import Part, check_station
from locator.ticket import HANDLED, MAX_ANSWER, Ticket, check_step, checked_kind, checked_text
from locator.translation import N_

__all__ = ["Tickets"]

_SELECT = """SELECT number, station, kind, state, text, answer,
    EXISTS (SELECT 1 FROM ticket_photos AS p WHERE p.number = tickets.number),
    duplicate_of, reported_at, changed_at
    FROM tickets"""
_DAY = timedelta(days=1)


class Tickets(Part):
    """The tickets of one database."""

    def add(
        self,
        station: str,
        kind: str,
        *,
        at: datetime,
        text: str = "",
        photo: bytes | None = None,
        once: str | None = None,
        most_a_day: int | None = None,
    ) -> int:
        """Keep a report as a ticket that was received, and return its number.

        Parameters
        ----------
        at
            Kept to the minute, with a time zone.
        photo
            A picture that `cleaned_photo` has made.
        once
            What tells this form from any other; sent again, it gives the number of the first ticket.
        most_a_day
            So many reports of one station are kept in 24 hours; None: all.

        Raises
        ------
        InvalidValue
            There is no such kind, or the text is too long.
        NotFound
            There is no such station.
        TooMany
            The station has had as many reports as are kept in a day.
        """
        checked_kind(kind)
        text = checked_text(text)
        moment = _minute(at)
        with self._writing() as connection:
            known = once and connection.execute("SELECT number FROM tickets WHERE once = ?", [once]).fetchone()
            if known:
                return int(known[0])
            check_station(connection, station)
            self._check_room(connection, station, at, most_a_day)
            number = connection.execute(
                """INSERT INTO tickets (station, kind, state, text, answer, once, reported_at, changed_at)
                   VALUES (?, ?, 'received', ?, '', ?, ?, ?)""",
                [station, kind, text, once, moment, moment],
            ).lastrowid
            if photo is not None:
                connection.execute("INSERT INTO ticket_photos VALUES (?, ?)", [number, photo])
            _keep_step(connection, number, "received", at, "")
        assert number is not None  # noqa: S101 - an insert has a number
        return number

    def move(
        self, number: int, to: str, *, at: datetime, answer: str | None = None, duplicate_of: int | None = None
    ) -> Ticket:
        """Bring a ticket into another state, and return it.

        Parameters
        ----------
        answer
            What staff say of it to everybody; None: what was said stays.
        duplicate_of
            The ticket that tells the same, for the state `duplicate`.

        Raises
        ------
        Conflict
            It cannot go there from where it is; nothing is changed.
        InvalidValue
            A ticket cannot be the duplicate of itself, or of one of another station.
        NotFound
            There is no such ticket.
        """
        said = None if answer is None else checked_text(answer, limit=MAX_ANSWER, field="answer")
        with self._writing() as connection:
            ticket = self.one(number)
            check_step(number, ticket.state, to)
            if duplicate_of is not None:
                self._check_twin(ticket, self.one(duplicate_of))
            connection.execute(
                """UPDATE tickets SET state = ?, answer = ifnull(?, answer), duplicate_of = ?, changed_at = ?
                   WHERE number = ?""",
                [to, said, duplicate_of, _minute(at), number],
            )
            _keep_step(connection, number, to, at, said or "")
        return self.one(number)

    def one(self, number: int) -> Ticket:
        """Return a ticket by its number.

        Raises
        ------
        NotFound
            There is none.
        """
        row = self._connection.execute(f"{_SELECT} WHERE number = ?", [number]).fetchone()
        if row is None:
            raise NotFound(
                N_("there is no such ticket"),
                field="ticket",
                value=number,
                mend=N_("look at 'locator report list'"),
            )
        return _ticket(row)

    def all(
        self, *, station: str | None = None, states: Iterable[str] | None = None, limit: int = -1
    ) -> list[Ticket]:
        """Return tickets, the newest first.

        Parameters
        ----------
        station, states
            Only of this station; only in one of these states.
        limit
            At most so many; -1: all.
        """
        conditions, values = ["1"], list[Any]()
        if station is not None:
            conditions.append("station = ?")
            values.append(station)
        if states is not None:
            wanted = list(states)
            conditions.append(f"state IN ({', '.join('?' * len(wanted))})")
            values += wanted
        rows = self._connection.execute(
            f"{_SELECT} WHERE {' AND '.join(conditions)} ORDER BY number DESC LIMIT ?", [*values, limit]
        )
        return [_ticket(row) for row in rows]

    def steps(self, number: int) -> list[tuple[str, datetime, str]]:
        """Return every state that a ticket was in, since when, and what was said then; oldest first."""
        rows = self._connection.execute(
            "SELECT state, at, answer FROM ticket_steps WHERE number = ? ORDER BY step", [number]
        )
        return [(state, datetime.fromisoformat(at), answer) for state, at, answer in rows]

    def photo(self, number: int) -> bytes | None:
        """Return the photo of a ticket, a JPEG; None: it has none."""
        row = self._connection.execute("SELECT picture FROM ticket_photos WHERE number = ?", [number]).fetchone()
        return bytes(row[0]) if row else None

    def drop_photo(self, number: int) -> None:
        """Forget the photo of a ticket, such as one with a face on it.

        Raises
        ------
        NotFound
            There is no such ticket.
        """
        with self._writing() as connection:
            self.one(number)
            connection.execute("DELETE FROM ticket_photos WHERE number = ?", [number])

    def drop_photos(self, handled_before: datetime) -> int:
        """Forget the photos of tickets that were handled before a moment, and return how many these were."""
        with self._writing() as connection:
            return connection.execute(
                f"""DELETE FROM ticket_photos WHERE number IN (
                      SELECT number FROM tickets
                      WHERE state IN ({", ".join("?" * len(HANDLED))}) AND changed_at < ?)""",
                [*HANDLED, _minute(handled_before)],
            ).rowcount

    def _check_room(
        self, connection: sqlite3.Connection, station: str, at: datetime, most_a_day: int | None
    ) -> None:
        if most_a_day is None:
            return
        (count,) = connection.execute(
            "SELECT count(*) FROM tickets WHERE station = ? AND reported_at > ?", [station, _minute(at - _DAY)]
        ).fetchone()
        if count >= most_a_day:
            raise TooMany(
                N_("this station has been reported many times today: staff know"),
                retry_after_s=3_600,
                mend=N_("come back tomorrow"),
            )

    def _check_twin(self, ticket: Ticket, first: Ticket) -> None:
        if first.number == ticket.number or first.station != ticket.station or first.duplicate_of is not None:
            raise InvalidValue(
                N_("is no earlier ticket of the same station"), field="duplicate of", value=first.number,
                mend=N_("give the ticket that told it first"),
            )  # fmt: skip


def _keep_step(connection: sqlite3.Connection, number: int | None, state: str, at: datetime, answer: str) -> None:
    connection.execute(
        "INSERT INTO ticket_steps (number, state, at, answer) VALUES (?, ?, ?, ?)",
        [number, state, _minute(at), answer],
    )


def _minute(at: datetime) -> str:
    """Return a moment as it is kept: in UTC, to the minute, so that texts are in the order of time."""
    return at.astimezone(UTC).replace(second=0, microsecond=0).isoformat()


def _ticket(row: tuple[Any, ...]) -> Ticket:
    number, station, kind, state, text, answer, has_photo, duplicate_of, reported_at, changed_at = row
    return Ticket(
        number=number, station=station, kind=kind, state=state, text=text, answer=answer,
        has_photo=bool(has_photo), duplicate_of=duplicate_of, reported_at=datetime.fromisoformat(reported_at),
        changed_at=datetime.fromisoformat(changed_at),
    )  # fmt: skip
