"""Visits through QR codes in the embedded store: how many a station had in which hour, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from locator.store.part import Part

__all__ = ["Visits", "VisitsOfHour", "hour_of"]


@dataclass(frozen=True, slots=True)
class VisitsOfHour:
    """How many visits a station had in the hour that begins at `hour`, UTC."""

    station: str
    hour: datetime
    count: int


def hour_of(at: datetime) -> datetime:
    """Return the beginning of the hour of a moment, UTC."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


class Visits(Part):
    """The visits of one database."""

    def add(self, counts: Mapping[tuple[str, datetime], int]) -> None:
        """Add visits by station and hour to those that are there, in one transaction."""
        with self._writing() as connection:
            connection.executemany(
                """INSERT INTO visits (station, hour, count) VALUES (?, ?, ?)
                   ON CONFLICT (station, hour) DO UPDATE SET count = count + excluded.count""",
                [(station, _text(hour), count) for (station, hour), count in counts.items()],
            )

    def all(
        self, *, station: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> list[VisitsOfHour]:
        """Return the visits by station and hour.

        Parameters
        ----------
        station
            Only of this one.
        since, until
            Only of hours that begin from the first on and before the second; with time zones.
        """
        rows = self._connection.execute(
            """SELECT station, hour, count FROM visits
               WHERE (?1 IS NULL OR station = ?1) AND (?2 IS NULL OR hour >= ?2) AND (?3 IS NULL OR hour < ?3)
               ORDER BY station, hour""",
            [station, since and _exact(since), until and _exact(until)],
        )
        return [VisitsOfHour(code, datetime.fromisoformat(hour), count) for code, hour, count in rows]


def _text(hour: datetime) -> str:
    return _exact(hour_of(hour))


def _exact(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
