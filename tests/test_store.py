"""What the store acknowledges is there, what changes is kept, and nobody overwrites anybody."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import unicodedata
from collections import Counter
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PINYIN_DICT
from shapely import MultiPolygon, Point, box
from strategies import AT, geometries, lats, lons, points, stations

from locator.errors import Conflict, InvalidValue, NotFound, StoreError
from locator.place import Area
from locator.record import station_to_record
from locator.station import Entry, Station
from locator.store import Store, open_store, schema
from locator.store.finding import normalised, search_text, search_texts, syllables_of
from locator.store.pinyin import spelled
from locator.store.sqlite import _journal_mode

CODES = ("a", "b", "c")
SQUARE = box(113, 28.7, 113.1, 28.8)


@pytest.fixture
def store():
    with open_store(":memory:", create=True) as opened:
        yield opened


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "town.db")


def station(code, **given):
    return Station(**({"id": code, "name": "n", "geometry": Point(113.07, 28.8)} | given))


def ids(found):
    return [kept.id for kept in found]


def state(store):
    return {kept.id: (kept.version, kept.station) for kept in store.stations()}


# What is written is there


@settings(max_examples=40, deadline=None)
@given(st.lists(stations(), min_size=1, max_size=3, unique_by=lambda s: s.id))
def test_stations_come_back_as_they_went_in(found):
    with open_store(":memory:", create=True) as store:
        store.write([(s, 0) for s in found], at=AT)
        kept = store.stations()
        assert [k.station for k in kept] == sorted(found, key=lambda s: s.id)
        for k in kept:
            original = next(s for s in found if s.id == k.id)
            assert station_to_record(k.station) == station_to_record(original)
            assert shapely.to_wkb(k.station.geometry) == shapely.to_wkb(original.geometry)
            assert (k.version, k.revision, k.recorded_at) == (1, 1, AT)
            assert store.station(k.id) == k
            assert store.history(k.id) == [k]


def test_data_is_there_when_the_file_is_opened_again(path):
    with open_store(path, create=True) as store:
        store.write([(station("a", name='归义 🛵 "O\'Neil"'), 0)], at=AT)
    with open_store(path) as store:
        assert store.station("a").station.name == '归义 🛵 "O\'Neil"'
        assert store.count() == 1


def test_stations_are_ordered_and_chosen_by_id(store):
    store.write([(station(code), 0) for code in ("c", "a", "b")], at=AT)
    assert ids(store.stations()) == ["a", "b", "c"]
    assert ids(store.stations(ids=["c", "x", "a", "\0", "\ud800"])) == ["a", "c"]
    assert store.stations(ids=[]) == []


@pytest.mark.parametrize("code", ["x", "", "A", "a'", "a%"])
def test_station_that_is_not_there_is_not_found(store, code):
    store.write([(station("a"), 0)], at=AT)
    with pytest.raises(NotFound) as missing:
        store.station(code)
    assert (missing.value.field, missing.value.value) == ("id", code)
    assert store.history(code) == []


# Versions


def test_every_version_is_kept(store):
    store.write([(station("a", name="one"), 0)], at=AT)
    store.write([(station("a", name="two"), 1)], at=AT + timedelta(days=1))
    store.write(removals=[("a", 2)], at=AT + timedelta(days=2))
    store.write([(station("a", name="three"), 0)], at=AT + timedelta(days=3))
    history = store.history("a")
    assert [(k.version, k.revision, k.station and k.station.name) for k in history] == [
        (1, 1, "one"), (2, 2, "two"), (3, 3, None), (4, 4, "three"),
    ]  # fmt: skip
    assert [k.recorded_at for k in history] == [AT + timedelta(days=i) for i in range(4)]
    assert store.station("a") == history[-1]


@pytest.mark.parametrize("stale", [0, 1, 3])
def test_stale_writer_is_refused_and_nothing_is_written(store, stale):
    store.write([(station("a"), 0)], at=AT)
    store.write([(station("a", name="two"), 1)], at=AT)
    before = state(store)
    with pytest.raises(Conflict) as conflict:
        store.write([(station("b"), 0), (station("a", name="stale"), stale)], at=AT)
    assert conflict.value.value == "a"
    assert "version 2" in str(conflict.value)
    assert (state(store), store.revision) == (before, 2)
    assert store.history("b") == []


def test_stale_writer_is_refused_even_when_the_station_is_the_same(store):
    store.write([(station("a"), 0)], at=AT)
    with pytest.raises(Conflict):
        store.write([(station("a"), 0)], at=AT)


def test_stale_removal_is_refused_and_nothing_is_written(store):
    store.write([(station("a"), 0)], at=AT)
    with pytest.raises(Conflict):
        store.write([(station("b"), 0)], [("a", 7)], at=AT)
    with pytest.raises(NotFound):
        store.write([(station("b"), 0)], [("x", None)], at=AT)
    assert ids(store.stations()) == ["a"]
    assert store.revision == 1


def test_removed_station_is_gone_from_every_list(store):
    store.write([(station("a", name="归义社区站"), 0)], at=AT)
    store.write(removals=[("a", None)], at=AT)
    assert store.count() == 0
    assert store.stations() == store.stations(box=(-180, -90, 180, 90)) == store.search("归义社区") == []
    with pytest.raises(NotFound):
        store.station("a")


def test_same_station_makes_no_version_and_no_revision(store):
    first = store.write([(station("a"), 0), (station("b"), 0)], at=AT)
    assert store.write([(station("a"), 1), (station("b"), None)], at=AT + timedelta(days=1)) == first
    assert store.write(at=AT) == store.revision == first
    assert [k.version for k in store.stations()] == [1, 1]
    assert [k.recorded_at for k in store.stations()] == [AT, AT]


def test_revision_grows_with_every_change(store):
    places = [({"id": "1", "name": "归义"}, SQUARE)]
    revisions = [store.revision]
    for change in (
        lambda: store.write([(station("a"), None)], at=AT),
        lambda: store.replace_places("areas", places, at=AT),
        lambda: store.set_meta({"name": "汨罗"}, at=AT),
        lambda: store.write(removals=[("a", None)], at=AT),
        lambda: store.replace_places("areas", [], at=AT),
        lambda: store.set_meta({"name": None}, at=AT),
    ):
        assert change() == store.revision
        revisions.append(store.revision)
    assert revisions == [0, 1, 2, 3, 4, 5, 6]


def test_places_and_meta_that_stay_the_same_make_no_revision(store):
    places = [({"id": "2", "name": "b"}, SQUARE), ({"id": "1", "name": "a"}, SQUARE)]
    store.replace_places("areas", places, at=AT)
    store.set_meta({"name": "汨罗", "n": [1, {"x": None}]}, at=AT)
    assert store.replace_places("areas", places, at=AT) == store.set_meta({"name": "汨罗"}, at=AT) == 2


class Changes(RuleBasedStateMachine):
    """Whoever applies `changes(since)` to what he had then has what there is now."""

    def __init__(self):
        super().__init__()
        self.store = open_store(":memory:", create=True)
        self.states = [{}]
        self.versions = [Counter()]
        self.now = {}
        self.count = Counter()

    def _changed(self, code, station):
        self.count[code] += 1
        if station:
            self.now[code] = station
        else:
            del self.now[code]

    def _done(self, revision):
        if revision == len(self.states):
            self.states.append(dict(self.now))
            self.versions.append(Counter(self.count))

    @rule(puts=st.dictionaries(st.sampled_from(CODES), st.integers(0, 2), max_size=3), blind=st.booleans())
    def put(self, puts, blind):
        given = {code: station(code, name=f"name {n}", geometry=Point(n, n)) for code, n in puts.items()}
        expected = {code: None if blind else kept_version(self, code) for code in puts}
        for code, new in given.items():
            if self.now.get(code) != new:
                self._changed(code, new)
        self._done(self.store.write([(s, expected[code]) for code, s in given.items()], at=AT))

    @rule(code=st.sampled_from(CODES))
    def remove(self, code):
        if code in self.now:
            version = kept_version(self, code)
            self._changed(code, None)
            self._done(self.store.write(removals=[(code, version)], at=AT))

    @rule(code=st.sampled_from(CODES))
    def refused(self, code):
        with pytest.raises(Conflict):
            self.store.write([(station("d"), 0), (station(code, name="stale"), 10_000)], at=AT)

    @rule(n=st.integers(0, 2))
    def meta(self, n):
        self._done(self.store.set_meta({"n": n}, at=AT))

    @invariant()
    def store_holds_what_was_written(self):
        assert self.store.revision == len(self.states) - 1
        assert {k.id: k.station for k in self.store.stations()} == self.now
        assert {k.id: k.version for k in self.store.stations()} == {code: self.count[code] for code in self.now}
        assert ids(self.store.stations(box=(-180, -90, 180, 90))) == sorted(self.now)
        assert sorted(s.id for s in self.store.search("name")) == sorted(self.now)

    @invariant()
    def changes_are_the_difference(self):
        for since in range(len(self.states)):
            changes = self.store.changes(since)
            assert {k.id for k in changes} == {c for c in CODES if self.count[c] != self.versions[since][c]}
            assert [(k.revision, k.id) for k in changes] == sorted((k.revision, k.id) for k in changes)
            assert all(k.revision > since and k.version == self.count[k.id] for k in changes)
            applied = {c: s for c, s in self.states[since].items() if c not in {k.id for k in changes}}
            assert applied | {k.id: k.station for k in changes if k.station} == self.now

    def teardown(self):
        for code in CODES:
            assert [k.version for k in self.store.history(code)] == list(range(1, self.count[code] + 1))
        self.store.close()


def kept_version(machine, code):
    return machine.count[code] if code in machine.now else 0


TestChanges = Changes.TestCase
TestChanges.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)


# All or nothing


def test_iterator_that_fails_midway_leaves_everything_as_it_was(store):
    store.write([(station("a"), 0)], at=AT)

    def failing():
        yield station("b"), 0
        yield station("a", name="new"), 1
        raise RuntimeError("the file ends here")

    with pytest.raises(RuntimeError, match="ends here"):
        store.write(failing(), at=AT)
    assert state(store) == {"a": (1, station("a"))}
    assert store.revision == 1
    assert store.search("new") == []
    assert store.write([(station("b"), 0)], at=AT) == 2


KILLED = """
import os, signal, sys
from datetime import datetime, UTC
from shapely import Point
from locator.station import Station
from locator.store import open_store

