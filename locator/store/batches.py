"""Stations into the tables, thousands at a time, and none that is the same as the one kept."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

from locator.errors import Conflict
from locator.record import station_to_record
from locator.station import Station
from locator.store.finding import search_columns, search_texts
from locator.store.jsontext import json_text
from locator.store.schema import EXTENT, EXTENT_INDEX, REVISION_INDEX
from locator.translation import N_

__all__ = ["LISTED", "Drafts", "Put", "check_version", "keep_history", "put"]

Put: TypeAlias = tuple[Station, int | None]
"""A station and the version that it replaces: 0 for a new one, None to write in any case."""

LISTED = "(SELECT value FROM json_each(?))"
_COLUMNS = ("revision", "recorded_at", "version", "record", "geometry", "search", *EXTENT, "id")
_OF_ROW = f"(?1, ?2, {', '.join('?' * (len(_COLUMNS) - 2))})"
_BATCH = 2_500
"""Stations a statement: SQLite takes 32,766 values at once, and each station has nine of its own."""
_INSERT = f"INSERT INTO stations ({', '.join(_COLUMNS)}) VALUES {_OF_ROW}"
_INSERT_BATCH = _INSERT + f", {_OF_ROW}" * (_BATCH - 1)
_UPDATE = f"UPDATE stations SET {', '.join(f'{name} = ?' for name in _COLUMNS[:-1])} WHERE id = ?"


@dataclass(frozen=True, slots=True)
class Drafts:
    """Stations by columns, as whoever has checked them says them; none of them is written twice at a time.

    Attributes
    ----------
    codes, records
        What `json_text` makes of the record of each.
    shapes
        Geometries, WGS84.
    found_by
        A column for each of `finding.FOUND_BY`.
    """

    codes: Sequence[str]
    records: Sequence[str]
    shapes: npt.NDArray[np.object_]
    found_by: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Stations as the tables have them, by columns, and the versions that they replace.

    Attributes
    ----------
    values
        Columns from the record to the extent, in the order of `_COLUMNS`.
    are_drafts
        None of them is in another batch.
    """

    codes: Sequence[str]
    expected: Sequence[int | None]
    values: Sequence[Sequence[Any]]
    are_drafts: bool = False

    def flat(self) -> list[Any]:
        """Return the values of each row after those of the row before, all of them first versions."""
        columns = [[1] * len(self.codes), *self.values, self.codes]
        values = [None] * (len(columns) * len(self.codes))
        for place, column in enumerate(columns):
            values[place :: len(columns)] = column
        return values


def put(
    connection: sqlite3.Connection,
    puts: Iterable[Put],
    revision: int,
    at: datetime,
    *,
    drafts: Iterable[Drafts] = (),
) -> bool:
    """Write stations that differ from those kept, and return whether there were any.

    Raises
    ------
    Conflict
        A station is no longer at the version named.
    """
    moment = at.isoformat()
    batches = chain(map(_prepared, _batches(puts)), map(_drafted, drafts))
    changed, is_indexed = False, True
    (is_empty,) = connection.execute("SELECT NOT EXISTS (SELECT 1 FROM versions)").fetchone()
    with ThreadPoolExecutor(max_workers=1) as ahead:
        batch = next(batches, None)
        while batch is not None:
            is_first_list = is_empty and batch.are_drafts
            if is_first_list and is_indexed:
                # To sort all once is quicker than to find the place of each.
                connection.execute("DROP INDEX stations_extent")
                connection.execute("DROP INDEX stations_revision")
                is_indexed = False
            kept, gone = ({}, {}) if is_first_list else _known(connection, batch.codes)
            if len(batch.codes) == _BATCH and not kept and not gone and not any(batch.expected):
                values = [revision, moment, *batch.flat()]
                # SQLite works through one statement without Python, which makes the next batch ready meanwhile.
                # Statement by statement, each would wait for Python's lock.
                coming = ahead.submit(next, batches, None)
                connection.execute(_INSERT_BATCH, values)
                changed = True
                batch = coming.result()
                continue
            new, old = _differing(batch, kept, gone)
            keep_history(connection, [code for *_, code in old])
            connection.executemany(_UPDATE, [(revision, moment, *row) for row in old])
            connection.executemany(_INSERT, [(revision, moment, *row) for row in new])
            changed |= bool(new or old)
            batch = next(batches, None)
    if not is_indexed:
        connection.execute(EXTENT_INDEX)
        connection.execute(REVISION_INDEX)
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


def _prepared(batch: Sequence[Put]) -> _Rows:
    stations = [station for station, _ in batch]
    return _rows(
        [station.id for station in stations],
        [expected for _, expected in batch],
        [json_text(station_to_record(station)) for station in stations],
        np.array([station.geometry for station in stations], dtype=object),
        search_texts(stations),
    )


def _drafted(draft: Drafts) -> _Rows:
    expected = [None] * len(draft.codes)
    rows = _rows(draft.codes, expected, draft.records, draft.shapes, search_columns(draft.found_by))
    return replace(rows, are_drafts=True)


def _rows(
    codes: Sequence[str],
    expected: Sequence[int | None],
    records: Sequence[str],
    shapes: npt.NDArray[np.object_],
    searches: Sequence[str],
) -> _Rows:
    extent = shapely.bounds(shapes).reshape(-1, 4).T.tolist()
    return _Rows(codes, expected, (records, shapely.to_wkb(shapes).tolist(), searches, *extent))


def _known(
    connection: sqlite3.Connection, codes: Sequence[str]
) -> tuple[dict[str, tuple[int, str, bytes]], dict[str, int]]:
    """Return version, record and geometry of the stations that are kept, and the last versions in the history."""
    listed = [json.dumps(codes)]
    kept = connection.execute(
        f"SELECT id, version, record, geometry FROM stations WHERE id IN {LISTED}", listed
    ).fetchall()
    gone = connection.execute(
        f"SELECT id, max(version) FROM history WHERE id IN {LISTED} GROUP BY id", listed
    ).fetchall()
    return {code: (version, record, wkb) for code, version, record, wkb in kept}, dict(gone)


def _differing(
    batch: _Rows, kept: Mapping[str, tuple[int, str, bytes]], gone: Mapping[str, int]
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Return the rows that are new and those that replace another, as `_INSERT` and `_UPDATE` take them.

    Each is at the version after the last in its history: a code that comes back goes on counting.
    """
    new, old = [], []
    for code, expected, *row in zip(batch.codes, batch.expected, *batch.values, strict=True):
        version, *before = kept.get(code, (0,))
        check_version(code, version, expected)
        if not before:
            new.append((gone.get(code, 0) + 1, *row, code))
        elif before != row[:2]:
            old.append((version + 1, *row, code))
    return new, old


def keep_history(connection: sqlite3.Connection, codes: Sequence[str]) -> None:
    """Copy stations as they are now into the history; whoever calls changes them."""
    if codes:
        connection.execute(
            f"""INSERT INTO history SELECT id, version, revision, recorded_at, geometry, record
                FROM stations WHERE id IN {LISTED}""",
            [json.dumps(codes)],
        )


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
