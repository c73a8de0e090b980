"""A production server for the web application."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping

from locator.errors import InvalidValue
from locator.settings import PREFIX
from locator.translation import N_

__all__ = ["serve"]

_THREADS = 4  # of Python in each process: answers take milliseconds, more would only wait for each other
_KILL_S = 5


def serve(settings: Mapping[str, str | int | float], *, ready: Callable[[], None]) -> None:
    """Serve until a signal stops it.

    Parameters
    ----------
    settings
        As `read_settings` returns them; the server's processes read them from the environment.
    ready
        Called once, when the port is known to be free.

    Raises
    ------
    InvalidValue
        The port is taken, or the address is not one of this machine's.
    """
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    port = int(settings["PORT"])
    address = _free_address(str(settings["HOST"]), port)
    os.environ.update({PREFIX + name: str(value) for name, value in settings.items()})
    server = Granian(
        "locator.web:serve_app",
        factory=True,
        interface=Interfaces.WSGI,
        address=address,
        port=port,
        workers=int(settings["WORKERS"]),
        blocking_threads=_THREADS,
        # Its access log would write request lines, and with them the positions in them.
        log_access=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        # Told to stop while it still starts, a process may miss it.
        workers_kill_timeout=_KILL_S,
    )
    ready()
    server.serve()


def _free_address(host: str, port: int) -> str:
    """Return the number of a host's address, after listening there for a moment."""
    try:
        family, kind, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        raise InvalidValue(
            N_("cannot be listened on: {error}"), field="host", value=host, error=error, mend=N_("correct it")
        ) from error
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(where)
        except OSError as error:
            raise InvalidValue(
                N_("cannot be listened on: {error}"),
                field="port",
                value=port,
                error=error.strerror,
                mend=N_("choose another: PORT=8001 make run, or locator serve --port 8001"),
            ) from error
    return str(where[0])