def stations():
    for i in range(11_000):
        yield Station(id=f"s{i}", name="new", geometry=Point(1, 2), note="x" * 2000), None
    # More than the page cache holds: what is half written is in the file by now.
    assert os.path.getsize(sys.argv[1]) > 1_000_000
    os.kill(os.getpid(), signal.SIGKILL)

open_store(sys.argv[1]).write(stations(), at=datetime.now(UTC))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_killed_writer_leaves_the_old_state(path):
    with open_store(path, create=True) as store:
        store.write([(station("s1", name="old"), 0)], at=AT)
        before = state(store)
    done = subprocess.run([sys.executable, "-c", KILLED, path], capture_output=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    with open_store(path) as store:
        assert state(store) == before
        assert store.revision == 1
        assert ids(store.stations(box=(112, 28, 114, 29))) == ["s1"]
        assert store.search("new") == []
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


# Several at once


def _add_one(path, code, times, failures):
    """Read, add one, write; when somebody else was faster, once more."""
    try:
        with open_store(path) as store:
            for _ in range(times):
                while True:
                    kept = store.station(code)
                    more = station(code, capacity=kept.station.capacity + 1)
                    try:
                        store.write([(more, kept.version)], at=AT)
                        break
                    except Conflict:
                        continue
    except BaseException as failure:
        failures.append(failure)
        raise


def test_writers_in_threads_lose_no_update(path):
    with open_store(path, create=True) as store:
        store.write([(station("a", capacity=0), 0)], at=AT)
    failures = []
    threads = [threading.Thread(target=_add_one, args=(path, "a", 15, failures)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    with open_store(path) as store:
        assert store.station("a").station.capacity == 45
        assert store.revision == store.station("a").version == 46


ADDING = """
import sys
sys.path.insert(0, sys.argv[2])
from test_store import _add_one
_add_one(sys.argv[1], "a", 15, [])
"""


def test_writers_in_processes_lose_no_update(path):
    with open_store(path, create=True) as store:
        store.write([(station("a", capacity=0), 0)], at=AT)
    command = [sys.executable, "-c", ADDING, path, str(Path(__file__).parent)]
    writers = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(2)]
    for writer in writers:
        _, complaint = writer.communicate(timeout=60)
        assert writer.returncode == 0, complaint.decode()
    with open_store(path) as store:
        assert store.station("a").station.capacity == 30


def test_makers_at_the_same_moment_make_one_database(path):
    failures = []
    start = threading.Barrier(4)

    def make():
        start.wait()
        try:
            open_store(path, create=True).close()
        except BaseException as failure:
            failures.append(failure)
            raise

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    with open_store(path) as store:
        assert store.count() == store.revision == 0


def test_writer_waits_no_longer_than_it_should_and_says_so(path):
    with open_store(path, create=True) as first, open_store(path, busy_s=0.1) as second:

        def slow():
            yield station("a"), 0
            with pytest.raises(StoreError, match="cannot be written"):
                second.write([(station("b"), 0)], at=AT)

        first.write(slow(), at=AT)
        assert ids(second.stations()) == ["a"]
        assert second.write([(station("b"), 0)], at=AT) == 2


def test_commit_that_fails_is_a_store_error_and_leaves_the_old_state(path):
    with open_store(path, create=True, busy_s=0.1) as store:
        store.write([(station("a"), 0)], at=AT)
        store._connection.execute(
            "CREATE TEMP TRIGGER full BEFORE INSERT ON revisions BEGIN SELECT RAISE(FAIL, 'full'); END"
        )
        with pytest.raises(StoreError, match="full"):
            store.write([(station("b"), 0)], at=AT)
        assert ids(store.stations()) == ["a"]


def test_store_can_be_used_from_another_thread(store):
    done = []
    thread = threading.Thread(target=lambda: done.append(store.write([(station("a"), 0)], at=AT)))
    thread.start()
    thread.join(10)
    assert done == [1]
    assert ids(store.stations()) == ["a"]


# Boxes


def meets(geometry, west, south, east, north):
    """Whether a geometry's own box meets a box on paper; one that spans 180° is two."""
    if west > east:
        return meets(geometry, west, south, 180, north) or meets(geometry, -180, south, east, north)
    return geometry.envelope.intersects(box(west, south, east, north))


@settings(max_examples=60, deadline=None)
@given(st.lists(geometries() | points(), max_size=6), st.data())
def test_box_finds_what_brute_force_finds(found, data):
    corners = [value for geometry in found for value in geometry.bounds]
    lon = lons() | st.sampled_from([-180.0, *corners[::2]])
    lat = lats() | st.sampled_from([-90.0, *corners[1::2]])
    west, east = data.draw(lon), data.draw(lon)
    south, north = sorted((data.draw(lat), data.draw(lat)))
    with open_store(":memory:", create=True) as store:
        store.write([(station(f"s{i}", geometry=geometry), 0) for i, geometry in enumerate(found)], at=AT)
        answer = ids(store.stations(box=(west, south, east, north)))
    assert answer == [f"s{i}" for i, geometry in enumerate(found) if meets(geometry, west, south, east, north)]


def test_box_finds_what_is_nearly_on_its_edge():
    with open_store(":memory:", create=True) as store:
        store.write([(station("a", geometry=Point(-1e-199, 0)), 0)], at=AT)
        assert ids(store.stations(box=(-180, -90, -1e-199, 90))) == ["a"]


def test_edges_of_a_box_count():
    lon, lat = 113.0699999, 28.8000001  # neither is a number in single precision
    with open_store(":memory:", create=True) as store:
        store.write([(station("a", geometry=Point(lon, lat)), 0)], at=AT)
        assert ids(store.stations(box=(lon, lat, lon, lat))) == ["a"]
        assert (
            ids(store.stations(box=(112, 28, lon, lat))) == ids(store.stations(box=(lon, lat, 114, 29))) == ["a"]
        )
        assert store.stations(box=(112, 28, lon - 1e-9, 29)) == []
        assert store.stations(box=(112, lat + 1e-9, 114, 29)) == []


def test_box_with_west_above_east_spans_180_degrees(store):
    island = MultiPolygon([box(179.9, -17, 180, -16), box(-180, -17, -179.9, -16)])
    here = {"fiji": 179.5, "samoa": -171.8, "miluo": 113.07}
    store.write([(station(code, geometry=Point(lon, -16)), 0) for code, lon in here.items()], at=AT)
    store.write([(station("island", geometry=island), 0)], at=AT)
    assert ids(store.stations(box=(170, -20, -170, -10))) == ["fiji", "island", "samoa"]
    assert ids(store.stations(box=(170, -20, -170, -10), ids=["samoa", "miluo"])) == ["samoa"]


def test_moved_station_is_found_where_it_is_now(store):
    store.write([(station("a", geometry=Point(1, 1)), 0)], at=AT)
    store.write([(station("a", geometry=Point(5, 5)), 1)], at=AT)
    assert store.stations(box=(0, 0, 2, 2)) == []
    assert ids(store.stations(box=(4, 4, 6, 6))) == ["a"]


# Search


@pytest.fixture
def town(store):
    store.write(
        [
            (station("1", name="归义社区驿站", community="归义社区", street="罗城路"), 0),
            (station("2", name="汨罗江大道站", address="汨罗市 Bank ABC 100%"), 0),
            (station("3", name="大归义驿站", entry=Entry(host="工商银行"), operator="总工会"), 0),
            (station("430681-0004", name='O\'Neil "x" *'), 0),
        ],
        at=AT,
    )
    return store


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("归义", ["1", "3"]),
        ("归", ["1", "3"]),
        ("归义社区", ["1"]),
        ("归义 驿站", ["1", "3"]),
        ("归义 罗城", ["1"]),
        ("gy", ["1", "3"]),
        ("GY", ["1", "3"]),
        ("ｇｙ", ["1", "3"]),
        ("guiyi", ["1", "3"]),
        ("gui yi", ["1", "3"]),
        ("GuiYi", ["1", "3"]),
        ("ＧＵＩＹＩ", ["1", "3"]),
        ("汨罗", ["2"]),
        ("汩罗", ["2"]),
        ("汩罗江", ["2"]),
        ("miluo", ["2"]),
        ("bank abc", ["2"]),
        ("ＢＡＮＫ", ["2"]),
        ("100%", ["2"]),
        ("工商", ["3"]),
        ("总工会", ["3"]),
        ("430681", ["430681-0004"]),
        ("o'neil", ["430681-0004"]),
        ('"x"', ["430681-0004"]),
        ("归\u200b义", ["1", "3"]),
        ("归义 汨罗", []),
        ("xyz", []),
        ("", []),
        ("  ", []),
    ],
)
def test_text_finds_stations(town, text, found):
    assert [s.id for s in town.search(text)] == found


