"""What a file holds before anything of it is understood: headings, rows, and how the file was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["RawFile", "RawRow"]


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row or feature; nothing of it is checked yet.

    Attributes
    ----------
    number
        Its place as a reader of the file counts: a table's heading is line 1, the first feature is 1.
    values
        Heading to value: text in tables, any JSON value in vector files.
    geometry
        None where the file has none beside its columns; else a GeoJSON geometry object, unchecked.
    id
        The feature's own identifier, if it has one.
    """

    number: int
    values: Mapping[str, Any]
    geometry: object = None
    id: object = None


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file's rows, and what the file says of itself.

    Attributes
    ----------
    headings
        In the order of the file.
    crs
        The coordinate reference system that the file states, such as `EPSG:4326`; None: it states none.
    notes
        How it was read, for people: encoding, delimiter, sheet, layer.
    incomplete
        How many objects have no geometry, for the file lacks parts of them; they are no rows.
    about
        The member `locator` of a GeoJSON file that this package (or its data) wrote; else None.
    """

    headings: tuple[str, ...]
    rows: tuple[RawRow, ...]
    crs: str | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    about: Mapping[str, Any] | None = None
    incomplete: int = 0
