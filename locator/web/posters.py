"""The poster of a station, to be looked at and printed from a browser; PDF is made by `locator poster`."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, request, url_for

from locator.hours import time_zone
from locator.posters.page import SIZES, poster_of, posters_page
from locator.web.addresses import public_address
from locator.web.data import data
from locator.web.headers import page_nonce
from locator.web.language import page_translator

__all__ = ["blueprint"]

blueprint = Blueprint("posters", __name__)


@blueprint.get("/poster/<code>")
def poster_page(code: str) -> str:
    """Show the poster of a station as it will be printed, on A4 or A5."""
    translate, snapshot = page_translator(), data().snapshot()
    row = snapshot.known_row(code)
    size = request.args.get("size", "")
    site = data().about().get("name", {}).get(translate.language, "")
    poster = poster_of(
        snapshot.stations[row],
        snapshot.hours[int(snapshot.hours_row[row])],
        datetime.now(UTC).astimezone(time_zone(snapshot.zone)).date(),
        public_address("codes.station_by_code", code=code),
        translate,
    )
    return posters_page(
        [poster], translate, size=size if size in SIZES else "a4", site=site, nonce=page_nonce(),
        home=url_for("stations.station_page", code=code),
    )  # fmt: skip