def test_match_at_the_start_of_a_field_comes_first(town):
    town.write([(station("0", name="新归义驿站"), 0)], at=AT)
    assert [s.id for s in town.search("归义")] == ["1", "0", "3"]


def test_search_returns_no_more_than_its_limit(town):
    assert [s.id for s in town.search("站", limit=2)] == ["1", "2"]


def test_changed_name_is_found_and_the_old_one_is_not(town):
    town.write([(station("1", name="高泉社区驿站"), 1)], at=AT)
    assert [s.id for s in town.search("高泉社")] == [s.id for s in town.search("gqsqyz")] == ["1"]
    assert [s.id for s in town.search("归义社")] == []


@pytest.mark.parametrize(
    "text",
    ['"', '""', '"""', "'", "'; DROP TABLE stations; --", "%", "%%%", "_", "*", "***", "abc*", "-abc", "NEAR(a b)",
     "a AND", "AND OR NOT", "search:abc", "^abc", "(((", "|", "|||", "\0", "ab\0cd", "abc\0", "\ud800", "abc\ud800",
     "\\", "🛵", "🛵🛵🛵", "x" * 100_000, "a " * 500],
)  # fmt: skip
def test_hostile_text_finds_little_and_breaks_nothing(town, text):
    assert len(town.search(text)) <= 4
    assert town.count() == 4


