"""The colours of coverage: the same in the browser and on paper, told apart without seeing red and green."""

from __future__ import annotations

__all__ = [
    "AREAS",
    "BEYOND",
    "GAINED",
    "GAP",
    "GROUND",
    "LONGER",
    "LOST",
    "NOTHING",
    "SHORTER",
    "STATIONS",
    "UNCOVERED",
    "band_colours",
    "ink_on",
    "share_class",
]

AREAS = ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494")
"""Shares up to 20, 40, 60, 80 and 100 per cent: ColorBrewer's YlGnBu."""

NOTHING = "#e4e2dd"
"""Where there is nobody to be reached."""

_BANDS = ("#08306b", "#2171b5", "#6baed6", "#9ecae1", "#c6dbef")
BEYOND = "#e8813a"
"""What is beyond every band."""

GAP = "#b2182b"
UNCOVERED = "#d01c8b"
GAINED = "#1b6fb3"
LOST = "#d95f0e"
LONGER = "#7fb8e0"
SHORTER = "#f6b26b"
"""Who gains a station, loses it, has one for more or fewer hours: told apart without seeing red and green."""
STATIONS = {"usable": "#111111", "possible": "#8c8c8c", "not": "#ffffff"}
GROUND = {
    "water": "#cfe6f2", "railway": "#6b6b6b", "boundary": "#9a8f7a", "main": "#d9b26a", "minor": "#dcd7cd",
    "path": "#dcd7cd",
}  # fmt: skip


def band_colours(count: int) -> list[str]:
    """Return the colours of so many bands, the nearest first and darkest; of many the last ones are alike."""
    if count <= len(_BANDS):
        places = {1: (1,), 2: (0, 2), 3: (0, 1, 3), 4: (0, 1, 2, 4), 5: (0, 1, 2, 3, 4)}.get(count, ())
        return [_BANDS[place] for place in places]
    return [*_BANDS, *_BANDS[-1:] * (count - len(_BANDS))]


def share_class(share: float | None) -> int | None:
    """Return the place of a share in `AREAS`, an edge belongs to the class below it; None: there is no share."""
    if share is None:
        return None
    return min(max(-(-round(share * 1000) // 200) - 1, 0), len(AREAS) - 1)


def ink_on(colour: str) -> str:
    """Return black or white, whichever is read better on a colour (WCAG 2.2, relative luminance)."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#000000" if (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) else "#ffffff"
