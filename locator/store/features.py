"""Features as a GIS client reads them: pages of a collection by id, how many there are, and where."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from locator.errors import NotFound
from locator.store.properties import Collection
from locator.store.where import Condition, add_functions, condition_of
from locator.translation import N_

__all__ = ["Feature", "Features"]

_FEW = 2_000
"""So many are sorted faster than they are met with while looking through all in the order of their ids."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One row of a collection: its properties by name (None: unknown) and its geometry, WGS84."""

    id: str
    properties: dict[str, Any]
    geometry: BaseGeometry


class Features:
    """The collections of one database.

    Parameters
    ----------
    connection
        Of the store; it must stay open.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        add_functions(connection)

    def page(
        self,
        collection: Collection,
        tree: object = None,
        *,
        after: str = "",
        limit: int,
        matched: int | None = None,
    ) -> list[Feature]:
        """Return the features that a CQL2 filter finds, by id, beginning after an id.

        By the id, not by a number of rows: a page costs the same wherever it is, and a change between two pages
        neither repeats a feature nor hides one.

        Parameters
        ----------
        matched
            How many the filter finds, where that is known: few are found by their place, not by their id.
        """
        order = "+id" if matched is not None and matched <= _FEW else "id"
        where = _where(collection, tree)
        columns = ", ".join(one.sql for one in collection.properties.values())
        rows = self._connection.execute(
            f"""SELECT geometry, {columns} FROM {collection.table}
                WHERE {where.sql} AND {order} > ? ORDER BY {order} LIMIT ?""",
            [*where.values, after, limit],
        ).fetchall()
        shapes = shapely.from_wkb(np.array([wkb for wkb, *_ in rows], dtype=object))
        return [_feature(collection, values, shape) for (_, *values), shape in zip(rows, shapes, strict=True)]

    def count(self, collection: Collection, tree: object = None) -> int:
        """Return how many features a CQL2 filter finds."""
        where = _where(collection, tree)
        (count,) = self._connection.execute(
            f"SELECT count(*) FROM {collection.table} WHERE {where.sql}", where.values
        ).fetchone()
        return int(count)

    def one(self, collection: Collection, code: str) -> Feature:
        """Return a feature by its id.

        Raises
        ------
        NotFound
            The collection has none.
        """
        found = self.page(collection, {"op": "=", "args": [{"property": "id"}, code]}, limit=1)
        if not found:
            raise NotFound(
                N_("there is no such feature"), field="id", value=code, mend=N_("look its code up in the list")
            )
        return found[0]

    def bounds(self, collection: Collection) -> tuple[float, float, float, float] | None:
        """Return west, south, east and north of a collection; None: it has no features."""
        if collection.has_bounds:
            row = self._connection.execute(
                f"""SELECT min(west), min(south), max(east), max(north)
                    FROM {collection.table} WHERE {collection.condition}"""
            ).fetchone()
            return None if row[0] is None else tuple(row)
        rows = self._connection.execute(f"SELECT geometry FROM {collection.table}").fetchall()
        if not rows:
            return None
        west, south, east, north = shapely.total_bounds(shapely.from_wkb([wkb for (wkb,) in rows])).tolist()
        return west, south, east, north


def _where(collection: Collection, tree: object) -> Condition:
    if tree is None:
        return Condition(collection.condition)
    asked = condition_of(tree, collection)
    return Condition(f"{collection.condition} AND ({asked.sql})", asked.values)


def _feature(collection: Collection, values: list[Any], shape: BaseGeometry) -> Feature:
    properties = {
        one.name: bool(value) if one.kind == "boolean" and value is not None else value
        for one, value in zip(collection.properties.values(), values, strict=True)
    }
    return Feature(str(properties["id"]), properties, shape)
