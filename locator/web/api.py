"""The JSON API, version 1."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, json, request

from locator.station import FACILITIES
from locator.translation import LANGUAGES, translator
from locator.web.data import data
from locator.web.language import page_translator, speak
from locator.web.nearest import NEAREST_TYPE, nearest_body
from locator.web.params import body_or_arguments

__all__ = ["blueprint"]

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.route("/nearest", methods=["GET", "POST"])
def nearest_stations() -> Response:
    """Answer with the k nearest usable stations as GeoJSON."""
    asked = body_or_arguments(request)
    speak(asked.get("lang"))
    body = nearest_body(data(), asked, page_translator(), now=datetime.now(UTC))
    return Response(body, mimetype=NEAREST_TYPE)


@blueprint.get("/facilities")
def facilities() -> Response:
    """Answer with the vocabulary of facilities: code, and its label in each language."""
    labels = {code: {lang: translator(lang)(label) for lang in LANGUAGES} for code, label in FACILITIES.items()}
    return _json(
        {"facilities": [{"code": code, "label": label} for code, label in labels.items()]}, "application/json"
    )


def _json(value: object, mimetype: str) -> Response:
    return Response(json.dumps(value), mimetype=mimetype)
