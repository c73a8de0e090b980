"""The nearest stations, for programs."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, request

from locator.web.answers import GEOJSON
from locator.web.data import data
from locator.web.language import page_translator, speak
from locator.web.nearest import Question
from locator.web.params import body_or_arguments

__all__ = ["blueprint"]

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.route("/nearest", methods=["GET", "POST"])
def nearest_stations() -> Response:
    """Answer with the k nearest usable stations as GeoJSON."""
    asked = body_or_arguments(request)
    speak(asked.get("lang"))
    question = Question.of(data(), asked, page_translator(), now=datetime.now(UTC))
    return Response(question.body(), mimetype=GEOJSON)
