"""What the codes on doors lead to on a site of files: `s/<code>/`, a page that goes on to the station's.

A web server answers `/s/<code>`, which is what a poster's QR code holds, with the folder of that name and its
`index.html`; every one does that, and none has to be told to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from html import escape

__all__ = ["door_codes", "door_page"]

_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta http-equiv="refresh" content="0; url={address}">
<link rel="canonical" href="{address}">
<link rel="icon" href="data:,">
<title>{name}</title>
</head>
<body>
<p><a href="{address}">{name}</a></p>
</body>
</html>
"""


def door_codes(ids: Iterable[str], old: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the codes that lead to each station, its own first.

    A file has a name and not, as a server has it, any letters: a code leads there as it is written, in small
    and in large letters. Where that would be another station's too, only as it is written.

    Parameters
    ----------
    old
        The station that each code of former times leads to.
    """
    stations = list(ids)
    there = set(stations)
    led = {code: station for code, station in old.items() if station in there} | {code: code for code in stations}
    claimed = Counter(
        (other, station)
        for code, station in led.items()
        for other in {code.lower(), code.upper()}
        if other not in led
    )
    wanted = Counter(other for other, _ in claimed)
    found: dict[str, list[str]] = {station: [station] for station in stations}
    for code, station in led.items():
        if code != station:
            found[station].append(code)
    for other, station in claimed:
        if wanted[other] == 1:
            found[station].append(other)
    return found


def door_page(name: str, address: str, language: str) -> bytes:
    """Return the page that goes on to a station's at once; where a browser does not, its link does."""
    return _PAGE.format(name=escape(name), address=escape(address), language=language).encode()
