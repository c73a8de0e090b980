"""What a file holds before anything of it is understood: headings, rows, and how the file was read."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, overload

__all__ = ["RawBlock", "RawFile", "RawRow", "TableRows"]


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
class RawBlock:
    """Some rows of a table that follow each other, by columns: heading to cells, as many as there are numbers."""

    numbers: Sequence[int]
    columns: Mapping[str, Sequence[str]]

    def row(self, place: int) -> RawRow:
        """Return the row at a place of the block, from 0."""
        return RawRow(self.numbers[place], {heading: cells[place] for heading, cells in self.columns.items()})

    def chosen(self, places: Sequence[int]) -> RawBlock:
        """Return the block of some of the rows."""
        columns = {heading: [cells[place] for place in places] for heading, cells in self.columns.items()}
        return RawBlock([self.numbers[place] for place in places], columns)


class TableRows(Sequence[RawRow]):
    """The rows of a table, each made when it is asked for; the table is kept by columns."""

    def __init__(self, blocks: Sequence[RawBlock]) -> None:
        self.blocks = blocks
        self._ends = list(accumulate(len(block.numbers) for block in blocks))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __iter__(self) -> Iterator[RawRow]:
        for block in self.blocks:
            yield from map(block.row, range(len(block.numbers)))

    @overload
    def __getitem__(self, place: int) -> RawRow: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[RawRow]: ...

    def __getitem__(self, place: int | slice) -> RawRow | Sequence[RawRow]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        place = range(len(self))[place]
        at = bisect_right(self._ends, place)
        return self.blocks[at].row(place - (self._ends[at - 1] if at else 0))


@dataclass(frozen=True, slots=True)
class RawFile:
    """A file's rows, and what the file says of itself.

    Attributes
    ----------
    headings
        In the order of the file.
    rows
        `TableRows` of a table.
    crs
        The coordinate reference system that the file states, such as `EPSG:4326`; None: it states none.
    notes
        How it was read, for people: encoding, delimiter, sheet, layer.
    incomplete
        How many objects have no geometry, for the file lacks parts of them; they are no rows.
    about
        The member `locator` of a GeoJSON file that this package (or its data) wrote; of an OpenStreetMap extract
        the day of its map; else None.
    """

    headings: tuple[str, ...]
    rows: Sequence[RawRow]
    crs: str | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    about: Mapping[str, Any] | None = None
    incomplete: int = 0
