"""What programs read: lists a page at a time, one station, its week; validators, encodings and how long they hold."""

import gzip
import json
from datetime import UTC, date, datetime, timedelta

import brotli
import pytest
from shapely import box
from web_town import AT, small_town, station, written

from locator.hours import time_zone
from locator.record import station_to_record
from locator.store import open_store
from locator.web import create_app

TOWN = {one.id: one for one in small_town()}
KEPT = ["/stations", "/stations/a", "/stations/a/hours", "/changes?since=0", "/snapshot", "/facilities", "/areas"]


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    path = written(str(tmp_path_factory.mktemp("lists") / "l.db"), list(TOWN.values()))
    areas = [({"id": f"{n}", "name": f"区{n}", "kind": "community", "valid_to": f"202{n}-12-31"}, box(113, 28, 114, 29))
             for n in (5, 6, 7)]  # fmt: skip
    with open_store(path) as store:
        store.replace_places("areas", areas, at=AT)
    return path


@pytest.fixture(scope="module")
def app(database):
    return create_app({"DATABASE": database, "REFRESH_S": 0, "RATE_LIMIT": "", "MAX_AGE_S": 3_000})


@pytest.fixture
def client(app):
    return app.test_client()


def got(client, path, **asked):
    answer = client.get(f"/api/v1{path}", query_string=asked)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_stations_are_full_records_by_id(client):
    answer = got(client, "/stations")
    assert [one["id"] for one in answer["features"]] == sorted(TOWN)
    assert (answer["numberMatched"], answer["numberReturned"], answer["next"]) == (6, 6, None)
    for one in answer["features"]:
        assert one["properties"] == station_to_record(TOWN[one["id"]])
        assert one == got(client, f"/stations/{one['id']}")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"bbox": "113.07,28.8,113.08,28.8"}, ["a", "b", "归义-1"]),
        ({"bbox": "113.15,28.75,113.16,28.76"}, ["d"]),
        ({"bbox": "179,-11,-179,-9"}, ["c", "e"]),
        ({"bbox": "0,0,1,1"}, []),
        ({"needs": "toilet"}, ["b", "归义-1"]),
        ({"needs": "aed"}, []),
        ({"categories": "mini_station,mobile"}, ["b"]),
        ({"categories": "mini_station", "needs": "toilet", "bbox": "113,28,114,29"}, ["b"]),
    ],
)
def test_filters(client, asked, expected):
    answer = got(client, "/stations", **asked)
    assert ([one["id"] for one in answer["features"]], answer["numberMatched"]) == (expected, len(expected))


@pytest.mark.parametrize(("path", "count"), [("/api/v1/stations?bbox=113,28,114,29", 4), ("/api/v1/areas", 3)])
def test_pages_hold_everything_once(client, path, count):
    seen, address = [], f"{path}{'&' if '?' in path else '?'}limit=2"
    while address:
        answer = client.get(address).json
        assert answer["numberMatched"] == count
        seen += [one["id"] for one in answer["features"]]
        address = answer["next"]
    assert len(seen) == count
    assert seen == sorted(set(seen))


def test_limit_above_the_maximum_is_lowered_and_said(client):
    answer = got(client, "/stations", limit=100_000)
    assert (answer["limit"], answer["limit_lowered"]) == (1000, True)


def test_areas_of_a_day(client):
    assert [one["id"] for one in got(client, "/areas", on="2026-06-01")["features"]] == ["6", "7"]


def test_week_is_what_the_hours_say(client):
    week = got(client, "/stations/d/hours", **{"from": "2026-11-20"})
    assert (week["from"], week["to"], week["timezone"]) == ("2026-11-20", "2026-11-27", "Asia/Shanghai")
    expected = TOWN["d"].hours(zone="Asia/Shanghai").week(date(2026, 11, 20))
    assert len(expected) == 5  # two of the seven days are closures
    assert [(datetime.fromisoformat(one["start"]), datetime.fromisoformat(one["end"]), one["state"])
            for one in week["intervals"]] == [(one.start, one.end, str(one.state)) for one in expected]  # fmt: skip
    assert {one["state"] for one in got(client, "/stations/a/hours")["intervals"]} == {"open", "self_service"}


def test_week_begins_today_and_is_kept_no_longer_than_until_midnight(client):
    zone = time_zone("Asia/Shanghai")
    now = datetime.now(UTC).astimezone(zone)
    answer = client.get("/api/v1/stations/a/hours")
    assert answer.json["from"] == now.date().isoformat()
    midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), tzinfo=zone)
    assert answer.cache_control.max_age <= (midnight - now).total_seconds()
    assert client.get("/api/v1/stations/a/hours?from=2026-11-20").cache_control.max_age == 3_000


