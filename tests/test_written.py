"""An answer that is found and written at once is the one that is written station by station."""

import gettext
import json
from datetime import date, timedelta

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import AT, HOURS

from locator import index
from locator.answer import Scribe
from locator.nearest import Prepared
from locator.query import Query
from locator.sayings import Sayings
from locator.snapshot import Snapshot
from locator.station import Provenance, Station
from locator.translation import Translator

pytest.importorskip("numba", reason="numba is not installed")
PLAIN = Translator("en", gettext.NullTranslations())


@pytest.fixture(scope="module")
def snapshot():
    """Fifty stations along a street, two of them at one place, with every kind of hours."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index, "_TREE_FROM", 1)
        yield Snapshot.of(
            [
                Station(
                    id=f"s{i:02}", name=f"驿站 {i}", geometry=shapely.Point(113 + i // 2 / 150, 28),
                    opening_hours=HOURS[i % len(HOURS)],
                    provenance=Provenance(location_verified=date(2026, 1 + i % 3, 1)),
                )
                for i in range(50)
            ]
        )  # fmt: skip


def both(scribe, snapshot, query):
    """Return an answer written at once (nothing: it could not be), and written station by station by another."""
    prepared, at_s = Prepared(snapshot, query), query.at.timestamp()
    head = scribe.head(query, query.at, matching=prepared.matching, stations=prepared.stations)
    whole = scribe.writer(prepared, at_s)(query.lon, query.lat, at_s, np.frombuffer(head, np.uint8))
    rows, metres = prepared.near(query.lon, query.lat, at_s)
    scribe.collection(head, rows, metres, prepared.s_per_m, at_s)
    return whole, Scribe(snapshot, PLAIN).collection(head, rows, metres, prepared.s_per_m, at_s)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(range(-600, 3000, 7)),
            st.sampled_from(("walk", "ebike", "car", "there")),
            st.floats(112.9, 113.2),
            st.integers(1, 6),
            st.none() | st.floats(0, 20_000),
        ),
        max_size=12,
    )
)
def test_answer_written_at_once_is_the_same(snapshot, asked):
    scribe = Scribe(snapshot, PLAIN)
    for minutes, mode, lon, limit, radius_m in asked:
        query = Query(
            lon=lon, lat=28.001, at=AT + timedelta(minutes=minutes), mode=mode, limit=limit, radius_m=radius_m
        )
        whole, by_station = both(scribe, snapshot, query)
        assert whole in (b"", by_station)


def test_what_was_said_once_is_written_at_once(snapshot):
    scribe = Scribe(snapshot, PLAIN)
    query = Query(lon=113.1, lat=28.001, at=AT, mode="there", limit=2)
    first, _ = both(scribe, snapshot, query)
    second, by_station = both(scribe, snapshot, query)
    assert (first, second) == (b"", by_station)
    assert len(json.loads(second)["features"]) == 2


def test_answer_longer_than_the_room_that_was_made_for_it_is_whole(snapshot, monkeypatch):
    monkeypatch.setattr("locator.tree._ROOM", 16)
    scribe = Scribe(snapshot, PLAIN)
    query = Query(lon=113.1, lat=28.001, at=AT, mode="there", limit=5)
    both(scribe, snapshot, query)
    whole, by_station = both(scribe, snapshot, query)
    assert whole == by_station


def test_sayings_grow_without_moving_what_is_read():
    sayings = Sayings(2)
    text = sayings.text
    sayings.add(0, (10.0, 20.0), 5.0, b"short")
    sayings.add(1, (10.0, 20.0), 5.0, b"x" * 100_000)
    assert bytes(text[:5]) == bytes(sayings.text[:5]) == b"short"
    begin, end = sayings.table[1, 0, 3:].astype(int)
    assert bytes(sayings.text[begin:end]) == b"x" * 100_000


def test_no_more_is_kept_of_a_kind_than_there_is_room_for():
    sayings = Sayings(1)
    for hour in range(10):
        sayings.add(0, (hour, hour + 1.0), 0.0, b"%d" % hour)
    begins = sayings.table[0, :, 0].tolist()
    assert begins == list(range(len(begins)))
