"""The data behind the pages: a snapshot that follows the database, and the store for what it does not hold."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from flask import current_app

from locator.answer import Scribe
from locator.query import SPEEDS_M_PER_S
from locator.snapshot import Snapshot, load_snapshot
from locator.store import Store, open_store
from locator.translation import Translator

__all__ = ["Data", "data"]


class Data:
    """One database as a process serves it.

    Parameters
    ----------
    database
        Its file or URL; it must be there.
    refresh_s
        How often to look whether it has changed.
    speeds
        Metres a second by mode of travel.
    clock
        Seconds that only grow.
    """

    def __init__(
        self,
        database: str,
        *,
        refresh_s: float,
        speeds: Mapping[str, float] = SPEEDS_M_PER_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._refresh_s = refresh_s
        self._clock = clock
        self._lock = threading.Lock()
        self._looked_at = clock()
        self._scribes: dict[str, Scribe] = {}
        self.speeds = dict(speeds)
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

    def scribe(self, snapshot: Snapshot, translate: Translator) -> Scribe:
        """Return who writes answers from a snapshot in a language, with what has been written before."""
        found = self._scribes.get(translate.language)
        if found is None or found.snapshot is not snapshot:
            found = self._scribes[translate.language] = Scribe(snapshot, translate)
        return found


def data() -> Data:
    """Return the data of the application that answers now."""
    found: Data = current_app.extensions["locator"]
    return found
