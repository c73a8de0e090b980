"""Links that hand a place over to a map app, each in the datum that this app reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, urlencode

from locator.datum import Datum, convert
from locator.translation import N_

__all__ = ["APPS", "App", "navigation_links"]


class App(NamedTuple):
    """A map app: its name, the datum of its links, and what makes one of longitude, latitude, name and mode."""

    label: str
    datum: Datum
    link: Callable[[str, str, str, str], str]


# Of the documented parameters only Amap's know riding: https://lbs.amap.com/api/uri-api/guide/travel/route
_AMAP_MODES = {"walk": "walk", "ebike": "ride"}


def _amap(lon: str, lat: str, name: str, mode: str) -> str:
    # A comma of the name would end it.
    to = ",".join((lon, lat, name.replace(",", " ")))
    asked = {"to": to, "mode": _AMAP_MODES[mode], "coordinate": "gaode", "callnative": 1, "src": "locator"}
    return "https://uri.amap.com/navigation?" + urlencode(asked)


def _baidu(lon: str, lat: str, name: str, _mode: str) -> str:
    asked = {"location": f"{lat},{lon}", "title": name, "content": name, "coord_type": "bd09ll",
             "output": "html", "src": "webapp.locator.stations"}  # fmt: skip
    return "https://api.map.baidu.com/marker?" + urlencode(asked)


def _tencent(lon: str, lat: str, name: str, _mode: str) -> str:
    asked = {"type": "walk", "to": name, "tocoord": f"{lat},{lon}", "referer": "locator"}
    return "https://apis.map.qq.com/uri/v1/routeplan?" + urlencode(asked)


def _apple(lon: str, lat: str, name: str, _mode: str) -> str:
    return "https://maps.apple.com/?" + urlencode({"daddr": f"{lat},{lon}", "q": name, "dirflg": "w"})


def _geo(lon: str, lat: str, name: str, _mode: str) -> str:
    # RFC 5870: WGS84 where no CRS is named. Apps on Android read `q` for the pin and its label.
    return f"geo:{lat},{lon}?q={lat},{lon}({quote(name, safe='')})"


APPS: dict[str, App] = {
    "amap": App(N_("Amap"), Datum.GCJ02, _amap),
    "baidu": App(N_("Baidu Maps"), Datum.BD09, _baidu),
    "tencent": App(N_("Tencent Maps"), Datum.GCJ02, _tencent),
    # In China its maps are Amap's, and so is what it makes of a pair of coordinates.
    "apple": App(N_("Apple Maps"), Datum.GCJ02, _apple),
    "geo": App(N_("Another map app"), Datum.WGS84, _geo),
}
"""The apps in the order in which they are offered."""


@lru_cache(maxsize=1_024)  # a page in another language comes soon after
def navigation_links(lon: float, lat: float, name: str, mode: str = "walk") -> Mapping[str, str]:
    """Return for each of `APPS` the link that leads to a place, WGS84 degrees.

    On foot (`walk`), or riding (`ebike`) where the app has a link for that.

    Abroad all datums are equal (see `locator.datum.convert`), and so are the coordinates in every link.
    """
    there = {datum: convert(lon, lat, Datum.WGS84, datum) for datum in {app.datum for app in APPS.values()}}
    return {
        code: app.link(f"{there[app.datum][0]:.6f}", f"{there[app.datum][1]:.6f}", name, mode)
        for code, app in APPS.items()
    }
