"""The JSON API: answers, refusals that name the parameter, and nothing that tells where somebody is."""

import io
import json
import logging
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import Point

from locator.query import MAX_LIMIT
from locator.station import FACILITIES, Station
from locator.store import open_store
from locator.web import create_app

NOON = "2026-11-20T12:10"
HERE = {"lon": "113.07", "lat": "28.8"}


def station(number: int, **fields: object) -> Station:
    place = Point(113.07 + number / 1000, 28.8)
    return Station(
        **{"id": f"s{number:03}", "name": f"站{number}", "geometry": place, "opening_hours": "08:00-20:00"}
        | fields
    )


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    path = str(tmp_path_factory.mktemp("api") / "api.db")
    with open_store(path, create=True) as store:
        stations = [
            station(1),
            station(2, facilities={"toilet": True}),
            station(3, opening_hours=None),
            station(4, opening_hours="24/7"),
        ]
        store.write([(s, 0) for s in stations], at=datetime.now(UTC))
    return path


@pytest.fixture(scope="module")
def app(database):
    return create_app({"DATABASE": database, "REFRESH_S": 0, "RATE_LIMIT": ""})


@pytest.fixture
def client(app):
    return app.test_client()


def ids(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json["features"]]


def test_nearest_usable_first_then_unknown(client):
    answer = client.get("/api/v1/nearest", query_string=HERE | {"at": NOON})
    assert ids(answer) == ["s001", "s002", "s004", "s003"]
    assert answer.mimetype == "application/geo+json"
    first = answer.json["features"][0]["properties"]
    assert (first["state"], first["next_change"], first["walk_basis"]) == (
        "open",
        "2026-11-20T20:00:00+08:00",
        "straight_line",
    )
    assert first["distance_m"] == pytest.approx(97.7, abs=0.2)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"needs": "toilet"}, ["s002"]),
        ({"h24": "true"}, ["s004"]),
        ({"limit": "2"}, ["s001", "s002"]),
        ({"radius_m": "100"}, ["s001"]),
        ({"minutes": "600"}, ["s004", "s003"]),
        ({"at": "2026-11-20T21:00"}, ["s004", "s003"]),
        ({"at": "2026-11-20T21:00", "usable_only": "false"}, ["s004", "s003", "s001", "s002"]),
        ({"at": "2026-11-20T04:10+00:00"}, ["s001", "s002", "s004", "s003"]),
        ({"categories": "mobile"}, []),
    ],
)
def test_get_and_post_agree(client, asked, expected):
    values = HERE | {"at": NOON} | asked
    got = client.get("/api/v1/nearest", query_string=values)
    assert ids(got) == expected
    assert client.post("/api/v1/nearest", json=values).json == got.json


def test_plus_sign_that_was_not_encoded_is_understood(client):
    answer = client.get("/api/v1/nearest?lon=113.07&lat=28.8&at=2026-11-20T12:10+08:00")
    assert answer.json["at"] == "2026-11-20T12:10:00+08:00"


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ({"lat": ""}, "lat"),
        ({"lon": "nan"}, "lon"),
        ({"lon": "inf"}, "lon"),
        ({"lon": "200"}, "lon"),
        ({"lat": "x"}, "lat"),
        ({"limit": "0"}, "limit"),
        ({"limit": "2.5"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"at": "noon"}, "at"),
        ({"at": "9999-12-31T23:59"}, "at"),
        ({"minutes": "-1"}, "minutes"),
        ({"needs": "sauna"}, "needs"),
        ({"h24": "maybe"}, "h24"),
        ({"radius_m": "-5"}, "radius_m"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_refusal_is_a_problem_that_names_the_parameter(client, asked, parameter):
    answer = client.get("/api/v1/nearest", query_string=HERE | asked)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    problem = answer.json
    assert problem["parameter"] == parameter
    assert problem["status"] == 400
    assert parameter in problem["detail"]


def test_limit_above_the_maximum_is_lowered_and_said(client):
    answer = client.get("/api/v1/nearest", query_string=HERE | {"limit": "100000"})
    assert (answer.json["limit"], answer.json["limit_lowered"]) == (MAX_LIMIT, True)
    assert client.get("/api/v1/nearest", query_string=HERE).json["limit_lowered"] is False


def test_parameter_given_twice_is_refused(client):
    answer = client.get("/api/v1/nearest?lon=1&lon=2&lat=3")
    assert (answer.status_code, answer.json["parameter"]) == (400, "lon")


@pytest.mark.parametrize("body", [b"", b"[1]", b"{", b'{"lon": [1], "lat": 2}', b"\xff", b"[" * 20_000])
def test_body_that_is_no_query_is_refused(client, body):
    answer = client.post("/api/v1/nearest", data=body, content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("get", "/api/v1/nothing", 404), ("delete", "/api/v1/nearest", 405), ("put", "/api/v1/facilities", 405)],
)
def test_other_errors_are_problems_too(client, method, path, status):
    answer = getattr(client, method)(path)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