@settings(max_examples=150, deadline=None)
@given(text=st.text(st.characters(), max_size=12))
def test_any_text_can_be_searched_for(searched, text):
    assert isinstance(searched.search(text), list)


@pytest.fixture(scope="module")
def searched():
    with open_store(":memory:", create=True) as opened:
        opened.write([(station("1", name="归义社区驿站"), 0)], at=AT)
        yield opened


@settings(max_examples=60, deadline=None)
@given(stations())
def test_every_station_is_found_by_its_name(found):
    with open_store(":memory:", create=True) as store:
        store.write([(found, 0)], at=AT)
        assert ids(store.stations()) == [found.id]
        assert [s.id for s in store.search(found.id)] == [found.id]
        if any(char.isalnum() for char in found.name):
            assert [s.id for s in store.search(found.name)] == [found.id]


_WRITES = st.lists(
    st.tuples(
        st.lists(st.tuples(st.sampled_from(CODES), st.sampled_from(("归义站", "gaoquan", "高泉")))), st.booleans()
    )
)


@settings(max_examples=60, deadline=None)
@given(writes=_WRITES)
def test_search_knows_what_is_there_after_any_writes(writes):
    with open_store(":memory:", create=True) as store:
        for batch, and_back in writes:
            before = store.revision
            store.write([(station(code, name=name), None) for code, name in batch], at=AT)
            if and_back and before != store.revision and len({code for code, _ in batch}) == len(batch):
                store.undo(store.revision, at=AT)
            for name in ("归义站", "gaoquan", "高泉"):
                assert ids(store.stations()) == [code for code in CODES if code in ids(store.stations())]
                wanted = [k.id for k in store.stations() if normalised(name) in search_text(k.station)]
                assert sorted(s.id for s in store.search(name)) == wanted


