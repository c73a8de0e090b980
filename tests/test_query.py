"""The one question: what it takes, and how it names what it does not take."""

import math
from contextlib import suppress
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from locator.errors import QueryError
from locator.hours import State
from locator.query import MAX_LIMIT, WALKING_M_PER_S, Match, Query, parse_moment, walking_minutes
from locator.snapshot import Snapshot
from locator.station import Station

AT = datetime(2026, 11, 20, 4, 10, tzinfo=UTC)
NAN = float("nan")
CHINA = timezone(timedelta(hours=8))


def query(**given):
    return Query(**({"lon": 113.07, "lat": 28.8, "at": AT} | given))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lon", 180.0001), ("lon", -180.0001), ("lon", NAN), ("lon", math.inf), ("lon", True),
        ("lat", 90.0001), ("lat", -90.0001), ("lat", NAN), ("lat", -math.inf), ("lat", False),
        ("minutes", -1), ("minutes", 24 * 60 + 1), ("minutes", NAN), ("minutes", math.inf),
        ("radius_m", -0.1), ("radius_m", NAN), ("radius_m", -math.inf),
        ("limit", 0), ("limit", -1), ("limit", MAX_LIMIT + 1), ("limit", True),
        ("at", datetime(2026, 11, 20, 12, 10)),
        ("at", datetime(1999, 12, 31, tzinfo=UTC)), ("at", datetime(2101, 1, 1, tzinfo=UTC)),
        ("at", datetime.min.replace(tzinfo=CHINA)), ("at", datetime.max.replace(tzinfo=UTC)),
    ],
)  # fmt: skip
def test_value_that_cannot_be_right_is_refused_by_name(name, value):
    with pytest.raises(QueryError) as refusal:
        query(**{name: value})
    assert refusal.value.field == name
    assert refusal.value.value is value
    assert refusal.value.mend
    assert name in str(refusal.value)


@pytest.mark.parametrize(("name", "code"), [("needs", "microwaves"), ("categories", "stations")])
def test_unknown_code_is_refused_with_the_choices(name, code):
    with pytest.raises(QueryError, match=name) as refusal:
        query(**{name: frozenset({code})})
    assert refusal.value.value == code
    assert code.removesuffix("s") in str(refusal.value).split("not one of")[1]


@pytest.mark.parametrize(
    "given",
    [
        {"lon": -180, "lat": -90},
        {"lon": 180, "lat": 90},
        {"minutes": 0},
        {"minutes": 24 * 60},
        {"radius_m": 0},
        {"radius_m": math.inf},
        {"limit": 1},
        {"limit": MAX_LIMIT},
        {"at": datetime(2000, 1, 1, tzinfo=UTC)},
        {"at": datetime(2100, 12, 31, tzinfo=UTC)},
    ],
    ids=str,
)
def test_edges_of_ranges_are_taken(given):
    assert {f.name: getattr(query(**given), f.name) for f in fields(Query)}.items() >= given.items()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-20T12:10", datetime(2026, 11, 20, 12, 10, tzinfo=CHINA)),
        (" 2026-11-20T12:10 ", datetime(2026, 11, 20, 12, 10, tzinfo=CHINA)),
        ("2026-11-20 12:10", datetime(2026, 11, 20, 12, 10, tzinfo=CHINA)),
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=CHINA)),
        ("2026-11-20T12:10:30.5", datetime(2026, 11, 20, 12, 10, 30, 500_000, tzinfo=CHINA)),
        ("2026-11-20T12:10Z", datetime(2026, 11, 20, 12, 10, tzinfo=UTC)),
        ("2026-11-20T12:10+08:00", datetime(2026, 11, 20, 12, 10, tzinfo=CHINA)),
        ("2026-11-20T12:10-05:30", datetime(2026, 11, 20, 17, 40, tzinfo=UTC)),
        ("2026-11-20T12:10 08:00", datetime(2026, 11, 20, 12, 10, tzinfo=CHINA)),
        ("2026-11-20T12:10:00 0800", datetime(2026, 11, 20, 12, 10, tzinfo=CHINA)),
        ("2026-11-20 12:10 09:00", datetime(2026, 11, 20, 3, 10, tzinfo=UTC)),
    ],
)
def test_moment_is_read(text, moment):
    read = parse_moment(text, "Asia/Shanghai")
    assert read == moment
    assert read.utcoffset() is not None


def test_moment_without_offset_is_meant_in_the_zone():
    summer, winter = (parse_moment(f"2026-{month}-01T12:00", "Europe/Berlin") for month in ("07", "01"))
    assert (summer.utcoffset(), winter.utcoffset()) == (timedelta(hours=2), timedelta(hours=1))


@pytest.mark.parametrize(
    "text",
    ["", " ", "noon", "12:10", "2026-02-30", "2026-11-20T25:00", "2026-11-20T12:10+25:00", "2026-11-20T12:10 8",
     "20.11.2026", "1763611800", "\x00", "\ud800", "２０２６-11-20"],
)  # fmt: skip
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(QueryError) as refusal:
        parse_moment(text, "Asia/Shanghai")
    assert (refusal.value.field, refusal.value.value) == ("at", text)
    assert "2026-11-20T12:10" in str(refusal.value)


@settings(deadline=None)
@given(st.text(st.sampled_from("0123456789-:TtZW+. \x00年"), max_size=30))
def test_junk_is_a_moment_or_refused(text):
    with suppress(QueryError):
        assert parse_moment(text, "Asia/Shanghai").utcoffset() is not None


@given(st.datetimes(datetime(2000, 1, 2), datetime(2100, 12, 30), timezones=st.just(CHINA)))
def test_moment_survives_iso_form_even_through_a_url(moment):
    assert parse_moment(moment.isoformat(), "UTC") == moment
    assert parse_moment(moment.isoformat().replace("+", " "), "UTC") == moment


@pytest.mark.parametrize(
    ("metres", "minutes"),
    [(0, 0), (0.1, 1), (60 * WALKING_M_PER_S, 1), (60 * WALKING_M_PER_S + 0.1, 2), (720, 10)],
)
def test_walking_minutes_are_rounded_up(metres, minutes):
    assert walking_minutes(metres) == minutes
    snapshot = Snapshot.of([Station(id="a", name="n", geometry=shapely.Point(1, 2))])
    match = Match(snapshot, 0, metres, travel_s=metres, sets_out=AT)
    assert (match.walk_minutes, match.state) == (minutes, State.UNKNOWN)
