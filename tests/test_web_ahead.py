"""What is answered ahead of Flask is what Flask would have answered."""

import logging
import time as clock
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from werkzeug.test import Client

from locator import index
from locator.assets import asset_folder
from locator.exchange.dataset import load_dataset
from locator.query import MODES
from locator.station import ADMITS, CATEGORIES, FACILITIES, WAYS_IN
from locator.store import open_store
from locator.web import create_app

VALUES = {
    "lon": st.sampled_from(["113.0742", "-180", "180.1", "nan", "", "x", "1e2"]),
    "lat": st.sampled_from(["28.8069", "28,8", "90", "-91", "٢٨"]),
    "at": st.sampled_from(
        ["2026-11-20T12:10", "2026-11-20T12:10+08:00", "2026-11-20 12:10", "1999-01-01T00:00", "now"]
    ),
    "limit": st.sampled_from(["1", "3", "1000", "0", "2.5"]),
    "needs": st.sampled_from(["toilet", "toilet,microwave", "汉字", *sorted(FACILITIES)[:3]]),
    "mode": st.sampled_from([*MODES, "boat"]),
    "ways": st.sampled_from([*WAYS_IN, "window"]),
    "who": st.sampled_from([*ADMITS, "nobody"]),
    "categories": st.sampled_from([*CATEGORIES, "shop"]),
    "bbox": st.sampled_from(["113,28,114,29", "170,-20,-170,0", "1,2,3", "0,9,1,8"]),
    "h24": st.sampled_from(["1", "false", "maybe"]),
    "no_registration": st.sampled_from(["true", "0"]),
    "usable_only": st.sampled_from(["false", "yes"]),
    "radius_m": st.sampled_from(["500", "0", "-1"]),
    "minutes": st.sampled_from(["20", "1441"]),
    "lang": st.sampled_from(["zh", "en", "fr", ""]),
    "color": st.just("red"),
}
HEADERS = {
    "Accept-Language": st.sampled_from(["en", "zh-CN,zh;q=0.9", "fr, en;q=0.1", ";;", "*"]),
    "Accept-Encoding": st.sampled_from(["gzip", "br, gzip", "identity", "gzip;q=0"]),
    "Cookie": st.sampled_from(["lang=en", "a=b"]),
    "Authorization": st.just("Bearer x"),
    "X-Request-ID": st.just("abcdefgh1234"),
    "Host": st.sampled_from(["localhost", "evil.example"]),
    "Origin": st.just("https://example.org"),
}


@pytest.fixture(scope="module")
def miluo(tmp_path_factory):
    path = tmp_path_factory.mktemp("ahead") / "miluo.db"
    with open_store(str(path), create=True) as store:
        load_dataset(store, asset_folder("geodata") / "miluo", at=datetime(2026, 11, 1, tzinfo=UTC))
    return path


