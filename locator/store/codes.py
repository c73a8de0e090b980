"""Codes that are printed on doors and posters, and no longer a station's: each leads to the station of today."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager

from locator.errors import Conflict, InvalidValue, NotFound
from locator.station import is_code
from locator.translation import N_

__all__ = ["OldCodes"]


class OldCodes:
    """The old codes of one database.

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

    def add(self, code: str, station: str) -> None:
        """Let an old code lead to a station; one that led elsewhere leads there from now on.

        Raises
        ------
        Conflict
            The code is a station's.
        InvalidValue
            It cannot be a code.
        NotFound
            There is no such station.
        """
        if not is_code(code):
            raise InvalidValue(
                N_("is not a station code"), field="code", value=code,
                mend=N_("use 1 to 64 letters, digits, '.', '_', ':' or '-', such as 430681-0001"),
            )  # fmt: skip
        with self._writing() as connection:
            there = "SELECT 1 FROM stations WHERE id = ?"
            if connection.execute(there, [code]).fetchone():
                raise Conflict(
                    N_("is the code of a station"), field="code", value=code, mend=N_("give one that is no longer")
                )
            if not connection.execute(there, [station]).fetchone():
                raise NotFound(
                    N_("there is no such station"), field="id", value=station,
                    mend=N_("look its code up in the list"),
                )  # fmt: skip
            connection.execute("INSERT OR REPLACE INTO old_codes VALUES (?, ?)", [code, station])

    def remove(self, code: str) -> None:
        """Let an old code lead nowhere.

        Raises
        ------
        NotFound
            It leads nowhere.
        """
        with self._writing() as connection:
            if not connection.execute("DELETE FROM old_codes WHERE code = ?", [code]).rowcount:
                raise NotFound(
                    N_("there is no such old code"),
                    field="code",
                    value=code,
                    mend=N_("look at 'locator code list'"),
                )

    def all(self) -> dict[str, str]:
        """Return the station of each old code."""
        return dict(self._connection.execute("SELECT code, station FROM old_codes ORDER BY code"))

    def station_of(self, code: str) -> str | None:
        """Return the code of today's station; None: it leads nowhere."""
        row = self._connection.execute("SELECT station FROM old_codes WHERE code = ?", [code]).fetchone()
        return str(row[0]) if row else None

    def is_gone(self, code: str) -> bool:
        """Whether a station had this code and is no longer there."""
        row = self._connection.execute("SELECT 1 FROM history WHERE id = ? LIMIT 1", [code]).fetchone()
        return row is not None
