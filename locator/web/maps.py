"""The map page."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, render_template, request, url_for

from locator.hours import time_zone
from locator.web.bases import map_base
from locator.web.data import data
from locator.web.language import page_translator
from locator.web.published import published

__all__ = ["blueprint"]

blueprint = Blueprint("maps", __name__)


@blueprint.get("/map")
def station_map_page() -> str:
    """Show every station on a map, with its state now; `?station=` begins with one of them."""
    # Imported here: Folium brings pandas, which the finder does without.
    from locator.maps.stations import View, station_map
    from locator.maps.surroundings import load_surroundings

    snapshot, site = data().snapshot(), published()
    # What is a file holds no states: static/js/published-map.js tells them when it is opened.
    now = datetime.now(UTC).astimezone(time_zone(snapshot.zone)) if site is None else None
    with data().store() as store:
        surroundings = load_surroundings(store)
    page = station_map(
        snapshot,
        now,
        page_translator(),
        surroundings=surroundings,
        station_url=url_for("stations.station_page", code="{id}").replace("%7Bid%7D", "{id}"),
        base=map_base(),
        view=View(focus=request.args.get("station", "")),
    )
    return render_template("map.html", page=page, about=surroundings.about)
