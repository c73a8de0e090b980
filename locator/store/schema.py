"""The tables of the embedded database, as migrations that run once each, in order.

A station is kept as its JSON record and its geometry (WKB, WGS84); questions look into the record, so that
nothing is kept twice, and `station_columns` shows its fields to whoever opens the file. `history` has the
versions before; one without a record is a tombstone. `versions` shows every version of every station.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING

import shapely

if TYPE_CHECKING:
    from sqlite_utils import Database

__all__ = [
    "APPLICATION_ID",
    "EXTENT",
    "EXTENT_INDEX",
    "LAYERS",
    "POLYGONS",
    "REVISION_INDEX",
    "is_current",
    "migrate",
    "unknown_migrations",
]

APPLICATION_ID = 0x4C4F4341  # "LOCA": marks a file as ours before anything is written to it

LAYERS = ("areas", "streets", "demand", "candidates", "background")
"""Tables of places other than stations; `background` is what maps draw beneath: water, railways, the boundary."""

EXTENT = ("west", "south", "east", "north")
"""Columns of a station's bounds, WGS84 degrees."""

EXTENT_INDEX = f"CREATE INDEX stations_extent ON stations ({', '.join(EXTENT)})"
"""The statement that makes the index over the extent."""

REVISION_INDEX = "CREATE INDEX stations_revision ON stations (revision, id)"
"""The statement that makes the index by which changes are told."""

POLYGONS = "substr(geometry, 2, 1) IN (x'03', x'06')"
"""Whether a station is a Polygon or MultiPolygon: WKB has the number of its kind after the byte order."""

_SET = "locator"
_COLUMNS = ("name", "category", "status", "adcode", "community", "street", "address", "opening_hours", "operator")


def _m001_stations(db: Database) -> None:
    columns = ",\n".join(
        f"  {c} TEXT GENERATED ALWAYS AS (json_extract(record, '$.{c}')) VIRTUAL" for c in _COLUMNS
    )
    for statement in (
        f"""CREATE TABLE stations (
          number INTEGER PRIMARY KEY,
          id TEXT NOT NULL UNIQUE,
          version INTEGER NOT NULL,
          revision INTEGER NOT NULL,
          recorded_at TEXT NOT NULL,
          geometry BLOB NOT NULL,
          record TEXT NOT NULL,
          search TEXT NOT NULL,
          {columns}
        )""",
        "CREATE INDEX stations_revision ON stations (revision)",
        "CREATE VIRTUAL TABLE stations_box USING rtree (number, west, east, south, north)",
        """CREATE TABLE history (
          id TEXT NOT NULL,
          version INTEGER NOT NULL,
          revision INTEGER NOT NULL,
          recorded_at TEXT NOT NULL,
          geometry BLOB,
          record TEXT,
          PRIMARY KEY (id, version)
        )""",
        "CREATE INDEX history_revision ON history (revision)",
    ):
        db.execute(statement)
    db.table("stations").enable_fts(["search"], tokenize="trigram", create_triggers=True)


def _m002_places(db: Database) -> None:
    for layer in LAYERS:
        db.execute(
            f"""CREATE TABLE {layer} (
              number INTEGER PRIMARY KEY,
              id TEXT NOT NULL UNIQUE,
              geometry BLOB NOT NULL,
              record TEXT NOT NULL
            )"""
        )


def _m003_revisions(db: Database) -> None:
    db.execute(
        "CREATE TABLE revisions (revision INTEGER PRIMARY KEY, recorded_at TEXT NOT NULL, note TEXT NOT NULL)"
    )
    db.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)")


def _m004_places_history(db: Database) -> None:
    """What each revision replaced: the row before it, empty where there was none."""
    db.execute(
        """CREATE TABLE places_history (
          revision INTEGER NOT NULL,
          layer TEXT NOT NULL,
          id TEXT NOT NULL,
          record TEXT,
          geometry BLOB,
          PRIMARY KEY (layer, id, revision)
        )"""
    )
    db.execute("CREATE INDEX places_history_revision ON places_history (revision)")


