"""Stations into the tables, thousands at a time, and none that is the same as the one kept."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from itertools import count
from typing import NamedTuple, TypeAlias

import shapely

from locator.errors import Conflict
from locator.record import station_to_record
from locator.station import Station
from locator.store.finding import search_text
from locator.store.jsontext import json_text
from locator.translation import N_

__all__ = ["FORGET", "LISTED", "Put", "check_version", "put"]

Put: TypeAlias = tuple[Station, int | None]
"""A station and the version that it replaces: 0 for a new one, None to write in any case."""

LISTED = "(SELECT value FROM json_each(?))"
# The search index is told before and after, by the batch: it writes itself out after every statement.
FORGET = f"""INSERT INTO stations_fts (stations_fts, rowid, search)
             SELECT 'delete', number, search FROM stations WHERE number IN {LISTED}"""
_LEARN = f"""INSERT INTO stations_fts (rowid, search)
             SELECT number, search FROM stations WHERE number IN {LISTED}"""
_INSERT = """INSERT INTO stations (number, id, version, revision, recorded_at, geometry, record, search)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
_UPDATE = """UPDATE stations
             SET version = ?, revision = ?, recorded_at = ?, geometry = ?, record = ?, search = ?
             WHERE number = ?"""
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

    While the search index takes in one batch the next is made ready: SQLite works without Python's lock, but
    only within a statement, so that nothing else gains from a thread.

    Raises
    ------
    Conflict
        A station is no longer at the version named.
    """
    changed = False
    with ThreadPoolExecutor(1) as pool:
        learning: Future[object] | None = None
        for batch in _batches(puts):
            prepared = _prepared(batch)
            if learning is not None:
                learning.result()
            numbers = _write(connection, prepared, revision, at.isoformat())
            learning = pool.submit(connection.execute, _LEARN, [json.dumps(numbers)])
            changed |= bool(numbers)
        if learning is not None:
            learning.result()
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
    shapes = [station.geometry for station, _ in batch]
    boxes = shapely.bounds(shapes)[:, [0, 2, 1, 3]].tolist()
    return [
        _Prepared(station.id, expected, wkb, json_text(station_to_record(station)), search_text(station), box)
        for (station, expected), wkb, box in zip(batch, shapely.to_wkb(shapes), boxes, strict=True)
    ]


def _write(connection: sqlite3.Connection, batch: Sequence[_Prepared], revision: int, moment: str) -> list[int]:
    """Write what differs, but not into the search index, and return the numbers of these rows.

    Each is at the version after the last in its history: a code that comes back goes on counting.
    """
    codes = [json.dumps([one.code for one in batch])]
    kept = {
        code: row
        for code, *row in connection.execute(
            f"SELECT id, number, version, record, geometry FROM stations WHERE id IN {LISTED}", codes
        )
    }
    last = dict(
        connection.execute(f"SELECT id, max(version) FROM history WHERE id IN {LISTED} GROUP BY id", codes)
    )
    (highest,) = connection.execute("SELECT ifnull(max(number), 0) FROM stations").fetchone()
    numbers = count(highest + 1)
    new, old, boxes, history = [], [], [], []
    for one in batch:
        number, version, *before = kept.get(one.code, (None, 0))
        check_version(one.code, version, one.expected)
        if before == [one.record, one.wkb]:
            continue
        row = (last.get(one.code, 0) + 1, revision, moment, one.wkb, one.record)
        if number is None:
            number = next(numbers)
            new.append((number, one.code, *row, one.search))
        else:
            old.append((*row, one.search, number))
        boxes.append((number, *one.box))
        history.append((one.code, *row))
    connection.execute(FORGET, [json.dumps([number for *_, number in old])])
    connection.executemany(_UPDATE, old)
    connection.executemany(_INSERT, new)
    connection.executemany("INSERT OR REPLACE INTO stations_box VALUES (?, ?, ?, ?, ?)", boxes)
    connection.executemany("INSERT INTO history VALUES (?, ?, ?, ?, ?, ?)", history)
    return [number for number, *_ in boxes]


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
