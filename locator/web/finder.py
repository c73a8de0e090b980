"""The finder: which station is near and can be used; a list first, and without JavaScript."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from flask import Blueprint, Response, current_app, render_template, request, url_for

from locator.hours import STATES
from locator.navigation import APPS
from locator.query import MODES
from locator.station import CATEGORIES, FACILITIES, STATUSES, WAYS_IN
from locator.store.finding import normalised, spoken_forms
from locator.translation import N_, Translator
from locator.web.answers import json_bytes
from locator.web.card import Card, card_of
from locator.web.data import Version, data
from locator.web.door_codes import MOST_ON_PHONES, meant, old_codes
from locator.web.icons import FACILITY_ICONS
from locator.web.language import page_translator
from locator.web.published import Published, published
from locator.web.selection import FLAGS, HEAT_NEEDS, LOADED_UNASKED, Filters, chips
from locator.wording import ADMITTED, WEEKDAYS

__all__ = ["MOST_ON_A_PAGE", "blueprint", "communities"]

blueprint = Blueprint("finder", __name__)

_SHOWN_AT_ONCE = 20
_MOST_LISTED = 100
_MOST_FOUND = 100
_MOST_COMMUNITIES = 200
MOST_ON_A_PAGE = 200
"""Stations of a community that one page of a site of files lists."""
_LONGEST_TEXT = 200  # a link with a code in it
_HOT_C = 35
_MODES = ("walk", "ebike")

# What static/js says; the page hands it over in the reader's language.
_WORDS = {
    "until": N_("until {time}"),
    "opens": N_("opens {time}"),
    "opens_before": N_("opens {time}, {minutes} min before you arrive"),
    "tomorrow": N_("tomorrow {clock}"),
    "always": N_("around the clock"),
    "holidays": N_("holidays of that year not published yet"),
    "today": N_("Today {hours}"),
    "closed_today": N_("closed today"),
    "today_badge": N_("today"),
    "week": N_("Hours of the coming week"),
    "how_in": N_("How to get in"),
    "premises": N_("In the premises of {host}"),
    "there": N_("What is there"),
    "not_there": N_("What is not there"),
    "unknown_of": N_("Nobody knows of {count} more"),
    "comma": N_(", "),
    "or": N_(" or "),
    "minutes": N_("{minutes} min"),
    "hours": N_("{hours} h {minutes} min"),
    "by_walk": N_("on foot"),
    "by_ebike": N_("by e-bike"),
    "yes": N_("there"),
    "no": N_("not there"),
    "unknown": N_("nobody knows"),
    "more": N_("also: {facilities}"),
    "registration_yes": N_("register on the first visit"),
    "registration_no": N_("no registration"),
    "face_only": N_("face scan is the only way in"),
    "verified": N_("verified {month}"),
    "never_verified": N_("never verified"),
    "illustrative": N_("illustrative data"),
    "locating": N_("Finding where you are…"),
    "denied": N_("This phone does not tell where you are. Search by community, street or landmark instead."),
    "failed": N_("The list could not be loaded. Try again when you have a connection."),
    "private": N_("Your position stays on this phone."),
    "nearest": N_("Nearest to you"),
    "found": N_("Found for “{text}”"),
    "all": N_("All stations by community"),
    "no_community": N_("Without a community"),
    "count": N_("{shown} of {all}"),
    "more_button": N_("Show {count} more"),
    "none": N_("No station has all of this."),
    "nothing": N_("Nothing is called that. Try fewer characters, a community or a street."),
    "without": N_("Without “{filter}”: {count}"),
    "and_without": N_("” and “"),
    "left_out": N_("{count} out of service not listed"),
    "show_all": N_("Show all stations"),
    "offline": N_("No connection. Stations as of {time}, their states for now."),
    "as_of": N_("Stations as of {time}."),
    "stale": N_("The hours that this phone has are too old: connect once to renew them."),
    "navigate": N_("Go there"),
    "state_at": N_("State at {time}"),
    "say_where": N_("Say where: tap “Nearest to me”, or name a community."),
    "looked_within": N_("looked at {count} stations within {distance}"),
    "look_further": N_("Look further"),
    "come_closer": N_("Come closer, or look around you: there are too many stations here to show."),
    "embed_problem": N_("This map cannot be shown: {name} cannot be read."),
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address of the page asks for."""

    text: str
    community: str | None
    filters: Filters
    mode: str
    page: int

    def url(self, *, without: tuple[str, ...] = (), **other: object) -> str:
        """Return the address that asks the same, without some filters, or with other arguments."""
        said: dict[str, Any] = {
            "q": self.text or None,
            "community": self.community,
            "mode": self.mode if self.mode != _MODES[0] else None,
            "asked": 1 if _is_hot() else None,
            **self.filters.without(*without).arguments(),
            **other,
        }
        return url_for("finder.finder_page", **{name: value for name, value in said.items() if value is not None})


