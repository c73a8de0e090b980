"""What users tell is kept as tickets, ratings and visits, and nothing of it says who told it."""

import sqlite3
import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from web_town import AT, small_town, station, written

from locator.errors import Conflict, InvalidValue, NotFound, StoreError, TooMany
from locator.store import hour_of, open_store
from locator.ticket import MAX_TEXT, NEXT_STATES, STATES, checked_text

TODAY = date(2026, 11, 20)
TOKEN = "device-token-1234"


@pytest.fixture
def path(tmp_path):
    return written(str(tmp_path / "t.db"), small_town())


@pytest.fixture
def store(path):
    with open_store(path) as opened:
        yield opened


def everything(path: str) -> str:
    """Return all that the file holds of reports, as one text."""
    with sqlite3.connect(path) as connection:
        tables = ("tickets", "ticket_steps", "ratings_today", "rating_counts", "visits")
        return repr([connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables])


def test_a_report_is_a_ticket_and_no_change_of_the_data(store):
    stamp = store.stamp()
    number = store.tickets.add("a", "locked", at=AT, text=" 锁着\r\n的 ")
    ticket = store.tickets.one(number)
    assert (ticket.station, ticket.kind, ticket.state, ticket.text) == ("a", "locked", "received", "锁着\n的")
    assert not ticket.has_photo
    assert ticket.reported_at == AT
    assert store.stamp() == stamp


def test_a_ticket_goes_its_way_and_every_step_is_kept(store):
    number = store.tickets.add("a", "broken", at=AT)
    store.tickets.move(number, "confirmed", at=AT + timedelta(hours=1), answer="微波炉周五修好")
    done = store.tickets.move(number, "corrected", at=AT + timedelta(hours=2))
    assert (done.state, done.answer, done.is_handled) == ("corrected", "微波炉周五修好", True)
    assert [(state, answer) for state, _, answer in store.tickets.steps(number)] == [
        ("received", ""),
        ("confirmed", "微波炉周五修好"),
        ("corrected", ""),
    ]


@pytest.mark.parametrize("state", STATES)
def test_only_the_steps_of_the_table_are_taken(store, state):
    first = store.tickets.add("a", "other", at=AT)
    for to in STATES:
        number = store.tickets.add("a", "other", at=AT)
        if state != "received":
            store.tickets.move(number, state, at=AT)
        before = store.tickets.one(number)
        if to in NEXT_STATES[state]:
            assert (
                store.tickets.move(number, to, at=AT, duplicate_of=first if to == "duplicate" else None).state
                == to
            )
        else:
            with pytest.raises(Conflict):
                store.tickets.move(number, to, at=AT)
            assert store.tickets.one(number) == before


def test_a_duplicate_names_the_first_of_the_same_station(store):
    first, second, elsewhere = (store.tickets.add(code, "locked", at=AT) for code in ("a", "a", "b"))
    for wrong in (second, elsewhere):
        with pytest.raises(InvalidValue):
            store.tickets.move(second, "duplicate", at=AT, duplicate_of=wrong)
    assert store.tickets.move(second, "duplicate", at=AT, duplicate_of=first).duplicate_of == first
    assert store.tickets.move(second, "received", at=AT).duplicate_of is None


def test_a_form_sent_twice_makes_one_ticket(store):
    numbers = {store.tickets.add("a", "locked", at=AT, once="form-1") for _ in range(3)}
    assert len(numbers) == 1
    assert store.tickets.add("a", "locked", at=AT, once="form-2") not in numbers


def test_a_flood_is_kept_from_one_station_only_for_a_day(store):
    for _ in range(3):
        store.tickets.add("a", "locked", at=AT, most_a_day=3)
    with pytest.raises(TooMany):
        store.tickets.add("a", "locked", at=AT + timedelta(hours=23), most_a_day=3)
    store.tickets.add("b", "locked", at=AT, most_a_day=3)
    store.tickets.add("a", "locked", at=AT + timedelta(hours=25), most_a_day=3)


def test_what_cannot_be_is_refused(store):
    with pytest.raises(InvalidValue):
        store.tickets.add("a", "hostile", at=AT)
    with pytest.raises(NotFound):
        store.tickets.add("nowhere", "locked", at=AT)
    with pytest.raises(InvalidValue):
        store.tickets.add("a", "locked", at=AT, text="x" * (MAX_TEXT + 1))
    with pytest.raises(NotFound):
        store.tickets.move(99, "confirmed", at=AT)
    assert store.tickets.all() == []


def test_text_loses_what_nobody_sees():
    assert checked_text("a\x00b\x1b[31m\u202ec\ud800\r\nd\n\n") == "ab[31mc\nd"


def test_tickets_of_a_station_in_some_states_newest_first(store):
    a, b, c = (store.tickets.add(code, "locked", at=AT) for code in ("a", "b", "a"))
    store.tickets.move(a, "rejected", at=AT)
    assert [t.number for t in store.tickets.all()] == [c, b, a]
    assert [t.number for t in store.tickets.all(station="a")] == [c, a]
    assert [t.number for t in store.tickets.all(states=["received"], limit=1)] == [c]


