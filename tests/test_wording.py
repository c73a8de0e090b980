"""Sentences say what the record means, in either language, for whatever the record holds."""

import gettext
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import AT, stations

from locator.hours import STATES, Outlook, State
from locator.station import FACILITIES, Entry, Provenance, Station
from locator.translation import LANGUAGES, Translator, translator
from locator.wording import (
    category_text,
    distance_text,
    entry_text,
    facility_lists,
    month_text,
    state_text,
    verified_text,
    when_text,
)

ZONE = "Asia/Shanghai"
CHINA = timezone(timedelta(hours=8))
PLAIN = Translator("en", gettext.NullTranslations())


def moment(day, clock):
    return datetime.fromisoformat(f"2026-{day}T{clock}+08:00")


def station(**given):
    return Station(**({"id": "a", "name": "n", "geometry": shapely.Point(113, 28)} | given))


def state(opening, at=AT, **given):
    kept = station(opening_hours=opening, **given)
    return state_text(kept.hours(zone=ZONE).outlook(at), at, kept, ZONE, PLAIN)


moments = st.datetimes(datetime(2000, 1, 2), datetime(2101, 12, 30), timezones=st.just(CHINA))
outlooks = st.builds(
    Outlook, st.sampled_from(State), st.none() | moments, st.none() | moments, st.none() | moments, st.booleans()
)


@settings(max_examples=80, deadline=None)
@given(stations(), outlooks, moments, st.sampled_from(sorted(LANGUAGES)))
def test_every_station_has_sentences_in_every_language(station, outlook, at, language):
    say = translator(language)
    assert state_text(outlook, at, station, ZONE, say).startswith(say(STATES[outlook.state]))
    entry = entry_text(station.entry, say)
    assert entry
    assert all(text in entry for text in (station.entry.host, station.entry.door, station.entry.floor))
    assert verified_text(station, say)
    assert category_text(station, say)
    lists = facility_lists(station, say)
    assert [len(lists[key]) for key in ("yes", "no")] == [
        sum(station.has(code) is value for code in FACILITIES) for value in (True, False)
    ]
    assert sum(map(len, lists.values())) == len(FACILITIES)


@pytest.mark.parametrize(
    ("then", "said"),
    [
        (moment("11-20", "22:00"), "22:00"),
        (moment("11-20", "23:59"), "23:59"),
        (moment("11-21", "00:00"), "tomorrow 00:00"),
        (moment("11-21", "23:59"), "tomorrow 23:59"),
        (moment("11-22", "08:00"), "Sun 08:00"),
        (moment("11-26", "08:00"), "Thu 08:00"),
        (moment("11-27", "08:00"), "2026-11-27 08:00"),
        (moment("11-19", "08:00"), "2026-11-19 08:00"),
        (datetime(2026, 11, 20, 16, 30, tzinfo=UTC), "tomorrow 00:30"),
    ],
)
def test_days_are_named_as_people_name_them(then, said):
    assert when_text(then, AT, ZONE, PLAIN) == said
    assert when_text(then.astimezone(UTC), AT.astimezone(CHINA), ZONE, PLAIN) == said


@pytest.mark.parametrize(
    ("opening", "said"),
    [
        ("Mo-Su 08:00-22:00", "open · until 22:00"),
        ("Mo-Su 08:00-02:00", "open · until tomorrow 02:00"),
        ("Fr 08:00-12:30", "closing soon · until 12:30"),
        ("24/7", "open · around the clock"),
        ("Mo-Su 13:00-17:00", "closed · opens 13:00"),
        ("Sa 09:00-17:00", "closed · opens tomorrow 09:00"),
        ("Mo 08:30-17:00", "closed · opens Mon 08:30"),
        ("2026 Dec 24 08:00-12:00", "closed · opens 2026-12-24 08:00"),
        ("off", "closed"),
        (None, "hours unknown · never verified"),
    ],
)
def test_state_says_what_comes_next(opening, said):
    assert state(opening) == said


def test_state_says_when_it_is_self_service():
    assert state("24/7", staffed_hours="Sa 09:00-17:00") == "self-service · around the clock"


def test_station_that_goes_within_the_week_is_not_around_the_clock():
    assert state("24/7", valid_to=date(2026, 11, 20)) == "open · until tomorrow 00:00"
    assert state("24/7", valid_to=date(2026, 11, 24)) == "open · until Wed 00:00"
    assert state("24/7", valid_to=date(2026, 11, 27)) == "open · around the clock"


def test_unpublished_holidays_are_said():
    far = moment("11-20", "12:10").replace(year=2090)
    assert state("Mo-Su 08:00-22:00; PH off", far).endswith(" · holidays of that year not published yet")
    assert "holidays" not in state("Mo-Su 08:00-22:00", far)


def test_entry_says_how_one_gets_in():
    entry = Entry(ways=("face", "staff"), registration=True, admits="everyone", host="{bank}", door="%s")
    assert entry_text(entry, PLAIN) == (
        "staff let you in or face scan · register on the first visit · for everyone · {bank} · %s"
    )
    assert entry_text(Entry(registration=False), PLAIN) == "no registration"
    assert entry_text(Entry(), PLAIN) == "entry conditions unknown"


def test_face_scan_as_the_only_way_in_is_said():
    assert entry_text(Entry(ways=("face",)), PLAIN) == "face scan · face scan is the only way in"
    assert "only" not in entry_text(Entry(ways=("face", "key")), PLAIN)


def test_verification_is_said_by_month():
    verified = station(provenance=Provenance(location_verified=date(2026, 3, 15)))
    assert verified_text(verified, PLAIN) == "verified 2026-03"
    assert month_text(date(2026, 12, 1)) == "2026-12"


@pytest.mark.parametrize(
    ("metres", "said"),
    [(0, "0 m"), (7.4, "7 m"), (99.4, "99 m"), (99.9, "100 m"), (354, "350 m"), (994.9, "990 m"), (995, "1.0 km"),
     (1249, "1.2 km"), (99_949, "99.9 km"), (99_950, "100 km"), (1_234_567, "1,235 km")],
)  # fmt: skip
def test_distance_is_said_as_people_read_it(metres, said):
    assert distance_text(metres) == said


def test_distance_said_never_shrinks_and_stays_close():
    def value(text):
        number, unit = text.replace(",", "").split()
        return float(number) * {"m": 1, "km": 1000}[unit]

    metres = [1.01**i for i in range(1500)]
    said = [value(distance_text(m)) for m in metres]
    assert all(a <= b for a, b in pairwise(said))
    assert all(abs(s - m) <= max(0.5, 0.051 * m) for s, m in zip(said, metres, strict=True))
