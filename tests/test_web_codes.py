"""The code on a door leads to the station for as long as the sticker holds; a visit is a number and nothing more."""

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
from web_town import AT, small_town, station, written

from locator.store import hour_of, open_store
from locator.web import create_app

BROWSER = {
    "User-Agent": "SpyBrowser/1.0",
    "Referer": "https://chat.example/",
    "Cookie": "lang=zh; form=" + "c" * 22,
}


@pytest.fixture
def path(tmp_path):
    return written(str(tmp_path / "c.db"), [*small_town(), station("GY-01"), station("Xy"), station("xY")])


@pytest.fixture
def client(path):
    return create_app({"DATABASE": path, "REFRESH_S": 0, "LANGUAGE": "en"}).test_client()


def counted(path):
    with open_store(path) as store:
        return {visits.station: visits.count for visits in store.visits.all()}


@pytest.mark.parametrize("code", ["a", "归义-1"])
def test_a_code_leads_to_the_page_of_its_station(client, path, code):
    answer = client.get(f"/s/{code}")
    assert answer.status_code == 302
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get(answer.location).status_code == 200
    assert counted(path) == {code: 1}


def test_a_code_typed_by_hand_may_be_in_other_letters_unless_two_stations_differ_by_them(client):
    assert client.get("/s/gy-01").location == "/stations/GY-01"
    assert client.get("/s/Xy").location == "/stations/Xy"
    assert client.get("/s/xy").status_code == 404


def test_an_old_code_leads_to_the_station_of_today_and_counts_there(client, path):
    with open_store(path) as store:
        store.old_codes.add("OLD", "b")
    assert client.get("/s/OLD?lang=zh").location == "/stations/b?lang=zh"
    assert counted(path) == {"b": 1}


def test_an_old_code_may_be_in_other_letters_unless_two_stations_are_meant(client, path):
    with open_store(path) as store:
        store.old_codes.add("GY-1", "a")
        store.old_codes.add("door", "a")
        store.old_codes.add("Door", "b")
        store.old_codes.add("gy-01", "b")  # of which a station has the capitals
    assert client.get("/s/gy-1").location == "/stations/a"
    assert client.get("/s/Door").location == "/stations/b"
    assert client.get("/s/DOOR").status_code == 404
    assert client.get("/s/gy-01").location == "/stations/b"
    assert client.get("/s/GY-01").location == "/stations/GY-01"
    assert client.get("/s/gY-01").status_code == 404


@pytest.mark.parametrize(
    "text",
    ["GY-1", "gy-1", " gy-1 ", "https://map.example/s/GY-1", "http://127.0.0.1:8000/deep/s/gy-1?lang=en", "/s/a",
     "https://map.example/stations/a#hours"],
)  # fmt: skip
def test_search_finds_what_a_code_or_its_link_leads_to(client, path, text):
    with open_store(path) as store:
        store.old_codes.add("GY-1", "a")
    page = client.get("/", query_string={"q": text}).text
    assert re.findall(r'class="card" data-id="([^"]+)"', page)[:1] == ["a"]
    assert counted(path) == {}, "who searches does not visit"


def test_search_finds_the_code_of_a_link_with_chinese(client):
    page = client.get("/", query_string={"q": "https://map.example/s/%E5%BD%92%E4%B9%89-1"}).text
    assert re.findall(r'class="card" data-id="([^"]+)"', page) == ["归义-1"]


def test_phones_know_old_codes_and_keep_the_new_ones(client, path):
    before = client.get("/service-worker.js").text
    with open_store(path) as store:
        store.old_codes.add("GY-1", "a")
    assert '"GY-1": "a"' in client.get("/shell").text
    assert client.get("/service-worker.js").text != before


def test_a_code_of_a_station_that_is_gone_says_so(client, path):
    with open_store(path) as store:
        store.write(removals=[("a", None)], at=AT)
        store.set_meta({"name": {"zh": "某镇", "en": "Some Town"}}, at=AT)
    answer = client.get("/s/a?lang=en")
    assert answer.status_code == 410
    assert "Some Town" in answer.text
    assert "no longer there" in answer.text
    assert client.get("/s/never").status_code == 404
    assert counted(path) == {}


def test_visits_are_one_number_a_station_and_hour_and_nothing_personal(client, path):
    for _ in range(3):
        client.get("/s/a", headers=BROWSER, environ_base={"REMOTE_ADDR": "203.0.113.77"})
    client.get("/s/b", headers=BROWSER)
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT * FROM visits").fetchall()
        everything = "\n".join(connection.iterdump())
    hour = hour_of(datetime.now(UTC)).isoformat()
    assert [(code, count) for code, _, count in rows] == [("a", 3), ("b", 1)]
    assert all(
        re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:00:00\+00:00", moment) and moment <= hour for _, moment, _ in rows
    )
    for personal in ("SpyBrowser", "chat.example", "203.0.113.77", "c" * 22):
        assert personal not in everything


def test_who_looks_ahead_or_asks_for_the_head_alone_is_no_visitor(client, path):
    client.get("/s/a", headers={"Sec-Purpose": "prefetch;prerender"})
    client.get("/s/a", headers={"X-Moz": "prefetch"})
    client.head("/s/a")
    assert counted(path) == {}


def test_a_visitor_does_not_wait_for_a_writer_and_is_counted_later(client, path):
    with open_store(path) as store, store._writing():
        assert client.get("/s/a").status_code == 302
    assert counted(path) == {}
    client.get("/s/a")
    assert counted(path) == {"a": 2}


def test_a_visit_is_no_change_of_the_data(client):
    before = client.get("/api/v1/snapshot").headers["ETag"]
    client.get("/s/a")
    assert client.get("/api/v1/snapshot").headers["ETag"] == before
