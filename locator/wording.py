"""Sentences that say what a record means: the state, how one gets in, when it was verified."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, cast

from locator.hours import STATES, Hours, Interval, Outlook, State, time_zone
from locator.query import Match
from locator.station import ADMITS, CATEGORIES, FACILITIES, WAYS_IN, Entry, Station
from locator.translation import N_, Translator

__all__ = [
    "ADMITTED",
    "ALWAYS",
    "WEEKDAYS",
    "Reason",
    "admission_text",
    "category_text",
    "distance_text",
    "entry_reasons",
    "entry_text",
    "facility_lists",
    "hours_reason",
    "is_always",
    "month_text",
    "opens_before_text",
    "span_text",
    "state_text",
    "today_text",
    "verified_text",
    "when_text",
]

ALWAYS = timedelta(days=7)
"""What lasts longer is around the clock, as far as people ask."""

WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


ADMITTED: dict[str | None, str] = {
    "everyone": N_("Anyone may go in"),
    "outdoor_workers": N_("Outdoor workers may go in"),
    "members": N_("Union members may go in"),
    None: N_("Who may go in is not known"),
}
"""Whether the reader may go in, by the code of `ADMITS`."""


def state_text(outlook: Outlook, at: datetime, station: Station, zone: str, translate: Translator) -> str:
    """Return the state at a moment and what comes next: 营业中 · 22:00 关门."""
    parts = [translate(STATES[outlook.state])]
    if outlook.state.is_usable:
        if is_always(outlook, at):
            parts.append(translate("around the clock"))
        else:
            end = cast("datetime", outlook.usable_until)
            parts.append(translate("until {time}", time=when_text(end, at, zone, translate)))
    elif outlook.state is State.UNKNOWN:
        parts.append(verified_text(station, translate))
    elif outlook.opens_at is not None:
        parts.append(translate("opens {time}", time=when_text(outlook.opens_at, at, zone, translate)))
    if not outlook.holidays_known:
        parts.append(translate("holidays of that year not published yet"))
    return " · ".join(parts)


class Reason(NamedTuple):
    """Why a station is in an answer, or what stands in the way: a code for programs, a sentence for people."""

    code: str
    text: str


def entry_reasons(entry: Entry, translate: Translator, *, is_self_service: bool) -> list[Reason]:
    """Return what one needs to get in, as far as it is known."""
    found = []
    ways = translate(" or ").join(translate(WAYS_IN[way]) for way in entry.ways)
    if is_self_service:
        text = translate("self-service, needs {ways}", ways=ways) if ways else translate("self-service")
        found.append(Reason("self_service", text))
    elif ways:
        found.append(Reason("entry", ways))
    if entry.registration:
        found.append(Reason("registration", translate("register on the first visit")))
    if entry.face_only:
        found.append(Reason("face_only", translate("face scan is the only way in")))
    return found


def hours_reason(outlook: Outlook, at: datetime, station: Station, zone: str, translate: Translator) -> Reason:
    """Return what its hours have to do with it: open until 22:00; hours unknown, last verified 2026-03."""
    if outlook.state.is_usable:
        if is_always(outlook, at):
            return Reason("open_always", translate("open around the clock"))
        until = when_text(cast("datetime", outlook.usable_until), at, zone, translate)
        return Reason("open_until", translate("open until {time}", time=until))
    if outlook.state is State.UNKNOWN:
        verified = station.provenance.location_verified
        if verified is None:
            return Reason("hours_unknown", translate("hours unknown, never verified"))
        text = translate("hours unknown, last verified {month}", month=month_text(verified))
        return Reason("hours_unknown", text)
    if outlook.opens_at is None:
        return Reason("closed", translate("closed"))
    time = when_text(outlook.opens_at, at, zone, translate)
    return Reason("closed", translate("closed, opens {time}", time=time))


def opens_before_text(match: Match, zone: str, translate: Translator) -> str:
    """Return that a station is shut when one sets out and open when one gets there; else nothing."""
    if match.travel_s == 0 or not match.state.is_usable:
        return ""
    opens = match.snapshot.outlook(match.row, match.sets_out).opens_at
    if opens is None or opens > match.arrives:
        return ""
    minutes = int((match.arrives - opens).total_seconds() // 60)
    time = when_text(opens, match.sets_out, zone, translate)
    return translate("opens {time}, {minutes} min before you arrive", time=time, minutes=minutes)


def is_always(outlook: Outlook, at: datetime) -> bool:
    """Whether a station that can be used is open around the clock, as far as people ask."""
    end = outlook.usable_until
    return end is None or end.astimezone(UTC) - at.astimezone(UTC) > ALWAYS


def when_text(moment: datetime, at: datetime, zone: str, translate: Translator) -> str:
    """Return a moment as people say it at another: 22:00, tomorrow 02:00, Mon 08:00, 2026-12-24 08:00."""
    local, now = (m.astimezone(time_zone(zone)) for m in (moment, at))
    clock = f"{local:%H:%M}"
    days = (local.date() - now.date()).days
    if days == 0:
        return clock
    if days == 1:
        return translate("tomorrow {clock}", clock=clock)
    if 0 < days < 7:
        return f"{translate(WEEKDAYS[local.weekday()])} {clock}"
    return f"{local:%Y-%m-%d} {clock}"


def entry_text(entry: Entry, translate: Translator) -> str:
    """Return how one gets in: which of the ways, registration, and whom the station admits."""
    parts = []
    if entry.ways:
        parts.append(translate(" or ").join(translate(WAYS_IN[way]) for way in entry.ways))
    if entry.registration is not None:
        parts.append(
            translate("register on the first visit") if entry.registration else translate("no registration")
        )
    if entry.admits is not None:
        parts.append(translate("for {people}", people=translate(ADMITS[entry.admits])))
    if entry.face_only:
        parts.append(translate("face scan is the only way in"))
    parts += [text for text in (entry.host, entry.door, entry.floor) if text]
    return " · ".join(parts) if parts else translate("entry conditions unknown")


def admission_text(entry: Entry, translate: Translator) -> str:
    """Return whether the reader may go in, and what it takes: 户外劳动者可以进 · 首次需登记 · 门口扫码."""
    parts = [translate(ADMITTED[entry.admits])]
    if entry.registration is not None:
        parts.append(
            translate("register on the first visit") if entry.registration else translate("no registration")
        )
    if entry.ways:
        parts.append(translate(" or ").join(translate(WAYS_IN[way]) for way in entry.ways))
    if entry.face_only:
        parts.append(translate("face scan is the only way in"))
    return " · ".join(parts)


def today_text(hours: Hours, day: date, translate: Translator) -> str:
    """Return the hours of a day: 08:00–12:00、14:00–20:00; nothing where nobody knows them."""
    intervals = hours.intervals(day, 1)
    if any(not interval.state.is_usable for interval in intervals):
        return ""
    spans = [span_text(interval) for interval in intervals]
    return translate(", ").join(_joined(spans)) or translate("closed today")


def span_text(interval: Interval) -> tuple[str, str]:
    """Return begin and end of a stretch of one day; midnight at its end is 24:00."""
    ends_at_midnight = interval.end.date() != interval.start.date()
    return f"{interval.start:%H:%M}", "24:00" if ends_at_midnight else f"{interval.end:%H:%M}"


def _joined(spans: list[tuple[str, str]]) -> list[str]:
    """Return stretches as texts, those that touch as one: staffed or not, it is open."""
    joined: list[tuple[str, str]] = []
    for begin, end in spans:
        if joined and joined[-1][1] == begin:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((begin, end))
    # Word joiners: no line ends within a stretch.
    return [f"{begin}\u2060–\u2060{end}" for begin, end in joined]


def verified_text(station: Station, translate: Translator) -> str:
    """Return when the place was last verified, by month."""
    verified = station.provenance.location_verified
    return translate("verified {month}", month=month_text(verified)) if verified else translate("never verified")


def month_text(day: date) -> str:
    """Return a day's year and month."""
    return f"{day:%Y-%m}"


def distance_text(distance_m: float) -> str:
    """Return a distance as people read it: 350 m, 1.2 km."""
    if distance_m < 995:
        return f"{round(distance_m, -1):.0f} m" if distance_m >= 100 else f"{distance_m:.0f} m"
    return f"{distance_m / 1000:.1f} km" if distance_m < 99_950 else f"{distance_m / 1000:,.0f} km"


def facility_lists(station: Station, translate: Translator) -> dict[str, list[str]]:
    """Return the labels of the facilities that are there (`yes`), are not (`no`), and of which nobody knows."""
    lists: dict[str, list[str]] = {"yes": [], "no": [], "unknown": []}
    for code, label in FACILITIES.items():
        there = station.has(code)
        lists["unknown" if there is None else "yes" if there else "no"].append(translate(label))
    return lists


def category_text(station: Station, translate: Translator) -> str:
    """Return the name of a station's category."""
    return translate(CATEGORIES[station.category])
