"""Which week stands for all weeks: 168 hours without a holiday, and the hours of the next public holiday."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from locator.holidays import holiday_year
from locator.hours import time_zone

__all__ = ["HOURS", "Week", "week_from"]

HOURS = 7 * 24
_MOST_WEEKS = 10


@dataclass(frozen=True, slots=True)
class Week:
    """A week from Monday, 00:00, and a holiday.

    Attributes
    ----------
    first
        Its Monday.
    ordinary
        Whether none of its days is a public holiday or a make-up workday, as far as the list is published.
    holiday
        The first public holiday from the day of the study on; None: there is no list that names one.
    """

    first: date
    ordinary: bool
    holiday: date | None
    zone: str

    @property
    def moments(self) -> list[datetime]:
        """The full hours, 168 of the week and then 24 of the holiday if there is one."""
        zone = time_zone(self.zone)
        days = [self.first + timedelta(days=day) for day in range(7)]
        days += [self.holiday] if self.holiday else []
        return [datetime.combine(day, time(hour), tzinfo=zone) for day in days for hour in range(24)]


def week_from(day: date, *, zone: str, country: str) -> Week:
    """Return the first ordinary week from that of a day on, and the first public holiday from the day on.

    Only China's holidays are known (the State Council's lists); elsewhere every week is ordinary.
    """
    monday = day - timedelta(days=day.weekday())
    if country != "CN":
        return Week(monday, True, None, zone)
    off = {one for year in (day.year, day.year + 1) for one in holiday_year(year).days_off}
    special = off | {one for year in (day.year, day.year + 1) for one in holiday_year(year).make_up}
    holiday = min((one for one in off if one >= day), default=None)
    for number in range(_MOST_WEEKS):
        first = monday + timedelta(weeks=number)
        if not special & {first + timedelta(days=one) for one in range(7)}:
            return Week(first, True, holiday, zone)
    return Week(monday, False, holiday, zone)
