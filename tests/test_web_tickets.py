"""A report is two taps, becomes a ticket with a public state, and shows to nobody what was written or by whom."""

import io
import re
import sqlite3
from contextlib import closing

import pytest
from PIL import Image
from web_town import AT, small_town, station, written

from locator.store import open_store
from locator.web import create_app
from locator.web.guard import COOKIE

HOSTILE = "</script><img src=x onerror=alert(1)>'\"`${7*7}{{7*7}}"
OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def path(tmp_path):
    return written(str(tmp_path / "r.db"), [*small_town(), station("h", name=HOSTILE, address=HOSTILE)])


@pytest.fixture
def client(path):
    return create_app({"DATABASE": path, "REFRESH_S": 0, "LANGUAGE": "en"}).test_client()


def token_of(client, address: str) -> str:
    return re.search(r'name="token" value="([^"]+)"', client.get(address).text).group(1)


def report(client, code: str = "a", *, headers: dict | None = None, **fields):
    address = f"/report/{code}"
    form = {"token": token_of(client, address), "kind": "locked", **fields}
    return client.post(address, data=form, headers=OWN if headers is None else headers)


def tickets(path: str) -> list:
    with open_store(path) as store:
        return store.tickets.all()


def photo(**options) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(written, "JPEG", **options)
    return written.getvalue()


def test_two_taps_make_a_ticket_and_show_its_state(client, path):
    assert 'href="/report/a"' in client.get("/stations/a").text
    sent = report(client)
    assert (sent.status_code, sent.location) == (303, "/report/a/1")
    page = client.get(sent.location).text
    assert "Report 1" in page
    assert "received" in page
    (ticket,) = tickets(path)
    assert (ticket.station, ticket.kind, ticket.state) == ("a", "locked", "received")


def test_every_step_of_staff_is_on_the_page_of_the_station_at_once(client, path):
    report(client)
    with open_store(path) as store:
        store.tickets.move(1, "confirmed", at=AT, answer="A new lock comes on Friday")
    for address in ("/stations/a", "/report/a/1"):
        page = client.get(address).text
        assert "confirmed, being corrected" in page
        assert "A new lock comes on Friday" in page
    with open_store(path) as store:
        store.tickets.move(1, "corrected", at=AT)
    assert "ticket-corrected" in client.get("/stations/a").text


def test_what_is_open_stands_before_what_was_handled(client, path):
    for _ in range(7):
        report(client)
    with open_store(path) as store:
        for number in (2, 3, 4, 5, 6, 7):
            store.tickets.move(number, "rejected", at=AT)
    shown = re.findall(r'href="/report/a/(\d+)"', client.get("/stations/a").text)
    assert shown == ["1", "7", "6", "5", "4", "3", "2"]


def test_what_was_written_and_photographed_is_on_no_page(client, path):
    report(client, text="my secret 13800000000", photo=(io.BytesIO(photo()), "p.jpg"))
    (ticket,) = tickets(path)
    assert (ticket.text, ticket.has_photo) == ("my secret 13800000000", True)
    for address in (
        "/stations/a",
        "/report/a/1",
        "/api/v1/stations/a",
        "/api/v1/snapshot",
        "/api/v1/changes?since=0",
    ):
        answer = client.get(address).text
        assert "secret" not in answer
        assert "photo/1" not in answer


def test_a_ticket_is_no_point_and_no_change_of_the_data(client, path):
    before = client.get("/api/v1/snapshot").headers["ETag"]
    report(client, "b", kind="wrong_place", text="113.5,28.9")
    assert client.get("/api/v1/snapshot").headers["ETag"] == before


def test_a_photo_is_kept_without_its_place(client, path):
    exif = Image.Exif()
    exif.get_ifd(0x8825)[2] = (28.0, 48.0, 24.0)
    exif[0x010F] = "SpyPhone"
    report(client, photo=(io.BytesIO(photo(exif=exif, comment=b"my home")), "home.jpg"))
    with open_store(path) as store:
        kept = store.tickets.photo(1)
    assert [secret for secret in (b"SpyPhone", b"my home", b"Exif") if secret in kept] == []
    with Image.open(io.BytesIO(kept)) as picture:
        assert not picture.getexif()