@pytest.fixture(scope="module", params=["tree", "look at all"])
def apps(miluo, request):
    """Two applications on one database: as it is, and without what goes ahead."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index, "_TREE_FROM", 1 if request.param == "tree" else 10**9)
        yield _both(miluo)


def _both(miluo):
    both = [create_app({"DATABASE": str(miluo), "RATE_LIMIT": "", "LOG_REQUESTS": 0}) for _ in range(2)]
    both[1].wsgi_app = type(both[1]).wsgi_app.__get__(both[1])
    return both


@st.composite
def plain(draw):
    """Return parameters most of which are right, for else hardly anything is answered ahead."""
    return {
        "lon": "113.0742",
        "lat": "28.8069",
        "at": "2026-11-20T12:10",
        **draw(st.fixed_dictionaries({}, optional=VALUES)),
    }


def answered(app, query, headers, method):
    response = Client(app).open("/api/v1/nearest", query_string=query, headers=headers, method=method)
    said = {name: value for name, value in response.headers.items() if name != "X-Request-ID"}
    return response.status, said, response.get_data()


@settings(max_examples=150, deadline=None)
@given(
    plain(),
    st.fixed_dictionaries({}, optional=HEADERS),
    st.sampled_from(["GET", "GET", "GET", "HEAD", "OPTIONS", "PUT"]),
)
@example({"lon": "113.0742", "lat": "28.8069", "at": "2026-11-20T12:10"}, {}, "GET")
def test_both_ways_give_the_same_status_headers_and_body(apps, query, headers, method):
    ahead, behind = apps
    assert answered(ahead, query, headers, method) == answered(behind, query, headers, method)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "&",
        "lon=1&lon=2&lat=3",
        "lon=&lon=2&lat=3",
        "lon=1e+2&lat=3&at=2026-11-20T12:10",
        "lon=1_0&lat=3&at=2026-11-20T12:10&",
        "lon=1_0&lat=3&at=2026-11-20T12:10",
        "lon=1&lat=3_1&at=2026-11-20T12:10",
        "lon=.5&lat=3.&at=2026-11-20T12:10",
        "lon= 1&lat=3&at=2026-11-20T12:10",
        "&lat=3&limit=2&&lon=1&lang=en&at=2026-11-20T12:10",
        "lon=%ff&lat=1",
        "lon=1&lat=%e6%b1",
        "=&lon=1&lat=2",
        "lon=1;lat=2",
        "a&lon=1&lat=2",
    ],
)
def test_odd_query_strings_are_answered_the_same(apps, query):
    ahead, behind = apps
    assert answered(ahead, query, {}, "GET") == answered(behind, query, {}, "GET")


def test_plain_question_is_answered_ahead(apps, monkeypatch):
    ahead, _ = apps

    def never(*_args):
        raise AssertionError("Flask was asked")

    monkeypatch.setattr(ahead, "full_dispatch_request", never)
    status, headers, _ = answered(ahead, {"lon": "113.07", "lat": "28.8"}, {"Accept-Language": "en"}, "GET")
    assert status == "200 OK"
    assert headers["Content-Type"] == "application/geo+json"


def test_quota_counts_what_is_answered_ahead(miluo):
    client = Client(create_app({"DATABASE": str(miluo), "RATE_LIMIT": "2 per hour"}))
    ask = {"lon": "113.07", "lat": "28.8"}
    answers = [client.get("/api/v1/nearest", query_string=ask) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_position_is_in_no_log_line(miluo, caplog):
    client = Client(create_app({"DATABASE": str(miluo), "LOG_REQUESTS": 1}))
    with caplog.at_level(logging.DEBUG):
        assert client.get("/api/v1/nearest?lon=113.07421&lat=28.80693").status_code == 200
    lines = "".join(str(record.__dict__) for record in caplog.records)
    assert "/api/v1/nearest" in lines
    assert "113.07" not in lines
    assert "28.80" not in lines


@given(st.lists(st.integers(0, 7 * 24 * 3600), min_size=1, max_size=5), st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_question_of_now_is_that_of_its_second(apps, seconds, times):
    """However the clock goes on, or back: whoever asks in a second is told what holds for it."""
    ahead, _ = apps
    place = {"lon": "113.0742", "lat": "28.8069", "limit": "5"}
    for second in seconds:
        moment = datetime(2026, 11, 20, tzinfo=UTC) + timedelta(seconds=second)
        told = answered(ahead, place | {"at": moment.isoformat()}, {}, "GET")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(clock, "time", lambda: moment.timestamp() + 0.9)  # noqa: B023 - called here
            for _ in range(times):
                assert answered(ahead, place, {}, "GET") == told


def test_questions_that_differ_each_time_are_not_kept(miluo):
    """Each holds marks for all stations: whoever asks for another box or moment each time fills no memory."""
    app = create_app({"DATABASE": str(miluo), "RATE_LIMIT": "", "LOG_REQUESTS": 0})
    ahead = app.wsgi_app

    def ask(number, **more):
        for _ in range(3):
            assert (
                answered(app, {"lon": "113", "lat": "28", "limit": number % 90 + 1, **more}, {}, "GET")[0][:3]
                == "200"
            )

    for number in range(40):
        ask(number, bbox=f"112.{number:02},20,120,50")
    assert len(ahead._known) == 0
    for number in range(40):
        ask(number, at=f"2026-11-20T12:{number:02}")
    assert len(ahead._known) == 16
    answered(app, {"lon": "113", "lat": "28", "needs": "toilet"}, {}, "GET")
    assert len(ahead._known) == 16
    for number in range(300):
        ask(number, minutes=number)
    assert len(ahead._known) == 16 + 256


def test_moment_of_an_answer_is_told_in_whole_seconds(apps):
    for app in apps:
        at = orjson.loads(answered(app, {"lon": "113.0742", "lat": "28.8069"}, {}, "GET")[2])["at"]
        assert datetime.fromisoformat(at).microsecond == 0