@blueprint.get("/")
def finder_page() -> str:
    """Show the stations by community, or those that a search finds, with their state now."""
    translate, version, now = page_translator(), data().version(), datetime.now(UTC)
    site = published()
    if site is not None:
        return _page_of_files(site)
    asked, snapshot = _asked(), version.snapshot
    rows = _candidates(version, asked)
    kept = asked.filters.kept(snapshot, rows, now)
    return render_template(
        "finder.html",
        **_frame(translate, asked, len(_listed(version)[1])),
        **_list(version, asked, kept, now, translate),
        matching=len(kept),
        loosened=[
            (
                translate("” and “").join(translate(FLAGS.get(code) or FACILITIES[code]) for code in codes),
                count,
                asked.url(without=codes),
            )
            for codes, count in (asked.filters.loosened(snapshot, rows, now) if not len(kept) else [])
        ],
    )


@blueprint.get("/shell")
def shell_page() -> str:
    """Show the finder without any station: what a phone keeps, to fill it by itself without a connection."""
    asked = _Asked("", None, Filters(), _MODES[0], 1)
    total = len(_listed(data().version())[1])
    return render_template("finder.html", bare=True, **_frame(page_translator(), asked, total))


@blueprint.get("/communities")
def communities_page() -> str:
    """List every community, with a link to its stations."""
    groups, _ = _listed(data().version())
    counts = {name: last - first for name, (first, last) in groups.items()}
    pages = {name: (count, url_for("finder.finder_page", community=name)) for name, count in counts.items()}
    return render_template("communities.html", about=data().about(), communities=pages)


@blueprint.get("/words.json")
def words() -> Response:
    """Answer with what the scripts of every page say in the reader's language."""
    translate = page_translator()
    frame = _frame(translate, _Asked("", None, Filters(), _MODES[0], 1), len(_listed(data().version())[1]))
    return Response(json_bytes(frame["page_data"]), mimetype="application/json")


def communities() -> dict[str, list[int]]:
    """Return the rows of the stations of each community; those closed for good are in none."""
    groups, order = _listed(data().version())
    return {name: order[first:last].tolist() for name, (first, last) in groups.items()}


def _page_of_files(site: Published) -> str:
    """Show the finder above its communities, or the stations of one; no state, which would be of another day."""
    translate, version, asked = page_translator(), data().version(), _asked()
    groups, order = _listed(version)
    if asked.community is not None:
        first, last = groups[asked.community]
        begin = first + (asked.page - 1) * MOST_ON_A_PAGE
        rows = order[begin : min(begin + MOST_ON_A_PAGE, last)].tolist()
        return render_template(
            "community.html",
            about=data().about(),
            community=asked.community,
            count=last - first,
            stations=[version.snapshot.record(row) for row in rows],
            next_url=asked.url(page=asked.page + 1) if begin + MOST_ON_A_PAGE < last else None,
        )
    shown = groups if len(groups) <= _MOST_COMMUNITIES else {}
    return render_template(
        "finder.html",
        **_frame(translate, asked, len(order)),
        communities={name: (last - first, asked.url(community=name)) for name, (first, last) in shown.items()},
        matching=len(order),
        all_communities=len(groups),
        day=site.day,
    )


def _asked() -> _Asked:
    """Return what the address asks; what is not known is passed over."""
    needs = {code.strip() for given in request.args.getlist("needs") for code in given.split(",")}
    flags = {flag for flag in FLAGS if request.args.get(flag) in ("1", "true", "on")}
    filters = Filters(frozenset(needs & FACILITIES.keys()), frozenset(flags))
    if _is_hot() and not request.args:
        filters = Filters(frozenset(HEAT_NEEDS))
    mode = request.args.get("mode", "")
    page = request.args.get("page", "")
    return _Asked(
        text=request.args.get("q", "").strip()[:_LONGEST_TEXT],
        community=request.args.get("community"),
        filters=filters,
        mode=mode if mode in _MODES else _MODES[0],
        page=min(int(page), 10_000) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
    )


