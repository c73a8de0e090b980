"""Ratings in the embedded store: one a day from each device, and by the next day nothing but counts.

A device shows a random token. Kept is a keyed hash of token and station, under a key of that day: who rates
again the same day replaces the first rating, and two stations cannot be told to have been rated by one device.
The next day, the key and the hashes of the days before are deleted; what stays is how many gave how many stars.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import date

from locator.store.part import Part, check_station

__all__ = ["Rating", "Ratings"]


@dataclass(frozen=True, slots=True)
class Rating:
    """How many rated a station, and how many stars they gave together."""

    count: int
    total: int

    def mean(self, *, least: int) -> float | None:
        """Return the mean number of stars; None where fewer than `least` have rated, who say little."""
        return self.total / self.count if self.count >= max(least, 1) else None


class Ratings(Part):
    """The ratings of one database."""

    def add(self, station: str, stars: int, *, day: date, token: str) -> bool:
        """Keep a rating; one of the same device, station and day is replaced.

        Parameters
        ----------
        day
            In the time zone of the stations.
        token
            What a device shows; it is not kept.

        Returns
        -------
        Whether it is the first of the day.

        Raises
        ------
        NotFound
            There is no such station.
        """
        with self._writing() as connection:
            check_station(connection, station)
            _forget_before(connection, day)
            key = _key(connection, day)
            hashed = hmac.digest(key, f"{station}\0{token}".encode("utf-8", "replace"), hashlib.sha256)
            known = connection.execute(
                "SELECT 1 FROM ratings_today WHERE station = ? AND hashed = ?", [station, hashed]
            ).fetchone()
            connection.execute(
                "INSERT OR REPLACE INTO ratings_today VALUES (?, ?, ?, ?)",
                [station, day.isoformat(), hashed, stars],
            )
        return known is None

    def forget_before(self, day: date) -> None:
        """Turn the ratings of days before into counts, and delete what could tell one device from another."""
        old = self._connection.execute(
            "SELECT EXISTS (SELECT 1 FROM rating_keys WHERE day < ?)", [day.isoformat()]
        ).fetchone()
        if old[0]:
            with self._writing() as connection:
                _forget_before(connection, day)

    def of(self, station: str) -> Rating:
        """Return the ratings of a station, today's among them."""
        count, total = self._connection.execute(
            """SELECT ifnull(sum(n), 0), ifnull(sum(n * stars), 0) FROM (
                 SELECT stars, count AS n FROM rating_counts WHERE station = ?1
                 UNION ALL SELECT stars, 1 FROM ratings_today WHERE station = ?1)""",
            [station],
        ).fetchone()
        return Rating(count, total)

    def all(self) -> dict[str, Rating]:
        """Return the ratings of every station that has any, by code."""
        rows = self._connection.execute(
            """SELECT station, sum(n), sum(n * stars) FROM (
                 SELECT station, stars, count AS n FROM rating_counts
                 UNION ALL SELECT station, stars, 1 FROM ratings_today)
               GROUP BY station ORDER BY station"""
        )
        return {station: Rating(count, total) for station, count, total in rows}


def _forget_before(connection: sqlite3.Connection, day: date) -> None:
    values = [day.isoformat()]
    connection.execute(
        """INSERT INTO rating_counts (station, day, stars, count)
           SELECT station, day, stars, count(*) FROM ratings_today WHERE day < ? GROUP BY station, day, stars
           ON CONFLICT (station, day, stars) DO UPDATE SET count = count + excluded.count""",
        values,
    )
    connection.execute("DELETE FROM ratings_today WHERE day < ?", values)
    connection.execute("DELETE FROM rating_keys WHERE day < ?", values)


def _key(connection: sqlite3.Connection, day: date) -> bytes:
    connection.execute(
        "INSERT OR IGNORE INTO rating_keys VALUES (?, ?)", [day.isoformat(), secrets.token_bytes(32)]
    )
    (key,) = connection.execute("SELECT key FROM rating_keys WHERE day = ?", [day.isoformat()]).fetchone()
    return bytes(key)
