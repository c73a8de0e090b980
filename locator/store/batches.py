"""Stations into the tables, thousands at a time, and none that is the same as the one kept."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias

import shapely

from locator.errors import Conflict
from locator.record import station_to_record
from locator.station import Station
from locator.store.finding import search_texts
from locator.store.jsontext import json_text
from locator.translation import N_

__all__ = ["LISTED", "Put", "check_version", "put"]

Put: TypeAlias = tuple[Station, int | None]
"""A station and the version that it replaces: 0 for a new one, None to write in any case."""

LISTED = "(SELECT value FROM json_each(?))"
_INSERT = """INSERT INTO stations (id, version, revision, recorded_at, geometry, record, search,
                                   west, south, east, north)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_UPDATE = """UPDATE stations
             SET version = ?, revision = ?, recorded_at = ?, geometry = ?, record = ?, search = ?,
                 west = ?, south = ?, east = ?, north = ?
             WHERE id = ?"""
_BATCH = 5_000


class _Prepared(NamedTuple):
    """A station as the tables have it, and the version that it replaces."""

    code: str
    expected: int | None
    wkb: bytes
    record: str
    search: str
    box: Sequence[float]


def put(connection: sqlite3.Connection, puts: Iterable[Put], revision: int, at: datetime) -> bool:
    """Write stations that differ from those kept, and return whether there were any.

    Raises
    ------
    Conflict
        A station is no longer at the version named.
    """
    changed = False
    for batch in _batches(puts):
        changed |= _write(connection, _prepared(batch), revision, at.isoformat())
    return changed


def _batches(puts: Iterable[Put]) -> Iterator[list[Put]]:
    """Yield stations many at a time; one that comes again is in a later batch."""
    batch: dict[str, Put] = {}
    for station, expected in puts:
        if station.id in batch or len(batch) == _BATCH:
            yield list(batch.values())
            batch = {}
        batch[station.id] = (station, expected)
    if batch:
        yield list(batch.values())


def _prepared(batch: Sequence[Put]) -> list[_Prepared]:
    stations = [station for station, _ in batch]
    shapes = [station.geometry for station in stations]
    columns = shapely.to_wkb(shapes), search_texts(stations), shapely.bounds(shapes).tolist()
    return [
        _Prepared(station.id, expected, wkb, json_text(station_to_record(station)), search, box)
        for (station, expected), wkb, search, box in zip(batch, *columns, strict=True)
    ]


def _write(connection: sqlite3.Connection, batch: Sequence[_Prepared], revision: int, moment: str) -> bool:
    """Write what differs, and return whether anything does.

    Each is at the version after the last in its history: a code that comes back goes on counting.
    """
    codes = [json.dumps([one.code for one in batch])]
    kept = {
        code: row
        for code, *row in connection.execute(
            f"SELECT id, version, record, geometry FROM stations WHERE id IN {LISTED}", codes
        )
    }
    last = dict(
        connection.execute(f"SELECT id, max(version) FROM history WHERE id IN {LISTED} GROUP BY id", codes)
    )
    new, old, history = [], [], []
    for one in batch:
        version, *before = kept.get(one.code, (0,))
        check_version(one.code, version, one.expected)
        if before == [one.record, one.wkb]:
            continue
        row = (last.get(one.code, 0) + 1, revision, moment, one.wkb, one.record)
        if before:
            old.append((*row, one.search, *one.box, one.code))
        else:
            new.append((one.code, *row, one.search, *one.box))
        history.append((one.code, *row))
    connection.executemany(_UPDATE, old)
    connection.executemany(_INSERT, new)
    connection.executemany("INSERT INTO history VALUES (?, ?, ?, ?, ?, ?)", history)
    return bool(history)


def check_version(code: str, version: int, expected: int | None) -> None:
    """Raise Conflict when a station is not at the version expected; None expects any."""
    if expected is not None and expected != version:
        raise Conflict(
            N_("is at version {version}, not {expected}"),
            field="station",
            value=code,
            version=version,
            expected=expected,
            mend=N_("read it again, then make the change to what it is now"),
        )
