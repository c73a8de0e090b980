"""Keys of the API in the embedded store: who may ask more often than anybody may.

Of a key only its SHA-256 is kept. That is enough: a key is 32 random bytes, which nobody can try one by one, so
the slow hashes that protect passwords would protect nothing more and cost every request.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime

from locator.errors import Conflict, NotFound
from locator.translation import N_

__all__ = ["Key", "add_key", "digest", "list_keys", "new_key", "revoke_key"]

_PREFIX = "loc_"  # tells a key from other secrets where one turns up
_BYTES = 32


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key.

    Attributes
    ----------
    quota
        How often it may ask, such as `6000 per minute`.
    revoked_at
        When it was taken back; None: it is good.
    """

    name: str
    hashed: str
    quota: str
    created_at: datetime
    revoked_at: datetime | None


def new_key() -> str:
    """Return a new key, which only its owner will have."""
    return _PREFIX + secrets.token_urlsafe(_BYTES)


def digest(key: str) -> str:
    """Return what is kept of a key."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def add_key(connection: sqlite3.Connection, name: str, hashed: str, quota: str, at: datetime) -> None:
    """Keep a key by a name that no other has had.

    Raises
    ------
    Conflict
        There is a key of that name, or there was.
    """
    if connection.execute("SELECT 1 FROM api_keys WHERE name = ?", [name]).fetchone():
        raise Conflict(N_("is the name of another key"), field="name", value=name, mend=N_("give another name"))
    connection.execute(
        "INSERT INTO api_keys (name, hashed, quota, created_at) VALUES (?, ?, ?, ?)",
        [name, hashed, quota, at.isoformat()],
    )


def list_keys(connection: sqlite3.Connection) -> list[Key]:
    """Return all keys by name, those that were taken back among them."""
    rows = connection.execute("SELECT name, hashed, quota, created_at, revoked_at FROM api_keys ORDER BY name")
    return [
        Key(name, hashed, quota, datetime.fromisoformat(made), datetime.fromisoformat(gone) if gone else None)
        for name, hashed, quota, made, gone in rows
    ]


def revoke_key(connection: sqlite3.Connection, name: str, at: datetime) -> None:
    """Take a key back; one that is already stays so.

    Raises
    ------
    NotFound
        There is no key of that name.
    """
    if not connection.execute("SELECT 1 FROM api_keys WHERE name = ?", [name]).fetchone():
        raise NotFound(N_("there is no such key"), field="name", value=name, mend=N_("look at 'locator key list'"))
    connection.execute(
        "UPDATE api_keys SET revoked_at = ? WHERE name = ? AND revoked_at IS NULL", [at.isoformat(), name]
    )