@pytest.mark.parametrize("path", ["/stations/none", "/stations/none/hours"])
def test_station_that_is_not_there(client, path):
    answer = client.get(f"/api/v1{path}")
    assert (answer.status_code, answer.mimetype, answer.json["parameter"]) == (
        404,
        "application/problem+json",
        "id",
    )


@pytest.mark.parametrize("path", [*KEPT, "/openapi.json", "/nearest?lon=1&lat=2"])
def test_unknown_parameter_is_refused_everywhere(client, path):
    answer = client.get(f"/api/v1{path}{'&' if '?' in path else '?'}colour=red")
    assert (answer.status_code, answer.json["parameter"]) == (400, "colour")


@pytest.mark.parametrize("path", [*KEPT, "/openapi.json"])
def test_who_has_it_is_told_so(client, path):
    first = client.get(f"/api/v1{path}")
    assert not first.headers["ETag"].startswith("W/")
    again = client.get(f"/api/v1{path}", headers={"If-None-Match": f'"x", {first.headers["ETag"]}'})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    assert "Accept-Encoding" in again.headers["Vary"]
    head = client.head(f"/api/v1{path}")
    assert (head.status_code, head.data) == (200, b"")
    assert (head.headers["ETag"], head.content_length) == (first.headers["ETag"], len(first.data))


def test_tag_changes_with_the_data_and_the_encoding_not_with_the_process(client, database):
    def tag(**headers):
        return client.get("/api/v1/stations", headers=headers).headers["ETag"]

    before = tag()
    other = create_app({"DATABASE": database, "REFRESH_S": 0}).test_client()
    assert other.get("/api/v1/stations").headers["ETag"] == before
    tags = {before, tag(**{"Accept-Encoding": "gzip"}), tag(**{"Accept-Encoding": "br"})}
    assert len(tags) == 3
    with open_store(database) as store:
        store.write([(station("x"), 0)], at=AT)
        assert tag() not in tags
        store.write(removals=[("x", None)], at=AT)
    assert tag() not in tags


def test_tag_of_an_encoding_that_is_accepted_no_more_is_not_enough(client):
    zipped = client.get("/api/v1/stations", headers={"Accept-Encoding": "gzip"}).headers["ETag"]
    asked = {"If-None-Match": zipped}
    assert client.get("/api/v1/stations", headers=asked | {"Accept-Encoding": "gzip"}).status_code == 304
    assert client.get("/api/v1/stations", headers=asked).status_code == 200


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip", "gzip"), ("br", "br"), ("gzip, br", "br"), ("gzip, deflate, br;q=0.5", "gzip"), ("*", "br"),
        ("br;q=0, gzip", "gzip"), ("identity", None), ("gzip;q=0", None), ("", None), ("zstd", None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/stations", "/snapshot", "/nearest?lon=113.07&lat=28.8&at=2026-11-20T12:00"])
def test_encoding_that_the_client_likes(client, path, accepted, encoding):
    plain = client.get(f"/api/v1{path}").data
    answer = client.get(f"/api/v1{path}", headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == encoding
    assert "Accept-Encoding" in answer.headers["Vary"]
    decode = {"gzip": gzip.decompress, "br": brotli.decompress, None: bytes}[encoding]
    assert decode(answer.data) == plain
    assert answer.content_length == len(answer.data)


def test_short_answer_is_not_compressed(client):
    answer = client.get("/api/v1/stations/nothing", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers
    assert json.loads(answer.data)["status"] == 404


def test_preflight_lets_a_key_pass(client):
    asked = {"Origin": "https://union.example", "Access-Control-Request-Method": "GET"}
    answer = client.options("/api/v1/stations", headers=asked)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert {"x-api-key", "authorization"} <= set(
        answer.headers["Access-Control-Allow-Headers"].lower().split(", ")
    )
    assert "GET" in answer.headers["Access-Control-Allow-Methods"]


@pytest.mark.parametrize("path", [*KEPT, "/openapi.json", "/nearest"])
@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_method_that_an_address_has_not(client, path, method):
    answer = getattr(client, method)(f"/api/v1{path}")
    assert (answer.status_code, answer.mimetype, answer.json["status"]) == (405, "application/problem+json", 405)
    assert "GET" in answer.headers["Allow"]
