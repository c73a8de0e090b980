"""What is noted of each request: a log line and, when asked for, the figures that Prometheus reads."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, current_app, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

from locator.journal import LOGGER, note_request
from locator.web.figures import Figures

__all__ = ["note", "request_id", "watch_requests"]

_UNKNOWN = "(none)"
# It tells requests apart and keeps nothing secret; the system's own generator takes longer than reading a request.
_CHANCE = random.Random()  # noqa: S311
_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


def watch_requests(app: Flask) -> None:
    """Note every request of an application, by the template of its address and never the address itself."""
    proxies = int(app.config["TRUSTED_PROXIES"])
    if proxies:
        # Who asks and by which scheme, as the nearest so many proxies say; a host name may come from anybody.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    app.extensions["figures"] = Figures() if app.config["METRICS"] else None
    app.before_request(_begin)
    app.after_request(_end)
    app.log_exception = _log_exception  # type: ignore[method-assign]


def request_id(config: Mapping[str, Any], given: str) -> str:
    """Return the id to follow a request by: a proxy's own, for anybody's could say anything; or a new one."""
    if config["TRUSTED_PROXIES"] and _ID.fullmatch(given):
        return given
    return f"{_CHANCE.getrandbits(64):016x}"


def note(app: Flask, method: str, route: str, status: int, *, seconds: float, request_id: str) -> None:
    """Note an answered request in the figures and in the log, as far as the settings ask for them."""
    figures: Figures | None = app.extensions["figures"]
    if figures is not None:
        figures.note(method=method, route=route, status=status, seconds=seconds)
    if app.config["LOG_REQUESTS"]:
        note_request(method=method, route=route, status=status, seconds=seconds, request_id=request_id)


def _begin() -> None:
    g.began = time.perf_counter()
    g.request_id = request_id(current_app.config, request.headers.get("X-Request-ID", ""))


def _end(response: Response) -> Response:
    if "began" not in g:
        # The host was not trusted: nothing was begun.
        _begin()
    seconds = time.perf_counter() - g.began
    route = str(request.url_rule) if request.url_rule else _UNKNOWN
    response.headers["X-Request-ID"] = g.request_id
    note(current_app, request.method, route, response.status_code, seconds=seconds, request_id=g.request_id)
    return response


def _log_exception(exc_info: Any) -> None:  # noqa: ANN401 - as Flask has it
    """Log where an error happened; Flask's own line would hold the address, and the error's message more."""
    LOGGER.error(
        "error while answering", exc_info=exc_info, extra={"fields": {"request_id": g.get("request_id", "")}}
    )