def test_a_ticket_outlives_its_station_and_its_photo_can_be_forgotten(store):
    number = store.tickets.add("a", "locked", at=AT, photo=b"JPEG")
    store.write(removals=[("a", None)], at=AT)
    assert store.tickets.one(number).has_photo
    assert store.tickets.photo(number) == b"JPEG"
    store.tickets.drop_photo(number)
    assert store.tickets.photo(number) is None
    assert not store.tickets.one(number).has_photo


def test_one_rating_a_day_from_each_device(store):
    assert store.ratings.add("a", 1, day=TODAY, token=TOKEN)
    assert not store.ratings.add("a", 5, day=TODAY, token=TOKEN)
    assert store.ratings.add("a", 4, day=TODAY, token="other")
    rating = store.ratings.of("a")
    assert (rating.count, rating.total) == (2, 9)
    assert rating.mean(least=3) is None
    assert rating.mean(least=2) == 4.5
    assert store.ratings.of("b").mean(least=0) is None


def test_next_day_nothing_but_counts_is_left(store, path):
    for token in (TOKEN, "other", "third"):
        store.ratings.add("a", 4, day=TODAY, token=token)
    store.ratings.add("a", 2, day=TODAY + timedelta(days=1), token=TOKEN)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT * FROM rating_counts").fetchall() == [("a", "2026-11-20", 4, 3)]
        assert connection.execute("SELECT day FROM rating_keys").fetchall() == [("2026-11-21",)]
        assert connection.execute("SELECT count(*) FROM ratings_today").fetchone() == (1,)
    assert (store.ratings.of("a").count, store.ratings.all()["a"].total) == (4, 14)
    store.ratings.forget_before(TODAY + timedelta(days=2))
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM ratings_today").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM rating_keys").fetchone() == (0,)
    assert store.ratings.of("a").count == 4


def test_a_device_leaves_neither_its_token_nor_the_same_trace_twice(store, path):
    for code in ("a", "b"):
        store.ratings.add(code, 3, day=TODAY, token=TOKEN)
    assert TOKEN not in everything(path)
    with sqlite3.connect(path) as connection:
        hashes = [h for (h,) in connection.execute("SELECT hashed FROM ratings_today")]
    assert len(set(hashes)) == 2


def test_visits_are_counted_by_station_and_hour(store, path):
    hour = hour_of(datetime(2026, 11, 20, 12, 59, 59, tzinfo=UTC))
    store.visits.add({("a", hour): 2, ("b", hour): 1})
    store.visits.add({("a", hour): 1, ("a", hour + timedelta(hours=1)): 1})
    assert [(v.station, v.hour.hour, v.count) for v in store.visits.all()] == [
        ("a", 12, 3),
        ("a", 13, 1),
        ("b", 12, 1),
    ]
    assert [v.count for v in store.visits.all(station="a", since=hour, until=hour + timedelta(hours=1))] == [3]
    with sqlite3.connect(path) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(visits)")]
    assert columns == ["station", "hour", "count"]


def test_visits_of_many_processes_are_all_counted(path):
    hour = hour_of(AT)

    def visit():
        with open_store(path) as mine:
            for _ in range(10):
                mine.visits.add({("a", hour): 1})

    threads = [threading.Thread(target=visit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with open_store(path) as mine:
        assert [v.count for v in mine.visits.all()] == [40]


def test_who_will_not_wait_is_told_at_once(path):
    with (
        open_store(path) as first,
        open_store(path, busy_s=0.01) as second,
        first._writing(),
        pytest.raises(StoreError),
    ):
        second.visits.add({("a", hour_of(AT)): 1})


def test_an_old_code_leads_to_the_station_of_today(store):
    store.old_codes.add("OLD-1", "a")
    store.old_codes.add("OLD-1", "b")
    assert store.old_codes.all() == {"OLD-1": "b"}
    assert store.old_codes.station_of("OLD-1") == "b"
    with pytest.raises(Conflict):
        store.old_codes.add("a", "b")
    with pytest.raises(NotFound):
        store.old_codes.add("OLD-2", "nowhere")
    with pytest.raises(InvalidValue):
        store.old_codes.add("no code", "a")
    store.old_codes.remove("OLD-1")
    assert store.old_codes.station_of("OLD-1") is None
    with pytest.raises(NotFound):
        store.old_codes.remove("OLD-1")


def test_a_station_that_is_gone_is_known(store):
    store.write([(station("z"), 0)], at=AT)
    store.write(removals=[("z", None)], at=AT)
    assert store.old_codes.is_gone("z")
    assert not store.old_codes.is_gone("never")


def test_every_database_signs_with_a_key_of_its_own(path, tmp_path):
    other = written(str(tmp_path / "other.db"), small_town())
    with open_store(path) as one, open_store(path) as again, open_store(other) as two:
        assert len(one.form_key()) == 32
        assert one.form_key() == again.form_key() != two.form_key()