def test_a_photo_that_is_none_is_said_and_the_words_are_kept(client, path):
    answer = report(client, text="chained shut", photo=(io.BytesIO(b"#!/bin/sh"), "p.jpg"))
    assert answer.status_code == 400
    assert "is not a photo that can be read" in answer.text
    assert "chained shut</textarea>" in answer.text
    assert tickets(path) == []


def test_a_photo_too_large_is_refused_unread(path):
    small = create_app({"DATABASE": path, "PHOTO_BYTES": 1000, "LANGUAGE": "en"}).test_client()
    for size in (1_500, 200_000):
        answer = report(small, photo=(io.BytesIO(b"\xff\xd8" + bytes(size)), "p.jpg"))
        assert answer.status_code == 413
        assert "The photo is larger" in answer.text
    assert tickets(path) == []


def test_without_photos_none_is_asked_for_or_kept(path):
    none = create_app({"DATABASE": path, "PHOTO_BYTES": 0}).test_client()
    assert 'type="file"' not in none.get("/report/a").text
    assert report(none, photo=(io.BytesIO(photo()), "p.jpg")).status_code == 303
    assert not tickets(path)[0].has_photo


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.elsewhere.example"},
    ],
)
def test_another_site_cannot_send_it(client, path, headers):
    assert report(client, headers=headers).status_code == 400
    assert tickets(path) == []


@pytest.mark.parametrize("headers", [{}, OWN, {"Origin": "http://localhost"}, {"Sec-Fetch-Site": "none"}])
def test_our_own_page_can(client, path, headers):
    assert report(client, headers=headers).status_code == 303


def test_the_public_address_is_ours_too(path):
    behind = create_app({"DATABASE": path, "PUBLIC_URL": "https://map.example.org"}).test_client()
    assert report(behind, headers={"Origin": "https://map.example.org"}).status_code == 303


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "zz.é.\ud800", "65000000.abc." + "0" * 64])
def test_a_form_without_its_token_is_shown_again(client, path, token):
    client.get("/report/a")
    answer = client.post(
        "/report/a",
        data={"token": token.encode("utf-8", "replace"), "kind": "locked", "text": "<b>x"},
        headers=OWN,
    )
    assert answer.status_code == 400
    assert "&lt;b&gt;x</textarea>" in answer.text
    assert tickets(path) == []


def test_a_token_is_good_for_its_form_and_its_browser_alone(client, path):
    token = token_of(client, "/report/a")
    assert client.post("/report/b", data={"token": token, "kind": "locked"}, headers=OWN).status_code == 400
    assert client.post("/rate/a", data={"token": token, "stars": "1"}, headers=OWN).status_code == 400
    client.delete_cookie(COOKIE)
    assert client.post("/report/a", data={"token": token, "kind": "locked"}, headers=OWN).status_code == 400
    assert tickets(path) == []


def test_a_token_grows_old(client, path, monkeypatch):
    token = token_of(client, "/report/a")
    import time

    later = time.time() + 13 * 3600
    monkeypatch.setattr("locator.web.guard.time.time", lambda: later)
    assert client.post("/report/a", data={"token": token, "kind": "locked"}, headers=OWN).status_code == 400


def test_a_form_sent_twice_is_one_ticket(client, path):
    form = {"token": token_of(client, "/report/a"), "kind": "locked"}
    answers = [client.post("/report/a", data=form, headers=OWN).location for _ in range(3)]
    assert answers == ["/report/a/1"] * 3
    assert len(tickets(path)) == 1


def test_who_reports_too_often_waits(path):
    app = create_app({"DATABASE": path, "TICKET_LIMIT": "2 per hour"})
    one, other = app.test_client(), app.test_client()
    assert [report(one).status_code for _ in range(2)] == [303, 303]
    refused = report(one)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    other.environ_base["REMOTE_ADDR"] = "10.9.8.7"
    assert report(other).status_code == 303


def test_a_flood_at_one_station_ends(path):
    client = create_app({"DATABASE": path, "TICKETS_A_DAY": 2}).test_client()
    assert [report(client).status_code for _ in range(3)] == [303, 303, 429]
    assert report(client, "b").status_code == 303


@pytest.mark.parametrize(
    "address", ["/report/none", "/rate/none", "/report/a/7", "/report/b/1", f"/report/a/{1 << 70}"]
)
def test_what_is_not_there_is_not_found(client, address):
    report(client)
    assert client.get(address).status_code == 404


