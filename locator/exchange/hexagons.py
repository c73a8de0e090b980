"""Cells of the H3 grid by their codes; needs the extra `h3`."""

from __future__ import annotations

from shapely import Polygon

from locator.errors import InvalidValue
from locator.translation import N_

__all__ = ["cell_polygon"]


def cell_polygon(code: str) -> Polygon:
    """Return the outline of an H3 cell, WGS84, counter-clockwise.

    Raises
    ------
    InvalidValue
        It is no cell, one that meets the 180° meridian, or the library is not installed.
    """
    try:
        import h3
    except ImportError:
        raise InvalidValue(
            N_("cannot be read without {part}"), field="h3", value=code, part="h3", mend=N_("install {part}")
        ) from None
    if not h3.is_valid_cell(code.lower()):
        raise InvalidValue(
            N_("is not a cell of the H3 grid"), field="h3", value=code, mend=N_("write it like 89a901291abffff")
        )
    ring = [(lon, lat) for lat, lon in h3.cell_to_boundary(code.lower())]
    if max(lon for lon, _ in ring) - min(lon for lon, _ in ring) > 180:
        raise InvalidValue(
            N_("meets the 180° meridian"), field="h3", value=code, mend=N_("give it as a drawn shape, cut in two")
        )
    return Polygon(ring)