def test_one_station_twice_in_one_write_has_two_versions(store):
    store.write([(station("a", name="first"), 0), (station("b"), 0), (station("a", name="last"), 1)], at=AT)
    assert [k.station.name for k in store.history("a")] == ["first", "last"]
    assert [s.id for s in store.search("last")] == ["a"]
    assert store.search("first") == []


def test_more_stations_than_one_batch_are_all_there(store):
    many = [
        station(f"s{number:04d}", name=f"驿站{number}", geometry=Point(113, number / 100 % 60))
        for number in range(5_500)
    ]
    store.write([(one, 0) for one in many], at=AT)
    assert [k.station for k in store.stations()] == many
    assert ids(store.stations(box=(112, 24.99, 114, 30))) == [
        one.id for one in many if one.geometry.y >= 24.99 and one.geometry.y <= 30
    ]
    assert [s.id for s in store.search("驿站5499")] == ["s5499"]
    assert store.write([(one, 1) for one in many], at=AT) == 1


@settings(max_examples=300, deadline=None)
@given(st.text(st.one_of(st.sampled_from("行长重庆大厦朝阳银音乐一不儿汩"), st.characters()), max_size=12))
def test_pinyin_word_by_word_is_that_of_the_whole(text):
    folded = normalised(text)
    assert syllables_of(folded) == [s for s in lazy_pinyin(folded, style=Style.NORMAL, errors="ignore") if s]


