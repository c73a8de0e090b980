"""What the columns of the measures' tables are called, and their values as people read them."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from locator.coverage.facilities import ASKED
from locator.coverage.saying import COUNTED
from locator.translation import N_, Translator

__all__ = ["cell", "heading", "shown"]

_HEADINGS: dict[str, str] = {
    "alternatives_count": N_("Other sites nearly as good"),
    "busiest": N_("Mostly at"),
    "change": N_("Change"),
    "cost_per_person": N_("Cost per person more (CNY a year)"),
    "cost_per_person_hour": N_("Cost per weekly person-hour more (CNY a year)"),
    "detail": N_("Detail"),
    "difference": N_("Difference"),
    "first": N_("Before"),
    "hours_more": N_("Hours a week more"),
    "instead_of": N_("Instead of"),
    "number": N_("Number"),
    "people_gained": N_("Gain a station"),
    "people_lost": N_("Lose their station"),
    "people_more": N_("Served more"),
    "person_hours_more": N_("Person-hours a week more"),
    "scenario": N_("Scenario"),
    "second": N_("After"),
    "share_first": N_("Share before"),
    "share_second": N_("Share after"),
    "cost_more": N_("Costs more by (CNY a year)"),
    "share_of_gain": N_("Of what it brings"),
    "unit": N_("Unit"),
    "alternatives": N_("Nearly as good instead"),
    "before": N_("Covered today"),
    "after": N_("Covered with the plan"),
    "bound": N_("No choice surpasses"),
    "changed": N_("Changed hours"),
    "closed": N_("Closed"),
    "cost": N_("Cost a year (CNY)"),
    "gap": N_("Gap"),
    "model": N_("Model"),
    "new": N_("New"),
    "newly": N_("Newly covered"),
    "newly_alone": N_("Newly covered by it alone"),
    "opened": N_("New sites"),
    "opening_hours": N_("Opening hours"),
    "proven": N_("Proven best"),
    "radius_m": N_("Within (m)"),
    "id": N_("Code"),
    "name": N_("Name"),
    "area": N_("Area"),
    "area_id": N_("Code of the area"),
    "areas": N_("Areas"),
    "asked": N_("What is asked"),
    "basis": N_("Distances"),
    "because_of": N_("Because of"),
    "beyond_search": N_("Without any station"),
    "capacity": N_("Capacity"),
    "counted": N_("Counted"),
    "criterion": N_("Criterion"),
    "date": N_("Date"),
    "day": N_("Day"),
    "days_possible": N_("Days, possibly"),
    "days_sure": N_("Days"),
    "distance_m": N_("Distance (m)"),
    "figure": N_("Figure"),
    "furthest_m": N_("Furthest (m)"),
    "has_reach": N_("Covered by reach"),
    "has_station": N_("Has a station"),
    "hour": N_("Hour"),
    "hours_unserved": N_("Hours a week unserved"),
    "inside": N_("Inside"),
    "lat": N_("Latitude"),
    "length_m": N_("Length (m)"),
    "limit_m": N_("Limit (m)"),
    "lon": N_("Longitude"),
    "longest_uncovered_m": N_("Longest uncovered stretch (m)"),
    "mean_m": N_("Mean (m)"),
    "median_m": N_("Median (m)"),
    "met": N_("Met"),
    "minutes": N_("Minutes"),
    "nearest": N_("Nearest station"),
    "nearest_id": N_("Code of the nearest"),
    "nearest_m": N_("Way to the nearest, mean (m)"),
    "of": N_("Of"),
    "oldest_verification": N_("Oldest verification"),
    "only_this": N_("Have this one alone"),
    "only_this_hours_a_week": N_("Have this one alone, times hours a week"),
    "other": N_("Other station"),
    "other_id": N_("Code of the other"),
    "p90_m": N_("90 % within (m)"),
    "people": N_("Affected"),
    "people_hours": N_("Affected, times hours a week"),
    "people_percent": N_("Per cent"),
    "places_for_1000": N_("Places for 1,000"),
    "rank": N_("Rank"),
    "reason": N_("Reason"),
    "share": N_("Share"),
    "share_mean_of_week": N_("Share, mean of the week"),
    "share_possible": N_("Share, possibly"),
    "share_weekdays": N_("Share, Monday to Friday"),
    "share_weekend": N_("Share, weekend"),
    "share_worst_hour": N_("Share, worst hour"),
    "station": N_("Station"),
    "station_id": N_("Code of the station"),
    "stations": N_("Number of stations"),
    "station_names": N_("Which stations"),
    "stations_at_least": N_("Stations, at least"),
    "stations_at_street": N_("Stations at the street"),
    "stations_inside": N_("Stations inside"),
    "stations_possible": N_("Number of stations, possibly"),
    "straight_m": N_("Straight line (m)"),
    "street": N_("Street"),
    "threshold": N_("Within"),
    "total": N_("Total"),
    "uncovered_m": N_("Uncovered (m)"),
    "valid_from": N_("Exists from"),
    "value": N_("Value"),
    "verified": N_("Place verified"),
    "within": N_("Within reach"),
    "within_possible": N_("Within reach, possibly"),
    "worst_m": N_("Furthest (m)"),
    "monday": N_("Monday"),
    "tuesday": N_("Tuesday"),
    "wednesday": N_("Wednesday"),
    "thursday": N_("Thursday"),
    "friday": N_("Friday"),
    "saturday": N_("Saturday"),
    "sunday": N_("Sunday"),
    "holiday": N_("public holiday"),
}
_ASKED = {one.code: one.label for one in ASKED}
_OF_KIND: dict[str, str] = {
    "": "{counted}",
    "_within": N_("{counted}, within reach"),
    "_share": N_("{counted}, share"),
    "_share_possible": N_("{counted}, share, possibly"),
}
_WITHIN = re.compile(r"(\w+)_share_(\d[\d.]*)_(m|min)")
_AT_HOUR = re.compile(r"share_(\d\d)_h")
_OR_MORE = re.compile(r"share_(\d)_or_more")
_KIND = re.compile(r"(\w+?)(_within|_share_possible|_share|)")
_SHARES = re.compile(r"(\w+_)?share(_\w+)?|monday|tuesday|wednesday|thursday|friday|saturday|sunday|holiday")


def heading(field: str, translate: Translator) -> str:
    """Return what a column is called; a share is a number from 0 to 1."""
    if field in _HEADINGS:
        return translate(_HEADINGS[field])
    if found := _WITHIN.fullmatch(field):
        threshold = translate(N_("{value} m") if found[3] == "m" else N_("{value} min"), value=found[2])
        return translate(
            N_("{counted}, share within {threshold}"), counted=_counted(found[1], translate), threshold=threshold
        )
    if found := _AT_HOUR.fullmatch(field):
        return translate(N_("Share at {hour}:00"), hour=found[1])
    if found := _OR_MORE.fullmatch(field):
        return translate(N_("Share with {count} or more"), count=found[1])
    if field.removeprefix("share_") in _ASKED:
        return translate(N_("Share: {asked}"), asked=translate(_ASKED[field.removeprefix("share_")]))
    if (found := _KIND.fullmatch(field)) is not None:
        return translate(_OF_KIND[found[2]], counted=_counted(found[1], translate))
    return field


def _counted(kind: str, translate: Translator) -> str:
    return translate(COUNTED.get(kind, kind))


def cell(value: Any, translate: Translator) -> Any:  # noqa: ANN401 - whatever a table holds
    """Return a value as a table is written: numbers, dates and texts; yes and no in words."""
    if isinstance(value, bool):
        return translate(N_("yes") if value else N_("no"))
    return value.text(translate) if hasattr(value, "text") else value


def shown(field: str, value: Any, translate: Translator) -> str:  # noqa: ANN401
    """Return a value as a screen shows it: shares in per cent, thousands apart, nothing as a dash."""
    found = cell(value, translate)
    if found is None:
        return "–"
    if isinstance(found, date):
        return found.isoformat()
    if isinstance(found, (int, float)) and not isinstance(found, bool):
        if _SHARES.fullmatch(field):
            return f"{found:.1%}"
        return f"{found:,.0f}" if isinstance(found, int) or abs(found) >= 1000 else f"{found:,g}"
    return " ".join(str(found).split())
