"""For those who watch the server: whether the process lives, whether it can answer, and its figures."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app

from locator.errors import LocatorError
from locator.web.data import data

__all__ = ["blueprint"]

blueprint = Blueprint("health", __name__)

_TEXT = "text/plain"


@blueprint.get("/healthz")
def alive() -> Response:
    """Answer that the process lives."""
    return _said("ok", 200)


@blueprint.get("/readyz")
def ready() -> Response:
    """Answer whether the data is loaded and the database can be read."""
    try:
        with data().store() as store:
            store.stamp()
    except LocatorError:
        # Without the reason: that names files of ours.
        return _said("the database cannot be read", 503)
    return _said(f"ok, revision {data().version().snapshot.revision}", 200)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Answer with the figures that Prometheus reads; where they are not asked for there is nothing."""
    figures = current_app.extensions["figures"]
    if figures is None:
        abort(404)
    return _said(figures.text(data()), 200, "text/plain; version=0.0.4")


def _said(text: str | bytes, status: int, media: str = _TEXT) -> Response:
    return Response(text, status, content_type=f"{media}; charset=utf-8", headers={"Cache-Control": "no-store"})