def _frame(translate: Translator, asked: _Asked, total: int) -> dict[str, Any]:
    """Return what the page has around its list: the question, and what its scripts need."""
    hot = _is_hot()
    offered = {code: translate(FACILITIES[code]) for code in chips(heat=hot)}
    # What the address asks for has a chip too, whatever it is: nothing is looked for unseen.
    asked_too = {code: translate(FACILITIES[code]) for code in FACILITIES if code in asked.filters.needs}
    flags = {code: translate(label) for code, label in FLAGS.items()}
    site = published()
    cells = site.cells if site else None
    return {
        "about": data().about(),
        "asked": asked,
        "heat_c": current_app.config["HEAT_C"] if hot else None,
        "chips": _ticked_first({**flags, **offered, **asked_too}, asked.filters),
        "flags": flags,
        "modes": {mode: translate(MODES[mode]) for mode in _MODES},
        "page_data": {
            "snapshot": None if cells else url_for("columns.snapshot_columns"),
            "cells": cells,
            "is_published": site is not None,
            "worker": url_for("shell.service_worker"),
            "finder": url_for("finder.finder_page"),
            "station": url_for("stations.station_page", code="{id}").replace("%7Bid%7D", "{id}"),
            "limit": _SHOWN_AT_ONCE,
            "total": total,
            "load_at_once": total <= LOADED_UNASKED and not cells,
            "locale": translate.language,
            "speeds": {mode: data().speeds[mode] for mode in _MODES},
            "old_codes": old_codes() if len(old_codes()) <= MOST_ON_PHONES else {},
            "spoken_of": list(offered),
            "heat_needs": list(HEAT_NEEDS) if hot else [],
            "facility_icons": dict(FACILITY_ICONS),
            "apps": {code: translate(app.label) for code, app in APPS.items()},
            "weekdays": [translate(day) for day in WEEKDAYS],
            "states": {str(state): translate(label) for state, label in STATES.items()},
            "facilities": {code: translate(label) for code, label in FACILITIES.items()},
            "flags": flags,
            "categories": {code: translate(label) for code, label in CATEGORIES.items()},
            "statuses": {code: translate(label) for code, label in STATUSES.items()},
            "ways": {code: translate(label) for code, label in WAYS_IN.items()},
            "admitted": {code or "": translate(label) for code, label in ADMITTED.items()},
            "words": {name: translate(message) for name, message in _WORDS.items()},
        },
    }


def _ticked_first(chips: Mapping[str, str], filters: Filters) -> dict[str, str]:
    """Return chips with those in use first: their line may be longer than the screen is wide."""
    return dict(sorted(chips.items(), key=lambda chip: chip[0] not in filters.needs | filters.flags))


def _list(
    version: Version, asked: _Asked, rows: npt.NDArray[np.intp], now: datetime, translate: Translator
) -> dict[str, Any]:
    """Return the cards of the page, or where there are too many the communities to choose from."""
    spoken_of = chips(heat=_is_hot())
    if not asked.text and asked.community is None and len(rows) > _MOST_LISTED:
        communities, order = _listed(version)
        left = set(rows.tolist())
        counts = {
            name: count
            for name, (first, last) in communities.items()
            if (count := sum(row in left for row in order[first:last]))
        }
        return {"communities": {name: (count, asked.url(community=name)) for name, count in counts.items()}}
    first = (asked.page - 1) * _MOST_LISTED
    shown = rows[first : first + _MOST_LISTED].tolist()
    cards = [card_of(version.snapshot, row, now, translate, spoken_of=spoken_of) for row in shown]
    return {
        "cards": cards,
        "first_of": {} if asked.text else _firsts(cards),
        "shown": len(cards),
        "next_url": asked.url(page=asked.page + 1) if first + len(cards) < len(rows) else None,
    }


def _candidates(version: Version, asked: _Asked) -> npt.NDArray[np.intp]:
    """Return the rows that a text finds, best first; without one those of a community, or all by community."""
    communities, order = _listed(version)
    if asked.text:
        with data().store() as store:
            found = store.search(meant(asked.text), limit=_MOST_FOUND)
        there = [version.snapshot.row_of(one.id) for one in found if one.status != "closed"]
        return np.array([row for row in there if row is not None], dtype=np.intp)
    if asked.community is not None:
        first, last = communities.get(asked.community, (0, 0))
        return order[first:last]
    return order


def _listed(version: Version) -> tuple[Mapping[str, tuple[int, int]], npt.NDArray[np.intp]]:
    """Return all stations but those closed for good, by community and id, and where each community lies in them.

    Communities are in the order of their pinyin; stations that name none come last.
    """

    def listed() -> tuple[Mapping[str, tuple[int, int]], npt.NDArray[np.intp]]:
        groups: dict[str, list[int]] = defaultdict(list)
        for row in range(len(version.snapshot.ids)):
            record = version.snapshot.record(row)
            if record["status"] != "closed":
                groups[record.get("community", "")].append(row)
        names = sorted(groups, key=lambda name: (not name, _spoken(name), name))
        ends = np.cumsum([0, *(len(groups[name]) for name in names)]).tolist()
        order = np.array([row for name in names for row in groups[name]], dtype=np.intp)
        return dict(zip(names, pairwise(ends), strict=True)), order

    return version.once("finder", listed)


def _spoken(name: str) -> str:
    """Return what a name is sorted by: its pinyin, or where it has no Chinese the name itself."""
    form = normalised(name)
    return spoken_forms(form)[0] or form.replace(" ", "")


def _firsts(cards: Iterable[Card]) -> dict[str, str]:
    """Return the first station of each community of a list."""
    firsts: dict[str, str] = {}
    for card in cards:
        firsts.setdefault(card.station.community, card.station.id)
    return firsts


def _is_hot() -> bool:
    return int(current_app.config["HEAT_C"]) >= _HOT_C
