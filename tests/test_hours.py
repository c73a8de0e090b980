"""The state of a station at a moment, against official lists, paper and laws."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locator.errors import InvalidValue
from locator.holidays import holiday_year
from locator.hours import Closure, Hours, State

ZONE = ZoneInfo("Asia/Shanghai")
TEXTS = (
    "24/7", "08:00-20:00", "Mo-Fr 08:30-17:30", "Mo-Fr 08:30-17:30; PH off", "Mo-Fr 08:00-12:00,14:30-17:30; PH off",
    "Mo-Sa 08:00-18:00; Su,PH off", "22:00-06:00", "Mo-Fr 18:00-02:00; PH off", "Sa,Su,PH 10:00-16:00",
    "Jul-Aug 08:30-17:30", "08:00-18:00+", 'Mo-Fr 08:00-18:00 || "电话预约"', "PH off", "off", "18:00-26:00",
)  # fmt: skip


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def state(text: str | None, moment: str, **more: object) -> str:
    return str(Hours(text, **more).state_at(at(moment)))


# -- official lists: the State Council's notice for 2026


def test_2026_has_33_days_off_and_six_make_up_days():
    year = holiday_year(2026)
    assert (year.known, len(year.days_off)) == (True, 33)
    assert [f"{day:%m-%d}" for day in year.make_up] == ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]


def test_year_that_is_not_published_is_said_not_to_be_known():
    assert not holiday_year(2090).known
    outlook = Hours("Mo-Fr 09:00-17:00; PH off").outlook(at("2090-03-01T10:00"))
    assert (outlook.state, outlook.holidays_known) == (State.OPEN, False)
    assert Hours("Mo-Fr 09:00-17:00").outlook(at("2090-03-01T10:00")).holidays_known


def test_fixed_holidays_hold_in_a_year_that_is_not_published():
    assert state("08:00-18:00; PH off", "2090-10-02T10:00") == "closed"


@pytest.mark.parametrize(
    ("text", "moment", "expected"),
    [
        # 工作日: official workdays
        ("Mo-Fr 08:30-17:30; PH off", "2026-10-10T09:00", "open"),  # a make-up Saturday
        ("Mo-Fr 08:30-17:30; PH off", "2026-09-20T09:00", "open"),  # a make-up Sunday
        ("Mo-Fr 08:30-17:30; PH off", "2026-10-17T09:00", "closed"),  # any Saturday
        ("Mo-Fr 08:30-17:30; PH off", "2026-10-05T09:00", "closed"),  # a Monday of National Day
        ("Mo-Fr 08:00-12:00,14:30-17:30; PH off", "2026-10-10T13:00", "closed"),  # a lunch gap
        ("Jul-Aug Mo-Fr 07:00-17:00; Sep-Jun Mo-Fr 08:30-17:30; PH off", "2026-09-20T08:00", "closed"),
        # 周一至周五: weekdays, whatever the calendar
        ("Mo-Fr 08:30-17:30", "2026-10-10T09:00", "closed"),
        ("Mo-Fr 08:30-17:30", "2026-10-05T09:00", "open"),
        # shut on Sundays and holidays; a make-up Sunday is a Sunday to it
        ("Mo-Sa 08:00-18:00; Su,PH off", "2026-09-20T09:00", "closed"),
        ("Mo-Sa 08:00-18:00; Su,PH off", "2026-10-03T09:00", "closed"),
        ("Mo-Sa 08:00-18:00; Su,PH off", "2026-10-10T09:00", "open"),
        ("PH 10:00-16:00", "2026-02-17T12:00", "open"),
        ("PH 10:00-16:00", "2026-02-24T12:00", "closed"),
        ("Sa,Su,PH 10:00-16:00", "2026-10-07T12:00", "open"),
        # past midnight: hours belong to the day they begin on
        ("Mo-Fr 18:00-02:00; PH off", "2026-10-01T01:00", "open"),  # Wednesday's, into a day off
        ("Mo-Fr 18:00-02:00; PH off", "2026-10-08T01:00", "closed"),  # of a day off, into a workday
        ("Mo-Sa 18:00-02:00; Su off", "2026-11-22T01:00", "open"),
        ("22:00-26:00", "2026-11-20T01:59", "closing_soon"),
        ("22:00-26:00", "2026-11-20T02:00", "closed"),
        # ends are half open
        ("08:00-18:00", "2026-11-20T08:00", "open"),
        ("08:00-18:00", "2026-11-20T18:00", "closed"),
        # what cannot be known
        ("08:00-18:00+", "2026-11-20T19:00", "unknown"),
        ("20:00-24:00+", "2026-11-20T21:00", "open"),
        ("18:00+", "2026-11-20T19:00", "unknown"),
        ('Mo-Fr 08:00-18:00 || "电话预约"', "2026-11-20T19:00", "unknown"),
        (None, "2026-11-20T19:00", "unknown"),
    ],
)
def test_state(text, moment, expected):
    assert state(text, moment) == expected


def test_less_than_half_an_hour_is_closing_soon():
    assert state("08:00-18:00", "2026-11-20T17:30") == "open"
    assert state("08:00-18:00", "2026-11-20T17:31") == "closing_soon"


def test_open_without_staff_is_self_service_and_use_goes_on():
    hours = Hours("06:00-23:00", staffed="Mo-Fr 08:30-17:30")
    assert hours.state_at(at("2026-11-20T12:00")) is State.OPEN
    assert hours.state_at(at("2026-11-20T20:00")) is State.SELF_SERVICE
    assert hours.next_change(at("2026-11-20T12:00")) == at("2026-11-20T17:30")
    assert hours.usable_until(at("2026-11-20T12:00")) == at("2026-11-20T23:00")


def test_closed_station_says_when_it_opens():
    outlook = Hours("Mo-Fr 08:30-17:30; PH off").outlook(at("2026-09-30T18:00"))
    assert (outlook.state, outlook.opens_at) == (State.CLOSED, at("2026-10-08T08:30"))


def test_round_the_clock_never_changes():
    outlook = Hours("24/7").outlook(at("2026-12-31T23:59"))
    assert (outlook.next_change, outlook.usable_until, outlook.opens_at) == (None, None, None)


def test_new_year_is_no_change():
    assert Hours("20:00-06:00").usable_until(at("2026-12-31T23:00")) == at("2027-01-01T06:00")


def test_closures_and_dates_of_existence_shut_it():
    hours = Hours(
        "24/7",
        closures=(Closure(date(2026, 12, 1), date(2026, 12, 10), "装修"),),
        valid_from=date(2026, 11, 1),
        valid_to=date(2026, 12, 31),
    )
    open_days = [
        d for d in range(90) if hours.state_at(at("2026-10-15T12:00") + timedelta(days=d)) is not State.CLOSED
    ]
    assert open_days == [*range(17, 47), *range(57, 78)]
    assert hours.usable_until(at("2026-11-30T12:00")) == at("2026-12-01T00:00")


def test_no_end_written_as_the_last_date_there_is():
    hours = Hours("24/7", valid_to=date.max, closures=(Closure(date(2027, 1, 1), date.max),))
    assert hours.state_at(at("2026-11-20T12:00")) is State.OPEN
    assert hours.state_at(at("2027-11-20T12:00")) is State.CLOSED


def test_other_zones_and_countries():
    hours = Hours("Mo-Fr 09:00-17:00; PH off", zone="America/New_York", country="US")
    assert hours.state_at(datetime(2026, 11, 20, 14, 30, tzinfo=UTC)) is State.OPEN
    assert hours.state_at(datetime(2026, 12, 25, 14, 30, tzinfo=UTC)) is State.CLOSED
    # The clocks go back on 2026-11-01: the night is an hour longer.
    night = Hours("22:00-06:00", zone="America/New_York")
    moment = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
    assert (night.usable_until(moment).astimezone(UTC) - moment) == timedelta(hours=9)


def test_use_of_exactly_the_time_left_counts():
    outlook = Hours("08:00-18:00").outlook(at("2026-11-20T17:00"))
    assert outlook.usable_for(at("2026-11-20T17:00"), 60)
    assert not outlook.usable_for(at("2026-11-20T17:00"), 61)


@pytest.mark.parametrize("wrong", ["Mo-Fr 8-18", "9点到5点", "", " || ", "x" * 2000])
def test_text_that_is_not_opening_hours_is_refused(wrong):
    with pytest.raises(InvalidValue) as caught:
        Hours(wrong)
    assert caught.value.field == "opening_hours"
    assert caught.value.mend


def test_moment_without_a_zone_is_refused():
    with pytest.raises(InvalidValue, match="time zone"):
        Hours("24/7").state_at(datetime(2026, 11, 20))


def test_unknown_zone_and_wrong_closure_are_refused():
    with pytest.raises(InvalidValue, match="Mars"):
        Hours("24/7", zone="Mars/Base")
    with pytest.raises(InvalidValue, match="before the first"):
        Closure(date(2026, 2, 2), date(2026, 2, 1))


# -- laws


moments = st.datetimes(datetime(2025, 12, 20), datetime(2027, 1, 10)).map(
    lambda m: m.replace(microsecond=0, tzinfo=ZONE)
)
any_hours = st.builds(
    Hours,
    st.sampled_from((*TEXTS, None)),
    st.sampled_from((None, None, "Mo-Fr 09:00-16:00", "24/7", "off")),
    closures=st.sampled_from(((), (Closure(date(2026, 10, 8), date(2026, 10, 9)),))),
)


def plain(found: State) -> State:
    return State.OPEN if found is State.CLOSING_SOON else found


@settings(max_examples=150, deadline=None)
@given(any_hours, moments)
def test_state_is_that_of_the_week(hours, moment):
    week = hours.week(moment.date() - timedelta(days=2))
    assert all(a.end <= b.start for a, b in pairwise(week))
    within = [i.state for i in week if i.start <= moment < i.end]
    found = hours.state_at(moment)
    if found is State.CLOSING_SOON:
        assert within[0].is_usable
    else:
        assert within == ([] if found is State.CLOSED else [found])


@settings(max_examples=100, deadline=None)
@given(any_hours, moments)
def test_next_change_is_the_first_moment_that_differs(hours, moment):
    change = hours.next_change(moment)
    # Staff that leaves while it is closing soon hides behind that state.
    week = hours.intervals(moment.date(), 9)

    def kind(when):
        return next((i.state for i in week if i.start <= when < i.end), State.CLOSED)

    until = min(change or moment + timedelta(days=7), moment + timedelta(days=7))
    steps = int((until - moment).total_seconds() // 600)
    assert all(kind(moment + timedelta(minutes=10 * step)) == kind(moment) for step in range(steps))
    if change is not None and change < moment + timedelta(days=7):
        assert kind(change) != kind(moment)


@settings(max_examples=100, deadline=None)
@given(any_hours, moments, st.floats(0, 1000), st.floats(0, 1000))
def test_who_may_stay_long_may_stay_short(hours, moment, first, second):
    outlook = hours.outlook(moment)
    if outlook.usable_for(moment, max(first, second)):
        assert outlook.usable_for(moment, min(first, second))
    assert outlook.usable_for(moment, 0) == outlook.state.is_usable


_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


@settings(max_examples=100, deadline=None)
@given(st.sets(st.integers(0, 6), min_size=1), st.integers(0, 1380), st.integers(1, 1439), st.booleans(), moments)
def test_simple_texts_against_an_evaluator_of_our_own(days, start, length, holidays_off, moment):
    """One span a day, spilling over midnight or not, with or without PH off; outside Mo-Fr alone, which means workdays."""
    days = days | {5}
    end = start + length
    text = (
        f"{','.join(_DAYS[d] for d in sorted(days))} {start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"
    )
    hours = Hours(text + ("; PH off" if holidays_off else ""))
    off = {day for year in (2025, 2026, 2027) for day in holiday_year(year).days_off} if holidays_off else set()

    def served(day: date) -> bool:
        return day.weekday() in days and day not in off

    minute = moment.hour * 60 + moment.minute
    today, yesterday = moment.date(), moment.date() - timedelta(days=1)
    expected = (served(today) and start <= minute < end) or (served(yesterday) and minute < end - 24 * 60)
    assert hours.state_at(moment).is_usable == expected
