"""The finder: which station is near and can be used; a list first, and without JavaScript."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime

from flask import Blueprint, Response, json, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from locator.hours import STATES
from locator.snapshot import Snapshot
from locator.station import FACILITIES
from locator.translation import N_
from locator.web.card import CHIPS, FLAGS, Card, Filters, card_of, phone_record
from locator.web.data import data
from locator.web.language import page_translator

__all__ = ["blueprint"]

blueprint = Blueprint("finder", __name__)

_SHOWN_AT_ONCE = 20
_MOST_FOUND = 100

# What static/js says; the page hands it over in the reader's language.
_WORDS = {
    "until": N_("until {time}"),
    "opens": N_("opens {time}"),
    "opens_before": N_("opens {time}, {minutes} min before you arrive"),
    "tomorrow": N_("tomorrow {clock}"),
    "always": N_("around the clock"),
    "walk": N_("about {minutes} min on foot (straight line)"),
    "illustrative": N_("illustrative data"),
    "locating": N_("Finding where you are…"),
    "denied": N_(
        "Your position is not available. Search by community or street below; the list works without it."
    ),
    "failed": N_("The list could not be loaded. Try again when you have a connection."),
    "nearest": N_("Nearest to you"),
    "count": N_("{shown} of {all} stations"),
    "none": N_("No station has all of this. Leave out a filter, or look at another time."),
    "private": N_("Your position stays on this phone."),
}


@blueprint.get("/")
def finder_page() -> str:
    """Show the stations by community, or those that a search finds, with their state now."""
    translate, snapshot, now = page_translator(), data().snapshot(), datetime.now(UTC)
    text = request.args.get("q", "").strip()[:100]
    filters = _filters()
    cards = [card_of(snapshot, row, now, translate) for row in _rows(snapshot, text)]
    kept = [card for card in cards if filters.keep(card)]
    return render_template(
        "finder.html",
        groups=_by_community(kept),
        shown=len(kept),
        total=len(cards),
        text=text,
        filters=filters,
        chips={code: translate(FACILITIES[code]) for code in CHIPS},
        flags={code: translate(label) for code, label in FLAGS.items()},
        about=_about(),
        page_data={
            "stations": url_for("finder.stations_json", lang=translate.language),
            "limit": _SHOWN_AT_ONCE,
            "zone": snapshot.zone,
            "locale": translate.language,
            "walk_m_per_s": data().speeds["walk"],
            "states": {str(state): translate(label) for state, label in STATES.items()},
            "words": {name: translate(message) for name, message in _WORDS.items()},
        },
    )


@blueprint.get("/finder/stations.json")
def stations_json() -> BaseResponse:
    """Answer with all stations for a phone that ranks them itself; it is asked for nothing, told no position."""
    translate, snapshot, now = page_translator(), data().snapshot(), datetime.now(UTC)
    rows = [row for row, station in enumerate(snapshot.stations) if station.status == "operating"]
    records = [
        phone_record(
            snapshot, row, now, translate, url_for("stations.station_page", code=snapshot.stations[row].id)
        )
        for row in rows
    ]
    response = Response(json.dumps({"stations": records}), mimetype="application/json")
    response.headers["Cache-Control"] = "private, max-age=60"
    response.add_etag()
    return response.make_conditional(request)


def _filters() -> Filters:
    """Return the filters of the URL: `needs` given often or with commas; what is not known is passed over."""
    needs = {code.strip() for given in request.args.getlist("needs") for code in given.split(",")}
    flags = {flag for flag in FLAGS if request.args.get(flag) in ("1", "true", "on")}
    return Filters(frozenset(needs & FACILITIES.keys()), frozenset(flags))


def _rows(snapshot: Snapshot, text: str) -> list[int]:
    """Return the rows of the stations that a text finds, best first; without one all but those closed for good."""
    rows = {station.id: row for row, station in enumerate(snapshot.stations) if station.status != "closed"}
    if not text:
        return list(rows.values())
    with data().store() as store:
        found = store.search(text, limit=_MOST_FOUND)
    return [rows[station.id] for station in found if station.id in rows]


def _by_community(cards: Iterable[Card]) -> dict[str, list[Card]]:
    groups: dict[str, list[Card]] = defaultdict(list)
    for card in cards:
        groups[card.station.community].append(card)
    # Those that name no community come last.
    return dict(sorted(groups.items(), key=lambda group: (not group[0], group[0])))


def _about() -> dict[str, object]:
    with data().store() as store:
        return store.meta()
