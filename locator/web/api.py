"""The JSON API, version 1."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, json, request

from locator.nearest import answer
from locator.station import FACILITIES
from locator.translation import LANGUAGES, translator
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


@blueprint.get("/facilities")
def facilities() -> Response:
    """Answer with the vocabulary of facilities: code, and its label in each language."""
    labels = {code: {lang: translator(lang)(label) for lang in LANGUAGES} for code, label in FACILITIES.items()}
    return _json(
        {"facilities": [{"code": code, "label": label} for code, label in labels.items()]}, "application/json"
    )


def _json(value: object, mimetype: str) -> Response:
    return Response(json.dumps(value), mimetype=mimetype)
