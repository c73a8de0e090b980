"""The pages of a site, as the application itself makes them, each in a process that has the stations at hand."""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from flask import Flask, request

from locator.errors import StoreError
from locator.garbage import uncollected
from locator.translation import N_

__all__ = ["chunks", "page", "shared_out", "station_pages"]

_STATION = "stations.station_page"
_T = TypeVar("_T")
_work: Callable[[Any], Any] | None = None  # what a process does; set before it is forked


def page(app: Flask, path: str, **asked: object) -> bytes:
    """Return the body of a page, answered by the application's own view without the way there and back.

    Raises
    ------
    StoreError
        The application has no such page.
    """
    with app.request_context(_asking(path, **asked)):
        answered = app.make_response(app.dispatch_request())
        if answered.status_code != 200:
            raise StoreError(
                N_("there is no such page"), field="path", value=path, mend=N_("report this as a defect")
            )
        answered.direct_passthrough = False
        return answered.get_data()


def station_pages(app: Flask, codes: Sequence[str], language: str) -> Iterator[bytes]:
    """Return the bodies of stations' pages in a language: one request, which asks for one after the other."""
    view = cast("Callable[..., str]", app.view_functions[_STATION])
    with app.request_context(_asking(f"/stations/{codes[0]}", lang=language)):
        for code in codes:
            request.view_args = {"code": code}
            yield view(code=code).encode()


def _asking(path: str, **asked: object) -> dict[str, Any]:
    """Return what WSGI says of a request."""
    return {
        "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": path.encode().decode("latin-1"),
        "QUERY_STRING": urlencode(asked), "SERVER_NAME": "localhost", "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost", "wsgi.url_scheme": "http",
    }  # fmt: skip


def shared_out(work: Callable[[_T], Any], pieces: Sequence[_T], *, processes: int) -> Iterator[Any]:
    """Do work on pieces in several processes, copies of this one; results in the order of the pieces."""
    global _work  # noqa: PLW0603 - a forked process finds it there; nothing of it could be sent
    if processes == 1 or len(pieces) < 2 or "fork" not in multiprocessing.get_all_start_methods():
        yield from map(work, pieces)
        return
    _work = work
    # What is there now is shared by all processes as long as nobody looks through it for garbage.
    gc.collect()
    gc.freeze()
    try:
        with multiprocessing.get_context("fork").Pool(processes) as pool:
            yield from pool.imap(_do, pieces)
    finally:
        _work = None
        gc.unfreeze()


def _do(piece: object) -> object:
    # What a page leaves behind is let go with it; looking for more takes a fifth of the time.
    with uncollected():
        return _work(piece) if _work else None


def chunks(rows: Iterable[int], size: int) -> list[list[int]]:
    """Return rows in lists of at most `size`."""
    listed = list(rows)
    return [listed[first : first + size] for first in range(0, len(listed), size)]
