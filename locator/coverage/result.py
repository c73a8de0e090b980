"""A result: its tables, as columns with units in their names, and what it means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from shapely.geometry.base import BaseGeometry

from locator.coverage.about import About, Note
from locator.translation import N_

__all__ = ["STRAIGHT", "Result", "Table", "plain"]


STRAIGHT = N_("straight line")
"""What stands beside every table whose distances are not measured along streets."""


@dataclass(frozen=True, eq=False)
class Table:
    """Rows as columns.

    Attributes
    ----------
    name
        Its code, unique within a result: areas, stations, gaps, ….
    columns
        Field to values, plain (str, int, float, bool, date, None); a unit stands in the name of its field.
    shapes
        A geometry for each row, WGS84; None: it has no geometries.
    """

    name: str
    title: Note
    columns: Mapping[str, Sequence[Any]]
    shapes: Sequence[BaseGeometry] | None = None

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the rows, each by field, without geometry."""
        for values in zip(*self.columns.values(), strict=True):
            yield dict(zip(self.columns, values, strict=True))

    def frame(self) -> Any:  # noqa: ANN401 - geopandas loads slowly
        """Return it as a GeoDataFrame (WGS84), or a DataFrame where it has no geometries."""
        import pandas

        table = pandas.DataFrame({name: list(values) for name, values in self.columns.items()})
        if self.shapes is None:
            return table
        import geopandas

        shapes = np.array([None, *self.shapes], dtype=object)[1:]
        return geopandas.GeoDataFrame(table, geometry=shapes, crs="EPSG:4326")


@dataclass(frozen=True, eq=False, kw_only=True)
class Result:
    """What a measure found."""

    about: About
    tables: tuple[Table, ...]

    @property
    def measure(self) -> str:
        """The measure's code."""
        return self.about.measure

    def __getitem__(self, name: str) -> Table:
        return next(table for table in self.tables if table.name == name)

    def frames(self) -> dict[str, Any]:
        """Return the tables as (Geo)DataFrames by name; `attrs["about"]` of each is `about`."""
        frames = {table.name: table.frame() for table in self.tables}
        for frame in frames.values():
            frame.attrs["about"] = self.about
        return frames


def plain(values: Any, digits: int | None = None) -> list[Any]:  # noqa: ANN401 - an array
    """Return an array as plain values, rounded; what is not finite becomes None."""
    array = np.asarray(values)
    if array.dtype.kind != "f":
        given: list[Any] = array.tolist()
        return given
    flat: Any = (np.round(array, digits) if digits is not None else array).ravel()
    known = np.isfinite(flat)
    whole = np.where(known, flat, 0).astype(np.int64) if digits == 0 else flat
    found: list[Any] = whole.tolist()
    for place in np.flatnonzero(~known).tolist():
        found[place] = None
    return found
