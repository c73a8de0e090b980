"""The data behind the pages: a snapshot that follows the database, and the store for what it does not hold."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from flask import current_app

from locator.answer import Scribe
from locator.journal import LOGGER
from locator.nearest import nearest
from locator.networks import Networks
from locator.query import SPEEDS_M_PER_S, Query
from locator.snapshot import Snapshot, load_snapshot
from locator.store import BUSY_S, Key, Store, open_store
from locator.translation import Translator

if TYPE_CHECKING:
    from locator.walking import OnStreets

__all__ = ["Data", "Version", "data"]

_LEAST_WAIT_S = 0.05
_TICK_S = 1.0
_MOST_MADE = 32
_AHEAD_S = 3_600
_T = TypeVar("_T")


class Version:
    """One version of the data, and what is made of it once for many answers.

    Attributes
    ----------
    stamp
        Tells this version from any other.
    """

    def __init__(self, snapshot: Snapshot, stamp: str) -> None:
        self.snapshot = snapshot
        self.stamp = stamp
        self._made: dict[str, Any] = {}
        self._lock = threading.RLock()

    def once(self, name: str, make: Callable[[], _T]) -> _T:
        """Return what `make` returns, which is made the first time that this version is asked for it."""
        with self._lock:
            if name not in self._made:
                self._made[name] = make()
                for old in list(self._made)[:-_MOST_MADE]:
                    del self._made[old]
            found: _T = self._made[name]
            return found


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
    networks
        What ways are measured along; None: straight lines.
    clock
        Seconds that only grow.
    """

    def __init__(
        self,
        database: str,
        *,
        refresh_s: float,
        speeds: Mapping[str, float] = SPEEDS_M_PER_S,
        networks: Networks | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._refresh_s = refresh_s
        self._clock = clock
        self._lock = threading.Lock()
        self._following = False
        self._scribes: dict[str, Scribe] = {}
        self.speeds = dict(speeds)
        self._networks = networks
        self._looked_at = self._loaded_at = clock()
        with self.store() as store:
            self._version = _load(store)
        self.on_streets(self._version.snapshot, "walk")  # what is wrong with the network is said at once

    @contextmanager
    def store(self, *, busy_s: float = BUSY_S) -> Iterator[Store]:
        """Open the store for one request, which waits so many seconds at most for another that writes."""
        with open_store(self._database, busy_s=busy_s) as store:
            yield store

    def touched(self) -> tuple[int, ...] | None:
        """Return what is another whenever somebody has written to the database, which is not opened for it.

        The times of its files tell, but not of two changes in one tick of the clock: within a second of the last
        change the answer is None, and whoever wants to know has to look.
        """
        file = Path(self._database.removeprefix("sqlite:///"))
        found: list[int] = []
        for path in (file, file.with_name(f"{file.name}-wal")):  # what is written and not in the file itself yet
            try:
                about = path.stat()
            except OSError:
                if path is file:
                    return None
                continue
            if time.time() - about.st_mtime < _TICK_S:
                return None
            found += [about.st_ino, about.st_size, about.st_mtime_ns]
        return tuple(found)

    def keys(self) -> list[Key]:
        """Return the keys of the API as they are now."""
        with self.store() as store:
            return store.keys()

    def snapshot(self) -> Snapshot:
        """Return the newest version of the stations; see `version`."""
        return self.version().snapshot

    def version(self) -> Version:
        """Return the newest version of the data; one thread looks, the others go on with what is there."""
        due = not self._following and self._clock() - self._looked_at >= self._refresh_s
        if due and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._version

    @property
    def stamp(self) -> str:
        """What tells the version at hand from any other; nobody looks whether there is a newer one."""
        return self._version.stamp

    def about(self) -> dict[str, Any]:
        """Return what the data says of itself: name, source, date, licence."""

        def read() -> dict[str, Any]:
            with self.store() as store:
                return store.meta()

        return self.version().once("about", read)

    def scribe(self, snapshot: Snapshot, translate: Translator) -> Scribe:
        """Return who writes answers from a snapshot in a language, with what has been written before."""
        found = self._scribes.get(translate.language)
        if found is None or found.snapshot is not snapshot:
            found = self._scribes[translate.language] = Scribe(snapshot, translate)
        return found

    def on_streets(self, snapshot: Snapshot, mode: str) -> OnStreets | None:
        """Return the stations of a snapshot on the network for a mode; None: distances are straight lines."""
        if self._networks is None:
            return None
        with self.store() as store:
            return self._networks.on_streets(snapshot, mode, store)

    def age_s(self) -> float:
        """Return how long ago the version that is served was read, in seconds."""
        return self._clock() - self._loaded_at

    def follow(self) -> threading.Event:
        """Look for changes in a thread of its own from now on, so that no request waits while data is read.

        Returns
        -------
        What ends it when it is set.
        """
        self._following, stop = True, threading.Event()
        threading.Thread(target=self._follow, args=(stop,), name="follow-the-database", daemon=True).start()
        return stop

    def _follow(self, stop: threading.Event) -> None:
        well = True
        while not stop.wait(max(self._refresh_s, _LEAST_WAIT_S)):
            try:
                self._look()
            except Exception:
                # Whatever it is, the next look may do better, and the version at hand can be served meanwhile.
                if well:
                    LOGGER.exception("the database cannot be read; its last version is served")
                well = False
            else:
                if not well:
                    LOGGER.info("the database can be read again")
                well = True

    def _look(self) -> None:
        self._looked_at = self._clock()
        with self.store() as store:
            if store.stamp() != self._version.stamp:
                self._version = _load(store)
                self._loaded_at = self._clock()
        # Now and then the hours of further days are needed: made here, no request waits for them.
        self._version.snapshot.timetable(time.time() + _AHEAD_S)


def data() -> Data:
    """Return the data of the application that answers now."""
    found: Data = current_app.extensions["locator"]
    return found


def _load(store: Store) -> Version:
    """Return what a store holds now; stamped first, so that a change in between makes the next look load again."""
    stamp = store.stamp()
    snapshot = load_snapshot(store)
    # Asked once before anybody does: what is made at the first question is made.
    nearest(snapshot, Query(lon=0, lat=0, at=datetime.now(UTC)))
    return Version(snapshot, stamp)
