"""The icons of the pages: a few of one set (Lucide), drawn once a page and referred to from there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from markupsafe import Markup

from locator.assets import asset_folder

__all__ = ["FACILITY_ICONS", "icon", "sprite"]

_FOLDER = "vendor/lucide-1.62.0"

FACILITY_ICONS = {
    "toilet": "toilet",
    "hot_water": "coffee",
    "drinking_water": "glass-water",
    "microwave": "microwave",
    "phone_charging": "plug-zap",
    "air_conditioning": "air-vent",
    "battery_swap": "battery-full",
}
"""The icon of each facility that is offered as a filter."""


@cache
def icon(name: str) -> Markup:
    """Return an icon of the page's sprite; it says nothing to a screen reader, the words beside it do."""
    return Markup('<svg class="icon" aria-hidden="true"><use href="#i-{}"/></svg>').format(name)


def sprite(names: Iterable[str]) -> Markup:
    """Return the drawings that `icon` refers to."""
    return _sprite(tuple(names))


@cache
def _sprite(names: tuple[str, ...]) -> Markup:
    drawings = Markup("").join(_symbol(name) for name in names)
    return Markup('<svg class="sprite" aria-hidden="true" width="0" height="0">{}</svg>').format(drawings)


@cache
def _symbol(name: str) -> Markup:
    drawn = (asset_folder("static") / _FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    inner = re.search(r"<svg[^>]*>(.*)</svg>", drawn, re.DOTALL)
    # Our own files, not data.
    lines = " ".join(inner.group(1).split()) if inner else ""
    return Markup(f'<symbol id="i-{name}" viewBox="0 0 24 24">{lines}</symbol>')  # noqa: S704
