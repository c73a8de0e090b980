"""Data at rest: every station with its history, the places around it, in one database."""

from __future__ import annotations

from locator.errors import StoreError
from locator.store.batches import Drafts
from locator.store.features import Feature
from locator.store.keys import Key, digest, new_key
from locator.store.properties import COLLECTIONS, Collection, Property
from locator.store.ratings import Rating
from locator.store.scenarios import KeptScenario
from locator.store.sqlite import BUSY_S, Kept, Store
from locator.store.visits import VisitsOfHour, hour_of
from locator.translation import N_

__all__ = [
    "BUSY_S",
    "COLLECTIONS",
    "Collection",
    "Drafts",
    "Feature",
    "Kept",
    "KeptScenario",
    "Key",
    "Property",
    "Rating",
    "Store",
    "VisitsOfHour",
    "digest",
    "hour_of",
    "new_key",
    "open_store",
]

_SQLITE = "sqlite:///"


def open_store(url: str, *, create: bool = False, busy_s: float = BUSY_S) -> Store:
    """Open the database that a URL or a file name points to.

    Parameters
    ----------
    url
        `sqlite:///relative.db`, `sqlite:////absolute.db`, `:memory:` or the name of a file.
    create
        Make it if it is not there.
    busy_s
        How long, in seconds, to wait for another that writes.

    Raises
    ------
    StoreError
        It cannot be opened, or there is no store for such URLs.
    """
    path = url.removeprefix(_SQLITE)
    if path == url and "://" in url:
        raise StoreError(
            N_("no store answers to such an address"),
            field="database",
            value=url,
            mend=N_("give a file, or sqlite:/// and a file"),
        )
    if not path:
        # SQLite would open a file without a name, which is gone when it is closed.
        raise StoreError(
            N_("names no file"), field="database", value=url, mend=N_("give a file, or sqlite:/// and a file")
        )
    return Store(path, create=create, busy_s=busy_s)
