"""The data behind the pages follows the database, at most once in so many seconds, and in one thread."""

import threading
from datetime import UTC, datetime

import pytest
from shapely import Point

from locator.errors import StoreError
from locator.station import Station
from locator.store import open_store
from locator.web import create_app
from locator.web.data import Data

NOW = datetime.now(UTC)


@pytest.fixture
def database(tmp_path):
    path = str(tmp_path / "d.db")
    with open_store(path, create=True):
        pass
    add(path, "a")
    return path


def add(database, code):
    with open_store(database) as store:
        store.write([(Station(id=code, name=code, geometry=Point(113, 28)), 0)], at=NOW)


def ids(data):
    return [station.id for station in data.snapshot().stations]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_change_is_seen_when_it_is_time_to_look(database):
    clock = Clock()
    data = Data(database, refresh_s=10, clock=clock)
    first = data.snapshot()
    add(database, "b")
    clock.now = 9.9
    assert data.snapshot() is first
    clock.now = 10
    assert ids(data) == ["a", "b"]


def test_unchanged_data_is_not_read_again(database):
    clock = Clock()
    data = Data(database, refresh_s=1, clock=clock)
    first = data.snapshot()
    for clock.now in range(1, 5):
        assert data.snapshot() is first


def test_while_one_thread_looks_the_others_go_on(database, monkeypatch):
    clock = Clock()
    data = Data(database, refresh_s=1, clock=clock)
    first = data.snapshot()
    add(database, "b")
    clock.now = 5
    looking, go_on = threading.Event(), threading.Event()
    from locator.web import data as module

    load = module.load_snapshot

    def slow(store):
        looking.set()
        assert go_on.wait(20)
        return load(store)

    monkeypatch.setattr(module, "load_snapshot", slow)
    thread = threading.Thread(target=data.snapshot)
    thread.start()
    assert looking.wait(20)
    clock.now = 10
    assert data.snapshot() is first
    go_on.set()
    thread.join(20)
    assert ids(data) == ["a", "b"]


def test_failed_look_is_followed_by_the_next(database, tmp_path):
    clock = Clock()
    data = Data(database, refresh_s=1, clock=clock)
    add(database, "b")
    (tmp_path / "d.db").rename(tmp_path / "elsewhere.db")
    clock.now = 1
    with pytest.raises(StoreError):
        data.snapshot()
    (tmp_path / "elsewhere.db").rename(tmp_path / "d.db")
    clock.now = 2
    assert ids(data) == ["a", "b"]


def test_missing_database_is_said_at_the_start(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError, match=r"none\.db"):
        create_app({"DATABASE": "none.db"})
    assert not (tmp_path / "none.db").exists()


def test_lost_database_is_unavailable_not_an_error_of_ours(database, tmp_path):
    client = create_app({"DATABASE": database, "REFRESH_S": 0}).test_client()
    assert client.get("/api/v1/nearest?lon=113&lat=28").status_code == 200
    (tmp_path / "d.db").unlink()
    answer = client.get("/api/v1/nearest?lon=113&lat=28")
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    # Where the database is, is for whoever runs the server.
    assert str(tmp_path) not in answer.text
    assert "d.db" not in client.get("/api/v1/areas").text
    assert client.get("/").status_code == 503
