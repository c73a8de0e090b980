"""What those parts of a store share that keep what users tell: a connection, and the right to write."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager

from locator.station import no_such_station

__all__ = ["Part", "check_station", "is_station"]


class Part:
    """A part of one database.

    Parameters
    ----------
    connection
        Of the store; it must stay open.
    writing
        Holds the store's one right to write.
    """

    def __init__(
        self, connection: sqlite3.Connection, writing: Callable[[], AbstractContextManager[sqlite3.Connection]]
    ) -> None:
        self._connection = connection
        self._writing = writing


def is_station(connection: sqlite3.Connection, code: str) -> bool:
    """Whether there is a station with a code now."""
    return connection.execute("SELECT 1 FROM stations WHERE id = ?", [code]).fetchone() is not None


def check_station(connection: sqlite3.Connection, code: str) -> None:
    """Raise NotFound unless there is a station with a code now."""
    if not is_station(connection, code):
        raise no_such_station(code)
