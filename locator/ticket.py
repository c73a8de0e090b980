"""What a user tells us of a station, and what staff make of it: kinds of reports, states of tickets.

Nothing here says who reported. A report is no point on any map and no picture on any page: staff look, and then
correct the record of the station.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from locator.errors import Conflict, InvalidValue
from locator.translation import N_

__all__ = [
    "HANDLED",
    "KINDS",
    "MAX_ANSWER",
    "MAX_TEXT",
    "NEXT_STATES",
    "STARS",
    "STATES",
    "Ticket",
    "check_step",
    "checked_kind",
    "checked_stars",
    "checked_text",
]

KINDS: Mapping[str, str] = {
    "locked": N_("Locked or closed"),
    "wrong_place": N_("Wrong place on the map"),
    "broken": N_("Something is broken"),
    "out_of_supplies": N_("Out of supplies"),
    "refused_entry": N_("Not let in"),
    "other": N_("Something else"),
}
"""What can be wrong, in the order in which it is asked."""

STATES: Mapping[str, str] = {
    "received": N_("received"),
    "confirmed": N_("confirmed, being corrected"),
    "corrected": N_("corrected"),
    "rejected": N_("looked at, nothing to correct"),
    "duplicate": N_("reported before"),
}
"""Where a ticket stands; everybody may read it."""

HANDLED = ("corrected", "rejected", "duplicate")
"""The states after which nothing more is done, unless the ticket is reopened."""

NEXT_STATES: Mapping[str, tuple[str, ...]] = {
    "received": ("confirmed", *HANDLED),
    "confirmed": HANDLED,
    **dict.fromkeys(HANDLED, ("received",)),
}
"""Into which states a ticket may go from each."""

STARS = (1, 2, 3, 4, 5)
"""How a visit is rated: 1 is bad, 5 is good."""

MAX_TEXT = 1_000
"""Characters that a report may have."""

MAX_ANSWER = 300
"""Characters that the public answer of staff may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A report and what has become of it.

    Attributes
    ----------
    number
        Counts up; a number is never given twice.
    station
        Code of the station, which may be gone by now.
    text
        What the user wrote, for staff alone; as hostile as any text from outside.
    answer
        What staff say of it to everybody.
    duplicate_of
        The ticket that tells the same; None unless the state is `duplicate`.
    changed_at
        When it came into its state.
    """

    number: int
    station: str
    kind: str
    state: str
    text: str
    answer: str
    has_photo: bool
    duplicate_of: int | None
    reported_at: datetime
    changed_at: datetime

    @property
    def is_handled(self) -> bool:
        """Whether nothing more is to be done."""
        return self.state in HANDLED


def checked_kind(kind: str) -> str:
    """Return a kind of report.

    Raises
    ------
    InvalidValue
        There is no such kind.
    """
    if kind not in KINDS:
        raise InvalidValue(
            N_("is not one of {choices}"), field="kind", value=kind, choices=", ".join(KINDS),
            mend=N_("choose one of them"),
        )  # fmt: skip
    return kind


def checked_stars(text: str) -> int:
    """Return a rating from 1 to 5.

    Raises
    ------
    InvalidValue
        It is none.
    """
    if text not in map(str, STARS):
        raise InvalidValue(
            N_("is not one of {choices}"), field="stars", value=text, choices=", ".join(map(str, STARS)),
            mend=N_("choose one of them"),
        )  # fmt: skip
    return int(text)


def checked_text(text: str, *, limit: int = MAX_TEXT, field: str = "text") -> str:
    """Return a text as it is kept: no control characters but line ends, no half characters, trimmed.

    Raises
    ------
    InvalidValue
        It is longer than `limit` characters.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = "\n".join("".join(char for char in line if char.isprintable()).rstrip() for line in lines).strip()
    if len(kept) > limit:
        raise InvalidValue(
            N_("is longer than {limit} characters"), field=field, value=kept, limit=limit, mend=N_("shorten it")
        )
    return kept


def check_step(number: int, state: str, to: str) -> None:
    """Raise Conflict unless a ticket may go from one state into another."""
    if to not in NEXT_STATES[state]:
        raise Conflict(
            N_("is {state}, and cannot become {to}"), field="ticket", value=number, state=state, to=to,
            mend=N_("reopen it first") if state in HANDLED else N_("look at 'locator report list'"),
        )  # fmt: skip
