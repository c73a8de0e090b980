"""What the codes on doors and posters lead to: a station's own, an old one, in any letters or within a link."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from urllib.parse import unquote

from flask import current_app

from locator.web.data import Version, data

__all__ = ["MOST_ON_PHONES", "code_in", "meant", "old_codes", "station_of"]

MOST_ON_PHONES = 1_000
"""So many old codes are told to phones, about 25 bytes each; where there are more, the server alone knows them."""

_LINK = re.compile(r"/(?:s|stations)/([^/?#\s]+)")


def code_in(text: str) -> str:
    """Return the code in a link such as a QR code holds; any other text as it is."""
    found = _LINK.search(text)
    return unquote(found[1]) if found else text.strip()


def meant(text: str) -> str:
    """Return what a text looks for: the station of an old code, the code of a link, or itself."""
    code = code_in(text)
    codes = old_codes()
    folded = {station for old, station in codes.items() if old.casefold() == code.casefold()}
    return codes.get(code) or (folded.pop() if len(folded) == 1 else code)


def station_of(version: Version, code: str) -> str | None:
    """Return the station of a code: its own, an old one, or either in other letters if one alone is meant."""
    snapshot = version.snapshot
    if snapshot.row_of(code) is not None:
        return code
    codes = old_codes()
    if code in codes and snapshot.row_of(codes[code]) is not None:
        return codes[code]

    def folded() -> Mapping[str, str]:
        counts = Counter(own.casefold() for own in snapshot.ids)
        return {own.casefold(): own if counts[own.casefold()] == 1 else "" for own in snapshot.ids}

    own = version.once("codes in any letters", folded).get(code.casefold())
    if own == "":
        return None
    found = {station for old, station in codes.items() if old.casefold() == code.casefold()} | (
        {own} if own else set()
    )
    there = {station for station in found if snapshot.row_of(station) is not None}
    return there.pop() if len(there) == 1 else None


def old_codes() -> Mapping[str, str]:
    """Return the station of each old code; read anew when the database was written to."""
    touched = data().touched()
    known: tuple[object, Mapping[str, str]] = current_app.extensions.get("old codes", (None, {}))
    if touched is None or known[0] != touched:
        with data().store() as store:
            known = touched, store.old_codes.all()
        current_app.extensions["old codes"] = known
    return known[1]
