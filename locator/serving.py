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

    host, port = str(settings["HOST"]), int(settings["PORT"])
    _check_free(host, port)
    os.environ.update({PREFIX + name: str(value) for name, value in settings.items()})
    server = Granian(
        "locator.web:serve_app",
        factory=True,
        interface=Interfaces.WSGI,
        address=host,
        port=port,
        workers=int(settings["WORKERS"]),
        blocking_threads=_THREADS,
        # Its access log would write request lines, and with them the positions in them.
        log_access=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
    )
    ready()
    server.serve()


def _check_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise InvalidValue(
                N_("cannot be listened on: {error}"),
                field="port",
                value=port,
                error=error.strerror,
                mend=N_("choose another: PORT=8001 make run, or locator serve --port 8001"),
            ) from error
