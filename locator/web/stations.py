"""A station's own page: everything that is known of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from flask import Blueprint, current_app, render_template, request, url_for

from locator.album import ADDRESS, named, photo_file
from locator.hours import STATES, Hours, Interval, time_zone
from locator.navigation import APPS, navigation_links
from locator.station import WAYS_IN, Station
from locator.translation import Translator
from locator.web.card import state_of
from locator.web.data import data
from locator.web.language import page_translator
from locator.web.published import Published, published
from locator.wording import WEEKDAYS, admission_text, category_text, facility_lists, span_text, verified_text

__all__ = ["blueprint"]

blueprint = Blueprint("stations", __name__)

_SIZE = (1200, 900)
_SENTENCES = {"admission_text": admission_text, "category_text": category_text, "verified_text": verified_text}


@blueprint.get("/stations/<code>")
def station_page(code: str) -> str:
    """Show one station: its state now, its week, how one gets in, what it has and who says so."""
    translate, snapshot, now = page_translator(), data().snapshot(), datetime.now(UTC)
    row = snapshot.known_row(code)
    station = snapshot.stations[row]
    today = now.astimezone(time_zone(snapshot.zone)).date()
    site = published()
    if site is not None:
        today = site.day
    centre = station.geometry.representative_point()
    mode = "ebike" if site is None and request.args.get("mode") == "ebike" else "walk"
    links = navigation_links(centre.x, centre.y, station.name, mode)
    hours_row = int(snapshot.hours_row[row])
    return render_template(
        "station.html",
        station=station,
        address=url_for("stations.station_page", code=station.id, _external=True),
        centre=centre,
        navigation=[(translate(APPS[app].label), link) for app, link in links.items()],
        photos=_photos(station, site),
        photos_elsewhere=_photos_elsewhere(station, site),
        state_now=lambda: state_of(snapshot, row, now, translate),
        # What many stations have alike is rendered once: these tell which, and what is asked for then.
        like=int(snapshot.entry_row[row]),
        hours_row=hours_row,
        has=tuple(station.facilities.items()),
        today=today,
        monday=today - timedelta(days=today.weekday()),
        week_of=lambda: _week(snapshot.hours[hours_row], today, translate),
        has_staff=station.staffed_hours is not None,
        ways_of=lambda: [translate(WAYS_IN[way]) for way in station.entry.ways],
        facilities_of=lambda: facility_lists(station, translate),
        about=data().about(),
        **_SENTENCES,
    )


def _photos(station: Station, site: Published | None) -> list[tuple[str, int, int]]:
    """Return address, width and height of the photos that the page shows: those whose file is there.

    A site of files has these beside it, and none of another program.
    """
    shown = []
    for address in station.photos:
        name = named(address)
        if name is None:
            # Another program beside this one may hand it out; it is shown in the shape that most photos have.
            if site is None and address.startswith("/") and not address.startswith(ADDRESS):
                shown.append((address, *_SIZE))
        elif found := photo_file(str(current_app.config["PHOTOS"]), name):
            shown.append((url_for("photos.photo", name=name), *(found[1].size or _SIZE)))
    return shown


def _photos_elsewhere(station: Station, site: Published | None) -> list[str]:
    """Return the addresses of photos that the page links to; for a file those of a server are elsewhere."""
    own = (
        [site.server + photo for photo in station.photos if photo.startswith("/") and not _is_here(photo)]
        if site and site.server
        else []
    )
    return [*own, *(photo for photo in station.photos if not photo.startswith("/"))]


def _is_here(photo: str) -> bool:
    name = named(photo)
    return name is not None and photo_file(str(current_app.config["PHOTOS"]), name) is not None


def _week(hours: Hours, today: date, translate: Translator) -> list[dict[str, object]]:
    """Return seven days from Monday: name, whether it is today, its hours as text; nothing if unknown."""
    monday = today - timedelta(days=today.weekday())
    if hours.opening is None:
        return []
    days = []
    for number in range(7):
        day = monday + timedelta(days=number)
        spans = [_span(interval, translate) for interval in hours.intervals(day, 1)]
        days.append({"name": translate(WEEKDAYS[number]), "date": day, "is_today": day == today, "spans": spans})
    return days


def _span(interval: Interval, translate: Translator) -> tuple[str, str, str]:
    """Return a stretch of a day as text, its state and the state's name."""
    return "–".join(span_text(interval)), str(interval.state), translate(STATES[interval.state])