def test_every_character_alone_is_one_short_syllable():
    characters = list(map(chr, PINYIN_DICT))
    whole, initials, _ = spelled("\n".join(characters))
    assert whole == ["".join(lazy_pinyin(one, style=Style.NORMAL, errors="ignore")) for one in characters]
    assert initials == [syllable[:1] for syllable in whole]


_CHINESE = st.text(
    st.one_of(st.sampled_from("行\ufa08长重庆厦银音乐会计不汩ＡbêÊ| \u3000\n\0"), st.characters()), max_size=12
)


@settings(max_examples=200, deadline=None)
@given(st.lists(_CHINESE.filter(str.strip), max_size=6))
def test_many_stations_are_found_by_what_each_is_found_by(names):
    found = []
    for name in names:
        with suppress(InvalidValue):
            found.append(station("a", name=name, community=name[::-1], street=name[:2], address=name))
    assert search_texts(found) == [search_text(one) for one in found]
    for one in found:
        spoken = lazy_pinyin(normalised(one.name), style=Style.NORMAL, errors="ignore")
        assert "".join(normalised("".join(spoken)).split()) in search_text(one)
        assert "".join(normalised("".join(syllable[:1] for syllable in spoken)).split()) in search_text(one)


def test_two_threads_may_spell_at_once_from_the_start():
    script = (
        "import threading; from locator.store import pinyin;"
        "threading.Thread(target=pinyin.load).start(); print(pinyin.spelled('归义社区')[0])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "['guiyishequ']"


@settings(max_examples=300, deadline=None)
@given(st.text(st.one_of(st.sampled_from("|ab\x00\u200b\ud800\u3000 "), st.characters()), max_size=12))
def test_what_cannot_be_seen_is_a_space(text):
    folded = unicodedata.normalize("NFKC", text).casefold().replace("汩", "汨")
    seen = [" " if c == "|" or unicodedata.category(c) in ("Cc", "Cf", "Cs") else c for c in folded]
    assert normalised(text) == " ".join("".join(seen).split())


def test_what_an_older_database_found_by_is_taken_over(path, monkeypatch):
    with monkeypatch.context() as older:
        older.setattr(schema, "_MIGRATIONS", schema._MIGRATIONS[:3])
        older.setattr(schema, "_NAMES", schema._NAMES[:3])
        Store(path, create=True).close()
    record = json.dumps(station_to_record(station("a", name="归义站")))
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO stations (id, version, revision, recorded_at, geometry, record, search) VALUES (?,?,?,?,?,?,?)",
            ["a", 1, 1, AT.isoformat(), shapely.to_wkb(Point(113.07, 28.8)), record, "|归义站"],
        )
    connection.close()
    with open_store(path) as store:
        assert [s.id for s in store.search("归义站")] == ["a"]
        assert ids(store.stations(box=(113.07, 28.8, 113.07, 28.8))) == ["a"]
        store.write([(station("a", name="高泉站"), 1), (station("b", name="归义站"), 0)], at=AT)
        assert [s.id for s in store.search("归义站")] == ["b"]
        assert [s.id for s in store.search("高泉站")] == ["a"]


def test_history_of_an_older_database_is_taken_over(path, monkeypatch):
    with monkeypatch.context() as older:
        older.setattr(schema, "_MIGRATIONS", schema._MIGRATIONS[:6])
        older.setattr(schema, "_NAMES", schema._NAMES[:6])
        Store(path, create=True).close()
    versions = [("a", 1, "one"), ("a", 2, "two"), ("b", 1, "b"), ("b", 2, None), ("c", 1, None), ("c", 2, "c")]
    now = [("a", 2, "two"), ("c", 2, "c")]
    with sqlite3.connect(path) as connection:
        for table, rows in (("history", versions), ("stations", now)):
            for code, version, name in rows:
                record = name and json.dumps(station_to_record(station(code, name=name)))
                wkb = name and shapely.to_wkb(Point(113.07, 28.8))
                row = {"id": code, "version": version, "revision": version, "recorded_at": AT.isoformat()}
                row |= {"geometry": wkb, "record": record} | (
                    {"search": f"|{name}"} if table == "stations" else {}
                )
                connection.execute(
                    f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", [*row.values()]
                )
        connection.executemany(
            "INSERT INTO revisions VALUES (?, ?, '')", [(1, AT.isoformat()), (2, AT.isoformat())]
        )
    connection.close()
    with open_store(path) as store:
        told = [(k.id, k.version, k.station and k.station.name) for code in CODES for k in store.history(code)]
        assert told == versions
        assert [(k.id, k.version) for k in store.changes(1)] == [("a", 2), ("b", 2), ("c", 2)]
        store.undo(2, at=AT)
        assert {k.id: k.station.name for k in store.stations()} == {"a": "one", "b": "b"}


