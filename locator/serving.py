"""A production server for the web application.

Granian answers; what it lacks is added here: processes that share one listening socket, so that nobody who waits
there is lost when one of them is replaced, and a reload that first tries whether the new settings and the database
can be served at all.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.net import SocketHolder  # type: ignore[attr-defined]
from granian.server.mp import MPServer, WorkerProcess

from locator.errors import InvalidValue, LocatorError
from locator.journal import LOGGER, write_log
from locator.settings import PREFIX, Value, read_settings
from locator.translation import N_

__all__ = ["serve", "try_out"]

_THREADS = 4  # of Python in each process: answers take milliseconds, more would only wait for each other
_BACKLOG = 1_024
_KILL_S = 5
_DRAIN_S = 0.5
_START_S = 120
_AGAIN_S = 1.0
_TAKE_NO_MORE = signal.SIGUSR1
_FIXED = ("HOST", "PORT", "WORKERS")
"""Settings that a reload leaves as they are."""


def serve(
    settings: Mapping[str, Value], *, read_again: Callable[[], Mapping[str, Value]], ready: Callable[[], None]
) -> None:
    """Serve until a signal stops it; SIGHUP reloads settings and program, if they can be served.

    Parameters
    ----------
    settings
        As `read_settings` returns them; the server's processes read them from the environment.
    read_again
        Returns them as they are at a reload.
    ready
        Called once, when the port is ours.

    Raises
    ------
    InvalidValue
        The port is taken, or the address is not one of this machine's.
    """
    listening = _listen(str(settings["HOST"]), int(settings["PORT"]))
    # A fork would take the threads' locks along, and the program as it was at the start into every reload.
    multiprocessing.set_start_method("spawn", force=True)
    with tempfile.TemporaryDirectory(prefix="locator-") as folder:
        # Here the processes count what Prometheus is told; see `locator.web.figures`.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        os.environ.update(_environment(settings))
        started, tell = multiprocessing.Pipe(duplex=False)
        server = _Server(
            listening, started, partial(_renew, settings, read_again), workers=int(settings["WORKERS"])
        )
        write_log(str(settings["LOG_FORMAT"]))
        ready()
        server.serve(spawn_target=partial(_work, tell))


def try_out() -> None:
    """Make the application of the environment's settings, in a process of its own; exit with what is wrong."""
    from locator.web import create_app

    try:
        create_app(read_settings(os.environ))
    except LocatorError as error:
        sys.exit(str(error))


class _Server(MPServer):
    """Granian with one socket for all processes, which are replaced once the new ones are ready."""

    def __init__(
        self, listening: socket.socket, started: Connection, renew: Callable[[], bool], *, workers: int
    ) -> None:
        super().__init__(
            "locator.web:serve_app",
            factory=True,
            interface=Interfaces.WSGI,
            workers=workers,
            backlog=_BACKLOG,
            blocking_threads=_THREADS,
            # Its access log would write request lines, and with them the positions in them.
            log_access=False,
            log_level=LogLevels.warning,
            log_dictconfig={"handlers": {}, "formatters": {}, "loggers": {}},
            respawn_failed_workers=True,
            # Told to stop while it still starts, a process may miss it.
            workers_kill_timeout=_KILL_S,
        )
        self._listening = listening
        self._started = started
        self._renew = renew
        self._ready: set[int] = set()

    def _init_shared_socket(self) -> None:
        # Granian has each process listen for itself; the kernel then resets what waits for one that stops.
        self._ssp = self._shd = None
        self._sso = self._listening

    def _reload(self, spawn_target: Any, target_loader: Any) -> None:  # noqa: ANN401 - as Granian has it
        self.reload_signal = False
        self.main_loop_interrupt.clear()
        if self._renew():
            self._respawn_workers(range(self.workers), spawn_target, target_loader)
            LOGGER.info("reloaded")
        if self.interrupt_signal or self.interrupt_children or self.reload_signal:
            self.main_loop_interrupt.set()

    def _respawn_workers(
        self,
        workers: Iterable[int],
        spawn_target: Any,  # noqa: ANN401
        target_loader: Any,  # noqa: ANN401
        delay: float = 0,
    ) -> None:
        """Replace processes one by one, each when the new one has loaded the data; one that cannot is left."""
        for place in workers:
            old = self.wrks[place]
            new = self._spawn_worker(idx=place, target=spawn_target, callback_loader=target_loader)
            new.interrupt_by_parent = True  # should it die while it starts, the old one still serves
            new.start()
            if not self._is_ready(new):
                new.kill()
                if not old.is_alive() and not self.interrupt_signal:
                    self._try_again(place)
                continue
            new.interrupt_by_parent = False
            self.wrks[place] = new
            self._stop(old)

    def _is_ready(self, worker: WorkerProcess) -> bool:
        """Wait until a process can answer; False: it died, took too long, or the server is to stop."""
        deadline = time.monotonic() + _START_S
        while worker._id() not in self._ready:
            if self.interrupt_signal or not worker.is_alive() or time.monotonic() > deadline:
                return False
            self._hear(0.05)
        return True

    def _try_again(self, place: int) -> None:
        """Have a process that died started again after a while; give up where none has ever started."""
        self._hear()
        if self._ready:
            LOGGER.error("a process could not start; trying again")
            time.sleep(_AGAIN_S)
        else:
            LOGGER.error("no process could start")
            self.interrupt_signal = True
        self.interrupt_children.append(place)
        self.main_loop_interrupt.set()

    def _hear(self, wait_s: float = 0) -> None:
        """Take in which processes have said that they can answer."""
        while self._started.poll(wait_s):
            self._ready.add(self._started.recv())
            wait_s = 0

    def _stop(self, worker: WorkerProcess) -> None:
        """Let a process take no more connections, say of those it has that it closes them, and end it.

        At once it would close the connections whose request it has not read yet.
        """
        if worker.is_alive():
            os.kill(worker._id(), _TAKE_NO_MORE)
            time.sleep(_DRAIN_S)
        worker.terminate()
        worker.join(_KILL_S)
        if worker.is_alive():
            worker.kill()
            worker.join()


