"""The data behind the pages: a snapshot that follows the database, and the store for what it does not hold."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import current_app

from locator.snapshot import Snapshot, load_snapshot
from locator.store import Store, open_store

__all__ = ["Data", "data"]


class Data:
    """One database as a process serves it.

    Parameters
    ----------
    database
        Its file or URL; it must be there.
    refresh_s
        How often to look whether it has changed.
    clock
        Seconds that only grow.
    """

    def __init__(self, database: str, *, refresh_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._refresh_s = refresh_s
        self._clock = clock
        self._lock = threading.Lock()
        self._looked_at = clock()
        with self.store() as store:
            self._snapshot = load_snapshot(store)

    @contextmanager
    def store(self) -> Iterator[Store]:
        """Open the store for one request."""
        with open_store(self._database) as store:
            yield store

    def snapshot(self) -> Snapshot:
        """Return the newest version of the stations; one thread looks, the others go on with what is there."""
        due = self._clock() - self._looked_at >= self._refresh_s
        if due and self._lock.acquire(blocking=False):
            try:
                self._looked_at = self._clock()
                with self.store() as store:
                    if store.revision != self._snapshot.revision:
                        self._snapshot = load_snapshot(store)
            finally:
                self._lock.release()
        return self._snapshot


def data() -> Data:
    """Return the data of the application that answers now."""
    found: Data = current_app.extensions["locator"]
    return found
