"""The embedded store: one SQLite file. The only place that knows SQL.

What it acknowledges is on disk, every change is kept, and two writers cannot overwrite each other silently.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from locator.errors import NotFound, StoreError
from locator.place import Area, CandidateSite, DemandPoint, Place, Street
from locator.record import place_from_record, restored_station
from locator.station import Station, no_such_station
from locator.store import schema
from locator.store.batches import LISTED, Drafts, check_version, keep_history, put
from locator.store.codes import OldCodes
from locator.store.features import Features
from locator.store.finding import normalised
from locator.store.jsontext import json_text
from locator.store.keys import Key, add_key, list_keys, revoke_key
from locator.store.places import known_layer, read_layer, replace_layer, rows_of, undo_places
from locator.store.ratings import Ratings
from locator.store.scenarios import (
    KeptScenario,
    list_scenarios,
    put_scenario,
    read_scenario,
    remove_scenario,
)
from locator.store.tickets import Tickets
from locator.store.visits import Visits
from locator.translation import N_

__all__ = ["BUSY_S", "Kept", "Store"]

_SELECT = "SELECT id, version, revision, recorded_at, geometry, record"
BUSY_S = 10.0
"""How long, in seconds, a writer waits for another."""

_CACHE_KIB = 8 << 10
_PAGE = 8 << 10  # a station takes about 1 KiB


@dataclass(frozen=True)
class Kept:
    """One version of a station as the store keeps it.

    Attributes
    ----------
    record
        The station's record as JSON, without its geometry; None in a tombstone.
    geometry
        WGS84; None in a tombstone.
    """

    id: str
    version: int
    revision: int
    recorded_at: datetime
    record: str | None
    geometry: BaseGeometry | None

    @cached_property
    def station(self) -> Station | None:
        """The station; None in a tombstone."""
        if self.record is None or self.geometry is None:
            return None
        return restored_station(json.loads(self.record), self.geometry)


class Store:
    """All data of one place, in one file.

    Parameters
    ----------
    path
        The file; `:memory:` for one that is gone when it is closed.
    create
        Make the file if it is not there.
    busy_s
        How long, in seconds, to wait for another that writes.

    Raises
    ------
    StoreError
        The file is missing, is no database, belongs to another program, or to a newer version of this one.
    """

    def __init__(self, path: str, *, create: bool = False, busy_s: float = BUSY_S) -> None:
        in_memory = path == ":memory:"
        if not in_memory and not create and not Path(path).is_file():
            raise StoreError(
                N_("there is no such database"),
                field="database",
                value=path,
                mend=N_("make it with 'locator init' or 'locator import', or name another with --database"),
            )
        try:
            self._connection = sqlite3.connect(path, timeout=busy_s, isolation_level=None, check_same_thread=False)
            try:
                self._prepare()
            except BaseException:
                self.close()
                raise
        except sqlite3.Error as error:
            raise StoreError(
                N_("the database cannot be opened: {error}"),
                field="database",
                value=path,
                error=error,
                mend=N_("name a file that you may write, in a folder that exists"),
            ) from error

    def _prepare(self) -> None:
        connection = self._connection
        # In this order: who makes the file at this very moment marks it and makes the tables at once.
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        (owner,) = connection.execute("PRAGMA application_id").fetchone()
        if tables and owner != schema.APPLICATION_ID:
            raise StoreError(
                N_("is a database of another program"),
                field="database",
                mend=N_("name another file with --database"),
            )
        if schema.unknown_migrations(connection):
            raise StoreError(
                N_("was written by a newer version of this program"),
                field="database",
                mend=N_("install that version"),
            )
        connection.execute("PRAGMA foreign_keys = ON")
        # Acknowledged means on disk: with less, a power cut loses committed changes.
        connection.execute("PRAGMA synchronous = FULL")
        # Room for what is looked up while a list comes in: with less, pages are written and read again and again.
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        safe = _journal_mode(sqlite3.sqlite_version_info)
        if not tables:
            connection.execute(f"PRAGMA page_size = {_PAGE}")
        if not schema.is_current(connection):
            with self._writing():
                if not schema.is_current(connection):  # nobody else was faster
                    schema.migrate(connection)
            connection.execute(f"PRAGMA journal_mode = {safe}")
        (journal,) = connection.execute("PRAGMA journal_mode").fetchone()
        if journal == "wal" and safe != "WAL":
            # Made by a newer SQLite, whose journal is not safe with this one.
            connection.execute(f"PRAGMA journal_mode = {safe}")

    def close(self) -> None:
        """Close the file; nothing more can be asked."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- what is there

    @property
    def revision(self) -> int:
        """The number of the last change of any data; 0: none yet."""
        (revision,) = self._connection.execute("SELECT ifnull(max(revision), 0) FROM revisions").fetchone()
        return int(revision)

    def stamp(self) -> str:
        """Return what tells this state of the data from any other.

        The number of the last change alone does not: a database that was put back from a backup counts again.
        """
        row = self._connection.execute(
            "SELECT revision, recorded_at FROM revisions ORDER BY revision DESC LIMIT 1"
        ).fetchone()
        return " ".join(map(str, row)) if row else ""

    def meta(self) -> dict[str, Any]:
        """Return what is said of the data as a whole: name, timezone, country, source, …"""
        return {
            name: json.loads(value) for name, value in self._connection.execute("SELECT name, value FROM meta")
        }

    def recorded(self) -> dict[str, datetime]:
        """Return when the stations and each layer of places last changed; what never had anything is missing."""
        rows = self._connection.execute(
            """SELECT layer, recorded_at FROM (
                 SELECT layer, max(revision) AS revision FROM places_history GROUP BY layer
                 UNION ALL SELECT 'stations', max(revision) FROM (
                   SELECT max(revision) AS revision FROM stations UNION ALL SELECT max(revision) FROM history)
               ) JOIN revisions USING (revision)"""
        )
        return {layer: datetime.fromisoformat(moment) for layer, moment in rows}

    def count(self) -> int:
        """Return how many stations there are now."""
        (count,) = self._connection.execute("SELECT count(*) FROM stations").fetchone()
        return int(count)

    def stations(
        self, *, box: tuple[float, float, float, float] | None = None, ids: Iterable[str] | None = None
    ) -> list[Kept]:
        """Return stations as they are now, by id.

        Parameters
        ----------
        box
            West, south, east, north in WGS84 degrees; edges count. A west greater than the east spans 180°.
        ids
            Only these; ids that are not there are passed over.
        """
        condition = "1"
        values: list[float | str] = []
        if box is not None:
            condition, bounds = _box_condition(box)
            values += bounds
        if ids is not None:
            condition += f" AND id IN {LISTED}"
            values = [*values, json.dumps(list(ids))]
        rows = self._connection.execute(f"{_SELECT} FROM stations WHERE {condition}", values).fetchall()
        # Python sorts what it has faster than SQLite looks up one row after the other by its id.
        return _all_kept(sorted(rows, key=itemgetter(0)))

    def rows(self) -> Iterator[tuple[str, bytes, bytes]]:
        """Yield every station as it is now: id, record as JSON, geometry as WKB; ascending by id."""
        yield from self._connection.execute("SELECT id, CAST(record AS BLOB), geometry FROM stations ORDER BY id")

    def station(self, code: str) -> Kept:
        """Return a station by its id.

        Raises
        ------
        NotFound
            There is none, or there is none any more.
        """
        found = self.stations(ids=[code])
        if not found:
            raise no_such_station(code)
        return found[0]

    def history(self, code: str) -> list[Kept]:
        """Return every version of a station, oldest first; deletions are versions without a station."""
        rows = self._connection.execute(
            f"{_SELECT} FROM versions WHERE id = ? ORDER BY version",
            [code],
        )
        return [_kept(row) for row in rows]

    def changes(self, since: int, *, after: tuple[int, str] | None = None, limit: int = -1) -> list[Kept]:
        """Return the last version of each station that changed after revision `since`, tombstones among them.

        In the order of their revisions, then ids.

        Parameters
        ----------
        after
            Only what comes after this revision and id in that order.
        limit
            At most so many; -1: all.
        """
        rows = self._connection.execute(
            f"""{_SELECT} FROM stations WHERE (revision, id) > (?1, ?2)
                UNION ALL
                {_SELECT} FROM history AS h
                WHERE (revision, id) > (?1, ?2) AND record IS NULL
                  AND NOT EXISTS (SELECT 1 FROM stations WHERE id = h.id)
                  AND version = (SELECT max(version) FROM history WHERE id = h.id)
                ORDER BY revision, id LIMIT ?3""",
            [*max((since + 1, ""), after or (0, "")), limit],
        )
        return _all_kept(rows.fetchall())

    def search(self, text: str, *, limit: int = 50) -> list[Station]:
        """Return the stations that a text finds: every word of it in a name, address, community, street or code.

        Chinese, pinyin and initials; a match at the start of a field first, then by id.
        """
        words = normalised(text).split()
        if not words:
            return []
        found = " AND ".join(["instr(search, ?) > 0"] * len(words))
        rows = self._connection.execute(
            f"""{_SELECT} FROM stations
                WHERE {found} ORDER BY instr(search, ?) = 0, id LIMIT ?""",
            [*words, f"|{words[0]}", limit],
        )
        return [kept.station for kept in map(_kept, rows) if kept.station]

    def areas(self, *, on: date | None = None) -> list[Area]:
        """Return the areas that must be covered, by id; with `on` those on the list that day."""
        areas = cast("list[Area]", self.layer("areas"))
        return [area for area in areas if on is None or area.exists_on(on)]

    def streets(self) -> list[Street]:
        """Return the streets, by id."""
        return cast("list[Street]", self.layer("streets"))

    def demand(self) -> list[DemandPoint]:
        """Return the points and cells of demand, by id."""
        return cast("list[DemandPoint]", self.layer("demand"))

    def candidates(self) -> list[CandidateSite]:
        """Return the sites where a station could be, by id."""
        return cast("list[CandidateSite]", self.layer("candidates"))

    def layer(self, layer: str) -> list[Place]:
        """Return the places of a layer (one of `PLACES`), by id."""
        return [place_from_record(layer, record, geometry) for record, geometry in self.places(layer)]

    def places(self, layer: str) -> list[tuple[dict[str, Any], BaseGeometry]]:
        """Return a layer's places by id, each its record (with `id`) and its geometry, WGS84."""
        return read_layer(self._connection, layer)

    @cached_property
    def features(self) -> Features:
        """The collections that GIS clients read."""
        return Features(self._connection)

    # -- what users tell: none of it makes a revision, so no snapshot is read again for it

    @cached_property
    def tickets(self) -> Tickets:
        """The reports of users and what has become of them."""
        return Tickets(self._connection, self._writing)

    @cached_property
    def ratings(self) -> Ratings:
        """How many stars visitors gave."""
        return Ratings(self._connection, self._writing)

    @cached_property
    def visits(self) -> Visits:
        """How often the QR codes of stations led to their pages."""
        return Visits(self._connection, self._writing)

    @cached_property
    def old_codes(self) -> OldCodes:
        """Codes that are no longer a station's, and the stations that they lead to."""
        return OldCodes(self._connection, self._writing)

    def form_key(self) -> bytes:
        """Return the 32 random bytes with which the forms of pages are signed."""
        (key,) = self._connection.execute("SELECT key FROM form_key").fetchone()
        return bytes(key)

    # -- changes

    def write(
        self,
        puts: Iterable[tuple[Station, int | None]] = (),
        removals: Iterable[tuple[str, int | None]] = (),
        *,
        at: datetime,
        note: str = "",
        drafts: Iterable[Drafts] = (),
    ) -> int:
        """Write stations in one transaction and return the data revision after it.

        A station that is the same as the one kept makes no new version, and without any change there is no
        new revision.

        Parameters
        ----------
        puts
            Station and the version that it replaces: 0 for a new one, None to write in any case.
        removals
            Id and version likewise; a tombstone is kept.
        at
            The moment of the change, with a time zone.
        note
            What the change is, for the list of revisions.
        drafts
            More stations to write in any case, by columns: none is among `puts`, or there twice. Another thread
            asks for them, while those before are being written.

        Raises
        ------
        Conflict
            A station is no longer at the version named; nothing is written.
        NotFound
            A station to be removed is not there; nothing is written.
        """
        with self._writing() as connection:
            revision = self.revision + 1
            changed = put(connection, puts, revision, at, drafts=drafts)
            for code, version in removals:
                self._remove(connection, code, version, revision, at)
                changed = True
            if not changed:
                return revision - 1
            self._record_revision(connection, revision, at, note)
        return revision

    def undo(self, revision: int, *, at: datetime) -> int:
        """Take the changes of one revision back, in one transaction, and return the data revision.

        Every station and place that it changed is again as it was before; stations that it added get a
        tombstone. History keeps both: what is undone can be undone.

        Raises
        ------
        NotFound
            There is no such revision, or it changed no station and no place.
        Conflict
            One of them has been changed again since; nothing is undone.
        """
        with self._writing() as connection:
            changed = connection.execute(
                "SELECT id, version FROM versions WHERE revision = ?", [revision]
            ).fetchall()
            now = self.revision + 1
            if not undo_places(connection, revision, now) and not changed:
                raise NotFound(
                    N_("changed no station and no place, or there is no such revision"),
                    field="revision",
                    value=revision,
                    mend=N_("take the number that the import told"),
                )
            back: list[tuple[Station, None]] = []
            for code, version in changed:
                (last,) = connection.execute("SELECT max(version) FROM versions WHERE id = ?", [code]).fetchone()
                check_version(code, last, version)
                before = connection.execute(
                    f"{_SELECT} FROM versions WHERE id = ? AND version = ?", [code, version - 1]
                ).fetchone()
                station = _kept(before).station if before else None
                if station is not None:
                    back.append((station, None))
                elif connection.execute("SELECT 1 FROM stations WHERE id = ?", [code]).fetchone():
                    self._remove(connection, code, None, now, at)
            put(connection, back, now, at)
            self._record_revision(connection, now, at, f"undo {revision}")
        return now

    def replace_places(
        self,
        layer: str,
        places: Iterable[tuple[Mapping[str, Any], BaseGeometry]],
        *,
        at: datetime,
        note: str = "",
    ) -> int:
        """Replace a layer's places (record with `id`, geometry in WGS84) and return the data revision.

        Raises
        ------
        InvalidValue
            A place has no id or that of another, or a value that JSON does not have; nothing is written.
        """
        known_layer(layer)
        rows = rows_of(places)
        with self._writing() as connection:
            revision = self.revision + 1
            if not replace_layer(connection, layer, rows, revision):
                return revision - 1
            self._record_revision(connection, revision, at, note)
        return revision

    def set_meta(self, values: Mapping[str, Any], *, at: datetime, note: str = "") -> int:
        """Say something of the data as a whole (a None takes it back) and return the data revision."""
        with self._writing() as connection:
            merged = {name: value for name, value in (self.meta() | dict(values)).items() if value is not None}
            if merged == self.meta():
                return self.revision
            connection.execute("DELETE FROM meta")
            connection.executemany(
                "INSERT INTO meta (name, value) VALUES (?, ?)", [(n, json_text(v)) for n, v in merged.items()]
            )
            revision = self.revision + 1
            self._record_revision(connection, revision, at, note)
        return revision

    # -- keys of the API

    def keys(self) -> list[Key]:
        """Return the keys of the API by name, those that were taken back among them."""
        return list_keys(self._connection)

    def add_key(self, name: str, *, hashed: str, quota: str, at: datetime) -> None:
        """Keep a key; `hashed` is its `digest`. The data's revision stays.

        Raises
        ------
        Conflict
            There is a key of that name, or there was.
        """
        with self._writing() as connection:
            add_key(connection, name, hashed, quota, at)

    def revoke_key(self, name: str, *, at: datetime) -> None:
        """Take a key back.

        Raises
        ------
        NotFound
            There is no key of that name.
        """
        with self._writing() as connection:
            revoke_key(connection, name, at)

    # -- scenarios

    def scenarios(self) -> list[KeptScenario]:
        """Return all scenarios by name."""
        return list_scenarios(self._connection)

    def scenario(self, name: str) -> KeptScenario:
        """Return a scenario.

        Raises
        ------
        NotFound
            There is none of that name.
        """
        return read_scenario(self._connection, name)

    def put_scenario(
        self,
        name: str,
        edits: Sequence[Mapping[str, Any]],
        *,
        revision: int,
        at: datetime,
        note: str = "",
        question: Mapping[str, str] | None = None,
        expected: int = 0,
    ) -> int:
        """Write a scenario and return its version; `expected` is the one that it replaces, 0: it is new.

        The data's revision stays; without a `question` that which it had.

        Raises
        ------
        Conflict
            There is one of that name already, or somebody else has changed it.
        """
        with self._writing() as connection:
            return put_scenario(
                connection, name, edits, revision=revision, note=note, question=question, expected=expected, at=at
            )

    def remove_scenario(self, name: str, *, expected: int | None = None) -> None:
        """Delete a scenario; with `expected` only at that version.

        Raises
        ------
        NotFound, Conflict
            There is none, or somebody else has changed it.
        """
        with self._writing() as connection:
            remove_scenario(connection, name, expected)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Hold the one right to write; commit at the end, or leave everything as it was.

        IMMEDIATE: a transaction that begins by reading cannot be promoted when another writes first.
        """
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise StoreError(
                N_("cannot be written: {error}"),
                field="database",
                error=error,
                mend=N_("wait until the other program has finished, or check who may write the file"),
            ) from error

    def _record_revision(self, connection: sqlite3.Connection, revision: int, at: datetime, note: str) -> None:
        connection.execute("INSERT INTO revisions VALUES (?, ?, ?)", [revision, at.isoformat(), note])

    def _remove(
        self, connection: sqlite3.Connection, code: str, expected: int | None, revision: int, at: datetime
    ) -> None:
        kept = connection.execute("SELECT version FROM stations WHERE id = ?", [code]).fetchone()
        if not kept:
            raise no_such_station(code)
        check_version(code, kept[0], expected)
        keep_history(connection, [code])
        connection.execute("DELETE FROM stations WHERE id = ?", [code])
        connection.execute(
            "INSERT INTO history VALUES (?, ?, ?, ?, NULL, NULL)", [code, kept[0] + 1, revision, at.isoformat()]
        )


def _journal_mode(version: tuple[int, ...]) -> str:
    """Return the journal that is safe with a version of SQLite.

    Before 3.51.3 (and its backports 3.50.7 and 3.44.6) several connections that checkpoint a write-ahead log
    can lose commits.
    """
    fixed = version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
    return "WAL" if fixed else "DELETE"


def _kept(row: tuple[Any, ...]) -> Kept:
    return _all_kept([row])[0]


def _all_kept(rows: Sequence[tuple[Any, ...]]) -> list[Kept]:
    """Return rows as versions of stations, their geometries read together."""
    shapes = shapely.from_wkb(np.array([wkb for *_, wkb, _ in rows], dtype=object))
    return [
        Kept(code, version, revision, _moment(recorded_at), record, shape)
        for (code, version, revision, recorded_at, _, record), shape in zip(rows, shapes, strict=True)
    ]


@lru_cache(maxsize=1_000)
def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _box_condition(box: tuple[float, float, float, float]) -> tuple[str, list[float]]:
    west, south, east, north = box
    across = "(east >= ? OR west <= ?)" if west > east else "(east >= ? AND west <= ?)"
    return f"{across} AND north >= ? AND south <= ?", [west, east, south, north]