# Places and what is said of all


def test_places_come_back_by_id(store):
    places = [({"id": "b", "name": "归义 🛵", "n": {"x": [1, None]}}, SQUARE), ({"id": "a", "name": "x"}, SQUARE)]
    for layer in schema.LAYERS:
        store.replace_places(layer, places, at=AT)
        assert store.places(layer) == places[::-1]
    store.replace_places("areas", places[:1], at=AT)
    assert store.places("areas") == places[:1]
    assert len(store.places("demand")) == 2


def test_place_may_be_numbered_from_zero(store):
    store.replace_places("areas", [({"id": 0}, SQUARE), ({"id": 1}, SQUARE)], at=AT)
    assert [record["id"] for record, _ in store.places("areas")] == ["0", "1"]


@pytest.mark.parametrize(
    "places",
    [
        [({"id": "a"}, SQUARE), ({"id": "a"}, SQUARE)],
        [({"id": "a"}, SQUARE), ({"name": "no id"}, SQUARE)],
        [({"id": None}, SQUARE)],
        [({"id": "a", "x": float("nan")}, SQUARE)],
        [({"id": "a", "x": "\ud800"}, SQUARE)],
    ],
)
def test_places_that_cannot_be_kept_are_refused_and_the_old_ones_stay(store, places):
    store.replace_places("areas", [({"id": "old"}, SQUARE)], at=AT)
    with pytest.raises(InvalidValue):
        store.replace_places("areas", places, at=AT)
    assert store.places("areas") == [({"id": "old"}, SQUARE)]
    assert store.revision == 1


def test_station_that_cannot_be_kept_is_refused(store):
    with pytest.raises(InvalidValue):
        store.write([(station("b"), 0), (station("a", extra={"x": "\ud800"}), 0)], at=AT)
    assert store.count() == 0


def test_layer_that_is_not_there_is_refused(store):
    for ask in (lambda: store.places("stations"), lambda: store.replace_places("x; --", [], at=AT)):
        with pytest.raises(InvalidValue, match="areas"):
            ask()


def test_areas_are_listed_by_day(store):
    dates = {"a": (None, None), "b": ("2024-01-11", None), "c": (None, "2024-01-10")}
    record = [
        ({"id": code, "name": code, "valid_from": a, "valid_to": b}, SQUARE) for code, (a, b) in dates.items()
    ]
    store.replace_places("areas", record, at=AT)
    assert [area.id for area in store.areas()] == ["a", "b", "c"]
    assert [area.id for area in store.areas(on=date(2024, 1, 10))] == ["a", "c"]
    assert [area.id for area in store.areas(on=date(2024, 1, 11))] == ["a", "b"]
    assert isinstance(store.areas()[0], Area)


def test_streets_are_listed(store):
    line = shapely.LineString([(113, 28), (113.1, 28)])
    store.replace_places(
        "streets", [({"id": "1", "name": "罗城路", "kind": "main", "must_cover": True}, line)], at=AT
    )
    (street,) = store.streets()
    assert (street.name, street.kind, street.must_cover, street.geometry) == ("罗城路", "main", True, line)


def test_what_is_said_of_all_is_merged_and_taken_back(store):
    store.set_meta({"name": "汨罗", "timezone": "Asia/Shanghai"}, at=AT)
    store.set_meta({"name": None, "n": {"x": [1.5, True]}}, at=AT)
    assert store.meta() == {"timezone": "Asia/Shanghai", "n": {"x": [1.5, True]}}
    with pytest.raises(InvalidValue):
        store.set_meta({"x": float("inf")}, at=AT)


# Opening


def test_missing_file_is_refused_and_not_made(path):
    with pytest.raises(StoreError, match="no such database") as refusal:
        open_store(path)
    assert refusal.value.value == path
    assert not Path(path).exists()


@pytest.mark.parametrize("create", [True, False])
def test_folder_that_is_not_there_is_refused(tmp_path, create):
    with pytest.raises(StoreError) as refusal:
        open_store(str(tmp_path / "nowhere" / "town.db"), create=create)
    assert refusal.value.mend
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("create", [True, False])
def test_folder_is_no_database(tmp_path, create):
    with pytest.raises(StoreError):
        open_store(str(tmp_path), create=create)


