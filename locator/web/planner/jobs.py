"""Long jobs beside the requests: each in a process of its own, watched and stopped through a folder.

Everything about a job stands in its folder, named by its key, so that every process of the server sees the same:
who asks for what is being worked on waits for that, whoever began it. A lock on `lock` says that somebody works
on it; the system lets go of it when that process dies, so no job is ever believed to go on that does not.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from locator.errors import StoreError, TooMany
from locator.journal import LOGGER
from locator.report.folder import ORDER, STATE, read_json, write_json
from locator.translation import N_

__all__ = ["Job", "Jobs"]

WORK = (sys.executable, "-m", "locator.report.working")
_LOCK, _STOP, _TROUBLE = "lock", "stop", "trouble.txt"
_LOOK_S = 0.05
_WAIT_S = 10
_RETRY_S = 30
_TRIES = 20  # a look holds the lock for a moment


@dataclass(frozen=True, slots=True)
class Job:
    """How a job stands.

    Attributes
    ----------
    state
        none, waiting, working, done, failed (`error` says why, by language), stopped, broken.
    step, done
        What is done now, and how many steps are behind it.
    """

    state: str
    step: str = ""
    done: int = 0
    error: Mapping[str, str] = field(default_factory=dict)

    @property
    def goes_on(self) -> bool:
        """Whether somebody works on it, or will."""
        return self.state in ("waiting", "working")


class Jobs:
    """The jobs of one server, as one of its processes sees and does them.

    Parameters
    ----------
    folder
        Where they are; made when the first one begins, readable for this user alone.
    at_once
        How many this process works on at a time.
    waiting
        How many more it takes in before it asks to come back later.
    kept
        How many finished ones stay, those that were looked at last.
    command
        What works on a job, in a process of its own; the folder and the number of this process are added.
    """

    def __init__(
        self, folder: Path, *, at_once: int, waiting: int, kept: int, command: Sequence[str] = WORK
    ) -> None:
        self.folder = folder
        self._command = command
        self._slots = threading.Semaphore(at_once)
        self._most = at_once + waiting
        self._kept = kept
        self._going = 0
        self._guard = threading.Lock()

    def path(self, key: str) -> Path:
        """Return the folder of a job."""
        return self.folder / key

    def look(self, key: str) -> Job:
        """Return how a job stands; one that is looked at is kept longer."""
        folder = self.path(key)
        said = read_json(folder / STATE)
        if not said:
            return Job("none")
        with suppress(OSError):
            os.utime(folder)
        state = str(said.get("state", ""))
        if state in ("waiting", "working"):
            if (folder / _STOP).exists():
                return Job("stopped")
            if not _is_locked(folder / _LOCK):
                # It may have come to its end between the two looks.
                said = read_json(folder / STATE)
                state = str(said.get("state", "")) if said.get("state") not in ("waiting", "working") else "broken"
        return Job(state, str(said.get("step", "")), int(said.get("done", 0)), said.get("error", {}))

    def start(self, key: str, order: Mapping[str, Any]) -> None:
        """Begin a job, unless somebody is at it already.

        Raises
        ------
        TooMany
            As many as this process takes in are there.
        """
        folder = self.path(key)
        with self._guard:
            if self._going >= self._most:
                raise TooMany(
                    N_("too many reports are being worked on"),
                    retry_after_s=_RETRY_S,
                    mend=N_("come back in {seconds} seconds"),
                )
            self._make(folder)
            lock = _lock(folder / _LOCK, tries=_TRIES)
            if lock is None:
                return
            (folder / _STOP).unlink(missing_ok=True)
            write_json(folder / ORDER, order)
            write_json(folder / STATE, {"state": "waiting"})
            self._going += 1
        # A daemon: a server that is told to stop does not wait for it, and the process that works sees to itself.
        threading.Thread(target=self._run, args=(folder, lock), name="planner", daemon=True).start()

    def stop(self, key: str) -> None:
        """Stop a job, whichever process works on it; one that has ended stays as it is."""
        if self.look(key).goes_on:
            (self.path(key) / _STOP).touch()

    def _make(self, folder: Path) -> None:
        """Make a job's folder; what stands in it is believed, so nobody else may write there."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            told = self.folder.stat()
            if told.st_uid != os.getuid() or told.st_mode & 0o022:
                raise PermissionError
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError:
            raise StoreError(
                N_("is no folder of ours to write in"), field="REPORTS", value=str(self.folder),
                mend=N_("choose another folder"),
            ) from None  # fmt: skip

    def _run(self, folder: Path, lock: int) -> None:
        stop = folder / _STOP
        has_slot = False
        try:
            while not has_slot and not stop.exists():
                has_slot = self._slots.acquire(timeout=_LOOK_S)
            if has_slot and not stop.exists():
                _work_apart([*self._command, str(folder), str(os.getpid())], folder)
            if stop.exists() and read_json(folder / STATE).get("state") != "done":
                write_json(folder / STATE, {"state": "stopped"})
        finally:
            if has_slot:
                self._slots.release()
            os.close(lock)
            with self._guard:
                self._going -= 1
        with suppress(OSError):  # another process may tidy up too
            self._forget()

    def _forget(self) -> None:
        """Remove the jobs that nobody has looked at for longest, and only those that nobody works on."""
        folders = sorted(self.folder.iterdir(), key=lambda one: one.stat().st_mtime, reverse=True)
        for folder in folders[self._kept :]:
            if (lock := _lock(folder / _LOCK)) is not None:
                shutil.rmtree(folder, ignore_errors=True)
                os.close(lock)


def _work_apart(command: Sequence[str], folder: Path) -> None:
    """Have another process do what the folder's order says, until it is done or is to stop.

    In this one it would hold up every request: the search through streets lets no other thread run.
    """
    # No word of the command comes from outside: the folder is named by a hash.
    with (folder / _TROUBLE).open("wb") as trouble:
        working = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.DEVNULL, stderr=trouble, start_new_session=True
        )
    try:
        while working.poll() is None and not (folder / _STOP).exists():
            time.sleep(_LOOK_S)
    finally:
        if working.poll() is None:
            working.terminate()
        with suppress(subprocess.TimeoutExpired):
            working.wait(_WAIT_S)
        if working.poll() is None:
            working.kill()
            working.wait()
        if working.returncode > 0:
            # What it said may hold what was asked: it stays in the folder.
            LOGGER.error("a report broke; see %s in its folder", _TROUBLE)


def _lock(path: Path, *, tries: int = 1) -> int | None:
    """Return a lock on a file, held until it is closed; None if somebody has it."""
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return None
    for _ in range(tries):
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return file
        time.sleep(_LOOK_S)
    os.close(file)
    return None


def _is_locked(path: Path) -> bool:
    lock = _lock(path)
    if lock is not None:
        os.close(lock)
    return lock is None
