"""Stations into the tables, thousands at a time, and none that is the same as the one kept."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely

from locator.errors import Conflict
from locator.record import station_to_record
from locator.station import Station
from locator.store.finding import search_columns, search_texts
from locator.store.jsontext import json_text
from locator.store.schema import EXTENT
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
    """Stations by columns, as whoever has checked them says them; each once.

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


class _Prepared(NamedTuple):
    """A station as the tables have it, and the version that it replaces."""

    code: str
    expected: int | None
    record: str
    wkb: bytes
    search: str
    box: Sequence[float]


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
    batches = chain(map(_prepared, _batches(puts)), _filled(_drafted(draft) for draft in drafts))
    changed = False
    with ThreadPoolExecutor(max_workers=1) as ahead:
        batch = next(batches, None)
        while batch:
            new, old = _differing(connection, batch)
            changed |= bool(new or old)
            if len(new) == _BATCH:
                # SQLite works through one statement without Python, which makes the next batch ready meanwhile.
                # Statement by statement, each would wait for Python's lock.
                coming = ahead.submit(next, batches, None)
                connection.execute(_INSERT_BATCH, [revision, moment, *chain.from_iterable(new)])
                batch = coming.result()
                continue
            keep_history(connection, [code for *_, code in old])
            connection.executemany(_UPDATE, [(revision, moment, *row) for row in old])
            connection.executemany(_INSERT, [(revision, moment, *row) for row in new])
            batch = next(batches, None)
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


def _filled(batches: Iterable[list[_Prepared]]) -> Iterator[list[_Prepared]]:
    """Yield batches as large as can be written at once."""
    rows = chain.from_iterable(batches)
    while batch := list(islice(rows, _BATCH)):
        yield batch


def _prepared(batch: Sequence[Put]) -> list[_Prepared]:
    stations = [station for station, _ in batch]
    return _rows(
        [station.id for station in stations],
        [expected for _, expected in batch],
        [json_text(station_to_record(station)) for station in stations],
        np.array([station.geometry for station in stations], dtype=object),
        search_texts(stations),
    )


def _drafted(draft: Drafts) -> list[_Prepared]:
    expected = [None] * len(draft.codes)
    return _rows(draft.codes, expected, draft.records, draft.shapes, search_columns(draft.found_by))


def _rows(
    codes: Sequence[str],
    expected: Sequence[int | None],
    records: Sequence[str],
    shapes: npt.NDArray[np.object_],
    searches: Sequence[str],
) -> list[_Prepared]:
    columns = codes, expected, records, shapely.to_wkb(shapes).tolist(), searches, shapely.bounds(shapes).tolist()
    return list(map(_Prepared._make, zip(*columns, strict=True)))


def _differing(
    connection: sqlite3.Connection, batch: Sequence[_Prepared]
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Return the rows that are new and those that replace another, as `_INSERT` and `_UPDATE` take them.

    Each is at the version after the last in its history: a code that comes back goes on counting.
    """
    codes = [json.dumps([one.code for one in batch])]
    kept = {
        code: row
        for code, *row in connection.execute(
            f"SELECT id, version, record, geometry FROM stations WHERE id IN {LISTED}", codes
        )
    }
    gone = dict(
        connection.execute(f"SELECT id, max(version) FROM history WHERE id IN {LISTED} GROUP BY id", codes)
    )
    new, old = [], []
    for code, expected, *row, box in batch:
        version, *before = kept.get(code, (0,))
        check_version(code, version, expected)
        if not before:
            new.append((gone.get(code, 0) + 1, *row, *box, code))
        elif before != row[:2]:
            old.append((version + 1, *row, *box, code))
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