def _work(
    tell: Connection,
    number: int,
    name: str | None,
    load: Callable[[], Any],
    sockets: tuple[Any, socket.socket],
    *more: Any,  # noqa: ANN401 - handed on to Granian
) -> None:
    """Serve in a process of its own, and tell when the application is made."""
    # Meant for the process that watches over this one, and sent to all by a terminal that closes.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    made: list[Any] = []

    def make() -> Any:  # noqa: ANN401
        made.append(load())
        tell.send(os.getpid())
        return made[0]

    def take_no_more(*_: object) -> None:
        _turn_away_from(listening)
        for application in made:
            application.wsgi_app = _Closing(application.wsgi_app)

    _, listening = sockets
    signal.signal(_TAKE_NO_MORE, take_no_more)
    holder = SocketHolder(listening.fileno(), False, _BACKLOG)  # type: ignore[call-arg]
    MPServer._spawn_wsgi_worker(number, name, make, ((None, holder), None), *more)


class _Closing:
    """A WSGI application behind another, which says of each connection that it is closed after the answer.

    Who asks again over a connection that is kept open would meet its end, and cannot know whether it was heard.
    """

    def __init__(self, behind: Callable[..., Iterable[bytes]]) -> None:
        self._behind = behind

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:  # noqa: ANN401 - as WSGI has it
            return start_response(status, [*headers, ("Connection", "close")], *more)

        return self._behind(environ, start)


def _turn_away_from(listening: socket.socket) -> None:
    """Let this process accept no more of what comes to a socket that others go on listening to.

    Closed, the socket would still wake those that wait for it, to fail: the kernel watches what is open, not its
    number. So in the place of each of its numbers comes a socket that nobody connects to.
    """
    same = os.fstat(listening.fileno())
    with socket.create_server(("127.0.0.1", 0), backlog=1) as nobody:
        nobody.setblocking(False)
        for number in [int(path.name) for path in Path("/dev/fd").iterdir()]:
            try:
                if os.path.samestat(os.fstat(number), same):
                    os.dup2(nobody.fileno(), number)
            except OSError:
                pass  # the listing's own, which is closed already


def _renew(settings: Mapping[str, Value], read_again: Callable[[], Mapping[str, Value]]) -> bool:
    """Put settings as they are now into the environment, if they can be served; else say why not."""
    try:
        fresh = dict(read_again())
    except LocatorError as error:
        LOGGER.error("not reloaded: %s", error)
        return False
    for name in _FIXED:
        if fresh[name] != settings[name]:
            LOGGER.warning("%s stays %s until the server is started anew", PREFIX + name, settings[name])
            fresh[name] = settings[name]
    environment = _environment(fresh)
    wrong = _tried(environment)
    if wrong:
        LOGGER.error("not reloaded: %s", wrong)
        return False
    os.environ.update(environment)
    write_log(str(fresh["LOG_FORMAT"]))
    return True


def _tried(environment: Mapping[str, str]) -> str:
    """Return what is wrong with settings, after making the application of them elsewhere; empty: nothing."""
    everything = {**os.environ, **environment}
    del everything["PROMETHEUS_MULTIPROC_DIR"]
    command = [sys.executable, "-c", "from locator.serving import try_out; try_out()"]
    try:
        done = subprocess.run(  # noqa: S603 - our own command
            command, env=everything, capture_output=True, text=True, timeout=_START_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"the application was not ready after {_START_S} s"
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["no reason given"])[-1]


def _environment(settings: Mapping[str, Value]) -> dict[str, str]:
    return {PREFIX + name: str(value) for name, value in settings.items()}


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens, for all processes."""
    try:
        family, kind, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        raise InvalidValue(
            N_("cannot be listened on: {error}"), field="host", value=host, error=error, mend=N_("correct it")
        ) from error
    listening = socket.socket(family, kind)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(where)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise InvalidValue(
            N_("cannot be listened on: {error}"),
            field="port",
            value=port,
            error=error.strerror,
            mend=N_("choose another: PORT=8001 make run, or locator serve --port 8001"),
        ) from error
    listening.setblocking(False)
    listening.set_inheritable(True)
    return listening
