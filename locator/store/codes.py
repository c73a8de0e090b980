"""Codes that are printed on doors and posters, and no longer a station's: each leads to the station of today."""

from __future__ import annotations

from locator.errors import Conflict, InvalidValue, NotFound
from locator.station import is_code
from locator.store.part import Part, check_station, is_station
from locator.translation import N_

__all__ = ["OldCodes"]


class OldCodes(Part):
    """The old codes of one database."""

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
            if is_station(connection, code):
                raise Conflict(
                    N_("is the code of a station"), field="code", value=code, mend=N_("give one that is no longer")
                )
            check_station(connection, station)
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