def _m005_search(db: Database) -> None:
    # A trigger makes the search index write itself out after every row; the store fills it by the batch.
    for trigger in ("stations_ai", "stations_ad", "stations_au"):
        db.execute(f"DROP TRIGGER {trigger}")


def _m006_extent(db: Database) -> None:
    """The extent as plain numbers, and no search trees.

    An R*Tree and a trigram index took four fifths of the time of writing. An index over the extent answers a
    box among 200,000 stations in milliseconds; a text is looked for from one end to the other.
    """
    db.execute("DROP TABLE stations_box")
    db.execute("DROP TABLE stations_fts")
    for name in EXTENT:
        db.execute(f"ALTER TABLE stations ADD COLUMN {name} REAL NOT NULL DEFAULT 0")
    rows = db.execute("SELECT number, geometry FROM stations").fetchall()
    boxes = shapely.bounds(shapely.from_wkb([wkb for _, wkb in rows])).tolist() if rows else []
    db.conn.executemany(
        f"UPDATE stations SET ({', '.join(EXTENT)}) = (?, ?, ?, ?) WHERE number = ?",
        [(*box, number) for (number, _), box in zip(rows, boxes, strict=True)],
    )
    db.execute(EXTENT_INDEX)


def _m007_versions(db: Database) -> None:
    """The last version of a station stands in `stations` alone: a list that comes in is written once."""
    db.execute(
        """DELETE FROM history WHERE EXISTS (
             SELECT 1 FROM stations AS s WHERE s.id = history.id AND s.version = history.version)"""
    )
    columns = "id, version, revision, recorded_at, geometry, record"
    db.execute(f"CREATE VIEW versions AS SELECT {columns} FROM stations UNION ALL SELECT {columns} FROM history")


def _m008_polygons(db: Database) -> None:
    """Find the few polygons among many points; the index holds nothing else."""
    db.execute(f"CREATE INDEX stations_polygons ON stations (id) WHERE {POLYGONS}")


def _m009_keys(db: Database) -> None:
    """The keys of the API; what is kept of each is told in `keys`."""
    db.execute(
        """CREATE TABLE api_keys (
          name TEXT PRIMARY KEY,
          hashed TEXT NOT NULL UNIQUE,
          quota TEXT NOT NULL,
          created_at TEXT NOT NULL,
          revoked_at TEXT
        )"""
    )


def _m010_changes(db: Database) -> None:
    """The order in which changes are told, so that a page of them is read without sorting the rest."""
    for table in ("stations", "history"):
        db.execute(f"DROP INDEX {table}_revision")
    db.execute(REVISION_INDEX)
    db.execute("CREATE INDEX history_revision ON history (revision, id)")


def _m011_columns(db: Database) -> None:
    """The fields as columns of a view: a table computes its generated ones, half of the time of writing a row."""
    for column in _COLUMNS:
        db.execute(f"ALTER TABLE stations DROP COLUMN {column}")
    fields = ", ".join(f"json_extract(record, '$.{column}') AS {column}" for column in _COLUMNS)
    db.execute(f"CREATE VIEW station_columns AS SELECT id, version, revision, recorded_at, {fields} FROM stations")


def _m012_wide(db: Database) -> None:
    """Find the few stations that are no points; all others begin in the west of a box or lie outside it."""
    db.execute(f"CREATE INDEX stations_wide ON stations ({', '.join(EXTENT)}) WHERE east > west")


