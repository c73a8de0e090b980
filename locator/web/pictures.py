"""The pictures that chats show of a link to a station, or to the finder."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as BaseResponse

from locator.assets import asset_folder
from locator.posters.picture import link_picture
from locator.web.data import data
from locator.web.language import page_translator
from locator.wording import category_text

__all__ = ["blueprint"]

blueprint = Blueprint("pictures", __name__)


@blueprint.get("/picture/<code>.png")
def station_picture(code: str) -> BaseResponse:
    """Answer with the picture of a station; where no font has its characters, with the icon of the site."""
    translate, snapshot = page_translator(), data().snapshot()
    row = snapshot.known_row(code)
    station = snapshot.stations[row]
    name = data().about().get("name", {}).get(translate.language, "")
    lines = (category_text(station, translate), station.address or station.street, station.community)
    return _answer(link_picture(station.name, lines, name or translate("Station finder")))


@blueprint.get("/picture.png")
def site_picture() -> BaseResponse:
    """Answer with the picture of the finder."""
    translate, about = page_translator(), data().about()
    name = about.get("name", {}).get(translate.language, "")
    title = translate("Find a station you can use now")
    lines = (name, translate("illustrative data") if about.get("illustrative") else "")
    return _answer(link_picture(title, lines, translate("Stations")))


def _answer(drawn: bytes | None) -> BaseResponse:
    """Return a picture; where no font has its characters, the icon of the site."""
    if drawn is None:
        drawn = (asset_folder("static") / "icons" / "icon-512.png").read_bytes()
    response = Response(drawn, mimetype="image/png")
    response.headers["Cache-Control"] = "public, max-age=86400"
    response.add_etag()
    return response.make_conditional(request)