def test_a_kind_that_is_none_is_refused(client, path):
    assert report(client, kind=HOSTILE).status_code == 400
    assert "<img src=x" not in report(client, kind=HOSTILE).text
    assert tickets(path) == []


def test_hostile_names_and_answers_stay_text(client, path):
    report(client, "h", text=HOSTILE)
    with open_store(path) as store:
        store.tickets.move(1, "confirmed", at=AT, answer=HOSTILE)
    for address in ("/stations/h", "/report/h", "/report/h/1", "/rate/h", "/rate/h/thanks"):
        page = client.get(address).text
        assert "<img src=x" not in page
        assert "&lt;img src=x" in page
        assert "${7*7}{{7*7}}" in page


def test_a_ticket_of_a_station_that_is_gone_can_still_be_read(client, path):
    report(client)
    with open_store(path) as store:
        store.write(removals=[("a", None)], at=AT)
    assert client.get("/stations/a").status_code == 404
    assert client.get("/report/a/1").status_code == 200


def test_a_rating_counts_once_a_day_and_shows_a_mean_of_enough_alone(path):
    app = create_app({"DATABASE": path, "RATINGS_SHOWN_FROM": 3, "LANGUAGE": "en"})

    def rate(client, stars):
        form = {"token": token_of(client, "/rate/a"), "stars": stars}
        return client.post("/rate/a", data=form, headers=OWN)

    first = app.test_client()
    assert rate(first, "1").status_code == 303
    assert rate(first, "5").location == "/rate/a/thanks"
    assert rate(app.test_client(), "4").status_code == 303
    assert "Ratings: 2, too few for a mean" in first.get("/stations/a").text
    rate(app.test_client(), "3")
    assert "4.0 of 5" in first.get("/stations/a").text
    assert rate(first, "6").status_code == 400
    assert rate(first, "٣").status_code == 400


def test_the_cookie_of_a_form_is_ours_alone_and_gone_in_a_day(client):
    plain = client.get("/report/a").headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Max-Age=86400", "Path=/"} <= set(plain.split("; "))
    assert "Secure" not in plain
    client.delete_cookie(COOKIE)
    assert "Secure" in client.get("/report/a", base_url="https://localhost").headers["Set-Cookie"].split("; ")
    assert "Set-Cookie" not in client.get("/stations/a").headers


def test_nobody_keeps_the_page_of_a_form(client):
    assert client.get("/report/a").headers["Cache-Control"] == "no-store"
    assert "form-action 'self'" in client.get("/report/a").headers["Content-Security-Policy"]


def test_nothing_in_the_database_says_who_it_was(client, path):
    who = {"REMOTE_ADDR": "203.0.113.77"}
    browser = {"User-Agent": "SpyBrowser/1.0", "Referer": "http://localhost/from-here", **OWN}
    form = {"token": token_of(client, "/report/a"), "kind": "other", "text": "x"}
    client.post("/report/a", data=form, headers=browser, environ_base=who)
    form = {"token": token_of(client, "/rate/a"), "stars": "3"}
    client.post("/rate/a", data=form, headers=browser, environ_base=who)
    cookie = client.get_cookie(COOKIE).value
    with closing(sqlite3.connect(path)) as connection:
        everything = "\n".join(connection.iterdump())
    for personal in ("203.0.113.77", "SpyBrowser", "from-here", cookie):
        assert personal not in everything


def test_every_report_is_on_the_page_and_none_hides_another(tmp_path):
    path = written(str(tmp_path / "many.db"), small_town())
    with open_store(path) as store:
        numbers = [store.tickets.add("a", "locked", at=AT, once=f"o{one}", most_a_day=99) for one in range(14)]
        store.tickets.move(numbers[0], "confirmed", at=AT)
        store.tickets.move(numbers[1], "corrected", at=AT)
        store.tickets.move(numbers[2], "rejected", at=AT)
    client = create_app({"DATABASE": path, "LANGUAGE": "en"}).test_client()
    page = client.get("/stations/a").text
    at_once, folded = page.split("<summary>10 more reports</summary>")
    linked = r"/report/a/(\d+)\""
    assert re.findall(linked, at_once) == [str(one) for one in (numbers[0], numbers[13], numbers[12], numbers[1])]
    assert sorted(map(int, re.findall(linked, page))) == numbers
    assert re.findall(linked, folded)[-1] == str(numbers[2])
    assert "newest 100" not in page
