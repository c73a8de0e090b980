"""Which week stands for all weeks: 168 hours without a holiday, and the hours of the next public holiday."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from locator.holidays import holiday_year
from locator.hours import time_zone

__all__ = ["HOT_MONTHS", "HOURS", "Week", "hot_week", "week_from"]

HOURS = 7 * 24
HOT_MONTHS = (6, 7, 8, 9)
"""The months in which outdoor work is stopped for the heat, north of the equator; south of it half a year on."""
_MOST_WEEKS = 10
_HALF_A_YEAR = 6


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


def hot_week(week: Week, *, country: str, is_south: bool = False) -> Week:
    """Return a week itself where it lies in the hot season, else one in the middle of the next hot season.

    So that hours of the summer count, whenever somebody asks. Its holiday only if that is in the hot season too.
    """
    hot = [(month + _HALF_A_YEAR - 1) % 12 + 1 for month in HOT_MONTHS] if is_south else list(HOT_MONTHS)
    if week.first.month in hot:
        return _without_cool_holiday(week, hot)
    middle = date(week.first.year, hot[1], 15)
    middle = middle if middle >= week.first else middle.replace(year=middle.year + 1)
    return _without_cool_holiday(week_from(middle, zone=week.zone, country=country), hot)


def _without_cool_holiday(week: Week, hot: list[int]) -> Week:
    return week if week.holiday is None or week.holiday.month in hot else replace(week, holiday=None)
