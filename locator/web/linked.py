"""A station as search engines and chats read it: schema.org in JSON-LD, Open Graph, and whether to list it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeAlias

from flask import Flask
from markupsafe import Markup

from locator.hours import Hours, time_zone
from locator.maps.text import json_block
from locator.station import FACILITIES, Station
from locator.translation import Translator
from locator.web.addresses import alternates, public_address
from locator.web.data import data
from locator.web.language import page_translator
from locator.web.published import published
from locator.web.told import Told, told
from locator.wording import admission_text, category_text

__all__ = ["link_data", "station_description", "station_linked_data"]

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
Times: TypeAlias = tuple[str, str]
"""When it opens and when it closes, by the clock."""

_ADDRESS = {"addressLocality": "community", "streetAddress": "address"}


def link_data(app: Flask) -> None:
    """Give templates what they say of a station to machines."""
    app.context_processor(
        lambda: {
            "linked_data": lambda station, address: Markup(json_block(station_linked_data(station, address))),  # noqa: S704
            "description_of": lambda station: station_description(station, page_translator()),
            "public_address": public_address,
            "alternates": alternates,
        }
    )


def station_description(station: Station, translate: Translator) -> str:
    """Return one sentence that tells what a station is, where, who may go in and what it has."""
    offered = [translate(FACILITIES[code]) for code, there in station.facilities.items() if there]
    parts = [
        category_text(station, translate),
        station.address or station.street or station.community,
        admission_text(station.entry, translate),
        translate(", ").join(offered[:8]),
    ]
    return " · ".join(part for part in parts if part)


def station_linked_data(station: Station, address: str) -> dict[str, Any]:
    """Return a station as schema.org has it; only what is known is said.

    The hours are those of the coming seven days, true for these dates: holidays and closures are considered. A
    page that is a file tells those of the two weeks from the Monday on which its own week begins, and no ratings,
    which would be of another day.
    """
    snapshot, translate, site = data().snapshot(), page_translator(), published()
    row = snapshot.row_of(station.id)
    centre = station.geometry.representative_point()
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "CivicStructure",
        "@id": address,
        "url": address,
        "name": station.name,
        "identifier": station.id,
        "geo": {"@type": "GeoCoordinates", "latitude": round(centre.y, 6), "longitude": round(centre.x, 6)},
        "address": _address(station, snapshot.country),
        "amenityFeature": [
            {"@type": "LocationFeatureSpecification", "name": translate(FACILITIES[code]), "value": there}
            for code, there in station.facilities.items()
        ],
    }
    if station.phone:
        found["telephone"] = station.phone
    if station.capacity is not None:
        found["maximumAttendeeCapacity"] = station.capacity
    if station.entry.anyone is not None:
        found["publicAccess"] = station.entry.anyone
    if row is not None and station.status == "operating":
        hours = snapshot.hours[int(snapshot.hours_row[row])]
        if site is not None:
            return found | _opening(hours, site.day - timedelta(days=site.day.weekday()), 2)
        found |= _opening(hours, datetime.now(UTC).astimezone(time_zone(snapshot.zone)).date(), 1)
    return found if site is not None else found | _rated(told(station.id))


def _address(station: Station, country: str) -> dict[str, str]:
    said = {name: getattr(station, field) for name, field in _ADDRESS.items()}
    said["streetAddress"] = said["streetAddress"] or station.street
    told_of = {name: text for name, text in said.items() if text}
    return {"@type": "PostalAddress", "addressCountry": country, **told_of}


@lru_cache(maxsize=1_000)  # thousands of stations have the same hours
def _opening(hours: Hours, first: date, weeks: int) -> dict[str, Any]:
    if hours.opening is None:
        return {}
    told: list[tuple[date, date, dict[Times, list[str]]]] = []
    for number in range(weeks):
        begin = first + timedelta(days=7 * number)
        end, week = begin + timedelta(days=6), _week(hours, begin)
        if told and told[-1][2] == week:
            told[-1] = (told[-1][0], end, week)
        else:
            told.append((begin, end, week))
    specifications = [
        {
            "@type": "OpeningHoursSpecification",
            "dayOfWeek": days,
            "opens": opens,
            "closes": closes,
            "validFrom": begin.isoformat(),
            "validThrough": end.isoformat(),
        }
        for begin, end, week in told
        for (opens, closes), days in week.items()
    ]
    return {"openingHoursSpecification": specifications}


def _week(hours: Hours, first: date) -> dict[Times, list[str]]:
    """Return the weekdays on which it can be used from one time to another, in the week that a day begins."""
    found: dict[Times, list[str]] = {}
    for number in range(7):
        day = first + timedelta(days=number)
        for interval in hours.intervals(day, 1):
            if interval.state.is_usable:
                ends_at_midnight = interval.end.date() != interval.start.date()
                closes = "23:59" if ends_at_midnight else f"{interval.end:%H:%M}"
                days = found.setdefault((f"{interval.start:%H:%M}", closes), [])
                days.append(f"https://schema.org/{_DAYS[day.weekday()]}")
    return found


def _rated(heard: Told) -> dict[str, Any]:
    if heard.mean is None:
        return {}
    rating = {"ratingValue": round(heard.mean, 1), "ratingCount": heard.ratings, "bestRating": 5, "worstRating": 1}
    return {"aggregateRating": {"@type": "AggregateRating", **rating}}
