"""`/s/<code>`, the address in the QR code on a door: it leads to the station's page as long as it can be read.

Each visit adds one to the number of that station and hour, and that is all that is kept of it: no address, no
cookie, no browser. The count may lose a few visits when a server is killed; a visitor never waits for it.
"""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime
from http import HTTPStatus

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from locator.errors import StoreError
from locator.journal import LOGGER
from locator.station import no_such_station
from locator.store import hour_of
from locator.web.data import data
from locator.web.door_codes import station_of
from locator.web.language import page_translator

__all__ = ["VisitCounter", "blueprint"]

blueprint = Blueprint("codes", __name__)

_PATIENCE_S = 0.2
_AHEAD = ("Sec-Purpose", "Purpose", "X-Moz")  # a browser that looks ahead is nobody's visit


class VisitCounter:
    """Counts visits, and writes them to the database; while that is being written to, it keeps them for later."""

    def __init__(self) -> None:
        self._waiting: Counter[tuple[str, datetime]] = Counter()
        self._lock = threading.Lock()

    def note(self, station: str, at: datetime) -> None:
        """Count one visit."""
        with self._lock:
            self._waiting[station, hour_of(at)] += 1
            taken, self._waiting = self._waiting, Counter()
        try:
            with data().store(busy_s=_PATIENCE_S) as store:
                store.visits.add(taken)
        except StoreError:
            LOGGER.info("visits are written later: the database is being written to")
            with self._lock:
                self._waiting.update(taken)


@blueprint.get("/s/<code>")
def station_by_code(code: str) -> BaseResponse:
    """Lead from the code on a door to the page of the station."""
    version = data().version()
    station = station_of(version, code)
    if station is None:
        return _not_there(code)
    if request.method == "GET" and not any(request.headers.get(name) for name in _AHEAD):
        counter: VisitCounter = current_app.extensions["visits"]
        counter.note(station, datetime.now(UTC))
    language = request.args.get("lang")
    answer = redirect(url_for("stations.station_page", code=station, lang=language), HTTPStatus.FOUND)
    answer.headers["Cache-Control"] = "no-store"  # a visit that a browser answers by itself is not counted
    return answer


def _not_there(code: str) -> Response:
    with data().store() as store:
        gone = store.old_codes.is_gone(code)
    if not gone:
        raise no_such_station(code)
    detail = page_translator()("This station is no longer there. Others are near.")
    page = render_template("problem.html", status=HTTPStatus.GONE, detail=detail, about=data().about())
    return make_response(page, HTTPStatus.GONE)
