"""Places in the embedded store: a layer is replaced as a whole, and what a change did to it can be taken back.

Every function works within the transaction of whoever calls it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import shapely
from shapely.geometry.base import BaseGeometry

from locator.errors import Conflict, InvalidValue
from locator.store.jsontext import json_text
from locator.store.schema import LAYERS
from locator.translation import N_

__all__ = ["known_layer", "read_layer", "replace_layer", "rows_of", "undo_places"]

Row: TypeAlias = tuple[str, str, bytes]
"""Id, record without it as JSON, geometry as WKB."""


def known_layer(name: str) -> str:
    """Return the name of a layer; refuse any other word, for it becomes part of a statement."""
    if name not in LAYERS:
        raise InvalidValue(
            N_("is not one of {choices}"), field="layer", value=name, choices=", ".join(LAYERS),
            mend=N_("choose one of them"),
        )  # fmt: skip
    return name


def read_layer(connection: sqlite3.Connection, layer: str) -> list[tuple[dict[str, Any], BaseGeometry]]:
    """Return a layer's places by id, each its record (with `id`) and its geometry."""
    rows = connection.execute(f"SELECT id, record, geometry FROM {known_layer(layer)} ORDER BY id")
    return [({"id": code} | json.loads(record), shapely.from_wkb(wkb)) for code, record, wkb in rows]


def rows_of(places: Iterable[tuple[Mapping[str, Any], BaseGeometry]]) -> dict[str, Row]:
    """Return places as rows by id.

    Raises
    ------
    InvalidValue
        A place has no id or that of another, or a value that JSON does not have.
    """
    rows: dict[str, Row] = {}
    for record, geometry in places:
        code = str(record.get("id") or "")
        if not code and record.get("id") != 0:
            raise InvalidValue(N_("a place has no id"), field="id", mend=N_("give each place an id of its own"))
        code = code or "0"
        if code in rows:
            raise InvalidValue(
                N_("is the id of two places"), field="id", value=code, mend=N_("give each place an id of its own")
            )
        text = json_text({name: value for name, value in record.items() if name != "id"})
        rows[code] = (code, text, shapely.to_wkb(geometry))
    return rows


def replace_layer(connection: sqlite3.Connection, layer: str, rows: Mapping[str, Row], revision: int) -> bool:
    """Make a layer consist of these rows, keep what was there before, and return whether anything changed."""
    table = known_layer(layer)
    before = {row[0]: row for row in connection.execute(f"SELECT id, record, geometry FROM {table}")}
    changed = [code for code in {**before, **rows} if before.get(code) != rows.get(code)]
    for code in changed:
        _, record, wkb = before.get(code, (code, None, None))
        connection.execute(
            "INSERT INTO places_history VALUES (?, ?, ?, ?, ?)", [revision, layer, code, record, wkb]
        )
        _set(connection, table, code, rows.get(code))
    return bool(changed)


def undo_places(connection: sqlite3.Connection, revision: int, now: int) -> bool:
    """Put back what a revision replaced, as revision `now`; return whether it had replaced anything.

    Raises
    ------
    Conflict
        A place has been changed again since.
    """
    rows = connection.execute(
        "SELECT layer, id, record, geometry FROM places_history WHERE revision = ?", [revision]
    ).fetchall()
    for layer, code, record, wkb in rows:
        (last,) = connection.execute(
            "SELECT max(revision) FROM places_history WHERE layer = ? AND id = ?", [layer, code]
        ).fetchone()
        if last != revision:
            raise Conflict(
                N_("has been changed again in revision {last}"),
                field=layer,
                value=code,
                last=last,
                mend=N_("undo that revision first"),
            )
        table = known_layer(layer)
        connection.execute(
            f"""INSERT INTO places_history
                SELECT ?, ?, old.id, now.record, now.geometry FROM (SELECT ? AS id) AS old
                LEFT JOIN {table} AS now ON now.id = old.id""",
            [now, layer, code],
        )
        _set(connection, table, code, None if record is None else (code, record, wkb))
    return bool(rows)


def _set(connection: sqlite3.Connection, table: str, code: str, row: Row | None) -> None:
    if row is None:
        connection.execute(f"DELETE FROM {table} WHERE id = ?", [code])
    else:
        connection.execute(
            f"""INSERT INTO {table} (id, record, geometry) VALUES (?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET record = excluded.record, geometry = excluded.geometry""",
            row,
        )
