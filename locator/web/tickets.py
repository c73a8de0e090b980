"""What users tell of a station: a report in two taps, a rating in two, and what has become of a report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as BaseResponse

from locator.errors import InvalidValue, NotFound
from locator.photo import cleaned_photo
from locator.snapshot import Snapshot
from locator.station import Station
from locator.ticket import KINDS, MAX_TEXT, STARS, STATES, checked_kind, checked_stars, checked_text
from locator.translation import N_
from locator.web.data import data
from locator.web.guard import device_token, form_once, form_token, remember_device
from locator.web.language import page_translator
from locator.web.origin import check_sender
from locator.web.quotas import Turns
from locator.web.told import local_day, public_ticket, today

__all__ = ["blueprint"]

blueprint = Blueprint("tickets", __name__)

_FORM_BYTES = 20_000
_ICONS = {
    "locked": "x",
    "wrong_place": "map-pin",
    "broken": "triangle-alert",
    "out_of_supplies": "coffee",
    "refused_entry": "door-open",
    "other": "circle-question-mark",
}
_STARS_TEXT = {1: N_("bad"), 2: N_("poor"), 3: N_("fair"), 4: N_("good"), 5: N_("very good")}
_OLD = N_(
    "This form was open for too long, or this browser keeps no cookies. Nothing was sent yet: tap once more."
)


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Why a form was not taken, and what to show it with again."""

    status: int
    text: str
    written: str = ""


@blueprint.get("/report/<code>")
def report_form(code: str) -> Response:
    """Ask what is wrong with a station."""
    return _report_page(_station(code))


@blueprint.post("/report/<code>")
def send_report(code: str) -> BaseResponse:
    """Keep a report, and show what has become of it."""
    station = _station(code)
    _check_turn()
    most = int(current_app.config["PHOTO_BYTES"])
    request.max_content_length = most + _FORM_BYTES
    translate = page_translator()
    try:
        once = form_once(f"report {station.id}")
        written = request.form.get("text", "")[: 4 * MAX_TEXT]
        if once is None:
            return _report_page(station, _Trouble(400, translate(_OLD), written))
        kind, text, photo = checked_kind(request.form.get("kind", "")), checked_text(written), _photo(most)
    except RequestEntityTooLarge:
        text = translate("The photo is larger than {limit} MB. Send a smaller one, or none.", limit=most // 10**6)
        return _report_page(station, _Trouble(413, text))
    except InvalidValue as error:
        return _report_page(station, _Trouble(400, error.text(translate), written))
    with data().store() as store:
        number = store.tickets.add(
            station.id, kind, at=datetime.now(UTC), text=text, photo=photo, once=once,
            most_a_day=int(current_app.config["TICKETS_A_DAY"]),
        )  # fmt: skip
    return redirect(url_for("tickets.ticket_page", code=station.id, number=number), 303)


@blueprint.get("/report/<code>/<int:number>")
def ticket_page(code: str, number: int) -> str:
    """Show where a report stands; a station that is gone by now keeps its reports."""
    translate = page_translator()
    with data().store() as store:
        ticket = store.tickets.one(number) if number < 1 << 63 else None
        if ticket is None or ticket.station != code:
            raise NotFound(N_("there is no such report"), mend=N_("look at the page of the station"))
        steps = store.tickets.steps(number)
    row = data().snapshot().row_of(code)
    return render_template(
        "ticket.html",
        ticket=public_ticket(ticket, translate),
        station=None if row is None else data().snapshot().stations[row],
        steps=[(translate(STATES[state]), local_day(at), answer) for state, at, answer in steps],
        **_frame(),
    )


@blueprint.get("/rate/<code>")
def rating_form(code: str) -> Response:
    """Ask how a visit was."""
    return _rating_page(_station(code))


@blueprint.post("/rate/<code>")
def send_rating(code: str) -> BaseResponse:
    """Keep a rating, one a day from each device."""
    station = _station(code)
    _check_turn()
    if form_once(f"rate {station.id}") is None:
        return _rating_page(station, _Trouble(400, page_translator()(_OLD)))
    stars = checked_stars(request.form.get("stars", ""))
    with data().store() as store:
        store.ratings.add(station.id, stars, day=today(), token=device_token())
    return redirect(url_for("tickets.rated_page", code=station.id), 303)


@blueprint.get("/rate/<code>/thanks")
def rated_page(code: str) -> str:
    """Thank for a rating."""
    return render_template("rated.html", station=_station(code), **_frame())


def _report_page(station: Station, trouble: _Trouble | None = None) -> Response:
    translate = page_translator()
    page = render_template(
        "report.html",
        station=station,
        trouble=trouble,
        token=form_token(f"report {station.id}"),
        kinds=[(kind, translate(label), _ICONS[kind]) for kind, label in KINDS.items()],
        icons=sorted(set(_ICONS.values())),
        most_text=MAX_TEXT,
        photo_bytes=int(current_app.config["PHOTO_BYTES"]),
        **_frame(),
    )
    return remember_device(make_response(page, trouble.status if trouble else 200))


def _rating_page(station: Station, trouble: _Trouble | None = None) -> Response:
    translate = page_translator()
    page = render_template(
        "rate.html",
        station=station,
        trouble=trouble,
        token=form_token(f"rate {station.id}"),
        stars=[(number, translate(_STARS_TEXT[number])) for number in STARS],
        **_frame(),
    )
    return remember_device(make_response(page, trouble.status if trouble else 200))


def _check_turn() -> None:
    check_sender()
    turns: Turns = current_app.extensions["turns"]
    turns.take(request.remote_addr or "")


def _photo(most: int) -> bytes | None:
    """Return the photo that came with a report, made anew; None: there is none."""
    sent = request.files.get("photo")
    if sent is None or not sent.filename or not most:
        return None
    given = sent.stream.read(most + 1)
    if len(given) > most:
        raise RequestEntityTooLarge
    return cleaned_photo(given) if given else None


def _station(code: str) -> Station:
    snapshot: Snapshot = data().snapshot()
    return snapshot.stations[snapshot.known_row(code)]


def _frame() -> dict[str, object]:
    return {"about": data().about()}