def _m013_reports(db: Database) -> None:
    """What users tell: reports as tickets, ratings, visits through QR codes. In none of it who it was."""
    for statement in (
        # AUTOINCREMENT: the number of a ticket is never given twice.
        """CREATE TABLE tickets (
          number INTEGER PRIMARY KEY AUTOINCREMENT,
          station TEXT NOT NULL,
          kind TEXT NOT NULL,
          state TEXT NOT NULL,
          text TEXT NOT NULL,
          answer TEXT NOT NULL,
          duplicate_of INTEGER,
          once TEXT UNIQUE,
          reported_at TEXT NOT NULL,
          changed_at TEXT NOT NULL
        )""",
        "CREATE INDEX tickets_station ON tickets (station, number)",
        "CREATE INDEX tickets_state ON tickets (state, number)",
        "CREATE TABLE ticket_photos (number INTEGER PRIMARY KEY, picture BLOB NOT NULL)",
        """CREATE TABLE ticket_steps (
          step INTEGER PRIMARY KEY,
          number INTEGER NOT NULL,
          state TEXT NOT NULL,
          at TEXT NOT NULL,
          answer TEXT NOT NULL
        )""",
        "CREATE INDEX ticket_steps_number ON ticket_steps (number, step)",
        "CREATE TABLE rating_keys (day TEXT PRIMARY KEY, key BLOB NOT NULL)",
        """CREATE TABLE ratings_today (
          station TEXT NOT NULL,
          day TEXT NOT NULL,
          hashed BLOB NOT NULL,
          stars INTEGER NOT NULL,
          PRIMARY KEY (station, hashed)
        ) WITHOUT ROWID""",
        """CREATE TABLE rating_counts (
          station TEXT NOT NULL,
          day TEXT NOT NULL,
          stars INTEGER NOT NULL,
          count INTEGER NOT NULL,
          PRIMARY KEY (station, day, stars)
        ) WITHOUT ROWID""",
        """CREATE TABLE visits (
          station TEXT NOT NULL,
          hour TEXT NOT NULL,
          count INTEGER NOT NULL,
          PRIMARY KEY (station, hour)
        ) WITHOUT ROWID""",
        "CREATE TABLE old_codes (code TEXT PRIMARY KEY, station TEXT NOT NULL)",
        # Every process that serves signs its forms with the same key.
        "CREATE TABLE form_key (only INTEGER PRIMARY KEY CHECK (only = 1), key BLOB NOT NULL)",
        "INSERT INTO form_key VALUES (1, randomblob(32))",
    ):
        db.execute(statement)


def _m014_scenarios(db: Database) -> None:
    """Scenarios, which are no data: they never touch a station and make no revision."""
    db.execute(
        """CREATE TABLE scenarios (
          name TEXT PRIMARY KEY,
          version INTEGER NOT NULL,
          revision INTEGER NOT NULL,
          note TEXT NOT NULL,
          edits TEXT NOT NULL,
          created_at TEXT NOT NULL,
          changed_at TEXT NOT NULL
        )"""
    )


def _m015_questions(db: Database) -> None:
    """Of which question a scenario is the answer."""
    db.execute("ALTER TABLE scenarios ADD COLUMN question TEXT NOT NULL DEFAULT '{}'")


_MIGRATIONS: tuple[Callable[[Database], None], ...] = (
    _m001_stations,
    _m002_places,
    _m003_revisions,
    _m004_places_history,
    _m005_search,
    _m006_extent,
    _m007_versions,
    _m008_polygons,
    _m009_keys,
    _m010_changes,
    _m011_columns,
    _m012_wide,
    _m013_reports,
    _m014_scenarios,
    _m015_questions,
)
_NAMES = tuple(migration.__name__.removeprefix("_") for migration in _MIGRATIONS)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a database up to this version of the package; one that is stays untouched."""
    # Imported here: sqlite-utils loads pandas, and reading a current database needs neither.
    from sqlite_utils import Database, Migrations

    migrations = Migrations(_SET)
    for name, migration in zip(_NAMES, _MIGRATIONS, strict=True):
        migrations(name=name)(migration)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    migrations.apply(Database(connection))


def is_current(connection: sqlite3.Connection) -> bool:
    """Whether every migration has been applied."""
    return set(_NAMES) <= _applied(connection)


def unknown_migrations(connection: sqlite3.Connection) -> set[str]:
    """Return the migrations that a newer version of the package has applied."""
    return _applied(connection) - set(_NAMES)


def _applied(connection: sqlite3.Connection) -> set[str]:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'").fetchone():
        return set()
    rows = connection.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = ?", [_SET])
    return {name for (name,) in rows}
