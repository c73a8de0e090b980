"""The JSON API, version 1."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, request

from locator.nearest import answer
from locator.web.data import data
from locator.web.language import page_translator, speak
from locator.web.params import body_or_arguments, query_of

__all__ = ["blueprint"]

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.route("/nearest", methods=["GET", "POST"])
def nearest_stations() -> Response:
    """Answer with the k nearest usable stations as GeoJSON."""
    snapshot = data().snapshot()
    asked = body_or_arguments(request)
    speak(asked.get("lang"))
    query, lowered = query_of(asked, zone=snapshot.zone, now=datetime.now(UTC), speeds=data().speeds)
    body = (
        data()
        .scribe(snapshot, page_translator())
        .geojson(answer(snapshot, query), limit=query.limit, limit_lowered=lowered)
    )
    return Response(body, mimetype="application/geo+json")
