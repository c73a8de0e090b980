"""The pages of a site, as the application itself makes them, each in a process that has the stations at hand."""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Flask

from locator.errors import StoreError
from locator.translation import N_

__all__ = ["chunks", "page", "shared_out"]

_T = TypeVar("_T")
_work: Callable[[Any], Any] | None = None  # what a process does; set before it is forked


def page(app: Flask, path: str, **asked: object) -> bytes:
    """Return the body of a page, answered by the application's own view without the way there and back.

    Raises
    ------
    StoreError
        The application has no such page.
    """
    environ = {
        "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": path.encode().decode("latin-1"),
        "QUERY_STRING": urlencode(asked), "SERVER_NAME": "localhost", "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost", "wsgi.url_scheme": "http",
    }  # fmt: skip
    with app.request_context(environ):
        answered = app.make_response(app.dispatch_request())
        if answered.status_code != 200:
            raise StoreError(
                N_("there is no such page"), field="path", value=path, mend=N_("report this as a defect")
            )
        answered.direct_passthrough = False
        return answered.get_data()


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
    return _work(piece) if _work else None


def chunks(rows: Iterable[int], size: int) -> list[list[int]]:
    """Return rows in lists of at most `size`."""
    listed = list(rows)
    return [listed[first : first + size] for first in range(0, len(listed), size)]
