"""Which station the code on a door leads to: what every page does that is given one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from locator.web.data import Version, data

__all__ = ["station_by_code"]


def station_by_code(version: Version, code: str) -> str | None:
    """Return the id of the station that a code leads to: its own, an old one, or either in other letters.

    Letters are told apart where two codes differ in nothing else. None: it leads nowhere.
    """
    snapshot = version.snapshot
    if snapshot.row_of(code) is not None:
        return code
    with data().store() as store:
        old = store.old_codes.all()
    today = old.get(code)
    if today is not None and snapshot.row_of(today) is not None:
        return today

    def folded() -> Mapping[str, str]:
        counts = Counter(own.casefold() for own in snapshot.ids)
        return {own.casefold(): own for own in snapshot.ids if counts[own.casefold()] == 1}

    own = version.once("codes in any letters", folded).get(code.casefold())
    if own is not None:
        return own
    led = {station for one, station in old.items() if one.casefold() == code.casefold()}
    return led.pop() if len(led) == 1 and snapshot.row_of(min(led)) is not None else None