def test_relative_and_absolute_addresses(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    open_store("sqlite:///a.db", create=True).close()
    open_store(f"sqlite:///{tmp_path}/b.db", create=True).close()
    open_store("c.db", create=True).close()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.db", "b.db", "c.db"]
    for url in (f"sqlite:////{str(tmp_path).lstrip('/')}/a.db", "sqlite:///b.db", "c.db"):
        open_store(url).close()
    open_store("sqlite:///:memory:").close()


@pytest.mark.parametrize(
    "url", ["postgresql://localhost/x", "http://example.org/a.db", "sqlite://a.db", "", "sqlite:///"]
)
def test_address_that_no_store_answers_to_is_refused(url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError) as refusal:
        open_store(url, create=True)
    assert (refusal.value.field, refusal.value.value) == ("database", url)
    assert list(tmp_path.iterdir()) == []


def test_file_that_is_no_database_is_refused_and_kept(path):
    Path(path).write_bytes(b"id,name\n" * 1000)
    with pytest.raises(StoreError):
        open_store(path, create=True)
    assert Path(path).read_bytes() == b"id,name\n" * 1000


def test_database_of_another_program_is_refused_and_kept(path):
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE stations (id)")
    connection.commit()
    connection.close()
    before = Path(path).read_bytes()
    with pytest.raises(StoreError, match="another program"):
        open_store(path, create=True)
    assert Path(path).read_bytes() == before


def test_database_of_a_newer_version_is_refused_and_kept(path):
    open_store(path, create=True).close()
    connection = sqlite3.connect(path)
    connection.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('locator', 'm999_x', '2030-01-01')"
    )
    connection.commit()
    connection.close()
    before = Path(path).read_bytes()
    with pytest.raises(StoreError, match="newer version"):
        open_store(path)
    assert Path(path).read_bytes() == before


def test_refused_file_is_let_go_of(path):
    test_database_of_another_program_is_refused_and_kept(path)
    with sqlite3.connect(path, timeout=0.1, isolation_level=None) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("ROLLBACK")
    connection.close()


READ_ONLY = """
import os, sys
from datetime import UTC, datetime
import shapely
from locator.errors import StoreError
from locator.station import Station
from locator.store import open_store
if os.geteuid() == 0:
    os.setuid(65534)  # root may write everything
with open_store(sys.argv[1]) as store:
    assert [kept.id for kept in store.stations()] == ["a"]
    try:
        store.write([(Station(id="b", name="n", geometry=shapely.Point(1, 2)), 0)], at=datetime.now(UTC))
    except StoreError as refusal:
        print(refusal)
"""


@pytest.mark.skipif(os.name != "posix", reason="no file modes on this system")
def test_file_that_may_only_be_read_is_read():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "town.db"
        with open_store(str(path), create=True) as store:
            store.write([(station("a"), 0)], at=AT)
        path.chmod(0o444)
        Path(folder).chmod(0o555)
        done = subprocess.run(
            [sys.executable, "-c", READ_ONLY, str(path)], capture_output=True, text=True, timeout=60, check=False
        )
        Path(folder).chmod(0o700)
    assert done.returncode == 0, done.stderr
    assert "cannot be written" in done.stdout
    assert "readonly" in done.stdout


def test_acknowledged_means_on_disk(path):
    with open_store(path, create=True) as made:
        assert made._connection.execute("PRAGMA synchronous").fetchone() == (2,)
    with open_store(path) as store:
        assert store._connection.execute("PRAGMA synchronous").fetchone() == (2,)
        (journal,) = store._connection.execute("PRAGMA journal_mode").fetchone()
        assert journal.upper() == _journal_mode(sqlite3.sqlite_version_info)


@pytest.mark.parametrize(
    ("version", "journal"),
    [
        ((3, 40, 1), "DELETE"),
        ((3, 44, 5), "DELETE"),
        ((3, 44, 6), "WAL"),
        ((3, 45, 0), "DELETE"),
        ((3, 50, 6), "DELETE"),
        ((3, 50, 7), "WAL"),
        ((3, 51, 0), "DELETE"),
        ((3, 51, 2), "DELETE"),
        ((3, 51, 3), "WAL"),
        ((3, 52, 0), "WAL"),
        ((4, 0, 0), "WAL"),
    ],
)
def test_journal_is_one_that_loses_nothing(version, journal):
    assert _journal_mode(version) == journal


@pytest.mark.parametrize("safe", ["DELETE", "WAL"])
def test_journal_of_a_newer_sqlite_is_put_right(path, monkeypatch, safe):
    monkeypatch.setattr("locator.store.sqlite._journal_mode", lambda _: "WAL")
    with open_store(path, create=True) as store:
        store.write([(station("a"), 0)], at=AT)
        assert store._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    monkeypatch.setattr("locator.store.sqlite._journal_mode", lambda _: safe)
    with Store(path) as store:
        assert store._connection.execute("PRAGMA journal_mode").fetchone() == (safe.lower(),)
        assert ids(store.stations()) == ["a"]
