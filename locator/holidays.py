"""China's public holidays and make-up workdays (调休), from the State Council's yearly lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

__all__ = ["HolidayYear", "holiday_year", "ordinary_workday_near"]

# Days off fixed by the State Council's regulation on public holidays as amended in 2024. They hold before
# the year's list is published; the lunar holidays, the bridging days and the make-up workdays do not.
_FIXED_SINCE = 2025
_FIXED_DAYS_OFF = ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))


@dataclass(frozen=True, slots=True)
class HolidayYear:
    """One calendar year: the days off and the weekend days that are worked instead, both ascending.

    `known` is False for a year whose official list is not published: `days_off` then has only the days
    that the regulation itself fixes, and `make_up` is empty.
    """

    year: int
    known: bool
    days_off: tuple[date, ...]
    make_up: tuple[date, ...]


@lru_cache
def holiday_year(year: int) -> HolidayYear:
    """Return the holidays of one year in mainland China, weekend days inside a holiday among them."""
    from chinese_calendar import constants

    days_off = tuple(sorted(day for day in constants.holidays if day.year == year))
    if not days_off:
        fixed = _FIXED_DAYS_OFF if year >= _FIXED_SINCE else ()
        return HolidayYear(year, False, tuple(date(year, month, day) for month, day in fixed), ())
    return HolidayYear(year, True, days_off, tuple(sorted(d for d in constants.workdays if d.year == year)))


def ordinary_workday_near(day: date, year: HolidayYear) -> date | None:
    """Return the Monday-to-Friday day of the same year nearest to `day` that is no day off; None if there is none.

    Of two equally near the earlier. A make-up workday keeps the hours of such a day, and of its season.
    """
    off = set(year.days_off)
    for distance in range(1, 15):
        for candidate in (day - timedelta(distance), day + timedelta(distance)):
            if candidate.year == day.year and candidate.weekday() < 5 and candidate not in off:
                return candidate
    return None