def test_large_body_is_refused(client):
    answer = client.post("/api/v1/nearest", data=b" " * 100_000, content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")


def test_facilities_have_labels_in_both_languages(client):
    listed = client.get("/api/v1/facilities").json["facilities"]
    assert [entry["code"] for entry in listed] == list(FACILITIES)
    assert listed[0]["label"] == {"zh": "饮用水", "en": "drinking water"}


def test_language_of_sentences(client):
    chinese = client.get("/api/v1/nearest", query_string=HERE | {"at": NOON})
    english = client.get("/api/v1/nearest", query_string=HERE | {"at": NOON, "lang": "en"})
    assert chinese.json["features"][0]["properties"]["state_text"] == "营业中 · 20:00 关门"
    assert english.json["features"][0]["properties"]["state_text"] == "open · until 20:00"


def test_answer_is_kept_by_nobody_and_open_to_other_sites(client):
    headers = client.get("/api/v1/nearest", query_string=HERE).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_pages_say_what_they_may_load(client):
    headers = client.get("/").headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Frame-Options"] == "DENY"


def test_change_of_the_data_is_seen_without_a_restart(app, client, database):
    before = ids(client.get("/api/v1/nearest", query_string=HERE | {"at": NOON}))
    with open_store(database) as store:
        store.write([(station(0), 0)], at=datetime.now(UTC))
    assert ids(client.get("/api/v1/nearest", query_string=HERE | {"at": NOON})) == ["s000", *before]
    with open_store(database) as store:
        store.write(removals=[("s000", None)], at=datetime.now(UTC))
    assert ids(client.get("/api/v1/nearest", query_string=HERE | {"at": NOON})) == before


def test_no_log_line_holds_a_position(client, caplog):
    caplog.set_level(logging.DEBUG)
    client.get("/api/v1/nearest", query_string={"lon": "113.4242", "lat": "28.4242"})
    client.get("/api/v1/nearest", query_string={"lon": "113.4242", "lat": "x28.4242"})
    assert "4242" not in caplog.text


names = st.sampled_from(
    ["lon", "lat", "at", "minutes", "needs", "h24", "limit", "radius_m", "lang", "q", "usable_only"]
)
values = st.one_of(
    st.text(max_size=20),
    st.floats().map(str),
    st.integers().map(str),
    st.sampled_from(["1e308", "٣", "-0", "١١٣"]),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(names, values), st.dictionaries(names, json_values))
def test_nothing_asked_breaks_the_server(client, arguments, body):
    assert client.get("/api/v1/nearest", query_string=HERE | arguments).status_code in (200, 400)
    answer = client.post("/api/v1/nearest", data=json.dumps(HERE | body), content_type="application/json")
    assert answer.status_code in (200, 400)
    assert client.get("/", query_string=arguments).status_code == 200


def test_language_may_be_asked_for_in_the_body(client):
    asked = {"lon": 113.07, "lat": 28.8, "at": NOON}
    english = client.post("/api/v1/nearest", json=asked | {"lang": "en"})
    assert english.json["features"][0]["properties"]["state_text"] == "open · until 20:00"
    refusal = client.post("/api/v1/nearest", json=asked | {"lang": "en", "limit": 0})
    assert "is not between" in refusal.json["detail"]
    for other in ("xx", 5, None, ["en"]):
        assert client.post("/api/v1/nearest", json=asked | {"lang": other}).status_code == 200


def test_question_in_the_address_of_a_post_is_not_passed_over(client):
    answer = client.post("/api/v1/nearest?needs=toilet", json={"lon": 113.07, "lat": 28.8})
    assert (answer.status_code, answer.json["parameter"]) == (400, "needs")
    assert client.post("/api/v1/nearest?lang=en", json={"lon": 113.07, "lat": 28.8}).status_code == 200


@pytest.mark.parametrize("name", ["\\ud800", "x" * 10_000, "<b>", "{lon}", "\\u0000", "颜色"])
def test_parameter_with_a_hostile_name_is_refused(client, name):
    answer = client.post("/api/v1/nearest", data=f'{{"lon": 113, "lat": 28, "{name}": 1}}'.encode())
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert answer.json["status"] == 400


def test_host_that_is_not_trusted_is_refused(database):
    client = create_app({"DATABASE": database, "TRUSTED_HOSTS": "station.example, 127.0.0.1"}).test_client()
    for path in ("/", "/api/v1/facilities", "/nothing"):
        assert client.get(path, headers={"Host": "evil.example"}).status_code == 400
        assert client.get(path, headers={"Host": "station.example"}).status_code in (200, 404)


def test_head_has_no_body(client):
    answer = client.head("/api/v1/nearest", query_string=HERE)
    assert (answer.status_code, answer.data) == (200, b"")


names_of_any_kind = st.one_of(names, st.text(max_size=6), st.sampled_from(["\ud800", "\x00", ""]))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(names_of_any_kind, json_values | st.just("\udfff"), max_size=4))
def test_nothing_in_a_body_breaks_the_server(client, body):
    answer = client.post("/api/v1/nearest", data=json.dumps(HERE | body, ensure_ascii=True))
    assert answer.status_code in (200, 400)
    assert json.loads(answer.data)


def test_member_given_twice_is_refused_as_in_an_address(client):
    answer = client.post("/api/v1/nearest", data='{"lon": 1, "lon": 113, "lat": 28}')
    assert (answer.status_code, answer.json["parameter"]) == (400, "lon")


def test_only_stations_that_never_close_match_who_asks_for_them(client):
    answer = client.get("/api/v1/nearest", query_string=HERE | {"at": NOON, "h24": "true"}).json
    assert (answer["matching"], len(answer["features"])) == (1, 1)


@pytest.mark.parametrize(("spaces", "status"), [(0, 200), (300_000, 413)])
def test_body_that_does_not_say_its_length_is_bounded_too(client, spaces, status):
    body = b" " * spaces + b'{"lon": 113, "lat": 28}'
    answer = client.post(
        "/api/v1/nearest", input_stream=io.BytesIO(body), environ_overrides={"wsgi.input_terminated": True}
    )
    assert answer.status_code == status
    assert (answer.mimetype == "application/problem+json") is (status == 413)
